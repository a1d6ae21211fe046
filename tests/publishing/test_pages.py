"""The public pages: there for everybody and every jurisdiction, with their sources, at a fixed number of queries."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from requests_app.agencies import services as agencies
from requests_app.agencies.models import StateNote
from requests_app.agencies.status.models import StatusLine
from requests_app.filing import lawbook
from requests_app.law.book import CODES
from tests.factories import NOON, AgencyFactory, ContactPointFactory, RecordsRequestFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


def words_of(response: Any) -> str:
    """Return a page's text without its tags, in one line."""
    text = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", text).replace("&#x27;", "'").replace("&quot;", '"')


def test_every_law_page_renders_with_sources_and_without_holes(visitor: Client):
    for code in CODES:
        response = visitor.get(reverse("publishing:law", args=[code.lower()]))
        assert response.status_code == 200, code
        page = response.content.decode()
        assert not re.search(r">\s*None\s*<", page), code
        assert 'rel="noreferrer"' in page, code
        assert "This is not legal advice." in page, code


def test_every_state_page_renders_with_source_and_date_for_what_it_claims(
    visitor: Client, django_assert_num_queries: Any
):
    agencies.seed(timezone.now())
    with django_assert_num_queries(2):  # notes, status lines
        front = visitor.get(reverse("publishing:front")).content.decode()
    for code in CODES:
        response = visitor.get(reverse("publishing:state", args=[code.lower()]))
        assert response.status_code == 200, code
        assert reverse("publishing:state", args=[code.lower()]) in front, code
        assert not re.search(r">\s*None\s*<", response.content.decode()), code
        text = words_of(response)
        assert "Reported by" in text, code
        assert "Status as of" in text or "As of" in text or code == "US", code
        assert "A block on Nlets says nothing about such an account." in text or code == "US", code
        assert "What we have asked" not in text, code


@pytest.mark.parametrize("name", ["publishing:law-list", "publishing:law-compare"])
def test_the_list_and_the_compare_table_name_every_jurisdiction(visitor: Client, name: str):
    page = visitor.get(reverse(name)).content.decode()
    for code in CODES:
        assert reverse("publishing:law", args=[code.lower()]) in page, code


@pytest.mark.parametrize("name", ["publishing:law", "publishing:state"])
@pytest.mark.parametrize("code", ["zz", "gu", "mdd", "%3Cb%3E"])
def test_an_unknown_code_is_not_found(visitor: Client, name: str, code: str):
    assert visitor.get(reverse(name, args=["md"]).replace("md", code)).status_code == 404


@pytest.mark.parametrize("code", ["MD", "md", "Md"])
def test_a_code_may_be_written_large_or_small(visitor: Client, code: str):
    assert visitor.get(reverse("publishing:law", args=[code])).status_code == 200


@pytest.mark.parametrize(
    "address",
    ["/", "/law/", "/law/md/", "/law/compare/", "/law/calculator/", "/states/md/"],
)
def test_pages_answer_a_look_and_refuse_a_write(visitor: Client, address: str):
    assert visitor.get(address).status_code == 200
    assert visitor.head(address).status_code == 200
    assert visitor.post(address).status_code == 405


# --- the front page ---------------------------------------------------------------------------------------------------


def test_the_box_beside_the_map_leads_to_the_state_without_a_script(visitor: Client):
    assert visitor.get("/", {"state": "md"}).headers["Location"] == reverse("publishing:state", args=["md"])
    assert visitor.get("/", {"state": "zz"}).status_code == 404
    assert visitor.get("/", {"state": ""}).status_code == 200


def test_the_front_page_counts_the_states_by_what_is_reported(visitor: Client):
    for code, reported in (("NY", "blocked"), ("IL", "blocked"), ("MD", "no_block_reported"), ("US", "")):
        StateNote.objects.create(jurisdiction=code, ice_dmv_access=reported)
    text = words_of(visitor.get("/"))
    assert "block reported 2 states" in text
    assert "Illinois, New York" in text
    assert "no block reported 1 state We found" in text
    assert "November 12, 2025" in text


@pytest.mark.parametrize("codes", [["NY"], list(CODES)], ids=["one-note", "all-notes"])
def test_the_front_page_costs_the_same_whatever_it_shows(
    visitor: Client, django_assert_num_queries: Any, codes: list[str]
):
    StateNote.objects.bulk_create(StateNote(jurisdiction=code, ice_dmv_access="blocked") for code in codes)
    with django_assert_num_queries(2):  # notes, status lines
        visitor.get("/")


def test_who_is_signed_in_goes_to_their_own_work(volunteer_client: Client):
    assert volunteer_client.get("/").headers["Location"] == reverse("tracking:home")


# --- the state page ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 6])
def test_the_state_page_costs_the_same_for_few_and_many_agencies(
    visitor: Client, django_assert_num_queries: Any, count: int
):
    for agency in AgencyFactory.create_batch(count):
        ContactPointFactory.create_batch(2, agency=agency)
    with django_assert_num_queries(5):  # note, status lines, agencies, their roles, their contact points
        visitor.get(reverse("publishing:state", args=["md"]))


