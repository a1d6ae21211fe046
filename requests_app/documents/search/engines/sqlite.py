"""SQLite's FTS5: a table of words over `documents_passage`, without a copy of the text, kept in step by triggers.

Beside the text it holds to which blob or document a passage belongs and of which kind it is, so that a search within a
few documents is answered by the index alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext as _

from requests_app.documents.search import engines
from requests_app.documents.search.language import Clause, Term

TABLE: Final = "documents_passageindex"
COLUMNS: Final = "text, blob_id, document_id, kind"
MAKE: Final = (
    f"CREATE VIRTUAL TABLE {TABLE} USING fts5({COLUMNS}, content = 'documents_passage', content_rowid = 'id', "
    "tokenize = \"unicode61 remove_diacritics 2 categories 'L* Nd Nl'\")",
    # Reads the words in order, for the beginnings of words.
    f"CREATE VIRTUAL TABLE {TABLE}_words USING fts5vocab({TABLE}, 'col')",
)
_NEW: Final = (
    f"INSERT INTO {TABLE} (rowid, {COLUMNS}) VALUES (new.id, new.text, new.blob_id, new.document_id, new.kind)"  # noqa: S608
)
_OLD: Final = (
    f"INSERT INTO {TABLE} ({TABLE}, rowid, {COLUMNS}) "  # noqa: S608  our own names
    "VALUES ('delete', old.id, old.text, old.blob_id, old.document_id, old.kind)"
)
TRIGGERS: Final = {
    "documents_passage_added": f"AFTER INSERT ON documents_passage BEGIN {_NEW}; END",
    "documents_passage_removed": f"AFTER DELETE ON documents_passage BEGIN {_OLD}; END",
    "documents_passage_changed": f"AFTER UPDATE OF id, {COLUMNS} ON documents_passage BEGIN {_OLD}; {_NEW}; END",
}
DROP: Final = (
    *(f"DROP TRIGGER IF EXISTS {name}" for name in TRIGGERS),
    f"DROP TABLE IF EXISTS {TABLE}_words",
    f"DROP TABLE IF EXISTS {TABLE}",
)

# FTS5 counts for its ranking every passage in which a word stands: 40 ms for a million. Above this many we count the
# words in the candidates ourselves.
COUNTED_BY_FTS5: Final = 150_000
EXPANDED: Final = 200  # words of one beginning that are named one by one; FTS5 merges more of them before it answers


class SQLite:
    """See `engines.Engine`."""

    def find(
        self, every: Sequence[Clause], without: Sequence[Term], scope: engines.Scope, *, ranked: int, looked_at: int
    ) -> engines.Candidates:
        if scope.is_few and not (scope.few_blobs or scope.few_documents):
            return engines.Candidates()
        asked = self._match(every, without, scope)
        limit = ranked if scope.is_few else looked_at
        with connection.cursor() as cursor:
            cursor.execute(_find(scope), [asked, limit, *scope.params, ranked])
            rows = cursor.fetchall()
            if not rows:
                return engines.Candidates(is_bounded=not scope.is_few and _as_many(cursor, asked, limit))
            oldest, newest = rows[-1][0], rows[0][0]
            full = len(rows) == ranked
            bounded = full or (not scope.is_few and _as_many(cursor, asked, limit))
            common = full and ranked * newest / max(newest - oldest, 1) > COUNTED_BY_FTS5
            scores = (
                _counted([row[0] for row in rows], every)
                if common
                else _weighed(cursor, asked, oldest, newest, max(limit, ranked))
            )
        return engines.Candidates(
            tuple(engines.Candidate(row[0], scores.get(row[0], 0.0), *row[1:]) for row in rows), bounded
        )

    def _match(self, every: Sequence[Clause], without: Sequence[Term], scope: engines.Scope) -> str:
        text = " AND ".join("(" + " OR ".join(map(_term, clause)) + ")" for clause in every)
        asked = f"text : ({text})"
        if scope.is_few:
            blobs = f"blob_id : ({' OR '.join(map(_quoted, scope.few_blobs))})" if scope.few_blobs else ""
            own = f"document_id : ({' OR '.join(map(_quoted, scope.few_documents))})" if scope.few_documents else ""
            asked += f" AND ({' OR '.join(part for part in (blobs, own) if part)})"
        if scope.kinds:
            asked += f" AND kind : ({' OR '.join(map(_quoted, scope.kinds))})"
        if scope.not_kinds:
            asked = f"({asked}) NOT kind : ({' OR '.join(map(_quoted, scope.not_kinds))})"
        if without:
            asked = f"({asked}) NOT text : ({' OR '.join(map(_term, without))})"
        return asked

    def ready(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT name FROM sqlite_master WHERE name LIKE 'documents\\_passage%%' ESCAPE '\\'")
            there = {row[0] for row in cursor.fetchall()}
        if {TABLE, f"{TABLE}_words", *TRIGGERS} <= there:
            return False
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in statements():
                cursor.execute(statement)
        self.rebuild()
        return True

    def rebuild(self) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {TABLE} ({TABLE}) VALUES ('rebuild')")  # noqa: S608
            cursor.execute(f"INSERT INTO {TABLE} ({TABLE}) VALUES ('optimize')")  # noqa: S608

    def problems(self) -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            missing = set(TRIGGERS) - {row[0] for row in cursor.fetchall()}
            found = [
                _("The trigger %(name)s is missing: new text cannot be found.") % {"name": n} for n in sorted(missing)
            ]
            try:
                # 1: also that every word of every passage is in the index, and nothing else is.
                cursor.execute(f"INSERT INTO {TABLE} ({TABLE}, rank) VALUES ('integrity-check', 1)")  # noqa: S608
            except DatabaseError:
                found.append(_("The index does not hold the words of the passages as they are now."))
        return found

    def size(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT SUM(LENGTH(block)) FROM {TABLE}_data")  # noqa: S608
            data = cursor.fetchone()[0] or 0
            cursor.execute(f"SELECT SUM(LENGTH(sz)) FROM {TABLE}_docsize")  # noqa: S608
            return int(data + (cursor.fetchone()[0] or 0))


def statements() -> list[str]:
    """Return what makes the index and its triggers anew, empty."""
    return [*DROP, *MAKE, *(f"CREATE TRIGGER {name} {body}" for name, body in TRIGGERS.items())]


def _find(scope: engines.Scope) -> str:
    seen = ""
    if not scope.is_few:
        blob, own = scope.sql_of_blob.format(passage="p"), scope.sql_of_document.format(passage="p")
        seen = f"WHERE CASE WHEN p.document_id IS NULL THEN EXISTS ({blob}) ELSE EXISTS ({own}) END"
    return (
        f"SELECT h.id, p.kind, p.place, p.part, p.blob_id, p.document_id FROM (SELECT rowid AS id FROM {TABLE} "  # noqa: S608
        f"WHERE {TABLE} MATCH %s ORDER BY rowid DESC LIMIT %s) AS h CROSS JOIN documents_passage AS p ON p.id = h.id "
        f"{seen} LIMIT %s"
    )


def _as_many(cursor: Any, asked: str, limit: int) -> bool:
    """Whether so many passages fit the words that not all were looked at."""
    cursor.execute(
        f"SELECT 1 FROM {TABLE} WHERE {TABLE} MATCH %s ORDER BY rowid DESC LIMIT 1 OFFSET %s",  # noqa: S608  our name
        [asked, limit],
    )
    return cursor.fetchone() is not None


def _weighed(cursor: Any, asked: str, oldest: int, newest: int, limit: int) -> dict[int, float]:
    cursor.execute(
        f"SELECT rowid, -bm25({TABLE}, 1, 0, 0, 0) FROM {TABLE} "  # noqa: S608
        f"WHERE {TABLE} MATCH %s AND rowid BETWEEN %s AND %s ORDER BY rowid DESC LIMIT %s",
        [asked, oldest, newest, limit],
    )
    return dict(cursor.fetchall())


def _counted(passages: list[int], every: Sequence[Clause]) -> dict[int, float]:
    """Return how often the words stand at the beginning of each passage, roughly: a part of a longer word
    counts, a word with another accent does not."""
    marks = ", ".join(["%s"] * len(passages))
    words = {term.words[0] for clause in every for term in clause}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, SUBSTR(text, 1, 4000) FROM documents_passage WHERE id IN ({marks})", passages)  # noqa: S608
        found = [(passage, text.lower()) for passage, text in cursor.fetchall()]
    return {
        passage: sum(min(text.count(word), 10) / 10 for word in words) / (1 + len(text) / 8000)
        for passage, text in found
    }


def _term(term: Term) -> str:
    # Letters and digits alone stand between the quotes: nothing of the query language comes from outside.
    if not term.begins:
        return _quoted(" ".join(term.words))
    if len(term.words) == 1:
        named = _words_beginning(term.words[0])
        if named is not None:
            return "(" + " OR ".join(map(_quoted, named)) + ")" if named else _quoted(term.words[0])
    return _quoted(" ".join(term.words)) + " *"


def _words_beginning(beginning: str) -> list[str] | None:
    """Return the words of all texts that begin so, or None when they are too many to name."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT term FROM {TABLE}_words WHERE term >= %s AND term < %s AND col = 'text' LIMIT %s",  # noqa: S608
            [beginning, beginning + "\U0010ffff", EXPANDED + 1],
        )
        found = [row[0] for row in cursor.fetchall()]
    return found if len(found) <= EXPANDED else None


def _quoted(words: str) -> str:
    return f'"{words}"'


ENGINE: Final = SQLite()
