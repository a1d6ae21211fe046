"""Where a place that was found is read: its address, and the address of its picture. Both are the viewer's."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse

from requests_app.documents.models import Document, Passage
from requests_app.documents.search.language import Asked

THUMBNAIL: Final = 160  # pixels wide; one of the widths of documents.rendering


def address(document: Document, kind: str, place: int, asked: Asked) -> str:
    """Return where a place is read. What was asked for goes along, so that it can be marked there."""
    words = " ".join(f'"{" ".join(term.words)}"' if len(term.words) > 1 else term.words[0] for term in asked.terms)
    if kind == Passage.Kind.PAGE and (page := _named("documents:page", document.pk, place)):
        return f"{page}?{urlencode({'q': words})}" if words else page
    if kind in (Passage.Kind.MAIL, Passage.Kind.TEXT, Passage.Kind.SHEET):
        return _named("documents:read", document.pk) or document.get_absolute_url()
    return document.get_absolute_url()


def picture(document: Document, kind: str, place: int) -> str:
    """Return the address of a small picture of a page; "" where there is none."""
    if kind != Passage.Kind.PAGE:
        return ""
    return _named("documents:page-picture", document.pk, place, THUMBNAIL)


def _named(name: str, *args: object) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
