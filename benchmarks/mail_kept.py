"""Incoming mail parsed, matched and stored, and the list of what waits, over the large database of `filling`.

What is counted is the processor's time of this process and of the one that reads mail, on one core: what a PostgreSQL
in processes of its own takes is not in it.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.test import Client

from benchmarks.figures import Figure, peak_memory_mb, spread_ms
from benchmarks.filling import CODES, signed_in  # it sets Django up
from benchmarks.mail import LETTER, large
from benchmarks.pages import page
from requests_app.agencies.models import Agency, ContactPoint
from requests_app.correspondence.incoming import searching, services
from requests_app.correspondence.incoming.models import IncomingMessage, RawMail
from requests_app.filing.models import RecordsRequest
from tests.correspondence.parsing.builders import file, part, whole

ROWS = int(os.environ.get("BENCH_MAILS", "100000"))
BATCH = 5_000
DOMAIN, SERVER = "reply.example", "mx.reply.example"
MEMORY_MB = 400  # a Celery worker; the mail of 50 MB is read in the process apart


def main() -> None:
    """Measure, print as JSON. Leaves the database fuller than it was."""
    client, now = signed_in(), datetime.now(UTC)
    settings.REPLY_DOMAIN, settings.MAIL_AUTHSERV_ID = DOMAIN, SERVER
    with tempfile.TemporaryDirectory(prefix="daylight-bench-") as folder:
        settings.STORE_DIR = folder
        _contacts(now)
        figures = [
            *_rate("text", lambda number: part("text/plain", LETTER), 600, 100, now),
            *_rate("with a PDF of 2 MB", _with_pdf, 8, 3, now),
            *_rate("50 files", _fifty_files, 3, 0.3, now),
        ]
        memory = peak_memory_mb()
        services.take_in([large()], way="lmtp", now=now)
        grown = peak_memory_mb()
        _process(now)
        figures += [
            Figure("memory of the worker that processed these", memory, "MB", MEMORY_MB),
            Figure("memory that a mail of 50 MB adds to it", peak_memory_mb() - grown, "MB", 50),
        ]
    figures += _lists(client, now)
    print(json.dumps([figure.plain() for figure in figures]))


def _contacts(now: datetime) -> None:
    for agency in Agency.objects.filter(jurisdiction__in=CODES):
        ContactPoint.objects.create(
            agency=agency, channel="email", value=f"records@{agency.code}.example", health="confirmed",
            confidence="high", source="https://agency.example/", as_of="2026-02", confirmed_at=now,
            confirmed_where="https://agency.example/",
        )  # fmt: skip


def _with_pdf(number: int) -> bytes:
    content = b"%PDF-1.4\n" + str(number).encode() + bytes(range(256)) * 8_192
    return whole("mixed", part("text/plain", LETTER), file("response.pdf", content))


def _fifty_files(number: int) -> bytes:
    files = [file(f"page-{number}-{n}.tif", b"II*\0" * 1_024 + f"{number} {n}".encode()) for n in range(50)]
    return whole("mixed", part("text/plain", LETTER), *files)


def _rate(name: str, content: Callable[[int], bytes], mails: int, least: float, now: datetime) -> list[Figure]:
    """Return how many such mails one core takes in, and how many it parses, matches and stores, in a second.

    Each is from the agency of another request and proven, so that it is filed and its files become documents.
    """
    requests = RecordsRequest.objects.filter(agency__jurisdiction__in=CODES).order_by("pk")
    facts = list(requests.values_list("reference", "reply_token", "agency__code")[:mails])
    raws = [_addressed(content(number), number, *facts[number % len(facts)]) for number in range(mails)]
    start = _seconds()
    for raw in raws:
        services.take_in([raw], way="lmtp", now=now)
    taken_in = _seconds() - start
    before = IncomingMessage.objects.filter(state="filed").count()
    start = _seconds()
    _process(now)
    processed = _seconds() - start
    filed = IncomingMessage.objects.filter(state="filed").count() - before
    if filed != mails or RawMail.objects.exclude(state="processed").exists():
        raise SystemExit(f"{filed} of {mails} mails were filed.")
    return [
        Figure(f"mails filed on one core: {name}", mails / processed, "a second", least, more_is_better=True),
        Figure(f"the same with taking them in: {name}", mails / (taken_in + processed), "a second", least,
               more_is_better=True),
    ]  # fmt: skip


def _addressed(content: bytes, number: int, reference: str, token: str, agency: str) -> bytes:
    domain = f"{agency}.example"
    return (
        f"Authentication-Results: {SERVER}; dmarc=pass header.from={domain}\r\n"
        f"From: Records <records@{domain}>\r\nTo: records+{reference.lower()}-{token}@{DOMAIN}\r\n"
        f"Subject: Your request {reference}\r\nDate: Tue, 03 Mar 2026 10:00:00 -0500\r\n"
        f"Message-ID: <{number}.{len(content)}@{domain}>\r\n"
    ).encode() + content


def _process(now: datetime) -> None:
    while services.process_waiting(now):
        pass


def _seconds() -> float:
    """Return the processor's time of this process and of those that it started and that ended."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def _lists(client: Client, now: datetime) -> list[Figure]:
    """Return how long the list of what waits and the search take with `ROWS` messages that wait."""
    first = RawMail.objects.order_by("pk").values_list("pk", flat=True)[:1]
    assert first, "the rates come before"
    for start in range(0, ROWS, BATCH):
        numbers = range(start, min(start + BATCH, ROWS))
        raws = [RawMail(sha256=f"{n:064x}", size=900, stored_at=now, state="processed") for n in numbers]
        RawMail.objects.bulk_create(raws)
        IncomingMessage.objects.bulk_create(_waiting(raw, n, now) for raw, n in zip(raws, numbers, strict=True))
    searching.rebuild()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    middle = IncomingMessage.objects.filter(state="triage").order_by("received_at").values_list("pk", flat=True)
    pages = {
        f"mail that waits, of {ROWS:,}": "/mail/",
        "the same, far down": f"/mail/?after={middle[ROWS // 2]}",
        "mail with its request": "/mail/?list=filed",
    }
    figures = [figure for name, path in pages.items() for figure in page(client, name, path)]
    for name, words in {
        "a word of all": "request",
        "a rare number": f"{ROWS // 2}",
        "two words": "waits request",
    }.items():
        clock, _own = spread_ms(partial(client.get, "/mail/search/", {"words": words}), 20)
        figures.append(Figure(f"search over all mail, {name}: 95th percentile", clock.p95, "ms", 150))
    return figures


def _waiting(raw: RawMail, number: int, now: datetime) -> IncomingMessage:
    return IncomingMessage(
        raw=raw, fingerprint=f"{number:064x}", from_address=f"clerk{number % 997}@agency.example",
        subject=f"About request number {number}", text="It waits for somebody.\n" + LETTER.decode(),
        received_at=now - timedelta(minutes=number), state="triage", triage_reason="unmatched",
        reasons=["unknown_sender", "not_checked"],
    )  # fmt: skip


if __name__ == "__main__":
    Path(settings.STORE_DIR).mkdir(parents=True, exist_ok=True)
    main()
