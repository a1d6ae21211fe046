"""XLSX and XLSM: values as they stand, what was hidden, commented and computed, and files built to do harm."""

from __future__ import annotations

import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.table import Table

from requests_app.documents.cells import Cell, shown_of, value_of
from requests_app.documents.readers.refusals import Refused
from requests_app.documents.readers.sheets_xlsx import moved
from tests.documents.sheets.made_up import MAIN, read_book, read_sheet, relations, saved, styles, xlsx


def row(*cells: str) -> str:
    return f"<sheetData><row r='1'>{''.join(cells)}</row></sheetData>"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        pytest.param('<c r="A1"><v>7</v></c>', 7, id="a whole number"),
        pytest.param('<c r="A1"><v>7.0</v></c>', 7, id="a whole number written with a point"),
        pytest.param('<c r="A1"><v>0.30000000000000004</v></c>', ["n", "0.30000000000000004", "0.3"], id="noise"),
        pytest.param('<c r="A1"><v>12345678901234567890</v></c>', ["n", "12345678901234567890"], id="a long number"),
        pytest.param('<c r="A1"><v>1E3</v></c>', 1000, id="with an exponent"),
        pytest.param('<c r="A1"><v>1E-300</v></c>', ["n", "1E-300"], id="a very small one"),
        pytest.param('<c r="A1" t="inlineStr"><is><t>007</t></is></c>', "007", id="leading zeros"),
        pytest.param('<c r="A1" t="inlineStr"><is><r><t>one </t></r><r><t>two</t></r></is></c>', "one two", id="parts"),
        pytest.param(
            '<c r="A1" t="inlineStr"><is><t>東京</t><rPh sb="0" eb="1"><t>ト</t></rPh></is></c>', "東京", id="phonetic"
        ),
        pytest.param('<c r="A1" t="str"><f>A2</f><v>12</v></c>', "12", id="text of a formula that looks like a number"),
        pytest.param('<c r="A1" t="inlineStr"><is><t>a_x000D_b</t></is></c>', "a\rb", id="a sign that XML cannot hold"),
        pytest.param('<c r="A1" t="b"><v>1</v></c>', True, id="true"),
        pytest.param('<c r="A1" t="e"><v>#DIV/0!</v></c>', ["e", "#DIV/0!"], id="an error"),
        pytest.param('<c r="A1" t="d"><v>2024-03-09</v></c>', ["d", "2024-03-09"], id="a day by ISO 8601"),
        pytest.param('<c r="A1" s="1"><v>60</v></c>', ["d", "1900-02-29", "2/29/1900"], id="the day that never was"),
        pytest.param('<c r="A1" s="1"><v>61</v></c>', ["d", "1900-03-01", "3/1/1900"], id="the day after"),
        pytest.param('<c r="A1" s="1"><v>-3</v></c>', ["n", "-3"], id="no day"),
        pytest.param('<c r="A1" s="2"><v>1.5</v></c>', ["u", "36:00:00"], id="a length of time"),
        pytest.param('<c r="A1" s="3"><v>0.25</v></c>', ["t", "06:00:00", "6:00 AM"], id="a time of day"),
        pytest.param('<c r="A1"><v>not a number</v></c>', "not a number", id="not what it says"),
        pytest.param("<c><v>3</v></c>", 3, id="without its name"),
        pytest.param('<c r="A1" s="99"><v>3</v></c>', 3, id="a style that is not there"),
    ],
)
def test_a_cell_is_what_stands_in_the_file(tmp_path: Path, cell: str, expected: Cell):
    parts = {"xl/styles.xml": styles("m/d/yyyy", "[h]:mm:ss", "h:mm AM/PM")}
    assert read_sheet(xlsx(tmp_path / "a.xlsx", row(cell), parts=parts))["A1"] == expected


def test_days_are_counted_from_1904_where_the_file_says_so(tmp_path: Path):
    book = Workbook()
    book.epoch = CALENDAR_MAC_1904
    book.active["A1"] = date(2024, 3, 9)
    found = read_book(saved(book, tmp_path / "mac.xlsx"))
    assert value_of(found.sheets[0]["A1"]) == "2024-03-09"
    assert found.end.facts == {"from_1904": True}


