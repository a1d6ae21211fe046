"""From rows of facts to a table: one line for each state, agency, kit, campaign or month, and one for all of them.

A bounded number of queries: one adds up, two count by days, one counts objections, one names the agencies or campaigns.
What they give is turned into a `Table` in pure code.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import msgspec
from django.db.models import BooleanField, Case, Count, Q, QuerySet, Sum, Value, When

from requests_app.agencies.models import Agency
from requests_app.filing.models import Campaign
from requests_app.kits.catalog import UnknownKit, get_kit
from requests_app.people.states import name_of
from requests_app.tracking.statistics.facts import DUTY_KINDS
from requests_app.tracking.statistics.models import RequestFacts
from requests_app.tracking.statistics.survival import (
    FEWEST_WATCHED,
    Median,
    Spell,
    curve,
    known_until,
    median,
    spells_of,
)

GROUPINGS: Final = ("state", "agency", "kit", "campaign", "period")
_COLUMNS: Final = {
    "state": "jurisdiction",
    "agency": "agency_id",
    "kit": "kit_id",
    "campaign": "campaign_id",
    "period": "sent_month",
}
ASKED_WAIVER: Final = ("asked", "granted", "part", "refused")


@dataclass(frozen=True, slots=True)
class Part:
    """Which requests are counted; empty fields do not narrow. `first` and `last`: the days on which letters left."""

    state: str = ""
    agency_id: int | None = None
    kit: str = ""
    campaign_id: int | None = None
    first: date | None = None
    last: date | None = None

    @property
    def is_whole(self) -> bool:
        """Return whether nothing is left out."""
        return self == Part()


def key_of(part: Part) -> str | None:
    """Return the key under which the tables of a part may be counted beforehand; None where they never are.

    Empty for all requests; "state=MD", "agency=7", "kit=K1", "campaign=3" or "sent=2026-01-01/2026-03-31" for a part
    that is narrowed by one thing only.
    """
    if (part.first is None) != (part.last is None):
        return None
    named = {
        "state": part.state,
        "agency": part.agency_id,
        "kit": part.kit,
        "campaign": part.campaign_id,
        "sent": part.first and f"{part.first}/{part.last}",
    }
    given = [f"{name}={value}" for name, value in named.items() if value not in ("", None)]
    return "".join(given) if len(given) < 2 else None


class Time(msgspec.Struct, frozen=True):
    """How long something takes: the survival median, its 95 percent interval, and of how many it is known."""

    days: int | None = None
    low: int | None = None
    high: int | None = None
    ended: int = 0
    known: int = 0


class DutyCount(msgspec.Struct, frozen=True):
    """How many of the law's dates for one duty were kept. `conditional`: those that hang on something unstated."""

    met: int = 0
    late: int = 0
    waiting: int = 0
    conditional: int = 0

    @property
    def judged(self) -> int:
        """How many can be judged: kept or let pass."""
        return self.met + self.late


class Line(msgspec.Struct, frozen=True):
    """One line of a table. Counts are requests unless the name says otherwise. `short`: its name for a chart."""

    key: str
    name: str
    short: str
    sent: int = 0
    done: int = 0
    presumed: int = 0
    times: dict[str, Time] = {}
    duties: dict[str, DutyCount] = {}
    extensions: int = 0
    extended: int = 0
    silent: int = 0
    fee_asked: int = 0
    fee_cents: int = 0
    paid: int = 0
    paid_cents: int = 0
    waiver_asked: int = 0
    waiver_granted: int = 0
    waiver_part: int = 0
    waiver_refused: int = 0
    waived_cents: int = 0
    refused: int = 0
    appeals_filed: int = 0
    appeals_won: int = 0
    appeals_part: int = 0
    appeals_lost: int = 0
    pages: int = 0
    pages_known: int = 0


class Point(msgspec.Struct, frozen=True):
    """One step of a curve: which share had ended by the end of that day."""

    days: int
    share: float


class Table(msgspec.Struct, frozen=True):
    """All lines under one heading, the line for all, its curves by measure, and refusals by objection."""

    by: str
    as_of: date
    lines: list[Line]
    whole: Line
    curves: dict[str, list[Point]]
    objections: list[tuple[str, int]]


_SUMS: Final = (
    "extensions", "fee_cents", "paid_cents", "waived_cents", "appeals_filed", "appeals_won", "appeals_part",
    "appeals_lost", "pages",
)  # fmt: skip


def count(by: str, part: Part, as_of: date, ahead: frozenset[str]) -> Table:
    """Return the table of a part of the requests. Five queries at most.

    `as_of`: the day that has begun in every jurisdiction; `ahead`: those where the next one has begun.
    """
    column = _COLUMNS[by]
    rows = _of(part)
    sums = {found.pop(column): found for found in _added_up(rows.order_by(), column, as_of, ahead)}
    ended, waiting = _by_days(rows.order_by(), column, as_of, ahead)
    names = _names(by, sums)
    lines = [
        _line(*names.get(key, (_key(key), "", "")), found, ended.get(key, {}), waiting.get(key, {}))
        for key, found in sums.items()
        if not (by == "campaign" and key is None)
    ]
    all_ended, all_waiting = _together(ended.values()), _together(waiting.values())
    whole = _line("", "", "", _whole(sums.values()), all_ended, all_waiting)
    curves = {kind: _points(spells_of(all_ended.get(kind, {}), all_waiting.get(kind, {}))) for kind in DUTY_KINDS}
    return Table(by, as_of, sorted(lines, key=_order(by)), whole, curves, _objections(rows))


