"""What agencies claimed when they refused, and what became of each claim. Folded from events. Pure.

A claim is one ground on one request: an exemption that the agency cited, or one of the usual objections. It begins with
a refusal that names it and ends when somebody decides about it:

- An appeal decided for us reverses every ground that was open; decided partly, or against us, it leaves them so.
- An agency that produces everything after all, without being told to, has given its grounds up; one that produces a
  part has given up in part the grounds that it does not repeat.
- A ground named again while it is open is the same claim.

The letters that we wrote while a ground was open stand beside it: where it fell, they are what worked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Literal

from requests_app.filing.lifecycle import EventKind, Outcome

Fate = Literal["stands", "appealed", "upheld", "partly", "reversed", "given_up"]
GroundKind = Literal["exemption", "objection"]

FELL: Final[frozenset[Fate]] = frozenset({"reversed", "given_up", "partly"})
_OPEN: Final[frozenset[Fate]] = frozenset({"stands", "appealed"})
_REFUSING: Final = frozenset({EventKind.DENIED, EventKind.NO_RECORDS, EventKind.PRODUCED_PART})
_BY_OUTCOME: Final[dict[str, Fate]] = {
    Outcome.GRANTED.value: "reversed",
    Outcome.PART.value: "partly",
    Outcome.REFUSED.value: "upheld",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One standing event of a request, as far as claims are concerned."""

    kind: str
    on: date
    exemptions: tuple[str, ...] = ()
    objections: tuple[str, ...] = ()
    outcome: str = ""
    decided_by: str = ""
    letter_key: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """One ground that an agency named on one request. `answered_with`: keys of our letters while it was open."""

    ground: str
    kind: GroundKind
    reference: str
    agency: str
    on: date
    fate: Fate = "stands"
    decided_on: date | None = None
    decided_by: str = ""
    answered_with: tuple[str, ...] = ()

    @property
    def fell(self) -> bool:
        """True when the ground did not hold, wholly or in part."""
        return self.fate in FELL


def fold_claims(reference: str, agency: str, steps: Iterable[Step]) -> tuple[Claim, ...]:
    """Return every claim of one request, in the order in which they were first made."""
    claims: list[Claim] = []
    for step in steps:
        named = [("exemption", ground) for ground in step.exemptions]
        named += [("objection", ground) for ground in step.objections]
        if step.kind in (EventKind.PRODUCED, EventKind.PRODUCED_PART):
            repeated = {ground for _kind, ground in named}
            fate: Fate = "given_up" if step.kind == EventKind.PRODUCED else "partly"
            claims = [_ended(each, fate, step) if each.ground not in repeated else each for each in claims]
        elif step.kind == EventKind.APPEAL_DECIDED and step.outcome in _BY_OUTCOME:
            claims = [_ended(each, _BY_OUTCOME[step.outcome], step) for each in claims]
        elif step.kind == EventKind.APPEAL_FILED:
            claims = [
                _answered(replace(each, fate="appealed") if each.fate == "stands" else each, step) for each in claims
            ]
        elif step.letter_key:
            claims = [_answered(each, step) for each in claims]
        if step.kind in _REFUSING:
            open_now = {each.ground for each in claims if each.fate in _OPEN}
            for kind, ground in named:
                if ground not in open_now:
                    open_now.add(ground)
                    claims.append(
                        Claim(ground, "exemption" if kind == "exemption" else "objection", reference, agency, step.on)
                    )
    return tuple(claims)


def _ended(claim: Claim, fate: Fate, step: Step) -> Claim:
    if claim.fate not in _OPEN:
        return claim
    return replace(claim, fate=fate, decided_on=step.on, decided_by=step.decided_by)


def _answered(claim: Claim, step: Step) -> Claim:
    if claim.fate not in _OPEN:
        return claim
    return replace(claim, answered_with=(*claim.answered_with, step.letter_key or "administrative_appeal"))


@dataclass(frozen=True, slots=True)
class Tally:
    """One ground over many requests: how often it was named and how it fared."""

    claims: tuple[Claim, ...]

    def count(self, *fates: Fate) -> int:
        """Return how many of the claims met one of these fates."""
        return sum(claim.fate in fates for claim in self.claims)

    @property
    def named(self) -> int:
        return len(self.claims)

    @property
    def open(self) -> int:
        return self.count("stands", "appealed")

    @property
    def upheld(self) -> int:
        return self.count("upheld")

    @property
    def fallen(self) -> int:
        return self.count("reversed", "given_up", "partly")

    @property
    def agencies(self) -> tuple[str, ...]:
        """Return who named it, each once, in order of the alphabet."""
        return tuple(sorted({claim.agency for claim in self.claims}))

    @property
    def worked(self) -> tuple[str, ...]:
        """Return the keys of the letters that we wrote before it fell, the most frequent first."""
        keys = [key for claim in self.claims if claim.fell for key in dict.fromkeys(claim.answered_with)]
        return tuple(sorted(set(keys), key=lambda key: (-keys.count(key), key)))


def tally(ground: str, claims: Sequence[Claim]) -> Tally:
    """Return the claims of one ground. An exemption fits when either citation holds the other, signs apart."""
    wanted = _plain(ground)
    fitting = [
        claim
        for claim in claims
        if claim.ground == ground or (claim.kind == "exemption" and _same_section(wanted, _plain(claim.ground)))
    ]
    return Tally(tuple(sorted(fitting, key=lambda claim: (claim.on, claim.reference), reverse=True)))


def _same_section(one: str, other: str) -> bool:
    """True when one citation holds the other as whole words: § 4-35 is not § 4-351."""
    shorter, longer = sorted((one, other), key=len)
    return bool(shorter) and re.search(rf"(?<![\w.-]){re.escape(shorter)}(?![\w-])", longer) is not None


def _plain(citation: str) -> str:
    return re.sub(r"[\s§,;]+", " ", citation.casefold()).strip()
