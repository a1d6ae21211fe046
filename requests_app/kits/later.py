"""The composer of later letters: what to write after the first one, from data, the law book and the matter. Pure.

`compose_later` works in the order of a letter: check what the person gave, find the review that the letter asks for
(if it asks for one), gather the ground it stands on (`standing`), then say the letter file's sentences that hold. A
sentence that needs a fact which does not hold is left out; nothing is put in its place that nobody knows.

What a person types is put into the letter as typed: it is never read as a template.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from requests_app.kits import law_words, naming
from requests_app.kits.catalog import UnknownLetter, letter_type, letter_types, objections, shared_blocks
from requests_app.kits.composer import DELIVERY, recipient_lines
from requests_app.kits.later_schema import LETTER_KEYS, Enclosure, Input, LetterType, Paragraph, Sentence
from requests_app.kits.letters import Addressee, ChoiceError, Closing, DeliveryMethod, Letter, Part, Section, Warning
from requests_app.kits.matter import Happening, Matter
from requests_app.kits.objecting import exemption_reply, reply_to
from requests_app.kits.standing import Ground, fill
from requests_app.kits.steps import Step, is_main_appeal, steps_by
from requests_app.law.schema import Statute

__all__ = [
    "LETTER_KEYS",
    "Input",
    "LaterSender",
    "LetterType",
    "UnknownLetter",
    "compose_later",
    "event_kind_of",
    "letter_type",
    "letter_types",
]

# The longest quotation of the agency's words that a letter carries, in characters.
LONGEST_QUOTE: Final = 1_200

# The longest text that a person may type into one field.
LONGEST_TEXT: Final = 50_000

# Inputs that every letter takes beside its own. `rule_id`: the law book's rule behind a review (an offer presets it).
COMMON_INPUTS: Final = ("rule_id", "delivery")

_LEVELS: Final = {"stop": 0, "check": 1, "note": 2}

_NOT_PRINTED: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")

# What an agency's or our own step is called in a list of what has happened.
_TOLD: Final[dict[str, str]] = {
    "sent": "I sent the request",
    "received": "the agency received it",
    "acknowledged": "the agency acknowledged the request",
    "extension": "the agency claimed an extension",
    "clarification_requested": "the agency asked for a clarification",
    "clarified": "I answered the agency's question",
    "fee_estimated": "the agency gave a fee estimate",
    "fee_paid": "the fee was paid or settled",
    "determined": "the agency said that records would be produced",
    "denied": "the agency denied the request",
    "no_records": "the agency said that it found no records",
    "produced_part": "the agency sent some records",
    "produced": "the agency sent records",
    "appeal_filed": "I asked for a review",
    "appeal_decided": "the review was decided",
    "reply": "the agency wrote",
    "waiver_decided": "the agency decided on the fee waiver",
}

_EXHIBITS: Final[dict[str, str]] = {
    "sent": "My request",
    "acknowledged": "Your acknowledgment",
    "extension": "Your notice of extension",
    "clarification_requested": "Your request for clarification",
    "clarified": "My answer to it",
    "fee_estimated": "Your fee estimate",
    "determined": "Your decision",
    "denied": "Your denial",
    "no_records": "Your answer that no records were found",
    "produced_part": "The records that you sent",
    "produced": "The records that you sent",
    "appeal_filed": "My request for review",
    "appeal_decided": "The decision on it",
    "reply": "Your message",
    "waiver_decided": "Your decision on the fee waiver",
}


@dataclass(frozen=True, kw_only=True)
class LaterSender:
    """Who signs a later letter. `postal_address`: lines."""

    requester_name: str
    reply_address: str
    organisation: str | None = None
    postal_address: tuple[str, ...] = ()
    phone: str | None = None


@dataclass(frozen=True)
class _Desk:
    """Everything on the desk while one later letter is written."""

    letter: LetterType
    ground: Ground
    inputs: Mapping[str, Any]
    facts: frozenset[str]
    values: Mapping[str, str]

    @property
    def matter(self) -> Matter:
        return self.ground.matter

    def holds(self, part: Sentence | Paragraph | Enclosure) -> bool:
        return self.facts.issuperset(part.needs) and self.facts.isdisjoint(part.unless)

    def say(self, sentences: Sequence[str | Sentence]) -> str:
        texts = [each if isinstance(each, str) else each.text for each in sentences if self._is_said(each)]
        return " ".join(fill(text, self.values) for text in texts)

    def _is_said(self, each: str | Sentence) -> bool:
        return isinstance(each, str) or self.holds(each)


def compose_later(
    letter: LetterType,
    statute: Statute,
    addressee: Addressee,
    matter: Matter,
    sender: LaterSender,
    inputs: Mapping[str, Any],
) -> Letter:
    """Return the letter. `addressee` is the agency, or the body for a letter that goes to one.

    `inputs`: the letter's own inputs by name (see `LetterType.inputs`), and two that every letter takes: `rule_id`, the
    law book's rule behind a review, and `delivery`, how this letter leaves (the request's own way when left out).
    Raises ChoiceError, which names the field, when something required is missing or cannot be used, and when this law
    names no body for the letter (field "letter").
    """
    given = _checked(letter, matter, sender, inputs)
    step = _step(letter, statute, matter, given)
    ground = Ground(statute, matter, addressee, step)
    obstacle = _obstacle(letter, ground)
    if obstacle is not None:
        raise ChoiceError("letter", obstacle)
    desk = _Desk(
        letter, ground, given, _facts(ground, letter, given), {**ground.values(), **_input_words(ground, given)}
    )
    sections = tuple(section for section in _sections(desk) if section.parts)
    kit = ground.kit
    return Letter(
        kit_id=matter.kit_id,
        kit_edition=kit.edition if kit is not None else letter.edition,
        jurisdiction=statute.code,
        law_edition=statute.edition,
        subject=fill(letter.subject, desk.values),
        date=matter.today,
        sender=(_line(sender.organisation or sender.requester_name), _line(sender.reply_address)),
        recipient=_recipient(desk),
        delivery=_delivery(desk),
        salutation=_salutation(desk),
        sections=sections,
        closing=_closing(sender),
        reference=matter.reference,
        reference_line=_reference_line(desk),
        body_only=letter.to == "agency" and any(hint.key == "email_body_only" for hint in statute.submission.hints),
        letter_key=letter.key,
        enclosures=tuple(fill(each.text, desk.values) for each in letter.enclosures if desk.holds(each)),
        warnings=_warnings(desk),
    )


def event_kind_of(letter: LetterType, statute: Statute, matter: Matter, rule_id: str | None = None) -> str:
    """Return the value of filing.lifecycle.EventKind that is recorded when this letter is sent.

    It is the letter's own, but for two cases: going to an ombudsman is an appeal where the law's appeal is that body,
    and a letter of thanks cannot close what is closed already.
    """
    if letter.key == "mediation_request":
        found = steps_by(letter.key, statute, matter)
        step = next((each for each in found if rule_id in (None, each.rule.id)), None)
        return "appeal_filed" if step is not None and is_main_appeal(step, statute) else letter.event_kind
    if letter.event_kind == "closed" and matter.status == "done":
        return "follow_up"
    return letter.event_kind


# --- before the first line --------------------------------------------------------------------------------------------


def _checked(letter: LetterType, matter: Matter, sender: LaterSender, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs that were filled in, each of its kind. Raises ChoiceError for the first that cannot be used."""
    if not sender.requester_name.strip():
        raise ChoiceError("requester_name", "The letter needs the requester's name. Enter the name of who signs it.")
    if not sender.reply_address.strip():
        raise ChoiceError("reply_address", "The letter needs an address for the answer. Enter an e-mail address.")
    if matter.sent_on is None:
        raise ChoiceError("letter", "The request has not been sent, so there is nothing to follow up. Send it first.")
    known = {each.name for each in letter.inputs} | set(COMMON_INPUTS)
    for name in inputs:
        if name not in known:
            raise ChoiceError(name, f"The letter {letter.title!r} has no field {name!r}. Leave it out.")
    given: dict[str, Any] = {}
    for each in letter.inputs:
        value = inputs.get(each.name)
        if _is_empty(value):
            if each.required:
                raise ChoiceError(each.name, f"{each.label}: the letter needs this. Fill it in.")
            continue
        given[each.name] = _READ[each.kind](each, value, matter)
    for name in COMMON_INPUTS:
        if not _is_empty(inputs.get(name)):
            given[name] = inputs[name]
    return given


