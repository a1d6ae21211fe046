"""Which letter makes sense now: every later letter judged for one request on one day, the best first. Pure.

Each letter has one judge below. It says how well the letter fits and why, in words for a volunteer:

- `now`: this is what the moment asks for. The first of these is the recommended letter.
- `possible`: it may be sent, and nothing is lost by waiting.
- `too_early`: what it speaks of has not happened yet.
- `not_here`: this law, or the end of the request, leaves no room for it.

A letter that accuses fits `now` only when a duty that surely applies has certainly been missed; where a law sets no
time at all, a polite question may be due, and the composed letter then says nothing of lateness.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Final, Literal

from requests_app.kits import naming
from requests_app.kits.catalog import letter_type, letter_types
from requests_app.kits.later import event_kind_of
from requests_app.kits.letters import Addressee
from requests_app.kits.matter import Duty, Happening, Matter
from requests_app.kits.standing import Ground
from requests_app.kits.steps import Step, applies, steps_by
from requests_app.law.schema import AppealLevel, Statute

Fit = Literal["now", "possible", "too_early", "not_here"]

# Our own rules of thumb, in days. None of them is law, and no letter names them.
CONFIRM_AFTER: Final = 7  # after sending, when nobody has confirmed receipt
ASK_AFTER: Final = 30  # for an answer, where the law sets no time
REPLY_AFTER: Final = 10  # for an answer to a letter of ours before the next step
APPEAL_LEAD: Final = 14  # before an appeal's own date, when it no longer waits for a reply
REMIND_AFTER: Final = 60  # before the agency is asked again to keep its logs

_ASK: Final = timedelta(days=ASK_AFTER)

_ORDER: Final[dict[str, int]] = {"now": 0, "possible": 1, "too_early": 2, "not_here": 3}

_NOT_OUT: Final = frozenset({"ready", "sending", "undelivered"})
_WAITING: Final = frozenset({"sent", "received", "acknowledged", "extended"})
_CAME: Final = ("produced", "produced_part")
_REFUSED: Final = ("denied", "no_records")


@dataclass(frozen=True, kw_only=True)
class Offer:
    """One letter judged for a request.

    `by`: the date that counts: with `ours`, the last safe day for our own step; otherwise the agency's latest day.
    `citation`: where the law says so. `body`: who would hear it. `preset`: inputs to begin with.
    `level`, `rule_id`: the review behind it. `agency_head`: it goes to the agency's own head. `event_kind`: what is
    recorded when it is sent. `weight` orders offers that fit alike.
    """

    key: str
    fits: Fit
    why: str
    by: date | None = None
    ours: bool = False
    citation: str | None = None
    body: str | None = None
    preset: Mapping[str, Any] = field(default_factory=dict)
    level: AppealLevel | None = None
    rule_id: str | None = None
    agency_head: bool = False
    event_kind: str = "follow_up"
    weight: int = 0


def offers(matter: Matter, statute: Statute) -> tuple[Offer, ...]:
    """Return every later letter judged for this matter, the most fitting first. At least one offer for each key."""
    found = sorted(_all_judged(matter, statute), key=_place)
    return tuple(_with_preset(offer, matter, statute) for offer in found)


def recommended(matter: Matter, statute: Statute) -> Offer | None:
    """Return the letter to write now; None when the right thing is to wait. The first of `offers`, found sooner."""
    first = min(_all_judged(matter, statute), key=_place)
    return _with_preset(first, matter, statute) if first.fits == "now" else None


def _all_judged(matter: Matter, statute: Statute) -> Iterator[Offer]:
    ground = Ground(statute, matter, Addressee(agency_code="", name=matter.agency_name))
    return (offer for letter in letter_types() for offer in _judged(letter.key, ground))


def _place(offer: Offer) -> tuple[int, int]:
    return _ORDER[offer.fits], -offer.weight


def _with_preset(offer: Offer, matter: Matter, statute: Statute) -> Offer:
    return replace(
        offer,
        event_kind=event_kind_of(letter_type(offer.key), statute, matter, offer.rule_id),
        preset={**_preset(offer, matter), **offer.preset},
    )


def _judged(key: str, ground: Ground) -> Iterator[Offer]:
    if ground.matter.status in _NOT_OUT or ground.matter.sent_on is None:
        yield Offer(key=key, fits="too_early", why="The request has not reached the agency yet. Send it first.")
        return
    yield from _JUDGES[key](key, ground)


def _preset(offer: Offer, matter: Matter) -> dict[str, Any]:
    """Return what the letter's form begins with: what was recorded of the refusal, and the review it asks for."""
    preset: dict[str, Any] = {} if offer.rule_id is None else {"rule_id": offer.rule_id}
    fields = {each.name for each in letter_type(offer.key).inputs}
    refusal = matter.refusal
    if refusal is not None:
        recorded = {"objections": refusal.objections, "exemptions": refusal.exemptions, "quote": refusal.quote}
        preset.update((name, value) for name, value in recorded.items() if name in fields and value)
    return preset


