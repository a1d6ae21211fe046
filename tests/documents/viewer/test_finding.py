"""Finding words on a page: where they begin and end, what stands around them, and the boxes to draw."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.documents.pagewords import Word
from requests_app.documents.viewer import finding

PAGE = [
    "The",
    "State",
    "Police",
    "counted",
    "1,204",
    "inquiries",
    "by",
    "ICE",
    "in",
    "May.",
    "ICE",
    "asked",
    "most",
    "of",
    "all.",
]


@pytest.mark.parametrize(
    ("query", "places"),
    [
        pytest.param("ice", [(7, 7), (10, 10)], id="capitals-are-small-letters-and-police-is-not-ice"),
        pytest.param("state  police", [(1, 2)], id="several-blanks-are-one"),
        pytest.param("police coun", [(2, 3)], id="into-the-beginning-of-a-word"),
        pytest.param("olice", [], id="not-from-inside-a-word"),
        pytest.param("204", [(4, 4)], id="from-behind-a-comma"),
        pytest.param("1,204", [(4, 4)], id="a-number-with-its-comma"),
        pytest.param("may. ice asked", [(9, 11)], id="over-the-end-of-a-sentence"),
        pytest.param("alien", [], id="not-there"),
        pytest.param("   ", [], id="nothing-asked"),
        pytest.param(
            "the state police counted 1,204 inquiries by ice in may. ice asked most of all.", [(0, 14)], id="all"
        ),
    ],
)
def test_where_words_stand(query: str, places: list[tuple[int, int]]) -> None:
    assert finding.hits_in(PAGE, query) == places


def test_letters_that_become_two_when_small_keep_the_count() -> None:
    assert finding.hits_in(["Straße", "und", "Weg"], "STRASSE UND") == [(0, 1)]


words = st.lists(st.text(st.characters(exclude_categories=["Z", "C"]), min_size=1, max_size=6), min_size=1, max_size=30)


@given(words, st.data())
def test_whatever_stands_there_is_found_there(page: list[str], data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(page) - 1))
    last = data.draw(st.integers(first, len(page) - 1))
    found = finding.hits_in(page, " ".join(page[first : last + 1]))
    assert found
    for start, end in found:
        said = " ".join(word.casefold() for word in page[start : end + 1])
        assert finding.folded(" ".join(page[first : last + 1])) in said


def test_a_snippet_has_a_few_words_around_and_says_that_more_follow() -> None:
    long = [str(number) for number in range(100)]
    found = finding.snippet(long, 50, 51)
    assert (found.before, found.match, found.after) == (
        "… 42 43 44 45 46 47 48 49", "50 51", "52 53 54 55 56 57 58 59 …",
    )  # fmt: skip
    assert finding.snippet(PAGE, 0, 0).before == ""
    assert finding.snippet(PAGE, 14, 14).after == ""


@pytest.mark.parametrize(
    ("query", "anchor"),
    [("état de Nlets", "Nlets"), ("1,204", "204"), ("ñ", ""), ("a ORI-list", "list")],
)
def test_the_database_looks_for_the_longest_plain_word(query: str, anchor: str) -> None:
    assert finding.anchor(query) == anchor


def test_a_hit_over_the_end_of_a_line_has_a_box_on_each() -> None:
    end = [Word("state", 400, 100, 440, 112), Word("motor", 445, 101, 490, 113)]
    begin = [Word("vehicles", 72, 116, 130, 128)]
    assert finding.boxes_of([*end, *begin]) == [(400, 100, 490, 113), (72, 116, 130, 128)]
