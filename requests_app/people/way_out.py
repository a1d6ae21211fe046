"""The way out of our mails: a signed token that names a person and what to turn off. Pure, but for the key.

It opens nothing and shows nothing of an account. Whoever has the mail can turn these mails off, and no more; so the
token does not run out: a link in an old mail must work, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.core.signing import BadSignature, Signer

from requests_app.people.preferences import ALWAYS_MAILED, Topic

DIGESTS: Final = "digests"
EVERYTHING: Final = "everything"  # that can be turned off

_SALT: Final = "the way out of mails"
TURNED_OFF: Final = frozenset({Topic.THEIRS.value, Topic.NEWS.value, DIGESTS, EVERYTHING})
_MOST_SIGNS: Final = 200


@dataclass(frozen=True)
class WayOut:
    """Whose mails, and which: a topic, the digests, or everything that can be turned off."""

    person_id: int
    what: str


def token_for(way_out: WayOut) -> str:
    """Return the token that stands for a way out, safe in an address."""
    return Signer(salt=_SALT).sign_object([way_out.person_id, way_out.what])


def read_token(token: str) -> WayOut | None:
    """Return the way out that a token names; None for one that we did not make."""
    if len(token) > _MOST_SIGNS:
        return None
    try:
        person_id, what = Signer(salt=_SALT).unsign_object(token)
    except (BadSignature, ValueError, TypeError):
        return None
    return WayOut(person_id, what) if isinstance(person_id, int) and what in TURNED_OFF else None


def what_it_turns_off(topic: Topic) -> str:
    """Return what the way out in a mail of this topic turns off: the topic, or all that can be where it cannot be."""
    return EVERYTHING if topic in ALWAYS_MAILED else str(topic)
