"""Letters to a body above the agency, and the notice before a suit. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Final

from requests_app.kits import naming
from requests_app.kits.catalog import letter_type
from requests_app.kits.later import event_kind_of
from requests_app.kits.situations.offer import APPEAL_LEAD, ASK_AFTER, REPLY_AFTER, Offer, out_of_place
from requests_app.kits.situations.signs import ASK, WAITING, found_none, has_appeal, last_try, sent_on
from requests_app.kits.standing import Ground
from requests_app.kits.steps import Step, applies, steps_by

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


def review(key: str, ground: Ground) -> Iterator[Offer]:
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
    tried = last_try(ground)
    waited = tried is not None and matter.today >= tried.on + timedelta(days=REPLY_AFTER)
    if offer.key in ("mediation_request", "attorney_general_complaint"):
        first = (
            offer.key == "mediation_request"
            and event_kind_of(letter_type(offer.key), ground.statute, matter, step.rule.id) == "appeal_filed"
        )
        ready = waited and (first or not has_appeal(ground))
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
        if ground.matter.status not in WAITING or not ground.silence_opens(step):
            return None
        return "The agency is silent, and this law lets that count as a denial."
    if step.body.about == "fee":
        return "The fee is in dispute." if ground.matter.status == "fee" else None
    if step.second:
        return "The first review has been decided."
    if refused:
        said = "says that it has no records" if found_none(ground) else "refused"
        return f"The agency {said}, and {step.body.name} can look at that."
    if key in ("mediation_request", "attorney_general_complaint"):
        if ground.missed_date() is not None:
            return "The agency has certainly missed a date."
        waiting = ground.matter.status in WAITING and not ground.timed("determination")
        if key == "mediation_request" and waiting and ground.matter.today >= sent_on(ground.matter) + 2 * ASK:
            return "The agency has not answered for a long time, and no fixed date helps."
    return None


def _decided_by(step: Step, ground: Ground) -> bool:
    return ground.happened("appeal_decided") is not None or step.body.about == "silence"


def suit(key: str, ground: Ground) -> Iterator[Offer]:
    """Judge the notice before a suit: only after a refusal or a missed date, and after what the law wants first."""
    matter = ground.matter
    way = ground.court_rule
    if matter.status == "done":
        yield out_of_place(key, "The request is closed.")
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
    tried = last_try(ground)
    return not has_appeal(ground) and tried is not None and ground.matter.today >= tried.on + timedelta(days=ASK_AFTER)
