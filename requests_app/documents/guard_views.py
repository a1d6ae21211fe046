"""Passwords of locked files, and files that are under lock."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from requests_app.documents import locks, passwords, permissions, queries
from requests_app.documents.forms import PasswordForm, UnlockForm
from requests_app.documents.readers.refusals import Refused
from requests_app.documents.sandbox import NotRead
from requests_app.people.signed_in import signed_in

PAGE = 50


@sensitive_post_parameters("password")
@require_POST
def give_password(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Try a password on a locked file, and keep it where it fits."""
    document = get_object_or_404(queries.visible_to(request.user), pk=pk)
    if not permissions.can_steer_reading(request.user, document.request):
        raise PermissionDenied
    form = PasswordForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(map(str, form.errors["password"])))
        return redirect(document)
    try:
        fits = passwords.give_password(
            document, form.cleaned_data["password"], by=signed_in(request), now=timezone.now()
        )
    except (Refused, NotRead):
        messages.error(
            request,
            _("The password could not be tried: the file is damaged or of an unknown form. Nothing was changed."),
        )
        return redirect(document)
    if fits:
        messages.success(request, _("The password fits. The file is being read now; this takes a moment."))
    else:
        messages.error(
            request,
            _(
                "This password does not open the file. Nothing was kept. Check capital letters and signs, or ask the "
                "agency for the password of exactly this file."
            ),
        )
    return redirect(document)


@require_GET
def locked(request: HttpRequest) -> HttpResponse:
    """List the files that are under lock, newest first."""
    if not permissions.can_see_locked(request.user):
        raise PermissionDenied
    found = locks.locked_among(queries.visible_to(request.user))
    after = request.GET.get("after", "")
    try:
        page = list((queries.older_than(found, uuid.UUID(after)) if after else found)[: PAGE + 1])
    except ValueError:
        return redirect("documents:locked")
    context = {
        "documents": [(document, locks.why_locked(document.blob)) for document in page[:PAGE]],
        "prev_url": reverse("documents:locked") if after else "",
        "next_url": f"?after={page[PAGE - 1].pk}" if len(page) > PAGE else "",
        "crumbs": [(_("Documents"), reverse("documents:list")), (_("Files under lock"), "")],
    }
    return render(request, "documents/locked.html", context)


@require_POST
def unlock(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Open a file that is under lock, with a reason."""
    document = get_object_or_404(queries.visible_to(request.user), pk=pk)
    if not permissions.can_unlock(request.user):
        raise PermissionDenied
    form = UnlockForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(map(str, form.errors["reason"])))
        return redirect(document)
    if locks.unlock(document, reason=form.cleaned_data["reason"], by=signed_in(request), now=timezone.now()):
        messages.success(request, _("The file is open. Copies can be taken, and it is being read now."))
    else:
        messages.info(request, _("The file was open already."))
    return redirect(document)
