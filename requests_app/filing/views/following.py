"""What follows once a request is open: recording what happened, correcting, notes, assignment, the letter itself."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from requests_app.agencies.models import ContactPoint
from requests_app.filing import lawbook, papers, permissions, queries, services
from requests_app.filing.forms.answers import MORE_ROWS, SUGGEST, typed_so_far
from requests_app.filing.forms.recording import (
    ASKED,
    CORRECTABLE_BY_FORM,
    SECTIONS,
    AssignForm,
    CorrectionForm,
    EventForm,
    NoteForm,
    asked_of,
    initial_of,
)
from requests_app.filing.lifecycle import EventKind, Status, possible_events
from requests_app.filing.models import Event, RecordsRequest
from requests_app.filing.our_addresses import address_of
from requests_app.filing.reply_addresses import message_id_mark
from requests_app.kits import letters, rendering, word
from requests_app.kits.letters import Letter
from requests_app.kits.stationery import dress_of
from requests_app.kits.text import file_stem, to_eml, to_text
from requests_app.people.models import Person
from requests_app.people.signed_in import signed_in


def _visible(request: HttpRequest, reference: str) -> tuple[Person, RecordsRequest]:
    """Return who asks and the request, if that person may see it; anything else is a 404."""
    person = signed_in(request)
    rows = queries.with_people(queries.visible_to(person)).select_related("contact_point")
    return person, get_object_or_404(rows, reference=reference)


def _posted(request: HttpRequest) -> QueryDict | None:
    """Return what was posted, be it nothing at all; None for a page that is only looked at."""
    return request.POST if request.method == "POST" else None


def _page(records_request: RecordsRequest, label: str, **more: Any) -> dict[str, Any]:
    crumbs = [(records_request.reference, records_request.get_absolute_url()), (label, "")]
    return {"records_request": records_request, "crumbs": crumbs, **more}


# --- events -----------------------------------------------------------------------------------------------------------


@require_GET
def choose_event(request: HttpRequest, reference: str) -> HttpResponse:
    """What can be recorded now, in the words of a person, by whose doing it is."""
    person, records_request = _visible(request, reference)
    if not permissions.can_record_event(person, records_request):
        raise PermissionDenied
    possible = set(possible_events(Status(records_request.status)))
    sections = [
        (title, [(kind.value, asked) for kind, asked in ASKED.items() if asked.whose == whose and kind in possible])
        for whose, title in SECTIONS
    ]
    context = _page(records_request, _("Record what happened"), sections=sections)
    return render(request, "filing/record_what.html", context)


@require_http_methods(["GET", "POST"])
def record(request: HttpRequest, reference: str, kind: str) -> HttpResponse:
    """Record one event of one kind."""
    person, records_request = _visible(request, reference)
    if not permissions.can_record_event(person, records_request):
        raise PermissionDenied
    if kind not in EventKind.values or EventKind(kind) not in ASKED:
        raise Http404
    chosen, now = EventKind(kind), timezone.now()
    asking: dict[str, Any] = {
        "kind": chosen,
        "today": lawbook.local_day(records_request.jurisdiction, now),
        "zone": lawbook.zone_of(records_request.jurisdiction),
        "statute": lawbook.statute_of(records_request.jurisdiction),
        "words": request.POST.get("words", ""),
    }
    form = EventForm(_posted(request), **asking)
    if MORE_ROWS in request.POST or SUGGEST in request.POST:
        form = EventForm(initial=typed_so_far(form, request.POST, request.FILES), **asking)
    if form.is_valid():
        try:
            services.record_answer(records_request.pk, chosen, **form.values(), words=form.words(), by=person, now=now)
        except services.EventRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("Recorded. %(then)s") % {"then": asked_of(chosen).then})
            return redirect(records_request)
    context = _page(
        records_request,
        str(asked_of(chosen).heading),
        form=form,
        asked=asked_of(chosen),
        impossible=chosen not in possible_events(Status(records_request.status)),
        suggesting="words" in form.fields,
    )
    return render(request, "filing/record.html", context)


@require_http_methods(["GET", "POST"])
def correct(request: HttpRequest, reference: str, sequence: int) -> HttpResponse:
    """Say that an event was recorded wrongly, and what is right."""
    person, records_request = _visible(request, reference)
    if not permissions.can_correct(person, records_request):
        raise PermissionDenied
    event = get_object_or_404(Event.objects.select_related("recorded_by"), request=records_request, sequence=sequence)
    kind = EventKind(event.kind)
    if kind not in CORRECTABLE_BY_FORM:
        raise Http404
    now, zone = timezone.now(), lawbook.zone_of(records_request.jurisdiction)
    statute, words = lawbook.statute_of(records_request.jurisdiction), queries.words_of(event)
    form = CorrectionForm(
        _posted(request),
        kind=kind,
        today=lawbook.local_day(records_request.jurisdiction, now),
        zone=zone,
        statute=statute,
        words=request.POST.get("words", words),
        initial={
            **initial_of(event.details, event.happened_on, event.happened_at, zone, statute),
            "note": event.note,
            "words": words,
        },
    )
    if form.is_valid():
        right = form.replacement()
        if right is not None:
            # What the form does not ask (a Message-ID, which letter it was) stays; what it asks is as it says now.
            right["details"] = {**form.unasked(event.details), **right["details"]}
        try:
            services.correct_answer(
                event.pk, by=person, now=now, note=form.cleaned_data["why"], replacement=right, words=form.words()
            )
        except services.EventRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("Corrected. Both stay on the timeline; the dates follow what is right."))
            return redirect(records_request)
    context = _page(records_request, _("Correct an event"), form=form, event=event, asked=asked_of(kind))
    return render(request, "filing/correct.html", context)


@require_http_methods(["GET", "POST"])
def note(request: HttpRequest, reference: str) -> HttpResponse:
    """Leave a note."""
    person, records_request = _visible(request, reference)
    if not permissions.can_add_note(person, records_request):
        raise PermissionDenied
    form = NoteForm(_posted(request))
    if form.is_valid():
        services.add_note(records_request.pk, text=form.cleaned_data["text"], by=person, now=timezone.now())
        messages.success(request, _("Your note is on the request."))
        return redirect(records_request)
    return render(request, "filing/note.html", _page(records_request, _("Add a note"), form=form))


@require_http_methods(["GET", "POST"])
def assign(request: HttpRequest, reference: str) -> HttpResponse:
    """Give the request to somebody."""
    person, records_request = _visible(request, reference)
    if not permissions.can_assign(person, records_request):
        raise PermissionDenied
    form = AssignForm(
        _posted(request),
        people=queries.people_to_assign(),
        initial={"assignee": records_request.assignee_id},
    )
    if form.is_valid():
        to = form.cleaned_data["assignee"]
        services.assign(records_request.pk, to=to, by=person, now=timezone.now())
        if to is None:
            messages.success(request, _("Nobody works on this request now."))
        else:
            messages.success(request, _("%(handle)s works on it now.") % {"handle": to.handle})
        return redirect(records_request)
    return render(request, "filing/assign.html", _page(records_request, _("Assign"), form=form))


# --- the letter -------------------------------------------------------------------------------------------------------


def _letter(request: HttpRequest, reference: str) -> tuple[RecordsRequest, Letter]:
    """Return the request and its letter as it was filed, for those who may read it."""
    person, records_request = _visible(request, reference)
    if not permissions.can_read_letter(person, records_request):
        raise PermissionDenied
    stored: Any = records_request.letter
    return records_request, letters.load(stored)


@require_GET
def letter(request: HttpRequest, reference: str) -> HttpResponse:
    """The letter as paper."""
    records_request, filed = _letter(request, reference)
    context = _page(
        records_request,
        _("The letter"),
        letter=filed,
        page=rendering.context(filed, dress_of(filed)),
        authority=queries.authority_behind(records_request),
    )
    return render(request, "filing/letter.html", context)


@require_GET
def letter_pdf(request: HttpRequest, reference: str) -> HttpResponse:
    """The letter for printing."""
    _records_request, filed = _letter(request, reference)
    pdf = rendering.to_pdf(rendering.to_html(filed, dress_of(filed)))
    return _file(pdf, "application/pdf", f"{file_stem(filed)}.pdf")


@require_GET
def letter_authority(request: HttpRequest, reference: str) -> HttpResponse:
    """The written authority that goes along with the letter, byte for byte as it was signed."""
    records_request, _filed = _letter(request, reference)
    paper = queries.authority_behind(records_request)
    if paper is None:
        raise Http404
    return _file(paper.pdf_bytes, "application/pdf", papers.authority_name(records_request))


@require_GET
def letter_word(request: HttpRequest, reference: str) -> HttpResponse:
    """The letter as a Word document."""
    _records_request, filed = _letter(request, reference)
    return _file(word.to_docx(filed, dress_of(filed)), word.MEDIA_TYPE, f"{file_stem(filed)}.docx")


@require_GET
def letter_text(request: HttpRequest, reference: str) -> HttpResponse:
    """The letter as plain text."""
    _records_request, filed = _letter(request, reference)
    return _file(to_text(filed).encode(), "text/plain; charset=utf-8", f"{file_stem(filed)}.txt")


@require_GET
def letter_eml(request: HttpRequest, reference: str) -> HttpResponse:
    """The letter as a message that any mail program opens; only for requests that leave by e-mail."""
    records_request, filed = _letter(request, reference)
    contact = records_request.contact_point
    if contact is None or contact.channel != ContactPoint.Channel.EMAIL:
        raise Http404
    # Its own name, not that of the outbox's message: this copy leaves, if at all, by another program.
    mark = message_id_mark(records_request.reply_token)
    message_id = f"<{records_request.reference.lower()}-{mark}-copy@{settings.REPLY_DOMAIN}>"
    message = to_eml(
        filed,
        address_of(records_request),
        contact.value,
        message_id,
        records_request.opened_at,
        attachments=papers.enclosed_with(records_request),
    )
    return _file(message, "message/rfc822", f"{file_stem(filed)}.eml")


def _file(content: bytes, content_type: str, name: str) -> HttpResponse:
    return HttpResponse(
        content, content_type=content_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
