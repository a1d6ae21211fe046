"""Beginnings of words in the index for the search over mail, on SQLite: a word of every mail is found at once."""

from typing import Any

from django.db import migrations

COLUMNS = "subject, people, files, words"
TOKENS = "tokenize = 'unicode61 remove_diacritics 0'"
LENGTHS = "prefix = '1 2 3 4 5 6 7 8 9 10'"


def _make_anew(schema_editor: Any, options: str) -> None:
    if schema_editor.connection.vendor != "sqlite":
        return  # PostgreSQL's index has beginnings anyway
    for statement in (
        f"CREATE VIRTUAL TABLE correspondence_mailsearch_new USING fts5({COLUMNS}, {options})",
        f"INSERT INTO correspondence_mailsearch_new (rowid, {COLUMNS}) SELECT rowid, {COLUMNS} "  # noqa: S608  ours
        "FROM correspondence_mailsearch",
        "DROP TABLE correspondence_mailsearch",
        "ALTER TABLE correspondence_mailsearch_new RENAME TO correspondence_mailsearch",
    ):
        schema_editor.execute(statement, params=None)


def with_beginnings(apps: Any, schema_editor: Any) -> None:
    _make_anew(schema_editor, f"{TOKENS}, {LENGTHS}")


def without_beginnings(apps: Any, schema_editor: Any) -> None:
    _make_anew(schema_editor, TOKENS)


class Migration(migrations.Migration):
    dependencies = [("correspondence", "0011_count_by_small_indexes")]

    operations = [migrations.RunPython(with_beginnings, without_beginnings)]
