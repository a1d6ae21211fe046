"""The reply token: which request a mail is for, by the address it was sent to.

A token has 20 random characters and 2 check characters, written in groups of five. Its alphabet has one of each set of
look-alikes (1 for i and l, 0 for o, 5 for s, 2 for z, 8 for b, v for u), so that a person who types it off paper cannot
mean two tokens: what they typed has exactly one reading. 29 characters to the 20th power are 97 bits.

    replies+k7m2q-94cdp-0x3wf-h6ty1-9e@mail.example.org     plus-addressing
    k7m2q-94cdp-0x3wf-h6ty1-9e@replies.example.org          catch-all
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

ALPHABET: Final = "0123456789acdefghjkmnpqrtvwxy"
RANDOM_CHARACTERS: Final = 20
CHECK_CHARACTERS: Final = 2
LENGTH: Final = RANDOM_CHARACTERS + CHECK_CHARACTERS
_GROUP: Final = 5
# What a person types for a character that they misread. The right side is in the alphabet, the left is not.
_LOOKALIKES: Final = str.maketrans(
    {"i": "1", "l": "1", "|": "1", "!": "1", "o": "0", "s": "5", "z": "2", "b": "8", "u": "v"}
)
_VALUE: Final = {character: number for number, character in enumerate(ALPHABET)}
# Wherever a local part was retyped, what stands between mailbox and token is not to be trusted.
_BETWEEN: Final = re.compile(r"[\s+\-_.=~/#*]+")

How = Literal["exact", "retyped", "none"]


@dataclass(frozen=True, slots=True)
class AddressForm:
    """How reply addresses are formed. With a `mailbox`: mailbox+token@domain. Without: token@domain (catch-all)."""

    domain: str
    mailbox: str = ""
    separator: str = "+"


@dataclass(frozen=True, slots=True)
class Reading:
    """The tokens found, and how: `exact` may find several, `retyped` finds one, for a guess must not be a choice."""

    tokens: tuple[str, ...]
    how: How


def new_token(choose: Callable[[Sequence[str]], str] = secrets.choice) -> str:
    """Return a new token, in groups. `choose` picks a character; tests give their own."""
    letters = "".join(choose(ALPHABET) for _place in range(RANDOM_CHARACTERS))
    return written(letters + check_characters(letters))


def written(letters: str) -> str:
    """Return a token's 22 characters as it is written and stored: in groups of five."""
    return "-".join(letters[place : place + _GROUP] for place in range(0, len(letters), _GROUP))


def check_characters(letters: str) -> str:
    """Return two characters that change with every single wrong character and every two that changed places.

    Two sums over the prime 29: of the characters, and of the characters each times its place.
    """
    values = [_VALUE[letter] for letter in letters]
    plain = sum(values) % len(ALPHABET)
    weighted = sum(place * value for place, value in enumerate(values, start=1)) % len(ALPHABET)
    return ALPHABET[plain] + ALPHABET[weighted]


def reply_address(token: str, form: AddressForm) -> str:
    """Return the address to which answers about one request go."""
    return f"{form.mailbox}{form.separator if form.mailbox else ''}{token}@{form.domain}"


def read_tokens(addresses: Iterable[str], form: AddressForm, known: Callable[[str], bool]) -> Reading:
    """Return the known tokens in addresses that a mail was sent to.

    1. As we wrote them: all that are known, for one mail can answer several requests.
    2. Else as a person may have retyped them: case, lost or added separators, look-alikes. Only when its check
       characters are right, when `known` knows it, and when all addresses together leave one such reading.

    `known` is asked about few tokens and only about well-formed ones; whoever answers it must do so in constant time.
    """
    local_parts = list(dict.fromkeys(_local_part(address, form) for address in addresses))[:500]
    exact = [token for local in local_parts if (token := _as_written(local, form)) and known(token)]
    if exact:
        return Reading(tuple(dict.fromkeys(exact)), "exact")
    guesses = dict.fromkeys(token for local in local_parts if (token := _as_retyped(local, form)))
    retyped = [token for token in guesses if known(token)]
    return Reading((retyped[0],), "retyped") if len(retyped) == 1 == len(guesses) else Reading((), "none")


def _local_part(address: str, form: AddressForm) -> str:
    """Return what stands before the @ of one of our addresses, "" for anybody else's."""
    local, _, domain = address.strip().strip("<>").rpartition("@")
    return local.strip('"')[:200] if domain.lower().rstrip(".") == form.domain.lower() else ""


def _as_written(local: str, form: AddressForm) -> str:
    """Return the token of a local part that is as we wrote it, "" when it is not. Mail servers may change the case."""
    token = local.lower()
    if form.mailbox:
        before = f"{form.mailbox}{form.separator}".lower()
        if not token.startswith(before):
            return ""
        token = token[len(before) :]
    return token if token == written(_letters(token)) and _is_right(_letters(token)) else ""


def _as_retyped(local: str, form: AddressForm) -> str:
    """Return the one token that a retyped local part can mean, "" when it can mean none."""
    typed = local.lower()
    if form.mailbox:
        if not typed.startswith(form.mailbox.lower()):
            return ""
        typed = typed[len(form.mailbox) :]
    letters = _BETWEEN.sub("", typed).translate(_LOOKALIKES)
    return written(letters) if _is_right(letters) else ""


def _letters(token: str) -> str:
    return token.replace("-", "")


def _is_right(letters: str) -> bool:
    if len(letters) != LENGTH or any(letter not in _VALUE for letter in letters):
        return False
    return check_characters(letters[:RANDOM_CHARACTERS]) == letters[RANDOM_CHARACTERS:]
