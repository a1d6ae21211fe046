"""Reads proposed addresses."""

from __future__ import annotations

from django.db.models import QuerySet

from requests_app.agencies.proposals.models import ContactProposal

MOST_SHOWN = 100


def open_proposals() -> QuerySet[ContactProposal]:
    """Return what waits to be looked up, the oldest first. Index: `contact_proposals_open`."""
    rows = ContactProposal.objects.filter(state=ContactProposal.State.OPEN)
    return rows.select_related("agency", "by").order_by("at", "pk")[:MOST_SHOWN]


def decided_proposals() -> QuerySet[ContactProposal]:
    """Return what was decided, the newest first."""
    rows = ContactProposal.objects.exclude(state=ContactProposal.State.OPEN)
    return rows.select_related("agency", "by", "decided_by").order_by("-decided_at", "-pk")[:MOST_SHOWN]