# --- asking for an answer ---------------------------------------------------------------------------------------------


def _receipt(key: str, ground: Ground) -> Iterator[Offer]:
    matter = ground.matter
    if matter.status not in _WAITING:
        yield _past(key, "The agency has the request and has moved on.")
    elif not (matter.status == "sent" or (matter.status == "received" and _silent(ground))):
        yield _past(key, "The agency has already confirmed that it has the request.")
    elif _recent(ground, key, ASK_AFTER):
        yield Offer(key=key, fits="too_early", why="We asked for this a short while ago. Give them time to answer.")
    else:
        asked_now = any(hint.key == "acknowledged_receipt_starts_clock" for hint in ground.statute.submission.hints)
        due = _sent(matter) + timedelta(days=CONFIRM_AFTER)
        if asked_now:
            yield Offer(
                key=key,
                fits="now",
                weight=40,
                why=f"In {ground.statute.name} the clock starts with the agency's own confirmation of receipt.",
            )
        elif matter.today >= due and matter.received_on is None:
            yield Offer(
                key=key,
                fits="now",
                weight=40,
                why=f"{_days(CONFIRM_AFTER)} have passed since the request was sent, and nobody has confirmed receipt.",
            )
        else:
            yield Offer(key=key, fits="possible", why="A short question whether the request arrived never hurts.")


def _overdue(kind: str, statuses: frozenset[str], nouns: str) -> Callable[[str, Ground], Iterator[Offer]]:
    """Return the judge of a letter about a duty of this kind that has not been met."""

    def judge(key: str, ground: Ground) -> Iterator[Offer]:
        matter = ground.matter
        missed = ground.missed_answer() if kind == "determination" else ground.missed(kind)
        if matter.status not in statuses:
            yield _past(key, f"The request no longer waits for {nouns}.")
        elif missed is not None:
            duty, _ = missed
            recent = _asked_lately(ground)
            yield Offer(
                key=key,
                fits="possible" if recent else "now",
                why=f"The time for {nouns} certainly ended on {naming.long_date(_latest(duty))}."
                + (" We wrote about it a few days ago; give them time to answer." if recent else ""),
                by=duty.latest,
                citation=duty.citation,
                weight=_OVERDUE_WEIGHT[kind],
            )
        elif (coming := ground.coming(kind)) is not None:
            yield Offer(
                key=key,
                fits="too_early",
                by=coming.latest,
                citation=coming.citation,
                why=f"The time for {nouns} runs through {naming.long_date(_latest(coming))}. They are not late yet.",
            )
        elif ground.happened(*_FULFILLS[kind]) is not None:
            yield _past(key, f"The agency has already given {nouns}.")
        elif ground.extended(kind):
            over = ground.missed("extension") is not None
            why = f"The agency extended the time for {nouns}."
            more = "Write about the extended time instead." if over else "Until that is over they are not late."
            yield Offer(key=key, fits="possible" if over else "too_early", why=f"{why} {more}")
        else:
            yield from _untimed(key, kind, nouns, ground)

    return judge


