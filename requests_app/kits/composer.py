"""The composer: one letter from a kit, a statute, an addressee and the filer's choices. Pure.

A letter says what the law of *that* jurisdiction says and nothing where it says nothing: no invented deadline, no
waiver claimed where none exists. Everything that varies is data (kit, law book, agency, choices); the order of the
letter is the order of the functions below. What the filer must know is collected by `advice` and never enters it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import msgspec

from requests_app.kits import advice, naming
from requests_app.kits.catalog import Wording, objections, wording_for
from requests_app.kits.letters import (
    Addressee,
    CallSheet,
    ChoiceError,
    Choices,
    Closing,
    Companion,
    DeliveryMethod,
    Expectation,
    Letter,
    Part,
    Section,
)
from requests_app.kits.schema import Block, Clause, Item, Kit, Lever, Objection
from requests_app.kits.voices import still_stands
from requests_app.law.schema import Period, Rule, Statute

DELIVERY: Final[dict[DeliveryMethod, str]] = {
    "email": "By e-mail",
    "portal": "Through your online portal",
    "post": "By mail",
    "hand": "By hand",
    "fax": "By fax",
}

_UNITS: Final = {"business_days": "business day", "calendar_days": "day", "hours": "hour", "months": "month"}

_TRIGGERS: Final = {"receipt": "receipt", "sending": "this request", "acknowledgment": "the acknowledgment"}

_DUTIES: Final = {"acknowledgment": "a first response", "determination": "a decision", "production": "the records"}

# Greetings that fit any office and anyone in it; an English title stays out of them.
_GREETINGS: Final = {"es": "A quien corresponda:"}

_REFERENCE: Final = re.compile(r"\{ref:([a-z0-9,-]+)\}")


@dataclass(frozen=True)
class _Desk:
    """Everything on the desk while one letter is written."""

    kit: Kit
    statute: Statute
    addressee: Addressee
    choices: Choices
    wording: Wording
    items: tuple[Item, ...]
    values: dict[str, str]

    @property
    def federal(self) -> bool:
        return self.statute.code == "US"

    def fill(self, text: str) -> str:
        """Put the values into a template text; references to items become their numbers in this letter."""
        return _REFERENCE.sub(lambda match: self._numbers(match[1].split(",")), text).format_map(self.values)

    def say(self, block: Block) -> str:
        return self.fill(block.federal if self.federal and block.federal else block.text)

    def clauses(self, clauses: Sequence[Clause]) -> list[str]:
        """Say the clauses that hold for this requester and still stand on the law book."""
        return [
            self.fill(clause.text)
            for clause in clauses
            if applies(clause, self.choices) and still_stands(clause, self.statute, self.choices.request_date)
        ]

    def _numbers(self, item_ids: Sequence[str]) -> str:
        chosen = [item.id for item in self.items]
        numbers = [str(chosen.index(item_id) + 1) for item_id in item_ids if item_id in chosen]
        return name_items(numbers) if numbers else "other records"


def compose(
    kit: Kit, statute: Statute, addressee: Addressee, choices: Choices, *, wording: Wording | None = None
) -> Letter:
    """Return the letter. `statute` as loaded from the law book; only rules in force on the request date are quoted.

    `wording`: the jurisdiction's voice, levers and the shared blocks; the bundled ones when left out.
    Raises ChoiceError, which names the choice, when no sensible letter can be made.
    """
    wording = wording or wording_for(statute.code)
    _check(kit, choices)
    items = _chosen_items(kit, statute, choices, wording)
    desk = _Desk(kit, statute, addressee, choices, wording, items, {})
    desk = replace(desk, values=_values(desk))
    sections = _official_sections(desk) if kit.kind == "officials" else _record_sections(desk)
    return Letter(
        kit_id=kit.id,
        kit_edition=kit.edition,
        jurisdiction=statute.code,
        law_edition=statute.edition,
        subject=_subject(desk),
        date=choices.request_date,
        sender=_sender(choices),
        recipient=_recipient(desk),
        delivery=_delivery(desk),
        salutation=_salutation(desk),
        salutation_language=addressee.salutation_language if addressee.salutation_language in _GREETINGS else "en",
        sections=tuple(section for section in sections if section.parts),
        closing=_closing(choices),
        reference=choices.reference,
        reference_line=_reference_line(kit, choices),
        body_only=any(hint.key == "email_body_only" for hint in statute.submission.hints),
        warnings=advice.warnings(kit, statute, addressee, choices, wording),
        expected=() if kit.kind == "officials" else expectations(statute, choices.request_date),
    )


def call_sheet(kit: Kit, statute: Statute, addressee: Addressee, choices: Choices) -> CallSheet:
    """Return what to say on the telephone, for the kit that goes to officials. Empty steps for any other kit."""
    wording = wording_for(statute.code)
    desk = _Desk(kit, statute, addressee, choices, wording, available_items(kit, statute.code, wording), {})
    desk = replace(desk, values=_values(desk))
    return CallSheet(
        steps=tuple(desk.fill(step) for step in kit.call_sheet),
        questions=tuple(desk.fill((item.federal or item.text) if desk.federal else item.text) for item in desk.items),
        follow_ups=() if desk.federal else tuple(desk.fill(text) for text in kit.follow_ups),
    )


def replies(kit: Kit, statute: Statute) -> tuple[Objection, ...]:
    """Return the objections that this kit meets, each with its reply in the words of this jurisdiction's law."""
    citation = {"statute_citation": wording_for(statute.code).voice.citation}
    bank = objections()
    return tuple(
        msgspec.structs.replace(
            bank[name],
            reply=" ".join(filter(None, (bank[name].reply.format_map(citation), bank[name].with_companion))),
        )
        for name in kit.objections
    )


