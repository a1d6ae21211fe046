"""The dullest valid ingredients of a later letter: example matters in each turn a request may take."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from requests_app.kits import samples
from requests_app.kits.catalog import letter_type
from requests_app.kits.later import compose_later
from requests_app.kits.letters import Addressee, Letter
from requests_app.kits.matter import Duty, Happening, Matter
from requests_app.kits.situations import Offer, offers
from requests_app.kits.steps import steps_by
from tests.kits.cast import statute

TODAY = samples.TODAY


def matter(code: str = "MD", turn: str = "silent", *, fresh: bool = False, **changes: Any) -> Matter:
    """Return the matter of a jurisdiction in a turn, with some fields changed."""
    return replace(samples.sample_matter(code, turn, fresh_refusal=fresh), **changes)


def written(
    key: str, of: Matter | None = None, *, code: str = "MD", fresh: bool = False, sender: Any = None, **inputs: Any
) -> Letter:
    """Return a later letter with its example inputs, some of them changed. The matter is the letter's own turn."""
    about = of or samples.sample_matter(code, samples.AT_HOME[key], fresh_refusal=fresh)
    law = statute(about.jurisdiction)
    return compose_later(
        letter_type(key),
        law,
        recipient(key, about),
        about,
        sender or samples.SENDER,
        {**samples.sample_inputs(key), **inputs},
    )


def recipient(key: str, about: Matter) -> Addressee:
    """Return the agency, or the first body that takes this letter."""
    found = steps_by(key, statute(about.jurisdiction), about) if letter_type(key).to == "body" else ()
    return samples.sample_body(found[0].body.name) if found else samples.sample_agency(about.jurisdiction)


def body_of(letter: Letter) -> str:
    """Return the whole body as one line."""
    return " ".join(letter.paragraphs())


def offer(key: str, about: Matter) -> Offer:
    """Return the best offer of a letter for a matter."""
    return next(each for each in offers(about, statute(about.jurisdiction)) if each.key == key)


def later(about: Matter, key: str, days_ago: int) -> Matter:
    """Return the matter with a letter of ours that went out so many days ago."""
    sent = Happening(kind="follow_up", on=about.today - timedelta(days=days_ago), letter_key=key)
    return replace(about, happened=(*about.happened, sent))


def duty(kind: str, latest: date | None, rule_id: str, **changes: Any) -> Duty:
    """Return an agency's duty that is running, with some fields changed."""
    plain = Duty(
        kind=kind,
        duty_of="agency",
        rule_id=rule_id,
        duty="answer",
        citation="Md. Gen. Prov. § 4-203(a)(1)",
        trigger="receipt",
        trigger_date=date(2026, 10, 1),
        earliest=latest,
        latest=latest,
        certainty="fixed",
        state="running",
    )
    return replace(plain, **changes)
