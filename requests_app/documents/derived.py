"""What is made from the originals: files that can be deleted and made again. One folder for each blob.

`work` beside them holds what is being made. Each thing in it is locked by the process that makes it, so that what a
killed process left can be told from what is in work, and is swept away.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from requests_app.documents.store import is_blob_name

ROOM = 64 * 1024 * 1024  # bytes that must be free before a step begins: with less, everything fails in its own way


class Derived:
    """The derivatives of one blob, by plain names such as `pages/7-1600.webp`."""

    def __init__(self, sha256: str, root: Path | None = None) -> None:
        if not is_blob_name(sha256):
            raise ValueError("A blob is named by 64 lower-case hexadecimal digits.")
        self.root = root or Path(settings.DERIVED_DIR)
        self.folder = self.root / sha256[:2] / sha256[2:4] / sha256

    def path(self, name: str) -> Path:
        """Return where the derivative of that name is, or would be."""
        return self.folder / name

    @contextmanager
    def making(self, name: str) -> Iterator[Path]:
        """Give a path to write to; at the end of the block the file takes its name, whole or not at all."""
        final = self.path(name)
        with a_folder(self.root) as folder:
            temporary = folder / f"made{final.suffix}"
            yield temporary
            self.take(temporary, name)

    def take(self, made: Path, name: str) -> None:
        """Give a file that is whole, and lies on the disk of the derivatives (`a_folder`), its name here."""
        final = self.path(name)
        try:
            made.replace(final)
        except FileNotFoundError:
            final.parent.mkdir(parents=True, exist_ok=True)
            made.replace(final)

    def remove(self, name: str = "") -> None:
        """Delete one derivative, or all of them: they can be made again."""
        target = self.path(name) if name else self.folder
        if target.is_dir():
            shutil.rmtree(target, ignore_errors=True)
        else:
            target.unlink(missing_ok=True)


@contextmanager
def a_folder(root: Path | None = None) -> Iterator[Path]:
    """Give a folder to work in, locked as long as its process lives, and gone at the end of the block.

    On the disk of the derivatives: the system's temporary folder is memory on many machines, and what was made is
    moved to its place in one instant.
    """
    workshop = (root or Path(settings.DERIVED_DIR)) / "work"
    workshop.mkdir(parents=True, exist_ok=True)
    with _lock(workshop, fcntl.LOCK_SH):  # nobody sweeps between its making and its own lock
        folder = Path(tempfile.mkdtemp(dir=workshop))
        handle = os.open(folder, os.O_RDONLY)
        fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(handle)


def sweep(root: Path | None = None) -> int:
    """Delete what killed processes left in `work`. Returns how many things."""
    workshop = (root or Path(settings.DERIVED_DIR)) / "work"
    if not workshop.is_dir():
        return 0
    with _lock(workshop, fcntl.LOCK_EX):
        return sum(_delete_if_left(path) for path in sorted(workshop.iterdir()) if path.name != "lock")


def is_full(root: Path | None = None) -> bool:
    """Return whether the disk of the derivatives has no room for a step's work."""
    folder = root or Path(settings.DERIVED_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    return shutil.disk_usage(folder).free < ROOM


@contextmanager
def _lock(workshop: Path, kind: int) -> Iterator[None]:
    handle = os.open(workshop / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, kind)
        yield
    finally:
        os.close(handle)


def _delete_if_left(path: Path) -> bool:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        return False  # gone meanwhile
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        _delete(path)
        return True
    finally:
        os.close(handle)


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
