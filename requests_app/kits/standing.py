"""What a later letter may stand on: the facts that hold, the words that fill its blanks, and what its writer must know.

Everything a letter says of the law comes from three places: the statute of the law book, the jurisdiction's voice
(while it still stands on that statute), and the duties that the law room projected for this request. A fact of low
confidence, a conditional duty and a missing number give nothing to say: the fact does not hold, and a warning tells
the writer.

"Missed" is said of a duty only when the law room says so, its latest day is over, it is not conditional, its rule is
not of low confidence, and nothing that fulfils it has happened.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Final

from requests_app.kits import law_words, naming
from requests_app.kits.catalog import UnknownKit, get_kit, wording_for
from requests_app.kits.letters import Addressee, Warning
from requests_app.kits.matter import Duty, Happening, Matter
from requests_app.kits.schema import Clause, Kit, Voice
from requests_app.kits.steps import Step, applies, conditions_of, court, law_of, steps
from requests_app.kits.voices import still_stands
from requests_app.law.schema import Rule, Statute

# What fulfils a duty, as happenings of the request. Whoever decides or produces has also acknowledged.
FULFILLED: Final[dict[str, frozenset[str]]] = {
    "acknowledgment": frozenset(
        {
            *("acknowledged", "extension", "clarification_requested", "fee_estimated", "determined", "denied"),
            *("no_records", "produced", "produced_part"),
        }
    ),
    "determination": frozenset({"determined", "denied", "no_records", "produced", "produced_part"}),
    "production": frozenset({"produced"}),
    "extension": frozenset({"determined", "denied", "no_records", "produced", "produced_part"}),
}

DUTY_KINDS: Final = ("acknowledgment", "determination", "production", "extension")

_WHAT: Final = {
    "acknowledgment": "an acknowledgment",
    "determination": "a decision",
    "production": "the records",
    "extension": "a decision after the extension",
}

_SENT_BY: Final = {
    "email": "by e-mail",
    "portal": "through your online portal",
    "post": "by mail",
    "hand": "by hand",
    "fax": "by fax",
}

_BLANK: Final = re.compile(r"\{(\w+)\}(\.?)")

# How long we give for an answer that the law does not time: days from the letter, then on to a weekday.
WISH_DAYS: Final = 10


def wish_date(today: date) -> date:
    """Return the day by which we ask for an answer: our wish, never the law's. Never a Saturday or Sunday."""
    day = today + timedelta(days=WISH_DAYS)
    return day + timedelta(days=(7 - day.weekday()) % 7 if day.weekday() > 4 else 0)


