"""What a campaign's planning table says of each target: whom, which way, who may sign, what is missing. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from django.db.models import TextChoices
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from requests_app.agencies.models import Agency, AgencyRole, ContactPoint
from requests_app.filing.choices import DraftChoices
from requests_app.filing.models import CampaignTarget, Delivery, Draft, RecordsRequest
from requests_app.kits.schema import Kit
from requests_app.law.rows import Deadline
from requests_app.law.schema import StandingException, Statute
from requests_app.people.models import Person
from requests_app.people.states import name_of

SHARED: Final = (
    "period_start",
    "period_end",
    "block_date",
    "fmt",
    "fee_limit_cents",
    "ask_fee_waiver",
    "include_definitions",
    "include_preservation",
    "extra_paragraph",
)
"""The answers of a draft that a whole campaign may share. What is a person's own is not among them."""

OWN_TO_A_STATE: Final = (*SHARED, "standing", "residency_statement")
"""The answers in which one target may differ: also the exception by which somebody else may ask in a closed state."""

WRITTEN_WAYS: Final = frozenset(channel.value for channel in Delivery if channel != Delivery.HAND)
_ROUTE_HINTS: Final = ("portal_only", "own_form_or_route", "follow_published_procedure")
_FIRST_DUTIES: Final = ("determination", "production", "acknowledgment")


class Standing(TextChoices):
    """Where a target stands, in the order in which things are settled. What comes first hides what comes later."""

    FILED = "filed", _("filed")
    SKIPPED = "skipped", _("skipped")
    READY = "ready", _("ready")
    NEEDS_AGENCY = "needs_agency", _("needs an agency")
    ASKED_ALREADY = "asked_already", _("already asked")
    NEEDS_SIGNER = "needs_signer", _("needs a signer")
    NEEDS_RESIDENT = "needs_resident", _("needs a signer who may ask there")
    NEEDS_MEMBER = "needs_member", _("needs a member’s signature")
    NEEDS_ADDRESS = "needs_address", _("needs an address")
    NEEDS_CONFIRMATION = "needs_confirmation", _("needs a confirmed address")
    NEEDS_SIGNATURE = "needs_signature", _("needs to be signed")
    CHANGED = "changed", _("changed since it was signed")


TONES: Final[dict[Standing, str]] = {
    Standing.FILED: "good",
    Standing.SKIPPED: "neutral",
    Standing.READY: "action",
}
"""The tone of a standing; every "needs ..." is amber."""


class WhoMaySign(TextChoices):
    """Whom the state's law admits."""

    ANYONE = "anyone", _("anyone")
    UNSETTLED = "unsettled", _("not settled; better a resident")
    RESIDENTS = "residents", _("residents or citizens only")
    EXCEPTION = "exception", _("by the exception that is stated")


@dataclass(frozen=True, slots=True)
class Willing:
    """Who could sign in a state: the members who offered, by id, and how many members live there.

    The ids are for coordinators and for rules; what a volunteer sees holds numbers alone (`Planned`).
    """

    offered: frozenset[int] = frozenset()
    live_there: int = 0


NOBODY: Final = Willing()


@dataclass(frozen=True, slots=True)
class Asked:
    """One agency of a target: by which way, and the group's request that already runs there for the same kit.

    `filed`: the request that the letter of this target became.
    """

    agency: Agency
    delivery: str
    contact: ContactPoint | None
    running: RecordsRequest | None = None
    filed: RecordsRequest | None = None

    @property
    def way(self) -> str:
        """How the letter goes, in words."""
        return str(Delivery(self.delivery).label)

    @property
    def address_state(self) -> str:
        """Return "usable", "unconfirmed" or "none"."""
        if self.delivery == Delivery.HAND:
            return "usable"
        if self.contact is None or self.contact.health in (ContactPoint.Health.RETIRED, ContactPoint.Health.BOUNCED):
            return "none"
        return "usable" if self.contact.may_be_used_unasked else "unconfirmed"