def _is_empty(value: Any) -> bool:
    if isinstance(value, str):
        return not clean(value).strip()
    return value is None or (isinstance(value, Sequence) and not value)


def _read_text(each: Input, value: Any, _matter: Matter) -> str:
    if not isinstance(value, str):
        raise ChoiceError(each.name, f"{each.label}: this is not text. Type it in words.")
    if len(value) > LONGEST_TEXT:
        raise ChoiceError(
            each.name,
            f"{each.label}: this has {len(value):,} characters; a letter takes {LONGEST_TEXT:,}. Shorten it, or send "
            "the rest as an enclosure.",
        )
    return clean(value)


def _read_money(each: Input, value: Any, _matter: Matter) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ChoiceError(each.name, f"{each.label}: enter zero or a sum in dollars.")
    return value


def _read_date(each: Input, value: Any, _matter: Matter) -> date:
    if not isinstance(value, date):
        raise ChoiceError(each.name, f"{each.label}: this is not a date. Choose a day.")
    return value


def _read_choice(each: Input, value: Any, _matter: Matter) -> str:
    if value not in {choice.value for choice in each.choices}:
        raise ChoiceError(each.name, f"{each.label}: {value!r} cannot be chosen here. Choose from the list.")
    return str(value)


def _read_choices(each: Input, value: Any, matter: Matter) -> tuple[str, ...]:
    values = (value,) if isinstance(value, str) else tuple(value)
    if not each.choices:  # an open list: sections of a statute, in the agency's words or the law book's
        return tuple(_line(_read_text(each, one, matter)) for one in values if not _is_empty(one))
    return tuple(dict.fromkeys(_read_choice(each, one, matter) for one in values))


