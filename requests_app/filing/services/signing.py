"""A letter that somebody else signs: asked for, offered to one member, signed or not, and undone when it changes."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from requests_app.filing import choices, lawbook, readiness
from requests_app.filing import signing as rules
from requests_app.filing.composing import Sender
from requests_app.filing.models import AuthorityPaper, Draft, Signing
from requests_app.filing.services import telling
from requests_app.filing.services.drafting import DraftIsClosed
from requests_app.filing.services.opening import NotReady, Plan, plan_for
from requests_app.kits import rendering, stationery
from requests_app.kits.letters import ChoiceError, Letter
from requests_app.kits.letters import dump as dump_letter
from requests_app.people import queries as people_queries
from requests_app.people.models import Person, SignerOffer, audit

_NO_NAME: Final = {"legal_name": "", "postal_address": "", "phone": ""}


class SigningClosed(Exception):
    """The signature can no longer be given, asked for or taken back: somebody was quicker, or the time is over."""

    def __init__(self) -> None:
        super().__init__(
            _("This was settled in the meantime, or its time is over. Nothing was changed. See where it stands now.")
        )


class NotTheLetterRead(Exception):
    """The letter is not the one that the person has read."""

    def __init__(self) -> None:
        super().__init__(_("The letter was changed while you read it. Nothing was settled. Read it as it stands now."))


class OfferGone(Exception):
    """The member took the offer back, has left, or never offered for this state."""

    def __init__(self) -> None:
        super().__init__(_("This member no longer offers to sign for this state. Nobody was asked. Choose another."))


def _open(draft_id: UUID) -> Signing | None:
    return (
        Signing.objects.filter(draft_id=draft_id, state__in=Signing.OPEN)
        .select_related("draft__filer", "signer", "offer__person")
        .first()
    )


def _get(signing_id: int) -> Signing:
    return Signing.objects.select_related("draft__filer", "signer", "offer__person").get(pk=signing_id)


def _end(signing: Signing, state: Signing.State, *, was: tuple[str, ...], now: datetime, reason: str = "") -> bool:
    """Bring a signing to an end, if it still stands as `was`. Only one of two writers can."""
    ended = Signing.objects.filter(pk=signing.pk, state__in=was).update(
        state=state, ended_at=now, reason=reason, content_sha256="", **_NO_NAME
    )
    if ended:
        AuthorityPaper.objects.filter(signing_id=signing.pk).delete()  # it carries the same name and address
    return bool(ended)


def kind_needed(draft: Draft) -> Signing.Kind | None:
    """Return what somebody else would sign for this draft as it stands; None where its filer signs it alone."""
    chosen = choices.load(draft.choices)
    if chosen.standing == "resident":
        return None
    if chosen.standing == "exception":
        asked = rules.authority_asked(chosen, lawbook.statute_of(draft.jurisdiction))
        return Signing.Kind.AUTHORITY if asked is not None else None
    return Signing.Kind.LETTER


def offers_that_fit(draft: Draft, jurisdiction: str, kind: str) -> QuerySet[SignerOffer]:
    """Return the offers of members who could sign this, the longest standing first. For coordinators, save a count."""
    found = people_queries.offers_for(jurisdiction, besides=draft.filer)
    if kind != Signing.Kind.AUTHORITY:
        return found
    asked = rules.authority_asked(choices.load(draft.choices), lawbook.statute_of(jurisdiction))
    return found.filter(ground__in=asked.givers if asked is not None else ())


# --- asking -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def ask_for_signer(draft_id: UUID, *, sender: Sender, by: Person, now: datetime) -> Signing:
    """Ask the coordinators for a resident who signs this draft. Asked twice, the first asking stands.

    1. The draft must be the filer's own, and complete: a letter that cannot be written cannot be read either. A
       signature that a change has overtaken ends here.
    2. If the letter was signed before and then changed, the same member is asked again at once, if they still offer.
    3. Otherwise the coordinators are told.

    Raises DraftIsClosed, NotReady.
    """
    draft = Draft.objects.select_for_update().select_related("filer").get(pk=draft_id)
    if not draft.is_open or draft.filer_id != by.pk:
        raise DraftIsClosed
    plan = plan_for(draft)
    if plan is None or not rules.may_be_signed_for(plan.statute):
        raise NotReady([readiness.unfinished(draft)])
    try:
        plan.letters(sender, now)
    except ChoiceError as trouble:
        raise NotReady([readiness.choice_remark(draft, trouble)]) from trouble
    look_at_signature(draft_id, sender=sender, now=now)
    standing = _open(draft_id)
    if standing is not None and _still_good(standing, now):
        return standing
    if standing is not None:
        _end(standing, Signing.State.EXPIRED, was=Signing.OPEN, now=now)
    before = Signing.objects.filter(draft=draft).select_related("offer__person").order_by("-pk").first()
    kind = kind_needed(draft) or Signing.Kind.LETTER
    made = Signing.objects.create(draft=draft, jurisdiction=draft.jurisdiction, kind=kind, asked_at=now)
    audit("signature_asked", draft, by=by, now=now, signing=made.pk)
    same = before is not None and before.state == Signing.State.VOID and before.kind == kind
    again = before.offer if before is not None and same else None
    if again is not None and again.is_open and again.jurisdiction == draft.jurisdiction:
        _invite(made, again, by=before.invited_by if before is not None else None, now=now)
        return _get(made.pk)
    telling.tell_coordinators_to_choose(made, now=now)
    return made


def _still_good(signing: Signing, now: datetime) -> bool:
    """Return whether an open signing needs no new asking: its invitation runs, and its signer is still here."""
    if signing.state == Signing.State.INVITED:
        return signing.waits_for_answer(now)
    if signing.state == Signing.State.SIGNED:
        return signing.signer is not None and signing.signer.is_active
    return True


@transaction.atomic
def withdraw_asking(draft_id: UUID, *, by: Person, now: datetime) -> bool:
    """End what the filer asked for, whatever came of it so far. Returns whether there was anything to end.

    Raises DraftIsClosed for a draft that was filed: a letter that left stays signed.
    """
    draft = Draft.objects.get(pk=draft_id)
    if not draft.is_open or draft.filer_id != by.pk:
        raise DraftIsClosed
    signing = _open(draft_id)
    if signing is None or not _end(signing, Signing.State.WITHDRAWN, was=Signing.OPEN, now=now):
        return False
    audit("signature_asking_withdrawn", draft, by=by, now=now, signing=signing.pk)
    if signing.state == Signing.State.SIGNED:
        telling.tell_signer_void(signing, now=now)
    return True


# --- choosing ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def invite_signer(signing_id: int, offer_id: int, *, by: Person, now: datetime) -> Signing:
    """Ask one member who offered to sign. Two coordinators at once: one invitation, the other hears of it.

    Raises SigningClosed, OfferGone.
    """
    signing = _get(signing_id)
    offer = offers_that_fit(signing.draft, signing.jurisdiction, signing.kind).filter(pk=offer_id).first()
    if offer is None:
        raise OfferGone
    if not signing.draft.is_open or not _invite(signing, offer, by=by, now=now):
        raise SigningClosed
    return _get(signing_id)


def _invite(signing: Signing, offer: SignerOffer, *, by: Person | None, now: datetime) -> bool:
    invited = Signing.objects.filter(pk=signing.pk, state=Signing.State.ASKED).update(
        state=Signing.State.INVITED,
        signer=offer.person,
        offer=offer,
        invited_by=by,
        invited_at=now,
        expires_at=now + timedelta(days=settings.SIGNING_DAYS),
    )
    if not invited:
        return False
    # Not with the member's name on it: administrators read the audit trail, and only coordinators know who offered.
    audit("signer_invited", signing.draft, by=by, now=now, signing=signing.pk)
    telling.tell_invited(_get(signing.pk), now=now)
    return True


def close_expired(now: datetime) -> int:
    """End invitations that nobody answered in time, and ask the coordinators for somebody else. Returns how many."""
    closed = 0
    for signing_id in Signing.objects.filter(state=Signing.State.INVITED, expires_at__lte=now).values_list(
        "pk", flat=True
    ):
        with transaction.atomic():
            closed += _look_for_another(_get(signing_id), Signing.State.EXPIRED, now=now)
    return closed


def _look_for_another(signing: Signing, why: Signing.State, *, now: datetime, reason: str = "") -> bool:
    """End an invitation that came to nothing, and open the asking anew while the draft is there."""
    if not _end(signing, why, was=(Signing.State.INVITED,), now=now, reason=reason):
        return False
    audit(f"signature_{why.value}", signing.draft, by=None, now=now, signing=signing.pk)
    if signing.draft.is_open and signing.draft.jurisdiction == signing.jurisdiction:
        anew = Signing.objects.create(
            draft=signing.draft, jurisdiction=signing.jurisdiction, kind=signing.kind, asked_at=now
        )
        telling.tell_coordinators_to_choose(anew, now=now)
        telling.tell_filer(signing, why.value, now=now)
    return True


# --- signing ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ForSigning:
    """A draft as it would be sent once the member signed: its plan, its letters, and the digest of what they say.

    `paper`: the written authority that the member signs instead of the letter. `outfit`: what it wears.
    """

    plan: Plan
    letters: list[Letter]
    digest: str
    signature: rules.Signature
    paper: Letter | None = None
    outfit: stationery.Outfit | None = None

    @property
    def seen(self) -> str:
        """Return the digest of everything that the member reads before signing."""
        return self.digest if self.paper is None else rules.content_digest([*self.letters, self.paper])


def as_it_would_be_sent(signing: Signing, *, sender: Sender, now: datetime) -> ForSigning | None:
    """Return the letter in the invited member's name, or under their authority; None where it cannot be written now.

    The name and address are the offer's, the sentence the law book's. Needs draft, offer and the offer's person.
    """
    plan = plan_for(signing.draft)
    if plan is None or signing.offer is None:
        return None
    if signing.kind == Signing.Kind.AUTHORITY:
        return _under_authority(plan, signing.offer, sender, now)
    signature = rules.Signature(
        signing.offer.legal_name,
        signing.offer.postal_address,
        signing.offer.phone,
        rules.statement_on(plan.statute, signing.offer.ground),
    )
    if not signature.statement:
        return None
    own = choices.load(signing.draft.choices)
    assert signing.signer is not None  # noqa: S101  an invitation names its signer
    plan = replace(
        plan,
        chosen=rules.in_whose_name(own, plan.statute, plan.kit, signature),
        outfit=stationery.outfit_of(signing.signer),
    )
    try:
        letters = plan.letters(sender, now)
    except ChoiceError:
        return None
    return ForSigning(plan, letters, rules.content_digest(letters), signature)


def _under_authority(plan: Plan, offer: SignerOffer, sender: Sender, now: datetime) -> ForSigning | None:
    """Return the filer's own letter with the sentence and the enclosure that name the member, and the paper itself."""
    own = choices.load(plan.draft.choices)
    asked = rules.authority_asked(own, plan.statute)
    said = rules.authority_statement(own, plan.statute, offer.legal_name, offer.ground)
    ground = rules.statement_on(plan.statute, offer.ground)
    if asked is None or not said or not ground:
        return None
    enclosed = (rules.enclosure_line(offer.legal_name, asked),)
    plan = replace(plan, chosen=rules.under_authority(own, said), enclosures=enclosed)
    try:
        letters = plan.letters(sender, now)
    except ChoiceError:
        return None
    signature = rules.Signature(offer.legal_name, offer.postal_address, offer.phone, said)
    # The member's own written signature, but not the group's letterhead: it is the member who declares this.
    agencies = [to.agency.name for to in plan.destinations]
    outfit = stationery.Outfit(None, stationery.outfit_of(offer.person).signature)
    paper = outfit.on(rules.authority_paper(asked, ground, signature, letters, agencies))
    return ForSigning(plan, letters, rules.content_digest(letters), signature, paper, outfit)


