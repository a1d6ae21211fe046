"""A real disk fills up, a real storage goes away: everything waits, goes on by itself, and ends as if undisturbed."""

from __future__ import annotations

import contextlib
import gzip
import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from requests_app.documents import derived
from requests_app.documents import services as documents
from requests_app.documents.ingest import running
from requests_app.documents.models import Document, Step
from requests_app.documents.readers.archives import ArchiveOrder, members
from requests_app.documents.readers.unlocking import opened_office
from requests_app.documents.store import DiskFull, StorageUnreachable, bucket
from requests_app.filing.models import RecordsRequest
from tests.documents.corpus import LINES
from tests.documents.ingest.killing import end_state, forget_everything
from tests.documents.ingest.made_up import Clock, run_all
from tests.documents.keeping import storage
from tests.documents.kinds.making import PASSWORD, locked_word, locked_zip, seven, tarred, zipped
from tests.factories import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.processes, pytest.mark.same_everywhere]
MB = 1024 * 1024
# Two members that no packing makes smaller, of a kind that nothing reads, and one that is read.
RANDOM = {f"{number}.bin": b"\x01\x99DLY" + os.urandom(1_500_000) for number in range(2)}
ARCHIVE = zipped({**RANDOM, "note.txt": "\n".join(LINES).encode()})


