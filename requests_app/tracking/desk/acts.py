"""What is done on a row without leaving the desk.

Each act has a page of its own that works without a script and leads back to the same place of the desk. Asked for by
htmx, it answers with the row alone: with the form opened under it, and then as it stands after the act.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from requests_app.correspondence.forms import can_be_answered
from requests_app.filing import lawbook
from requests_app.filing import permissions as rights
from requests_app.filing import queries as filing
from requests_app.filing import services as filing_services
from requests_app.filing.forms.answers import MORE_ROWS, SUGGEST, typed_so_far
from requests_app.filing.forms.later import described
from requests_app.filing.forms.recording import ASKED, SECTIONS, AssignForm, EventForm, NoteForm, asked_of
from requests_app.filing.lifecycle import EventKind, Status, possible_events
from requests_app.filing.models import NextLetter, RecordsRequest
from requests_app.filing.writing import way_of
from requests_app.kits.later import letter_type
from requests_app.people.models import Person
from requests_app.tracking import permissions
from requests_app.tracking.desk import queries, services
from requests_app.tracking.desk.filters import place_of
from requests_app.tracking.desk.forms import SnoozeForm
from requests_app.tracking.desk.services import DeskRefused, Done, Undo
from requests_app.tracking.desk.snoozing import limit_of
from requests_app.tracking.desk.views import JUST_DONE, Desk, desk_for, row_context
from requests_app.tracking.queries import with_rows


class OneRow:
    """One row of the desk while something is done on it."""

    def __init__(self, request: HttpRequest, reference: str) -> None:
        """Find the row among those that this person sees. Raises PermissionDenied and Http404."""
        self.request = request
        self.here: Desk = desk_for(request)
        self.person: Person = self.here.person
        if not permissions.can_share_out(self.person):
            raise PermissionDenied
        rows = with_rows(filing.visible_to(self.person).order_by())
        self.row: RecordsRequest = get_object_or_404(rows, reference=reference)
        given = request.POST if request.method == "POST" else request.GET
        self.place = place_of(given.get("back", ""))

    @property
    def in_place(self) -> bool:
        """Whether a script asks for the row alone."""
        return self.request.headers.get("HX-Request") == "true"

    @property
    def way_back(self) -> str:
        """The place of the desk from which the act was begun."""
        query = f"?{self.place}" if self.place else ""
        return f"{reverse('tracking:desk')}{query}#row-{self.row.reference}"

    def posted(self) -> QueryDict | None:
        """Return what was posted, be it nothing at all; None for a form that is only looked at."""
        return self.request.POST if self.request.method == "POST" else None

    def show(self, panel: str = "", form: forms.BaseForm | None = None, **more: Any) -> HttpResponse:
        """Return the row with a panel opened under it."""
        if form is not None and not form.errors:
            first = next((field for field in form.visible_fields()), None)
            if first is not None:
                first.field.widget.attrs["data-dl-focus"] = ""
        (line,) = self.here.lines([self.row])
        context = {
            "rows": [line],
            "row": line,
            "records_request": self.row,
            "panel": f"tracking/desk/{panel}.html" if panel else "",
            "form": form,
            "crumbs": [(_("Desk"), self.way_back), (self.row.reference, "")],
            "way_back": self.way_back,
            **row_context(self.person, queries.look_of(self.person), self.place),
            **more,
        }
        template = "tracking/desk/_items.html" if self.in_place else "tracking/desk/act.html"
        # htmx leaves the page as it is when a form is answered with an error: the form with its errors is a page, too.
        failed = form is not None and form.errors and not self.in_place
        answer = render(self.request, template, context, status=422 if failed else 200)
        if self.in_place:
            answer["HX-Push-Url"] = "false"  # the page stays the desk, whatever was opened on it
        return answer

    def done(self, done: Done) -> HttpResponse:
        """Return the row as it stands now, with what was done and the way to take it back."""
        if self.in_place:
            self.row = with_rows(RecordsRequest.objects.order_by()).get(pk=self.row.pk)
            self.here = replace(self.here, asleep=queries.asleep(self.here.todays))
            return self.show(done=done)
        leave(self.request, done)
        return redirect(self.way_back)


def leave(request: HttpRequest, done: Done) -> None:
    """Tell on the next page what was done, with a button to take it back."""
    if done.undo is None:
        messages.success(request, done.sentence)
    else:
        request.session[JUST_DONE] = {"sentence": done.sentence, "what": done.undo.what, "pk": done.undo.pk}


@require_GET
def row(request: HttpRequest, reference: str) -> HttpResponse:
    """Show a row as it stands."""
    return OneRow(request, reference).show(focus_row=True)


@require_GET
def choose_event(request: HttpRequest, reference: str) -> HttpResponse:
    """Ask what happened, in the words of a person, by whose doing it is."""
    one = OneRow(request, reference)
    status = Status(one.row.status)
    possible = set(possible_events(status))
    sections = [
        (title, [(kind.value, asked) for kind, asked in ASKED.items() if asked.whose == whose and kind in possible])
        for whose, title in SECTIONS
    ]
    return one.show("_what", sections=sections, may_record_reply=can_be_answered(status))


@require_http_methods(["GET", "POST"])
def record(request: HttpRequest, reference: str, kind: str) -> HttpResponse:
    """Record one event of one kind."""
    one = OneRow(request, reference)
    if kind not in EventKind.values or EventKind(kind) not in ASKED:
        raise Http404
    chosen, jurisdiction = EventKind(kind), one.row.jurisdiction
    asking: dict[str, Any] = {
        "kind": chosen,
        "today": lawbook.local_day(jurisdiction, one.here.now),
        "zone": lawbook.zone_of(jurisdiction),
        "statute": lawbook.statute_of(jurisdiction),
        "words": request.POST.get("words", ""),
        "auto_id": f"id_{reference}_%s",
    }
    form = EventForm(one.posted(), **asking)
    if MORE_ROWS in request.POST or SUGGEST in request.POST:
        form = EventForm(initial=typed_so_far(form, request.POST, request.FILES), **asking)
    if form.is_valid():
        try:
            event = filing_services.record_answer(
                one.row.pk, chosen, **form.values(), words=form.words(), by=one.person, now=one.here.now
            )
        except filing_services.EventRefused as refused:
            form.add_error(None, str(refused))
        else:
            sentence = _("Recorded. %(then)s") % {"then": asked_of(chosen).then}
            return one.done(Done(sentence, Undo("event", event.pk)))
    impossible = chosen not in possible_events(Status(one.row.status))
    return one.show(
        "_record", form, asked=asked_of(chosen), kind=kind, impossible=impossible, suggesting="words" in form.fields
    )


@require_http_methods(["GET", "POST"])
def snooze(request: HttpRequest, reference: str) -> HttpResponse:
    """Leave the row off the desk until a day."""
    one = OneRow(request, reference)
    today = lawbook.local_day(one.row.jurisdiction, one.here.now)
    limit = limit_of(filing.current_deadlines(one.row))
    form = SnoozeForm(one.posted(), today=today, limit=limit, auto_id=f"id_{reference}_%s")
    if form.is_valid():
        try:
            done = services.snooze(one.row.pk, **form.cleaned_data, by=one.person, now=one.here.now)
        except DeskRefused as refused:
            form.add_error("until", str(refused))
        else:
            return one.done(done)
    return one.show("_snooze", form)


@require_POST
def wake(request: HttpRequest, reference: str) -> HttpResponse:
    """Bring a sleeping row back to the desk."""
    one = OneRow(request, reference)
    if services.wake(one.row.pk, by=one.person, now=one.here.now):
        return one.done(Done(_("%(reference)s is on the desk again.") % {"reference": reference}))
    return one.done(Done(_("%(reference)s was awake already.") % {"reference": reference}))


@require_http_methods(["GET", "POST"])
def assign(request: HttpRequest, reference: str) -> HttpResponse:
    """Give the row to somebody."""
    one = OneRow(request, reference)
    if not rights.can_assign(one.person, one.row):
        raise PermissionDenied
    form = AssignForm(
        one.posted(),
        people=filing.people_to_assign().only("handle"),
        initial={"assignee": one.row.assignee_id},
        auto_id=f"id_{reference}_%s",
    )
    if form.is_valid():
        to = form.cleaned_data["assignee"]
        return one.done(services.assign(one.row.pk, to=to, by=one.person, now=one.here.now))
    return one.show("_assign", form)


@require_http_methods(["GET", "POST"])
def note(request: HttpRequest, reference: str) -> HttpResponse:
    """Leave a note on the row."""
    one = OneRow(request, reference)
    form = NoteForm(one.posted(), auto_id=f"id_{reference}_%s")
    if form.is_valid():
        return one.done(services.note(one.row.pk, text=form.cleaned_data["text"], by=one.person, now=one.here.now))
    return one.show("_note", form, notes=filing.notes(one.row)[:3])


@require_http_methods(["GET", "POST"])
def letter(request: HttpRequest, reference: str) -> HttpResponse:
    """Send the letter that is written, after a look at what it is and where it goes."""
    one = OneRow(request, reference)
    written = queries.open_letters([one.row.pk]).get(one.row.pk, [])
    if not written:
        if one.in_place:
            return one.show("_no_letter")
        return redirect("correspondence:next-letters", reference)
    chosen, trouble = written[0], ""
    if request.method == "POST":
        shown = (request.POST.get("letter", ""), request.POST.get("seen", ""))
        found = next((letter for letter in written if (str(letter.pk), str(letter.changes)) == shown), None)
        try:
            if found is None:
                raise DeskRefused(services.NOT_THAT_LETTER)
            chosen = found
            return one.done(services.send(found.pk, seen_changes=found.changes, by=one.person, now=one.here.now))
        except DeskRefused as refused:
            trouble = str(refused)
    stored = NextLetter.objects.select_related("contact_point", "body_contact", "changed_by").get(pk=chosen.pk)
    return one.show(
        "_letter",
        letter=stored,
        title=letter_type(stored.key).title,
        to=described(way_of(stored)),
        by_email=stored.delivery == "email",
        queued=chosen.queued,
        trouble=trouble,
    )


@require_POST
def undo(request: HttpRequest, what: str, pk: int) -> HttpResponse:
    """Take back one's own act."""
    here = desk_for(request)
    if not permissions.can_share_out(here.person):
        raise PermissionDenied
    try:
        taken_from, sentence = services.undo(what, pk, by=here.person, now=here.now)
    except (DeskRefused, filing_services.EventRefused) as refused:
        messages.error(request, str(refused))
        return _back_from_undo(request)
    if request.headers.get("HX-Request") == "true":
        return OneRow(request, taken_from.reference).done(Done(sentence))
    messages.success(request, sentence)
    return _back_from_undo(request)


def _back_from_undo(request: HttpRequest) -> HttpResponse:
    place = place_of(request.POST.get("back", ""))
    where = reverse("tracking:desk") + (f"?{place}" if place else "")
    if request.headers.get("HX-Request") == "true":
        # The words wait on the page to which the script goes.
        return HttpResponse(status=204, headers={"HX-Redirect": where})
    return redirect(where)
