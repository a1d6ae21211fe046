"""A letter on paper: HTML by a Django template, PDF by WeasyPrint. Nothing is fetched from a network."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.template.loader import render_to_string
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from requests_app.kits import naming
from requests_app.kits.letters import Letter

_HERE: Final = Path(__file__).parent
_FONTS: Final = _HERE / "fonts"
_FONT_SCHEME: Final = "font:"

_OPENING_QUOTE: Final = re.compile(r'(^|[\s(\[/])"')
_OPENING_SINGLE: Final = re.compile(r"(^|[\s(\[])'(?=\w)")


class OutsideResource(ValueError):
    """A letter's page asked for something outside the kits room; letters are complete in themselves."""

    def __init__(self, url: str) -> None:
        self.url = url
        super().__init__(f"A letter may not load {url!r}: everything it needs is part of it.")


# A citation is read in one piece: "§ 4-203(a)(1)", "ch. 13", "et seq."
_TIES: Final = {
    "§ ": "§\N{NO-BREAK SPACE}",
    " et seq.": "\N{NO-BREAK SPACE}et\N{NO-BREAK SPACE}seq.",
    "ch. ": "ch.\N{NO-BREAK SPACE}",
    ")(": ")\N{WORD JOINER}(",
}


def to_html(letter: Letter) -> str:
    """Return the letter as a complete HTML page, ready for `to_pdf`."""
    return render_to_string("kits/letter.html", context(letter))


def context(letter: Letter) -> dict[str, Any]:
    """Return what `kits/letter_body.html` needs, with the marks of good printing: curly quotes, ties, dashes."""
    return {
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


def to_pdf(html: str) -> bytes:
    """Return the page as PDF/UA: US Letter, tagged, with embedded fonts. Cost: about half a second for two pages."""
    fonts = FontConfiguration()
    fetcher = _FontFetcher()
    sheet = CSS(string=_stylesheet(), font_config=fonts, url_fetcher=fetcher)
    document = HTML(string=html, base_url="letter:", url_fetcher=fetcher)
    made: bytes = document.write_pdf(stylesheets=[sheet], font_config=fonts, pdf_variant="pdf/ua-1")
    return made


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


@cache
def _stylesheet() -> str:
    return (_HERE / "letter.css").read_text(encoding="utf-8")


class _FontFetcher(URLFetcher):  # type: ignore[misc] # WeasyPrint ships no types
    """Serves the fonts beside this module and nothing else."""

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
        name = url.removeprefix(_FONT_SCHEME)
        if not url.startswith(_FONT_SCHEME) or name not in {path.name for path in _FONTS.glob("*.ttf")}:
            raise OutsideResource(url)
        return URLFetcherResponse(url, body=(_FONTS / name).read_bytes(), headers={"Content-Type": "font/ttf"})
