"""Search over all mail that came in: SQLite's FTS5 or PostgreSQL's full text behind four functions. No search server.

A word that stands in every mail must cost no more than a rare one. FTS5 then has beginnings of words in its index, so
that it can walk from the newest backwards and stop (migration 0012). PostgreSQL cannot tell how often a beginning
stands, so it is told: look through the newest mails first; where that gives no full page, the word is rare enough for
its index.

What is indexed: subject, sender, names of files and the text up to `INDEXED` characters, never the sender's HTML. The
index is a table of the database's own kind, written in the transaction that writes the message. Our own letters are not
in it: they are sealed, and a copy of their words would not be.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Final

from django.db import connection
from django.db.models.functions import Substr

from requests_app.correspondence.incoming.models import IncomingMessage
from requests_app.correspondence.incoming.showing import harmless

INDEXED: Final = 100_000  # characters of a text: PostgreSQL takes a megabyte of words for one row
MOST_TERMS: Final = 12
AROUND: Final = 90  # characters of a text shown on either side of what was found

_TERM: Final = re.compile(r'"([^"]*)"?|(\S+)')
_WORD: Final = re.compile(r"[^\W_]+")

_SOURCE = """
    SELECT m.id, m.subject, m.from_name || ' ' || m.from_address, {files}, SUBSTR(m.text, 1, {indexed})
    FROM correspondence_incomingmessage AS m WHERE {which}
"""
_FILES = {
    "sqlite": "COALESCE((SELECT GROUP_CONCAT(f.name, ' ') FROM correspondence_incomingfile AS f "
    "WHERE f.message_id = m.id), '')",
    "postgresql": "COALESCE((SELECT STRING_AGG(f.name, ' ') FROM correspondence_incomingfile AS f "
    "WHERE f.message_id = m.id), '')",
}
_INSERT = {
    "sqlite": "INSERT INTO correspondence_mailsearch (rowid, subject, people, files, words) {source}",
    # PostgreSQL takes an address for one word: it is cut into its words first, as FTS5 does.
    "postgresql": "INSERT INTO correspondence_mailsearch (message_id, words) SELECT s.id, TO_TSVECTOR('simple', "
    "REGEXP_REPLACE(CONCAT_WS(' ', s.subject, s.people, s.files, s.text), '[^[:alnum:]]+', ' ', 'g')) "
    "FROM ({source}) AS s (id, subject, people, files, text)",
}
_KEY = {"sqlite": "rowid", "postgresql": "message_id"}
NEWEST: Final = 400  # of so many mails, each can be looked at; of 100,000, only the index can be
# Tried one after another until one gives a full page. `before` narrows to what is older than a message.
_FIND: Final = {
    "sqlite": (
        "SELECT rowid FROM correspondence_mailsearch WHERE correspondence_mailsearch MATCH %s {before} "
        "ORDER BY rowid DESC LIMIT %s",
    ),
    "postgresql": (
        "SELECT message_id FROM (SELECT message_id, words FROM correspondence_mailsearch WHERE TRUE {before} "
        "ORDER BY message_id DESC LIMIT {newest}) AS newest WHERE words @@ TO_TSQUERY('simple', %s) "
        "ORDER BY message_id DESC LIMIT %s",
        "WITH hits AS MATERIALIZED (SELECT message_id FROM correspondence_mailsearch "
        "WHERE words @@ TO_TSQUERY('simple', %s)) "
        "SELECT message_id FROM hits WHERE TRUE {before} ORDER BY message_id DESC LIMIT %s",
    ),
}

_SHOWN: Final = (
    "subject", "from_address", "from_name", "received_at", "kind", "state", "triage_reason", "trust", "reasons",
    "suggestions", "set_aside_why",
)  # fmt: skip

Terms = tuple[tuple[str, ...], ...]


def keep(messages: Collection[int]) -> None:
    """Bring the index in step with these messages, in the caller's transaction. Two queries, however many."""
    if not messages:
        return
    forget(messages)
    marks = ", ".join(["%s"] * len(messages))
    with connection.cursor() as cursor:
        cursor.execute(_insert(f"m.id IN ({marks})"), list(messages))