def test_what_the_sender_hid_is_told(tmp_path: Path):
    book = Workbook()
    sheet = book.active
    for number in range(1, 8):
        sheet.append([number, f"name {number}", number * 2])
    sheet.row_dimensions[3].hidden = sheet.row_dimensions[4].hidden = sheet.row_dimensions[6].hidden = True
    sheet.column_dimensions["B"].hidden = True
    book.create_sheet("Working").sheet_state = "hidden"
    book.create_sheet("Secret").sheet_state = "veryHidden"
    found = read_book(saved(book, tmp_path / "a.xlsx"))
    assert [(one.begun.name, one.begun.hidden) for one in found.sheets] == [
        ("Sheet", ""), ("Working", "hidden"), ("Secret", "very"),
    ]  # fmt: skip
    assert found.sheets[0].end.hidden_rows == [(3, 4), (6, 6)]
    assert found.sheets[0].end.hidden_columns == [(2, 2)]


def test_comments_formulas_merged_cells_and_frozen_rows_are_told(tmp_path: Path):
    book = Workbook()
    sheet = book.active
    sheet.append(["Month", "Count", "Double"])
    sheet.append(["January", 4, "=B2*2"])
    sheet["B2"].comment = Comment("Counted twice", "Clerk")
    sheet.merge_cells("D1:E2")
    sheet.freeze_panes = "B2"
    found = read_sheet(saved(book, tmp_path / "a.xlsx"))
    assert found.formulas == {"C2": "=B2*2"}
    assert found.end.comments == [(2, 2, "Clerk", "Counted twice")]
    assert found.end.merged == ["D1:E2"]
    assert (found.end.frozen_rows, found.end.frozen_columns, found.end.header) == (1, 1, 1)


def test_a_talk_beside_a_cell_takes_the_place_of_its_older_form(tmp_path: Path):
    talk = "http://schemas.microsoft.com/office/2017/10/relationships/threadedComment"
    rels = (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="a" Type="{talk}" Target="../threadedComments/t.xml"/>'
        f'<Relationship Id="b" Type="x/comments" Target="../comments1.xml"/></Relationships>'
    )
    parts = {
        "xl/worksheets/_rels/sheet1.xml.rels": rels,
        "xl/comments1.xml": f'<comments xmlns="{MAIN}"><authors><author>tc=1</author></authors><commentList>'
        '<comment ref="A1" authorId="0"><text><t>[Threaded comment] Your version…</t></text></comment>'
        '<comment ref="A2" authorId="0"><text><t>plain</t></text></comment></commentList></comments>',
        "xl/threadedComments/t.xml": '<ThreadedComments><threadedComment ref="A1" personId="p"><text>Is this right?'
        '</text></threadedComment><threadedComment ref="A1" personId="q"><text>Yes.</text></threadedComment>'
        "</ThreadedComments>",
        "xl/persons/person.xml": '<personList><person id="p" displayName="Ann"/>'
        '<person id="q" displayName="Bo"/></personList>',
    }
    found = read_sheet(xlsx(tmp_path / "a.xlsx", row('<c r="A1"><v>1</v></c>'), parts=parts))
    assert [(said[2], said[3]) for said in found.end.comments] == [
        ("Ann", "Is this right?"), ("Bo", "Yes."), ("tc=1", "plain"),
    ]  # fmt: skip


def test_a_formula_that_cells_share_is_written_out(tmp_path: Path):
    body = (
        '<sheetData><row r="1"><c r="B1"><f t="shared" ref="B1:B3" si="0">A1*$C$1</f><v>1</v></c></row>'
        '<row r="2"><c r="B2"><f t="shared" si="0"/><v>2</v></c></row></sheetData>'
    )
    assert read_sheet(xlsx(tmp_path / "a.xlsx", body)).formulas == {"B1": "=A1*$C$1", "B2": "=A2*$C$1"}


