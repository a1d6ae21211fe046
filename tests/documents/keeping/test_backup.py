"""Everything can be destroyed and comes back: every row and every byte. A backup that is killed spoils no other."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, connections

from requests_app.correspondence.incoming import services as mails
from requests_app.documents import services as documents
from requests_app.documents.backups import archive, database, services
from requests_app.documents.backups.archive import NotGood
from requests_app.documents.keeping import erasing
from requests_app.documents.models import Blob, Document, Passage
from requests_app.documents.store import Store
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Person
from tests.documents.bodies import CSV, PDF, files_under
from tests.documents.keeping import storage
from tests.factories import NOON, PersonFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]
ROOT = Path(__file__).resolve().parents[3]
GIVEN: dict[str, Any] = {"received_on": NOON.date(), "via": "upload", "by": None, "now": NOON}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "backups"


@pytest.fixture
def document(store: Store, letter: RecordsRequest, settings: Any, tmp_path: Path) -> Document:
    settings.DERIVED_DIR = tmp_path / "derived"
    mails.take_in([b"From: a@example.org\r\n\r\nHello\r\n"], way="lmtp", now=NOON)
    found = receive(letter)
    Passage.objects.create(blob=found.blob, kind="page", place=1, text="Übersicht\tof\\counts\n\N{SNOWMAN}")
    return found


def receive(letter: RecordsRequest, content: bytes = CSV, name: str = "a.csv") -> Document:
    return documents.receive_file(letter, [content], name=name, **GIVEN).document


def backup(folder: Path, minutes: int = 0, **given: Any) -> services.Made:
    return services.backup(folder, now=NOON + timedelta(minutes=minutes), **given)


def every_row() -> dict[str, list[Any]]:
    """Return all rows of all tables, sealed and binary columns as they stand."""
    found = {}
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            table = connection.ops.quote_name(model._meta.db_table)
            cursor.execute(f"SELECT * FROM {table}")  # noqa: S608
            found[table] = sorted(repr([bytes(v) if isinstance(v, memoryview) else v for v in row]) for row in cursor)
    return found


def every_byte(*stores: Store) -> dict[str, bytes]:
    return {place.name: store.path(place.name).read_bytes() for store in stores for place in store.blobs()}


def destroy(store: Store, *, tables: bool = False) -> None:
    """Nothing is left: no row, no file; and where `tables`, no table either, which costs PostgreSQL every migration."""
    shutil.rmtree(store.folder, ignore_errors=True)
    if connection.vendor == "sqlite":
        name = Path(connection.settings_dict["NAME"])
        connections.close_all()
        for path in name.parent.glob(f"{name.name}*"):
            path.unlink()
    elif not tables:
        call_command("flush", interactive=False, verbosity=0, inhibit_post_migrate=True)
    else:
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")


@pytest.mark.parametrize("tables", [False, True], ids=["rows", "tables"])
def test_everything_is_destroyed_and_comes_back(store: Store, document: Document, folder: Path, tables: bool):
    first = backup(folder)
    assert (first.files, first.copied) == (2, 2)
    receive(document.request, PDF, "b.pdf")
    second = backup(folder, 1)
    assert (second.files, second.copied) == (3, 1), "only what is new is copied"
    rows, content = every_row(), every_byte(store, mails.the_mail_store())
    assert len(content) == 3 and sum(map(len, rows.values())) > 20
    destroy(store, tables=tables)
    out = StringIO()
    call_command("restore", str(folder), "--into-empty", stdout=out)
    assert f"Backup {second.name} is restored" in out.getvalue() and "SALT_KEY" not in out.getvalue()
    assert every_row() == rows
    assert every_byte(store, mails.the_mail_store()) == content
    call_command("check_store", stdout=out)
    assert "Nothing is wrong" in out.getvalue()
    # New rows get new numbers, and go on.
    assert PersonFactory().pk not in [person.pk for person in Person.objects.exclude(handle="new")][:-1]
    receive(document.request, PDF + b"more", "c.pdf")


def test_an_older_backup_can_be_chosen(store: Store, document: Document, folder: Path):
    first = backup(folder)
    receive(document.request, PDF, "b.pdf")
    backup(folder, 1)
    destroy(store)
    services.restore(folder, first.name)
    assert Document.objects.count() == 1 and len(every_byte(store)) == 1


def test_a_target_in_use_is_never_written_over(store: Store, document: Document, folder: Path):
    backup(folder)
    with pytest.raises(CommandError, match="--into-empty"):
        call_command("restore", str(folder))
    with pytest.raises(CommandError, match="The database is in use"):
        call_command("restore", str(folder), "--into-empty")
    receive(document.request, PDF, "b.pdf")
    rows = every_row()
    with pytest.raises(NotGood, match="The database is in use"):
        services.restore(folder)
    assert every_row() == rows


def test_a_store_with_other_files_is_never_mixed_up(store: Store, document: Document, folder: Path):
    backup(folder)
    destroy(store)
    store.put([b"somebody else's"], limit=100, inspect=lambda path: None)
    with pytest.raises(NotGood, match="not of this backup"):
        services.restore(folder)
    assert database.is_empty()
    shutil.rmtree(store.folder)
    services.restore(folder)


@pytest.mark.parametrize("what", ["blob", "database", "manifest", "cut"])
def test_a_damaged_backup_is_found_before_anything_is_touched(
    store: Store, document: Document, folder: Path, what: str
):
    made = backup(folder)
    place = folder / "backups" / made.name
    path = {
        "blob": archive.place_of(folder, document.blob_id),
        "cut": archive.place_of(folder, document.blob_id),
        "database": next(each for each in files_under(place) if each.suffix == ".gz" and each.name != archive.BLOBS),
        "manifest": place / archive.MANIFEST,
    }[what]
    path.chmod(0o600)
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content[:-1] if what == "cut" else content)
    with pytest.raises(CommandError, match=r"DAMAGED|MISSING|changed after"):
        call_command("backup", str(folder), "--verify")
    before = every_byte(store)
    with pytest.raises(NotGood, match=r"not whole|changed after"):
        services.restore(folder)  # said before it looks at the target, which is in use
    assert every_byte(store) == before and Document.objects.get() == document


def test_a_backup_that_is_killed_leaves_the_last_one_good_and_the_next_goes_on(
    store: Store, document: Document, folder: Path, settings: Any, tmp_path: Path
):
    first = backup(folder)
    for number in range(4):
        receive(document.request, PDF + bytes([65 + number]), f"{number}.pdf")
    program = """
