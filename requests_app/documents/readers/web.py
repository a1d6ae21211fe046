"""Web pages: their text, and the page on paper. Nothing is fetched, nothing runs."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

import msgspec

from requests_app.documents.readers.refusals import Refused
from requests_app.documents.readers.text import TextFound, TextOrder, blocks, charset_of, decoded

_UNSEEN: Final = frozenset({"script", "style", "template", "noscript", "head"})
_LINES: Final = frozenset(
    {"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "table", "section", "article", "ul", "ol", "pre",
     "blockquote", "hr", "dt", "dd", "title", "caption", "form", "header", "footer"}
)  # fmt: skip
LARGEST: Final = 8 * 1024 * 1024  # bytes of a page laid out on paper; the text of a larger one is still read


class WebOrder(msgspec.Struct, frozen=True):
    """Lay a page out on paper."""


class Printed(msgspec.Struct, frozen=True):
    """The PDF in the output folder, and how much the page wanted from elsewhere and did not get."""

    file: str
    not_loaded: int = 0


def text(path: Path, order: TextOrder, output: Path) -> Iterator[TextFound]:
    """Give what a reader of the page would read, block by block."""
    charset, known_by = charset_of(path, declares=True)
    reader = _Words()

    def pieces() -> Iterator[str]:
        for piece in decoded(path, charset):
            reader.feed(piece)
            yield reader.taken()
        reader.close()
        yield reader.taken()

    for number, block in enumerate(blocks(pieces())):
        yield TextFound(number, block, charset, known_by)


def printed(path: Path, order: WebOrder, output: Path) -> Iterator[Printed]:
    """Lay the page out as PDF. WeasyPrint knows no scripts; here it also gets nothing from anywhere."""
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher

    refused: list[str] = []

    class Nowhere(URLFetcher):  # type: ignore[misc]  # WeasyPrint ships no types
        """Gives what the page itself holds, and nothing else: neither the network nor this machine's files."""

        def fetch(self, url: str, headers: dict[str, str] | None = None) -> object:
            if not url.lower().startswith("data:"):
                refused.append(url)
                raise ValueError("Nothing is fetched for a returned file.")
            return super().fetch(url, headers)

    if path.stat().st_size > LARGEST:
        raise Refused("too_large", "to be laid out on paper")
    charset, _known_by = charset_of(path, declares=True)
    page = "".join(decoded(path, charset))
    try:
        HTML(string=page, base_url="nowhere:", url_fetcher=Nowhere(allowed_protocols={"data"})).write_pdf(
            output / "page.pdf"
        )
    except MemoryError:
        raise
    except RecursionError as trouble:
        raise Refused("too_large", "it is nested too deeply") from trouble
    yield Printed("page.pdf", len(refused))


class _Words(HTMLParser):
    """Collects what a reader would see."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.unseen = 0

    def taken(self) -> str:
        """Return what was found since the last time."""
        text, self.found = "".join(self.found), []
        return text

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self.unseen += 1
        elif tag in _LINES:
            self.found.append("\n")
            if tag == "title":
                self.unseen = max(0, self.unseen - 1)  # it stands in the head, and is read
        elif tag in ("td", "th"):
            self.found.append("\t")
        elif tag == "body":
            self.unseen = 0

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self.unseen += 1
            self.found.append("\n")
        elif tag in _UNSEEN:
            self.unseen = max(0, self.unseen - 1)
        elif tag in _LINES:
            self.found.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.unseen and data.strip():
            self.found.append(" ".join(data.split("\n")) if data.strip() == data else " " + data.strip() + " ")
