"""What the address looks like to which answers about one request go. The one place that knows. Pure.

A token has 20 random characters and 2 check characters, written in groups of five. Its alphabet has one of each set of
look-alikes (1 for i and l, 0 for o, 5 for s, 2 for z, 8 for b, v for u), so that a person who types it off paper cannot
mean two tokens: what they typed has exactly one reading. 29 characters to the 20th power are 97 bits.

    records+k7m2q-94cdp-0x3wf-h6ty1-9e@mail.example.org     plus-addressing
    k7m2q-94cdp-0x3wf-h6ty1-9e@replies.example.org          catch-all: a domain of which every address is ours

Requests that were opened before have a short token of 8 characters, which stands behind the reference:

    records+md-2026-0007-k3v9x2ab@mail.example.org

Both tokens are read in both forms, whatever is configured: an organisation may change its form, but not its letters.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

ALPHABET: Final = "0123456789acdefghjkmnpqrtvwxy"
RANDOM_CHARACTERS: Final = 20
CHECK_CHARACTERS: Final = 2
LENGTH: Final = RANDOM_CHARACTERS + CHECK_CHARACTERS
START: Final = 5  # characters of a token by which it is looked up; the others are compared in constant time
LONGEST_LOCAL_PART: Final = 200  # of which anything is read; RFC 5321 allows 64
_GROUP: Final = 5
# What a person types for a character that they misread. The right side is in the alphabet, the left is not.
_LOOKALIKES: Final = str.maketrans(
    {"i": "1", "l": "1", "|": "1", "!": "1", "o": "0", "s": "5", "z": "2", "b": "8", "u": "v"}
)
_LETTERS_FOR: Final = {"0": "o", "1": "il", "|": "il", "!": "il", "5": "s", "8": "b", "2": "z"}
_VALUE: Final = {character: number for number, character in enumerate(ALPHABET)}
# Wherever a local part was retyped, what stands between mailbox and token is not to be trusted.
_BETWEEN: Final = re.compile(r"[\s+\-_.=~/#*]+")
_SHORT: Final = re.compile(r"([a-z]{2}-\d{4}-\d{4,6})-(\S{4,60})")
# A reference with its separators lost: MD20260007, perhaps with a sign too few.
_LIKE_REFERENCE: Final = re.compile(r"..20\d{2}\d{3,6}")
_MISTYPED_LENGTHS: Final = range(LENGTH - 6, LENGTH + 7)
_LEAST_DIGITS: Final = 2  # in what may be a token; of a thousand tokens, one has fewer


@dataclass(frozen=True, slots=True)
class AddressForm:
    """How reply addresses are formed: mailbox+token@domain, or with `catch_all` token@domain."""

    mailbox: str
    domain: str
    catch_all: bool = False

    @property
    def general(self) -> str:
        """The address of the house itself, which names no request."""
        return f"{self.mailbox}@{self.domain}"


@dataclass(frozen=True, slots=True)
class WrittenToken:
    """A token that stands in an address; whether it was ever given out is not known yet.

    `reference`: that of the request, where the address names it; such a token is a short one.
    """

    token: str
    reference: str = ""

    @property
    def key(self) -> str:
        """What to look it up by, which is no secret: the reference, else the beginning of the token."""
        return self.reference or self.token[:START]


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


def reply_address(reference: str, token: str, form: AddressForm) -> str:
    """Return the address to which answers about one request go."""
    named = token if _is_long(token) else f"{reference.lower()}-{token}"
    return f"{named}@{form.domain}" if form.catch_all else f"{form.mailbox}+{named}@{form.domain}"


def message_id_mark(token: str) -> str:
    """Return what makes the Message-IDs of a request's letters unguessable. Nobody can read the token out of it.

    Message-IDs are quoted in other people's mail and kept in their logs; the token must not travel with them.
    """
    return hashlib.sha256(f"message-id:{token}".encode()).hexdigest()[:20]


def local_part(address: str) -> tuple[str, str]:
    """Return what stands before and after the @, in lower case; two empty texts for what is no address."""
    local, at, domain = address.strip().strip("<>").lower().rpartition("@")
    return (local.strip('"')[:LONGEST_LOCAL_PART], domain.rstrip(".")) if at and local else ("", "")


def as_written(local: str) -> WrittenToken | None:
    """Return the token of a local part that is as we write it; None for any other.

    Behind whatever mailbox: ours may have had another name. Whoever knows the token knows what it is for.
    """
    rest = local.lower().rpartition("+")[2]
    letters = rest.replace("-", "")
    if rest == written(letters) and _is_right(letters):
        return WrittenToken(rest)
    short = _SHORT.fullmatch(rest)
    return WrittenToken(short[2], short[1].upper()) if short else None


def as_retyped(local: str, form: AddressForm) -> Iterator[WrittenToken]:
    """Yield every token that a retyped local part can mean: look-alikes, separators lost or added, case.

    A long token has one reading, and only when its check characters are right. A short one is compared folded.
    """
    signs = _without_mailbox(local, form)
    letters = signs.translate(_LOOKALIKES)
    if _is_right(letters):
        yield WrittenToken(written(letters))
    states = ["".join(pair) for pair in product(*(_LETTERS_FOR.get(sign, sign) for sign in signs[:2]))]
    digits = signs[2:12].translate(_LOOKALIKES)
    for length in (4, 5, 6):  # of the number of a request in its year
        end = 4 + length
        if len(signs) > 2 + end and digits[:end].isdecimal():
            for state in states:
                yield WrittenToken(signs[2 + end :], f"{state}-{digits[:4]}-{digits[4:end]}".upper())


def looks_like_token(local: str, form: AddressForm) -> bool:
    """Return whether a local part may be a token of ours, however badly typed: not `records`, `info` or a name."""
    signs = _without_mailbox(local, form)
    if sum(sign.isdecimal() for sign in signs) < _LEAST_DIGITS:
        return False
    letters = signs.translate(_LOOKALIKES)
    return len(letters) in _MISTYPED_LENGTHS or _LIKE_REFERENCE.match(letters) is not None


def is_same(typed: str, token: str) -> bool:
    """Compare two tokens in a time that does not tell how much of one was right."""
    return _is_same(typed.lower(), token.lower())


def is_same_retyped(typed: str, token: str) -> bool:
    """Compare what a person typed with a token, look-alikes being one, in a time that tells nothing."""
    return _is_same(_folded(typed), _folded(token))


def _is_same(one: str, other: str) -> bool:
    # A stranger's address may hold half of a pair of surrogates, which UTF-8 does not write.
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))


def _without_mailbox(local: str, form: AddressForm) -> str:
    signs, mailbox = _BETWEEN.sub("", local.lower()), _BETWEEN.sub("", form.mailbox.lower())
    if mailbox and _folded(signs).startswith(_folded(mailbox)):
        return signs[len(mailbox) :]
    return signs


def _folded(text: str) -> str:
    return _BETWEEN.sub("", text.lower()).translate(_LOOKALIKES)


def _is_long(token: str) -> bool:
    return _is_right(token.replace("-", ""))


def _is_right(letters: str) -> bool:
    if len(letters) != LENGTH or any(letter not in _VALUE for letter in letters):
        return False
    return check_characters(letters[:RANDOM_CHARACTERS]) == letters[RANDOM_CHARACTERS:]
