"""What the desk keeps: requests that sleep until a day, views that people saved, and how each likes the page."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from requests_app.filing.models import RecordsRequest

COLUMNS: Final = {
    "state": _("State"),
    "kit": _("What was asked (kit)"),
    "owner": _("Who follows it"),
    "status": _("Where it stands"),
    "why": _("The reason of the next action"),
}
"""What a row may leave out. Reference, agency, next action, date and risk are always shown: they are the desk."""


class Snooze(models.Model):
    """A request that the desk leaves out until a day, for the whole group, with the reason.

    It ends by itself: on `until`, where the agency is; when something new is recorded (an event after `sequence` other
    than an assignment); when the agency becomes late (`overdue_since` is then another day); and when a date of ours
    comes to lie before `until`. None of these writes here: `desk.queries.Sleeping` reads them. `ended_at`: somebody
    ended it before, or put another in its place.
    """

    request = models.ForeignKey(RecordsRequest, on_delete=models.CASCADE, related_name="snoozes")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    until = models.DateField(help_text="The day on which it is back on the desk, in the jurisdiction's own time zone.")
    why = models.CharField(max_length=300)
    made_at = models.DateTimeField()
    sequence = models.PositiveIntegerField(help_text="The newest event when it was put to sleep.")
    overdue_since = models.DateField(null=True, blank=True, help_text="Since when the agency was late then.")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["request"], condition=Q(ended_at__isnull=True), name="a_request_sleeps_once_at_a_time"
            ),
            models.CheckConstraint(condition=~Q(why=""), name="a_snooze_says_why"),
        ]
        indexes = [
            models.Index(
                fields=["until", "request"], name="snooze_open", condition=Q(ended_at__isnull=True)
            ),  # the desk: what sleeps today
        ]

    def __str__(self) -> str:
        return f"{self.request_id} sleeps until {self.until}"


class SavedView(models.Model):
    """Filters of the desk under a name: one's own, or shared with everybody who opens the desk."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(max_length=600, blank=True, default="", help_text="The filters as in the address.")
    shared = models.BooleanField(_("shared with all coordinators"), default=False)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                F("owner"),
                Lower("name"),
                name="a_view_has_a_name_of_its_own",
                violation_error_message=_("You have a view of this name already."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class DeskChoice(models.Model):
    """How one person likes the desk. `left_out`: names of COLUMNS. `keys`: whether single keys act there."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="desk_choice")
    left_out = models.JSONField(default=list)
    keys = models.BooleanField(default=True)
    default_view = models.ForeignKey(SavedView, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    def __str__(self) -> str:
        return f"desk of {self.person_id}"
