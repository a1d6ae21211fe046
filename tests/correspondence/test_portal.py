"""A letter cut to a portal's fields."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.correspondence.portal import fields_of, numbered_items, pieces
from tests.filing.letters import a_letter


def test_the_fields_have_keys_in_their_order_and_nothing_empty() -> None:
    letter = a_letter()
    fields = fields_of(letter, reply_address="records+x@harbor.example", postal_address="1 Example Street\nAnnapolis")
    assert [(field.key, field.name) for field in fields] == [
        ("1", "name"),
        ("2", "email"),
        ("3", "address"),
        ("4", "subject"),
        ("5", "items"),
        ("6", "text"),
    ]
    by_name = {field.name: field for field in fields}
    assert by_name["name"].value == letter.closing.name
    assert by_name["text"].length == len(by_name["text"].value)
    items = [item for section in letter.sections for part in section.parts for item in part.items]
    assert by_name["items"].value == numbered_items(letter)
    assert by_name["items"].value.startswith(f"1. {items[0]}")
    assert f"\n\n{len(items)}. {items[-1]}" in by_name["items"].value
    assert all(part in by_name["text"].value for part in letter.paragraphs()), "no paragraph is broken into lines"


TEXT = st.text(st.sampled_from("abc \n"), max_size=200) | st.text(max_size=80)


@given(text=TEXT, limit=st.integers(1, 60))
def test_pieces_fit_and_lose_nothing(text: str, limit: int) -> None:
    found = pieces(text, limit)
    assert all(0 < len(piece) <= limit for piece in found)
    assert "".join("".join(found).split()) == "".join(text.split())


def test_pieces_are_cut_between_paragraphs_first() -> None:
    assert pieces("one two\n\nthree\n\nfour five six", 16) == ["one two\n\nthree", "four five six"]
    assert pieces("one two\n\nthree", 6) == ["one", "two", "three"]
    with pytest.raises(ValueError, match="room"):
        pieces("a", 0)
