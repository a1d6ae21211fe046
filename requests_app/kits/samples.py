"""Example matters for the gallery, the benchmarks and the tests: one request in each of the turns it may take.

Dates are counted by the law room from made-up events; nothing is sent anywhere. Events lie far enough back that every
unanswered duty is over, or, for `fresh`, that none is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from typing import Any, Final

from requests_app.kits.catalog import get_kit, wording_for
from requests_app.kits.composer import available_items
from requests_app.kits.later import LaterSender
from requests_app.kits.letters import Addressee
from requests_app.kits.matter import Duty, FeeLine, Fees, Happening, Matter, Refusal
from requests_app.law.book import LawBook, open_book
from requests_app.law.deadlines import project
from requests_app.law.rows import Deadline
from requests_app.law.timeline import Event, Timeline

SENT: Final = date(2026, 6, 1)
TODAY: Final = date(2026, 11, 23)

SENDER: Final = LaterSender(
    requester_name="Jane Example",
    reply_address="records@harbor.example",
    organisation="Harbor Records Group",
)

_QUOTE: Final = (
    "The requested records would reveal law enforcement techniques, and the Department is not required to create a new "
    "record to answer your request."
)

# Kinds of the request's happenings that the law room counts with, and as what.
_COUNTED: Final[dict[str, str]] = {
    "sent": "sent",
    "received": "received",
    "acknowledged": "acknowledged",
    "extension": "extension",
    "clarification_requested": "clarification_requested",
    "clarified": "clarified",
    "fee_estimated": "fee_estimated",
    "fee_paid": "fee_paid",
    "determined": "determined",
    "denied": "denied",
    "no_records": "denied",
    "produced": "produced",
    "appeal_filed": "appeal_filed",
    "appeal_decided": "appeal_decided",
}


_NO_FEES: Final = Fees()


@dataclass(frozen=True)
class Turn:
    """One turn that a request may take: what has happened, day by day after it was sent."""

    key: str
    title: str
    status: str
    events: tuple[tuple[str, int], ...]
    refusal: str | None = None
    fees: Fees = _NO_FEES


TURNS: Final = (
    Turn("fresh", "Sent yesterday", "received", ()),
    Turn("silent", "No answer at all", "received", ()),
    Turn("extended", "An extension, then silence", "extended", (("acknowledged", 2), ("extension", 3))),
    Turn("asked", "A question to us", "clarification", (("acknowledged", 2), ("clarification_requested", 3))),
    Turn(
        "fee",
        "A fee estimate",
        "fee",
        (("acknowledged", 2), ("fee_estimated", 3)),
        fees=Fees(
            estimated_cents=48_000,
            lines=(FeeLine(what="Programming", amount_cents=48_000, hours=8, rate_cents=6_000),),
            deposit_cents=24_000,
            limit_cents=5_000,
        ),
    ),
    Turn(
        "waiver_refused",
        "A fee waiver refused",
        "fee",
        (("acknowledged", 2), ("fee_estimated", 3)),
        fees=Fees(estimated_cents=48_000, waiver="refused", limit_cents=5_000),
    ),
    Turn("granted", "Granted, nothing sent", "production", (("acknowledged", 1), ("determined", 2))),
    Turn("refused", "Refused with two objections", "refused", (("acknowledged", 2), ("denied", 3)), refusal="denied"),
    Turn("none", "No records found", "refused", (("acknowledged", 2), ("no_records", 3)), refusal="no_records"),
    Turn("part", "Some records, some refused", "partial", (("determined", 2), ("produced_part", 3)), refusal="part"),
    Turn("done", "All records received", "done", (("determined", 2), ("produced", 3))),
)


def duty_of(row: Deadline) -> Duty:
    """Return a projected deadline as a later letter sees it."""
    return Duty(
        kind=row.kind,
        duty_of=row.duty_of,
        rule_id=row.rule_id,
        duty=row.duty,
        citation=row.citation,
        trigger=row.trigger,
        trigger_date=row.trigger_date,
        earliest=row.earliest,
        latest=row.latest,
        certainty=row.certainty,
        state=row.state,
        body=row.body,
        level=row.level,
        consequence=row.consequence,
        condition=row.condition,
        title=row.rule.title,
    )


def turn(key: str) -> Turn:
    """Return a turn by its key. Raises KeyError."""
    for each in TURNS:
        if each.key == key:
            return each
    raise KeyError(key)


@cache
def sample_matter(code: str, turn_key: str, *, kit_id: str = "K1", fresh_refusal: bool = False) -> Matter:
    """Return the matter of a jurisdiction in this turn.

    `fresh_refusal`: everything began a few days ago, so that the reviews are still open.
    """
    chosen = turn(turn_key)
    book = open_book(None)
    today = TODAY
    sent = today - timedelta(days=1) if turn_key == "fresh" else SENT
    if fresh_refusal:
        sent = today - timedelta(days=6)
    happened = [Happening(kind="sent", on=sent, method="email"), Happening(kind="received", on=sent)]
    happened += [Happening(kind=kind, on=sent + timedelta(days=days)) for kind, days in chosen.events]
    refused_on = max(each.on for each in happened)
    refusal = None
    if chosen.refusal is not None:
        objections = ("O3",) if chosen.refusal == "no_records" else ("O1", "O4")
        quote = "After a search we found no responsive records; Nlets maintains this information."
        refusal = Refusal(
            on=refused_on,
            kind=chosen.refusal,  # type: ignore[arg-type]
            objections=objections,
            exemptions=tuple(each.citation for each in book.statute(code).likely_exemptions[:2])
            if chosen.refusal != "no_records"
            else (),
            quote=quote if chosen.refusal == "no_records" else _QUOTE,
        )
    return with_duties(_bare_matter(code, kit_id, chosen, happened, refusal), book, today)


def with_duties(matter: Matter, book: LawBook, today: date, conditions: Mapping[str, bool] | None = None) -> Matter:
    """Return the matter on a day, its duties counted anew by the law room."""
    statute = book.statute(matter.jurisdiction)
    stated = dict(conditions if conditions is not None else matter.conditions)
    timeline = Timeline([*_events(matter.happened)])
    rows = project(statute, timeline, book.calendar(matter.jurisdiction), as_of=today, conditions=stated)
    return replace(
        matter, today=today, duties=tuple(duty_of(row) for row in rows.deadlines), conditions=tuple(stated.items())
    )


def sample_inputs(letter_key: str) -> dict[str, Any]:
    """Return inputs that fill every required field of a letter, and the optional ones that change its text."""
    inputs: dict[str, dict[str, Any]] = {
        "clarification_answer": {"answer": "I ask for monthly totals, not for single queries."},
        "narrowing_offer": {"rung": "1"},
        "fee_waiver_appeal": {"reason_given": "the request does not benefit the public"},
        "fee_acceptance": {"limit": 10_000},
        "objection_reply": {"objections": ("O1", "O4")},
        "incomplete_production": {"missing": "The totals for 2025\nThe data dictionary", "items": (1,)},
        "format_complaint": {"received_as": "a scan of printed tables"},
        "extension_unlawful": {"quote": "We need additional time to process your request."},
    }
    return inputs.get(letter_key, {})


# The turn in which each letter is at home, for the gallery.
AT_HOME: Final[dict[str, str]] = {
    "receipt_confirmation": "fresh",
    "acknowledgment_overdue": "silent",
    "determination_overdue": "silent",
    "production_overdue": "granted",
    "extension_unlawful": "extended",
    "extension_expired": "extended",
    "clarification_answer": "asked",
    "narrowing_offer": "asked",
    "fee_waiver_request": "fee",
    "fee_waiver_appeal": "waiver_refused",
    "fee_itemization": "fee",
    "deposit_objection": "fee",
    "fee_acceptance": "fee",
    "no_records_challenge": "none",
    "must_create_record": "refused",
    "objection_reply": "refused",
    "incomplete_production": "part",
    "format_complaint": "done",
    "administrative_appeal": "refused",
    "constructive_denial_appeal": "silent",
    "mediation_request": "refused",
    "attorney_general_complaint": "refused",
    "preservation_reminder": "silent",
    "notice_before_suit": "refused",
    "thanks_and_closing": "done",
    "withdrawal": "asked",
}


def sample_agency(code: str) -> Addressee:
    """Return an agency of no state in particular, for letters that nobody sends."""
    state = open_book(None).statute(code).name
    return Addressee(
        agency_code=f"{code.lower()}-example",
        name=f"{state} Department of State Police" if code != "US" else "U.S. Customs and Border Protection",
        roles=("nlets_control_point",),
        email="records@agency.example",
    )


def sample_body(name: str) -> Addressee:
    """Return a body with an example address."""
    bare = name.removeprefix("the ")
    return Addressee(
        agency_code="body",
        name=f"{bare[:1].upper()}{bare[1:]}",
        postal_address=("1 Example Street", "Exampleton 00000"),
        email="body@review.example",
    )


def _bare_matter(
    code: str, kit_id: str, chosen: Turn, happened: Iterable[Happening], refusal: Refusal | None
) -> Matter:
    kit, voice = get_kit(kit_id), wording_for(code).voice
    told = tuple(happened)
    return Matter(
        reference=f"{code}-2026-0007",
        jurisdiction=code,
        kit_id=kit.id,
        subject=f"{voice.request_label}: {kit.title}",
        status=chosen.status,
        today=TODAY,
        agency_name=sample_agency(code).name,
        delivery="email",
        sent_on=told[0].on,
        received_on=told[0].on,
        agency_reference="26-0118",
        items=tuple(item.hint for item in available_items(kit, code)),
        happened=told,
        fees=_fees(chosen.fees, told),
        refusal=refusal,
    )


def _fees(fees: Fees, told: tuple[Happening, ...]) -> Fees:
    """Return the fees of a turn with the day of their estimate."""
    return replace(fees, estimated_on=next((each.on for each in told if each.kind == "fee_estimated"), None))


def _events(happened: Iterable[Happening]) -> Iterable[Event]:
    for each in happened:
        if each.kind in _COUNTED:
            yield Event(_COUNTED[each.kind], each.on)  # type: ignore[arg-type]
