"""The evidence file: everything in order, every hash right, nothing hidden, and only for those who may read it."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from requests_app.correspondence import services as correspondence
from requests_app.correspondence.models import OutgoingLetter
from requests_app.correspondence.services import IncomingFile
from requests_app.documents.keeping import erasing
from requests_app.documents.store import Store
from requests_app.filing import services as filing
from requests_app.filing.models import AuthorityPaper, RecordsRequest
from requests_app.kits import letters
from requests_app.people.models import AuditEntry, Person
from requests_app.tracking.evidence import archive_of, compose_exhibits, gather
from requests_app.tracking.evidence.exhibits import Exhibit, Kind, Original
from tests.factories import NOON, ContactPointFactory, PersonFactory, RecordsRequestFactory
from tests.filing.letters import a_letter, authorise

SCAN = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.fixture(autouse=True)
def monday() -> Iterator[time_machine.Traveller]:
    """Monday, March 2, 2026, at noon in Maryland."""
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def store(settings: Any, tmp_path: Path) -> Store:
    settings.STORE_DIR = str(tmp_path / "store")
    return Store(tmp_path / "store")


@pytest.fixture
def answered(alice: Person, store: Store) -> RecordsRequest:
    """Alice's letter, sent by e-mail, acknowledged with a file, corrected once, and noted upon."""
    contact = ContactPointFactory()
    asked: Any = RecordsRequestFactory(
        filer=alice,
        agency=contact.agency,
        contact_point=contact,
        letter=letters.dump(a_letter()),
        opened_at=NOON - timedelta(days=20),
    )
    queued = correspondence.queue_letter(asked, by=alice, now=NOON - timedelta(days=15))
    OutgoingLetter.objects.filter(pk=queued.pk).update(
        state=OutgoingLetter.State.SENT, sent_at=NOON - timedelta(days=15)
    )
    correspondence.record_sent(queued, "250 2.0.0 Ok: queued as 4QX", now=NOON - timedelta(days=15))
    correspondence.record_reply(
        asked,
        "acknowledged",
        happened_on=date(2026, 2, 20),
        note="They will answer by March 10.",
        files=[IncomingFile("Acknowledgment <1>.pdf", [SCAN])],
        by=alice,
        now=NOON,
    )
    wrong = filing.record_event(
        asked.pk, "extension", happened_on=date(2026, 2, 25), note="misread", by=alice, now=NOON
    )
    filing.correct_event(wrong.pk, by=alice, now=NOON, note="There was no extension.")
    filing.add_note(asked.pk, text="Called the custodian; she asked\nfor patience.", by=alice, now=NOON)
    asked.refresh_from_db()
    return asked


def unpacked(chunks: Any) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(b"".join(chunks))) as archive:
        assert archive.testzip() is None
        return {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}


# --- order ------------------------------------------------------------------------------------------------------------


@given(st.lists(st.one_of(st.none(), st.dates(date(2024, 1, 1), date(2030, 1, 1))), max_size=12))
def test_exhibits_stand_in_order_of_time_and_what_covers_it_all_comes_last(days: list[date | None]) -> None:
    ordered = compose_exhibits([Exhibit(kind="answer", title=str(n), day=day) for n, day in enumerate(days)])
    assert [exhibit.number for exhibit in ordered] == list(range(1, len(days) + 1))
    dated = [exhibit.day for exhibit in ordered if exhibit.day is not None]
    assert dated == sorted(dated)
    assert all(exhibit.day is None for exhibit in ordered[len(dated) :])


def test_on_one_day_the_letter_comes_before_its_proof_and_both_before_the_answer() -> None:
    day = date(2026, 2, 6)
    kinds: tuple[Kind, ...] = ("file", "answer", "sending", "message", "letter")
    ordered = compose_exhibits([Exhibit(kind=kind, title=kind, day=day) for kind in kinds])
    assert [exhibit.kind for exhibit in ordered] == ["letter", "message", "sending", "answer", "file"]


