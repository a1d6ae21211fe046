"""The letter as plain text and as a message."""

from __future__ import annotations

import email
from dataclasses import replace
from datetime import UTC, datetime
from email import policy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from requests_app.kits.text import file_stem, subject_line, to_eml, to_text
from tests.kits.cast import letter

SENT_AT = datetime(2026, 11, 23, 15, 4, tzinfo=UTC)


def message(code: str = "MD", pdf: bytes | None = b"%PDF-1.7 sample", **changes: object) -> email.message.EmailMessage:
    raw = to_eml(
        letter(code, **changes),
        "Harbor Records Group <records@harbor.example>",
        "pia@agency.example",
        "<letter-1@harbor.example>",
        SENT_AT,
        pdf=pdf,
    )
    return email.message_from_bytes(raw, policy=policy.default)


def test_a_message_carries_the_whole_letter_in_its_body() -> None:
    sent = message()
    body = sent.get_body(preferencelist=("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == to_text(letter())
    assert sent["Subject"] == "Maryland Public Information Act request: Nlets query statistics [MD-2026-0007]"
    assert sent["From"] == "Harbor Records Group <records@harbor.example>"
    assert sent["Message-ID"] == "<letter-1@harbor.example>"
    assert sent["Date"].datetime == SENT_AT


def test_a_pdf_goes_along_under_the_reference() -> None:
    (attached,) = message().iter_attachments()
    assert attached.get_filename() == "MD-2026-0007.pdf"
    assert attached.get_content() == b"%PDF-1.7 sample"


@pytest.mark.parametrize("code", ["IL", "IA", "AK"])
def test_where_the_law_wants_the_body_alone_nothing_is_attached(code: str) -> None:
    assert letter(code).body_only
    assert list(message(code).iter_attachments()) == []


def test_every_line_on_the_wire_is_short_and_ends_as_mail_wants() -> None:
    raw = to_eml(letter(), "a@harbor.example", "b@agency.example", "<1@harbor.example>", SENT_AT)
    assert all(len(line) <= 78 for line in raw.split(b"\r\n"))
    assert b"\n" not in raw.replace(b"\r\n", b"")


def test_a_message_needs_a_time_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        to_eml(letter(), "a@b.example", "c@d.example", "<1@b.example>", SENT_AT.replace(tzinfo=None))


def test_a_header_cannot_be_smuggled_in_by_a_subject() -> None:
    with pytest.raises(ValueError, match=r"linefeed|carriage"):
        to_eml(
            letter(subject="Request\r\nBcc: spy@elsewhere.example"),
            "a@b.example",
            "c@d.example",
            "<1@b.example>",
            SENT_AT,
        )


def test_names_outside_ascii_survive() -> None:
    sent = message(requester_name="Zoë Łukasiewicz-O'Brien")
    body = sent.get_body()
    assert body is not None
    assert "Zoë Łukasiewicz-O'Brien" in body.get_content()


def test_before_it_has_a_reference_a_file_is_named_for_state_and_kit() -> None:
    assert file_stem(letter(reference=None)) == "MD-K1"
    assert file_stem(letter(reference="../MD 7")) == "---MD-7"
    assert subject_line(letter(reference=None)).endswith("statistics")


def test_list_items_hang_under_their_own_text() -> None:
    lines = to_text(letter()).splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith(" 1. Existing reports"))
    assert lines[first + 1].startswith("    ")
    assert lines[first + 1][4] != " "


@settings(max_examples=40, deadline=None)
@given(width=st.integers(min_value=50, max_value=120), extra=st.text(alphabet="abc §().,", max_size=300))
def test_no_line_is_wider_than_asked_unless_a_word_is(width: int, extra: str) -> None:
    text = to_text(letter(extra_paragraph=extra), width)
    longest_word = max(len(word) for word in text.split())
    for line in text.splitlines():
        assert len(line) <= max(width, longest_word + 5)


def test_an_address_is_never_broken_in_two() -> None:
    address = "https://agency.example/" + "records/" * 12 + "request"
    assert address in to_text(letter(extra_paragraph=f"See {address} for the list."))


def test_enclosures_stand_numbered_under_the_closing() -> None:
    made = replace(letter(), enclosures=("The request of June 1, 2026", "A line " + "that is long " * 8 + "indeed"))
    foot = to_text(made).split("Enclosures:\n")[1].splitlines()
    assert foot[0] == " 1. The request of June 1, 2026"
    assert foot[2].startswith("    ")
    assert "Enclosures" not in to_text(letter())
