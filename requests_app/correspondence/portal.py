"""A letter cut to the fields of an agency's web portal: one text for each field, ready to be copied. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from requests_app.kits.letters import Letter
from requests_app.kits.text import subject_line, to_text

UNBROKEN: Final = 10_000  # columns: a portal's field breaks lines by itself


@dataclass(frozen=True, slots=True)
class Field:
    """One field to fill. `key`: the number key that copies it. `long`: it takes several lines."""

    name: str
    label: str
    value: str
    key: str = ""
    long: bool = False

    @property
    def length(self) -> int:
        """How many characters a portal counts."""
        return len(self.value)


def fields_of(letter: Letter, *, reply_address: str, postal_address: str = "", phone: str = "") -> list[Field]:
    """Return what portals ask for, in the order in which most ask it. A field without a value is left out."""
    found = [
        Field("name", _("Your name"), letter.closing.name),
        Field("email", _("E-mail for the answer"), reply_address),
        Field("address", _("Postal address"), postal_address, long=True),
        Field("phone", _("Telephone"), phone),
        Field("subject", _("Subject"), subject_line(letter)),
        Field("items", _("What is asked for, numbered"), numbered_items(letter), long=True),
        Field("text", _("The whole letter"), to_text(letter, UNBROKEN).strip(), long=True),
    ]
    filled = [field for field in found if field.value.strip()]
    return [
        Field(field.name, field.label, field.value, key=str(number), long=field.long)
        for number, field in enumerate(filled, start=1)
    ]


def numbered_items(letter: Letter) -> str:
    """Return the numbered lists of the letter, an item a paragraph, numbered through."""
    items = [item for section in letter.sections for part in section.parts for item in part.items]
    return "\n\n".join(f"{number}. {item}" for number, item in enumerate(items, start=1))


def pieces(text: str, limit: int) -> list[str]:
    """Return a text in pieces of at most `limit` characters, cut between paragraphs, else lines, else words.

    A single word longer than the limit is cut where the limit falls. Nothing but white space at the cuts is lost.
    """
    if limit < 1:
        raise ValueError("A piece needs room for at least one character.")
    return list(_pieces(text.strip(), limit, ("\n\n", "\n", " ")))


def _pieces(text: str, limit: int, cuts: Sequence[str]) -> Iterator[str]:
    if len(text) <= limit:
        if text:
            yield text
        return
    if not cuts:
        for start in range(0, len(text), limit):
            yield text[start : start + limit]
        return
    cut, *finer = cuts
    piece = ""
    for part in text.split(cut):
        joined = f"{piece}{cut}{part}" if piece else part
        if len(joined) <= limit:
            piece = joined
            continue
        if piece.strip():
            yield piece.strip()
        *whole, piece = list(_pieces(part.strip(), limit, finer)) or [""]
        yield from whole
    if piece.strip():
        yield piece.strip()