@dataclass(frozen=True, slots=True)
class Planned:
    """One row of the planning table. `missing` is empty for what is ready, filed or skipped.

    `offers`: how many members offered to sign in this state; `live_there`: how many live there. `exceptions`: by which
    somebody else may ask under a law that is open to residents. `member_signs`: a member signed what the assignee
    wrote.
    """

    target: CampaignTarget
    asks: tuple[Asked, ...]
    left_out: tuple[Asked, ...]
    who_may_sign: WhoMaySign
    standing: Standing
    missing: tuple[Standing, ...]
    route_note: str = ""
    expected: Deadline | None = None
    filed: tuple[RecordsRequest, ...] = ()
    offers: int = 0
    live_there: int = 0
    exceptions: tuple[StandingException, ...] = ()
    member_signs: bool = False

    @property
    def willing_words(self) -> str:
        """How many members offered to sign in this state, or whom to ask; empty where anybody may."""
        if self.who_may_sign not in (WhoMaySign.RESIDENTS, WhoMaySign.UNSETTLED):
            return ""
        return willing_in_words(self.offers, self.live_there, name_of(self.target.jurisdiction))

    @property
    def tone(self) -> str:
        """The tone of the status tag."""
        return TONES.get(self.standing, "soon")


def choices_for(shared: Mapping[str, Any], own: Mapping[str, Any]) -> DraftChoices:
    """Return the answers of one target: the campaign's, and over them its own. Unknown names are left out."""
    kept = {name: shared[name] for name in SHARED if name in shared}
    kept |= {name: own[name] for name in OWN_TO_A_STATE if name in own}
    return msgspec.convert(kept, DraftChoices)


def is_asked_one_by_one(jurisdiction: str) -> bool:
    """Return whether each agency gets a target of its own: federal agencies each hold records of their own."""
    return jurisdiction == "US"


def group_of(kit: Kit, jurisdiction: str, roles: Iterable[str], agencies: Sequence[Agency]) -> list[Agency]:
    """Return the agencies to ask: every one that plays a role which kit and campaign share, or the federal role.

    Every one, because custody is split, and an office that is not asked is one to which the others can point.
    `agencies`: those in use of the jurisdiction, in the order of their names, roles fetched. An agency that plays two
    roles is asked once. Federal agencies come in the order of the project's own list.
    """
    if jurisdiction == "US":
        federal = AgencyRole.Kind.FEDERAL_REQUESTER_AGENCY
        return sorted((agency for agency in agencies if _plays(agency, federal)), key=lambda agency: agency.pk)
    wanted = set(roles)
    found: dict[int, Agency] = {}
    for role in kit.holder_roles:
        if role in wanted:
            found |= {agency.pk: agency for agency in agencies if agency.pk not in found and _plays(agency, role)}
    return list(found.values())


def _plays(agency: Agency, role: str) -> bool:
    return any(held.kind == role for held in agency.roles.all())


def best_way(agency: Agency, statute: Statute) -> tuple[str, ContactPoint | None]:
    """Return how a letter best reaches an agency: the way and the contact point, None when no address is known.

    The agency needs its `current_contacts`, the best first. Where the law does not count an e-mail, other ways come
    first; where it wants the portal, the portal. An address that may be used comes before one that must be confirmed.
    """
    contacts: Sequence[ContactPoint] = agency.current_contacts  # type: ignore[attr-defined]  # by the prefetch
    portal_only = any(hint.key == "portal_only" for hint in statute.submission.hints)

    def rank(contact: ContactPoint) -> tuple[bool, bool, bool]:
        is_portal = contact.channel == ContactPoint.Channel.PORTAL
        by_mail = contact.channel == ContactPoint.Channel.EMAIL
        return (
            portal_only and not is_portal,
            statute.submission.email_allowed is False and by_mail,
            not contact.may_be_used_unasked,
        )

    ways = sorted((contact for contact in contacts if contact.channel in WRITTEN_WAYS), key=rank)
    if not ways:
        return Delivery.POST.value, None
    return ways[0].channel, ways[0]


def route_note(statute: Statute) -> str:
    """Return what the law says of forms, portals and procedures that a letter must follow; empty when it is free."""
    said = [hint.text for hint in statute.submission.hints if hint.key in _ROUTE_HINTS]
    if statute.submission.official_form_required and not said:
        return str(_("The agency may insist on its own form."))
    return " ".join(said)


def who_may_sign(statute: Statute, kit: Kit, own: Mapping[str, Any]) -> WhoMaySign:
    """Return whom this law admits. An exception counts only when the sentence that states it is written down."""
    closed = statute.requester.residents_only
    if kit.kind != "records" or closed is False:
        return WhoMaySign.ANYONE
    if own.get("standing") == "exception" and own.get("residency_statement"):
        return WhoMaySign.EXCEPTION
    return WhoMaySign.UNSETTLED if closed is None else WhoMaySign.RESIDENTS


def may_sign(who: WhoMaySign, jurisdiction: str, person: Person, willing: Willing = NOBODY) -> bool:
    """Return whether somebody may sign in their own name: the law asks nothing, they live there, or they offered to."""
    return who is not WhoMaySign.RESIDENTS or person.home_state == jurisdiction or person.pk in willing.offered


