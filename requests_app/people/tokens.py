"""One-time links. The database holds a nonce and the hash of the token; only SECRET_KEY turns one into the other.

So a stolen database opens no account, and yet a mail that failed can be made again with the same link.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode

from django.conf import settings


def make_nonce() -> str:
    """Return 256 random bits as text."""
    return secrets.token_hex(32)


def token_of(nonce: str) -> str:
    """Return the token that belongs to a nonce: 43 signs that are safe in an address."""
    digest = hmac.new(settings.SECRET_KEY.encode(), b"sign-in link " + nonce.encode(), hashlib.sha256).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


def hash_of(token: str) -> str:
    """Return what the database keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