def _order(by: str) -> Any:
    return (lambda line: line.key) if by == "period" else (lambda line: (line.name, line.key))


def rows_of(part: Part) -> QuerySet[RequestFacts]:
    """Return the rows of facts that are counted, the oldest request first."""
    return _of(part).order_by("pk")


def _of(part: Part) -> QuerySet[RequestFacts]:
    rows = RequestFacts.objects.filter(sent_on__isnull=False)
    if part.state:
        rows = rows.filter(jurisdiction=part.state)
    if part.agency_id is not None:
        rows = rows.filter(agency_id=part.agency_id)
    if part.kit:
        rows = rows.filter(kit_id=part.kit)
    if part.campaign_id is not None:
        rows = rows.filter(campaign_id=part.campaign_id)
    if part.first is not None:
        rows = rows.filter(sent_on__gte=part.first)
    if part.last is not None:
        rows = rows.filter(sent_on__lte=part.last)
    return rows


def _past(column: str, as_of: date, ahead: frozenset[str]) -> Q:
    """Return the condition that a day has passed where its agency is."""
    return Q(**{f"{column}__lt": as_of}) | Q(**{column: as_of}, jurisdiction__in=sorted(ahead))


def _come(column: str, as_of: date, ahead: frozenset[str]) -> Q:
    """Return the condition that a day has come where its agency is."""
    return Q(**{f"{column}__lte": as_of}) | Q(**{column: as_of + timedelta(days=1)}, jurisdiction__in=sorted(ahead))


def _added_up(rows: QuerySet[RequestFacts], column: str, as_of: date, ahead: frozenset[str]) -> list[dict[str, Any]]:
    """Return the counts and sums of each group. One query."""
    counts: dict[str, Any] = {
        "n_sent": Count("pk"),
        "n_done": Count("pk", filter=Q(done=True)),
        "n_presumed": Count("pk", filter=Q(clock="presumed")),
        "n_extended": Count("pk", filter=Q(extensions__gt=0)),
        "n_silent": Count("pk", filter=_come("silence_on", as_of, ahead)),
        "n_fee_asked": Count("pk", filter=Q(fee_cents__gt=0)),
        "n_paid": Count("pk", filter=Q(paid_cents__gt=0)),
        "n_waiver_asked": Count("pk", filter=Q(waiver__in=ASKED_WAIVER)),
        "n_waiver_granted": Count("pk", filter=Q(waiver="granted")),
        "n_waiver_part": Count("pk", filter=Q(waiver="part")),
        "n_waiver_refused": Count("pk", filter=Q(waiver="refused")),
        "n_refused": Count("pk", filter=Q(refused=True)),
        "n_pages_known": Count("pages"),
        **{f"sum_{name}": Sum(name) for name in _SUMS},
    }
    for kind in DUTY_KINDS:
        duty = f"{kind}_duty"
        past = _past(f"{kind}_due_on", as_of, ahead)
        late = Q(**{duty: "missed"}) | (Q(**{duty: "open"}) & past)
        counts |= {
            f"{kind}_met": Count("pk", filter=Q(**{duty: "met"})),
            f"{kind}_late": Count("pk", filter=late),
            f"{kind}_waiting": Count("pk", filter=Q(**{f"{duty}__in": ["open", "paused"]})),
            f"{kind}_missed": Count("pk", filter=Q(**{duty: "missed"})),
            f"{kind}_conditional": Count("pk", filter=Q(**{duty: "conditional"})),
        }
    return list(rows.values(column).annotate(**counts))


Days = dict[Any, dict[str, Counter[int]]]


