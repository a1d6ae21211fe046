"""What an agency hands in: every good file kept, no bad one, never more than the link takes, and people told once."""

from __future__ import annotations

import hashlib
import html
import logging
import re
import threading
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from requests_app.documents import locks, queries, tasks
from requests_app.documents import services as documents
from requests_app.documents.handed_in import limits, services
from requests_app.documents.handed_in.queries import count_of_waiting
from requests_app.documents.handed_in.queries import waiting as waiting_for
from requests_app.documents.keeping import erasing, provenance
from requests_app.documents.models import (
    AgencyLink,
    Blob,
    Document,
    HandedFile,
    HandIn,
    HandInReceipt,
    Step,
)
from requests_app.documents.store import DiskFull, StorageUnreachable, Store
from requests_app.filing.models import Event, RecordsRequest
from requests_app.people.models import AuditEntry, Notice, Person
from tests.documents.bodies import CONTENT_TYPE, CSV, MB, PDF, body, files_under
from tests.documents.everybody import EVERYBODY, client_of
from tests.documents.handed_in.conftest import Give, Given
from tests.factories import NOON, PersonFactory, RecordsRequestFactory, record

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LATER = NOON + 8 * DAY
WHO: dict[str, Any] = {"by_whom": "Pat Doe, Records Unit", "email": "", "message": ""}


@pytest.fixture(autouse=True)
def a_week_later() -> Any:
    with time_machine.travel(LATER, tick=False):
        yield


def send(given: Given, *files: tuple[str, bytes], client: Client | None = None, **fields: str) -> Any:
    """Post as a browser does, without script and without a cookie."""
    browser = client or Client(enforce_csrf_checks=True)
    return browser.post(given.url, body(*files, **(WHO | fields)), content_type=CONTENT_TYPE)


def words(response: Any) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


