"""The project's own list: complete, checked, brought in as often as one likes, and never over a person's edit."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from requests_app.agencies import services
from requests_app.agencies.management.commands import seed as seed_command
from requests_app.agencies.models import Agency, AgencyChange, ContactPoint, StateNote
from requests_app.agencies.seed_files import DATA, SeedFileError, read_seed_files
from requests_app.people.states import JURISDICTIONS
from tests.people.cast import NOW, make_person

FILES = read_seed_files()


def test_every_jurisdiction_has_its_agencies() -> None:
    assert {file.jurisdiction for file in FILES if file.agencies} == set(JURISDICTIONS)


def test_the_list_is_as_long_as_the_facts_it_was_carried_from() -> None:
    agencies = [agency for file in FILES for agency in file.agencies]
    assert len(agencies) == 116
    assert sum(len(agency.contact_points) for agency in agencies) == 188
    assert sum(len(agency.sources) for agency in agencies) == 343
    assert sum(len(agency.roles) for agency in agencies) == 148


def test_nothing_is_sure_that_somebody_doubts() -> None:
    doubted = [c for file in FILES for agency in file.agencies for c in agency.contact_points if c.doubt]
    assert doubted
    assert {contact.confidence for contact in doubted} <= {"low", "medium"}


def test_every_known_status_has_its_date_and_a_source_or_a_reason() -> None:
    for file in FILES:
        known = file.state_note.known_status
        if known is not None:
            assert known.as_of
            assert known.source or known.source_note


@pytest.fixture(scope="module")
def two_states(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("seed")
    for code in ("MD", "VI"):
        shutil.copy(DATA / f"{code}.json", folder)
    return folder


def change(folder: Path, tmp_path: Path, edit: Any) -> Path:
    """Return a copy of the folder in which `edit` changed Maryland's file."""
    copy = tmp_path / "changed"
    shutil.copytree(folder, copy)
    facts = json.loads((copy / "MD.json").read_text())
    edit(facts)
    (copy / "MD.json").write_text(json.dumps(facts))
    return copy


@pytest.mark.django_db
def test_a_fact_arrives_with_source_date_and_doubt(two_states: Path) -> None:
    services.seed(NOW, two_states)
    police = Agency.objects.get(code="md-mdsp")
    assert police.short_name == "MDSP"
    assert "Send the same request here" in police.submission_notes
    assert police.roles.get().confidence == "medium"
    assert len(police.sources) == 5
    post = ContactPoint.objects.get(agency__code="md-mdot-mva", channel="post")
    assert (post.as_of, post.confidence, post.health) == ("2021-07-22", "medium", "unconfirmed")
    assert not post.may_be_used_unasked
    note = StateNote.objects.get(jurisdiction="MD")
    assert note.ice_dmv_access == "no_block_reported"
    assert note.known_status["code"] == "letter_recipient_no_action_found"
    assert len(note.doubts) == 5
    islands = StateNote.objects.get(jurisdiction="VI")
    assert islands.known_status["source"]


@pytest.mark.django_db
def test_the_second_time_nothing_happens(two_states: Path) -> None:
    first = services.seed(NOW, two_states)
    before = list(Agency.objects.values()) + list(ContactPoint.objects.values())
    second = services.seed(NOW + timedelta(days=9), two_states)
    assert (first.agencies_added, second.agencies_added, second.agencies_updated) == (3, 0, 0)
    assert (second.contacts_added, second.contacts_updated, second.contacts_retired) == (0, 0, 0)
    assert list(Agency.objects.values()) + list(ContactPoint.objects.values()) == before
    assert not AgencyChange.objects.exists()


@pytest.mark.django_db
def test_newer_facts_refresh_what_nobody_edited(two_states: Path, tmp_path: Path) -> None:
    services.seed(NOW, two_states)

    def edit(facts: Any) -> None:
        facts["agencies"][1]["records_office"] = "Records Desk"
        facts["agencies"][1]["roles"].append({"kind": "dmv", "evidence": "New.", "confidence": "low"})
        facts["agencies"][1]["contact_points"] = []

    result = services.seed(NOW, change(two_states, tmp_path, edit))
    police = Agency.objects.get(code="md-mdsp")
    assert police.records_office == "Records Desk"
    assert {role.kind for role in police.roles.all()} == {"nlets_control_point", "dmv"}
    assert police.contact_points.get().health == "retired"
    assert (result.agencies_updated, result.contacts_retired) == (1, 1)


