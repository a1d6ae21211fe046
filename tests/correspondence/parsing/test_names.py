"""Names of files from strangers: safe on any system and any screen, whatever they were."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.correspondence.parsing import clean_name, parse_message
from requests_app.correspondence.parsing.names import LONGEST_BYTES, type_by_name
from tests.correspondence.parsing.builders import file, part, whole


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        pytest.param("letter.pdf", "letter.pdf", id="dull"),
        pytest.param("Réponse n° 12 – final.pdf", "Réponse n° 12 – final.pdf", id="letters-of-other-languages"),
        pytest.param("../../etc/passwd", "passwd", id="path"),
        pytest.param("C:\\Users\\clerk\\letter.pdf", "letter.pdf", id="windows-path"),
        pytest.param("\\\\server\\share\\letter.pdf", "letter.pdf", id="network-path"),
        pytest.param("C:letter.pdf", "C_letter.pdf", id="drive"),
        pytest.param("..", "attachment", id="parent"),
        pytest.param("", "attachment", id="empty"),
        pytest.param(" . ", "attachment", id="dots-and-blanks"),
        pytest.param("???", "attachment", id="only-forbidden"),
        pytest.param(".htaccess", "htaccess", id="hidden"),
        pytest.param("letter.pdf. .", "letter.pdf", id="trailing-dots"),
        pytest.param("fdp.\u202etxt.exe", "fdp.txt.exe", id="right-to-left-override"),
        pytest.param("let\u200bter\ufeff.pdf", "letter.pdf", id="invisible-letters"),
        pytest.param("a\r\nb\x00c\x1b.pdf", "a bc.pdf".replace(" ", " "), id="control-characters"),
        pytest.param("CON", "_CON", id="device"),
        pytest.param("lpt1.txt", "_lpt1.txt", id="device-with-ending"),
        pytest.param("com¹.pdf", "_com¹.pdf", id="device-with-superscript"),
        pytest.param("nul .tar.gz", "_nul .tar.gz", id="device-with-blank"),
        pytest.param("CONTRACT.pdf", "CONTRACT.pdf", id="begins-like-a-device"),
        pytest.param('a<b>c:d"e|f?g*h.pdf', "a_b_c_d_e_f_g_h.pdf", id="forbidden-by-windows"),
        pytest.param("a\uff0fb\u2215c.pdf", "c.pdf", id="slashes-of-other-kinds"),
        pytest.param("e\u0301.pdf", "é.pdf", id="letters-in-two-pieces"),
        pytest.param("a" * 500 + ".pdf", "a" * (LONGEST_BYTES - 4) + ".pdf", id="over-long"),
        pytest.param("é" * 500 + ".pdf", "é" * ((LONGEST_BYTES - 4) // 2) + ".pdf", id="over-long-in-bytes"),
        pytest.param("a." + "b" * 500, ("a." + "b" * 500)[:LONGEST_BYTES], id="no-real-ending"),
    ],
)
def test_names_are_cleaned(name, clean):
    assert clean_name(name) == clean


@pytest.mark.parametrize(
    ("content_type", "clean"),
    [
        ("application/pdf", "attachment.pdf"),
        ("MESSAGE/RFC822", "attachment.eml"),
        ("x/y", "attachment"),
        ("", "attachment"),
    ],
)
def test_a_file_without_name_is_called_by_its_type(content_type, clean):
    assert clean_name("\u202e", content_type) == clean


@given(st.text(max_size=300) | st.text(st.sampled_from('./\\:*?"<>|conCON aux1. \u202e\x00é'), max_size=40))
def test_no_name_is_dangerous(name):
    clean = clean_name(name)
    assert clean
    assert clean == clean.strip(" .")
    assert len(clean.encode()) <= LONGEST_BYTES + 1
    assert not set(clean) & set('/\\:*?"<>|')
    assert all(unicodedata.category(letter)[0] != "C" for letter in clean)
    assert clean.partition(".")[0].rstrip().lower() not in {"con", "prn", "aux", "nul", "com1", "lpt9"}
    assert clean_name(clean) == clean


def test_the_name_as_sent_is_kept_beside_the_safe_one():
    raw = whole("mixed", part("text/plain", b"x"), file("../fdp.\u202etxt.exe", b"MZ"))
    (one,) = parse_message(raw).attachments
    assert one.name == "../fdp.\u202etxt.exe"
    assert one.safe_name == "fdp.txt.exe"


def test_types_by_name():
    assert type_by_name("a.PDF") == "application/pdf"
    assert type_by_name("a.unheard-of") == "application/octet-stream"
