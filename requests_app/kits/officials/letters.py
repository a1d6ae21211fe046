"""One letter to one official: three questions, what is reported of the state, what our requests found. Pure.

The questions, the opening and the follow-ups are the kit's (K8); what is known comes in as `KnownStatus`. Nothing that
a person types is read as a template.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from requests_app.kits import naming
from requests_app.kits.composer import call_sheet
from requests_app.kits.letters import (
    Addressee,
    CallSheet,
    ChoiceError,
    Choices,
    Closing,
    DeliveryMethod,
    Letter,
    Part,
    Section,
    Warning,
)
from requests_app.kits.officials import known as knowing
from requests_app.kits.officials.known import KnownStatus
from requests_app.kits.schema import Kit
from requests_app.law.schema import Statute

Way = Literal["letter", "postcard", "email", "fax", "call"]
OfficeKind = Literal[
    "governor", "state_senator", "state_representative", "attorney_general", "nlets_representative", "other"
]

_FORMS: Final[dict[str, str]] = {
    "governor": "Governor",
    "state_senator": "Senator",
    "state_representative": "Representative",
    "attorney_general": "Attorney General",
}
_WAYS: Final[dict[Way, tuple[str, str | Promise]]] = {
    "postcard": ("postal_address", _("postal address")),
    "email": ("email", _("e-mail address")),
    "fax": ("fax", _("fax number")),
    "call": ("phone", _("telephone number")),
}


class NoAddress(ValueError):
    """An official cannot be reached by this way. Its text says what is missing, what is safe and what to do."""

    def __init__(self, name: str, missing: str | Promise) -> None:
        self.name = name
        self.missing = str(missing)
        super().__init__(
            gettext(
                "%(name)s has no %(missing)s on the list, so this cannot go out. Nothing is lost. Add it on the "
                "official's page, or choose another way."
            )
            % {"name": name, "missing": missing}
        )


def isolated(name: str) -> str:
    """Return a name that keeps its own direction inside an English line: what follows it stays where it belongs."""
    if any(unicodedata.bidirectional(sign) in ("R", "AL") for sign in name):
        return f"\N{FIRST STRONG ISOLATE}{name}\N{POP DIRECTIONAL ISOLATE}"
    return name


@dataclass(frozen=True, kw_only=True)
class OfficialAddress:
    """An official as a letter addresses them. `title`: the office's own name, where the usual one is not right."""

    jurisdiction: str
    office: OfficeKind
    name: str
    title: str = ""
    district: str = ""
    postal_address: tuple[str, ...] = ()
    email: str = ""
    phone: str = ""
    fax: str = ""

    def need(self, way: Way) -> None:
        """Raise NoAddress when the official cannot be reached by this way. A letter can go by post, e-mail or fax."""
        if way == "letter":
            if not (self.postal_address or self.email or self.fax):
                raise NoAddress(self.name, _("postal address, e-mail address or fax number"))
            return
        field, words = _WAYS[way]
        if not getattr(self, field):
            raise NoAddress(self.name, words)

    def can(self, way: Way) -> bool:
        """Return whether the official can be reached by this way."""
        try:
            self.need(way)
        except NoAddress:
            return False
        return True

    @property
    def form(self) -> str:
        """How the office is said before the name: "Governor", "Delegate"; nothing where no short word is right."""
        if self.title:
            return self.title if len(self.title.split()) <= 2 else ""
        if self.office == "governor" and self.jurisdiction == "DC":
            return "Mayor"
        return _FORMS.get(self.office, "")

    @property
    def salutation(self) -> str:
        """The first line to the person, with the whole name: which part is the family's is not for us to guess."""
        form, name = self.form, isolated(self.name)
        if form and not self.name.casefold().startswith((form.casefold(), "gov.", "sen.", "rep.", "del.")):
            return f"Dear {form} {name}:"
        return f"Dear {name}:"

    def office_line(self, state: str) -> str:
        """The office as a line of the address: "Governor of Maryland", "Senator, District 12"."""
        office = self.title or self.form or "Nlets Representative"
        if self.district:
            named = self.district if not self.district[0].isdigit() else f"District {self.district}"
            return f"{office}, {named}"
        return (
            f"{office} of {state}" if state.casefold() not in office.casefold() and self.office != "other" else office
        )


