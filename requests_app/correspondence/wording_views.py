"""Rewording a later letter: the editor, what it keeps while somebody writes, and the versions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from requests_app.correspondence.next_letter_views import letter_at
from requests_app.filing import editor, services
from requests_app.filing import queries as filing
from requests_app.filing.editor import Editor, Posted
from requests_app.filing.models import NextLetter, NextLetterVersion, RecordsRequest
from requests_app.filing.writing import wording_of
from requests_app.kits import editing, letters
from requests_app.kits.editing import Block, Edits, Merged, Problem
from requests_app.kits.later import letter_type
from requests_app.people.models import Person
from requests_app.people.signed_in import signed_in

STALE = 409
REFUSED = 422


@dataclass(frozen=True, slots=True)
class _Desk:
    """One later letter on the desk: as it was composed, and people's words over it."""

    person: Person
    records_request: RecordsRequest
    letter: NextLetter
    merged: Merged

    @property
    def edits(self) -> Edits:
        return self.merged.edits

    @property
    def title(self) -> str:
        return letter_type(self.letter.key).title

    @property
    def back(self) -> str:
        return self.url("next-letter")

    def url(self, name: str, *more: int) -> str:
        return reverse(f"correspondence:{name}", args=[self.records_request.reference, self.letter.pk, *more])

    def crumbs(self, here: str) -> list[tuple[str, str]]:
        request = self.records_request
        return [(request.reference, request.get_absolute_url()), (self.title, self.back), (here, "")]


def _desk(request: HttpRequest, reference: str, pk: int) -> _Desk:
    """Return the letter for somebody who may write letters on its request; others are refused as everywhere there."""
    person, records_request, letter = letter_at(request, reference, pk)
    return _Desk(person, records_request, letter, wording_of(letter))


@require_http_methods(["GET", "POST"])
def write(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """Reword a draft. Every button keeps what was written; the main one goes back to the letter."""
    desk = _desk(request, reference, pk)
    if request.method != "POST":
        if not desk.letter.is_open:
            messages.info(request, str(services.LetterClosed()))
            return redirect(desk.back)
        shown = editor.show(
            desk.edits,
            revision=desk.letter.changes,
            keep_url=desk.url("next-letter-write-keep"),
            drift=desk.merged.drift,
            at=request.GET.get("at", ""),
        )
        return _page(request, desk, shown)
    posted = editor.read(request.POST, desk.edits)
    try:
        revision = _kept(request, desk, posted, automatic=posted.act != "keep")
    except services.LetterChanged as meanwhile:
        messages.error(request, str(meanwhile))
        return _again(request, desk, posted, meanwhile=meanwhile.letter, status=STALE)
    except services.LetterClosed as closed:
        return _again(request, desk, posted, problems=(Problem(block_id="", message=str(closed)),), status=STALE)
    except services.NotALetter as refused:
        return _again(request, desk, posted, problems=refused.problems, status=REFUSED)
    if posted.problems:
        return _again(request, desk, posted, problems=posted.problems, revision=revision, status=REFUSED)
    if posted.act == "keep":
        messages.success(request, _("Your wording is kept. The letter below says it."))
        return redirect(desk.back)
    if request.htmx:  # type: ignore[attr-defined]  # set by django-htmx
        return _again(request, desk, posted, revision=revision)
    return redirect(f"{desk.url('next-letter-write')}?{urlencode({'at': posted.at})}#b-{posted.at}")


@require_POST
def keep(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """Keep what is written so far, and say when. The editor works without it."""
    desk = _desk(request, reference, pk)
    posted = editor.read(request.POST, desk.edits)
    context: dict[str, Any] = {"saved_at": timezone.now()}
    try:
        context["revision"] = _kept(request, desk, posted, automatic=True)
    except (services.LetterChanged, services.LetterClosed, services.NotALetter) as trouble:
        context = {"trouble": str(trouble), "revision": posted.revision}
    return render(request, "filing/letter_saved.html", context)


def _kept(request: HttpRequest, desk: _Desk, posted: Posted, *, automatic: bool) -> int:
    return services.keep_words(
        desk.letter.pk,
        posted.edits,
        seen_changes=posted.revision,
        by=signed_in(request),
        now=timezone.now(),
        automatic=automatic,
    )


def _again(
    request: HttpRequest,
    desk: _Desk,
    posted: Posted,
    *,
    problems: tuple[Problem, ...] = (),
    meanwhile: NextLetter | None = None,
    revision: int | None = None,
    status: int = 200,
) -> HttpResponse:
    """Show the editor with what was posted, nothing lost."""
    theirs: tuple[Block, ...] | None = None
    if meanwhile is not None:
        # The next try is made in sight of what stands there now.
        revision, theirs = meanwhile.changes, wording_of(meanwhile).edits.blocks
    shown = editor.show(
        posted.edits,
        revision=posted.revision if revision is None else revision,
        keep_url=desk.url("next-letter-write-keep"),
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
    stored: Any = desk.letter.generated
    composed = letters.load(stored)
    context = {
        "editor": shown,
        "records_request": desk.records_request,
        "letter_title": desk.title,
        "salutation": composed.salutation,
        "closing": composed.closing,
        "back": desk.back,
        "versions_url": desk.url("next-letter-versions"),
        "crumbs": desk.crumbs(_("Change the words")),
    }
    return render(request, "correspondence/next_letter_write.html", context, status=status)


@require_GET
def versions(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """List what this letter said before each change, and show how one of these became what it says now."""
    desk = _desk(request, reference, pk)
    listed = list(filing.letter_versions(desk.letter))
    asked = request.GET.get("version", "")
    chosen = next((version for version in listed if str(version.pk) == asked), None)
    earlier = desk.edits.base if chosen is None else wording_of(chosen).edits.blocks
    context = {
        "records_request": desk.records_request,
        "letter_title": desk.title,
        "letter": desk.letter,
        "versions": listed,
        "chosen": chosen,
        "changes": [
            change for change in editing.compare(earlier, desk.edits.blocks) if change.op != "same" or change.moved
        ],
        "composed_since": chosen is not None and chosen.generated != desk.letter.generated,
        "revision": desk.letter.changes,
        "versions_url": desk.url("next-letter-versions"),
        "restore_url": desk.url("next-letter-restore", chosen.pk) if chosen and desk.letter.is_open else "",
        "back": desk.url("next-letter-write") if desk.letter.is_open else desk.back,
        "crumbs": desk.crumbs(_("Versions")),
    }
    return render(request, "correspondence/next_letter_versions.html", context)


@require_POST
def restore(request: HttpRequest, reference: str, pk: int, version_id: int) -> HttpResponse:
    """Bring back what people had written in an earlier version; what stands now stays in the list."""
    desk = _desk(request, reference, pk)
    revision = request.POST.get("revision", "")
    try:
        services.restore_words(
            desk.letter.pk,
            version_id,
            seen_changes=int(revision) if revision.isdecimal() and len(revision) < 10 else 0,
            by=desk.person,
            now=timezone.now(),
        )
    except NextLetterVersion.DoesNotExist as missing:
        raise Http404 from missing
    except (services.LetterChanged, services.LetterClosed) as stop:
        messages.error(request, str(stop))
        return redirect(desk.url("next-letter-versions"))
    messages.success(request, _("The earlier wording is back. What stood there before is in the list."))
    return redirect(desk.url("next-letter-write"))
