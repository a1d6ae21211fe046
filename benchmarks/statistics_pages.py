"""The statistics page over a large database, and what keeps its facts up to date: queries and milliseconds."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta

from django.db import connection

from benchmarks.figures import Figure, peak_memory_mb
from benchmarks.filling import EVENTS_EACH, REQUESTS, signed_in  # it sets Django up
from benchmarks.pages import MEMORY_MB, page
from requests_app.filing.models import Deadline, Event, RecordsRequest
from requests_app.tracking.statistics import folding, services
from requests_app.tracking.statistics.counting import Part, count
from requests_app.tracking.statistics.models import FoldMark

FOLDED = min(5000, REQUESTS)
# The facts of the others, written by the database as folding would: received on 300 days, answered in four of five.
FACTS = """
    INSERT INTO tracking_requestfacts (
        request_id, sequence, folded_at, jurisdiction, agency_id, kit_id, sent_on, sent_month, clock, started_on, done,
        days_to_acknowledgment, days_to_determination, acknowledgment_duty, determination_duty, production_duty,
        extensions, fee_cents, paid_cents, waiver, waived_cents, refused, objections, appeals_filed, appeals_won,
        appeals_part, appeals_lost)
    SELECT id, {newest}, %s, jurisdiction, agency_id, kit_id, DATE('2026-01-01'), '2026-01', 'received', {day}, {no},
        CASE WHEN id %% 5 > 0 THEN id %% 17 END, CASE WHEN id %% 5 > 1 THEN id %% 61 END, 'met', 'open', '', 0,
        CASE WHEN id %% 7 = 0 THEN 2500 END, 0, 'not_asked', 0, {no}, '', 0, 0, 0, 0
    FROM filing_recordsrequest WHERE id NOT IN (SELECT request_id FROM tracking_requestfacts)
"""
DAYS = {
    "sqlite": "DATE('2026-01-01', '+' || (id %% 300) || ' days')",
    "postgresql": "DATE '2026-01-01' + (id %% 300)::int",
}


def main() -> None:
    """Fill, measure, print as JSON."""
    now = datetime.now(UTC)
    client = signed_in()
    ids = list(RecordsRequest.objects.order_by("pk").values_list("pk", flat=True)[:FOLDED])
    folding_ms = _ms(lambda: [folding.refold(some, now=now) for some in folding._batches(ids)])
    with connection.cursor() as cursor:
        no = "0" if connection.vendor == "sqlite" else "FALSE"
        cursor.execute(FACTS.format(newest=EVENTS_EACH, day=DAYS[connection.vendor], no=no), [now])
        cursor.execute("ANALYZE")
    events, deadlines = folding._last(Event), folding._last(Deadline)
    FoldMark.objects.update_or_create(
        only=1, defaults={"event_id": events, "deadline_id": deadlines, "folded_at": now, "changed_at": now}
    )
    as_of, ahead = folding.today_everywhere(now)
    one_ms = _ms(lambda: count("state", Part(), as_of, ahead))
    all_ms = _ms(lambda: services.count_tables(now))
    # One request more was folded: what holds it is counted again, the rest is known to be as it was.
    later = now + timedelta(minutes=5)
    folding.refold(ids[:1], now=later)
    again_ms = _ms(lambda: services.count_tables(later))
    figures = [
        Figure(f"statistics: fold {FOLDED:,} requests", folding_ms, "ms", 10_000),
        Figure("statistics: count one whole table", one_ms, "ms", 5_000),
        Figure("statistics: count every large table", all_ms, "ms", 60_000),
        Figure("statistics: count again after one event", again_ms, "ms", 30_000),
        *page(client, "statistics", "/statistics/"),
        *page(client, "statistics, duties by agency", "/statistics/?by=agency&show=duties"),
        *page(client, "statistics, one state", "/statistics/?by=agency&state=MD"),
        *page(client, "statistics, one quarter", "/statistics/?by=state&period=2026-Q1"),
    ]
    memory = Figure("memory of a process that served and counted", peak_memory_mb(), "MB", MEMORY_MB)
    print(json.dumps([figure.plain() for figure in (*figures, memory)]))


def _ms(work: object) -> float:
    began = time.perf_counter()
    work()  # type: ignore[operator]
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()