def _untimed(key: str, kind: str, nouns: str, ground: Ground) -> Iterator[Offer]:
    """Where no sure date counts: nothing to accuse anybody of, but after a while a question is due."""
    matter = ground.matter
    if kind == "acknowledgment" and not ground.timed(kind):
        yield Offer(
            key=key,
            fits="not_here",
            why=f"The law of {ground.statute.name} sets no time to acknowledge a request. Ask them to confirm it.",
        )
        return
    since = ground.happened("determined") if kind == "production" else None
    begun = since.on if since is not None else _sent(matter)
    reason = "depends on a fact that is not settled" if ground.timed(kind) else "is not a fixed number of days"
    asked = f"The time for {nouns} {reason} in {ground.statute.name}, so the letter asks and accuses nobody."
    long_enough = matter.today >= begun + _ASK and ground.all_over(kind)
    if not long_enough:
        yield Offer(key=key, fits="too_early", why=f"{asked} It is early to ask.")
    elif _recent(ground, key, ASK_AFTER) or _asked_lately(ground):
        yield Offer(key=key, fits="too_early", why=f"{asked} We asked a short while ago; give them time to answer.")
    elif kind == "acknowledgment":
        yield Offer(key=key, fits="possible", why=asked)
    else:
        weight = 32 if kind == "extension" else 30
        yield Offer(key=key, fits="now", weight=weight, why=f"{asked} {_days(ASK_AFTER)} have passed.")


def _extension_unlawful(key: str, ground: Ground) -> Iterator[Offer]:
    notice = ground.happened("extension")
    if notice is None:
        yield Offer(key=key, fits="too_early", why="The agency has claimed no extension.")
    elif ground.matter.status not in _WAITING:
        yield _past(key, "The request has moved on since the extension.")
    elif (late := ground.late_extension) is not None:
        recent = _recent(ground, key, REPLY_AFTER)
        yield Offer(
            key=key,
            fits="possible" if recent else "now",
            weight=70,
            by=late[1].latest,
            citation=late[1].citation,
            why=f"The extension of {naming.long_date(notice.on)} came after the time had certainly ended on "
            f"{naming.long_date(_latest(late[1]))}.",
        )
    elif not any(rule.kind == "extension" for rule in ground.law.rules):
        yield Offer(
            key=key,
            fits="possible",
            why=f"The law book knows no extension in {ground.statute.name}. The letter asks which rule they rely on.",
        )
    else:
        yield Offer(
            key=key,
            fits="possible",
            why="The letter asks which ground of the law applies. It accuses nobody of anything.",
        )


def _extension_expired(key: str, ground: Ground) -> Iterator[Offer]:
    if ground.happened("extension") is None:
        yield Offer(key=key, fits="too_early", why="The agency has claimed no extension.")
        return
    yield from _overdue("extension", _WAITING, "an answer after the extension")(key, ground)


# --- answering the agency ---------------------------------------------------------------------------------------------


def _clarification(key: str, ground: Ground) -> Iterator[Offer]:
    if ground.matter.status != "clarification":
        yield Offer(key=key, fits="too_early", why="The agency has no open question to us.")
        return
    reply = _our_reply(ground, "clarification_request")
    yield Offer(
        key=key,
        fits="now",
        weight=90,
        ours=True,
        by=reply.earliest if reply is not None else None,
        citation=reply.citation if reply is not None else None,
        why="The agency waits for our answer, and the request may rest until it has it."
        if reply is None or reply.earliest is None
        else f"The agency waits for our answer; the safe day for it is {naming.long_date(reply.earliest)}.",
    )


def _narrowing(key: str, ground: Ground) -> Iterator[Offer]:
    matter, refusal = ground.matter, ground.matter.refusal
    if matter.status == "done":
        yield _past(key, "The request is closed.")
    elif (
        refusal is not None and "O8" in refusal.objections and matter.status in ("refused", "partial", "clarification")
    ):
        recent = _recent(ground, key, REPLY_AFTER)
        yield Offer(
            key=key,
            fits="possible" if recent else "now",
            weight=68,
            why="They say that the request is too much work. A smaller first step answers that.",
        )
    elif matter.status in ("clarification", "fee", "refused"):
        yield Offer(
            key=key, fits="possible", why="A smaller first step often gets an answer sooner or cheaper.", weight=10
        )
    else:
        yield Offer(key=key, fits="too_early", why="Nobody has said that the request is too large.")


