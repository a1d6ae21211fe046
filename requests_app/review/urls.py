"""Addresses of the review room."""

from django.urls import path

from requests_app.review import views

app_name = "review"
urlpatterns = [
    path("", views.queue, name="queue"),
    path("documents/<uuid:pk>/", views.document, name="document"),
    path("documents/<uuid:pk>/note/", views.write_note, name="note"),
    path("notes/<int:pk>/", views.change_note, name="change-note"),
]
