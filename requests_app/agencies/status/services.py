"""The one door for writing status lines: added with a source, withdrawn with a reason, never changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from requests_app.agencies.seed_files import SeedFile
from requests_app.agencies.status.models import StatusLine
from requests_app.agencies.status.seeding import seed_lines as lines_of
from requests_app.people.models import Person


class AlreadyWithdrawn(Exception):
    """Somebody else withdrew the line first."""

    def __init__(self) -> None:
        super().__init__(
            _("Somebody else withdrew this line before you. Nothing of it was lost; it is in the history.")
        )


@transaction.atomic
def add_line(
    *,
    jurisdiction: str,
    door: str,
    component: str,
    position: str,
    as_of: str,
    note: str,
    reported_by: str,
    source_url: str,
    confidence: str,
    by: Person,
    now: datetime,
) -> StatusLine:
    """Add a line and return it. What stood before stays in the history. Raises ValidationError for a field."""
    line = StatusLine(
        jurisdiction=jurisdiction,
        door=door,
        component=component,
        position=position,
        as_of=as_of,
        note=note,
        reported_by=reported_by,
        source_url=source_url,
        confidence=confidence,
        added_by=by,
        added_at=now,
    )
    line.full_clean()
    line.save()
    return line


def withdraw_line(line_id: int, *, why: str, by: Person, now: datetime) -> None:
    """Take a line out of what stands now, because it was a mistake. It stays in the history, with the reason.

    Raises AlreadyWithdrawn for a second click.
    """
    open_line = StatusLine.objects.filter(pk=line_id, withdrawn_at__isnull=True)
    if not open_line.update(withdrawn_at=now, withdrawn_by=by, withdrawn_why=why):
        raise AlreadyWithdrawn


def seed_lines(files: Iterable[SeedFile], now: datetime) -> int:
    """Store the lines of the project's own list that are not stored yet; return how many. Call it in a transaction."""
    stored = set(StatusLine.objects.exclude(seed_key=None).values_list("seed_key", flat=True))
    made = [
        StatusLine(
            jurisdiction=line.state,
            door=line.door,
            component=line.component,
            position=line.position,
            as_of=line.as_of,
            note=line.note,
            reported_by=line.reported_by,
            source_url=line.source,
            confidence=line.confidence,
            added_at=now,
            seed_key=line.key,
        )
        for line in lines_of(files)
        if line.key not in stored
    ]
    return len(StatusLine.objects.bulk_create(made))
