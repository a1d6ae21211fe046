"""What a mail server's words mean: where the fault lies, and whether an address is gone for good."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.correspondence.delivery.noting import speaks_of
from requests_app.correspondence.delivery.reports import (
    BLAME_WORDS,
    STANDING_WORDS,
    TONES,
    blame_of,
    refuses_address,
    server_words,
    standing_of,
    status_in,
)
from tests.factories import NOON


@pytest.mark.parametrize(
    ("status", "words", "blame", "for_good"),
    [
        # RFC 3463, section 3.2
        pytest.param("5.1.1", "smtp; 550 5.1.1 no such user", "address", True, id="no-mailbox"),
        pytest.param("5.1.2", "smtp; 550 bad destination system", "address", True, id="no-such-host"),
        pytest.param("5.1.6", "smtp; 551 mailbox has moved", "address", True, id="moved"),
        pytest.param("5.1.10", "556 domain does not accept mail", "address", True, id="null-mx-rfc-7505"),
        pytest.param("5.1.8", "501 bad sender's system address", "unknown", False, id="our-own-address"),
        pytest.param("5.2.1", "550 mailbox disabled", "address", True, id="disabled"),
        pytest.param("5.4.4", "host not found", "address", True, id="unroutable"),
        # it failed, but the address may be right
        pytest.param("5.2.2", "552 5.2.2 user is over quota", "mailbox", False, id="full"),
        pytest.param("4.2.2", "452 4.2.2 mailbox full", "mailbox", False, id="full-given-up-after-days"),
        pytest.param("5.2.3", "552 message length exceeds limit", "size", False, id="too-long-for-the-mailbox"),
        pytest.param("5.3.4", "552 too big", "size", False, id="too-big-for-the-system"),
        pytest.param("4.4.7", "delivery time expired", "way", False, id="given-up"),
        pytest.param("5.4.6", "routing loop detected", "way", False, id="loop"),
        pytest.param("5.3.0", "554 mail system error", "way", False, id="their-system"),
        pytest.param("5.7.1", "554 5.7.1 message looks like spam", "policy", False, id="spam"),
        pytest.param("5.7.26", "550-5.7.26 unauthenticated mail is prohibited", "policy", False, id="dmarc-rfc-7372"),
        pytest.param("5.6.0", "554 data error", "policy", False, id="content"),
        pytest.param("5.5.0", "protocol error", "unknown", False, id="protocol"),
        # codes that say one thing, words that say another
        pytest.param("5.4.1", "550 5.4.1 Recipient address rejected: Access denied", "address", True, id="edge-block"),
        pytest.param("5.7.1", "550 5.7.1 User unknown", "address", True, id="hides-who-is-there"),
        pytest.param("4.1.1", "450 4.1.1 unknown user, try later", "address", False, id="only-for-now"),
        # no code, or one that says nothing: the words
        pytest.param("5.0.0", "550 <a@b.example>: User unknown in virtual mailbox table", "address", True, id="words"),
        pytest.param("", "The recipient <a@b.example> does not exist", "address", True, id="words-without-code"),
        pytest.param("5.0.0", "552 The mailbox of this user is full", "mailbox", False, id="words-full"),
        pytest.param("", "message exceeds the maximum size", "size", False, id="words-size"),
        pytest.param("", "blocked using a blocklist", "policy", False, id="words-policy"),
        pytest.param("", "", "unknown", False, id="nothing"),
        pytest.param("5.0.0", "x\x00\ud800", "unknown", False, id="rubbish"),
        pytest.param("5.1", "550 5.1.1 no", "address", True, id="code-cut-short-words-have-it"),
        pytest.param("", "See host 10.5.1.1 for more", "unknown", False, id="an-ip-address-is-no-code"),
    ],
)
def test_where_the_fault_lies(status: str, words: str, blame: str, for_good: bool) -> None:
    assert blame_of(status, words) == blame
    assert refuses_address("failed", status, words) is for_good
    for action in ("delayed", "relayed", "delivered", "expanded", ""):
        assert not refuses_address(action, status, words), "a letter that may still arrive speaks against no address"


@given(st.text(), st.text(max_size=3000))
def test_no_words_of_a_stranger_break_it(status: str, words: str) -> None:
    assert blame_of(status, words) in BLAME_WORDS
    assert isinstance(refuses_address("failed", status, words), bool)
    assert status_in(words) == "" or status_in(words)[0] in "245"


@pytest.mark.parametrize("words", ["user " * 200_000, "mailbox " * 100_000 + "x", "5.1." * 200_000])
def test_long_words_take_no_long_time(words: str) -> None:
    """A pattern that tries again at every word would take hours over these, and the test would never end."""
    blame_of("", words)


@pytest.mark.parametrize(
    ("diagnostic", "words"),
    [
        ("smtp; 550 5.1.1 no such user", "550 5.1.1 no such user"),
        ("X-Unix; 75", "75"),
        ("550 no; such user", "550 no; such user"),
        ("no such user", "no such user"),
        (";", ";"),
        ("", ""),
    ],
)
def test_a_servers_words_are_shown_without_the_kind_before_them(diagnostic: str, words: str) -> None:
    assert server_words(diagnostic) == words


@dataclass
class Letter:
    state: str = "sent"
    bounced_at: datetime | None = None
    delivered_at: datetime | None = None
    delayed_at: datetime | None = None


@pytest.mark.parametrize(
    ("letter", "standing"),
    [
        pytest.param(Letter("queued"), "waiting", id="queued"),
        pytest.param(Letter("sending"), "leaving", id="sending"),
        pytest.param(Letter("cancelled"), "taken_back", id="taken-back"),
        pytest.param(Letter("failed"), "not_sent", id="failed"),
        pytest.param(Letter(), "sent", id="sent"),
        pytest.param(Letter(delayed_at=NOON), "delayed", id="delayed"),
        pytest.param(Letter(delayed_at=NOON, delivered_at=NOON), "delivered", id="late-but-there"),
        pytest.param(Letter(delayed_at=NOON, bounced_at=NOON), "not_delivered", id="late-and-back"),
        pytest.param(Letter(bounced_at=NOON, delivered_at=NOON), "disputed", id="two-reports-disagree"),
        pytest.param(Letter("sending", bounced_at=NOON), "not_delivered", id="report-before-the-outcome"),
    ],
)
def test_what_is_known_of_a_letter(letter: Letter, standing: str) -> None:
    assert standing_of(letter) == standing
    assert STANDING_WORDS[standing] and TONES[standing]


@pytest.mark.parametrize(
    ("recipient", "it_is"),
    [("", True), ("Records@Agency.Example", True), (" records@agency.example", True), ("joe@agency.example", False)],
)
def test_a_report_on_another_mailbox_is_not_about_our_address(recipient: str, it_is: bool) -> None:
    assert speaks_of("records@agency.example", recipient) is it_is
