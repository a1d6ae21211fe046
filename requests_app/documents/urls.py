"""Addresses of the documents room."""

from django.urls import path

from requests_app.documents import views
from requests_app.documents.search import urls as search

app_name = "documents"
urlpatterns = [
    path("", views.shelves, name="list"),
    path("to/<str:reference>/", views.upload, name="upload"),
    path("<uuid:pk>/copy/", views.download, name="download"),
    *search.urlpatterns,
]
