"""Celery's entry points: triggers, nothing more. Each may run twice, late or never; the rows hold the truth."""

from celery import shared_task
from django.utils import timezone

from requests_app.correspondence.models import OutgoingLetter
from requests_app.people.models import Notice
from requests_app.tracking import services

ROUNDS = 50  # batches in one run; the next beat takes what is left


@shared_task(ignore_result=True)
def sweep() -> None:
    """Look at the deadlines whose day has come, batch after batch."""
    for _round in range(ROUNDS):
        if not services.sweep(timezone.now()):
            return


@shared_task(ignore_result=True)
def send_outboxes() -> None:
    """Send what waits: letters first, then notices."""
    for model in (OutgoingLetter, Notice):
        for _round in range(ROUNDS):
            if not model.send_due(timezone.now()):
                break
    services.beat("outboxes", timezone.now())
