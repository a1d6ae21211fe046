"""From stored rows to what a later letter is told, and which letter the next action names."""

from __future__ import annotations

from datetime import date

import pytest

from requests_app.filing import queries, services
from requests_app.filing.lifecycle import Status
from requests_app.filing.matter import matter_of
from requests_app.filing.models import RecordsRequest
from requests_app.filing.next_action import next_action
from requests_app.kits import letters
from requests_app.kits.situations import Offer
from tests.factories import NOON, RecordsRequestFactory, record
from tests.filing.letters import a_letter
from tests.filing.test_next_action import LATE, TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def refused() -> RecordsRequest:
    made = RecordsRequestFactory(letter=letters.dump(a_letter()), events=[("sent", "2026-03-02")])
    record(made, ("acknowledged", "2026-03-03", {"agency_number": "PIA-77"}))
    return made


def test_the_matter_of_a_refusal(refused: RecordsRequest) -> None:
    event = services.record_answer(
        refused.pk,
        "denied",
        happened_on=date(2026, 3, 5),
        details={"objections": ["O4"], "exemptions": ["§ 4-351"]},
        words="We would have to create a record.",
        by=refused.filer,
        now=NOON.replace(day=6),
    )
    refused.refresh_from_db()
    matter = matter_of(queries.rows_of_matter(refused), date(2026, 3, 6))
    assert (matter.sent_on, matter.received_on, matter.agency_reference) == (date(2026, 3, 2), None, "PIA-77")
    assert matter.received_presumed is not None
    assert matter.items
    assert matter.period.startswith("for January 1, 2024")
    assert matter.refusal is not None
    assert (matter.refusal.kind, matter.refusal.objections, matter.refusal.exemptions) == (
        "denied",
        ("O4",),
        ("§ 4-351",),
    )
    assert matter.refusal.quote == "We would have to create a record."
    assert [happening.kind for happening in matter.happened] == ["opened", "sent", "acknowledged", "denied"]
    # Corrected, it never happened, and neither do its grounds.
    services.correct_event(event.pk, by=refused.filer, now=NOON.replace(day=6), note="Another request.")
    assert matter_of(queries.rows_of_matter(refused), date(2026, 3, 6)).refusal is None


def test_an_agencys_words_are_unreadable_in_the_database(refused: RecordsRequest) -> None:
    from django.db import connection

    services.record_answer(refused.pk, "reply", words="Dear Ms. Liddell,", by=refused.filer, now=NOON.replace(day=6))
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM filing_eventwords")
        (stored,) = cursor.fetchone()
    assert "Liddell" not in stored
    assert list(queries.words_in(queries.timeline(refused, with_words=True)).values()) == ["Dear Ms. Liddell,"]


def test_rows_are_read_in_a_constant_number_of_queries(
    refused: RecordsRequest, django_assert_num_queries: object
) -> None:
    assert refused.agency
    for _ in range(2):
        with django_assert_num_queries(3):  # type: ignore[operator]  no draft here: events, deadlines, companions
            queries.rows_of_matter(refused)
        for _more in range(5):
            record(refused, ("reply", "2026-03-04"))


def an_offer(**more: object) -> Offer:
    return Offer(**{"key": "determination_overdue", "fits": "now", "why": "Because.", **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("status", "offers", "letter_key", "owner", "by"),
    [
        pytest.param(Status.RECEIVED, [an_offer()], "determination_overdue", "us", date(2026, 3, 12), id="late"),
        pytest.param(
            Status.RECEIVED,
            [an_offer(ours=True, by=date(2026, 3, 25))],
            "determination_overdue",
            "us",
            date(2026, 3, 25),
            id="our-own-last-safe-day-comes-first",
        ),
        pytest.param(Status.RECEIVED, [an_offer(fits="possible")], "", "us", date(2026, 3, 12), id="only-possible"),
        pytest.param(Status.READY, [an_offer()], "", "us", None, id="the-first-letter-comes-first"),
        pytest.param(Status.DONE, [an_offer()], "", "nobody", None, id="after-the-end-nothing"),
    ],
)
def test_the_next_action_names_the_letter(
    status: Status, offers: list[Offer], letter_key: str, owner: str, by: date | None
) -> None:
    action = next_action(status, [LATE], TODAY, offers)
    assert (action.letter_key, action.owner, action.by) == (letter_key, owner, by)
    assert (action.url_name == "correspondence:write") == bool(letter_key)
