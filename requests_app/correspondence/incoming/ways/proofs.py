"""Who posted a mail: what each kind of provider proves, as far as its documentation says. Pure.

| address | proof | signs the mail itself |
|---|---|---|
| /mail/webhook/ | ours: HMAC-SHA256 of time, dot and body, in headers | yes |
| /mail/webhook/mailgun/mime | Mailgun: HMAC-SHA256 of time and token, in fields of the form | no |
| /mail/webhook/sendgrid/ | SendGrid: ECDSA over time and body, in headers | yes |
| /mail/webhook/password/ | Postmark and others: name and password in the address that they post to | no |

Sources: documentation.mailgun.com "Securing webhooks" and "Receiving messages via HTTP"; twilio.com/docs/sendgrid
"Securing your Inbound Parse webhooks"; postmarkapp.com "Webhooks overview". Each proof has an address of its own, so
that nobody chooses the weaker one. All comparisons take the same time whatever is compared.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Final, Protocol

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import load_der_public_key

# No provider says whether it signs anew when it tries again. A signature is good for as long as its maker tries: eight
# hours (Mailgun) and three days (SendGrid), and a little. Each is taken once, however long it is good for.
MAILGUN_TRIES_SECONDS: Final = 9 * 3600
SENDGRID_TRIES_SECONDS: Final = 73 * 3600
_AHEAD_SECONDS: Final = 300  # by how much a provider's clock may be ahead of ours

_TIMESTAMP: Final = re.compile(r"[0-9]{1,12}")
_HEXADECIMAL: Final = re.compile(r"(?:sha256=)?([0-9a-fA-F]{64})")
_PEM_LINE: Final = re.compile(r"-----[A-Z ]{1,40}-----")
_TOKEN: Final = re.compile(r"[!-~]{1,100}")  # fifty signs today


class Refused(Exception):
    """The request was not taken. `status` is the answer's; the text says why, and nothing of what is known here."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class Proof(Protocol):
    """One request's proof. Called in this order: `begin`, `see` for each piece of the body, `source`.

    `in_form`: it stands in the fields of the form, which must be read for it.
    """

    in_form: bool

    def begin(self, headers: Mapping[str, str], now: datetime) -> None:
        """Look at what comes before the body. Raises Refused."""

    def see(self, piece: bytes) -> None:
        """Take notice of a piece of the body."""

    def source(self, fields: Mapping[str, str], now: datetime) -> str:
        """Return what names this request for good, "" where nothing does. Raises Refused when nothing is proven."""


class OwnSignature:
    """X-Mail-Timestamp and X-Mail-Signature: HMAC-SHA256 of "1772550000." and the body, byte for byte."""

    in_form = False

    def __init__(self, secret: str, *, seconds: int) -> None:
        self._secret, self._seconds = secret, seconds

    def begin(self, headers: Mapping[str, str], now: datetime) -> None:
        moment = _fresh(headers.get("X-Mail-Timestamp", ""), now, self._seconds, ahead=self._seconds)
        given = _HEXADECIMAL.fullmatch(headers.get("X-Mail-Signature", "").strip())
        if given is None:
            raise Refused(401, "The request is not signed, or the signature cannot be read.")
        self._moment, self._given = moment, given[1].lower()
        self._signer = hmac.new(self._secret.encode(), f"{moment}.".encode(), hashlib.sha256)

    def see(self, piece: bytes) -> None:
        self._signer.update(piece)

    def source(self, fields: Mapping[str, str], now: datetime) -> str:
        signed = self._signer.hexdigest()
        if not hmac.compare_digest(signed, self._given):
            raise Refused(401, "The signature is wrong: another secret, or the body was changed on the way.")
        return f"{self._moment}:{signed}"