@pytest.mark.parametrize("count", [1, 6])
def test_the_list_of_what_we_asked_costs_the_same_for_few_and_many(
    coordinator_client: Client, django_assert_max_num_queries: Any, count: int
):
    RecordsRequestFactory.create_batch(count, agency=AgencyFactory())
    with django_assert_max_num_queries(11):
        page = coordinator_client.get(reverse("publishing:state", args=["md"])).content.decode()
    assert page.count("Department of Examples") >= count


def test_a_request_is_seen_by_its_filer_and_by_no_stranger(
    volunteer_client: Client, stranger_client: Client, visitor: Client, alice: Any
):
    made = RecordsRequestFactory(filer=alice)
    address = reverse("publishing:state", args=["md"])
    assert made.reference in words_of(volunteer_client.get(address))
    assert made.reference not in words_of(stranger_client.get(address))
    assert made.reference not in words_of(visitor.get(address))


def test_only_somebody_who_may_file_gets_the_button_to_ask(volunteer_client: Client, visitor: Client):
    address = reverse("publishing:state", args=["md"])
    assert "Ask Maryland" in words_of(volunteer_client.get(address))
    assert "Ask Maryland" not in words_of(visitor.get(address))


def test_the_two_doors_stand_apart(visitor: Client):
    StateNote.objects.create(
        jurisdiction="IL",
        ice_dmv_access="blocked",
        summary="Illinois blocked ICE.",
        sources=[{"url": "https://www.example.org/story", "as_of": "2025-11"}],
        known_status={"code": "ice_block_reported", "as_of": "2025-11-12", "confidence": "medium", "note": None,
                      "source": "https://news.example.org/x", "source_note": None},
    )  # fmt: skip
    StatusLine.objects.create(
        jurisdiction="IL",
        door="direct",
        component="ICE",
        position="access",
        as_of="2025-06-02",
        note="An agreement on the network LEADS was reported.",
        reported_by="example.org",
        source_url="https://example.org/leads",
        added_at=NOON,
    )
    text = words_of(visitor.get("/states/il/"))
    nlets, direct = text.split("The other door: a direct account")
    assert "block reported" in nlets
    assert "Other federal offices may still be served." in nlets
    assert "Status as of November 12, 2025. Reported by news.example.org" in nlets
    assert "example.org , November 2025" in nlets
    assert "LEADS was reported" in direct
    assert "June 2, 2025" in direct
    assert "safe" not in text


def test_a_status_that_rests_on_no_report_says_so(visitor: Client):
    StateNote.objects.create(
        jurisdiction="WY",
        ice_dmv_access="no_block_reported",
        known_status={"code": "no_public_information", "as_of": "2026-02-01", "confidence": None, "note": None,
                      "source": None, "source_note": "The default where no public report was found."},
    )  # fmt: skip
    text = words_of(visitor.get("/states/wy/"))
    assert "It rests on finding no public report, which proves nothing." in text
    assert "That is not proof that there is none." in text


def test_the_clock_names_the_oldest_day_that_is_likely_to_exist(visitor: Client):
    assert "are from Thursday, March 6, 2025 ; each day of waiting loses one more" in words_of(
        visitor.get("/states/md/")
    )


def test_an_address_no_longer_used_is_not_shown(visitor: Client):
    agency = AgencyFactory()
    ContactPointFactory(agency=agency, value="old@agency.example", health="retired")
    ContactPointFactory(agency=agency, value="new@agency.example")
    text = words_of(visitor.get("/states/md/"))
    assert "new@agency.example" in text
    assert "old@agency.example" not in text


def test_the_control_point_comes_first(visitor: Client):
    AgencyFactory(name="Aardvark Licences", roles=["dmv"])
    AgencyFactory(name="Zebra Police", roles=["nlets_control_point"])
    text = words_of(visitor.get("/states/md/"))
    assert text.index("Zebra Police") < text.index("Aardvark Licences")


# --- the law page -----------------------------------------------------------------------------------------------------


def test_the_law_page_says_when_the_offices_are_closed_with_the_disputed_days_marked(visitor: Client):
    calendar = lawbook.book().calendar("NY")
    disputed = [
        day
        for day, status in calendar.not_open_days(date(2025, 12, 31), date(2027, 12, 31))
        if status.kind == "disputed"
    ]
    text = words_of(visitor.get("/law/ny/"))
    assert "Thursday, November 26, 2026 : Thanksgiving" in text
    assert "Thursday, November 25, 2027 : Thanksgiving" in text
    assert text.count("disputed: we count with it and without it") == len(disputed)
    assert disputed


def test_a_regulation_is_not_called_a_statute(visitor: Client):
    assert "a regulation, not the statute" in words_of(visitor.get("/law/hi/"))
