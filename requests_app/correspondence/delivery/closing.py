"""Ends the task that a letter which did not arrive is for a person. Who, when and why stay with the try."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from requests_app.correspondence.models import OutgoingLetter
from requests_app.people.models import Person, audit


def close_tries(request_id: int, next_letter_id: int | None, *, why: str, by: Person, now: datetime) -> int:
    """End the task for every try of one letter, the first (None) or a later one. Returns how many were open."""
    trouble = Q(state=OutgoingLetter.State.FAILED) | Q(bounced_at__isnull=False)
    tries = OutgoingLetter.objects.filter(trouble, request=request_id, next_letter=next_letter_id)
    return tries.filter(settled_at__isnull=True).update(settled_at=now, settled_by=by, settled_why=why[:500])


@transaction.atomic
def close_try(letter: OutgoingLetter, *, why: str, by: Person, now: datetime) -> bool:
    """Say that nothing is to be done about a try, with the reason. Returns whether it was still open."""
    still_open = OutgoingLetter.objects.filter(pk=letter.pk, settled_at__isnull=True)
    if not still_open.update(settled_at=now, settled_by=by, settled_why=why.strip()[:500]):
        return False
    audit("letter needs no other way", letter, by=by, now=now, request=letter.request_id)
    return True
