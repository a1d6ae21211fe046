"""The homes, the desk, and the page of one request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_GET

from requests_app.agencies.officials import queries as officials
from requests_app.correspondence import permissions as sending
from requests_app.correspondence.delivery import queries as delivery
from requests_app.correspondence.delivery import wording as delivery_wording
from requests_app.correspondence.delivery.wording import Told as ToldTry
from requests_app.correspondence.forms import can_be_answered
from requests_app.correspondence.incoming import queries as incoming
from requests_app.correspondence.incoming.suggested.services import MAIL
from requests_app.documents import permissions as documents_permissions
from requests_app.documents import queries as documents
from requests_app.documents.handed_in import queries as handed_in
from requests_app.documents.ingest import queries as reading
from requests_app.documents.models import HandIn
from requests_app.filing import campaign_queries as campaigns
from requests_app.filing import permissions as filing_permissions
from requests_app.filing import queries as filing
from requests_app.filing.fees import cents_of
from requests_app.filing.lawbook import statute_of, todays
from requests_app.filing.lifecycle import EventKind, Outcome, Status, WaiverOutcome, possible_events
from requests_app.filing.matter import MatterRows, account_of
from requests_app.filing.models import Deadline, Delivery, Draft, Event, RecordsRequest
from requests_app.kits import editing, naming
from requests_app.kits.catalog import get_kit, objections
from requests_app.kits.later import LETTER_KEYS, letter_type
from requests_app.law.book import CODES
from requests_app.law.schema import Tolling
from requests_app.people.models import Role
from requests_app.people.signed_in import signed_in
from requests_app.people.states import name_of
from requests_app.tracking import permissions, queries
from requests_app.tracking.desk.filters import Viewer
from requests_app.tracking.forms import DeskFilterForm
from requests_app.tracking.reminders import queries as reminders
from requests_app.tracking.reminders.permissions import can_mute as may_mute
from requests_app.tracking.rows import Row, compose_lines, compose_row

PAGE_SIZE = 50
MAIL_SHOWN = 20  # messages on the page of a request; all of them have a page of their own
# What we did ourselves, or learned: a form each. What the agency answered has one form of its own, with files.
RECORDED_BY_FORM = (
    EventKind.RECEIVED,
    EventKind.CLARIFIED,
    EventKind.FEE_PAID,
    EventKind.FOLLOW_UP,
    EventKind.APPEAL_FILED,
    EventKind.APPEAL_DECIDED,
    EventKind.SEND_FAILED,
    EventKind.WITHDRAWN,
    EventKind.CLOSED,
    EventKind.REOPENED,
)
# What the button says that records the next thing of ours; for everything else, the next thing is an answer.
MAIN_ACTIONS = {
    EventKind.CLARIFIED.value: _lazy("We have answered"),
    EventKind.FEE_PAID.value: _lazy("The fee is paid or settled"),
    EventKind.APPEAL_FILED.value: _lazy("We have appealed"),
}


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Open the first thing this person works on: the desk, the reading queue, or their own letters."""
    person = signed_in(request)
    if person.has_role(Role.COORDINATOR):
        return redirect("tracking:desk")
    if person.has_role(Role.REVIEWER) and not person.has_role(Role.VOLUNTEER):
        return redirect("review:queue")
    if person.has_role(Role.VOLUNTEER):
        return redirect("tracking:letters")
    if person.has_role(Role.ADMINISTRATOR):
        return redirect("people:list")
    return render(request, "tracking/no_role.html")


@require_GET
def letters(request: HttpRequest) -> HttpResponse:
    """Show a volunteer's own letters: begun, waiting for them, waiting for the agency, done."""
    person = signed_in(request)
    if not filing_permissions.can_start_draft(person):
        raise PermissionDenied
    now = timezone.now()
    found = list(queries.letters_of(person)[: PAGE_SIZE + 1])
    rows = compose_lines(found[:PAGE_SIZE], todays(now))
    portals = {one.reference for one in found if _goes_through_a_portal(one)}
    back = {one.reference for one in found if vars(one)["letter_is_back"]} - portals
    context = {
        "more": len(found) > PAGE_SIZE,
        "back": [row for row in rows if row.reference in back],
        "waiting": [row for row in rows if row.owner == "us" and row.reference not in portals | back],
        "others": [row for row in rows if row.owner != "us" and row.reference not in back],
        "done": queries.done_letters_of(person)[:10],
        "drafts": [(draft, _draft_words(draft)) for draft in filing.drafts_of(person)[:10]],
        "portal_tasks": [row for row in rows if row.reference in portals],
        "part_size": campaigns.part_size(person),
        "unasked": queries.unasked_states(CODES),
        "follow_ups": officials.follow_ups_of(person, timezone.localdate(now)),
    }
    return render(request, "tracking/letters.html", context)


def _goes_through_a_portal(records_request: RecordsRequest) -> bool:
    """Return whether a person still has to put this letter into the agency's portal or form."""
    unsent = records_request.status in (Status.READY, Status.UNDELIVERED)
    return unsent and records_request.delivery == Delivery.PORTAL


