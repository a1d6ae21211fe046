"""Formatted bodies: their letters, and their text where there is no other. Nothing here makes HTML safe to show."""

from __future__ import annotations

import html
import re
from typing import Final

from requests_app.correspondence.parsing.charsets import Letters, clean_text, read_letters

_META: Final = re.compile(rb"<meta[^<>]{0,200}?charset\s{0,5}=\s{0,5}[\"']?([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE)
_BLANKS: Final = re.compile("[ \t\r\n\f\x01\x02]+")
_TAG_NAME: Final = re.compile(r"/?([a-zA-Z][a-zA-Z0-9:]{0,30})")
_BLOCK_TAGS: Final = (
    "address article aside blockquote br center dd div dl dt fieldset footer form h1 h2 h3 h4 h5 h6 header hr li main "
    "nav ol p pre section table tr ul title"
)
_BLOCKS: Final = frozenset(_BLOCK_TAGS.split())
_PARAGRAPHS: Final = frozenset(("p", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "blockquote"))
_UNSEEN: Final = frozenset(("script", "style", "head", "template", "noscript", "svg", "math"))


def decode_html(octets: bytes, declared: str = "") -> Letters:
    """Return a page's letters: by the encoding of the part, or else by the one that the page itself names."""
    if not declared and (named := _META.search(octets[:4_096])):
        declared = named[1].decode("ascii")
        # A page that says UTF-16 in letters that we could read is not UTF-16.
        declared = "utf-8" if declared.lower().startswith(("utf-16", "utf16", "ucs")) else declared
    return read_letters(octets, declared)


def html_to_text(page: str) -> str:
    """Return the text of a page: blocks on lines of their own, quotes marked with ">", scripts and styles left out.

    One pass with `find`, however broken the page: nothing is looked for twice.
    """
    pieces: list[str] = []
    open_ended: set[str] = set()
    quotes, position, size = 0, 0, len(page)
    while position < size:
        opening = page.find("<", position)
        if opening < 0:
            pieces.append(_words(page[position:]))
            break
        pieces.append(_words(page[position:opening]))
        if page.startswith("<!--", opening):
            end = page.find("-->", opening + 4)
            position = size if end < 0 else end + 3
            continue
        name = _TAG_NAME.match(page, opening + 1)
        if name is None and page[opening + 1 : opening + 2] not in ("!", "?"):
            pieces.append("<")
            position = opening + 1
            continue
        end = page.find(">", opening + 1)
        if end < 0:
            break
        position = end + 1
        if name is None:
            continue
        tag, closes = name[1].lower(), page[opening + 1] == "/"
        if tag in _UNSEEN and not closes and page[end - 1] != "/" and tag not in open_ended:
            position, closed = _after_unseen(page, tag, position)
            if not closed:
                open_ended.add(tag)
        elif tag == "blockquote":
            quotes = max(0, quotes + (-1 if closes else 1))
            pieces.append(f"\n\x01{min(quotes, 20)}\x02")
        elif tag in _BLOCKS:
            pieces.append("\n\n" if tag in _PARAGRAPHS else "\n")
        elif tag in ("td", "th") and closes:
            pieces.append("\t")
    return _laid_out("".join(pieces))


def _after_unseen(page: str, tag: str, position: int) -> tuple[int, bool]:
    """Return where the page goes on after a script or the like, and whether it ends at all.

    A head that never ends is read as if it were text; of a script that never ends, nothing is.
    """
    close = re.compile(rf"</{tag}\b[^<>]{{0,100}}>", re.IGNORECASE).search(page, position)
    if close:
        return close.end(), True
    return (position if tag == "head" else len(page)), False


def _words(text: str) -> str:
    if "&" in text:
        text = html.unescape(text)
    return _BLANKS.sub(" ", text) if text else ""


def _laid_out(text: str) -> str:
    """Return the lines with their quote marks, no more than one empty line between them."""
    lines: list[str] = []
    depth = 0
    for line in text.split("\n"):
        if line.startswith("\x01"):
            number, _, line = line[1:].partition("\x02")
            depth = int(number)
        line = line.strip(" ").replace("\xa0", " ").rstrip()
        mark = ">" * depth + " " if depth and line else ""
        if line or (lines and lines[-1]):
            lines.append(mark + line)
    return clean_text("\n".join(lines))[0].strip("\n")