@pytest.mark.parametrize(
    ("formula", "rows", "columns", "expected"),
    [
        ("A1+$A1+A$1", 1, 1, "B2+$A2+B$1"),
        ('A1&"A1"', 1, 0, 'A2&"A1"'),
        ("LOG10(A1)", 1, 0, "LOG10(A2)"),
        ("'Sheet A1'!B2", 1, 0, "'Sheet A1'!B3"),
        ("A1", -1, 0, "#REF!"),
        ("SUM(A1:B2)", 2, 0, "SUM(A3:B4)"),
        ("Rate2024*A1", 1, 0, "Rate2024*A2"),
    ],
)
def test_a_formula_moves_along(formula: str, rows: int, columns: int, expected: str):
    assert moved(formula, rows, columns) == expected


def test_the_header_of_a_table_is_the_header(tmp_path: Path):
    book = Workbook()
    sheet = book.active
    for line in (["Report of 2024"], [2024, "x"], ["Year", "Count"], [2023, 4], [2024, 5]):
        sheet.append(line)
    sheet.add_table(Table(displayName="counts", ref="A3:B5"))
    sheet["A3"], sheet["B3"] = "Year", "Count"
    found = read_sheet(saved(book, tmp_path / "a.xlsx"))
    assert found.end.header == 3
    assert [column["filled"] for column in found.end.profile] == [2, 2]


def test_macros_links_and_other_things_that_matter_are_told(tmp_path: Path):
    outside = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
        'Type="x/externalLinkPath" Target="file:///C:/budget.xlsx" TargetMode="External"/></Relationships>'
    )
    parts = {
        "xl/vbaProject.bin": "x", "xl/activeX/activeX1.xml": "<x/>", "xl/embeddings/a.docx": "x",
        "xl/connections.xml": "<x/>", "xl/revisions/revisionLog1.xml": "<x/>",
        "xl/pivotCache/pivotCacheRecords1.xml": "<x/>", "xl/externalLinks/_rels/externalLink1.xml.rels": outside,
    }  # fmt: skip
    assert read_book(xlsx(tmp_path / "a.xlsm", row(), parts=parts)).end.facts == {
        "macros": True, "active_content": True, "embedded": 1, "connections": True, "tracked_changes": True,
        "pivot_caches": 1, "outside_links": ["file:///C:/budget.xlsx"],
    }  # fmt: skip


def test_rows_far_apart_cost_nothing(tmp_path: Path):
    last = '<row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    body = f'<sheetData><row r="1"><c r="A1"><v>1</v></c></row>{last}</sheetData>'
    found = read_sheet(xlsx(tmp_path / "a.xlsx", body))
    assert (found.end.rows, found.end.columns, found.end.cells) == (1_048_576, 16_384, 2)
    assert found["XFD1048576"] == 2


BOMB = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'


