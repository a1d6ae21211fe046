"""The letter of each row of a list: kept until something it follows from changes, and then never wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from requests_app.filing import queries, recommending, services
from requests_app.filing.matter import MatterRows
from requests_app.filing.models import RecordsRequest
from requests_app.filing.recommending import letters_to_write
from requests_app.filing.writing import recommended_for
from requests_app.law.book import open_book
from tests.factories import RecordsRequestFactory, record

pytestmark = pytest.mark.django_db

LATE = date(2026, 6, 1)
LIVES: dict[str, list[tuple[Any, ...]]] = {
    "received": [("sent", "2026-03-02"), ("received", "2026-03-02")],
    "refused": [("sent", "2026-03-02"), ("denied", "2026-03-09", {"exemptions": ["§ 4-351"]})],
    "a fee": [("sent", "2026-03-02"), ("fee_estimated", "2026-03-04", {"amount_cents": 12000})],
    "no records": [("sent", "2026-03-02"), ("no_records", "2026-03-09")],
    "a question": [("sent", "2026-03-02"), ("clarification_requested", "2026-03-04")],
    "done": [("sent", "2026-03-02"), ("withdrawn", "2026-03-05")],
    "not sent": [],
}


def asked(*requests: RecordsRequest, today: date = LATE) -> dict[str, str]:
    """Return the key of each request's letter, as a list that reads its rows anew would show it."""
    read = list(RecordsRequest.objects.filter(pk__in=[one.pk for one in requests]).select_related("agency"))
    deadlines = {one.pk: list(queries.current_deadlines(one)) for one in read}
    found = letters_to_write(read, deadlines, {one.jurisdiction: today for one in read})
    return {one.reference: found[one.pk][0].key if found[one.pk] else "" for one in read}


def worked_out(one: RecordsRequest, today: date = LATE) -> str:
    """Return the same, kept nowhere."""
    one = with_its_agency(one)
    found = recommended_for(MatterRows(one, list(one.events.all()), list(queries.current_deadlines(one))), today)
    return found[0].key if found else ""


@pytest.fixture
def one() -> RecordsRequest:
    return with_its_agency(a_late_one())


def a_late_one() -> RecordsRequest:
    """Return a request whose agency let its day pass, as the sweep of that day left it."""
    made = RecordsRequestFactory(jurisdiction="MD", events=LIVES["received"])
    services.reproject_many([made.pk], now=datetime(2026, 6, 1, 17, tzinfo=UTC))
    return made


def with_its_agency(one: RecordsRequest) -> RecordsRequest:
    return RecordsRequest.objects.select_related("agency").get(pk=one.pk)


@pytest.mark.parametrize("life", LIVES)
def test_a_list_shows_the_letter_that_the_request_itself_asks_for(life: str) -> None:
    one = RecordsRequestFactory(jurisdiction="MD", events=LIVES[life])
    assert asked(one) == asked(one) == {one.reference: worked_out(one)}


def test_the_lives_above_ask_for_different_letters(one: RecordsRequest) -> None:
    made = [one, *(RecordsRequestFactory(jurisdiction="MD", events=life) for life in LIVES.values())]
    assert len({worked_out(one) for one in made}) > 4


@pytest.mark.parametrize("rows", [1, 12])
def test_new_rows_ask_once_and_known_ones_not_at_all(rows: int, django_assert_num_queries: Any) -> None:
    read = [with_its_agency(a_late_one()) for _ in range(rows)]
    deadlines = {one.pk: list(queries.current_deadlines(one)) for one in read}
    with django_assert_num_queries(1):
        letters_to_write(read, deadlines, {"MD": LATE})
    with django_assert_num_queries(0):
        letters_to_write(read, deadlines, {"MD": LATE})


def an_event(one: RecordsRequest) -> None:
    record(one, ("denied", "2026-03-20"))


def a_date_that_moved(one: RecordsRequest) -> None:
    later = LATE + timedelta(days=30)
    one.deadlines.filter(duty_of="agency").update(earliest=later, latest=later, state="running")


@pytest.mark.parametrize("change", [an_event, a_date_that_moved])
def test_what_it_follows_from_changes_and_so_does_the_letter(
    one: RecordsRequest, change: Callable[[RecordsRequest], None]
) -> None:
    before = asked(one)
    change(one)
    assert asked(one) == {one.reference: worked_out(one)} != before


def test_a_day_passes_and_the_letter_with_it(one: RecordsRequest) -> None:
    early = date(2026, 3, 4)
    assert asked(one, today=early) == {one.reference: worked_out(one, early)}
    assert asked(one) == {one.reference: worked_out(one)} != asked(one, today=early)


def test_under_another_law_book_everything_is_worked_out_anew(
    one: RecordsRequest, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any, tmp_path: Any
) -> None:
    deadlines = {one.pk: list(queries.current_deadlines(one))}
    letters_to_write([one], deadlines, {"MD": LATE})
    monkeypatch.setattr(recommending.lawbook, "book", lambda: open_book(tmp_path))
    with django_assert_num_queries(1):
        letters_to_write([one], deadlines, {"MD": LATE})


def test_what_is_kept_does_not_grow_for_ever(one: RecordsRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recommending, "_KEPT", 3)
    for day in range(30):
        asked(one, today=LATE + timedelta(days=day))
        assert len(recommending._kept) <= 3
