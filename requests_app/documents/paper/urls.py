"""Addresses of letters on paper."""

from django.urls import path

from requests_app.documents.paper import scan_views, views

urlpatterns = [
    path("to/<str:reference>/photographs/", views.photographs, name="photographs"),
    path("to/<str:reference>/photographs/keep/", views.keep, name="photographs-keep"),
    path("to/<str:reference>/photographs/act/", views.act, name="photographs-act"),
    path("to/<str:reference>/photographs/<uuid:pk>/corners/", views.corners, name="photograph-corners"),
    path("to/<str:reference>/photographs/<uuid:pk>/<str:what>.webp", views.picture, name="photograph-picture"),
    path("to/<str:reference>/cover-sheet/", scan_views.cover_sheet, name="cover-sheet"),
    path("scans/", scan_views.scans, name="scans"),
    path("scans/<int:pk>/place/", scan_views.place, name="scan-place"),
    path("scans/<int:pk>/set-aside/", scan_views.set_aside, name="scan-set-aside"),
    path("scans/<int:pk>/picture.webp", scan_views.picture, name="scan-picture"),
]
