"""Mail that came in: what waits for a coordinator, the mail of a request, and one message (`act_views` decides)."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_GET

from requests_app.correspondence.incoming import (
    blocking,
    corrections,
    permissions,
    queries,
    services,
    settling,
    showing,
    wording,
)
from requests_app.correspondence.incoming.forms import (
    AssignForm,
    BlockForm,
    DeferForm,
    MoveForm,
    PlaceForm,
    ProposeForm,
    SeenForm,
    SetAsideForm,
)
from requests_app.correspondence.incoming.models import Arrival, BulkAct, IncomingMessage, Placement, SenderRule
from requests_app.correspondence.incoming.note_words import sentences_of
from requests_app.correspondence.incoming.suggested import queries as reading_help
from requests_app.correspondence.incoming.suggested import views as suggested
from requests_app.filing import queries as filing
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Person
from requests_app.people.signed_in import signed_in

log = logging.getLogger(__name__)

PAGE = 40
LONGEST_NUMBER = 18  # digits of a row's number that both databases take
LIST_NAMES = {
    queries.WAITS: _lazy("Waits for you"),
    queries.LATER: _lazy("Later"),
    queries.FILED: _lazy("With its request"),
    queries.SET_ASIDE: _lazy("Set aside"),
    queries.ASKS: _lazy("To be recorded"),
}
LEADS = {
    queries.WAITS: _lazy("Nobody has decided about these messages yet. What waits the longest comes first."),
    queries.LATER: _lazy("Somebody left these for later. Each comes back by itself on its day."),
    queries.FILED: _lazy("Every message that is with a request, newest first."),
    queries.SET_ASIDE: _lazy("Nothing here is deleted, and no sender is shut out. Each message can be brought back."),
    queries.ASKS: _lazy(
        "These are with their request, and seem to say something to record, or hold a link to records."
    ),
}


# What can be done with many rows of each list at once, the commonest first.
ACTS_OF_LIST = {
    queries.WAITS: (BulkAct.Act.ACCEPT, BulkAct.Act.SET_ASIDE, BulkAct.Act.ASSIGN, BulkAct.Act.DEFER),
    queries.LATER: (BulkAct.Act.BRING_BACK, BulkAct.Act.ACCEPT, BulkAct.Act.SET_ASIDE, BulkAct.Act.ASSIGN),
    queries.FILED: (),
    queries.ASKS: (),
    queries.SET_ASIDE: (BulkAct.Act.BRING_BACK,),
}
BULK_WORDS = {
    BulkAct.Act.ACCEPT: _lazy("Accept the guesses"),
    BulkAct.Act.SET_ASIDE: _lazy("Set aside"),
    BulkAct.Act.ASSIGN: _lazy("Assign"),
    BulkAct.Act.DEFER: _lazy("Leave for later"),
    BulkAct.Act.BRING_BACK: _lazy("Bring back"),
}


class WordsForm(forms.Form):
    """What to look for."""

    words = forms.CharField(label=_lazy("Words in subject or sender"), max_length=100, required=False)
    whose = forms.ChoiceField(
        label=_lazy("Who sees to it"),
        choices=[("", _lazy("anybody")), (queries.MINE, _lazy("you")), (queries.NOBODYS, _lazy("nobody yet"))],
        required=False,
    )


@require_GET
def mail(request: HttpRequest) -> HttpResponse:
    """List the mail that waits for a coordinator; also what is filed, set aside or left for later."""
    if not permissions.can_settle_mail(request.user):
        raise PermissionDenied
    now = timezone.now()
    which = request.GET.get("list", "")
    which = which if which in queries.LISTS else queries.WAITS
    form = WordsForm(request.GET)
    said = form.cleaned_data if form.is_valid() else {}
    words, whose, person = said.get("words", ""), said.get("whose", ""), signed_in(request)
    rows = queries.seen_to_by(queries.with_words(queries.listed(which, now), words), whose, person)
    page = list(queries.after(rows, which, number_in(request.GET.get("after", "")))[: PAGE + 1])
    asked = {name: value for name, value in (("list", which), ("words", words), ("whose", whose)) if value}
    counts = queries.counts(person, now)
    next_url = "?" + urlencode({**asked, "after": page[PAGE - 1].pk}) if len(page) > PAGE else ""
    queries.with_requests(page[:PAGE])
    reading_help.with_findings(page[:PAGE])
    context = {
        "rows": [(message, wording.why_here(message)) for message in page[:PAGE]],
        "which": which,
        "lead": LEADS[which],
        "lists": [
            (name, label, "?" + urlencode({"list": name}), counts.get(name, 0)) for name, label in LIST_NAMES.items()
        ],
        "counted_to": queries.COUNTED_TO,
        "mine": counts[queries.MINE],
        "mine_url": "?" + urlencode({"list": queries.WAITS, "whose": queries.MINE}),
        "acts": [(act.value, BULK_WORDS[act]) for act in ACTS_OF_LIST[which]],
        "place": urlencode(asked),
        "form": form,
        "words": words,
        "whose": whose,
        "next_url": next_url,
    }
    return render(request, "correspondence/incoming/mail.html", context)


@require_GET
def next_message(request: HttpRequest) -> HttpResponse:
    """Lead to the message that waits next after one (`after`), of all or of those that one sees to (`whose`)."""
    if not permissions.can_settle_mail(request.user):
        raise PermissionDenied
    whose, passed = request.GET.get("whose", ""), number_in(request.GET.get("after", ""))
    found = queries.next_waiting(passed, whose, signed_in(request), timezone.now())
    if found is not None:
        query = "?" + urlencode({"whose": whose}) if whose in (queries.MINE, queries.NOBODYS) else ""
        return redirect(reverse("correspondence:message", args=[found]) + query)
    messages.success(request, _("No other message waits."))
    return redirect("correspondence:mail")


@require_GET
def message(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one message: its words, its files, where it is; to coordinators also why it waits, and what they can do."""
    return message_page(request, _readable(request, pk))