# --- fees -------------------------------------------------------------------------------------------------------------


def _fee_open(key: str, ground: Ground) -> Offer | None:
    """Return why a fee letter is out of place; None when a fee is open."""
    if ground.matter.status == "done":
        return _past(key, "The request is closed.")
    if ground.matter.status != "fee" and ground.matter.fees.estimated_cents is None:
        return Offer(key=key, fits="too_early", why="The agency has asked for no fee.")
    return None


def _fee(
    judge: Callable[[str, Ground, bool], Offer],
) -> Callable[[str, Ground], Iterator[Offer]]:
    """Return the judge of a fee letter; it is asked only while a fee is open, and learns whether the agency waits."""

    def whole(key: str, ground: Ground) -> Iterator[Offer]:
        closed = _fee_open(key, ground)
        if closed is not None:
            yield closed
            return
        offer = judge(key, ground, ground.matter.status == "fee")
        if offer.fits == "now" and _recent(ground, key, REPLY_AFTER):
            offer = replace(offer, fits="possible", why=f"{offer.why} We wrote this a few days ago.")
        reply = _our_reply(ground, "fee_estimate")
        if reply is not None and offer.fits in ("now", "possible"):
            offer = replace(offer, by=reply.earliest, ours=True, citation=offer.citation or reply.citation)
        yield offer

    return whole


def _waiver_request(key: str, ground: Ground, waits: bool) -> Offer:
    fees, basis = ground.matter.fees, ground.voice.waiver_basis
    if fees.waiver != "not_asked":
        return _past(key, "A waiver has been asked for already.")
    citation = ground.statute.fees.citation
    if basis == "none":
        return Offer(
            key=key,
            fits="possible",
            citation=citation,
            why="This law gives no waiver that can be claimed; the agency can still be asked for one.",
        )
    words = "says when a waiver is due" if basis == "right" else "lets the agency waive fees"
    small = _within_limit(ground)
    return Offer(
        key=key,
        fits="now" if waits and not small else "possible",
        weight=62,
        citation=citation,
        why=f"This law {words}, and none has been asked for since the estimate.",
    )


def _waiver_appeal(key: str, ground: Ground, waits: bool) -> Offer:
    fees = ground.matter.fees
    if fees.waiver not in ("refused", "part"):
        return Offer(key=key, fits="too_early", why="No waiver has been refused.")
    return Offer(
        key=key,
        fits="now" if waits and ground.voice.waiver_basis != "none" else "possible",
        weight=64,
        citation=ground.statute.fees.citation,
        why="They refused the waiver, or a part of it. Ask them to look again.",
    )


def _itemization(key: str, ground: Ground, waits: bool) -> Offer:
    fees = ground.matter.fees
    if fees.lines:
        return Offer(
            key=key, fits="possible", why="The estimate has lines already; the letter asks for what they leave open."
        )
    return Offer(
        key=key,
        fits="now" if waits and not _within_limit(ground) else "possible",
        weight=60,
        why="They name a sum and not how they reached it.",
        citation=ground.statute.fees.citation,
    )


def _deposit(key: str, ground: Ground, waits: bool) -> Offer:
    if not ground.matter.fees.deposit_cents:
        return Offer(key=key, fits="too_early", why="They have asked for no money in advance.")
    return Offer(
        key=key,
        fits="now" if waits and not _within_limit(ground) else "possible",
        weight=58,
        why="They want money before they begin. Ask for the free part first.",
        citation=ground.statute.fees.citation,
    )


