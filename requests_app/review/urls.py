"""Addresses of the review room."""

from django.urls import path

from requests_app.review import views
from requests_app.review.annotations import views as annotations
from requests_app.review.labels import views as labels

app_name = "review"
urlpatterns = [
    path("", views.queue, name="queue"),
    path("documents/<uuid:pk>/", views.document, name="document"),
    path("documents/<uuid:pk>/note/", views.write_note, name="note"),
    path("notes/<int:pk>/", views.change_note, name="change-note"),
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