def forget(messages: Collection[int]) -> None:
    """Take these messages out of the index."""
    if not messages:
        return
    marks = ", ".join(["%s"] * len(messages))
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM correspondence_mailsearch WHERE {_KEY[connection.vendor]} IN ({marks})",  # noqa: S608  marks
            list(messages),
        )


def rebuild() -> int:
    """Make the whole index anew. Returns how many messages are in it."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM correspondence_mailsearch")
        cursor.execute(_insert("1 = 1"))
        cursor.execute("SELECT COUNT(*) FROM correspondence_mailsearch")
        return int(cursor.fetchone()[0])


def find(words: str, *, before: int | None = None, most: int) -> list[IncomingMessage]:
    """Return the messages in which every one of these words stands, what came last first.

    A word stands for all that begin with it; "words in quotes" stand side by side. `before`: the number of the last
    message of the page before. Each message has `excerpt`, the beginning of its text, for `hits_in`.
    """
    terms = terms_of(words)
    if not terms or most < 1:
        return []
    numbers = _numbers_of(terms, before, most)
    rows = IncomingMessage.objects.only(*_SHOWN).annotate(excerpt=Substr("text", 1, INDEXED)).in_bulk(numbers)
    return [rows[number] for number in numbers if number in rows]


def _numbers_of(terms: Terms, before: int | None, most: int) -> list[int]:
    """Return the numbers of the newest messages in which all of this stands, newest first. Two queries at most."""
    vendor = connection.vendor
    query = _fts5(terms) if vendor == "sqlite" else _tsquery(terms)
    numbers: list[int] = []
    with connection.cursor() as cursor:
        for way in _FIND[vendor]:
            # The number is ours, and an integer: where it stands in a statement differs from way to way.
            older = f"AND {_KEY[vendor]} < {before:d}" if before is not None else ""
            cursor.execute(way.format(before=older, newest=NEWEST), [query, most])
            numbers = [row[0] for row in cursor.fetchall()]
            if len(numbers) >= most:
                break
    return numbers


def terms_of(words: str) -> Terms:
    """Return what is looked for: each term is one word, or several that stand side by side."""
    found = []
    for quoted, plain in _TERM.findall(words[:500].replace("\x00", "")):
        term = tuple(word[:60] for word in _WORD.findall(quoted or plain))
        if term:
            found.append(term)
    return tuple(found[:MOST_TERMS])


def hits_in(text: str, terms: Terms) -> list[tuple[str, bool]]:
    """Return a stretch of a text around the first thing found, cut into (words, found) pieces; [] where none is."""
    if not terms:
        return []
    patterns = [r"[\W_]{1,5}".join(re.escape(word) for word in term) for term in terms]
    pattern = re.compile(rf"(?<![^\W_])(?:{'|'.join(patterns)})", re.IGNORECASE)
    first = pattern.search(text)
    if first is None:
        return []
    start, end = max(0, first.start() - AROUND), min(len(text), first.end() + AROUND)
    stretch = harmless(text[start:end])
    pieces: list[tuple[str, bool]] = [("…", False)] if start else []
    position = 0
    for hit in pattern.finditer(stretch):
        pieces += [(stretch[position : hit.start()], False), (hit[0], True)]
        position = hit.end()
    pieces += [(stretch[position:], False), *([("…", False)] if end < len(text) else [])]
    return [(words, found) for words, found in pieces if words]


def _insert(which: str) -> str:
    vendor = connection.vendor
    return _INSERT[vendor].format(source=_SOURCE.format(files=_FILES[vendor], indexed=INDEXED, which=which))


def _fts5(terms: Terms) -> str:
    # Letters and digits alone stand between the quotes: nothing of the query language comes from outside.
    return " AND ".join('"' + " ".join(term) + '"*' for term in terms)


def _tsquery(terms: Terms) -> str:
    return " & ".join("(" + " <-> ".join([*term[:-1], f"{term[-1]}:*"]) + ")" for term in terms)


def page_after(found: Sequence[IncomingMessage], size: int) -> int | None:
    """Return the number after which the next page begins, when one more than a page was found."""
    return found[size - 1].pk if len(found) > size else None
