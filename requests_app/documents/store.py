"""The content-addressed store: bytes go in once, under their SHA-256, and never change.

Every write goes to a temporary file first, is flushed to the disk and then renamed: a crash at any moment leaves
either the whole file or nothing under its final name.
"""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeVar

CHUNK = 1024 * 1024
Finding = TypeVar("Finding")


class StoreTrouble(Exception):
    """The file could not be kept. The text says what happened, what is safe and what to do."""


class EmptyFile(StoreTrouble):
    """The file has no content."""

    def __init__(self) -> None:
        super().__init__("The file is empty, so there is nothing to keep. Check it on your device and choose it again.")


class TooLarge(StoreTrouble):
    """The file is larger than the limit (bytes)."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"The file is larger than {limit // (1024 * 1024)} MB and was not kept. "
            "Split it, or ask the coordinator to raise the limit (UPLOAD_LIMIT_MB)."
        )


class DiskFull(StoreTrouble):
    """The store's disk has no room."""

    def __init__(self) -> None:
        super().__init__(
            "The disk that keeps documents is full, so the file was not kept. Everything stored before is safe. "
            "Tell an administrator, keep your copy and try again later."
        )


class Interrupted(StoreTrouble):
    """The sender stopped before the end."""

    def __init__(self) -> None:
        super().__init__("The upload stopped before the end. Nothing was half-stored: choose the file again.")


@dataclass(frozen=True)
class Stored:
    """What the store holds now: the name of the bytes, their number, and whether they were new to it."""

    sha256: str
    size: int
    is_new: bool


class Store:
    """A folder of blobs: `ab/cd/abcd…`. Knows nothing of agencies, names or the database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, sha256: str) -> Path:
        """Return where the bytes of that name are, or would be."""
        if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
            raise ValueError("A blob is named by 64 lower-case hexadecimal digits.")
        return self.folder / "blobs" / sha256[:2] / sha256[2:4] / sha256

    def open(self, sha256: str) -> BinaryIO:
        """Open a blob for reading. Raises FileNotFoundError when the store lost it."""
        return self.path(sha256).open("rb")

    def put(self, chunks: Iterable[bytes], *, limit: int, inspect: Callable[[Path], Finding]) -> tuple[Stored, Finding]:
        """Keep the bytes; return their name and what `inspect` found in the file before it was settled.

        1. Write them to a temporary file, hashing and counting on the way.
        2. Flush the file to the disk.
        3. Let `inspect` look at it; whatever it raises ends the work.
        4. Rename it to its hash, unless the store has these bytes already.
        5. Flush the folder, so that the name survives a power cut.

        Raises EmptyFile, TooLarge (more than `limit` bytes), DiskFull or Interrupted; then nothing stays behind.
        """
        waiting = self.folder / "incoming"
        try:
            waiting.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=waiting)
        except OSError as trouble:
            raise _as_trouble(trouble) from trouble
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as out:
                sha256, size = _copy(chunks, out, limit)
                out.flush()
                os.fsync(out.fileno())
            found = inspect(temporary)
            return self._settle(temporary, sha256, size), found
        except OSError as trouble:
            raise _as_trouble(trouble) from trouble
        finally:
            temporary.unlink(missing_ok=True)

    def _settle(self, temporary: Path, sha256: str, size: int) -> Stored:
        final = self.path(sha256)
        if final.exists():
            return Stored(sha256, size, is_new=False)
        final.parent.mkdir(parents=True, exist_ok=True)
        temporary.chmod(0o440)  # originals are never altered, not even by us
        temporary.rename(final)
        _flush_folder(final.parent)
        return Stored(sha256, size, is_new=True)


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


def _as_trouble(trouble: OSError) -> Exception:
    if trouble.errno in {errno.ENOSPC, errno.EDQUOT}:
        return DiskFull()
    if isinstance(trouble, ConnectionError):
        return Interrupted()
    return trouble


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
