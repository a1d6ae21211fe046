"""The life of a finding, as one table: what may happen to it in which state, and what it is then. Pure."""

from __future__ import annotations

import enum
from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class State(TextChoices):
    """Where a finding stands."""

    DRAFT = "draft", _("Draft")
    WAITING = "waiting", _("Waits for a second reader")
    VERIFIED = "verified", _("Two readers agree")
    DIFFERS = "differs", _("Two readers differ")
    ADJUDICATED = "adjudicated", _("Decided after two readers differed")
    SUPERSEDED = "superseded", _("Replaced by a later finding")
    WITHDRAWN = "withdrawn", _("Taken back")


class Act(enum.StrEnum):
    """What can happen to it."""

    OFFER = "offer"  # for a second reader
    AGREE = "agree"
    DIFFER = "differ"
    DECIDE = "decide"
    CHANGE = "change"
    REPLACE = "replace"
    WITHDRAW = "withdraw"


SETTLED: Final = frozenset({State.VERIFIED, State.ADJUDICATED})  # its value may be used
CLOSED: Final = frozenset({State.SUPERSEDED, State.WITHDRAWN})
BLIND: Final = frozenset({State.DRAFT, State.WAITING})  # nobody but its reader sees its value

_NEXT: Final[dict[tuple[State, Act], State]] = {
    (State.DRAFT, Act.OFFER): State.WAITING,
    (State.DRAFT, Act.CHANGE): State.DRAFT,
    (State.WAITING, Act.AGREE): State.VERIFIED,
    (State.WAITING, Act.DIFFER): State.DIFFERS,
    (State.DIFFERS, Act.DECIDE): State.ADJUDICATED,
    # Whatever was agreed was agreed about what stood there: a change asks for a second reader again.
    **{(state, Act.CHANGE): State.WAITING for state in (State.WAITING, State.DIFFERS, *SETTLED)},
    **{(state, Act.REPLACE): State.SUPERSEDED for state in (State.WAITING, State.DIFFERS, *SETTLED)},
    **{(state, Act.WITHDRAW): State.WITHDRAWN for state in State if state not in CLOSED},
}


def after(state: str, act: Act) -> State | None:
    """Return the state after an act, None where the act is not possible."""
    return _NEXT.get((State(state), act))
