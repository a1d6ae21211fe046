"""Making a backup, and restoring one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.conf import settings

from requests_app.documents import checking, queries
from requests_app.documents import services as documents
from requests_app.documents.backups import archive, database
from requests_app.documents.backups.archive import NotGood, Wanted
from requests_app.documents.store import Store

AGAIN = 3  # dumps, while files are erased between a dump and the copying of what it names


@dataclass
class Made:
    """A backup that was made. `lost`: files that the store itself does not have any more, or not as they were."""

    name: str
    files: int = 0
    copied: int = 0
    copied_bytes: int = 0
    removed: int = 0
    lost: list[str] = field(default_factory=list)


def shelves() -> dict[str, checking.Shelf]:
    """Return every store and its rows, by name: the documents, and those of the rooms above."""
    own = checking.Shelf("documents", documents.the_store, queries.kept_blobs, lambda sha256: "")
    return {shelf.name: shelf for shelf in [own, *checking.shelves()]}


def backup(folder: Path, *, now: datetime, keep: int = 0) -> Made:
    """Make one backup more in the folder; only files that it does not have are copied.

    1. The database, as it is at one moment.
    2. Then every file that the rows of that moment name. None can be missing: bytes are stored before their row, and
       never changed. Only erasing takes them away; where one was erased meanwhile, begin anew with the database.
    3. Read back what was written; the hashes go into the manifest, and only then the backup gets its name.

    `keep`: how many backups stay; 0 is all. Raises NotGood, OSError or StoreTrouble; earlier backups stay good.
    """
    with archive.locked(folder):
        made = Made(name=f"{now:%Y%m%dT%H%M%SZ}")
        if (folder / "backups" / made.name).exists():
            raise NotGood("A backup was made in this very second. Nothing was changed.")
        for _attempt in range(AGAIN):
            making = archive.begin(folder, made.name)
            with database.dumped(making) as (facts, rows):
                archive.write_wanted(making / archive.BLOBS, _named_by(rows))
            if _copy(folder, making, made):
                break
        else:
            raise NotGood("Files were erased all the while. Nothing was changed: make the backup again.")
        manifest = {
            "made_at": now.isoformat(),
            "database": facts,
            "lost": sorted(made.lost),
            "key_check": key_check(settings.SALT_KEY),
            "not_included": "SECRET_KEY, SALT_KEY and every other setting; derivatives, which are made again",
        }
        final = archive.finish(folder, making, made.name, manifest)
        if wrong := list(archive.problems(folder, final, manifest, hashed=False)):
            raise NotGood("The backup could not be read back. " + " ".join(wrong[:5]))
        if keep:
            made.removed = archive.forget_older(folder, keep)
        return made


def _named_by(rows: database.Rows) -> Iterator[Wanted]:
    for name, shelf in shelves().items():
        for sha256, size in rows(shelf.rows().order_by("pk").values_list("pk", "size")):
            yield Wanted(name, sha256, size)


def _copy(folder: Path, making: Path, made: Made) -> bool:
    """Copy what the folder lacks. Returns False when a file was erased since the database was copied."""
    stores = {name: shelf.store() for name, shelf in shelves().items()}
    made.files, made.lost = 0, []
    for wanted in archive.wanted_by(making):
        made.files += 1
        if archive.has(folder, wanted):
            continue
        try:
            with stores[wanted.shelf].open(wanted.sha256) as source:
                archive.take(folder, wanted, source)
        except (FileNotFoundError, NotGood):
            if not shelves()[wanted.shelf].rows().filter(pk=wanted.sha256).exists():
                return False
            made.lost.append(wanted.sha256)
        else:
            # Hashed on its way out of the store; now as it came to lie on this disk.
            if archive.digest_of(archive.place_of(folder, wanted.sha256)) != wanted.sha256:
                raise NotGood("The disk of the backups returns other bytes than it was given. Use another disk.")
            made.copied += 1
            made.copied_bytes += wanted.size
    return True


def verify(folder: Path, name: str = "") -> list[str]:
    """Read every byte of a backup again, the newest without a name; return what is wrong with it."""
    with archive.locked(folder):
        chosen, manifest = archive.opened(folder, name)
        return list(archive.problems(folder, chosen, manifest, hashed=True))


@dataclass
class Restored:
    """What a restore brought back."""

    name: str
    files: int
    rows: int
    lost: list[str]
    key_differs: bool


def restore(folder: Path, name: str = "", *, say: Callable[[str], None] = lambda text: None) -> Restored:
    """Bring a backup back into an empty database and empty stores.

    1. Read every byte of the backup; what is damaged ends it before anything is touched.
    2. The target must be empty: no person in the database, no file in the stores that is not of this backup.
    3. The files first, then the database at once: whenever it is killed, there is no row without its bytes, and the
       same command can be given again.

    Raises NotGood, OSError or StoreTrouble.
    """
    with archive.locked(folder):
        chosen, manifest = archive.opened(folder, name)
        say("Reading the whole backup again.")
        if wrong := list(archive.problems(folder, chosen, manifest, hashed=True)):
            raise NotGood("The backup is not whole, and nothing was changed. " + " ".join(wrong[:5]))
        if not database.is_empty():
            raise NotGood(
                "The database is in use: it holds people. A restore goes into an empty one only. Nothing was changed."
            )
        stores = {shelf_name: shelf.store() for shelf_name, shelf in shelves().items()}
        _refuse_strangers(chosen, stores)
        lost = set(manifest["lost"])
        files = 0
        say("Bringing back the files.")
        for wanted in archive.wanted_by(chosen):
            if wanted.shelf not in stores:
                raise NotGood(
                    f"This Daylight knows no store named {wanted.shelf}. Restore with the version that made it."
                )
            if wanted.sha256 in lost:
                continue
            files += 1
            _bring_back(folder, wanted, stores[wanted.shelf])
        say("Bringing back the database.")
        database.load(chosen, manifest["database"])
        rows = sum(manifest["database"]["rows"].values())
        differs = manifest["key_check"] != key_check(settings.SALT_KEY)
        return Restored(chosen.name, files, rows, sorted(lost), differs)


def _bring_back(folder: Path, wanted: Wanted, store: Store) -> None:
    with suppress(FileNotFoundError):
        if store.size(wanted.sha256) == wanted.size and store.digest(wanted.sha256) == wanted.sha256:
            return  # by an earlier try
    with archive.place_of(folder, wanted.sha256).open("rb") as source:
        chunks = iter(lambda: source.read(archive.CHUNK), b"")
        stored, _nothing = store.put(chunks, limit=wanted.size, inspect=lambda path: None)
    if stored.sha256 != wanted.sha256:
        raise NotGood(f"DAMAGED {wanted.sha256}: the backup's file changed while it was read. Nothing was lost.")


def _refuse_strangers(chosen: Path, stores: dict[str, Store]) -> None:
    ours: dict[str, set[str]] = {name: set() for name in stores}
    for wanted in archive.wanted_by(chosen):
        ours.setdefault(wanted.shelf, set()).add(wanted.sha256)
    for name, store in stores.items():
        for place in store.blobs():
            if place.name not in ours[name]:
                raise NotGood(
                    f"The store {store.described} holds files that are not of this backup. A restore goes into an "
                    "empty one only. Nothing was changed."
                )


def key_check(key: str) -> str:
    """Return a sign by which the same key is known again, and from which nobody gets the key."""
    return hashlib.pbkdf2_hmac("sha256", key.encode(), b"daylight backup", 200_000).hex()[:16]