@pytest.mark.parametrize(
    ("body", "more", "order", "code"),
    [
        pytest.param(row(), {"prologue": BOMB}, {}, "hostile", id="laughs without end"),
        pytest.param("<a>" * 50, {}, {}, "damaged", id="not XML"),
        pytest.param(row('<c r="A1" t="s"><v>5</v></c>'), {}, {}, "damaged", id="a text that is not there"),
        pytest.param(row('<c r="XFE1"><v>1</v></c>'), {}, {}, "too_many", id="a column too far"),
        pytest.param('<sheetData><row r="1048577"/></sheetData>', {}, {}, "too_many", id="a row too far"),
        pytest.param(row('<c r="B1"><v>1</v></c><c r="A1"><v>1</v></c>'), {}, {}, "damaged", id="backwards"),
        pytest.param(
            '<sheetData><row r="2"><c><v>1</v></c></row><row r="1"><c><v>1</v></c></row></sheetData>',
            {}, {}, "damaged", id="rows backwards",
        ),
        pytest.param(row(*["<c><v>1</v></c>"] * 20), {}, {"cells": 10}, "too_many", id="too many cells"),
        pytest.param(" " * 5_000_000, {}, {"unpacked": 1_000_000}, "too_large", id="a zip bomb"),
        pytest.param(
            row(), {"parts": {"xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{"<si><t>x</t></si>" * 50}</sst>'}},
            {"strings": 10}, "too_large", id="too many texts",
        ),
        pytest.param(
            row(), {"parts": {"xl/sharedStrings.xml": f'<sst xmlns="{MAIN}"><si><t>{"x" * 5000}</t></si></sst>'}},
            {"characters": 1000}, "too_large", id="texts too long",
        ),
        pytest.param(
            row(), {"parts": {"xl/styles.xml": "<a>" * 300 + "</a>" * 300}}, {}, "hostile", id="depth without end"
        ),
    ],
)  # fmt: skip
def test_a_file_built_to_do_harm_is_refused(
    tmp_path: Path, body: str, more: dict[str, Any], order: dict[str, int], code: str
):
    with pytest.raises(Refused) as refused:
        read_book(xlsx(tmp_path / "a.xlsx", body, **more), **order)
    assert refused.value.code == code


def test_a_truncated_file_is_refused(tmp_path: Path):
    path = xlsx(tmp_path / "a.xlsx", row('<c r="A1"><v>1</v></c>'))
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(Refused) as refused:
        read_book(path)
    assert refused.value.code == "damaged"


def test_a_broken_part_is_refused(tmp_path: Path):
    path = tmp_path / "a.xlsx"
    xlsx(path, row('<c r="A1"><v>1</v></c>' * 1))
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as package:
        place = package.getinfo("xl/worksheets/sheet1.xml").header_offset + 60
    content[place : place + 8] = b"\xff" * 8
    path.write_bytes(bytes(content))
    with pytest.raises(Refused) as refused:
        read_book(path)
    assert refused.value.code == "damaged"


def test_a_locked_file_asks_for_its_password(tmp_path: Path):
    path = tmp_path / "a.xlsx"
    name = "EncryptedPackage".encode("utf-16-le")
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000) + name + bytes(2000))
    with pytest.raises(Refused) as refused:
        read_book(path)
    assert refused.value.code == "password"


def test_reading_goes_on_behind_a_sheet(tmp_path: Path):
    book = Workbook()
    book.create_sheet("Two")["A1"] = 2
    found = read_book(saved(book, tmp_path / "a.xlsx"), after=1)
    assert [(one.begun.number, one["A1"]) for one in found.sheets] == [(2, 2)]
    assert found.end.sheets == 2


def test_names_with_prefixes_and_of_the_strict_kind_are_read(tmp_path: Path):
    path = tmp_path / "a.xlsx"
    strict = "http://purl.oclc.org/ooxml/spreadsheetml/main"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("_rels/.rels", relations(("officeDocument", "/xl/workbook.xml")))
        package.writestr(
            "xl/workbook.xml",
            f'<x:workbook xmlns:x="{strict}" xmlns:q="http://purl.oclc.org/ooxml/officeDocument/relationships">'
            '<x:sheets><x:sheet name="One" q:id="r1"/></x:sheets></x:workbook>',
        )
        package.writestr("xl/_rels/workbook.xml.rels", relations(("worksheet", "/XL/s.xml")))
        package.writestr(
            "xl/s.xml",
            f'<x:worksheet xmlns:x="{strict}"><x:sheetData><x:row><x:c><x:v>5</x:v></x:c></x:row></x:sheetData>'
            "</x:worksheet>",
        )
    assert read_sheet(path)["A1"] == 5


def plain_texts() -> st.SearchStrategy[str]:
    return st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Co", "Cn"]), min_size=1, max_size=40)


VALUES = st.one_of(
    plain_texts().filter(lambda text: not text.startswith("=") and text.strip() == text),
    st.integers(-(10**14), 10**14),
    st.booleans(),
    st.dates(date(1900, 3, 1), date(9999, 12, 30)),
    st.datetimes(datetime(1901, 1, 1), datetime(9999, 12, 30)).map(lambda when: when.replace(microsecond=0)),  # noqa: DTZ001
    st.times().map(lambda when: when.replace(microsecond=0, tzinfo=None)),
    st.integers(0, 10**6).map(lambda seconds: timedelta(seconds=seconds)),
    st.floats(-1e12, 1e12, allow_nan=False).map(lambda value: float(f"{value:.15g}")),
    st.none(),
)