import sys, time
import django
django.setup()
from django.core.management import call_command
from requests_app.documents.backups import archive
real, taken = archive.take, []
def take(folder, wanted, source):
    real(folder, wanted, source)
    taken.append(wanted)
    if len(taken) == 2:
        print("two", flush=True)
        time.sleep(60)
archive.take = take
call_command("backup", sys.argv[1])
"""
    environment = {
        **os.environ, "READ_DOT_ENV": "False", "DJANGO_SETTINGS_MODULE": "foia.settings", "DATABASE_URL": here(),
        "STORE_DIR": str(store.folder), "DATA_DIR": str(tmp_path / "data"),
    }  # fmt: skip
    command = [sys.executable, "-c", program, str(folder)]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"two\n"
        with pytest.raises(NotGood, match="Another backup"):
            backup(folder, 1)
        process.kill()
    assert archive.names(folder) == [first.name] and services.verify(folder) == []
    assert list((folder / "backups").glob(".making-*")), "it was killed in its work"
    second = backup(folder, 2)
    assert second.copied == 2, "two were copied before it was killed"
    assert services.verify(folder) == [] and not list((folder / "backups").glob(".making-*"))


def here() -> str:
    """Return the address of the test's own database, for a process of its own."""
    facts = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{facts['NAME']}"
    return f"postgres://{facts['USER']}:{facts['PASSWORD']}@{facts['HOST']}:{facts['PORT']}/{facts['NAME']}"


def test_a_full_disk_ends_a_backup_and_leaves_the_last_one_good(
    document: Document, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    first = backup(folder)
    receive(document.request, PDF, "b.pdf")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(archive.os, "fsync", full)
    with pytest.raises(CommandError, match="No space left"):
        call_command("backup", str(folder))
    monkeypatch.undo()
    assert archive.names(folder) == [first.name] and services.verify(folder) == []


def test_what_the_store_lost_is_said_and_the_rest_is_kept(store: Store, document: Document, folder: Path):
    receive(document.request, PDF, "b.pdf")
    store.path(document.blob_id).unlink()
    with pytest.raises(CommandError, match=document.blob_id):
        call_command("backup", str(folder))
    assert services.verify(folder) == [], "it is as whole as it can be"
    destroy(store)
    assert services.restore(folder).lost == [document.blob_id]
    assert Document.objects.count() == 2


def test_a_file_erased_while_the_backup_runs_is_not_in_it(
    store: Store, document: Document, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    ada = PersonFactory(roles=["administrator"])
    real = archive.write_wanted

    def write_wanted(path: Path, wanted: Any) -> int:
        count = real(path, wanted)
        if Blob.objects.get().erased_at is None:
            erasing.erase(document, confirmed=erasing.plan(document).fingerprint, why="An order", by=ada, now=NOON)
        return count

    monkeypatch.setattr(archive, "write_wanted", write_wanted)
    made = backup(folder)
    assert made.lost == [] and made.files == 1, "the mail alone"


def test_only_so_many_backups_stay_as_are_asked_for(document: Document, folder: Path):
    ada = PersonFactory(roles=["administrator"])
    backup(folder)
    erasing.erase(document, confirmed=erasing.plan(document).fingerprint, why="An order", by=ada, now=NOON)
    assert backup(folder, 1).removed == 0
    made = backup(folder, 2, keep=2)
    assert len(archive.names(folder)) == 2 and made.removed == 1, "no backup holds what was erased"
    assert services.verify(folder) == []


def test_another_salt_key_is_noticed(store: Store, document: Document, folder: Path, settings: Any):
    backup(folder)
    destroy(store)
    settings.SALT_KEY = "another"
    assert services.restore(folder).key_differs
    manifest = (folder / "backups" / archive.names(folder)[0] / archive.MANIFEST).read_text()
    assert "another" not in manifest and settings.SECRET_KEY not in manifest


def test_files_come_from_other_storage_and_go_back_to_it(
    document: Document, folder: Path, settings: Any, store: Store, tmp_path: Path
):
    with storage.s3_server() as port:
        backup(folder)
        destroy(store)
        settings.STORE_URL = storage.address(port, "restored")
        services.restore(folder)
        assert documents.the_store().digest(document.blob_id) == hashlib.sha256(CSV).hexdigest()
        again = services.backup(tmp_path / "second", now=NOON)
        assert again.copied == 2 and services.verify(tmp_path / "second") == []
