"""Letters as Word documents, read back."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import docx
import pytest
from django.core.management import call_command

from requests_app.kits import editing
from requests_app.kits.dress import Dress
from requests_app.kits.letters import Letter, Part, Section
from requests_app.kits.pictures import read_picture
from requests_app.kits.word import to_docx
from tests.kits.cast import letter
from tests.kits.test_stationery import a_picture


def read(made: Letter, dress: Dress | None = None) -> docx.document.Document:
    return docx.Document(io.BytesIO(to_docx(made, dress) if dress else to_docx(made)))


@pytest.mark.parametrize(("code", "kit_id"), [("MD", "K1"), ("US", "K3"), ("TX", "K8")])
def test_the_document_says_what_the_letter_says(code: str, kit_id: str) -> None:
    made = letter(code, kit_id)
    text = "\n".join(paragraph.text for paragraph in read(made).paragraphs)
    plain = (
        text.replace("“", '"').replace("”", '"').replace("’", "'").replace("‘", "'").replace("\N{NO-BREAK SPACE}", " ")
    )
    for said in (*made.paragraphs(), made.subject, made.salutation, made.closing.name, *made.recipient):
        assert said in plain


def test_headings_and_lists_are_real() -> None:
    made = letter()
    document = read(made)
    headings = [p.text for p in document.paragraphs if p.style.name.startswith("Heading")]
    assert headings[0].startswith("Re: Maryland Public Information Act request")
    assert headings[1].startswith("Records requested")
    items = [p for p in document.paragraphs if p.style.name == "List Number"]
    assert len(items) == sum(len(part.items) for section in made.sections for part in section.parts)
    run_in = next(p for p in document.paragraphs if p.text.startswith("Fees. "))
    assert run_in.runs[0].bold
    assert not run_in.runs[1].bold


def test_each_list_begins_at_one() -> None:
    section = Section(key="a", parts=(Part(text="One:", items=("a", "b")), Part(text="Two:", items=("c",))))
    items = [p for p in read(replace(letter(), sections=(section,))).paragraphs if p.style.name == "List Number"]
    lists = [item._p.pPr.numPr.numId.val for item in items]
    assert lists[0] == lists[1] != lists[2]


def test_pictures_have_words_for_those_who_do_not_see_them() -> None:
    picture = replace(read_picture(a_picture(), ""), alt="Logo of the Harbor Records Group")
    document = read(letter(), Dress(logo=picture, signature=replace(picture, alt="Signature of Jane Example")))
    said = [shape._inline.docPr.get("descr") for shape in document.inline_shapes]
    assert said == ["Logo of the Harbor Records Group", "Signature of Jane Example"]
    assert all(shape.width < 3_000_000 for shape in document.inline_shapes)


def test_signs_that_no_document_can_hold_are_left_out() -> None:
    closing = replace(letter().closing, name="שרה\x00 كوهين 🙂\ud800")
    assert any("שרה كوهين 🙂" in p.text for p in read(replace(letter(), closing=closing)).paragraphs)


def test_braces_of_a_person_stay() -> None:
    blocks = editing.retype(editing.blocks_of(letter()), {"opening.0": "As {state_name} says {0}."})
    made = editing.apply_blocks(letter(), blocks)
    assert any(p.text == "As {state_name} says {0}." for p in read(made).paragraphs)


def test_the_document_tells_its_language_and_names_no_program_of_ours() -> None:
    properties = read(letter()).core_properties
    assert (properties.language, properties.comments) == ("en-US", "")
    assert properties.title == letter().subject
    pages = zipfile.ZipFile(io.BytesIO(to_docx(letter()))).read("word/footer1.xml").decode()
    assert "NUMPAGES" in pages


@pytest.mark.django_db
def test_the_command_writes_a_word_document(tmp_path: Path) -> None:
    call_command("seed", verbosity=0)
    out = tmp_path / "letter.docx"
    call_command("draft", "MD", requester="Jane Example", out=out)
    assert any("Jane Example" in p.text for p in docx.Document(str(out)).paragraphs)


def test_the_signature_takes_the_last_paragraph_with_it_to_a_new_page() -> None:
    made = letter()
    paragraphs = read(made).paragraphs
    valediction = next(n for n, p in enumerate(paragraphs) if p.text == made.closing.valediction)
    assert paragraphs[valediction - 1].paragraph_format.keep_with_next
    assert paragraphs[valediction].paragraph_format.keep_with_next
