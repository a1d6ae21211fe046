"""The CSV form of the list of officials. Pure: what a line would do is decided against `Known` officials.

One line is one official. A line finds an official by state, office, district and name; what differs is changed, an
empty cell leaves a fact as it is. Nobody is taken off the list by a file. The party that lists of legislators bring
along is passed over: Daylight keeps none.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

from django.utils.translation import gettext as _

from requests_app.agencies.importing import Line, ParsedFile, Shape, export_cell, parse_csv
from requests_app.agencies.officials.models import Office
from requests_app.agencies.officials.values import FACTS, clean_facts

COLUMNS: Final = ("state", *FACTS[1:])
"""The columns of a file. `state` is the fact `jurisdiction`."""
EXPORT_COLUMNS: Final = (*COLUMNS, "in_office")
ONE_HOLDER: Final = (Office.GOVERNOR.value, Office.ATTORNEY_GENERAL.value)


@dataclass
class Known:
    """An official as they stand before a line: stored (`pk`), or made by an earlier line of the same file (None)."""

    pk: int | None
    facts: dict[str, str]
    retired: bool = False
    line: int | None = None

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Who this is."""
        return key_of(self.facts)


def key_of(facts: Mapping[str, str]) -> tuple[str, str, str, str]:
    """Return what tells one official from another, without regard to case."""
    return (
        facts["jurisdiction"],
        facts["office"],
        facts.get("district", "").casefold(),
        facts["name"].casefold(),
    )


@dataclass(frozen=True)
class Problem:
    """Why a line is left out: the column where it is wrong (empty: the line as a whole) and a sentence."""

    column: str
    text: str

    def __str__(self) -> str:
        if not self.column:
            return self.text
        return _("Column %(column)s: %(text)s") % {"column": self.column, "text": self.text}


@dataclass(frozen=True)
class LineOutcome:
    """What one line does. `facts`: everything of a new official, or only what changes of a known one (`pk`)."""

    number: int
    outcome: Literal["create", "update", "unchanged", "error"]
    name: str
    says: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    pk: int | None = None
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class OfficialPlan:
    """What a whole file does."""

    outcomes: tuple[LineOutcome, ...]
    remarks: tuple[str, ...]

    def count(self, outcome: str) -> int:
        """Return how many lines have this outcome."""
        return sum(one.outcome == outcome for one in self.outcomes)

    @property
    def changes(self) -> list[LineOutcome]:
        """The lines that write something, in the order of the file."""
        return [one for one in self.outcomes if one.outcome in ("create", "update")]

    @property
    def sha256(self) -> str:
        """A fingerprint of what would be written: the same for the same file over the same list."""
        told = [[one.outcome, one.pk, dict(sorted(one.facts.items()))] for one in self.changes]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def shape() -> Shape:
    """Return the columns of a list of officials, and those that other lists bring along."""
    return Shape(
        columns=COLUMNS,
        required=frozenset({"state", "office", "name"}),
        passed_over={
            "party": _("no party is kept of anybody"),
            "in_office": _("only a person can say so"),
        },
    )


def parse_officials(text: str) -> ParsedFile:
    """Return the lines of a CSV text of officials. Raises ImportFileError with one sentence about the whole file."""
    return parse_csv(text, shape())


def plan_officials(
    file: ParsedFile, known: Iterable[Known], *, today: date, remarks: tuple[str, ...] = ()
) -> OfficialPlan:
    """Return what each line would do. `today`: no line can say that somebody looked later."""
    by_key = {one.key: one for one in known}
    outcomes = tuple(_plan_line(line, by_key, today) for line in file.lines)
    return OfficialPlan(outcomes, (*remarks, *file.remarks))


def _plan_line(line: Line, by_key: dict[tuple[str, str, str, str], Known], today: date) -> LineOutcome:
    given = {"jurisdiction": line.cells.get("state", ""), **line.cells}
    found = _find(given, by_key)
    if found is not None:
        # An empty cell leaves a known fact as it is.
        given = {**found.facts, **{name: value for name, value in given.items() if value}}
    facts, wrong = clean_facts(given, today=today)
    name = line.cells.get("name", "")
    if wrong:
        column = {"jurisdiction": "state"}
        problems = tuple(Problem(column.get(fact, fact), text) for fact, text in wrong.items())
        return LineOutcome(line.number, "error", name, problems=problems)
    if found is None:
        return _new(line.number, facts, by_key)
    if found.line is not None:
        problem = Problem("", _("Line %(line)s is about the same official.") % {"line": found.line})
        return LineOutcome(line.number, "error", name, problems=(problem,))
    found.line = line.number
    changed = {fact: value for fact, value in facts.items() if found.facts.get(fact, "") != value}
    says = [_("Changes %(names)s.") % {"names": ", ".join(changed)}] if changed else []
    if found.retired:
        says.append(_("On the list as no longer in office, and stays so."))
    found.facts.update(changed)
    outcome: Literal["update", "unchanged"] = "update" if changed else "unchanged"
    return LineOutcome(line.number, outcome, facts["name"], tuple(says), pk=found.pk, facts=changed)


def _find(given: Mapping[str, str], by_key: Mapping[tuple[str, str, str, str], Known]) -> Known | None:
    """Return the official whom a line is about, if the line says enough to know."""
    facts, wrong = clean_facts({name: given.get(name, "") for name in FACTS}, today=date.max)
    if {"jurisdiction", "office", "name", "district"} & (wrong.keys() - {"checked_on", "source"}):
        return None
    return by_key.get(key_of(facts))


def _new(number: int, facts: dict[str, str], by_key: dict[tuple[str, str, str, str], Known]) -> LineOutcome:
    says = [_("Adds the official.")]
    others = [
        one.facts["name"]
        for one in by_key.values()
        if not one.retired
        and facts["office"] in ONE_HOLDER
        and (one.facts["jurisdiction"], one.facts["office"]) == (facts["jurisdiction"], facts["office"])
    ]
    if others:
        says.append(
            _("Somebody else is listed in this office: %(names)s. Say so on their page if they left it.")
            % {"names": ", ".join(others)}
        )
    if not any(facts[name] for name in ("email", "postal_address", "phone", "fax")):
        says.append(_("No address and no number is given, so no letter can go there yet."))
    new = Known(None, dict(facts), line=number)
    by_key[new.key] = new
    return LineOutcome(number, "create", facts["name"], tuple(says), facts=facts)


def compose_officials_csv(rows: Iterable[Mapping[str, str]]) -> str:
    """Return a CSV text of rows by EXPORT_COLUMNS, which `parse_officials` reads back as it was."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(EXPORT_COLUMNS)
    for row in rows:
        writer.writerow([export_cell(row.get(name, "")) for name in EXPORT_COLUMNS])
    return out.getvalue()