def may_be_given(who: WhoMaySign, jurisdiction: str, person: Person, willing: Willing = NOBODY) -> bool:
    """Return whether somebody may be given a target: to sign it, or to write it for a member who offered to sign."""
    return may_sign(who, jurisdiction, person, willing) or bool(willing.offered)


def willing_in_words(offers: int, live_there: int, state: str) -> str:
    """Return how many members offered to sign in a state; where nobody did, whom to ask. It names nobody."""
    facts = {"n": offers or live_there, "state": state}
    if offers:
        said = ngettext(
            "%(n)d member offered to sign in %(state)s.", "%(n)d members offered to sign in %(state)s.", offers
        )
    elif live_there:
        said = ngettext(
            "Nobody has offered to sign in %(state)s yet; ask the member who lives there.",
            "Nobody has offered to sign in %(state)s yet; ask the %(n)d members who live there.",
            live_there,
        )
    else:
        said = gettext("Nobody has offered to sign in %(state)s yet, and no member lives there; ask around.")
    return said % facts


def first_decision(deadlines: Iterable[Deadline]) -> Deadline | None:
    """Return the date by which the agency must decide, else produce, else answer at all; None without a date."""
    agencys = [row for row in deadlines if row.duty_of == "agency" and row.latest is not None]
    for kind in _FIRST_DUTIES:
        found = [row for row in agencys if row.kind == kind]
        if found:
            return min(found, key=lambda row: row.latest)  # type: ignore[arg-type,return-value]  # none is None here
    return None


def standing_of(
    target: CampaignTarget,
    asks: Sequence[Asked],
    left_out: Sequence[Asked],
    who: WhoMaySign,
    willing: Willing = NOBODY,
    *,
    member_signed: bool = False,
) -> tuple[Standing, tuple[Standing, ...]]:
    """Return where a target stands, and everything that is missing, the first to settle first.

    `member_signed`: a member to whom the law is open signed what the assignee wrote.
    Needs the target's assignee and draft. A draft that its filer filed alone counts as filed; one that was thrown away
    as never begun.
    """
    if is_filed(target):
        return Standing.FILED, ()
    if target.state == CampaignTarget.State.SKIPPED:
        return Standing.SKIPPED, ()
    missing = [*_no_signer(target, asks, who, willing, member_signed), *_missing(target, asks, left_out)]
    if Standing.NEEDS_MEMBER in missing:  # its writer can only confirm it after that
        missing = [one for one in missing if one is not Standing.NEEDS_SIGNATURE]
    return (missing[0], tuple(missing)) if missing else (Standing.READY, ())


def is_filed(target: CampaignTarget) -> bool:
    """Return whether the letters of a target are filed, by a run or by the signer alone."""
    draft = target.draft
    return target.state == CampaignTarget.State.FILED or (draft is not None and draft.filed_at is not None)


def open_draft(target: CampaignTarget) -> Draft | None:
    """Return the draft in which the letter is being made, if it is."""
    return target.draft if target.draft is not None and target.draft.is_open else None


def _no_signer(
    target: CampaignTarget, asks: Sequence[Asked], who: WhoMaySign, willing: Willing, member_signed: bool
) -> Iterable[Standing]:
    if not asks:
        return  # nothing to sign
    if target.assignee is None or not target.assignee.is_active:
        yield Standing.NEEDS_SIGNER
    elif not member_signed and not may_sign(who, target.jurisdiction, target.assignee, willing):
        yield Standing.NEEDS_MEMBER if willing.offered else Standing.NEEDS_RESIDENT


def _missing(target: CampaignTarget, asks: Sequence[Asked], left_out: Sequence[Asked]) -> Iterable[Standing]:
    if not asks:
        yield Standing.ASKED_ALREADY if left_out else Standing.NEEDS_AGENCY
        return
    states = {asked.address_state for asked in asks}
    if "none" in states:
        yield Standing.NEEDS_ADDRESS
    if "unconfirmed" in states:
        yield Standing.NEEDS_CONFIRMATION
    draft = open_draft(target)
    if draft is not None and left_out:
        yield Standing.ASKED_ALREADY  # since the letter was begun
    if target.state != CampaignTarget.State.READY or draft is None:
        if target.assignee is not None:
            yield Standing.NEEDS_SIGNATURE
    elif draft.changed_at != target.ready_draft_of:
        yield Standing.CHANGED
