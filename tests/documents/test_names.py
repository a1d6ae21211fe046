"""A sender's file name is data: shown safely, never a path."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.documents.names import LONGEST, clean_name


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        pytest.param("report.pdf", "report.pdf", id="plain"),
        pytest.param("../../etc/passwd", "passwd", id="path-up"),
        pytest.param("C:\\Users\\clerk\\Nlets 2025.xlsx", "Nlets 2025.xlsx", id="windows-path"),
        pytest.param("a\x00b\x1b[31m.txt", "ab[31m.txt", id="control-characters"),
        pytest.param("invoice\u202efdp.exe", "invoicefdp.exe", id="reads-backwards"),
        pytest.param("line\nbreak.txt", "line break.txt", id="line-break"),
        pytest.param("   ", "unnamed file", id="blank"),
        pytest.param("..", "unnamed file", id="dots"),
        pytest.param("folder/", "unnamed file", id="ends-in-slash"),
        pytest.param("été 2025 – réponse.pdf", "été 2025 – réponse.pdf", id="accents-stay"),
    ],
)
def test_a_name_is_made_safe_and_stays_readable(given_name: str, shown: str) -> None:
    assert clean_name(given_name) == shown


def test_a_long_name_keeps_its_ending() -> None:
    name = clean_name("x" * 400 + ".pdf")
    assert len(name) == LONGEST
    assert name.endswith(".pdf")


@given(st.text())
def test_whatever_comes_the_name_is_short_visible_and_no_path(name: str) -> None:
    clean = clean_name(name)
    assert 0 < len(clean) <= LONGEST
    assert not set("/\\\x00\n\r") & set(clean)
    assert clean_name(clean) == clean
