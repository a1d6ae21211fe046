"""XLS and XLSB by calamine: values, dates and hidden sheets; what it does not tell is said."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from msoffcrypto.format.ooxml import OOXMLFile

from requests_app.documents.readers.refusals import Refused
from requests_app.documents.readers.sheets_old import UNTOLD
from requests_app.documents.sheets import wording
from tests.documents.sheets.biff import xls
from tests.documents.sheets.made_up import read_book
from tests.documents.sheets.test_step import workbook
from tests.documents.sheets.xlsb import xlsb

Make = Callable[[dict[str, tuple[int, list[list[object]]]]], bytes]
FORMS = pytest.mark.parametrize("make", [pytest.param(xls, id="XLS"), pytest.param(xlsb, id="XLSB")])


def locked(content: bytes, password: str) -> bytes:
    """Return an office file that opens with a password."""
    out = io.BytesIO()
    OOXMLFile(io.BytesIO(content)).encrypt(password, out)
    return out.getvalue()


@FORMS
def test_values_dates_and_hidden_sheets(tmp_path: Path, make: Make):
    path = tmp_path / "a"
    rows: list[list[object]] = [
        ["Agency", "Since", "Count", "Open"],
        ["007", date(2024, 3, 9), 12, True],
        ["x", None, 0.1],
    ]
    path.write_bytes(make({"Counts": (0, rows), "Old": (1, [["y"]]), "Kept back": (2, [["z"]])}))
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


@FORMS
def test_rows_and_columns_before_the_first_cell_keep_their_names(tmp_path: Path, make: Make):
    path = tmp_path / "a"
    path.write_bytes(make({"One": (0, [[], [], [None, None, 5]])}))
    assert read_book(path).sheets[0]["C3"] == 5


@FORMS
@pytest.mark.parametrize("cut", [100, 600, 1400])
def test_a_truncated_file_is_refused(tmp_path: Path, make: Make, cut: int):
    path = tmp_path / "a"
    path.write_bytes(make({"One": (0, [["x"]])})[:cut])
    with pytest.raises(Refused) as refused:
        read_book(path)
    assert refused.value.code == "damaged"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(workbook(5), id="XLSX"),
        pytest.param(
            xlsb({"Counts": (0, [["Agency", "Count"], *([f"Agency {n}", n / 7] for n in range(1, 500))])}), id="XLSB"
        ),
    ],
)
def test_a_locked_file_is_read_with_the_password_that_fits(tmp_path: Path, content: bytes):
    path = tmp_path / "locked"
    path.write_bytes(locked(content, "Zulu-4-records"))
    for tried in ((), ("wrong",)):
        with pytest.raises(Refused) as refused:
            read_book(path, passwords=tried)
        assert refused.value.code == "password"
    assert read_book(path, passwords=("wrong", "Zulu-4-records")).sheets[0]["A2"] == "Agency 1"


def test_a_file_that_is_only_guarded_against_changes_asks_nobody(tmp_path: Path):
    path = tmp_path / "guarded.xlsx"
    path.write_bytes(locked(workbook(5), "VelvetSweatshop"))
    assert read_book(path).sheets[0]["A2"] == "Agency 1"