@pytest.mark.django_db
def test_what_people_edited_stays_theirs(two_states: Path, tmp_path: Path) -> None:
    services.seed(NOW, two_states)
    bob = make_person("bob", "coordinator")
    police = Agency.objects.get(code="md-mdsp")
    services.edit_agency(police.pk, fields={"records_office": "Room 4"}, why="Asked.", by=bob, now=NOW)
    portal = police.contact_points.get()
    services.confirm_contact(portal.pk, by=bob, where_seen="their page", now=NOW)

    def edit(facts: Any) -> None:
        facts["agencies"][1]["records_office"] = "Records Desk"
        facts["agencies"][1]["contact_points"][0]["office_or_title"] = "Somebody else"

    result = services.seed(NOW, change(two_states, tmp_path, edit))
    police.refresh_from_db()
    portal.refresh_from_db()
    assert police.records_office == "Room 4"
    assert (portal.office_or_title, portal.health) == ("PIA representative", "confirmed")
    assert result.agencies_left == 1


@pytest.mark.django_db
def test_an_address_that_was_corrected_does_not_come_back(two_states: Path) -> None:
    services.seed(NOW, two_states)
    bob = make_person("bob", "coordinator")
    portal = ContactPoint.objects.get(agency__code="md-mdsp")
    new = services.edit_contact(
        portal.pk, value="https://new.example/pia", office_or_title="PIA", where_seen="page", by=bob, now=NOW
    )
    services.seed(NOW, two_states)
    current = ContactPoint.objects.filter(agency__code="md-mdsp").exclude(health="retired")
    assert list(current) == [new]


def _unknown_field(facts: Any) -> None:
    facts["agencies"][0]["colour"] = "blue"


def _unknown_role(facts: Any) -> None:
    facts["agencies"][0]["roles"][0]["kind"] = "king"


def _wrong_code(facts: Any) -> None:
    facts["agencies"][0]["code"] = "va-mdsp"


def _two_with_one_code(facts: Any) -> None:
    facts["agencies"][0]["code"] = facts["agencies"][1]["code"]


def _unwritten_address(facts: Any) -> None:
    facts["agencies"][0]["contact_points"][0]["value"] = "not a link"


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        pytest.param(_unknown_field, "colour", id="unknown-field"),
        pytest.param(_unknown_role, "king", id="unknown-role"),
        pytest.param(_wrong_code, "md-", id="code-of-another-state"),
        pytest.param(_two_with_one_code, "used twice", id="one-code-twice"),
        pytest.param(_unwritten_address, "web address", id="no-address"),
    ],
)
@pytest.mark.django_db
def test_a_bad_file_is_named_and_nothing_is_written(two_states: Path, tmp_path: Path, edit: Any, says: str) -> None:
    folder = change(two_states, tmp_path, edit)
    with pytest.raises(SeedFileError, match=says) as refusal:
        services.seed(NOW, folder)
    assert "MD.json" in str(refusal.value) or "used twice" in str(refusal.value)
    assert not Agency.objects.exists()


@pytest.mark.django_db
def test_the_command_says_in_one_line_what_it_did(two_states: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = services.seed
    monkeypatch.setattr(seed_command.services, "seed", lambda now: whole(now, two_states))
    out = StringIO()
    call_command("seed", stdout=out)
    assert out.getvalue().startswith("Agencies: 3 added")
    assert out.getvalue().count("\n") == 1


def test_the_command_fails_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(now: Any) -> None:
        read_seed_files(tmp_path)

    monkeypatch.setattr(seed_command.services, "seed", broken)
    with pytest.raises(CommandError, match="Nothing was written"):
        call_command("seed")
