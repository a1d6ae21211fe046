"""What a draft needs besides a good letter: a resident's signature, a coordinator's approval; what came of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from requests_app.filing import queries
from requests_app.filing.choices import DraftChoices
from requests_app.filing.models import Approval, Draft, RecordsRequest, Signing
from requests_app.filing.readiness import Level, Remark
from requests_app.filing.signing import (
    Signature,
    authority_asked,
    content_digest,
    may_be_signed_for,
    waits_for_authority,
)
from requests_app.kits.letters import Letter
from requests_app.kits.text import Attachment
from requests_app.law.schema import Statute
from requests_app.people.models import Person, Role


@dataclass(frozen=True, slots=True)
class Papers:
    """The newest signing and approval of a draft. `first_letters`: how many must be approved; 0: not this one."""

    draft: Draft
    signing: Signing | None
    approval: Approval | None
    first_letters: int

    @property
    def signature(self) -> Signature | None:
        """What the signer put under this letter; None while nobody did, or for another state than the draft's."""
        return self._given(Signing.Kind.LETTER)

    @property
    def authority(self) -> Signature | None:
        """Who gave the written authority under which the filer asks, and the sentence that says so; None as above."""
        return self._given(Signing.Kind.AUTHORITY)

    def _given(self, kind: Signing.Kind) -> Signature | None:
        signing = self.signing
        if signing is None or signing.kind != kind or signing.state != Signing.State.SIGNED:
            return None
        if signing.jurisdiction != self.draft.jurisdiction:
            return None
        return Signature(signing.legal_name, signing.postal_address, signing.phone, signing.statement)

    @property
    def signer(self) -> Person:
        """Who signs the letter: the member who did, else its filer."""
        invited = self.signing.signer if self.signing is not None and self.signature is not None else None
        return invited or self.draft.filer

    def waiting_remark(self, statute: Statute) -> Remark:
        """Return the stop for a letter that only a resident can sign, while nobody has."""
        state = self.signing.state if self.signing is not None else ""
        said = {
            Signing.State.ASKED: _("A coordinator looks for a resident of %(state)s to sign this letter."),
            Signing.State.INVITED: _("A resident of %(state)s was asked to sign this letter and has not answered yet."),
            Signing.State.VOID: _(
                "This letter was changed after a resident of %(state)s signed it, so that the signature no longer "
                "holds. Your draft is kept. Ask for the signature again."
            ),
        }
        text = said.get(
            Signing.State(state) if state else Signing.State.WITHDRAWN,
            _(
                "%(state)s’s law is open to %(who)s. An agency may refuse a letter from anyone else. Your draft is "
                "kept. Ask for a member who lives there to sign it, or state an exception that applies to you."
            ),
        )
        return Remark(
            "stop",
            text % {"state": statute.name, "who": statute.requester.who},
            statute.requester.citation,
            reverse("filing:draft-signer", args=[self.draft.pk]),
            _("Who signs it"),
        )

    def authority_remark(self, statute: Statute, chosen: DraftChoices) -> Remark | None:
        """Return what is to be said of a letter whose requester asks under somebody's written authority.

        A stop while a member is asked for it or the letter names nobody; a look where the filer has the paper.
        """
        asked = authority_asked(chosen, statute)
        if asked is None or self.authority is not None:
            return None
        named = not waits_for_authority(chosen, statute)
        of_this = self.signing is not None and self.signing.kind == Signing.Kind.AUTHORITY
        state = self.signing.state if self.signing is not None and of_this else ""
        level: Level = "stop"
        if state == Signing.State.ASKED:
            text = _("A coordinator looks for a resident of %(state)s who gives you the written authority.")
        elif state == Signing.State.INVITED:
            text = _("A resident of %(state)s was asked for the written authority and has not answered yet.")
        elif state == Signing.State.VOID:
            text = _(
                "This letter was changed after a resident of %(state)s gave you the written authority for it, so that "
                "it no longer holds. Your draft is kept. Ask for it again."
            )
        elif named:
            level = "check"
            text = _(
                "The letter says that you have a written authority, and Daylight does not hold it. Have it before you "
                "send the letter: the agency may ask for it. A member in %(state)s can give you one here instead."
            )
        else:
            text = _(
                "You ask under the written authority of a resident of %(state)s, and nobody has given it yet. Your "
                "draft is kept. Ask for a member who gives it."
            )
        link = reverse("filing:draft-signer", args=[self.draft.pk])
        return Remark(level, text % {"state": statute.name}, asked.citation, link, _("The written authority"))

    def signature_remark(self, letters: Sequence[Letter]) -> Remark | None:
        """Return the stop for a signature that does not stand under this very text, or whose signer has left."""
        if self.signature is None and self.authority is None:
            return None
        if self.signing is None or self.signing.signer is None:
            return None
        if not self.signing.signer.is_active:
            text = _("The member who signed this letter has left. Your draft is kept. Ask for another signer.")
        elif self.signing.content_sha256 != content_digest(letters):
            text = _(
                "This letter is no longer the one that was signed, so that the signature does not hold. Your draft is "
                "kept. Ask for the signature again."
            )
        else:
            return None
        return Remark("stop", text, "", reverse("filing:draft-signer", args=[self.draft.pk]), _("Who signs it"))

    def approval_remark(self, letters: Sequence[Letter]) -> Remark | None:
        """Return the stop for a newcomer's letter that no coordinator has approved as it stands."""
        if not self.first_letters:
            return None
        state = self.approval.state if self.approval is not None else ""
        link = _("Have it read")
        if self.approval is not None and state == Approval.State.APPROVED:
            if self.approval.content_sha256 == content_digest(letters):
                return None
            text = _("You changed the letter after a coordinator approved it. Ask for a look at it as it stands now.")
        elif self.approval is not None and state == Approval.State.ASKED:
            text = _("A coordinator reads this letter before it goes. You are told as soon as it is approved.")
            link = _("What happens now")
        elif self.approval is not None:
            text = _("A coordinator sent this letter back. Read the note, change what it says, and ask again.")
            link = _("Read the note")
        else:
            text = _(
                "A coordinator reads a new member’s first letters before they go: %(count)s of them. Your draft is "
                "kept. Ask for a look when it is ready."
            ) % {"count": self.first_letters}
        return Remark("stop", text, "", reverse("filing:draft-approval", args=[self.draft.pk]), link)

    def remarks(self, letters: Sequence[Letter]) -> list[Remark]:
        """Return the stops of signature and approval for these letters."""
        found = (self.signature_remark(letters), self.approval_remark(letters))
        return [remark for remark in found if remark is not None]

    @property
    def signed_note(self) -> str:
        """Who signed, for the page of the draft; empty while nobody did."""
        if self.signing is None or self.signing.ended_at is None:
            return ""
        if self.signature is None and self.authority is None:
            return ""
        facts = {"name": self.signing.legal_name, "day": date_format(self.signing.ended_at, "F j, Y")}
        if self.authority is not None:
            return _("%(name)s gave you the written authority on %(day)s. It goes along with the letter.") % facts
        return _("%(name)s signed this letter on %(day)s.") % facts


