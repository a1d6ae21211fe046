"""A stranger's page, made fit for a screen: what it says and roughly how it was laid out, and nothing that acts. Pure.

Two cleanings by nh3 with one pass of ours between them, so that what is shown was written by the second:

1. Only tags and attributes of the lists below. Scripts, styles, forms, frames, drawings and everything unknown go.
2. A link becomes words with the address it leads to beside them. A picture becomes one of the mail's own, drawn anew
   and inside the page, or a counted "picture not loaded". Styles become the few below. Signs that turn or hide letters
   go, as everywhere.
3. The lists again, without links, and pictures only from inside the page.

Nothing can be hidden: there are no backgrounds, sizes or places, and a letter is as dark as reading needs. What a
sender kept from view ("display: none") is seen.

A page can be built so that reading it takes very long: call this in the process apart (`reading`).
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from html import escape
from html.parser import HTMLParser
from typing import Final
from urllib.parse import unquote, urlsplit

import nh3

from requests_app.correspondence.incoming.safe_page import Link, SafePage
from requests_app.correspondence.incoming.showing import harmless

MOST_CHARACTERS: Final = 1_000_000  # of the sender's page; a letter that was sent as a page has 50,000
MOST_LINKS: Final = 300
SHOWN_OF_A_TARGET: Final = 300  # characters beside the words; the list below the page has the whole address

_WORDS: Final = (
    "abbr address article b big blockquote br caption center cite code col colgroup dd del dfn div dl dt em font "
    "footer h1 h2 h3 h4 h5 h6 header hr i ins kbd li main mark ol p pre q s samp section small span strike strong sub "
    "sup table tbody td tfoot th thead tr tt u ul var wbr"
)
TAGS: Final = frozenset(_WORDS.split())
_WITH_CONTENT = (
    "applet audio canvas embed frame frameset iframe math noembed noframes noscript object script style svg template "
    "title video xmp"
)
_GONE_WITH_CONTENT: Final = frozenset(_WITH_CONTENT.split())
_NUMBER: Final = re.compile(r"[0-9]{1,3}")
_DIRECTION: Final = re.compile(r"ltr|rtl|auto", re.IGNORECASE)
_SIDE: Final = re.compile(r"left|right|center|justify|top|middle|bottom|baseline", re.IGNORECASE)
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}")
_ATTRIBUTES: Final[dict[str, dict[str, re.Pattern[str]]]] = {
    "*": {"dir": _DIRECTION, "align": _SIDE, "lang": _LANGUAGE},
    "td": {"colspan": _NUMBER, "rowspan": _NUMBER, "valign": _SIDE},
    "th": {"colspan": _NUMBER, "rowspan": _NUMBER, "valign": _SIDE},
    "ol": {"start": _NUMBER},
    "img": {"width": _NUMBER, "height": _NUMBER},
}
_STYLES: Final[dict[str, re.Pattern[str]]] = {
    "text-align": re.compile(r"left|right|center|justify"),
    "font-weight": re.compile(r"bold|bolder|normal|[1-9]00"),
    "font-style": re.compile(r"italic|oblique|normal"),
    "text-decoration": re.compile(r"underline|line-through|none"),
    "white-space": re.compile(r"pre|pre-wrap|pre-line|normal"),
}
_NAMED_COLOURS: Final = {
    "red": "#ff0000", "darkred": "#8b0000", "maroon": "#800000", "blue": "#0000ff", "navy": "#000080",
    "darkblue": "#00008b", "green": "#008000", "darkgreen": "#006400", "purple": "#800080", "teal": "#008080",
    "crimson": "#dc143c", "brown": "#a52a2a", "black": "#000000",
}  # fmt: skip
_HEX: Final = re.compile(r"#([0-9a-f]{3}|[0-9a-f]{6})")
_RGB: Final = re.compile(r"rgb\(\s*([0-9]{1,3})\s*,\s*([0-9]{1,3})\s*,\s*([0-9]{1,3})\s*\)")
_CONTRAST: Final = 4.5  # against white, as WCAG asks of text
_LOADS: Final = re.compile(
    r"url\s*\(\s*(?!['\"]?\s*(?:cid:|data:|\#))|@import|\bbackground\s*=\s*['\"]?\s*(?:https?:)?//|\b(?:srcset|poster)\s*=",
    re.IGNORECASE,
)
_HOST_IN_WORDS: Final = re.compile(
    r"(?:https?://)?((?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24})(?=[/:?#\s]|$)", re.IGNORECASE
)


def wants_pictures(page: str) -> bool:
    """Return whether a page names pictures of its own mail."""
    return "cid:" in page[:MOST_CHARACTERS].lower()


def safe_page(page: str, pictures: Mapping[str, bytes]) -> SafePage:
    """Return a stranger's page made harmless. `pictures`: PNGs that we drew, by Content-ID."""
    known = page[:MOST_CHARACTERS]
    first = nh3.clean(
        known,
        tags=set(TAGS | {"a", "img"}),
        clean_content_tags=set(_GONE_WITH_CONTENT),
        attributes=_names_of_attributes({"*": {"style"}, "a": {"href"}, "img": {"src", "alt"}, "font": {"color"}}),
        url_schemes={"http", "https", "mailto", "cid", "tel"},
        link_rel=None,
        strip_comments=True,
    )
    writer = _Writer(pictures)
    writer.feed(first)
    writer.close()
    body = nh3.clean(
        "".join(writer.pieces),
        tags=set(TAGS | {"img"}),
        clean_content_tags=set(_GONE_WITH_CONTENT),
        attributes=_names_of_attributes({"*": {"style"}, "img": {"src", "alt"}, "span": {"class"}}),
        attribute_filter=_is_ours,
        url_schemes={"data"},
        link_rel=None,
        strip_comments=True,
    )
    return SafePage(
        body=body,
        links=tuple(writer.links),
        not_loaded=writer.not_loaded + len(_LOADS.findall(known)),
        pictures=writer.shown,
        is_cut=len(page) > MOST_CHARACTERS,
    )