def _acceptance(key: str, ground: Ground, waits: bool) -> Offer:
    fees = ground.matter.fees
    small = _within_limit(ground)
    preset = {"limit": fees.estimated_cents} if fees.estimated_cents is not None and small else {}
    if small and waits and fees.waiver != "asked":
        return Offer(
            key=key,
            fits="now",
            weight=66,
            preset=preset,
            why=f"The fee is within the limit of {naming.dollars(fees.limit_cents or 0)} that the request named.",
        )
    return Offer(
        key=key,
        fits="possible",
        preset=preset,
        why="Paying ends the dispute over the fee. Whether to pay is the group's choice.",
    )


# --- disputes ---------------------------------------------------------------------------------------------------------


def _dispute(fits_refusal: Callable[[Ground], bool], why: str, weight: int) -> Callable[[str, Ground], Iterator[Offer]]:
    """Return the judge of a letter that answers a refusal; what was answered already is not pressed again."""

    def judge(key: str, ground: Ground) -> Iterator[Offer]:
        matter = ground.matter
        if matter.status == "done":
            yield _past(key, "The request is closed.")
        elif not ground.refused:
            yield Offer(key=key, fits="too_early", why="The agency has refused nothing.")
        elif not fits_refusal(ground):
            yield Offer(key=key, fits="possible", why=f"Only if they say it: {why[:1].lower()}{why[1:]}")
        elif matter.status == "appeal" or _recent(ground, key, None):
            yield Offer(key=key, fits="possible", why=f"{why} We have answered this already.")
        else:
            yield Offer(key=key, fits="now", why=why, weight=weight)

    return judge


def _raises(*names: str) -> Callable[[Ground], bool]:
    def raised(ground: Ground) -> bool:
        refusal = ground.matter.refusal
        return refusal is not None and not set(names).isdisjoint(refusal.objections)

    return raised


def _found_none(ground: Ground) -> bool:
    refusal = ground.matter.refusal
    return (refusal is not None and refusal.kind == "no_records") or (
        refusal is None and ground.happened("no_records") is not None
    )


def _only_create(ground: Ground) -> bool:
    refusal = ground.matter.refusal
    return refusal is not None and set(refusal.objections) == {"O4"} and not refusal.exemptions


def _refused_in_words(ground: Ground) -> bool:
    refusal = ground.matter.refusal
    if _found_none(ground) or _only_create(ground):
        return False
    return refusal is not None or ground.happened("denied") is not None


def _incomplete(key: str, ground: Ground) -> Iterator[Offer]:
    if ground.happened(*_CAME) is None:
        yield Offer(key=key, fits="too_early", why="No records have come yet.")
    else:
        yield Offer(
            key=key,
            fits="possible",
            why="Right when something that was asked for is missing and was not refused.",
            weight=8,
        )


def _format(key: str, ground: Ground) -> Iterator[Offer]:
    if ground.happened(*_CAME) is None:
        yield Offer(key=key, fits="too_early", why="No records have come yet.")
    else:
        yield Offer(
            key=key,
            fits="possible",
            why="Right when data came as a scan or a picture.",
            weight=6,
            citation=ground.statute.electronic_copies.citation,
        )


def _preservation(key: str, ground: Ground) -> Iterator[Offer]:
    matter = ground.matter
    if matter.status == "done":
        yield _past(key, "The request is closed.")
        return
    kit = ground.kit
    rolls = kit is not None and kit.preservation == "logs"
    old = matter.today >= _sent(matter) + timedelta(days=REMIND_AFTER)
    why = (
        "Nlets says that it keeps about one year, so each day of delay can lose a day of records."
        if rolls
        else "Records are deleted on schedules; asking to keep them costs nothing."
    )
    yield Offer(key=key, fits="possible", why=why, weight=12 if old and rolls else 2)


# --- reviews ----------------------------------------------------------------------------------------------------------


def _review(key: str, ground: Ground) -> Iterator[Offer]:
    """Judge a letter to a body: an offer for each review that the law opens this way, or one that says so."""
    matter = ground.matter
    found = steps_by(key, ground.statute, matter)
    if not found:
        yield Offer(key=key, fits="not_here", why=_NO_BODY[key].format(state=ground.statute.name))
    for step in found:
        yield _review_offer(key, step, ground)


