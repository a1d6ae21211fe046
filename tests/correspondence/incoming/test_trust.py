"""How far a mail is trusted: what it claims, what our mail server proved, what we know of the agency."""

from __future__ import annotations

from typing import Any

import pytest

from requests_app.correspondence.incoming.trust import REASONS, Claim, Judgement, KnownSender, judge, worst
from requests_app.correspondence.parsing import Authentication

AGENCY = KnownSender(
    frozenset({"records@mdsp.example.gov", "desk.of.records@gmail.com"}), ("Maryland State Police", "MDSP")
)
OURS = frozenset({"reply.example"})
DMARC = Authentication(dmarc="pass", dmarc_domain="mdsp.example.gov")


def judged(address: str = "records@mdsp.example.gov", *, unchecked: bool = False, **said: Any) -> Judgement:
    return judge(Claim(address, **said), AGENCY, ours=OURS, trust_unchecked=unchecked)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        pytest.param("records@mdsp.example.gov", DMARC, id="known-address-dmarc"),
        pytest.param("Jane.Doe@MDSP.example.gov", DMARC, id="known-domain"),
        pytest.param(
            "j@pio.mdsp.example.gov",
            Authentication(dmarc="pass", dmarc_domain="pio.mdsp.example.gov"),
            id="below-a-known-domain",
        ),
        pytest.param(
            "records@mdsp.example.gov",
            Authentication(dmarc="none", dkim="pass", dkim_domains=("example.gov",)),
            id="signed-by-the-domain-above",
        ),
        pytest.param(
            "records@mdsp.example.gov",
            Authentication(spf="pass", spf_domain="bounce.mdsp.example.gov"),
            id="sent-by-a-server-of-the-domain",
        ),
        pytest.param(
            "desk.of.records@gmail.com", Authentication(dmarc="pass", dmarc_domain="gmail.com"), id="the-very-address"
        ),
    ],
)
def test_a_known_sender_who_is_proven_is_trusted(address: str, said: Authentication):
    assert judged(address, authentication=said) == Judgement("trusted", ("known_sender", "proven"))