def _names_of_attributes(more: Mapping[str, set[str]]) -> dict[str, set[str]]:
    return {tag: set(_ATTRIBUTES.get(tag, ())) | set(more.get(tag, ())) for tag in {*_ATTRIBUTES, *more}}


_OUR_PICTURE: Final = re.compile(r"data:image/png;base64,[A-Za-z0-9+/]+={0,2}")
_OUR_CLASSES: Final = frozenset({"link", "target", "gone"})
_OUR_STYLE: Final = re.compile(r"(?:[a-z-]{1,20}:(?:[a-z0-9-]{1,20}|#[0-9a-f]{6});){1,8}")


def _is_ours(tag: str, name: str, value: str) -> str | None:
    """Let an attribute pass the second cleaning only in a form that our own pass writes."""
    if name == "src":
        return value if tag == "img" and _OUR_PICTURE.fullmatch(value) else None
    if name == "class":
        return value if value in _OUR_CLASSES else None
    if name == "style":
        return value if _OUR_STYLE.fullmatch(value) else None
    if name == "alt":
        return value
    wanted = _wanted(tag, name)
    return value if wanted is not None and wanted.fullmatch(value) else None


def _wanted(tag: str, name: str) -> re.Pattern[str] | None:
    return _ATTRIBUTES.get(tag, {}).get(name) or _ATTRIBUTES["*"].get(name)