@require_GET
def raw(request: HttpRequest, pk: int, sha256: str) -> HttpResponseBase:
    """Send one copy of a message as it came, byte for byte. Never shown inline: it may hold anything."""
    found = to_settle(request, pk)
    copy = get_object_or_404(found.copies, pk=sha256)
    try:
        content = services.the_mail_store().open(copy.pk)
    except FileNotFoundError:
        if copy.erased_at is None:
            log.exception("the store lost mail %s of message %s", copy.pk[:12], found.pk)
        text = _("The mail as it came is not in the store any more. What was read from it is on this page.")
        messages.error(request, text)
        return redirect("correspondence:message", found.pk)
    settling.note_download(found, copy.pk, by=signed_in(request), now=timezone.now())
    name = f"mail-{found.pk}-{copy.pk[:8]}.eml"
    response = FileResponse(content, as_attachment=True, filename=name, content_type="application/octet-stream")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "private, no-store"
    return response


# --- The page of one message ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FileLine:
    """A file of a message: what it is called and is, the documents made of it, else why there is none."""

    name: str
    said_name: str
    size: int
    documents: list[tuple[str, str]]
    why: Any


def message_page(
    request: HttpRequest, found: IncomingMessage, forms_given: dict[str, SeenForm] | None = None, status: int = 200
) -> HttpResponse:
    person, may_settle = signed_in(request), permissions.can_settle_mail(request.user)
    placements = queries.placements_of(found)
    if not may_settle:
        placements = _visible(person, placements)
    running = running_of(placements)
    context: dict[str, Any] = {
        "message": found,
        "may_settle": may_settle,
        "running": running,
        "placements": placements,
        "pieces": showing.pieces_of(found.text),
        "files": _files(found, {one.request_id for one in running}),
        "notes": sentences_of(found.notes),
        "kind_words": wording.KIND_WORDS.get(found.kind, ""),
        "sender": _mailbox(found.from_address, found.from_name),
        "facts": _facts(found),
        "proof": _proof(found),
        "crumbs": _crumbs(found, running, may_settle=may_settle),
        **suggested.context_for(found, running, person),
    }
    if may_settle:
        context |= _for_coordinators(found, running, forms_given or {})
        context["may_erase"] = permissions.can_erase_mail(person)
        whose = request.GET.get("whose", "")
        context["next_query"] = urlencode({"after": found.pk, **({"whose": whose} if whose else {})})
    return render(request, "correspondence/incoming/message.html", context, status=status)


