"""What the list of agencies draws many times over."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from requests_app.agencies.models import ContactPoint

register = template.Library()

_DRAWN = "agencies.health_tag"


@register.simple_tag(takes_context=True)
def health_tag(context: Context, contact: ContactPoint | None) -> SafeString:
    """Draw `agencies/_health.html` for a contact point, or for none; each state is drawn once a page and then repeated.

    Fifty rows know five states, and including a template fifty times costs more than all else on the page.
    """
    kept: Any = context.render_context  # Django's own room for what a tag remembers while one page is drawn
    drawn: dict[object, SafeString] = kept.setdefault(_DRAWN, {})
    state = None if contact is None else (contact.health, contact.may_be_used_unasked)
    if state not in drawn:
        drawn[state] = render_to_string("agencies/_health.html", {"contact": contact})
    return drawn[state]
