"""`check_store` finds what is missing, damaged, orphaned and left over; it removes only what is old and unknown."""

from __future__ import annotations

import os
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from requests_app.documents import checking, services
from requests_app.documents.models import Blob, Document
from requests_app.documents.store import Store
from requests_app.filing.models import RecordsRequest
from tests.documents.bodies import CSV, PDF
from tests.factories import NOON

pytestmark = pytest.mark.django_db


def check(*options: str) -> tuple[int, str]:
    """Run the command; return its exit status and what it said."""
    out = StringIO()
    try:
        call_command("check_store", *options, stdout=out)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


@pytest.fixture
def document(store: Store, letter: RecordsRequest) -> Document:
    return keep(letter, CSV)


def keep(letter: RecordsRequest, content: bytes) -> Document:
    given: dict[str, Any] = {"name": "a.csv", "received_on": NOON.date(), "via": "upload", "by": None, "now": NOON}
    return services.receive_file(letter, [content], **given).document


def orphan(store: Store, content: bytes = PDF) -> Path:
    stored, _ = store.put([content], limit=10**6, inspect=lambda path: None)
    return store.path(stored.sha256)


def left_over(store: Store) -> Path:
    path = store.incoming / "tmp-of-a-crash"
    path.write_bytes(b"half")
    return path


def make_old(path: Path) -> None:
    os.utime(path, (0, 0))


def test_a_store_that_is_whole_says_so(document: Document):
    assert check() == (0, "1 stored files are whole.\nNothing is wrong with the store.\n")


def test_an_empty_store_is_whole(store: Store):
    assert check()[0] == 0


def test_a_missing_file_is_named_with_its_request(store: Store, document: Document):
    store.path(document.blob_id).unlink()
    status, words = check()
    assert status == 1
    assert f"MISSING {document.blob_id}" in words and document.request.reference in words


@pytest.mark.parametrize("content", [b"rotten", CSV[:-1] + b"!"], ids=["shorter", "same-length"])
def test_a_damaged_file_is_found_and_the_same_bytes_heal_it(store: Store, document: Document, content: bytes):
    path = store.path(document.blob_id)
    path.chmod(0o600)
    path.write_bytes(content)
    status, words = check()
    assert status == 1
    assert f"DAMAGED {document.blob_id}" in words
    assert keep(document.request, CSV) == document
    assert check()[0] == 0


def test_an_orphan_is_reported_and_a_young_one_stays(store: Store, document: Document):
    path = orphan(store)
    assert check()[0] == 1
    status, words = check("--remove-orphans")
    assert status == 1 and f"ORPHANED {path}" in words
    assert path.exists()


def test_old_orphans_and_left_overs_are_removed_and_nothing_else(store: Store, document: Document):
    old, young, half = orphan(store, PDF), orphan(store, PDF + b"!"), left_over(store)
    for path in (old, half, store.path(document.blob_id)):
        make_old(path)
    status, words = check()
    assert status == 1 and f"ORPHANED {old}" in words and f"LEFT OVER {half}" in words
    assert old.exists() and half.exists(), "looking removes nothing"
    status, words = check("--remove-orphans")
    assert status == 1 and f"Removed {old}." in words and f"Removed {half}." in words
    assert (old.exists(), half.exists(), young.exists()) == (False, False, True)
    assert store.path(document.blob_id).exists()
    make_old(young)
    assert check("--remove-orphans")[0] == 0
    assert check()[0] == 0


def test_a_file_whose_row_comes_while_we_look_is_no_orphan(
    store: Store, document: Document, monkeypatch: pytest.MonkeyPatch
):
    path = orphan(store)
    real = Store.blobs

    def blobs(self: Store) -> Any:
        yield from real(self)
        if self.folder != store.folder:
            return  # the mails'
        # Each batch holds one file, so the row was asked for already: the upload goes on only now.
        Blob.objects.create(sha256=path.name, size=len(PDF), media_type="application/pdf", stored_at=NOON)

    monkeypatch.setattr(Store, "blobs", blobs)
    monkeypatch.setattr(checking, "BATCH", 1)
    assert check()[0] == 0


def test_a_file_that_is_not_ours_is_reported_and_left_alone(store: Store, document: Document):
    stranger = store.folder / "blobs" / "readme.txt"
    stranger.write_text("hello")
    make_old(stranger)
    status, words = check("--remove-orphans")
    assert status == 1 and f"STRANGE {stranger}" in words
    assert stranger.exists()
