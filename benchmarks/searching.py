"""Search over many pages, with highlights and facets, on the database that `filling` has filled.

`BENCH_PAGES` pages (1,000,000) of about 90 words, ten to a document. What is measured is the whole answer: permission,
ranking, grouping, facets and the stretches of text of one page of documents.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction

from benchmarks.figures import Figure, spread_ms
from benchmarks.filling import signed_in  # it sets Django up
from requests_app.documents.models import Blob, Document, Passage
from requests_app.documents.search.engines import the_engine
from requests_app.documents.search.finding import find
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Person

PAGES: Final = int(os.environ.get("BENCH_PAGES", "1000000"))
EACH: Final = 10  # pages of a document
BATCH: Final = 2000  # documents in one transaction
LIMIT: Final = 150  # milliseconds, 95 of 100

# `common` stands on every page, `frequent` on every third, `seldom` on every hundredth, `rare` on every 50,000th.
QUERIES: Final = {
    "rare word": "rare",
    "seldom word (1 page in 100)": "seldom",
    "frequent word (1 page in 3)": "frequent",
    "common word (every page)": "common",
    "common and rare together": "common rare",
    "common and seldom together": "common seldom",
    "two common words": "common everywhere",
    "phrase on every page": '"common everywhere"',
    "phrase of common words, on no page": '"everywhere common"',
    "phrase, 1 page in 100": '"seldom found"',
    "beginning of words": "seld*",
    "beginning of common words": "com*",
    "either of two": "rare OR seldom",
    "without a word": "seldom -frequent",
    "one state": "common state:MD",
    "one agency and kind": "seldom agency:ny-bench type:pdf",
    "one request": "common request:{reference}",
    "nothing": "nowhere",
    "fields alone": "state:MD type:pdf",
}


def main() -> None:
    """Fill, measure, print as JSON. Leaves the database fuller than it was."""
    signed_in()
    began = time.monotonic()
    if not Passage.objects.exists():
        fill(datetime.now(UTC))
    seconds = time.monotonic() - began
    person = Person.objects.get(handle="bench")
    volunteer = Person.objects.get(handle="volunteer-1")
    reference = RecordsRequest.objects.order_by("pk").values_list("reference", flat=True)[0]
    figures = []
    for name, query in QUERIES.items():
        asked = query.format(reference=reference)
        spread, _own = spread_ms(lambda asked=asked: find(person, asked), repeats=20)  # type: ignore[misc]
        figures += [Figure(f"search, {name}", spread.median, "ms, median", LIMIT)]
        figures += [Figure(f"search, {name}", spread.p95, "ms, p95", LIMIT)]
    for name in ("common word (every page)", "seldom word (1 page in 100)"):
        spread, _own = spread_ms(lambda name=name: find(volunteer, QUERIES[name]), repeats=20)  # type: ignore[misc]
        figures += [Figure(f"search by a volunteer, {name}", spread.p95, "ms, p95", LIMIT)]
    text = Passage.objects.count() * len(_page(0))
    size = the_engine().size()
    figures += [
        Figure("pages written into the index", PAGES / max(seconds, 0.001), "a second", 1000, more_is_better=True),
        Figure("size of the index, of the text's", 100 * size / text, "%", 150),
    ]
    print(json.dumps([figure.plain() for figure in figures]))


def fill(now: datetime) -> None:
    """Write `PAGES` pages as documents of the requests there are."""
    requests = list(RecordsRequest.objects.order_by("pk").values_list("pk", "agency_id"))
    kinds = ("pdf", "spreadsheet", "image", "e-mail")
    for start in range(0, PAGES // EACH, BATCH):
        numbers = range(start, min(start + BATCH, PAGES // EACH))
        blobs = [
            Blob(sha256=f"{n:064x}", size=1000, media_type="application/pdf", kind=kinds[n % 4], stored_at=now)
            for n in numbers
        ]
        documents = [
            Document(
                id=uuid.UUID(int=n + 1), blob_id=f"{n:064x}", request_id=requests[n % len(requests)][0],
                agency_id=requests[n % len(requests)][1], original_name=f"file-{n}.pdf", kind=kinds[n % 4],
                via="upload", received_on=(now - timedelta(days=n % 1500)).date(),
                brought_at=now + timedelta(seconds=n),
            )
            for n in numbers
        ]  # fmt: skip
        with transaction.atomic(), connection.cursor() as cursor:
            Blob.objects.bulk_create(blobs, batch_size=500)
            Document.objects.bulk_create(documents, batch_size=500)
            _insert(cursor, "documents_passage", "blob_id, kind, place, part, text", list(_passages(numbers)))
        print(f"{numbers[-1] * EACH:,}", end=" ", file=sys.stderr, flush=True)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE" if connection.vendor == "sqlite" else "VACUUM ANALYZE")


def _insert(cursor: Any, table: str, columns: str, rows: list[tuple[Any, ...]]) -> None:
    size = 5000 // len(rows[0])
    for start in range(0, len(rows), size):
        part = rows[start : start + size]
        marks = ", ".join(["(" + ", ".join(["%s"] * len(part[0])) + ")"] * len(part))
        values = [value for row in part for value in row]
        cursor.execute(f"INSERT INTO {table} ({columns}) VALUES {marks}", values)  # noqa: S608  our own names


def _passages(numbers: range) -> Iterator[tuple[str, str, int, int, str]]:
    for number in numbers:
        for place in range(1, EACH + 1):
            yield (f"{number:064x}", "page", place, 0, _page(number * EACH + place - 1))


_STARTS: Final = ("b", "c", "d", "f", "g", "h", "j", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "z", "br", "st")
_VOWELS: Final = ("a", "e", "i", "o", "u", "ai", "ou")
_ENDS: Final = ("n", "r", "st", "l", "m", "ck", "d", "nd", "x")
_RANDOM: Final = random.Random(6)
_WORDS: Final = [f"{start}{vowel}{end}" for start in _STARTS for vowel in _VOWELS for end in _ENDS]
_WEIGHTS: Final = [1 / (rank + 1) for rank in range(len(_WORDS))]
_TEXTS: Final = [" ".join(_RANDOM.choices(_WORDS, _WEIGHTS, k=80)) for _text in range(3000)]


def _page(n: int) -> str:
    words = [f"Page {n}: the common everywhere"]
    words += ["frequent"] if n % 3 == 0 else []
    words += ["seldom found"] if n % 100 == 7 else []
    words += ["rare"] if n % 50_000 == 11 else []
    return " ".join([*words, _TEXTS[n % len(_TEXTS)]])


if __name__ == "__main__":
    main()
