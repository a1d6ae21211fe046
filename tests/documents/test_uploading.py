"""Files come in by the upload page: all that are good, none that is bad, and nothing by halves."""

from __future__ import annotations

import errno
import hashlib
import html
import io
import os
from typing import Any

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from requests_app.correspondence import services as correspondence
from requests_app.documents import services
from requests_app.documents.models import Blob, Document
from requests_app.documents.store import Store
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import AuditEntry, Person
from tests.documents.bodies import BOUNDARY, CONTENT_TYPE, CSV, MB, PDF, body, files_under
from tests.factories import NOON, RecordsRequestFactory, record

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_april() -> Any:
    with time_machine.travel("2026-04-02 12:00Z", tick=False):
        yield


def send(client: Client, letter: RecordsRequest, content: bytes, **extra: Any) -> HttpResponse:
    return client.generic("POST", upload_url(letter), content, content_type=CONTENT_TYPE, **extra)


def upload_url(letter: RecordsRequest) -> str:
    return reverse("documents:upload", args=[letter.reference])


def words(response: HttpResponse) -> str:
    return " ".join(html.unescape(response.content.decode()).split())


def said(response: HttpResponse) -> list[str]:
    return [str(message) for message in response.wsgi_request._messages]


def test_several_files_are_kept_under_their_agency(volunteer_client: Client, store: Store, letter: RecordsRequest):
    answer = send(volunteer_client, letter, body(("totals.csv", CSV), ("letter.pdf", PDF)))
    assert answer.status_code == 302
    assert answer.url == letter.get_absolute_url()
    assert said(answer) == ["2 files are kept."]
    sheet = Document.objects.get(original_name="totals.csv")
    assert sheet.blob_id == hashlib.sha256(CSV).hexdigest()
    assert (sheet.agency, sheet.request, sheet.kind, sheet.via) == (letter.agency, letter, "spreadsheet", "upload")
    assert (str(sheet.received_on), sheet.brought_by.handle, sheet.remarks) == ("2026-03-20", "alice", [])
    assert store.path(sheet.blob_id).read_bytes() == CSV
    assert len(files_under(store.folder)) == 2
    assert AuditEntry.objects.filter(action="document received").count() == 2


def test_the_page_says_the_limit_to_the_reader_and_to_the_drop_zone(
    volunteer_client: Client, store: Store, letter: RecordsRequest
):
    page = volunteer_client.get(upload_url(letter)).content.decode()
    assert "Up to 1 MB a file" in page
    assert f'data-dl-limit-bytes="{MB}"' in page
    assert "data-dl-upload" in page and "data-dl-progress" in page
    assert "multiple" in page
    assert 'value="2026-04-02"' in page


def test_a_request_that_is_done_still_takes_files(volunteer_client: Client, store: Store, alice: Person):
    letter = RecordsRequestFactory(filer=alice, with_deadline=True)
    record(letter, ("produced", "2026-03-10"))
    assert letter.phase == "done"
    assert send(volunteer_client, letter, body(("more.pdf", PDF))).status_code == 302
    assert letter.documents.count() == 1


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        pytest.param("empty.pdf", b"", "The file is empty", id="empty"),
        pytest.param("big.csv", b"x" * (MB + 1), "larger than 1 MB", id="too-large"),
        pytest.param("setup.exe", b"MZ\x90\x00\x03", "is a program", id="program"),
        pytest.param("letter.pdf", b"\x7fELF\x02\x01", "is a program", id="program-that-says-pdf"),
        pytest.param("totals.csv.vbs", b"WScript.Echo 1", "ends in .vbs", id="program-by-name"),
    ],
)
@pytest.mark.parametrize("company", [False, True], ids=["alone", "among-good-ones"])
def test_a_bad_file_is_named_with_the_reason_and_the_good_ones_are_kept(
    volunteer_client: Client,
    store: Store,
    letter: RecordsRequest,
    name: str,
    content: bytes,
    reason: str,
    company: bool,
):
    good = [("a.csv", CSV), ("b.pdf", PDF)] if company else []
    answer = send(volunteer_client, letter, body(*good[:1], (name, content), *good[1:]))
    page = words(answer)
    assert answer.status_code == 422
    assert f"<strong>{name}</strong>: " in page and reason in page
    assert "One file was not kept" in page
    assert "Choose at least one file" not in page
    assert Document.objects.count() == Blob.objects.count() == len(files_under(store.folder)) == len(good)
    assert ("2 files are kept." in page) == company


