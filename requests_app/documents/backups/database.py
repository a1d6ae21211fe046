"""The database into files and back, of one moment: SQLite by its own online copy, PostgreSQL by COPY in one snapshot.

Neither needs a program beside Python, and nobody needs to stop working meanwhile. What was copied from one kind of
database goes back into the same kind.
"""

from __future__ import annotations

import gzip
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection, connections, transaction
from django.db.backends.sqlite3._functions import register  # type: ignore[import-untyped]
from django.db.migrations.executor import MigrationExecutor
from django.db.models import QuerySet

from requests_app.documents.backups.archive import NotGood

COPIED = "database.sqlite3"
TABLES = "tables"
Rows = Callable[[QuerySet[Any]], Iterator[tuple[Any, ...]]]


@contextmanager
def dumped(folder: Path) -> Iterator[tuple[dict[str, Any], Rows]]:
    """Copy the database into `folder`; give what the manifest must say of it, and a way to read rows of that moment."""
    with _snapshot_of_sqlite(folder) if connection.vendor == "sqlite" else _snapshot_of_postgresql(folder) as made:
        yield made


def is_empty() -> bool:
    """Return whether nobody works in this database: it has no tables, or none that holds a person."""
    with connection.cursor() as cursor:
        if "people_person" not in connection.introspection.table_names(cursor):
            return True
        cursor.execute("SELECT 1 FROM people_person LIMIT 1")
        return cursor.fetchone() is None


def load(folder: Path, facts: dict[str, Any]) -> None:
    """Put the rows of a dump into this empty database, all or none, and bring its tables up to date.

    Raises NotGood when the dump is of another kind of database or of a newer Daylight, or rows are missing after it.
    """
    if facts["vendor"] != connection.vendor:
        raise NotGood(
            f"This backup is of {facts['vendor']} and the settings name {connection.vendor}. "
            "Set DATABASE_URL to an empty database of the same kind. Nothing was changed."
        )
    known = set(MigrationExecutor(connection).loader.graph.nodes)
    if newer := [f"{app}.{name}" for app, name in facts["migrations"] if (app, name) not in known]:
        raise NotGood(
            f"This backup was made by a newer Daylight, which has {newer[0]}. Restore it with that version. "
            "Nothing was changed."
        )
    if connection.vendor == "sqlite":
        _load_sqlite(folder)
    else:
        _load_postgresql(folder, facts)
    with connection.cursor() as cursor:
        for table, expected in facts["rows"].items():
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608  names of tables
            if (found := cursor.fetchone()[0]) != expected:
                raise NotGood(f"After the restore, {table} has {found} rows and not {expected}. Restore it once more.")
    call_command("migrate", interactive=False, verbosity=0)


# --- SQLite -----------------------------------------------------------------------------------------------------------


