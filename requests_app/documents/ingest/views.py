"""How far the reading is: on the page of a document, beside each file of a list, and of everything on one page."""

from __future__ import annotations

import uuid
from typing import Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from requests_app.documents import permissions
from requests_app.documents import queries as documents
from requests_app.documents.ingest import queries, services
from requests_app.documents.ingest.waking import nudge
from requests_app.documents.models import Document
from requests_app.people.models import Person
from requests_app.people.signed_in import signed_in

MOST: Final = 100  # files in one question or one act
ACTS: Final = {"again": gettext_lazy("Read again"), "stop": gettext_lazy("Stop reading")}


@require_GET
def reading(request: HttpRequest) -> HttpResponse:
    """Show what is being read, what waits, and what did not work."""
    return render(request, "documents/reading/page.html", _overview(request))


@require_GET
def reading_rows(request: HttpRequest) -> HttpResponse:
    """Give the part of that page that changes by itself."""
    return render(request, "documents/reading/_now.html", _overview(request))


@require_GET
def reading_of(request: HttpRequest) -> HttpResponse:
    """Give the lines of some documents of a list, and ask for them again while one is open."""
    wanted = [one for one in map(_uuid, request.GET.getlist("document")[:MOST]) if one]
    found = queries.with_progress(documents.visible_to(request.user).filter(pk__in=wanted))
    return render(request, "documents/reading/_lines.html", {"documents": found})


@require_GET
def reading_document(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Give the part of a document's page that says how far it is."""
    found = get_object_or_404(documents.visible_to(request.user), pk=pk)
    return render(request, "documents/reading/_progress.html", progress_context(signed_in(request), found))


@require_POST
def read_again(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Read one document once more."""
    found = _steered(request, pk)
    _done, said = _act("again", found, signed_in(request))
    messages.success(request, said)
    return redirect(found)


@require_POST
def stop_reading(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Stop reading one document."""
    found = _steered(request, pk)
    done, said = _act("stop", found, signed_in(request))
    (messages.success if done else messages.info)(request, said)
    return redirect(found)


@require_POST
def reading_act(request: HttpRequest) -> HttpResponse:
    """Do one act to each ticked document, and say what became of each. Each is an act of its own."""
    person, act = signed_in(request), request.POST.get("act", "")
    if not permissions.can_see_reading(person):
        raise PermissionDenied
    wanted = [one for one in map(_uuid, request.POST.getlist("row")[:MOST]) if one]
    found = list(documents.visible_to(person).filter(pk__in=wanted))
    if act not in ACTS or not found:
        messages.error(request, _("Tick the files first, and choose what to do with them. Nothing was changed."))
        return redirect("documents:reading")
    results = []
    for document in found:
        if permissions.can_steer_reading(person, document.request):
            results.append((document, *_act(act, document, person)))
        else:
            results.append((document, False, _("Left alone: it is not yours to decide.")))
    number = sum(done for _document, done, _said in results)
    context = {
        "results": results,
        "title": ACTS[act],
        "summary": ngettext("%(n)d file is changed.", "%(n)d files are changed.", number) % {"n": number},
        "crumbs": [(_("Making files readable"), reverse("documents:reading")), (ACTS[act], "")],
    }
    return render(request, "documents/reading/done.html", context)


def progress_context(person: Person, document: Document) -> dict[str, object]:
    """Return what `documents/reading/_progress.html` needs."""
    return {
        "document": document,
        "progress": queries.progress_of([document], in_line=True)[document.blob_id],
        "may_steer": permissions.can_steer_reading(person, document.request),
    }


def _overview(request: HttpRequest) -> dict[str, object]:
    person = signed_in(request)
    if not permissions.can_see_reading(person):
        raise PermissionDenied
    after = request.GET.get("after", "")
    overview = queries.overview(person, after=after)
    return {
        "overview": overview,
        "prev_url": reverse("documents:reading") if after else "",
        "next_url": f"?after={overview.next_failed}" if overview.next_failed else "",
        "acts": ACTS.items(),
    }


def _steered(request: HttpRequest, pk: uuid.UUID) -> Document:
    found = get_object_or_404(documents.visible_to(request.user), pk=pk)
    if not permissions.can_steer_reading(request.user, found.request):
        raise PermissionDenied
    return found


def _act(act: str, document: Document, person: Person) -> tuple[bool, str]:
    now = timezone.now()
    if act == "again":
        services.read_again(document, by=person, now=now)
        nudge()
        return True, _("It is read again. What was found before stays until then.")
    if services.stop_reading(document, by=person, now=now):
        return True, _("Reading it was stopped. The file is kept, and what was found so far stays.")
    return False, _("There was nothing to stop: it is not being read.")


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