# --- what is in it ----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_it_holds_the_message_the_proof_the_answer_the_file_and_the_counts(
    answered: RecordsRequest,
) -> None:
    gathered = gather(answered, with_notes=True, now=NOON)
    kinds = [exhibit.kind for exhibit in gathered.exhibits]
    assert kinds == ["message", "sending", "answer", "file", "deadlines", "notes", "record"]
    message = next(exhibit for exhibit in gathered.exhibits if exhibit.kind == "message")
    assert "Message-ID:" in message.headers
    assert "To: records" in message.headers
    assert any(fact.value == "250 2.0.0 Ok: queued as 4QX" for fact in message.facts)
    counts = next(exhibit for exhibit in gathered.exhibits if exhibit.kind == "deadlines")
    assert all(row.steps and row.citation for row in counts.deadlines)


@pytest.mark.django_db
def test_the_written_authority_under_which_we_asked_is_in_it(answered: RecordsRequest, bob: Person) -> None:
    authorise(answered, by=bob)
    answered.refresh_from_db()
    gathered = gather(answered, with_notes=False, now=NOON)
    (paper,) = (exhibit for exhibit in gathered.exhibits if exhibit.kind == "letter")
    assert paper.title == "Written authority under which we asked"
    assert paper.original is not None
    assert gathered.raw[paper.original.sha256] == b"%PDF-1.4 of an authority"


@pytest.mark.django_db
def test_a_written_authority_that_is_not_the_one_that_was_signed_is_named_as_damaged(
    answered: RecordsRequest, bob: Person
) -> None:
    authorise(answered, by=bob)
    AuthorityPaper.objects.update(sha256="b" * 64)
    answered.refresh_from_db()
    gathered = gather(answered, with_notes=False, now=NOON)
    (paper,) = (exhibit for exhibit in gathered.exhibits if exhibit.kind == "letter")
    assert paper.original is not None
    assert paper.original.condition == "damaged"
    assert not any(name.endswith("-authority.pdf") for name in unpacked(archive_of(gathered, SCAN).chunks))


@pytest.mark.django_db
def test_what_was_corrected_is_no_exhibit_and_stays_in_the_record(answered: RecordsRequest) -> None:
    gathered = gather(answered, with_notes=True, now=NOON)
    assert not any(exhibit.title == "Extension claimed" for exhibit in gathered.exhibits)
    record = gathered.exhibits[-1]
    assert [entry.words for entry in record.entries if entry.struck] == ["misread"]


@pytest.mark.django_db
def test_our_notes_go_in_only_when_asked_for(answered: RecordsRequest) -> None:
    assert "notes" not in [exhibit.kind for exhibit in gather(answered, with_notes=False, now=NOON).exhibits]


@pytest.mark.django_db
def test_a_letter_that_was_taken_back_or_waits_is_no_proof(answered: RecordsRequest) -> None:
    OutgoingLetter.objects.update(state=OutgoingLetter.State.CANCELLED)
    kinds = [exhibit.kind for exhibit in gather(answered, with_notes=False, now=NOON).exhibits]
    assert "message" not in kinds
    assert "letter" in kinds  # what was asked is there all the same


# --- the archive ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_every_hash_of_the_manifest_is_right_and_every_file_is_in_it(answered: RecordsRequest) -> None:
    made = archive_of(gather(answered, with_notes=True, now=NOON), b"%PDF-binder")
    files = unpacked(made.chunks)
    listed = dict(line.split("  ", 1)[::-1] for line in files["MANIFEST.sha256"].decode().splitlines())
    assert set(listed) == set(files) - {"MANIFEST.sha256"}
    assert {name: hashlib.sha256(files[name]).hexdigest() for name in listed} == listed
    (scan,) = [data for name, data in files.items() if name.endswith(".pdf") and name.startswith("exhibits/")]
    assert scan == SCAN
    (message,) = [data for name, data in files.items() if name.endswith(".eml")]
    assert message.decode("ascii") == OutgoingLetter.objects.get().raw
    record = json.loads(files["record.json"])
    assert [each["number"] for each in record["exhibits"]] == list(range(1, len(record["exhibits"]) + 1))


@pytest.mark.django_db
def test_its_length_is_known_before_the_first_byte(answered: RecordsRequest) -> None:
    made = archive_of(gather(answered, with_notes=True, now=NOON), b"%PDF-binder")
    assert made.length == len(b"".join(made.chunks))


