"""Numbers and moments as a spreadsheet shows them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.documents.cells import shown_of, value_of
from requests_app.documents.readers.sheets_formats import BUILT_IN, _in_section, day_of, format_of, number_cell, tidy

ACCOUNTING = '_(* #,##0.00_);_(* (#,##0.00);_(* "-"??_);_(@_)'


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        ("1234.5", "#,##0.00", "1,234.50"),
        ("1234567.891", "#,##0", "1,234,568"),
        ("0.5", "0", "1"),
        ("1.005", "0.00", "1.01"),
        ("0.256", "0.0%", "25.6%"),
        ("-1234.567", '"$"#,##0.00_);[Red]("$"#,##0.00)', "($1,234.57)"),
        ("12.3", "[$€-407] #,##0.00", "€ 12.30"),
        ("-5", "0.00", "-5.00"),
        ("0", ACCOUNTING, "-"),
        ("-3", ACCOUNTING, "(3.00)"),
        ("123456789", "000-00-0000", "123-45-6789"),
        ("4105550111", "(000) 000-0000", "(410) 555-0111"),
        ("5", "00000", "00005"),
        ("0.5", "#.##", ".5"),
        ("12", "0.###", "12."),
        ("1500000", '0.0,,"M"', "1.5M"),
        ("12345678", "0.00E+00", "1.23E+07"),
        ("1.75", "# ?/?", "1 3/4"),
        ("0.5", "?/?", "1/2"),
        ("1.99", "# ?/4", "2"),
        ("3", "[>=5]0.0;0", "3"),
        ("7", "[>=5]0.0;0", "7.0"),
        ("5", '"No. "0', "No. 5"),
        ("5", ";;;", ""),
        ("99", "@", "99"),
        ("45360", "m/d/yyyy", "3/9/2024"),
        ("45360", "[$-409]mmmm d, yyyy;@", "March 9, 2024"),
        ("45360", "ddd d-mmm-yy", "Sat 9-Mar-24"),
        ("45360.604166666664", "yyyy-mm-dd hh:mm", "2024-03-09 14:30"),
        ("45360.5", "mmm d, yyyy h:mm:ss.000", "Mar 9, 2024 12:00:00.000"),
        ("0.604166666664", "h:mm AM/PM", "2:30 PM"),
        ("0", "h:mm A/P", "12:00 A"),
        ("1.1041666667", "[h]:mm:ss", "26:30:00"),
        ("0.0006944444", "[mm]:ss", "01:00"),
        ("-0.5", "[h]:mm", "-12:00"),
        ("60", "d-mmm-yy", "29-Feb-00"),
        ("1", "dddd", "Sunday"),
        ("2958466", "m/d/yyyy", "2958466"),
    ],
)
def test_a_number_is_worded_by_its_format(value: str, code: str, shown: str):
    assert shown_of(number_cell(value, format_of(code))) == shown


USUAL = ("0", "00000", "#,##0", "#,##0.00", "0.0%", '"$"#,##0.00', '0.00" km"', "0%", '"L"0', "#0.0")


@given(
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=5),
    st.sampled_from(USUAL),
)
def test_the_quick_way_words_a_number_as_the_slow_one(number: Decimal, code: str):
    section = format_of(code).sections[0]
    assert section.plain is not None
    slow = replace(section)
    slow.__dict__["plain"] = None
    assert _in_section(number, section) == _in_section(number, slow)


@pytest.mark.parametrize(
    ("days", "from_1904", "expected"),
    [
        (1, False, (1900, 1, 1)), (59, False, (1900, 2, 28)), (60, False, (1900, 2, 29)), (61, False, (1900, 3, 1)),
        (0, False, (1900, 1, 0)), (0, True, (1904, 1, 1)), (2_958_465, False, (9999, 12, 31)),
    ],
)  # fmt: skip
def test_days_are_counted_as_spreadsheets_count_them(days: int, from_1904: bool, expected: tuple[int, int, int]):
    found = day_of(days, from_1904)
    assert found is not None
    assert found[:3] == expected


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**12), max_value=10**12))
def test_tidying_changes_no_value(number: Decimal):
    assert Decimal(tidy(str(number))) == number


@given(
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=4),
    st.sampled_from(sorted(set(BUILT_IN.values()))) | st.text('0#?.,%E+-/;@_*[]"\\hmsdyAMP gGenral', max_size=15),
)
def test_no_format_breaks_the_reading(number: Decimal, code: str):
    cell = number_cell(str(number), format_of(code))
    assert isinstance(shown_of(cell), str)
    if not format_of(code).is_date:
        assert Decimal(value_of(cell)) == number
