"""Senders whose mail is set aside: the rules, what each holds, and how each ends."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from requests_app.correspondence.incoming import blocking, bulk, permissions, queries, settling, showing, wording
from requests_app.correspondence.incoming.forms import RuleForm
from requests_app.correspondence.incoming.models import SenderRule
from requests_app.people.models import Person
from requests_app.people.signed_in import signed_in

MOST_SHOWN = 200


@require_http_methods(["GET", "POST"])
def senders(request: HttpRequest) -> HttpResponse:
    """List the rules, those that run first, and take a new one."""
    person = _coordinator(request)
    form = RuleForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            with transaction.atomic():
                rule, is_new = blocking.start_rule(**form.cleaned_data, by=person, now=timezone.now())
        except blocking.NotBlocked as trouble:
            form.add_error("value", str(trouble))
        else:
            said = _("What comes from there is set aside from now on.") if is_new else _("This rule runs already.")
            messages.success(request, said)
            return redirect("correspondence:mail-sender", rule.pk)
    context = {
        "form": form,
        "rules": queries.rules()[:MOST_SHOWN],
        "counted_to": queries.COUNTED_TO,
        "crumbs": [_to_mail(), (_("Senders set aside"), "")],
    }
    return render(request, "correspondence/incoming/senders.html", context, status=422 if form.errors else 200)


@require_GET
def sender(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one rule and what it set aside."""
    _coordinator(request)
    rule = get_object_or_404(queries.rules(), pk=pk)
    held = list(queries.set_aside_by(rule)[: bulk.MOST_ROWS])
    queries.with_requests(held)
    context = {
        "rule": rule,
        "value": showing.harmless(rule.value),
        "rows": [(message, wording.why_here(message)) for message in held],
        "counted_to": queries.COUNTED_TO,
        "crumbs": [
            _to_mail(),
            (_("Senders set aside"), reverse("correspondence:mail-senders")),
            (showing.harmless(rule.value), ""),
        ],
    }
    return render(request, "correspondence/incoming/sender.html", context)


@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a rule; with `bring_back`, what it set aside waits again."""
    person = _coordinator(request)
    rule, now = get_object_or_404(SenderRule, pk=pk), timezone.now()
    blocking.end_rule(rule.pk, by=person, now=now)
    if "bring_back" in request.POST:
        return _bring_back(request, pk, person)
    messages.success(
        request, _("Ended. The next mail from there waits for a person again; what was set aside is below.")
    )
    return redirect("correspondence:mail-sender", rule.pk)


@require_POST
def bring_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring back together what a rule set aside while it ran."""
    person = _coordinator(request)
    get_object_or_404(SenderRule, pk=pk)
    return _bring_back(request, pk, person)


def _bring_back(request: HttpRequest, pk: int, person: Person) -> HttpResponse:
    try:
        made = bulk.bring_back_what(SenderRule.objects.get(pk=pk), by=person, now=timezone.now())
    except settling.NotSettled as trouble:
        messages.error(request, str(trouble))
        return redirect("correspondence:mail-sender", pk)
    return redirect("correspondence:mail-many-done", made.pk)


def _to_mail() -> tuple[str, str]:
    return _("Mail that waits"), reverse("correspondence:mail")


def _coordinator(request: HttpRequest) -> Person:
    if not permissions.can_settle_mail(request.user):
        raise PermissionDenied
    return signed_in(request)
