"""What everybody may read, without an account: the law, the calculator, the state pages."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from requests_app.agencies.models import StateNote
from requests_app.agencies.status import queries as status
from requests_app.agencies.status.words import Standing
from requests_app.filing import lawbook
from requests_app.filing import permissions as filing_permissions
from requests_app.law.book import CODES, UnknownJurisdiction
from requests_app.law.calendars import CalendarEnds
from requests_app.law.inquiry import Inquiry, InquiryError, ask
from requests_app.law.schema import Statute
from requests_app.law.timeline import TimelineError
from requests_app.publishing import doors, law_pages, queries
from requests_app.publishing.forms import CalculatorForm, in_words_of_the_form


@login_not_required
@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """Say what Daylight is and lead to one's own state; people with an account go to their work."""
    if request.user.is_authenticated:
        return redirect("tracking:home")
    if request.GET.get("state"):  # the box beside the map, which works without a script
        return redirect("publishing:state", code=_statute(request.GET["state"]).code.lower())
    tiles = queries.places("publishing:state")
    statutes = [lawbook.statute_of(code) for code in CODES]
    context = {
        "places": tiles,
        "legend": queries.legend(tiles),
        "letter": doors.LETTER,
        "open_to_anyone": sum(statute.requester.residents_only is False for statute in statutes),
        "jurisdictions": len(statutes),
    }
    return render(request, "publishing/front.html", context)


@login_not_required
@require_safe
def law_list(request: HttpRequest) -> HttpResponse:
    """List the jurisdictions whose law is in the book."""
    return render(request, "publishing/law_list.html", {"statutes": _statutes()})


@login_not_required
@require_safe
def law(request: HttpRequest, code: str) -> HttpResponse:
    """Explain one jurisdiction's records law in plain words, with citations, sources and doubts."""
    statute = _statute(code)
    today = lawbook.local_day(statute.code, timezone.now())
    sections = law_pages.compose_sections(statute, today)
    calendar = lawbook.book().calendar(statute.code)
    doubts = law_pages.other_doubts(statute, sections)
    context = {
        "statute": statute,
        "sections": sections,
        "comparison": law_pages.compose_comparison(statute, today),
        "doubts": doubts,
        "doubts_beside_rules": len(statute.doubts) - len(doubts),
        "calendar": calendar,
        "calendar_file": lawbook.book().calendar_file(statute.code),
        "closings": law_pages.compose_closings(calendar, (today.year, today.year + 1)),
        "changes": [(doors.day_in_words(change.effective or ""), change) for change in statute.recent_changes],
        "facts": _how_to_ask(statute),
        "crumbs": [(_("The law"), reverse("publishing:law-list")), (statute.name, "")],
    }
    return render(request, "publishing/law.html", context)


@login_not_required
@require_safe
def law_compare(request: HttpRequest) -> HttpResponse:
    """Set all jurisdictions side by side."""
    now = timezone.now()
    rows = [law_pages.compose_comparison(one, lawbook.local_day(one.code, now)) for one in _statutes()]
    crumbs = [(_("The law"), reverse("publishing:law-list")), (_("Compare"), "")]
    return render(request, "publishing/law_compare.html", {"rows": rows, "crumbs": crumbs})


@login_not_required
@require_safe
def deadline_calculator(request: HttpRequest) -> HttpResponse:
    """Turn a state and dates into deadlines with their traces. Nothing is stored; the address holds the question."""
    given = request.GET.copy()
    given["state"] = given.get("state", "").strip().upper()
    given.setdefault("receipt", "received")
    asked = "on" in given
    statute = lawbook.statute_of(given["state"]) if given["state"] in CODES else None
    form = CalculatorForm(given if asked else None, initial=given.dict(), statute=statute)
    answer = _answer(form) if asked and form.is_valid() else None
    context = {
        "form": form,
        "answer": answer,
        "dates": [(row, law_pages.label_of(row)) for row in answer.projection.deadlines] if answer else [],
        "as_of": lawbook.local_day(answer.statute.code, timezone.now()) if answer else None,
        "link": request.build_absolute_uri(f"?{form.address()}#answer") if answer else "",
        "crumbs": [(_("The law"), reverse("publishing:law-list")), (_("Deadline calculator"), "")],
    }
    return render(request, "publishing/calculator.html", context, status=422 if form.errors else 200)