def applies(clause: Clause, choices: Choices) -> bool:
    """True when a clause is meant for this requester."""
    return {
        "always": True,
        "resident": choices.resident_confirmed is True,
        "not_resident": choices.resident_confirmed is False,
        "resident_unknown": choices.resident_confirmed is None,
    }[clause.when]


def available_items(kit: Kit, code: str, wording: Wording | None = None) -> tuple[Item, ...]:
    """Return the items that can be asked for in this jurisdiction, in the kit's order."""
    left_out = {item.item for item in (wording or wording_for(code)).voice.leave_out if item.kit == kit.id}
    return tuple(item for item in kit.items if item.id not in left_out and (code != "US" or item.federal))


def name_items(numbers: Sequence[str]) -> str:
    """Return "item 1" or "items 1 and 7"."""
    return f"item{'s' if len(numbers) > 1 else ''} {naming.and_list(numbers)}"


def expectations(statute: Statute, on: date) -> tuple[Expectation, ...]:
    """Return what the law asks of the agency, from its unconditional rules in force on that day."""
    return tuple(
        Expectation(
            kind=rule.kind,
            text=f"{_DUTIES[rule.kind]} within {period_in_words(rule.period)} of {_TRIGGERS[rule.trigger]}",
            citation=rule.citation,
        )
        for rule in _unconditional(statute, on)
        if rule.period is not None
    )


def period_in_words(period: Period) -> str:
    """Return "10 business days" or "1 month"."""
    return f"{period.amount} {_UNITS[period.unit]}{'' if period.amount == 1 else 's'}"


def _unconditional(statute: Statute, on: date) -> tuple[Rule, ...]:
    return tuple(
        rule
        for rule in statute.rules
        if rule.duty_of == "agency"
        and rule.kind in _DUTIES
        and rule.trigger in _TRIGGERS
        and rule.period is not None
        and rule.condition is None
        and rule.condition_key is None
        and rule.confidence != "low"
        and rule.in_force(on)
    )


# --- before the first line --------------------------------------------------------------------------------------------


