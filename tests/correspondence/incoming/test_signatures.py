"""Our own check of DKIM: what holds, what does not, what proves too little, and that no mail can hold it up."""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from time import process_time, sleep
from typing import Any

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from requests_app.correspondence.incoming import services, signatures
from requests_app.correspondence.incoming.models import IncomingMessage
from requests_app.correspondence.incoming.reader import Reader
from requests_app.correspondence.incoming.signatures import Checked, DnsSilent, check, dns_through
from requests_app.filing.models import RecordsRequest
from tests.correspondence.incoming.mails import AUTHSERV, mail
from tests.correspondence.incoming.name_server import name_server
from tests.factories import NOON

SENDER = "records@agency.example"
MAIL = (
    b"From: Records Office <records@agency.example>\r\nTo: us@reply.example\r\nSubject: Your  request\r\n"
    b"Date: Tue, 03 Mar 2026 10:00:00 -0500\r\nMessage-ID: <1@agency.example>\r\n\r\n"
    b"We received  your request.  \r\n\r\nRecords\t Office\r\n\r\n\r\n"
)


@cache
def key(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


def record(bits: int = 2048, **tags: str) -> str:
    public = key(bits).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    extra = "".join(f"{name}={value}; " for name, value in tags.items())
    return f"v=DKIM1; k=rsa; {extra}p={base64.b64encode(public).decode()}"


def signed(
    raw: bytes = MAIL, *, domain: bytes = b"agency.example", bits: int = 2048, how: bytes = b"relaxed/relaxed",
    headers: Sequence[bytes] = (b"from", b"to", b"subject", b"date"), **facts: Any,
) -> bytes:  # fmt: skip
    pem = key(bits).private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    policy = tuple(how.split(b"/"))
    header = dkim.sign(raw, b"s1", domain, pem, canonicalize=policy, include_headers=list(headers), **facts)
    return bytes(header) + raw


def knows(**records: str) -> Callable[[str], list[bytes]]:
    """Return a DNS that knows the key of selector s1 of agency.example, or these: name with _ for the dot -> record."""
    named = {name.replace("_", "."): text for name, text in records.items()} or {"agency.example": record()}
    table = {f"s1._domainkey.{domain}": text for domain, text in named.items()}

    def ask(name: str) -> list[bytes]:
        return [table[name].encode()] if name in table else []

    return ask


def found(raw: bytes, sender: str = SENDER, ask: Callable[[str], list[bytes]] | None = None) -> Checked:
    return check(raw, sender, ask_dns=ask or knows())


@pytest.mark.parametrize("how", [b"relaxed/relaxed", b"relaxed/simple", b"simple/relaxed", b"simple/simple"])
@pytest.mark.parametrize("ends", [b"\r\n", b"\n"], ids=["crlf", "lf"])
def test_a_signature_of_the_senders_domain_holds(how: bytes, ends: bytes):
    raw = signed(how=how).replace(b"\r\n", ends)
    assert found(raw) == Checked("pass", ("agency.example",))


def test_what_servers_change_on_the_way_does_no_harm():
    raw = (
        signed()
        .replace(b"received  your", b"received your")
        .replace(b"Subject: Your  request", b"SUBJECT:\tYour request")
    )
    assert found(b"Received: from a by b\r\nX-Spam: no\r\n" + raw).verdict == "pass"


@pytest.mark.parametrize(
    ("raw", "verdict"),
    [
        pytest.param(MAIL, "none", id="no-signature"),
        pytest.param(signed().replace(b"We received", b"We refused"), "fail", id="text-changed"),
        pytest.param(signed().replace(b"Your  request", b"Pay us"), "fail", id="subject-changed"),
        pytest.param(b"Subject: Pay us\r\n" + signed(), "policy", id="a-second-subject"),
        pytest.param(b"From: Boss <boss@agency.example>\r\n" + signed(), "policy", id="a-second-sender"),
        pytest.param(signed(headers=(b"from", b"date")), "policy", id="subject-not-signed"),
        pytest.param(signed(length=True), "policy", id="more-can-be-written-below"),
        pytest.param(signed().replace(b"a=rsa-sha256", b"a=rsa-sha1"), "policy", id="sha1"),
        pytest.param(signed(domain=b"list.example"), "none", id="signed-by-a-mailing-list"),
        pytest.param(signed(domain=b"example"), "none", id="signed-by-a-top-level-domain"),
        pytest.param(signed().replace(b"bh=", b"bh=x"), "fail", id="hash-is-none"),
        pytest.param(signed().replace(b"v=1", b"v=9"), "fail", id="another-version"),
        pytest.param(
            b"DKIM-Signature: v=1; a=rsa-sha256; d=agency.example\r\n" + MAIL, "policy", id="half-a-signature"
        ),
        pytest.param(b"DKIM-Signature: \x00\xff=;;==\r\n" + MAIL, "none", id="no-list-of-tags"),
    ],
)
def test_what_does_not_hold(raw: bytes, verdict: str):
    assert found(raw) == Checked(verdict)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        pytest.param(record(), "pass", id="the-key"),
        pytest.param(record(t="s"), "pass", id="the-domain-itself"),
        pytest.param(record(s="email"), "pass", id="for-mail"),
        pytest.param(record(t="y"), "neutral", id="the-domain-only-tries"),
        pytest.param(record(s="tlsrpt"), "fail", id="for-something-else"),
        pytest.param(record(3072), "fail", id="another-key"),
        pytest.param("v=DKIM1; k=rsa; p=", "permerror", id="revoked"),
        pytest.param("v=DKIM1; k=rsa; p=????", "fail", id="no-key"),
        pytest.param("v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "fail", id="other-kind"),
        pytest.param("v=DKIM1; k=mlkem; p=AAAA", "neutral", id="of-a-kind-that-nobody-knows-yet"),
        pytest.param("spf2.0/pra -all", "permerror", id="another-record"),
        pytest.param("p=" + "A" * 9000, "permerror", id="far-too-long"),
    ],
)
def test_what_the_key_says(text: str, verdict: str):
    assert found(signed(), ask=knows(agency_example=text)).verdict == verdict


