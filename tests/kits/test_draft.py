"""Drafting from the shell, and the way from agency rows to an addressee."""

from __future__ import annotations

from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from requests_app.agencies import queries
from requests_app.agencies.models import Agency, AgencyRole, Confidence, ContactPoint
from requests_app.kits.addressees import addressee_of, custodians_for, official_of
from requests_app.kits.catalog import get_kit
from tests.kits.cast import statute

pytestmark = pytest.mark.django_db


def agency(code: str, name: str, *roles: str, jurisdiction: str = "MD", office: str = "") -> Agency:
    made = Agency.objects.create(
        code=code,
        jurisdiction=jurisdiction,
        name=name,
        short_name=code,
        records_office=office,
        updated_at=datetime(2026, 11, 21, tzinfo=UTC),
    )
    for role in roles:
        AgencyRole.objects.create(agency=made, kind=role)
    return made


@pytest.fixture
def maryland() -> tuple[Agency, Agency]:
    police = agency(
        "md-mdsp", "Maryland Department of State Police", "nlets_control_point", office="PIA representative"
    )
    vehicles = agency("md-mva", "Maryland Motor Vehicle Administration", "dmv")
    ContactPoint.objects.create(agency=police, channel="email", value="pia@police.example", confidence=Confidence.HIGH)
    ContactPoint.objects.create(
        agency=police, channel="post", value="1 Guess Road\nTowson, MD", confidence=Confidence.LOW
    )
    return police, vehicles


def run(*arguments: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("draft", *arguments, "--date", "2026-11-23", stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_the_letter_goes_to_the_kits_first_custodian(maryland: tuple[Agency, Agency]) -> None:
    text, _ = run("md", "--kit", "k1", "--requester", "Jane Example", "--text")
    assert "Dear PIA Representative:" in text
    assert "By e-mail to pia@police.example" in text
    assert "Jane Example\n" in text
    to_vehicles, _ = run("MD", "--kit", "K6", "--requester", "Jane Example", "--text")
    assert "Maryland Motor Vehicle Administration" in to_vehicles


def test_another_agency_may_be_named(maryland: tuple[Agency, Agency]) -> None:
    text, _ = run("MD", "--agency", "MD-MVA", "--requester", "Jane Example", "--text")
    assert "Maryland Motor Vehicle Administration" in text
    assert "motor-vehicle system that answers these queries" in text


def test_choices_reach_the_letter(maryland: tuple[Agency, Agency]) -> None:
    text, _ = run(
        *("MD", "--requester", "Jane Example", "--organisation", "Harbor Records Group", "--fee-limit", "12.50"),
        *("--period-start", "2024-10-01", "--period-end", "2025-09-30", "--reference", "MD-2026-0007"),
        *("--postal-address", "1 Example Street; Baltimore, MD", "--phone", "555 0100", "--delivery", "post", "--text"),
    )
    assert "for October 1, 2024 through September 30, 2025" in text
    assert "more than $12.50" in " ".join(text.split())
    assert "1 Example Street\nBaltimore, MD\n555 0100\n" in text
    assert "By mail" in text
    assert "MD-2026-0007" in text


@pytest.mark.parametrize(("name", "begins"), [("l.pdf", b"%PDF-"), ("l.html", b"<!DOCTYPE html>"), ("l.txt", b"Jane")])
def test_the_ending_chooses_the_kind_of_file(
    maryland: tuple[Agency, Agency], tmp_path: Path, name: str, begins: bytes
) -> None:
    out, err = run("MD", "--requester", "Jane Example", "--out", str(tmp_path / name))
    assert (tmp_path / name).read_bytes().lstrip().startswith(begins)
    assert out == ""
    assert err.startswith(f"Wrote {tmp_path / name}.")


def test_what_must_be_settled_is_said_beside_the_letter() -> None:
    agency("de-dsp", "Delaware State Police", "nlets_control_point", jurisdiction="DE")
    _, err = run("DE", "--requester", "Jane Example", "--text")
    assert "stop: In Delaware the agency may refuse" in err
    _, err = run("DE", "--requester", "Jane Example", "--resident", "--text")
    assert "stop:" not in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("XX", "--requester", "J", "--text"), "There is no jurisdiction with the code 'XX'"),
        (("MD", "--kit", "K9", "--requester", "J", "--text"), "There is no request kit 'K9'"),
        (("MD", "--agency", "de-dsp", "--requester", "J", "--text"), "No agency of Maryland has the code 'de-dsp'"),
        (("MD", "--text"), "--requester: The letter needs the requester's name"),
        (("MD", "--requester", "J"), "Say where the letter goes"),
        (("MD", "--requester", "J", "--text", "--period-start", "2024-13-01"), "--period-start: '2024-13-01'"),
        (
            ("MD", "--requester", "J", "--text", "--period-start", "2030-01-01"),
            "--period-start: The period begins after",
        ),
        (("MD", "--requester", "J", "--text", "--fee-limit", "lots"), "--fee-limit: 'lots' is not a sum"),
        (("MD", "--requester", "J", "--text", "--fee-limit", "0.005"), "--fee-limit: '0.005' is not a sum"),
        (
            ("MD", "--requester", "J", "--out", "letter.odt"),
            "--out: letter.odt ends in none of .pdf, .docx, .html, .txt",
        ),
        (("MD", "--requester", "J", "--out", "/nowhere/letter.txt"), "--out: /nowhere/letter.txt cannot be written"),
        (("WY", "--requester", "J", "--text"), "No custodian of Wyoming is recorded for kit K1"),
    ],
)
def test_misuse_is_one_clear_line_and_status_two(
    maryland: tuple[Agency, Agency], arguments: tuple[str, ...], message: str
) -> None:
    with pytest.raises(CommandError) as refused:
        run(*arguments)
    assert refused.value.returncode == 2
    assert str(refused.value).startswith(message)
    assert "\n" not in str(refused.value)


