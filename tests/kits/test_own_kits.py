"""The group's own kits and paragraphs: checked, kept in editions, retired, shared; one door for every room."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import msgspec
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from requests_app.filing import choices, services
from requests_app.filing.composing import Sender
from requests_app.kits import own_kits, trying
from requests_app.kits.catalog import KIT_IDS, UnknownKit, get_kit, list_kits, own_kits_at_hand
from requests_app.kits.forms import initial_of, rows_of
from requests_app.kits.models import Clause, KitEdition, OwnKit
from requests_app.kits.own_kits import NotAKit
from requests_app.law.book import open_book
from requests_app.people.models import Person
from tests.factories import NOON, AgencyFactory, ContactPointFactory, DraftFactory

pytestmark = pytest.mark.django_db


def fields(**changes: Any) -> dict[str, Any]:
    return msgspec.to_builtins(get_kit("K2")) | {"title": "Our agreements"} | changes


def form_data(content: dict[str, Any], **changes: str) -> dict[str, Any]:
    """Return what the browser would post for a kit."""
    data: dict[str, Any] = {}
    for name, value in initial_of(content).items():
        if value is True:
            data[name] = "on"
        elif value not in (None, False):
            data[name] = value
    for prefix, rows in rows_of(content).items():
        data |= {f"{prefix}-TOTAL_FORMS": str(len(rows)), f"{prefix}-INITIAL_FORMS": "0"}
        for number, row in enumerate(rows):
            for name, value in row.items():
                if value not in (None, False, ""):
                    data[f"{prefix}-{number}-{name}"] = "on" if value is True else value
    return data | {"seen_edition": "0", "do": "keep"} | changes


# --- the door ---------------------------------------------------------------------------------------------------------


def test_one_door_knows_every_kit(bob: Person, django_assert_num_queries: Any) -> None:
    own_kits.write_kit(fields(), by=bob, now=NOON)
    assert [kit.id for kit in list_kits()] == [*KIT_IDS, "G1"]
    with django_assert_num_queries(1):
        kit = get_kit("g1")
    assert (kit.id, kit.edition, kit.title) == ("G1", "1", "Our agreements")
    assert get_kit("G1") is kit, "read once"
    with django_assert_num_queries(0):
        get_kit("K1")
    for unknown in ("G2", "G0", "G1x", "g", "K9"):
        with pytest.raises(UnknownKit):
            get_kit(unknown)


def test_an_operation_reads_the_own_kits_once_and_the_next_one_reads_anew(
    bob: Person, django_assert_num_queries: Any
) -> None:
    for number in range(3):
        own_kits.write_kit(fields(title=f"Kit {number}"), by=bob, now=NOON)
    with own_kits_at_hand():
        with django_assert_num_queries(1):
            assert [get_kit(f"G{number}").title for number in (1, 2, 3)] == ["Kit 0", "Kit 1", "Kit 2"]
            assert len(list_kits()) == len(KIT_IDS) + 3
            with own_kits_at_hand():
                assert get_kit("G1").title == "Kit 0", "a block inside uses what is at hand"
        with django_assert_num_queries(0), pytest.raises(UnknownKit):
            get_kit("G9")
        with django_assert_num_queries(1):
            assert get_kit("G1", "1").edition == "1", "an edition that is named is asked for by itself"
        KitEdition.objects.filter(kit__number=2).update(content=fields(id="G2", title="By another process"))
        assert get_kit("G2").title == "Kit 1", "one operation sees one state"
    with own_kits_at_hand():
        assert get_kit("G2").title == "By another process"
    assert get_kit("G2").title == "By another process", "without a block nothing is kept"


def test_who_writes_a_kit_sees_it_at_once(bob: Person) -> None:
    with own_kits_at_hand():
        assert len(list_kits()) == len(KIT_IDS)
        own_kits.write_kit(fields(), by=bob, now=NOON)
        assert get_kit("G1").title == "Our agreements"
        own_kits.write_kit(fields(title="Renamed"), code="G1", seen_edition=1, by=bob, now=NOON)
        assert get_kit("G1").title == "Renamed"
        own_kits.retire_kit("G1", now=NOON)
        assert len(list_kits()) == len(KIT_IDS)
        assert get_kit("G1").title == "Renamed", "a retired kit stays where it is used"
        own_kits.offer_kit("G1")
        assert len(list_kits()) == len(KIT_IDS) + 1


def test_an_edited_kit_is_a_new_edition_and_the_old_one_is_kept(bob: Person) -> None:
    own_kits.write_kit(fields(), by=bob, now=NOON)
    own_kits.write_kit(fields(), code="G1", seen_edition=1, by=bob, now=NOON)
    assert KitEdition.objects.count() == 1, "keeping the same again changes nothing"
    own_kits.write_kit(fields(title="Newer"), code="G1", seen_edition=1, by=bob, now=NOON)
    assert (get_kit("G1").edition, get_kit("G1").title, get_kit("G1", "1").title) == ("2", "Newer", "Our agreements")
    with pytest.raises(UnknownKit):
        get_kit("G1", "3")
    with pytest.raises(own_kits.KitChangedMeanwhile):
        own_kits.write_kit(fields(title="Late"), code="G1", seen_edition=1, by=bob, now=NOON)


def test_a_retired_kit_leaves_the_list_and_stays_where_it_is_used(bob: Person) -> None:
    own_kits.write_kit(fields(), by=bob, now=NOON)
    assert own_kits.retire_kit("G1", now=NOON)
    assert "G1" not in [kit.id for kit in list_kits()]
    assert get_kit("G1").title == "Our agreements"
    own_kits.offer_kit("G1")
    assert "G1" in [kit.id for kit in list_kits()]


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        pytest.param({"aim": "I ask {nobody}."}, "", "unknown placeholder {nobody}", id="a-brace-nobody-knows"),
        pytest.param({"items": []}, "items", "at least one", id="nothing-asked"),
        pytest.param({"title": " "}, "title", "must not be empty", id="no-title"),
        pytest.param({"exclusions": "all"}, "exclusions", "no block 'all'", id="a-block-that-is-not-there"),
        pytest.param({"objections": ["O99"]}, "objections", "no objection 'O99'", id="an-objection-that-is-not-there"),
        pytest.param({"surprise": 1}, "", "unknown field", id="a-field-too-many"),
        pytest.param(
            {"period": {"start": None, "meaning": "none", "first_slice": "", "note": ""}},
            "period.start",
            "needs one",
            id="no-period",
        ),
        pytest.param({"kind": "demand"}, "kind", "demand", id="another-kind"),
    ],
)
def test_what_makes_no_kit_is_refused_by_field(changes: dict[str, Any], field: str, says: str) -> None:
    with pytest.raises(NotAKit) as refused:
        own_kits.checked(fields(**changes), kit_id="G1", edition="1", on=date(2026, 11, 23))
    assert any(named.startswith(field) and says in text for named, text in refused.value.problems), (
        refused.value.problems
    )


def test_an_own_kit_makes_letters_in_three_states(bob: Person) -> None:
    own_kits.write_kit(fields(), by=bob, now=NOON)
    trials = trying.try_in(get_kit("G1"), open_book(None), trying.USUAL_STATES, on=date(2026, 11, 23))
    assert [trial.letter.kit_id for trial in trials if trial.letter] == ["G1"] * 3


def test_a_letter_is_filed_with_an_own_kit_and_keeps_its_edition(bob: Person, alice: Person) -> None:
    own_kits.write_kit(fields(), by=bob, now=NOON)
    draft = DraftFactory(filer=alice, kit_id="G1")
    contact = ContactPointFactory(agency=AgencyFactory())
    draft.targets.create(agency=contact.agency, delivery="email", contact_point=contact)
    clause = own_kits.write_clause(title="Us", text="We are {state_name}.\n\nTwo paragraphs.", by=bob, now=NOON)
    said = {"requester_name": "Alice", "postal_address": "1 Way", "standing": "resident", "clauses": [clause.pk]}
    draft = services.save_draft(draft.pk, choices=said, now=NOON)
    [made] = services.file_draft(
        draft.pk, by=alice, organisation="", address_for=lambda r, t: f"{t}@g.example", now=NOON
    )
    assert (made.kit_id, made.kit_version, made.subject) == ("G1", "1", "Our agreements")
    stored: Any = made.letter
    paragraphs = [part["text"] for section in stored["sections"] for part in section["parts"]]
    assert "We are {state_name}." in paragraphs, "word for word, nothing filled in"
    assert "Two paragraphs." in paragraphs


def test_a_kit_that_speaks_of_a_day_asks_for_it_and_says_when_it_is_missing(
    bob: Person, volunteer_client: Client, alice: Person
) -> None:
    items = fields()["items"]
    items[0]["text"] = "Changes since the block{block_date}."
    own_kits.write_kit(fields(items=items), by=bob, now=NOON)
    draft = DraftFactory(filer=alice, kit_id="G1")
    contact = ContactPointFactory(agency=AgencyFactory())
    draft.targets.create(agency=contact.agency, delivery="email", contact_point=contact)
    page = volunteer_client.get(reverse("filing:draft-details", args=[draft.pk]))
    assert "block_date" in page.context["form"].fields
    draft = services.save_draft(draft.pk, choices={"requester_name": "Alice"}, now=NOON)
    plan = services.plan_for(draft)
    assert plan is not None
    [letter] = plan.letters(Sender("", "a@b.example"), NOON)
    assert "Changes since the block." in letter.paragraphs()
    assert any("no day is given" in warning.text for warning in letter.warnings)
    assert choices.load(draft.choices).block_date is None


# --- the form ---------------------------------------------------------------------------------------------------------


def test_every_field_of_a_bundled_kit_survives_the_form(coordinator_client: Client) -> None:
    content = own_kits._data(get_kit("K1"))
    answer = coordinator_client.post(reverse("kits:new"), form_data(content))
    assert answer.status_code == 302
    kept = KitEdition.objects.get().content
    changed = {name for name in content if name not in ("id", "edition") and kept[name] != content[name]}
    assert changed <= {"status_date"}, {name: (kept[name], content[name]) for name in changed}


def test_what_is_wrong_stands_at_its_field_and_nothing_is_lost(coordinator_client: Client) -> None:
    data = form_data(fields(), **{"aim": "I ask {nobody}.", "items-0-text": "Keep these words."})
    answer = coordinator_client.post(reverse("kits:new"), data)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "{nobody}" in page
    assert "Keep these words." in page
    assert not OwnKit.objects.exists()
    live = coordinator_client.post(reverse("kits:check"), data, headers={"hx-request": "true"}).content.decode()
    assert "unknown placeholder {nobody}" in live


def test_another_row_is_added_without_a_script(coordinator_client: Client) -> None:
    data = form_data(fields(), do="row:items")
    page = coordinator_client.post(reverse("kits:new"), data)
    assert page.status_code == 200
    assert len(page.context["desk"].items.forms) == int(data["items-TOTAL_FORMS"]) + 1
    assert not OwnKit.objects.exists()


def test_the_preview_shows_three_states_side_by_side(
    coordinator_client: Client, django_assert_max_num_queries: Any
) -> None:
    data = form_data(fields()) | {"state": ["MD", "OH", "WA"]}
    with django_assert_max_num_queries(15):
        page = coordinator_client.post(reverse("kits:check"), data).content.decode()
    for name in ("Maryland", "Ohio", "Washington"):
        assert f"<h3>{name}</h3>" in page
    assert "Nothing was kept" in page


def test_two_coordinators_never_overwrite_one_another_unseen(coordinator_client: Client, bob: Person) -> None:
    own_kits.write_kit(fields(), by=bob, now=NOON)
    own_kits.write_kit(fields(title="Theirs"), code="G1", seen_edition=1, by=bob, now=NOON)
    where = reverse("kits:edit", args=["G1"])
    answer = coordinator_client.post(where, form_data(fields(title="Mine"), seen_edition="1"))
    assert answer.status_code == 409
    assert "Mine" in answer.content.decode()
    assert get_kit("G1").title == "Theirs"
    coordinator_client.post(where, form_data(fields(title="Mine"), seen_edition=str(answer.context["seen_edition"])))
    assert get_kit("G1").title == "Mine"


# --- sharing ----------------------------------------------------------------------------------------------------------


def test_a_kit_is_shared_as_a_file_and_looked_at_before_it_is_kept(coordinator_client: Client, bob: Person) -> None:
    own_kits.write_kit(fields(), by=bob, now=NOON)
    raw = coordinator_client.get(reverse("kits:export", args=["G1"])).content
    assert "bob" not in raw.decode(), "it names no person"
    where = reverse("kits:import")
    page = coordinator_client.post(where, {"file": SimpleUploadedFile("kit.json", raw)})
    assert "It passed every check." in page.content.decode()
    assert "already: G1" in page.content.decode()
    assert OwnKit.objects.count() == 1, "looking keeps nothing"
    coordinator_client.post(where, {"text": page.context["text"]})
    assert get_kit("G2").title == "Our agreements"


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        pytest.param(b"\xff\xfe", "cannot be read as JSON", id="no-text"),
        pytest.param(b"[" * 100_000, "cannot be read as JSON", id="deep"),
        pytest.param(b"[]", "not a kit file", id="a-list"),
        pytest.param(
            json.dumps({"kind": "daylight-kit", "version": 2, "kit": {}}).encode(), "newer", id="from-the-future"
        ),
        pytest.param(json.dumps({"kind": "daylight-kit", "version": 1, "kit": {}}).encode(), "missing", id="empty"),
        pytest.param(b" " * 600_000, "500 KB", id="too-large"),
    ],
)
def test_a_file_that_is_no_kit_is_refused_in_a_sentence(coordinator_client: Client, raw: bytes, says: str) -> None:
    answer = coordinator_client.post(reverse("kits:import"), {"file": SimpleUploadedFile("kit.json", raw)})
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not OwnKit.objects.exists()


# --- paragraphs -------------------------------------------------------------------------------------------------------


def test_a_paragraph_is_written_changed_and_retired(
    coordinator_client: Client, volunteer_client: Client, alice: Person
) -> None:
    coordinator_client.post(
        reverse("kits:new-clause"), {"title": "Who we are", "text": "A group.", "seen_revision": "0"}
    )
    clause = Clause.objects.get()
    where = reverse("kits:clause", args=[clause.pk])
    coordinator_client.post(where, {"title": "Who we are", "text": "A large group.", "seen_revision": "0"})
    late = coordinator_client.post(where, {"title": "Who we are", "text": "Late.", "seen_revision": "0"})
    assert late.status_code == 409
    assert "Late." in late.content.decode()
    clause.refresh_from_db()
    assert clause.text == "A large group."
    twice = coordinator_client.post(reverse("kits:new-clause"), {"title": "Who we are", "text": "B."})
    assert "has a paragraph of this name" in twice.content.decode()
    draft = DraftFactory(filer=alice, kit_id="K1")
    draft.targets.create(agency=AgencyFactory(), delivery="hand")
    details = reverse("filing:draft-details", args=[draft.pk])
    assert "A large group." in volunteer_client.get(details).content.decode()
    coordinator_client.post(reverse("kits:retire-clause", args=[clause.pk]))
    assert "A large group." not in volunteer_client.get(details).content.decode()
    services.save_draft(draft.pk, choices={"clauses": [clause.pk]}, now=NOON)
    assert "A large group." in volunteer_client.get(details).content.decode(), "a draft that uses it keeps it"
