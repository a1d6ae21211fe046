"""How a later letter comes to be: from a request's rows, its law and what the writer chose, to a finished letter.

Reads rows that it is given; writes nothing. Where a letter goes to another body than the agency, that body's address is
what a person entered (`agencies.models.BodyContact`), never the law book's or a guess.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any, Final, cast

from django.utils.translation import gettext as _

from requests_app.agencies.models import Agency, BodyContact, ContactPoint
from requests_app.filing import lawbook
from requests_app.filing.fees import Account
from requests_app.filing.lifecycle import EventKind, Phase, Status
from requests_app.filing.matter import MatterRows, account_of, matter_of
from requests_app.filing.models import Delivery, Event, NextLetter, NextLetterVersion
from requests_app.filing.readiness import sign_remarks
from requests_app.kits import editing
from requests_app.kits.addressees import addressee_at
from requests_app.kits.catalog import UnknownKit, get_kit
from requests_app.kits.editing import Merged
from requests_app.kits.later import LaterSender, LetterType, compose_later, event_kind_of, letter_type
from requests_app.kits.letters import Addressee, Letter, Warning
from requests_app.kits.letters import load as load_letter
from requests_app.kits.matter import Duty, Matter
from requests_app.kits.situations import Offer, offers, recommended
from requests_app.kits.steps import Step, steps_by
from requests_app.law.schema import Statute

# The first letter has not arrived: nothing can follow it.
_NOT_OUT: Final = frozenset({Status.READY, Status.SENDING, Status.UNDELIVERED})
# What may happen to a request without any letter being overtaken by it.
_NO_NEWS: Final = frozenset({EventKind.ASSIGNED, EventKind.OPENED, EventKind.QUEUED, EventKind.TAKEN_BACK})


@dataclass(frozen=True, slots=True)
class Way:
    """How a later letter leaves, and to which address. `body`: who hears it, where that is not the agency.

    `looked_up`: whoever sends it said just now where they saw this address, so that nobody else has to confirm it for
    this one letter.
    """

    delivery: Delivery
    contact: ContactPoint | None = None
    body: str = ""
    body_contact: BodyContact | None = None
    looked_up: bool = False

    @property
    def address(self) -> str:
        """Return the address as it was entered; empty for a letter that is handed over in person."""
        known = self.body_contact or self.contact
        return known.value if known is not None else ""


@dataclass(frozen=True)
class Desk:
    """One request with its law on a day, ready to write any later letter. Everything was read before; nothing queries.

    `custodians`: the agencies that share custody in its state, itself among them, with roles and current contacts.
    """

    rows: MatterRows
    agency: Agency
    custodians: Sequence[Agency]
    today: date
    reply_address: str
    organisation: str = ""
    body_contacts: Mapping[str, Sequence[BodyContact]] = field(default_factory=dict)

    @cached_property
    def matter(self) -> Matter:
        return matter_of(self.rows, self.today)

    @cached_property
    def statute(self) -> Statute:
        return lawbook.statute_of(self.rows.records_request.jurisdiction)

    @cached_property
    def account(self) -> Account:
        return account_of(self.rows)

    @cached_property
    def offers(self) -> tuple[Offer, ...]:
        """Which letters make sense now, the most fitting first."""
        return offers(self.matter, self.statute)

    def offer(self, key: str, rule_id: str = "") -> Offer | None:
        """Return what the law and the events say about one letter, for one review where it can ask for several."""
        found = [offer for offer in self.offers if offer.key == key]
        return next((offer for offer in found if rule_id and offer.rule_id == rule_id), found[0] if found else None)

    def step(self, key: str, rule_id: str = "") -> Step | None:
        """Return the review that a letter asks for, by the rule that was chosen, else by the one that is offered."""
        found = steps_by(key, self.statute, self.matter)
        offer = self.offer(key)
        wanted = rule_id or (offer.rule_id if offer else None)
        return next((step for step in found if step.rule.id == wanted), found[0] if found else None)

    def deadline_of(self, step: Step) -> Duty | None:
        """Return the projected day by which this step must be taken."""
        return next((duty for duty in self.matter.duties if duty.rule_id == step.rule.id), None)

    @property
    def newest(self) -> int:
        """The number of the newest event taken into account."""
        return max((event.sequence for event in self.rows.events), default=0)

    def sender(self) -> LaterSender:
        """Return who signs: the requester of the first letter, since one and the same person goes on."""
        letter, choices = self.rows.letter, self.rows.choices
        if choices is not None and choices.requester_name:
            return LaterSender(
                requester_name=choices.requester_name,
                reply_address=self.reply_address,
                organisation=self.organisation or None,
                postal_address=tuple(choices.postal_address.splitlines()),
                phone=choices.phone or None,
            )
        lines = letter.closing.lines if letter is not None else ()
        return LaterSender(
            requester_name=letter.closing.name if letter is not None else "",
            reply_address=self.reply_address,
            organisation=self.organisation or None,
            # The line of the group is written anew; what follows it is the address and the telephone number.
            postal_address=tuple(line for line in lines if not line.startswith("for ")),
        )

    def addressee(self, kind: LetterType, way: Way, step: Step | None) -> Addressee:
        """Return whom the letter addresses: the agency's records office, the agency's head, or another body."""
        agency = addressee_at(self.agency, way.contact, self.custodians)
        if kind.to == "agency":
            return agency
        if step is not None and step.body.within_agency and way.body_contact is None:
            return replace(agency, office_or_title=step.body.dear)
        contact = way.body_contact
        name = contact.name if contact else (step.body.name if step else way.body)
        value, channel = (contact.value, contact.channel) if contact else ("", "")
        return Addressee(
            agency_code=self.agency.code,
            name=name.removeprefix("the ") if contact is None else name,
            postal_address=tuple(value.splitlines()) if channel == BodyContact.Channel.POST else (),
            email=value if channel == BodyContact.Channel.EMAIL else None,
            portal_url=value if channel == BodyContact.Channel.PORTAL else None,
            dmv_name=agency.dmv_name,
            control_point_name=agency.control_point_name,
        )

    def compose(self, key: str, inputs: Mapping[str, Any], way: Way) -> Letter:
        """Return the letter. Raises kits.letters.ChoiceError and kits.later.UnknownLetter."""
        kind = letter_type(key)
        step = self.step(key, str(inputs.get("rule_id", "")))
        given = {name: value for name, value in inputs.items() if name != SETTLES} | {"delivery": way.delivery.value}
        if step is not None:
            given["rule_id"] = step.rule.id
        return compose_later(kind, self.statute, self.addressee(kind, way, step), self.matter, self.sender(), given)

    def kind_when_sent(self, key: str, inputs: Mapping[str, Any]) -> EventKind:
        """Return what is recorded when the letter leaves.

        Accepting a fee settles it only where the writer says so: many agencies wait for the money itself. An answer
        that nobody waits for any more is a letter like any other.
        """
        kind = letter_type(key)
        rule_id = str(inputs.get("rule_id", "")) or None
        found = EventKind(event_kind_of(kind, self.statute, self.matter, rule_id))
        if found is EventKind.FEE_PAID and not inputs.get(SETTLES):
            return EventKind.FOLLOW_UP
        if found is EventKind.CLARIFIED and not self._is_asked():
            return EventKind.FOLLOW_UP
        return found

    def _is_asked(self) -> bool:
        kinds = [happening.kind for happening in self.matter.happened]
        return kinds.count(EventKind.CLARIFICATION_REQUESTED.value) > kinds.count(EventKind.CLARIFIED.value)


def offers_for(rows: MatterRows, today: date) -> tuple[Offer, ...]:
    """Return which later letters make sense, the most fitting first; none where no records law applies.

    For lists: from events and deadlines alone, without the first letter or the agency's words.
    """
    request = rows.records_request
    if request.status in _NOT_OUT or request.phase == Phase.DONE or not under_records_law(request.kit_id):
        return ()
    return offers(matter_of(rows, today), lawbook.statute_of(request.jurisdiction))


def recommended_for(rows: MatterRows, today: date) -> tuple[Offer, ...]:
    """Return the letter to write now, alone, as `offers_for` would put it first; nothing where we wait."""
    request = rows.records_request
    if request.status in _NOT_OUT or request.phase == Phase.DONE or not under_records_law(request.kit_id):
        return ()
    found = recommended(matter_of(rows, today), lawbook.statute_of(request.jurisdiction))
    return () if found is None else (found,)


# The one thing that the form asks beside the letter's own inputs: whether accepting a fee settles it.
SETTLES: Final = "settles"


def under_records_law(kit_id: str) -> bool:
    """Return whether the kit is a records request. One that the catalog no longer has was, as all but one are."""
    try:
        return get_kit(kit_id).kind == "records"
    except UnknownKit:
        return True


def overtaken_by(letter: NextLetter, events: Iterable[Event]) -> list[Event]:
    """Return what happened to the request since the letter was written, the oldest first."""
    return [
        event for event in events if event.sequence > letter.basis_sequence and EventKind(event.kind) not in _NO_NEWS
    ]


def finished(letter: NextLetter) -> Letter:
    """Return the letter as it stands: as it was written, with what a person changed in it."""
    stored: Any = letter.generated
    written = load_letter(stored)
    kept: Any = letter.edits
    edits = editing.load(kept) if kept else None
    return editing.edited(written, edits) if edits is not None else written


def wording_of(letter: NextLetter | NextLetterVersion) -> Merged:
    """Return what people wrote in a letter, over the letter as it was last composed, and what moved underneath."""
    stored: Any = letter.generated
    written = load_letter(stored)
    kept: Any = letter.edits
    edits = editing.load(kept) if kept else None
    return editing.merge(edits, written) if edits is not None else Merged(edits=editing.begin(written))


def wording_remarks(letter: NextLetter) -> list[Warning]:
    """Return what is to be said of the words that people wrote: a stop where law moved on under them."""
    found = [Warning(level=remark.level, text=remark.text) for remark in sign_remarks([finished(letter)])]
    moved = [drift for drift in wording_of(letter).drift if drift.needs_a_look]
    if moved:
        text = _(
            "Since the words of this letter were changed, its generated text moved on where somebody had written "
            "something else. Their words stand. Compare them under “Change the words”, then keep them again."
        )
        found.append(Warning(level="stop" if any(drift.block.legal for drift in moved) else "check", text=text))
    return found


def way_of(letter: NextLetter) -> Way:
    """Return how a stored letter leaves."""
    return Way(Delivery(letter.delivery), letter.contact_point, letter.body, letter.body_contact)


def stops(desk: Desk, key: str, letter: Letter, way: Way, rule_id: str = "") -> list[Warning]:
    """Return what must be settled before this letter may leave, and what to look at once more, stops first.

    A letter that would say that the agency is late waits until the law says so, whatever its writer thinks.
    """
    found: list[Warning] = []
    offer = desk.offer(key, rule_id)
    if offer is not None and offer.fits == "too_early":
        found.append(Warning(level="stop", text=_("It is too early for this letter. %(why)s") % {"why": offer.why}))
    elif offer is not None and offer.fits == "not_here":
        found.append(Warning(level="check", text=offer.why))
    step = desk.step(key, rule_id) if letter_type(key).to == "body" else None
    if step is not None and way.contact is None and way.body_contact is None:
        text = _("Nobody has entered where %(body)s is reached. Look it up on the body's own page.")
        found.append(Warning(level="check", text=text % {"body": step.body.name}))
    if not way.address and way.delivery != Delivery.HAND:
        found.append(Warning(level="stop", text=_("No address is chosen. Choose one, or add the one you found.")))
    if way.contact is not None and not way.contact.may_be_used_unasked and not way.looked_up:
        text = _("Nobody has confirmed the address %(address)s. Look it up and say where you saw it.")
        if way.contact.health == ContactPoint.Health.BOUNCED:
            text = _("Mail to %(address)s came back. Check it, or choose another address.")
        found.append(Warning(level="stop", text=text % {"address": way.contact.value.replace("\n", ", ")}))
    if way.body_contact is not None and way.body_contact.retired_at is not None:
        found.append(Warning(level="stop", text=_("This address is no longer used. Choose another.")))
    said = {warning.text for warning in found}
    found += [warning for warning in letter.warnings if warning.text not in said]
    rank = {"stop": 0, "check": 1, "note": 2}
    return sorted(found, key=lambda warning: rank[warning.level])


def ways_to_agency(desk: Desk) -> list[Way]:
    """Return every way by which a letter can reach the agency: the way of the first letter, then the others."""
    request = desk.rows.records_request
    contacts: Sequence[ContactPoint] = desk.agency.current_contacts  # type: ignore[attr-defined]
    able = [one for one in contacts if one.channel in Delivery.values]
    able.sort(key=lambda one: (one.pk != request.contact_point_id, not one.may_be_used_unasked))
    return [*(Way(Delivery(one.channel), one) for one in able), Way(Delivery.HAND)]


def ways_to_body(desk: Desk, step: Step) -> list[Way]:
    """Return every way by which a letter can reach the body that hears this step, the newest address first."""
    body = step.body.name
    known = [Way(Delivery(one.channel), None, body, one) for one in desk.body_contacts.get(body, ())]
    own = [replace(way, body=body) for way in ways_to_agency(desk)] if step.body.within_agency else []
    return [*known, *own] or [Way(Delivery.HAND, None, body)]


def ways(desk: Desk, key: str, rule_id: str = "") -> list[Way]:
    """Return every way by which this letter can leave; the first is the one that is proposed."""
    kind = letter_type(key)
    step = desk.step(key, rule_id)
    if kind.to == "agency":
        return ways_to_agency(desk)
    if step is None:
        return [Way(Delivery.HAND)]
    found = ways_to_body(desk, step)
    return (
        found
        if any(way.delivery == Delivery.HAND for way in found)
        else [*found, Way(Delivery.HAND, None, step.body.name)]
    )


def level_of(desk: Desk, key: str, inputs: Mapping[str, Any]) -> str:
    """Return what kind of body hears this letter, as the law book has it; empty for a letter to the agency."""
    step = desk.step(key, str(inputs.get("rule_id", "")))
    kind = letter_type(key)
    return cast(str, (step.rule.level if step is not None else None) or kind.body_level or "")
