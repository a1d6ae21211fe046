"""What people read names no field of our data: in law book, agencies and kits, snake_case is for codes alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import requests_app

ROOMS = Path(requests_app.__file__).parent
FILES = sorted(path for room in ("law", "agencies", "kits") for path in (ROOMS / room / "data").rglob("*.json"))

# The fields that hold codes. The program turns each code into words before anybody sees it; all others are read as is.
CODES = {
    *("after_hours", "after_level", "also_met_by", "also_triggers", "closed_day", "code", "condition_key"),
    *("contact_required", "contact_wanted", "counted_from", "definitions", "election", "email", "ends", "enumeration"),
    *("holder_roles", "ice_dmv_access", "key", "kind", "level", "meaning", "observed", "preservation"),
    *("roles", "starts", "trigger", "unit", "values", "when"),
    *("needs", "unless", "items", "spread", "event_kind", "body_level", "letter"),  # of the later letters
    *("component", "count_unit", "door", "message_key", "producer"),  # the enumerations of the kits' findings
    *("counts", "says"),  # of the guide to findings
}

_IDENTIFIER = re.compile(r"\b[a-z][a-z0-9]*(?:_[a-z0-9]+)+\b")
_NOT_WORDS = re.compile(
    r"https?://\S+|\S+@\S+|\{[^{}]*\}"
)  # web and mail addresses; placeholders, filled before reading


def texts(value: Any, within: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Return every text that is no code, each with its place in the file."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from texts(inner, (*within, key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from texts(inner, (*within, str(place)))
    elif isinstance(value, str):
        field = next(step for step in reversed(within) if not step.isdecimal())
        # What a reviewer fills in, by its name in the export; what a letter's form asks for, by its name in the form.
        named_field = field == "name" and ("findings" in within or "inputs" in within)
        if field not in CODES and not named_field:
            yield "/".join(within), value


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(ROOMS)) for path in FILES])
def test_no_text_names_a_field(path: Path) -> None:
    found = {
        where: named
        for where, text in texts(json.loads(path.read_text(encoding="utf-8")))
        if (named := _IDENTIFIER.findall(_NOT_WORDS.sub(" ", text)))
    }
    assert not found, f"{path.name}: say it in words"


def test_the_check_reads_every_room_and_would_notice() -> None:
    assert {path.relative_to(ROOMS).parts[0] for path in FILES} == {"law", "agencies", "kits"}
    assert sum(1 for path in FILES for _text in texts(json.loads(path.read_text(encoding="utf-8")))) > 5000
    (where, text), *_rest = texts({"doubts": ["a", "fees_known is true"], "kind": "dmv_office"})
    assert (where, text) == ("doubts/0", "a")
    assert [named for _where, one in texts({"doubts": ["fees_known is true"]}) for named in _IDENTIFIER.findall(one)]
