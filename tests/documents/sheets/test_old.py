"""XLS by calamine: values, dates and hidden sheets; what it does not tell is said."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from requests_app.documents.readers.refusals import Refused
from requests_app.documents.readers.sheets_old import UNTOLD
from requests_app.documents.sheets import wording
from tests.documents.sheets.biff import xls
from tests.documents.sheets.made_up import read_book


def test_values_dates_and_hidden_sheets(tmp_path: Path):
    path = tmp_path / "a.xls"
    rows: list[list[object]] = [
        ["Agency", "Since", "Count", "Open"],
        ["007", date(2024, 3, 9), 12, True],
        ["x", None, 0.1],
    ]
    path.write_bytes(xls({"Counts": (0, rows), "Old": (1, [["y"]]), "Kept back": (2, [["z"]])}))
    book = read_book(path)
    assert [(one.begun.name, one.begun.hidden) for one in book.sheets] == [
        ("Counts", ""), ("Old", "hidden"), ("Kept back", "very"),
    ]  # fmt: skip
    sheet = book.sheets[0]
    assert sheet.grid[2] == ["007", ["d", "2024-03-09", "3/9/2024"], 12, True]
    assert sheet.grid[3] == ["x", None, ["n", "0.1"]]
    assert sheet.end.header == 1
    assert book.end.untold == list(UNTOLD)
    assert "comments, formulas" in wording.said_of({"untold": book.end.untold})[0]


def test_rows_and_columns_before_the_first_cell_keep_their_names(tmp_path: Path):
    path = tmp_path / "a.xls"
    path.write_bytes(xls({"One": (0, [[], [], [None, None, 5]])}))
    assert read_book(path).sheets[0]["C3"] == 5


@pytest.mark.parametrize("cut", [100, 600, 1400])
def test_a_truncated_file_is_refused(tmp_path: Path, cut: int):
    path = tmp_path / "a.xls"
    path.write_bytes(xls({"One": (0, [["x"]])})[:cut])
    with pytest.raises(Refused) as refused:
        read_book(path)
    assert refused.value.code == "damaged"
