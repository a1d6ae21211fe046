"""The same three questions on a postcard: a message side and an address side, printed to size.

A card has room for little. The type shrinks in steps down to a size that people can still read; what does not fit then
is named, and nothing is cut.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from django.template.loader import render_to_string

from requests_app.kits.officials import known as knowing
from requests_app.kits.officials.known import KnownStatus
from requests_app.kits.officials.letters import (
    OfficialAddress,
    OfficialSender,
    executive_of,
    state_in_prose,
)
from requests_app.kits.rendering import render, typeset
from requests_app.kits.schema import Kit
from requests_app.law.schema import Statute

Size = Literal["us", "a6"]

SIZES: Final[dict[Size, tuple[str, str]]] = {"us": ("6in", "4in"), "a6": ("148mm", "105mm")}
POINTS: Final = (9.5, 9.0, 8.5, 8.0, 7.5)
"""Type sizes to try, the most readable first."""

_SHEET: Final = Path(__file__).with_name("card.css")


@dataclass(frozen=True, kw_only=True)
class Card:
    """The words of a card. `reported`: what is reported of the state, in a sentence or two."""

    salutation: str
    opening: str
    ask: str
    questions: tuple[str, ...]
    reported: str
    own_words: str
    reply: str
    name: str
    town: str
    sender: tuple[str, ...]
    recipient: tuple[str, ...]


@dataclass(frozen=True)
class PrintedCard:
    """A card as PDF of two pages, or no PDF and what does not fit. `points`: the size of type it was set in."""

    pdf: bytes = b""
    points: float = 0
    does_not_fit: tuple[str, ...] = field(default=())

    @property
    def fits(self) -> bool:
        """Whether everything is on the card."""
        return not self.does_not_fit


def compose_card(
    kit: Kit,
    statute: Statute,
    official: OfficialAddress,
    sender: OfficialSender,
    known: KnownStatus,
    *,
    own_words: str = "",
) -> Card:
    """Return the words of a card. Raises NoAddress when there is no postal address to write on it."""
    official.need("postcard")
    state, federal = state_in_prose(statute), statute.code == "US"
    reports = [line for line in known.lines if line.door == "nlets" and line.component in ("ICE", "DHS")][:1]
    blocked = knowing.blocked_over_nlets(known)
    third = "If there are none, why, and who decided?"
    if blocked:
        third = "Does that block cover every DHS office, and will you publish the numbers from before it?"
    if federal:
        opening = "Federal immigration agencies search state driver records over a network called Nlets."
        questions = tuple(item.federal for item in kit.items if item.federal)
    else:
        opening = f"{state} decides who may search our driver records over a network called Nlets."
        questions = (
            "How many times did ICE, and how many times did HSI, search them over Nlets in 2024 and in 2025?",
            "Are blocks in place today against DHS offices (ICE, HSI, the Border Patrol and the rest of CBP)?",
            third,
        )
    return Card(
        salutation=official.salutation,
        opening=opening,
        ask="Three questions:",
        questions=questions,
        reported=" ".join(knowing.report_sentences(reports, state, executive_of(statute))),
        own_words=" ".join(own_words.split()),
        reply=f"Please answer in writing: {sender.reply_address}",
        name=sender.name,
        town=sender.town or (sender.postal_address[-1] if sender.postal_address else ""),
        sender=(
            sender.organisation or sender.name,
            *(sender.postal_address or ((sender.town,) if sender.town else ())),
        ),
        recipient=(official.name, official.office_line(statute.name), *official.postal_address),
    )


def print_card(card: Card, size: Size = "us") -> PrintedCard:
    """Return the card as PDF, in the largest type that fits. Cost: a tenth of a second for each size tried."""
    if _pages("address", card, size, POINTS[-1]) > 1:
        return PrintedCard(does_not_fit=("The postal address has more lines than the card has room for.",))
    for points in POINTS:
        if _pages("message", card, size, points) == 1:
            return PrintedCard(_document("both", card, size, points).write_pdf(pdf_variant="pdf/ua-1"), points)
    return PrintedCard(does_not_fit=_what_is_too_long(card, size))


def _what_is_too_long(card: Card, size: Size) -> tuple[str, ...]:
    """Say which part to shorten: the person's own words first, then whatever else is longer than usual."""
    without = Card(**{**vars(card), "own_words": ""})
    if card.own_words and _pages("message", without, size, POINTS[-1]) == 1:
        room = _room(card, size)
        return (
            f"Your own words are too long for this card: {len(card.own_words)} signs, and about {room} fit beside the "
            "three questions. Shorten them, or leave them for the letter.",
        )
    return (
        "The name, the title or the address for the answer is too long for this card. Send the letter instead, or "
        "choose the larger card.",
    )


def _room(card: Card, size: Size) -> int:
    """Return about how many signs of one's own words fit, by halving: few renderings, honest to ten signs or so."""
    low, high = 0, len(card.own_words)
    while high - low > 10:
        middle = (low + high) // 2
        tried = Card(**{**vars(card), "own_words": card.own_words[:middle]})
        if _pages("message", tried, size, POINTS[-1]) == 1:
            low = middle
        else:
            high = middle
    return low


def _pages(side: str, card: Card, size: Size, points: float) -> int:
    return len(_document(side, card, size, points).pages)


def _document(side: str, card: Card, size: Size, points: float):  # type: ignore[no-untyped-def] # WeasyPrint has no types
    width, height = SIZES[size]
    html = render_to_string("kits/card.html", {"side": side, **_typeset(card)})
    sheet = _SHEET.read_text(encoding="utf-8").replace("WIDTH", width).replace("HEIGHT", height)
    return render(html, sheet.replace("POINTS", f"{points}pt"))


def _typeset(card: Card) -> dict[str, object]:
    return {
        name: [typeset(line) for line in value] if isinstance(value, tuple) else typeset(value)
        for name, value in vars(card).items()
    }
