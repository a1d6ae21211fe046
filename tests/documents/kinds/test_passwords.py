"""A locked file asks for its password, which is kept sealed and tried on the other files of the request."""

from __future__ import annotations

import io
import logging
import uuid

import pikepdf
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from requests_app.documents import passwords
from requests_app.documents.models import Document, FilePassword, Step
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import AuditEntry
from tests.documents.kinds import making
from tests.documents.kinds.conftest import Keep, inside, read_everything, step_of
from tests.factories import NOON, RecordsRequestFactory

pytestmark = [pytest.mark.django_db, pytest.mark.processes]

State = Step.State


def locked_pdf() -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(out, encryption=pikepdf.Encryption(owner="owner", user=making.PASSWORD))
    return out.getvalue()


@pytest.fixture
def archive(keep: Keep) -> Document:
    document = keep(making.locked_zip({"counts.txt": b"twelve"}), "locked.zip")
    read_everything()
    return document


def test_the_page_asks_says_no_and_then_reads_the_file(archive: Document, letter: RecordsRequest) -> None:
    client = Client()
    client.force_login(letter.filer)
    page, where = reverse("review:document", args=[archive.pk]), reverse("documents:password", args=[archive.pk])
    assert where in client.get(page).content.decode()

    said = client.post(where, {"password": "wrong"}, follow=True).content.decode()
    assert "This password does not open the file" in said
    assert not FilePassword.objects.exists()

    said = client.post(where, {"password": making.PASSWORD}, follow=True).content.decode()
    assert "The password fits" in said
    read_everything()
    assert list(inside(archive)) == ["counts.txt"]
    assert where not in client.get(page).content.decode()


def test_it_is_tried_on_the_other_files_of_the_request_and_on_no_other(
    keep: Keep, archive: Document, alice: object
) -> None:
    twin = keep(making.seven({"b.txt": b"two"}, making.PASSWORD), "other.7z")
    elsewhere = keep(
        making.seven({"c.txt": b"three"}, making.PASSWORD), "third.7z",
        RecordsRequestFactory(filer=alice, with_deadline=True),
    )  # fmt: skip
    read_everything()
    assert passwords.give_password(archive, making.PASSWORD, by=None, now=NOON)
    read_everything()
    assert list(inside(twin)) == ["b.txt"]
    assert not inside(elsewhere)
    later = keep(making.locked_zip({"d.txt": b"four"}), "later.zip")
    read_everything()
    assert list(inside(later)) == ["d.txt"], "a file that comes later is tried, too"


def test_it_is_unreadable_in_the_database_and_in_no_log(archive: Document, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    assert passwords.give_password(archive, making.PASSWORD, by=None, now=NOON)
    read_everything()
    with connection.cursor() as cursor:
        cursor.execute("SELECT password FROM documents_filepassword")
        assert making.PASSWORD not in str(cursor.fetchall())
    assert making.PASSWORD not in caplog.text
    assert making.PASSWORD not in str(list(AuditEntry.objects.values()))
    assert making.PASSWORD not in str(list(Step.objects.values()))


@pytest.mark.parametrize(
    ("make", "name"),
    [
        pytest.param(locked_pdf, "locked.pdf", id="pdf"),
        pytest.param(making.locked_word, "locked.docx", id="word"),
        pytest.param(lambda: making.seven({"a": b"1"}, making.PASSWORD, list_locked=True), "a.7z", id="7z"),
    ],
)
def test_each_kind_of_lock_is_tried(keep: Keep, make: object, name: str) -> None:
    document = keep(make(), name)  # type: ignore[operator]
    assert not passwords.give_password(document, "wrong", by=None, now=NOON)
    assert passwords.give_password(document, making.PASSWORD, by=None, now=NOON)


def test_a_locked_word_document_is_read_with_its_password(keep: Keep) -> None:
    document = keep(making.locked_word(text="The locked agreement"), "locked.docx")
    read_everything()
    assert (step_of(document, "convert").state, step_of(document, "convert").trouble) == (State.FAILED, "password")
    assert passwords.needs_password(document.blob)
    passwords.give_password(document, making.PASSWORD, by=None, now=NOON)
    read_everything()
    assert step_of(document, "convert").result["converted"]


def test_it_can_be_given_from_the_terminal(archive: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    def give(typed: str, document: object = archive.pk) -> str:
        said = io.StringIO()
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{typed}\n"))
        call_command("give_password", str(document), stdout=said)
        return said.getvalue()

    with pytest.raises(CommandError, match="does not open the file"):
        give("wrong")
    with pytest.raises(CommandError, match="no such document"):
        give(making.PASSWORD, uuid.uuid4())
    assert not FilePassword.objects.exists()
    said = give(making.PASSWORD)
    assert "The password fits" in said and making.PASSWORD not in said
    read_everything()
    assert list(inside(archive)) == ["counts.txt"]


def test_an_open_file_takes_no_password(keep: Keep) -> None:
    document = keep(making.zipped({"a.txt": b"one"}), "open.zip")
    assert not passwords.give_password(document, making.PASSWORD, by=None, now=NOON)
    assert not FilePassword.objects.exists()
