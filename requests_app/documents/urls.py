"""Addresses of the documents room."""

from django.urls import path

from requests_app.documents import views
from requests_app.documents.keeping import views as keeping

app_name = "documents"
urlpatterns = [
    path("", views.shelves, name="list"),
    path("to/<str:reference>/", views.upload, name="upload"),
    path("<uuid:pk>/copy/", views.download, name="download"),
    path("<uuid:pk>/origin/", keeping.origin, name="origin"),
    path("<uuid:pk>/origin.csv", keeping.origin_csv, name="origin-csv"),
    path("<uuid:pk>/hold/", keeping.place_hold, name="hold"),
    path("<uuid:pk>/erase/", keeping.erase, name="erase"),
    path("holds/", keeping.holds_list, name="holds"),
    path("holds/<int:pk>/lift/", keeping.lift_hold, name="lift-hold"),
]