# The example of RFC 8463, appendix A: its mail, the signature of Ed25519 alone, and its key.
RFC_8463 = (
    b"DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n"
    b" d=football.example.com; i=@football.example.com;\r\n"
    b" q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n"
    b" subject : date : message-id : from : subject : date;\r\n"
    b" bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
    b" b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\r\n"
    b" Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==\r\n"
    b"From: Joe SixPack <joe@football.example.com>\r\n"
    b"To: Suzie Q <suzie@shopping.example.net>\r\n"
    b"Subject: Is dinner ready?\r\n"
    b"Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"
    b"Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n"
    b"\r\n"
    b"Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n"
)
RFC_8463_KEY = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
ED25519 = f"k=ed25519; p={RFC_8463_KEY}"


@pytest.mark.parametrize(
    ("raw", "text", "verdict"),
    [
        pytest.param(RFC_8463, f"v=DKIM1; k=ed25519; p={RFC_8463_KEY}", "pass", id="as-published"),
        pytest.param(RFC_8463, ED25519, "pass", id="without-the-version"),
        pytest.param(RFC_8463.replace(b"lost", b"won "), ED25519, "fail", id="text-changed"),
        pytest.param(RFC_8463.replace(b"dinner", b"supper"), ED25519, "fail", id="subject-changed"),
        pytest.param(RFC_8463.replace(b" b=/gC", b" b=/gD"), ED25519, "fail", id="signature-changed"),
        pytest.param(RFC_8463.replace(b"1Dw==", b""), ED25519, "fail", id="signature-cut-short"),
        pytest.param(RFC_8463, f"k=ed25519; t=y; p={RFC_8463_KEY}", "neutral", id="only-tried"),
        pytest.param(RFC_8463, f"k=ed25519; s=tlsrpt; p={RFC_8463_KEY}", "fail", id="for-other-things-than-mail"),
        pytest.param(RFC_8463, f"v=DKIM2; k=ed25519; p={RFC_8463_KEY}", "fail", id="another-version"),
        pytest.param(RFC_8463, "k=ed25519; p=", "permerror", id="revoked"),
        pytest.param(RFC_8463, "k=ed25519; p=AAAA", "permerror", id="no-key"),
        pytest.param(RFC_8463, "k=ed25519; p=!", "permerror", id="no-base64"),
        pytest.param(RFC_8463, record(), "fail", id="a-key-of-another-kind"),
    ],
)  # fmt: skip
def test_a_signature_of_ed25519(raw: bytes, text: str, verdict: str):
    def ask(name: str) -> list[bytes]:
        assert name == "brisbane._domainkey.football.example.com"
        return [text.encode()]

    assert found(raw, "joe@football.example.com", ask).verdict == verdict


