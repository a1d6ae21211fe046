"""Addresses of the review room."""

from django.urls import path

from requests_app.review import views
from requests_app.review.findings import views as findings

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
]
