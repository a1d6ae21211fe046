"""The content-addressed store in a folder: bytes go in once, under their SHA-256, and never change.

Every write goes to a temporary file first, is flushed to the disk and then renamed: a crash at any moment leaves
either the whole file or nothing under its final name.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeVar, cast

from requests_app.documents.store.troubles import EmptyFile, TooLarge, as_trouble

CHUNK = 1024 * 1024
FOLDER_IN_WORK = 86_400  # seconds; a folder of a reader cannot be locked, and no step reads for that long
Finding = TypeVar("Finding")


@dataclass(frozen=True)
class Stored:
    """What the store holds now: the name of the bytes, their number, and whether they were new to it."""

    sha256: str
    size: int
    is_new: bool


def is_blob_name(name: str) -> bool:
    """Return whether this can be the name of a blob: 64 lower-case hexadecimal digits."""
    return len(name) == 64 and set(name) <= set("0123456789abcdef")


class Store:
    """A folder of blobs: `ab/cd/abcd…`. Knows nothing of agencies, names or the database.

    What stands in the store has a place: here a path in the folder, with other storage a key. Everybody who reads
    gets a local file (`path`) or stream (`open`), wherever the bytes are.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def described(self) -> str:
        """Where the bytes are, for an administrator to read."""
        return str(self.folder)

    @property
    def incoming(self) -> Path:
        """Where files wait until they are whole. Empty when nothing is being received."""
        return self.folder / "incoming"

    def place(self, sha256: str) -> Path:
        """Return where the bytes of that name stand in the store, or would."""
        if not is_blob_name(sha256):
            raise ValueError("A blob is named by 64 lower-case hexadecimal digits.")
        return self.folder / "blobs" / sha256[:2] / sha256[2:4] / sha256

    def path(self, sha256: str) -> Path:
        """Return a local file with the bytes of that name; it does not exist when the store has none."""
        return self.place(sha256)

    def open(self, sha256: str) -> BinaryIO:
        """Open a blob for reading. Raises FileNotFoundError when the store lost it."""
        return self.path(sha256).open("rb")

    def exists(self, sha256: str) -> bool:
        """Return whether the store has bytes of that name."""
        return self.place(sha256).is_file()

    def size(self, sha256: str) -> int:
        """Return how many bytes stand under that name. Raises FileNotFoundError when the store lost them."""
        return self.place(sha256).stat().st_size

    def spool(self) -> BinaryIO:
        """Return a nameless file on the store's own disk; it vanishes when it is closed, or with the process.

        Not in the system's temporary folder: on many machines that is memory. Raises DiskFull.
        """
        try:
            self.incoming.mkdir(parents=True, exist_ok=True)
            return cast(BinaryIO, tempfile.TemporaryFile(dir=self.incoming))
        except OSError as trouble:
            raise as_trouble(trouble) from trouble

    def put(self, chunks: Iterable[bytes], *, limit: int, inspect: Callable[[Path], Finding]) -> tuple[Stored, Finding]:
        """Keep the bytes; return their name and what `inspect` found in the file before it was settled.

        1. Write them to a temporary file, hashing and counting on the way.
        2. Flush the file to the disk.
        3. Let `inspect` look at it; whatever it raises ends the work.
        4. Rename it to its hash. What the store had under that name gives way: the bytes are the same, or it was
           damaged and is whole again.
        5. Flush the folders, so that the name survives a power cut.

        Raises EmptyFile, TooLarge (more than `limit` bytes), DiskFull or Interrupted; then nothing stays behind.
        """
        try:
            self.incoming.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self.incoming)
        except OSError as trouble:
            raise as_trouble(trouble) from trouble
        temporary = Path(name)
        try:
            # Open until it is settled: the lock tells `left_over` that this file is still in work.
            with os.fdopen(handle, "wb") as out:
                fcntl.flock(out, fcntl.LOCK_EX)
                sha256, size = _copy(chunks, out, limit)
                out.flush()
                os.fsync(out.fileno())
                found = inspect(temporary)
                return self._settle(temporary, sha256, size), found
        except OSError as trouble:
            raise as_trouble(trouble) from trouble
        finally:
            temporary.unlink(missing_ok=True)

    def blobs(self) -> Iterator[Path]:
        """Walk the files that stand among the blobs, whatever their names."""
        for folder, _folders, names in os.walk(self.folder / "blobs"):
            yield from (Path(folder) / name for name in names)

    def left_over(self) -> list[Path]:
        """Return what a crash left among the incoming files; what is being received at this moment is not named."""
        if not self.incoming.is_dir():
            return []
        return [path for path in sorted(self.incoming.iterdir()) if not _is_in_work(path)]

    def digest(self, sha256: str) -> str:
        """Return the hash that the bytes under this name have now. Raises FileNotFoundError when they are lost."""
        with self.path(sha256).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def remove_unless(self, place: Path, *, younger_than: float, is_needed: Callable[[], bool]) -> bool:
        """Delete a file of the store unless it changed after `younger_than` (seconds since 1970) or is needed.

        No file can be settled between the question and the deletion. Returns whether the file was deleted.
        """
        with self._lock(fcntl.LOCK_EX):
            try:
                if place.stat().st_mtime >= younger_than or is_needed():
                    return False
            except FileNotFoundError:
                return False
            if place.is_dir():
                shutil.rmtree(place)
            else:
                place.unlink()
        return True

    def remove(self, sha256: str, *, unless: Callable[[], bool]) -> bool:
        """Delete the bytes of that name for good unless they are needed after all. Returns whether they were there."""
        return self.remove_unless(self.place(sha256), younger_than=float("inf"), is_needed=unless)

    def is_there(self) -> bool:
        """Return whether this is the store, and not an empty folder where its disk is not mounted."""
        return (self.folder / "blobs").is_dir()

    def probe(self) -> None:
        """Prove that something can be kept at this moment. Raises OSError or StoreTrouble."""
        with tempfile.TemporaryFile(dir=self.folder) as file:
            file.write(b"ready?")

    def _settle(self, temporary: Path, sha256: str, size: int) -> Stored:
        final = self.place(sha256)
        with self._lock(fcntl.LOCK_SH):
            is_new = not final.exists()
            final.parent.mkdir(parents=True, exist_ok=True)
            temporary.chmod(0o440)  # originals are never altered, not even by us
            # The modification time is now, so the removal of old orphans leaves it alone until its row is written.
            temporary.rename(final)
        for folder in (final.parent, final.parent.parent, final.parent.parent.parent):
            _flush_folder(folder)
        return Stored(sha256, size, is_new)

    @contextmanager
    def _lock(self, kind: int) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, kind)
            yield
        finally:
            os.close(handle)  # also lets go of the lock


def _copy(chunks: Iterable[bytes], out: BinaryIO, limit: int) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    for chunk in chunks:
        size += len(chunk)
        if size > limit:
            raise TooLarge(limit)
        digest.update(chunk)
        out.write(chunk)
    if size == 0:
        raise EmptyFile
    return digest.hexdigest(), size


def _is_in_work(path: Path) -> bool:
    if path.is_dir():
        return time.time() - path.stat().st_mtime < FOLDER_IN_WORK
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, FileNotFoundError):
        return True  # somebody writes it, or has just settled it
    return False


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