def _review_offer(key: str, step: Step, ground: Ground) -> Offer:
    matter, row = ground.matter, step.row
    offer = Offer(
        key=key,
        fits="too_early",
        why="",
        by=row.earliest if row is not None else None,
        ours=True,
        citation=step.rule.citation,
        body=step.body.name,
        level=step.rule.level,
        rule_id=step.rule.id,
        agency_head=step.body.within_agency,
    )
    if matter.status == "done":
        return replace(offer, fits="not_here", why="The request is closed. Reopen it first.", by=None)
    if matter.status == "appeal":
        return replace(offer, why="A review is under way. Wait for its decision.")
    if step.second and not _decided_by(step, ground):
        return replace(offer, why=f"Going to {step.body.name} comes after another body's decision.")
    cause = _cause(key, step, ground)
    if cause is None:
        return replace(offer, why=_NO_CAUSE[key])
    return _ripe(offer, step, cause, ground)


def _ripe(offer: Offer, step: Step, cause: str, ground: Ground) -> Offer:
    """Judge a review that is open: its own date presses, or a letter to the agency comes first."""
    matter, row = ground.matter, step.row
    unsure = applies(step.rule, ground.conditions) is None or step.rule.confidence == "low"
    if row is not None and row.latest is not None and row.latest < matter.today:
        ended = naming.long_date(row.latest)
        return replace(
            offer, fits="possible", why=f"{cause} But by our count the time for it ended on {ended}. Ask a lawyer."
        )
    until = f" The safe day for it is {naming.long_date(row.earliest)}." if row is not None and row.earliest else ""
    if unsure:
        note = step.rule.condition or "the law book is not sure of this step"
        return replace(offer, fits="possible", why=f"{cause}{until} Check first: {note}.")
    pressing = (
        row is not None and row.earliest is not None and matter.today + timedelta(days=APPEAL_LEAD) >= row.earliest
    )
    tried = _last_try(ground)
    waited = tried is not None and matter.today >= tried.on + timedelta(days=REPLY_AFTER)
    if offer.key in ("mediation_request", "attorney_general_complaint"):
        first = (
            offer.key == "mediation_request"
            and event_kind_of(letter_type(offer.key), ground.statute, matter, step.rule.id) == "appeal_filed"
        )
        ready = waited and (first or not _has_appeal(ground))
        weight = 74 if first else 50
        return replace(offer, fits="now" if ready else "possible", weight=weight, why=f"{cause}{until}")
    weight = 95 if pressing else 76
    if pressing or waited:
        return replace(offer, fits="now", weight=weight, why=f"{cause}{until}")
    return replace(
        offer,
        fits="possible",
        weight=40,
        why=f"{cause}{until} A letter to the agency may settle it sooner; there is time for both.",
    )


def _cause(key: str, step: Step, ground: Ground) -> str | None:
    """Return what opens a review, in a sentence; None when nothing has."""
    refused = ground.refused
    if key == "constructive_denial_appeal":
        if ground.matter.status not in _WAITING or not ground.silence_opens(step):
            return None
        return "The agency is silent, and this law lets that count as a denial."
    if step.body.about == "fee":
        return "The fee is in dispute." if ground.matter.status == "fee" else None
    if step.second:
        return "The first review has been decided."
    if refused:
        said = "says that it has no records" if _found_none(ground) else "refused"
        return f"The agency {said}, and {step.body.name} can look at that."
    if key in ("mediation_request", "attorney_general_complaint"):
        if ground.missed_date() is not None:
            return "The agency has certainly missed a date."
        waiting = ground.matter.status in _WAITING and not ground.timed("determination")
        if key == "mediation_request" and waiting and ground.matter.today >= _sent(ground.matter) + 2 * _ASK:
            return "The agency has not answered for a long time, and no fixed date helps."
    return None


def _decided_by(step: Step, ground: Ground) -> bool:
    return ground.happened("appeal_decided") is not None or step.body.about == "silence"


