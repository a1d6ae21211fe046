"""Addresses of the correspondence room."""

from django.urls import path

from requests_app.correspondence import address_views, campaign_views, views
from requests_app.correspondence import next_letter_views as later
from requests_app.correspondence.delivery import views as delivery
from requests_app.correspondence.incoming import act_views as acts
from requests_app.correspondence.incoming import bulk_views as bulk
from requests_app.correspondence.incoming import more_views as more_incoming
from requests_app.correspondence.incoming import sender_views as senders
from requests_app.correspondence.incoming import views as incoming
from requests_app.correspondence.incoming import webhook_views
from requests_app.correspondence.incoming.suggested import views as suggested
from requests_app.correspondence.wording_views import pages as wording

app_name = "correspondence"
urlpatterns = [
    path("ask/<uuid:pk>/file/", views.file_draft, name="file"),
    path("requests/<str:reference>/send/", views.queue, name="queue"),
    path("requests/<str:reference>/undo/", views.undo, name="undo"),
    path("requests/<str:reference>/send-now/", views.send_now, name="send-now"),
    path("requests/<str:reference>/mark-sent/", views.mark_sent, name="mark-sent"),
    path("requests/<str:reference>/reply/", views.record_reply, name="record-reply"),
    path("requests/<str:reference>/another-way/", delivery.another_way, name="another-way"),
    path("requests/<str:reference>/sent/<int:pk>/", delivery.proof, name="proof"),
    path("requests/<str:reference>/sent/<int:pk>/arrived/", delivery.arrived, name="proof-arrived"),
    path("requests/<str:reference>/letters/", later.choose, name="next-letters"),
    path(
        "requests/<str:reference>/letters/<int:pk>/another-way/",
        delivery.later_another_way,
        name="next-letter-another-way",
    ),
    path("requests/<str:reference>/letters/write/<slug:key>/", later.write, name="write"),
    path("requests/<str:reference>/letters/address/<slug:key>/", later.body_address, name="body-address"),
    path("requests/<str:reference>/letters/<int:pk>/", later.next_letter, name="next-letter"),
    path("requests/<str:reference>/letters/<int:pk>/anew/", later.anew, name="next-letter-anew"),
    path("requests/<str:reference>/letters/<int:pk>/fits/", later.fits, name="next-letter-fits"),
    path("requests/<str:reference>/letters/<int:pk>/discard/", later.discard, name="next-letter-discard"),
    path("requests/<str:reference>/letters/<int:pk>/send/", later.send, name="next-letter-send"),
    path("requests/<str:reference>/letters/<int:pk>/undo/", later.undo, name="next-letter-undo"),
    path("requests/<str:reference>/letters/<int:pk>/send-now/", later.send_now, name="next-letter-send-now"),
    path("requests/<str:reference>/letters/<int:pk>/sent/", later.sent, name="next-letter-sent"),
    path("requests/<str:reference>/letters/<int:pk>.pdf", later.pdf, name="next-letter-pdf"),
    path("requests/<str:reference>/letters/<int:pk>.txt", later.text, name="next-letter-text"),
    path("requests/<str:reference>/letters/<int:pk>.docx", later.word_file, name="next-letter-word"),
    path("requests/<str:reference>/letters/<int:pk>/words/", wording.write, name="next-letter-write"),
    path("requests/<str:reference>/letters/<int:pk>/words/keep/", wording.keep, name="next-letter-write-keep"),
    path("requests/<str:reference>/letters/<int:pk>/versions/", wording.versions, name="next-letter-versions"),
    path(
        "requests/<str:reference>/letters/<int:pk>/versions/<int:version_id>/restore/",
        wording.restore,
        name="next-letter-restore",
    ),
    path("requests/<str:reference>/portal/", campaign_views.portal_task, name="portal-task"),
    path("campaigns/<int:pk>/file/", campaign_views.file_ready, name="campaign-file"),
    path("campaigns/runs/<int:pk>/", campaign_views.run, name="run"),
    path("campaigns/runs/<int:pk>/progress/", campaign_views.run_progress, name="run-progress"),
    path("campaigns/runs/<int:pk>/stop/", campaign_views.stop_run, name="run-stop"),
    path("campaigns/runs/<int:pk>/continue/", campaign_views.continue_run, name="run-continue"),
    path("campaigns/runs/<int:pk>/take-back/", campaign_views.take_back_run, name="run-take-back"),
    path("outgoing/", views.outgoing, name="outgoing"),
    path("requests/<str:reference>/address/", address_views.reply_address, name="reply-address"),
    path("requests/<str:reference>/mail/", incoming.request_mail, name="request-mail"),
    path("mail/", incoming.mail, name="mail"),
    path("mail/next/", incoming.next_message, name="mail-next"),
    path("mail/together/", bulk.many, name="mail-many"),
    path("mail/together/<int:pk>/", bulk.done, name="mail-many-done"),
    path("mail/together/<int:pk>/undo/", bulk.undo, name="mail-many-undo"),
    path("mail/senders/", senders.senders, name="mail-senders"),
    path("mail/senders/<int:pk>/", senders.sender, name="mail-sender"),
    path("mail/senders/<int:pk>/end/", senders.end, name="mail-sender-end"),
    path("mail/senders/<int:pk>/bring-back/", senders.bring_back, name="mail-sender-bring-back"),
    path("mail/webhook/", webhook_views.receive, name="mail-webhook"),
    path("mail/upload/", more_incoming.upload, name="mail-upload"),
    path("mail/corrections/", more_incoming.remembered, name="corrections"),
    path("mail/corrections/<int:pk>/forget/", more_incoming.forget, name="correction-forget"),
    path("mail/<int:pk>/", incoming.message, name="message"),
    path("mail/<int:pk>/raw/<slug:sha256>.eml", incoming.raw, name="message-raw"),
    path("mail/<int:pk>/accept/", acts.accept, name="message-accept"),
    path("mail/<int:pk>/place/", acts.place, name="message-place"),
    path("mail/<int:pk>/move/", acts.move, name="message-move"),
    path("mail/<int:pk>/set-aside/", acts.set_aside, name="message-set-aside"),
    path("mail/<int:pk>/bring-back/", acts.bring_back, name="message-bring-back"),
    path("mail/<int:pk>/defer/", acts.defer, name="message-defer"),
    path("mail/<int:pk>/assign/", acts.assign, name="message-assign"),
    path("mail/<int:pk>/undo/", acts.undo, name="message-undo"),
    path("mail/<int:pk>/block/", acts.block, name="message-block"),
    path("mail/<int:pk>/propose/", acts.propose, name="message-propose"),
    path("mail/<int:pk>/record/", suggested.record, name="message-record"),
    path("mail/<int:pk>/dismiss/", suggested.dismiss, name="message-dismiss"),
    path("mail/<int:pk>/take-up/", suggested.take_up, name="message-take-up"),
    path("mail/<int:pk>/link/", suggested.link, name="message-link"),
]