def sign(signing_id: int, *, seen: str, sender: Sender, by: Person, now: datetime) -> Signing:
    """Put the member's name, address and sentence under what they have read: the letter, or the written authority.

    1. Only the invited member, while the invitation runs and the offer stands.
    2. What is signed must be what they saw: `seen` is its digest. Of a written authority, make the PDF, outside any
       transaction: that takes a moment.
    3. Keep name, address, sentence and digest, and the paper with its hash; only one answer counts, be it from two
       windows, and only if nothing changed meanwhile.

    Raises SigningClosed, NotTheLetterRead.
    """
    shown = _ready_to_sign(_get(signing_id), seen, sender, by, now)
    pdf = b""
    if shown.paper is not None and shown.outfit is not None:
        pdf = rendering.to_pdf(rendering.to_html(shown.paper, shown.outfit.dress(shown.paper)))
    return _sign(signing_id, pdf, seen, sender, by, now)


def _ready_to_sign(signing: Signing, seen: str, sender: Sender, by: Person, now: datetime) -> ForSigning:
    if signing.signer_id != by.pk or not signing.waits_for_answer(now):
        raise SigningClosed
    shown = as_it_would_be_sent(signing, sender=sender, now=now)
    if shown is None or shown.seen != seen:
        raise NotTheLetterRead
    return shown


