"""Addresses of the correspondence room."""

from django.urls import path

from requests_app.correspondence import views

app_name = "correspondence"
urlpatterns = [
    path("ask/<uuid:pk>/file/", views.file_draft, name="file"),
    path("requests/<str:reference>/send/", views.queue, name="queue"),
    path("requests/<str:reference>/undo/", views.undo, name="undo"),
    path("requests/<str:reference>/send-now/", views.send_now, name="send-now"),
    path("requests/<str:reference>/mark-sent/", views.mark_sent, name="mark-sent"),
    path("requests/<str:reference>/reply/", views.record_reply, name="record-reply"),
    path("outgoing/", views.outgoing, name="outgoing"),
]