@pytest.mark.parametrize(
    ("address", "said", "level", "reasons"),
    [
        pytest.param("x@other.example", DMARC, "unknown", ("unknown_sender", "not_proven"), id="foreign"),
        pytest.param(
            "x@other.example",
            Authentication(dmarc="pass", dmarc_domain="other.example"),
            "unknown",
            ("unknown_sender", "proven"),
            id="proven-but-foreign",
        ),
        pytest.param(
            "somebody@gmail.com",
            Authentication(dmarc="pass", dmarc_domain="gmail.com"),
            "unknown",
            ("unknown_sender", "proven"),
            id="another-address-at-a-provider",
        ),
        pytest.param("", Authentication(), "unknown", ("no_sender", "not_checked"), id="nobody"),
        pytest.param(
            "records@mdsp.example.gov", Authentication(), "unknown", ("known_sender", "not_checked"), id="not-checked"
        ),
        pytest.param(
            "records@mdsp.example.gov",
            Authentication(spf="pass", spf_domain="spammer.example"),
            "unknown",
            ("known_sender", "not_proven"),
            id="proven-for-another-domain",
        ),
        pytest.param(
            "records@mdsp.example.gov",
            Authentication(dkim="pass", dkim_domains=("gov",)),
            "unknown",
            ("known_sender", "not_proven"),
            id="signed-by-a-top-level-domain",
        ),
        pytest.param(
            "records@mdsp.example.gov",
            Authentication(dmarc="pass", dmarc_domain="spammer.example"),
            "unknown",
            ("known_sender", "not_proven"),
            id="dmarc-of-another-domain",
        ),
        pytest.param(
            "records@mdsp.example.gov",
            Authentication(spf="pass", dmarc="fail", spf_domain="mdsp.example.gov"),
            "suspicious",
            ("authentication_failed", "known_sender"),
            id="dmarc-fails",
        ),
        pytest.param(
            "records@mdsp.example.gov",
            Authentication(spf="fail"),
            "suspicious",
            ("authentication_failed", "known_sender"),
            id="spf-fails",
        ),
        pytest.param(
            "records@mdsp.example.gov.evil.example",
            DMARC,
            "unknown",
            ("unknown_sender", "not_proven"),
            id="a-domain-that-begins-like-it",
        ),
        pytest.param(
            "records@xmdsp.example.gov",
            DMARC,
            "unknown",
            ("unknown_sender", "not_proven"),
            id="a-domain-that-ends-like-it",
        ),
    ],
)
def test_everybody_else_waits(address: str, said: Authentication, level: str, reasons: tuple[str, ...]):
    assert judged(address, authentication=said) == Judgement(level, reasons)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("address", "said", "reason"),
    [
        pytest.param(
            "x@other.example",
            {"name": "Maryland State Police - Records"},
            "name_of_agency_foreign_address",
            id="calls-itself-the-agency",
        ),
        pytest.param("x@other.example", {"name": "MDSP"}, "name_of_agency_foreign_address", id="by-its-short-name"),
        pytest.param(
            "x@other.example",
            {"name": "records@mdsp.example.gov"},
            "name_of_agency_foreign_address",
            id="shows-its-address-as-a-name",
        ),
        pytest.param(
            "records@mdsp.example.gov", {"reply_to": ("x@other.example",)}, "reply_to_elsewhere", id="answers-elsewhere"
        ),
        pytest.param(
            "records@mdsp.example.gov",
            {"new_text": "Our system changed. Please resend your request to foia-desk@other.example today."},
            "asks_for_new_address",
            id="please-resend-to",
        ),
        pytest.param(
            "records@mdsp.example.gov",
            {"new_text": "Note our new e-mail address: foia@other.example"},
            "asks_for_new_address",
            id="new-address",
        ),
    ],
)
def test_what_a_forger_would_do_is_suspicious_even_when_proven(address: str, said: dict[str, Any], reason: str):
    domain = address.rpartition("@")[2]
    found = judged(address, authentication=Authentication(dmarc="pass", dmarc_domain=domain), **said)
    assert found.level == "suspicious" and reason in found.reasons


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"reply_to": ("jane@mdsp.example.gov",)}, id="answers-to-a-colleague"),
        pytest.param({"reply_to": ("records+x@reply.example",)}, id="answers-to-us"),
        pytest.param({"new_text": "Please send questions to pio@mdsp.example.gov."}, id="asks-to-write-to-themselves"),
        pytest.param({"new_text": "We got it from the county. clerk@county.example signed it."}, id="names-an-address"),
        pytest.param({"name": "Jane Doe, Maryland State Police"}, id="says-who-it-is"),
    ],
)
def test_what_agencies_really_write_is_no_alarm(said: dict[str, Any]):
    assert judged(authentication=DMARC, **said).level == "trusted"


def test_where_no_server_proves_senders_a_setting_lets_known_addresses_pass():
    assert judged(unchecked=True) == Judgement("trusted", ("known_sender", "not_checked", "unchecked_allowed"))
    assert judged("x@other.example", unchecked=True).level == "unknown"
    assert judged(unchecked=True, authentication=Authentication(dmarc="fail")).level == "suspicious"
    assert judged(unchecked=True, authentication=Authentication(spf="neutral")).level == "unknown"


def test_a_mail_to_two_agencies_is_as_trusted_as_for_the_one_that_knows_less():
    found = worst(
        [Judgement("trusted", ("known_sender", "proven")), Judgement("unknown", ("unknown_sender", "proven"))]
    )
    assert found == Judgement("unknown", ("known_sender", "proven", "unknown_sender"))
    assert worst([]).level == "unknown"


def test_every_reason_has_a_place_in_the_list():
    assert set(judged(unchecked=True).reasons) <= set(REASONS)
