"""Agencies, the roles they hold, and the ways to reach them, each with its source, confidence and history."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from requests_app.people.states import name_of


class Confidence(models.TextChoices):
    """How sure we are of a fact."""

    HIGH = "high", _("well established")
    MEDIUM = "medium", _("probable")
    LOW = "low", _("uncertain")


class StateNote(models.Model):
    """What is known, by whose report and as of when, of one state's Nlets door. Never a certainty."""

    jurisdiction = models.CharField(max_length=2, unique=True)
    ice_dmv_access = models.CharField(
        max_length=40, blank=True, default="", help_text="blocked, partially_restricted, in_progress, no_block_reported"
    )
    summary = models.TextField(blank=True, default="")
    dmv_restrictions = models.TextField(blank=True, default="")
    sources = models.JSONField(default=list, blank=True)
    doubts = models.JSONField(default=list, blank=True)
    known_status = models.JSONField(
        default=dict, blank=True, help_text="code, as_of, confidence, note, source, source_note; empty for US"
    )

    def __str__(self) -> str:
        return self.jurisdiction


class Agency(models.Model):
    """A public body that may hold the records. A row, not a constant: seeded, editable, importable."""

    code = models.SlugField(_("code"), max_length=40, unique=True, help_text=_("Such as md-mdsp. It never changes."))
    jurisdiction = models.CharField(_("state"), max_length=2, db_index=True)
    name = models.CharField(_("name"), max_length=200)
    short_name = models.CharField(_("short name"), max_length=60)
    parent = models.CharField(_("part of"), max_length=200, blank=True, default="")
    website = models.URLField(_("website"), max_length=500, blank=True, default="")
    records_office = models.CharField(
        _("records office"),
        max_length=200,
        blank=True,
        default="",
        help_text=_("The office or title that takes requests, such as Records Custodian."),
    )
    submission_notes = models.TextField(_("how it takes requests"), blank=True, default="")
    sources = models.JSONField(default=list, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)
    from_seed = models.BooleanField(default=False, help_text="Still exactly as the project's own list has it.")
    updated_at = models.DateTimeField()

    class Meta:
        verbose_name = _("agency")
        verbose_name_plural = _("agencies")
        ordering = ["jurisdiction", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["jurisdiction", "name"],
                name="agency_named_once_in_its_state",
                violation_error_message=_("This state already has an agency of that name."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("agencies:detail", args=[self.code])

    @property
    def state_name(self) -> str:
        """The name of its state."""
        return name_of(self.jurisdiction)


class AgencyRole(models.Model):
    """A part an agency plays, with the evidence for it. A sound role may have an unsound contact."""

    class Kind(models.TextChoices):
        NLETS_CONTROL_POINT = "nlets_control_point", _("Nlets control point")
        CJIS_SYSTEMS_AGENCY = "cjis_systems_agency", _("CJIS systems agency")
        DMV = "dmv", _("Motor-vehicle agency")
        GOVERNOR_RECORDS = "governor_records", _("Governor's records office")
        ATTORNEY_GENERAL = "attorney_general", _("Attorney general")
        FEDERAL_REQUESTER_AGENCY = "federal_requester_agency", _("Federal agency that queries")

    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="roles")
    kind = models.CharField(_("role"), max_length=40, choices=Kind)
    evidence = models.TextField(_("why we think so"), blank=True, default="")
    confidence = models.CharField(_("how sure"), max_length=10, choices=Confidence, default=Confidence.MEDIUM)

    class Meta:
        ordering = ["agency", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["agency", "kind"], name="agency_role_once"),
            models.CheckConstraint(
                condition=models.Q(
                    kind__in=[
                        "nlets_control_point",
                        "cjis_systems_agency",
                        "dmv",
                        "governor_records",
                        "attorney_general",
                        "federal_requester_agency",
                    ]
                ),
                name="agency_role_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency_id}: {self.kind}"


class Language(models.TextChoices):
    """In which language an office likes to be greeted. The letter itself stays English."""

    ENGLISH = "en", _("English")
    SPANISH = "es", _("Spanish")


class ContactPoint(models.Model):
    """One way to reach an agency's records office. Mail never changes one automatically; it proposes."""

    class Channel(models.TextChoices):
        EMAIL = "email", _("E-mail")
        PORTAL = "portal", _("Web portal")
        POST = "post", _("Post")
        FAX = "fax", _("Fax")
        PHONE = "phone", _("Telephone")

    class Health(models.TextChoices):
        UNCONFIRMED = "unconfirmed", _("not confirmed")
        CONFIRMED = "confirmed", _("confirmed")
        BOUNCED = "bounced", _("mail came back")
        RETIRED = "retired", _("no longer used")

    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="contact_points")
    channel = models.CharField(_("way"), max_length=10, choices=Channel)
    value = models.TextField(_("address"))
    office_or_title = models.CharField(_("office or title"), max_length=200, blank=True, default="")
    salutation_language = models.CharField(
        _("language of the salutation"), max_length=5, choices=Language, default=Language.ENGLISH
    )
    health = models.CharField(_("state"), max_length=12, choices=Health, default=Health.UNCONFIRMED)
    confidence = models.CharField(_("how sure"), max_length=10, choices=Confidence, default=Confidence.LOW)
    source = models.CharField(_("where it was seen"), max_length=500, blank=True, default="")
    as_of = models.CharField(
        _("as of"), max_length=10, blank=True, default="", help_text=_("YYYY, YYYY-MM or YYYY-MM-DD.")
    )
    doubt = models.CharField(_("doubt"), max_length=500, blank=True, default="")
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_where = models.CharField(_("confirmed at"), max_length=500, blank=True, default="")
    from_seed = models.BooleanField(default=False, help_text="Still exactly as the project's own list has it.")

    class Meta:
        verbose_name = _("contact point")
        verbose_name_plural = _("contact points")
        ordering = ["agency", "channel", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "channel", "value"],
                name="contact_point_once",
                violation_error_message=_("This agency already has that address."),
            ),
            models.CheckConstraint(
                condition=~models.Q(health="confirmed") | models.Q(confirmed_at__isnull=False),
                name="confirmed_contact_says_when",
            ),
            models.CheckConstraint(
                condition=models.Q(channel__in=["email", "portal", "post", "fax", "phone"]),
                name="contact_channel_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} of agency {self.agency_id}"

    @property
    def may_be_used_unasked(self) -> bool:
        """Return whether a letter may go here without a person confirming the address first."""
        if self.health == self.Health.CONFIRMED:
            return True
        return self.health == self.Health.UNCONFIRMED and self.confidence == Confidence.HIGH and not self.doubt


FACT_LABELS = {
    "name": _("Name"),
    "short_name": _("Short name"),
    "parent": _("Part of"),
    "website": _("Website"),
    "records_office": _("Records office"),
    "submission_notes": _("How it takes requests"),
    "is_active": _("In use"),
    "roles": _("Roles"),
    "role": _("Role"),
    "jurisdiction": _("State"),
    "way": _("Way"),
    "address": _("Address"),
    "office": _("Office or title"),
    "health": _("Health"),
    "confidence": _("How sure"),
    "source": _("Where it was seen"),
    "as_of": _("As of"),
    "doubt": _("Doubt"),
    "office_or_title": _("Office or title"),
    "salutation_language": _("Language of the salutation"),
}
"""What the history calls each fact."""


def _say(facts: dict[str, Any], name: str) -> str:
    """Return one fact of a history entry in words."""
    value = facts.get(name)
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    values = value if isinstance(value, list) else [value]
    labels = {
        **dict(AgencyRole.Kind.choices),
        **dict(ContactPoint.Health.choices),
        **dict(ContactPoint.Channel.choices),
        **dict(Language.choices),
    }
    known = name in {"role", "roles", "health", "way", "salutation_language"}
    return ", ".join(str(labels.get(one, one)) if known else str(one) for one in values if one not in (None, ""))


class AgencyChange(models.Model):
    """One edit of an agency or one of its contact points: what, before and after, by whom and why. Never altered."""

    class What(models.TextChoices):
        ADDED = "added", _("Agency added")
        EDITED = "edited", _("Agency edited")
        CONTACT_ADDED = "contact_added", _("Address added")
        CONTACT_EDITED = "contact_edited", _("Address edited")
        CONTACT_CONFIRMED = "contact_confirmed", _("Address confirmed")
        CONTACT_BOUNCED = "contact_bounced", _("Mail came back")
        CONTACT_RETIRED = "contact_retired", _("Address retired")

    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="changes")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )  # empty: Daylight itself, from its own list or from a mail that came back
    at = models.DateTimeField()
    what = models.CharField(max_length=30, choices=What)
    before = models.JSONField(default=dict, help_text="The changed fields as they were.")
    after = models.JSONField(default=dict, help_text="The changed fields as they are.")
    why = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["agency", "-at"], name="agency_history")]  # the history on an agency's page

    def __str__(self) -> str:
        return f"{self.agency_id}: {self.what}"

    @property
    def fields(self) -> list[dict[str, str]]:
        """Each changed fact with its label, as it was and as it is; what stayed the same is left out."""
        # In the order of the labels: PostgreSQL does not keep the order in which a document was written.
        changed = {*self.before, *self.after}
        names = [*(name for name in FACT_LABELS if name in changed), *sorted(changed - FACT_LABELS.keys())]
        return [
            {
                "label": str(FACT_LABELS.get(name, name)),
                "before": _say(self.before, name),
                "after": _say(self.after, name),
            }
            for name in names
            if self.before.get(name) != self.after.get(name)
        ]


