"""Storing projected deadlines, of one request or of hundreds at once, in the same few queries.

A row whose rule, trigger and dates are unchanged is kept, with its reminders, and only told its new state. Any other
row is marked replaced, never overwritten, and the new one is added. What is new, or stands otherwise than before, is
looked at by the next sweep.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from operator import attrgetter
from typing import Any, Final, NamedTuple

from django.db.models import F

from requests_app.filing.models import Deadline, RecordsRequest
from requests_app.law.rows import Deadline as LawDeadline

_IDENTITY: Final = ("rule_id", "law_edition", "kind", "duty_of", "trigger", "trigger_date", "earliest", "latest")
_WORDS: Final = ("title", "duty", "citation", "condition", "consequence", "body", "level")
_CHANGING: Final = (*_WORDS, "certainty", "state", "trace")


class Stood(NamedTuple):
    """How a stored deadline stood before it was compared: what makes it the same one, its dates and its state."""

    pk: int
    kind: str
    duty_of: str
    rule_id: str
    trigger: str
    trigger_date: date
    earliest: date | None
    latest: date | None
    state: str


_as_it_stands = attrgetter(*Stood._fields)


def stood(row: Deadline) -> Stood:
    """Return how a row stands now; `compare` may tell it a new state."""
    return Stood(*_as_it_stands(row))


@dataclass(slots=True)
class DeadlineChanges:
    """How the stored deadlines of a request come to be those projected.

    `kept`: rows that stay as they are. `moved`: rows that only stand otherwise than before, as when a day has passed.
    `reworded`: rows with other words. `replaced`: the numbers of rows that hold no longer.
    """

    kept: list[Deadline] = field(default_factory=list)
    moved: list[Deadline] = field(default_factory=list)
    reworded: list[Deadline] = field(default_factory=list)
    added: list[Deadline] = field(default_factory=list)
    replaced: list[int] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.moved or self.reworded or self.added or self.replaced)

    @property
    def current(self) -> list[Deadline]:
        """The deadlines as projected now; once they are stored, each has its number."""
        return [*self.kept, *self.moved, *self.reworded, *self.added]


def read_current(request_ids: Collection[int]) -> dict[int, list[Deadline]]:
    """Return the deadlines as last projected, by request. One query."""
    found: dict[int, list[Deadline]] = {request_id: [] for request_id in request_ids}
    for row in Deadline.objects.filter(request_id__in=request_ids, superseded_at__isnull=True).order_by("pk"):
        found[row.request_id].append(row)
    return found


def compare(
    records_request: RecordsRequest,
    projected: Sequence[LawDeadline],
    current: Iterable[Deadline],
    *,
    today: date,
    now: datetime,
) -> DeadlineChanges:
    """Return what differs between the deadlines of one request as projected now and as stored. Writes nothing.

    `today` is the jurisdiction's own day: the first on which the sweep looks at what is new.
    """
    stored: dict[tuple[Any, ...], list[Deadline]] = {}
    for row in current:
        stored.setdefault(tuple(getattr(row, name) for name in _IDENTITY), []).append(row)
    changes = DeadlineChanges()
    for one in projected:
        values = _values(one)
        watch_on = today if one.latest and one.state in ("running", "missed") else None
        same = stored.get(tuple(values[name] for name in _IDENTITY))
        if not same:
            added = Deadline(
                request_id=records_request.pk,
                jurisdiction=records_request.jurisdiction,
                **values,
                watch_on=watch_on,
                stored_at=now,
                projected_at=now,
            )
            changes.added.append(added)
            continue
        row = same.pop(0)
        differing = [name for name in _CHANGING if getattr(row, name) != values[name]]
        if not differing:
            changes.kept.append(row)
            continue
        for name in differing:
            setattr(row, name, values[name])
        if "state" in differing:
            row.watch_on = watch_on
            row.revision += 1
        row.projected_at = now
        (changes.moved if differing == ["state"] else changes.reworded).append(row)
    changes.replaced = [row.pk for rows in stored.values() for row in rows]
    return changes


def store(all_changes: Collection[DeadlineChanges], *, now: datetime) -> None:
    """Write the changes of any number of requests, in the caller's transaction, which holds these requests."""
    replaced = [number for changes in all_changes for number in changes.replaced]
    if replaced:
        gone = Deadline.objects.filter(pk__in=replaced)
        gone.update(superseded_at=now, state=Deadline.State.SUPERSEDED, watch_on=None)
    stands: dict[tuple[str, date | None], list[int]] = {}
    for row in (row for changes in all_changes for row in changes.moved):
        stands.setdefault((row.state, row.watch_on), []).append(row.pk)
    for (state, watch_on), numbers in stands.items():
        Deadline.objects.filter(pk__in=numbers).update(
            state=state, watch_on=watch_on, projected_at=now, revision=F("revision") + 1
        )
    # Each of these has words of its own. As rows that are there already they go in one statement, not in hundreds.
    Deadline.objects.bulk_create(
        [row for changes in all_changes for row in changes.reworded],
        update_conflicts=True,
        unique_fields=["pk"],
        update_fields=[*_CHANGING, "watch_on", "projected_at", "revision"],
    )
    Deadline.objects.bulk_create([row for changes in all_changes for row in changes.added])


def _values(projected: LawDeadline) -> dict[str, Any]:
    """Return the columns that a projected deadline fills."""
    return {
        "kind": projected.kind,
        "title": projected.rule.title or "",
        "duty_of": projected.duty_of,
        "rule_id": projected.rule_id,
        "law_edition": projected.edition,
        "duty": projected.duty,
        "citation": projected.citation,
        "trigger": projected.trigger,
        "trigger_date": projected.trigger_date,
        "earliest": projected.earliest,
        "latest": projected.latest,
        "certainty": projected.certainty,
        "condition": projected.condition or "",
        "consequence": projected.consequence or "",
        "body": projected.body or "",
        "level": projected.level or "",
        "state": projected.state,
        "trace": list(projected.trace),
    }
