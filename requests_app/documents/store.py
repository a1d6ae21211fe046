"""The content-addressed store: bytes go in once, under their SHA-256, and never change.

Every write goes to a temporary file first, is flushed to the disk and then renamed: a crash at any moment leaves
either the whole file or nothing under its final name.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeVar, cast

from django.utils.translation import gettext as _

CHUNK = 1024 * 1024
# EFBIG: the file system, or a limit set for the server, takes no larger file. For the reader that is the same trouble.
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
Finding = TypeVar("Finding")


class StoreTrouble(Exception):
    """The file could not be kept. The text says what happened, what is safe and what to do."""


class EmptyFile(StoreTrouble):
    """The file has no content."""

    def __init__(self) -> None:
        super().__init__(
            _("The file is empty, so there is nothing to keep. Check it on your device and choose it again.")
        )


class TooLarge(StoreTrouble):
    """The file is larger than the limit (bytes)."""

    def __init__(self, limit: int) -> None:
        text = _(
            "The file is larger than %(limit)d MB and was not kept. "
            "Split it, or ask an administrator to raise the limit (UPLOAD_LIMIT_MB)."
        )
        super().__init__(text % {"limit": limit // (1024 * 1024)})


class DiskFull(StoreTrouble):
    """The store's disk has no room."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "The disk that keeps documents has no room for the file, so it was not kept. Everything stored before "
                "is safe. Tell an administrator, keep your copy and try again later."
            )
        )


class Interrupted(StoreTrouble):
    """The sender stopped before the end."""

    def __init__(self) -> None:
        super().__init__(_("The upload stopped before the end. Nothing was half-stored: choose the file again."))


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
    """A folder of blobs: `ab/cd/abcd…`. Knows nothing of agencies, names or the database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def incoming(self) -> Path:
        """Where files wait until they are whole. Empty when nothing is being received."""
        return self.folder / "incoming"

    def path(self, sha256: str) -> Path:
        """Return where the bytes of that name are, or would be."""
        if not is_blob_name(sha256):
            raise ValueError("A blob is named by 64 lower-case hexadecimal digits.")
        return self.folder / "blobs" / sha256[:2] / sha256[2:4] / sha256

    def open(self, sha256: str) -> BinaryIO:
        """Open a blob for reading. Raises FileNotFoundError when the store lost it."""
        return self.path(sha256).open("rb")

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

    def remove_unless(self, path: Path, *, younger_than: float, is_needed: Callable[[], bool]) -> bool:
        """Delete a file of the store unless it changed after `younger_than` (seconds since 1970) or is needed.

        No file can be settled between the question and the deletion. Returns whether the file was deleted.
        """
        with self._lock(fcntl.LOCK_EX):
            try:
                if path.stat().st_mtime >= younger_than or is_needed():
                    return False
            except FileNotFoundError:
                return False
            path.unlink()
        return True

    def _settle(self, temporary: Path, sha256: str, size: int) -> Stored:
        final = self.path(sha256)
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


def as_trouble(trouble: OSError) -> Exception:
    """Return what a person can act on, or the error itself when it is nothing we expect."""
    if trouble.errno in NO_ROOM:
        return DiskFull()
    if isinstance(trouble, ConnectionError):
        return Interrupted()
    return trouble


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
