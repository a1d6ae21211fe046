"""What stands beside a page, a sheet, a mail or a text while it is read. Rooms above put it there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from django.http import HttpRequest

from requests_app.documents.models import Document


@dataclass(frozen=True)
class Margin:
    """A template with what it needs, as `margin`."""

    template: str
    context: dict[str, Any] = field(default_factory=dict)


Of: TypeAlias = Literal["page", "sheet", "text"]
Source = Callable[[HttpRequest, Document, int, Of], Margin | None]
_sources: dict[str, Source] = {}


def register(name: str, source: Source) -> None:
    """Let a room above put something beside what is read. A second call changes nothing."""
    _sources.setdefault(name, source)


def margins_of(request: HttpRequest, document: Document, number: int = 0, *, of: Of = "text") -> list[Margin]:
    """Return what stands beside a page or sheet of this number, from 1; 0: a mail or text, which has none."""
    found = [source(request, document, number, of) for source in _sources.values()]
    return [each for each in found if each is not None]