@pytest.mark.django_db
@pytest.mark.parametrize(("damage", "condition"), [("lose", "missing"), ("change", "damaged")])
def test_a_file_that_is_lost_or_changed_is_named_and_left_out(
    damage: str, condition: str, answered: RecordsRequest, store: Store
) -> None:
    path = store.path(answered.documents.get().blob_id)
    path.parent.chmod(0o700)
    path.chmod(0o600)
    path.unlink()
    if damage == "change":
        path.write_bytes(SCAN + b"x")
    gathered = gather(answered, with_notes=True, now=NOON)
    (original,) = [each.original for each in gathered.exhibits if each.kind == "file" and each.original]
    assert original.condition == condition
    files = unpacked(archive_of(gathered, b"").chunks)
    assert not [name for name in files if name.startswith("exhibits/") and name.endswith(".pdf")]
    assert json.loads(files["record.json"])["exhibits"][original_place(gathered)]["condition"] == condition


@pytest.mark.django_db
def test_a_file_that_was_erased_is_named_with_the_reason(answered: RecordsRequest, store: Store) -> None:
    (document,) = answered.documents.all()
    seen = erasing.plan(document).fingerprint
    ada = PersonFactory(roles=["administrator"])
    erasing.erase(document, confirmed=seen, why="A court ordered it.", by=ada, now=NOON)
    gathered = gather(answered, with_notes=True, now=NOON)
    (erased,) = [each for each in gathered.exhibits if each.kind == "file"]
    assert erased.title == f"File, erased since: {document.original_name}" and erased.original is None
    assert {"A court ordered it.", document.blob_id} <= {fact.value for fact in erased.facts}
    files = unpacked(archive_of(gathered, b"").chunks)
    assert not [name for name in files if name.startswith("exhibits/") and name.endswith(".pdf")]


def original_place(gathered: Any) -> int:
    return next(place for place, each in enumerate(gathered.exhibits) if each.kind == "file")


def test_a_name_cannot_leave_the_folder() -> None:
    exhibit = replace(
        Exhibit(kind="file", title="x", original=Original(name="..pdf", sha256="0" * 64, size=1)), number=3
    )
    assert exhibit.archive_name == "exhibits/03-..pdf"


# --- the pages --------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_page_lists_what_will_be_in_it_and_leads_to_both(
    volunteer_client: Client, answered: RecordsRequest
) -> None:
    html = volunteer_client.get(reverse("tracking:evidence", args=[answered.reference])).content.decode()
    assert "Proof of sending" in html
    assert reverse("tracking:evidence-zip", args=[answered.reference]) in html
    assert "With our own notes" in html


@pytest.mark.django_db
def test_the_zip_comes_whole_with_its_binder_and_leaves_a_trace(
    volunteer_client: Client, answered: RecordsRequest
) -> None:
    response = volunteer_client.get(reverse("tracking:evidence-zip", args=[answered.reference]), {"notes": "1"})
    body = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    assert len(body) == int(response["Content-Length"])
    binder = pypdfium2.PdfDocument(unpacked([body])["binder.pdf"])
    text = "".join(page.get_textpage().get_text_range() for page in binder)
    assert "EXHIBIT 1" in text
    assert "Acknowledgment <1>.pdf" in text
    assert "for patience." in text
    assert AuditEntry.objects.filter(action="evidence file made").count() == 1


# --- from the shell ---------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_shell_makes_it_and_checks_it_and_finds_a_changed_file(
    answered: RecordsRequest, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "case.zip"
    call_command("evidence", answered.reference, "--out", str(out))
    call_command("evidence", "--check", str(out))
    assert "every file is as it was" in capsys.readouterr().out

    forged = tmp_path / "forged.zip"
    with zipfile.ZipFile(out) as source, zipfile.ZipFile(forged, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name) + (b"!" if name.endswith(".eml") else b""))
    with pytest.raises(SystemExit):
        call_command("evidence", "--check", str(forged))
    assert "changed: exhibits/" in capsys.readouterr().out


@pytest.mark.django_db
@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param([], id="nothing named"),
        pytest.param(["MD-2026-9999"], id="no such request"),
        pytest.param(["--check", "nowhere.zip"], id="no such file"),
    ],
)
def test_the_shell_says_what_it_was_not_told(arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        call_command("evidence", *arguments)


@pytest.mark.django_db
def test_an_existing_file_is_never_overwritten(answered: RecordsRequest, tmp_path: Path) -> None:
    out = tmp_path / "case.zip"
    out.write_text("mine")
    with pytest.raises(CommandError, match="is there already"):
        call_command("evidence", answered.reference, "--out", str(out))
    assert out.read_text() == "mine"