def _read_items(each: Input, value: Any, matter: Matter) -> tuple[int, ...]:
    numbers = tuple(dict.fromkeys(int(one) for one in value if str(one).isdigit()))
    if len(numbers) != len(set(value)) or any(not 1 <= number <= len(matter.items) for number in numbers):
        raise ChoiceError(
            each.name,
            f"{each.label}: choose from items 1 to {len(matter.items)} of the request."
            if matter.items
            else f"{each.label}: the items of this request are not known. Leave this empty.",
        )
    return tuple(sorted(numbers))


_READ: Final[dict[str, Callable[[Input, Any, Matter], Any]]] = {
    "text": _read_text,
    "long_text": _read_text,
    "money": _read_money,
    "date": _read_date,
    "choice": _read_choice,
    "choices": _read_choices,
    "items": _read_items,
}


def _step(letter: LetterType, statute: Statute, matter: Matter, given: Mapping[str, Any]) -> Step | None:
    """Return the review that this letter asks for; None for a letter to the agency that asks for none."""
    found = steps_by(letter.key, statute, matter)
    wanted = given.get("rule_id")
    if wanted is not None:
        step = next((each for each in found if each.rule.id == wanted), None)
        if step is None:
            raise ChoiceError("rule_id", f"The law of {statute.name} has no step {wanted!r} for this letter.")
        return step
    if not found:
        if letter.to == "body":
            raise ChoiceError(
                "letter", f"The law book names no body in {statute.name} that takes this letter. Choose another letter."
            )
        return None
    decided = any(each.kind == "appeal_decided" for each in matter.happened)
    return min(found, key=lambda each: (each.second is not decided, each.rule.confidence == "low"))


