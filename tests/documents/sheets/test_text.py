"""CSV and its like: what was assumed is told, and nothing is made of a text."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from requests_app.documents.readers.refusals import Refused
from tests.documents.sheets.made_up import ReadBook, read_book, read_sheet

PLAIN = "Agency,Month,Count\nNorth Division,2024-01,00012\nSouth Division,2024-02,00340\n"


def book_of(tmp_path: Path, content: bytes) -> ReadBook:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    return read_book(path)


@pytest.mark.parametrize(
    ("content", "charset", "known_by"),
    [
        pytest.param(PLAIN.encode(), "utf-8", "bytes", id="plain"),
        pytest.param(b"\xef\xbb\xbf" + PLAIN.encode(), "utf-8", "mark", id="UTF-8 with a mark"),
        pytest.param(PLAIN.encode("utf-16"), "utf-16", "mark", id="UTF-16 with a mark"),
        pytest.param(PLAIN.encode("utf-16-le"), "utf-16-le", "bytes", id="UTF-16 without"),
        pytest.param(PLAIN.encode("utf-16-be"), "utf-16-be", "bytes", id="UTF-16 the other way round"),
        pytest.param(PLAIN.encode("utf-32"), "utf-32", "mark", id="UTF-32"),
    ],
)
def test_the_charset_is_found(tmp_path: Path, content: bytes, charset: str, known_by: str):
    book = book_of(tmp_path, content)
    assert book.sheets[0]["A2"] == "North Division"
    assert book.sheets[0]["C2"] == "00012", "leading zeros stay"
    assert (book.end.facts["charset"], book.end.facts["charset_by"]) == (charset, known_by)
    assert book.sheets[0].end.header == 1


@pytest.mark.parametrize("charset", ["cp1252", "mac_roman", "cp437"])
def test_a_charset_of_one_byte_is_guessed_and_said_to_be(tmp_path: Path, charset: str):
    words = "Name,Note\nPeña,café señor\nMuñoz,Doña Inés\nGarcía,niño\n"
    book = book_of(tmp_path, words.encode(charset))
    assert book.sheets[0]["A2"] == "Peña"
    assert (book.end.facts["charset"], book.end.facts["charset_by"]) == (charset, "guess")


def test_windows_quotes_and_dashes_are_read(tmp_path: Path):
    book = book_of(tmp_path, "Note,Range\nthe clerk’s “list”,1–5\n".encode("cp1252"))
    assert book.sheets[0]["A2"] == "the clerk’s “list”"


def test_a_few_broken_signs_are_counted(tmp_path: Path):
    book = book_of(tmp_path, "é,ñ\né,ü\né,ö\né,ß\n".encode() + b"a,\xff\n")
    assert (book.end.facts["charset"], book.end.facts["broken_signs"]) == ("utf-8", 1)


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|", "~", "^", "\x1f"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str):
    rows = [["Agency", "Month", "Count"], ["North, Division", "2024/01", "1,234.50"], ["South; Division", "x", "2"]]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    book = book_of(tmp_path, out.getvalue().encode())
    assert book.end.facts["delimiter"] == delimiter
    assert [book.sheets[0].grid[number] for number in (1, 2, 3)] == rows


def test_a_first_line_may_name_the_delimiter(tmp_path: Path):
    book = book_of(tmp_path, b"sep=;\r\na;b\r\n1,5;2\r\n")
    assert book.sheets[0].grid[1] == ["a", "b"]
    assert book.end.facts["first_line_says_so"] is True


def test_one_column_is_one_column(tmp_path: Path):
    assert book_of(tmp_path, b"Name\nAnn\nBo\n").sheets[0].end.columns == 1


def test_newlines_and_quotes_inside_of_a_cell_stay(tmp_path: Path):
    book = book_of(tmp_path, b'a,b\n"two\nlines","she said ""no"""\nx,y\n')
    assert (book.sheets[0]["A2"], book.sheets[0]["B2"], book.sheets[0]["A3"]) == ("two\nlines", 'she said "no"', "x")


def test_rows_of_other_lengths_are_kept_and_counted(tmp_path: Path):
    book = book_of(tmp_path, b"a,b,c\n1,2,3\n4,5\n6,7,8,9\n1,2,3\n")
    assert book.sheets[0]["D4"] == "9"
    assert (book.end.facts["ragged"], book.end.facts["fields"]) == (2, 3)


def test_a_quote_that_is_never_closed_swallows_nothing(tmp_path: Path):
    book = book_of(tmp_path, b'a,b\n"open,2\n3,4\n5,6\n')
    assert book.end.facts["open_quote"] is True
    assert book.sheets[0]["A4"] == "5"


def test_a_file_that_ends_in_the_middle_says_so(tmp_path: Path):
    assert book_of(tmp_path, b"a,b,c\n1,2,3\n4,5").end.facts["maybe_cut_off"] is True


def test_blank_lines_keep_the_numbers_of_rows(tmp_path: Path):
    assert book_of(tmp_path, b"a,b\n\n1,2\n").sheets[0]["A3"] == "1"


def test_a_long_text_is_cut_and_said_to_be(tmp_path: Path):
    sheet = book_of(tmp_path, b"a,b\n1," + b"x" * 40_000 + b"\n").sheets[0]
    assert (len(str(sheet["B2"])), sheet.end.is_cut) == (32_767, True)


@pytest.mark.parametrize(
    ("content", "order", "code"),
    [
        (b"   \n \n", {}, "damaged"),
        (b"a,b\n" * 20, {"rows": 10}, "too_many"),
        (b"a,b,c,d\n", {"columns": 3}, "too_many"),
        (b"a,b\n" * 20, {"cells": 10}, "too_many"),
    ],
)
def test_what_is_none_or_too_much_is_refused(tmp_path: Path, content: bytes, order: dict[str, int], code: str):
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(Refused) as refused:
        read_book(path, **order)
    assert refused.value.code == code


FIELDS = st.text(st.characters(codec="utf-8", exclude_characters="\x00\ufeff\t;|~^\x1f\x01\\"), max_size=20)
ROWS = st.lists(st.lists(FIELDS, min_size=2, max_size=5), min_size=1, max_size=8)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
def test_what_python_writes_is_read_back(tmp_path: Path, rows: list[list[str]]):
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([["first", "second"], *rows])
    path = tmp_path / "a.csv"
    path.write_bytes(b"\xef\xbb\xbf" + out.getvalue().encode())
    sheet = read_sheet(path)
    for number, row in enumerate(rows, 2):
        found = sheet.grid.get(number, [])
        assert [text or None for text in row] == [*found, *[None] * (len(row) - len(found))]
