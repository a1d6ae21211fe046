"""The pages of the reminder policy, of muting, and of mail that did not arrive."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from requests_app.filing import lawbook
from requests_app.filing import queries as filing
from requests_app.people.signed_in import signed_in
from requests_app.tracking.reminders import permissions, queries, services, undelivered
from requests_app.tracking.reminders.forms import MomentFormSet, MuteForm, RuleForm, initial_moments, rule_of
from requests_app.tracking.reminders.models import Mute
from requests_app.tracking.reminders.policy import (
    DUTIES,
    OURS,
    Policy,
    Rule,
    differences,
    dump_policy,
    parse_rule,
    seed,
    wrong_with_rule,
)
from requests_app.tracking.reminders.previewing import preview
from requests_app.tracking.reminders.words import (
    DUTY_WORDS,
    WRONG_WORDS,
    change_words,
    escalation_words,
    rule_words,
)

_SALT: Final = "a rule of reminding that was looked at"
HISTORY: Final = 30


@require_safe
def policy(request: HttpRequest) -> HttpResponse:
    """Show when whom is reminded of what, and how it came to be so."""
    if not permissions.can_change_policy(request.user):
        raise PermissionDenied
    editions = queries.history(HISTORY + 1)
    current = queries.policy_of(editions[0] if editions else None)
    policies = [queries.policy_of(edition) for edition in editions]
    if len(editions) <= HISTORY:
        policies.append(seed())
    past = [
        {
            "edition": edition,
            "changes": [
                (DUTY_WORDS[change.duty_of, change.kind], change_words(change))
                for change in differences(policies[place + 1], policies[place])
            ],
        }
        for place, edition in enumerate(editions[:HISTORY])
    ]
    context = {"rules": [_shown(current, *key) for key in DUTIES], "past": past, "crumbs": _crumbs()}
    return render(request, "tracking/reminders/policy.html", context)


def _shown(current: Policy, duty_of: str, kind: str) -> dict[str, Any]:
    rule = current.rules[duty_of, kind]
    return {
        "name": DUTY_WORDS[duty_of, kind],
        "ours": duty_of == OURS,
        "lines": rule_words(rule),
        "escalation": escalation_words(rule),
        "url": reverse("tracking:policy-rule", args=[duty_of, kind]),
    }


def _crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    desk = (_("Desk"), reverse("tracking:desk"))
    return [desk, (_("Reminders"), reverse("tracking:policy") if more else ""), *more]


@require_http_methods(["GET", "POST"])
def policy_rule(request: HttpRequest, duty_of: str, kind: str) -> HttpResponse:
    """Write a change of one rule; then show what it would do, before it holds."""
    if not permissions.can_change_policy(request.user):
        raise PermissionDenied
    if (duty_of, kind) not in DUTY_WORDS:
        raise Http404
    newest = queries.newest_edition()
    current = queries.policy_of(newest)
    rule = current.rules[duty_of, kind]
    data = request.POST or None
    form = RuleForm(
        data, initial={"escalate_after_days": rule.escalate_after_days, "based_on": newest.number if newest else 0}
    )
    # What was posted stands alone: beside the rule in force, a line like one of its own would count as left empty.
    moments = MomentFormSet(data, initial=None if data else initial_moments(rule), prefix="moment")
    problems: list[str] = []
    if request.method == "POST" and form.is_valid() & moments.is_valid():
        wanted = rule_of(moments, form)
        problems = [str(WRONG_WORDS[one.code]) for one in wrong_with_rule(duty_of, kind, wanted)]
        if not problems and wanted == rule:
            problems = [_("Nothing is different. Change something, or go back.")]
        if not problems:
            stored = dump_policy(services.with_rule(current, duty_of, kind, wanted))[duty_of][kind]
            proposal = {"rule": stored, "why": form.cleaned_data["why"], "based_on": form.cleaned_data["based_on"]}
            return _show_preview(request, duty_of, kind, wanted, proposal)
    context = {
        "form": form,
        "moments": moments,
        "problems": problems,
        "name": DUTY_WORDS[duty_of, kind],
        "ours": duty_of == OURS,
        "crumbs": _crumbs((str(DUTY_WORDS[duty_of, kind]), "")),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "tracking/reminders/rule.html", context, status=status)


def _show_preview(
    request: HttpRequest, duty_of: str, kind: str, wanted: Rule, proposal: dict[str, Any], *, unsure: bool = False
) -> HttpResponse:
    current = queries.current_policy()
    changed = services.with_rule(current, duty_of, kind, wanted)
    now_written, then_written = preview(current, changed, timezone.now())
    context = {
        "name": DUTY_WORDS[duty_of, kind],
        "lines": [line for change in differences(current, changed) for line in change_words(change)],
        "why": proposal["why"],
        "before": {"notices": now_written.notices, "people": len(now_written.people)},
        "after": {
            "notices": then_written.notices,
            "people": len(then_written.people),
            "at_least": then_written.at_least,
        },
        "asks_first": then_written.asks_first(settings.NOTICES_ASK_FIRST),
        "unsure": unsure,
        "proposal": signing.dumps(proposal, salt=_SALT),
        "save_url": reverse("tracking:policy-change", args=[duty_of, kind]),
        "back_url": reverse("tracking:policy-rule", args=[duty_of, kind]),
        "crumbs": _crumbs((str(DUTY_WORDS[duty_of, kind]), "")),
    }
    return render(request, "tracking/reminders/preview.html", context, status=422 if unsure else 200)


@require_POST
def policy_change(request: HttpRequest, duty_of: str, kind: str) -> HttpResponse:
    """Put a rule into force that was looked at. Where it would tell many at once, only after a second yes."""
    person = signed_in(request)
    if not permissions.can_change_policy(person):
        raise PermissionDenied
    if (duty_of, kind) not in DUTY_WORDS:
        raise Http404
    try:
        proposal = signing.loads(request.POST.get("proposal", ""), salt=_SALT)
        rule = parse_rule(proposal["rule"])
    except (signing.BadSignature, KeyError, TypeError, ValueError):
        messages.error(request, _("What was sent could not be read. Nothing was changed. Write the change again."))
        return redirect("tracking:policy-rule", duty_of, kind)
    current = queries.current_policy()
    _before, after = preview(current, services.with_rule(current, duty_of, kind, rule), timezone.now())
    if after.asks_first(settings.NOTICES_ASK_FIRST) and not request.POST.get("sure"):
        return _show_preview(request, duty_of, kind, rule, proposal, unsure=True)
    try:
        services.change_policy(
            duty_of, kind, rule, why=proposal["why"], based_on=proposal["based_on"], by=person, now=timezone.now()
        )
    except services.PolicyMoved as moved:
        messages.error(request, str(moved))
    except services.PolicyRefused as refused:
        messages.error(request, " ".join(str(WRONG_WORDS[code]) for code in refused.codes))
    else:
        messages.success(request, _("Saved. The reminders follow it from tonight."))
    return redirect("tracking:policy")


# --- muting -----------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def mute(request: HttpRequest, reference: str) -> HttpResponse:
    """Hold back one's own mails about one request until a day."""
    person = signed_in(request)
    records_request = get_object_or_404(filing.visible_to(person).defer("letter"), reference=reference)
    if not permissions.can_mute(person, records_request):
        raise PermissionDenied
    today = lawbook.local_day(records_request.jurisdiction, timezone.now())
    form = MuteForm(request.POST or None, today=today)
    if form.is_valid():
        try:
            services.mute(records_request.pk, **form.cleaned_data, by=person, now=timezone.now())
        except services.MuteRefused as refused:
            form.add_error("until", str(refused))
        else:
            asked = form.cleaned_data["ours_too"]
            said = _("Muted. The other coordinators were asked about our own deadlines.") if asked else _("Muted.")
            messages.success(request, said)
            return redirect(records_request)
    crumbs = [
        (_("Requests"), reverse("tracking:requests")),
        (records_request.reference, records_request.get_absolute_url()),
        (_("Mute"), ""),
    ]
    context = {"form": form, "records_request": records_request, "crumbs": crumbs}
    return render(request, "tracking/reminders/mute.html", context, status=422 if form.errors else 200)


