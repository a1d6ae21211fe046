"""Rewording the letter of a draft: the editor, what it keeps while somebody writes, and the versions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from requests_app.filing import editor, queries, services
from requests_app.filing.editor import Editor, Posted
from requests_app.filing.models import Draft, DraftTarget, DraftVersion
from requests_app.filing.views.wizard import preview_sender, say_if_signature_ended, step_context, with_draft
from requests_app.kits import editing
from requests_app.kits.editing import Edits, Merged, Problem
from requests_app.kits.letters import ChoiceError, Letter
from requests_app.people.signed_in import signed_in

STALE = 409
REFUSED = 422


@dataclass(frozen=True, slots=True)
class _Desk:
    """One letter of a draft on the desk: as it is generated now, and the filer's words over it."""

    draft: Draft
    target: DraftTarget
    letter: Letter
    merged: Merged

    @property
    def edits(self) -> Edits:
        return self.merged.edits

    def url(self, name: str, *more: int) -> str:
        return reverse(f"filing:{name}", args=[self.draft.pk, self.target.agency_id, *more])


P = ParamSpec("P")


class _NoLetterYet(Exception):
    """The details of the draft make no letter that could be reworded."""


def _with_letter(
    view: Callable[Concatenate[HttpRequest, Draft, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, UUID, P], HttpResponse]:
    """Hand the view the person's own open draft; one whose details make no letter yet leads to the details."""

    @wraps(view)
    def guarded(request: HttpRequest, draft: Draft, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, draft, *args, **kwargs)
        except _NoLetterYet as trouble:
            messages.error(request, str(trouble))
            return redirect("filing:draft-details", draft.pk)

    return with_draft(guarded)  # type: ignore[arg-type]  # mypy loses the parameters that wraps() keeps


def _desk(draft: Draft, agency_id: int) -> _Desk:
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
    return _Desk(draft, plan.targets[place], letter, merged)


@require_http_methods(["GET", "POST"])
@_with_letter
def write(request: HttpRequest, draft: Draft, agency_id: int) -> HttpResponse:
    """Reword the letter to one agency. Every button keeps what was written; the main one goes back to the preview."""
    desk = _desk(draft, agency_id)
    if request.method != "POST":
        shown = editor.show(
            desk.edits,
            revision=desk.target.edits_revision,
            keep_url=desk.url("draft-write-keep"),
            drift=desk.merged.drift,
            at=request.GET.get("at", ""),
        )
        return _page(request, desk, shown)
    posted = editor.read(request.POST, desk.edits)
    try:
        revision = _kept(request, desk, posted, automatic=posted.act != "keep")
    except services.ChangedElsewhere as meanwhile:
        messages.error(request, str(meanwhile))
        return _again(request, desk, posted, meanwhile=meanwhile, status=STALE)
    except services.NotALetter as refused:
        return _again(request, desk, posted, problems=refused.problems, status=REFUSED)
    if posted.problems:
        return _again(request, desk, posted, problems=posted.problems, revision=revision, status=REFUSED)
    if posted.act == "keep":
        messages.success(request, _("Your wording is kept. The letter below says it."))
        return redirect("filing:draft-preview", draft.pk)
    if request.htmx:  # type: ignore[attr-defined]  # set by django-htmx
        return _again(request, desk, posted, revision=revision)
    return redirect(f"{desk.url('draft-write')}?{urlencode({'at': posted.at})}#b-{posted.at}")


@require_POST
@_with_letter
def keep(request: HttpRequest, draft: Draft, agency_id: int) -> HttpResponse:
    """Keep what is written so far, and say when. The editor works without it."""
    desk = _desk(draft, agency_id)
    posted = editor.read(request.POST, desk.edits)
    context: dict[str, Any] = {"saved_at": timezone.now()}
    try:
        context["revision"] = _kept(request, desk, posted, automatic=True)
    except (services.ChangedElsewhere, services.NotALetter) as trouble:
        context = {"trouble": str(trouble), "revision": posted.revision}
    return render(request, "filing/letter_saved.html", context)


def _kept(request: HttpRequest, desk: _Desk, posted: Posted, *, automatic: bool) -> int:
    revision = services.keep_draft_text(
        desk.target.pk,
        posted.edits,
        seen_revision=posted.revision,
        by=signed_in(request),
        now=timezone.now(),
        automatic=automatic,
    )
    say_if_signature_ended(request, desk.draft)
    return revision


def _again(
    request: HttpRequest,
    desk: _Desk,
    posted: Posted,
    *,
    problems: tuple[Problem, ...] = (),
    meanwhile: services.ChangedElsewhere | None = None,
    revision: int | None = None,
    status: int = 200,
) -> HttpResponse:
    """Show the editor with what was posted, nothing lost."""
    theirs = None
    if meanwhile is not None:
        # The next try is made in sight of what stands there now.
        revision = meanwhile.revision
        stored = meanwhile.edits or editing.begin(desk.letter)
        theirs = editing.merge(stored, desk.letter).edits.blocks
    shown = editor.show(
        posted.edits,
        revision=posted.revision if revision is None else revision,
        keep_url=desk.url("draft-write-keep"),
        drift=desk.merged.drift if status != 200 else (),
        problems=problems,
        at=problems[0].block_id if problems else posted.at,
        saved_at=timezone.now() if status == 200 else None,
        elsewhere=theirs,
    )
    if request.htmx:  # type: ignore[attr-defined]  # a part of the page is swapped in whatever became of it
        return render(request, "filing/letter_editor.html", {"editor": shown})
    return _page(request, desk, shown, status=status)


def _page(request: HttpRequest, desk: _Desk, shown: Editor, status: int = 200) -> HttpResponse:
    context = {
        **step_context(desk.draft, 5),
        "editor": shown,
        "agency": desk.target.agency,
        "salutation": desk.letter.salutation,
        "closing": desk.letter.closing,
        "back": reverse("filing:draft-preview", args=[desk.draft.pk]),
        "versions_url": desk.url("draft-versions"),
    }
    return render(request, "filing/write.html", context, status=status)


@require_GET
@_with_letter
def versions(request: HttpRequest, draft: Draft, agency_id: int) -> HttpResponse:
    """List the wordings this letter had, and show how one of them differs from what stands now."""
    desk = _desk(draft, agency_id)
    listed = list(queries.versions(desk.target))
    asked = request.GET.get("version", "")
    chosen = next((version for version in listed if str(version.pk) == asked), None)
    earlier = desk.edits.base if chosen is None else _blocks(chosen)
    context = {
        **step_context(desk.draft, 5),
        "agency": desk.target.agency,
        "versions": listed,
        "chosen": chosen,
        "changes": [
            change for change in editing.compare(earlier, desk.edits.blocks) if change.op != "same" or change.moved
        ],
        "revision": desk.target.edits_revision,
        "versions_url": desk.url("draft-versions"),
        "restore_url": desk.url("draft-restore", chosen.pk) if chosen else "",
        "back": desk.url("draft-write"),
    }
    return render(request, "filing/letter_versions.html", context)


def _blocks(version: DraftVersion) -> tuple[editing.Block, ...]:
    stored: Any = version.edits
    edits = editing.load(stored)
    return edits.blocks if edits is not None else ()


@require_POST
@_with_letter
def restore(request: HttpRequest, draft: Draft, agency_id: int, version_id: int) -> HttpResponse:
    """Bring an earlier wording back; what stands now stays in the list."""
    desk = _desk(draft, agency_id)
    revision = request.POST.get("revision", "")
    try:
        services.restore_draft_text(
            desk.target,
            version_id,
            seen_revision=int(revision) if revision.isdecimal() and len(revision) < 10 else 0,
            by=signed_in(request),
            now=timezone.now(),
        )
    except DraftVersion.DoesNotExist as missing:
        raise Http404 from missing
    except services.ChangedElsewhere as meanwhile:
        messages.error(request, str(meanwhile))
        return redirect(desk.url("draft-versions"))
    say_if_signature_ended(request, draft)
    messages.success(request, _("The earlier wording is back. What stood there before is in the list."))
    return redirect(desk.url("draft-write"))
