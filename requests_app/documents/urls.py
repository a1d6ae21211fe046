"""Addresses of the documents room."""

from django.urls import path

from requests_app.documents import views
from requests_app.documents.marks import urls as marks
from requests_app.documents.viewer import urls as viewer

app_name = "documents"
urlpatterns = [
    path("", views.shelves, name="list"),
    path("to/<str:reference>/", views.upload, name="upload"),
    path("<uuid:pk>/copy/", views.download, name="download"),
    *marks.urlpatterns,
    *viewer.urlpatterns,
]
