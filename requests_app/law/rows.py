"""The result of a projection: one row per duty and date, and the notes beside them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Literal

import msgspec

from requests_app.law.schema import AppealLevel, Party, Rule, RuleKind, Trigger
from requests_app.law.traces import explain
from requests_app.law.working import Working

Certainty = Literal["fixed", "presumed", "disputed", "conditional"]
State = Literal["running", "paused", "met", "missed", "superseded"]


class Deadline(msgspec.Struct, frozen=True, kw_only=True, eq=False, gc=False):
    """One projected duty: by when, how certainly, and where it stands.

    `earliest` and `latest` are local days, or None while the clock stands still. `state` is `missed` only after
    `latest`. `certainty`: `fixed`; `presumed` (the receipt was not recorded); `disputed` (law or calendar leave two
    dates); `conditional` (depends on a fact that we do not know).
    """

    rule: Rule
    trigger: Trigger
    trigger_date: date
    earliest: date | None
    latest: date | None
    certainty: Certainty
    state: State
    working: Working

    @property
    def trace(self) -> tuple[str, ...]:
        """How the dates were counted, a sentence a step. Written anew at each call; keep it if you need it twice."""
        return explain(self.working)

    @property
    def rule_id(self) -> str:
        """The id of the rule in the law book."""
        return self.rule.id

    @property
    def edition(self) -> str:
        """The edition of the statute file that the rule comes from."""
        return self.working.statute.edition

    @property
    def kind(self) -> RuleKind:
        """What sort of duty this is."""
        return self.rule.kind

    @property
    def duty_of(self) -> Party:
        """Whose duty: the agency's or the requester's."""
        return self.rule.duty_of

    @property
    def citation(self) -> str:
        """The section that sets the duty."""
        return self.rule.citation

    @property
    def duty(self) -> str:
        """The duty in plain words."""
        return self.rule.duty

    @property
    def consequence(self) -> str | None:
        """What follows by law when the duty is missed."""
        return self.rule.consequence

    @property
    def condition(self) -> str | None:
        """What must be true for this rule to apply, in plain words."""
        return self.rule.condition

    @property
    def condition_key(self) -> str | None:
        """The short name under which a request can state that condition."""
        return self.rule.condition_key

    @property
    def body(self) -> str | None:
        """Who hears an appeal or a suit."""
        return self.rule.body

    @property
    def level(self) -> AppealLevel | None:
        """What kind of body that is."""
        return self.rule.level


# A note that is written only when somebody reads it.
Note = Callable[[], str]


class Projection(msgspec.Struct, frozen=True, eq=False):
    """Every deadline of a request, in the order of the law book, and what cannot be put as a date."""

    deadlines: tuple[Deadline, ...]
    unwritten_notes: tuple[Note, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """What cannot be put as a date, each once. Written anew at each call; keep it if you need it twice."""
        return tuple(dict.fromkeys(note() for note in self.unwritten_notes))
