"""Addresses of the filing room."""

from django.urls import path

from requests_app.filing.views import campaigns, following, wizard, writing

app_name = "filing"
urlpatterns = [
    path("ask/", wizard.start, name="start"),
    path("ask/drafts/", wizard.drafts, name="drafts"),
    path("ask/<uuid:draft_id>/state/", wizard.state, name="draft-state"),
    path("ask/<uuid:draft_id>/what/", wizard.what, name="draft-what"),
    path("ask/<uuid:draft_id>/whom/", wizard.whom, name="draft-whom"),
    path("ask/<uuid:draft_id>/whom/<int:agency_id>/address/", wizard.add_address, name="draft-add-address"),
    path("ask/<uuid:draft_id>/whom/confirm/<int:contact_id>/", wizard.confirm_address, name="draft-confirm"),
    path("ask/<uuid:draft_id>/details/", wizard.details, name="draft-details"),
    path("ask/<uuid:draft_id>/details/keep/", wizard.keep_details, name="draft-keep"),
    path("ask/<uuid:draft_id>/preview/", wizard.preview, name="draft-preview"),
    path("ask/<uuid:draft_id>/letter/<int:place>.pdf", wizard.preview_pdf, name="draft-pdf"),
    path("ask/<uuid:draft_id>/letter/<int:place>.txt", wizard.preview_text, name="draft-text"),
    path("ask/<uuid:draft_id>/letter/<int:place>.docx", wizard.preview_word, name="draft-word"),
    path("ask/<uuid:draft_id>/wording/<int:agency_id>/", writing.write, name="draft-write"),
    path("ask/<uuid:draft_id>/wording/<int:agency_id>/keep/", writing.keep, name="draft-write-keep"),
    path("ask/<uuid:draft_id>/wording/<int:agency_id>/versions/", writing.versions, name="draft-versions"),
    path(
        "ask/<uuid:draft_id>/wording/<int:agency_id>/versions/<int:version_id>/restore/",
        writing.restore,
        name="draft-restore",
    ),
    path("ask/<uuid:draft_id>/discard/", wizard.discard, name="discard"),
    path("ask/<uuid:draft_id>/ready/", campaigns.confirm_ready, name="draft-ready"),
    path("campaigns/new/", campaigns.new, name="campaign-new"),
    path("campaigns/mine/", campaigns.my_part, name="my-part"),
    path("campaigns/mine/<int:target_id>/", campaigns.sign, name="campaign-sign"),
    path("campaigns/<int:pk>/plan/", campaigns.plan, name="campaign-plan"),
    path("campaigns/<int:pk>/edit/", campaigns.edit, name="campaign-edit"),
    path("campaigns/<int:pk>/assign/", campaigns.assign, name="campaign-assign"),
    path("campaigns/<int:pk>/skip/", campaigns.skip, name="campaign-skip"),
    path("campaigns/<int:pk>/take-up/", campaigns.take_up, name="campaign-take-up"),
    path("campaigns/<int:pk>/answers/", campaigns.answers, name="campaign-answers"),
    path("campaigns/<int:pk>/end/", campaigns.end, name="campaign-end"),
    path("requests/<str:reference>/record/", following.choose_event, name="record-what"),
    path("requests/<str:reference>/record/<slug:kind>/", following.record, name="record"),
    path("requests/<str:reference>/correct/<int:sequence>/", following.correct, name="correct"),
    path("requests/<str:reference>/note/", following.note, name="note"),
    path("requests/<str:reference>/assign/", following.assign, name="assign"),
    path("requests/<str:reference>/letter/", following.letter, name="letter"),
    path("requests/<str:reference>/letter.pdf", following.letter_pdf, name="letter-pdf"),
    path("requests/<str:reference>/letter.docx", following.letter_word, name="letter-word"),
    path("requests/<str:reference>/letter.txt", following.letter_text, name="letter-text"),
    path("requests/<str:reference>/letter.eml", following.letter_eml, name="letter-eml"),
]
