"""Addresses that agencies open without an account. Each holds a secret but the first."""

from django.urls import path

from requests_app.documents.handed_in import public_views

app_name = "hand_in"
urlpatterns = [
    path("", public_views.door, name="door"),
    path("<str:code>/", public_views.page, name="page"),
    path("<str:code>/receipts/<uuid:pk>/", public_views.receipt, name="receipt"),
    path("<path:address>", public_views.nothing, name="nothing"),
]
