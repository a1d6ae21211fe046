"""The page on which a person records that a letter left by their own hand, by whatever way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from requests_app.correspondence.paper.pages import At
from requests_app.correspondence.paper.posting import NumberTaken
from requests_app.correspondence.paper.sheets import PaperLetter
from requests_app.correspondence.services import NotSendable, Recorded
from requests_app.correspondence.views import add_refused, tell_refused
from requests_app.documents.uploads import BoundedUploads
from requests_app.filing import services as filing


@dataclass(frozen=True)
class Way:
    """What differs from way to way. `day`: the field of the form that says when; `begins`: the page it follows."""

    template: str
    day: str
    begins: str
    begins_title: Promise
    title: Promise
    done: Promise
    form: Callable[..., Any]  # (data, files, at, paper) -> the form
    record: Callable[[At, PaperLetter, Any, datetime], Recorded]


def record_leaving(request: HttpRequest, at: At, uploads: BoundedUploads, way: Way) -> HttpResponse:
    """Show the form, or record what it says; whatever stands against it is said at its field, and nothing is lost."""
    if not at.can_leave:
        messages.info(request, _("This letter has left already, or is on its way. Nothing was recorded."))
        return redirect(at.home)
    paper = at.paper()
    data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = way.form(data, files, at, paper)
    if add_refused(form, "proof", request, uploads) and form.is_valid():
        try:
            recorded = way.record(at, paper, form, timezone.now())
        except filing.EventRefused as refusal:
            form.add_error(way.day, str(refusal))
        except NumberTaken as taken:
            form.add_error("number", str(taken))
        except NotSendable as stop:
            form.add_error(None, str(stop))
        else:
            messages.success(request, str(way.done))
            tell_refused(request, recorded.refused)
            return redirect(at.request)
    context = {
        "form": form,
        "at": at,
        "records_request": at.request,
        "crumbs": at.crumbs(str(way.title), (str(way.begins_title), at.url(way.begins))),
        "back": at.url(way.begins),
    }
    return render(request, way.template, context, status=422 if form.errors else 200)
