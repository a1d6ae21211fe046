"""Pages of the post: print one letter, record that it was posted, the log, and what became of each letter."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from requests_app.agencies.importing import export_cell
from requests_app.correspondence import permissions as correspondence
from requests_app.correspondence.paper import permissions, posting, printing, queries
from requests_app.correspondence.paper.by_hand import Way, record_leaving
from requests_app.correspondence.paper.forms import LogForm, OutcomeForm, PackForm, PostedForm, StrikeForm
from requests_app.correspondence.paper.models import Posting
from requests_app.correspondence.paper.pages import At, letter_at, number, pdf_response, title_of
from requests_app.correspondence.paper.sheets import PaperLetter
from requests_app.correspondence.paper.tracking_numbers import NotANumber, parse_tracking_number
from requests_app.correspondence.services import Recorded
from requests_app.correspondence.views import add_refused, bounded, incoming, tell_refused
from requests_app.documents.uploads import BoundedUploads
from requests_app.filing import lawbook
from requests_app.filing import services as filing_services
from requests_app.people.signed_in import signed_in

PAGE = 50
TRACKING_PAGES = {
    "usps": "https://tools.usps.com/go/TrackConfirmAction?tLabels=",
    "ups": "https://www.ups.com/track?tracknum=",
    "fedex": "https://www.fedex.com/fedextrack/?trknbr=",
}


# --- one letter -------------------------------------------------------------------------------------------------------


def _pack_form(request: HttpRequest, at: At, *, current: int, bound: bool) -> PackForm:
    has_request = at.letter is not None and bool(at.request.letter)
    initial = {"duplex": True, "with_request": True}
    return PackForm(
        request.GET if bound else None,
        contacts=at.contacts,
        current=current,
        has_request=has_request,
        initial=initial,
    )


@require_GET
def post(request: HttpRequest, reference: str, pk: int | None = None) -> HttpResponse:
    """Send a letter by post, step by step: print it, post it, record it."""
    at = letter_at(request, reference, pk)
    paper = at.paper()
    context = {
        "at": at,
        "records_request": at.request,
        "paper": paper,
        "form": _pack_form(request, at, current=paper.contact.pk if paper.contact else 0, bound=False),
        "pack_url": at.url("post-pack"),
        "sent_url": at.url("post-sent"),
        "doubtful": paper.contact is not None and not paper.contact.may_be_used_unasked,
        "postings": list(queries.postings_of(at.request)),
        "crumbs": at.crumbs(_("By post")),
    }
    return render(request, "correspondence/paper/post.html", context)


@require_GET
def post_pack(request: HttpRequest, reference: str, pk: int | None = None) -> HttpResponse:
    """Return the PDF of one letter for the post. Not with anything chosen that is not on the page."""
    at = letter_at(request, reference, pk)
    form = _pack_form(request, at, current=0, bound=True)
    if not form.is_valid():
        messages.error(request, _("Nothing was printed: choose envelope, size and how it is posted."))
        return redirect(at.url("post"))
    chosen = form.cleaned_data.get("contact") or 0
    with_request = form.cleaned_data.get("with_request")
    paper = at.paper(chosen=chosen, with_request=with_request)
    return pdf_response(printing.pack(paper, form.options()), f"{paper.stem}-post.pdf")


@csrf_exempt  # the upload handler must be in place before the token is read from the body
def post_sent(request: HttpRequest, reference: str, pk: int | None = None) -> HttpResponse:
    """Record that a letter was posted, with its number and the proof."""
    return _post_sent(request, reference, pk, bounded(request))


@csrf_protect
@require_http_methods(["GET", "POST"])
def _post_sent(request: HttpRequest, reference: str, pk: int | None, uploads: BoundedUploads) -> HttpResponse:
    return record_leaving(request, letter_at(request, reference, pk), uploads, BY_POST)


def _record_posted(at: At, paper: PaperLetter, form: PostedForm, now: datetime) -> Recorded:
    said = form.cleaned_data
    _made, recorded = posting.record_posted(
        at.request,
        at.letter,
        carrier=said["carrier"],
        service=said["service"],
        number=said["number"],
        number_doubted=said["doubted"],
        posted_on=said["posted_on"],
        note=said["note"],
        proof=incoming(said["proof"]),
        seen_changes=at.seen_changes,
        by=at.person,
        now=now,
    )
    return recorded


BY_POST = Way(
    template="correspondence/paper/posted.html",
    day="posted_on",
    begins="post",
    begins_title=_lazy("By post"),
    title=_lazy("Posted"),
    done=_lazy("Recorded. When the receipt comes back, record that under “By post”."),
    form=lambda data, files, at, paper: PostedForm(
        data, files, initial={"posted_on": at.today}, written_on=at.written_on(paper)
    ),
    record=_record_posted,
)


# --- the log ----------------------------------------------------------------------------------------------------------


@require_GET
def log(request: HttpRequest) -> HttpResponse:
    """Everything that was posted, newest first, with what became of it."""
    if not permissions.can_see_logs(request.user):
        raise PermissionDenied
    form = LogForm(request.GET)
    said = form.narrowing()
    rows = queries.narrowed(queries.postings(request.user), said)
    day, _tilde, row = request.GET.get("after", "").partition("~")
    after = number(row) if _day(day) else None
    page = list(queries.postings_after(rows, day, after)[: PAGE + 1])
    asked = {name: value for name in form.fields if (value := request.GET.get(name, "")) and name in said}
    last = page[PAGE - 1] if len(page) > PAGE else None
    context = {
        "rows": [(one, title_of(one.next_letter), _grouped(one)) for one in page[:PAGE]],
        "form": form,
        "narrowed": bool(said),
        "csv_url": f"{reverse('correspondence:post-log-csv')}?{urlencode(asked)}",
        "next_url": "?" + urlencode({**asked, "after": f"{last.posted_on}~{last.pk}"}) if last is not None else "",
        "may_print": permissions.can_print_many(request.user),
        "crumbs": [(_("Post"), "")],
    }
    return render(request, "correspondence/paper/post_log.html", context)


def _day(text: str) -> bool:
    try:
        return parse_date(text) is not None and text.isascii()
    except ValueError:
        return False


def _grouped(row: Posting) -> str:
    try:
        return parse_tracking_number(row.number).grouped if row.number else ""
    except NotANumber:
        return row.number


CSV_COLUMNS = (
    *("reference", "state", "agency", "letter", "carrier", "service", "number", "number_doubted", "posted_on"),
    *("recorded_by", "outcome", "outcome_on", "outcome_by", "proofs", "struck", "why_struck"),
)


@require_GET
def log_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The log as a table, as it is narrowed on the page."""
    if not permissions.can_see_logs(request.user):
        raise PermissionDenied
    rows = queries.narrowed(queries.postings(request.user), LogForm(request.GET).narrowing())
    response = StreamingHttpResponse(_csv(rows.prefetch_related("proofs")), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="posted-letters.csv"'
    return response


def _csv(rows: Any) -> Iterator[str]:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS)
    for row in rows.iterator(chunk_size=500):
        # A spreadsheet would round a number of twenty digits: as text, in groups, it stays what it is.
        cells = [
            *(row.request.reference, row.request.jurisdiction, row.request.agency.name, title_of(row.next_letter)),
            *(row.get_carrier_display(), row.get_service_display(), _grouped(row), "yes" if row.number_doubted else ""),
            *(row.posted_on, row.recorded_by.handle, row.get_outcome_display(), row.outcome_on or ""),
            row.outcome_by.handle if row.outcome_by else "",
            "; ".join(document.original_name for document in row.proofs.all()),
            *("yes" if row.struck_at else "", row.struck_why),
        ]
        writer.writerow([export_cell(str(cell)) for cell in cells])
        yield out.getvalue()
        out.seek(0)
        out.truncate()
    yield out.getvalue()