def _for_coordinators(
    found: IncomingMessage, running: list[Placement], forms_given: dict[str, SeenForm]
) -> dict[str, Any]:
    seen, history = {"seen": found.changes}, settling.history_of(found.pk)
    now = timezone.now()
    acts: dict[str, SeenForm] = {
        "place": PlaceForm(initial=seen, auto_id="place_%s"),
        "move": MoveForm(initial=seen, placements=running, auto_id="move_%s"),
        "set_aside": SetAsideForm(initial=seen, auto_id="aside_%s"),
        "defer": DeferForm(initial=seen, today=today(), auto_id="defer_%s"),
        "assign": AssignForm(
            initial=seen | {"to": found.assignee_id}, people=queries.coordinators(), auto_id="assign_%s"
        ),
        "block": BlockForm(initial=seen, auto_id="block_%s"),
        "propose": ProposeForm(
            initial=seen | {"address": showing.harmless(found.from_address)},
            agencies=agencies_of(running),
            auto_id="propose_%s",
        ),
    }
    waits = found.state == IncomingMessage.State.TRIAGE
    arrivals = queries.arrivals_of(found)
    guesses = {number for number in found.suggestions if number not in {one.request_id for one in running}}
    requests = RecordsRequest.objects.filter(pk__in=guesses).select_related("agency").order_by("reference")
    return {
        "why_here": wording.why_here(found),
        "about_sender": wording.about_sender(found),
        "rests": found.deferred_until is not None and found.deferred_until > now,
        "suggested": list(requests[: settling.MOST_REQUESTS]) if guesses else [],
        "forms": acts | forms_given,
        "why_not_blocked": blocking.why_not(SenderRule.Kind.ADDRESS, found.from_address.lower()) if waits else "",
        "may_propose": _may_propose(found, running),
        "history": [(entry.actor, wording.ACTS.get(entry.action, entry.action), entry.at) for entry in history],
        "may_undo": any(settling.can_undo(entry, found.changes) for entry in history),
        "arrivals": arrivals,
        "copies": _copies(arrivals),
        "corrections": corrections.about(found, arrivals),
    }


def _may_propose(found: IncomingMessage, running: list[Placement]) -> bool:
    """Return whether a filed message names an address that may be worth looking up."""
    is_new = "known_sender" not in found.reasons or "asks_for_new_address" in found.reasons
    return found.state == IncomingMessage.State.FILED and bool(running) and is_new


def agencies_of(placements: list[Placement]) -> list[tuple[int, str]]:
    """Return the agencies of these requests, each once, as (number, name)."""
    return list({one.request.agency_id: one.request.agency.name for one in placements}.items())


def _copies(arrivals: list[Arrival]) -> list[Any]:
    """Return each mail that holds the message, the first first."""
    return list({arrival.raw_id: arrival.raw for arrival in arrivals}.values())


def _files(found: IncomingMessage, requests: set[int]) -> list[FileLine]:
    lines = []
    for file in queries.files_of(found):
        documents = [
            (kept.document.get_absolute_url(), kept.request.reference)
            for kept in file.kept.all()
            if kept.request_id in requests
        ]
        name, original = showing.harmless(file.name), showing.harmless(file.original_name)
        why = "" if documents else wording.why_no_document(file, found)
        lines.append(FileLine(name, original if original != name else "", file.size, documents, why))
    return lines


