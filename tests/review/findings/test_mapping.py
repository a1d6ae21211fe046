"""Sheets of ten shapes, read once their columns are mapped; a blank is no zero, and totals are added up again."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.review.findings.mapping import (
    PROBLEMS,
    Problem,
    Proposal,
    Reading,
    Row,
    SheetMap,
    TotalCheck,
    ValueColumn,
    fold,
    read,
)
from requests_app.review.findings.periods import Hints

WORDS = {"component": {"ice": "ice_unspecified", "hsi": "ice_hsi", "border patrol": "cbp_usbp"}}


def rows(*cells: list[object], first: int = 2) -> list[Row]:
    return list(enumerate(cells, start=first))


def told(reading: Reading) -> list[tuple[int, str, str]]:
    return [
        (proposal.value, proposal.period.starts_on.isoformat()[:7], dict(proposal.means).get("component", ""))
        for proposal in reading.proposals
    ]


LONG = SheetMap(values=(ValueColumn(3),), reads={"period": 1, "component": 2}, words=WORDS)
WIDE = SheetMap(
    values=(ValueColumn(2, {"component": "ice_unspecified"}), ValueColumn(3, {"component": "ice_hsi"})),
    reads={"period": 1},
)

SHAPES: list[Any] = [
    pytest.param(LONG, [["Mar 2025", "ICE", 5], ["Mar 2025", "HSI", "1,204"]],
                 [(5, "2025-03", "ice_unspecified"), (1204, "2025-03", "ice_hsi")], id="one count a row"),
    pytest.param(WIDE, [["2025-03", 5, 7], ["2025-04", 6, 8]],
                 [(5, "2025-03", "ice_unspecified"), (7, "2025-03", "ice_hsi"), (6, "2025-04", "ice_unspecified"),
                  (8, "2025-04", "ice_hsi")], id="a column for each agency"),
    pytest.param(SheetMap((ValueColumn(2, {"period": "Jan 2025"}), ValueColumn(3, {"period": "Feb 2025"})),
                          {"component": 1}, WORDS), [["ICE", 5, 6], ["HSI", 7, 8]],
                 [(5, "2025-01", "ice_unspecified"), (6, "2025-02", "ice_unspecified"), (7, "2025-01", "ice_hsi"),
                  (8, "2025-02", "ice_hsi")], id="a column for each month"),
    pytest.param(SheetMap((ValueColumn(2),), {"period": 1}, constants={"component": "ice_unspecified"}),
                 [[date(2025, 3, 1), 5]], [(5, "2025-03", "ice_unspecified")], id="one agency, days as dates"),
    pytest.param(SheetMap((ValueColumn(3),), {"period": 1, "component": 2}, WORDS, carried=frozenset({"period"})),
                 [["Mar 2025", "ICE", 5], [None, "HSI", 6], ["Apr 2025", "ICE", 7]],
                 [(5, "2025-03", "ice_unspecified"), (6, "2025-03", "ice_hsi"), (7, "2025-04", "ice_unspecified")],
                 id="the month stands once"),
    pytest.param(SheetMap((ValueColumn(2),), {"period": 1}, hints=Hints(year=2024)), [["March", 5], ["April", 6]],
                 [(5, "2024-03", ""), (6, "2024-04", "")], id="months without a year"),
    pytest.param(SheetMap((ValueColumn(3),), {"component": 1, "period": 2}, WORDS, carried=frozenset({"component"})),
                 [["ICE", None, None], ["", "Q1 2025", 5], [None, "Q2 2025", 6], ["HSI", None, None],
                  [None, "Q1 2025", 7]],
                 [(5, "2025-01", "ice_unspecified"), (6, "2025-04", "ice_unspecified"), (7, "2025-01", "ice_hsi")],
                 id="headings over blocks"),
    pytest.param(LONG, [["Mar 2025", "ICE", 5.0], ["Mar 2025", " hsi ", Decimal(6)], [None, None, None]],
                 [(5, "2025-03", "ice_unspecified"), (6, "2025-03", "ice_hsi")], id="numbers of other kinds"),
    pytest.param(SheetMap((ValueColumn(1),), constants={"period": "FY 2025"}, hints=Hints(fiscal_start=10)),
                 [[292_114]], [(292_114, "2024-10", "")], id="one number"),
    pytest.param(SheetMap((ValueColumn(4),), {"period": 2, "component": 3}, WORDS, days_are_months=True),
                 [["x", "3/1/2025", "Border  Patrol", "12 345"]], [(12_345, "2025-03", "cbp_usbp")],
                 id="the first of a month means the month"),
]  # fmt: skip


@pytest.mark.parametrize(("sheet_map", "cells", "expected"), SHAPES)
def test_shapes(sheet_map: SheetMap, cells: list[list[object]], expected: list[tuple[int, str, str]]) -> None:
    reading = read(sheet_map, rows(*cells))
    assert told(reading) == expected
    assert reading.problems == ()


def test_every_value_leads_to_its_cell() -> None:
    reading = read(WIDE, rows(["2025-03", 5, 7], first=12))
    assert [(proposal.row, proposal.column) for proposal in reading.proposals] == [(12, 2), (12, 3)]


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        pytest.param(["Mar 2025", "ICE", None], Problem("blank", 2, 3), id="a blank is no zero"),
        pytest.param(["Mar 2025", "ICE", "N/A"], Problem("blank", 2, 3, "N/A"), id="not available"),
        pytest.param(["Mar 2025", "ICE", "<10"], Problem("hidden", 2, 3, "<10"), id="held back"),
        pytest.param(["Mar 2025", "ICE", "many"], Problem("no_number", 2, 3, "many"), id="a word"),
        pytest.param(["Mar 2025", "ICE", True], Problem("no_number", 2, 3, "True"), id="yes"),
        pytest.param(["Mar 2025", "ICE", 1.5], Problem("not_whole", 2, 3, "1.5"), id="half a query"),
        pytest.param(["Mar 2025", "ICE", "-3"], Problem("negative", 2, 3, "-3"), id="less than none"),
        pytest.param(["Mar 2025", "ICE", float("nan")], Problem("no_number", 2, 3, "nan"), id="not a number"),
        pytest.param(["Mar 2025", "ICE", "1,20"], Problem("no_number", 2, 3, "1,20"), id="a comma in another place"),
        pytest.param(["March", "ICE", 5], Problem("needs_year", 2, 1, "March"), id="no year"),
        pytest.param(["", "ICE", 5], Problem("no_period", 2, 1, ""), id="no time at all"),
        pytest.param(["Mar 2025", "USSS", 5], Problem("unknown_word", 2, 2, "USSS"), id="an agency nobody named"),
    ],
)
def test_what_is_odd_is_told_and_left_out(cells: list[object], problem: Problem) -> None:
    reading = read(LONG, rows(cells))
    assert reading.proposals == ()
    assert reading.problems == (problem,)
    assert problem.code in PROBLEMS


def test_the_same_slice_twice_is_told() -> None:
    reading = read(LONG, rows(["Mar 2025", "ICE", 5], ["2025-03", "ICE", 6]))
    assert told(reading) == [(5, "2025-03", "ice_unspecified")]
    assert [(problem.code, problem.row) for problem in reading.problems] == [("twice", 3)]


def test_totals_are_added_up_again_by_row_by_block_and_in_all() -> None:
    with_total = SheetMap((*WIDE.values, ValueColumn(4, is_total=True)), WIDE.reads)
    reading = read(with_total, rows(
        ["2025-03", 5, 7, 12], ["2025-04", 6, 8, 15], ["Subtotal", 11, 15, 26],
        ["2025-05", 1, 1, 2], ["Grand Total", 12, 17, 29],
    ))  # fmt: skip
    assert reading.sum == 28
    assert [check for check in reading.totals if not check.holds] == [
        TotalCheck(3, 4, 15, 14), TotalCheck(6, 3, 17, 16),
    ]  # fmt: skip
    assert len(reading.totals) == 9


@pytest.mark.parametrize(
    ("sheet_map", "wrong"),
    [
        (SheetMap(()), "no_values"),
        (SheetMap((ValueColumn(2),)), "no_period"),
        (SheetMap((ValueColumn(2),), {"period": 2}), "columns"),
        (SheetMap((ValueColumn(0),), {"period": 1}), "columns"),
        (SheetMap((ValueColumn(2),), {"period": 1, "colour": 3}), "unknown_dimension"),
    ],
    ids=str,
)
def test_a_map_that_cannot_be_read_with_is_refused(sheet_map: SheetMap, wrong: str) -> None:
    assert wrong in sheet_map.problems()
    with pytest.raises(ValueError, match=wrong):
        read(sheet_map, rows(["Mar 2025", 5]))


def test_a_sheet_mapped_wrongly_does_not_drown_its_reader() -> None:
    reading = read(LONG, rows(*[["x", "ICE", 1]] * 700))
    assert (len(reading.problems), reading.left_out) == (500, 200)


CELLS = st.one_of(st.none(), st.text(max_size=12), st.integers(), st.floats(), st.booleans(), st.dates(), st.decimals())


@given(cells=st.lists(st.lists(CELLS, max_size=4), max_size=12))
def test_each_value_cell_is_taken_or_told(cells: list[list[object]]) -> None:
    reading = read(LONG, rows(*cells))
    places = [(one.row, one.column) for one in reading.proposals]
    assert len(places) == len(set(places))
    assert all(isinstance(one, Proposal) and one.value >= 0 for one in reading.proposals)
    assert {problem.code for problem in reading.problems} <= PROBLEMS


@given(values=st.lists(st.integers(0, 10**6), min_size=1, max_size=24))
def test_a_sheet_that_adds_up_is_said_to(values: list[int]) -> None:
    months = [[f"{2024 + index // 12}-{index % 12 + 1:02}", "ICE", value] for index, value in enumerate(values)]
    reading = read(LONG, rows(*months, ["Total", None, sum(values)]))
    assert reading.sum == sum(values)
    assert [check.holds for check in reading.totals] == [True]


def test_words_are_folded() -> None:
    assert fold("  Border\n PATROL ") == "border patrol"
    assert fold(None) == ""