# --- one posting ------------------------------------------------------------------------------------------------------


def _visible(request: HttpRequest, pk: int) -> Posting:
    found = get_object_or_404(queries.postings(request.user).prefetch_related("proofs"), pk=pk)
    if not (permissions.can_see_logs(request.user) or correspondence.can_send(request.user, found.request)):
        raise PermissionDenied
    return found


def _workable(request: HttpRequest, pk: int) -> Posting:
    found = _visible(request, pk)
    if not correspondence.can_send(request.user, found.request):
        raise PermissionDenied
    return found


@csrf_exempt  # as above
def posting_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One letter that was posted: what is known of it; and what became of it, recorded with proof."""
    return _posting_page(request, pk, bounded(request))


@csrf_protect
@require_http_methods(["GET", "POST"])
def _posting_page(request: HttpRequest, pk: int, uploads: BoundedUploads) -> HttpResponse:
    found = _workable(request, pk) if request.method == "POST" else _visible(request, pk)
    may = correspondence.can_send(request.user, found.request)
    open_still = found.outcome == Posting.Outcome.UNDERWAY and found.struck_at is None
    form = None
    if may and (open_still or request.method == "POST"):
        today = lawbook.local_day(found.request.jurisdiction, timezone.now())
        posted = (request.POST, request.FILES) if request.method == "POST" else (None, None)
        form = OutcomeForm(
            *posted,
            initial={"on": today},
            posted_on=found.posted_on,
            today=today,
            heard=posting.hears_of_it(found),
        )
        if add_refused(form, "proof", request, uploads) and form.is_valid():
            said = form.cleaned_data
            try:
                recorded = posting.record_outcome(
                    found.pk,
                    said["outcome"],
                    on=said["on"],
                    on_timeline=said.get("on_timeline", False),
                    note=said["note"],
                    proof=incoming(said["proof"]),
                    by=signed_in(request),
                    now=timezone.now(),
                )
            except filing_services.EventRefused as refusal:
                form.add_error("on_timeline" if "on_timeline" in form.fields else None, str(refusal))
            except posting.AlreadySettled as stop:
                messages.error(request, str(stop))
                return redirect(found)
            else:
                messages.success(request, _("Recorded."))
                tell_refused(request, recorded.refused if recorded else [])
                return redirect(found)
    context = {
        "posting": found,
        "records_request": found.request,
        "title": title_of(found.next_letter),
        "grouped": _grouped(found),
        "tracking_url": f"{TRACKING_PAGES[found.carrier]}{found.number}"
        if found.number and found.carrier in TRACKING_PAGES
        else "",
        "form": form,
        "strike_form": StrikeForm() if may and found.struck_at is None else None,
        "may_see_log": permissions.can_see_logs(request.user),
        "crumbs": [
            (found.request.reference, found.request.get_absolute_url()),
            (_("By post"), reverse("correspondence:post", args=[found.request.reference])),
            (_("What became of it"), ""),
        ],
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, "correspondence/paper/posting.html", context, status=status)


@require_POST
def strike(request: HttpRequest, pk: int) -> HttpResponse:
    """Strike a row that was entered wrongly."""
    found = _workable(request, pk)
    form = StrikeForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say what is wrong with the row. Nothing was changed."))
        return redirect(found)
    try:
        posting.strike(found.pk, why=form.cleaned_data["why"], by=signed_in(request), now=timezone.now())
    except posting.AlreadySettled as stop:
        messages.error(request, str(stop))
    else:
        messages.success(
            request, _("Struck; it stays in the log. If the timeline is wrong, too, correct the event there.")
        )
    return redirect(found)
