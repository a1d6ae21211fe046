"""Letters signed for our domain: their reader can check what came, and a lost key is told."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from django.core import checks

from requests_app.correspondence import services
from requests_app.correspondence.models import OutgoingLetter
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Person
from tests.correspondence.test_sending import LATER, NOON, made, mailbox
from tests.servers import Mailbox

__all__ = ["made", "mailbox"]  # fixtures, used by name
pytestmark = pytest.mark.django_db

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(form: PrivateFormat = PrivateFormat.PKCS8) -> bytes:
    return KEY.private_bytes(Encoding.PEM, form, NoEncryption())


def dns(name: bytes, timeout: int = 5) -> bytes:
    """Answer as DNS would for the one name under which our key stands."""
    public = KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    known = {b"daylight._domainkey.harbor.example.": b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)}
    return known.get(name, b"")


@pytest.fixture
def keyed(settings: Any, tmp_path: Path) -> Callable[[bytes], Path]:
    """Let the settings name a key file that holds these bytes."""

    def keep(content: bytes) -> Path:
        file = tmp_path / f"{len(list(tmp_path.iterdir()))}.pem"
        file.write_bytes(content)
        settings.DKIM_KEY_FILE, settings.DKIM_DOMAIN = str(file), "harbor.example"
        return file

    return keep


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_a_letter_leaves_with_a_signature_that_its_reader_can_check(
    form: PrivateFormat, keyed: Callable[[bytes], Path], made: RecordsRequest, alice: Person, mailbox: Mailbox
) -> None:
    keyed(pem(form))
    services.queue_letter(made, by=alice, now=NOON)
    assert OutgoingLetter.send_due(LATER) == 1
    (delivery,) = mailbox.deliveries
    assert delivery.raw == OutgoingLetter.objects.get().raw.encode("ascii"), "what is kept is what left"
    assert dkim.verify(delivery.raw, dnsfunc=dns)
    assert delivery.message["From"].addresses[0].addr_spec == services.address_for(made.reference, made.reply_token)


@pytest.mark.parametrize(
    ("what", "instead"), [(b"\r\nSubject: ", b"\r\nSubject: No longer: "), (b"\r\n\r\n", b"\r\n\r\nPay here.\r\n")]
)
def test_a_changed_letter_no_longer_bears_it(
    what: bytes, instead: bytes, keyed: Callable[[bytes], Path], made: RecordsRequest, alice: Person
) -> None:
    keyed(pem())
    raw = services.queue_letter(made, by=alice, now=NOON).raw.encode("ascii")
    assert dkim.verify(raw, dnsfunc=dns)
    assert not dkim.verify(raw.replace(what, instead, 1), dnsfunc=dns)


def test_without_a_key_a_letter_leaves_unsigned(made: RecordsRequest, alice: Person) -> None:
    assert "DKIM-Signature" not in services.queue_letter(made, by=alice, now=NOON).raw


WRONG = {
    "no key": b"nothing",
    "another kind": ec.generate_private_key(ec.SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    ),
    "a password": KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x")),
}


@pytest.mark.parametrize("case", WRONG)
def test_with_a_key_that_is_none_nothing_is_queued_and_the_check_says_why(
    case: str, keyed: Callable[[bytes], Path], made: RecordsRequest, alice: Person
) -> None:
    file = keyed(WRONG[case])
    with pytest.raises(services.NotSendable, match="cannot sign its mail"):
        services.queue_letter(made, by=alice, now=NOON)
    assert not OutgoingLetter.objects.exists()
    (found,) = [one for one in checks.run_checks() if one.id == "daylight.E003"]
    assert str(file) in found.msg


def test_a_key_that_is_gone_is_told(keyed: Callable[[bytes], Path], made: RecordsRequest, alice: Person) -> None:
    keyed(pem()).unlink()
    with pytest.raises(services.NotSendable):
        services.queue_letter(made, by=alice, now=NOON)
    assert any(one.id == "daylight.E003" for one in checks.run_checks())