def _obstacle(letter: LetterType, ground: Ground) -> str | None:
    """Return why this letter would say something untrue today; None when it may be written."""
    step = ground.step
    decided = ground.happened("appeal_decided") is not None
    if step is not None and step.second and step.body.about != "silence" and not decided:
        return f"Going to {step.body.name} comes after another body's decision, and none is recorded."
    if letter.key == "administrative_appeal" and step is not None:
        if not ground.refused and not step.second and step.body.about != "fee":
            return "Nothing is recorded that the agency refused. Record its refusal first, then write the appeal."
    elif letter.key == "constructive_denial_appeal" and step is not None:
        if not ground.silence_opens(step):
            return "The agency's silence does not count as a denial today. Wait, or ask when the decision will come."
    elif letter.key == "notice_before_suit":
        if not ground.refused and ground.missed_date() is None:
            return (
                "Nothing has been refused, and no date has certainly been missed. A notice before suit would be untrue."
            )
        first = ground.required_first()
        if first is not None:
            return (
                f"Before a court, the law of {ground.statute.name} wants {first.body.name} to be asked. Do that first."
            )
    return None


def _facts(ground: Ground, letter: LetterType, given: Mapping[str, Any]) -> frozenset[str]:
    found = set(ground.facts()) | {f"input.{name}" for name in given if name not in COMMON_INPUTS}
    # What the writer says of the refusal stands in for what nobody recorded.
    for name in ("quote", "objections", "exemptions"):
        if name in given:
            found.add(f"refusal.{name}")
    return frozenset(found)


def _input_words(ground: Ground, given: Mapping[str, Any]) -> dict[str, str]:
    """Return the words that come from what the person gave, and from what the agency wrote."""
    matter, ladder = ground.matter, shared_blocks().ladder
    found: dict[str, str] = {}
    quote = given.get("quote") or (matter.refusal.quote if matter.refusal is not None else "")
    if quote.strip():
        found["quote"] = quoted(quote)
    for name, placeholder in (("received_as", "received_as"), ("reason_given", "refusal_words")):
        if name in given:
            found[placeholder] = _line(given[name]).rstrip(".")
    for name, placeholder in (
        ("answer_by", "wish_date"),
        ("claimed_until", "claimed_until"),
        ("period_start", "narrow_start"),
        ("period_end", "narrow_end"),
    ):
        if name in given:
            found[placeholder] = naming.long_date(given[name])
    if "limit" in given:
        found["money_limit"] = naming.dollars(given["limit"])
    rung = int(given.get("rung", 1))
    found["rung"] = ladder[rung - 1]
    if "first_items" in given:
        found["first_items"] = name_numbers(given["first_items"])
    return found


# --- the body ---------------------------------------------------------------------------------------------------------


def _sections(desk: _Desk) -> Iterator[Section]:
    for section in desk.letter.sections:
        parts = tuple(
            part for paragraph in section.paragraphs if desk.holds(paragraph) for part in _parts(desk, paragraph)
        )
        yield Section(key=section.key, heading=section.heading, run_in=section.run_in, parts=parts)


def _parts(desk: _Desk, paragraph: Paragraph) -> Iterator[Part]:
    text = desk.say(paragraph.sentences)
    items = _LISTS[paragraph.items](desk) if paragraph.items is not None else ()
    if paragraph.items is not None and not items:
        return  # a list with nothing in it takes its introduction along
    if text or items:
        yield Part(text=text, items=items, legal=paragraph.legal)
    if paragraph.spread is not None and paragraph.spread in desk.inputs:
        yield from (Part(text=typed) for typed in typed_paragraphs(desk.inputs[paragraph.spread]))


def _chronology(desk: _Desk) -> tuple[str, ...]:
    """Return what has happened, a line each: of the agency to a body, of "you" to the agency itself."""
    told = ((each.on, words) for each in desk.matter.happened if (words := _told(each)) is not None)
    lines = tuple(f"{naming.long_date(on)}: {words}." for on, words in told)
    if desk.letter.to == "body":
        return lines
    return tuple(line.replace("the agency's", "your").replace("the agency", "you") for line in lines)


def _told(each: Happening) -> str | None:
    if each.kind == "follow_up":
        title = _title_of(each.letter_key)
        return f"I wrote to the agency ({title})" if title else "I wrote to the agency"
    return _TOLD.get(each.kind)


