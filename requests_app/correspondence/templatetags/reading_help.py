"""What a mail may mean, in a few words for lists: `{{ one|in_short }}`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import template

from requests_app.correspondence.incoming.showing import harmless
from requests_app.correspondence.incoming.suggested import meaning
from requests_app.correspondence.incoming.suggested.models import Meaning, ShareLink

register = template.Library()


@register.filter
def in_short(one: Any) -> str:
    """Return in a few words what a mail may mean: of a `Meaning`, or of a placement annotated with the surest one."""
    kind, values = (one.kind, one.values) if isinstance(one, Meaning) else (one.says_kind, one.says_values)
    return harmless(meaning.short_words(kind, values or {}))


@register.filter
def first_end(links: Iterable[ShareLink]) -> date | None:
    """Return the first day on which one of these links ends; None where none says when."""
    return min((link.expires_on for link in links if link.expires_on), default=None)
