"""A letter on paper: HTML by a Django template, in the marks of good printing. The PDF is made by `printing`."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import Any, Final

from django.template.loader import render_to_string

from requests_app.kits import naming
from requests_app.kits.dress import PLAIN, Dress, Picture
from requests_app.kits.letters import Letter

_LOGO_BOX: Final = (216, 65)  # points
_SIGNATURE_BOX: Final = (173, 50)

_OPENING_QUOTE: Final = re.compile(r'(^|[\s(\[/])"')
_OPENING_SINGLE: Final = re.compile(r"(^|[\s(\[])'(?=\w)")

# A citation is read in one piece: "§ 4-203(a)(1)", "ch. 13", "et seq."
_TIES: Final = {
    "§ ": "§\N{NO-BREAK SPACE}",
    " et seq.": "\N{NO-BREAK SPACE}et\N{NO-BREAK SPACE}seq.",
    "ch. ": "ch.\N{NO-BREAK SPACE}",
    ")(": ")\N{WORD JOINER}(",
}


def to_html(letter: Letter, dress: Dress = PLAIN) -> str:
    """Return the letter as a complete HTML page, ready for `to_pdf`. Its pictures are part of the page."""
    return render_to_string("kits/letter.html", context(letter, dress))


def context(letter: Letter, dress: Dress = PLAIN) -> dict[str, Any]:
    """Return what `kits/letter_body.html` needs, with the marks of good printing: curly quotes, ties, dashes."""
    return {
        "logo": _shown(dress.logo, _LOGO_BOX),
        "signature": _shown(dress.signature, _SIGNATURE_BOX),
        "letter": letter,
        "title": typeset(letter.subject),
        "date": naming.long_date(letter.date),
        "sender": [typeset(line) for line in letter.sender],
        "recipient": [typeset(line) for line in letter.recipient],
        "reference_line": typeset(letter.reference_line or ""),
        "salutation": typeset(letter.salutation),
        "sections": list(_sections(letter)),
        "name": typeset(letter.closing.name),
        "closing_lines": [typeset(line) for line in letter.closing.lines],
        "enclosures": [typeset(line) for line in letter.enclosures],
        "footer": letter.reference or typeset(letter.subject),
    }


def to_pdf(html: str, *, extra_sheet: str = "") -> bytes:
    """Return the page as PDF/UA: US Letter, tagged, with embedded fonts. Cost: about half a second for two pages.

    `extra_sheet`: styles of a page that is more than a letter, on top of the letter's own.
    The first one costs the import of WeasyPrint, too. No command and no worker that prints nothing waits for that.
    """
    from requests_app.kits import printing

    return printing.to_pdf(html, extra_sheet=extra_sheet)


def render(html: str, sheet: str | None = None, *, extra_sheet: str = "") -> Any:
    """Return the page laid out but not written, to count or combine its pages: WeasyPrint's Document.

    `sheet`: its whole stylesheet in place of the letter's own. `extra_sheet`: styles on top of either.
    """
    from requests_app.kits import printing

    return printing.render(html, sheet, extra_sheet=extra_sheet)


def _shown(picture: Picture | None, box: tuple[float, float]) -> dict[str, Any] | None:
    """Return a picture for a page: its bytes as an address that holds them, and its size in points."""
    if picture is None:
        return None
    width, height = picture.fitted(*box)
    return {
        "url": f"data:image/png;base64,{base64.b64encode(picture.png).decode()}",
        "width": round(width),
        "height": round(height),
        "alt": picture.alt,
    }


def typeset(text: str) -> str:
    """Return a text with curly quotes, section signs tied to their numbers and dashes between numbers."""
    text = _OPENING_QUOTE.sub(r"\1“", text).replace('"', "”")
    text = _OPENING_SINGLE.sub(r"\1‘", text).replace("'", "’")
    for loose, tied in _TIES.items():
        text = text.replace(loose, tied)
    return text


def _sections(letter: Letter) -> Iterator[dict[str, Any]]:
    for section in letter.sections:
        yield {
            "key": section.key,
            "heading": typeset(section.heading),
            "run_in": section.run_in,
            "parts": [
                {"text": typeset(part.text), "items": [typeset(item) for item in part.items]} for part in section.parts
            ],
        }
