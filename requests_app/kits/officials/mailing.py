"""The letter as the text of an e-mail, and as a link that opens one's own mail program. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from requests_app.kits.letters import Letter

LINK_MAX: Final = 1900
"""Characters that every common mail program takes from a link; some cut what is longer without a word."""


@dataclass(frozen=True)
class MailText:
    """An e-mail to an official. `whole_in_link`: the link carries the text; else only the subject, and one copies."""

    to: str
    subject: str
    body: str
    link: str
    whole_in_link: bool


def compose_mail(letter: Letter, to: str) -> MailText:
    """Return the letter as an e-mail. No line is broken: the reader's program does that."""
    body = "\n\n".join(_paragraphs(letter)) + "\n"
    head = f"mailto:{quote(to, safe='@')}?subject={quote(letter.subject)}"
    link = f"{head}&body={quote(body.replace(chr(10), chr(13) + chr(10)))}"
    whole = len(link) <= LINK_MAX
    return MailText(to, letter.subject, body, link if whole else head, whole)


def _paragraphs(letter: Letter) -> Iterator[str]:
    yield letter.salutation
    for section in letter.sections:
        opening = section.heading and f"{section.heading}{'. ' if section.run_in else ':'}"
        if opening and not section.run_in:
            yield opening
            opening = ""
        for part in section.parts:
            if part.text:
                yield f"{opening}{part.text}"
                opening = ""
            if part.items:
                yield "\n".join(f"{number}. {item}" for number, item in enumerate(part.items, start=1))
    yield "\n".join((letter.closing.valediction, "", letter.closing.name, *letter.closing.lines))
    yield f"Please answer to {letter.sender[1]}."