class MailgunSignature:
    """The fields `timestamp`, `token` and `signature` of Mailgun's form: HMAC-SHA256 of the first two, in hexadecimal.

    It covers no byte of the mail: who learned one of a request that we never took could post another mail with it. A
    token is therefore good for one mail, and for as long as Mailgun tries.
    """

    in_form = True

    def __init__(self, key: str) -> None:
        self._key = key

    def begin(self, headers: Mapping[str, str], now: datetime) -> None:
        """Everything stands in the form."""

    def see(self, piece: bytes) -> None:
        """No piece is signed."""

    def source(self, fields: Mapping[str, str], now: datetime) -> str:
        timestamp, token = fields.get("timestamp", ""), fields.get("token", "")
        given = _HEXADECIMAL.fullmatch(fields.get("signature", ""))
        if given is None or not _TOKEN.fullmatch(token) or not _TIMESTAMP.fullmatch(timestamp):
            raise Refused(401, "The form is not signed: timestamp, token or signature is missing or cannot be read.")
        signed = hmac.new(self._key.encode(), f"{timestamp}{token}".encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(signed, given[1].lower()):
            raise Refused(401, "The signature is wrong: it was made with another signing key.")
        _fresh(timestamp, now, MAILGUN_TRIES_SECONDS, ahead=_AHEAD_SECONDS)
        return f"mailgun:{token}"


class SendGridSignature:
    """X-Twilio-Email-Event-Webhook-Timestamp and -Signature: ECDSA with SHA-256 over time and body, in base64."""

    in_form = False

    def __init__(self, public_key: str) -> None:
        self._key = public_key_of(public_key)

    def begin(self, headers: Mapping[str, str], now: datetime) -> None:
        said = headers.get("X-Twilio-Email-Event-Webhook-Timestamp", "")
        _fresh(said, now, SENDGRID_TRIES_SECONDS, ahead=_AHEAD_SECONDS)
        try:
            given = headers.get("X-Twilio-Email-Event-Webhook-Signature", "").strip()[:400]
            self._given = base64.b64decode(given, validate=True)
        except ValueError as trouble:
            raise Refused(401, "The request is not signed, or the signature cannot be read.") from trouble
        self._hash = hashlib.sha256(said.encode())

    def see(self, piece: bytes) -> None:
        self._hash.update(piece)

    def source(self, fields: Mapping[str, str], now: datetime) -> str:
        digest = self._hash.digest()
        try:
            self._key.verify(self._given, digest, ec.ECDSA(Prehashed(hashes.SHA256())))
        except InvalidSignature as trouble:
            raise Refused(401, "The signature is wrong: another key, or the body was changed on the way.") from trouble
        return f"sendgrid:{digest.hex()}"  # of time and body: a signature itself can be written in several ways


class NameAndPassword:
    """HTTP basic authentication (RFC 7617): all that some providers offer. Proves neither the mail nor its time."""

    in_form = False

    def __init__(self, name_and_password: str) -> None:
        self._expected = name_and_password.encode()

    def begin(self, headers: Mapping[str, str], now: datetime) -> None:
        scheme, _space, given = headers.get("Authorization", "")[:2_000].partition(" ")
        try:
            said = base64.b64decode(given.strip(), validate=True) if scheme.lower() == "basic" else b""
        except ValueError:
            said = b""
        if not hmac.compare_digest(said, self._expected):
            raise Refused(401, "Name and password are missing or wrong.")

    def see(self, piece: bytes) -> None:
        """No piece is signed."""

    def source(self, fields: Mapping[str, str], now: datetime) -> str:
        return ""


@lru_cache(maxsize=4)
def public_key_of(text: str) -> ec.EllipticCurvePublicKey:
    """Return SendGrid's public key, as its settings show it: base64 of DER, with or without the lines of PEM.

    Raises ValueError when it is none of an elliptic curve.
    """
    coded = "".join(_PEM_LINE.sub("", text.replace("\\n", "\n")).split())
    try:
        key = load_der_public_key(base64.b64decode(coded, validate=True))
    except (ValueError, UnsupportedAlgorithm) as trouble:
        raise ValueError("This is no public key in base64.") from trouble
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise ValueError("This is a public key, but none of an elliptic curve.")  # noqa: TRY004  of a setting
    return key


def _fresh(timestamp: str, now: datetime, seconds: int, *, ahead: int) -> int:
    """Return the moment that a request says of itself. Raises Refused when there is none, or it is not now."""
    if not _TIMESTAMP.fullmatch(timestamp):
        raise Refused(401, "The request says no time, in whole seconds since 1970.")
    age = now.timestamp() - int(timestamp)
    if age > seconds or age < -ahead:
        raise Refused(401, "The request is too old, or a clock is wrong. Sign it anew at each try.")
    return int(timestamp)
