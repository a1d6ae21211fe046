"""The shapes of the later letters' data: one file per letter, and the bodies that hear an appeal.

A later letter is sections of paragraphs, a paragraph is sentences, and each may name the facts that it *needs* and the
facts that make it out of place (*unless*). Facts, placeholders, lists and spreads are closed sets, checked when a file
is read; what they mean is worked out in `standing`.

Reading rules for whoever writes the files:

- No state's law stands in a letter file. Law enters by placeholders (the statute, the voice, the projected duties).
- A sentence whose placeholder has no value is a fault of the file: name the fact that guards it.
- `legal` marks a paragraph that says what the law is; whoever edits the letter must unlock it with a reason.
- `spread` puts what a person typed in the paragraph's place; such text is never read as a template.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final, Literal

import msgspec

InputKind = Literal["text", "long_text", "money", "date", "choice", "choices", "items"]
Family = Literal["time", "answer", "fees", "dispute", "appeal", "oversight", "court", "end"]
AppealLevel = Literal["administrative", "commission", "attorney_general", "ombudsman", "court"]
Recipient = Literal["agency", "body"]

# The letters, in the order in which a request may come to them.
LETTER_KEYS: Final = (
    *("receipt_confirmation", "acknowledgment_overdue", "determination_overdue", "production_overdue"),
    *("extension_unlawful", "extension_expired", "clarification_answer", "narrowing_offer", "fee_waiver_request"),
    *("fee_waiver_appeal", "fee_itemization", "deposit_objection", "fee_acceptance", "no_records_challenge"),
    *("must_create_record", "objection_reply", "incomplete_production", "format_complaint", "administrative_appeal"),
    *("constructive_denial_appeal", "mediation_request", "attorney_general_complaint", "preservation_reminder"),
    *("notice_before_suit", "thanks_and_closing", "withdrawal"),
)

# What a sentence may depend on. `input.<name>` is added for each input of the letter that was filled in.
FACTS: Final = frozenset(
    {
        # the matter
        *("matter.sent", "matter.received", "matter.agency_reference", "matter.items", "matter.companion"),
        *("matter.email", "matter.federal"),
        # what the agency has said so far
        *("said.acknowledged", "said.extension", "said.question", "said.fee", "said.granted", "said.denied"),
        *("said.no_records", "said.produced", "said.nothing"),
        # how it refused
        *("refusal.any", "refusal.part", "refusal.quote", "refusal.objections", "refusal.exemptions"),
        # sentences of the jurisdiction's voice that still stand on the law book
        *("law.time", "law.withholding", "law.electronic", "law.fees", "law.waiver"),
        # the agency's duties: missed for certain, or without any period in this law
        *("acknowledgment.missed", "acknowledgment.none", "determination.missed", "determination.none"),
        *("production.missed", "production.none", "extension.missed", "extension.none", "extension.after_due"),
        *("extension.dated", "acknowledgment.duty", "determination.duty", "production.duty", "extension.duty"),
        *("silence.denial",),
        # what the statute says beyond time
        *("denial.musts", "denial.citation", "segregability.required", "electronic.right", "compilation.required"),
        *("fees.waiver_standard", "fees.free_allowance", "fees.no_labor", "remedies.citation", "switch.named"),
        # the voice on waivers
        *("waiver.right", "waiver.discretion", "waiver.none", "voice.purpose"),
        # the fee
        *("fees.estimate", "fees.lines", "fees.deposit", "fees.paid", "fees.waiver_asked", "fees.waiver_refused"),
        *("fees.waiver_part", "fees.estimated_on", "fees.limit"),
        # the kit
        *("kit.ladder", "kit.logs", "kit.first_slice"),
        # the body that the letter goes to, and the next step that would follow
        *("step.deadline", "step.decision", "step.asks", "step.from_silence", "step.agency_head", "step.second"),
        *("step.citation", "step.fee", "next.step", "next.fee_step", "court.step"),
    }
)

# What may stand between braces.
LATER_PLACEHOLDERS: Final = frozenset(
    {
        *("act", "act_citation", "act_later", "act_later_capital", "government", "state_name", "request_label"),
        *("agency", "topic", "subject", "sent_on", "received_on", "reference", "agency_reference", "companion"),
        *("sent_how", "today", "wish_date", "period", "switch_name", "things", "public_interest", "first_slice"),
        *("time_law", "withholding_law", "electronic_law", "fees_law", "waiver_law"),
        *("acknowledgment_due", "acknowledgment_citation", "acknowledgment_what"),
        *("determination_due", "determination_citation", "determination_what"),
        *("production_due", "production_citation", "production_what"),
        *("extension_due", "extension_citation", "extension_on", "extension_dated"),
        *("silence_citation", "silence_day", "denial_citation", "segregability_citation", "electronic_citation"),
        *("compilation_citation", "fees_citation", "remedies_citation", "no_labor_citation"),
        *("fee_sum", "fee_on", "fee_paid", "fee_deposit", "fee_limit", "refused_on", "refusal_words", "quote"),
        *("rung", "first_items", "body", "filing", "filing_capital", "step_citation"),
        *("step_deadline", "step_asks", "decision_period", "decision_citation", "wish", "next_body", "next_citation"),
        *("next_filing", "fee_body", "fee_body_citation", "court_citation", "claimed_until", "money_limit"),
        *("received_as", "narrow_start", "narrow_end", "produced_on"),
    }
)

# Numbered lists that the composer makes.
LISTS: Final = frozenset(
    {
        *("chronology", "evidence", "objection_replies", "exemption_replies", "denial_musts", "fee_lines"),
        *("chosen_items", "missing"),
    }
)

_PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")


class _Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every record: immutable, named fields only, no unknown fields."""


