"""Addresses of the kits room."""

from django.urls import path

from requests_app.kits import views

app_name = "kits"
urlpatterns = [
    path("", views.kits, name="list"),
    path("new/", views.new_kit, name="new"),
    path("check/", views.check_kit, name="check"),
    path("import/", views.import_kit, name="import"),
    path("paragraphs/new/", views.new_clause, name="new-clause"),
    path("paragraphs/<int:pk>/", views.change_clause, name="clause"),
    path("paragraphs/<int:pk>/retire/", views.retire_clause, name="retire-clause"),
    path("letterhead/", views.letterhead, name="letterhead"),
    path("signature/", views.signature, name="signature"),
    path("signature/delete/", views.delete_signature, name="delete-signature"),
    path("<str:code>/edit/", views.edit_kit, name="edit"),
    path("<str:code>/retire/", views.retire_kit, name="retire"),
    path("<str:code>/offer/", views.offer_kit, name="offer"),
    path("<str:code>/kit.json", views.export_kit, name="export"),
]
