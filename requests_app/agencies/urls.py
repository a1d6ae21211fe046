"""Addresses of the agencies room."""

from django.urls import path

from requests_app.agencies import views

app_name = "agencies"
urlpatterns = [
    path("", views.agency_list, name="list"),
    path("add/", views.add, name="add"),
    path("import/", views.import_file, name="import"),
    path("import/<int:pk>/", views.import_preview, name="import-preview"),
    path("import/<int:pk>/apply/", views.import_apply, name="import-apply"),
    path("export.csv", views.export, name="export"),
    path("<slug:code>/", views.detail, name="detail"),
    path("<slug:code>/edit/", views.edit, name="edit"),
    path("<slug:code>/addresses/add/", views.contact_add, name="contact-add"),
    path("<slug:code>/addresses/<int:pk>/edit/", views.contact_edit, name="contact-edit"),
    path("<slug:code>/addresses/<int:pk>/confirm/", views.contact_confirm, name="contact-confirm"),
    path("<slug:code>/addresses/<int:pk>/retire/", views.contact_retire, name="contact-retire"),
]
