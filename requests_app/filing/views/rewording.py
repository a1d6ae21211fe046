"""The letter editor: its four pages over any letter that people may reword, first or later.

A room says what its letter is with a `Wording`: where it is kept, under which addresses, and in which frame it stands.
Who may reword it is settled before a `Wording` is made; these pages ask nobody again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from requests_app.filing import editor, services
from requests_app.filing.editor import Posted
from requests_app.filing.models import DraftVersion, NextLetterVersion
from requests_app.kits import editing
from requests_app.kits.editing import Block, Merged, Problem
from requests_app.kits.letters import Letter

STALE = 409
REFUSED = 422

Page = Literal["write", "keep", "versions", "restore"]
_CHANGED = (services.ChangedElsewhere, services.LetterChanged)


class Wording(Protocol):
    """One letter on the desk of a person who may reword it: as it is generated, and people's words over it."""

    @property
    def generated(self) -> Letter: ...

    @property
    def merged(self) -> Merged: ...

    @property
    def revision(self) -> int:
        """How often it was changed; whoever changes it says which of these they saw."""

    @property
    def back(self) -> str:
        """The page that shows the letter."""

    @property
    def closed(self) -> str:
        """Why it can no longer be reworded; empty while it can."""

    def url(self, page: Page, *more: int) -> str:
        """Return the address of one of the four pages."""

    def frame(self, here: str) -> dict[str, Any]:
        """Return what surrounds a page: `layout` and what that needs, and `about`, the letter in a few words."""

    def as_it_stands_now(self) -> Wording:
        """Return it read anew, after somebody else changed it."""

    def keep(self, posted: Posted, *, automatic: bool) -> int:
        """Keep what was posted and return the revision. Raises ChangedElsewhere, LetterChanged and so on."""

    def versions(self) -> Sequence[Any]:
        """Return its versions, newest first, each with made_by, made_at and how_text."""

    def blocks_of(self, version: Any) -> tuple[Block, ...]:
        """Return what one of these versions said."""

    def more_of(self, version: Any) -> dict[str, Any]:
        """Return what else the list of versions says, of the letter and of the chosen version (or None)."""

    def restore(self, version_id: int, *, seen: int) -> None:
        """Bring a version back. Raises the DoesNotExist of its model, ChangedElsewhere, LetterChanged and so on."""


@dataclass(frozen=True, slots=True)
class Pages:
    """The four views of a letter editor, ready for the addresses of a room."""

    write: Callable[..., HttpResponse]
    keep: Callable[..., HttpResponse]
    versions: Callable[..., HttpResponse]
    restore: Callable[..., HttpResponse]


def pages(with_wording: Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]) -> Pages:
    """Return the editor of one kind of letter. `with_wording` turns its address into a `Wording`, or refuses."""
    return Pages(
        write=require_http_methods(["GET", "POST"])(with_wording(_write)),
        keep=require_POST(with_wording(_keep)),
        versions=require_GET(with_wording(_versions)),
        restore=require_POST(with_wording(_restore)),
    )


def _write(request: HttpRequest, wording: Wording) -> HttpResponse:
    """Reword the letter. Every button keeps what was written; the main one goes back to the letter."""
    if request.method != "POST":
        if wording.closed:
            messages.info(request, wording.closed)
            return redirect(wording.back)
        return _editor(request, wording, Posted(wording.merged.edits, wording.revision, "", request.GET.get("at", "")))
    posted = editor.read(request.POST, wording.merged.edits)
    try:
        revision = wording.keep(posted, automatic=posted.act != "keep")
    except _CHANGED as meanwhile:
        messages.error(request, str(meanwhile))
        return _editor(request, wording, posted, meanwhile=wording.as_it_stands_now(), status=STALE)
    except services.LetterClosed as closed:
        return _editor(request, wording, posted, (Problem(block_id="", message=str(closed)),), status=STALE)
    except services.NotALetter as refused:
        return _editor(request, wording, posted, refused.problems, status=REFUSED)
    if posted.problems:
        return _editor(request, wording, posted, posted.problems, revision=revision, status=REFUSED)
    if posted.act == "keep":
        messages.success(request, _("Your wording is kept. The letter below says it."))
        return redirect(wording.back)
    if request.htmx:  # type: ignore[attr-defined]  # set by django-htmx
        return _editor(request, wording, posted, revision=revision)
    return redirect(f"{wording.url('write')}?{urlencode({'at': posted.at})}#b-{posted.at}")


