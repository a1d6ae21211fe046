"""Addresses of sheets, under the address of their document."""

from django.urls import path

from requests_app.documents.sheets import views

urlpatterns = [
    path("<uuid:pk>/sheets/", views.first_sheet, name="sheets"),
    path("<uuid:pk>/sheets/<int:number>/", views.sheet, name="sheet"),
    path("<uuid:pk>/sheets/<int:number>/rows/", views.rows, name="sheet-rows"),
    path("<uuid:pk>/sheets/<int:number>/find/", views.find_words, name="sheet-find"),
    path("<uuid:pk>/sheets/<int:number>/csv/", views.as_csv, name="sheet-csv"),
]
