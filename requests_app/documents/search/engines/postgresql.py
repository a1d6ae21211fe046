"""PostgreSQL's full text: a generated column of words beside the text, and a GIN index over it. No extension needed.

The words are cut by our own function and not by PostgreSQL's parser, which knows addresses, signs and powers of ten
and would find other words than SQLite. Each word carries an x in front, so that the parser takes none for a number.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _

from requests_app.documents.search import engines
from requests_app.documents.search.language import Clause, Term

MAKE: Final = (
    # Accents apart from their letters, then gone; every other sign is a gap. The end of a text longer than any passage
    # should be is not taken: a row of words has a limit, and the text must be kept all the same.
    """
    CREATE OR REPLACE FUNCTION documents_words(words text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT TO_TSVECTOR('pg_catalog.simple', 'x' || REGEXP_REPLACE(
            CASE WHEN OCTET_LENGTH(words) = LENGTH(words) THEN LOWER(LEFT(words, 120000))
                 ELSE REGEXP_REPLACE(NORMALIZE(LOWER(LEFT(words, 120000)), NFD), '[\\u0300-\\u036f]+', '', 'g') END,
            '[^[:alnum:]]+', ' x', 'g'))
    $$
    """,
    "ALTER TABLE documents_passage ADD COLUMN IF NOT EXISTS words tsvector "
    "GENERATED ALWAYS AS (documents_words(text)) STORED",
    "CREATE INDEX IF NOT EXISTS documents_passage_words ON documents_passage USING gin (words)",
    # The commonest words of all texts: with them, the planner knows how many pages a query fits.
    "ALTER TABLE documents_passage ALTER COLUMN words SET STATISTICS 1000",
)
PATIENCE: Final = 1500  # milliseconds for a query over all passages
NEWEST: Final = 30_000  # passages that are looked at when that was not enough
DROP: Final = (
    "DROP INDEX IF EXISTS documents_passage_words",
    "ALTER TABLE documents_passage DROP COLUMN IF EXISTS words",
    "DROP FUNCTION IF EXISTS documents_words(text)",
)


class PostgreSQL:
    """See `engines.Engine`."""

    def find(
        self, every: Sequence[Clause], without: Sequence[Term], scope: engines.Scope, *, ranked: int, looked_at: int
    ) -> engines.Candidates:
        if scope.is_few and not (scope.few_blobs or scope.few_documents):
            return engines.Candidates()
        asked = _tsquery(every, without)
        where: list[str] = ["words @@ %s::tsquery"]
        params: list[Any] = [asked]
        if scope.is_few:
            where.append("(blob_id = ANY(%s) OR document_id = ANY(%s::uuid[]))")
            params += [list(scope.few_blobs), list(scope.few_documents)]
        if scope.kinds:
            where.append("kind = ANY(%s)")
            params.append(list(scope.kinds))
        if scope.not_kinds:
            where.append("NOT kind = ANY(%s)")
            params.append(list(scope.not_kinds))
        limit = ranked if scope.is_few else looked_at
        try:
            return _asked_for(asked, where, params, scope, limit, ranked, milliseconds=PATIENCE)
        except OperationalError:
            # Words that stand nearly everywhere and side by side nearly nowhere: only a part is looked at.
            where.append("id > (SELECT COALESCE(MAX(id), 0) - %s FROM documents_passage)")
            found = _asked_for(asked, where, [*params, NEWEST], scope, limit, ranked, milliseconds=0)
            return engines.Candidates(found.rows, is_bounded=True)

    def ready(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT TO_REGCLASS('documents_passage_words') IS NULL")
            missing = bool(cursor.fetchone()[0])
        if missing:
            self._make()
        return missing

    def rebuild(self) -> None:
        with transaction.atomic():
            self._change_table(*DROP)
            self._make()

    def _make(self) -> None:
        self._change_table(*MAKE)

    def _change_table(self, *statements: str) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            # A table with rows whose foreign keys are still to be checked cannot be changed: check them now.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for statement in statements:
                cursor.execute(statement)
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")

    def problems(self) -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT TO_REGCLASS('documents_passage_words') IS NULL")
            if cursor.fetchone()[0]:
                return [_("The index of the words is missing.")]
            cursor.execute("SELECT COUNT(*) FROM documents_passage WHERE words IS DISTINCT FROM documents_words(text)")
            wrong = cursor.fetchone()[0]
        return [_("The index does not hold the words of the passages as they are now.")] if wrong else []

    def size(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT PG_RELATION_SIZE('documents_passage_words') + COALESCE(SUM(PG_COLUMN_SIZE(words)), 0) "
                "FROM documents_passage"
            )
            return int(cursor.fetchone()[0])


def _asked_for(
    asked: str,
    where: Sequence[str],
    params: Sequence[Any],
    scope: engines.Scope,
    limit: int,
    ranked: int,
    *,
    milliseconds: int,
) -> engines.Candidates:
    """Return the candidates. Raises OperationalError after so many milliseconds; 0 is never."""
    matching = f"FROM documents_passage WHERE {' AND '.join(where)} ORDER BY id DESC"
    with transaction.atomic(), connection.cursor() as cursor:
        # Compiling such a query to machine code takes longer than the query.
        cursor.execute("SET LOCAL jit = off")
        cursor.execute("SET LOCAL statement_timeout = %s", [milliseconds])
        cursor.execute(
            # 1: by the log of the length, so that a long page does not win by its length alone.
            "SELECT p.id, TS_RANK(p.words, %s::tsquery, 1), p.kind, p.place, p.part, p.blob_id, "  # noqa: S608
            f"REPLACE(p.document_id::text, '-', '') FROM (SELECT * {matching} LIMIT %s) AS p "
            f"{_seen(scope)} LIMIT %s",
            [asked, *params, limit, *scope.params, ranked],
        )
        rows = cursor.fetchall()
        bounded = len(rows) == ranked
        if not bounded and not scope.is_few:
            cursor.execute(f"SELECT 1 {matching} LIMIT 1 OFFSET %s", [*params, limit])
            bounded = cursor.fetchone() is not None
        # In a transaction around this one the limit would go on to hold.
        cursor.execute("SET LOCAL statement_timeout = 0")
    return engines.Candidates(tuple(engines.Candidate(*row) for row in rows), bounded)


def _seen(scope: engines.Scope) -> str:
    if scope.is_few:
        return ""
    # OFFSET keeps the planner from making a table of all documents before it looks at the first passage.
    blob, own = scope.sql_of_blob.format(passage="p"), scope.sql_of_document.format(passage="p")
    return f"WHERE CASE WHEN p.document_id IS NULL THEN EXISTS ({blob} OFFSET 0) ELSE EXISTS ({own} OFFSET 0) END"


def _tsquery(every: Sequence[Clause], without: Sequence[Term]) -> str:
    asked = " & ".join("(" + " | ".join(map(_term, clause)) + ")" for clause in every)
    return " & ".join([asked, *(f"!({_term(term)})" for term in without)])


def _term(term: Term) -> str:
    # Letters and digits alone stand between the quotes: nothing of the query language comes from outside.
    words = [f"'x{word}'" for word in term.words]
    if term.begins:
        words[-1] += ":*"
    return "(" + " <-> ".join(words) + ")"


ENGINE: Final = PostgreSQL()
