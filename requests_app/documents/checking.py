"""Compares a store with its rows: every file that a row promises, and every file that no row knows.

A room above that keeps bytes of its own puts them on a `Shelf`, so that one command reads everything again.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db.models import QuerySet

from requests_app.documents import queries
from requests_app.documents.store import Store, is_blob_name

BATCH = 500  # names asked for in one query
REMOVABLE_AFTER = timedelta(days=1)  # far longer than any upload takes from its file to its row


@dataclass(frozen=True)
class Shelf:
    """A store, the rows whose bytes must be in it (primary key: the SHA-256; `size`), and what a person calls one."""

    name: str
    store: Callable[[], Store]
    rows: Callable[[], QuerySet[Any]]
    known_as: Callable[[str], str]


_shelves: dict[str, Shelf] = {}


def register(shelf: Shelf) -> None:
    """Let the command read this store again, too. A second call with the same name changes nothing."""
    _shelves.setdefault(shelf.name, shelf)


def shelves() -> list[Shelf]:
    """Return the stores of the rooms above."""
    return list(_shelves.values())


@dataclass
class StoreReport:
    """What was found. `missing` and `damaged` are names of blobs, the others are files."""

    sound: int = 0
    missing: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    orphaned: list[Path] = field(default_factory=list)
    left_over: list[Path] = field(default_factory=list)
    strange: list[Path] = field(default_factory=list)
    removed: list[Path] = field(default_factory=list)

    @property
    def is_fine(self) -> bool:
        """Return whether nothing is wrong that was not put right in this run."""
        return not (self.missing or self.damaged or self.orphaned or self.left_over or self.strange)


def check_store(
    store: Store,
    *,
    now: datetime,
    remove_orphans: bool = False,
    rows: Callable[[], QuerySet[Any]] = queries.kept_blobs,
    quick: bool = False,
) -> StoreReport:
    """Read every byte of the store again and say what is wrong with it. Changes nothing unless asked to remove.

    1. Hash the file behind every row: it may be missing, or no longer what its name says. `quick`: ask only for its
       size, which finds what is missing or cut off, and not what rotted. A tombstone promises no file.
    2. Look for files that no row knows: a crash came between the file and its row. Ask again at the end, because an
       upload that went on meanwhile may have written its row by then.
    3. Look for what a crash left among the incoming files.
    4. When asked, remove from both what is older than a day.
    """
    report = StoreReport()
    for sha256, size in rows().order_by("pk").values_list("pk", "size").iterator():
        _check_blob(store, sha256, size, report, quick=quick)
    suspects = list(_without_row(_in_their_place(store, report), rows))
    report.orphaned = sorted(_without_row(suspects, rows))
    report.left_over = store.left_over()
    if remove_orphans:
        report.orphaned = _remove_old(store, report.orphaned, report, now, rows)
        report.left_over = _remove_old(store, report.left_over, report, now, rows)
    return report


def _check_blob(store: Store, sha256: str, size: int, report: StoreReport, *, quick: bool) -> None:
    try:
        is_sound = store.size(sha256) == size and (quick or store.digest(sha256) == sha256)
    except FileNotFoundError:
        report.missing.append(sha256)
        return
    if is_sound:
        report.sound += 1
    else:
        report.damaged.append(sha256)


def _in_their_place(store: Store, report: StoreReport) -> Iterator[Path]:
    for path in store.blobs():
        if is_blob_name(path.name) and store.place(path.name) == path:
            yield path
        else:
            report.strange.append(path)


def _without_row(paths: Iterable[Path], rows: Callable[[], QuerySet[Any]]) -> Iterator[Path]:
    rest = iter(paths)
    while batch := list(itertools.islice(rest, BATCH)):
        known = set(rows().filter(pk__in=[path.name for path in batch]).values_list("pk", flat=True))
        yield from (path for path in batch if path.name not in known)


def _remove_old(
    store: Store, paths: list[Path], report: StoreReport, now: datetime, rows: Callable[[], QuerySet[Any]]
) -> list[Path]:
    """Remove the old ones; return those that stay."""
    since = (now - REMOVABLE_AFTER).timestamp()
    staying = []
    for path in paths:
        if store.remove_unless(path, younger_than=since, is_needed=rows().filter(pk=path.name).exists):
            report.removed.append(path)
        else:
            staying.append(path)
    return staying
