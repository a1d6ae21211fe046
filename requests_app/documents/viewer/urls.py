"""Addresses of reading. Part of the room's own."""

from django.urls import path

from requests_app.documents.viewer import views

urlpatterns = [
    path("<uuid:pk>/read/", views.read, name="read"),
    path("<uuid:pk>/find/", views.find, name="find"),
    path("<uuid:pk>/go/", views.go, name="go"),
    path("<uuid:pk>/progress/", views.progress, name="progress"),
    path("<uuid:pk>/beside/", views.choose_second, name="choose-second"),
    path("<uuid:pk>/pages/<int:number>/", views.page, name="page"),
    path("<uuid:pk>/pages/<int:number>/words/", views.page_words, name="page-words"),
    path("<uuid:pk>/pages/<int:number>/picture/<int:width>/", views.page_picture_file, name="page-picture"),
    path("beside/<uuid:pk>/<uuid:other>/", views.beside, name="beside"),
    path("compare/<uuid:pk>/<uuid:other>/", views.compare, name="compare"),
]