def _check(kit: Kit, choices: Choices) -> None:
    if not choices.requester_name.strip():
        raise ChoiceError("requester_name", "The letter needs the requester's name. Enter the name of who signs it.")
    if not choices.reply_address.strip():
        raise ChoiceError("reply_address", "The letter needs an address for the answer. Enter an e-mail address.")
    start, end = choices.period_start or kit.period.start, choices.period_end
    if start is not None and start > choices.request_date:
        raise ChoiceError("period_start", "The period begins after the date of the letter. Choose an earlier day.")
    if start is not None and end is not None and end < start:
        raise ChoiceError("period_end", "The period ends before it begins. Choose a later end or an earlier beginning.")
    if choices.fee_limit_cents is not None and choices.fee_limit_cents < 0:
        raise ChoiceError("fee_limit_cents", "The fee limit is below zero. Enter zero or a sum in dollars.")
    for item_id in choices.item_ids or ():
        if all(item.id != item_id for item in kit.items):
            raise ChoiceError("item_ids", f"Kit {kit.id} has no item {item_id!r}. Choose from the list of its items.")


def _chosen_items(kit: Kit, statute: Statute, choices: Choices, wording: Wording) -> tuple[Item, ...]:
    """Return the items of this letter. One that leans on an item that is not chosen is left out with it."""
    wanted = {item.id for item in kit.items if item.default} if choices.item_ids is None else set(choices.item_ids)
    items = [item for item in available_items(kit, statute.code, wording) if item.id in wanted]
    kept = {item.id for item in items}
    items = [item for item in items if kept.issuperset(item.needs)]
    if not items:
        raise ChoiceError("item_ids", "No item is left to ask for. Choose at least one item.")
    return tuple(items)


def _values(desk: _Desk) -> dict[str, str]:
    """Return what each placeholder stands for in this letter."""
    kit, choices, addressee, voice = desk.kit, desk.choices, desk.addressee, desk.wording.voice
    state_name = {"US": "United States", "DC": "D.C."}.get(desk.statute.code, desk.statute.name)
    switch, switch_first = _switch_names(addressee, wording=desk.wording)
    dmv, control_point = _custodian_names(addressee, switch)
    return {
        "begin_items": name_items(
            [str(number) for number, item in enumerate(desk.items, start=1) if item.begin_with] or ["1"]
        ),
        "block_date": "" if choices.block_date is None else f" (reported as {naming.long_date(choices.block_date)})",
        "call_sentence": _call_sentence(desk, state_name),
        "companion_agencies": naming.and_list(
            [naming.agency_in_prose(each.agency_name) for each in choices.companions]
        ),
        "contact_person": kit.contact_person,
        "control_point_name": control_point,
        "dmv_name": dmv,
        "executive": "the mayor" if desk.statute.code == "DC" else "the governor",
        "fee_limit": naming.dollars(choices.fee_limit_cents or 0),
        "first_installment": kit.first_installment.replace("{first_slice}", kit.period.first_slice),
        "first_slice": kit.period.first_slice,
        "government": voice.government,
        "log_name": _log_name(addressee, switch),
        "no_officers": ", or names of officers" if voice.exclude_officer_names else "",
        "public_interest": voice.public_interest
        or f"{kit.things} serve public understanding of how {voice.government} shares its residents' data, "
        "and no commercial interest",
        "search_terms": ", ".join(f'"{term}"' for term in kit.search_terms),
        "state_name": state_name,
        "statute_citation": voice.citation,
        "switch_first": switch_first,
        "switch_name": switch,
        "things": kit.things,
    }


def _call_sentence(desk: _Desk, state_name: str) -> str:
    over = "over a police network called Nlets, and I would like three facts."
    if desk.federal:
        return f"Federal agencies search our driver records {over}"
    return f"{state_name} decides who may search our driver records {over}"


def _switch_names(addressee: Addressee, wording: Wording) -> tuple[str, str]:
    """Return what the message switch is called in running text, and where it is named first."""
    known = wording.voice.switch
    if addressee.switch_name is not None:
        return addressee.switch_name, addressee.switch_name
    if known is None or known.confidence == "low":
        unnamed = f"{wording.voice.government}'s message switch"
        return unnamed, unnamed
    return known.name, known.long or known.name


