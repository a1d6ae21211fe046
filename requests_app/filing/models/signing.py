"""Before a letter goes: a resident who signs it, and a coordinator who approves a newcomer's first ones."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from requests_app.filing.models.requests import Draft
from requests_app.people.models import SignerOffer
from requests_app.people.sealed import SealedJSONField, SealedTextField


class Signing(models.Model):
    """A draft that needs somebody else: asked for by its filer, offered to one member, answered by that member.

    `kind`: they sign the letter itself, or a written authority by which its filer asks for them. Their name and address
    are copied here when they sign, and removed again when the signature no longer holds. `statement`: the sentence that
    the letter then carries. `content_sha256`: what the letter said then (`filing.signing.content_digest`).
    """

    class Kind(models.TextChoices):
        LETTER = "letter", _("the letter")
        AUTHORITY = "authority", _("a written authority")

    class State(models.TextChoices):
        ASKED = "asked", _("a coordinator looks for a signer")
        INVITED = "invited", _("a resident was asked to sign")
        SIGNED = "signed", _("signed")
        DECLINED = "declined", _("declined")
        EXPIRED = "expired", _("not answered in time")
        WITHDRAWN = "withdrawn", _("taken back")
        VOID = "void", _("void: the letter was changed")

    OPEN: Final = (State.ASKED, State.INVITED, State.SIGNED)

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="signings")
    jurisdiction = models.CharField(max_length=2)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.LETTER)
    state = models.CharField(max_length=10, choices=State, default=State.ASKED)
    asked_at = models.DateTimeField()
    signer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="signings"
    )
    offer = models.ForeignKey(SignerOffer, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    invited_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True, help_text="When it was answered, or came to an end.")
    reason = SealedTextField(blank=True, default="")  # why the member declined, in their words; for coordinators
    legal_name = SealedTextField(blank=True, default="")
    postal_address = SealedTextField(blank=True, default="")
    phone = SealedTextField(blank=True, default="")
    statement = models.CharField(max_length=400, blank=True, default="")
    content_sha256 = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["draft"], condition=Q(state__in=["asked", "invited", "signed"]), name="one_open_signing"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["invited", "signed"]) | Q(signer__isnull=False, expires_at__isnull=False),
                name="an_invitation_names_signer_and_end",
            ),
            models.CheckConstraint(condition=~Q(state="signed") | ~Q(content_sha256=""), name="a_signature_has_a_text"),
        ]
        indexes = [
            models.Index(fields=["signer", "state"], name="signings_of_a_signer"),  # a member's own page
            models.Index(fields=["expires_at"], name="open_invitations", condition=Q(state="invited")),  # the sweep
        ]

    def __str__(self) -> str:
        return f"signing {self.pk}, {self.state}"

    def waits_for_answer(self, now: datetime) -> bool:
        """Return whether the invited member can still sign or decline. Needs draft, offer and the offer's person."""
        return (
            self.state == self.State.INVITED
            and self.expires_at is not None
            and now < self.expires_at
            and self.draft.is_open
            and self.draft.jurisdiction == self.jurisdiction
            and self.offer is not None
            and self.offer.is_open
        )


class AuthorityPaper(models.Model):
    """A written authority as a member signed it: the PDF never changes, and goes when the signature no longer holds."""

    signing = models.OneToOneField(Signing, on_delete=models.CASCADE, related_name="paper")
    content = SealedJSONField(help_text="kits.letters.Letter.")
    pdf = SealedTextField(help_text="Base64; sealed because it carries a legal name and an address.")
    sha256 = models.CharField(max_length=64, help_text="Of the PDF's bytes.")
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"written authority of signing {self.signing_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Written once: a paper that somebody signed is never changed."""
        if not self._state.adding:
            raise TypeError("A written authority is never changed.")
        super().save(*args, **kwargs)

    @property
    def pdf_bytes(self) -> bytes:
        """Return the PDF. Raises ValueError when it is not the one that was signed."""
        made = base64.b64decode(self.pdf)
        if hashlib.sha256(made).hexdigest() != self.sha256:
            raise ValueError(f"written authority {self.pk} is not the one that was signed")
        return made


class Approval(models.Model):
    """A newcomer's letter that a coordinator reads before it goes. `content_sha256`: the letter that was decided on."""

    class State(models.TextChoices):
        ASKED = "asked", _("waits for a coordinator")
        APPROVED = "approved", _("approved")
        SENT_BACK = "sent_back", _("sent back")

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="approvals")
    state = models.CharField(max_length=10, choices=State, default=State.ASKED)
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField(blank=True, default="")
    content_sha256 = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["draft"], condition=Q(state="asked"), name="one_open_approval"),
            models.CheckConstraint(
                condition=~Q(state="approved") | ~Q(content_sha256=""), name="an_approval_has_a_text"
            ),
        ]
        indexes = [models.Index(fields=["asked_at"], name="open_approvals", condition=Q(state="asked"))]  # the list

    def __str__(self) -> str:
        return f"approval {self.pk}, {self.state}"
