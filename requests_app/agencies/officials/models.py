"""Officials, every change of them, and every exchange with them. No party and no opinion is kept of anybody."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from requests_app.people.states import name_of


class Office(models.TextChoices):
    """What the official is."""

    GOVERNOR = "governor", _("Governor")
    STATE_SENATOR = "state_senator", _("State senator")
    STATE_REPRESENTATIVE = "state_representative", _("State representative")
    ATTORNEY_GENERAL = "attorney_general", _("Attorney general")
    NLETS_REPRESENTATIVE = "nlets_representative", _("Nlets coordinator or representative")
    OTHER = "other", _("Another office")


class Official(models.Model):
    """One official in one office, as the group entered or imported them. Nothing is looked up on the network."""

    jurisdiction = models.CharField(_("state"), max_length=2)
    office = models.CharField(_("office"), max_length=30, choices=Office)
    title = models.CharField(
        _("title"),
        max_length=100,
        blank=True,
        default="",
        help_text=_("How the letter calls the office, such as Delegate. Needed for another office."),
    )
    name = models.CharField(_("name"), max_length=200)
    district = models.CharField(_("district"), max_length=60, blank=True, default="")
    email = models.CharField(_("e-mail"), max_length=254, blank=True, default="")
    postal_address = models.TextField(_("postal address"), blank=True, default="")
    phone = models.CharField(_("telephone"), max_length=40, blank=True, default="")
    fax = models.CharField(_("fax"), max_length=40, blank=True, default="")
    source = models.CharField(_("where it was seen"), max_length=500)
    checked_on = models.DateField(_("checked on"), help_text=_("The day on which somebody last looked."))
    retired_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField()

    class Meta:
        verbose_name = _("official")
        verbose_name_plural = _("officials")
        ordering = ["jurisdiction", "office", "district", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["jurisdiction", "office", "district", "name"],
                name="official_listed_once",
                violation_error_message=_("This official is on the list already."),
            ),
            models.CheckConstraint(
                condition=~models.Q(office="other") | ~models.Q(title=""), name="other_office_has_a_title"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("agencies:official", args=[self.pk])

    @property
    def state_name(self) -> str:
        """The name of the state."""
        return name_of(self.jurisdiction)

    @property
    def office_words(self) -> str:
        """The office as a person says it: its own title where one is given, else the usual one. DC has a mayor."""
        if self.title:
            return self.title
        if self.office == Office.GOVERNOR and self.jurisdiction == "DC":
            return str(_("Mayor"))
        return str(self.get_office_display())

    @property
    def can_be_reached(self) -> bool:
        """Return whether any address or number is stored."""
        return bool(self.email or self.postal_address or self.phone or self.fax)


FACT_LABELS = {
    "jurisdiction": _("State"),
    "office": _("Office"),
    "title": _("Title"),
    "name": _("Name"),
    "district": _("District"),
    "email": _("E-mail"),
    "postal_address": _("Postal address"),
    "phone": _("Telephone"),
    "fax": _("Fax"),
    "source": _("Where it was seen"),
    "checked_on": _("Checked on"),
    "retired": _("No longer in office"),
}
"""What the history calls each fact, in the order in which it is told."""


class OfficialChange(models.Model):
    """One edit of an official: what, before and after, by whom and why. Never altered."""

    class What(models.TextChoices):
        ADDED = "added", _("Added")
        EDITED = "edited", _("Edited")
        RETIRED = "retired", _("No longer in office")
        BACK = "back", _("Back in office")

    official = models.ForeignKey(Official, on_delete=models.CASCADE, related_name="changes")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    what = models.CharField(max_length=20, choices=What)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    why = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.official_id}: {self.what}"

    @property
    def fields(self) -> list[dict[str, str]]:
        """Each changed fact with its label, as it was and as it is."""
        offices = dict(Office.choices)

        def say(facts: dict[str, Any], name: str) -> str:
            value = str(facts.get(name, "") or "")
            return str(offices.get(value, value)) if name == "office" else value

        return [
            {"label": str(label), "before": say(self.before, name), "after": say(self.after, name)}
            for name, label in FACT_LABELS.items()
            if self.before.get(name, "") != self.after.get(name, "")
        ]


class Exchange(models.Model):
    """One call, meeting, letter or reply: who, when, by which way, what was answered, when to ask again.

    An entry is never edited; a mistaken one is struck, and stays readable. What an official says is their word, not a
    finding of ours: nothing here is published.
    """

    class Channel(models.TextChoices):
        CALL = "call", _("Telephone call")
        MEETING = "meeting", _("Meeting")
        LETTER = "letter", _("Letter")
        POSTCARD = "postcard", _("Postcard")
        EMAIL = "email", _("E-mail")
        FAX = "fax", _("Fax")

    class Answered(models.TextChoices):
        NOT_YET = "", _("No answer yet")
        YES = "yes", _("Answered")
        NO = "no", _("Would not answer")
        REFERRED = "referred", _("Sent us to somebody else")

    class Blocks(models.TextChoices):
        UNASKED = "", _("Not answered")
        YES = "yes", _("Yes")
        NO = "no", _("No")
        PARTIAL = "partial", _("Partly")
        UNKNOWN = "does_not_know", _("Does not know")

    official = models.ForeignKey(Official, on_delete=models.CASCADE, related_name="exchanges")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    happened_on = models.DateField(_("day"))
    channel = models.CharField(_("way"), max_length=10, choices=Channel)
    from_them = models.BooleanField(_("they wrote or called us"), default=False)
    spoke_with = models.CharField(
        _("spoke with"), max_length=200, blank=True, default="", help_text=_("The office or role, such as scheduler.")
    )
    answered = models.CharField(_("answer"), max_length=10, choices=Answered, blank=True, default="")
    ice_2024 = models.CharField(max_length=20, blank=True, default="")
    ice_2025 = models.CharField(max_length=20, blank=True, default="")
    hsi_2024 = models.CharField(max_length=20, blank=True, default="")
    hsi_2025 = models.CharField(max_length=20, blank=True, default="")
    blocks = models.CharField(_("blocks in place?"), max_length=20, choices=Blocks, blank=True, default="")
    reason = models.TextField(_("the reason, and who decided"), max_length=2000, blank=True, default="")
    note = models.TextField(_("note"), max_length=4000, blank=True, default="")
    follow_up_on = models.DateField(_("ask again on"), null=True, blank=True)
    followed_up_at = models.DateTimeField(null=True, blank=True)
    recorded_at = models.DateTimeField()
    struck_at = models.DateTimeField(null=True, blank=True)
    struck_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-happened_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(follow_up_on__isnull=True) | models.Q(follow_up_on__gte=models.F("happened_on")),
                name="follow_up_is_not_before_the_exchange",
                violation_error_message=_("The day to ask again is before the day of this entry."),
            ),
        ]
        indexes = [
            models.Index(
                fields=["by", "follow_up_on"],
                name="exchange_follow_up",
                condition=models.Q(follow_up_on__isnull=False, followed_up_at__isnull=True, struck_at__isnull=True),
            ),  # a person's home: whom to ask again
        ]

    def __str__(self) -> str:
        return f"{self.official_id} {self.happened_on} {self.channel}"

    @property
    def counts(self) -> list[tuple[str, str]]:
        """What was said of the first question, office and year by office and year; what was not said is left out."""
        said = (
            (_("ICE, 2024"), self.ice_2024),
            (_("ICE, 2025"), self.ice_2025),
            (_("HSI, 2024"), self.hsi_2024),
            (_("HSI, 2025"), self.hsi_2025),
        )
        return [(str(label), count_in_words(value)) for label, value in said if value]


def count_in_words(value: str) -> str:
    """Return a stored answer to the first question as a person reads it: "292,114", or that they do not know."""
    return f"{int(value):,}" if value.isdigit() and value.isascii() else str(_("does not know"))


class OfficialImport(models.Model):
    """A CSV file of officials that somebody looked at in a dry run and may apply: exactly this text and outcome."""

    file_name = models.CharField(max_length=200)
    text = models.TextField()
    remarks = models.JSONField(default=list)
    plan_sha256 = models.CharField(max_length=64)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    made_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"import {self.pk}"
