"""Drafts of somebody who leaves: the work goes on in another's hands, the legal name stays behind."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from requests_app.filing.models import Draft, DraftTarget, DraftVersion, Signing
from requests_app.filing.services.drafting import DraftIsClosed
from requests_app.people.models import Person

# Who asks, and by which right: the next filer answers these for themselves.
OWN_ANSWERS: Final = frozenset(
    {
        "requester_name",
        "postal_address",
        "phone",
        "standing",
        "residency_statement",
        "exception_id",
        "exception_for",
    }
)


@dataclass(frozen=True, slots=True)
class DraftHandedOver:
    """What became of a draft. `words_kept`: False where the wording named its filer and was therefore left behind."""

    draft_id: UUID
    words_kept: bool


@transaction.atomic
def hand_over_draft(draft_id: UUID, *, to: Person, now: datetime) -> DraftHandedOver:
    """Give an open draft to another filer, without the name, address and standing of the one who began it.

    1. Take away the answers that are the first filer's own; signatures end with them.
    2. Keep words that they wrote, unless their name, address or telephone stands in them.
    3. Earlier wordings go: they may name anybody.

    Raises DraftIsClosed.
    """
    draft = Draft.objects.select_for_update().select_related("filer").get(pk=draft_id)
    if not draft.is_open:
        raise DraftIsClosed
    filer = draft.filer
    own = {str(draft.choices.get(name) or "") for name in ("requester_name", "postal_address", "phone")}
    telling = [word for word in {*own, filer.legal_name, filer.postal_address, filer.phone} if word.strip()]
    kept = True
    for target in DraftTarget.objects.filter(draft=draft):
        if target.edits and _names(target.edits, telling):
            kept = False
            target.edits = {}
            target.edits_revision += 1
            target.save(update_fields=["edits", "edits_revision"])
    DraftVersion.objects.filter(target__draft=draft).delete()
    choices = {name: value for name, value in draft.choices.items() if name not in OWN_ANSWERS}
    if _names(choices.get("extra_paragraph", ""), telling):
        kept = False
        del choices["extra_paragraph"]
    Signing.objects.filter(draft=draft, state__in=Signing.OPEN).update(
        state=Signing.State.WITHDRAWN, ended_at=now, legal_name="", postal_address="", phone=""
    )
    draft.filer, draft.choices, draft.changed_at = to, choices, now
    draft.save(update_fields=["filer", "choices", "changed_at"])
    return DraftHandedOver(draft.pk, kept)


def _names(stored: object, telling: list[str]) -> bool:
    """Return whether any of these words stands in what is stored, in whatever case."""
    text = json.dumps(stored, ensure_ascii=False).casefold()
    return any(json.dumps(word, ensure_ascii=False)[1:-1].casefold() in text for word in telling)
