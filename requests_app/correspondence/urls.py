"""Addresses of the correspondence room."""

from django.urls import path

from requests_app.correspondence import campaign_views, views

app_name = "correspondence"
urlpatterns = [
    path("ask/<uuid:pk>/file/", views.file_draft, name="file"),
    path("requests/<str:reference>/send/", views.queue, name="queue"),
    path("requests/<str:reference>/undo/", views.undo, name="undo"),
    path("requests/<str:reference>/send-now/", views.send_now, name="send-now"),
    path("requests/<str:reference>/mark-sent/", views.mark_sent, name="mark-sent"),
    path("requests/<str:reference>/reply/", views.record_reply, name="record-reply"),
    path("requests/<str:reference>/portal/", campaign_views.portal_task, name="portal-task"),
    path("campaigns/<int:pk>/file/", campaign_views.file_ready, name="campaign-file"),
    path("campaigns/runs/<int:pk>/", campaign_views.run, name="run"),
    path("campaigns/runs/<int:pk>/progress/", campaign_views.run_progress, name="run-progress"),
    path("campaigns/runs/<int:pk>/stop/", campaign_views.stop_run, name="run-stop"),
    path("campaigns/runs/<int:pk>/continue/", campaign_views.continue_run, name="run-continue"),
    path("campaigns/runs/<int:pk>/take-back/", campaign_views.take_back_run, name="run-take-back"),
    path("outgoing/", views.outgoing, name="outgoing"),
]
