"""`{{ message.subject|harmless }}`: a stranger's words in one line of a page."""

from __future__ import annotations

from django import template

from requests_app.correspondence.incoming import showing

register = template.Library()


@register.filter
def harmless(text: object) -> str:
    """Return a text without signs that move or hide others; escaped like any other text."""
    return showing.harmless(str(text))
