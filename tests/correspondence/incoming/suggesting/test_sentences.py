"""What each sentence of an agency means, and what only looks like it: a table that we wrote, one row a reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from requests_app.correspondence.incoming.suggesting import Letter, Level, Suggestion, read

TABLE = Path(__file__).with_name("sentences_of_agencies.txt")
MONDAY_AFTER = date(2026, 3, 3)


@dataclass(frozen=True)
class Row:
    """One row of the table."""

    name: str
    files: int
    expected: dict[str, dict[str, str]]
    text: str


def rows() -> Iterator[Row]:
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        name, wanted, text = (part.strip() for part in line.split(" | ", 2))
        yield _row(name, wanted, text.replace("\\n", "\n"))


def _row(name: str, wanted: str, text: str) -> Row:
    files = wanted.startswith("files ")
    number = ""
    expected: dict[str, dict[str, str]] = {}
    rest = wanted.removeprefix("files ")
    if " number=" in rest:
        rest, _sign, number = rest.partition(" number=")
    for kind in _kinds(rest):
        word, _colon, values = kind.partition(":")
        expected[word] = dict(pair.split("=", 1) for pair in values.split(";")) if values else {}
        if number:
            expected[word]["number"] = number
    return Row(name, int(files), expected, text)


def _kinds(wanted: str) -> list[str]:
    """Return the kinds of a row with their values; values may hold blanks, kinds do not."""
    found: list[str] = []
    for word in wanted.split():
        if word.partition(":")[0] in KINDS or word == "-":
            found.append(word)
        else:
            found[-1] += f" {word}"
    return [] if found == ["-"] else found


KINDS = {
    "acknowledgment", "extension", "fee", "deposit", "waiver", "clarification", "granted", "production", "no_records",
    "denial", "referral", "portal", "closed",
}  # fmt: skip
ROWS = list(rows())


def read_row(row: Row) -> dict[str, Suggestion]:
    found = read(row.text, Letter(subject="Your request", written_on=MONDAY_AFTER, files=row.files))
    return {one.kind.value: one for one in found.suggestions if one.level > Level.DOUBTFUL}


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_each_sentence_means_what_it_says(row: Row) -> None:
    found = read_row(row)
    assert set(found) == set(row.expected)
    for kind, values in row.expected.items():
        for name, wanted in values.items():
            assert _said(found[kind].values, name, wanted), (kind, name, found[kind].values)
        assert found[kind].sentences and all(found[kind].sentences)


def _said(values: Any, name: str, wanted: str) -> bool:
    match name:
        case "cents":
            return bool(values.get("amount_cents") == int(wanted))
        case "deposit":
            return bool(values.get("deposit_cents") == int(wanted))
        case "part":
            return values.get("part") is {"yes": True, "no": False, "-": None}[wanted]
        case "sections":
            return any(wanted in one for one in values.get("sections", ()))
    return bool(values.get(name) == wanted)


def test_the_table_is_large_and_has_traps() -> None:
    assert len(ROWS) >= 150
    assert len({row.name for row in ROWS}) == len(ROWS)
    assert sum(not row.expected for row in ROWS) >= 60
    assert {kind for row in ROWS for kind in row.expected} == KINDS