def test_a_letter_to_officials_needs_no_agency() -> None:
    text, _ = run("WY", "--kit", "K8", "--requester", "Jane Example", "--text")
    assert "Dear Governor:" in text
    district, _ = run("DC", "--kit", "K8", "--requester", "Jane Example", "--text")
    assert "Dear Mayor:" in district
    congress, _ = run("US", "--kit", "K8", "--requester", "Jane Example", "--text")
    assert "Dear Representative:" in congress


def made_addressee(code: str) -> Any:
    row = queries.agency_with_contacts(code)
    assert row is not None
    return addressee_of(row, queries.custodians(row.jurisdiction))


def test_only_an_address_that_may_be_used_stands_in_the_letter(maryland: tuple[Agency, Agency]) -> None:
    addressee = made_addressee("md-mdsp")
    assert addressee.email == "pia@police.example"
    assert addressee.postal_address == ()
    ContactPoint.objects.filter(channel="post").update(confidence=Confidence.HIGH)
    assert made_addressee("md-mdsp").postal_address == ("1 Guess Road", "Towson, MD")
    ContactPoint.objects.filter(channel="email").update(health=ContactPoint.Health.BOUNCED)
    assert made_addressee("md-mdsp").email is None


def test_each_custodian_knows_the_other(maryland: tuple[Agency, Agency]) -> None:
    addressee = made_addressee("md-mdsp")
    assert addressee.control_point_name == "Maryland Department of State Police"
    assert addressee.dmv_name == "Maryland Motor Vehicle Administration"


def test_where_two_agencies_share_a_role_neither_is_named_by_guess(maryland: tuple[Agency, Agency]) -> None:
    agency("md-dpscs", "Maryland Department of Public Safety", "nlets_control_point")
    assert made_addressee("md-mva").control_point_name is None
    assert made_addressee("md-mdsp").control_point_name == "Maryland Department of State Police"


def test_custodians_come_in_the_order_of_the_kit(maryland: tuple[Agency, Agency]) -> None:
    police, vehicles = maryland
    assert [each.code for each in custodians_for(get_kit("K1"), "MD")] == [police.code, vehicles.code]
    assert [each.code for each in custodians_for(get_kit("K6"), "MD")] == [vehicles.code, police.code]


def test_the_official_is_the_head_of_the_jurisdiction() -> None:
    assert official_of(statute("KS")).name == "Office of the Governor of Kansas"
    assert "Mayor" in official_of(statute("DC")).name