def _custodian_names(addressee: Addressee, switch: str) -> tuple[str, str]:
    """Return how the motor-vehicle agency and the Nlets control point are named in a letter to this addressee."""

    def name(agency: str | None, role: str, unknown: str) -> str:
        if agency == addressee.name or (agency is None and role in addressee.roles):
            return "your agency"
        return unknown if agency is None else naming.agency_in_prose(agency)

    dmv = name(addressee.dmv_name, "dmv", "the motor-vehicle agency")
    control_point = name(addressee.control_point_name, "nlets_control_point", f"the agency that runs {switch}")
    if dmv == control_point:
        return "your motor-vehicle or driver-license division", f"your division that runs {switch}"
    return dmv, control_point


def _log_name(addressee: Addressee, switch: str) -> str:
    switch_log = f"the transaction log of {switch}"
    host_log = "the log of the motor-vehicle system that answers these queries"
    is_dmv, is_control_point = "dmv" in addressee.roles, "nlets_control_point" in addressee.roles
    if is_dmv and not is_control_point:
        return host_log
    return f"{switch_log}, or of {host_log.removeprefix('the log of ')}," if is_dmv else switch_log


# --- head of the letter -----------------------------------------------------------------------------------------------


def _subject(desk: _Desk) -> str:
    if desk.choices.subject:
        return desk.choices.subject
    subject = desk.fill(desk.kit.subject)
    if desk.kit.kind == "officials":
        return subject[:1].upper() + subject[1:]
    return f"{desk.wording.voice.request_label}: {subject}"


def _sender(choices: Choices) -> tuple[str, ...]:
    return (choices.organisation or choices.requester_name, choices.reply_address)


def recipient_lines(addressee: Addressee, office_if_unknown: str, state_name: str) -> tuple[str, ...]:
    """Return office, agency and address, one line each, without what the address says again."""
    office = naming.office_line(addressee.office_or_title, addressee.name) or office_if_unknown
    return _address_block(office, addressee, state_name)


def _address_block(office: str, addressee: Addressee, state_name: str) -> tuple[str, ...]:
    lines = [line for line in (office, addressee.name) if line]
    said = " ".join(lines)
    lines += [line for line in addressee.postal_address if not naming.says_again(line, said, state_name)]
    return tuple(lines)


def _recipient(desk: _Desk) -> tuple[str, ...]:
    if desk.kit.kind == "officials":
        office = naming.addressable_title(desk.addressee.office_or_title) or ""
        return _address_block(office, desk.addressee, desk.statute.name)
    return recipient_lines(desk.addressee, desk.wording.voice.custodian_title, desk.statute.name)


def _delivery(desk: _Desk) -> str:
    method = desk.choices.delivery_method
    to = desk.addressee.email if method == "email" else None
    return f"{DELIVERY[method]} to {to}" if to else DELIVERY[method]


def _salutation(desk: _Desk) -> str:
    if desk.addressee.salutation_language in _GREETINGS:
        return _GREETINGS[desk.addressee.salutation_language]
    title = naming.addressable_title(desk.addressee.office_or_title)
    if title is None:
        title = "Official" if desk.kit.kind == "officials" else desk.wording.voice.custodian_title
    return f"Dear {title}:"


def _reference_line(kit: Kit, choices: Choices) -> str | None:
    beside = _beside(choices.companions) if kit.kind == "records" else ""
    if choices.reference is None:
        return beside[:1].upper() + beside[1:] or None
    return f"Our reference {choices.reference}" + (f" ({beside})" if beside else "")


def _beside(companions: Sequence[Companion]) -> str:
    """Return "companion requests MD-2026-0008 to the A and MD-2026-0009 to the B"; without numbers before filing."""
    if not companions:
        return ""
    each = [
        f"{companion.reference or ''} to {naming.agency_in_prose(companion.agency_name)}".strip()
        for companion in companions
    ]
    return f"companion request{'s' if len(each) > 1 else ''} {naming.and_list(each)}"


# --- body of a records request ----------------------------------------------------------------------------------------