def test_a_file_of_exactly_the_limit_is_kept(volunteer_client: Client, store: Store, letter: RecordsRequest):
    assert send(volunteer_client, letter, body(("full.csv", b"x" * MB))).status_code == 302
    assert Blob.objects.get().size == MB


def test_no_file_at_all_is_said_at_the_field(volunteer_client: Client, store: Store, letter: RecordsRequest):
    answer = send(volunteer_client, letter, body(("", b"")))
    assert answer.status_code == 422
    assert "Choose at least one file." in words(answer)
    assert "not kept" not in words(answer).replace("One thing to put right", "")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        pytest.param("../../etc/passwd", "passwd", id="path-up"),
        pytest.param("C:/Users/clerk/totals.csv", "totals.csv", id="path"),
        pytest.param("..", "unnamed file", id="only-dots"),
        pytest.param("tot\x1b[31mals.csv", "tot[31mals.csv", id="control-characters"),
        pytest.param("totals\u202evsc.csv", "totalsvsc.csv", id="reads-backwards"),
    ],
)
def test_a_strange_name_is_shown_safely_and_remarked_on(
    volunteer_client: Client, store: Store, letter: RecordsRequest, given: str, kept: str
):
    assert send(volunteer_client, letter, body((given, CSV))).status_code == 302
    document = Document.objects.get()
    assert document.original_name == kept
    remarked = [remark for remark in document.remarks if "a path or hidden signs" in remark]
    assert bool(remarked) == (given != "..")
    assert files_under(store.folder) == [store.path(document.blob_id)]


def test_a_name_in_another_script_is_kept_as_it_is(volunteer_client: Client, store: Store, letter: RecordsRequest):
    send(volunteer_client, letter, body(("re\u0301ponse – données.csv", CSV)))  # decomposed, as macOS sends it
    document = Document.objects.get()
    assert (document.original_name, document.remarks) == ("réponse – données.csv", [])


def test_the_same_bytes_again_are_recognised(volunteer_client: Client, store: Store, letter: RecordsRequest):
    send(volunteer_client, letter, body(("totals.csv", CSV)))
    answer = send(volunteer_client, letter, body(("copy.csv", CSV), ("again.csv", CSV)))
    assert answer.status_code == 302
    assert said(answer)[-1] == "again.csv is here already, as totals.csv. Nothing was added and nothing is lost."
    assert Document.objects.count() == len(files_under(store.folder)) == 1


def test_the_same_bytes_from_another_agency_are_one_blob_and_two_documents(
    volunteer_client: Client, store: Store, letter: RecordsRequest, alice: Person
):
    other = RecordsRequestFactory(filer=alice)
    send(volunteer_client, other, body(("totals.csv", CSV)))
    answer = send(volunteer_client, letter, body(("totals.csv", CSV)))
    assert f"totals.csv was also returned for {other.reference}: the very same file." in said(answer)
    assert (Document.objects.count(), Blob.objects.count(), len(files_under(store.folder))) == (2, 1, 1)


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        pytest.param("2026-04-03", "This day has not come yet", id="tomorrow"),
        pytest.param("soon", "Enter a valid date", id="no-date"),
        pytest.param("", "This field is required", id="empty"),
    ],
)
def test_a_day_that_cannot_be_keeps_nothing(
    volunteer_client: Client, store: Store, letter: RecordsRequest, day: str, reason: str
):
    answer = send(volunteer_client, letter, body(("totals.csv", CSV), received_on=day))
    assert answer.status_code == 422
    assert reason in words(answer)
    assert files_under(store.folder) == []
    assert not Document.objects.exists()


# --- Bodies that are not what they say ---------------------------------------------------------------------------


def stating(content: bytes, length: int) -> dict[str, Any]:
    """Return the environment of a server whose client stated this length, whatever it sends."""
    return {"CONTENT_LENGTH": str(length), "wsgi.input": io.BytesIO(content)}