def enclosed_with(records_request: RecordsRequest) -> list[Attachment]:
    """Return the files that go along with a first letter: the written authority, where it rests on one. One query."""
    paper = queries.authority_behind(records_request)
    if paper is None:
        return []
    return [Attachment(authority_name(records_request), "application/pdf", paper.pdf_bytes)]


def authority_name(records_request: RecordsRequest) -> str:
    """Return the name of the file of a written authority."""
    return f"{records_request.reference}-authority.pdf"


def papers_of(draft: Draft, statute: Statute) -> Papers:
    """Return what has come of a draft's signature and approval.

    One query where it matters under this law who signs, and two where first letters are read.
    """
    signing = None
    if may_be_signed_for(statute):
        asked = Signing.objects.filter(draft=draft).select_related("signer", "offer__person")
        signing = asked.order_by("-pk").first()
    needed = first_letters_for(draft.filer)
    approval = Approval.objects.filter(draft=draft).order_by("-pk").first() if needed else None
    return Papers(draft, signing, approval, needed)


def first_letters_for(filer: Person) -> int:
    """Return how many first letters are read by a coordinator, if this filer's next one is among them; else 0."""
    limit: int = settings.APPROVE_FIRST_LETTERS
    if limit <= 0 or filer.has_role(Role.COORDINATOR):
        return 0
    filed = RecordsRequest.objects.filter(filer=filer)[:limit].count()
    return limit if filed < limit else 0
