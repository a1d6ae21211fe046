"""The folder that holds backups, and what makes one of them good.

    DEST/blobs/ab/cd/abcd…            every file of every backup, once, by its SHA-256
    DEST/backups/20261122T170000Z/    one backup: its database, `blobs.txt.gz` (what it needs of these), manifest.json
    DEST/backups/.making-…            one that was not finished; the next run removes it

A backup gets its name by one rename, when everything it needs is on the disk and was read back. So a backup that has a
name is good, whatever was killed and when.
"""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from requests_app.documents.store import is_blob_name

FORMAT = 1
CHUNK = 1024 * 1024
MAKING = ".making-"
BLOBS = "blobs.txt.gz"
MANIFEST = "manifest.json"


class NotGood(Exception):
    """A backup, or the folder of backups, is not what it should be. The text says what and what to do."""


@dataclass(frozen=True)
class Wanted:
    """One file that a backup needs: in which store it belongs, its SHA-256 and its size in bytes."""

    shelf: str
    sha256: str
    size: int


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder of backups: two at once would remove each other's work. Raises NotGood."""
    (folder / "backups").mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise NotGood("Another backup or restore works in this folder now. Nothing was changed.") from None
        yield
    finally:
        os.close(handle)


def names(folder: Path) -> list[str]:
    """Return the names of the finished backups, oldest first."""
    backups = folder / "backups"
    if not backups.is_dir():
        return []
    return sorted(each.name for each in backups.iterdir() if (each / MANIFEST).is_file() and each.name[0] != ".")


def place_of(folder: Path, sha256: str) -> Path:
    """Return where a file of that name stands among the blobs, or would."""
    if not is_blob_name(sha256):
        raise NotGood("The backup names a file that is not named by a SHA-256. It is damaged.")
    return folder / "blobs" / sha256[:2] / sha256[2:4] / sha256


def take(folder: Path, wanted: Wanted, source: BinaryIO) -> None:
    """Copy a file among the blobs, whole or not at all. Raises NotGood when its bytes are not what its name says."""
    final = place_of(folder, wanted.sha256)
    final.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=final.parent, prefix=MAKING)
    temporary = Path(name)
    try:
        digest = hashlib.sha256()
        with os.fdopen(handle, "wb") as out:
            while chunk := source.read(CHUNK):
                digest.update(chunk)
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        if digest.hexdigest() != wanted.sha256:
            raise NotGood(f"DAMAGED {wanted.sha256}: the store's file is no longer what it was.")
        temporary.chmod(0o440)
        temporary.rename(final)
        flush_folder(final.parent)
    finally:
        temporary.unlink(missing_ok=True)


def has(folder: Path, wanted: Wanted) -> bool:
    """Return whether the file is among the blobs in its full size. It was hashed when it was copied."""
    try:
        return place_of(folder, wanted.sha256).stat().st_size == wanted.size
    except FileNotFoundError:
        return False


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_wanted(path: Path, wanted: Iterable[Wanted]) -> int:
    """Write the list of what a backup needs; return how many there are."""
    count = 0
    with gzip.open(path, "wt", encoding="ascii") as out:
        for count, each in enumerate(wanted, start=1):  # noqa: B007
            out.write(f"{each.shelf} {each.sha256} {each.size}\n")
    return count


def wanted_by(backup: Path) -> Iterator[Wanted]:
    """Walk the list of what a backup needs."""
    with gzip.open(backup / BLOBS, "rt", encoding="ascii") as lines:
        for line in lines:
            shelf, sha256, size = line.split()
            yield Wanted(shelf, sha256, int(size))


def finish(folder: Path, making: Path, name: str, manifest: dict[str, Any]) -> Path:
    """Write the manifest with the hash of every file beside it, and give the backup its name."""
    manifest["format"] = FORMAT
    manifest["files"] = {
        each.relative_to(making).as_posix(): {"sha256": digest_of(each), "size": each.stat().st_size}
        for each in sorted(making.rglob("*"))
        if each.is_file()
    }
    text = json.dumps(manifest, indent=1, sort_keys=True)
    (making / MANIFEST).write_text(text + "\n")
    (making / f"{MANIFEST}.sha256").write_text(f"{digest_of(making / MANIFEST)}  {MANIFEST}\n")
    for each in making.rglob("*"):
        _flush(each)
    flush_folder(making)
    final = folder / "backups" / name
    making.rename(final)
    flush_folder(final.parent)
    return final


def begin(folder: Path, name: str) -> Path:
    """Make the folder of a new backup; remove what unfinished ones left."""
    for left in (folder / "backups").glob(f"{MAKING}*"):
        shutil.rmtree(left)
    for left in (folder / "blobs").glob(f"*/*/{MAKING}*"):
        left.unlink()
    making = folder / "backups" / f"{MAKING}{name}"
    making.mkdir(parents=True)
    return making


def opened(folder: Path, name: str = "") -> tuple[Path, dict[str, Any]]:
    """Return a backup, the newest without a name, and its manifest, proved by its hash. Raises NotGood."""
    found = names(folder)
    if not found:
        raise NotGood(f"There is no finished backup in {folder}.")
    if name and name not in found:
        raise NotGood(f"There is no backup {name}. There are: {', '.join(found)}.")
    backup = folder / "backups" / (name or found[-1])
    said = (backup / f"{MANIFEST}.sha256").read_text().split()[0]
    if digest_of(backup / MANIFEST) != said:
        raise NotGood(f"The manifest of {backup.name} was changed after it was written. Use another backup.")
    manifest = json.loads((backup / MANIFEST).read_text())
    if manifest.get("format") != FORMAT:
        raise NotGood(f"The backup {backup.name} was written by another version of Daylight. Restore it with that one.")
    return backup, manifest


def problems(folder: Path, backup: Path, manifest: dict[str, Any], *, hashed: bool) -> Iterator[str]:
    """Say what of a backup is missing or damaged. `hashed`: read every byte of every file again, not their sizes only.

    The files of the backup's own folder are always hashed.
    """
    for name, facts in manifest["files"].items():
        path = backup / name
        if not path.is_file():
            yield f"MISSING {name} of backup {backup.name}."
        elif digest_of(path) != facts["sha256"]:
            yield f"DAMAGED {name} of backup {backup.name}."
    if not (backup / BLOBS).is_file():
        return
    lost = set(manifest.get("lost", ()))
    for wanted in wanted_by(backup):
        if wanted.sha256 in lost:
            continue
        if not has(folder, wanted):
            yield f"MISSING {wanted.sha256} of backup {backup.name}."
        elif hashed and digest_of(place_of(folder, wanted.sha256)) != wanted.sha256:
            yield f"DAMAGED {wanted.sha256} of backup {backup.name}."


def forget_older(folder: Path, keep: int) -> int:
    """Remove all backups but the newest `keep`, then the blobs that none of those needs. Returns how many blobs."""
    for name in names(folder)[:-keep]:
        # Its manifest first: half removed, it is no backup any more.
        (folder / "backups" / name / MANIFEST).unlink()
        shutil.rmtree(folder / "backups" / name)
    needed = {each.sha256 for name in names(folder) for each in wanted_by(folder / "backups" / name)}
    removed = 0
    for path in (folder / "blobs").glob("*/*/*"):
        if path.name not in needed:
            path.unlink()
            removed += 1
    return removed


def flush_folder(folder: Path) -> None:
    """Let the names in a folder survive a power cut."""
    _flush(folder)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
