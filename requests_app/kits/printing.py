"""The PDF of a letter, by WeasyPrint. Nothing is fetched from a network.

WeasyPrint takes nearly as long to import as all the rest together, so the first letter printed imports this module.
"""

from __future__ import annotations

import base64
from functools import cache
from pathlib import Path
from typing import Any, Final

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

_HERE: Final = Path(__file__).parent
_FONTS: Final = _HERE / "fonts"
_FONT_SCHEME: Final = "font:"
_PICTURE_SCHEME: Final = "data:image/png;base64,"


class OutsideResource(ValueError):
    """A letter's page asked for something outside the kits room; letters are complete in themselves."""

    def __init__(self, url: str) -> None:
        self.url = url
        super().__init__(f"A letter may not load {url!r}: everything it needs is part of it.")


def to_pdf(html: str, *, extra_sheet: str) -> bytes:
    """Return the page as PDF/UA. See `rendering.to_pdf`."""
    fonts = FontConfiguration()
    fetcher = _FontFetcher()
    sheet = CSS(string=_stylesheet() + extra_sheet, font_config=fonts, url_fetcher=fetcher)
    document = HTML(string=html, base_url="letter:", url_fetcher=fetcher)
    made: bytes = document.write_pdf(stylesheets=[sheet], font_config=fonts, pdf_variant="pdf/ua-1")
    return made


def render(html: str, sheet: str | None, *, extra_sheet: str = "") -> Any:
    """Return the page laid out but not written. See `rendering.render`."""
    fonts = FontConfiguration()
    fetcher = _FontFetcher()
    whole = (_stylesheet() if sheet is None else sheet) + extra_sheet
    css = CSS(string=whole, font_config=fonts, url_fetcher=fetcher)
    document = HTML(string=html, base_url="letter:", url_fetcher=fetcher)
    return document.render(stylesheets=[css], font_config=fonts, pdf_variant="pdf/ua-1")


@cache
def _stylesheet() -> str:
    return (_HERE / "letter.css").read_text(encoding="utf-8")


class _FontFetcher(URLFetcher):  # type: ignore[misc] # WeasyPrint ships no types
    """Serves the fonts beside this module and the pictures that stand in the page itself, and nothing else."""

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
        if url.startswith(_PICTURE_SCHEME):
            body = base64.b64decode(url.removeprefix(_PICTURE_SCHEME))
            return URLFetcherResponse(url, body=body, headers={"Content-Type": "image/png"})
        name = url.removeprefix(_FONT_SCHEME)
        if not url.startswith(_FONT_SCHEME) or name not in {path.name for path in _FONTS.glob("*.ttf")}:
            raise OutsideResource(url)
        return URLFetcherResponse(url, body=(_FONTS / name).read_bytes(), headers={"Content-Type": "font/ttf"})