def test_a_short_key_proves_nothing(monkeypatch: pytest.MonkeyPatch):
    # No library of today makes a key that is shorter than the limit, so the limit goes up.
    raw, ask = signed(bits=1024), knows(agency_example=record(1024))
    assert found(raw, ask=ask).verdict == "pass"
    monkeypatch.setattr(signatures, "LEAST_KEY_BITS", 2048)
    assert found(raw, ask=ask).verdict == "permerror"


def test_a_silent_dns_is_no_verdict():
    def silent(name: str) -> list[bytes]:
        raise DnsSilent

    assert found(signed(), ask=silent) == Checked("temperror")


def test_one_signature_that_holds_is_enough():
    twice = signed(signed(domain=b"mail.agency.example"))
    ask = knows(agency_example=record(), mail_agency_example=record(3072))
    assert found(twice, ask=ask) == Checked("pass", ("agency.example",))
    assert found(twice, "x@mail.agency.example", ask=ask).domains == ("agency.example",)


def test_dns_is_asked_for_three_keys_at_most_and_never_for_strangers():
    asked: list[str] = []

    def ask(name: str) -> list[bytes]:
        asked.append(name)
        return []

    many = b"".join(
        b"DKIM-Signature: v=1; a=rsa-sha256; d=agency.example; s=s%d; h=from:subject; bh=YQ==; b=YQ==\r\n" % number
        for number in range(50)
    )
    found(many + signed(domain=b"stranger.example") + b"", ask=ask)
    assert len(asked) == 3 and all(name.endswith("_domainkey.agency.example") for name in asked)


HOSTILE = {
    "spaces": signed().replace(b"We received", b" " * 2_000_000 + b"x"),
    "spaces-at-lines": signed(how=b"simple/simple").replace(b"We received", b" " * 2_000_000 + b"x"),
    "newlines": signed() + b"\n" * 500_000,
    "newlines-without-end": signed() + b"\n" * 5_000_000,
    "long-header": b"X: " + b"a " * 200_000 + b"\r\n" + signed(),
    "many-headers": b"X: a\r\n" * 60_000 + signed(),
    "endless-fold": b"X: a\r\n" + b" a\r\n" * 60_000 + signed(),
    "long-signature": b"DKIM-Signature: d=agency.example; h=from:subject; b" + b"\r\n " * 60_000 + b"\r\n" + MAIL,
    "signature-of-spaces": b"DKIM-Signature: v=1; a=rsa-sha256; d=agency.example; s=s1; h=from:subject; bh=YQ==; b"
    + b" " * 3800 + b"!\r\n" + MAIL,
    "many-names": b"DKIM-Signature: v=1; a=rsa-sha256; d=agency.example; s=s1; bh=YQ==; b=YQ==; h=" + b"from:" * 700
    + b"\r\n" + MAIL,
    "no-end": b"DKIM-Signature: d=agency.example",
    "nothing": b"",
}  # fmt: skip


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_mail_holds_it_up(raw: bytes):
    began = process_time()  # not by the clock on the wall: the machine may be busy
    found(raw)
    assert process_time() - began < 8  # a second on most machines; the library alone takes hours


