"""What the judges look for in a request: small questions, answered from what has happened. Pure."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from requests_app.kits.matter import Duty, Happening, Matter
from requests_app.kits.situations.offer import ASK_AFTER, REPLY_AFTER
from requests_app.kits.standing import Ground
from requests_app.kits.steps import steps_by

NOT_OUT: Final = frozenset({"ready", "sending", "undelivered"})
WAITING: Final = frozenset({"sent", "received", "acknowledged", "extended"})
CAME: Final = ("produced", "produced_part")
_REFUSED: Final = ("denied", "no_records")
ASK: Final = timedelta(days=ASK_AFTER)

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


def sent_on(matter: Matter) -> date:
    return matter.sent_on or matter.today


def latest_of(duty: Duty) -> date:
    return duty.latest or duty.trigger_date


def silent(ground: Ground) -> bool:
    return ground.happened("acknowledged", "extension", "determined") is None


def went_out(ground: Ground, key: str, days: int | None) -> bool:
    """True when this letter went out within so many days (None: ever, since the agency last spoke)."""
    for each in reversed(ground.matter.happened):
        if each.letter_key == key:
            return days is None or ground.matter.today < each.on + timedelta(days=days)
        if days is None and each.kind in (*_REFUSED, *CAME, "reply", "determined"):
            return False
    return False


def asked_lately(ground: Ground) -> bool:
    """True when a letter of ours asked for an answer a few days ago, whichever it was."""
    since = ground.matter.today - timedelta(days=REPLY_AFTER)
    return any(each.letter_key in _ASKING and each.on > since for each in ground.matter.happened)


def last_try(ground: Ground) -> Happening | None:
    """Return our last letter to the agency about the dispute, made since it last decided anything."""
    for each in reversed(ground.matter.happened):
        if each.letter_key in _TRIES:
            return each
        if each.kind in _REFUSED:
            return None
    return None


def has_appeal(ground: Ground) -> bool:
    keys = ("administrative_appeal", "constructive_denial_appeal") if not ground.refused else ("administrative_appeal",)
    return any(
        step.rule.confidence != "low" and step.body.about != "fee" and not step.second
        for key in keys
        for step in steps_by(key, ground.statute, ground.matter)
    )


def our_reply(ground: Ground, trigger: str) -> Duty | None:
    """Return the running duty of ours to answer this question, if the law sets one."""
    for duty in ground.matter.duties:
        if duty.kind == "reply" and duty.trigger == trigger and duty.state == "running":
            return duty
    return None


def found_none(ground: Ground) -> bool:
    refusal = ground.matter.refusal
    return (refusal is not None and refusal.kind == "no_records") or (
        refusal is None and ground.happened("no_records") is not None
    )


def days_in_words(number: int) -> str:
    return {7: "Seven days", 30: "Thirty days"}.get(number, f"{number} days")
