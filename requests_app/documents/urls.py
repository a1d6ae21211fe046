"""Addresses of the documents room."""

from django.urls import include, path

from requests_app.documents import guard_views, views
from requests_app.documents.handed_in import views as handed_in
from requests_app.documents.ingest import views as ingest
from requests_app.documents.keeping import views as keeping
from requests_app.documents.marks import urls as marks
from requests_app.documents.paper import urls as paper
from requests_app.documents.rendering.views import searchable
from requests_app.documents.search import urls as search
from requests_app.documents.shelves import views as shelves
from requests_app.documents.viewer import urls as viewer

app_name = "documents"
urlpatterns = [
    path("", shelves.shelves, name="list"),
    path("to/<str:reference>/", views.upload, name="upload"),
    path("to/<str:reference>/links/", handed_in.links, name="agency-links"),
    path("links/<int:pk>/close/", handed_in.revoke, name="agency-link-close"),
    path("handed-in/", handed_in.waiting, name="handed-in"),
    path("handed-in/<uuid:pk>/settle/", handed_in.settle, name="handed-in-settle"),
    path("<uuid:pk>/copy/", views.download, name="download"),
    *marks.urlpatterns,
    *viewer.urlpatterns,
    *paper.urlpatterns,
    path("locked/", guard_views.locked, name="locked"),
    path("<uuid:pk>/password/", guard_views.give_password, name="password"),
    path("<uuid:pk>/unlock/", guard_views.unlock, name="unlock"),
    path("reading/", ingest.reading, name="reading"),
    path("reading/rows/", ingest.reading_rows, name="reading-rows"),
    path("reading/of/", ingest.reading_of, name="reading-of"),
    path("reading/act/", ingest.reading_act, name="reading-act"),
    path("<uuid:pk>/reading/", ingest.reading_document, name="reading-document"),
    path("<uuid:pk>/read-again/", ingest.read_again, name="read-again"),
    path("<uuid:pk>/stop-reading/", ingest.stop_reading, name="stop-reading"),
    path("", include("requests_app.documents.sheets.urls")),
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
    path("<uuid:pk>/searchable/", searchable, name="searchable"),
    *search.urlpatterns,
]
