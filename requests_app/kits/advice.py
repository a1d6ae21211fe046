"""What the filer must know before a letter goes out: warnings with the citation behind each. Pure.

The law's own notes are shown word for word, doubts included. Nothing here enters the letter.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from requests_app.kits.catalog import Wording
from requests_app.kits.letters import Addressee, Choices, Warning
from requests_app.kits.schema import Kit
from requests_app.kits.voices import still_stands
from requests_app.law.schema import Hint, Statute

# Hints that the letter itself obeys; the filer needs no second telling beyond the note.
_CHECK_HINTS: Final = frozenset({"own_form_or_route", "portal_only", "follow_published_procedure", "state_purpose"})

# Hints that only say what a lever or a refusal to guess a date already says.
_SAID_ELSEWHERE: Final = frozenset({"already_public_by_law", "residency_statement", "name_address_contact_required"})

_LEVELS: Final = {"stop": 0, "check": 1, "note": 2}


def warnings(
    kit: Kit, statute: Statute, addressee: Addressee, choices: Choices, wording: Wording
) -> tuple[Warning, ...]:
    """Return everything to know before sending, the most pressing first."""
    found = [*_addressee(addressee, choices)]
    if kit.kind == "records":
        found += [
            *_requester(statute, choices, wording),
            *_sending(statute, addressee, choices),
            *_hints(statute),
            *_kit(kit, statute, choices, wording),
            *_law(statute, choices, wording),
            *_levers(kit, addressee, wording),
        ]
    found += [Warning(level="note", text=tip) for tip in kit.tips]
    unique = list({warning.text: warning for warning in reversed(found)}.values())[::-1]
    return tuple(sorted(unique, key=lambda warning: _LEVELS[warning.level]))


def _requester(statute: Statute, choices: Choices, wording: Wording) -> Iterator[Warning]:
    requester = statute.requester
    hint = _hint(statute, "residency_statement")
    said = hint.text if hint is not None else f"Who may ask: {requester.who}."
    if requester.residents_only is True and choices.resident_confirmed is not True:
        yield Warning(
            level="stop",
            text=f"In {statute.name} the agency may refuse a requester who is not a resident or citizen. {said} "
            "Confirm that the requester is one, or ask someone who is to sign.",
            citation=requester.citation,
        )
    elif requester.residents_only is None and choices.resident_confirmed is not True:
        yield Warning(level="check", text=said, citation=requester.citation)
    elif hint is not None and choices.resident_confirmed is not True:
        yield Warning(level="note", text=hint.text, citation=hint.citation)
    if requester.residents_only is True and choices.resident_confirmed is True:
        yield Warning(
            level="note",
            text=f"The letter says that the requester may ask as the law of {statute.name} demands: {requester.who}.",
            citation=requester.citation,
        )
    if hint is not None and choices.resident_confirmed is True and choices.residency_statement is None:
        yield Warning(
            level="note",
            text=f"The letter uses the standard sentence on residency. {hint.text}",
            citation=hint.citation,
        )
    yield from _contact_details(statute, choices, wording)
    if choices.fmt == "paper" and not choices.requester_postal_address:
        yield Warning(level="stop", text="The letter asks for paper copies, but it gives no postal address. Add one.")
    if _hint(statute, "state_adult") is not None:
        yield Warning(
            level="check",
            text="The letter says that the requester is of the age of majority. Do not send it otherwise.",
            citation=statute.submission.citation,
        )
    if requester.notes:
        yield Warning(level="note", text=requester.notes, citation=requester.citation)


def _contact_details(statute: Statute, choices: Choices, wording: Wording) -> Iterator[Warning]:
    """Say which contact details are missing: one the law demands stops the letter, others do not."""
    words = {"postal_address": "postal address", "phone": "telephone number"}
    given = {"postal_address": bool(choices.requester_postal_address), "phone": bool(choices.phone)}
    hint = _hint(statute, "name_address_contact_required")
    for level, details in (("stop", wording.voice.contact_required), ("check", wording.voice.contact_wanted)):
        missing = " and ".join(f"no {words[detail]}" for detail in details if not given[detail])
        if missing:
            yield Warning(
                level="stop" if level == "stop" else "check",
                text=f"The letter gives {missing}. {hint.text if hint else 'Add it.'}",
                citation=hint.citation if hint else statute.submission.citation,
            )


def _sending(statute: Statute, addressee: Addressee, choices: Choices) -> Iterator[Warning]:
    submission = statute.submission
    if choices.delivery_method in ("email", "fax") and submission.email_allowed is False:
        yield Warning(
            level="stop" if addressee.email is None else "check",
            text="Do not send this by e-mail unless this very agency accepts it: it may not count as received. Use the "
            "portal or form that the agency accepts, or post or hand delivery where those are open.",
            citation=submission.citation,
        )
    elif choices.delivery_method == "email" and submission.email_allowed is None:
        yield Warning(
            level="check",
            text="It is not settled that a request by e-mail counts here. Look at the agency's own procedure first.",
            citation=submission.citation,
        )
    if submission.official_form_required:
        yield Warning(
            level="check",
            text="The agency may insist on its own form. Look for it, copy the numbered items into it, and attach the "
            "letter.",
            citation=submission.citation,
        )
    if submission.notes:
        yield Warning(level="note", text=submission.notes, citation=submission.citation)


def _hints(statute: Statute) -> Iterator[Warning]:
    for hint in statute.submission.hints:
        if hint.key not in _SAID_ELSEWHERE:
            yield Warning(level="check" if hint.key in _CHECK_HINTS else "note", text=hint.text, citation=hint.citation)


def _kit(kit: Kit, statute: Statute, choices: Choices, wording: Wording) -> Iterator[Warning]:
    for left_out in wording.voice.leave_out:
        if left_out.kit == kit.id:
            yield Warning(level="note", text=left_out.reason, citation=left_out.citation)
    switch = wording.voice.switch
    if switch is not None and switch.confidence == "low":
        yield Warning(
            level="note",
            text=f'The letter says "message switch" and not {switch.name}. {switch.note or ""}'.strip(),
        )
    if kit.id == "K7" and choices.block_date is None:
        yield Warning(
            level="check",
            text="This kit is for states where a block is reported. Read the state's page first; where none is "
            "reported, K1 asks the better questions.",
        )
    elif kit.asks_block_date and choices.block_date is None:
        yield Warning(
            level="check",
            text="The letter speaks of the day on which access was limited, and no day is given, so it names none. If "
            "the day is known from a public source, give it under Details.",
        )
    if statute.code == "US" and kit.kind == "records":
        yield Warning(
            level="note",
            text="The kit is written for states; this letter turns its questions around for the federal agency that "
            "does the asking. Narrow requests to federal agencies have come back empty before: ask the states first.",
        )
    if kit.preservation != "none" and not choices.include_preservation:
        yield Warning(
            level="check",
            text="A first letter should ask the agency to preserve logs: Nlets says that it keeps about one year, so "
            "each day of delay loses a day.",
        )


def _law(statute: Statute, choices: Choices, wording: Wording) -> Iterator[Warning]:
    """Doubts about the law, sentences that no longer stand on it, and a waiver that the law does not know."""
    lost = [clause for clause in wording.voice.clauses() if not still_stands(clause, statute, choices.request_date)]
    for clause in lost:
        yield Warning(
            level="check",
            text=f"The letter leaves a sentence out, because the law book has changed since it was written or is not "
            f"sure enough of it: {clause.text}",
        )
    if choices.ask_fee_waiver and wording.voice.waiver_basis == "none":
        yield Warning(
            level="note",
            text="The letter asks for no fee waiver: no rule of this law gives one that could be claimed.",
            citation=statute.fees.citation,
        )
    if statute.confidence != "high":
        yield Warning(
            level="note",
            text=f"The law book is of {statute.confidence} confidence about {statute.name} (as of "
            f"{statute.status_date.isoformat()}). Read its doubts on the law page.",
        )
    for doubt in statute.doubts:
        yield Warning(level="note", text=f"Doubt about the law: {doubt}")


def _levers(kit: Kit, addressee: Addressee, wording: Wording) -> Iterator[Warning]:
    for lever in wording.levers:
        if kit.id not in lever.kits or (lever.roles and not set(lever.roles) & set(addressee.roles)):
            continue
        if not lever.may_be_asserted:
            yield Warning(
                level="note",
                text=f"May help, but is not in the letter: {lever.text} {lever.doubt or ''}".strip(),
                citation=lever.citation,
            )
        elif lever.doubt is not None:
            yield Warning(level="note", text=f"{lever.text} In doubt: {lever.doubt}", citation=lever.citation)


def _addressee(addressee: Addressee, choices: Choices) -> Iterator[Warning]:
    if choices.delivery_method == "post" and not addressee.postal_address:
        yield Warning(
            level="stop",
            text=f"No postal address of {addressee.name} is known. Look it up, confirm it on the agency's page, and "
            "print the letter again.",
        )
    if choices.delivery_method == "email" and addressee.email is None:
        yield Warning(
            level="check",
            text=f"No e-mail address of {addressee.name} is confirmed. Look it up before sending.",
        )
    if addressee.submission_notes:
        yield Warning(level="check", text=addressee.submission_notes)


def _hint(statute: Statute, key: str) -> Hint | None:
    return next((hint for hint in statute.submission.hints if hint.key == key), None)