def _draft_words(draft: Draft) -> str:
    """Return a draft in words: the state and what is asked, as far as they are chosen."""
    state = name_of(draft.jurisdiction) or _("No state yet")
    return f"{state}: {get_kit(draft.kit_id).title}" if draft.kit_id else state


@require_GET
def requests(request: HttpRequest) -> HttpResponse:
    """List the requests this person may see, newest first, with a search by reference or words."""
    form = DeskFilterForm(request.GET, people=filing.people_to_assign().only("handle"))
    filters = form.filters()
    person = signed_in(request)
    found = queries.search(person, filters, Viewer(person.pk))
    page = list(queries.with_rows(queries.newest_after(found, request.GET.get("after", ""))[: PAGE_SIZE + 1]))
    last = page[PAGE_SIZE - 1] if len(page) > PAGE_SIZE else None
    context = {
        "form": form,
        "rows": compose_lines(page[:PAGE_SIZE], todays(timezone.now())),
        "next_url": "?" + urlencode(filters.as_query() | {"after": last.pk}) if last else "",
        "searched": bool(filters.as_query()),
        "may_write": permissions.can_write_on_every_request(request.user),
    }
    return render(request, "tracking/requests.html", context)


@require_GET
def request_page(request: HttpRequest, reference: str) -> HttpResponse:
    """Show one request: where it stands, what to do, the dates and why, what happened, what came back."""
    visible = filing.with_people(filing.visible_to(request.user)).select_related("contact_point")
    visible = visible.annotate(has_hand_ins=handed_in.has_hand_ins())  # rare, and then two queries more
    records_request = get_object_or_404(visible, reference=reference)
    now = timezone.now()
    today = todays(now)[records_request.jurisdiction]
    deadlines = list(filing.current_deadlines(records_request))
    person = request.user
    may_read_letter = filing_permissions.can_read_letter(person, records_request)
    events = filing.timeline(records_request, with_words=may_read_letter)
    row = compose_row(records_request, events, deadlines, today)
    account = account_of(MatterRows(records_request, events, deadlines))
    may_record = filing_permissions.can_record_event(person, records_request)
    unlocked = filing.unlocked_texts(records_request) if may_read_letter else ()
    tries = delivery.tries_of(records_request)
    told_tries = [delivery_wording.told(one) for one in tries]
    came_in = handed_in.came_in(records_request) if vars(records_request)["has_hand_ins"] else []
    mail = list(incoming.mail_of(records_request)[: MAIL_SHOWN + 1]) if may_read_letter else []
    context = {
        "records_request": records_request,
        "row": row,
        "main_action_url": _main_action_url(row) if may_record else "",
        "main_action_label": _main_action_label(row),
        "may_write": may_record and _is_out(records_request),
        "done_otherwise": (row.action.url_kind, MAIN_ACTIONS.get(row.action.url_kind, ""))
        if row.action.letter_key and row.action.url_kind
        else None,
        "may_record_reply": may_record and can_be_answered(Status(records_request.status)),
        "running": [d for d in deadlines if d.state in {"running", "paused", "missed"}],
        "settled": [d for d in deadlines if d.state not in {"running", "paused", "missed"}],
        "timeline": _in_order(
            _with_words(events, filing.words_in(events) if may_read_letter else {}, told_tries), came_in
        ),
        "handed_in": [one for one in came_in if vars(one)["waits"]],
        "tries": told_tries,
        "not_delivered": _not_delivered(records_request, told_tries),
        "account": None if account.is_empty else account,
        "fee_clock": _fee_clock(records_request, deadlines),
        "notes": filing.notes(records_request),
        "may_mute": may_mute(person, records_request),
        "mutes": [one for one in reminders.mutes_on(records_request) if one.until >= today],
        "companions": filing.companions(records_request),
        "documents": reading.with_progress(documents.of_request(records_request)),
        "mail": mail[:MAIL_SHOWN],
        "more_mail": len(mail) > MAIL_SHOWN,
        "waiting_letter": delivery.waiting_first_letter(tries),
        "next_letters": [(letter, letter_type(letter.key).title) for letter in filing.next_letters(records_request)],
        "possible": [kind for kind in possible_events(Status(records_request.status)) if kind in RECORDED_BY_FORM],
        "may_record": may_record,
        "may_send": sending.can_send(person, records_request),
        "may_bring": documents_permissions.can_bring_documents(person, records_request),
        "may_read_letter": may_read_letter,
        "unlocked": [{"text": text, "changes": editing.diff(text.before, text.after)} for text in unlocked],
        "may_assign": filing_permissions.can_assign(person, records_request),
        "may_correct": filing_permissions.can_correct(person, records_request),
        "state_name": name_of(records_request.jurisdiction),
        "crumbs": [(_("Requests"), reverse("tracking:requests")), (records_request.reference, "")],
    }
    return render(request, "tracking/request.html", context)


def _is_out(records_request: RecordsRequest) -> bool:
    """Return whether the first letter has left and did not come back, so that another can follow it."""
    return records_request.status not in (Status.READY, Status.SENDING, Status.UNDELIVERED)


