"""Reminders, and the sign of life of the sweeps."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from requests_app.filing.models import Deadline
from requests_app.people.models import Notice
from requests_app.tracking.calendar.models import CalendarFeed
from requests_app.tracking.desk.models import DeskChoice, SavedView, Snooze
from requests_app.tracking.recalculation.models import LawSeen, MovedDate, Recalculation
from requests_app.tracking.statistics.models import CountedTable, FoldMark, MonthlyReport, RequestFacts

__all__ = [
    "CalendarFeed",
    "CountedTable",
    "DeskChoice",
    "FoldMark",
    "Heartbeat",
    "LawSeen",
    "MonthlyReport",
    "MovedDate",
    "Recalculation",
    "Reminder",
    "RequestFacts",
    "SavedView",
    "Snooze",
]


class Reminder(models.Model):
    """One person is told of one deadline for one reason, once. The unique row is the promise; the notice carries it."""

    class Kind(models.TextChoices):
        BEFORE = "before", _("coming up")
        ON = "on", _("today")
        AFTER = "after", _("late")

    deadline = models.ForeignKey(Deadline, on_delete=models.CASCADE, related_name="reminders")
    kind = models.CharField(max_length=20, help_text="before:3, on, after:1 - which of the policy's moments this is.")
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reminders")
    notice = models.OneToOneField(Notice, on_delete=models.PROTECT, related_name="reminder")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["deadline", "kind", "recipient"],
                name="reminder_told_once",
                violation_error_message=_("This person was told of this deadline already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deadline_id} {self.kind} to {self.recipient_id}"


class Heartbeat(models.Model):
    """When a kind of periodic work last ran to its end."""

    name = models.CharField(max_length=40, primary_key=True)
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.beat_at:%Y-%m-%d %H:%M}"


# The tables of a topic live with the topic; Django looks for them here.
from requests_app.tracking.reminders import models as _reminders  # noqa: E402, F401
