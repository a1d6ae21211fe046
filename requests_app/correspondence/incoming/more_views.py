"""Mail that a coordinator hands in as files, and the corrections of addresses that are remembered."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from requests_app.correspondence import tasks
from requests_app.correspondence.incoming import corrections, permissions, services
from requests_app.correspondence.incoming.handing_in import HandedIn, hand_in
from requests_app.correspondence.incoming.models import RetypedToken
from requests_app.correspondence.incoming.views import PAGE, number_in
from requests_app.documents.forms import ManyFilesField
from requests_app.documents.services import upload_limit
from requests_app.documents.uploads import BoundedUploads, given_name
from requests_app.people.signed_in import signed_in


class HandInForm(forms.Form):
    """Files with mails."""

    mails = ManyFilesField(
        label=_lazy("Files"),
        help_text=_lazy("One or several that end in .eml, .msg or .mbox. Each mail is kept exactly as it is in them."),
        error_messages={"required": _lazy("Choose at least one file.")},
    )


@csrf_exempt  # the token is checked below, after the handler of the files is in place
def upload(request: HttpRequest) -> HttpResponse:
    """Take in mails that a coordinator has as files, and say what became of each file."""
    if not permissions.can_settle_mail(request.user):
        raise PermissionDenied
    uploads = BoundedUploads(request, services.the_mail_store(), upload_limit())
    request.upload_handlers = [uploads]
    return _upload(request, uploads)


@csrf_protect
@require_http_methods(["GET", "POST"])
def _upload(request: HttpRequest, uploads: BoundedUploads) -> HttpResponse:
    if request.method != "POST":
        return _upload_page(request, HandInForm(), [])
    form = HandInForm(request.POST, request.FILES)
    refused = [HandedIn(name, troubles=[str(trouble)]) for name, trouble in uploads.refused]
    if not form.is_valid():
        if refused:
            form.errors.pop("mails", None)  # there were files: those named, with the true reason
        return _upload_page(request, form, refused, status=422)
    given = [(given_name(file), _opened(file)) for file in form.cleaned_data["mails"]]
    done = hand_in(given, by=signed_in(request), now=timezone.now())
    if any(one.kept for one in done):
        _nudge()
    return _upload_page(request, HandInForm(), [*done, *refused])


def _upload_page(request: HttpRequest, form: HandInForm, done: list[HandedIn], status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "done": done,
        "crumbs": [(_("Mail that waits"), reverse("correspondence:mail")), (_("Hand in mail"), "")],
    }
    return render(request, "correspondence/incoming/upload.html", context, status=status)


def _opened(file: UploadedFile[Any]) -> Any:
    return file.file if file.file is not None else file


def _nudge() -> None:
    """Wake a worker. A lost nudge costs nothing: the next beat finds the mails."""
    try:
        tasks.process_mail.apply_async(retry=False)
    except Exception as trouble:  # noqa: BLE001  the broker may be down; the rows hold the truth
        tasks.log.warning("mails were not announced: %s", type(trouble).__name__)


@require_GET
def remembered(request: HttpRequest) -> HttpResponse:
    """List the corrections of addresses that are gone by, the newest first."""
    if not permissions.can_settle_mail(request.user):
        raise PermissionDenied
    rows = corrections.running()
    last = number_in(request.GET.get("after", ""))
    page = list((rows.filter(pk__lt=last) if last else rows)[: PAGE + 1])
    context = {
        "rows": page[:PAGE],
        "next_url": "?" + urlencode({"after": page[PAGE - 1].pk}) if len(page) > PAGE else "",
        "crumbs": [(_("Mail that waits"), reverse("correspondence:mail")), (_("Remembered corrections"), "")],
    }
    return render(request, "correspondence/incoming/corrections.html", context)


@require_POST
def forget(request: HttpRequest, pk: int) -> HttpResponse:
    """End a remembered correction."""
    if not permissions.can_settle_mail(request.user):
        raise PermissionDenied
    found = get_object_or_404(RetypedToken, pk=pk)
    try:
        corrections.forget(found.pk, by=signed_in(request), now=timezone.now())
    except corrections.NotForgotten as trouble:
        messages.error(request, str(trouble))
    else:
        messages.success(request, _("Forgotten. The next mail to that address waits for a coordinator."))
    return redirect("correspondence:corrections")
