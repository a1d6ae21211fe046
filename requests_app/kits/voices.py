"""Whether a voice's sentence still says what the law book says.

Each sentence names the rules and the facts it was written from. A rule must still be in force with the same number and
citation; a fact must still have the fingerprint it had when the sentence was written. A sentence that lost its ground
is left out of the letter, and the filer is told.
"""

from __future__ import annotations

import hashlib
from datetime import date
from functools import lru_cache

import msgspec

from requests_app.kits.schema import Clause, RuleBasis
from requests_app.law.schema import Rule, Statute


@lru_cache(maxsize=4096)
def fingerprint(statute: Statute, fact: str) -> str:
    """Return twelve hexadecimal digits that change when this part of the law book changes.

    `fact` is a field of the statute file. The machine-readable hints under `submission` are left out: they are
    instructions to the letter, not law that it quotes. So are the exceptions under `requester`, whose sentences stand
    in the law book itself, and the doubts. Kept, because every letter to a jurisdiction asks again.
    """
    value = msgspec.to_builtins(getattr(statute, fact))
    for apart in {"submission": ("hints",), "requester": ("exceptions", "doubts")}.get(fact, ()):
        value.pop(apart, None)
    return hashlib.sha256(msgspec.json.encode(value, order="deterministic")).hexdigest()[:12]


def still_stands(clause: Clause, statute: Statute, on: date) -> bool:
    """True when everything the clause rests on is unchanged, and sure enough to be said in a letter dated `on`."""
    for fact, known in clause.facts.items():
        if fingerprint(statute, fact) != known:
            return False
    for basis in clause.rules:
        rule = rule_behind(basis, statute, on)
        if rule is None or (rule.confidence == "low" and not clause.softened):
            return False
    return True


def rule_behind(basis: RuleBasis, statute: Statute, on: date) -> Rule | None:
    """Return the agency's duty that a basis speaks of, if the law book still has it in force on that day."""
    for rule in statute.rules:
        if (
            rule.duty_of == "agency"
            and rule.period is not None
            and (rule.period.amount, rule.period.unit) == (basis.amount, basis.unit)
            and basis.citation in rule.citation
            and rule.condition_key == basis.condition_key
            and rule.in_force(on)
        ):
            return rule
    return None