def _suit(key: str, ground: Ground) -> Iterator[Offer]:
    """Judge the notice before a suit: only after a refusal or a missed date, and after what the law wants first."""
    matter = ground.matter
    way = ground.court_rule
    if matter.status == "done":
        yield _past(key, "The request is closed.")
        return
    row = way[1] if way is not None else None
    offer = Offer(
        key=key,
        fits="too_early",
        why="",
        ours=True,
        by=row.earliest if row is not None else None,
        citation=way[0].citation if way is not None else None,
    )
    decided = ground.happened("appeal_decided")
    required = ground.required_first()
    if not ground.refused and ground.missed_date() is None:
        yield replace(offer, why="Nothing has been refused, and no date has certainly been missed.")
    elif matter.status == "appeal":
        yield replace(offer, why="A review is under way. Wait for its decision.")
    elif required is not None:
        yield replace(
            offer,
            why=f"In {ground.statute.name} you first go to {required.body.name}.",
            citation=required.rule.citation,
        )
    elif decided is not None and decided.outcome == "refused":
        yield replace(
            offer, fits="now", weight=80, why="The review went against us. A lawyer should look at the file now."
        )
    elif _tried_everything(ground):
        yield replace(
            offer,
            fits="now",
            weight=20,
            why="Our letters have brought nothing, and this law names no body to ask. A lawyer should see the file.",
        )
    else:
        yield replace(offer, fits="possible", why="Possible, but a letter or a review is quicker and costs nothing.")


def _tried_everything(ground: Ground) -> bool:
    tried = _last_try(ground)
    return not _has_appeal(ground) and tried is not None and ground.matter.today >= tried.on + timedelta(days=ASK_AFTER)


# --- the end ----------------------------------------------------------------------------------------------------------


def _thanks(key: str, ground: Ground) -> Iterator[Offer]:
    matter = ground.matter
    if matter.status == "done" and ground.happened("produced") is not None and not _recent(ground, key, None):
        yield Offer(
            key=key, fits="now", weight=20, why="Everything has come. A word of thanks is remembered next time."
        )
    elif matter.status == "done":
        yield _past(key, "The request is closed.")
    elif ground.happened(*_CAME) is not None:
        yield Offer(key=key, fits="possible", why="Right when what came is all that we need. It closes the request.")
    else:
        yield Offer(key=key, fits="too_early", why="No records have come yet.")


def _withdrawal(key: str, ground: Ground) -> Iterator[Offer]:
    if ground.matter.status == "done":
        yield _past(key, "The request is closed.")
    else:
        yield Offer(key=key, fits="possible", why="Ends the request. A new one can be made at any time.", weight=-10)


# --- small judgments --------------------------------------------------------------------------------------------------

_OVERDUE_WEIGHT: Final = {"acknowledgment": 50, "determination": 60, "production": 60, "extension": 65}

_FULFILLS: Final = {
    "acknowledgment": ("acknowledged", "determined", "denied", "no_records", "produced", "produced_part"),
    "determination": ("determined", "denied", "no_records", "produced"),
    "production": ("produced",),
    "extension": ("determined", "denied", "no_records", "produced"),
}

_NO_BODY: Final = {
    "administrative_appeal": "The law of {state} names no body or officer for an appeal; a refusal goes to a court.",
    "constructive_denial_appeal": "The law of {state} names no body that hears silence as a denial.",
    "mediation_request": "The law book names no ombudsman or mediator in {state}.",
    "attorney_general_complaint": "The law book names no complaint to the attorney general in {state}.",
}

_NO_CAUSE: Final = {
    "administrative_appeal": "The agency has refused nothing that could be appealed.",
    "constructive_denial_appeal": "Silence does not count as a denial today.",
    "mediation_request": "There is no dispute yet: nothing was refused and no date was certainly missed.",
    "attorney_general_complaint": "There is nothing to complain of: nothing was refused, no date certainly missed.",
}

# Letters that ask for an answer that is due.
_ASKING: Final = frozenset(
    {
        *("acknowledgment_overdue", "determination_overdue", "production_overdue"),
        *("extension_unlawful", "extension_expired"),
    }
)

