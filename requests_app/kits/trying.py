"""A letter as a kit would make it in a few states, with made-up choices: the preview of a kit, and its last check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from requests_app.kits.addressees import addressee_of, custodians_for, official_of
from requests_app.kits.composer import compose
from requests_app.kits.letters import Addressee, ChoiceError, Choices, Letter
from requests_app.kits.schema import Kit
from requests_app.law.book import LawBook
from requests_app.law.schema import Statute

USUAL_STATES = ("MD", "TX", "NY")


@dataclass(frozen=True)
class Trial:
    """One state's letter, or the sentence that says why there is none."""

    statute: Statute
    letter: Letter | None
    trouble: str = ""


def try_in(kit: Kit, book: LawBook, codes: Sequence[str], *, on: date) -> list[Trial]:
    """Return the kit's letter in each state, to the first agency that it is meant for. Three queries a state."""
    return [_trial(kit, book.statute(code), on) for code in codes]


def _trial(kit: Kit, statute: Statute, on: date) -> Trial:
    custodians = custodians_for(kit, statute.code)
    if custodians:
        addressee = addressee_of(custodians[0], custodians)
    elif kit.kind == "officials":
        addressee = official_of(statute)
    else:
        addressee = Addressee(agency_code="none", name=f"Records office of {statute.name}")
    choices = Choices(
        requester_name="Name of the requester",
        reply_address="records@example.org",
        request_date=on,
        resident_confirmed=True,
    )
    try:
        return Trial(statute, compose(kit, statute, addressee, choices))
    except (ChoiceError, KeyError) as trouble:
        return Trial(statute, None, str(trouble))
