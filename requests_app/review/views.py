"""The reading queue, and the page of one document with its notes."""

from __future__ import annotations

import uuid
from typing import cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from requests_app.documents import hidden
from requests_app.documents import permissions as documents_permissions
from requests_app.documents import queries as documents
from requests_app.documents.ingest import views as reading
from requests_app.documents.inside import guard_context
from requests_app.documents.marks import queries as marks
from requests_app.documents.models import Document
from requests_app.documents.search import near
from requests_app.documents.viewer import queries as viewer
from requests_app.people.models import Person
from requests_app.people.signed_in import signed_in
from requests_app.review import permissions, queries, services
from requests_app.review.annotations import queries as of_annotations
from requests_app.review.findings import permissions as findings_permissions
from requests_app.review.findings import queries as findings
from requests_app.review.findings.views import lines_of
from requests_app.review.forms import ChangeNoteForm, PageNoteForm
from requests_app.review.models import PageNote

PAGE = 50  # documents on one page of the queue
RECENT = 10  # documents noted last, shown under the queue


@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """Show what waits to be read, oldest first, and how far the reading has come."""
    if not permissions.can_open_queue(request.user):
        raise PermissionDenied
    after = request.GET.get("after", "")
    waiting = queries.unread_after(request.user, _document_id(after)) if after else queries.unread(request.user)
    page = list(waiting[: PAGE + 1])
    if after and not page:  # somebody read the rest meanwhile
        return redirect("review:queue")
    noted, everything = queries.progress(request.user)
    context = {
        "unread": page[:PAGE],
        "prev_url": reverse("review:queue") if after else "",
        "next_url": f"?after={page[PAGE - 1].pk}" if len(page) > PAGE else "",
        "recent": queries.recently_noted(request.user, RECENT),
        "noted": noted,
        "everything": everything,
        "to_read_again": findings.waiting_for(signed_in(request)).count(),
    }
    return render(request, "review/queue.html", context)


@require_GET
def document(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Show where one document came from, what it is, and what reviewers noted."""
    asked = request.GET.get("page", "")
    opened = {"page": int(asked)} if asked.isdecimal() and len(asked) < 7 else {}
    return _document_page(request, _visible(request, pk), PageNoteForm(initial=opened))


@require_POST
def write_note(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Add a note."""
    found = _visible(request, pk)
    if not permissions.can_note(request.user):
        raise PermissionDenied
    form = PageNoteForm(request.POST)
    if not form.is_valid():
        return _document_page(request, found, form, status=422)
    services.write_note(found, **form.cleaned_data, by=cast(Person, request.user), now=timezone.now())
    messages.success(request, _("Your note is kept."))
    return redirect(found)


@require_http_methods(["GET", "POST"])
def change_note(request: HttpRequest, pk: int) -> HttpResponse:
    """Reword one's own note. What another window wrote meanwhile is shown beside it, and neither is lost."""
    note = get_object_or_404(queries.changeable(request.user), pk=pk)
    if not permissions.can_change(request.user, note):
        raise PermissionDenied
    if request.method != "POST":
        opened = {"page": note.page, "text": note.text, "seen_revision": note.revision}
        return _change_page(request, note, ChangeNoteForm(initial=opened))
    form = ChangeNoteForm(request.POST)
    if not form.is_valid():
        return _change_page(request, note, form, status=422)
    try:
        services.change_note(note.pk, **form.cleaned_data, now=timezone.now())
    except services.ChangedMeanwhile as meanwhile:
        # The next try is made in sight of what stands there now.
        form = ChangeNoteForm({**request.POST.dict(), "seen_revision": str(meanwhile.note.revision)})
        form.add_error("text", str(meanwhile))
        return _change_page(request, note, form, stands_now=meanwhile.note, status=409)
    messages.success(request, _("Your note is changed. The earlier wording is kept with it."))
    return redirect(note.document)


def _change_page(
    request: HttpRequest, note: PageNote, form: ChangeNoteForm, stands_now: PageNote | None = None, status: int = 200
) -> HttpResponse:
    found = note.document
    context = {
        "form": form,
        "note": note,
        "stands_now": stands_now,
        "crumbs": [*_crumbs(found), (found.original_name, found.get_absolute_url()), (_("Change your note"), "")],
    }
    return render(request, "review/change_note.html", context, status=status)


def _visible(request: HttpRequest, pk: uuid.UUID) -> Document:
    seen = documents.visible_to(request.user).select_related("description", "page_numbers")
    return get_object_or_404(seen, pk=pk)


def _document_page(request: HttpRequest, found: Document, form: PageNoteForm, status: int = 200) -> HttpResponse:
    asked = marks.answered_by(found)
    alike = near.near_duplicates_of(found, request.user)
    sees_hidden = documents_permissions.can_see_hidden_content(request.user)
    marked = of_annotations.how_many(found, request.user)
    context = {
        "document": found,
        "annotation_count": marked[0],
        "annotations_open": marked[1],
        "description": marks.description_of(found),
        "page_count": viewer.pages_of(found).count(),
        "page_ids": marks.page_ids_of(found),
        "asked": asked,
        "answered": [each for each in asked if each.is_answered],
        "related": marks.related_to(found, request.user),
        "same": [each.document for each in alike if each.is_same_file],
        "near": [each for each in alike if not each.is_same_file],
        "hidden": hidden.hidden_of(found.blob) if sees_hidden else None,
        "withheld": documents_permissions.why_withheld(found),
        "may_describe": documents_permissions.can_describe(request.user),
        **reading.progress_context(signed_in(request), found),
        **guard_context(signed_in(request), found),
        "sees_findings": findings_permissions.can_look(request.user),
        "finding_lines": lines_of(list(findings.of_document(found, request.user)), request.user),
        "notes": queries.notes_of(found),
        "form": form if permissions.can_note(request.user) else None,
        "crumbs": [*_crumbs(found), (found.original_name, "")],
    }
    return render(request, "review/document.html", context, status=status)


def _crumbs(found: Document) -> list[tuple[str, str]]:
    return [
        (_("Documents"), reverse("documents:list")),
        (found.request.reference, found.request.get_absolute_url()),
    ]


def _document_id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as unknown:
        raise Http404 from unknown
