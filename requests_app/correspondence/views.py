"""Filing a letter, taking it back, recording one sent by hand, recording a reply."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from requests_app.correspondence import permissions, queries, services
from requests_app.correspondence.delivery import queries as delivery
from requests_app.correspondence.delivery import wording as delivery_wording
from requests_app.correspondence.forms import ReplyForm, SentByHandForm, can_be_answered
from requests_app.correspondence.incoming.suggested import services as from_mail
from requests_app.correspondence.incoming.suggested.views import source_of
from requests_app.correspondence.models import OutgoingLetter
from requests_app.correspondence.paper import permissions as paper_permissions
from requests_app.documents.services import the_store, upload_limit
from requests_app.documents.uploads import BoundedUploads, given_name
from requests_app.filing import lawbook
from requests_app.filing import permissions as filing_permissions
from requests_app.filing import queries as filing
from requests_app.filing import services as filing_services
from requests_app.filing.forms.answers import MORE_ROWS, SUGGEST, typed_so_far
from requests_app.filing.lifecycle import Status, possible_events
from requests_app.filing.models import Delivery, Draft, RecordsRequest
from requests_app.people.signed_in import signed_in

SHOWN = 100


@require_POST
def file_draft(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """File a finished draft: one request for each agency, letters by e-mail into the outbox."""
    get_object_or_404(Draft, pk=pk, filer=request.user)
    if not filing_permissions.can_start_draft(request.user):
        raise PermissionDenied
    try:
        filed = services.file_draft(pk, by=signed_in(request), now=timezone.now())
    except (filing_services.NotReady, filing_services.DraftIsClosed, services.NotSendable) as stop:
        messages.error(request, str(stop))
        return redirect("filing:draft-preview", pk)
    by_mail = sum(records_request.delivery == Delivery.EMAIL for records_request in filed)
    if by_mail:
        said = ngettext(
            "%(count)d letter waits in the outbox. You can still take it back.",
            "%(count)d letters wait in the outbox. You can still take them back.",
            by_mail,
        )
        messages.success(request, said % {"count": by_mail})
    if by_mail < len(filed):
        messages.info(request, _("A letter that does not go by e-mail is ready for you to send. Its page says how."))
    return redirect(filed[0])


@require_POST
def queue(request: HttpRequest, reference: str) -> HttpResponse:
    """Put the letter of a request that was taken back, or came back, into the outbox again."""
    records_request = _workable(request, reference)
    try:
        services.queue_letter(records_request, by=signed_in(request), now=timezone.now())
    except services.NotSendable as stop:
        messages.error(request, str(stop))
    else:
        messages.success(request, _("The letter waits in the outbox. You can still take it back."))
    return redirect(records_request)


@require_POST
def undo(request: HttpRequest, reference: str) -> HttpResponse:
    """Take back the letter that waits in the outbox."""
    records_request = _workable(request, reference)
    letter = queries.waiting_letter(records_request)
    if letter is not None and services.take_back(letter.pk, by=signed_in(request), now=timezone.now()):
        messages.success(request, _("Taken back. Nothing was sent; the letter is kept here."))
    else:
        messages.error(request, _("It is too late to take the letter back: it has left already."))
    return redirect(records_request)


@require_POST
def send_now(request: HttpRequest, reference: str) -> HttpResponse:
    """Let the letter that waits in the outbox leave with the next sweep."""
    records_request = _workable(request, reference)
    tell_when_it_leaves(request, queries.waiting_letter(records_request))
    return redirect(records_request)


def tell_when_it_leaves(request: HttpRequest, waiting: OutgoingLetter | None) -> None:
    """End the undo window of a letter that waits, and say when it leaves. None: it waits no longer."""
    now = timezone.now()
    moment = services.send_now(waiting.pk, now=now) if waiting is not None else None
    if moment is None:
        messages.info(request, _("The letter is already leaving."))
    elif moment <= now:
        messages.success(request, _("The letter leaves within a minute."))
    else:
        messages.info(
            request,
            _(
                "It cannot leave at once: the limit of letters in an hour is reached (%(count)d to one receiver, "
                "%(all)d in all). It leaves at %(moment)s; until then you can take it back."
            )
            % {
                "count": settings.LETTERS_PER_RECEIVER_PER_HOUR,
                "all": settings.LETTERS_PER_HOUR,
                "moment": time_format(timezone.localtime(moment), "TIME_FORMAT"),
            },
        )


@csrf_exempt  # the upload handler must be in place before the token is read from the body
def mark_sent(request: HttpRequest, reference: str) -> HttpResponse:
    """Record that somebody sent the letter by hand, with proof."""
    uploads = bounded(request)
    return _mark_sent(request, reference, uploads)


@csrf_protect
@require_http_methods(["GET", "POST"])
def _mark_sent(request: HttpRequest, reference: str, uploads: BoundedUploads) -> HttpResponse:
    records_request = _workable(request, reference)
    if records_request.status not in {Status.READY, Status.UNDELIVERED}:
        messages.info(request, _("This letter has left already, so there is nothing to send."))
        return redirect(records_request)
    today = lawbook.local_day(records_request.jurisdiction, timezone.now())
    initial = {"method": records_request.delivery, "sent_on": today}
    posted = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    written_on = lawbook.local_day(records_request.jurisdiction, records_request.opened_at)
    form = SentByHandForm(*posted, initial=initial, written_on=written_on)
    if add_refused(form, "proof", request, uploads) and form.is_valid():
        data = form.cleaned_data
        try:
            recorded = services.mark_sent(
                records_request,
                method=data["method"],
                sent_on=data["sent_on"],
                confirmation=data["confirmation"],
                note=data["note"],
                proof=incoming(data["proof"]),
                by=signed_in(request),
                now=timezone.now(),
            )
        except filing_services.EventRefused as refusal:
            form.add_error("sent_on", str(refusal))
        except services.NotSendable as stop:
            form.add_error(None, str(stop))
        else:
            messages.success(request, _("Recorded. The dates that follow from the sending are below."))
            tell_refused(request, recorded.refused)
            return redirect(records_request)
    context = {
        "form": form,
        "records_request": records_request,
        "authority": filing.authority_behind(records_request),
        "crumbs": _crumbs(records_request, _("Mark as sent")),
    }
    return render(request, "correspondence/mark_sent.html", context, status=422 if form.errors else 200)


@csrf_exempt  # as above
def record_reply(request: HttpRequest, reference: str) -> HttpResponse:
    """Record what the agency answered, with its files."""
    uploads = bounded(request)
    return _record_reply(request, reference, uploads)


@csrf_protect
@require_http_methods(["GET", "POST"])
def _record_reply(request: HttpRequest, reference: str, uploads: BoundedUploads) -> HttpResponse:
    records_request = _workable(request, reference)
    if not can_be_answered(Status(records_request.status)):
        messages.info(request, _("This letter has not left yet, so there is no answer to record."))
        return redirect(records_request)
    possible = frozenset(str(kind) for kind in possible_events(Status(records_request.status)))
    today = lawbook.local_day(records_request.jurisdiction, timezone.now())
    source = source_of(request, records_request)
    initial = {"happened_on": today, "kind": request.GET.get("kind", "")} | (source.initial if source else {})
    posted = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    asking: dict[str, Any] = {
        "possible": possible,
        "statute": lawbook.statute_of(records_request.jurisdiction),
        "words": request.POST.get("words", initial.get("words", "")),
    }
    form = ReplyForm(*posted, initial=initial, **asking)
    unfinished = MORE_ROWS in request.POST or SUGGEST in request.POST
    if unfinished:
        form = ReplyForm(initial=typed_so_far(form, request.POST, request.FILES), **asking)
    elif add_refused(form, "returned", request, uploads) and form.is_valid():
        data = form.cleaned_data
        said: dict[str, Any] = {
            "happened_on": data["happened_on"],
            "details": form.details(),
            "note": data["note"],
            "words": data["words"],
            "files": incoming(data["returned"]),
            "by": signed_in(request),
            "now": timezone.now(),
        }
        try:
            if source is None:
                recorded = services.record_reply(records_request, data["kind"], **said)
            else:
                recorded = from_mail.record_from_mail(
                    source.message.pk, records_request, data["kind"], meaning_id=source.meaning_id, **said
                )
        except filing_services.EventRefused as refusal:
            form.add_error("happened_on", str(refusal))
        except from_mail.NotRecorded as trouble:
            form.add_error(None, str(trouble))
        else:
            messages.success(request, _("The reply is recorded, and the dates below follow from it."))
            tell_refused(request, recorded.refused)
            return redirect(records_request)
    context = {
        "form": form,
        "records_request": records_request,
        "unfinished": unfinished,
        "source": source,
        "crumbs": _crumbs(records_request, _("Record a reply")),
    }
    return render(request, "correspondence/record_reply.html", context, status=422 if form.errors else 200)


@require_GET
def outgoing(request: HttpRequest) -> HttpResponse:
    """Show what waits, what left and what failed."""
    if not permissions.can_see_outbox(request.user):
        raise PermissionDenied
    letters = delivery.for_list(queries.outgoing(request.user))
    waits_for_us = delivery.not_delivered().values("pk")
    trouble = Q(state=OutgoingLetter.State.FAILED) | Q(bounced_at__isnull=False)
    groups = [
        ("not-delivered", _("Did not arrive: choose another way"), letters.filter(trouble, pk__in=waits_for_us)),
        ("waiting", _("Waiting"), letters.filter(state__in=["queued", "sending"])),
        ("sent", _("Sent"), letters.filter(state=OutgoingLetter.State.SENT, bounced_at__isnull=True)),
        ("settled", _("Did not arrive, and seen to"), letters.filter(trouble).exclude(pk__in=waits_for_us)),
    ]
    may_send = permissions.can_send_anything(request.user)
    context = {
        "groups": [
            (key, heading, [_outgoing_line(letter, may_send and key == "not-delivered") for letter in rows[:SHOWN]])
            for key, heading, rows in groups
        ],
        "may_print": paper_permissions.can_print_many(request.user),
    }
    return render(request, "correspondence/outgoing.html", context)


def _outgoing_line(letter: OutgoingLetter, is_open: bool) -> tuple[delivery_wording.Told, str]:
    """Return a letter in words, with the page on which it is sent another way where somebody has to."""
    where = delivery_wording.another_way_url(letter.request.reference, letter) if is_open else ""
    return delivery_wording.told(delivery.Try(letter, is_open)), where


def _workable(request: HttpRequest, reference: str) -> RecordsRequest:
    visible = filing.visible_to(request.user).select_related("agency", "contact_point")
    records_request = get_object_or_404(visible, reference=reference)
    if not permissions.can_send(request.user, records_request):
        raise PermissionDenied
    return records_request


def bounded(request: HttpRequest) -> BoundedUploads:
    """Return the handler that takes the files of this request, in place before its body is read."""
    uploads = BoundedUploads(request, the_store(), upload_limit())
    request.upload_handlers = [uploads]
    return uploads


def add_refused(form: forms.Form, field: str, request: HttpRequest, uploads: BoundedUploads) -> bool:
    """Say which files could not be taken. Returns whether there is anything to validate further."""
    if request.method != "POST":
        return False
    if uploads.refused:
        form.is_valid()
        for name, trouble in uploads.refused:
            form.add_error(field, f"{name}: {trouble}")
        return False
    return True


def incoming(files: Sequence[UploadedFile[Any]]) -> list[services.IncomingFile]:
    """Return uploaded files as the services take them."""
    return [services.IncomingFile(given_name(file), file.chunks()) for file in files]


def tell_refused(request: HttpRequest, refused: Sequence[tuple[str, str]]) -> None:
    """Say which files could not be kept, and why."""
    for name, reason in refused:
        messages.error(request, f"{name}: {reason}")


def _crumbs(records_request: RecordsRequest, here: str) -> list[tuple[str, str]]:
    return [(records_request.reference, records_request.get_absolute_url()), (here, "")]
