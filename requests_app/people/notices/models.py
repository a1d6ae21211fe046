"""How each person wants to be told."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ChannelChoice(models.TextChoices):
    """The ways of `preferences.Channel`, in words."""

    SINGLE = "single", _("A mail for each")
    DAILY = "daily", _("Once a day, together")
    WEEKLY = "weekly", _("Once a week, together")
    IN_APP = "in_app", _("No mail: only in the list of notices")


class OverviewChoice(models.TextChoices):
    """How often the overview of one's own work comes."""

    NONE = "", _("Never")
    DAILY = "daily", _("Every day")
    WEEKLY = "weekly", _("Once a week")


WEEKDAYS: Final = (
    (0, _("Monday")), (1, _("Tuesday")), (2, _("Wednesday")), (3, _("Thursday")), (4, _("Friday")),
    (5, _("Saturday")), (6, _("Sunday")),
)  # fmt: skip


class Preferences(models.Model):
    """What one person chose; who has no row has chosen nothing yet. The time zone is the person's own field.

    Our own deadlines and the account have no choice here: they are always mailed.
    """

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="preferences")
    theirs = models.CharField(max_length=10, choices=ChannelChoice, default=ChannelChoice.SINGLE)
    news = models.CharField(max_length=10, choices=ChannelChoice, default=ChannelChoice.SINGLE)
    overview = models.CharField(max_length=10, choices=OverviewChoice, blank=True, default="")
    gathers = models.BooleanField(
        default=True, help_text="What its sender asks to be gathered comes in the daily digest."
    )
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    digest_hour = models.PositiveSmallIntegerField(default=7, help_text="The hour of the reader's own day.")
    weekday = models.PositiveSmallIntegerField(choices=WEEKDAYS, default=0)
    language = models.CharField(max_length=10, blank=True, default="", help_text="Empty: the language of the house.")
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="quiet_hours_have_both_ends",
                violation_error_message=_("Quiet hours need a beginning and an end."),
            ),
            models.CheckConstraint(condition=Q(digest_hour__lte=23), name="digest_hour_is_an_hour"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="digest_weekday_is_a_day"),
        ]

    def __str__(self) -> str:
        return f"preferences of {self.person_id}"
