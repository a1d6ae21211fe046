"""Who signs which letters of a campaign: a proposal by residence and load. Pure.

1. A law that is open to residents only comes first. Its letter goes to somebody who may sign it: who lives there, or
   offered to sign there. If none of those takes part but members offered, it goes to anybody, who writes it for one of
   them to sign; else to nobody.
2. Every other letter goes to whoever has the least to do, where living in the state, or having offered to sign there,
   weighs as much as `HOME_WEIGHT` letters less: an agency seldom argues with a resident.

People are told apart by id and, where all else is equal, taken in the order given, so that the same question has the
same answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

HOME_WEIGHT: Final = 2


@dataclass(frozen=True, slots=True)
class Need:
    """A target that needs a signer. `offered`: ids of the members who offered to sign in its state."""

    target_id: int
    jurisdiction: str
    residents_only: bool
    offered: frozenset[int] = frozenset()

    def suits(self, signer: Signer) -> bool:
        """Return whether the law is surely open to somebody."""
        return signer.home_state == self.jurisdiction or signer.person_id in self.offered


@dataclass(frozen=True, slots=True)
class Signer:
    """Somebody who may be asked to sign. `load`: how many letters of campaigns already wait for them."""

    person_id: int
    home_state: str
    load: int


def share_out(needs: Sequence[Need], signers: Iterable[Signer]) -> dict[int, int | None]:
    """Return who should sign each target: target id -> person id, None where nobody may or nobody is there."""
    people = list(signers)
    load = {one.person_id: one.load for one in people}
    proposal: dict[int, int | None] = {}
    for need in sorted(needs, key=lambda one: not one.residents_only):  # stable: the order given, the closed laws first
        able = [one for one in people if not need.residents_only or need.suits(one)]
        if not able and need.offered:
            able = people
        if not able:
            proposal[need.target_id] = None
            continue
        chosen = min(able, key=lambda one: load[one.person_id] - HOME_WEIGHT * need.suits(one))
        proposal[need.target_id] = chosen.person_id
        load[chosen.person_id] += 1
    return {need.target_id: proposal[need.target_id] for need in needs}
