"""Addresses of the correspondence room."""

from django.urls import path

from requests_app.correspondence import next_letter_views as later
from requests_app.correspondence import views

app_name = "correspondence"
urlpatterns = [
    path("ask/<uuid:pk>/file/", views.file_draft, name="file"),
    path("requests/<str:reference>/send/", views.queue, name="queue"),
    path("requests/<str:reference>/undo/", views.undo, name="undo"),
    path("requests/<str:reference>/send-now/", views.send_now, name="send-now"),
    path("requests/<str:reference>/mark-sent/", views.mark_sent, name="mark-sent"),
    path("requests/<str:reference>/reply/", views.record_reply, name="record-reply"),
    path("requests/<str:reference>/letters/", later.choose, name="next-letters"),
    path("requests/<str:reference>/letters/write/<slug:key>/", later.write, name="write"),
    path("requests/<str:reference>/letters/address/<slug:key>/", later.body_address, name="body-address"),
    path("requests/<str:reference>/letters/<int:pk>/", later.next_letter, name="next-letter"),
    path("requests/<str:reference>/letters/<int:pk>/anew/", later.anew, name="next-letter-anew"),
    path("requests/<str:reference>/letters/<int:pk>/fits/", later.fits, name="next-letter-fits"),
    path("requests/<str:reference>/letters/<int:pk>/discard/", later.discard, name="next-letter-discard"),
    path("requests/<str:reference>/letters/<int:pk>/send/", later.send, name="next-letter-send"),
    path("requests/<str:reference>/letters/<int:pk>/undo/", later.undo, name="next-letter-undo"),
    path("requests/<str:reference>/letters/<int:pk>/sent/", later.sent, name="next-letter-sent"),
    path("requests/<str:reference>/letters/<int:pk>.pdf", later.pdf, name="next-letter-pdf"),
    path("requests/<str:reference>/letters/<int:pk>.txt", later.text, name="next-letter-text"),
    path("outgoing/", views.outgoing, name="outgoing"),
]
