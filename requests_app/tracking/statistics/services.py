"""What statistics write: folded facts, tables counted beforehand, and (in `monthly`) reports."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from requests_app.tracking.statistics import folding
from requests_app.tracking.statistics.counting import GROUPINGS, Part, Table, count
from requests_app.tracking.statistics.models import CountedTable, RequestFacts

WORTH_IT: Final = 2000  # requests from which on a table is counted beforehand; fewer are counted while one waits


def keep_up(now: datetime) -> bool:
    """Bring the facts up to date, one round of it, and count the tables again when there is no more to fold.

    1. Fold what changed.
    2. When all is folded, count the whole tables, if a fact changed since or a new day has begun.

    Returns whether there is more to fold, so that the caller goes on at once.
    """
    if folding.fold_changed(now):
        return True
    _folded_at, changed_at = folding.known_up_to()
    as_of, _ahead = folding.today_everywhere(now)
    kept = dict(CountedTable.objects.values_list("by", "as_of"))
    oldest = CountedTable.objects.order_by("counted_at").values_list("counted_at", flat=True).first()
    fresh = set(kept.values()) == {as_of} and set(kept) == set(GROUPINGS)
    if fresh and (changed_at is None or (oldest is not None and oldest >= changed_at)):
        return False
    count_tables(now)
    return False


def count_tables(now: datetime) -> None:
    """Count every whole table and keep it; none where there are so few requests that a page counts them itself."""
    if RequestFacts.objects.count() < WORTH_IT:
        CountedTable.objects.all().delete()
        return
    as_of, ahead = folding.today_everywhere(now)
    for by in GROUPINGS:
        content = msgspec.json.encode(count(by, Part(), as_of, ahead))
        CountedTable.objects.update_or_create(
            by=by, defaults={"as_of": as_of, "counted_at": now, "content": content}
        )  # fmt: skip


def table_of(by: str, part: Part, now: datetime) -> tuple[Table, datetime | None]:
    """Return a table and up to when it is true; None where nothing was ever folded.

    The whole tables come from those counted beforehand, if they are of this day; any other is counted now.
    """
    as_of, ahead = folding.today_everywhere(now)
    folded_at, changed_at = folding.known_up_to()
    if part.is_whole:
        kept = CountedTable.objects.filter(by=by, as_of=as_of).first()
        if kept is not None:
            known = folded_at if changed_at is None or changed_at <= kept.counted_at else kept.counted_at
            return msgspec.json.decode(bytes(kept.content), type=Table), known
    return count(by, part, as_of, ahead), folded_at