@contextmanager
def _snapshot_of_sqlite(folder: Path) -> Iterator[tuple[dict[str, Any], Rows]]:
    whole = folder / COPIED
    connection.ensure_connection()
    copy = sqlite3.connect(whole)
    try:
        connection.connection.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
        register(copy)  # Django's own functions, which constraints of ours call
        if (said := copy.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
            raise NotGood(f"The copied database is not whole: {said}")
        tables = [name for (name,) in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        counted = {
            name: copy.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608  names of tables
            for name in tables
            if not name.startswith("sqlite_")
        }
        facts = {"vendor": "sqlite", "rows": counted, "migrations": _migrations(copy.execute)}

        def rows(wanted: QuerySet[Any]) -> Iterator[tuple[Any, ...]]:
            sql, params = wanted.query.sql_with_params()
            yield from copy.execute(sql.replace("%s", "?"), params)

        yield facts, rows
    finally:
        copy.close()
    with whole.open("rb") as plain, gzip.open(f"{whole}.gz", "wb", compresslevel=5) as packed:
        shutil.copyfileobj(plain, packed, 1024 * 1024)
    whole.unlink()


def _load_sqlite(folder: Path) -> None:
    target = Path(connection.settings_dict["NAME"])
    temporary = target.with_name(f"{target.name}.restoring")
    with gzip.open(folder / f"{COPIED}.gz", "rb") as packed, temporary.open("wb") as out:
        shutil.copyfileobj(packed, out, 1024 * 1024)
        out.flush()
        os.fsync(out.fileno())
    connections.close_all()
    for ending in ("-wal", "-shm"):
        target.with_name(target.name + ending).unlink(missing_ok=True)
    temporary.replace(target)


# --- PostgreSQL -------------------------------------------------------------------------------------------------------


@contextmanager
def _snapshot_of_postgresql(folder: Path) -> Iterator[tuple[dict[str, Any], Rows]]:
    (folder / TABLES).mkdir()
    own = connection.copy()  # a transaction of its own, whatever the caller is in
    try:
        with own.cursor() as cursor:
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            counted: dict[str, int] = {}
            columns: dict[str, list[str]] = {}
            for table in _tables(cursor):
                columns[table] = _columns(cursor, table)
                listed = ", ".join(own.ops.quote_name(name) for name in columns[table])
                with (
                    gzip.open(folder / TABLES / f"{table}.gz", "wb", compresslevel=5) as out,
                    cursor.copy(f"COPY {own.ops.quote_name(table)} ({listed}) TO STDOUT (FORMAT binary)") as data,
                ):
                    for chunk in data:
                        out.write(chunk)
                cursor.execute(f"SELECT count(*) FROM {own.ops.quote_name(table)}")  # noqa: S608
                counted[table] = cursor.fetchone()[0]

            def execute(sql: str) -> Iterable[Any]:
                cursor.execute(sql)
                return list(cursor.fetchall())

            facts = {
                "vendor": "postgresql", "rows": counted, "columns": columns, "migrations": _migrations(execute),
            }  # fmt: skip

            def rows(wanted: QuerySet[Any]) -> Iterator[tuple[Any, ...]]:
                sql, params = wanted.query.sql_with_params()
                cursor.execute(sql, params)
                while batch := cursor.fetchmany(2000):
                    yield from batch

            yield facts, rows
    finally:
        own.close()


def _load_postgresql(folder: Path, facts: dict[str, Any]) -> None:
    """Make the tables as they were, then all rows in one transaction. Foreign keys are compared at its end."""
    # At once, and without the signals of `migrate`: the rows that those would write are in the backup.
    MigrationExecutor(connection).migrate(_newest(facts["migrations"]))
    with transaction.atomic(), connection.cursor() as cursor:
        there = _tables(cursor)
        if missing := sorted(set(facts["columns"]) - set(there)):
            raise NotGood(f"The table {missing[0]} of the backup is not in this database. Nothing was changed.")
        quoted = [connection.ops.quote_name(table) for table in there]
        cursor.execute(f"TRUNCATE {', '.join(quoted)} CASCADE")
        for table, columns in facts["columns"].items():
            listed = ", ".join(connection.ops.quote_name(name) for name in columns)
            name = connection.ops.quote_name(table)
            cursor.execute(f"ALTER TABLE {name} DISABLE TRIGGER USER")
            with (
                gzip.open(folder / TABLES / f"{table}.gz", "rb") as source,
                cursor.copy(f"COPY {name} ({listed}) FROM STDIN (FORMAT binary)") as data,
            ):
                while chunk := source.read(1024 * 1024):
                    data.write(chunk)
        _count_on(cursor, facts["columns"])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in facts["columns"]:
            cursor.execute(f"ALTER TABLE {connection.ops.quote_name(table)} ENABLE TRIGGER USER")


def _count_on(cursor: Any, columns: dict[str, list[str]]) -> None:
    """Let every table number its next row after the last one."""
    for table, names in columns.items():
        for name in names:
            cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [connection.ops.quote_name(table), name])
            if sequence := cursor.fetchone()[0]:
                column, quoted = connection.ops.quote_name(name), connection.ops.quote_name(table)
                most = f"SELECT max({column}) FROM {quoted}"  # noqa: S608  names of tables and columns
                cursor.execute(f"SELECT setval(%s, coalesce(({most}), 1), ({most}) IS NOT NULL)", [sequence])


def _tables(cursor: Any) -> list[str]:
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename")
    return [name for (name,) in cursor.fetchall()]


def _columns(cursor: Any, table: str) -> list[str]:
    # What the database itself computes is not copied: it is computed again.
    cursor.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema() "
        "AND table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position",
        [table],
    )
    return [name for (name,) in cursor.fetchall()]


def _migrations(execute: Callable[[str], Iterable[Any]]) -> list[list[str]]:
    return [[app, name] for app, name in execute("SELECT app, name FROM django_migrations ORDER BY id")]


def _newest(migrations: list[list[str]]) -> list[tuple[str, str]]:
    """Return the migrations that no other of these needs: going to each makes exactly these."""
    done = {(app, name) for app, name in migrations}
    graph = MigrationExecutor(connection).loader.graph
    needed = {parent.key for node in done for parent in graph.node_map[node].parents if parent.key[0] == node[0]}
    return sorted(done - needed)
