"""The exemption library: the law's own grounds, what agencies said, what came of it, and nobody else's cases."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from requests_app.filing import lawbook
from requests_app.filing import services as filing
from requests_app.filing.claims import Claim
from requests_app.filing.models import RecordsRequest
from requests_app.law.book import CODES
from requests_app.people.models import Person
from requests_app.tracking.exemptions import compose_library
from tests.factories import NOON, RecordsRequestFactory

MARYLAND = "Md. Gen. Prov. § 4-351"


@pytest.fixture(autouse=True)
def monday() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def refuse(records_request: RecordsRequest, by: Person, *, exemptions: list[str], objections: list[str]) -> None:
    details = {"exemptions": exemptions, "objections": objections}
    filing.record_event(records_request.pk, "denied", happened_on=date(2026, 2, 20), details=details, by=by, now=NOON)


def page(client: Client, code: str = "md") -> str:
    response = client.get(reverse("tracking:exemption-library", args=[code]))
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


@pytest.mark.parametrize("code", CODES)
def test_each_library_begins_as_the_law_book_and_the_usual_objections(code: str) -> None:
    library = compose_library(lawbook.statute_of(code), [])
    assert [ground.citation for ground in library.exemptions] == [
        each.citation for each in lawbook.statute_of(code).likely_exemptions
    ]
    assert len(library.usual) == 11
    assert not any("{" in ground.answer for ground in library.usual)
    assert not library.others


def test_what_the_law_book_does_not_list_stands_apart_and_once() -> None:
    claims = [
        Claim("Md. Gen. Prov. § 9-999", "exemption", f"MD-2026-000{n}", "State Police", date(2026, 2, n))
        for n in (1, 2)
    ]
    library = compose_library(lawbook.statute_of("MD"), claims)
    assert [(ground.label, ground.tally.named) for ground in library.others] == [("Md. Gen. Prov. § 9-999", 2)]
    assert library.named == 2


def test_what_is_named_most_often_comes_first() -> None:
    named = lawbook.statute_of("MD").likely_exemptions[-1].citation
    library = compose_library(
        lawbook.statute_of("MD"), [Claim(named, "exemption", "MD-2026-0001", "State Police", date(2026, 2, 1))]
    )
    assert library.exemptions[0].citation == named


@pytest.mark.django_db
def test_a_refusal_shows_with_its_fate_and_leads_to_the_request(volunteer_client: Client, alice: Person) -> None:
    asked: Any = RecordsRequestFactory(filer=alice, events=[("sent", "2026-02-02")])
    refuse(asked, alice, exemptions=[MARYLAND], objections=["O1"])
    filing.record_event(asked.pk, "appeal_filed", happened_on=date(2026, 2, 23), by=alice, now=NOON)
    decided = {"outcome": "granted", "level": "commission"}
    filing.record_event(asked.pk, "appeal_decided", happened_on=date(2026, 2, 27), details=decided, by=alice, now=NOON)
    html = page(volunteer_client)
    assert html.count("reversed on appeal") == 2
    assert "(a commission or board)" in html
    assert asked.get_absolute_url() in html
    assert "Appeal or request for review" in html


@pytest.mark.django_db
def test_a_volunteer_does_not_see_what_happened_to_others(stranger_client: Client, alice: Person) -> None:
    asked: Any = RecordsRequestFactory(filer=alice, events=[("sent", "2026-02-02")])
    refuse(asked, alice, exemptions=[MARYLAND], objections=[])
    html = page(stranger_client)
    assert asked.reference not in html
    assert "No ground was named" in html


@pytest.mark.django_db
def test_a_corrected_refusal_is_no_claim(coordinator_client: Client, alice: Person) -> None:
    asked: Any = RecordsRequestFactory(filer=alice, events=[("sent", "2026-02-02")])
    refuse(asked, alice, exemptions=[MARYLAND], objections=[])
    filing.correct_event(asked.events.get(kind="denied").pk, by=alice, now=NOON, note="Another letter.")
    assert "No ground was named" in page(coordinator_client)


@pytest.mark.django_db
@pytest.mark.parametrize("code", ["zz", "MD", "x"])
def test_an_unknown_state_is_not_there(coordinator_client: Client, code: str) -> None:
    assert coordinator_client.get(f"/exemptions/{code}/").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("rows", [1, 8])
def test_the_query_count_does_not_grow(
    coordinator_client: Client, alice: Person, rows: int, django_assert_max_num_queries: Any
) -> None:
    for _row in range(rows):
        asked: Any = RecordsRequestFactory(filer=alice, events=[("sent", "2026-02-02")])
        refuse(asked, alice, exemptions=[MARYLAND], objections=["O1"])
    with django_assert_max_num_queries(8):
        coordinator_client.get(reverse("tracking:exemption-library", args=["md"]))
    with django_assert_max_num_queries(8):
        coordinator_client.get(reverse("tracking:exemptions"))
