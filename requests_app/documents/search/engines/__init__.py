"""The database's own full text behind one small interface: `the_engine()` gives that of the database in use.

On both, the database itself keeps the index in step with the passages: no code path can forget to. What a word is, is
said in `folding`; the definitions here say the same to the database. `ready` puts them in place after every migration,
since SQLite loses a table's triggers when a later migration makes the table anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from django.db import connection

from requests_app.documents.search.language import Clause, Term

LONGEST_PASSAGE: Final = 100_000  # characters: PostgreSQL takes a megabyte of words for one row. Steps cut before that.


@dataclass(frozen=True)
class Scope:
    """Which passages may be looked at, as the database is told it.

    `few`: the documents' own numbers and their blobs, where they are few: the index itself is then asked for these
    alone. Otherwise `sql` with `params` is a query for documents in which `{blob}` and `{document}` stand for the
    passage's columns. `kinds`: Passage.Kind, empty for all; `not_kinds` are left out.
    """

    few_blobs: tuple[str, ...] = ()
    few_documents: tuple[str, ...] = ()
    is_few: bool = False
    sql_of_blob: str = ""
    sql_of_document: str = ""
    params: tuple[Any, ...] = ()
    kinds: tuple[str, ...] = ()
    not_kinds: tuple[str, ...] = ()


@dataclass(frozen=True)
class Candidate:
    """A passage in which everything stands that was asked for. `score`: higher is better, comparable in one answer."""

    passage: int
    score: float
    kind: str
    place: int
    part: int
    blob: str | None
    document: str | None  # hex


@dataclass(frozen=True)
class Candidates:
    """The newest passages that fit, and whether older ones were left out."""

    rows: tuple[Candidate, ...] = ()
    is_bounded: bool = False


class Engine(Protocol):
    """What each database gives."""

    def find(
        self, every: Sequence[Clause], without: Sequence[Term], scope: Scope, *, ranked: int, looked_at: int
    ) -> Candidates:
        """Return up to `ranked` passages, the newest; at most `looked_at` that fit the words are looked at."""

    def ready(self) -> bool:
        """Put the index in place where it is missing, and fill it. Returns whether it was missing."""

    def rebuild(self) -> None:
        """Make the whole index anew."""

    def problems(self) -> list[str]:
        """Compare the index with the passages, all of them; a sentence for each thing that is wrong."""

    def size(self) -> int:
        """Return how many bytes the index takes."""


def the_engine() -> Engine:
    """Return the engine of the database in use."""
    from requests_app.documents.search.engines import postgresql, sqlite

    engines: dict[str, Engine] = {"sqlite": sqlite.ENGINE, "postgresql": postgresql.ENGINE}
    return engines[connection.vendor]
