"""Pages of a letter that is photographed: its pages in order, the corners of one, keeping it as one document."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied, TooManyFilesSent
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from requests_app.documents import services as documents
from requests_app.documents.identify import NotKept
from requests_app.documents.models import Photograph
from requests_app.documents.names import clean_name
from requests_app.documents.paper import photographing, queries
from requests_app.documents.paper.forms import AddForm, CornersForm, KeepForm
from requests_app.documents.paper.permissions import can_photograph
from requests_app.documents.paper.photographing import MOST_PAGES, NotAdded, NotMade
from requests_app.documents.paper.sheets_of_paper import WHOLE, Corners, turned
from requests_app.documents.store import StoreTrouble
from requests_app.documents.uploads import BoundedUploads, BrokenOff, given_name
from requests_app.filing import lawbook
from requests_app.filing import queries as filing
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Person

Refused = list[tuple[str, str]]  # a name fit to show, and why the photograph was not added


@csrf_exempt  # the upload handler must be in place before the token is read from the body; see _photographs
@require_http_methods(["GET", "POST"])
def photographs(request: HttpRequest, reference: str) -> HttpResponse:
    """Show the letter that this person photographs, and add pages to it, in bounded memory (documents.views.upload)."""
    records_request = _request_of(request, reference)
    uploads = BoundedUploads(request, documents.the_store(), photographing.photograph_limit())
    request.upload_handlers = [uploads]
    try:
        return _photographs(request, records_request, uploads)
    except TooManyFilesSent:
        reason = _("There are too many files for one go, and none was added. Choose up to 60 at a time.")
    except BrokenOff as trouble:
        reason = str(trouble)
    except MultiPartParserError:
        reason = _(
            "The upload could not be understood, and nothing was added. Load this page again and choose the files."
        )
    return _page(request, records_request, refused=[(_("The upload"), reason)], status=400)


@csrf_protect
def _photographs(request: HttpRequest, records_request: RecordsRequest, uploads: BoundedUploads) -> HttpResponse:
    if request.method != "POST":
        return _page(request, records_request)
    form = AddForm(request.POST, request.FILES)
    is_valid = form.is_valid()
    refused = [(name, str(trouble)) for name, trouble in uploads.refused]
    added = 0
    if is_valid:
        for file in [*form.cleaned_data["taken"], *form.cleaned_data["chosen"]]:
            name = given_name(file)
            try:
                photographing.add(
                    records_request, file.chunks(), name=name, by=cast(Person, request.user), now=timezone.now()
                )
            except (NotAdded, StoreTrouble) as trouble:
                refused.append((clean_name(name), str(trouble)))
            else:
                added += 1
    if added:
        said = ngettext("%(count)d page was added.", "%(count)d pages were added.", added) % {"count": added}
        messages.success(request, said)
    if is_valid and not refused:
        return redirect("documents:photographs", records_request.reference)
    if refused:
        form = AddForm()  # what was wrong is said by name
    return _page(request, records_request, add_form=form, refused=refused, status=422)


@require_POST
def keep(request: HttpRequest, reference: str) -> HttpResponse:
    """Keep the pages as one letter."""
    records_request = _request_of(request, reference)
    person = cast(Person, request.user)
    letter = queries.letter_of(person, records_request)
    form = KeepForm(request.POST, today=_today(records_request))
    if letter is None:
        messages.info(request, _("There is no photograph yet. Add the first page, then keep the letter."))
        return redirect("documents:photographs", reference)
    if not form.is_valid():
        return _page(request, records_request, keep_form=form, status=422)
    try:
        outcome = photographing.keep(
            letter,
            name=f"{form.cleaned_data['name'].removesuffix('.pdf')}.pdf",
            received_on=form.cleaned_data["received_on"],
            by=person,
            now=timezone.now(),
        )
    except (NotMade, NotKept, StoreTrouble) as trouble:
        messages.error(request, str(trouble))
        return redirect("documents:photographs", reference)
    if isinstance(outcome, documents.Duplicate):
        text = _("This very letter is here already, as %(known)s. Nothing was added and nothing is lost.")
        messages.info(request, text % {"known": outcome.document.original_name})
    else:
        messages.success(request, _("The letter is kept as one PDF, with its photographs. Its words are being read."))
    return redirect(outcome.document)


@require_POST
def act(request: HttpRequest, reference: str) -> HttpResponse:
    """Do one thing to one page, or to the letter; then show it again."""
    records_request = _request_of(request, reference)
    letter = queries.letter_of(cast(Person, request.user), records_request)
    name, now = request.POST.get("act", ""), timezone.now()
    here = reverse("documents:photographs", args=[reference])
    if name in {"cut-all", "throw-away"}:
        if letter is not None and name == "cut-all":
            photographing.accept(letter, now=now)
        elif letter is not None:
            photographing.throw_away(letter)
            messages.success(request, _("The photographs are deleted. Nothing was kept."))
        return redirect(here)
    page = _photograph(request, records_request, _id(request.POST.get("page", "")))
    done = ACTS.get(name)
    if done is None:
        raise Http404
    done(page, now)
    return redirect(f"{here}?at={page.pk}#page-{page.pk}" if name != "remove" else here)


ACTS: dict[str, Callable[[Photograph, Any], Any]] = {
    "up": lambda page, now: photographing.move(page, up=True, now=now),
    "down": lambda page, now: photographing.move(page, up=False, now=now),
    "left": lambda page, now: photographing.turn(page, clockwise=-90, now=now),
    "right": lambda page, now: photographing.turn(page, clockwise=90, now=now),
    "cut": lambda page, now: photographing.accept(page.letter, only=page, now=now),
    "whole": lambda page, now: photographing.leave_whole(page, now=now),
    "remove": lambda page, now: photographing.remove(page, now=now),
}


@require_http_methods(["GET", "POST"])
def corners(request: HttpRequest, reference: str, pk: uuid.UUID) -> HttpResponse:
    """Show one photograph with the corners of its sheet, and take others."""
    records_request = _request_of(request, reference)
    page = _photograph(request, records_request, pk)
    begin: Corners = tuple(page.corners) if page.corners else WHOLE
    form = CornersForm(request.POST or None, corners=begin) if request.method == "POST" else CornersForm(corners=begin)
    if request.method == "POST" and form.is_valid():
        photographing.cut(page, form.corners, now=timezone.now())
        return redirect(reverse("documents:photographs", args=[reference]) + f"?at={page.pk}#page-{page.pk}")
    shown = begin
    here = reverse("documents:photographs", args=[reference])
    context = {
        "form": form,
        "page": page,
        "records_request": records_request,
        "width": 1000,
        "height": max(1, round(1000 * page.height / page.width)),
        "handles": _handles(shown, page),
        "back": here,
        "crumbs": [
            (records_request.reference, records_request.get_absolute_url()),
            (_("Photograph a letter"), here),
            (_("Edges of the sheet"), ""),
        ],
    }
    return render(request, "documents/paper/corners.html", context, status=422 if form.errors else 200)


@require_GET
def picture(request: HttpRequest, reference: str, pk: uuid.UUID, what: str) -> HttpResponseBase:
    """Send a drawn picture of a page: as it will be, or the whole photograph. Never the photograph's own bytes."""
    page = _photograph(request, _request_of(request, reference), pk)
    if what not in {"page", "whole"}:
        raise Http404
    try:
        path = photographing.page_picture(page) if what == "page" else photographing.whole_picture(page)
    except (NotAdded, FileNotFoundError) as trouble:
        raise Http404 from trouble
    response = FileResponse(path.open("rb"), content_type="image/webp")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, max-age=3600"  # the address changes with the page
    return response


