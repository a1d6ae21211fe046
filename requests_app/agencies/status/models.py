"""One dated, sourced report about one federal office at one door of one state. Lines are added, never overwritten."""

from __future__ import annotations

import re
from typing import Any, Final

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

AS_OF: Final = re.compile(r"^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$")


class Door(models.TextChoices):
    """The two ways in. A report about one says nothing about the other."""

    NLETS = "nlets", _("Nlets")
    DIRECT = "direct", _("a direct account")


class Component(models.TextChoices):
    """The federal office that a report names. HSI is part of ICE, USBP of CBP; reports and counts keep them apart."""

    ICE = "ICE", _("ICE")
    HSI = "HSI", _("HSI")
    CBP = "CBP", _("CBP")
    USBP = "USBP", _("the Border Patrol")
    DHS = "DHS", _("DHS as a whole")


class Position(models.TextChoices):
    """What the report says. There is no word for "safe", because no report can show it."""

    BLOCK = "block", _("a block is reported")
    PARTIAL = "partial", _("a partial block is reported")
    IN_PROGRESS = "in_progress", _("a block is reported to be in progress")
    NO_ACTION = "no_action", _("the governor got the letter of November 2025; no action was found")
    SUPPORTS = "supports", _("the state is reported to support access")
    ACCESS = "access", _("access is reported")
    ENDED = "ended", _("an account is reported to have ended")


AT_DOOR: Final[dict[str, tuple[str, ...]]] = {
    Door.NLETS.value: tuple(
        one.value
        for one in (
            *(Position.BLOCK, Position.PARTIAL, Position.IN_PROGRESS),
            *(Position.NO_ACTION, Position.SUPPORTS, Position.ACCESS),
        )
    ),
    Door.DIRECT.value: (Position.ACCESS.value, Position.ENDED.value),
}
"""Which positions make sense at which door."""


class StatusLine(models.Model):
    """What one source reported, as of when. A newer line stands before an older one; the older one stays."""

    jurisdiction = models.CharField(_("state"), max_length=2, db_index=True)
    door = models.CharField(_("door"), max_length=10, choices=Door)
    component = models.CharField(_("federal office"), max_length=10, choices=Component)
    position = models.CharField(_("what is reported"), max_length=20, choices=Position)
    as_of = models.CharField(
        _("as of"),
        max_length=10,
        validators=[RegexValidator(AS_OF, _("Write a year, a month or a day: 2026, 2026-11 or 2026-11-21."))],
        help_text=_("The date of the report: 2026, 2026-11 or 2026-11-21."),
    )
    note = models.TextField(_("what the report says"), max_length=1000, blank=True, default="")
    reported_by = models.CharField(_("reported by"), max_length=200)
    source_url = models.URLField(_("address of the report"), max_length=500)
    confidence = models.CharField(
        _("how sure"),
        max_length=10,
        choices=[("high", _("well established")), ("medium", _("probable")), ("low", _("uncertain"))],
        default="medium",
    )
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )  # empty: the project's own list
    added_at = models.DateTimeField()
    seed_key = models.CharField(
        max_length=64,
        null=True,
        blank=True,
        unique=True,
        help_text="Fingerprint of the line in the project's own list.",
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    withdrawn_why = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        ordering = ["jurisdiction", "door", "component", "-as_of", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(source_url="") & ~models.Q(reported_by="") & ~models.Q(as_of=""),
                name="status_line_says_who_where_and_when",
            ),
            models.CheckConstraint(
                condition=models.Q(door="nlets", position__in=AT_DOOR["nlets"])
                | models.Q(door="direct", position__in=AT_DOOR["direct"]),
                name="status_line_fits_its_door",
            ),
            models.CheckConstraint(
                condition=models.Q(component__in=["ICE", "HSI", "CBP", "USBP", "DHS"]),
                name="status_line_names_an_office",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.jurisdiction} {self.door} {self.component} {self.as_of}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Append only: of a stored line only the withdrawal may be written."""
        allowed = {"withdrawn_at", "withdrawn_by", "withdrawn_why"}
        if not self._state.adding and not set(kwargs.get("update_fields") or ["everything"]) <= allowed:
            raise TypeError("A status line is never changed. Add a new one, or withdraw this one.")
        super().save(*args, **kwargs)