class Sentence(_Record, frozen=True):
    """A sentence that stands only where all its `needs` hold and none of its `unless`."""

    text: str
    needs: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()


class Paragraph(_Record, frozen=True):
    """Sentences in order, then a numbered list by name, or the paragraphs that a person typed in an input."""

    sentences: tuple[str | Sentence, ...] = ()
    needs: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    legal: bool = False
    items: str | None = None
    spread: str | None = None


class SectionText(_Record, frozen=True):
    key: str
    paragraphs: tuple[Paragraph, ...]
    heading: str = ""
    run_in: bool = True


class Enclosure(_Record, frozen=True):
    text: str
    needs: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()


class Choice(_Record, frozen=True):
    value: str
    label: str


class Input(_Record, frozen=True):
    """One thing that the letter asks of the person who writes it.

    Values: `text` and `long_text` str, `money` int cents, `date` a date, `choice` str, `choices` a sequence of str,
    `items` a sequence of item numbers of the first letter, 1 the first. `choices` without a list of its own is open:
    sections of law, those of the law book or as the agency cites them.
    """

    name: str
    label: str
    kind: InputKind
    required: bool = False
    help: str = ""
    choices: tuple[Choice, ...] = ()


class LetterType(_Record, frozen=True, eq=False):
    """One kind of later letter. Compared by identity.

    `when`: when it is right, in one sentence. `after`: what happens after it. `event_kind`: the value of
    filing.lifecycle.EventKind that is recorded when it is sent (see `later.event_kind_of` for the letters whose kind
    hangs on the law). `accuses`: it may say that the agency missed a date.
    """

    key: str
    edition: str
    status_date: date
    family: Family
    title: str
    when: str
    after: str
    to: Recipient
    event_kind: Literal["follow_up", "clarified", "fee_paid", "appeal_filed", "withdrawn", "closed"]
    subject: str
    sections: tuple[SectionText, ...]
    body_level: AppealLevel | None = None
    accuses: bool = False
    inputs: tuple[Input, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()

    def input(self, name: str) -> Input:
        """Return the input with this name. Raises KeyError when the letter has none."""
        for each in self.inputs:
            if each.name == name:
                return each
        raise KeyError(name)


class Body(_Record, frozen=True):
    """Who hears one step of a law book, as a letter names it: the law book's own words, made fit for a sentence.

    `rule`: id of the requester's rule. `letter`: the letter that takes this step. `filing`: what this law calls it.
    `wish`: what the body is asked to do. `asks`: what the law wants in the filing, as the law book has it.
    `within_agency`: the step goes to the agency's own head. `about`: what the step is for.
    """

    rule: str
    name: str
    letter: Literal["administrative_appeal", "mediation_request", "attorney_general_complaint", "notice_before_suit"]
    filing: str
    wish: str
    dear: str
    asks: tuple[str, ...] = ()
    within_agency: bool = False
    about: Literal["denial", "silence", "fee"] = "denial"
    form: bool = False
    caution: str | None = None


class BodyFile(_Record, frozen=True, eq=False):
    edition: str
    status_date: date
    bodies: tuple[Body, ...]


def letter_problems(letter: LetterType) -> list[str]:
    """Return what a letter file says that cannot be used: unknown facts, placeholders, lists or inputs."""
    inputs = {each.name for each in letter.inputs}
    known = FACTS | {f"input.{name}" for name in inputs}
    found: list[str] = []

    def guarded(place: str, part: Sentence | Paragraph | Enclosure) -> None:
        found.extend(f"{place}: there is no fact {fact!r}" for fact in (*part.needs, *part.unless) if fact not in known)

    def worded(place: str, text: str) -> None:
        unknown = [name for name in _PLACEHOLDER.findall(text) if name not in LATER_PLACEHOLDERS]
        found.extend(f"{place}: there is no placeholder {{{name}}}" for name in unknown)
        if "  " in text or text != text.strip():
            found.append(f"{place}: spaces stand where none belong: {text[:60]!r}")

    worded("subject", letter.subject)
    for section in letter.sections:
        for number, paragraph in enumerate(section.paragraphs, start=1):
            place = f"sections[{section.key}].paragraphs[{number}]"
            guarded(place, paragraph)
            for sentence in paragraph.sentences:
                worded(place, sentence if isinstance(sentence, str) else sentence.text)
                if isinstance(sentence, Sentence):
                    guarded(place, sentence)
            if paragraph.items is not None and paragraph.items not in LISTS:
                found.append(f"{place}.items: there is no list {paragraph.items!r}")
            if paragraph.spread is not None and paragraph.spread not in inputs:
                found.append(f"{place}.spread: the letter has no input {paragraph.spread!r}")
    for enclosure in letter.enclosures:
        guarded("enclosures", enclosure)
        worded("enclosures", enclosure.text)
    for each in letter.inputs:
        if each.kind == "choice" and not each.choices:
            found.append(f"inputs[{each.name}].choices: a choice needs something to choose from")
        if sum(other.name == each.name for other in letter.inputs) > 1:
            found.append(f"inputs[{each.name}]: stands there twice")
    return found
