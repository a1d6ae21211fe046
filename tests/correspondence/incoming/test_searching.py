"""Search over all mail: found in step with what is processed, by coordinators alone, and nothing of the query acts."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from requests_app.correspondence.incoming import searching, services
from requests_app.correspondence.incoming.models import IncomingMessage, RawMail
from requests_app.correspondence.incoming.reader import NotRead, Reader
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Person
from tests.correspondence.incoming.kept import a_message
from tests.correspondence.incoming.mails import CSV, mail
from tests.factories import NOON, PersonFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store")]
WHERE = reverse("correspondence:mail-search")


def indexed(**columns: Any) -> IncomingMessage:
    made = a_message(**columns)
    searching.keep([made.pk])
    return made


def found(words: str, **facts: Any) -> list[int]:
    return [message.pk for message in searching.find(words, **{"most": 50, **facts})]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param("nlets", True, id="a-word-of-the-text"),
        pytest.param("NLETS Fee", True, id="every-word-in-any-case"),
        pytest.param("nlets parking", False, id="one-word-is-not-there"),
        pytest.param("stat", True, id="the-beginning-of-a-word"),
        pytest.param("istics", False, id="not-the-end-of-a-word"),
        pytest.param('"forty five dollars"', True, id="side-by-side"),
        pytest.param('"dollars forty"', False, id="not-in-that-order"),
        pytest.param("PIA-26-1187", True, id="a-number-with-signs"),
        pytest.param("26-1188", False, id="another-number"),
        pytest.param("records@agency.example", True, id="an-address"),
        pytest.param("agency.example", True, id="a-part-of-an-address"),
        pytest.param("ledger_2025", True, id="a-file"),
        pytest.param("Peña", True, id="foreign-letters"),
        pytest.param("subject", False, id="not-the-name-of-a-column"),
        pytest.param('" OR 1=1 --', False, id="hostile"),
        pytest.param("NOT AND OR NEAR", False, id="words-of-the-query-language"),
        pytest.param("'; DROP TABLE x; :* & | ! <->", False, id="signs-of-the-query-language"),
        pytest.param("\x00", False, id="zero-byte"),
        pytest.param("*", False, id="signs-alone"),
        pytest.param("", False, id="nothing"),
    ],
)
def test_what_is_found(words: str, expected: bool):
    made = indexed(
        subject="PIA-26-1187: your request", from_name="Ana Peña", files=("ledger_2025.csv",),
        text="The Nlets statistics are ready. The fee is forty-five dollars.\n",
    )  # fmt: skip
    indexed(subject="Something else", from_address="x@other.example", text="Nothing of the kind.\n")
    assert found(words) == ([made.pk] if expected else [])


@given(st.text(max_size=40))
@hypothesis_settings(max_examples=60)
def test_no_query_is_an_error(words: str):
    searching.find(words, most=3)
    for word, hit in searching.hits_in("Some words, and " + words, searching.terms_of(words)):
        assert word and isinstance(hit, bool)


def test_pages_follow_one_another_the_newest_first():
    made = [indexed(text="the same").pk for _number in range(5)]
    assert found("same", most=2) == made[:-3:-1]
    assert found("same", most=9, before=made[3]) == made[2::-1]


def test_what_only_older_mails_say_is_found_too(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(searching, "NEWEST", 3)
    old = [indexed(text="zebra and the same").pk for _number in range(4)]
    new = [indexed(text="the same").pk for _number in range(4)]
    assert found("zebra") == old[::-1] and found("zebra", most=2) == old[:1:-1]
    assert found("same", most=2) == new[:1:-1] and found("same") == [*new[::-1], *old[::-1]]
    assert found("zebra", before=old[2]) == old[1::-1] and found("same", most=1, before=old[1]) == [old[0]]


def test_the_index_follows_what_is_processed_read_again_and_erased(letter: RecordsRequest):
    services.take_in([mail(text="The Nlets numbers.\n", files=(("ledger.csv", CSV),))], way="lmtp", now=NOON)
    second = services.take_in([mail(text="Another thing, zebra.\n")], way="lmtp", now=NOON)
    services.process_waiting(NOON)
    assert len(found("nlets")) == 1 == len(found("ledger")) == len(found("zebra"))
    call_command("reprocess_mail", "--all", stdout=StringIO())
    assert len(found("nlets")) == 1 == len(found("ledger"))
    services.erase(second.pk, by=PersonFactory(roles=["administrator"]), why="A neighbour's letter.", now=NOON)
    assert found("zebra") == [] and len(found("nlets")) == 1


def test_a_mail_that_could_not_be_read_is_found_by_its_sender_and_later_by_its_text(letter: RecordsRequest):
    class Broken:
        def read(self, _path: Any) -> Any:
            raise NotRead("died")

    kept = services.take_in([mail(text="Zebra.\n")], way="lmtp", envelope_from="r@agency.example", now=NOON)
    services.process(kept.pk, now=NOON, reader=Broken())  # type: ignore[arg-type]
    assert len(found("agency.example")) == 1 and found("zebra") == []
    call_command("reprocess_mail", "--failed", stdout=StringIO())
    assert len(found("zebra")) == 1


def test_a_text_full_of_different_words_is_kept_and_found_by_its_beginning(letter: RecordsRequest, reader: Reader):
    text = " ".join(f"w\u00e4rd{number}" for number in range(200_000))
    kept = services.take_in([mail(text=text, Content_Language="de")], way="lmtp", now=NOON)
    assert services.process(kept.pk, now=NOON, reader=reader) is not services.Outcome.FAILED
    assert len(found("w\u00e4rd77")) == 1 and found("w\u00e4rd199999") == []


def test_the_index_can_be_made_anew():
    made = a_message(text="Never indexed: zebra")
    assert found("zebra") == []
    said = StringIO()
    call_command("index_mail", stdout=said)
    assert found("zebra") == [made.pk] and said.getvalue().endswith("messages can be found.\n")


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("The fee is $45.", "fee", [("The ", False), ("fee", True), (" is $45.", False)]),
        ("x " * 100 + "fee" + " y" * 100, "fee", [("fee", True)]),
        ("coffee", "fee", []),
        ("a forty-five b", '"forty five"', [("a ", False), ("forty-five", True), (" b", False)]),
        ("nothing", "fee", []),
        ("<b>fee</b>\u202e", "fee", [("<b>", False), ("fee", True), ("</b>", False)]),
    ],
)
def test_what_is_shown_of_a_hit(text: str, words: str, expected: list[tuple[str, bool]]):
    pieces = searching.hits_in(text, searching.terms_of(words))
    assert [piece for piece in pieces if piece in expected] == expected
    assert bool(pieces) == bool(expected)
    assert sum(len(piece) for piece, _hit in pieces) < 250


# --- on the screen ----------------------------------------------------------------------------------------------------


def seen(client: Client, **asked: Any) -> str:
    response = client.get(WHERE, asked)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


def test_a_coordinator_finds_mail_wherever_it_is(letter: RecordsRequest, coordinator_client: Client):
    indexed(on=[letter], state="filed", text="Zebra filed.")
    indexed(text="Zebra waits.")
    indexed(state="set_aside", text="Zebra <script>alert(1)</script> aside.")
    html = seen(coordinator_client, words="zebra")
    assert html.count("<mark>Zebra</mark>") == 3 and letter.reference in html
    assert "<script>alert" not in html and "set aside" in html


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "Search all mail"),
        ({"words": "zebra"}, "No message fits"),
        ({"words": "***"}, "signs alone find nothing"),
        ({"words": "x" * 900}, "Search all mail"),
        ({"words": "same", "before": "nonsense"}, "Search all mail"),
        ({"words": "same", "before": "9" * 40}, "Search all mail"),
        ({"words": "same", "before": "-1"}, "Search all mail"),
    ],
)
def test_odd_questions_are_answered(asked: dict[str, str], said: str, coordinator_client: Client):
    assert said in seen(coordinator_client, **asked)


def test_the_list_is_paged(coordinator_client: Client):
    made = [str(indexed(text="the same").pk) for _number in range(25)]
    first = seen(coordinator_client, words="same")
    following = re.search(r'href="\?words=same&amp;before=(\d+)"', first)
    assert following
    rest = seen(coordinator_client, words="same", before=following[1])
    assert re.findall(r'href="/mail/(\d+)/"', first + rest) == made[::-1]


@pytest.mark.parametrize("rows", [1, 15])
def test_the_queries_do_not_grow_with_what_is_found(
    rows: int, letter: RecordsRequest, coordinator_client: Client, django_assert_num_queries: Callable[..., Any]
):
    for _number in range(rows):
        indexed(on=[letter], text="the same", suggestions=[letter.pk])
    with django_assert_num_queries(QUERIES + (connection.vendor == "postgresql")):  # the newest first, then all
        seen(coordinator_client, words="same")


def test_others_find_nothing(letter: RecordsRequest, volunteer_client: Client, reviewer_client: Client, bob: Person):
    indexed(on=[letter], state="filed", text="Zebra filed.")
    for client in (volunteer_client, reviewer_client):
        assert client.get(WHERE, {"words": "zebra"}).status_code == 403
    assert RawMail.objects.exists() and bob.pk


QUERIES = 7
