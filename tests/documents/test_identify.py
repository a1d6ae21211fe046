"""A file is what its content says."""

import contextlib
import io
import struct
import zipfile
from pathlib import Path
from unittest.mock import patch

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from requests_app.documents.identify import KIND_LABELS, KINDS, LONGEST_LIST, NotKept, identify


def _xlsx() -> bytes:
    out = io.BytesIO()
    openpyxl.Workbook().save(out)
    return out.getvalue()


def _zip(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


MAIL = (
    b"Received: from a by b\r\nFrom: clerk@agency.example\r\nMessage-ID: <1@agency.example>\r\nSubject: x\r\n\r\nHello"
)


@pytest.mark.parametrize(
    ("content", "name", "kind", "remarks"),
    [
        pytest.param(b"%PDF-1.7\n...", "letter.pdf", "pdf", 0, id="pdf"),
        pytest.param(b"rubbish first\n%PDF-1.4", "letter.pdf", "pdf", 0, id="pdf-after-rubbish"),
        pytest.param(_xlsx(), "counts.xlsx", "spreadsheet", 0, id="xlsx"),
        pytest.param(_xlsx(), "counts.pdf", "spreadsheet", 1, id="xlsx-that-says-pdf"),
        pytest.param(_zip(mimetype=b"application/vnd.oasis.opendocument.text"), "a.odt", "text document", 0, id="odt"),
        pytest.param(_zip(readme=b"hi"), "all.zip", "archive", 0, id="zip"),
        pytest.param(b"PK\x03\x04 broken", "all.zip", "archive", 0, id="broken-zip"),
        pytest.param(b"month,count\n2025-01,12\n", "counts.csv", "spreadsheet", 0, id="csv"),
        pytest.param("mois;nombre\nété;3\n".encode("latin-1"), "counts.csv", "spreadsheet", 0, id="csv-latin-1"),
        pytest.param(MAIL, "reply.eml", "e-mail", 0, id="eml"),
        pytest.param(MAIL, "reply", "e-mail", 1, id="mail-without-ending"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old.xls", "spreadsheet", 0, id="xls"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "scan.png", "image", 0, id="png"),
        pytest.param(b"<!DOCTYPE html><script>alert(1)</script>", "page.html", "web page", 0, id="html"),
        pytest.param(b"{\\rtf1 hello}", "memo.rtf", "text document", 0, id="rtf"),
        pytest.param(
            b"MZRS report, 2025\nmonth;count\n", "counts.txt", "text", 0, id="text-that-begins-like-a-program"
        ),
        pytest.param(_zip(**{"all/counts.xlsx": _xlsx()}), "all.zip", "archive", 0, id="zip-that-holds-a-sheet"),
        pytest.param(b"\x00\x01\x02\x03" * 40, "thing.bin", "other", 1, id="unknown-is-kept"),
    ],
)
def test_the_kind_comes_from_the_content(tmp_path: Path, content: bytes, name: str, kind: str, remarks: int) -> None:
    file = tmp_path / "blob"
    file.write_bytes(content)
    identity = identify(file, name)
    assert identity.kind == kind
    assert len(identity.remarks) == remarks


@pytest.mark.parametrize(
    ("content", "name"),
    [
        pytest.param(b"MZ\x90\x00", "setup.exe", id="windows-program"),
        pytest.param(b"MZ\x90\x00", "letter.pdf", id="program-that-says-pdf"),
        pytest.param(b"\x7fELF\x02", "tool", id="linux-program"),
        pytest.param(b"#!/bin/sh\nrm -rf /\n", "read.txt", id="script"),
        pytest.param(b"WScript.Echo 1", "invoice.pdf.vbs", id="script-by-ending"),
    ],
)
def test_a_program_is_refused(tmp_path: Path, content: bytes, name: str) -> None:
    file = tmp_path / "blob"
    file.write_bytes(content)
    with pytest.raises(NotKept, match="a program"):
        identify(file, name)


@settings(max_examples=60)
@given(content=st.binary(min_size=1, max_size=600), name=st.text(max_size=20))
def test_no_bytes_break_it(tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str) -> None:
    file = tmp_path_factory.getbasetemp() / "any"
    file.write_bytes(content)
    with contextlib.suppress(NotKept):
        assert identify(file, name).kind in KINDS


def test_a_list_of_millions_of_entries_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "blob"
    entry = b"PK\x01\x02" + b"\x00" * 42
    entries = entry * (LONGEST_LIST // len(entry) + 10)
    end = b"PK\x05\x06" + b"\x00" * 4 + b"\xff\xff" * 2 + struct.pack("<II", len(entries), 30) + b"\x00\x00"
    file.write_bytes(b"PK\x03\x04" + b"\x00" * 26 + entries + end)
    assert len(zipfile.ZipFile(file).infolist()) > 40_000, "a list that Python would read"
    with patch.object(zipfile, "ZipFile") as opened:
        assert identify(file, "all.zip").kind == "archive"
    opened.assert_not_called()


def test_a_packed_mimetype_is_not_unpacked(tmp_path: Path) -> None:
    file = tmp_path / "blob"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
    assert identify(file, "a.odt").kind == "archive"


def test_a_zip_with_a_comment_is_still_looked_into(tmp_path: Path) -> None:
    file = tmp_path / "blob"
    file.write_bytes(_xlsx())
    with zipfile.ZipFile(file, "a") as archive:
        archive.comment = b"made by the records office"
    assert identify(file, "a.xlsx").kind == "spreadsheet"


def test_every_kind_has_a_label() -> None:
    assert KIND_LABELS.keys() == KINDS.keys()
