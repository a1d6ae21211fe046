"""What an address of each kind must look like."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.agencies.contact_values import ContactValueError, parse_contact_value

CHANNELS = ["email", "portal", "post", "fax", "phone"]


@pytest.mark.parametrize(
    ("channel", "typed", "written"),
    [
        pytest.param("email", "  Records@Example.GOV ", "Records@example.gov", id="domain-in-small-letters"),
        pytest.param("portal", "https://x.example/foia?id=3", "https://x.example/foia?id=3", id="link"),
        pytest.param("phone", "410.555.0100", "(410) 555-0100", id="dots"),
        pytest.param("fax", "+1 410 555 0100", "(410) 555-0100", id="with-country"),
        pytest.param("phone", "410-555-0100 ext. 12", "(410) 555-0100 ext. 12", id="extension"),
        pytest.param("post", " Records \r\n\r\n 1  Main  St\nDover, DE ", "Records\n1 Main St\nDover, DE", id="blanks"),
    ],
)
def test_an_address_has_one_written_form(channel: str, typed: str, written: str) -> None:
    assert parse_contact_value(channel, typed) == written


@pytest.mark.parametrize(
    ("channel", "typed"),
    [
        pytest.param("email", "records at example.gov", id="no-at"),
        pytest.param("email", "a@b.example, c@d.example", id="two-addresses"),
        pytest.param("email", "a@b.example\nBcc: c@d.example", id="second-header"),
        pytest.param("portal", "javascript:alert(1)", id="script"),
        pytest.param("portal", "ftp://x.example/", id="other-scheme"),
        pytest.param("portal", "x.example", id="no-scheme"),
        pytest.param("portal", "https://x.example/" + "a" * 600, id="endless-link"),
        pytest.param("phone", "12", id="too-short"),
        pytest.param("phone", "+44 20 7946 0958", id="another-country"),
        pytest.param("fax", "call us", id="words"),
        pytest.param("post", "1 Main Street", id="one-line"),
        pytest.param("post", "\n".join("abcdefghi"), id="nine-lines"),
        pytest.param("post", "a\x00b\nc", id="null-byte"),
        pytest.param("email", "   ", id="blank"),
        pytest.param("pigeon", "home", id="no-such-way"),
    ],
)
def test_what_cannot_be_an_address_is_refused_in_a_sentence(channel: str, typed: str) -> None:
    with pytest.raises(ContactValueError) as refusal:
        parse_contact_value(channel, typed)
    assert str(refusal.value).endswith(".")


@given(st.sampled_from(CHANNELS), st.text(max_size=200))
def test_any_text_is_written_or_refused_and_never_breaks(channel: str, text: str) -> None:
    with contextlib.suppress(ContactValueError):
        written = parse_contact_value(channel, text)
        assert parse_contact_value(channel, written) == written