@given(st.binary(max_size=400), st.sampled_from([b"DKIM-Signature: ", b"", b"DKIM-Signature: v=1; d=agency.example; "]))
def test_it_never_raises(noise: bytes, before: bytes):
    assert found(before + noise + b"\r\n" + MAIL).verdict != "pass"


@given(st.binary(max_size=200))
def test_no_key_makes_it_raise(noise: bytes):
    assert check(signed(), SENDER, ask_dns=lambda name: [b"p=" + noise]).verdict != "pass"


def test_a_strangers_words_do_not_reach_the_log(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]):
    with caplog.at_level(logging.DEBUG):
        found(signed(), ask=knows(agency_example="p=secret-words"))
    assert not caplog.records and "secret" not in "".join(capfd.readouterr())


def test_the_mails_of_a_group_together_wait_for_dns_no_longer_than_allowed():
    asked: list[str] = []

    def slow(name: str) -> list[bytes]:
        asked.append(name)
        sleep(0.06)
        raise DnsSilent

    ask = signatures.within(0.1, slow)
    assert [found(signed(), ask=ask).verdict for _number in range(5)] == ["temperror"] * 5  # type: ignore[arg-type]
    assert len(asked) == 2


# --- with a real DNS server -------------------------------------------------------------------------------------------


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    records = {"s1._domainkey.agency.example": ["some other text", record()]}
    with name_server(records) as running:
        yield running


@pytest.mark.processes
def test_a_real_server_is_asked_once_for_many_mails(server: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(signatures, "SECONDS", 1.0)
    where, asked = server
    ask = dns_through((where,))
    assert [check(signed(), SENDER, ask_dns=ask).verdict for _number in range(3)] == ["pass"] * 3
    assert asked == ["s1._domainkey.agency.example"]
    assert ask("s1._domainkey.nobody.example") == [] and ask("a..b") == [] and ask("x" * 300) == []
    with pytest.raises(DnsSilent):
        ask("silent.example")


@pytest.mark.django_db
@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    ("raw", "switched_on", "state", "reason", "own"),
    [
        pytest.param(signed(mail(proven=None)), True, "filed", "proven_by_signature", "pass", id="signed"),
        pytest.param(
            signed(mail(proven=None)).replace(b"We received", b"We refused"),
            True, "triage", "signature_broken", "fail", id="changed",
        ),
        pytest.param(signed(mail(proven=None)), False, "triage", "not_checked", "not checked", id="switched-off"),
        pytest.param(
            signed(mail(proven=None, top=(f"Authentication-Results: {AUTHSERV}; spf=fail smtp.mailfrom=x.example",))),
            True, "filed", "proven_by_signature", "pass", id="forwarded",
        ),
        pytest.param(
            b"".join((mail(proven=False).partition(b"\r\n")[0], b"\r\n", signed(mail(proven=None)))),
            True, "triage", "authentication_failed", "pass", id="the-domain-says-no",
        ),
        pytest.param(
            b"".join((mail().partition(b"\r\n")[0], b"\r\n", signed(mail(proven=None)).replace(b"We", b"Who"))),
            True, "filed", "proven", "not checked", id="proven-by-the-server",
        ),
    ],
)  # fmt: skip
def test_a_signed_mail_of_a_known_contact_is_filed(
    raw: bytes, switched_on: bool, state: str, reason: str, own: str, letter: RecordsRequest, settings: Any,
    server: tuple[str, list[str]], reader: Reader,
):  # fmt: skip
    settings.MAIL_VERIFY_DKIM, settings.MAIL_DNS_SERVERS = switched_on, [server[0]]
    taken = services.take_in([raw], way="lmtp", now=NOON)
    services.process(taken.pk, now=NOON, reader=reader)
    message = IncomingMessage.objects.get()
    assert (message.state, reason in message.reasons) == (state, True), message.reasons
    assert message.authentication["own_dkim"] == own
    assert bool(server[1]) is (own != "not checked")