def _record_sections(desk: _Desk) -> list[Section]:
    return [
        _opening(desk),
        _records(desk),
        _definitions(desk),
        _exclusions(desk),
        _preservation(desk),
        _why_public(desk),
        _search_help(desk),
        _format(desk),
        _time(desk),
        _fees(desk),
        _withholding(desk),
        *_extra(desk),
        _clarification(desk),
    ]


def _opening(desk: _Desk) -> Section:
    voice = desk.wording.voice
    aim = desk.fill(desk.kit.federal_aim if desk.federal else desk.kit.aim)
    under = f"Under {voice.name} ({voice.citation}) I request copies of the records listed below."
    return _plain("opening", " ".join((under, aim, *_statements(desk))), legal=True)


def _statements(desk: _Desk) -> list[str]:
    """What this law wants said: residency, age, a purpose that is not commercial."""
    statements = desk.clauses(desk.wording.voice.statements)
    own = desk.choices.residency_statement
    if own is None or desk.choices.resident_confirmed is not True:
        return statements
    standard = {desk.fill(clause.text) for clause in desk.wording.voice.statements if clause.when == "resident"}
    return [own.strip(), *(statement for statement in statements if statement not in standard)]


def _records(desk: _Desk) -> Section:
    heading = f"Records requested, {_period(desk.kit, desk.choices)}"
    items = tuple(desk.fill((item.federal or item.text) if desk.federal else item.text) for item in desk.items)
    return Section(
        key="records",
        heading=heading,
        run_in=False,
        parts=(Part(items=items), Part(text=desk.say(desk.wording.blocks.rolling))),
    )


def _period(kit: Kit, choices: Choices) -> str:
    start = choices.period_start or kit.period.start
    end = "the date of your search" if choices.period_end is None else naming.long_date(choices.period_end)
    if start is None:
        return f"through {end}"
    if kit.period.meaning == "in_force":
        return f"in force or made at any time from {naming.long_date(start)} through {end}"
    return f"for {naming.long_date(start)} through {end}"


def _definitions(desk: _Desk) -> Section:
    definitions = desk.wording.blocks.definitions
    texts = [desk.say(definitions[name]) for name in desk.kit.definitions]
    return _run_in("definitions", "What the words mean", " ".join(texts) if desk.choices.include_definitions else "")


def _exclusions(desk: _Desk) -> Section:
    texts = [desk.say(desk.wording.blocks.exclusions[desk.kit.exclusions])]
    if desk.kit.extra_exclusion:
        texts.append(desk.fill(desk.kit.extra_exclusion))
    return _run_in("exclusions", "What I do not want", " ".join(texts))


def _preservation(desk: _Desk) -> Section:
    text = desk.say(desk.wording.blocks.preservation[desk.kit.preservation])
    return _run_in("preservation", "Please preserve", text if desk.choices.include_preservation else "")


def _why_public(desk: _Desk) -> Section:
    levers = [lever.text for lever in levers_for(desk.kit, desk.addressee, desk.wording) if lever.may_be_asserted]
    texts = [] if desk.wording.voice.no_purpose and not levers else [*levers, desk.fill(desk.kit.why)]
    return _run_in("why_public", f"Why {desk.kit.thing} are public", " ".join(texts), legal=bool(levers))


def levers_for(kit: Kit, addressee: Addressee, wording: Wording) -> tuple[Lever, ...]:
    """Return the levers that bear on this kit and this addressee, those that are only shown to the filer included."""
    return tuple(
        lever
        for lever in wording.levers
        if kit.id in lever.kits and (not lever.roles or set(lever.roles) & set(addressee.roles))
    )


def _search_help(desk: _Desk) -> Section:
    """Where the law wants a time frame and search terms in the request, say them in one place."""
    wanted = any(hint.key == "state_time_frame_and_search_terms" for hint in desk.statute.submission.hints)
    period = _period(desk.kit, desk.choices)
    text = f"The time frame is {period.removeprefix('for ')}. Search terms: {desk.values['search_terms']}."
    return _run_in("search_help", "Time frame and search terms", text if wanted else "")