def expected_of(value: Any) -> tuple[type, Any]:
    """Return a value as a cell keeps it."""
    if isinstance(value, datetime):
        return str, value.isoformat()
    if isinstance(value, date | time):
        return str, value.isoformat()
    if isinstance(value, timedelta):
        seconds = int(value.total_seconds())
        return str, f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return type(value), value


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(VALUES, min_size=1, max_size=12))
def test_what_openpyxl_writes_is_read_back(tmp_path: Path, values: list[Any]):
    book = Workbook()
    for column, value in enumerate(values, 1):
        cell = book.active.cell(1, column, value)
        if isinstance(value, str):
            cell.data_type = "s"  # a text that looks like an error is a text
    found = read_sheet(saved(book, tmp_path / "a.xlsx"))
    for column, value in enumerate(values):
        cell = found.grid[1][column] if found.grid and column < len(found.grid[1]) else None
        if value is None:
            assert cell is None
        elif isinstance(value, bool):
            assert cell is value
        elif isinstance(value, int | float):
            assert float(value_of(cell)) == float(value)
            assert "00000001" not in shown_of(cell) or "00000001" in f"{value:.15f}"
        else:
            assert value_of(cell) == expected_of(value)[1]


ODD = (
    '<c r="A{row}" t="inlineStr"><is><t>a &amp; b</t></is></c>',
    '<c t="str" r="A{row}"><v>other order</v></c>',
    '<c r="A{row}"><f>A1&amp;B1</f><v>3</v></c>',
    '<c r="A{row}" t="str"><v>é</v></c>',
    "<c\n r='A{row}'><v>9</v></c>",
)
PLAIN = (
    '<c r="A{row}" s="1"><v>45360</v></c>',
    '<c r="B{row}"><v>12</v></c>',
    '<c r="C{row}"><f>SUM(A1:A2)</f><v>1.5</v></c>',
    '<c r="D{row}"/>',
    '<c r="E{row}" t="b"><v>1</v></c>',
    '<c r="F{row}"><f>A1</f></c>',
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(st.booleans(), st.lists(st.sampled_from(PLAIN), unique=True), st.sampled_from(ODD)), max_size=12
    ),
    size=st.integers(1, 400),
)
def test_plain_rows_are_taken_as_the_parser_takes_them(tmp_path: Path, rows: list[Any], size: int):
    """The quick way and the parser's way give the same, wherever the pieces of the file end."""
    written = []
    for number, (is_odd, inner, odd) in enumerate(rows, 2):
        cells = [odd, *(cell for cell in inner if "A{row}" not in cell)] if is_odd else inner
        kept = "".join(sorted(cells, key=lambda cell: cell[cell.index("{row}") - 1])).replace("{row}", str(number))
        written.append(f'<row r="{number}"{" hidden=" + chr(34) + "1" + chr(34) if is_odd else ""}>{kept}</row>\n')
    parts = {"xl/styles.xml": styles("m/d/yyyy")}
    quick = xlsx(tmp_path / "quick.xlsx", f"<sheetData>{''.join(written)}</sheetData>", parts=parts)
    slow = xlsx(tmp_path / "slow.xlsx", f"<!-- --><sheetData>{''.join(written)}</sheetData>", parts=parts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("requests_app.documents.readers.sheets_parts.CHUNK", size)
        found, expected = read_sheet(quick), read_sheet(slow)
    assert (found.grid, found.formulas) == (expected.grid, expected.formulas)
    assert msgspec.structs.replace(found.end, share=1) == msgspec.structs.replace(expected.end, share=1)


def test_rows_in_a_comment_are_none(tmp_path: Path):
    body = (
        '<sheetData><!-- <row r="1"><c r="A1"><v>1</v></c></row> --><row r="2"><c r="A2"><v>2</v></c></row></sheetData>'
    )
    assert read_sheet(xlsx(tmp_path / "a.xlsx", body)).grid == {1: [], 2: [2]}
