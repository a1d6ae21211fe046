"""What a message may mean and where it put records: the section on its page, and what a person says to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from requests_app.correspondence import permissions as sending
from requests_app.correspondence.incoming import permissions, queries
from requests_app.correspondence.incoming.models import IncomingMessage, Placement
from requests_app.correspondence.incoming.suggested import meaning as wording
from requests_app.correspondence.incoming.suggested import queries as found
from requests_app.correspondence.incoming.suggested import services
from requests_app.correspondence.incoming.suggested.models import Confirmation, Meaning, ShareLink
from requests_app.filing import lawbook
from requests_app.filing import queries as filing
from requests_app.filing import services as filing_services
from requests_app.filing.lifecycle import Status, possible_events
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Person
from requests_app.people.signed_in import signed_in

LONGEST_NUMBER = 18  # digits of a row's number that both databases take


# --- the section on the page of a message -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Offer:
    """One request for which something can be recorded: in one click, or only after a look (`why_look` says why)."""

    request: RecordsRequest
    event: str
    one_click: bool
    why_look: str


@dataclass(frozen=True)
class Shown:
    """One thing that a message may say, as its page shows it."""

    meaning: Meaning
    words: str
    facts: list[tuple[str, str]]
    doubts: list[str]
    offers: list[Offer]
    recorded: list[Confirmation]
    taken_back: list[Confirmation]


def context_for(message: IncomingMessage, running: Sequence[Placement], person: Person) -> dict[str, Any]:
    """Return what the page of a message shows of reading help. Four queries, however much was found.

    Events are offered for the requests on which this person works; only there, and only once the message is filed.
    """
    meanings, links = found.meanings_of(message), found.links_of(message)
    requests = _workable(message, running, person)
    shown = [_shown(one, requests) for one in meanings]
    return {
        "meanings": [one for one in shown if one.meaning.state != Meaning.State.DISMISSED],
        "dismissed": [one for one in shown if one.meaning.state == Meaning.State.DISMISSED],
        "share_links": links,
        "open_links": any(link.state == ShareLink.State.OPEN for link in links),
        "workable": requests,
        "may_say": bool(requests) or permissions.can_settle_mail(person),
    }


def _workable(message: IncomingMessage, running: Sequence[Placement], person: Person) -> list[RecordsRequest]:
    if message.state != IncomingMessage.State.FILED or not running:
        return []
    rows = filing.visible_to(person).filter(pk__in=[one.request_id for one in running]).defer("letter")
    return [one for one in rows.order_by("reference") if sending.can_send(person, one)]


def _shown(one: Meaning, requests: Sequence[RecordsRequest]) -> Shown:
    confirmations = list(one.confirmations.all())
    standing = [each for each in confirmations if services.stands(each.event)]
    done = {each.request_id for each in standing}
    statute = lawbook.statute_of(requests[0].jurisdiction) if requests else None
    calendar = lawbook.book().calendar(requests[0].jurisdiction) if requests else None
    return Shown(
        meaning=one,
        words=wording.sentence_of(one.kind, one.values),
        facts=wording.facts_of(one.kind, one.values, statute, calendar),
        doubts=wording.doubts_of(one.kind, one.values),
        offers=[_offer(one, each) for each in requests if each.pk not in done],
        recorded=standing,
        taken_back=[each for each in confirmations if each not in standing],
    )


def _offer(one: Meaning, records_request: RecordsRequest) -> Offer:
    proposal = wording.proposal_of(one.kind, one.values, lawbook.statute_of(records_request.jurisdiction))
    possible = proposal.kind in possible_events(Status(records_request.status))
    why = ""
    if not possible:
        why = _("As the request stands (%(status)s), this cannot be recorded. Look what fits.") % {
            "status": records_request.get_status_display()
        }
    elif not proposal.complete:
        why = _("The mail does not say all that belongs to it. Add what you know.")
    elif one.level == Meaning.Level.DOUBTFUL:
        why = _("We are not sure. Read it first.")
    return Offer(records_request, str(proposal.kind.label), not why, why)


# --- acts -------------------------------------------------------------------------------------------------------------


@require_POST
def record(request: HttpRequest, pk: int) -> HttpResponse:
    """Record what a message says, as it was read, on one request. One click."""
    message, person = _message(request, pk), signed_in(request)
    one = Meaning.objects.filter(pk=_number(request.POST.get("meaning")), message=message).first()
    records_request = _request_of(request, message)
    if one is None or records_request is None:
        messages.error(request, _("Nothing was recorded: choose what to record, and on which request."))
        return redirect("correspondence:message", message.pk)
    if not sending.can_send(person, records_request):
        raise PermissionDenied
    offer = _offer(one, records_request)
    if not offer.one_click:
        messages.info(request, offer.why_look)
        return redirect(reply_url(records_request, message, one))
    proposal = wording.proposal_of(one.kind, one.values, lawbook.statute_of(records_request.jurisdiction))
    now = timezone.now()
    try:
        services.record_from_mail(
            message.pk, records_request, proposal.kind, happened_on=arrived_on(message, records_request),
            details=proposal.details, note=proposal.note, words=words_of(one), meaning_id=one.pk, by=person, now=now,
        )  # fmt: skip
    except (services.NotRecorded, filing_services.EventRefused) as trouble:
        messages.error(request, str(trouble))
    else:
        said = _("Recorded on %(reference)s: %(event)s. Was it wrong? Correct it on the page of the request.")
        messages.success(request, said % {"reference": records_request.reference, "event": offer.event})
    return redirect("correspondence:message", message.pk)


@require_POST
def dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that a message does not say this, or that nothing is to be recorded for it."""
    message = _message(request, pk, to_say=True)
    number = _number(request.POST.get("meaning"))

    def put_away() -> None:
        services.dismiss(message.pk, number, by=signed_in(request), now=timezone.now())

    return _say(request, message, put_away, _("Put away. Nothing was recorded."))