def _keep(request: HttpRequest, wording: Wording) -> HttpResponse:
    """Keep what is written so far, and say when. The editor works without it."""
    posted = editor.read(request.POST, wording.merged.edits)
    context: dict[str, Any] = {"saved_at": timezone.now()}
    try:
        context["revision"] = wording.keep(posted, automatic=True)
    except (*_CHANGED, services.LetterClosed, services.NotALetter) as trouble:
        context = {"trouble": str(trouble), "revision": posted.revision}
    return render(request, "filing/letter_saved.html", context)


def _editor(
    request: HttpRequest,
    wording: Wording,
    posted: Posted,
    problems: Sequence[Problem] = (),
    *,
    meanwhile: Wording | None = None,
    revision: int | None = None,
    status: int = 200,
) -> HttpResponse:
    """Show the editor with what was posted, nothing lost; or, with nothing done (`act` empty), as it stands."""
    if meanwhile is not None:
        revision = meanwhile.revision  # the next try is made in sight of what stands there now
    kept = bool(posted.act) and status == 200
    shown = editor.show(
        posted.edits,
        revision=posted.revision if revision is None else revision,
        keep_url=wording.url("keep"),
        drift=() if kept else wording.merged.drift,
        problems=problems,
        at=problems[0].block_id if problems else posted.at,
        saved_at=timezone.now() if kept else None,
        elsewhere=meanwhile.merged.edits.blocks if meanwhile is not None else None,
    )
    if posted.act and request.htmx:  # type: ignore[attr-defined]  # a part of the page is swapped in, whatever it says
        return render(request, "filing/letter_editor.html", {"editor": shown})
    context = {
        **wording.frame(_("Change the words")),
        "editor": shown,
        "salutation": wording.generated.salutation,
        "closing": wording.generated.closing,
        "back": wording.back,
        "versions_url": wording.url("versions"),
    }
    return render(request, "filing/write.html", context, status=status)


def _versions(request: HttpRequest, wording: Wording) -> HttpResponse:
    """List the wordings this letter had, and show how one of them differs from what stands now."""
    listed = wording.versions()
    asked = request.GET.get("version", "")
    chosen = next((version for version in listed if str(version.pk) == asked), None)
    edits = wording.merged.edits
    compared = editing.compare(edits.base if chosen is None else wording.blocks_of(chosen), edits.blocks)
    context = {
        **wording.frame(_("Versions")),
        **wording.more_of(chosen),
        "versions": listed,
        "chosen": chosen,
        "changes": [change for change in compared if change.op != "same" or change.moved],
        "revision": wording.revision,
        "versions_url": wording.url("versions"),
        "restore_url": wording.url("restore", chosen.pk) if chosen is not None and not wording.closed else "",
        "back": wording.back if wording.closed else wording.url("write"),
        "is_closed": bool(wording.closed),
    }
    return render(request, "filing/letter_versions.html", context)


def _restore(request: HttpRequest, wording: Wording, version_id: int) -> HttpResponse:
    """Bring an earlier wording back; what stands now stays in the list."""
    revision = request.POST.get("revision", "")
    try:
        wording.restore(version_id, seen=int(revision) if revision.isdecimal() and len(revision) < 10 else 0)
    except (DraftVersion.DoesNotExist, NextLetterVersion.DoesNotExist) as missing:
        raise Http404 from missing
    except (*_CHANGED, services.LetterClosed) as stop:
        messages.error(request, str(stop))
        return redirect(wording.url("versions"))
    messages.success(request, _("The earlier wording is back. What stood there before is in the list."))
    return redirect(wording.url("write"))
