"""Sums of money on screen."""

from __future__ import annotations

from django import template

from requests_app.kits import naming

register = template.Library()


@register.filter
def dollars(cents: int | None) -> str:
    """Return cents as dollars, as the letters write them: "$270", "$12.50"; empty where there is no sum."""
    return "" if cents is None else naming.dollars(cents)