def _format(desk: _Desk) -> Section:
    blocks = desk.wording.blocks
    wish = {"native": desk.kit.format, "pdf": blocks.format_pdf.text, "paper": blocks.format_paper.text}
    clauses = [] if desk.choices.fmt == "paper" else desk.clauses(desk.wording.voice.electronic)
    return _run_in("format", "Format", " ".join((f"{wish[desk.choices.fmt]}.", *clauses)), legal=bool(clauses))


def _time(desk: _Desk) -> Section:
    """What the law asks, in the voice's words; from the rules themselves when those no longer stand; else no number."""
    texts = desk.clauses(desk.wording.voice.time)
    if not texts:
        found = expectations(desk.statute, desk.choices.request_date)
        later = desk.wording.voice.later
        texts = [f"{later[:1].upper()}{later[1:]} asks for {each.text} ({each.citation})." for each in found]
    asked = " ".join(texts or ["Please tell me when you expect to send the records."])
    return _run_in("time", "Time", asked, legal=bool(texts))


def _fees(desk: _Desk) -> Section:
    voice, blocks, choices = desk.wording.voice, desk.wording.blocks, desk.choices
    texts = desk.clauses(voice.fees)
    if choices.ask_fee_waiver and not voice.no_purpose:
        texts += desk.clauses(voice.waiver)
    limited = choices.fee_limit_cents is not None
    texts.append(desk.say(blocks.estimate if limited else blocks.estimate_no_limit))
    return _run_in("fees", "Fees", " ".join(texts), legal=len(texts) > 1)


def _withholding(desk: _Desk) -> Section:
    blocks = desk.wording.blocks
    texts = desk.clauses(desk.wording.voice.withholding) or [desk.say(blocks.withholding)]
    texts.append(desk.say(blocks.held_for_you))
    if desk.choices.companions:
        texts.append(desk.say(blocks.companion if len(desk.choices.companions) == 1 else blocks.companions))
    return _plain("withholding", " ".join(texts), legal=True)


def _extra(desk: _Desk) -> list[Section]:
    paragraphs = re.split(r"\n\s*\n", (desk.choices.extra_paragraph or "").strip())
    parts = tuple(Part(text=" ".join(paragraph.split())) for paragraph in paragraphs if paragraph.strip())
    return [Section(key="extra", parts=parts)]


def _clarification(desk: _Desk) -> Section:
    return _plain("clarification", desk.say(desk.wording.blocks.clarification))


# --- body of a letter to an official ----------------------------------------------------------------------------------


def _official_sections(desk: _Desk) -> list[Section]:
    kit = desk.kit
    questions = tuple(desk.fill((item.federal or item.text) if desk.federal else item.text) for item in desk.items)
    follow_ups = " ".join(desk.fill(text) for text in kit.follow_ups)
    return [
        _plain("opening", desk.fill(kit.federal_aim if desk.federal else kit.aim)),
        Section(key="questions", parts=(Part(items=questions),)),
        _plain("why", desk.fill(kit.why)),
        _plain("follow_ups", "" if desk.federal else f"If you can say more: {follow_ups}"),
        *_extra(desk),
        _plain(
            "request",
            "This is not a records request, and I ask about no person. I would be grateful for a written reply to the "
            "address above.",
        ),
    ]


# --- foot of the letter -----------------------------------------------------------------------------------------------


def _closing(choices: Choices) -> Closing:
    for_group = f"for {naming.group_in_prose(choices.organisation)}" if choices.organisation else None
    lines = (for_group, *choices.requester_postal_address, choices.phone)
    return Closing(valediction="Sincerely,", name=choices.requester_name, lines=tuple(line for line in lines if line))


def _plain(key: str, text: str, *, legal: bool = False) -> Section:
    return Section(key=key, parts=(Part(text=text, legal=legal),) if text else ())


def _run_in(key: str, heading: str, text: str, *, legal: bool = False) -> Section:
    return Section(key=key, heading=heading, parts=(Part(text=text, legal=legal),) if text else ())
