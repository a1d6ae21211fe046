"""What goes on paper for one letter, first or later: the letter, its addresses, and what is printed along with it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from requests_app.agencies.models import Agency, ContactPoint
from requests_app.filing import queries as filing
from requests_app.filing.models import Delivery, NextLetter, RecordsRequest
from requests_app.filing.writing import finished, way_of
from requests_app.kits import letters
from requests_app.kits.dress import Dress
from requests_app.kits.letters import Letter
from requests_app.kits.stationery import dress_of
from requests_app.kits.text import file_stem

_PHONE: Final = re.compile(r"[+(]?\d[\d ().\-]{6,}")


@dataclass(frozen=True, slots=True)
class Paper:
    """One sheet or several that are printed along with a letter and made by us, such as a written authority."""

    content: Letter
    dress: Dress


@dataclass(frozen=True, slots=True)
class PaperLetter:
    """One letter with all that printing it takes. Nothing here queries.

    `address`: the lines of the envelope; empty while nobody entered a postal address. `by_hand`: what the letter names
    as its enclosures and Daylight does not print: files that came from outside are never opened for that.
    """

    request: RecordsRequest
    next_letter: NextLetter | None
    content: Letter
    dress: Dress
    address: tuple[str, ...] = ()
    contact: ContactPoint | None = None
    fax: str = ""
    enclosed: tuple[Paper, ...] = ()
    by_hand: tuple[str, ...] = ()

    @property
    def return_address(self) -> tuple[str, ...]:
        """Return who sends it and where they live, as the letter itself says under its signature."""
        return return_address(self.content)

    @property
    def seen_changes(self) -> int:
        """Return which text of a later letter this is."""
        return self.next_letter.changes if self.next_letter is not None else 0

    @property
    def stem(self) -> str:
        """Return a name for its files, without the ending."""
        return file_stem(self.content)

    @property
    def names_its_address(self) -> bool:
        """Return whether the letter's own address block is that of the envelope."""
        return bool(self.address) and self.content.recipient == self.address


def return_address(content: Letter) -> tuple[str, ...]:
    """Return the name and postal address under a letter: neither the line of the group nor a telephone number."""
    lines = [
        line for line in content.closing.lines if not line.startswith("for ") and not _PHONE.fullmatch(line.strip())
    ]
    return (content.closing.name, *lines)


def envelope_lines(content: Letter, agency: str, office: str, value: str) -> tuple[str, ...]:
    """Return the lines of an envelope: the letter's own address block where that ends with the address.

    Else office, agency and address, none of them twice.
    """
    address = tuple(line for line in value.splitlines() if line.strip())
    if address and content.recipient[-len(address) :] == address:
        return content.recipient
    said = {line.casefold() for line in address}
    return (*(line for line in (office, agency) if line and line.casefold() not in said), *address)


def first_letter(records_request: RecordsRequest, *, contacts: Sequence[ContactPoint], chosen: int = 0) -> PaperLetter:
    """Return the first letter of a request for printing. One query for a written authority, two for its pictures.

    `contacts`: those of its agency. `chosen`: the number of the postal address to print, of several.
    """
    stored: Any = records_request.letter
    content = letters.load(stored)
    contact = _postal(records_request.contact_point, contacts, chosen)
    authority = filing.authority_behind(records_request)
    papers: tuple[Paper, ...] = ()
    if authority is not None:
        named: Any = authority.content
        paper = letters.load(named)
        papers = (Paper(paper, dress_of(paper)),)
    return PaperLetter(
        request=records_request,
        next_letter=None,
        content=content,
        dress=dress_of(content),
        address=_lines(content, records_request.agency, contact),
        contact=contact,
        fax=_fax(records_request.contact_point, contacts),
        enclosed=papers,
        by_hand=content.enclosures if not papers else (),
    )


def later_letter(
    letter: NextLetter, *, contacts: Sequence[ContactPoint], chosen: int = 0, with_request: bool | None = None
) -> PaperLetter:
    """Return a later letter for printing. `with_request`: print our first letter along; None: where it has enclosures.

    A letter to another body goes to the address that people entered for that body, and to no other.
    """
    content = finished(letter)
    way = way_of(letter)
    request = letter.request
    stored: Any = request.letter
    along = bool(content.enclosures) if with_request is None else with_request
    papers: tuple[Paper, ...] = ()
    if along and stored:
        asked = letters.load(stored)
        papers = (Paper(asked, dress_of(asked)),)
    contact, fax = None, ""
    address: tuple[str, ...] = ()
    if letter.body and way.contact is None:
        body = way.body_contact
        if body is not None and body.channel == Delivery.POST:
            address = envelope_lines(content, body.name, "", body.value)
        if body is not None and body.channel == Delivery.FAX:
            fax = body.value
    else:
        contact = _postal(way.contact, contacts, chosen)
        address, fax = _lines(content, request.agency, contact), _fax(way.contact, contacts)
    return PaperLetter(
        request=request,
        next_letter=letter,
        content=content,
        dress=dress_of(content),
        address=address,
        contact=contact,
        fax=fax,
        enclosed=papers,
        by_hand=content.enclosures,
    )


def _postal(own: ContactPoint | None, contacts: Sequence[ContactPoint], chosen: int) -> ContactPoint | None:
    """Return the postal address that was chosen, else the letter's own, else the first that may be used unasked."""
    postal = [contact for contact in contacts if contact.channel == ContactPoint.Channel.POST]
    picked = next((contact for contact in postal if contact.pk == chosen), None)
    if picked is not None:
        return picked
    if own is not None and own.channel == ContactPoint.Channel.POST:
        return own
    return next((contact for contact in postal if contact.may_be_used_unasked), None)


def _fax(own: ContactPoint | None, contacts: Sequence[ContactPoint]) -> str:
    if own is not None and own.channel == ContactPoint.Channel.FAX:
        return own.value
    return next(
        (one.value for one in contacts if one.channel == ContactPoint.Channel.FAX and one.may_be_used_unasked), ""
    )


def _lines(content: Letter, agency: Agency, contact: ContactPoint | None) -> tuple[str, ...]:
    if contact is None:
        return ()
    return envelope_lines(content, agency.name, contact.office_or_title or agency.records_office, contact.value)
