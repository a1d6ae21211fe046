"""Addresses of the review room."""

from django.urls import path

from requests_app.review import views
from requests_app.review.annotations import views as annotations
from requests_app.review.findings import views as findings
from requests_app.review.labels import views as labels

app_name = "review"
urlpatterns = [
    path("", views.queue, name="queue"),
    path("documents/<uuid:pk>/", views.document, name="document"),
    path("documents/<uuid:pk>/note/", views.write_note, name="note"),
    path("notes/<int:pk>/", views.change_note, name="change-note"),
    path("findings/", findings.findings, name="findings"),
    path("findings/compare/", findings.compare, name="findings-compare"),
    path("findings/coverage/", findings.coverage, name="findings-coverage"),
    path("documents/<uuid:pk>/findings/new/", findings.new, name="finding-new"),
    path("documents/<uuid:pk>/findings/mark/", findings.mark, name="finding-mark"),
    path("findings/<int:pk>/", findings.finding, name="finding"),
    path("findings/<int:pk>/read/", findings.read, name="finding-read"),
    path("findings/<int:pk>/decide/", findings.decide, name="finding-decide"),
    path("findings/<int:pk>/change/", findings.change, name="finding-change"),
    path("findings/<int:pk>/offer/", findings.offer, name="finding-offer"),
    path("findings/<int:pk>/withdraw/", findings.withdraw, name="finding-withdraw"),
    path("findings/<int:pk>/replace/", findings.replace, name="finding-replace"),
    path("findings/<int:pk>/contradict/", findings.contradict, name="finding-contradict"),
    path("contradictions/<int:pk>/reconcile/", findings.reconcile, name="contradiction-reconcile"),
    path("documents/<uuid:pk>/annotations/", annotations.listed, name="annotations"),
    path("documents/<uuid:pk>/annotations.jsonld", annotations.export, name="annotations-export"),
    path("documents/<uuid:pk>/annotations/bring-in/", annotations.bring_in, name="annotations-bring-in"),
    path("documents/<uuid:pk>/annotate/", annotations.annotate, name="annotate"),
    path("annotations/<int:pk>/", annotations.annotation, name="annotation"),
    path("annotations/<int:pk>/change/", annotations.change, name="annotation-change"),
    path("annotations/<int:pk>/label/", annotations.label, name="annotation-label"),
    path("annotations/<int:pk>/move/", annotations.move, name="annotation-move"),
    path("annotations/<int:pk>/state/", annotations.turn, name="annotation-state"),
    path("annotations/<int:pk>/reply/", annotations.reply, name="annotation-reply"),
    path("annotations/<int:pk>/withdraw/", annotations.withdraw, name="annotation-withdraw"),
    path("annotations/<int:pk>/restore/", annotations.restore, name="annotation-restore"),
    path("labels/", labels.labels, name="labels"),
    path("labels/new/", labels.new, name="label-new"),
    path("labels/start/", labels.start, name="labels-start"),
    path("labels/<slug:slug>/", labels.label, name="label"),
    path("labels/<slug:slug>/change/", labels.change, name="label-change"),
    path("labels/<slug:slug>/retire/", labels.retire, name="label-retire"),
]
