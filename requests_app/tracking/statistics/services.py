"""What statistics write: folded facts, tables counted beforehand, and (in `monthly`) reports."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Final, NamedTuple

import msgspec
from django.db.models import Count, Max, Sum

from requests_app.tracking.statistics import folding
from requests_app.tracking.statistics.counting import GROUPINGS, Part, Table, count, key_of
from requests_app.tracking.statistics.models import CountedTable, RequestFacts

WORTH_IT: Final = 2000  # requests from which on tables are counted beforehand; fewer are counted while one waits
PART_WORTH_IT: Final = 500  # the same for a part of them, when there are so many; a page counts fewer in 20 ms


def keep_up(now: datetime) -> bool:
    """Bring the facts up to date, one round of it, and count the large tables again when there is no more to fold.

    1. Fold what changed.
    2. When all is folded, count the large tables that changed, if a fact changed since or a new day has begun.

    Returns whether there is more to fold, so that the caller goes on at once.
    """
    if folding.fold_changed(now):
        return True
    _folded_at, changed_at = folding.known_up_to()
    as_of, _ahead = folding.today_everywhere(now)
    kept = CountedTable.objects.values_list("part", "by", "as_of", "counted_at")
    days = {day for _part, _by, day, _at in kept}
    whole = {by for part, by, _day, _at in kept if part == ""}
    oldest = min((at for _part, _by, _day, at in kept), default=None)
    fresh = days == {as_of} and whole == set(GROUPINGS)
    if fresh and (changed_at is None or (oldest is not None and oldest >= changed_at)):
        return False
    count_tables(now)
    return False


def count_tables(now: datetime) -> None:
    """Count the tables of all requests and of every large part, and keep them.

    None where there are so few requests that a page counts them itself. A table of this day whose part is as it was
    stays, and is known to be true until now. One part is stored after the other: what a killed task did stays done.
    """
    if RequestFacts.objects.count() < WORTH_IT:
        CountedTable.objects.all().delete()
        return
    as_of, ahead = folding.today_everywhere(now)
    measured = list(_large_parts())
    known = {
        (row.part, row.by): (row.as_of, row.requests, row.events, row.newest)
        for row in CountedTable.objects.defer("content")
    }
    for one in measured:
        key, size = key_of(one.part) or "", one.size
        unchanged = [by for by in GROUPINGS if known.get((key, by)) == (as_of, *size)]
        CountedTable.objects.filter(part=key, by__in=unchanged).update(counted_at=now)
        for by in GROUPINGS:
            if by in unchanged:
                continue
            # A part that holds them all has the same tables, whatever it is called.
            alike = key and size == measured[0].size
            content = _kept_content("", by) if alike else msgspec.json.encode(count(by, one.part, as_of, ahead))
            CountedTable.objects.update_or_create(
                part=key, by=by, defaults={"as_of": as_of, "counted_at": now, "content": content, **size._asdict()}
            )
    CountedTable.objects.exclude(part__in=[key_of(one.part) for one in measured]).delete()


def _kept_content(part: str, by: str) -> bytes:
    return bytes(CountedTable.objects.values_list("content", flat=True).get(part=part, by=by))


class Size(NamedTuple):
    """What changes with every row that comes to a part, leaves it or is folded again: the columns of CountedTable."""

    requests: int
    events: int
    newest: datetime | None

    def and_also(self, other: Size) -> Size:
        """Return the size of both together."""
        newest = max((at for at in (self.newest, other.newest) if at is not None), default=None)
        return Size(self.requests + other.requests, self.events + other.events, newest)


class Measured(NamedTuple):
    """A part and its size."""

    part: Part
    size: Size


def _large_parts() -> Iterator[Measured]:
    """Yield all requests, then every part narrowed by one thing that is worth counting beforehand. Five queries."""
    states = _sizes("jurisdiction")
    whole = Size(0, 0, None)
    for size in states.values():
        whole = whole.and_also(size)
    yield Measured(Part(), whole)
    parts: dict[Part, Size] = {Part(state=key): size for key, size in states.items()}
    parts |= {Part(agency_id=key): size for key, size in _sizes("agency_id").items()}
    parts |= {Part(kit=key): size for key, size in _sizes("kit_id").items()}
    parts |= {Part(campaign_id=key): size for key, size in _sizes("campaign_id").items() if key is not None}
    for month, size in _sizes("sent_month").items():
        for part in _periods(month):
            parts[part] = parts.get(part, Size(0, 0, None)).and_also(size)
    for part, size in parts.items():
        if size.requests >= PART_WORTH_IT:
            yield Measured(part, size)


def _sizes(column: str) -> dict[Any, Size]:
    """Return the size of each group of the counted requests. One query."""
    rows = RequestFacts.objects.filter(sent_on__isnull=False).order_by().values_list(column)
    found = rows.annotate(requests=Count("pk"), events=Sum("sequence"), newest=Max("folded_at"))
    return {key: Size(*size) for key, *size in found}


def _periods(month: str) -> Iterator[Part]:
    """Yield the parts that a month ("2026-03") belongs to: itself, its quarter, its year."""
    year, number = (int(text) for text in month.split("-"))
    quarter = (number - 1) // 3 * 3 + 1
    for first, last in ((number, number), (quarter, quarter + 2), (1, 12)):
        yield Part(first=date(year, first, 1), last=date(year, last, monthrange(year, last)[1]))


def table_of(by: str, part: Part, now: datetime) -> tuple[Table, datetime | None]:
    """Return a table and up to when it is true; None where nothing was ever folded.

    A large one comes from those counted beforehand, if it is of this day; any other is counted now.
    """
    as_of, ahead = folding.today_everywhere(now)
    folded_at, changed_at = folding.known_up_to()
    key = key_of(part)
    kept = None if key is None else CountedTable.objects.filter(part=key, by=by, as_of=as_of).first()
    if kept is not None:
        known = folded_at if changed_at is None or changed_at <= kept.counted_at else kept.counted_at
        return msgspec.json.decode(bytes(kept.content), type=Table), known
    return count(by, part, as_of, ahead), folded_at