def _page(
    request: HttpRequest,
    records_request: RecordsRequest,
    *,
    add_form: AddForm | None = None,
    keep_form: KeepForm | None = None,
    refused: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    pages = list(queries.photographs_of(cast(Person, request.user), records_request))
    context = {
        "records_request": records_request,
        "pages": [_shown(page) for page in pages],
        "asked": sum(page.cut == Photograph.Cut.ASKED for page in pages),
        "had_place": any(page.had_place for page in pages),
        "said": _said(request.GET.get("at", ""), pages),
        "is_full": len(pages) >= MOST_PAGES,
        "add_form": add_form or AddForm(),
        "keep_form": keep_form or KeepForm(today=_today(records_request)),
        "refused": refused or [],
        "limit_mb": photographing.photograph_limit() >> 20,
        "most": MOST_PAGES,
        "crumbs": [(records_request.reference, records_request.get_absolute_url()), (_("Photograph a letter"), "")],
    }
    return render(request, "documents/paper/photographs.html", context, status=status)


def _shown(page: Photograph) -> dict[str, Any]:
    is_cut = page.cut == Photograph.Cut.CUT
    asked = turned(page.corners, page.turn) if page.cut == Photograph.Cut.ASKED else ()
    tall, wide = (page.width, page.height) if page.turn in (90, 270) else (page.height, page.width)
    high = max(1, round(1000 * tall / wide))
    version = f"{page.turn}-{'-'.join(str(round(each * 10000)) for each in page.corners) if is_cut else 'whole'}"
    return {
        "page": page,
        "version": version,
        "high": high,
        "outline": " ".join(f"{round(asked[i] * 1000)},{round(asked[i + 1] * high)}" for i in range(0, len(asked), 2)),
    }


def _handles(shown: Corners, page: Photograph) -> list[tuple[int, int]]:
    high = 1000 * page.height / page.width
    return [(round(shown[i] * 1000), round(shown[i + 1] * high)) for i in range(0, 8, 2)]


def _said(at: str, pages: list[Photograph]) -> str:
    for number, page in enumerate(pages, start=1):
        if str(page.pk) == at:
            facts = {"name": page.original_name, "number": number, "of": len(pages), "cut": page.get_cut_display()}
            return _("%(name)s is page %(number)d of %(of)d: %(cut)s.") % facts
    return ""


def _request_of(request: HttpRequest, reference: str) -> RecordsRequest:
    found = get_object_or_404(filing.visible_to(request.user).select_related("agency"), reference=reference)
    if not can_photograph(request.user, found):
        raise PermissionDenied
    return found


def _photograph(request: HttpRequest, records_request: RecordsRequest, pk: uuid.UUID) -> Photograph:
    found = queries.photograph(cast(Person, request.user), records_request, pk)
    if found is None:
        raise Http404
    return found


def _id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as unknown:
        raise Http404 from unknown


def _today(records_request: RecordsRequest) -> date:
    return lawbook.local_day(records_request.jurisdiction, timezone.now())
