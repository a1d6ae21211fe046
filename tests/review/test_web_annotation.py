"""Annotations go out as W3C's model has them and come back; what others write is read; nothing else raises."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.review.anchoring import TextQuote
from requests_app.review.targets import (
    Cells,
    MailText,
    NoTarget,
    PageRegion,
    PageText,
    Target,
    WholeDocument,
    WholePage,
    column_letters,
    column_number,
)
from requests_app.review.web_annotation import NotUnderstood, Shared, from_json, to_json

SOURCE = "https://records.example.org/documents/42/"
PAGES = st.integers(1, 5000)
PLAIN = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"), max_size=60)
QUOTES = st.builds(TextQuote, exact=PLAIN.filter(str.strip), prefix=PLAIN, suffix=PLAIN)
SHARES = st.integers(0, 4000).map(lambda parts: parts / 10_000)
SIDES = st.integers(10, 5000).map(lambda parts: parts / 10_000)
TARGETS: st.SearchStrategy[Target] = st.one_of(
    st.builds(WholeDocument),
    st.builds(WholePage, PAGES),
    st.builds(PageText, PAGES, QUOTES, st.none() | st.integers(0, 10**6)),
    st.builds(PageRegion, PAGES, SHARES, SHARES, SIDES, SIDES),
    st.builds(lambda s, r, c, h, w: Cells(s, r, c, r + h, c + w), st.integers(1, 90), st.integers(1, 1000),
              st.integers(1, 900), st.integers(0, 50), st.integers(0, 20)),
    st.builds(MailText, QUOTES, st.none() | st.integers(0, 10**6)),
)  # fmt: skip


@given(target=TARGETS, note=PLAIN, labels=st.lists(PLAIN.filter(bool), max_size=4, unique=True), creator=PLAIN)
def test_what_goes_out_comes_back(target: Target, note: str, labels: list[str], creator: str) -> None:
    moment = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    shared = Shared("urn:1", SOURCE, target, note, tuple(labels), creator, moment, moment)
    back = from_json(to_json(shared))
    if isinstance(target, PageRegion):
        assert isinstance(back.target, PageRegion)
        assert back.target.left == pytest.approx(target.left)
        assert back.target.height == pytest.approx(target.height)
        return
    assert back == shared


def test_a_reply_names_what_it_answers() -> None:
    shared = Shared("urn:2", "", WholeDocument(), "Agreed.", replies_to="urn:1")
    written = to_json(shared)
    assert (written["motivation"], written["target"]) == ("replying", "urn:1")
    assert from_json(written) == shared


def test_hypothesis_names_pages_from_zero_and_gives_selectors_side_by_side() -> None:
    """As hypothes.is exports an annotation of a PDF."""
    back = from_json({
        "@context": "http://www.w3.org/ns/anno.jsonld", "type": "Annotation", "id": "https://hypothes.is/a/x",
        "body": [{"type": "TextualBody", "value": "Look here", "format": "text/markdown"},
                 {"type": "TextualBody", "value": "agreement", "purpose": "tagging"}],
        "target": [{"source": SOURCE, "selector": [
            {"type": "TextPositionSelector", "start": 10, "end": 19},
            {"type": "TextQuoteSelector", "exact": "1,204 ICE", "prefix": "of ", "suffix": " queries"},
            {"type": "PageSelector", "index": 6, "label": "7"}]}],
        "creator": "acct:reader@hypothes.is",
    })  # fmt: skip
    assert back.target == PageText(7, TextQuote("1,204 ICE", "of ", " queries"), 10)
    assert (back.note, back.labels, back.creator) == ("Look here", ("agreement",), "acct:reader@hypothes.is")


def region_in_pixels(value: str = "xywh=pixel:85,110,170,220") -> dict[str, Any]:
    """As Annotorious writes a rectangle on a picture."""
    return {
        "type": "Annotation", "id": "#1", "body": [{"type": "TextualBody", "value": "a table"}],
        "target": {"source": SOURCE, "selector": {"type": "FragmentSelector",
                   "conformsTo": "http://www.w3.org/TR/media-frags/", "value": value}},
    }  # fmt: skip


def test_pixels_need_the_size_of_the_page() -> None:
    back = from_json(region_in_pixels(), page_sizes={1: (850, 1100)})
    assert back.target == PageRegion(1, 0.1, 0.1, 0.2, 0.2)
    with pytest.raises(NotUnderstood) as refused:
        from_json(region_in_pixels())
    assert refused.value.code == "needs_size"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        pytest.param("xywh=percent:10,10,0,5", "selector", id="no width"),
        pytest.param("xywh=percent:90,10,20,5", "selector", id="over the edge"),
        pytest.param("xywh=percent:1..2,10,20,5", "selector", id="no number"),
        pytest.param("page=0", "selector", id="no such page"),
        pytest.param("t=10,20", "selector", id="a stretch of time"),
    ],
)
def test_what_cannot_be_marked_is_refused(value: str, code: str) -> None:
    with pytest.raises(NotUnderstood) as refused:
        from_json(region_in_pixels(value))
    assert refused.value.code == code


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["type", "id", "body", "target", "selector", "source", "value", "refinedBy", "exact", "index",
                         "purpose", "creator", "created", "motivation", "start"]), inner, max_size=6),
    max_leaves=25,
)  # fmt: skip


@given(given=JSON, kind=st.sampled_from(["Annotation", ["Annotation"], "Person"]))
def test_nothing_else_is_raised_whatever_is_given(given: Any, kind: Any) -> None:
    try:
        from_json({**given, "type": kind} if isinstance(given, dict) else given)
    except NotUnderstood as refused:
        assert refused.code in {"shape", "target", "selector", "too_long", "needs_size"}


@pytest.mark.parametrize(
    ("address", "cells", "again"),
    [
        ("B7", Cells(1, 7, 2, 7, 2), "B7"),
        ("$b$7:d9", Cells(1, 7, 2, 9, 4), "B7:D9"),
        ("D9:B7", Cells(1, 7, 2, 9, 4), "B7:D9"),
        ("XFD1048576", Cells(1, 1048576, 16384, 1048576, 16384), "XFD1048576"),
    ],
)
def test_addresses_of_cells(address: str, cells: Cells, again: str) -> None:
    assert Cells.of(1, address) == cells
    assert cells.address == again


@pytest.mark.parametrize("address", ["", "7B", "A0", "A1:B2:C3", "XFE1", "A1048577", "ÀÉ1", "A1:"])
def test_what_is_no_address_of_cells(address: str) -> None:
    with pytest.raises(NoTarget):
        Cells.of(1, address)


@given(number=st.integers(1, 16_384))
def test_columns_have_letters(number: int) -> None:
    assert column_number(column_letters(number)) == number
