"""What is found, counted by state, agency, kit, kind of file, year and tag. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from requests_app.documents.search.language import Asked

MOST: Final = 8  # values of one facet that are named; the others are found with the field


@dataclass(frozen=True)
class Facts:
    """What one document is counted by."""

    document: str  # hex
    blob: str
    jurisdiction: str
    agency_code: str
    agency_name: str
    kit_id: str
    kind: str
    received_on: date


@dataclass(frozen=True)
class Value:
    """One value of a facet: how it is typed after its field, how it is shown, and how many documents have it."""

    typed: str
    shown: str
    count: int


@dataclass(frozen=True)
class Facet:
    """One way to narrow down. `field`: as it is typed; `year` stands for after: and before: together."""

    field: str
    values: tuple[Value, ...]
    unnamed: int = 0  # values beyond `MOST`


def count(found: Sequence[Facts], tags: Mapping[str, Sequence[str]], asked: Asked) -> tuple[Facet, ...]:
    """Return the facets that divide what was found. One with a single value says nothing new and is left out."""
    agencies = {fact.agency_code: fact.agency_name for fact in found}
    counted = {
        "state": Counter(fact.jurisdiction for fact in found),
        "agency": Counter(fact.agency_code for fact in found),
        "kit": Counter(fact.kit_id for fact in found),
        "type": Counter(fact.kind for fact in found),
        "year": Counter(str(fact.received_on.year) for fact in found),
        "tag": Counter(tag for fact in found for tag in tags.get(fact.document, ())),
    }
    facets = []
    for field, counts in counted.items():
        if len(counts) < (1 if field == "tag" else 2) or (field == "year" and asked.values("after")):
            continue
        by = (lambda row: (-int(row[0]),)) if field == "year" else (lambda row: (-row[1], row[0]))
        rows = sorted(counts.items(), key=by)
        values = tuple(Value(typed, agencies.get(typed, typed), number) for typed, number in rows[:MOST])
        facets.append(Facet(field, values, len(rows) - len(values)))
    return tuple(facets)
