"""The wizard as a volunteer walks it: five steps, each saved, each stop with a way on."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from requests_app.agencies.models import Agency
from requests_app.filing.models import Draft
from requests_app.people.models import Person
from tests.factories import AgencyFactory, ContactPointFactory, DraftFactory, RecordsRequestFactory

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.filing.urls")]
MONDAY = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def on_a_monday() -> object:
    with time_machine.travel(MONDAY, tick=False) as moved:
        yield moved


@pytest.fixture
def police() -> Agency:
    agency = AgencyFactory(name="Department of State Police", short_name="State Police", roles=["nlets_control_point"])
    ContactPointFactory(agency=agency, value="pia@police.example")
    return agency


@pytest.fixture
def registry() -> Agency:
    agency = AgencyFactory(name="Motor Vehicle Administration", short_name="MVA", roles=["dmv"])
    ContactPointFactory(agency=agency, value="pia@mva.example", health="unconfirmed", confidence="low")
    return agency


def words(response: HttpResponse) -> str:
    """The page's text, without markup."""
    body = re.sub(r"<(script|style|head).*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


def step(name: str, draft: Draft, *more: object) -> str:
    return reverse(f"filing:draft-{name}", args=[draft.pk, *more])


@pytest.fixture
def switch_office() -> Agency:
    """A state's second control point, as Maryland has one."""
    agency = AgencyFactory(name="Information Technology Division", short_name="ITCD", roles=["nlets_control_point"])
    ContactPointFactory(agency=agency, value="pia@itcd.example")
    return agency


def at_details(filer: Person, *agencies: Agency, jurisdiction: str = "MD", kit_id: str = "K1") -> Draft:
    draft = DraftFactory(filer=filer, jurisdiction=jurisdiction, kit_id=kit_id)
    for agency in agencies:
        draft.targets.create(agency=agency, delivery="email", contact_point=agency.contact_points.first())
    return draft


DETAILS = {
    "requester_name": "Alice Liddell",
    "period_start": "2024-01-01",
    "period_end": "",
    "fee_limit": "50",
    "ask_fee_waiver": "on",
    "items": ["existing-reports", "nlets-statistics"],
    "fmt": "native",
    "include_definitions": "on",
    "include_preservation": "on",
    "extra_paragraph": "",
}


def test_a_volunteer_walks_from_state_to_preview(
    volunteer_client: Client, alice: Person, police: Agency, registry: Agency
) -> None:
    first = volunteer_client.get(reverse("filing:start"))
    assert "Maryland (your state)" in words(first), "the home state comes first"
    assert not Draft.objects.exists(), "looking stores nothing"

    answer = volunteer_client.post(reverse("filing:start"), {"jurisdiction": "MD"})
    draft = Draft.objects.get()
    assert draft.filer == alice
    assert answer.url == step("what", draft)

    kits = words(volunteer_client.get(answer.url))
    assert "You learn:" in kits
    assert "Often refused with:" in kits
    answer = volunteer_client.post(answer.url, {"kit_id": "K1"})
    assert answer.url == step("whom", draft)

    page = volunteer_client.get(answer.url)
    assert page.content.decode().count('id="id_agency_') == 2
    assert all(row["ask"].initial for row in page.context["form"].rows), "both custodians are preselected"
    unsure = registry.contact_points.get()
    answer = volunteer_client.post(
        answer.url,
        {
            f"agency_{police.pk}": "on",
            f"way_{police.pk}": f"email:{police.contact_points.get().pk}",
            f"agency_{registry.pk}": "on",
            f"way_{registry.pk}": f"email:{unsure.pk}",
        },
    )
    assert answer.url == step("confirm", draft, unsure.pk), "nobody confirmed that address"

    answer = volunteer_client.post(answer.url, {"where_seen": "https://mva.example/pia", "is_right": "on"})
    assert answer.url == step("details", draft)
    unsure.refresh_from_db()
    assert (unsure.health, unsure.confirmed_by, unsure.confirmed_where) == (
        "confirmed",
        alice,
        "https://mva.example/pia",
    )

    page = volunteer_client.get(answer.url)
    assert page.context["form"]["requester_name"].value() == "Alice Liddell", "prefilled from the profile"
    answer = volunteer_client.post(answer.url, DETAILS)
    assert answer.url == step("preview", draft)

    page = volunteer_client.get(answer.url)
    text = words(page)
    assert "Ready to file" in text
    assert "Alice Liddell" in text
    assert "Motor Vehicle Administration" in text
    assert "How we counted" in text
    assert reverse("correspondence:file", args=[draft.pk]) in page.content.decode()
    assert "File it" in text


def test_resident_rules_are_shown_before_choosing(volunteer_client: Client) -> None:
    shown = words(volunteer_client.get(reverse("filing:start"), {"state": "DE"}))
    assert "any citizen of Delaware" in shown
    assert "Residents or citizens only" in shown
    assert "ask a member who may to sign it" in shown
    assert "Nobody in the group has offered to sign for Delaware yet" in shown
    assert "Whether a non-citizen can be refused today turns on" in shown, "the doubt stands beside the rule"
    assert "Continue with Delaware" in shown


def test_an_unknown_state_shows_none_and_starts_none(volunteer_client: Client) -> None:
    assert volunteer_client.get(reverse("filing:start"), {"state": "zz"}).status_code == 200
    assert volunteer_client.post(reverse("filing:start"), {"jurisdiction": "ZZ"}).status_code == 200
    assert not Draft.objects.exists()


@pytest.mark.parametrize(
    ("made", "asked", "led_to"),
    [
        pytest.param({"jurisdiction": ""}, "what", "state", id="what-before-state"),
        pytest.param({"jurisdiction": "MD"}, "whom", "what", id="whom-before-what"),
        pytest.param({"jurisdiction": "MD", "kit_id": "K1"}, "details", "whom", id="details-before-whom"),
        pytest.param({"jurisdiction": "MD", "kit_id": "K1"}, "preview", "whom", id="preview-before-whom"),
    ],
)
def test_a_step_too_far_leads_back(
    volunteer_client: Client, alice: Person, made: dict, asked: str, led_to: str
) -> None:
    draft = DraftFactory(filer=alice, **made)
    assert volunteer_client.get(step(asked, draft)).url == step(led_to, draft)


def test_a_preview_without_a_name_leads_to_the_details(volunteer_client: Client, alice: Person, police: Agency) -> None:
    draft = at_details(alice, police)
    assert volunteer_client.get(step("preview", draft)).url == step("details", draft)


def test_nothing_chosen_is_put_right(volunteer_client: Client, alice: Person, police: Agency) -> None:
    draft = DraftFactory(filer=alice, kit_id="K1")
    page = volunteer_client.post(step("whom", draft), {})
    assert "Choose at least one agency" in words(page)
    page = volunteer_client.post(step("whom", draft), {f"agency_{police.pk}": "on"})
    assert "Choose how the letter reaches this agency" in words(page)
    assert not draft.targets.exists()


def test_another_agencys_address_cannot_be_slipped_in(
    volunteer_client: Client, alice: Person, police: Agency, registry: Agency
) -> None:
    draft = DraftFactory(filer=alice, kit_id="K1")
    foreign = registry.contact_points.get().pk
    volunteer_client.post(step("whom", draft), {f"agency_{police.pk}": "on", f"way_{police.pk}": f"email:{foreign}"})
    assert not draft.targets.exists()


def test_an_address_found_by_the_filer_is_kept_with_its_source(volunteer_client: Client, alice: Person) -> None:
    agency = AgencyFactory()
    draft = DraftFactory(filer=alice, kit_id="K1")
    page = words(volunteer_client.get(step("whom", draft)))
    assert "Add an address that you found" in page
    where = step("add-address", draft, agency.pk)
    found = {"channel": "email", "value": "records@agency.example", "where_seen": "https://agency.example/pia"}
    assert "@" in words(volunteer_client.post(where, {**found, "value": "not an address"}))
    assert not agency.contact_points.exists()
    assert volunteer_client.post(where, found).url == step("whom", draft)
    contact = agency.contact_points.get()
    assert (contact.health, contact.confirmed_by, contact.confirmed_where) == (
        "confirmed",
        alice,
        "https://agency.example/pia",
    )


def test_a_state_without_an_agency_says_what_to_do(volunteer_client: Client, alice: Person) -> None:
    draft = DraftFactory(filer=alice, jurisdiction="WY", kit_id="K1")
    assert "Ask a coordinator to add it" in words(volunteer_client.get(step("whom", draft)))


def test_the_group_already_asks_is_said_with_a_link_only_for_those_who_may_see(
    volunteer_client: Client, alice: Person, police: Agency
) -> None:
    theirs = RecordsRequestFactory(agency=police, reference="MD-2026-9001")
    mine = RecordsRequestFactory(agency=police, filer=alice, reference="MD-2026-9002")
    draft = at_details(alice, police)
    page = volunteer_client.get(step("details", draft))
    assert "The group already asks Department of State Police" in words(page)
    assert theirs.reference in words(page)
    assert reverse("tracking:request", args=[theirs.reference]) not in page.content.decode()
    assert reverse("tracking:request", args=[mine.reference]) in page.content.decode()
    assert "MD-2026-9001" in words(volunteer_client.get(step("whom", draft)))


def test_what_can_be_read_is_kept_when_something_is_wrong(
    volunteer_client: Client, alice: Person, police: Agency
) -> None:
    draft = at_details(alice, police)
    wrong = {**DETAILS, "period_end": "2023-01-01", "fee_limit": "75.50"}
    page = volunteer_client.post(step("details", draft), wrong)
    assert "ends before it starts" in words(page)
    draft.refresh_from_db()
    assert draft.choices["requester_name"] == "Alice Liddell"
    assert draft.choices["fee_limit_cents"] == 7550


def test_typing_is_kept_without_leaving_the_page(volunteer_client: Client, alice: Person, police: Agency) -> None:
    draft = at_details(alice, police)
    kept = volunteer_client.post(step("keep", draft), {**DETAILS, "requester_name": "A. Liddell"})
    assert "Saved." in words(kept)
    draft.refresh_from_db()
    assert draft.choices["requester_name"] == "A. Liddell"
    assert volunteer_client.get(step("keep", draft)).status_code == 405


def test_only_own_items_are_stored(volunteer_client: Client, alice: Person, police: Agency) -> None:
    draft = at_details(alice, police)
    form = volunteer_client.get(step("details", draft)).context["form"]
    volunteer_client.post(step("details", draft), {**DETAILS, "items": form["items"].value()})
    draft.refresh_from_db()
    assert draft.choices["items"] is None
    volunteer_client.post(step("details", draft), DETAILS)
    draft.refresh_from_db()
    assert draft.choices["items"] == ["existing-reports", "nlets-statistics"]


def test_maryland_asks_neither_home_nor_telephone(volunteer_client: Client, alice: Person, police: Agency) -> None:
    form = volunteer_client.get(step("details", at_details(alice, police))).context["form"]
    assert not {"postal_address", "phone", "standing", "nonresident"} & set(form.fields)


def test_the_kit_that_compares_asks_for_the_day_of_the_change(
    volunteer_client: Client, alice: Person, police: Agency
) -> None:
    draft = at_details(alice, police, kit_id="K7")
    form = volunteer_client.get(step("details", draft)).context["form"]
    answers = {**DETAILS, "items": form["items"].value(), "period_start": "2019-01-01", "block_date": "2025-11-12"}
    volunteer_client.post(step("details", draft), answers)
    assert "November 12, 2025" in volunteer_client.get(step("text", draft, 1)).content.decode()
    other = volunteer_client.get(step("details", at_details(alice, police))).context["form"]
    assert "block_date" not in other.fields


@pytest.fixture
def delaware() -> Agency:
    agency = AgencyFactory(jurisdiction="DE", name="Delaware State Police")
    ContactPointFactory(agency=agency)
    return agency


def test_delaware_stops_a_stranger_and_says_what_to_do(
    volunteer_client: Client, alice: Person, delaware: Agency
) -> None:
    draft = at_details(alice, delaware, jurisdiction="DE", kit_id="K2")
    items = volunteer_client.get(step("details", draft)).context["form"]["items"].value()
    answers = {**DETAILS, "items": items, "period_start": "2019-01-01"}
    answer = volunteer_client.post(
        step("details", draft), {**answers, "requester_name": "", "standing": "not_resident"}
    )
    assert answer.url == step("signer", draft), "somebody else signs, so no name is asked for"
    assert "Find somebody who may sign" in words(volunteer_client.get(answer.url))
    draft.refresh_from_db()
    assert draft.choices["standing"] == "not_resident", "the answer is kept"
    preview = volunteer_client.get(step("preview", draft))
    assert "To settle before it can go" in words(preview)
    assert "Ask for a member who lives there to sign it" in words(preview)
    assert "(the resident who signs this letter)" in words(preview)
    assert "File it" not in words(preview)

    page = volunteer_client.post(step("details", draft), {**answers, "standing": "exception"})
    assert "Select a valid choice" in words(page), "the facts give no exception for Delaware"

    answer = volunteer_client.post(step("details", draft), {**answers, "standing": "resident"})
    assert answer.url == step("preview", draft)
    preview = words(volunteer_client.get(answer.url))
    assert "I am a citizen of Delaware" in preview
    assert "Ready to file" in preview


def test_idaho_asks_whether_the_requester_lives_there(volunteer_client: Client, alice: Person) -> None:
    agency = AgencyFactory(jurisdiction="ID")
    ContactPointFactory(agency=agency)
    draft = at_details(alice, agency, jurisdiction="ID")
    volunteer_client.post(step("details", draft), {**DETAILS, "nonresident": "yes"})
    draft.refresh_from_db()
    assert draft.choices["conditions"] == {"nonresident": True}
    rows = volunteer_client.get(step("preview", draft)).context["expected"][0]
    assert all(row.condition_key != "not_nonresident" for row in [*rows.sure, *rows.otherwise])


def test_an_unconfirmed_address_stops_the_preview_with_a_link(
    volunteer_client: Client, alice: Person, registry: Agency
) -> None:
    draft = at_details(alice, registry)
    volunteer_client.post(step("details", draft), DETAILS)
    page = volunteer_client.get(step("preview", draft))
    assert "Nobody has confirmed the address" in words(page)
    assert step("confirm", draft, registry.contact_points.get().pk) in page.content.decode()
    assert "File it" not in words(page)


def test_the_preview_downloads_as_pdf_and_text(volunteer_client: Client, alice: Person, police: Agency) -> None:
    draft = at_details(alice, police)
    volunteer_client.post(step("details", draft), DETAILS)
    pdf = volunteer_client.get(step("pdf", draft, 1))
    assert pdf.content.startswith(b"%PDF")
    assert pdf["Content-Disposition"].startswith("attachment")
    assert "Alice Liddell" in volunteer_client.get(step("text", draft, 1)).content.decode()
    assert volunteer_client.get(step("text", draft, 2)).status_code == 404
    assert volunteer_client.get(step("text", draft, 0)).status_code == 404


def test_drafts_are_listed_gone_on_with_and_thrown_away(
    volunteer_client: Client, alice: Person, police: Agency
) -> None:
    assert "No unfinished letter" in words(volunteer_client.get(reverse("filing:drafts")))
    draft = at_details(alice, police)
    page = volunteer_client.get(reverse("filing:drafts"))
    assert "Maryland: Nlets query statistics" in words(page)
    assert step("details", draft) in page.content.decode()
    discard = reverse("filing:discard", args=[draft.pk])
    assert "It cannot be brought back" in words(volunteer_client.get(discard))
    assert Draft.objects.filter(discarded_at=None).exists(), "asking throws nothing away"
    assert volunteer_client.post(discard).url == reverse("filing:drafts")
    assert volunteer_client.post(discard).status_code == 404
    assert "No unfinished letter" in words(volunteer_client.get(reverse("filing:drafts")))


def test_a_filed_draft_leads_to_its_request(volunteer_client: Client, alice: Person) -> None:
    draft = DraftFactory(filer=alice, kit_id="K1", filed_at=MONDAY)
    filed = RecordsRequestFactory(filer=alice, draft=draft)
    assert volunteer_client.get(step("details", draft)).url == filed.get_absolute_url()


@pytest.mark.parametrize("rows", [1, 10])
def test_the_list_of_drafts_costs_the_same_for_one_and_ten(
    volunteer_client: Client, alice: Person, django_assert_num_queries: object, rows: int
) -> None:
    for _ in range(rows):
        at_details(alice, _agency_with_address())
    with django_assert_num_queries(DRAFT_QUERIES):  # type: ignore[operator]
        volunteer_client.get(reverse("filing:drafts"))


DRAFT_QUERIES = 5


@pytest.mark.parametrize(
    ("kit_id", "expected"),
    [
        pytest.param("K1", {"State Police", "ITCD", "MVA"}, id="counts: both control points and the registry"),
        pytest.param("K5", {"State Police", "ITCD", "MVA"}, id="correspondence: the governor is offered, not chosen"),
        pytest.param("K8", {"Governor"}, id="officials: the office the kit is for"),
    ],
)
def test_every_usual_custodian_is_preselected(
    volunteer_client: Client,
    alice: Person,
    police: Agency,
    registry: Agency,
    switch_office: Agency,
    kit_id: str,
    expected: set[str],
) -> None:
    AgencyFactory(name="Office of the Governor", short_name="Governor", roles=["governor_records"])
    page = volunteer_client.get(step("whom", DraftFactory(filer=alice, jurisdiction="MD", kit_id=kit_id)))
    chosen = {row["agency"].short_name for row in page.context["form"].rows if row["ask"].initial}
    assert chosen == expected


def test_a_choice_once_made_is_not_widened_again(
    volunteer_client: Client, alice: Person, police: Agency, registry: Agency, switch_office: Agency
) -> None:
    page = volunteer_client.get(step("whom", at_details(alice, registry)))
    chosen = [row["agency"] for row in page.context["form"].rows if row["ask"].initial]
    assert chosen == [registry]


@pytest.mark.parametrize("rows", [1, 10])
def test_whom_costs_the_same_for_one_agency_and_ten(
    volunteer_client: Client, alice: Person, django_assert_num_queries: object, rows: int
) -> None:
    for _ in range(rows):
        _agency_with_address()
    draft = DraftFactory(filer=alice, kit_id="K1")
    with django_assert_num_queries(WHOM_QUERIES):  # type: ignore[operator]
        volunteer_client.get(step("whom", draft))


WHOM_QUERIES = 10


def _agency_with_address() -> Agency:
    agency = AgencyFactory()
    ContactPointFactory(agency=agency)
    return agency