@transaction.atomic
def _sign(signing_id: int, pdf: bytes, seen: str, sender: Sender, by: Person, now: datetime) -> Signing:
    signing = _get(signing_id)
    Draft.objects.select_for_update().get(pk=signing.draft_id)  # it is not filed or changed meanwhile
    letter = _ready_to_sign(signing, seen, sender, by, now)
    signed = Signing.objects.filter(pk=signing_id, state=Signing.State.INVITED).update(
        state=Signing.State.SIGNED,
        ended_at=now,
        legal_name=letter.signature.legal_name,
        postal_address=letter.signature.postal_address,
        phone=letter.signature.phone,
        statement=letter.signature.statement,
        content_sha256=letter.digest,
    )
    if not signed:
        raise SigningClosed
    if letter.paper is not None:
        content: Any = dump_letter(letter.paper)
        AuthorityPaper.objects.create(
            signing_id=signing_id,
            content=content,
            pdf=base64.b64encode(pdf).decode("ascii"),
            sha256=hashlib.sha256(pdf).hexdigest(),
            made_at=now,
        )
    audit("signature_given", signing.draft, by=None, now=now, signing=signing_id)
    telling.tell_filer(signing, "signed", now=now)
    return _get(signing_id)


@transaction.atomic
def decline(signing_id: int, *, reason: str = "", by: Person, now: datetime) -> None:
    """Say no, with a reason for the coordinators or without one. They look for somebody else. Raises SigningClosed."""
    signing = _get(signing_id)
    if signing.signer_id != by.pk or signing.state != Signing.State.INVITED:
        raise SigningClosed
    if not _look_for_another(signing, Signing.State.DECLINED, now=now, reason=reason):
        raise SigningClosed


