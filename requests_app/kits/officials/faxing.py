"""A fax: a cover sheet that says how many pages follow, then the letter."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from django.template.loader import render_to_string

from requests_app.kits import naming, rendering
from requests_app.kits.letters import Letter
from requests_app.kits.officials.letters import OfficialAddress

_SHEET: Final = Path(__file__).with_name("fax.css")


def print_fax(letter: Letter, official: OfficialAddress) -> bytes:
    """Return cover sheet and letter as one PDF. Raises NoAddress when there is no fax number."""
    official.need("fax")
    body = rendering.render(rendering.to_html(letter))
    cover = rendering.render(
        render_to_string("kits/fax_cover.html", _cover(letter, official, len(body.pages))), _sheet()
    )
    made: bytes = body.copy([*cover.pages, *body.pages]).write_pdf(pdf_variant="pdf/ua-1")
    return made


def _cover(letter: Letter, official: OfficialAddress, letter_pages: int) -> dict[str, Any]:
    return {
        "sender": [rendering.typeset(line) for line in letter.sender],
        "facts": [
            ("To", rendering.typeset(official.name)),
            ("Fax", official.fax),
            ("From", rendering.typeset(letter.closing.name)),
            ("Date", naming.long_date(letter.date)),
            ("Pages", f"{letter_pages + 1}, this sheet included"),
            ("About", rendering.typeset(letter.subject)),
        ],
        "answer": letter.sender[1],
    }


def _sheet() -> str:
    return _SHEET.read_text(encoding="utf-8")