def _evidence(desk: _Desk) -> tuple[str, ...]:
    """Return the numbered exhibits that stand behind a letter before suit."""
    found = []
    for each in desk.matter.happened:
        day = naming.long_date(each.on)
        if each.kind == "sent":
            found += [f"My request of {day}.", f"The proof that it was sent on {day}."]
        elif each.kind == "follow_up":
            title = _title_of(each.letter_key)
            found.append(f"My letter of {day} ({title})." if title else f"My letter of {day}.")
        elif each.kind in _EXHIBITS:
            found.append(f"{_EXHIBITS[each.kind]} of {day}.")
    return tuple(found)


def _title_of(letter_key: str) -> str:
    try:
        title = letter_type(letter_key).title
    except UnknownLetter:
        return ""
    return f"{title[:1].lower()}{title[1:]}"


def _objection_replies(desk: _Desk) -> tuple[str, ...]:
    chosen = desk.inputs.get("objections") or (desk.matter.refusal.objections if desk.matter.refusal else ())
    companion = bool(desk.matter.companions)
    return tuple(
        f'On "{bank.objection[:1].lower()}{bank.objection[1:]}": '
        f"{reply_to(bank, desk.ground.voice, companion=companion)}"
        for name in chosen
        if (bank := objections().get(name)) is not None
    )


def _exemption_replies(desk: _Desk) -> tuple[str, ...]:
    """Return an answer to each section that the agency cited: the law book's where it knows the section."""
    refusal = desk.matter.refusal
    chosen = desk.inputs.get("exemptions") or (refusal.exemptions if refusal is not None else ())
    return tuple(dict.fromkeys(exemption_reply(_line(each), desk.ground.law) for each in chosen if each.strip()))


def _denial_musts(desk: _Desk) -> tuple[str, ...]:
    return tuple(
        law_words.sentence(law_words.american(law_words.cite_free(each))) for each in desk.ground.law.denial_must
    )


def _fee_lines(desk: _Desk) -> tuple[str, ...]:
    found = []
    for line in desk.matter.fees.lines:
        hours = "" if line.hours is None else f", {line.hours:g} hours"
        rate = "" if line.rate_cents is None else f" at {naming.dollars(line.rate_cents)}"
        found.append(f"{_line(line.what)}{hours}{rate}: {naming.dollars(line.amount_cents)}.")
    return tuple(found)


def _chosen_items(desk: _Desk) -> tuple[str, ...]:
    return tuple(
        law_words.sentence(f"{_line(desk.matter.items[number - 1]).rstrip('.')} (item {number} of the request)")
        for number in desk.inputs.get("items", ())
    )


def _missing(desk: _Desk) -> tuple[str, ...]:
    """Return what the person says is missing, a line each."""
    lines = [" ".join(line.split()).lstrip("-*• ") for line in str(desk.inputs.get("missing", "")).splitlines()]
    return tuple(law_words.sentence(line) for line in lines if line)


_LISTS: Final[dict[str, Callable[[_Desk], tuple[str, ...]]]] = {
    "chronology": _chronology,
    "evidence": _evidence,
    "objection_replies": _objection_replies,
    "exemption_replies": _exemption_replies,
    "denial_musts": _denial_musts,
    "fee_lines": _fee_lines,
    "chosen_items": _chosen_items,
    "missing": _missing,
}


# --- head and foot ----------------------------------------------------------------------------------------------------


def _recipient(desk: _Desk) -> tuple[str, ...]:
    ground = desk.ground
    fallback = ground.voice.custodian_title if desk.letter.to == "agency" else ""
    if ground.step is not None and ground.step.body.within_agency and desk.letter.to == "body":
        fallback = ground.step.body.dear
    return recipient_lines(ground.addressee, fallback, ground.statute.name)


def _salutation(desk: _Desk) -> str:
    ground, step = desk.ground, desk.ground.step
    if desk.letter.to == "body" and step is not None:
        dear = step.body.dear
        return f"{dear}:" if dear.startswith("To ") else f"Dear {dear}:"
    title = naming.addressable_title(ground.addressee.office_or_title) or ground.voice.custodian_title
    return f"Dear {title}:"


def _delivery(desk: _Desk) -> str:
    addressee = desk.ground.addressee
    method: DeliveryMethod = desk.inputs.get("delivery") or _usual_way(desk)
    if method not in DELIVERY:
        raise ChoiceError("delivery", f"A letter cannot leave by {method!r}. Choose from the list.")
    to = addressee.email if method == "email" else None
    return f"{DELIVERY[method]} to {to}" if to else DELIVERY[method]


