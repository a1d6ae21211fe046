"""Addresses of the public pages."""

from django.urls import path

from requests_app.publishing import views

app_name = "publishing"
urlpatterns = [
    path("", views.front, name="front"),
    path("law/", views.law_list, name="law-list"),
    path("law/compare/", views.law_compare, name="law-compare"),
    path("law/calculator/", views.deadline_calculator, name="calculator"),
    path("law/<str:code>/", views.law, name="law"),
    path("states/<str:code>/", views.state, name="state"),
]