@dataclass(frozen=True, kw_only=True)
class OfficialSender:
    """Who asks. `town`: what stands under the name where no postal address is given."""

    name: str
    reply_address: str
    organisation: str | None = None
    town: str = ""
    postal_address: tuple[str, ...] = ()
    phone: str | None = None


def compose_official_letter(
    kit: Kit,
    statute: Statute,
    official: OfficialAddress,
    sender: OfficialSender,
    known: KnownStatus,
    *,
    on: date,
    way: Way = "letter",
    own_words: str = "",
) -> Letter:
    """Return the letter. Raises NoAddress, or ChoiceError naming what the sender must fill in."""
    _check(sender)
    official.need(way)
    sheet = official_sheet(kit, statute, official, sender, on)
    delivery, method = _delivery(official, way)
    sections = (
        _plain("opening", _fill(kit.federal_aim if statute.code == "US" else kit.aim, statute)),
        Section(key="questions", parts=(Part(items=sheet.questions),)),
        *_known_sections(known, statute),
        _plain("why", _fill(kit.why, statute)),
        _plain("follow_ups", _more(sheet, known)),
        _own(own_words),
        _plain(
            "request",
            "This is not a records request, and I ask about no person. I would be grateful for a written reply to the "
            "address above.",
        ),
        _sources(known),
    )
    subject = _fill(kit.subject, statute)
    return Letter(
        kit_id=kit.id,
        kit_edition=kit.edition,
        jurisdiction=statute.code,
        law_edition=statute.edition,
        subject=subject[:1].upper() + subject[1:],
        date=on,
        sender=(sender.organisation or sender.name, sender.reply_address),
        recipient=_recipient(official, statute, method),
        delivery=delivery,
        salutation=official.salutation,
        sections=tuple(section for section in sections if section.parts),
        closing=_closing(sender),
        letter_key="official",
        warnings=tuple(_warnings(official, method, known)),
    )


def official_sheet(
    kit: Kit, statute: Statute, official: OfficialAddress, sender: OfficialSender, on: date
) -> CallSheet:
    """Return the call sheet for one official: the steps, the three questions, and what to ask if there is time."""
    addressee = Addressee(agency_code=f"{statute.code.lower()}-official", name=official.name)
    choices = Choices(
        requester_name=sender.name, reply_address=sender.reply_address, request_date=on, delivery_method="post"
    )
    sheet = call_sheet(kit, statute, addressee, choices)
    if official.office != "nlets_representative":
        return sheet
    # The Nlets Representative is not asked to ask the Nlets Representative.
    kept = tuple(text for text in sheet.follow_ups if "Nlets Representative" not in text)
    return CallSheet(steps=sheet.steps, questions=sheet.questions, follow_ups=kept)


def follow_ups_for(sheet: CallSheet, known: KnownStatus) -> tuple[str, ...]:
    """Return what else to ask; where a block is reported, the pointed questions in place of the general one."""
    pointed = knowing.follow_on(known)
    if not pointed:
        return sheet.follow_ups
    return (*(text for text in sheet.follow_ups if not text.startswith("Where a block exists")), pointed)


def state_in_prose(statute: Statute) -> str:
    """Return what the kit's texts call the state."""
    return {"US": "United States", "DC": "D.C."}.get(statute.code, statute.name)


def executive_of(statute: Statute) -> str:
    """Return who heads the state's government, in running text."""
    return "the mayor" if statute.code == "DC" else "the governor"


