"""The pages of a letter that left: its proof of sending, and another way for one that did not arrive."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from requests_app.agencies.contact_values import ContactValueError
from requests_app.correspondence import permissions
from requests_app.correspondence.delivery import again, closing, queries, wording
from requests_app.correspondence.delivery.forms import NEW, ArrivedForm, WayForm, form_for
from requests_app.correspondence.delivery.queries import Alternative, Try
from requests_app.correspondence.delivery.reports import server_words
from requests_app.correspondence.incoming.models import IncomingMessage
from requests_app.correspondence.incoming.showing import harmless
from requests_app.correspondence.models import OutgoingLetter
from requests_app.correspondence.services import NotSendable
from requests_app.filing import lawbook
from requests_app.filing import permissions as filing_permissions
from requests_app.filing import queries as filing
from requests_app.filing.lifecycle import Status
from requests_app.filing.models import Delivery, NextLetter, RecordsRequest
from requests_app.filing.writing import Way
from requests_app.kits.later import letter_type
from requests_app.people.models import Person
from requests_app.people.signed_in import signed_in


@dataclass(frozen=True)
class Offered:
    """One way as the page offers it: what its button says, and the form behind it."""

    alternative: Alternative
    button: str
    form: WayForm


# --- another way ------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def another_way(request: HttpRequest, reference: str) -> HttpResponse:
    """Send the first letter, which did not arrive, again by another address or way."""
    person, records_request = _workable(request, reference)
    tries = [one for one in queries.tries_of(records_request) if one.letter.next_letter_id is None]
    back = any(one.letter.bounced_at is not None for one in tries[:1])
    may_go = records_request.status in (Status.READY, Status.UNDELIVERED) or (
        records_request.status == Status.SENT and back
    )
    if not may_go:
        messages.info(request, _("This letter is on its way or has arrived, so no other way is needed."))
        return redirect(records_request)
    return _another_way(request, person, records_request, None, tries)


@require_http_methods(["GET", "POST"])
def later_another_way(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """Send a later letter, which did not arrive, again by another address or way."""
    person, records_request = _workable(request, reference)
    letters = NextLetter.objects.select_related("sent_event", "contact_point", "body_contact", "changed_by")
    letter = get_object_or_404(letters, request=records_request, pk=pk)
    tries = [one for one in queries.tries_of(records_request) if one.letter.next_letter_id == letter.pk]
    trouble = tries and (tries[0].letter.bounced_at is not None or tries[0].letter.state == "failed")
    if not trouble or letter.state not in (NextLetter.State.DRAFT, NextLetter.State.SENT):
        messages.info(request, _("This letter is on its way or has arrived, so no other way is needed."))
        return redirect("correspondence:next-letter", reference, pk)
    return _another_way(request, person, records_request, letter, tries)


def _another_way(
    request: HttpRequest, person: Person, records_request: RecordsRequest, later: NextLetter | None, tries: list[Try]
) -> HttpResponse:
    found = queries.alternatives_for(records_request, later)
    posted = request.POST if request.method == "POST" else None
    key = request.POST.get("way", "")
    seen = later.changes if later is not None else 0
    offered = [
        Offered(
            one,
            wording.button_for(one),
            form_for(one.key, needs_a_look=one.needs_a_look, posted=posted if one.key == key else None, seen=seen),
        )
        for one in found
    ]
    new = form_for(NEW, needs_a_look=True, posted=posted if key == NEW else None, seen=seen)
    chosen = new if key == NEW else next((one.form for one in offered if one.alternative.key == key), None)
    if posted is not None and chosen is None:
        messages.error(request, _("That address is no longer in use. Nothing was sent. Choose one of those below."))
    if chosen is not None and chosen.is_valid():
        way = next((one.alternative.way for one in offered if one.form is chosen), None)
        try:
            return _go(request, person, records_request, later, way, chosen)
        except (NotSendable, ContactValueError) as stop:
            chosen.add_error("address" if key == NEW and isinstance(stop, ContactValueError) else None, str(stop))
    main = queries.main_way([one.alternative for one in offered])
    context = {
        "records_request": records_request,
        "later": later,
        "title": letter_type(later.key).title if later is not None else _("Our request"),
        "tries": [wording.told(one) for one in tries],
        "offered": offered,
        "new": new,
        "main": main.key if main is not None else NEW,
        "error_form": chosen if chosen is not None and chosen.errors else None,
        "phones": queries.phones_of(records_request),
        "follows": _what_follows(records_request, later),
        "undo_minutes": settings.SEND_UNDO_MINUTES,
        "arrived": ArrivedForm(auto_id="arrived-%s") if tries and tries[0].is_open else None,
        "crumbs": [
            (records_request.reference, records_request.get_absolute_url()),
            (_("Another way"), ""),
        ],
    }
    failed = posted is not None
    return render(request, "correspondence/delivery/another_way.html", context, status=422 if failed else 200)


def _go(
    request: HttpRequest,
    person: Person,
    records_request: RecordsRequest,
    later: NextLetter | None,
    way: Way | None,
    form: WayForm,
) -> HttpResponse:
    """Send the letter by the chosen way, and open the page on which that goes on."""
    now, said = timezone.now(), form.cleaned_data
    where_seen = said.get("where_seen", "")
    if way is None:
        way = again.propose_address(
            records_request, said["address"], later=later, where_seen=where_seen, by=person, now=now
        )
    if later is None:
        again.send_again(records_request, way, where_seen=where_seen, by=person, now=now)
    else:
        again.send_later_again(later, way, seen_changes=said["seen"], where_seen=where_seen, by=person, now=now)
    if way.delivery == Delivery.EMAIL:
        messages.success(
            request,
            _("The letter to %(address)s waits in the outbox. You can still take it back.") % {"address": way.address},
        )
    else:
        messages.success(
            request,
            _("The letter goes another way now: %(way)s. Send it, and then record that here.")
            % {"way": way.delivery.label},
        )
    if later is not None:
        return redirect("correspondence:next-letter", records_request.reference, later.pk)
    if way.delivery == Delivery.PORTAL:
        return redirect("correspondence:portal-task", records_request.reference)
    return redirect(records_request)


def _what_follows(records_request: RecordsRequest, later: NextLetter | None) -> list[str]:
    """Return in sentences what sending again does to the record, and what it does not."""
    if later is None:
        if records_request.status != Status.SENT:
            return [_("No date runs now. The dates begin with the day on which it leaves.")]
        return [
            _("The timeline then says that the first letter did not arrive, with the report as its source."),
            _("The dates that count from the first sending stop. New ones begin with the day on which it leaves."),
        ]
    if later.state == NextLetter.State.DRAFT or later.sent_event is None:
        return [_("The timeline hears of it when it leaves.")]
    found = [
        _("The timeline is corrected: this letter did not arrive. Dates that count from it stop until it leaves again.")
    ]
    due = later.sent_event.details.get("in_time_until")
    if due:
        day = date_format(date.fromisoformat(due), "l, F j, Y")
        found.append(
            _("It had to be there by %(day)s. The report proves that you sent it before; keep it for that.")
            % {"day": day}
        )
    return found


@require_POST
def arrived(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """Say that nothing is to be done about a letter that a mail server could not deliver."""
    person, records_request = _workable(request, reference)
    letter = get_object_or_404(OutgoingLetter.objects.defer("raw"), request=records_request, pk=pk)
    form = ArrivedForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say why nothing is to be done, so that others understand. Nothing was changed."))
    elif letter.bounced_at is None and letter.state != OutgoingLetter.State.FAILED:
        messages.info(request, _("Nothing says that this letter did not arrive. Nothing was changed."))
    elif closing.close_try(letter, why=form.cleaned_data["why"], by=person, now=timezone.now()):
        messages.success(request, _("Noted. It is no task any more; what the mail server said stays with the letter."))
    else:
        messages.info(request, _("Somebody decided about this letter before. Nothing was changed."))
    return redirect("correspondence:proof", reference, pk)


# --- proof of sending -------------------------------------------------------------------------------------------------


@require_GET
def proof(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """Show what is known of one try: to whom, when, what the mail servers said, and the reports. Made to be printed."""
    visible = filing.with_people(filing.visible_to(request.user)).select_related("contact_point")
    records_request = get_object_or_404(visible, reference=reference)
    if not filing_permissions.can_read_letter(request.user, records_request):
        raise PermissionDenied
    rows = OutgoingLetter.objects.select_related("queued_by", "settled_by", "bounce_message", "next_letter")
    letter = get_object_or_404(rows, request=records_request, pk=pk)
    tries = [one for one in queries.tries_of(records_request) if one.letter.next_letter_id == letter.next_letter_id]
    this = next(one for one in tries if one.letter.pk == letter.pk)
    may_send = permissions.can_send(request.user, records_request)
    context = {
        "records_request": records_request,
        "letter": letter,
        "title": letter_type(letter.next_letter.key).title if letter.next_letter else _("Our request"),
        "told": wording.told(this),
        "facts": _facts(letter, lawbook.zone_of(records_request.jurisdiction)),
        "reports": [_report(letter, one) for one in queries.reports_of(letter)],
        "others": [wording.told(one) for one in tries if one.letter.pk != letter.pk],
        "another_way_url": wording.another_way_url(records_request.reference, letter)
        if may_send and this is tries[0] and this.standing in wording.IN_TROUBLE
        else "",
        "arrived": ArrivedForm(auto_id="arrived-%s") if may_send and this.is_open else None,
        "crumbs": [(records_request.reference, records_request.get_absolute_url()), (_("Proof of sending"), "")],
    }
    return render(request, "correspondence/delivery/proof.html", context)


def _facts(letter: OutgoingLetter, zone: ZoneInfo) -> list[tuple[str, Any]]:
    raw = letter.raw.encode("utf-8")
    return [
        (_("Reference"), letter.request.reference),
        (_("To"), letter.to_address),
        (_("Subject"), letter.subject),
        (_("Put in the outbox"), f"{_moment(letter.queued_at, zone)}, {letter.queued_by.handle}"),
        (_("Taken by the mail server"), _moment(letter.sent_at, zone) if letter.sent_at else _("no")),
        (_("What the mail server said"), harmless(letter.answer or letter.failure) or _("nothing")),
        (_("Tries"), letter.attempts),
        ("Message-ID", letter.message_id),
        (_("Size of the message"), _("%(bytes)s bytes") % {"bytes": f"{len(raw):,}"}),
        (_("SHA-256 of the message"), hashlib.sha256(raw).hexdigest()),
    ]


def _moment(moment: Any, zone: ZoneInfo) -> str:
    return date_format(moment.astimezone(zone), "l, F j, Y, H:i:s e")


def _report(letter: OutgoingLetter, report: IncomingMessage) -> dict[str, Any]:
    """Return what one report says, in words and as it says it."""
    said = {name: harmless(server_words(str(value))) for name, value in report.bounce.items()}
    return {
        "message": report,
        "words": wording.report_words(letter.to_address, said),
        "said": [
            (_("Recipient it names"), said.get("recipient") or _("none")),
            (_("Status"), said.get("status") or _("none")),
            (_("Its own words"), said.get("diagnostic") or _("none")),
            (_("Sent by"), harmless(report.from_address)),
        ],
    }


def _workable(request: HttpRequest, reference: str) -> tuple[Person, RecordsRequest]:
    visible = filing.with_people(filing.visible_to(request.user)).select_related("contact_point")
    records_request = get_object_or_404(visible, reference=reference)
    may_read = filing_permissions.can_read_letter(request.user, records_request)
    if not permissions.can_send(request.user, records_request) or not may_read:
        raise PermissionDenied
    return signed_in(request), records_request
