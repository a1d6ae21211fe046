"""Values that are unreadable in the database: legal names, postal addresses, letters, secrets of second factors.

Sealed with Fernet under a key made from SALT_KEY alone, so that SECRET_KEY can be changed without losing a name.
A value that cannot be opened is an error, never a guess: a letter must not go out with a scrambled name in it.
"""

from __future__ import annotations

import base64
import hashlib
import json
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

_ROUNDS = 200_000  # of PBKDF2, once in the life of a process: SALT_KEY may be a passphrase


class SealedValueLost(Exception):
    """A sealed value cannot be opened."""

    def __init__(self) -> None:
        super().__init__(
            "A name, address or letter in the database cannot be opened: SALT_KEY is not the one it was sealed with. "
            "Nothing is lost. Set SALT_KEY to the earlier value and start again."
        )


@lru_cache(maxsize=4)
def _fernet(salt_key: str) -> Fernet:
    key = hashlib.pbkdf2_hmac("sha256", salt_key.encode(), b"daylight sealed values", _ROUNDS)
    return Fernet(base64.urlsafe_b64encode(key))


def seal(text: str) -> str:
    """Return `text` in a form that only this SALT_KEY opens. The empty text stays empty."""
    return _fernet(settings.SALT_KEY).encrypt(text.encode()).decode() if text else ""


def unseal(sealed: str) -> str:
    """Return the text that `seal` was given. Raises SealedValueLost under another SALT_KEY."""
    try:
        return _fernet(settings.SALT_KEY).decrypt(sealed.encode()).decode() if sealed else ""
    except InvalidToken as error:
        raise SealedValueLost from error


class SealedTextField(models.TextField):  # type: ignore[type-arg]
    """A text that is sealed in the database and plain in Python. It cannot be searched."""

    def get_prep_value(self, value: Any) -> Any:
        return None if value is None else seal(str(value))

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return None if value is None else unseal(value)


class SealedJSONField(models.TextField):  # type: ignore[type-arg]
    """A JSON document that is sealed as a whole: its keys are as unreadable as its values."""

    def get_prep_value(self, value: Any) -> Any:
        return None if value is None else seal(json.dumps(value, cls=DjangoJSONEncoder))

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        return None if value is None else json.loads(unseal(value))

    def to_python(self, value: Any) -> Any:
        return value

    def value_to_string(self, obj: models.Model) -> str:
        return json.dumps(self.value_from_object(obj), cls=DjangoJSONEncoder)
