"""Numbers of carriers: which are right, which cannot be, and which nobody can tell."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.correspondence.paper.tracking_numbers import Check, NotANumber, mod10, parse_tracking_number


@pytest.mark.parametrize(
    ("typed", "value", "check", "carrier"),
    [
        # 8*3+7+6*3+5+4*3+3+2*3+1+9*3+8+7*3+6+5*3+4+3*3+2+1*3+1+7*3 = 193; the next multiple of ten is 200.
        pytest.param("7112 3456 7891 2345 6787", "71123456789123456787", "fits", "usps", id="certified-20-digits"),
        pytest.param("0307-1790-0005-2348-3741", "03071790000523483741", "fits", "usps", id="20-digits-with-dashes"),
        pytest.param("7196 9010 7560 0307 7385", "71969010756003077385", "fits", "usps", id="20-counted-with-the-91"),
        pytest.param("9400 1112 0108 0805 4830 16", "9400111201080805483016", "fits", "usps", id="22-digits"),
        pytest.param("9101123456789000000013", "9101123456789000000013", "fits", "usps", id="22-digits-with-91"),
        pytest.param("420221539101026837331000039521", "9101026837331000039521", "fits", "usps", id="barcode-with-zip"),
        pytest.param("0307 1790 0005 2348 3742", "03071790000523483742", "broken", "usps", id="last-digit-wrong"),
        pytest.param("9400111201080805843016", "9400111201080805843016", "broken", "usps", id="two-digits-swapped"),
        # 4*8+7*6+3*4+1*2+2*3+4*5+8*9+2*7 = 200; 200 mod 11 = 2; 11 - 2 = 9.
        pytest.param("RR 473124829 FI", "RR473124829FI", "fits", "", id="international-registered"),
        pytest.param("rr473124828us", "RR473124828US", "broken", "usps", id="international-wrong"),
        pytest.param("1Z999AA10123456784", "1Z999AA10123456784", "fits", "ups", id="ups"),
        pytest.param("1Z999AA10123456785", "1Z999AA10123456785", "broken", "ups", id="ups-wrong"),
        pytest.param("123456789012", "123456789012", "unknown", "", id="twelve-digits-nobody-can-tell"),
        pytest.param("9600111201080805483016", "9600111201080805483016", "unknown", "", id="22-digits-of-no-kind"),
    ],
)
def test_numbers(typed: str, value: str, check: str, carrier: str) -> None:
    found = parse_tracking_number(typed)
    assert (found.value, found.check, found.carrier) == (value, Check(check), carrier)


@pytest.mark.parametrize(
    "typed",
    ["", " ", "1" * 41, "７１１２", "12\x0034", "12\ud80034", "9400/1112", "ß" * 10, "²" * 20, "12;34"],
    ids=[
        "empty",
        "blank",
        "too-long",
        "full-width",
        "nul",
        "surrogate",
        "slash",
        "sharp-s",
        "superscript",
        "semicolon",
    ],
)
def test_what_is_no_number_at_all(typed: str) -> None:
    with pytest.raises(NotANumber):
        parse_tracking_number(typed)


@given(st.text(max_size=60))
def test_it_reads_or_refuses_and_nothing_else(typed: str) -> None:
    try:
        found = parse_tracking_number(typed)
    except NotANumber:
        return
    assert found.value.isascii()
    assert found.value.isalnum()
    assert found.grouped.replace(" ", "") == found.value
    assert parse_tracking_number(found.value) == found


@given(st.from_regex(r"9[1-5][0-9]{19}", fullmatch=True), st.integers(0, 21), st.integers(1, 9))
def test_one_digit_typed_wrong_is_always_noticed_in_22_digits(body: str, place: int, more: int) -> None:
    number = body + str(mod10(body))
    assert parse_tracking_number(number).check is Check.FITS
    wrong = number[:place] + str((int(number[place]) + more) % 10) + number[place + 1 :]
    assert parse_tracking_number(wrong).check is not Check.FITS


def test_digits_are_written_in_fours() -> None:
    assert parse_tracking_number("71123456789123456787").grouped == "7112 3456 7891 2345 6787"
