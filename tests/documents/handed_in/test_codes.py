"""Secrets that can be read out: long enough, understood however they are set apart, and found in any text."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.documents.handed_in import codes

pytestmark = pytest.mark.same_everywhere
CODE = "0123456789abcdefghjkmnpqrstv"
CODES = st.text(codes.ALPHABET, min_size=codes.SIGNS, max_size=codes.SIGNS)


def test_a_secret_is_long_and_never_the_same() -> None:
    made = {codes.make_code() for _each in range(200)}
    assert len(made) == 200
    assert len(codes.ALPHABET) ** codes.SIGNS >= 2**140
    assert all(codes.understood(code) == code for code in made)
    assert {sign for code in made for sign in code} == set(codes.ALPHABET)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        pytest.param("0123-4567-89ab-cdef-ghjk-mnpq-rstv", CODE, id="as-shown"),
        pytest.param("  0123 4567 89AB CDEF GHJK MNPQ RSTV ", CODE, id="capitals-and-spaces"),
        pytest.param("OI23-4567-89ab-cdef-ghjk-mnpq-rstv", CODE, id="letters-for-digits"),
        pytest.param("o l234567 89abcdef ghjkmnpqrstv".replace("l2", "l2"), CODE[:2] + CODE[2:], id="l-for-one"),
        pytest.param("0123–4567–89ab–cdef–ghjk–mnpq–rstv", CODE, id="dashes-of-a-mail-program"),
        pytest.param(CODE[:-1], "", id="a-sign-short"),
        pytest.param(CODE + "0", "", id="a-sign-long"),
        pytest.param(CODE[:-1] + "u", "", id="a-letter-that-is-none"),
        pytest.param(CODE[:-1] + "é", "", id="another-letter"),
        pytest.param("٠" * 28, "", id="other-digits"),
        pytest.param(" " * 5000 + CODE, "", id="a-novel"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_what_is_typed_is_understood(typed: str, meant: str) -> None:
    assert codes.understood(typed) == meant


@given(CODES, st.integers(20, 72), st.sampled_from(["", "the link that ", "code ", "go to https://x.example/hand-in/"]))
def test_a_secret_is_found_wherever_a_letter_breaks_its_lines(code: str, width: int, before: str) -> None:
    text = textwrap.fill(f"{before}{codes.shown(code)} and then some words more.", width)
    assert code in set(codes.candidates(text))
    assert code in set(codes.candidates(f"{before}{code.upper()}/"))


def test_ordinary_words_cost_nothing_much() -> None:
    text = "Please send all the records that you have of the queries by federal agencies in 2024 and 2025. " * 1000
    assert len(set(codes.candidates(text))) < 200
