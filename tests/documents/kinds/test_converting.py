"""Office files become pages through LibreOffice; what cannot is kept, and its words are taken out all the same."""

from __future__ import annotations

import time
import wave
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from requests_app.documents.derived import Derived
from requests_app.documents.models import Document, Passage, Step
from requests_app.documents.readers import office, text, web
from requests_app.documents.readers.refusals import Refused
from tests.documents.kinds import making
from tests.documents.kinds.conftest import Keep, read_everything, step_of

pytestmark = [pytest.mark.django_db, pytest.mark.processes]

State = Step.State
RTF = rb"{\rtf1\ansi\ansicpg1252{\fonttbl\f0 Times;}{\info{\author P. Dorsey}}\f0 Caf\'e9 \u8364?5\par Second}"
ODT = "<text:h>Heading</text:h><text:p>The first count<text:tab/>12</text:p>"


def words(document: Document) -> str:
    rows = Passage.objects.filter(blob=document.blob_id, kind="text").order_by("part")
    return "".join(rows.values_list("text", flat=True))


def pdf_words(document: Document) -> str:
    with pypdfium2.PdfDocument(Derived(document.blob_id).path("converted.pdf")) as pdf:
        return str(pdf[0].get_textpage().get_text_bounded())


def test_a_word_document_becomes_a_pdf_by_libreoffice(keep: Keep) -> None:
    document = keep(making.word("Agreement about Nlets"), "agreement.docx")
    read_everything()
    assert step_of(document, "convert").result == {"converted": True}
    assert "Agreement about Nlets" in pdf_words(document)
    assert words(document) == "", "its words are those of its pages"


def test_without_libreoffice_it_is_kept_and_its_words_are_found(keep: Keep, settings: Any) -> None:
    settings.OFFICE_CONVERTER = "no-such-program"
    document = keep(making.word("Agreement about Nlets", "Second paragraph"), "agreement.docx")
    read_everything()
    result = step_of(document, "convert").result
    assert (result["converted"], result["why"]) == (False, "missing_program")
    assert words(document) == "Agreement about Nlets\nSecond paragraph\n"


def test_a_web_page_is_laid_out_without_scripts_and_without_fetching(keep: Keep) -> None:
    page = (
        b"<!DOCTYPE html><html><head><title>Counts</title><script>document.write('run')</script></head>"
        b"<body><p>Twelve queries</p><img src='file:///etc/hostname'><img src='https://t.example/x.png'></body></html>"
    )
    document = keep(page, "counts.html")
    read_everything()
    assert step_of(document, "convert").result == {"converted": True, "not_loaded": 2}
    assert "Twelve queries" in pdf_words(document)
    assert "run" not in pdf_words(document)


def test_billion_laughs_end_with_the_reason(keep: Keep) -> None:
    bad, good = keep(making.billion_laughs(), "laughs.docx"), keep(b"a record", "good.txt")
    began = time.monotonic()
    read_everything()
    assert time.monotonic() - began < 30
    assert (step_of(bad, "convert").state, step_of(bad, "convert").trouble) == (State.FAILED, "hostile")
    assert words(good) == "a record"


def test_an_office_file_cut_off_is_damaged(keep: Keep, settings: Any) -> None:
    whole = making.word("Agreement")
    document = keep(whole[: len(whole) // 2], "agreement.docx")
    Document.objects.filter(pk=document.pk).update(kind="text document")
    read_everything()
    assert step_of(document, "unpack").trouble == "damaged", "a cut ZIP has no list: it is an archive, and damaged"


def test_a_recording_says_how_long_it_is(keep: Keep) -> None:
    out = BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(8000)
        sound.writeframes(bytes(16000))
    document = keep(out.getvalue(), "hearing.wav")
    read_everything()
    assert document.kind == "recording"
    said = step_of(document, "convert").result["recording"]
    assert (said["seconds"], said["channels"], said["samples_a_second"]) == (2.0, 1, 8000)


@pytest.mark.parametrize(
    ("raw", "charset", "known_by", "said"),
    [
        pytest.param(b"plain", "ascii", "bytes", "plain", id="ascii"),
        pytest.param("Café €5".encode(), "utf-8", "bytes", "Café €5", id="utf-8"),
        pytest.param("Café €5".encode("utf-8-sig"), "utf-8-sig", "mark", "Café €5", id="utf-8-with-mark"),
        pytest.param("Café".encode("utf-16"), "utf-16", "mark", "Café", id="utf-16"),
        pytest.param("Queries of May".encode("utf-16-le"), "utf-16-le", "bytes", "Queries of May", id="utf-16-bare"),
        pytest.param("It’s a “count” of ".encode("cp1252") + b"x" * 50, "cp1252", "guessed",
                     "It’s a “count” of " + "x" * 50, id="windows"),
        pytest.param("Ответ на запрос о количестве обращений ".encode("koi8-r") * 30, "koi8-r", "guessed",
                     "Ответ на запрос о количестве обращений " * 30, id="another-alphabet"),
    ],
)  # fmt: skip
def test_text_of_any_charset_is_read(keep: Keep, raw: bytes, charset: str, known_by: str, said: str) -> None:
    document = keep(raw, "record.txt")
    Document.objects.update(kind="text")
    document.blob.kind = "text"
    document.blob.save()
    read_everything()
    result = step_of(document, "convert").result
    assert (words(document), result["charset"], result["charset_by"]) == (said, charset, known_by)


def test_a_long_text_is_cut_into_blocks_at_ends_of_lines() -> None:
    whole = "".join(f"Line {number} of the log\r\n" for number in range(3000))
    found = list(text.blocks([whole[:70_000], whole[70_000:]]))
    assert "".join(found) == whole.replace("\r\n", "\n")
    assert all(len(block) <= 2 * text.BLOCK for block in found)
    assert all(block.endswith("\n") for block in found)


@pytest.mark.parametrize(
    ("raw", "media_type", "said"),
    [
        pytest.param(RTF, office.RTF, "Café €5\nSecond", id="rtf"),
        pytest.param(making.open_document(ODT), office.ODF + "text", "Heading\nThe first count\t12\n", id="odt"),
        pytest.param(making.slides(), office.PPTX, "Shown\nNot shown\n\nKept back\n\n", id="pptx"),
    ],
)
def test_words_come_out_without_an_office_program(tmp_path: Path, raw: bytes, media_type: str, said: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(raw)
    found = office.text(path, office.OfficeOrder(media_type), tmp_path)
    assert "".join(block.text for block in found) == said


def test_words_of_a_web_page_in_its_own_charset(tmp_path: Path) -> None:
    path = tmp_path / "page"
    path.write_bytes(
        '<html><head><meta charset="koi8-r"><title>Отчёт</title><style>p{}</style></head>'
        "<body><p>Один</p><table><tr><td>a</td><td>b</td></tr></table></body></html>".encode("koi8-r")
    )
    found = list(web.text(path, text.TextOrder(), tmp_path))
    assert (found[0].charset, found[0].known_by) == ("koi8-r", "declared")
    assert found[0].text.split() == ["Отчёт", "Один", "a", "b"]


def test_a_part_that_unpacks_to_a_thousand_times_its_size_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(making.with_parts(making.word("x"), {"word/document.xml": b" " * 40_000_000}))
    with pytest.raises(Refused) as refused:
        list(office.text(path, office.OfficeOrder(office.DOCX), tmp_path))
    assert refused.value.code == "too_large"
