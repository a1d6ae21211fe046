"""Which letter to write now, for the rows of a list: worked out once, and kept until something it follows from changes.

A list shows up to a hundred requests, and most of them stand as they did when it was last looked at. What was worked
out is kept by everything it follows from: the columns and dates that the row was read with, how many events there are
(none is ever changed), the day, the law book. So nothing kept can be wrong, and nothing has to be thrown away in time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from requests_app.filing import lawbook
from requests_app.filing.matter import MatterRows
from requests_app.filing.models import Deadline, Event, RecordsRequest
from requests_app.filing.writing import recommended_for, under_records_law
from requests_app.kits.situations import Offer
from requests_app.law.book import LawBook

Recommended = tuple[Offer, ...]  # none or one

_OF_REQUEST: Final = (
    "pk", "last_sequence", "reference", "jurisdiction", "kit_id", "subject", "status", "phase", "delivery",
)  # fmt: skip
_OF_DEADLINE: Final = (
    "kind", "duty_of", "rule_id", "citation", "trigger", "trigger_date", "earliest", "latest", "certainty", "state",
    "body", "level",
)  # fmt: skip
_OF_EVENTS: Final = (
    "request", "sequence", "kind", "happened_on", "happened_at", "details", "corrects", "replaces",
)  # fmt: skip
_KEPT: Final = 20_000  # requests: some 20 MB; then it begins anew

_kept: dict[tuple[Any, ...], Recommended] = {}
_kept_under: LawBook | None = None


def letters_to_write(
    requests: Collection[RecordsRequest], deadlines: Mapping[int, Sequence[Deadline]], todays: Mapping[str, date]
) -> dict[int, Recommended]:
    """Return the letter to write now for each request by its number; an empty tuple where we wait.

    `deadlines`: the current ones of each, as a list reads them. One query, for the events of those that are new here;
    none where all are known.
    """
    _begin_anew_if_needed()
    keys = {one.pk: _key(one, deadlines[one.pk], todays[one.jurisdiction]) for one in requests}
    unknown = [one for one in requests if keys[one.pk] not in _kept]
    if unknown:
        events = _events_of(unknown)
        for one in unknown:
            rows = MatterRows(one, events.get(one.pk, ()), deadlines[one.pk], brief=True)
            _kept[keys[one.pk]] = recommended_for(rows, todays[one.jurisdiction])
    return {number: _kept[key] for number, key in keys.items()}


def forget() -> None:
    """Throw away what is kept, as for a test whose database begins anew with the same numbers."""
    _kept.clear()


def _begin_anew_if_needed() -> None:
    global _kept_under
    opened = lawbook.book()
    if opened is not _kept_under or len(_kept) >= _KEPT:
        _kept.clear()
        _kept_under = opened


def _key(one: RecordsRequest, deadlines: Iterable[Deadline], today: date) -> tuple[Any, ...]:
    """Return everything that the recommended letter follows from."""
    return (
        today,
        one.agency.name,
        under_records_law(one.kit_id),
        tuple(sorted(one.conditions.items())),
        *(getattr(one, name) for name in _OF_REQUEST),
        *(tuple(getattr(row, name) for name in _OF_DEADLINE) for row in deadlines),
    )


def _events_of(requests: Iterable[RecordsRequest]) -> dict[int, list[Event]]:
    """Return the events of requests by number, in order, without the words that a list does not need. One query."""
    found: dict[int, list[Event]] = {}
    for event in Event.objects.filter(request__in=[one.pk for one in requests]).only(*_OF_EVENTS).order_by("sequence"):
        found.setdefault(event.request_id, []).append(event)
    return found
