"""Reads status lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from requests_app.agencies.status.models import StatusLine
from requests_app.agencies.status.words import Standing, standing_of


def standing(jurisdiction: str) -> Standing:
    """Return how things stand in one state, with its history. One query."""
    lines = StatusLine.objects.filter(jurisdiction=jurisdiction).select_related("added_by", "withdrawn_by")
    return standing_of(lines)


def standings(jurisdictions: Collection[str] | None = None) -> dict[str, Standing]:
    """Return how things stand in every state that has a line, or in those named. One query."""
    found: dict[str, list[StatusLine]] = defaultdict(list)
    lines = StatusLine.objects.select_related("added_by", "withdrawn_by")
    for line in lines if jurisdictions is None else lines.filter(jurisdiction__in=jurisdictions):
        found[line.jurisdiction].append(line)
    return {code: standing_of(lines) for code, lines in found.items()}
