"""A newcomer's first letters: asking for a look, reading, approving, sending back."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from requests_app.filing import permissions, services
from requests_app.filing.forms.signing import ApproveForm, SendBackForm
from requests_app.filing.models import Approval, Draft
from requests_app.filing.papers import first_letters_for
from requests_app.filing.signing import content_digest
from requests_app.filing.views.wizard import preview_sender, step_context, with_draft
from requests_app.kits import rendering
from requests_app.kits.letters import ChoiceError
from requests_app.people.models import Person
from requests_app.people.signed_in import signed_in
from requests_app.people.states import name_of


@require_http_methods(["GET", "POST"])
@with_draft
def draft_approval(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Where a newcomer asks for a look at the letter, and reads what the coordinator said."""
    person, now = signed_in(request), timezone.now()
    if request.method == "POST":
        try:
            services.ask_for_approval(draft.pk, sender=preview_sender(), by=person, now=now)
        except services.NotReady as trouble:
            messages.error(request, " ".join(remark.text for remark in trouble.remarks))
        else:
            messages.success(request, _("Asked. You are told as soon as a coordinator has read it."))
        return redirect("filing:draft-approval", draft.pk)
    plan = services.plan_for(draft)
    changed, stops = False, []
    if plan is not None:
        try:
            letters = plan.letters(preview_sender(), now)
        except ChoiceError as trouble:
            messages.error(request, str(trouble))
            return redirect("filing:draft-details", draft.pk)
        own = plan.papers.approval_remark(letters)
        stops = services.other_stops(plan.remarks(letters), own)
        changed = own is not None
    context = {
        **step_context(draft, 5),
        "needed": first_letters_for(person),
        "approval": plan.papers.approval if plan is not None else None,
        "changed": changed,
        "complete": plan is not None,
        "stops": stops,
    }
    return render(request, "filing/draft_approval.html", context)


def _to_read(request: HttpRequest, approval_id: int) -> tuple[Person, Approval]:
    person = signed_in(request)
    if not permissions.can_choose_signer(person):
        raise PermissionDenied
    approval = get_object_or_404(Approval.objects.select_related("draft__filer", "decided_by"), pk=approval_id)
    if not permissions.can_approve(person, approval.draft):
        raise PermissionDenied
    return person, approval


@never_cache
@require_http_methods(["GET", "POST"])
def approve(request: HttpRequest, approval_id: int) -> HttpResponse:
    """The letter as it would go, and approving it."""
    person, approval = _to_read(request, approval_id)
    now = timezone.now()
    form = ApproveForm(request.POST if request.method == "POST" else None)
    if form.is_bound:
        try:
            if not form.is_valid():
                raise services.NotTheLetterRead
            services.approve(approval.pk, seen=form.cleaned_data["seen"], sender=preview_sender(), by=person, now=now)
        except services.NotTheLetterRead as refused:
            messages.error(request, str(refused))
            return redirect("filing:approve", approval.pk)
        except services.AlreadyDecided as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, _("Approved. The member is told and files it."))
        return redirect("filing:before-filing")
    waits = approval.state == Approval.State.ASKED and approval.draft.is_open
    plan = services.plan_for(approval.draft) if waits else None
    try:
        letters = plan.letters(preview_sender(), now) if plan is not None else []
    except ChoiceError:
        letters = []
    destinations = plan.destinations if plan is not None else []
    form.initial["seen"] = content_digest(letters)
    context = {
        "approval": approval,
        "waits": waits,
        "state_name": name_of(approval.draft.jurisdiction),
        "sheets": [
            {"to": to, "label": to.agency.name, "page": rendering.context(letter)}
            for to, letter in zip(destinations, letters, strict=bool(letters))
        ],
        "checks": [remark for remark in plan.remarks(letters) if remark.level == "check"] if plan and letters else [],
        "form": form,
        "send_back_form": SendBackForm(),
        "crumbs": [(_("Before letters go"), reverse("filing:before-filing")), (_("Read a letter"), "")],
    }
    return render(request, "filing/approve.html", context)


@require_POST
def send_back(request: HttpRequest, approval_id: int) -> HttpResponse:
    """Send the letter back with a note."""
    person, approval = _to_read(request, approval_id)
    form = SendBackForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Write what should change, in 2,000 signs at most. Nothing was recorded."))
        return redirect("filing:approve", approval.pk)
    try:
        services.send_back(approval.pk, note=form.cleaned_data["note"], by=person, now=timezone.now())
    except services.AlreadyDecided as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Sent back with your note. The member is told."))
    return redirect("filing:before-filing")
