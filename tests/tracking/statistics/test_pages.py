"""The pages, the files and the commands: who sees them, what stands on them, and at which cost."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import openpyxl
import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from requests_app.filing.models import Campaign, CampaignTarget, Draft, Event, NextLetter
from requests_app.filing.services import recording
from requests_app.people.models import Person
from requests_app.tracking.statistics import services
from requests_app.tracking.statistics.agency_page import what_worked
from requests_app.tracking.statistics.models import RequestFacts
from tests.factories import AgencyFactory, ContactPointFactory, PersonFactory, RecordsRequestFactory

pytestmark = pytest.mark.django_db
SEEN = datetime(2026, 9, 1, 17, 0, tzinfo=UTC)
PAGE = reverse("tracking:statistics")


@pytest.fixture(autouse=True)
def september() -> Any:
    with time_machine.travel(SEEN, tick=False):
        yield


@pytest.fixture
def six(alice: Person) -> list[Any]:
    """Six letters to one agency in Maryland: two decided, one late, one with a fee."""
    agency = AgencyFactory(code="md-example", name="=Example Agency", short_name="EX")
    contact = ContactPointFactory(agency=agency)
    lives: list[list[tuple[Any, ...]]] = [
        [("acknowledged", "2026-03-10"), ("determined", "2026-03-20"), ("produced", "2026-03-30", {"pages": 8})],
        [("denied", "2026-03-24", {"objections": ["O1"]})],
        [("acknowledged", "2026-03-11"), ("fee_estimated", "2026-03-12", {"amount_cents": 12_500})],
        [], [], [],
    ]  # fmt: skip
    made = [
        RecordsRequestFactory(
            agency=agency, filer=alice, contact_point=contact, seen_at=SEEN,
            events=[("sent", "2026-03-02"), ("received", "2026-03-04"), *life],
        )
        for life in lives
    ]  # fmt: skip
    services.keep_up(SEEN)
    return made


@pytest.fixture
def coordinator(bob: Person, client: Client) -> Client:
    client.force_login(bob)
    return client


def text(client: Client, **query: str) -> str:
    response = client.get(PAGE, query)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_the_table_says_half_and_of_how_many(coordinator: Client, six: list[Any]) -> None:
    page = text(coordinator)
    assert "Maryland" in page
    assert "not yet reached" in page  # two of six were decided
    assert "2 of 6 so far" in page
    assert "Kaplan-Meier" in page
    assert "Tuesday, September 1, 2026" in page


def test_duties_money_and_outcomes(coordinator: Client, six: list[Any]) -> None:
    # A decision was due by April 6: two came in time; two were let pass, and so was the one that waits for a fee.
    assert "33%" in text(coordinator, show="duties")
    money = text(coordinator, show="money")
    assert "$125.00" in money
    outcomes = text(coordinator, show="outcomes", by="agency")
    assert "=Example Agency" in outcomes
    assert "O1: " in outcomes


def test_a_wrong_period_is_said_and_nothing_is_hidden(coordinator: Client, six: list[Any]) -> None:
    page = text(coordinator, period="March")
    assert "Write a year (2026), a quarter (2026-Q1) or a month (2026-03)." in page
    assert "Maryland" in page


@pytest.mark.parametrize(
    ("period", "there"), [("2026", True), ("2026-Q1", True), ("2026-03", True), ("2026-04", False)]
)
def test_a_period_is_the_one_in_which_letters_were_sent(
    coordinator: Client, six: list[Any], period: str, there: bool
) -> None:
    assert ('<th scope="row">All' in text(coordinator, period=period)) is there


def test_nothing_counted_yet_is_said(coordinator: Client) -> None:
    assert "Nothing has been counted yet." in text(coordinator)


def test_old_numbers_are_called_old(coordinator: Client, six: list[Any]) -> None:
    with time_machine.travel(SEEN + timedelta(hours=3), tick=False):
        assert "What changed since then is not in these numbers yet." in text(coordinator)


@pytest.mark.parametrize("query", [{}, {"by": "agency", "show": "duties"}, {"state": "MD", "show": "outcomes"}])
def test_the_page_costs_the_same_for_one_and_for_many(
    coordinator: Client, six: list[Any], query: dict[str, str], django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(15) as few:
        coordinator.get(PAGE, query)
    for _number in range(4):
        RecordsRequestFactory(jurisdiction="MD", events=[("sent", "2026-03-02")], seen_at=SEEN)
    services.keep_up(SEEN)
    with django_assert_max_num_queries(len(few)):
        coordinator.get(PAGE, query)


def test_a_volunteer_sees_the_table_but_no_campaign(six: list[Any], alice: Person, client: Client) -> None:
    client.force_login(alice)
    assert "Maryland" in text(client)
    page = text(client, by="campaign")
    assert "Select a valid choice" in page
    assert 'name="campaign"' not in page


# --- files ------------------------------------------------------------------------------------------------------------


def body(response: Any) -> bytes:
    assert response.status_code == 200
    assert response.streaming
    return b"".join(response.streaming_content)


def test_the_files_hold_the_table(coordinator: Client, six: list[Any]) -> None:
    query = {"by": "agency", "show": "times"}
    lines = body(coordinator.get(reverse("tracking:statistics-csv"), query)).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(lines, newline="")))
    assert [(row["name"], row["sent"], row["determination_had_it"]) for row in rows] == [
        ("MD: =Example Agency", "6", "2"),
        ("All", "6", "2"),
    ]
    book = body(coordinator.get(reverse("tracking:statistics-xlsx"), query))
    sheet = openpyxl.load_workbook(io.BytesIO(book)).worksheets[0]
    assert [cell.value for cell in sheet[2]][:3] == ["md-example", "MD: =Example Agency", 6]


def test_each_request_behind_the_numbers_is_one_row_in_one_query(
    coordinator: Client, six: list[Any], django_assert_num_queries: Any
) -> None:
    response = coordinator.get(reverse("tracking:statistics-requests"))
    with django_assert_num_queries(1):
        lines = body(response).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(lines, newline="")))
    assert {row["reference"] for row in rows} == {one.reference for one in six}
    assert rows[0]["agency"] == "'=Example Agency"
    assert [row["days_to_determination"] for row in rows].count("16") == 1


def test_a_volunteer_takes_only_their_own_requests(six: list[Any], client: Client) -> None:
    client.force_login(PersonFactory())
    lines = body(client.get(reverse("tracking:statistics-requests"))).decode("utf-8-sig")
    assert len(lines.splitlines()) == 1


def test_a_file_of_nonsense_sends_back_to_the_page_that_says_so(coordinator: Client) -> None:
    response = coordinator.get(reverse("tracking:statistics-csv"), {"period": "March"})
    assert response.status_code == 302
    assert response["Location"].endswith("?period=March")


# --- one agency -------------------------------------------------------------------------------------------------------


def test_what_an_agency_did(coordinator: Client, six: list[Any], django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(15):
        response = coordinator.get(reverse("tracking:agency", args=["md-example"]))
    page = " ".join(response.content.decode().split())
    assert "What =Example Agency did" in page
    assert "Records Custodian" in page
    assert "3 of 6 letters answered" in page
    assert "2 of 6 so far" in page
    assert six[3].reference in page
    assert "$125.00" in page


def test_a_stranger_sees_how_an_agency_answers_but_no_request(six: list[Any], client: Client) -> None:
    client.force_login(PersonFactory())
    page = client.get(reverse("tracking:agency", args=["md-example"])).content.decode()
    assert "2 of 6 so far" in page
    assert not any(one.reference in page for one in six)


def test_letters_that_were_followed_by_records(six: list[Any], bob: Person) -> None:
    for one in six[3:5]:
        event = recording.record_event(
            one.pk, "follow_up", happened_on=datetime(2026, 5, 4).date(),  # noqa: DTZ001
            details={"letter_key": "overdue"}, by=bob, now=SEEN,
        )  # fmt: skip
        NextLetter.objects.create(
            request=one, key="overdue", generated={}, basis_sequence=3, state="sent", delivery="email", made_by=bob,
            made_at=SEEN, changed_by=bob, changed_at=SEEN, sent_event=event,
        )  # fmt: skip
    recording.record_event(six[3].pk, "produced", happened_on=datetime(2026, 5, 20).date(), by=bob, now=SEEN)  # noqa: DTZ001
    assert Event.objects.filter(kind="follow_up").count() == 2
    assert [(row.key, row.sent, row.followed) for row in what_worked(six[0].agency, SEEN)] == [("overdue", 2, 1)]


def test_the_agencys_own_page_and_the_request_lead_there(coordinator: Client, six: list[Any]) -> None:
    there = reverse("tracking:agency", args=["md-example"])
    assert there in coordinator.get(reverse("agencies:detail", args=["md-example"])).content.decode()
    assert there in coordinator.get(six[0].get_absolute_url()).content.decode()


# --- commands ---------------------------------------------------------------------------------------------------------


def test_the_command_prints_the_same_table(six: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    call_command("statistics", by="state", kit="K1", period="2026")
    said = capsys.readouterr().out
    assert said.splitlines()[0].split()[:2] == ["State", "Sent"]
    assert "Maryland  6 (2 done)" not in said  # one is done: the refused one may be appealed
    assert "Maryland  6 (1 done)" in said
    assert "not yet reached (" in said
    assert "2 of 6 so far)" in said
    assert "As of Tuesday, September 1, 2026." in said


def test_the_command_refuses_nonsense(db: None) -> None:
    with pytest.raises(CommandError, match="--period: Write a year"):
        call_command("statistics", period="soon")


def test_all_facts_can_be_made_anew(six: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    call_command("refold_statistics")
    assert "The facts of 6 requests were made anew" in capsys.readouterr().out


def test_a_campaigns_line(coordinator: Client, six: list[Any], bob: Person) -> None:
    campaign = Campaign.objects.create(name="Plates", made_by=bob, made_at=SEEN, changed_at=SEEN, kits=["K1"])
    draft = Draft.objects.create(filer=bob, jurisdiction="MD", kit_id="K1", made_at=SEEN, changed_at=SEEN)
    CampaignTarget.objects.create(campaign=campaign, jurisdiction="MD", kit_id="K1", draft=draft, state="filed")
    six[0].draft = draft
    six[0].save()
    call_command("refold_statistics")
    page = text(coordinator, by="campaign")
    assert "Plates" in page
    assert "1 of 1 so far" in page


def test_the_table_to_copy_holds_no_formula_and_no_broken_line(
    coordinator: Client, bob: Person, six: list[Any]
) -> None:
    campaign = Campaign.objects.create(
        name="=1+1\tand\nmore", kits=["K1"], roles=["x"], made_by=bob, made_at=SEEN, changed_at=SEEN
    )
    RequestFacts.objects.update(campaign=campaign)
    lines = coordinator.get(PAGE, {"by": "campaign"}).context["plain"].split("\n")
    assert len(lines) == 3  # the headings, the campaign, all
    assert lines[1].split("\t")[:2] == [str(campaign.pk), "'=1+1 and more"]
