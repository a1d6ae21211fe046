"""Drafts: begun, saved at every step, thrown away. A draft is its filer's alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from requests_app.filing.models import AuthorityPaper, Draft, DraftTarget, Signing
from requests_app.people.models import Person


class DraftIsClosed(Exception):
    """The draft was filed or thrown away in the meantime, perhaps in another window."""

    def __init__(self) -> None:
        super().__init__(
            _("This draft was filed or thrown away in the meantime. Nothing was changed. Look under Your letters.")
        )


@dataclass(frozen=True, slots=True)
class Target:
    """An agency that the letter goes to, and by which way."""

    agency_id: int
    delivery: str
    contact_point_id: int | None


def start_draft(*, by: Person, jurisdiction: str, now: datetime) -> Draft:
    """Begin a letter to one state."""
    return Draft.objects.create(filer=by, jurisdiction=jurisdiction, made_at=now, changed_at=now)


@transaction.atomic
def save_draft(
    draft_id: UUID,
    *,
    now: datetime,
    jurisdiction: str | None = None,
    kit_id: str | None = None,
    choices: Mapping[str, Any] | None = None,
) -> Draft:
    """Save what one step of the wizard settled; None leaves a value as it is. `choices` are merged into the old ones.

    Another state means other agencies, and another law with other questions; another kit means other items. What no
    longer fits is dropped, so that it cannot slip into the letter. Raises DraftIsClosed.
    """
    draft = Draft.objects.get(pk=draft_id)
    kept = dict(draft.choices)
    columns: dict[str, Any] = {"changed_at": now}
    if jurisdiction is not None and jurisdiction != draft.jurisdiction:
        columns["jurisdiction"] = jurisdiction
        _release_signers(draft_id, now)
        draft.targets.all().delete()
        kept = {key: value for key, value in kept.items() if key not in STATE_BOUND}
    if kit_id is not None and kit_id != draft.kit_id:
        columns["kit_id"] = kit_id
        draft.targets.all().delete()
        kept = {key: value for key, value in kept.items() if key not in KIT_BOUND}
    columns["choices"] = {**kept, **(choices or {})}
    _change(draft_id, columns)
    draft.refresh_from_db()
    return draft


# Answers that hold for one state's law, or for one kit, and for no other.
STATE_BOUND = frozenset({"standing", "conditions", "residency_statement", "exception_id", "exception_for"})
KIT_BOUND = frozenset({"items", "period_start", "period_end", "block_date"})


@transaction.atomic
def choose_targets(draft_id: UUID, targets: Sequence[Target], *, now: datetime) -> None:
    """Replace the agencies that the letter goes to; one that stays keeps its wording. Raises DraftIsClosed."""
    _change(draft_id, {"changed_at": now})
    here = DraftTarget.objects.filter(draft_id=draft_id)
    here.exclude(agency__in=[target.agency_id for target in targets]).delete()
    kept = set(here.values_list("agency_id", flat=True))
    for target in targets:
        way = {"delivery": target.delivery, "contact_point_id": target.contact_point_id}
        if target.agency_id in kept:
            here.filter(agency_id=target.agency_id).update(**way)
        else:
            DraftTarget.objects.create(draft_id=draft_id, agency_id=target.agency_id, **way)


@transaction.atomic
def discard_draft(draft_id: UUID, *, now: datetime) -> None:
    """Throw a draft away, and with it the legal names and addresses that it holds. Raises DraftIsClosed."""
    _change(draft_id, {"discarded_at": now, "changed_at": now, "choices": {}})
    _release_signers(draft_id, now)


def _release_signers(draft_id: UUID, now: datetime) -> None:
    """End what was asked or signed for a letter that is no more; the name under it goes too."""
    Signing.objects.filter(draft_id=draft_id, state__in=Signing.OPEN).update(
        state=Signing.State.WITHDRAWN, ended_at=now, content_sha256="", legal_name="", postal_address="", phone=""
    )
    AuthorityPaper.objects.filter(signing__draft_id=draft_id).delete()


def _change(draft_id: UUID, columns: Mapping[str, Any]) -> None:
    open_drafts = Draft.objects.filter(pk=draft_id, filed_at__isnull=True, discarded_at__isnull=True)
    if not open_drafts.update(**columns):
        raise DraftIsClosed
