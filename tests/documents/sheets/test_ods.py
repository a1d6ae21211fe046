"""OpenDocument spreadsheets: exact values beside the words shown, and cells written once for a million."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from requests_app.documents.cells import Cell
from requests_app.documents.readers.refusals import Refused
from tests.documents.sheets.made_up import ODS_SPACES, ods, read_book, read_sheet


def table(*rows: str, name: str = "One", more: str = "") -> str:
    return f'<table:table table:name="{name}"{more}>{"".join(rows)}</table:table>'


def cells(*inner: str, more: str = "") -> str:
    return f"<table:table-row{more}>{''.join(inner)}</table:table-row>"


def cell(shown: str = "", more: str = "") -> str:
    return f"<table:table-cell {more}>{f'<text:p>{shown}</text:p>' if shown else ''}</table:table-cell>"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (cell("7", 'office:value-type="float" office:value="7"'), 7),
        (cell("$1,234.50", 'office:value-type="currency" office:value="1234.5"'), ["n", "1234.5", "$1,234.50"]),
        (cell("25%", 'office:value-type="percentage" office:value="0.25"'), ["n", "0.25", "25%"]),
        (cell("", 'office:value-type="float" office:value="0.30000000000000004"'), ["n", "0.30000000000000004", "0.3"]),
        (cell("3/9/24", 'office:value-type="date" office:date-value="2024-03-09"'), ["d", "2024-03-09", "3/9/24"]),
        (
            cell("noon", 'office:value-type="date" office:date-value="2024-03-09T12:00:00"'),
            ["d", "2024-03-09T12:00:00", "noon"],
        ),
        (cell("14:30", 'office:value-type="time" office:time-value="PT14H30M00S"'), ["t", "14:30:00", "14:30"]),
        (cell("26:30", 'office:value-type="time" office:time-value="PT26H30M00S"'), ["u", "26:30:00", "26:30"]),
        (cell("TRUE", 'office:value-type="boolean" office:boolean-value="true"'), True),
        (cell("007", 'office:value-type="string"'), "007"),
        (cell("#DIV/0!", 'office:value-type="string" calcext:value-type="error"'), ["e", "#DIV/0!"]),
        (cell("odd", 'office:value-type="float" office:value="?"'), "odd"),
        ('<table:table-cell office:value-type="string"><text:p>a<text:s text:c="2"/>b</text:p><text:p>c</text:p>'
         "</table:table-cell>", "a  b\nc"),
    ],
)  # fmt: skip
def test_a_cell_keeps_its_value_and_its_words(tmp_path: Path, written: str, expected: Cell):
    assert read_sheet(ods(tmp_path / "a.ods", table(cells(written))))["A1"] == expected


def test_what_is_written_once_for_many_is_counted(tmp_path: Path):
    body = table(
        cells(cell("a", 'office:value-type="string" table:number-columns-repeated="3"'), cell(),
              cell("b", 'office:value-type="string"'), more=' table:number-rows-repeated="2"'),
        cells(cell("", 'table:number-columns-repeated="16384"'), more=' table:number-rows-repeated="1048000"'),
        cells(cell("end", 'office:value-type="string"')),
    )  # fmt: skip
    found = read_sheet(ods(tmp_path / "a.ods", body))
    assert (found["C2"], found["E2"], found["A1048003"]) == ("a", "b", "end")
    assert (found.end.rows, found.end.columns) == (1_048_003, 5)


def test_what_the_sender_hid_is_told_and_so_are_comments_and_formulas(tmp_path: Path):
    display = '<style:table-properties table:display="false"/>'
    styles = f'<style:style style:name="ta2" style:family="table">{display}</style:style>'
    first = table(
        '<table:table-column/><table:table-column table:visibility="collapse" table:number-columns-repeated="2"/>',
        cells(cell("x", 'office:value-type="string"'), more=' table:visibility="filter"'),
        cells(
            '<table:table-cell office:value-type="float" office:value="3" table:formula="of:=SUM([.A1:.A3])" '
            'table:number-columns-spanned="2"><office:annotation><dc:creator>Clerk</dc:creator><text:p>Twice</text:p>'
            "</office:annotation><text:p>3</text:p></table:table-cell><table:covered-table-cell/>"
        ),
    )
    book = read_book(ods(tmp_path / "a.ods", first + table(name="Two", more=' table:style-name="ta2"'), styles=styles))
    sheet = book.sheets[0]
    assert (sheet.end.hidden_rows, sheet.end.hidden_columns) == ([(1, 1)], [])
    assert (sheet["A2"], sheet.formulas, sheet.end.merged) == (3, {"A2": "=SUM(A1:A3)"}, ["A2:B2"])
    assert sheet.end.comments == [(2, 1, "Clerk", "Twice")]
    assert [one.begun.hidden for one in book.sheets] == ["", "hidden"]


def test_sheets_in_shapes_and_in_the_history_are_no_sheets(tmp_path: Path):
    history = "<table:tracked-changes><text:p>old</text:p></table:tracked-changes>"
    shape = f"<table:shapes><draw:frame>{table(name='inner')}</draw:frame></table:shapes>"
    book = read_book(ods(tmp_path / "a.ods", history + table(shape, cells(cell("x", 'office:value-type="string"')))))
    assert [one.begun.name for one in book.sheets] == ["One"]
    assert book.end.facts == {"tracked_changes": True}


def test_rows_that_stand_still_and_macros_are_told(tmp_path: Path):
    config = "urn:oasis:names:tc:opendocument:xmlns:config:1.0"
    settings = (
        f'<s xmlns:config="{config}"><config:config-item-map-entry config:name="One">'
        '<config:config-item config:name="VerticalSplitMode">2</config:config-item>'
        '<config:config-item config:name="VerticalSplitPosition">1</config:config-item>'
        "</config:config-item-map-entry></s>"
    )
    parts = {"settings.xml": settings, "Basic/Standard/Module1.xml": "<x/>"}
    body = table(*[cells(cell(str(number), 'office:value-type="string"')) for number in range(3)])
    book = read_book(ods(tmp_path / "a.ods", body, parts=parts))
    assert (book.sheets[0].end.frozen_rows, book.sheets[0].end.header) == (1, 1)
    assert book.end.facts == {"macros": True}


REPEATED = 'office:value-type="float" office:value="1" table:number-columns-repeated="{}"'


@pytest.mark.parametrize(
    ("body", "more", "order", "code"),
    [
        pytest.param(table(cells(cell("1", REPEATED.format(16385)))), {}, {}, "too_many", id="a column too far"),
        pytest.param(
            table(cells(cell("1", REPEATED.format(16384)), more=' table:number-rows-repeated="1048576"')), {}, {},
            "too_many", id="seventeen billion cells in a line",
        ),
        pytest.param(
            table(cells(cell("1", REPEATED.format(1)), more=' table:number-rows-repeated="2000000000"')), {}, {},
            "too_many", id="too many rows",
        ),
        pytest.param("", {"prologue": '<!DOCTYPE x [<!ENTITY a "ha">]>'}, {}, "hostile", id="laughs"),
        pytest.param(table() * 5, {}, {"sheets": 3}, "too_many", id="too many sheets"),
        pytest.param("<table:table>" * 400, {}, {}, "hostile", id="depth without end"),
        pytest.param(
            "", {"parts": {"META-INF/manifest.xml": f"<m {ODS_SPACES}><encryption-data/></m>"}}, {}, "password",
            id="locked",
        ),
    ],
)  # fmt: skip
def test_a_file_built_to_do_harm_is_refused(
    tmp_path: Path, body: str, more: dict[str, Any], order: dict[str, int], code: str
):
    with pytest.raises(Refused) as refused:
        read_book(ods(tmp_path / "a.ods", body, **more), **order)
    assert refused.value.code == code
