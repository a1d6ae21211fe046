"""Signing in and the second factor: django-allauth's own pages."""

from django.urls import include, path

urlpatterns = [path("", include("allauth.urls"))]