class InMemory:
    """A file as the upload handler leaves it."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def chunks(self) -> Any:
        yield self.content


def hand_in(given: Given, *contents: bytes, now: Any = LATER, **more: Any) -> services.Outcome:
    files = [services.GivenFile(f"{number}.csv", InMemory(content)) for number, content in enumerate(contents)]
    return services.hand_in(given.link, files, by_whom="Pat Doe", now=now, **more)


# --- the page -------------------------------------------------------------------------------------------------------


def test_the_page_says_who_asks_for_what_until_when(
    given: Given, letter: RecordsRequest, settings: Any, alice: Person
) -> None:
    settings.ORGANISATION_NAME = "Harbor Records Group"
    page = Client().get(given.url)
    said = words(page)
    assert page.status_code == 200
    for told in (letter.reference, letter.agency.name, letter.subject, "Harbor Records Group", "Monday, March 2, 2026"):
        assert told in said
    # 30 days later, in Maryland, where summer time has begun.
    assert re.search("Wednesday, April 1, 2026 ?, 1:00 p.m. EDT", said)
    assert "50 more files" in said and "1000 MB together, each up to 2 MB" in said
    for private in (alice.legal_name, alice.handle, alice.email, letter.reply_token):
        assert private not in page.content.decode()


def test_looking_changes_nothing_and_leaves_no_trace_in_the_browser(given: Given, store: Store) -> None:
    before = AgencyLink.objects.values().get()
    for _each in range(3):
        with CaptureQueriesContext(connection) as asked:
            page = Client().get(given.url, headers={"User-Agent": "Googlebot"})
        assert all(query["sql"].startswith("SELECT") for query in asked.captured_queries)
        assert len(asked) <= 3
        assert not page.cookies
        assert "csrf" not in page.content.decode().lower()
    assert Client().head(given.url).status_code == 200
    assert AgencyLink.objects.values().get() == before
    assert not files_under(store.folder)


@pytest.mark.parametrize(
    "path", ["{}", "{}receipts/00000000-0000-4000-8000-000000000000/", "{}more/", "/hand-in/", "x"]
)
@pytest.mark.same_everywhere
def test_no_page_leaks_where_it_is(given: Given, path: str, caplog: pytest.LogCaptureFixture) -> None:
    where = path.format(given.url) if path != "x" else "/hand-in/" + "0" * 28 + "/"
    with caplog.at_level(logging.DEBUG):
        answers = [Client().generic(verb, where) for verb in ("GET", "POST", "PUT", "DELETE", "PROPFIND")]
    for answer in answers:
        assert answer["Referrer-Policy"] == "no-referrer"
        assert answer["X-Robots-Tag"].startswith("noindex, nofollow")
        assert "no-store" in answer["Cache-Control"] and "private" in answer["Cache-Control"]
        assert "default-src 'self'" in answer["Content-Security-Policy"]
        text = answer.content.decode()
        assert not re.search(r"(?:src|href)=[\"'](?:https?:)?//", text), "nothing of another site"
    assert given.code[:4] not in caplog.text and "hand-in" not in caplog.text
    if answers[0].status_code in (200, 404):
        assert 'name="robots" content="noindex' in answers[0].content.decode()


@pytest.mark.same_everywhere
def test_a_failure_is_logged_without_the_address(
    given: Given, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "hand_in", lambda *args, **more: 1 / 0)
    answer = send(given, ("a.csv", CSV))
    assert (answer.status_code, answer["Retry-After"]) == (503, "300")
    assert "ZeroDivisionError" in caplog.text
    assert given.code not in caplog.text and given.url not in caplog.text


# --- files ----------------------------------------------------------------------------------------------------------


def test_files_are_kept_read_and_receipted_without_script_and_without_cookie(
    given: Given, store: Store, letter: RecordsRequest
) -> None:
    status = RecordsRequest.objects.values_list("status", "phase", "last_sequence").get(pk=letter.pk)
    events = Event.objects.count()
    answer = send(given, ("totals 2025.csv", CSV), ("letter.pdf", PDF), message="The rest follows.")
    assert answer.status_code == 302 and answer.url.startswith(f"{given.url}receipts/")
    receipt = words(Client().get(answer.url))
    assert "2 files are kept" in receipt and "The rest follows." in receipt
    for content in (CSV, PDF):
        assert hashlib.sha256(content).hexdigest() in receipt
    assert "2026-03-10 13:00:00 -0400" in receipt
    sheet = Document.objects.get(original_name="totals 2025.csv")
    assert (sheet.via, sheet.request, sheet.agency, sheet.brought_by) == ("handed_in", letter, letter.agency, None)
    assert str(sheet.received_on) == "2026-03-10"
    assert store.path(sheet.blob_id).read_bytes() == CSV
    assert Step.objects.filter(blob=sheet.blob).exists(), "it is read like any other"
    assert (given.fresh().taken_files, given.fresh().taken_bytes) == (2, len(CSV) + len(PDF))
    assert RecordsRequest.objects.values_list("status", "phase", "last_sequence").get(pk=letter.pk) == status
    assert Event.objects.count() == events, "what it means, a person says"


BAD = [
    pytest.param("empty.pdf", b"", "The file is empty", id="empty"),
    pytest.param("big.csv", b"x" * (2 * MB + 1), "larger than we can take over this page", id="too-large"),
    pytest.param("setup.exe", b"MZ\x90\x00\x03", "This is a program", id="program"),
    pytest.param("totals.csv.vbs", b"WScript.Echo 1", "This is a program", id="program-by-name"),
]


@pytest.mark.parametrize(("name", "content", "reason"), BAD)
@pytest.mark.parametrize("company", [False, True], ids=["alone", "among-good-ones"])
@pytest.mark.same_everywhere
def test_a_bad_file_is_named_with_the_reason_and_the_good_ones_are_kept(
    given: Given, store: Store, name: str, content: bytes, reason: str, company: bool
) -> None:
    good = [("a.csv", CSV), ("b.pdf", PDF)] if company else []
    answer = send(given, *good[:1], (name, content), *good[1:])
    page = answer if not company else Client().get(answer.url)
    assert answer.status_code == (302 if company else 422)
    assert re.search(f"{re.escape(name)} ?: [^:]*{reason}", words(page))
    assert "One file was not kept" in words(page)
    assert "Choose at least one file" not in words(page)
    assert Document.objects.count() == len(files_under(store.folder)) == len(good)
    assert given.fresh().taken_files == len(good), "what was not kept gave its room back"
    assert HandIn.objects.count() == Notice.objects.filter(key__startswith="handed-in").count() / 2 == company
    for ours in ("UPLOAD_LIMIT_MB", "administrator"):
        assert ours not in words(page)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"by_whom": ""}, "Say who hands in the files"),
        ({"by_whom": "x" * 201}, "at most 200 characters"),
        ({"email": "not an address"}, "Enter a valid email address"),
        ({"message": "x" * 5001}, "at most 5000 characters"),
    ],
    ids=["nobody", "a-novel-of-a-name", "no-address", "a-novel"],
)
@pytest.mark.same_everywhere
def test_what_is_missing_is_said_and_nothing_is_kept(
    given: Given, store: Store, fields: dict[str, str], said: str
) -> None:
    answer = send(given, ("a.csv", CSV), **fields)
    assert answer.status_code == 422 and said in words(answer)
    assert not files_under(store.folder) and not HandIn.objects.exists()


@pytest.mark.same_everywhere
def test_no_file_at_all_is_said_at_the_field(given: Given) -> None:
    answer = send(given, ("", b""))
    assert answer.status_code == 422 and "Choose at least one file." in words(answer)


HOSTILE = ["<script>alert(1)</script>", "a\0b", "a\r\nBcc: x@evil.example", "\u202eexe.fdp", "%s{0}", "é" * 200]


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.same_everywhere
def test_hostile_words_are_only_words(given: Given, value: str, known: str, coordinator_client: Client) -> None:
    answer = send(given, (f"{value[:60]}.csv".replace("\r\n", " "), CSV), by_whom=value, message=value, email=known)
    assert answer.status_code in (302, 422)
    pages = [answer if answer.status_code == 422 else Client().get(answer.url)]
    pages += [
        coordinator_client.get(where) for where in (given.link.request.get_absolute_url(), "/documents/handed-in/")
    ]
    for page in pages:
        assert page.status_code in (200, 422)
        assert b"<script>alert(1)" not in page.content
    HandInReceipt.send_due(LATER)
    for sent in mail.outbox:
        assert "evil.example" not in str(sent.message().get("Bcc", ""))
        assert "\n" not in sent.subject and sent.recipients() == [known]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(body(("a.csv", CSV), **WHO)[:-30], id="broken-off"),
        pytest.param(b"nothing of a form", id="no-form"),
        pytest.param(body(*[(f"{n}.csv", CSV) for n in range(101)], **WHO), id="more-than-a-hundred"),
        pytest.param(body(("a.csv", CSV), **WHO, padding="x" * (6 * MB)), id="a-field-without-end"),
    ],
)
@pytest.mark.same_everywhere
def test_a_body_that_is_not_what_it_says_keeps_nothing(given: Given, store: Store, content: bytes) -> None:
    answer = Client().post(given.url, content, content_type=CONTENT_TYPE)
    assert answer.status_code in (400, 422)
    said = words(answer)
    assert re.search("nothing was kept|none was kept|Nothing was half-stored", said), said
    assert not files_under(store.folder) and not HandIn.objects.exists() and not given.fresh().taken_files


def test_the_same_bytes_again_are_known_and_said_so(given: Given, store: Store, letter: RecordsRequest) -> None:
    send(given, ("totals.csv", CSV))
    answer = send(given, ("copy.csv", CSV))
    assert "the very same file" in words(Client().get(answer.url))
    assert Document.objects.count() == len(files_under(store.folder)) == 1
    assert given.fresh().taken_files == 2, "each counts: a stranger adds no rows without end"


def test_a_closed_request_takes_files_as_it_takes_mail(give: Give, alice: Person, store: Store) -> None:
    letter = RecordsRequestFactory(filer=alice, with_deadline=True)
    given = give(on=letter)
    record(letter, ("produced", "2026-03-09"))
    assert letter.phase == "done"
    assert send(given, ("late.csv", CSV)).status_code == 302
    assert letter.documents.count() == 1


def test_what_the_scanner_finds_is_locked_as_ever(given: Given, coordinator_client: Client) -> None:
    send(given, ("letter.pdf", PDF))
    document = Document.objects.get()
    locks.lock_infected(document.blob, "Eicar", now=LATER)
    assert coordinator_client.get(reverse("documents:download", args=[document.pk])).status_code == 302


@pytest.mark.parametrize("trouble", [DiskFull, StorageUnreachable, OSError])
@pytest.mark.same_everywhere
def test_when_we_cannot_keep_it_the_agency_is_told_to_come_again(
    given: Given, store: Store, monkeypatch: pytest.MonkeyPatch, trouble: type[Exception]
) -> None:
    kept = documents.receive_file

    def sometimes(*args: Any, **more: Any) -> Any:
        if more["name"] == "b.csv":
            raise trouble()
        return kept(*args, **more)

    monkeypatch.setattr(documents, "receive_file", sometimes)
    answer = send(given, ("a.csv", CSV), ("b.csv", b"b,1\n"), ("c.pdf", PDF))
    page = words(Client().get(answer.url))
    assert "We cannot keep files at this moment" in page and "2 files are kept" in page
    assert given.fresh().taken_files == Document.objects.count() == 2


# --- bounds ---------------------------------------------------------------------------------------------------------


def test_no_more_files_than_the_link_takes(give: Give, store: Store) -> None:
    given = give(files=2)
    answer = send(given, ("a.csv", b"a,1\n"), ("b.csv", b"b,1\n"), ("c.csv", b"c,1\n"))
    assert "This link takes no more files" in words(Client().get(answer.url))
    assert Document.objects.count() == 2
    page = Client().get(given.url)
    assert page.status_code == 200 and "This link takes no more files" in words(page) and b"<form" not in page.content
    assert send(given, ("d.csv", b"d,1\n")).status_code == 409
    assert len(files_under(store.folder)) == 2


def test_no_more_bytes_than_the_link_takes(give: Give, store: Store, settings: Any) -> None:
    given = give(megabytes=1)
    answer = send(given, ("a.csv", b"a" * (MB - 10)), ("b.csv", b"b" * 100), ("c.csv", b"c" * 5))
    page = words(Client().get(answer.url))
    assert "larger than what this link still takes" in page
    assert sorted(Document.objects.values_list("original_name", flat=True)) == ["a.csv", "c.csv"]
    assert given.fresh().taken_bytes == MB - 5


def test_an_ended_link_says_so_and_its_receipts_stay(given: Given) -> None:
    receipt = send(given, ("a.csv", CSV)).url
    with time_machine.travel(NOON + 30 * DAY, tick=False):
        page = Client().get(given.url)
        assert page.status_code == 410 and "This link has ended" in words(page)
        assert send(given, ("b.pdf", PDF)).status_code == 410
        assert Client().get(receipt).status_code == 200
    assert Document.objects.count() == 1


def test_a_closed_link_is_as_one_that_never_was(given: Given, bob: Person) -> None:
    receipt = send(given, ("a.csv", CSV)).url
    services.revoke_link(given.link, by=bob, now=LATER)
    never = Client().get("/hand-in/" + "0" * 28 + "/")
    for answer in (Client().get(given.url), Client().get(receipt), send(given, ("b.pdf", PDF))):
        assert (answer.status_code, answer.content) == (404, never.content)
    assert Document.objects.count() == 1


def test_a_link_that_ends_while_files_travel_takes_none(given: Given, bob: Person, store: Store) -> None:
    services.revoke_link(given.link, by=bob, now=LATER)
    outcome = hand_in(given, CSV)
    assert outcome.hand_in is None and "ended while the file was on its way" in outcome.refused[0][1]
    assert hand_in(given, CSV, now=NOON + 30 * DAY).hand_in is None
    assert not files_under(store.folder) and not HandIn.objects.exists()


def test_a_receipt_opens_with_its_own_link_alone(given: Given, give: Give) -> None:
    receipt = send(given, ("a.csv", CSV)).url
    other = give()
    assert Client().get(receipt.replace(given.url, other.url)).status_code == 404


def test_too_often_in_an_hour_waits(given: Given, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "EACH_HOUR", 2)
    for number in range(2):
        assert send(given, ("a.csv", b"%d,1\n" % number)).status_code == 302
    answer = send(given, ("a.csv", b"9,1\n"))
    assert answer.status_code == 429 and answer["Retry-After"]
    assert Client().get(given.url).status_code == 200
    with time_machine.travel(LATER + timedelta(minutes=61), tick=False):
        assert send(given, ("a.csv", b"9,1\n")).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_two_at_once_cannot_pass_the_bounds(give: Give, store: Store) -> None:
    given = give(files=3, megabytes=1)
    together = threading.Barrier(4)

    def at_once(number: int) -> None:
        together.wait(10)
        try:
            hand_in(given, b"%d,1\n" % number, b"%d,2\n" % number)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=at_once, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    link = given.fresh()
    assert link.taken_files == Document.objects.count() == HandedFile.objects.exclude(state="coming").count() == 3
    assert link.taken_bytes == sum(HandedFile.objects.values_list("size", flat=True))


# --- a server that is stopped -----------------------------------------------------------------------------------------


class Stopped(BaseException):
    """As a kill ends everything: nothing catches it."""


@pytest.mark.parametrize("after_keeping", [True, False], ids=["bytes-kept", "bytes-not-kept"])
def test_what_a_stopped_server_left_is_ended_later(
    given: Given, monkeypatch: pytest.MonkeyPatch, after_keeping: bool
) -> None:
    kept = documents.receive_file

    def stop(*args: Any, **more: Any) -> Any:
        if after_keeping:
            kept(*args, **more)
        raise Stopped

    with monkeypatch.context() as broken:
        broken.setattr(documents, "receive_file", stop)
        broken.setattr(services, "_give_back", lambda *args: None)
        with pytest.raises(Stopped):
            hand_in(given, CSV)
    assert given.fresh().taken_files == 1 and not Notice.objects.exists()
    assert services.finish_left(LATER) == 0, "it may still be going on"
    with time_machine.travel(LATER + limits.GIVEN_UP_AFTER, tick=False):
        tasks.tidy_reading()
        tasks.tidy_reading()
    assert given.fresh().taken_files == HandIn.objects.count() == int(after_keeping)
    assert Notice.objects.filter(key__startswith="handed-in").count() == 2 * after_keeping


def test_people_are_told_once(given: Given) -> None:
    found = hand_in(given, CSV).hand_in
    assert found is not None
    services.finish(found.pk, now=LATER + DAY)
    services.finish_left(LATER + DAY)
    assert Notice.objects.count() == 2 and HandIn.objects.get().told_at == LATER


# --- who is told ------------------------------------------------------------------------------------------------------


def test_coordinators_and_who_works_on_it_are_told_where_to_look(
    given: Given, letter: RecordsRequest, bob: Person, alice: Person
) -> None:
    PersonFactory(handle="gone", roles=["coordinator"], is_active=False)
    amir = PersonFactory(handle="amir")
    RecordsRequest.objects.filter(pk=letter.pk).update(assignee=amir)
    send(given, ("a.csv", CSV))
    told = {notice.recipient.handle: notice for notice in Notice.objects.select_related("recipient")}
    assert set(told) == {"alice", "amir", "bob"}
    for notice in told.values():
        assert notice.path == letter.get_absolute_url()
        assert "1 file was handed in" in notice.subject and "record what they mean" in notice.text
        assert given.code not in f"{notice.text}{notice.subject}"


@pytest.mark.parametrize(
    ("typed", "is_sent"),
    [("records@AGENCY.example", True), ("stranger@elsewhere.example", False), ("", False)],
    ids=["known", "unknown", "none"],
)
@pytest.mark.same_everywhere
def test_a_receipt_goes_only_to_an_address_that_we_knew(given: Given, known: str, typed: str, is_sent: bool) -> None:
    answer = send(given, ("totals.csv", CSV), email=typed, message="Click https://evil.example")
    page = words(Client().get(answer.url))
    HandInReceipt.send_due(LATER)
    assert len(mail.outbox) == is_sent
    assert ("It was also sent to" in page) == is_sent
    assert ("No mail was sent" in page) == bool(typed and not is_sent)
    for sent in mail.outbox:
        assert sent.to == [typed] and "hand-in" not in sent.body and given.code[:4] not in sent.body
        assert hashlib.sha256(CSV).hexdigest() in sent.body and "evil.example" not in sent.body
        assert sent.extra_headers["Auto-Submitted"] == "auto-generated"
        assert given.link.request.reply_token in sent.reply_to[0]


@pytest.mark.parametrize("health", ["retired", "bounced"])
@pytest.mark.same_everywhere
def test_an_address_that_is_no_longer_used_gets_none(
    given: Given, known: str, letter: RecordsRequest, health: str
) -> None:
    letter.agency.contact_points.update(health=health)
    send(given, ("a.csv", CSV), email=known)
    assert not HandInReceipt.objects.exists()


# --- what becomes of it -----------------------------------------------------------------------------------------------


def test_it_stands_on_the_page_of_the_request_until_somebody_records_what_it_means(
    given: Given, letter: RecordsRequest, coordinator_client: Client, bob: Person
) -> None:
    send(given, ("totals.csv", CSV), message="Part one of two.")
    page = words(coordinator_client.get(letter.get_absolute_url()))
    assert "Something came: the agency handed in files" in page
    assert "Handed in by the agency" in page and "Part one of two." in page
    assert list(waiting_for(bob)) == [HandIn.objects.get()]
    with time_machine.travel(LATER + DAY, tick=False):
        record(letter, ("produced_part", "2026-03-10"), seen_at=LATER + DAY)
        page = words(coordinator_client.get(letter.get_absolute_url()))
    assert "Something came" not in page and "Handed in by the agency" in page
    assert not waiting_for(bob).exists()


def test_or_until_somebody_says_that_there_is_nothing_to_record(
    given: Given, letter: RecordsRequest, coordinator_client: Client, bob: Person
) -> None:
    send(given, ("totals.csv", CSV))
    settle = reverse("documents:handed-in-settle", args=[HandIn.objects.get().pk])
    assert coordinator_client.post(settle, {"from": "list"}).url == "/documents/handed-in/"
    assert coordinator_client.post(settle).url == letter.get_absolute_url()
    assert HandIn.objects.get().settled_by == bob
    assert AuditEntry.objects.filter(action="hand_in_settled").count() == 1
    page = words(coordinator_client.get(letter.get_absolute_url()))
    assert "Something came" not in page and "Nothing to record, says bob." in page


@pytest.mark.parametrize("who", EVERYBODY)
def test_who_sees_and_settles_what_came(who: str, given: Given, letter: RecordsRequest) -> None:
    send(given, ("totals.csv", CSV))
    client = client_of(who, letter)
    away = 302 if who in ("anonymous", "inactive") else None
    assert client.get("/documents/handed-in/").status_code == (away or (200 if who == "coordinator" else 403))
    client.post(reverse("documents:handed-in-settle", args=[HandIn.objects.get().pk]))
    assert bool(HandIn.objects.get().settled_at) == (who in ("owner", "assigned", "coordinator"))


def test_the_desk_counts_what_waits(given: Given, bob: Person) -> None:
    def counted() -> int:
        return Person.objects.filter(pk=bob.pk).annotate(n=count_of_waiting(2)).values_list("n", flat=True).get()

    assert counted() == 0
    for number in range(3):
        hand_in(given, b"%d,1\n" % number)
        assert counted() == min(number + 1, 2)


def test_lists_cost_the_same_for_one_and_for_many(given: Given, letter: RecordsRequest, bob: Person) -> None:
    client = Client()
    client.force_login(bob)
    counts: dict[str, list[int]] = {}
    for number in (1, 5):
        for each in range(number):
            hand_in(given, b"%d,%d\n" % (number, each), b"%d,%d,2\n" % (number, each))
        for where in ("/documents/handed-in/", reverse("documents:agency-links", args=[letter.reference])):
            client.get(where)
            with CaptureQueriesContext(connection) as asked:
                client.get(where)
            counts.setdefault(where, []).append(len(asked))
    assert all(one == many for one, many in counts.values()), counts


def test_where_it_came_from_names_the_link_and_stays_when_it_is_erased(
    given: Given, letter: RecordsRequest, volunteer_client: Client
) -> None:
    send(given, ("totals.csv", CSV), message="As agreed.")
    document = queries.of_request(letter).get()
    page = words(volunteer_client.get(reverse("documents:origin", args=[document.pk])))
    for told in ("handed in through a link", "Pat Doe, Records Unit", "As agreed.", "Over the link given to"):
        assert told in page
    ada = PersonFactory(handle="ada", roles=["administrator"])
    plan = erasing.plan(document).fingerprint
    erasing.erase(document, confirmed=plan, why="A court ordered it.", by=ada, now=LATER)
    document.refresh_from_db()
    assert "Over the link given to" in [line.label for line in provenance.chain(document)]
    assert Blob.objects.get().erased_at and HandIn.objects.exists()


# --- the door for the telephone ---------------------------------------------------------------------------------------


@pytest.mark.same_everywhere
def test_signs_that_were_read_out_open_the_page(given: Given) -> None:
    assert Client().get("/hand-in/").status_code == 200
    answer = Client().post("/hand-in/", {"code": f" {given.code.upper().replace('0', 'o').replace('1', 'l')} "})
    assert (answer.status_code, answer.url) == (302, given.url)
    wrong = Client().post("/hand-in/", {"code": "0" * 28})
    assert wrong.status_code == 422 and "open nothing" in words(wrong)


@pytest.mark.same_everywhere
def test_guessing_ends_soon(given: Given) -> None:
    answers = [Client().post("/hand-in/", {"code": f"{number:028}"}).status_code for number in range(22)]
    assert answers[0] == 422 and answers[-1] == 429
    assert Client().get(given.url).status_code == 200, "who has the link is not kept out"
