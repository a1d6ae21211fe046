"""What is suggested to be covered, and what is left alone. All numbers here are made up or reserved for examples."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.review.redaction.patterns import KINDS, suspects, vin_holds


def found(text: str) -> list[tuple[str, str, bool]]:
    return [(one.kind, text[one.start : one.end], one.is_sure) for one in suspects(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("SSN: 123-45-6789.", [("ssn", "123-45-6789", True)], id="a Social Security number"),
        pytest.param("Social Security Number 123456789", [("ssn", "123456789", True)], id="without hyphens, labelled"),
        pytest.param("the number 123 45 6789 was", [("ssn", "123 45 6789", False)], id="with spaces"),
        pytest.param("VIN 1M8GDM9AXKP042788", [("vin", "1M8GDM9AXKP042788", True)], id="a VIN whose check digit holds"),
        pytest.param("unit 1M8GDM9A0KP042788", [("vin", "1M8GDM9A0KP042788", False)], id="a VIN read wrongly"),
        pytest.param("call (212) 736-5000 today", [("phone", "(212) 736-5000", True)], id="a telephone number"),
        pytest.param("mail j.doe+x@example.org.", [("email", "j.doe+x@example.org", True)], id="an address of mail"),
        pytest.param("OLN: D123-456-789-012", [("licence", "D123-456-789-012", True)], id="an operator's licence"),
        pytest.param("Driver's License No. S12345678", [("licence", "S12345678", True)], id="a driver's licence"),
        pytest.param("License Plate: ABC 1234", [("plate", "ABC 1234", True)], id="a plate"),
        pytest.param("DOB 01/02/1980", [("birth_date", "01/02/1980", True)], id="a birth date"),
        pytest.param("DOB: 19800102", [("birth_date", "19800102", True)], id="a birth date as Nlets writes it"),
        pytest.param("lives at 12 North Oak Street, Springfield, IL 62701 now",
                     [("address", "12 North Oak Street, Springfield, IL 62701", True)], id="an address"),
        pytest.param("seen at 400 Elm Ave. on Monday", [("address", "400 Elm Ave.", False)], id="a street"),
    ],
)  # fmt: skip
def test_what_is_suggested(text: str, expected: list[tuple[str, str, bool]]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "1,204 queries in March 2025, 998 in April",
        "Reference 000-12-3456, 666-12-3456, 912-34-5678, 123-00-4567, 123-45-0000",
        "invoice 123456789",
        "ORI VTICE0900, line AX",
        "Section 4-203(b)(2) of the General Provisions Article",
        "license plate queries by ICE",
        "The driver's license number is never in this report.",
        "ABCDEFGHJKLMNPRST",
        "12345678901234567",
        "DQ, RQ and KQ on 2025-03-31",
        "",
    ],
)
def test_what_is_left_alone(text: str) -> None:
    assert found(text) == []


def test_vins_of_the_regulation_and_of_manuals() -> None:
    assert vin_holds("11111111111111111")
    assert not vin_holds("11111111211111111")
    assert not vin_holds("1M8GDM9AXKP04278")
    assert not vin_holds("IM8GDM9AXKPO42788")


@given(text=st.text(max_size=400))
def test_it_stays_within_the_text_and_never_raises(text: str) -> None:
    for one in suspects(text):
        assert 0 <= one.start < one.end <= len(text)
        assert one.kind in KINDS


@given(
    vin=st.text(string.digits + "ABCDEFGHJKLMNPRSTUVWXYZ", min_size=17, max_size=17),
    other=st.sampled_from("0123456789X"),
)
def test_one_check_digit_holds(vin: str, other: str) -> None:
    held = [digit for digit in "0123456789X" if vin_holds(vin[:8] + digit + vin[9:])]
    assert len(held) == 1
    assert vin_holds(vin[:8] + other + vin[9:]) == (other in held)
