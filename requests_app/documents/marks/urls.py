"""Addresses for what people say about documents. Part of the room's own."""

from django.urls import path

from requests_app.documents.marks import views

urlpatterns = [
    path("page-ids/", views.page_with_id, name="page-with-id"),
    path("missing/<str:reference>/", views.missing, name="missing"),
    path("<uuid:pk>/describe/", views.describe, name="describe"),
    path("<uuid:pk>/answers/", views.answers, name="answers"),
    path("<uuid:pk>/number-pages/", views.number_pages, name="number-pages"),
]
