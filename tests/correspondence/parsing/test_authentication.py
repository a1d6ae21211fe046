"""Who vouches for the sender: the one server that we trust, and nobody else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.correspondence.parsing import Authentication, parse_message, read_authentication
from tests.correspondence.parsing.builders import headers, mail

NAME = "Authentication-Results"
TRUSTED = "mx.example.org"
RECEIVED = ("Received", "from agency.example by mx.example.org; Mon, 1 Jun 2026 10:00:00 +0000")
ALL_PASS = (
    "mx.example.org; spf=pass smtp.mailfrom=clerk@agency.example; dkim=pass header.d=agency.example header.s=k1;"
    " dmarc=pass (p=reject) header.from=agency.example"
)


@pytest.mark.parametrize(
    ("values", "verdicts"),
    [
        pytest.param([ALL_PASS], ("pass", "pass", "pass"), id="all-pass"),
        pytest.param(
            ["MX.Example.ORG 1; spf=fail smtp.mailfrom=x.example"],
            ("fail", "not checked", "not checked"),
            id="with-version",
        ),
        pytest.param(["mx.example.org; none"], ("not checked",) * 3, id="none"),
        pytest.param(["mx.example.org"], ("not checked",) * 3, id="name-only"),
        pytest.param(["other.example; spf=pass; dkim=pass; dmarc=pass"], ("not checked",) * 3, id="another-server"),
        pytest.param(["mx.example.org.evil.example; dmarc=pass"], ("not checked",) * 3, id="a-longer-name"),
        pytest.param(["evil.mx.example.org; dmarc=pass"], ("not checked",) * 3, id="a-subdomain"),
        pytest.param(["(mx.example.org) evil.example; dmarc=pass"], ("not checked",) * 3, id="name-in-a-comment"),
        pytest.param(
            ["mx.example.org; dmarc=fail (dmarc=pass); spf=none"],
            ("none", "not checked", "fail"),
            id="pass-in-a-comment",
        ),
        pytest.param(
            ['mx.example.org; spf=fail reason="x; dmarc=pass" smtp.mailfrom=a'],
            ("fail", "not checked", "not checked"),
            id="pass-in-quotes",
        ),
        pytest.param(
            ["mx.example.org; dkim=fail header.d=list.example; dkim=pass header.d=agency.example"],
            ("not checked", "pass", "not checked"),
            id="one-good-signature-of-two",
        ),
        pytest.param(
            ["mx.example.org; dkim=pass"], ("not checked", "not checked", "not checked"), id="pass-for-nobody"
        ),
        pytest.param(
            ["mx.example.org; spf=hardfail; dmarc=bestguesspass"],
            ("fail", "not checked", "not checked"),
            id="other-words",
        ),
        pytest.param(
            ["mx.example.org; spf=softfail", "mx.example.org; dmarc=temperror"],
            ("softfail", "not checked", "temperror"),
            id="two-headers",
        ),
        pytest.param(
            ["mx.example.org; dmarc=pass", "mx.example.org; dmarc=fail"],
            ("not checked", "not checked", "fail"),
            id="worse-holds",
        ),
    ],
)
def test_verdicts(values, verdicts):
    found = read_authentication([RECEIVED, *((NAME, value) for value in values)], TRUSTED)
    assert (found.spf, found.dkim, found.dmarc) == verdicts


def test_domains_are_told():
    found = read_authentication([(NAME, ALL_PASS)], TRUSTED)
    assert found == Authentication("pass", "pass", "pass", "agency.example", ("agency.example",), "agency.example")
    assert found.checked


def test_what_came_with_the_mail_is_not_believed():
    """Our server's verdict stands above its own Received line or right below; a forged one comes below the next."""
    forged = (NAME, "mx.example.org; dmarc=pass; dkim=pass header.d=agency.example")
    own = (NAME, "mx.example.org; spf=fail smtp.mailfrom=evil.example")
    assert read_authentication([own, RECEIVED, forged], TRUSTED).dmarc == "not checked"
    assert read_authentication([RECEIVED, own, RECEIVED, forged], TRUSTED) == read_authentication([own], TRUSTED)


@pytest.mark.parametrize("trusted", ["", " "])
def test_without_a_trusted_name_nothing_is_checked(trusted):
    found = read_authentication([(NAME, "; dmarc=pass"), (NAME, ALL_PASS)], trusted)
    assert found == Authentication()
    assert not found.checked


def test_it_reads_what_the_parser_gives():
    message = parse_message(headers(f"{NAME}: {ALL_PASS}").removesuffix(b"\r\n") + mail())
    assert read_authentication(message.headers, TRUSTED).dmarc == "pass"


@given(st.text(max_size=200))
def test_any_header_can_be_read(value):
    read_authentication([(NAME, f"{TRUSTED}; {value}"), (NAME, value)], TRUSTED)