class AgencyImport(models.Model):
    """A CSV file that somebody looked at in a dry run and may apply: exactly this text, exactly that outcome."""

    file_name = models.CharField(max_length=200)
    text = models.TextField()
    remarks = models.JSONField(default=list, help_text="How the file was read, for the preview.")
    plan_sha256 = models.CharField(max_length=64, help_text="What the preview showed; applied only if it still holds.")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    made_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"import {self.pk}"


class BodyContact(models.Model):
    """One way to reach a body that hears appeals or complaints, as a person found it. The law book holds no addresses.

    Append-only: an address that changed is a new row, and the old one says when and by whom it was retired, so that
    the rows together are the history.
    """

    class Channel(models.TextChoices):
        EMAIL = "email", _("E-mail")
        PORTAL = "portal", _("Web portal")
        POST = "post", _("Post")
        FAX = "fax", _("Fax")

    jurisdiction = models.CharField(_("state"), max_length=2)
    body = models.CharField(_("body"), max_length=300, help_text=_("As the law book names it."))
    level = models.CharField(max_length=20, blank=True, default="")
    name = models.CharField(_("name for the envelope"), max_length=200)
    channel = models.CharField(_("way"), max_length=10, choices=Channel)
    value = models.TextField(_("address"))
    source = models.CharField(_("where it was seen"), max_length=500)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )  # whoever entered it looked at the source
    confirmed_at = models.DateTimeField()
    retired_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    retired_at = models.DateTimeField(null=True, blank=True)
    why_retired = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        ordering = ["jurisdiction", "body", "-confirmed_at"]
        indexes = [models.Index(fields=["jurisdiction", "body"], name="body_contacts")]  # the letter page
        constraints = [
            models.UniqueConstraint(
                fields=["jurisdiction", "body", "channel", "value"],
                condition=models.Q(retired_at__isnull=True),
                name="body_contact_once",
                violation_error_message=_("This address is known already."),
            ),
            models.CheckConstraint(
                condition=models.Q(channel__in=["email", "portal", "post", "fax"]), name="body_channel_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} of {self.body} in {self.jurisdiction}"


# Django finds tables through this module; these topics have folders of their own.
from requests_app.agencies.officials import models as _officials  # noqa: E402, F401
from requests_app.agencies.proposals import models as _proposals  # noqa: E402, F401
from requests_app.agencies.status import models as _status  # noqa: E402, F401