def _usual_way(desk: _Desk) -> DeliveryMethod:
    """A letter to the agency goes as the request went; one to a body by e-mail where an address is known."""
    if desk.letter.to == "agency":
        return desk.matter.delivery
    return "email" if desk.ground.addressee.email is not None else "post"


def _reference_line(desk: _Desk) -> str:
    theirs = desk.values.get("agency_reference", "")
    if desk.letter.to == "body":
        beside = f"; the agency's reference {theirs}" if theirs else ""
    else:
        beside = f"; your reference {theirs}" if theirs else ""
    return f"Our reference {desk.matter.reference}{beside}"


def _closing(sender: LaterSender) -> Closing:
    for_group = f"for {naming.group_in_prose(_line(sender.organisation))}" if sender.organisation else None
    lines = (for_group, *(_line(line) for line in sender.postal_address), _line(sender.phone or ""))
    return Closing(
        valediction="Sincerely,", name=_line(sender.requester_name), lines=tuple(line for line in lines if line)
    )


def _warnings(desk: _Desk) -> tuple[Warning, ...]:
    found = [*_addressee_warnings(desk), *_input_warnings(desk), *desk.ground.warnings()]
    unique = {warning.text: warning for warning in found}
    return tuple(sorted(unique.values(), key=lambda warning: _LEVELS[warning.level]))


def _addressee_warnings(desk: _Desk) -> Iterator[Warning]:
    addressee = desk.ground.addressee
    method = desk.inputs.get("delivery") or _usual_way(desk)
    if method == "post" and not addressee.postal_address:
        yield Warning(
            level="stop",
            text=f"No postal address of {addressee.name} is known. Look it up, confirm it, and make the letter again.",
        )
    if method == "email" and addressee.email is None:
        yield Warning(
            level="check", text=f"No e-mail address of {addressee.name} is confirmed. Look it up before sending."
        )


def _input_warnings(desk: _Desk) -> Iterator[Warning]:
    refusal = desk.matter.refusal
    quote = desk.inputs.get("quote") or (refusal.quote if refusal is not None else "")
    if "quote" in desk.values and len(" ".join(quote.split())) > LONGEST_QUOTE:
        yield Warning(
            level="check",
            text="The agency's words are long: the letter quotes only their beginning. Shorten the quotation to what "
            "matters.",
        )
    chosen = desk.inputs.get("objections") or (refusal.objections if refusal is not None else ())
    if any(
        paragraph.items == "objection_replies" for section in desk.letter.sections for paragraph in section.paragraphs
    ):
        for name in chosen:
            bank = objections().get(name)
            for caution in bank.cautions if bank is not None else ():
                yield Warning(level="check", text=f"{name}: {caution}")


# --- what people type -------------------------------------------------------------------------------------------------


def clean(text: str) -> str:
    """Return typed text without characters that cannot be printed; line breaks stay."""
    return _NOT_PRINTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def typed_paragraphs(text: str) -> tuple[str, ...]:
    """Return typed text as paragraphs: an empty line parts them, other line breaks are spaces."""
    parts = (" ".join(part.split()) for part in re.split(r"\n\s*\n", clean(text).strip()))
    return tuple(part for part in parts if part)


def quoted(text: str) -> str:
    """Return the agency's words as a quotation: one line, inner quotation marks single, cut where it is too long."""
    words = " ".join(clean(text).split()).strip("\"“”' ")
    words = words.replace("“", "'").replace("”", "'").replace('"', "'")
    if len(words) > LONGEST_QUOTE:
        words = words[:LONGEST_QUOTE].rsplit(" ", 1)[0].rstrip(",;: ") + " [...]"
    return f'"{words}"'


def name_numbers(numbers: Sequence[int]) -> str:
    """Return "item 1" or "items 1 and 7"."""
    return f"item{'s' if len(numbers) > 1 else ''} {naming.and_list([str(number) for number in numbers])}"


def _line(text: str | None) -> str:
    return " ".join(clean(text or "").split())
