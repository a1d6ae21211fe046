"""What stands in each column, and which row names the columns."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.documents.cells import Cell, Row, area_of, column_of, letters, pack, unpack
from requests_app.documents.readers.sheets_profile import Different, Profile, day_in, header_among, number_in


def told(cells: list[Cell], *, typed: bool = True) -> dict[str, Any]:
    profile = Profile(typed=typed)
    for cell in cells:
        profile.add([cell])
    return profile.told(len(cells), 1)[0]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12), ("-12.50", Decimal("-12.5")), ("1,234", 1234), ("$1,234.50", Decimal("1234.5")), ("(12)", -12),
        ("25%", Decimal("0.25")), (".5", Decimal("0.5")), ("0", 0), ("007", None), ("1,23", None), ("12 345", None),
        ("", None), ("-", None), ("$", None), ("(1", None), ("1/2", None), ("1e5", None), ("--1", None), ("%", None),
    ],
)  # fmt: skip
def test_a_number_in_a_text(text: str, number: Decimal | int | None):
    assert number_in(text) == number


@pytest.mark.parametrize(
    ("text", "reading", "day"),
    [
        ("2024-03-09", "iso", "2024-03-09"), ("3/9/2024", "mdy", "2024-03-09"), ("3/9/2024", "dmy", "2024-09-03"),
        ("3/9/24 2:30 PM", "mdy", "2024-03-09T14:30:00"), ("12/31/99", "mdy", "1999-12-31"), ("13/1/2024", "mdy", ""),
        ("2024-03-09T14:30:00Z", "iso", "2024-03-09T14:30:00"), ("2/30/2024", "mdy", ""), ("x", "iso", ""),
    ],
)  # fmt: skip
def test_a_day_in_a_text(text: str, reading: str, day: str):
    assert day_in(text, reading) == day


def test_numbers_are_summed_exactly():
    found = told([["n", "0.1"], ["n", "0.2"], None, 3])
    assert (found["type"], found["least"], found["greatest"], found["sum"]) == ("number", "0.1", "3", "3.3")
    assert (found["filled"], found["blank"], found["different"]) == (3, 1, 3)


def test_texts_of_a_file_with_types_stay_texts():
    found = told(["12", "13", "x"])
    assert (found["type"], found["numbers_as_text"], found["reads"]) == ("text", 2, "")


def test_texts_of_a_file_without_types_are_read_as_what_they_look_like():
    assert told(["1,200", "$3", "(1)"], typed=False)["sum"] == "1202"
    found = told(["3/9/2024", "3/13/2024"], typed=False)
    assert (found["type"], found["reads"], found["first"], found["last"]) == ("date", "mdy", "2024-03-09", "2024-03-13")
    assert "month_first_is_assumed" not in found, "the second day shows that the month comes first"
    assert told(["3/9/2024", "3/10/2024"], typed=False)["month_first_is_assumed"] is True
    assert told(["13/1/2024"], typed=False)["reads"] == "dmy"
    assert told(["007", "008"], typed=False)["reads"] == "", "names with leading zeros are no numbers"


def test_a_few_others_do_not_hide_what_a_column_is():
    found = told([*["5"] * 99, "n/a"], typed=False)
    assert (found["type"], found["others"], found["sum"]) == ("number", 1, "495")


def test_many_different_values_are_estimated_within_a_tenth():
    different = Different()
    different.add([f"value {number}" for number in range(40_000)])
    different.add([f"value {number}" for number in range(40_000)])
    assert not different.is_exact
    assert 36_000 < different.count < 44_000


@pytest.mark.parametrize(
    ("rows", "hint", "frozen", "header"),
    [
        ([["Name", "Count"], ["a", 1]], 0, 0, 1),
        ([["Report"], [None], ["Name", "Count"], ["a", 1]], 0, 0, 3),
        ([["a", 1], ["b", 2]], 0, 0, 0),
        ([["Name", "Name"], ["a", 1]], 0, 0, 0),
        ([["Name", "Count"]], 0, 0, 0),
        ([["x", "y"], ["Name", "Count"], ["a", 1]], 2, 0, 2),
        ([["x", "y"], ["Name", "Count"], ["a", 1]], 0, 2, 2),
        ([["2023", "2024"], ["1", "2"]], 0, 0, 0),
    ],
)
def test_the_header_is_found_or_there_is_none(rows: list[Row], hint: int, frozen: int, header: int):
    assert header_among(list(enumerate(rows, 1)), hint=hint, frozen=frozen) == header


@given(st.integers(1, 16_384))
def test_a_column_is_found_again_by_its_letters(column: int):
    assert column_of(letters(column)) == column


@pytest.mark.parametrize(
    ("text", "name"),
    [("b7", "B7"), ("$B$7", "B7"), ("C9:B7", "B7:C9"), ("XFD1048576", "XFD1048576"), ("XFE1", None), ("B0", None),
     ("B1048577", None), ("7", None), ("", None), ("A1:B2:C3", None)],
)  # fmt: skip
def test_an_area_by_its_name(text: str, name: str | None):
    area = area_of(text)
    assert (area.name if area else None) == name


CELLS = st.one_of(
    st.none(), st.text(st.characters(codec="utf-8")), st.integers(-(10**15), 10**15), st.booleans(),
    st.lists(st.text(st.characters(codec="utf-8")), min_size=2, max_size=3),
)  # fmt: skip


@given(st.lists(st.lists(CELLS, max_size=5), min_size=1, max_size=5))
def test_what_is_packed_is_unpacked(rows: list[Row]):
    assert unpack(pack(rows)) == rows


@pytest.mark.parametrize("packed", [b"", b"nonsense", pack([[1]])[:-3]])
def test_what_we_did_not_pack_is_not_unpacked(packed: bytes):
    with pytest.raises(ValueError, match="no block"):
        unpack(packed)