# Letters by which we tried to settle a dispute with the agency itself.
_TRIES: Final = frozenset(
    {
        *("objection_reply", "no_records_challenge", "must_create_record", "determination_overdue"),
        *("production_overdue", "extension_expired", "extension_unlawful", "narrowing_offer", "fee_waiver_appeal"),
    }
)


def _past(key: str, why: str) -> Offer:
    return Offer(key=key, fits="not_here", why=why)


def _sent(matter: Matter) -> date:
    return matter.sent_on or matter.today


def _latest(duty: Duty) -> date:
    return duty.latest or duty.trigger_date


def _silent(ground: Ground) -> bool:
    return ground.happened("acknowledged", "extension", "determined") is None


def _recent(ground: Ground, key: str, days: int | None) -> bool:
    """True when this letter went out within so many days (None: ever, since the agency last spoke)."""
    for each in reversed(ground.matter.happened):
        if each.letter_key == key:
            return days is None or ground.matter.today < each.on + timedelta(days=days)
        if days is None and each.kind in (*_REFUSED, *_CAME, "reply", "determined"):
            return False
    return False


def _asked_lately(ground: Ground) -> bool:
    """True when a letter of ours asked for an answer a few days ago, whichever it was."""
    since = ground.matter.today - timedelta(days=REPLY_AFTER)
    return any(each.letter_key in _ASKING and each.on > since for each in ground.matter.happened)


def _last_try(ground: Ground) -> Happening | None:
    """Return our last letter to the agency about the dispute, made since it last decided anything."""
    for each in reversed(ground.matter.happened):
        if each.letter_key in _TRIES:
            return each
        if each.kind in _REFUSED:
            return None
    return None


def _has_appeal(ground: Ground) -> bool:
    keys = ("administrative_appeal", "constructive_denial_appeal") if not ground.refused else ("administrative_appeal",)
    return any(
        step.rule.confidence != "low" and step.body.about != "fee" and not step.second
        for key in keys
        for step in steps_by(key, ground.statute, ground.matter)
    )


def _our_reply(ground: Ground, trigger: str) -> Duty | None:
    """Return the running duty of ours to answer this question, if the law sets one."""
    for duty in ground.matter.duties:
        if duty.kind == "reply" and duty.trigger == trigger and duty.state == "running":
            return duty
    return None


def _within_limit(ground: Ground) -> bool:
    fees = ground.matter.fees
    return (
        fees.estimated_cents is not None and fees.limit_cents is not None and fees.estimated_cents <= fees.limit_cents
    )


def _days(number: int) -> str:
    return {7: "Seven days", 30: "Thirty days"}.get(number, f"{number} days")


_JUDGES: Final[dict[str, Callable[[str, Ground], Iterator[Offer]]]] = {
    "receipt_confirmation": _receipt,
    "acknowledgment_overdue": _overdue("acknowledgment", frozenset({"sent", "received"}), "an acknowledgment"),
    "determination_overdue": _overdue("determination", _WAITING, "a decision"),
    "production_overdue": _overdue("production", frozenset({"production", "partial"}), "the records"),
    "extension_unlawful": _extension_unlawful,
    "extension_expired": _extension_expired,
    "clarification_answer": _clarification,
    "narrowing_offer": _narrowing,
    "fee_waiver_request": _fee(_waiver_request),
    "fee_waiver_appeal": _fee(_waiver_appeal),
    "fee_itemization": _fee(_itemization),
    "deposit_objection": _fee(_deposit),
    "fee_acceptance": _fee(_acceptance),
    "no_records_challenge": _dispute(_found_none, "They say that they have no records.", 72),
    "must_create_record": _dispute(_only_create, "They say that they would have to create a record.", 71),
    "objection_reply": _dispute(_refused_in_words, "They refused with reasons that can be answered.", 70),
    "incomplete_production": _incomplete,
    "format_complaint": _format,
    "administrative_appeal": _review,
    "constructive_denial_appeal": _review,
    "mediation_request": _review,
    "attorney_general_complaint": _review,
    "preservation_reminder": _preservation,
    "notice_before_suit": _suit,
    "thanks_and_closing": _thanks,
    "withdrawal": _withdrawal,
}
