"""What is new, what is quoted, what is signature; every letter is in exactly one stretch."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.correspondence.parsing import fold_text
from requests_app.correspondence.parsing.folding import new_text

OUTLOOK = (
    "From: Cora <cora@people.example>\nSent: Monday, June 1, 2026 10:00 AM\nTo: Records\nSubject: Request\n\nOur letter"
)


def shape(text: str) -> list[tuple[str, str]]:
    return [(span.kind, text[span.start : span.end].strip()) for span in fold_text(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Hello", [("new", "Hello")], id="only-new"),
        pytest.param("", [], id="empty"),
        pytest.param(
            "Yes.\n\nOn Mon, Jun 1, 2026, Cora wrote:\n> Our letter\n> more",
            [("new", "Yes."), ("quoted", "On Mon, Jun 1, 2026, Cora wrote:\n> Our letter\n> more")],
            id="attribution",
        ),
        pytest.param(
            "Yes.\n\nOn Mon, Jun 1, 2026 at 10:00 AM Cora <cora@people.example>\nwrote:\n\n> Our letter",
            [
                ("new", "Yes."),
                ("quoted", "On Mon, Jun 1, 2026 at 10:00 AM Cora <cora@people.example>\nwrote:\n\n> Our letter"),
            ],
            id="attribution-on-two-lines",
        ),
        pytest.param(
            "> First?\nYes.\n> Second?\nNo.",
            [("quoted", "> First?"), ("new", "Yes."), ("quoted", "> Second?"), ("new", "No.")],
            id="answers-between",
        ),
        pytest.param("Attached.\n\n" + OUTLOOK, [("new", "Attached."), ("quoted", OUTLOOK)], id="outlook"),
        pytest.param(
            "Attached.\n-----Original Message-----\n" + OUTLOOK,
            [("new", "Attached."), ("quoted", "-----Original Message-----\n" + OUTLOOK)],
            id="original-message",
        ),
        pytest.param(
            "Attached.\n" + "_" * 32 + "\n" + OUTLOOK,
            [("new", "Attached."), ("quoted", "_" * 32 + "\n" + OUTLOOK)],
            id="outlook-line",
        ),
        pytest.param(
            "Attached.\n-- \nClerk\nRecords\n\n> old",
            [("new", "Attached."), ("signature", "-- \nClerk\nRecords"), ("quoted", "> old")],
            id="signature",
        ),
        pytest.param(
            "Fine.\n\nSent from my iPhone", [("new", "Fine."), ("signature", "Sent from my iPhone")], id="phone"
        ),
        pytest.param(OUTLOOK, [("new", OUTLOOK)], id="a-bare-forward-is-new"),
        pytest.param("> only quotes", [("new", "> only quotes")], id="only-quotes-are-new"),
        pytest.param(
            "From: the Records Division\nWe deny the request.",
            [("new", "From: the Records Division\nWe deny the request.")],
            id="a-letterhead",
        ),
        pytest.param(
            "On the request we wrote:\nno records.", [("new", "On the request we wrote:\nno records.")], id="a-sentence"
        ),
        pytest.param(
            "Fees:\n" + "_" * 30 + "\nTotal: $12\nDate: June 1",
            [("new", "Fees:\n" + "_" * 30 + "\nTotal: $12\nDate: June 1")],
            id="a-table-line",
        ),
        pytest.param(
            "See below.\n\n---------- Forwarded message ---------\nFrom: IT <it@agency.example>\n\nThe records "
            "are gone.",
            [
                (
                    "new",
                    "See below.\n\n---------- Forwarded message ---------\nFrom: IT <it@agency.example>\n\nThe "
                    "records are gone.",
                )
            ],
            id="a-forward-is-what-the-sender-wants-read",
        ),
        pytest.param(
            "Sent from my office today:\nthe records.",
            [("new", "Sent from my office today:\nthe records.")],
            id="not-a-phone",
        ),
    ],
)
def test_texts_are_folded(text, expected):
    assert [(kind, piece) for kind, piece in shape(text) if piece] == [
        (kind, piece.strip()) for kind, piece in expected
    ]


def test_reading_help_reads_only_what_is_new():
    assert new_text("Your fee is $12.\n-- \nClerk\n\nOn Mon, Cora wrote:\n> fee is $99") == "Your fee is $12."


@given(
    st.lists(
        st.sampled_from(
            ["Text", "", "> q", ">> q", "-- ", "On Mon, Cora wrote:", "From: a", "Sent: b", "To: c", "_" * 30]
        )
        | st.text(max_size=20),
        max_size=30,
    )
)
def test_the_stretches_cover_the_text_once(lines):
    text = "\n".join(lines)
    spans = fold_text(text)
    assert "".join(text[span.start : span.end] for span in spans) == text
    assert all(one.kind != following.kind for one, following in pairwise(spans))
    if text.strip():
        assert any(span.kind == "new" and text[span.start : span.end].strip() for span in spans)