def known_paragraphs(known: KnownStatus, statute: Statute) -> tuple[str, ...]:
    """Return what is reported of both doors as paragraphs; nothing for the federal government."""
    if statute.code == "US":
        return ()
    state, executive = state_in_prose(statute), executive_of(statute)
    return (
        " ".join(knowing.nlets_sentences(known, state, executive)),
        " ".join(knowing.direct_sentences(known, state, executive)),
    )


def _check(sender: OfficialSender) -> None:
    if not sender.name.strip():
        raise ChoiceError("name", "The letter needs the name of who signs it.")
    if not sender.reply_address.strip():
        raise ChoiceError("reply_address", "The letter needs an address for the answer.")


def _fill(text: str, statute: Statute) -> str:
    return text.format_map({"state_name": state_in_prose(statute)})


def _known_sections(known: KnownStatus, statute: Statute) -> Iterator[Section]:
    paragraphs = known_paragraphs(known, statute)
    if paragraphs:
        last = "These are reports of others, not findings of mine. Please correct what is wrong or out of date."
        nlets, direct = paragraphs
        yield Section(
            key="known", heading="What has been reported", parts=(Part(text=nlets), Part(text=f"{direct} {last}"))
        )
    found = knowing.released_for(known.released, statute.code)
    if found:
        parts = tuple(Part(text=knowing.finding_sentence(finding)) for finding in found)
        yield Section(key="found", heading="What our records requests have found", parts=parts)


def _more(sheet: CallSheet, known: KnownStatus) -> str:
    asked = follow_ups_for(sheet, known)
    return f"If you can say more: {' '.join(asked)}" if asked else ""


def _own(words: str) -> Section:
    paragraphs = (" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", words.strip()))
    return Section(key="own", parts=tuple(Part(text=paragraph) for paragraph in paragraphs if paragraph))


def _sources(known: KnownStatus) -> Section:
    addresses = knowing.sources(known.lines)
    parts = (Part(items=addresses),) if addresses else ()
    return Section(key="sources", heading="Sources of the reports", run_in=False, parts=parts)


def _delivery(official: OfficialAddress, way: Way) -> tuple[str, DeliveryMethod]:
    if way == "email" or (way == "letter" and not official.postal_address and official.email):
        return f"By e-mail to {official.email}", "email"
    if way == "fax" or (way == "letter" and not official.postal_address):
        return f"By fax to {official.fax}", "fax"
    return "By mail", "post"


def _recipient(official: OfficialAddress, statute: Statute, method: DeliveryMethod) -> tuple[str, ...]:
    lines = (official.name, official.office_line(statute.name))
    return (*lines, *official.postal_address) if method == "post" or official.postal_address else lines


def _closing(sender: OfficialSender) -> Closing:
    for_group = f"for {naming.group_in_prose(sender.organisation)}" if sender.organisation else ""
    place = sender.postal_address or ((sender.town,) if sender.town else ())
    lines = (for_group, *place, sender.phone or "")
    return Closing(valediction="Sincerely,", name=sender.name, lines=tuple(line for line in lines if line))


def _warnings(official: OfficialAddress, method: DeliveryMethod, known: KnownStatus) -> Iterator[Warning]:
    if method != "post":
        yield Warning(
            level="check",
            text=f"{official.name} has no postal address on the list, so the letter says that it goes by {method}.",
        )
    if any(unicodedata.category(sign) == "So" for sign in official.name):
        yield Warning(
            level="check",
            text="The name holds a picture sign. Look at the PDF: a computer without a font for it prints a box.",
        )
    if any(line.uncertain for line in known.lines):
        yield Warning(level="check", text="At least one report is uncertain. Look at its source before you sign.")
    if not knowing.released_for(known.released, official.jurisdiction):
        yield Warning(
            level="note",
            text="None of our own findings for this state is released yet, so the letter names none.",
        )


def _plain(key: str, text: str) -> Section:
    return Section(key=key, parts=(Part(text=text),) if text else ())
