"""Addresses of the documents room."""

from django.urls import include, path

from requests_app.documents import views

app_name = "documents"
urlpatterns = [
    path("", views.shelves, name="list"),
    path("to/<str:reference>/", views.upload, name="upload"),
    path("<uuid:pk>/copy/", views.download, name="download"),
    path("", include("requests_app.documents.sheets.urls")),
]