class Disk:
    """A file system of a size of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def free(self) -> int:
        return shutil.disk_usage(self.folder).free

    def fill(self, *, leave: int) -> None:
        """Leave so many bytes free."""
        with (self.folder / "ballast").open("wb") as ballast:
            os.posix_fallocate(ballast.fileno(), 0, self.free - leave)

    def clear(self) -> None:
        (self.folder / "ballast").unlink()


@contextlib.contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Disk]:
    """Give a disk of that size in memory. Only root may mount one: who tests as somebody else is told so."""
    if os.geteuid() != 0:
        pytest.skip("Only root may mount the small disk that this test fills. The CI runs as root.")
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    if subprocess.run(mount, check=False).returncode:
        pytest.skip("This machine does not let root mount a disk, as in a container without that right.")
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def receive(letter: RecordsRequest, content: bytes = ARCHIVE, name: str = "all.zip") -> Document:
    return documents.receive_file(
        letter, [content], name=name, received_on=date(2026, 3, 20), via="reply", by=None, now=NOON
    ).document


def undisturbed(letter: RecordsRequest) -> dict[str, Any]:
    receive(letter)
    run_all()
    found = end_state()
    assert len(found["documents"]) == 1 + len(RANDOM) + 1
    forget_everything()
    return found


def waiting_for() -> set[str]:
    return set(Step.objects.filter(state=Step.State.WAITING).values_list("trouble", flat=True))


def test_without_room_nothing_begins_and_with_room_all_goes_on(
    settings: Any, letter: RecordsRequest, tmp_path: Path
) -> None:
    settings.STORE_DIR, settings.UPLOAD_LIMIT_MB = str(tmp_path / "store"), 50
    expected, clock = undisturbed(letter), Clock()
    with small_disk(tmp_path / "small", 80) as disk:
        settings.DERIVED_DIR = str(disk.folder / "derived")
        disk.fill(leave=derived.ROOM - MB)
        receive(letter)
        assert running.run_next(clock) is running.Ran.TROUBLE
        assert waiting_for() == {"no_room"}
        disk.clear()
        clock.pass_by(minutes=1)
        run_all(clock)
        assert end_state() == expected


@pytest.mark.parametrize("room", [200_000, 1_700_000])
def test_a_disk_that_fills_up_in_the_middle_of_a_step_loses_and_doubles_nothing(
    settings: Any, letter: RecordsRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    """Store and derivatives are on the disk. It is believed to have room, until a write meets its end."""
    settings.STORE_DIR, settings.UPLOAD_LIMIT_MB = str(tmp_path / "store"), 50
    expected, clock = undisturbed(letter), Clock()
    monkeypatch.setattr(derived, "ROOM", 0)
    with small_disk(tmp_path / "small", 16) as disk:
        settings.STORE_DIR, settings.DERIVED_DIR = str(disk.folder / "store"), str(disk.folder / "derived")
        receive(letter)
        disk.fill(leave=room)
        for _part in range(40):
            if not running.run_next(clock):
                break
        assert waiting_for() == {"no_room"}, list(Step.objects.values_list("name", "state", "trouble"))
        assert not Step.objects.filter(state=Step.State.FAILED).exists()
        with pytest.raises(DiskFull):
            receive(letter, os.urandom(disk.free + MB), "too much.bin")
        assert not Document.objects.filter(original_name="too much.bin").exists()
        assert list((disk.folder / "store" / "incoming").iterdir()) == []
        disk.clear()
        clock.pass_by(hours=1)
        run_all(clock)
        assert end_state() == expected


LONG = {"long.bin": os.urandom(300_000)}


@pytest.mark.parametrize(
    ("raw", "media_type"),
    [
        pytest.param(zipped(LONG), "application/zip", id="zip"),
        pytest.param(locked_zip(LONG), "application/zip", id="locked zip"),
        pytest.param(seven(LONG), "application/x-7z-compressed", id="7z"),
        pytest.param(tarred(LONG), "application/x-tar", id="tar"),
        pytest.param(tarred(LONG, mode="w:gz"), "application/gzip", id="tar.gz"),
        pytest.param(gzip.compress(LONG["long.bin"]), "application/gzip", id="gz"),
    ],
)
def test_a_full_disk_is_not_taken_for_a_fault_of_the_file(tmp_path: Path, raw: bytes, media_type: str) -> None:
    (tmp_path / "archive").write_bytes(raw)
    with small_disk(tmp_path / "small", 1) as disk:
        disk.fill(leave=100_000)
        with pytest.raises(OSError, match="No space left"):
            list(members(tmp_path / "archive", ArchiveOrder(media_type, (PASSWORD,)), disk.folder))


def test_nor_where_a_locked_file_is_opened(tmp_path: Path) -> None:
    (tmp_path / "locked.docx").write_bytes(locked_word())
    with small_disk(tmp_path / "small", 1) as disk:
        disk.fill(leave=4096)
        with pytest.raises(OSError, match="No space left"):
            opened_office(tmp_path / "locked.docx", (PASSWORD,), disk.folder)


def test_a_storage_that_is_killed_and_raised_again_is_waited_for(
    settings: Any, letter: RecordsRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real server of S3. What it kept is put back when it is raised again, as its own disks would have it."""
    monkeypatch.setattr(bucket, "PAUSE", 0.01)
    settings.STORE_DIR, settings.UPLOAD_LIMIT_MB = str(tmp_path / "local"), 50
    expected, clock = undisturbed(letter), Clock()
    port = storage.free_port()
    settings.STORE_DIR, settings.STORE_TIMEOUT = str(tmp_path / "machine"), 2
    settings.STORE_URL = storage.address(port, "records")
    with storage.s3_server(port):
        document = receive(letter)
        for _step in ("identify", "scan"):
            assert running.run_next(clock)
    shutil.rmtree(tmp_path / "machine" / "cache")  # another machine reads it, or this one after its cache ran over
    for _try in range(3):
        assert running.run_next(clock) is running.Ran.TROUBLE
        assert waiting_for() == {"store"}
        clock.pass_by(hours=1)
    with pytest.raises(StorageUnreachable):
        receive(letter, b"nobody takes this", "late.txt")
    assert Document.objects.get() == document
    with storage.s3_server(port):
        documents.the_store().put([ARCHIVE], limit=50 * MB, inspect=lambda path: None)
        clock.pass_by(hours=1)
        run_all(clock)
        assert end_state() == expected
