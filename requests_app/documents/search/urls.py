"""Addresses of the search. Part of the room's own."""

from django.urls import path

from requests_app.documents.search import views

urlpatterns = [
    path("search/", views.search, name="search"),
    path("search/save/", views.save_search, name="save-search"),
    path("search/saved/", views.saved_searches, name="saved-searches"),
    path("search/saved/<int:pk>/", views.saved_search, name="saved-search"),
    path("search/saved/<int:pk>/telling/", views.switch_telling, name="switch-search"),
    path("search/saved/<int:pk>/remove/", views.drop_search, name="drop-search"),
]