@require_safe
def mutes(request: HttpRequest) -> HttpResponse:
    """Show what one muted, and what others ask a second coordinator for."""
    person = signed_in(request)
    today = lawbook.todays(timezone.now())
    mine = [one for one in queries.mutes_of(person)[:200] if one.until >= today[one.request.jurisdiction]]
    waiting = [
        one
        for one in queries.mutes_waiting(person)[:200]
        if permissions.can_confirm(person, one) and one.until >= today[one.request.jurisdiction]
    ]
    return render(
        request,
        "tracking/reminders/mutes.html",
        {"mine": mine, "waiting": waiting, "crumbs": [(_("You"), reverse("people:me")), (_("Muted requests"), "")]},
    )


@require_POST
def mute_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree, as a second coordinator, that one person gets no mails about our own deadlines of a request."""
    person = signed_in(request)
    found = get_object_or_404(Mute, pk=pk, request__in=filing.visible_to(person))
    if not permissions.can_confirm(person, found):
        raise PermissionDenied
    if services.confirm_mute(found.pk, by=person, now=timezone.now()):
        messages.success(request, _("Agreed. At least one other person is still mailed."))
    else:
        messages.info(request, _("Nothing was changed: this was settled already."))
    return redirect("tracking:mutes")


@require_POST
def mute_end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a mute before its day."""
    person = signed_in(request)
    found = get_object_or_404(Mute.objects.select_related("request"), pk=pk, request__in=filing.visible_to(person))
    if not permissions.can_end(person, found):
        raise PermissionDenied
    services.end_mute(found.pk, by=person, now=timezone.now())
    messages.success(request, _("Ended. The mails begin again with the next reminder."))
    return redirect(found.request if request.POST.get("from") == "request" else "tracking:mutes")


# --- mail that did not arrive -----------------------------------------------------------------------------------------


@require_safe
def undelivered_mail(request: HttpRequest) -> HttpResponse:
    """Show the mails to members that could not be delivered, and what to do about each."""
    if not permissions.can_see_undelivered(request.user):
        raise PermissionDenied
    rows = undelivered.newest()
    crumbs = [(_("Desk"), reverse("tracking:desk")), (_("Mail that did not arrive"), "")]
    return render(request, "tracking/reminders/undelivered.html", {"rows": rows, "crumbs": crumbs})


@require_POST
def undelivered_again(request: HttpRequest, box: str, pk: int) -> HttpResponse:
    """Send one of these mails again."""
    if not permissions.can_see_undelivered(request.user):
        raise PermissionDenied
    if undelivered.try_again(box, pk, timezone.now()):
        messages.success(request, _("It waits in the outbox again."))
    else:
        messages.info(request, _("Nothing was changed: this mail is not among those that failed."))
    return redirect("tracking:undelivered")


@require_POST
def undelivered_leave(request: HttpRequest, box: str, pk: int) -> HttpResponse:
    """Take one of these mails off the list; it is not sent any more."""
    if not permissions.can_see_undelivered(request.user):
        raise PermissionDenied
    if undelivered.leave(box, pk):
        messages.success(request, _("Taken off the list. The notice still stands in the person's own list."))
    else:
        messages.info(request, _("Nothing was changed: this mail is not among those that failed."))
    return redirect("tracking:undelivered")