@login_not_required
@require_safe
def state(request: HttpRequest, code: str) -> HttpResponse:
    """Say of one state: can I ask here, whom, how long it takes, what we asked, what is known of both doors."""
    statute = _statute(code)
    today = lawbook.local_day(statute.code, timezone.now())
    note = queries.state_note(statute.code)
    standing = status.standing(statute.code)
    context = {
        "statute": statute,
        "comparison": law_pages.compose_comparison(statute, today),
        "note": note,
        "reported": queries.reported_of(standing, note),
        "known": _known_besides(note, standing),
        "reports": doors.reports_of(note.sources) if note else [],
        "standing": standing,
        "letter": doors.LETTER,
        "rolling_year": doors.ROLLING_YEAR,
        "oldest_kept": doors.oldest_kept(today),
        "agencies": queries.agencies_of(statute.code),
        "requests": queries.requests_in(request.user, statute.code),
        "newest": queries.NEWEST,
        "crumbs": _state_crumbs(request, statute),
        "may_ask": filing_permissions.can_start_draft(request.user),
    }
    return render(request, "publishing/state.html", context)


def _known_besides(note: StateNote | None, standing: Standing) -> doors.Known | None:
    """Return the known status where it says what no status line says, for example that nothing was found."""
    if note is None or not note.known_status:
        return None
    source = note.known_status.get("source")
    told = any(line.source_url == source for line in standing.lines)
    return None if told else doors.known_status(note.known_status)


def _statutes() -> list[Statute]:
    return sorted((lawbook.statute_of(code) for code in CODES), key=lambda statute: statute.name)


def _statute(code: str) -> Statute:
    try:
        return lawbook.statute_of(code)
    except UnknownJurisdiction as unknown:
        raise Http404 from unknown


def _answer(form: CalculatorForm) -> Inquiry | None:
    """Ask the law book; what it cannot answer becomes an error of the form, in words."""
    try:
        return ask(
            lawbook.book(),
            form.code,
            form.events(),
            now=timezone.now(),
            sent_by=form.sent_by,
            conditions=form.stated(),
        )
    except CalendarEnds as ends:
        form.add_error(None, _calendar_ends(ends))
    except (InquiryError, TimelineError) as problem:
        form.add_error(None, in_words_of_the_form(str(problem)))
    return None


def _calendar_ends(ends: CalendarEnds) -> str:
    words = _(
        "We know this state's holidays from %(first)s to %(last)s, and the count would need %(day)s. "
        "No date was guessed. Check the dates you gave, or count by hand."
    )
    return words % {"first": _day(ends.first), "last": _day(ends.last), "day": _day(ends.day)}


def _day(day: date) -> str:
    return date_format(day, "F j, Y")


def _state_crumbs(request: HttpRequest, statute: Statute) -> list[tuple[str, str]]:
    # The front page, with its map, is only for those who are not signed in.
    if request.user.is_authenticated:
        return [(_("The law"), reverse("publishing:law-list")), (statute.name, "")]
    return [(_("States"), reverse("publishing:front")), (statute.name, "")]


def _how_to_ask(statute: Statute) -> list[tuple[str, object]]:
    submission = statute.submission
    return [
        (_("In writing?"), law_pages.YES_NO[submission.writing_required]),
        (_("By e-mail?"), law_pages.YES_NO[submission.email_allowed]),
        (_("On the agency's own form?"), law_pages.YES_NO[submission.official_form_required]),
        (_("May they ask who you are?"), law_pages.YES_NO[submission.identification_required]),
        (_("May they ask why?"), law_pages.YES_NO[submission.purpose_may_be_asked]),
    ]