class _Writer(HTMLParser):
    """Writes a cleaned page anew: links as words, pictures from inside the mail, styles from the list."""

    def __init__(self, pictures: Mapping[str, bytes]) -> None:
        super().__init__(convert_charrefs=True)
        self.pictures = pictures
        self.pieces: list[str] = []
        self.links: list[Link] = []
        self.not_loaded = self.shown = 0
        self._target = ""
        self._words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "a":
            self._end_link()
            self._target, self._words = _plain_target(said.get("href", "")), []
            self.pieces.append('<span class="link">')
        elif tag == "img":
            self._picture(said)
        else:
            self.pieces.append(f"<{tag}{_attributes(tag, said)}>")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._end_link(closes=True)
        else:
            self.pieces.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        words = harmless(data, lines=True)
        self._words.append(words)
        self.pieces.append(escape(words))

    def _end_link(self, *, closes: bool = False) -> None:
        target, self._target = self._target, ""
        if target and len(self.links) < MOST_LINKS:
            words = " ".join("".join(self._words).split())
            self.links.append(Link(words[:500], target, _says_otherwise(words, target)))
            if words != target:
                self.pieces.append(f' <span class="target">&lt;{escape(_shortened(target))}&gt;</span>')
        if closes:
            self.pieces.append("</span>")

    def _picture(self, said: Mapping[str, str]) -> None:
        source, alt = said.get("src", ""), " ".join(harmless(said.get("alt", "")).split())[:300]
        scheme, _colon, name = source.partition(":")
        drawn = self.pictures.get(unquote(name)) if scheme.lower() == "cid" else None
        if drawn:
            self.shown += 1
            size = {key: said[key] for key in ("width", "height") if key in said}
            inside = f"data:image/png;base64,{b64encode(drawn).decode()}"
            self.pieces.append(f'<img src="{inside}" alt="{escape(alt)}"{_attributes("img", size)}>')
            return
        self.not_loaded += 1
        if alt:
            self.pieces.append(f'<span class="gone">[{escape(alt)}]</span>')


def _attributes(tag: str, said: Mapping[str, str]) -> str:
    kept = {}
    for name, value in said.items():
        wanted = _wanted(tag, name)
        if wanted is not None and wanted.fullmatch(value):
            kept[name] = value.lower()
    style = _style(said.get("style", ""))
    colour = _readable_colour(said.get("color", "")) if tag == "font" else ""
    if colour and "color:" not in style:
        style += f"color:{colour};"
    if style:
        kept["style"] = style
    return "".join(f' {name}="{escape(value)}"' for name, value in kept.items())


def _style(written: str) -> str:
    """Return the few styles that say something: where it stands, how it is written, and colours that can be read."""
    kept: dict[str, str] = {}
    for rule in written[:2_000].lower().split(";")[:40]:
        name, _colon, value = rule.partition(":")
        name, value = name.strip(), value.replace("!important", "").strip()
        if name == "color" and (colour := _readable_colour(value)):
            kept["color"] = colour
        elif name in _STYLES and _STYLES[name].fullmatch(value):
            kept[name] = value
    return "".join(f"{name}:{value};" for name, value in kept.items())


def _readable_colour(value: str) -> str:
    """Return a colour as #rrggbb when letters of it can be read on white, else ""."""
    found = _NAMED_COLOURS.get(value.strip().lower(), value.strip().lower())
    if parts := _RGB.fullmatch(found):
        numbers = [int(part) for part in parts.groups()]
        found = "#" + "".join(f"{number:02x}" for number in numbers) if max(numbers) < 256 else ""
    if not (hexadecimal := _HEX.fullmatch(found)):
        return ""
    digits = hexadecimal[1] if len(hexadecimal[1]) == 6 else "".join(digit * 2 for digit in hexadecimal[1])
    levels = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in levels)
    contrast = 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)
    return f"#{digits}" if contrast >= _CONTRAST else ""


def _plain_target(target: str) -> str:
    """Return where a link leads in letters that look like no others: a foreign host as it is looked up."""
    shown = "".join(harmless(target).split())[:2_000]
    try:
        host = urlsplit(shown).hostname or ""
        if host and not host.isascii():
            return shown.replace(urlsplit(shown).netloc, _looked_up(host), 1)
    except ValueError:
        pass
    return shown


def _looked_up(host: str) -> str:
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return "".join(sign if sign.isascii() else "?" for sign in host)


def _says_otherwise(words: str, target: str) -> bool:
    """Return whether the words of a link name a site, and another one than it leads to."""
    named = _HOST_IN_WORDS.match(words.strip())
    if named is None:
        return False
    try:
        host = (urlsplit(target).hostname or "").lower().removeprefix("www.")
    except ValueError:
        return True
    said = named[1].lower().removeprefix("www.")
    return host != said


def _shortened(target: str) -> str:
    return target if len(target) <= SHOWN_OF_A_TARGET else target[: SHOWN_OF_A_TARGET - 1] + "…"
