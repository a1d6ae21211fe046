"""Addresses of the documents room."""

from django.urls import path

from requests_app.documents import views
from requests_app.documents.rendering.views import searchable

app_name = "documents"
urlpatterns = [
    path("", views.shelves, name="list"),
    path("to/<str:reference>/", views.upload, name="upload"),
    path("<uuid:pk>/copy/", views.download, name="download"),
    path("<uuid:pk>/searchable/", searchable, name="searchable"),
]