@require_POST
def take_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask again what was put away."""
    message = _message(request, pk, to_say=True)
    number = _number(request.POST.get("meaning"))
    return _say(request, message, lambda: services.take_up_again(message.pk, number), _("It is asked again."))


@require_POST
def link(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what became of a link to records."""
    message = _message(request, pk, to_say=True)
    state, number = request.POST.get("state", ""), _number(request.POST.get("link"))
    if state not in ShareLink.State.values:
        messages.error(request, _("Say what became of the link: fetched, gone, or still to be fetched."))
        return redirect("correspondence:message", message.pk)

    def settle() -> None:
        services.settle_link(message.pk, number, state, by=signed_in(request), now=timezone.now())

    return _say(request, message, settle, _("Noted."))


def _say(request: HttpRequest, message: IncomingMessage, act: Callable[[], None], said: str) -> HttpResponse:
    try:
        act()
    except services.NotRecorded as trouble:
        messages.error(request, str(trouble))
    else:
        messages.success(request, said)
    return redirect("correspondence:message", message.pk)


def _message(request: HttpRequest, pk: int, *, to_say: bool = False) -> IncomingMessage:
    """Return a message that this person may read. `to_say`: and on one of whose requests they work."""
    message = get_object_or_404(queries.messages_for(request.user).defer("text", "html"), pk=pk)
    if to_say and not permissions.can_settle_mail(request.user):
        placements = [one for one in queries.placements_of(message) if one.ended_at is None]
        if not _workable(message, placements, signed_in(request)):
            raise PermissionDenied
    return message


def _request_of(request: HttpRequest, message: IncomingMessage) -> RecordsRequest | None:
    """Return the request that the form names, if the message is there and this person may see it."""
    placed = Placement.objects.filter(message=message, ended_at__isnull=True).values("request")
    named = request.POST.get("reference", "").replace("\x00", "")[:40]
    rows = filing.visible_to(request.user).filter(pk__in=placed, reference=named)
    return rows.select_related("agency").first()


def _number(key: str | None) -> int:
    """Return the number of a row that a form names; 0, which no row has, where it names none."""
    return int(key) if key and key.isascii() and key.isdigit() and len(key) <= LONGEST_NUMBER else 0


# --- the answer form, filled in from a message ------------------------------------------------------------------------


class FromMail(forms.Form):
    """Which message an answer is recorded from, and what in it."""

    mail = forms.IntegerField(min_value=1, max_value=10**LONGEST_NUMBER)
    meaning = forms.IntegerField(min_value=1, max_value=10**LONGEST_NUMBER, required=False)


@dataclass(frozen=True)
class Source:
    """The message that an answer is recorded from, and what in it; `initial` fills the form in."""

    message: IncomingMessage
    meaning: Meaning | None
    initial: dict[str, Any]

    @property
    def sentences(self) -> list[str]:
        """Return the agency's sentences that led here."""
        return list(self.meaning.sentences) if self.meaning is not None else []

    @property
    def meaning_id(self) -> int | None:
        """Return the number of what was found, if something was."""
        return self.meaning.pk if self.meaning is not None else None


def source_of(request: HttpRequest, records_request: RecordsRequest) -> Source | None:
    """Return the message that the answer form was opened from; None where it was not, or where it does not fit."""
    form = FromMail(request.POST if "mail" in request.POST else request.GET)
    if not form.is_valid():
        return None
    on_it = Placement.objects.filter(request=records_request, ended_at__isnull=True).values("message")
    rows = queries.messages_for(request.user).filter(pk__in=on_it, state=IncomingMessage.State.FILED)
    message = rows.filter(pk=form.cleaned_data["mail"]).defer("html").first()
    if message is None:
        return None
    day = arrived_on(message, records_request)
    number = form.cleaned_data["meaning"]
    one = Meaning.objects.filter(pk=number, message=message).first() if number else None
    initial: dict[str, Any] = {"happened_on": day}
    if one is not None:
        statute = lawbook.statute_of(records_request.jurisdiction)
        proposal = wording.proposal_of(one.kind, one.values, statute)
        initial = wording.initial_of(proposal, statute, day=day, words=words_of(one))
    return Source(message, one, initial)


def reply_url(records_request: RecordsRequest, message: IncomingMessage, one: Meaning) -> str:
    """Return the address of the answer form, filled in with what a message may mean."""
    where = reverse("correspondence:record-reply", args=[records_request.reference])
    return f"{where}?mail={message.pk}&meaning={one.pk}"


def arrived_on(message: IncomingMessage, records_request: RecordsRequest) -> date:
    """Return the day on which a message came, where the agency is."""
    return lawbook.local_day(records_request.jurisdiction, message.received_at)


def words_of(one: Meaning) -> str:
    """Return the agency's sentences as they are kept beside the event."""
    return "\n\n".join(str(sentence) for sentence in one.sentences)
