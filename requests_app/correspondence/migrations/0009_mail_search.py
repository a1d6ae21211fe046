"""The index for the search over mail: FTS5 on SQLite, a column of words with an index on PostgreSQL."""

from typing import Any

from django.db import migrations

MAKE = {
    "sqlite": (
        "CREATE VIRTUAL TABLE correspondence_mailsearch USING fts5("
        "subject, people, files, words, tokenize = 'unicode61 remove_diacritics 0')",
    ),
    "postgresql": (
        "CREATE TABLE correspondence_mailsearch (message_id bigint PRIMARY KEY, words tsvector NOT NULL)",
        "CREATE INDEX mail_search_words ON correspondence_mailsearch USING gin (words)",
    ),
}
# A copy of what `incoming.searching` writes: this migration must do the same whatever that becomes.
FILL = {
    "sqlite": "INSERT INTO correspondence_mailsearch (rowid, subject, people, files, words) "
    "SELECT m.id, m.subject, m.from_name || ' ' || m.from_address, COALESCE((SELECT GROUP_CONCAT(f.name, ' ') "
    "FROM correspondence_incomingfile AS f WHERE f.message_id = m.id), ''), SUBSTR(m.text, 1, 100000) "
    "FROM correspondence_incomingmessage AS m",
    "postgresql": "INSERT INTO correspondence_mailsearch (message_id, words) SELECT m.id, TO_TSVECTOR('simple', "
    "REGEXP_REPLACE(CONCAT_WS(' ', m.subject, m.from_name || ' ' || m.from_address, "
    "(SELECT STRING_AGG(f.name, ' ') FROM correspondence_incomingfile AS f WHERE f.message_id = m.id), "
    "SUBSTR(m.text, 1, 100000)), '[^[:alnum:]]+', ' ', 'g')) FROM correspondence_incomingmessage AS m",
}


def make(apps: Any, schema_editor: Any) -> None:
    vendor = schema_editor.connection.vendor
    for statement in (*MAKE[vendor], FILL[vendor]):
        schema_editor.execute(statement, params=None)


def drop(apps: Any, schema_editor: Any) -> None:
    schema_editor.execute("DROP TABLE correspondence_mailsearch", params=None)


class Migration(migrations.Migration):
    dependencies = [("correspondence", "0008_post_and_fax")]

    operations = [migrations.RunPython(make, drop)]