def _by_days(rows: QuerySet[RequestFacts], column: str, as_of: date, ahead: frozenset[str]) -> tuple[Days, Days]:
    """Return by group and measure how many ended after how many days, and how many still wait for how long.

    Two queries. Only our own withdrawal ends a waiting early; a request that we closed without an answer goes on.
    """
    ended: Days = {}
    waiting: Days = {}
    begun = rows.filter(started_on__isnull=False)
    by_kind = [
        begun.filter(**{f"days_to_{kind}__isnull": False})
        .annotate(kind=Value(kind))
        .values_list("kind", column, f"days_to_{kind}", Count("pk"))
        for kind in DUTY_KINDS
    ]
    for kind, key, days, n in by_kind[0].union(*by_kind[1:], all=True):
        ended.setdefault(key, {}).setdefault(kind, Counter())[days] += n
    still = Q()
    for kind in DUTY_KINDS:
        still |= Q(**{f"days_to_{kind}__isnull": True})
    is_ahead = Case(When(jurisdiction__in=sorted(ahead), then=Value(True)), default=Value(False), output_field=_BOOL)
    groups = begun.filter(still).annotate(is_ahead=is_ahead)
    counts = {f"n_{kind}": Count("pk", filter=Q(**{f"days_to_{kind}__isnull": True})) for kind in DUTY_KINDS}
    found = groups.values_list(column, "started_on", "withdrawn_on", "is_ahead").annotate(**counts)
    for key, started, withdrawn, next_day, *numbers in found:
        end = withdrawn or (as_of + timedelta(days=1) if next_day else as_of)
        days = max(0, (end - started).days)
        for kind, n in zip(DUTY_KINDS, numbers, strict=True):
            if n:
                waiting.setdefault(key, {}).setdefault(kind, Counter())[days] += n
    return ended, waiting


_BOOL: Final = BooleanField()


def _whole(sums: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Return the sums of all groups together."""
    total: Counter[str] = Counter()
    for found in sums:
        total.update({name: value or 0 for name, value in found.items()})
    return dict(total)


def _together(groups: Iterable[Mapping[str, Counter[int]]]) -> dict[str, Counter[int]]:
    total: dict[str, Counter[int]] = {}
    for group in groups:
        for kind, days in group.items():
            total.setdefault(kind, Counter()).update(days)
    return total


def _line(
    key: str,
    name: str,
    short: str,
    found: Mapping[str, Any],
    ended: Mapping[str, Counter[int]],
    waiting: Mapping[str, Counter[int]],
) -> Line:
    def one(name: str) -> int:
        return found.get(name) or 0

    return Line(
        key=key,
        name=name,
        short=short,
        times={kind: _time(median(spells_of(ended.get(kind, {}), waiting.get(kind, {})))) for kind in DUTY_KINDS},
        duties={
            kind: DutyCount(
                met=one(f"{kind}_met"),
                late=one(f"{kind}_late"),
                waiting=one(f"{kind}_waiting") - (one(f"{kind}_late") - one(f"{kind}_missed")),
                conditional=one(f"{kind}_conditional"),
            )
            for kind in DUTY_KINDS
        },
        **{name: one(f"sum_{name}") for name in _SUMS},
        **{
            name: one(f"n_{name}")
            for name in (
                "sent", "done", "presumed", "extended", "silent", "fee_asked", "paid", "waiver_asked",
                "waiver_granted", "waiver_part", "waiver_refused", "refused", "pages_known",
            )
        },
    )  # fmt: skip


def _time(found: Median) -> Time:
    return Time(found.days, found.low, found.high, found.ended, found.known)


POINTS: Final = 120  # of a curve: more cannot be told apart on a screen


def _points(spells: Sequence[Spell]) -> list[Point]:
    """Return a curve in at most POINTS steps and the day on which it ends: the last with enough requests to watch.

    Beyond it one answer more would throw the curve to the top.
    """
    end = known_until(spells, FEWEST_WATCHED)
    steps = [step for step in curve(spells) if end is not None and step.days <= end]
    every = max(1, -(-len(steps) // POINTS))
    kept = [step for number, step in enumerate(steps) if number % every == 0 or number == len(steps) - 1]
    points = [Point(step.days, 1.0 - step.share) for step in kept]
    if points and end is not None and points[-1].days < end:
        points.append(Point(end, points[-1].share))
    return points


def _objections(rows: QuerySet[RequestFacts]) -> list[tuple[str, int]]:
    """Return how many requests met which objection, the most frequent first; "" where a refusal named none."""
    found: Counter[str] = Counter()
    said = rows.filter(Q(refused=True) | ~Q(objections="")).order_by()
    for keys, n in said.values_list("objections", Count("pk")):
        for key in keys.split() or [""]:
            found[key] += n
    return sorted(found.items(), key=lambda one: (-one[1], one[0]))


def _key(key: Any) -> str:
    return "" if key is None else str(key)


def _names(by: str, keys: Iterable[Any]) -> dict[Any, tuple[str, str, str]]:
    """Return the key, the name and the short name of each group. One query where they have rows of their own."""
    known = [key for key in keys if key is not None]
    if by == "agency":
        agencies = Agency.objects.filter(pk__in=known).values_list("pk", "code", "jurisdiction", "name", "short_name")
        return {pk: (code, f"{state}: {name}", f"{state}: {short}") for pk, code, state, name, short in agencies}
    if by == "campaign":
        campaigns = Campaign.objects.filter(pk__in=known).values_list("pk", "name")
        return {pk: (str(pk), name, name) for pk, name in campaigns}
    words = {"state": name_of, "kit": kit_name}.get(by, str)
    return {key: (key, words(key), words(key)) for key in known}


def kit_name(kit_id: str) -> str:
    """Return what a kit is called."""
    try:
        return f"{kit_id}: {get_kit(kit_id).title}"
    except UnknownKit:
        return kit_id
