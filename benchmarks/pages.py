"""The desk, the lists and the request page over the large database of `filling`: queries, milliseconds and memory."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks.figures import Figure, peak_memory_mb, spread_ms
from benchmarks.filling import signed_in  # it sets Django up
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Person
from requests_app.tracking.calendar import services as feeds

# A page is measured by adding its line.
PAGES = {
    "desk": "/desk/?everything",
    "desk, one state": "/desk/?state=MD",
    "desk, mine": "/desk/?person=me",
    "desk, agencies that are late": "/desk/?group=late",
    "desk, waiting for agencies": "/desk/?group=them",
    "desk, asleep": "/desk/?group=asleep",
    "who has how much": "/desk/people/",
    "all requests": "/requests/",
    "a volunteer's letters": "/letters/",
    "notices": "/people/notices/",
    "calendar, a month": "/calendar/?day={day}",
    "calendar, a month of one state": "/calendar/?day={day}&state=MD",
    "calendar, the list": "/calendar/?form=agenda",
}
MEMORY_MB = 300


def page(client: Client, name: str, path: str) -> list[Figure]:
    """Return how many queries one page needs and how long the server takes for it, by the clock and in its own time."""
    with CaptureQueriesContext(connection) as queries:
        response = client.get(path)
    asked = len(queries)  # now: the next request empties the log
    if response.status_code != 200:
        raise SystemExit(f"{path} answered {response.status_code}")
    clock, own = spread_ms(lambda: client.get(path))
    return [
        Figure(f"{name}: queries", asked, "queries", 15),
        Figure(f"{name}: median", clock.median, "ms", 50),
        Figure(f"{name}: median, own time", own.median, "ms", 50),
        Figure(f"{name}: 95th percentile", clock.p95, "ms", 150),
        Figure(f"{name}: 95th percentile, own time", own.p95, "ms", 150),
    ]


def _feed(client: Client, now: datetime) -> Figure:
    """Return how long a feed of Maryland takes: an eighth of all requests, cut off at its bound."""
    person = Person.objects.get(handle="bench")
    path = f"/feeds/{feeds.make_feed(feeds.About(state='MD'), by=person, now=now)[1]}.ics"
    clock, _own = spread_ms(lambda: client.get(path).getvalue(), 5)
    return Figure("calendar feed of a thousand dates", clock.median, "ms", 2000)


def main() -> None:
    """Measure, print as JSON."""
    client, now = signed_in(), datetime.now(UTC)
    day = now.date() + timedelta(days=45)
    reference = RecordsRequest.objects.order_by("-pk").values_list("reference", flat=True)[0]
    pages = {"request page": f"/requests/{reference}/", **PAGES}
    figures = [figure for name, path in pages.items() for figure in page(client, name, path.format(day=day))]
    memory = Figure("memory of a process that served these", peak_memory_mb(), "MB", MEMORY_MB)
    print(json.dumps([figure.plain() for figure in (*figures, _feed(client, now), memory)]))


if __name__ == "__main__":
    main()
