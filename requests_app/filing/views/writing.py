"""Rewording the letter of a draft: what the letter editor (`rewording`) needs to know of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from requests_app.filing import queries, services
from requests_app.filing.editor import Posted
from requests_app.filing.models import Draft, DraftTarget, DraftVersion
from requests_app.filing.views import rewording
from requests_app.filing.views.rewording import Page
from requests_app.filing.views.wizard import preview_sender, say_if_signature_ended, step_context, with_draft
from requests_app.kits import editing
from requests_app.kits.editing import Block, Merged
from requests_app.kits.letters import ChoiceError, Letter
from requests_app.people.signed_in import signed_in

_ADDRESSES: Final[dict[Page, str]] = {
    "write": "filing:draft-write",
    "keep": "filing:draft-write-keep",
    "versions": "filing:draft-versions",
    "restore": "filing:draft-restore",
}


@dataclass(frozen=True, slots=True)
class _DraftLetter:
    """A draft's letter to one agency, on the desk of its filer. See `rewording.Wording`."""

    request: HttpRequest
    draft: Draft
    target: DraftTarget
    generated: Letter
    merged: Merged
    closed: str = ""  # a draft that was filed or thrown away has no desk

    @property
    def revision(self) -> int:
        return self.target.edits_revision

    @property
    def back(self) -> str:
        return reverse("filing:draft-preview", args=[self.draft.pk])

    def url(self, page: Page, *more: int) -> str:
        return reverse(_ADDRESSES[page], args=[self.draft.pk, self.target.agency_id, *more])

    def frame(self, here: str) -> dict[str, Any]:
        about = _("The letter to %(agency)s.") % {"agency": self.target.agency.name}
        return {**step_context(self.draft, 5), "layout": "filing/wizard.html", "about": about}

    def as_it_stands_now(self) -> _DraftLetter:
        return _letter_on_desk(self.request, self.draft, self.target.agency_id)

    def keep(self, posted: Posted, *, automatic: bool) -> int:
        revision = services.keep_draft_text(
            self.target.pk,
            posted.edits,
            seen_revision=posted.revision,
            by=signed_in(self.request),
            now=timezone.now(),
            automatic=automatic,
        )
        say_if_signature_ended(self.request, self.draft)
        return revision

    def versions(self) -> Sequence[DraftVersion]:
        return list(queries.versions(self.target))

    def blocks_of(self, version: DraftVersion) -> tuple[Block, ...]:
        stored: Any = version.edits
        edits = editing.load(stored)
        return edits.blocks if edits is not None else ()

    def more_of(self, version: DraftVersion | None) -> dict[str, Any]:
        return {}

    def restore(self, version_id: int, *, seen: int) -> None:
        services.restore_draft_text(
            self.target, version_id, seen_revision=seen, by=signed_in(self.request), now=timezone.now()
        )
        say_if_signature_ended(self.request, self.draft)


class _NoLetterYet(Exception):
    """The details of the draft make no letter that could be reworded."""


def _letter_on_desk(request: HttpRequest, draft: Draft, agency_id: int) -> _DraftLetter:
    """Return the draft's letter to one agency. Raises Http404 where there is none, _NoLetterYet before the details."""
    plan = services.plan_for(draft)
    place = next((n for n, t in enumerate(plan.targets) if t.agency_id == agency_id), None) if plan else None
    if plan is None or place is None:
        raise Http404
    try:
        letter = plan.generated(preview_sender(), timezone.now())[place]
    except ChoiceError as trouble:
        raise _NoLetterYet(str(trouble)) from trouble
    stored = plan.edits[place]
    merged = Merged(edits=editing.begin(letter)) if stored is None else editing.merge(stored, letter)
    plan.targets[place].agency = plan.destinations[place].agency
    return _DraftLetter(request, draft, plan.targets[place], letter, merged)


def _with_letter(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Hand the view a letter of the person's own open draft; one without a letter yet leads to the details."""

    @wraps(view)
    def guarded(request: HttpRequest, draft: Draft, agency_id: int, **more: int) -> HttpResponse:
        try:
            return view(request, _letter_on_desk(request, draft, agency_id), **more)
        except _NoLetterYet as trouble:
            messages.error(request, str(trouble))
            return redirect("filing:draft-details", draft.pk)

    opened: Callable[..., HttpResponse] = with_draft(guarded)

    @wraps(view)
    def by_address(request: HttpRequest, draft_id: UUID, **more: int) -> HttpResponse:
        return opened(request, draft_id, **more)

    return by_address


pages = rewording.pages(_with_letter)
