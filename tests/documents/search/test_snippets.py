"""The stretch of a text that is shown."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.documents.search.language import parse
from requests_app.documents.search.snippets import SHOWN, cut_around, hits_in


def marked(text: str, query: str) -> str:
    return "".join(f"[{words}]" if found else words for words, found in cut_around(text, parse(query).terms))


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        pytest.param("The fee is $45.", "fee", "The [fee] is $45.", id="a-word"),
        pytest.param("Coffee", "fee", "Coffee", id="not-inside-a-word"),
        pytest.param("forty-five dollars", '"forty five"', "[forty-five] dollars", id="a-phrase-over-a-hyphen"),
        pytest.param("Queries and query", "quer*", "[Queries] and [query]", id="beginnings"),
        pytest.param("used 1,234 times", "1234", "used [1,234] times", id="a-number-with-its-comma"),
        pytest.param("Ana Pen\u0303a", "peña", "Ana [Pen\u0303a]", id="an-accent-of-its-own"),
        pytest.param("<b>fee</b>", "fee", "<b>[fee]</b>", id="never-html"),
        pytest.param("a\n\n  fee\tb", "fee", "a [fee] b", id="on-one-line"),
        pytest.param("fee\u202e b", "fee", "[fee] b", id="no-signs-that-turn-the-line"),
        pytest.param("nothing here", "fee", "nothing here", id="nothing-found"),
        pytest.param("", "fee", "", id="an-empty-text"),
    ],
)
def test_what_is_marked(text: str, query: str, expected: str) -> None:
    assert marked(text, query) == expected


def test_the_stretch_with_most_of_what_was_asked_is_shown() -> None:
    text = "fee " + "x " * 400 + "fee and cost together " + "y " * 400
    shown = marked(text, "fee cost")
    assert "[fee] and [cost] together" in shown
    assert shown.startswith("\u2026 ") and shown.endswith(" \u2026")


@given(st.text(max_size=2000), st.text(max_size=60))
def test_the_stretch_is_short_and_says_what_the_text_says(text: str, query: str) -> None:
    terms = parse(query).terms
    pieces = cut_around(text, terms)
    assert all(words for words, _found in pieces)
    assert sum(len(words) for words, _found in pieces) <= 5 * SHOWN + 4
    hits = hits_in(text, terms)
    assert all(0 <= start < end <= len(text) for start, end, _term in hits)
    assert all(one[1] <= other[0] for one, other in pairwise(hits))
    assert bool(hits) == any(found for _words, found in pieces)
