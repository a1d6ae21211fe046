"""Notes as HTML: Markdown without pictures and without HTML of its own, cleaned again."""

from __future__ import annotations

from typing import Final

import nh3
from markdown_it import MarkdownIt

TAGS: Final = frozenset(
    ("p", "br", "em", "strong", "code", "pre", "blockquote", "ul", "ol", "li", "a", "hr", "h4", "h5", "h6", "s")
)
_HEADINGS: Final = {"h1": "h4", "h2": "h5", "h3": "h6", "h4": "h6", "h5": "h6", "h6": "h6"}
_reading = MarkdownIt("commonmark", {"html": False, "breaks": True}).disable("image").enable("strikethrough")


def as_html(text: str) -> str:
    """Return the HTML of a note, safe to show. Headings become small ones: a note stands below those of its page."""
    tokens = _reading.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = _HEADINGS[token.tag]
    return nh3.clean(
        _reading.renderer.render(tokens, _reading.options, {}),
        tags=set(TAGS),
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