def _fee_clock(records_request: RecordsRequest, deadlines: Sequence[Deadline]) -> Tolling | None:
    """Return the law's pause over an unpaid fee while it stops one of the agency's clocks."""
    if records_request.status != Status.FEE or not any(deadline.state == "paused" for deadline in deadlines):
        return None
    tolling = statute_of(records_request.jurisdiction).tolling
    return next((toll for toll in tolling if toll.starts == "fee_estimated"), None)


@dataclass(frozen=True)
class Told:
    """One event of the timeline, with what its details say in words."""

    event: Event
    method: str
    letter_title: str
    letter_id: int | None
    grounds: str
    outcome: str
    sum: str
    words: str
    mail_id: int | None
    due: date | None
    in_time: tuple[date, date] | None
    sent: ToldTry | None = None  # the try by e-mail that the event speaks of, and what became of it

    @property
    def too_late(self) -> bool:
        """Return whether a letter left after the earliest day on which it may have been due."""
        return self.due is not None and self.in_time is None


@dataclass(frozen=True)
class CameIn:
    """What an agency handed in over a link: no event, and it stands among them by its moment."""

    hand_in: HandIn


def _in_order(told: Sequence[Told], came_in: Iterable[HandIn]) -> list[Told | CameIn]:
    """Return events, newest first as they are, and what was handed in between them by the moment it was noted."""
    left, ordered = list(came_in), list[Told | CameIn]()
    for one in told:
        while left and left[0].at > one.event.recorded_at:
            ordered.append(CameIn(left.pop(0)))
        ordered.append(one)
    return [*ordered, *map(CameIn, left)]


@dataclass(frozen=True)
class NotDelivered:
    """A letter that did not arrive and waits for somebody to choose another way."""

    told: ToldTry
    title: str
    another_way_url: str


def _not_delivered(records_request: RecordsRequest, tries: Iterable[ToldTry]) -> list[NotDelivered]:
    """Return what is a task; not a first letter that never left, for that is what the page says first anyway."""
    return [
        NotDelivered(
            one,
            letter_type(one.letter.next_letter.key).title if one.letter.next_letter else _("Our request"),
            delivery_wording.another_way_url(records_request.reference, one.letter),
        )
        for one in tries
        if one.is_open and (one.letter.next_letter_id is not None or records_request.status != Status.UNDELIVERED)
    ]


# Events of a letter before it left, or that say themselves that it did not.
_BEFORE_OR_BACK = frozenset({EventKind.QUEUED, EventKind.TAKEN_BACK, EventKind.SEND_FAILED})


def _with_words(events: Iterable[Event], kept: Mapping[int, str], tries: Iterable[ToldTry] = ()) -> list[Told]:
    """Return each event with its details in words: how a letter went and which it was, the grounds, the outcome."""
    by_name = {one.letter.message_id: one for one in tries}
    return [
        _told(
            event,
            kept.get(event.pk, ""),
            None if event.kind in _BEFORE_OR_BACK else by_name.get(str(event.details.get("message_id", ""))),
        )
        for event in events
    ]


def _told(event: Event, words: str, sent: ToldTry | None = None) -> Told:
    details, bank = event.details, objections()
    grounds = [f"{one}: {bank[one].objection}" for one in details.get("objections", []) if one in bank]
    outcomes = {
        EventKind.APPEAL_DECIDED.value: dict(Outcome.choices),
        EventKind.WAIVER_DECIDED.value: dict(WaiverOutcome.choices),
    }
    cents = cents_of(details) if event.kind in (EventKind.FEE_ESTIMATED, EventKind.FEE_PAID) else None
    due = date.fromisoformat(details["in_time_until"]) if details.get("in_time_until") else None
    last = date.fromisoformat(details["or_until"]) if details.get("or_until") else None
    return Told(
        event=event,
        method=_method_words(details.get("method", "")),
        letter_title=letter_type(details["letter_key"]).title if details.get("letter_key") in LETTER_KEYS else "",
        letter_id=details.get("letter"),
        grounds="; ".join([*grounds, *map(str, details.get("exemptions", []))]),
        outcome=str(outcomes.get(event.kind, {}).get(details.get("outcome", ""), "")),
        sum="" if cents is None else naming.dollars(cents),
        words=words,
        mail_id=details.get(MAIL),
        due=due,
        # Only by the earliest date is it certain that a step was in time.
        in_time=(due, last) if due and last and event.happened_on <= due else None,
        sent=sent,
    )


def _method_words(method: str) -> str:
    if method == "phone":
        return _("By telephone")
    return str(Delivery(method).label) if method in Delivery.values else ""


def _main_action_url(row: Row) -> str:
    """Return where the one thing to do is done; nothing where it is done on this page or by nobody."""
    action = row.action
    if action.owner == "nobody" or not action.url_name or action.url_name == "tracking:request":
        return ""
    if action.owner == "agency":
        return reverse("correspondence:record-reply", args=[row.request.reference])
    return reverse(action.url_name, args=[row.request.reference, *action.arguments])


def _main_action_label(row: Row) -> str:
    """Return what the button of the one thing to do says."""
    if row.action.letter_key:
        return _("Write this letter")
    return str(MAIN_ACTIONS.get(row.action.url_kind, _("An answer came")))
