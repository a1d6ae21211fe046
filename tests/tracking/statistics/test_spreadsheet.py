"""Files to take away: read back by other programs' readers, streamed, and never a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date

import openpyxl
import pytest

from requests_app.tracking.statistics.spreadsheet import Value, stream_csv, stream_xlsx

DANGEROUS = ("=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x.example")', "\t=1", "\r=1")
ROWS: list[list[Value]] = [
    ["Maryland", 3, 1.5, date(2026, 3, 2), None],
    ["<&>\"' ü 法\x00", 0, -2, date(2026, 1, 1), ""],
]


def sheet(rows: list[list[Value]], name: str = "Times") -> openpyxl.worksheet.worksheet.Worksheet:
    whole = b"".join(stream_xlsx(name, ["a", "b", "c", "d", "e"], rows))
    return openpyxl.load_workbook(io.BytesIO(whole)).worksheets[0]


def test_a_workbook_holds_what_was_put_in() -> None:
    read = sheet(ROWS)
    found = [[cell.value for cell in row] for row in read.iter_rows()]
    assert found[0] == ["a", "b", "c", "d", "e"]
    assert found[1] == ["Maryland", 3, 1.5, "2026-03-02", None]
    assert found[2] == ["<&>\"' ü 法", 0, -2, "2026-01-01", None]
    assert read.freeze_panes == "A2"


@pytest.mark.parametrize("text", DANGEROUS, ids=repr)
def test_no_text_becomes_a_formula(text: str) -> None:
    cell = sheet([[text, 1, 1, None, None]])["A2"]
    assert cell.data_type == "s"
    assert cell.number_format == "@"  # it stays text when somebody edits it
    assert cell.quotePrefix
    line = b"".join(stream_csv(["a"], [[text]])).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(line, newline="")))[1][0] == f"'{text}"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        pytest.param("What [it]: costs/all?", "What  it   costs all", id="signs that no sheet may have"),
        pytest.param("x" * 60, "x" * 31, id="long"),
        pytest.param("?", "Sheet1", id="nothing left"),
    ],
)
def test_a_sheet_has_a_name_that_excel_takes(name: str, shown: str) -> None:
    assert sheet(ROWS, name).title == shown


def test_both_are_written_while_the_rows_are_read() -> None:
    read = 0

    def rows() -> Iterator[list[Value]]:
        nonlocal read
        for number in range(20_000):
            read += 1
            yield ["x" * 40 + str(number * 7919 % 100_003), number]

    for stream in (stream_csv(["a", "b"], rows()), stream_xlsx("Rows", ["a", "b"], rows())):
        read, pieces, largest = 0, 0, 0
        early = None
        for piece in stream:
            pieces += 1
            largest = max(largest, len(piece))
            early = read if early is None and read else early
        assert read == 20_000
        assert early is not None
        assert early < 20_000  # a piece left before the last row was read
        assert pieces > 20
        assert largest < 300_000


def test_a_number_that_is_negative_stays_a_number() -> None:
    assert sheet([["x", -5, 0, None, None]])["B2"].value == -5
    assert b"".join(stream_csv(["a"], [[-5]])).decode("utf-8-sig") == "a\r\n-5\r\n"