WHOLE = body(("a.csv", CSV), ("b.pdf", PDF * 5000))


@pytest.mark.parametrize("enforce_csrf", [False, True], ids=["", "with-token-check"])
@pytest.mark.parametrize(
    ("content", "said_length"),
    [
        pytest.param(WHOLE[: len(WHOLE) // 2], len(WHOLE), id="stops-in-the-middle"),
        pytest.param(WHOLE, len(WHOLE) - 3000, id="length-too-small"),
        pytest.param(WHOLE[: -len(BOUNDARY) - 8], len(WHOLE), id="only-the-end-is-missing"),
        pytest.param(WHOLE[: WHOLE.index(b"b.pdf")], None, id="stops-in-a-head"),
    ],
)
def test_a_body_that_ends_early_keeps_nothing(
    alice: Person, store: Store, letter: RecordsRequest, content: bytes, said_length: int | None, enforce_csrf: bool
):
    client = Client(enforce_csrf_checks=enforce_csrf)
    client.force_login(alice)
    client.get(upload_url(letter))  # brings the cookie without which no body is read at all
    answer = send(client, letter, content, **stating(content, said_length or len(content)))
    assert answer.status_code == 400
    assert "The upload stopped before the end. Nothing was half-stored" in words(answer)
    assert files_under(store.folder) == []
    assert not Document.objects.exists()


def test_a_length_that_is_too_large_does_no_harm_to_a_whole_body(
    volunteer_client: Client, store: Store, letter: RecordsRequest
):
    content = body(("a.csv", CSV))
    answer = send(volunteer_client, letter, content, **stating(content, 10**9))
    assert answer.status_code == 302


def test_a_small_stated_length_does_not_lift_the_limit(volunteer_client: Client, store: Store, letter: RecordsRequest):
    # A part may state a length of its own; only what arrives counts.
    lying = body(("big.csv", b"x" * (MB + 1))).replace(b"Content-Type: x/y", b"Content-Type: x/y\r\nContent-Length: 3")
    answer = send(volunteer_client, letter, lying)
    assert answer.status_code == 422
    assert "larger than 1 MB" in words(answer)
    assert files_under(store.folder) == []


def test_too_many_files_at_once_keep_nothing(
    volunteer_client: Client, store: Store, letter: RecordsRequest, settings: Any
):
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 2
    answer = send(volunteer_client, letter, body(*((f"{n}.csv", CSV + bytes([65 + n])) for n in range(3))))
    assert answer.status_code == 400
    assert "too many files for one go" in words(answer)
    assert files_under(store.folder) == []


def test_a_body_that_is_no_form_is_answered_in_words(volunteer_client: Client, store: Store, letter: RecordsRequest):
    answer = volunteer_client.generic("POST", upload_url(letter), b"x", content_type="multipart/form-data")
    assert answer.status_code == 400
    assert "could not be understood" in words(answer)


@pytest.mark.parametrize("token", [True, False], ids=["own-form", "forged-form"])
def test_only_our_own_form_brings_files(alice: Person, store: Store, letter: RecordsRequest, token: bool):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    client.get(upload_url(letter))
    fields = {"csrfmiddlewaretoken": client.cookies["csrftoken"].value} if token else {}
    answer = send(client, letter, body(("a.csv", CSV), **fields))
    assert answer.status_code == (302 if token else 403)
    assert len(files_under(store.folder)) == Document.objects.count() == int(token)


def test_a_strangers_body_is_not_even_read(stranger_client: Client, store: Store, letter: RecordsRequest):
    assert send(stranger_client, letter, body(("a.csv", CSV))).status_code == 404
    assert not store.folder.exists()


# --- The disk -----------------------------------------------------------------------------------------------------


def _full(descriptor: int) -> None:
    """Put a device behind the descriptor that has no room: the kernel itself then says ENOSPC."""
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, descriptor)
    os.close(full)


@pytest.mark.parametrize("where", ["mkstemp", "TemporaryFile"], ids=["in-the-store", "while-it-travels"])
def test_a_full_disk_is_said_and_nothing_is_kept(
    volunteer_client: Client, store: Store, letter: RecordsRequest, monkeypatch: pytest.MonkeyPatch, where: str
):
    from requests_app.documents.store import local as module

    real = getattr(module.tempfile, where)

    def on_a_full_disk(**kwargs: Any) -> Any:
        made = real(**kwargs)
        _full(made[0] if where == "mkstemp" else made.fileno())
        return made

    monkeypatch.setattr(module.tempfile, where, on_a_full_disk)
    answer = send(volunteer_client, letter, body(("a.pdf", PDF * 10000)))
    monkeypatch.undo()
    assert answer.status_code == 422
    assert "The disk that keeps documents has no room" in words(answer)
    assert "Choose at least one file" not in words(answer)
    assert files_under(store.folder) == []
    assert not Document.objects.exists()


def test_a_disk_that_fills_while_one_file_travels_keeps_the_other(
    volunteer_client: Client, store: Store, letter: RecordsRequest, monkeypatch: pytest.MonkeyPatch
):
    real, asked = Store.spool, []

    def spool(self: Store) -> Any:
        made = real(self)
        asked.append(made)
        if len(asked) == 1:
            _full(made.fileno())
        return made

    monkeypatch.setattr(Store, "spool", spool)
    answer = send(volunteer_client, letter, body(("lost.pdf", PDF), ("kept.csv", CSV)))
    assert answer.status_code == 422
    assert "<strong>lost.pdf</strong>" in words(answer) and "1 file is kept." in words(answer)
    assert [document.original_name for document in Document.objects.all()] == ["kept.csv"]


def test_trouble_that_is_not_a_full_disk_is_not_called_one(
    volunteer_client: Client, store: Store, letter: RecordsRequest, monkeypatch: pytest.MonkeyPatch
):
    def spool(self: Store) -> Any:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(Store, "spool", spool)
    with pytest.raises(OSError, match="Input/output"):
        send(volunteer_client, letter, body(("a.pdf", PDF)))
    assert not Document.objects.exists()


# --- A reply ------------------------------------------------------------------------------------------------------


def test_a_reply_and_a_proof_bring_files_by_the_same_door(store: Store, letter: RecordsRequest, alice: Person):
    recorded = correspondence.record_reply(
        letter,
        "acknowledged",
        happened_on=NOON.date(),
        files=[
            correspondence.IncomingFile("../up/reply.pdf", [PDF]),
            correspondence.IncomingFile("x/virus.exe", [b"MZ\x00"]),
        ],
        by=alice,
        now=NOON,
    )
    assert [(document.original_name, document.via) for document in recorded.kept] == [("reply.pdf", "reply")]
    assert [name for name, _ in recorded.refused] == ["virus.exe"]


def test_a_reply_with_a_file_that_is_too_large_records_nothing(
    volunteer_client: Client, store: Store, letter: RecordsRequest
):
    url = reverse("correspondence:record-reply", args=[letter.reference])
    content = body(("big.csv", b"x" * (MB + 1)), ("a.csv", CSV), kind="acknowledged", happened_on="2026-03-20")
    before = letter.events.count()
    answer = volunteer_client.generic("POST", url, content, content_type=CONTENT_TYPE)
    assert answer.status_code == 422
    assert "big.csv: The file is larger than 1 MB" in words(answer)
    assert letter.events.count() == before
    assert files_under(store.folder) == []


# --- Crash between file and row -----------------------------------------------------------------------------------


def test_a_crash_between_file_and_row_leaves_an_orphan_that_the_next_try_adopts(
    store: Store, letter: RecordsRequest, alice: Person, monkeypatch: pytest.MonkeyPatch
):
    def crash(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("power cut")

    given: dict[str, Any] = {"name": "a.csv", "received_on": NOON.date(), "via": "upload", "by": alice, "now": NOON}
    with monkeypatch.context() as broken:
        broken.setattr(services, "audit", crash)
        with pytest.raises(RuntimeError):
            services.receive_file(letter, [CSV], **given)
    assert not Document.objects.exists() and not Blob.objects.exists()
    assert len(files_under(store.folder)) == 1
    assert isinstance(services.receive_file(letter, [CSV], **given), services.Received)
    assert len(files_under(store.folder)) == 1
