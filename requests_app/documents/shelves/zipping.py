"""Many returned files as one ZIP, streamed: it begins at once, and no file is ever held in memory.

`MANIFEST.csv` in it names every file that was asked for, with its hash and where it came from, and for those that are
not in the ZIP the reason. `MANIFEST.sha256` can be checked without Daylight: `sha256sum -c MANIFEST.sha256`.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from zipstream import ZIP_STORED, ZipStream

from requests_app.documents.models import Document
from requests_app.documents.names import clean_name
from requests_app.documents.store import DamagedInStorage, Store

MOST_FILES: Final = 2000
MOST_BYTES: Final = 20 * 1000**3
CHUNK: Final = 1024 * 1024
COLUMNS: Final = (
    *("file in this ZIP", "not here because", "SHA-256", "bytes", "original name", "path in the file it came in"),
    *("agency", "request", "received", "how it came", "brought in at", "document"),
)


class TooMuch(Exception):
    """More than one ZIP may hold. The text says what to do."""


@dataclass(frozen=True)
class Packed:
    """A ZIP about to be sent: its exact length in bytes, its bytes in chunks, and the documents that are in it."""

    length: int
    chunks: Iterator[bytes]
    taken: list[Document]


def pack(documents: Iterable[Document], store: Store) -> Packed:
    """Return the ZIP of these documents. Needs their blobs, requests and agencies. Raises TooMuch.

    A file that came inside another is not packed beside it: it is in there. Locked and lost files are named instead.
    """
    rows = list(documents)
    total = sum(row.blob.size for row in rows)
    if len(rows) > MOST_FILES or total > MOST_BYTES:
        raise TooMuch(
            _(
                "One ZIP holds up to %(files)d files and %(gigabytes)d GB. Choose fewer: by agency, by request, by "
                "date or by kind."
            )
            % {"files": MOST_FILES, "gigabytes": MOST_BYTES // 1000**3}
        )
    chosen = {row.pk for row in rows}
    names = Names()
    stream = ZipStream(compress_type=ZIP_STORED, sized=True)
    lines, hashes, taken = [], [], []
    for row in rows:
        why = _why_not(row, chosen, store)
        name = "" if why else names.give(f"{row.agency.code}/{row.request.reference}", row.original_name)
        lines.append(_line(row, name, why))
        if not why:
            hashes.append(f"{row.blob_id}  {name}\n")
            stream.add(_bytes_of(store, row.blob_id), name, size=row.blob.size)
            taken.append(row)
    stream.add(_table(lines), "MANIFEST.csv")
    stream.add("".join(hashes).encode("utf-8"), "MANIFEST.sha256")
    return Packed(len(stream), iter(stream), taken)


class Names:
    """Gives each file of a ZIP a place of its own, whatever letter case the reader's disk tells apart."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def give(self, folder: str, name: str) -> str:
        """Return `folder/name`, with a number where that is taken."""
        name = clean_name(name)
        stem, dot, ending = name.rpartition(".")
        turn, place = 1, f"{folder}/{name}"
        while place.casefold() in self._given:
            turn += 1
            place = f"{folder}/{stem} ({turn}).{ending}" if dot and stem else f"{folder}/{name} ({turn})"
        self._given.add(place.casefold())
        return place


def _why_not(row: Document, chosen: AbstractSet[object], store: Store) -> str:
    if row.erased_at is not None:
        return _("It was erased.")
    if row.blob.is_locked:
        return _("It is locked: %(why)s") % {"why": row.blob.locked_why}
    if row.outermost_id in chosen or row.parent_id in chosen:
        return _("It is inside another file of this ZIP.")
    try:
        return "" if store.size(row.blob_id) == row.blob.size else _("The store's copy is damaged.")
    except FileNotFoundError:
        return _("The store has lost it.")


def _bytes_of(store: Store, sha256: str) -> Iterator[bytes]:
    """Yield a file's bytes, opened only when their turn comes. Wrong bytes end the ZIP before its end: it is no ZIP."""
    digest = hashlib.sha256()
    with store.open(sha256) as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            yield chunk
    if digest.hexdigest() != sha256:
        raise DamagedInStorage


def _line(row: Document, name: str, why: str) -> list[str]:
    cells = [
        name, why, row.blob_id, str(row.blob.size), row.original_name, row.inner_path, row.agency.name,
        row.request.reference, row.received_on.isoformat(), str(row.get_via_display()), row.brought_at.isoformat(),
        str(row.pk),
    ]  # fmt: skip
    return [harmless_cell(cell) for cell in cells]


def _table(lines: list[list[str]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerows([COLUMNS, *lines])
    return out.getvalue().encode("utf-8")


def harmless_cell(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: a name may begin with one (CWE-1236)."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
