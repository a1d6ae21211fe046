"""Signs a finished message for our domain (DKIM, RFC 6376), so that an agency's mail server can tell it from a forgery.

Only letters are signed here, when they are made, since what is kept of a letter is what left. Most groups send through
a mail server that signs for them, and set none of this.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import dkim
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from django.conf import settings

# Spaces and line breaks that a server on the way changes do no harm.
_CANONICAL: Final = (b"relaxed", b"relaxed")


class NoSigningKey(Exception):
    """The key is not there, or is none. The text says which file, for the log; it holds nothing of the key."""


@dataclass(frozen=True, slots=True)
class Signer:
    """With which key mail is signed: the domain it speaks for, the name under which DNS has its public half."""

    domain: str
    selector: str
    key: bytes

    def signed(self, raw: bytes) -> bytes:
        """Return the message with its signature before it. Raises NoSigningKey when the key cannot be used."""
        try:
            header: bytes = dkim.sign(
                raw, self.selector.encode("ascii"), self.domain.encode("idna"), self.key, canonicalize=_CANONICAL
            )
        except (dkim.DKIMException, ValueError) as trouble:
            raise NoSigningKey(f"Mail of {self.domain} cannot be signed: {trouble}") from trouble
        return header + raw


def signer() -> Signer | None:
    """Return what the settings name; None where nothing is to be signed. Raises NoSigningKey."""
    if not settings.DKIM_KEY_FILE:
        return None
    return Signer(settings.DKIM_DOMAIN, settings.DKIM_SELECTOR, _key(settings.DKIM_KEY_FILE))


@lru_cache(maxsize=4)  # a campaign signs a hundred letters; a new key is a new file, or a restart
def _key(file: str) -> bytes:
    try:
        key = load_pem_private_key(Path(file).read_bytes(), password=None)
    except OSError as trouble:
        raise NoSigningKey(f"{file} cannot be read: {trouble.strerror}.") from trouble
    except (ValueError, TypeError, UnsupportedAlgorithm) as trouble:
        raise NoSigningKey(f"{file} holds no private key in PEM form, or one with a password.") from trouble
    if not isinstance(key, RSAPrivateKey):
        raise NoSigningKey(f"{file} holds another kind of key. Make an RSA key: every mail server can check it.")
    # The older of two PEM forms is the one that dkimpy reads; OpenSSL writes the newer.
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())


def sign_if_configured(raw: bytes) -> bytes:
    """Return the message as it is to leave: signed where the settings name a key. Raises NoSigningKey."""
    chosen = signer()
    return raw if chosen is None else chosen.signed(raw)
