"""A draft from its first step to requests: saved at every step, filed once, stopped while anything is unsettled."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from requests_app.agencies.models import Agency
from requests_app.agencies.services import confirm_contact
from requests_app.filing import choices, queries, services
from requests_app.filing.choices import DraftChoices
from requests_app.filing.models import Draft, DraftTarget, RecordsRequest, ReferenceCounter
from requests_app.filing.reply_addresses import AddressForm, reply_address
from requests_app.filing.services.drafting import Target
from requests_app.kits import letters
from requests_app.people.models import Person
from tests.factories import NOON, AgencyFactory, ContactPointFactory, DraftFactory, RecordsRequestFactory, record

pytestmark = pytest.mark.django_db


def address_for(reference: str, token: str) -> str:
    return reply_address(reference, token, AddressForm("records", "group.example"))


def file(draft: Draft, by: Person, now: datetime = NOON) -> list[RecordsRequest]:
    return services.file_draft(draft.pk, by=by, organisation="Harbor Records Group", address_for=address_for, now=now)


@pytest.fixture
def police() -> Agency:
    return AgencyFactory(name="Department of State Police", roles=["nlets_control_point"])


@pytest.fixture
def registry() -> Agency:
    return AgencyFactory(name="Motor Vehicle Administration", roles=["dmv"])


def ready_draft(filer: Person, *agencies: Agency, kit_id: str = "K1", **chosen: object) -> Draft:
    """A draft with nothing left to settle: confirmed e-mail addresses and a name."""
    jurisdiction = agencies[0].jurisdiction
    answers = DraftChoices(requester_name="Alice Liddell", **chosen)
    draft = DraftFactory(filer=filer, jurisdiction=jurisdiction, kit_id=kit_id, choices=choices.dump(answers))
    targets = [Target(agency.pk, "email", ContactPointFactory(agency=agency).pk) for agency in agencies]
    services.choose_targets(draft.pk, targets, now=NOON)
    return draft


# --- saving -----------------------------------------------------------------------------------------------------------


def test_each_step_is_kept_and_merged(alice: Person) -> None:
    draft = services.start_draft(by=alice, jurisdiction="MD", now=NOON)
    services.save_draft(draft.pk, kit_id="K1", now=NOON)
    services.save_draft(draft.pk, choices={"requester_name": "Alice Liddell"}, now=NOON)
    kept = services.save_draft(draft.pk, choices={"phone": "410-555-0100"}, now=NOON + timedelta(hours=1))
    assert (kept.jurisdiction, kept.kit_id) == ("MD", "K1")
    assert kept.choices == {"requester_name": "Alice Liddell", "phone": "410-555-0100"}
    assert kept.changed_at == NOON + timedelta(hours=1)
    assert list(queries.drafts_of(alice)) == [kept]


def test_another_state_drops_what_only_the_first_asked(alice: Person, police: Agency) -> None:
    draft = ready_draft(alice, police, standing="resident", conditions={"nonresident": False}, phone="1")
    moved = services.save_draft(draft.pk, jurisdiction="DE", now=NOON)
    assert not moved.targets.exists()
    assert "standing" not in moved.choices
    assert "conditions" not in moved.choices
    assert moved.choices["phone"] == "1"


def test_another_kit_drops_its_items_and_agencies(alice: Person, police: Agency) -> None:
    draft = ready_draft(alice, police, items=("existing-reports",), period_start=date(2025, 1, 1))
    changed = services.save_draft(draft.pk, kit_id="K2", now=NOON)
    assert not changed.targets.exists()
    assert "items" not in changed.choices
    assert "period_start" not in changed.choices
    same = services.save_draft(draft.pk, kit_id="K2", choices={"items": ["nlets-agreements"]}, now=NOON)
    assert services.save_draft(same.pk, kit_id="K2", now=NOON).choices["items"] == ["nlets-agreements"]


def test_a_draft_thrown_away_forgets_the_name_and_cannot_be_changed(alice: Person, police: Agency) -> None:
    draft = ready_draft(alice, police)
    services.discard_draft(draft.pk, now=NOON)
    draft.refresh_from_db()
    assert draft.choices == {}
    assert not queries.drafts_of(alice).exists()
    for change in (
        lambda: services.save_draft(draft.pk, kit_id="K2", now=NOON),
        lambda: services.choose_targets(draft.pk, [], now=NOON),
        lambda: services.discard_draft(draft.pk, now=NOON),
        lambda: file(draft, alice),
    ):
        with pytest.raises(services.DraftIsClosed):
            change()


def test_the_name_is_not_readable_in_the_database(alice: Person, police: Agency) -> None:
    from django.db import connection

    filed = file(ready_draft(alice, police), alice)[0]
    with connection.cursor() as cursor:
        cursor.execute("SELECT choices FROM filing_draft")
        draft_row = cursor.fetchone()[0]
        cursor.execute("SELECT letter FROM filing_recordsrequest")
        letter_row = cursor.fetchone()[0]
    assert "Liddell" not in draft_row
    assert "Liddell" not in letter_row
    assert letters.load(filed.letter).closing.name == "Alice Liddell"


# --- filing -----------------------------------------------------------------------------------------------------------


def test_two_custodians_get_companion_letters_with_their_own_references(
    alice: Person, police: Agency, registry: Agency
) -> None:
    first, second = file(ready_draft(alice, police, registry), alice)
    assert (first.reference, second.reference) == ("MD-2026-0001", "MD-2026-0002")
    assert first.filed_together == second.filed_together
    assert first.status == second.status == "ready"
    assert first.reply_token != second.reply_token
    letter = letters.load(first.letter)
    assert letter.reference == first.reference
    assert second.reference in (letter.reference_line or "")
    assert any(address_for(first.reference, first.reply_token) in line for line in letter.sender)
    assert not letter.must_wait
    assert list(queries.companions(first)) == [second]
    assert [event.kind for event in first.events.all()] == ["opened"]
    assert (first.filer, first.assignee) == (alice, alice)
    assert first.period_start == date(2024, 1, 1), "the kit's own period stands where none was chosen"


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_each_letter_names_all_the_others_and_never_itself(alice: Person, number: int) -> None:
    offices = [AgencyFactory(name=f"Bureau Number {place}", roles=["nlets_control_point"]) for place in range(number)]
    filed = file(ready_draft(alice, *offices), alice)
    for one in filed:
        letter = letters.load(one.letter)
        text = f"{letter.reference_line} {' '.join(letter.paragraphs())}"
        for other in filed:
            if other is not one:
                assert f"{other.reference} to the {other.agency.name}" in text
                assert text.count(f"the {other.agency.name}") == 2
        assert f"the {one.agency.name}" not in text
        assert text.count("companion") == (2 if number > 1 else 0)


def test_a_double_click_files_once(alice: Person, police: Agency) -> None:
    draft = ready_draft(alice, police)
    assert file(draft, alice) == file(draft, alice)
    assert RecordsRequest.objects.count() == 1
    assert ReferenceCounter.objects.get().last == 1


def test_nobody_files_the_draft_of_another(alice: Person, charlie: Person, police: Agency) -> None:
    with pytest.raises(services.DraftIsClosed):
        file(ready_draft(alice, police), charlie)
    assert not RecordsRequest.objects.exists()


def test_references_run_by_state_and_local_year(alice: Person, police: Agency) -> None:
    new_years_eve = datetime(2027, 1, 1, 2, 0, tzinfo=UTC)  # still December 31 in Maryland
    assert file(ready_draft(alice, police), alice, NOON)[0].reference == "MD-2026-0001"
    assert file(ready_draft(alice, police), alice, new_years_eve)[0].reference == "MD-2026-0002"
    assert file(ready_draft(alice, police), alice, new_years_eve + timedelta(hours=6))[0].reference == "MD-2027-0001"


def test_an_unconfirmed_address_is_a_stop_until_somebody_confirms_it(alice: Person, police: Agency) -> None:
    draft = ready_draft(alice, police)
    contact = ContactPointFactory(agency=police, health="unconfirmed", confidence="low", confirmed_at=None)
    services.choose_targets(draft.pk, [Target(police.pk, "email", contact.pk)], now=NOON)
    with pytest.raises(services.NotReady, match="Nobody has confirmed the address"):
        file(draft, alice)
    draft.refresh_from_db()
    assert draft.is_open, "nothing was claimed"
    assert not ReferenceCounter.objects.exists(), "no number was spent"
    confirm_contact(contact.pk, by=alice, where_seen="https://agency.example/records", now=NOON)
    assert file(draft, alice)[0].contact_point == contact


@pytest.mark.parametrize(
    ("health", "says"),
    [("bounced", "came back"), ("retired", "No address is chosen"), ("none", "No address is chosen")],
)
def test_an_address_that_does_not_work_is_a_stop(alice: Person, police: Agency, health: str, says: str) -> None:
    draft = ready_draft(alice, police)
    contact = None if health == "none" else ContactPointFactory(agency=police, health=health).pk
    services.choose_targets(draft.pk, [Target(police.pk, "email", contact)], now=NOON)
    with pytest.raises(services.NotReady, match=says):
        file(draft, alice)


def test_a_letter_handed_over_needs_no_address(alice: Person, police: Agency) -> None:
    draft = ready_draft(alice, police)
    services.choose_targets(draft.pk, [Target(police.pk, "hand", None)], now=NOON)
    assert file(draft, alice)[0].delivery == "hand"


@pytest.fixture
def delaware() -> Agency:
    return AgencyFactory(jurisdiction="DE", name="Delaware State Police", roles=["nlets_control_point"])


@pytest.mark.parametrize(
    ("chosen", "says"),
    [
        pytest.param({}, "Say whether that is you", id="not-asked-yet"),
        pytest.param({"standing": "not_resident"}, "Ask for a member who lives there", id="not-a-citizen"),
        pytest.param({"standing": "exception"}, "Write the sentence", id="an-exception-without-words"),
    ],
)
def test_delaware_stops_who_is_not_a_citizen(alice: Person, delaware: Agency, chosen: dict, says: str) -> None:
    with pytest.raises(services.NotReady, match=says) as stopped:
        file(ready_draft(alice, delaware, **chosen), alice)
    assert any("10003" in remark.citation for remark in stopped.value.remarks)
    assert not RecordsRequest.objects.exists()


def test_a_delaware_citizen_files_and_the_letter_says_so(alice: Person, delaware: Agency) -> None:
    filed = file(ready_draft(alice, delaware, standing="resident"), alice)[0]
    assert "citizen of Delaware" in " ".join(letters.load(filed.letter).paragraphs())


def test_an_exception_is_stated_in_the_requesters_own_words(alice: Person, delaware: Agency) -> None:
    draft = ready_draft(alice, delaware, standing="exception", residency_statement="I write for Ms. Poe of Dover.")
    said = " ".join(letters.load(file(draft, alice)[0].letter).paragraphs())
    assert "I write for Ms. Poe of Dover." in said
    assert "I am a citizen of Delaware" not in said


def test_a_letter_without_a_name_or_an_empty_draft_is_not_filed(alice: Person, police: Agency) -> None:
    draft = ready_draft(alice, police)
    services.save_draft(draft.pk, choices={"requester_name": " "}, now=NOON)
    with pytest.raises(services.NotReady, match="name"):
        file(draft, alice)
    with pytest.raises(services.NotReady, match="not finished"):
        file(DraftFactory(filer=alice), alice)


def test_michigan_wants_to_know_where_the_requester_lives(alice: Person) -> None:
    agency = AgencyFactory(jurisdiction="MI")
    with pytest.raises(services.NotReady, match="postal address is missing"):
        file(ready_draft(alice, agency), alice)
    draft = ready_draft(alice, agency, postal_address="1 Main Street\nLansing, MI 48901", phone="517-555-0100")
    assert any("Lansing" in line for line in letters.load(file(draft, alice)[0].letter).closing.lines)


def test_questions_to_officials_start_no_clock(alice: Person) -> None:
    governor = AgencyFactory(name="Office of the Governor", roles=["governor_records"])
    filed = file(ready_draft(alice, governor, kit_id="K8"), alice)[0]
    record(filed, ("sent", "2026-03-02"), ("received", "2026-03-02"))
    assert not queries.current_deadlines(filed).exists()
    assert "No law sets a date" in filed.law_notes[0]


# --- what runs already ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [
        pytest.param(date(2024, 6, 1), date(2024, 12, 31), True, id="inside"),
        pytest.param(date(2020, 1, 1), date(2024, 1, 1), True, id="touches-the-first-day"),
        pytest.param(date(2020, 1, 1), date(2023, 12, 31), False, id="before"),
        pytest.param(date(2025, 12, 31), None, True, id="touches-the-last-day"),
        pytest.param(date(2026, 1, 1), None, False, id="after"),
        pytest.param(None, None, True, id="open-on-both-sides"),
    ],
)
def test_a_running_request_for_the_same_records_is_found(start: date | None, end: date | None, found: bool) -> None:
    running = RecordsRequestFactory(period_start=date(2024, 1, 1), period_end=date(2025, 12, 31))
    assert list(queries.open_already([running.agency_id], "K1", start, end)) == ([running] if found else [])


def test_another_agency_another_kit_or_a_done_request_is_not_in_the_way() -> None:
    running = RecordsRequestFactory()
    assert not queries.open_already([AgencyFactory().pk], "K1", None, None).exists()
    assert not queries.open_already([running.agency_id], "K2", None, None).exists()
    record(running, ("withdrawn", "2026-03-02"))
    assert not queries.open_already([running.agency_id], "K1", None, None).exists()


def test_targets_are_replaced_as_a_whole(alice: Person, police: Agency, registry: Agency) -> None:
    draft = ready_draft(alice, police, registry)
    services.choose_targets(draft.pk, [Target(registry.pk, "hand", None)], now=NOON)
    assert list(DraftTarget.objects.filter(draft=draft).values_list("agency", "delivery")) == [(registry.pk, "hand")]
