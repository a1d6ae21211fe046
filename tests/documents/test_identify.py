"""A file is what its content says."""

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from requests_app.documents.identify import KINDS, NotKept, identify


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
    with pytest.raises(NotKept, match="program"):
        identify(file, name)


@settings(max_examples=60)
@given(content=st.binary(min_size=1, max_size=600), name=st.text(max_size=20))
def test_no_bytes_break_it(tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str) -> None:
    file = tmp_path_factory.getbasetemp() / "any"
    file.write_bytes(content)
    try:
        assert identify(file, name).kind in KINDS
    except NotKept:
        pass