def _facts(found: IncomingMessage) -> list[tuple[str, Any]]:
    """Return what the header says, in words."""
    return [
        (_("Subject"), showing.harmless(found.subject)),
        (_("From"), _mailbox(found.from_address, found.from_name)),
        (_("To"), _mailboxes(found.to)),
        (_("Copy to"), _mailboxes(found.cc) or _("nobody")),
        (_("Answers go to"), _mailboxes(found.reply_to) or _("the sender")),
        (_("Dated by the sender"), found.sent_at),
        (_("Message-ID"), showing.harmless(found.message_id)),
        (_("Answers the message"), showing.harmless(found.in_reply_to) or _("none")),
    ]


def _proof(found: IncomingMessage) -> list[tuple[str, str]]:
    """Return what our mail server said of the sender, method by method, and what we found ourselves."""
    said = found.authentication
    domains = {"spf": said.get("spf_domain", ""), "dmarc": said.get("dmarc_domain", "")}
    domains["dkim"] = ", ".join(said.get("dkim_domains", ()))
    domains["own_dkim"] = ", ".join(said.get("own_dkim_domains", ()))
    names = (("dmarc", "DMARC"), ("dkim", "DKIM"), ("spf", "SPF"), ("own_dkim", _("DKIM, checked here")))
    return [
        (label, showing.harmless(f"{said[name]} {domains[name]}"))
        for name, label in names
        if said.get(name, "not checked") != "not checked"
    ]


def _mailboxes(found: list[dict[str, str]], most: int = 50) -> str:
    named = [_mailbox(one.get("address", ""), one.get("name", "")) for one in found[:most]]
    return ", ".join([*named, "…"] if len(found) > most else named)


def _mailbox(address: str, name: str) -> str:
    safe_address, safe_name = showing.harmless(address), showing.harmless(name)
    return f"{safe_name} <{safe_address}>" if safe_name and safe_address else safe_name or safe_address


def _crumbs(found: IncomingMessage, running: list[Placement], *, may_settle: bool) -> list[tuple[str, str]]:
    if found.state == IncomingMessage.State.FILED and running:
        first = running[0].request
        mail_page = reverse("correspondence:request-mail", args=[first.reference])
        return [(first.reference, first.get_absolute_url()), (_("Mail"), mail_page), (_("Message"), "")]
    place = reverse("correspondence:mail") if may_settle else ""
    return [(_("Mail that waits"), place), (_("Message"), "")]


def _visible(person: Person, placements: list[Placement]) -> list[Placement]:
    requests = filing.visible_to(person).filter(pk__in={one.request_id for one in placements})
    numbers = set(requests.values_list("pk", flat=True))
    return [one for one in placements if one.request_id in numbers]


def running_of(placements: list[Placement]) -> list[Placement]:
    """Return the placements that run."""
    return [one for one in placements if one.ended_at is None]


def _readable(request: HttpRequest, pk: int) -> IncomingMessage:
    rows = queries.messages_for(request.user).select_related(
        "assignee", "settled_by", "bounced_letter", "bounced_letter__request", "rule"
    )
    return get_object_or_404(rows.defer("bounced_letter__raw"), pk=pk)


def to_settle(request: HttpRequest, pk: int) -> IncomingMessage:
    """Return a message for a coordinator to decide about. Raises PermissionDenied for anybody else."""
    if not permissions.can_settle_mail(request.user):
        raise PermissionDenied
    return _readable(request, pk)


def today() -> date:
    """Return the day of the organisation."""
    return timezone.localdate(timezone.now(), ZoneInfo(settings.ORGANISATION_TIME_ZONE))


def number_in(key: str) -> int | None:
    """Return the number of a row that an address names, None where it is none that a database takes."""
    return int(key) if key.isascii() and key.isdigit() and len(key) <= LONGEST_NUMBER else None
