"""What everybody may read, without an account: the law, the calculator, the state pages."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from requests_app.filing import lawbook
from requests_app.filing import permissions as filing_permissions
from requests_app.law.book import CODES, UnknownJurisdiction
from requests_app.law.calendars import CalendarEnds
from requests_app.law.inquiry import InquiryError, ask
from requests_app.law.schema import Statute
from requests_app.law.timeline import TimelineError
from requests_app.publishing import law_pages, queries
from requests_app.publishing.forms import CalculatorForm


@login_not_required
@require_GET
def front(request: HttpRequest) -> HttpResponse:
    """Say what Daylight is and lead to one's own state; people with an account go to their work."""
    if request.user.is_authenticated:
        return redirect("tracking:home")
    return render(request, "publishing/front.html", {"places": queries.places("publishing:state")})


@login_not_required
@require_GET
def law_list(request: HttpRequest) -> HttpResponse:
    """List the jurisdictions whose law is in the book."""
    statutes = sorted((lawbook.statute_of(code) for code in CODES), key=lambda statute: statute.name)
    return render(request, "publishing/law_list.html", {"statutes": statutes})


@login_not_required
@require_GET
def law(request: HttpRequest, code: str) -> HttpResponse:
    """Explain one jurisdiction's records law in plain words, with citations, sources and doubts."""
    statute = _statute(code)
    context = {
        "statute": statute,
        "sections": law_pages.compose_sections(statute),
        "facts": _how_to_ask(statute),
        "crumbs": [(_("The law"), reverse("publishing:law-list")), (statute.name, "")],
        "may_ask": filing_permissions.can_start_draft(request.user),
    }
    return render(request, "publishing/law.html", context)


@login_not_required
@require_GET
def law_compare(request: HttpRequest) -> HttpResponse:
    """Set all jurisdictions side by side."""
    statutes = sorted((lawbook.statute_of(code) for code in CODES), key=lambda statute: statute.name)
    rows = [law_pages.compose_comparison(statute) for statute in statutes]
    crumbs = [(_("The law"), reverse("publishing:law-list")), (_("Compare"), "")]
    return render(request, "publishing/law_compare.html", {"rows": rows, "crumbs": crumbs})


@login_not_required
@require_GET
def deadline_calculator(request: HttpRequest) -> HttpResponse:
    """Turn a state and dates into deadlines with their traces."""
    asked = "state" in request.GET and "receipt" in request.GET
    initial = {"state": request.GET.get("state", "").upper(), "receipt": "received"}
    form = CalculatorForm(request.GET if asked else None, initial=initial)
    answer = None
    if asked and form.is_valid():
        try:
            answer = ask(lawbook.book(), form.code, form.events(), now=timezone.now(), sent_by=form.sent_by)
        except (InquiryError, TimelineError, CalendarEnds) as problem:
            form.add_error(None, str(problem))
    context = {
        "form": form,
        "answer": answer,
        "crumbs": [(_("The law"), reverse("publishing:law-list")), (_("Deadline calculator"), "")],
    }
    return render(request, "publishing/calculator.html", context, status=422 if form.errors else 200)


@login_not_required
@require_GET
def state(request: HttpRequest, code: str) -> HttpResponse:
    """Say of one state: can I ask here, whom, how long it takes, what is known, what we asked."""
    statute = _statute(code)
    context = {
        "statute": statute,
        "comparison": law_pages.compose_comparison(statute),
        "note": queries.state_note(statute.code),
        "agencies": queries.agencies_of(statute.code),
        "requests": queries.requests_in(request.user, statute.code),
        "crumbs": [(_("States"), reverse("publishing:front")), (statute.name, "")],
        "may_ask": filing_permissions.can_start_draft(request.user),
    }
    return render(request, "publishing/state.html", context)


def _statute(code: str) -> Statute:
    try:
        return lawbook.statute_of(code)
    except UnknownJurisdiction as unknown:
        raise Http404 from unknown


def _how_to_ask(statute: Statute) -> list[tuple[str, object]]:
    submission = statute.submission
    return [
        (_("In writing?"), law_pages.YES_NO[submission.writing_required]),
        (_("By e-mail?"), law_pages.YES_NO[submission.email_allowed]),
        (_("On the agency's own form?"), law_pages.YES_NO[submission.official_form_required]),
        (_("May they ask who you are?"), law_pages.YES_NO[submission.identification_required]),
        (_("May they ask why?"), law_pages.YES_NO[submission.purpose_may_be_asked]),
    ]
