"""Addresses of the documents room."""

from django.urls import include, path

from requests_app.documents import guard_views, views
from requests_app.documents.ingest import views as ingest
from requests_app.documents.rendering.views import searchable

app_name = "documents"
urlpatterns = [
    path("", views.shelves, name="list"),
    path("to/<str:reference>/", views.upload, name="upload"),
    path("<uuid:pk>/copy/", views.download, name="download"),
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
    path("<uuid:pk>/searchable/", searchable, name="searchable"),
    path("", include("requests_app.documents.sheets.urls")),
]
