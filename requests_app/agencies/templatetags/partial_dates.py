"""Dates of sources, which may be a year, a month or a day, in words."""

from __future__ import annotations

from datetime import date

from django import template
from django.utils.formats import date_format

register = template.Library()


@register.filter
def partial_date(text: str) -> str:
    """Return 2026 as it is, 2026-11 as "November 2026", 2026-11-21 as "November 21, 2026"; anything else unchanged."""
    parts = text.split("-") if text else []
    try:
        if len(parts) == 3:
            return date_format(date.fromisoformat(text), "F j, Y")
        if len(parts) == 2:
            return date_format(date(int(parts[0]), int(parts[1]), 1), "F Y")
    except ValueError:
        return text
    return text
