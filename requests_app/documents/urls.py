"""Addresses of the documents room."""

from django.urls import path

from requests_app.documents import views
from requests_app.documents.keeping import views as keeping
from requests_app.documents.shelves import views as shelves

app_name = "documents"
urlpatterns = [
    path("", shelves.shelves, name="list"),
    path("to/<str:reference>/", views.upload, name="upload"),
    path("<uuid:pk>/copy/", views.download, name="download"),
    path("<uuid:pk>/origin/", keeping.origin, name="origin"),
    path("<uuid:pk>/origin.csv", keeping.origin_csv, name="origin-csv"),
    path("<uuid:pk>/hold/", keeping.place_hold, name="hold"),
    path("<uuid:pk>/erase/", keeping.erase, name="erase"),
    path("zip/", shelves.as_zip, name="zip"),
    path("collections/", shelves.collections, name="collections"),
    path("collections/<int:pk>/", shelves.collection, name="collection"),
    path("collections/<int:pk>/<uuid:document>/", shelves.change_collection, name="collection-change"),
    path("<uuid:pk>/collect/", shelves.collect, name="collect"),
    path("holds/", keeping.holds_list, name="holds"),
    path("holds/<int:pk>/lift/", keeping.lift_hold, name="lift-hold"),
]
