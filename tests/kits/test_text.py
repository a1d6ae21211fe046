"""The letter as plain text and as a message."""

from __future__ import annotations

import email
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from email import policy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from requests_app.kits.text import Attachment, file_stem, subject_line, to_eml, to_flowed, to_text, unflowed
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
    assert unflowed(body.get_content()) == to_text(letter())
    assert body["Content-Type"].params["format"] == "flowed"
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


def as_a_reader_joins_it(body: str) -> list[str]:
    """Return the paragraphs of a `format=flowed` body (RFC 3676, section 4.1), as a mail program joins them."""
    found, open_one = [], ""
    for line in body.replace("\r\n", "\n").rstrip("\n").split("\n"):
        line = line.removeprefix(" ")
        if line.endswith(" "):
            open_one += line
        else:
            found.append(open_one + line)
            open_one = ""
    return found


@pytest.mark.parametrize("code", ["MD", "NY", "TX", "US"])
def test_a_telephone_breaks_the_paragraphs_anew_and_leaves_lists_alone(code: str) -> None:
    """RFC 3676: joined, each paragraph is one line again, word for word."""
    joined = as_a_reader_joins_it(to_flowed(letter(code)))
    wide = to_text(letter(code), 100_000).splitlines()
    said = {" ".join(line.split()) for line in joined}
    for part in letter(code).paragraphs():
        paragraph = " ".join(part.split())
        if any(line.endswith(paragraph) and not line.startswith(" ") for line in wide):
            assert any(line.endswith(paragraph) for line in said), paragraph
    assert [line for line in joined if line.lstrip().startswith("1. ")]
    assert all(len(line) <= 78 or " " not in line.strip() for line in to_flowed(letter(code)).splitlines())


def test_a_line_that_a_mail_program_would_misread_is_stuffed() -> None:
    paragraphs = "From here on we ask.\n\n> not a quote\n\nplain"
    text = to_flowed(letter(extra_paragraph=paragraphs))
    assert "\n From here on we ask." in text and "\n > not a quote" in text
    assert unflowed(text) == to_text(letter(extra_paragraph=paragraphs))


BREAKS = {
    "crlf": "\r\n", "lf": "\n", "cr": "\r", "line-separator": "\u2028", "paragraph-separator": "\u2029",
    "vertical-tab": "\x0b", "form-feed": "\x0c", "next-line": "\x85", "file-separator": "\x1c", "nul": "\x00",
}  # fmt: skip
SMUGGLED = [
    *(pytest.param(f"Request{sign}Bcc: spy@elsewhere.example", id=name) for name, sign in BREAKS.items()),
    # Python decodes an encoded word and writes what is in it: here, another header.
    pytest.param("=?utf-8?q?Request=0d=0aBcc:_spy@elsewhere.example?=", id="encoded-word"),
    pytest.param("=?utf-8?b?UmVxdWVzdA0KQmNjOiBzcHlAZWxzZXdoZXJlLmV4YW1wbGU=?=", id="encoded-word-base64"),
    pytest.param("=\x00?utf-8?q?Request=0d=0aBcc:_spy@elsewhere.example?=", id="encoded-word-in-two-halves"),
    pytest.param("=\u200b?utf-8?q?=0aBcc:_spy@elsewhere.example?\u200b=", id="encoded-word-with-hidden-signs"),
    pytest.param("Request \ud800 Bcc: spy@elsewhere.example", id="half-a-sign"),
    pytest.param("Request\u202e :ccB", id="turned-around"),
    pytest.param("x" * 5000, id="long"),
]
FIELDS: dict[str, Callable[[str], bytes]] = {
    "subject": lambda bad: to_eml(replace(letter(), subject=bad), FROM, TO, "<1@b.example>", SENT_AT),
    "reference": lambda bad: to_eml(replace(letter(), reference=bad), FROM, TO, "<1@b.example>", SENT_AT),
    "our name": lambda bad: to_eml(letter(), f'"{bad}" <a@b.example>', TO, "<1@b.example>", SENT_AT),
    "their name": lambda bad: to_eml(letter(), FROM, f'"{bad}" <c@d.example>', "<1@b.example>", SENT_AT),
    "thread": lambda bad: to_eml(letter(), FROM, TO, "<1@b.example>", SENT_AT, thread=[bad, f"<{bad}@x>", "<0@x>"]),
    "file name": lambda bad: to_eml(letter(), FROM, TO, "<1@b.example>", SENT_AT, attachments=[file(name=bad)]),
    "media type": lambda bad: to_eml(letter(), FROM, TO, "<1@b.example>", SENT_AT, attachments=[file(kind=bad)]),
    "recipient": lambda bad: to_eml(replace(letter(), recipient=(bad,)), FROM, TO, "<1@b.example>", SENT_AT),
    "salutation": lambda bad: to_eml(replace(letter(), salutation=bad), FROM, TO, "<1@b.example>", SENT_AT),
    "agency number": lambda bad: to_eml(replace(letter(), reference_line=bad), FROM, TO, "<1@b.example>", SENT_AT),
    "signature": lambda bad: to_eml(
        replace(letter(), closing=replace(letter().closing, name=bad, lines=(bad,))),
        FROM, TO, "<1@b.example>", SENT_AT,
    ),
}  # fmt: skip
FROM, TO = "a@b.example", "c@d.example"
ALLOWED = {
    "From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "MIME-Version", "Content-Type",
    "Content-Transfer-Encoding",
}  # fmt: skip