@transaction.atomic
def take_signature_back(signing_id: int, *, by: Person, now: datetime) -> None:
    """Take one's signature back while the letter has not been filed. Raises SigningClosed."""
    signing = _get(signing_id)
    draft = Draft.objects.select_for_update().get(pk=signing.draft_id)
    if signing.signer_id != by.pk or not draft.is_open:
        raise SigningClosed
    if not _end(signing, Signing.State.WITHDRAWN, was=(Signing.State.SIGNED,), now=now):
        raise SigningClosed
    audit("signature_taken_back", draft, by=None, now=now, signing=signing_id)
    telling.tell_filer(signing, "withdrawn", now=now)


@transaction.atomic
def look_at_signature(draft_id: UUID, *, sender: Sender, now: datetime) -> Signing | None:
    """End a signing that a change of the draft has overtaken, and return it; None where nothing ended.

    Void: the letter says something else than what was signed. Withdrawn: the filer now signs it alone. Filing looks
    again by itself (`papers.signature_remark`); this is for telling people at once.
    """
    signing = _open(draft_id)
    if signing is None or not signing.draft.is_open:
        return None
    if kind_needed(signing.draft) != signing.kind:
        ended = Signing.State.WITHDRAWN
    elif signing.state == Signing.State.SIGNED and not _stands(signing, sender, now):
        ended = Signing.State.VOID
    else:
        return None
    if not _end(signing, ended, was=Signing.OPEN, now=now):
        return None
    audit(f"signature_{ended.value}", signing.draft, by=None, now=now, signing=signing.pk)
    if signing.state == Signing.State.SIGNED:
        telling.tell_signer_void(signing, now=now)
    signing.state = ended
    return signing


def _stands(signing: Signing, sender: Sender, now: datetime) -> bool:
    plan = plan_for(signing.draft)
    if plan is None:
        return False
    try:
        return rules.content_digest(plan.letters(sender, now)) == signing.content_sha256
    except ChoiceError:
        return False
