"""The reviews that a law opens to the requester: which bodies, by which letter, when each is open. Pure.

A step is a requester's rule of the law book together with how a letter names its body and, where the projection has
one, the row with its dates. Steps without a period have no row; the law book alone says that they exist.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from requests_app.kits import naming
from requests_app.kits.catalog import bodies
from requests_app.kits.later_schema import Body
from requests_app.kits.matter import Duty, Matter
from requests_app.law.schema import Rule, Statute

ANSWERS = frozenset({"determined", "denied", "no_records", "produced", "produced_part"})
REFUSALS = frozenset({"denied", "no_records"})


@dataclass(frozen=True)
class Step:
    """One review that a requester may ask for under this law.

    `row`: its projected dates, None while nothing has started it or when the law sets no period. `decision`: by when
    the body decides, where the law book says so surely and without a condition.
    """

    rule: Rule
    body: Body
    row: Duty | None
    decision: Rule | None

    @property
    def from_silence(self) -> bool:
        """True when silence alone opens this step."""
        return self.body.about == "silence" or "deemed_denial" in (self.rule.trigger, *self.rule.also_triggers)

    @property
    def from_denial(self) -> bool:
        """True when a denial in words opens this step."""
        triggers = {self.rule.trigger, *self.rule.also_triggers}
        return self.body.about == "denial" and bool(triggers & {"denial", "determination"})

    @property
    def second(self) -> bool:
        """True when another body has to decide first."""
        return self.rule.after_level is not None or self.rule.trigger == "appeal_decision"

    def dated(self) -> Duty | None:
        """Return the row when its dates may be relied on: not conditional, not resting on a doubtful rule."""
        sure = self.row is not None and self.row.certainty != "conditional" and self.row.earliest is not None
        return self.row if sure and self.rule.confidence != "low" else None

    def ended(self, today: date) -> bool:
        """True when the time for this step has certainly passed."""
        row = self.dated()
        return row is not None and row.latest is not None and row.latest < today


def law_of(statute: Statute, matter: Matter) -> Statute:
    """Return the law with the rules in force when the request was received, as far as that day is known."""
    presumed = matter.received_presumed
    day = matter.received_on or (presumed[0] if presumed is not None else None) or matter.sent_on or matter.today
    return statute.as_of(day)


def conditions_of(matter: Matter) -> Mapping[str, bool]:
    """Return the stated facts about the request by name, each opposite included."""
    known = dict(matter.conditions)
    for key, holds in matter.conditions:
        known.setdefault(key.removeprefix("not_") if key.startswith("not_") else f"not_{key}", not holds)
    return known


def applies(rule: Rule, known: Mapping[str, bool]) -> bool | None:
    """Return whether a rule's condition holds; None when it has one that nobody has settled."""
    if rule.condition is None:
        return True
    return known.get(rule.condition_key) if rule.condition_key is not None else None


def steps(statute: Statute, matter: Matter) -> tuple[Step, ...]:
    """Return every review of this law that is not ruled out for this request, in the order of the law book."""
    law, known = law_of(statute, matter), conditions_of(matter)
    rows = {duty.rule_id: duty for duty in matter.duties if duty.duty_of == "requester"}
    return tuple(
        Step(rule, body_of(rule), rows.get(rule.id), _decision(law, rule))
        for rule in law.rules
        if rule.kind == "appeal" and rule.duty_of == "requester" and applies(rule, known) is not False
    )


def steps_by(letter_key: str, statute: Statute, matter: Matter) -> tuple[Step, ...]:
    """Return the steps that a letter takes. An appeal from silence is any step that silence opens."""
    found = steps(statute, matter)
    if letter_key == "constructive_denial_appeal":
        return tuple(step for step in found if step.from_silence and step.body.letter == "administrative_appeal")
    return tuple(step for step in found if step.body.letter == letter_key and step.body.about != "silence") + tuple(
        step
        for step in found
        if step.body.letter == letter_key == "attorney_general_complaint" and step.body.about == "silence"
    )


def court(statute: Statute, matter: Matter) -> tuple[tuple[Rule, Duty | None], ...]:
    """Return the requester's ways to a court, each with its projected dates where it has some."""
    known = conditions_of(matter)
    rows = {duty.rule_id: duty for duty in matter.duties if duty.duty_of == "requester"}
    return tuple(
        (rule, rows.get(rule.id))
        for rule in law_of(statute, matter).rules
        if rule.kind == "court" and rule.duty_of == "requester" and applies(rule, known) is not False
    )


def is_main_appeal(step: Step, statute: Statute) -> bool:
    """True when going to this body counts as the law's appeal: it decides by a date, or the next step waits for it."""
    if step.body.letter == "administrative_appeal":
        return True
    waits = any(rule.after_level == step.rule.level for rule in statute.rules if rule.duty_of == "requester")
    decides = any(
        rule.kind == "appeal" and rule.duty_of == "agency" and rule.body == step.rule.body for rule in statute.rules
    )
    return waits or decides


def body_of(rule: Rule) -> Body:
    """Return how a letter names the body of a step; plain words where an overlay of the law book added the step."""
    known = bodies().get(rule.id)
    if known is not None:
        return known
    name = re.split(r" \(| - |;|,", rule.body or "", maxsplit=1)[0].strip()
    return Body(
        rule=rule.id,
        name=naming.with_article(name) if name else "the reviewing body",
        letter="mediation_request" if rule.level == "ombudsman" else "administrative_appeal",
        filing="request for review",
        wish="look at the agency's answer and see that the records are released",
        dear="To whom it may concern",
        about="fee" if rule.trigger == "fee_estimate" else "denial",
    )


def _decision(law: Statute, filing: Rule) -> Rule | None:
    for rule in law.rules:
        if (
            rule.kind == "appeal"
            and rule.duty_of == "agency"
            and rule.body == filing.body
            and rule.period is not None
            and rule.condition is None
            and rule.confidence != "low"
            and rule.trigger == "appeal_filing"
        ):
            return rule
    return None
