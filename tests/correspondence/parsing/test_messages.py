"""What agencies really send, one seed each: what is read, what is kept, what is said about it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from requests_app.correspondence.parsing import Address, parse_message
from requests_app.correspondence.parsing.notes import SENTENCES, Note, note
from tests.correspondence.parsing.builders import file, headers, mail, multipart, part, parts, whole
from tests.correspondence.parsing.seeds import ENCLOSED, ORIGINAL, PDF, SEEDS, uuencoded


def codes(raw: bytes) -> list[str]:
    return [one.code for one in parse_message(raw).notes]


def test_a_plain_mail_says_who_what_and_when_without_a_note():
    message = parse_message(SEEDS["plain"])
    assert (message.from_address, message.from_name) == ("records@agency.example", "Records")
    assert message.to == (Address("replies@people.example"),)
    assert message.subject == "Your request"
    assert message.date == datetime(2026, 6, 1, 14, tzinfo=UTC)
    assert message.message_id == "<one@agency.example>"
    assert message.text == "Hello.\n"
    assert (message.notes, message.attachments, message.html) == ((), (), "")
    assert not (message.is_auto_reply or message.is_bounce or message.is_automatic)


@pytest.mark.parametrize(
    ("seed", "text", "said"),
    [
        pytest.param("latin", "Señor Muñoz – no", [], id="declared-latin-1-is-windows-1252"),
        pytest.param("undeclared", "Señor", ["charset_missing"], id="8-bit-without-declaration"),
        pytest.param("utf7", "Fee: 12 € – ünpaid", [], id="utf-7"),
        pytest.param("unknown-charset", "Señor", ["charset_unknown"], id="unknown-charset"),
        pytest.param("quoted-printable", "Señor Muñoz", [], id="quoted-printable-soft-break"),
        pytest.param("html", "Dear & requester\n\nBye", ["text_from_html"], id="html-only"),
        pytest.param("alternative", "Plain letter", [], id="alternative"),
        pytest.param("related", "See", ["text_from_html"], id="related"),
        pytest.param("attachment", "See attached.", [], id="attachment"),
        pytest.param("unfinished", "See attached.", ["unfinished"], id="no-final-boundary"),
        pytest.param("uuencode", "See below.\nBye\n", ["uuencoded"], id="uuencoded-file-in-text"),
        pytest.param("winmail", "Packed text", ["winmail_read"], id="winmail"),
        pytest.param(
            "winmail-rtf",
            "Dear requester,\nWe found 3 records – attached.",
            ["winmail_read", "text_from_rtf"],
            id="winmail-with-rich-text",
        ),
        pytest.param("msg", "Saved", ["outlook_read"], id="outlook-message-attached"),
        pytest.param("msg-itself", "Text of the saved message\n", [], id="outlook-message-itself"),
        pytest.param("rtf", "Dear requester,\nWe found 3 records – attached.", ["text_from_rtf"], id="rich-text-body"),
        pytest.param("smime", "Signed", ["smime_signed"], id="smime-signed"),
        pytest.param("smime-closed", "", ["smime_encrypted"], id="smime-encrypted"),
        pytest.param("pgp", "", ["pgp_encrypted"], id="pgp-encrypted"),
        pytest.param("calendar", "Invitation", [], id="calendar"),
        pytest.param("flowed", "One line that goes on.\n> quoted too\n-- \nMe\n", [], id="format-flowed"),
        pytest.param("nested", "deep", [], id="nested-multiparts"),
        pytest.param("no-headers", "just some text\nwithout any header\n", ["no_headers"], id="no-headers"),
        pytest.param("old-mac", "Hello.\n", [], id="lines-that-end-in-cr"),
        pytest.param("mailbox-line", "Hello.\n", [], id="mailbox-separator-line"),
        pytest.param("empty", "", ["empty"], id="empty"),
    ],
)
def test_text_and_notes_of_each_seed(seed, text, said):
    message = parse_message(SEEDS[seed])
    assert message.text == text
    assert [one.code for one in message.notes] == said


@pytest.mark.parametrize(
    ("seed", "attachments"),
    [
        pytest.param("attachment", [("response letter.pdf", "file", PDF)], id="file"),
        pytest.param("unfinished", [("response.pdf", "file", PDF)], id="file-before-the-mail-breaks-off"),
        pytest.param("related", [("logo.gif", "inline", None)], id="inline-image"),
        pytest.param("uuencode", [("table.csv", "file", b"a,b\n1,2\n")], id="uuencoded"),
        pytest.param("smime", [("smime.p7s", "signature", b"0\x80")], id="signature-kept"),
        pytest.param("smime-closed", [("smime.p7m", "encrypted", b"0\x80secret")], id="encrypted-kept"),
        pytest.param("pgp", [("", "encrypted", b"Version: 1"), ("encrypted.asc", "encrypted", b"x")], id="pgp-kept"),
        pytest.param("calendar", [("", "calendar", None)], id="calendar-kept"),
        pytest.param("rtf", [("", "body", None)], id="rich-text-kept"),
        pytest.param("nested", [("x.bin", "file", b"\x00" * 300)], id="beside-a-nested-multipart"),
        pytest.param(
            "names-2231",
            [(name, "file", PDF) for name in ("réponse ", "réponse.pdf", "Response letter final.pdf", "réponse.pdf")],
            id="names-in-four-wrong-ways",
        ),
        pytest.param(
            "forward",
            [("Records.eml", "message", ENCLOSED), ("records.pdf", "file", PDF)],
            id="files-of-a-forwarded-message",
        ),
    ],
)
def test_attachments_of_each_seed(seed, attachments):
    found = parse_message(SEEDS[seed]).attachments
    assert [(one.name.strip(), one.role) for one in found] == [
        (name.strip(), role) for name, role, _content in attachments
    ]
    for one, (_name, _role, content) in zip(found, attachments, strict=True):
        assert content is None or one.content == content


def test_a_forwarded_message_is_described_and_its_files_say_where_they_were():
    message = parse_message(SEEDS["forward"])
    (enclosed,) = message.enclosed
    assert (enclosed.subject, enclosed.message_id, enclosed.text) == (
        "Records",
        "<inner@agency.example>",
        "Inner letter",
    )
    assert [one.inside for one in message.attachments] == [(), ("Records.eml",)]
    assert "Inner letter" not in message.text


def test_a_digest_holds_messages_without_saying_so():
    assert [one.subject for one in parse_message(SEEDS["digest"]).enclosed] == ["Records", "Request"]


def test_a_forwarded_message_in_base64_is_read_all_the_same():
    raw = whole("mixed", part("message/rfc822", ENCLOSED, encoding="base64"))
    assert [one.name for one in parse_message(raw).attachments] == ["Records.eml", "records.pdf"]


def test_an_invitation_shows_its_few_lines():
    (entry,) = parse_message(SEEDS["calendar"]).calendar
    assert (entry.method, entry.summary, entry.location) == ("REQUEST", "Call about scope, part 1", "By phone")
    assert (entry.starts, entry.ends) == ("20260601T100000", "20260601T140000Z")


def test_wrappers_are_named():
    assert parse_message(SEEDS["smime"]).wrappers == ("smime_signed",)
    assert parse_message(SEEDS["pgp"]).wrappers == ("pgp_encrypted",)
    inline = mail(
        body=b"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nLetter\n-----BEGIN PGP SIGNATURE-----\nx\n"
    )
    assert parse_message(inline).wrappers == ("pgp_signed",)
    opaque = mail("Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m")
    assert parse_message(opaque).wrappers == ("smime_signed_closed",)


def test_a_text_after_the_attachment_belongs_to_the_letter():
    raw = whole("mixed", part("text/plain", b"Before"), file("a.pdf", PDF), part("text/plain", b"After"))
    assert parse_message(raw).text == "Before\n\nAfter"


def test_a_plain_footer_beside_a_page_is_in_both():
    letter = multipart(
        "alternative", part("text/plain", b"Letter"), part("text/html", b"<p>Letter</p>"), boundary="alt"
    )
    message = parse_message(whole("mixed", letter, part("text/plain", b"Footer <1>")))
    assert message.text == "Letter\n\nFooter <1>"
    assert message.html == "<p>Letter</p>\n<pre>Footer &lt;1&gt;</pre>"


def test_an_alternative_whose_page_holds_the_files_keeps_them():
    rich = multipart(
        "mixed", part("text/html", b"<p>One</p>"), file("a.pdf", PDF), part("text/html", b"<p>Two</p>"), boundary="m"
    )
    message = parse_message(whole("alternative", part("text/plain", b"One Two"), rich))
    assert (message.text, message.html) == ("One Two", "<p>One</p>\n<p>Two</p>")
    assert [one.name for one in message.attachments] == ["a.pdf"]


def test_a_named_text_after_the_letter_is_a_file_and_not_letter():
    log = part("text/plain", b"log", 'Content-Disposition: inline; filename="log.txt"')
    message = parse_message(whole("mixed", part("text/plain", b"Letter"), log))
    assert message.text == "Letter"
    assert [(one.name, one.content, one.inline) for one in message.attachments] == [("log.txt", b"log", True)]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        pytest.param(
            mail('Content-Type: multipart/mixed; boundary="gone"', body=b"Letter"), "boundary_missing", id="never-seen"
        ),
        pytest.param(
            mail("Content-Type: multipart/mixed", body=parts(part("", b"Letter"))), "boundary_guessed", id="unnamed"
        ),
    ],
)
def test_a_multipart_without_its_boundary_still_shows_the_letter(raw, code):
    message = parse_message(raw)
    assert message.text == "Letter"
    assert [one.code for one in message.notes] == [code]


def test_a_boundary_that_begins_like_another_parts_nothing():
    inner = multipart("mixed", part("text/plain", b"Inner"), boundary="=-limit-inner")
    assert parse_message(whole("mixed", inner, part("text/plain", b"Outer"))).text == "Inner\n\nOuter"


def test_text_after_the_end_is_noted():
    assert codes(whole("mixed", part("text/plain", b"Letter")) + b"A list's footer") == ["text_after_end"]


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        pytest.param(["From: A <a@x.example>, B <b@x.example>"], "several_senders", id="two-senders"),
        pytest.param(["From: a@x.example", "From: b@y.example"], "repeated_header", id="two-from-headers"),
        pytest.param(["From:"], "no_sender", id="empty-from"),
        pytest.param(["From: <>"], "no_sender", id="null-from"),
        pytest.param(["Subject: x"], "no_sender", id="no-from"),
        pytest.param(["From: a@x.example", "Date: yesterday"], "date_unreadable", id="bad-date"),
        pytest.param(["From: a@x.example", "Subject: Se\u00f1or"], "header_not_encoded", id="8-bit-subject"),
        pytest.param(["From: a@x.example", "Subject: =?utf-8?q?Se"], "encoded_word_damaged", id="open-encoded-word"),
        pytest.param(["From: a@x.example", "To: " + "a@b.example, " * 600], "addresses_cut", id="600-recipients"),
        pytest.param(
            ["From: a@x.example", "Subject: a", "wrong fold", "Date: 1 Jun 2026"], "header_damaged", id="wrong-fold"
        ),
        pytest.param(["From: a@x.example", "X-Long: " + "a" * 70_000], "header_too_long", id="over-long"),
        pytest.param(["From: a@x.example", *["X: y"] * 1_001], "headers_cut", id="too-many"),
    ],
)
def test_odd_headers_are_noted_and_the_text_is_read(lines, code):
    message = parse_message(headers(*lines) + b"Text")
    assert code in [one.code for one in message.notes]
    assert message.text == "Text"


def test_the_first_of_two_senders_is_shown_never_the_second():
    message = parse_message(headers("From: a@x.example", "From: b@y.example") + b"x")
    assert message.from_address == "a@x.example"


def test_a_wrongly_folded_subject_is_put_together():
    raw = headers("From: a@x.example", "Subject: Your request", "of June", "Date: 1 Jun 2026 10:00:00 +0000") + b"x"
    assert parse_message(raw).subject == "Your request of June"


def test_a_mail_without_date_takes_the_servers():
    message = parse_message(SEEDS["encoded-words"])
    assert message.date == datetime(2026, 6, 1, 10, tzinfo=UTC)
    assert [one.code for one in message.notes] == ["date_unreadable", "date_from_server"]


@pytest.mark.parametrize("date", [b"1 Jan 1000 00:00:00 +0000", b"31 Dec 9999 23:59:59 -2300"])
def test_a_date_before_all_mail_or_after_all_calendars_is_no_date(date):
    assert parse_message(mail().replace(b"Mon, 1 Jun 2026 10:00:00 -0400", date)).date is None


def test_reply_headers_keep_their_angle_brackets():
    raw = mail("In-Reply-To: <ours-1@people.example>", "References: <a@b> <c@d>\r\n <a@b> <ours-1@people.example>")
    message = parse_message(raw)
    assert message.in_reply_to == "<ours-1@people.example>"
    assert message.references == ("<a@b>", "<c@d>", "<ours-1@people.example>")


def test_where_servers_delivered_to_is_kept():
    raw = (
        headers("Delivered-To: replies+abc@people.example", "X-Original-To: other@people.example", "Return-Path: <>")
        + mail()
    )
    message = parse_message(raw)
    assert message.envelope_to == ("replies+abc@people.example", "other@people.example")
    assert message.return_path == ""
    assert parse_message(mail()).return_path is None


def test_headers_are_kept_in_order_for_the_view():
    assert parse_message(SEEDS["plain"]).headers[:2] == (
        ("From", "Records <records@agency.example>"),
        ("To", "replies@people.example"),
    )


@pytest.mark.parametrize(
    ("body", "content", "damaged"),
    [
        pytest.param(b"aGVsbG8=\r\n", b"hello", False, id="whole"),
        pytest.param(b"aGVsbG8", b"hello", False, id="no-padding"),
        pytest.param(b"aGVs*bG8=", b"hello", True, id="foreign-character"),
        pytest.param(b"aGVsbG8=\r\nIHlvdQ==", b"hello you", False, id="two-pieces"),
        pytest.param(b"aGVsb", b"hel", True, id="one-letter-left-over"),
        pytest.param(b"aGVsbG8=\r\n\r\nFooter!", None, True, id="footer-inside"),
    ],
)
def test_base64_is_read_as_far_as_it_goes(body, content, damaged):
    raw = mail('Content-Type: application/pdf; name="a.pdf"', "Content-Transfer-Encoding: base64", body=body)
    message = parse_message(raw)
    if content is not None:
        assert message.attachments[0].content == content
    assert ("encoding_damaged" in [one.code for one in message.notes]) == damaged


def test_a_word_that_only_looks_like_uuencode_stays_in_the_text():
    text = b"We begin 644 reviews a year.\nbegin 644 reviews\nThis is how we work.\n"
    message = parse_message(mail(body=text))
    assert (message.text, message.attachments) == (text.decode(), ())


def test_a_uuencoded_file_that_breaks_off_is_kept_and_said_to_be_incomplete():
    broken = uuencoded("a.bin", b"x" * 100)[:-20]
    message = parse_message(mail(body=b"See\n" + broken))
    assert message.attachments[0].content.startswith(b"x" * 45)
    assert "encoding_damaged" in [one.code for one in message.notes]


def test_a_long_text_is_cut_for_the_screen_and_kept_whole():
    body = b"A line of a very long letter\n" * 200_000
    message = parse_message(mail(body=body))
    assert len(message.text) <= 4_194_304
    assert message.text.endswith("letter\n")
    assert [(one.name, one.content, one.role) for one in message.attachments] == [("message.txt", body, "body")]
    assert [one.code for one in message.notes] == ["text_cut"]


def test_texts_that_were_garbled_before_are_shown_as_they_came_with_a_note():
    message = parse_message(mail("Content-Type: text/plain; charset=utf-8", body="We donâ€™t have it".encode()))
    assert message.text == "We donâ€™t have it"
    assert [one.code for one in message.notes] == ["looks_garbled"]


def test_notes_are_sentences_and_can_be_translated():
    one = note("text_cut", name="letter\u202e\n.txt")
    assert one == Note("text_cut", (("name", "letter  .txt"),))
    assert one.sentence().endswith("as the attachment “letter  .txt”.")
    assert one.sentence("Gekürzt: %(name)s") == "Gekürzt: letter  .txt"
    assert all(
        sentence[0] in "“ABCDEFGHIJKLMNOPQRSTUVWXYZ%" and sentence.endswith(".") for sentence in SENTENCES.values()
    )


def test_original_of_a_bounce_is_not_the_bounce():
    assert parse_message(ORIGINAL).bounce is None


@pytest.mark.parametrize(
    "thing", [b"\xff" * 1000, b"\x00" * 1000, b"\r\n" * 1000, b":" * 1000, b"a: b", b"\n\n\n", b"--", b"\r"]
)
def test_whatever_comes_is_read(thing):
    assert all(one.code != "unreadable" for one in parse_message(thing).notes)
    parse_message(bytearray(thing))  # type: ignore[arg-type]


def test_a_fault_of_our_own_becomes_a_note(monkeypatch):
    """The last net: were the parser itself to fail, the mail is still shown as one that nobody could read."""

    def fail(_raw: bytes) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr("requests_app.correspondence.parsing.message.gather", fail)
    message = parse_message(SEEDS["plain"])
    assert [one.sentence() for one in message.notes] == [
        "The mail could not be read (RuntimeError). It is kept as it came."
    ]