def file(name: str = "a.txt", kind: str = "text/plain") -> Attachment:
    return Attachment(name, kind, b"x")


def nothing_was_added(raw: bytes) -> None:
    """Each header once, none but those that a letter has, one recipient, and lines that every server takes."""
    raw.decode("ascii")
    found = email.message_from_bytes(raw, policy=policy.default)
    names = found.keys()
    assert set(names) <= ALLOWED and len(names) == len(set(names)), names
    assert [one.addr_spec for one in found["To"].addresses] == [TO]
    assert [one.addr_spec for one in found["From"].addresses] == [FROM]
    head = raw.split(b"\r\n\r\n", 1)[0]
    assert b"\nbcc" not in head.lower() and max(map(len, raw.split(b"\r\n"))) <= 998  # RFC 5322, section 2.1.1
    for part in found.walk():
        assert not part.get("Bcc"), "not in a part either"
        assert len(part.get_all("Content-Type", [])) <= 1 and len(part.get_all("Content-Disposition", [])) <= 1


@pytest.mark.parametrize("bad", SMUGGLED)
@pytest.mark.parametrize("field", FIELDS)
def test_no_field_of_a_letter_adds_a_header_or_a_recipient(field: str, bad: str) -> None:
    try:
        raw = FIELDS[field](bad)
    except ValueError as refusal:
        assert "no" in str(refusal) and field.endswith("name"), "only an address may be refused"
        return
    nothing_was_added(raw)


@settings(max_examples=150)
@given(
    field=st.sampled_from(sorted(FIELDS)),
    bad=st.lists(
        st.sampled_from(
            [*BREAKS.values(), "=?", "?=", "utf-8?q?", "=0d=0a", "Bcc: ", "x@y.example", ",", "<", '"', ";"]
        )
        | st.text(max_size=8),
        max_size=12,
    ).map("".join),
)
def test_nothing_that_anybody_types_adds_a_header(field: str, bad: str) -> None:
    try:
        raw = FIELDS[field](bad)
    except ValueError:
        assert field.endswith("name")
        return
    nothing_was_added(raw)


@pytest.mark.parametrize(
    "address",
    [
        "c@d.example, spy@elsewhere.example", "c@d.example\r\nBcc: spy@elsewhere.example", "c@d.example\x00", "", "c",
        "c@d@e.example", "c@d.example\u2028Bcc: x@y.example", "=?utf-8?q?c=0d=0aBcc:_s@e.example?=@d.example",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_or_is_one_recipient(address: str) -> None:
    try:
        raw = to_eml(letter(), FROM, address, "<1@b.example>", SENT_AT)
    except ValueError:
        return
    found = email.message_from_bytes(raw, policy=policy.default)
    assert [one.addr_spec for one in found["To"].addresses] == [TO]
    assert "Bcc" not in found


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
