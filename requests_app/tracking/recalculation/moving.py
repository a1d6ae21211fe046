"""Which dates moved between two sets of deadlines of one request. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, Protocol

OPEN: Final = frozenset({"running", "paused", "missed"})


class Dated(Protocol):
    """What is read of a deadline."""

    @property
    def pk(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def duty_of(self) -> str: ...
    @property
    def rule_id(self) -> str: ...
    @property
    def trigger(self) -> str: ...
    @property
    def trigger_date(self) -> date: ...
    @property
    def earliest(self) -> date | None: ...
    @property
    def latest(self) -> date | None: ...
    @property
    def state(self) -> str: ...


@dataclass(frozen=True)
class Move:
    """A date before and after; None where it was not there, or is no longer."""

    before: Dated | None
    after: Dated | None

    @property
    def what(self) -> Literal["moved", "new", "gone"]:
        """Say which of the three it is."""
        if self.before is None:
            return "new"
        return "gone" if self.after is None else "moved"

    @property
    def shown(self) -> Dated:
        """The date as it is now, or as it was where there is none any more."""
        shown = self.after or self.before
        if shown is None:
            raise ValueError("A move has a before or an after.")
        return shown


def moves_between(before: Sequence[Dated], after: Sequence[Dated]) -> list[Move]:
    """Return what moved for a person who waits for these dates.

    A deadline is the same when it has the same rule and comes from the same event; failing that, an open one is the
    same as one of the same kind of duty, as when a law is renumbered. It moved when a date differs. What is over on
    both sides (met, or replaced) is nobody's concern, and other words with the same dates are no move.
    """
    new, gone = list(after), list(before)
    pairs: list[tuple[Dated, Dated]] = []
    for identity in (_as_it_stands, _by_rule):
        new, gone, found = _match(new, gone, identity)
        pairs += found
    new, gone, found = _match(_open(new), _open(gone), _by_kind)
    pairs += found
    moved = [Move(was, now) for was, now in pairs if _dates(was) != _dates(now) and _open((was, now))]
    return [*moved, *(Move(None, one) for one in new), *(Move(one, None) for one in gone)]


def _open(some: Iterable[Dated]) -> list[Dated]:
    return [one for one in some if one.state in OPEN]


def _match(
    after: Iterable[Dated], before: Iterable[Dated], identity: _Identity
) -> tuple[list[Dated], list[Dated], list[tuple[Dated, Dated]]]:
    """Return what of both sides found no partner, and the partners."""
    by_identity: dict[tuple[object, ...], list[Dated]] = {}
    for one in before:
        by_identity.setdefault(identity(one), []).append(one)
    alone: list[Dated] = []
    pairs: list[tuple[Dated, Dated]] = []
    for one in after:
        partners = by_identity.get(identity(one))
        if partners:
            pairs.append((partners.pop(0), one))
        else:
            alone.append(one)
    return alone, [one for rest in by_identity.values() for one in rest], pairs


class _Identity(Protocol):
    def __call__(self, one: Dated, /) -> tuple[object, ...]: ...


def _as_it_stands(one: Dated) -> tuple[object, ...]:
    return *_by_rule(one), *_dates(one), one.state in OPEN


def _by_rule(one: Dated) -> tuple[object, ...]:
    return one.rule_id, one.duty_of, one.trigger, one.trigger_date


def _by_kind(one: Dated) -> tuple[object, ...]:
    return one.kind, one.duty_of, one.trigger


def _dates(one: Dated) -> tuple[date | None, date | None]:
    return one.earliest, one.latest


def in_order(moves: Iterable[Move]) -> Iterator[Move]:
    """Walk moves as they hurt: our own first, and of each the soonest."""
    return iter(sorted(moves, key=_urgency))


def _urgency(move: Move) -> tuple[bool, date]:
    return move.shown.duty_of != "requester", move.shown.earliest or date.max
