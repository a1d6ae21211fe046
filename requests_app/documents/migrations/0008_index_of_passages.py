"""The index of the words of all passages: FTS5 on SQLite, a generated column with a GIN index on PostgreSQL.

A copy of what `documents.search.engines` says: this migration must do the same whatever that becomes.
"""

from typing import Any

from django.db import migrations

_NEW = (
    "INSERT INTO documents_passageindex (rowid, text, blob_id, document_id, kind) "
    "VALUES (new.id, new.text, new.blob_id, new.document_id, new.kind)"
)
_OLD = (
    "INSERT INTO documents_passageindex (documents_passageindex, rowid, text, blob_id, document_id, kind) "
    "VALUES ('delete', old.id, old.text, old.blob_id, old.document_id, old.kind)"
)
MAKE = {
    "sqlite": (
        "CREATE VIRTUAL TABLE documents_passageindex USING fts5(text, blob_id, document_id, kind, "
        "content = 'documents_passage', content_rowid = 'id', "
        "tokenize = \"unicode61 remove_diacritics 2 categories 'L* Nd Nl'\")",
        "CREATE VIRTUAL TABLE documents_passageindex_words USING fts5vocab(documents_passageindex, 'col')",
        f"CREATE TRIGGER documents_passage_added AFTER INSERT ON documents_passage BEGIN {_NEW}; END",
        f"CREATE TRIGGER documents_passage_removed AFTER DELETE ON documents_passage BEGIN {_OLD}; END",
        "CREATE TRIGGER documents_passage_changed AFTER UPDATE OF id, text, blob_id, document_id, kind "
        f"ON documents_passage BEGIN {_OLD}; {_NEW}; END",
        "INSERT INTO documents_passageindex (documents_passageindex) VALUES ('rebuild')",
    ),
    "postgresql": (
        """
        CREATE FUNCTION documents_words(words text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
            SELECT TO_TSVECTOR('pg_catalog.simple', 'x' || REGEXP_REPLACE(
                CASE WHEN OCTET_LENGTH(words) = LENGTH(words) THEN LOWER(LEFT(words, 120000))
                     ELSE REGEXP_REPLACE(NORMALIZE(LOWER(LEFT(words, 120000)), NFD), '[\\u0300-\\u036f]+', '', 'g') END,
                '[^[:alnum:]]+', ' x', 'g'))
        $$
        """,
        "ALTER TABLE documents_passage ADD COLUMN words tsvector GENERATED ALWAYS AS (documents_words(text)) STORED",
        "CREATE INDEX documents_passage_words ON documents_passage USING gin (words)",
        "ALTER TABLE documents_passage ALTER COLUMN words SET STATISTICS 1000",
    ),
}
DROP = {
    "sqlite": (
        "DROP TRIGGER documents_passage_added",
        "DROP TRIGGER documents_passage_removed",
        "DROP TRIGGER documents_passage_changed",
        "DROP TABLE documents_passageindex_words",
        "DROP TABLE documents_passageindex",
    ),
    "postgresql": (
        "DROP INDEX documents_passage_words",
        "ALTER TABLE documents_passage DROP COLUMN words",
        "DROP FUNCTION documents_words(text)",
    ),
}


def make(apps: Any, schema_editor: Any) -> None:
    for statement in MAKE[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


def drop(apps: Any, schema_editor: Any) -> None:
    for statement in DROP[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("documents", "0007_search")]

    operations = [migrations.RunPython(make, drop)]
