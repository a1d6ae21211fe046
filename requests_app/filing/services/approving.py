"""A newcomer's first letters: a coordinator reads them and approves, or sends them back with a note."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from requests_app.filing import readiness
from requests_app.filing.composing import Sender
from requests_app.filing.models import Approval, Draft
from requests_app.filing.services import telling
from requests_app.filing.services.drafting import DraftIsClosed
from requests_app.filing.services.opening import NotReady, plan_for
from requests_app.filing.services.signing import NotTheLetterRead
from requests_app.filing.signing import content_digest
from requests_app.kits.letters import ChoiceError
from requests_app.people.models import Person, audit


class AlreadyDecided(Exception):
    """Another coordinator was quicker, or the filer filed, changed or threw away the draft."""

    def __init__(self) -> None:
        super().__init__(
            _("This letter was decided on in the meantime, or is no longer waiting. Your answer was not recorded.")
        )


@transaction.atomic
def ask_for_approval(draft_id: UUID, *, sender: Sender, by: Person, now: datetime) -> Approval:
    """Ask the coordinators to read this letter. Asked twice, the first asking stands.

    Everything else must be settled first, the signature too: what is approved is the letter as it goes.
    Raises DraftIsClosed, NotReady.
    """
    draft = Draft.objects.select_for_update().select_related("filer").get(pk=draft_id)
    if not draft.is_open or draft.filer_id != by.pk:
        raise DraftIsClosed
    waiting = Approval.objects.filter(draft=draft, state=Approval.State.ASKED).first()
    if waiting is not None:
        return waiting
    plan = plan_for(draft)
    if plan is None:
        raise NotReady([readiness.unfinished(draft)])
    try:
        letters = plan.letters(sender, now)
    except ChoiceError as trouble:
        raise NotReady([readiness.choice_remark(draft, trouble)]) from trouble
    stops = other_stops(plan.remarks(letters), plan.papers.approval_remark(letters))
    if stops:
        raise NotReady(stops)
    made = Approval.objects.create(draft=draft, asked_at=now)
    audit("approval_asked", draft, by=by, now=now, approval=made.pk)
    telling.tell_coordinators_to_read(made, draft, now=now)
    return made


def other_stops(remarks: list[readiness.Remark], approval: readiness.Remark | None) -> list[readiness.Remark]:
    """Return what else stands between a letter and the outbox, besides its approval."""
    return [remark for remark in remarks if remark.level == "stop" and remark != approval]


@transaction.atomic
def approve(approval_id: int, *, seen: str, sender: Sender, by: Person, now: datetime) -> Approval:
    """Approve the letter that the coordinator has read; `seen` is its digest.

    Only one decision counts. Raises AlreadyDecided, NotTheLetterRead.
    """
    approval = _waiting(approval_id, by)
    Draft.objects.select_for_update().get(pk=approval.draft_id)
    plan = plan_for(approval.draft)
    try:
        digest = "" if plan is None else content_digest(plan.letters(sender, now))
    except ChoiceError:
        digest = ""
    if not digest or digest != seen:
        raise NotTheLetterRead
    return _decide(approval, Approval.State.APPROVED, by=by, now=now, content_sha256=digest)


@transaction.atomic
def send_back(approval_id: int, *, note: str, by: Person, now: datetime) -> Approval:
    """Send the letter back to its filer with a note. Only one decision counts. Raises AlreadyDecided."""
    return _decide(_waiting(approval_id, by), Approval.State.SENT_BACK, by=by, now=now, note=note)


def _waiting(approval_id: int, by: Person) -> Approval:
    approval = Approval.objects.select_related("draft__filer").get(pk=approval_id)
    if approval.state != Approval.State.ASKED or not approval.draft.is_open or approval.draft.filer_id == by.pk:
        raise AlreadyDecided
    return approval


def _decide(approval: Approval, state: Approval.State, *, by: Person, now: datetime, **facts: str) -> Approval:
    decided = Approval.objects.filter(pk=approval.pk, state=Approval.State.ASKED).update(
        state=state, decided_by=by, decided_at=now, **facts
    )
    if not decided:
        raise AlreadyDecided
    approval.refresh_from_db()
    audit(f"letter_{state.value}", approval.draft, by=by, now=now, approval=approval.pk)
    telling.tell_decided(approval, now=now)
    return approval
