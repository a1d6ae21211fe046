"""HTML that is drawn once for a page and named for each of its rows, instead of being drawn for each."""

from __future__ import annotations

from typing import Final

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

# What stands where the row's reference belongs. An address may hold these brackets as they are, but no query does: what
# somebody searched for, be it this very word, is never taken for it.
REFERENCE: Final = "(reference)"


@register.filter(is_safe=True)
def named(drawn: SafeString, reference: str) -> SafeString:
    """Return HTML that was drawn with `REFERENCE`, for the request of this reference."""
    return mark_safe(drawn.replace(REFERENCE, escape(reference)))  # noqa: S308  drawn by a template, the reference escaped
