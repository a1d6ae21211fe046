"""What the filer settled in a draft, as typed values. The draft stores it sealed, because a legal name is in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final, Literal

import msgspec

from requests_app.kits.letters import DEFAULT_FEE_LIMIT_CENTS, Format
from requests_app.law.schema import Statute

Standing = Literal["", "resident", "exception", "not_resident"]

# Branches of a law that the filer can settle before the letter leaves; all others come out of the agency's answer.
ASKED_CONDITIONS: Final = ("nonresident", "older_than_24_months")


class DraftChoices(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Every answer given in the wizard; what was not reached yet has its default.

    `standing`: how the requester meets a law that only some people may use: as a resident or citizen, by an exception
    (then `residency_statement` says which; `exception_id` and `exception_for` are what it was made from), or not at
    all: then somebody else signs. `items` None: the kit's own selection. `conditions`: which branches of the law hold
    ({"nonresident": False}). `clauses`: the group's own paragraphs that the letter carries. `block_date`: the day on
    which access was limited, for K7.
    """

    requester_name: str = ""
    postal_address: str = ""
    phone: str = ""
    standing: Standing = ""
    residency_statement: str = ""
    exception_id: str = ""
    exception_for: str = ""
    period_start: date | None = None
    period_end: date | None = None
    block_date: date | None = None
    items: tuple[str, ...] | None = None
    fmt: Format = "native"
    fee_limit_cents: int | None = DEFAULT_FEE_LIMIT_CENTS
    ask_fee_waiver: bool = True
    include_definitions: bool = True
    include_preservation: bool = True
    extra_paragraph: str = ""
    clauses: tuple[int, ...] = ()
    conditions: dict[str, bool] = {}


def load(stored: Mapping[str, Any]) -> DraftChoices:
    """Return the choices that a draft keeps."""
    return msgspec.convert(dict(stored), DraftChoices)


def dump(choices: DraftChoices) -> dict[str, Any]:
    """Return choices as JSON-ready data, every field named, so that they overwrite what was stored before."""
    return {name: msgspec.to_builtins(getattr(choices, name)) for name in DraftChoices.__struct_fields__}


def conditions_to_ask(statute: Statute) -> tuple[str, ...]:
    """Return which of ASKED_CONDITIONS this law's rules hang on."""
    named = {(rule.condition_key or "").removeprefix("not_") for rule in statute.rules}
    return tuple(key for key in ASKED_CONDITIONS if key in named)


def asks_for_standing(statute: Statute) -> bool:
    """Return whether it matters under this law where the requester lives."""
    return statute.requester.residents_only is not False


def hint_text(statute: Statute, *keys: str) -> str:
    """Return the first hint of the law with one of these keys, in plain words; empty when it has none."""
    return next((hint.text for hint in statute.submission.hints if hint.key in keys), "")


def address_demanded(statute: Statute) -> bool:
    """Return whether the law or the form of the request wants the requester's address and telephone number."""
    return any(hint.key == "name_address_contact_required" for hint in statute.submission.hints)
