"""The words of a page, as they are kept and as text."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.documents.pagewords import LARGEST, LONGEST, Word, clean, pack, text_of, unpack

PLACES = st.floats(0, 5000, allow_nan=False)
WORDS = st.lists(
    st.text(min_size=1, max_size=12)
    .flatmap(lambda text: st.just(clean(text)))
    .filter(bool)
    .flatmap(lambda parts: st.builds(Word, st.just(parts[0]), PLACES, PLACES, PLACES, PLACES)),
    max_size=30,
)


@given(WORDS)
def test_what_is_packed_comes_out_again(words: list[Word]) -> None:
    found = unpack(pack(words))
    assert [word.text for word in found] == [word.text for word in words]
    assert all(abs(one.left - other.left) <= 0.051 for one, other in zip(found, words, strict=True))


@given(WORDS)
def test_the_text_gives_the_words_in_their_order(words: list[Word]) -> None:
    assert text_of(words).split() == [word.text for word in words]


@given(st.text())
def test_a_clean_word_is_one_word_that_a_database_takes(text: str) -> None:
    words = clean(text)
    assert all(word.split() == [word] and len(word) <= LONGEST and "\0" not in word for word in words)


@pytest.mark.parametrize(
    "kept",
    [
        pytest.param(b"words", id="not packed"),
        pytest.param(pack([Word("one", 1, 1, 2, 2)])[:-3], id="cut off"),
        pytest.param(zlib.compress(b"[1,2]"), id="other things"),
        pytest.param(zlib.compress(bytes(LARGEST + 1)), id="a bomb"),
    ],
)
def test_damaged_words_are_said_to_be(kept: bytes) -> None:
    with pytest.raises(ValueError, match="words of a page"):
        unpack(kept)


def test_a_place_that_is_no_number_is_the_corner() -> None:
    word = Word("odd", float("nan"), 1.26, float("inf"), 12)
    assert unpack(pack([word])) == [Word("odd", 0.0, 1.3, 0.0, 12.0)]


def test_no_words_take_no_bytes() -> None:
    assert pack([]) == b""
    assert unpack(b"") == []


@pytest.mark.parametrize(
    ("words", "text"),
    [
        pytest.param([Word("a", 0, 0, 9, 10), Word("b", 12, 0, 20, 10)], "a b", id="a line"),
        pytest.param([Word("a", 0, 0, 9, 10), Word("b", 0, 12, 20, 22)], "a\nb", id="two lines"),
        pytest.param([Word("a", 0, 0, 9, 10), Word("b", 0, 30, 20, 40)], "a\n\nb", id="two paragraphs"),
        pytest.param([Word("a", 0, 90, 9, 99), Word("b", 50, 9, 60, 18)], "a\nb", id="up to another column"),
        pytest.param([Word("H", 0, 0, 9, 10), Word("2", 10, 5, 14, 11), Word("O", 15, 0, 20, 10)], "H 2 O", id="low"),
        pytest.param([Word("up", 0, 50, 9, 90), Word("on", 0, 10, 9, 45)], "up on", id="a line that runs upwards"),
    ],
)
def test_lines_and_paragraphs_are_told_by_the_places_of_the_words(words: list[Word], text: str) -> None:
    assert text_of(words) == text
