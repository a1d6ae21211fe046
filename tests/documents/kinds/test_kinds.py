"""Each form that agencies send is known by its bytes, whatever it is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from requests_app.documents.identify import KINDS, NotKept, identify, recognise
from tests.correspondence.parsing.builders import saved_message
from tests.documents.kinds import making

FTYP = b"\x00\x00\x00\x18ftyp%s\x00\x00\x00\x00"
LETTER = b"Dear clerk, thank you, once more.\nWe ask, again, for it.\n" * 3
TABLE = b"month;count\n" + b"2026-05;12\n" * 6


@pytest.mark.parametrize(
    ("content", "kind", "media_type"),
    [
        pytest.param(b"II*\x00" + bytes(20), "image", "image/tiff", id="tiff"),
        pytest.param(b"\xff\xd8\xff\xe0" + bytes(20), "image", "image/jpeg", id="jpeg"),
        pytest.param(FTYP % b"heic", "image", "image/heic", id="heic"),
        pytest.param(b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image", "image/webp", id="webp"),
        pytest.param(making.word("x"), "text document", None, id="docx"),
        pytest.param(making.slides(), "slides", None, id="pptx"),
        pytest.param(making.open_document("<text:p/>"), "text document", None, id="odt"),
        pytest.param(making.with_parts(making.word("x"), {"word/vbaProject.bin": b"x"}), "text document",
                     "application/vnd.ms-word.document.macroEnabled.12", id="docm"),
        pytest.param(rb"{\rtf1 x}", "text document", "application/rtf", id="rtf"),
        pytest.param(saved_message(), "e-mail", "application/vnd.ms-outlook", id="msg"),
        pytest.param(making.mail(), "e-mail", "message/rfc822", id="eml"),
        pytest.param(making.mbox(making.mail()), "e-mail", "application/mbox", id="mbox"),
        pytest.param(b"!BDN" + bytes(600), "e-mail", "application/vnd.ms-outlook-pst", id="pst"),
        pytest.param(TABLE, "spreadsheet", "text/csv", id="csv"),
        pytest.param(TABLE.replace(b";", b"\t"), "spreadsheet", "text/tab-separated-values", id="tsv"),
        pytest.param(b"<html><body>x</body></html>", "web page", "text/html", id="html"),
        pytest.param(making.seven({"a": b"1"}), "archive", "application/x-7z-compressed", id="7z"),
        pytest.param(making.tarred({"a": b"1"}), "archive", "application/x-tar", id="tar"),
        pytest.param(making.tarred({"a": b"1"}, mode="w:xz"), "archive", "application/x-xz", id="tar.xz"),
        pytest.param(b"ID3\x03" + bytes(20), "recording", "audio/mpeg", id="mp3"),
        pytest.param(FTYP % b"isom", "recording", "video/mp4", id="mp4"),
        pytest.param(FTYP % b"qt  ", "recording", "video/quicktime", id="mov"),
        pytest.param(b"#!AMR\n" + bytes(20), "recording", "audio/amr", id="amr-is-no-script"),
        pytest.param(LETTER, "text", "text/plain", id="letter-with-as-many-commas-in-each-line"),
        pytest.param("Counts of May\n".encode("utf-16-le"), "text", "text/plain", id="utf-16-without-mark"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["record", "record.pdf"], ids=["no-ending", "renamed"])
def test_each_form_is_known_by_its_bytes(
    tmp_path: Path, content: bytes, kind: str, media_type: str | None, name: str
) -> None:
    path = tmp_path / "blob"
    path.write_bytes(content)
    identity = identify(path, name)
    assert identity.kind == kind
    assert media_type is None or identity.media_type == media_type
    assert identity.remarks, "a name that does not tell, or lies, is remarked upon"


def test_a_locked_office_file_is_said_to_be_locked(tmp_path: Path) -> None:
    path = tmp_path / "blob"
    path.write_bytes(making.locked_word())
    assert identify(path, "agreement.docx").kind == "text document"
    assert any("password" in remark for remark in identify(path, "agreement.docx").remarks)


def test_a_program_is_refused_at_the_door_and_recognised_inside(tmp_path: Path) -> None:
    path = tmp_path / "blob"
    path.write_bytes(making.PE)
    assert recognise(path, "setup.pdf").kind == "program"
    with pytest.raises(NotKept):
        identify(path, "setup.pdf")


@pytest.mark.parametrize("content", [making.locked_word(), saved_message()], ids=["locked-word", "msg"])
def test_a_compound_file_cut_anywhere_is_still_told_or_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "blob"
    for share in range(1, 20):
        path.write_bytes(content[: len(content) * share // 20])
        assert recognise(path, "file.msg").kind in KINDS
