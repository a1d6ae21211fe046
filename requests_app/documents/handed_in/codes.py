"""The secret of a link: written so that it can be read out over the telephone. Pure.

A link must never stand in what gets quoted, so that a text can be searched for anything that could be one.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from typing import Final

# Digits and small letters without i, l, o and u: heard or typed wrongly, 0 and 1 are meant. 28 signs are 140 bits.
ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
SIGNS: Final = 28
_GROUP: Final = 4
_MEANT: Final = str.maketrans("oil", "011")
_BETWEEN: Final = re.compile(r"[\s\-\u2010-\u2015\u00ad]+")
# Every place at which seven groups of four begin, also inside a longer row of them.
_CANDIDATE: Final = re.compile(
    r"(?<![0-9a-z])(?=((?:[0-9a-z][\s\-\u2010-\u2015\u00ad]*){27}[0-9a-z])(?![0-9a-z]))", re.IGNORECASE
)


def make_code() -> str:
    """Return a new secret, in the form in which its hash is taken."""
    return "".join(secrets.choice(ALPHABET) for _sign in range(SIGNS))


def shown(code: str) -> str:
    """Return a secret as it stands in an address and is read out: in groups of four."""
    return "-".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP))


def understood(typed: str) -> str:
    """Return the secret that somebody typed, however they set it apart; "" for what cannot be one."""
    if len(typed) > 4 * SIGNS:
        return ""
    code = _BETWEEN.sub("", typed).casefold().translate(_MEANT)
    return code if len(code) == SIGNS and all(sign in ALPHABET for sign in code) else ""


def candidates(text: str) -> Iterator[str]:
    """Walk everything in a text that could be the secret of a link, wrapped or not. Most of it is ordinary words."""
    for found in _CANDIDATE.finditer(text):
        code = understood(found[1])
        if code:
            yield code
