"""Mail as hosted providers post it, each with the proof that its own documentation describes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.http import HttpResponse
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from foia.checks import key_of_sendgrid_can_be_read
from requests_app.correspondence.incoming.models import Arrival, RawMail
from requests_app.correspondence.incoming.services import the_mail_store
from requests_app.correspondence.incoming.ways.proofs import Refused, SendGridSignature, public_key_of
from requests_app.documents.store import Store
from tests.correspondence.incoming.mails import ADDRESS, mail
from tests.correspondence.incoming.test_webhook import FORM, NOW, form, read
from tests.factories import NOON

MAILGUN, SENDGRID, PASSWORD = "/mail/webhook/mailgun/mime", "/mail/webhook/sendgrid/", "/mail/webhook/password/"
KEY = "key-0123456789abcdef"
OURS = ec.generate_private_key(ec.SECP256R1())
RAW = mail(text='Grüße & 100 % + \\more "quoted"\n')


def coded(key: Any) -> str:
    return base64.b64encode(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


@pytest.fixture
def noon(settings: Any, store: Store) -> Any:
    settings.MAIL_WEBHOOK_MAILGUN_KEY = KEY
    settings.MAIL_WEBHOOK_SENDGRID_KEY = coded(OURS)
    settings.MAIL_WEBHOOK_PASSWORD = "post:" + "p" * 32
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def post(where: str, body: bytes, kind: str = FORM, **headers: str) -> HttpResponse:
    answer: Any = Client(enforce_csrf_checks=True).generic("POST", where, body, kind, headers=headers)
    return answer


def kept() -> list[bytes]:
    return [the_mail_store().path(raw.pk).read_bytes() for raw in RawMail.objects.order_by("stored_at", "pk")]


# --- Mailgun: time, token and signature in the form -------------------------------------------------------------------


def of_mailgun(raw: bytes = RAW, *, at: int = NOW, token: str = "t" * 50, key: str = KEY, **changed: str) -> bytes:
    signed = hmac.new(key.encode(), f"{at}{token}".encode(), hashlib.sha256).hexdigest()
    fields = {"timestamp": str(at), "token": token, "signature": signed, "recipient": ADDRESS, "sender": "a@b.example"}
    fields |= changed
    return form(*((name, value.encode()) for name, value in fields.items()), ("body-mime", raw))


@pytest.mark.django_db
def test_mailgun_posts_a_mail(noon: Any):
    assert post(MAILGUN, of_mailgun()).status_code == 200
    assert kept() == [RAW]
    arrival = Arrival.objects.get()
    assert (arrival.envelope_from, arrival.envelope_to) == ("a@b.example", [ADDRESS])


@pytest.mark.django_db
def test_mailgun_posts_a_mail_without_files_percent_encoded(noon: Any):
    signed = hmac.new(KEY.encode(), f"{NOW}abc".encode(), hashlib.sha256).hexdigest()
    fields = {"timestamp": NOW, "token": "abc", "signature": signed, "recipient": ADDRESS, "body-mime": RAW}
    assert post(MAILGUN, urlencode(fields).encode(), "application/x-www-form-urlencoded").status_code == 200
    assert kept() == [RAW] and Arrival.objects.get().envelope_to == [ADDRESS]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(of_mailgun(key="another"), id="another-key"),
        pytest.param(of_mailgun(signature="0" * 64), id="a-wrong-signature"),
        pytest.param(of_mailgun(signature=""), id="no-signature"),
        pytest.param(of_mailgun(signature="é" * 64), id="rubbish"),
        pytest.param(of_mailgun(token=""), id="no-token"),
        pytest.param(of_mailgun(token="t\x00"), id="a-token-with-a-zero-byte"),
        pytest.param(of_mailgun(token="t" * 500), id="an-endless-token"),
        pytest.param(of_mailgun(timestamp=str(NOW + 1)), id="another-time-than-signed"),
        pytest.param(of_mailgun(at=NOW - 9 * 3600 - 1), id="older-than-mailgun-tries"),
        pytest.param(of_mailgun(at=NOW + 301), id="from-the-future"),
        pytest.param(form(("body-mime", RAW)), id="unsigned"),
        pytest.param(b"rubbish", id="no-form"),
    ],
)
def test_what_mailgun_did_not_sign_is_refused(body: bytes, noon: Any, store: Store):
    answer = post(MAILGUN, body)
    assert (answer.status_code, RawMail.objects.count(), store.left_over()) == (401, 0, [])


@pytest.mark.django_db
def test_a_token_of_mailgun_is_good_for_one_mail_only(noon: Any):
    assert post(MAILGUN, of_mailgun()).status_code == 200
    other = of_mailgun(mail(text="Send us money.\n"))
    assert [post(MAILGUN, body).status_code for body in (of_mailgun(), other)] == [406, 406], "it stops at 406"
    noon.shift(timedelta(hours=8))
    assert post(MAILGUN, other).status_code == 406
    assert kept() == [RAW]


@pytest.mark.django_db
def test_a_mail_that_mailgun_posts_again_hours_later_is_kept(noon: Any):
    body = of_mailgun()
    noon.shift(timedelta(hours=8))
    assert post(MAILGUN, body).status_code == 200


@pytest.mark.django_db
def test_a_signed_form_without_the_raw_mail_is_refused_with_words(noon: Any):
    signed = hmac.new(KEY.encode(), f"{NOW}abc".encode(), hashlib.sha256).hexdigest()
    fields = {"timestamp": str(NOW), "token": "abc", "signature": signed, "body-plain": "Only the text."}
    answer = post(MAILGUN, form(*((name, value.encode()) for name, value in fields.items())))
    assert answer.status_code == 422 and b"as it came" in answer.content


# --- SendGrid: ECDSA over time and body, in headers -------------------------------------------------------------------


def of_sendgrid(body: bytes, *, at: str = str(NOW), key: Any = OURS) -> dict[str, str]:
    signed = base64.b64encode(key.sign(at.encode() + body, ec.ECDSA(hashes.SHA256()))).decode()
    return {"X-Twilio-Email-Event-Webhook-Signature": signed, "X-Twilio-Email-Event-Webhook-Timestamp": at}


BODY = form(("email", RAW), ("envelope", json.dumps({"to": [ADDRESS], "from": "a@b.example"}).encode()))


@pytest.mark.django_db
def test_sendgrid_posts_a_mail(noon: Any):
    assert post(SENDGRID, BODY, **of_sendgrid(BODY)).status_code == 200
    assert kept() == [RAW] and Arrival.objects.get().envelope_to == [ADDRESS]
    assert post(SENDGRID, BODY, **of_sendgrid(BODY)).status_code == 409, "another signature of the same moment"
    noon.shift(timedelta(days=2))
    assert post(SENDGRID, BODY, **of_sendgrid(BODY)).status_code == 409
    assert post(SENDGRID, BODY, **of_sendgrid(BODY, at=str(NOW + 172_800))).status_code == 200
    assert len(kept()) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="unsigned"),
        pytest.param(of_sendgrid(BODY + b" "), id="another-body"),
        pytest.param(of_sendgrid(BODY, key=ec.generate_private_key(ec.SECP256R1())), id="another-key"),
        pytest.param(of_sendgrid(BODY, at=str(NOW - 74 * 3600)), id="older-than-sendgrid-tries"),
        pytest.param(of_sendgrid(BODY, at=str(NOW + 301)), id="from-the-future"),
        pytest.param(of_sendgrid(BODY, at="now"), id="no-time"),
        pytest.param(
            of_sendgrid(BODY) | {"X-Twilio-Email-Event-Webhook-Timestamp": str(NOW - 1)}, id="another-time-than-signed"
        ),
        pytest.param(of_sendgrid(BODY) | {"X-Twilio-Email-Event-Webhook-Signature": "!"}, id="no-base64"),
        pytest.param(of_sendgrid(BODY) | {"X-Twilio-Email-Event-Webhook-Signature": "AAAA"}, id="no-signature"),
        pytest.param(of_sendgrid(BODY) | {"X-Twilio-Email-Event-Webhook-Signature": "é"}, id="rubbish"),
    ],
)
def test_what_sendgrid_did_not_sign_is_refused(headers: dict[str, str], noon: Any, store: Store):
    assert post(SENDGRID, BODY, **headers).status_code == 401
    assert not RawMail.objects.exists() and store.left_over() == []


# An example that SendGrid publishes with its own libraries for checking signatures.
PUBLISHED_KEY = (
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfS"
    "mpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g=="
)
PUBLISHED = {
    "X-Twilio-Email-Event-Webhook-Signature": "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZU"
    "AiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=",
    "X-Twilio-Email-Event-Webhook-Timestamp": "1600112502",
}
PUBLISHED_BODY = (
    b'[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address",'
    b'"sg_event_id":"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA",'
    b'"sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0",'
    b'"smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]\r\n'
)


@pytest.mark.parametrize("changed", [b"", b" "])
def test_a_signature_that_sendgrid_itself_made_is_checked(changed: bytes):
    proof, then = SendGridSignature(PUBLISHED_KEY), datetime.fromtimestamp(1600112510, UTC)
    proof.begin(PUBLISHED, then)
    for piece in (PUBLISHED_BODY[:50], PUBLISHED_BODY[50:], changed):
        proof.see(piece)
    if not changed:
        assert proof.source({}, then).startswith("sendgrid:")
    else:
        with pytest.raises(Refused):
            proof.source({}, then)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        pytest.param(coded(OURS), True, id="as-shown"),
        pytest.param(f"-----BEGIN PUBLIC KEY-----\n{coded(OURS)}\n-----END PUBLIC KEY-----\n", True, id="pem"),
        pytest.param(
            f"-----BEGIN PUBLIC KEY-----\\n{coded(OURS)}\\n-----END PUBLIC KEY-----", True, id="pem-in-a-line"
        ),
        pytest.param(coded(OURS)[:-8], False, id="cut-short"),
        pytest.param("a secret", False, id="no-key"),
        pytest.param(coded(rsa.generate_private_key(65537, 2048)), False, id="of-another-kind"),
    ],
)
def test_the_key_of_sendgrid_is_read_and_the_check_says_when_it_cannot_be(text: str, right: bool, settings: Any):
    settings.MAIL_WEBHOOK_SENDGRID_KEY = text
    assert [one.id for one in key_of_sendgrid_can_be_read(None)] == ([] if right else ["daylight.E007"])
    if right:
        assert public_key_of(text).public_numbers() == OURS.public_key().public_numbers()


# --- a name and a password, as Postmark ------------------------------------------------------------------------------


def basic(said: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(said.encode()).decode()}


RIGHT = basic("post:" + "p" * 32)


def of_postmark(raw: str, **more: Any) -> bytes:
    said = {"From": "a@b.example", "Headers": [{"Name": "RawEmail", "Value": "no"}], "OriginalRecipient": ADDRESS}
    return json.dumps(said | {"TextBody": 'He said "RawEmail": "x"', "RawEmail": raw} | more).encode()


@pytest.mark.django_db
def test_postmark_posts_a_mail_in_json(noon: Any):
    body = of_postmark(RAW.decode())
    assert post(PASSWORD, body, "application/json; charset=utf-8", **RIGHT).status_code == 200
    assert kept() == [RAW] and Arrival.objects.get().envelope_to == [ADDRESS]
    assert post(PASSWORD, body, "application/json", **RIGHT).status_code == 200, "tried again"
    assert len(kept()) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "headers",
    [{}, basic("post:wrong"), basic("post:"), {"Authorization": "Basic é"}, {"Authorization": "Bearer x"},
     {"Authorization": RIGHT["Authorization"][:-4]}],
)  # fmt: skip
def test_without_the_password_nothing_is_kept(headers: dict[str, str], noon: Any, store: Store):
    assert post(PASSWORD, of_postmark(RAW.decode()), "application/json", **headers).status_code == 401
    assert not RawMail.objects.exists() and store.left_over() == []


@pytest.mark.django_db
@pytest.mark.parametrize("body", [b"{}", b"[]", b"null", b'{"RawEmail": null}', b'{"RawEmail": "\\', of_postmark("")])
def test_json_without_the_raw_mail_is_refused(body: bytes, noon: Any):
    assert post(PASSWORD, body, "application/json", **RIGHT).status_code == 422
    assert not RawMail.objects.exists()


@given(st.text(min_size=1, max_size=200), st.text(max_size=60), st.booleans())
def test_every_mail_in_json_comes_out_as_it_went_in(raw: str, other: str, ascii_only: bool):
    said = {"A": other, "B": {"RawEmail": other, "C": [other, {"RawEmail": other}]}, other + "x": 1, "RawEmail": raw}
    body = json.dumps(said, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    found = read(body, "application/json")
    if not ascii_only and any("\ud800" <= one <= "\udfff" for one in raw + other):
        return
    assert found is not None and found[1] == raw.encode("utf-8", "surrogatepass")


@given(st.binary(min_size=1, max_size=500))
def test_no_json_breaks_it(body: bytes):
    for sent in (body, b'{"RawEmail":"' + body, b'{"RawEmail":' + body + b'"x"}', b'{"' + body + b'":"RawEmail"}'):
        read(sent, "application/json")


# --- all of them ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("where", [MAILGUN, SENDGRID, PASSWORD])
def test_without_its_setting_there_is_no_such_address(where: str, store: Store):
    assert post(where, of_mailgun(), **RIGHT, **of_sendgrid(of_mailgun())).status_code == 404


@pytest.mark.django_db
def test_the_proof_of_one_provider_opens_no_address_of_another(noon: Any, settings: Any):
    settings.MAIL_WEBHOOK_SECRET = "a secret of thirty-two characters or more"
    body = of_mailgun()
    for where in ("/mail/webhook/", SENDGRID, PASSWORD):
        assert post(where, body).status_code == 401
    assert post(MAILGUN, BODY, **RIGHT, **of_sendgrid(BODY)).status_code == 401
    assert not RawMail.objects.exists()
