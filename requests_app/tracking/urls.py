"""Addresses of the tracking room. The front page at `/` is publishing's; it sends the signed-in here."""

from django.urls import path

from requests_app.tracking import views

app_name = "tracking"
urlpatterns = [
    path("home/", views.home, name="home"),
    path("letters/", views.letters, name="letters"),
    path("desk/", views.desk, name="desk"),
    path("requests/", views.requests, name="requests"),
    path("requests/<str:reference>/", views.request_page, name="request"),
]