@dataclass(frozen=True)
class Ground:
    """A request before its law, as a later letter sees it. `step`: the review that the letter asks for, if any."""

    statute: Statute
    matter: Matter
    addressee: Addressee
    step: Step | None = None

    # --- what is known ---------------------------------------------------------------------------------------------

    @cached_property
    def law(self) -> Statute:
        """The law with the rules in force for this request."""
        return law_of(self.statute, self.matter)

    @cached_property
    def voice(self) -> Voice:
        return wording_for(self.statute.code).voice

    @cached_property
    def kit(self) -> Kit | None:
        """The kit of the first letter; None for one that the catalog does not hold."""
        try:
            return get_kit(self.matter.kit_id)
        except UnknownKit:
            return None

    @cached_property
    def conditions(self) -> Mapping[str, bool]:
        return conditions_of(self.matter)

    def happened(self, *kinds: str) -> Happening | None:
        """Return the newest happening of these kinds."""
        return next((each for each in reversed(self.matter.happened) if each.kind in kinds), None)

    def rule_of(self, duty: Duty) -> Rule | None:
        return next((rule for rule in self.law.rules if rule.id == duty.rule_id), None)

    def duties(self, kind: str) -> Iterator[tuple[Duty, Rule]]:
        """Walk the agency's projected duties of a kind that surely apply."""
        for duty in self.matter.duties:
            if duty.kind != kind or duty.duty_of != "agency":
                continue
            rule = self.rule_of(duty)
            if rule is not None and sure(duty, rule):
                yield duty, rule

    def missed(self, kind: str) -> tuple[Duty, Rule] | None:
        """Return a duty of this kind that the agency certainly missed, the first by date; None when there is none."""
        if self.happened(*FULFILLED[kind]) is not None:
            return None
        found = [
            (duty, rule)
            for duty, rule in self.duties(kind)
            if duty.state == "missed" and duty.latest is not None and duty.latest < self.matter.today
        ]
        return min(found, key=lambda pair: pair[0].latest or date.max, default=None)

    def missed_answer(self) -> tuple[Duty, Rule] | None:
        """Return the missed duty to decide, or to send the records where a law asks for those instead of a decision."""
        answered = self.happened(*FULFILLED["determination"]) is not None
        return None if answered else self.missed("determination") or self.missed("production")

    def missed_date(self) -> tuple[Duty, Rule] | None:
        """Return any duty to answer or to produce that was certainly missed."""
        return self.missed_answer() or self.missed("extension") or self.missed("production")

    @property
    def refused(self) -> bool:
        """True when the agency refused, wholly or in part, or said that it found nothing."""
        return self.matter.refusal is not None or self.happened("denied", "no_records") is not None

    def silence_opens(self, step: Step) -> bool:
        """True when the agency's silence has certainly opened this review."""
        if self.refused or not step.from_silence:
            return False
        return self.silence() is not None or (step.body.about == "silence" and self.missed_answer() is not None)

    def required_first(self) -> Step | None:
        """Return the review that this law surely wants before a court and that has not been decided."""
        if self.happened("appeal_decided") is not None:
            return None
        way = self.court_rule
        by_silence = way is not None and "deemed_denial" in (way[0].trigger, *way[0].also_triggers)
        if by_silence and not self.refused and self.silence() is not None:
            return None
        for step in steps(self.statute, self.matter):
            if step.rule.required_before_court and step.rule.confidence != "low":
                return step
        return None

    def extended(self, kind: str) -> bool:
        """True when an extension has taken the place of a duty of this kind, or still runs."""
        agency = [duty for duty in self.matter.duties if duty.duty_of == "agency"]
        replaced = any(duty.kind == kind and duty.state == "superseded" for duty in agency)
        return replaced or not self.all_over("extension")

    def all_over(self, kind: str) -> bool:
        """True when every counted date of this kind for the agency is over, doubtful ones included."""
        rows = [duty for duty in self.matter.duties if duty.kind == kind and duty.duty_of == "agency"]
        return all(duty.latest is not None and duty.latest < self.matter.today for duty in rows)

    def coming(self, kind: str) -> Duty | None:
        """Return the duty of this kind that still runs and surely applies, the first by date."""
        running = [duty for duty, _ in self.duties(kind) if duty.state == "running" and duty.latest is not None]
        return min(running, key=lambda duty: duty.latest or date.max, default=None)

    def timed(self, kind: str) -> bool:
        """True when this law sets a period for a duty of this kind, whatever hangs on it."""
        return any(
            rule.kind == kind and rule.duty_of == "agency" and rule.period is not None
            for rule in self.law.rules
            if applies(rule, self.conditions) is not False
        )

    def silence(self) -> tuple[Duty, Rule] | None:
        """Return the missed duty whose silence this law calls a denial; None when there is none."""
        for kind in DUTY_KINDS:
            found = self.missed(kind)
            if found is not None and self._silence_rule(found[1]):
                return found
        return next(
            (
                (duty, rule)
                for kind in DUTY_KINDS
                for duty, rule in self.duties(kind)
                if self._silence_rule(rule)
                and duty.state == "missed"
                and duty.latest is not None
                and duty.latest < self.matter.today
                and self.happened(*FULFILLED[kind]) is None
            ),
            None,
        )

    def _silence_rule(self, rule: Rule) -> bool:
        if rule.silence_is_denial:
            return True
        return rule.extends is not None and any(
            other.id == rule.extends and other.silence_is_denial for other in self.law.rules
        )

    def stands(self, clauses: tuple[Clause, ...]) -> list[str]:
        """Return the voice's sentences that fit this requester and still stand on the law book."""
        resident = self.conditions.get("not_nonresident")
        fits = {"always": True, "resident": resident is True, "not_resident": resident is False}
        return [
            fill(clause.text, self.plain_values)
            for clause in clauses
            if fits.get(clause.when, resident is None) and still_stands(clause, self.statute, self.matter.today)
        ]

    @cached_property
    def next_step(self) -> Step | None:
        """The first review that is open now or opens when this stays unresolved, and that we may name."""
        for step in steps(self.statute, self.matter):
            opened = step.from_denial if self.refused else self.silence_opens(step)
            if (
                opened
                and not step.second
                and step.body.letter in ("administrative_appeal", "mediation_request")
                and step.rule.confidence != "low"
                and applies(step.rule, self.conditions) is True
                and not step.ended(self.matter.today)
                and (self.step is None or step.rule.id != self.step.rule.id)
            ):
                return step
        return None

    @cached_property
    def fee_step(self) -> Step | None:
        """A review of fees that this law names."""
        for step in steps(self.statute, self.matter):
            triggers = (step.rule.trigger, *step.rule.also_triggers)
            if "fee_estimate" in triggers and step.rule.confidence != "low":
                return step
        return None

    @cached_property
    def court_rule(self) -> tuple[Rule, Duty | None] | None:
        """The way to a court that is open from a denial or from silence; the first that waits for no other body."""
        ways = court(self.statute, self.matter)
        sure_ways = [way for way in ways if applies(way[0], self.conditions) is True and way[0].confidence != "low"]
        direct = [way for way in sure_ways if way[0].after_level is None and way[0].trigger != "appeal_decision"]
        after = [way for way in sure_ways if way not in direct]
        decided = self.happened("appeal_decided") is not None
        ordered = [*after, *direct] if decided else [*direct, *after]
        return next(iter(ordered), None)

    # --- facts -----------------------------------------------------------------------------------------------------

    def facts(self) -> frozenset[str]:
        """Return the names of the facts that hold; see `later_schema.FACTS`."""
        return frozenset(
            name
            for group in (self._matter, self._said, self._law, self._time, self._fees, self._steps)
            for name, holds in group()
            if holds
        )

    def _matter(self) -> Iterator[tuple[str, bool]]:
        matter, refusal = self.matter, self.matter.refusal
        yield "matter.sent", matter.sent_on is not None
        yield "matter.received", matter.received_on is not None
        yield "matter.agency_reference", bool(matter.agency_reference)
        yield "matter.items", bool(matter.items)
        yield "matter.companion", bool(matter.companions)
        yield "matter.email", matter.delivery == "email"
        yield "matter.federal", self.statute.code == "US"
        yield "refusal.any", refusal is not None
        yield "refusal.part", refusal is not None and refusal.kind == "part"
        yield "refusal.quote", refusal is not None and bool(refusal.quote.strip())
        yield "refusal.objections", refusal is not None and bool(refusal.objections)
        yield "refusal.exemptions", refusal is not None and bool(refusal.exemptions)
        kit = self.kit
        yield "kit.ladder", kit is not None and kit.offers_ladder
        yield "kit.logs", kit is not None and kit.preservation == "logs"
        yield "kit.first_slice", kit is not None and bool(kit.period.first_slice)

    def _said(self) -> Iterator[tuple[str, bool]]:
        refusal = self.matter.refusal
        denied = refusal is not None and refusal.kind in ("denied", "part")
        found_none = refusal is not None and refusal.kind == "no_records"
        yield "said.acknowledged", self.happened("acknowledged") is not None
        yield "said.extension", self.happened("extension") is not None
        yield "said.question", self.happened("clarification_requested") is not None
        yield "said.fee", self.happened("fee_estimated") is not None
        yield "said.granted", self.happened("determined") is not None
        yield "said.denied", denied or self.happened("denied") is not None
        yield "said.no_records", found_none or self.happened("no_records") is not None
        yield "said.produced", self.happened("produced", "produced_part") is not None
        yield "said.nothing", self.happened(*FULFILLED["acknowledgment"], "reply") is None

    def _law(self) -> Iterator[tuple[str, bool]]:
        law, voice = self.law, self.voice
        yield "law.time", bool(self.stands(voice.time))
        yield "law.withholding", bool(self.stands(voice.withholding))
        yield "law.electronic", bool(self.stands(voice.electronic))
        yield "law.fees", bool(self.stands(voice.fees))
        yield "law.waiver", bool(self.stands(voice.waiver)) and not voice.no_purpose
        yield "waiver.right", voice.waiver_basis == "right"
        yield "waiver.discretion", voice.waiver_basis == "discretion"
        yield "waiver.none", voice.waiver_basis == "none"
        yield "voice.purpose", not voice.no_purpose
        yield "denial.musts", bool(law.denial_must) and law.denial_citation is not None
        yield "denial.citation", law.denial_citation is not None
        yield (
            "segregability.required",
            law.segregability.required is True and bool(law_words.cite(law.segregability.citation)),
        )
        electronic = law.electronic_copies
        cited = bool(law_words.cite(electronic.citation))
        yield "electronic.right", electronic.right_to_electronic_format is True and cited
        yield "compilation.required", electronic.new_compilation_required is True and cited
        yield "fees.waiver_standard", law.fees.waiver_standard is not None
        yield "fees.free_allowance", law.fees.free_allowance is not None
        yield "fees.no_labor", law.fees.may_charge_labor is False and bool(law_words.cite(law.fees.citation))
        yield "remedies.citation", bool(law_words.cite(law.remedies.citation))
        yield "switch.named", voice.switch is not None and voice.switch.confidence != "low"

    def _time(self) -> Iterator[tuple[str, bool]]:
        for kind in DUTY_KINDS:
            yield f"{kind}.missed", self.missed(kind) is not None
            yield f"{kind}.none", not self.timed(kind)
            yield f"{kind}.duty", any(True for _ in self.duties(kind))
        yield "silence.denial", self.silence() is not None
        yield "extension.dated", self.extension_date is not None
        yield "extension.after_due", self.late_extension is not None

    def _fees(self) -> Iterator[tuple[str, bool]]:
        fees = self.matter.fees
        yield "fees.estimate", fees.estimated_cents is not None
        yield "fees.estimated_on", fees.estimated_on is not None
        yield "fees.lines", bool(fees.lines)
        yield "fees.deposit", bool(fees.deposit_cents)
        yield "fees.paid", fees.paid_cents > 0
        yield "fees.waiver_asked", fees.waiver != "not_asked"
        yield "fees.waiver_refused", fees.waiver == "refused"
        yield "fees.waiver_part", fees.waiver == "part"
        yield "fees.limit", fees.limit_cents is not None

    def _steps(self) -> Iterator[tuple[str, bool]]:
        step = self.step
        yield "next.step", self.next_step is not None
        yield "next.fee_step", self.fee_step is not None
        yield "court.step", self.court_rule is not None
        if step is None:
            return
        row = step.dated()
        in_time = row is not None and row.earliest is not None and self.matter.today <= row.earliest
        yield "step.deadline", in_time
        yield "step.decision", step.decision is not None
        yield "step.asks", bool(step.body.asks) and step.rule.confidence != "low"
        yield "step.fee", step.body.about == "fee"
        yield "step.from_silence", step.from_silence
        yield "step.agency_head", step.body.within_agency
        yield "step.second", step.second
        yield "step.citation", step.rule.confidence != "low" and bool(law_words.cite(step.rule.citation))

    @cached_property
    def late_extension(self) -> tuple[Happening, Duty] | None:
        """The extension notice that came after the date it extends had certainly passed, with that date's row."""
        notice = self.happened("extension")
        if notice is None:
            return None
        for kind in ("determination", "production"):
            for duty, _ in self.duties(kind):
                if duty.latest is not None and duty.latest < notice.on and duty.latest < self.matter.today:
                    return notice, duty
        return None

    @cached_property
    def extension_date(self) -> Duty | None:
        """The projected end of the extension that the agency claimed."""
        return next((duty for duty, _ in self.duties("extension") if duty.latest is not None), None)

    # --- words -----------------------------------------------------------------------------------------------------

    @cached_property
    def plain_values(self) -> dict[str, str]:
        """The words that voices use in their own sentences."""
        voice, kit = self.voice, self.kit
        things = kit.things if kit is not None else "the records"
        return {
            "government": voice.government,
            "public_interest": voice.public_interest
            or f"{things} serve public understanding of how {voice.government} shares its residents' data, "
            "and no commercial interest",
            "things": things,
        }

    def values(self) -> dict[str, str]:
        """Return what each placeholder stands for. A value that nobody knows is left out."""
        found = dict(self.plain_values)
        for group in (self._matter_words, self._law_words, self._time_words, self._fee_words, self._step_words):
            found.update((name, words) for name, words in group() if words)
        return found

    def _matter_words(self) -> Iterator[tuple[str, str]]:
        matter, voice, kit = self.matter, self.voice, self.kit
        yield "act", voice.name
        yield "act_citation", voice.citation
        yield "act_later", voice.later
        yield "act_later_capital", law_words.capital(voice.later)
        yield "request_label", voice.request_label
        yield "state_name", {"US": "United States", "DC": "D.C."}.get(self.statute.code, self.statute.name)
        yield "agency", naming.agency_in_prose(matter.agency_name)
        yield "subject", " ".join(matter.subject.split())
        yield "topic", topic(matter)
        yield "reference", matter.reference
        yield "agency_reference", " ".join((matter.agency_reference or "").split())
        yield "companion", naming.and_list([naming.agency_in_prose(name) for name in matter.companions])
        yield "sent_how", _SENT_BY[matter.delivery]
        yield "today", naming.long_date(matter.today)
        yield "wish_date", naming.long_date(wish_date(matter.today))
        yield "period", " ".join(matter.period.split())
        yield "sent_on", "" if matter.sent_on is None else naming.long_date(matter.sent_on)
        yield "received_on", "" if matter.received_on is None else naming.long_date(matter.received_on)
        yield "first_slice", kit.period.first_slice if kit is not None else ""
        switch = voice.switch if voice.switch is not None and voice.switch.confidence != "low" else None
        known = self.addressee.switch_name or (switch.name if switch is not None else None)
        yield "switch_name", known or f"{voice.government}'s message switch"
        if matter.refusal is not None:
            yield "refused_on", naming.long_date(matter.refusal.on)
        elif (refused := self.happened("denied", "no_records")) is not None:
            yield "refused_on", naming.long_date(refused.on)
        produced = self.happened("produced", "produced_part")
        yield "produced_on", "" if produced is None else naming.long_date(produced.on)

    def _law_words(self) -> Iterator[tuple[str, str]]:
        law, voice = self.law, self.voice
        yield "time_law", " ".join(self.stands(voice.time))
        yield "withholding_law", " ".join(self.stands(voice.withholding))
        yield "electronic_law", " ".join(self.stands(voice.electronic))
        yield "fees_law", " ".join(self.stands(voice.fees))
        yield "waiver_law", " ".join(self.stands(voice.waiver))
        yield "denial_citation", law_words.cite(law.denial_citation or "")
        yield "segregability_citation", law_words.cite(law.segregability.citation)
        yield "electronic_citation", law_words.cite(law.electronic_copies.citation)
        yield "compilation_citation", law_words.first_cite(law.electronic_copies.citation)
        yield "fees_citation", law_words.cite(law.fees.citation)
        yield "no_labor_citation", law_words.cite(law.fees.citation)
        yield "remedies_citation", law_words.cite(law.remedies.citation)

    def _time_words(self) -> Iterator[tuple[str, str]]:
        for kind in DUTY_KINDS:
            found = self.missed(kind)
            if found is not None:
                duty, rule = found
                yield f"{kind}_due", naming.long_date(duty.latest) if duty.latest is not None else ""
                yield f"{kind}_citation", law_words.cite(duty.citation)
                yield f"{kind}_what", what(duty, rule)
        silence = self.silence()
        if silence is not None:
            yield "silence_citation", law_words.cite(silence[0].citation)
            yield "silence_day", naming.long_date(silence[0].latest) if silence[0].latest is not None else ""
        notice = self.happened("extension")
        yield "extension_on", "" if notice is None else naming.long_date(notice.on)
        dated = self.extension_date
        yield "extension_dated", naming.long_date(dated.latest) if dated is not None and dated.latest else ""
        if self.late_extension is not None:
            duty = self.late_extension[1]
            yield "extension_due", naming.long_date(duty.latest) if duty.latest is not None else ""
            yield "extension_citation", law_words.cite(duty.citation)
        elif self.missed("extension") is None:
            known = next((each for each in self.law.rules if each.kind == "extension"), None)
            yield "extension_citation", law_words.cite(known.citation) if known is not None else ""

    def _fee_words(self) -> Iterator[tuple[str, str]]:
        fees = self.matter.fees
        yield "fee_sum", "" if fees.estimated_cents is None else naming.dollars(fees.estimated_cents)
        yield "fee_on", "" if fees.estimated_on is None else naming.long_date(fees.estimated_on)
        yield "fee_paid", naming.dollars(fees.paid_cents)
        yield "fee_deposit", "" if fees.deposit_cents is None else naming.dollars(fees.deposit_cents)
        yield "fee_limit", "" if fees.limit_cents is None else naming.dollars(fees.limit_cents)
        if self.fee_step is not None:
            yield "fee_body", self.fee_step.body.name
            yield "fee_body_citation", law_words.cite(self.fee_step.rule.citation)

    def _step_words(self) -> Iterator[tuple[str, str]]:
        step, following = self.step, self.next_step
        if following is not None:
            yield "next_body", following.body.name
            yield "next_citation", law_words.cite(following.rule.citation)
            yield "next_filing", with_article(following.body.filing)
        if self.court_rule is not None:
            yield "court_citation", law_words.cite(self.court_rule[0].citation)
        if step is None:
            return
        yield "body", step.body.name
        yield "filing", step.body.filing
        yield "filing_capital", law_words.capital(step.body.filing)
        yield "wish", step.body.wish
        yield "step_asks", " ".join(step.body.asks)
        yield "step_citation", law_words.cite(step.rule.citation)
        row = step.dated()
        yield "step_deadline", naming.long_date(row.earliest) if row is not None and row.earliest is not None else ""
        if step.decision is not None and step.decision.period is not None:
            yield "decision_period", law_words.period_words(step.decision.period)
            yield "decision_citation", law_words.cite(step.decision.citation)

    # --- what the writer must know ---------------------------------------------------------------------------------

    def warnings(self) -> Iterator[Warning]:
        """Walk the doubts behind this letter: none of this enters it."""
        step = self.step
        if step is not None:
            yield from self._step_warnings(step)
        for duty in self.matter.duties:
            rule = self.rule_of(duty)
            if duty.duty_of == "agency" and duty.certainty == "conditional" and duty.condition:
                yield Warning(
                    level="note",
                    text=f"The letter does not rely on one duty, because it applies only if {duty.condition}.",
                    citation=duty.citation,
                )
            elif duty.duty_of == "agency" and rule is not None and rule.confidence == "low":
                yield Warning(
                    level="note",
                    text="The letter does not rely on one duty, because the law book is not sure of it: "
                    f"{' '.join(rule.doubts) or rule.duty}",
                    citation=duty.citation,
                )
        if any(self.missed(kind) is not None for kind in DUTY_KINDS) and self.matter.received_on is None:
            yield Warning(
                level="check",
                text="No receipt is recorded, so the date in the letter rests on when the request must have arrived. "
                "If you know the day of receipt, record it first.",
                citation=self.law.receipt.citation,
            )
        for doubt in self.law.doubts:
            yield Warning(level="note", text=f"Doubt about the law: {doubt}")

    def _step_warnings(self, step: Step) -> Iterator[Warning]:
        today, row = self.matter.today, step.row
        citation = step.rule.citation
        if row is not None and row.latest is not None and row.latest < today:
            yield Warning(
                level="check",
                text=f"By our count the time for this step ended on {naming.long_date(row.latest)}. The letter names "
                "no date; ask a lawyer whether it can still be filed.",
                citation=citation,
            )
        elif row is not None and row.earliest is not None:
            yield Warning(
                level="check",
                text=f"File this by {naming.long_date(row.earliest)}: that is the safe end of the time that the law "
                "gives.",
                citation=citation,
            )
        if step.body.form:
            yield Warning(level="check", text=f"{step.rule.duty} The form itself must be filled in.", citation=citation)
        if step.body.caution is not None:
            yield Warning(level="check", text=step.body.caution, citation=citation)
        if applies(step.rule, self.conditions) is None and step.rule.condition is not None:
            yield Warning(level="check", text=f"This step is open only if {step.rule.condition}.", citation=citation)
        if step.rule.confidence == "low":
            yield Warning(
                level="check",
                text="The law book is not sure of this step, so the letter cites no section for it. Check it first.",
                citation=citation,
            )
        for doubt in step.rule.doubts:
            yield Warning(level="note", text=f"Doubt about this step: {doubt}", citation=citation)


def sure(duty: Duty, rule: Rule) -> bool:
    """True when a duty may be relied on against the agency: it surely applies and the law book is sure enough."""
    return duty.certainty != "conditional" and rule.confidence != "low"


def what(duty: Duty, rule: Rule) -> str:
    """Return what a duty asks for, as a noun: the rule's own title where the kind's name would mislead."""
    title = duty.title or rule.title
    if title is None or title.startswith("Presum"):
        return _WHAT[duty.kind]
    return with_article(f"{title[:1].lower()}{title[1:]}")


def topic(matter: Matter) -> str:
    """Return what the request is about, without the label of the law in front of it."""
    subject = " ".join(matter.subject.split())
    return subject.split(": ", 1)[1] if ": " in subject else subject


def with_article(noun: str) -> str:
    """Return "an appeal", "a petition"."""
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put the values into a template text, once: braces inside a value stay as they are. Raises KeyError.

    A value that ends with a full stop ("et seq.") takes none from the sentence that it ends.
    """

    def value(blank: re.Match[str]) -> str:
        words = values[blank[1]]
        return words if words.endswith(".") else words + blank[2]

    return _BLANK.sub(value, text)
