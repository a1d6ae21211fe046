"""Letters that follow the first one, and the agency's own words that they answer."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from requests_app.agencies.models import BodyContact, ContactPoint
from requests_app.filing.models.requests import Delivery, Event, RecordsRequest
from requests_app.people.sealed import SealedJSONField, SealedTextField


class EventWords(models.Model):
    """What an agency wrote, as somebody pasted it. Sealed: an answer often opens with the requester's legal name."""

    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="kept_words")
    text = SealedTextField()

    def __str__(self) -> str:
        return f"words of event {self.event_id}"


class NextLetter(models.Model):
    """One later letter on a request, from its draft to the copy that left.

    `generated` is the letter as the kits room wrote it, `edits` what a person changed in it. `basis_sequence` is the
    number of the newest event that the letter took into account: what came after may have overtaken it. `changes`
    counts the writings, so that two people at one letter do not overwrite each other unseen. `edits_by` and `edits_at`
    say who wrote in it last; `edits_automatic` that the page kept it while they wrote: one sitting is one version.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("being written")
        QUEUED = "queued", _("in the outbox")
        SENT = "sent", _("sent")
        DISCARDED = "discarded", _("thrown away")

    request = models.ForeignKey(RecordsRequest, on_delete=models.PROTECT, related_name="next_letters")
    key = models.CharField(max_length=40, help_text="Which letter: a key of kits.later.")
    inputs = SealedJSONField(default=dict)
    generated = SealedJSONField()
    edits = SealedJSONField(null=True, blank=True)  # kits.editing.dump; empty: as generated
    edits_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    edits_at = models.DateTimeField(null=True, blank=True)
    edits_automatic = models.BooleanField(default=False)
    basis_sequence = models.PositiveIntegerField()
    changes = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    delivery = models.CharField(max_length=10, choices=Delivery)
    contact_point = models.ForeignKey(ContactPoint, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # Where the letter goes to another body than the agency: its address, as people entered it.
    body = models.CharField(max_length=300, blank=True, default="")
    body_contact = models.ForeignKey(BodyContact, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()
    sent_event = models.OneToOneField(
        Event, on_delete=models.PROTECT, null=True, blank=True, related_name="letter_sent"
    )

    class Meta:
        ordering = ["-changed_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["request", "key"],
                condition=Q(state__in=["draft", "queued"]),
                name="one_open_letter_of_a_kind",  # two people who write the same letter find each other
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_event__isnull=False) | ~Q(state="sent") & Q(sent_event__isnull=True),
                name="sent_letter_stands_on_the_timeline",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} on {self.request_id}"

    @property
    def is_open(self) -> bool:
        """Return whether it can still be changed."""
        return self.state == self.State.DRAFT


class NextLetterVersion(models.Model):
    """A later letter as it stood before a change, or as it left. Never altered."""

    letter = models.ForeignKey(NextLetter, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    inputs = SealedJSONField(default=dict)
    generated = SealedJSONField()
    edits = SealedJSONField(null=True, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    why = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        ordering = ["letter", "number"]
        constraints = [models.UniqueConstraint(fields=["letter", "number"], name="letter_version_once")]

    def __str__(self) -> str:
        return f"version {self.number} of letter {self.letter_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Append only: a version that is stored is never changed."""
        if not self._state.adding:
            raise TypeError("A version is never changed.")
        super().save(*args, **kwargs)

    @property
    def how_text(self) -> str:
        """Return what became of it, for the list of versions."""
        return str(_("replaced: %(why)s") % {"why": self.why}) if self.why else ""


class SentCopy(models.Model):
    """The sheet exactly as it left: the letter with its edits, and the PDF that was attached or printed."""

    letter = models.OneToOneField(NextLetter, on_delete=models.PROTECT, related_name="sent_copy")
    content = SealedJSONField(help_text="kits.letters.Letter, edits applied.")
    pdf = SealedTextField(help_text="Base64.")
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"copy of letter {self.letter_id}"
