"""Mail that a provider posts: signed, fresh, once, kept before it is answered; and nothing told to whoever asks."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import tempfile
from collections.abc import Sequence
from datetime import timedelta
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
import time_machine
from django.db import DatabaseError
from django.http import HttpResponse
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from requests_app.correspondence.incoming import services
from requests_app.correspondence.incoming.models import Arrival, IncomingMessage, RawMail
from requests_app.correspondence.incoming.reader import Reader
from requests_app.correspondence.incoming.ways.posted_form import NotUnderstood, Posted, read_posted
from requests_app.correspondence.incoming.ways.webhook import signature_of
from requests_app.documents.store import DiskFull, Store
from requests_app.filing.models import RecordsRequest
from tests.correspondence.incoming.mails import ADDRESS, mail
from tests.factories import NOON

PAGE, SECRET = "/mail/webhook/", "a secret of thirty-two characters or more"
NOW = int(NOON.timestamp())
FORM = "multipart/form-data; boundary=xYzZY"


@pytest.fixture
def noon(settings: Any, store: Store) -> Any:
    settings.MAIL_WEBHOOK_SECRET = SECRET
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def form(*fields: tuple[str, bytes], boundary: str = "xYzZY") -> bytes:
    made = b"".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + value + b"\r\n"
        for name, value in fields
    )
    return made + f"--{boundary}--\r\n".encode()


def post(body: bytes, kind: str = "message/rfc822", *, at: int = NOW, **changed: Any) -> HttpResponse:
    headers = {"X-Mail-Timestamp": str(at), "X-Mail-Signature": f"sha256={signature_of(SECRET, at, body)}"}
    headers |= changed.pop("headers", {})
    answer: Any = Client(enforce_csrf_checks=True).generic("POST", PAGE, body, kind, headers=headers, **changed)
    return answer


# --- taken ------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_posted_mail_is_kept_before_it_is_answered(noon: Any, store: Store, letter: RecordsRequest, reader: Reader):
    raw = mail()
    answer = post(raw)
    assert (answer.status_code, answer.content) == (200, b"Kept.\n")
    kept = RawMail.objects.get()
    assert store.path(kept.pk).read_bytes() == raw and store.left_over() == []
    assert Arrival.objects.get().way == "webhook"
    services.process(kept.pk, now=NOON, reader=reader)
    assert IncomingMessage.objects.get().state == "filed"


MIXED = mail(text="--xYzZ\n--xYzZY1 is none\n")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "sender", "recipients"),
    [
        pytest.param(
            [("sender", b"a@b.example"), ("recipient", ADDRESS.encode()), ("body-mime", MIXED)],
            "a@b.example", [ADDRESS], id="sender-and-recipient",
        ),
        pytest.param(
            [("email", MIXED), ("envelope", json.dumps({"to": [ADDRESS, "x@y.example"], "from": ""}).encode())],
            "", [ADDRESS, "x@y.example"], id="envelope-in-json",
        ),
        pytest.param([("raw", MIXED), ("envelope", b"[[[")], "", [], id="envelope-broken"),
        pytest.param([("raw", MIXED), ("envelope", b'{"to": 7, "from": {}}')], "", [], id="envelope-of-numbers"),
        pytest.param([("raw", MIXED), ("recipient", b"a\x00b\r\nBcc: x\xff@y.example")], "", None, id="hostile"),
        pytest.param([("raw", MIXED), ("raw", b"another")], "", [], id="two-fields-of-a-name"),
    ],
)  # fmt: skip
def test_forms_of_providers_are_understood(
    fields: list[tuple[str, bytes]], sender: str, recipients: Sequence[str] | None, noon: Any, store: Store
):
    assert post(form(*fields), FORM).status_code == 200
    assert store.path(RawMail.objects.get().pk).read_bytes() == MIXED
    arrival = Arrival.objects.get()
    assert arrival.envelope_from == sender
    if recipients is not None:
        assert arrival.envelope_to == recipients
    assert "\x00" not in "".join(arrival.envelope_to)


@pytest.mark.django_db
def test_a_percent_encoded_form_is_understood_too(noon: Any, store: Store):
    raw = mail(text="Grüße & 100 % + more\n")
    body = b"recipient=" + quote_from_bytes(ADDRESS.encode()).encode() + b"&body-mime="
    body += quote_from_bytes(raw).replace("%20", "+").encode()
    assert post(body, "application/x-www-form-urlencoded").status_code == 200
    assert store.path(RawMail.objects.get().pk).read_bytes() == raw
    assert Arrival.objects.get().envelope_to == [ADDRESS]


# --- refused ----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("facts", "status"),
    [
        pytest.param({"headers": {"X-Mail-Signature": "sha256=" + "0" * 64}}, 401, id="wrong"),
        pytest.param({"headers": {"X-Mail-Signature": ""}}, 401, id="none"),
        pytest.param({"headers": {"X-Mail-Signature": "sha1=abc"}}, 401, id="another-kind"),
        pytest.param({"headers": {"X-Mail-Signature": "é" * 64}}, 401, id="rubbish"),
        pytest.param({"headers": {"X-Mail-Timestamp": str(NOW - 1)}}, 401, id="another-time-than-signed"),
        pytest.param({"headers": {"X-Mail-Timestamp": "now"}}, 401, id="no-time"),
        pytest.param({"headers": {"X-Mail-Timestamp": "\u0661" * 9}}, 401, id="digits-of-another-script"),
        pytest.param({"headers": {"X-Mail-Timestamp": "9" * 400}}, 401, id="an-endless-time"),
        pytest.param({"at": NOW - 301}, 401, id="too-old"),
        pytest.param({"at": NOW + 301}, 401, id="from-the-future"),
        pytest.param({"body": b"", "CONTENT_LENGTH": "0"}, 400, id="empty"),
        pytest.param({"kind": "application/json"}, 422, id="no-form"),
        pytest.param({"kind": "multipart/form-data"}, 422, id="no-boundary"),
        pytest.param({"kind": FORM, "body": form(("text", b"Only the text."))}, 422, id="no-mail-in-the-form"),
        pytest.param({"kind": FORM, "body": b"--xYzZY\r\nbroken"}, 422, id="a-broken-form"),
    ],
)
def test_what_is_not_signed_fresh_and_whole_is_refused(facts: dict[str, Any], status: int, noon: Any, store: Store):
    given = {"body": mail(), **facts}
    assert post(given.pop("body"), given.pop("kind", "message/rfc822"), **given).status_code == status
    assert not RawMail.objects.exists() and store.left_over() == []


@pytest.mark.django_db
def test_another_secret_or_another_body_is_refused(noon: Any, settings: Any):
    signed = signature_of(SECRET, NOW, mail())
    assert post(mail(text="Send us money.\n"), headers={"X-Mail-Signature": signed}).status_code == 401
    settings.MAIL_WEBHOOK_SECRET = SECRET.upper()
    assert post(mail()).status_code == 401
    assert not RawMail.objects.exists()


@pytest.mark.django_db
def test_the_same_request_is_taken_once(noon: Any):
    raw = mail()
    assert [post(raw).status_code for _time in range(3)] == [200, 409, 409]
    assert (RawMail.objects.count(), Arrival.objects.count()) == (1, 1)
    noon.shift(timedelta(minutes=6))
    assert post(raw).status_code == 401, "later, it is too old"
    assert post(raw, at=NOW + 360).status_code == 200, "the provider that tries again signs again"
    assert (RawMail.objects.count(), Arrival.objects.count()) == (1, 2)


@pytest.mark.django_db
def test_what_is_too_large_is_refused_unread(noon: Any, settings: Any, store: Store):
    settings.MAIL_IN_LIMIT_MB = 1
    assert post(b"x" * (1024 * 1024 + 1)).status_code == 413, "the mail"
    assert post(b"x" * (3 * 1024 * 1024)).status_code == 413, "the request"
    assert post(mail(), CONTENT_LENGTH="").status_code == 411
    assert post(mail(), CONTENT_LENGTH="-5").status_code == 411
    assert not RawMail.objects.exists() and store.left_over() == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("trouble", "status"),
    [
        pytest.param(DiskFull(), 507, id="disk-full"),
        pytest.param(OSError(28, "No space left"), 507, id="disk-full-as-the-system-says"),
        pytest.param(OSError(5, "Input/output error"), 503, id="disk-broken"),
        pytest.param(DatabaseError("gone"), 503, id="no-database"),
    ],
)
def test_what_could_not_be_kept_shall_come_again(
    trouble: Exception, status: int, noon: Any, monkeypatch: pytest.MonkeyPatch
):
    def broken(*_args: Any, **_facts: Any) -> RawMail:
        raise trouble

    with monkeypatch.context() as patched:
        patched.setattr(services, "take_in", broken)
        assert post(mail()).status_code == status
    assert post(mail()).status_code == 200


@pytest.mark.django_db
def test_without_a_secret_there_is_no_such_address(settings: Any, store: Store):
    settings.MAIL_WEBHOOK_SECRET = ""
    assert post(mail()).status_code == 404
    assert not RawMail.objects.exists()


@pytest.mark.django_db
def test_only_posting_and_nothing_is_told_or_logged(
    noon: Any, letter: RecordsRequest, caplog: pytest.LogCaptureFixture
):
    assert Client().get(PAGE).status_code == 405
    with caplog.at_level(logging.INFO):
        known = post(form(("recipient", ADDRESS.encode()), ("raw", mail(subject="Known"))), FORM)
        unknown = post(form(("recipient", b"x@reply.example"), ("raw", mail(subject="Unknown"))), FORM)
        post(mail(), headers={"X-Mail-Signature": "0" * 64})
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    for private in (ADDRESS, SECRET, letter.reply_token, "agency.example", "Known"):
        assert private not in caplog.text


@pytest.mark.processes
def test_the_lines_of_the_manual_sign_as_we_do(tmp_path: Path):
    text = (Path(__file__).resolve().parents[3] / "docs" / "mail-in.md").read_text()
    line = next(line for line in text.splitlines() if line.startswith("sign=$("))
    (tmp_path / "mail.eml").write_bytes(mail())
    script = f'now={NOW}\n{line}\nprintf %s "$sign"'
    given = {"MAIL_WEBHOOK_SECRET": SECRET, "PATH": os.environ["PATH"]}
    ended = subprocess.run(["bash", "-c", script], cwd=tmp_path, env=given, capture_output=True, text=True, check=True)
    assert ended.stdout == signature_of(SECRET, NOW, (tmp_path / "mail.eml").read_bytes())


# --- the form, pure ---------------------------------------------------------------------------------------------------


def read(body: bytes, kind: str) -> tuple[Posted, bytes] | None:
    with tempfile.TemporaryFile() as file:
        file.write(body)
        file.flush()
        with mmap(file.fileno(), 0, access=ACCESS_READ) as mapped:
            try:
                found = read_posted(mapped, kind)
            except NotUnderstood:
                return None
            return found, found.decoded if found.decoded is not None else mapped[found.start : found.end]


@given(st.binary(min_size=1, max_size=500).filter(lambda one: b"--xYzZY" not in one), st.booleans())
def test_every_mail_in_a_form_comes_out_as_it_went_in(content: bytes, first: bool):
    fields = [("x", b"1"), ("email", content)]
    found = read(form(*(fields if first else reversed(fields))), FORM)
    assert found is not None and found[1] == content


@given(st.binary(min_size=1, max_size=2000), st.sampled_from([FORM, "application/x-www-form-urlencoded", "x/y", ""]))
def test_no_body_breaks_it(body: bytes, kind: str):
    for sent in (
        body,
        b"--xYzZY\r\n" + body,
        b"--xYzZY\r\nname=email\r\n\r\n" + body + b"\r\n--xYzZY--",
        b"raw=" + body,
    ):
        read(sent, kind)


def test_a_form_of_endless_parts_ends():
    assert read(form(*[(f"f{number}", b"") for number in range(5000)], ("email", b"late")), FORM) is None
