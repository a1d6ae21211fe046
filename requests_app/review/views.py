"""The reading queue, and the page of one document with its notes."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from requests_app.documents import queries as documents
from requests_app.documents.models import Document
from requests_app.review import permissions, queries, services
from requests_app.review.forms import ChangeNoteForm, PageNoteForm
from requests_app.review.models import PageNote

SHOWN = 50


@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """Show what waits to be read, oldest first, and how far the reading has come."""
    if not permissions.can_open_queue(request.user):
        raise PermissionDenied
    noted, everything = queries.progress(request.user)
    context = {
        "unread": queries.unread(request.user)[:SHOWN],
        "recent": queries.recently_noted(request.user)[:10],
        "noted": noted,
        "everything": everything,
    }
    return render(request, "review/queue.html", context)


@require_GET
def document(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Show where one document came from, what it is, and what reviewers noted."""
    return _document_page(request, _visible(request, pk), PageNoteForm())


@require_POST
def write_note(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Add a note."""
    found = _visible(request, pk)
    if not permissions.can_note(request.user):
        raise PermissionDenied
    form = PageNoteForm(request.POST)
    if not form.is_valid():
        return _document_page(request, found, form, status=422)
    services.write_note(found, **form.cleaned_data, by=request.user, now=timezone.now())
    messages.success(request, _("Your note is kept."))
    return redirect(found)


@require_http_methods(["GET", "POST"])
def change_note(request: HttpRequest, pk: int) -> HttpResponse:
    """Reword one's own note."""
    note = get_object_or_404(
        PageNote.objects.select_related("document").filter(document__in=documents.visible_to(request.user)), pk=pk
    )
    if not permissions.can_change(request.user, note):
        raise PermissionDenied
    form = ChangeNoteForm(request.POST or None, initial={"page": note.page, "text": note.text, "seen_text": note.text})
    if form.is_valid():
        try:
            services.change_note(note.pk, **form.cleaned_data, now=timezone.now())
        except services.ChangedMeanwhile as meanwhile:
            form.add_error("text", str(meanwhile))
        else:
            messages.success(request, _("Your note is changed. The earlier wording is kept with it."))
            return redirect(note.document)
    return render(request, "review/change_note.html", {"form": form, "note": note}, status=422 if form.errors else 200)


def _visible(request: HttpRequest, pk: uuid.UUID) -> Document:
    return get_object_or_404(documents.visible_to(request.user), pk=pk)


def _document_page(request: HttpRequest, found: Document, form: PageNoteForm, status: int = 200) -> HttpResponse:
    context = {
        "document": found,
        "notes": queries.notes_of(found),
        "form": form if permissions.can_note(request.user) else None,
        "crumbs": [
            (_("Documents"), "/documents/"),
            (found.request.reference, found.request.get_absolute_url()),
            (found.original_name, ""),
        ],
    }
    return render(request, "review/document.html", context, status=status)
