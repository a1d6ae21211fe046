"""The index stays in step, can be checked and made anew; the step `index`; near-duplicates; spelling; the page."""

from __future__ import annotations

from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client

from requests_app.documents.ingest.steps import index
from requests_app.documents.models import Document, Findable, Fingerprint, KnownWord, Passage
from requests_app.documents.search import engines, finding, near, services, spelling
from requests_app.documents.search.engines import postgresql, sqlite
from requests_app.documents.search.finding import find
from requests_app.documents.search.language import parse
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Person
from tests.documents.search.kept import a_document
from tests.factories import PersonFactory, RecordsRequestFactory

pytestmark = pytest.mark.django_db
LONG = " ".join(f"word{number}" for number in range(300))


@pytest.fixture
def rita() -> Person:
    return PersonFactory(handle="rita", roles=["reviewer"], email="rita@people.example")


def lose_the_index() -> None:
    """Let the index lose what a later migration could lose."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER documents_passage_added")
        else:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("DROP INDEX documents_passage_words")


def test_a_lost_index_is_noticed_and_made_anew(rita: Person, letter: RecordsRequest) -> None:
    engine = engines.the_engine()
    assert engine.problems() == [] and engine.ready() is False
    lose_the_index()
    a_document(letter, "a.pdf", "A zebra.")
    said = StringIO()
    with pytest.raises(SystemExit):
        call_command("index_documents", stdout=said)
    assert "--rebuild" in said.getvalue()
    assert engine.ready() is True and engine.problems() == []
    assert find(rita, "zebra").document_count == 1


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL's column is made from the text, always")
def test_words_that_differ_from_the_text_are_noticed(letter: RecordsRequest) -> None:
    a_document(letter, "a.pdf", "A zebra.")
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {sqlite.TABLE} (rowid, text) VALUES (999999, 'horse')")  # noqa: S608
    assert engines.the_engine().problems()
    engines.the_engine().rebuild()
    assert engines.the_engine().problems() == []


def test_everything_can_be_made_anew(rita: Person, letter: RecordsRequest) -> None:
    document = a_document(letter, "stripes.pdf", "A zebra. " + LONG)
    services.forget(document)
    said = StringIO()
    call_command("index_documents", rebuild=True, stdout=said)
    assert "MB" in said.getvalue() and said.getvalue().endswith(
        "The index holds the words of all 2 stretches of text.\n"
    )
    assert find(rita, "stripes").document_count == 1 == Fingerprint.objects.count()
    assert KnownWord.objects.filter(word="zebra").exists()
    call_command("search_documents", "zebra -horse foo:bar", person="rita@people.example", stdout=said)
    assert "Nothing was found." in said.getvalue() and "is not a field" in said.getvalue()
    call_command("search_documents", "zebra", person="rita@people.example", stdout=said)
    assert "A [zebra]." in said.getvalue() and letter.reference in said.getvalue()
    with pytest.raises(CommandError):
        call_command("search_documents", "zebra", person="nobody@people.example")


class Work:
    """What the step gets, as far as it looks."""

    def __init__(self, blob: Any) -> None:
        self.blob = blob

    def progress(self, done: int, of: int) -> None:
        """Hold the claim."""


def test_the_step_sees_that_every_page_can_be_found(letter: RecordsRequest) -> None:
    document = a_document(letter, "a.pdf", "A zebra. " + LONG, "Another page.")
    services.forget(document)
    for _run in range(2):  # a step may be run again
        outcome = index.step(Work(document.blob))  # type: ignore[arg-type]
        assert (outcome.state, outcome.result["passages"], outcome.result["fingerprint"]) == ("done", 2, True)
    row = Findable.objects.get(document=document)
    assert row.has_been_read and Passage.objects.filter(document=document, kind="about").count() == 1
    Passage.objects.filter(blob=document.blob, place=2).delete()
    outcome = index.step(Work(document.blob))  # type: ignore[arg-type]
    assert (outcome.state, outcome.trouble, outcome.result["lost"]) == ("failed", "text_lost", 1)


def test_near_duplicates_are_those_a_person_may_see(rita: Person, letter: RecordsRequest) -> None:
    other = RecordsRequestFactory()
    first = a_document(letter, "first.pdf", LONG)
    scan = a_document(other, "scan.pdf", LONG.replace("word150", "w0rd150"))
    again = a_document(other, "again.pdf", blob=first.blob)
    far = a_document(other, "far.pdf", " ".join(f"other{number}" for number in range(300)))
    for one in (first, scan, far):
        assert near.keep_fingerprint(one.blob)
    found = near.near_duplicates_of(first, rita)
    assert [(one.document, one.is_same_file) for one in found] == [(again, True), (scan, False)]
    assert 80 <= found[1].percent < 100
    assert near.near_duplicates_of(first, letter.filer) == []
    Passage.objects.filter(blob=scan.blob).update(text="short")
    assert not near.keep_fingerprint(scan.blob)
    assert [one.document for one in near.near_duplicates_of(first, rita)] == [again]


@pytest.mark.parametrize(
    ("typed", "known", "most", "expected"),
    [
        ("monthly", "monthly", 2, 0), ("montly", "monthly", 2, 1), ("mnothly", "monthly", 2, 1),
        ("monthlyy", "monthly", 2, 1), ("month", "monthly", 2, 2), ("yearly", "monthly", 2, 3), ("", "ab", 2, 2),
    ],
)  # fmt: skip
def test_how_far_two_words_are_apart(typed: str, known: str, most: int, expected: int) -> None:
    assert spelling.distance(typed, known, most) == spelling.distance(known, typed, most) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("montly", "monthly"), ("Montly totals", "monthly totals"), ("omnthly", "monthly"),
        ("montly state:MD", "monthly state:MD"),
        ('"montly totals"', ""), ("montly state:VA", ""), ("monthly", ""), ("zzzzzz", ""), ("montly -totals", ""),
    ],
)  # fmt: skip
def test_what_is_suggested(query: str, expected: str, rita: Person, letter: RecordsRequest) -> None:
    a_document(letter, "a.pdf", "Monthly totals.", "Monthly totals again.")
    while spelling.learn():
        pass
    assert spelling.suggest(rita, query, parse(query)) == expected


def test_learning_goes_on_where_it_stopped(letter: RecordsRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spelling, "BATCH", 1)
    a_document(letter, "a.pdf", "zebra", "zebra horse")
    while spelling.learn():
        pass
    assert spelling.learn() is False
    assert dict(KnownWord.objects.filter(word__in=["zebra", "horse"]).values_list("word", "seen")) == {
        "zebra": 2,
        "horse": 1,
    }


def test_facets_count_documents_and_lead_to_them(rita: Person, letter: RecordsRequest, client: Client) -> None:
    second = RecordsRequestFactory(kit_id="K2")
    a_document(letter, "a.pdf", "zebra", "zebra", received_on=date(2025, 5, 1))
    a_document(letter, "b.pdf", "zebra")
    a_document(second, "c.xlsx", "zebra", kind="spreadsheet", place="sheet")
    counted = {
        facet.field: {value.typed: value.count for value in facet.values} for facet in find(rita, "zebra").facets
    }
    assert counted["kit"] == {"K1": 2, "K2": 1} and counted["type"] == {"pdf": 2, "spreadsheet": 1}
    assert counted["year"] == {"2026": 2, "2025": 1} and "state" not in counted
    client.force_login(rita)
    page = client.get("/documents/search/", {"q": "zebra"})
    for title, choices, _unnamed in page.context["facets"]:
        for choice in choices:
            assert client.get(choice.url).context["results"].document_count == choice.count, title


def test_a_bounded_answer_says_so(rita: Person, letter: RecordsRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        a_document(letter, f"{number}.pdf", "zebra", minutes=number)
    assert not find(rita, "zebra").is_bounded
    monkeypatch.setattr(finding, "RANKED", 3)
    answer = find(rita, "zebra")
    assert answer.is_bounded and answer.document_count == 3
    monkeypatch.setattr(finding, "FEW", 0)
    assert find(rita, "zebra").is_bounded
    monkeypatch.setattr(finding, "RANKED", 100)
    monkeypatch.setattr(finding, "LOOKED_AT", 2)
    answer = find(rita, "zebra")
    assert answer.is_bounded and answer.document_count == 2


def test_the_answer_is_paged(
    rita: Person, letter: RecordsRequest, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "PAGE", 2)
    made = [a_document(letter, f"{number}.pdf", "zebra", minutes=number) for number in range(5)]
    seen = [found.document for page in (1, 2, 3) for found in find(rita, "zebra", page=page).found]
    assert sorted(seen, key=lambda one: one.original_name) == made and not find(rita, "zebra", page=4).found
    client.force_login(rita)
    for page in ("1", "2", "99999", "x", "-1", "²", "0"):
        assert client.get("/documents/search/", {"q": "zebra", "page": page}).status_code == 200


@pytest.mark.parametrize("documents", [1, 12])
def test_the_number_of_queries_does_not_grow(
    rita: Person, letter: RecordsRequest, documents: int, django_assert_max_num_queries: Any
) -> None:
    for number in range(documents):
        a_document(letter, f"{number}.pdf", *["zebra"] * 4)
    with django_assert_max_num_queries(12):
        find(rita, "zebra")


def test_common_words_are_ranked_without_counting_them_all(
    rita: Person, letter: RecordsRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "COUNTED_BY_FTS5", -1)
    monkeypatch.setattr(finding, "RANKED", 2)
    a_document(letter, "a.pdf", "zebra zebra zebra horse")
    once = a_document(letter, "b.pdf", "zebra and other animals")
    found: list[Document] = [each.document for each in find(rita, "zebra").found]
    assert len(found) == 2 and found[1] == once


@pytest.mark.skipif(connection.vendor != "postgresql", reason="FTS5 answers such a query from its lists of places")
def test_a_query_that_takes_too_long_looks_at_the_newest_only(
    rita: Person, letter: RecordsRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    really = postgresql._asked_for

    def slow(*args: Any, milliseconds: int, **facts: Any) -> Any:
        asked.append(milliseconds)
        with connection.cursor() as cursor:
            if milliseconds:
                with transaction.atomic():
                    cursor.execute("SET LOCAL statement_timeout = 1")
                    cursor.execute("SELECT PG_SLEEP(1)")
        return really(*args, milliseconds=milliseconds, **facts)

    monkeypatch.setattr(postgresql, "_asked_for", slow)
    a_document(letter, "a.pdf", "zebra")
    answer = find(rita, "zebra")
    assert asked == [1500, 0] and answer.is_bounded and answer.document_count == 1
