"""For templates that show how far the reading of several documents is."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

from django import template
from django.urls import reverse

from requests_app.documents.models import Document

register = template.Library()
MOST = 60  # documents in one address: the longest that every server takes has room for them


@register.filter
def poll_url(documents: Iterable[Document]) -> str:
    """Return the address that tells how far the open ones of these are; empty when all are through."""
    still = [("document", str(one.pk)) for one in documents if getattr(one, "reading", None) and one.reading.is_open]  # type: ignore[attr-defined]
    return f"{reverse('documents:reading-of')}?{urlencode(still[:MOST])}" if still else ""
