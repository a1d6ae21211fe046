"""Planning a campaign, sharing it out, and each volunteer's part of it. Every page works without a script."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from requests_app.filing import campaign_queries, permissions, services
from requests_app.filing.campaigning import Planned, Standing, choices_for
from requests_app.filing.composing import Sender
from requests_app.filing.forms.campaigns import (
    AssignForm,
    CampaignForm,
    ExceptionForm,
    SkipForm,
    TableFilterForm,
)
from requests_app.filing.forms.letter_answers import shown_answers
from requests_app.filing.models import Campaign, CampaignTarget, Draft, Signing
from requests_app.filing.our_addresses import general_address
from requests_app.people.models import Person
from requests_app.people.signed_in import signed_in


def _posted(request: HttpRequest) -> QueryDict | None:
    """Return what was posted, be it nothing at all; None for a page that is only looked at."""
    return request.POST if request.method == "POST" else None


def _planner(request: HttpRequest) -> Person:
    person = signed_in(request)
    if not permissions.can_plan_campaigns(person):
        raise PermissionDenied
    return person


def _plannable(request: HttpRequest, pk: int) -> Campaign:
    _planner(request)
    return get_object_or_404(Campaign, pk=pk)


def _crumbs(campaign: Campaign | None, here: str) -> list[tuple[str, str]]:
    crumbs = [(_("Campaigns"), reverse("tracking:campaigns"))]
    if campaign is not None:
        crumbs.append((campaign.name, campaign.get_absolute_url()))
    return [*crumbs, (here, "")]


def _plan_url(campaign: Campaign) -> str:
    return reverse("filing:campaign-plan", args=[campaign.pk])


# --- the outline ------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Say what to ask, where and whom, once for all letters."""
    person = _planner(request)
    form = CampaignForm(_posted(request))
    if form.is_valid():
        campaign = services.make_campaign(form.outline(), by=person, now=timezone.now())
        messages.success(request, _("The campaign is listed. Nothing is sent: look at what each state needs."))
        return redirect(_plan_url(campaign))
    context = {"form": form, "crumbs": _crumbs(None, _("A new campaign")), "back": reverse("tracking:campaigns")}
    return render(request, "filing/campaign_form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the outline, add states or kits, and look for agencies again."""
    campaign = _plannable(request, pk)
    form = CampaignForm(_posted(request), campaign=campaign)
    if form.is_valid():
        try:
            services.change_campaign(pk, form.outline(), now=timezone.now())
        except services.CampaignRefused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("Kept. Letters that somebody has begun stay as they are."))
        return redirect(_plan_url(campaign))
    context = {
        "form": form,
        "campaign": campaign,
        "crumbs": _crumbs(campaign, _("Change the outline")),
        "back": _plan_url(campaign),
    }
    return render(request, "filing/campaign_form.html", context, status=422 if form.errors else 200)


@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop a campaign, say that it is finished, or take it up again."""
    campaign = _plannable(request, pk)
    state = request.POST.get("state", "")
    if state not in Campaign.State.values:
        raise Http404
    services.end_campaign(pk, state, now=timezone.now())
    campaign.refresh_from_db()
    if campaign.is_open:
        messages.success(request, _("The campaign goes on."))
    else:
        messages.success(request, _("No more letters of it are filed. What was filed goes on as before."))
    return redirect(campaign)


# --- the planning table -----------------------------------------------------------------------------------------------


@require_GET
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """Every target with what it needs; rows are chosen here for the acts that concern several."""
    campaign = _plannable(request, pk)
    rows = campaign_queries.plan(campaign_queries.targets_of(campaign), timezone.now())
    form = TableFilterForm(request.GET, rows=rows)
    shown_by = form.table_filter()
    shown = [row for row in rows if shown_by.fits(row)]
    narrowed = {name: value for name, value in vars(shown_by).items() if value}
    query = QueryDict(mutable=True)
    query.update(narrowed)
    context = {
        "campaign": campaign,
        "form": form,
        "narrowed": narrowed,
        "query": query.urlencode(),
        "rows": shown,
        "total": len(rows),
        "all_chosen": request.GET.get("choose") == "all",
        "counts": _counts(rows),
        "ready": sum(row.standing is Standing.READY for row in rows),
        "crumbs": _crumbs(campaign, _("Plan")),
    }
    return render(request, "filing/campaign_plan.html", context)


def _counts(rows: list[Planned]) -> list[tuple[Standing, int]]:
    """Return how many rows stand where, or miss what, in the order in which things are settled."""
    found = dict.fromkeys(Standing, 0)
    for row in rows:
        for standing in {row.standing, *row.missing}:
            found[standing] += 1
    return [(standing, count) for standing, count in found.items() if count]


def _chosen(request: HttpRequest, campaign: Campaign) -> list[Planned]:
    """Return the rows that were chosen in the table, by the numbers in the address or the form."""
    said = request.GET.getlist("t") or request.POST.getlist("t")
    ids = [int(one) for one in said if one.isascii() and one.isdigit() and len(one) < 19]
    targets = campaign_queries.targets_of(campaign).filter(pk__in=ids)
    return campaign_queries.plan(targets, timezone.now())


def _act_page(
    request: HttpRequest, template: str, campaign: Campaign, rows: list[Planned], here: str, **more: Any
) -> HttpResponse:
    context = {"campaign": campaign, "rows": rows, "crumbs": _crumbs(campaign, here), "back": _plan_url(campaign)}
    form = more.get("form")
    return render(request, template, context | more, status=422 if form is not None and form.errors else 200)


def _nothing_chosen(request: HttpRequest, campaign: Campaign) -> HttpResponse:
    messages.error(request, _("Nothing was chosen. Tick the rows that you mean, then choose again what to do."))
    return redirect(_plan_url(campaign))


@require_http_methods(["GET", "POST"])
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose who signs the chosen targets, by residence and load; nothing changes before it is applied."""
    campaign = _plannable(request, pk)
    rows = [row for row in _chosen(request, campaign) if row.standing not in (Standing.FILED, Standing.SKIPPED)]
    if not rows:
        return _nothing_chosen(request, campaign)
    people = campaign_queries.possible_signers()
    asked = set(request.GET.getlist("who"))
    taking_part = [one for one in people if not asked or str(one.pk) in asked]
    willing = campaign_queries.willing_signers({row.target.jurisdiction for row in rows})
    proposal = campaign_queries.proposal_for(rows, taking_part, willing)
    form = AssignForm(_posted(request), rows=rows, people=people, proposal=proposal, willing=willing)
    if form.is_valid():
        try:
            count = services.assign_targets(pk, form.chosen(), now=timezone.now())
        except services.CampaignRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            said = ngettext("%(count)d row has another signer now.", "%(count)d rows have another signer now.", count)
            messages.success(request, said % {"count": count})
            return redirect(_plan_url(campaign))
    return _act_page(
        request,
        "filing/campaign_assign.html",
        campaign,
        rows,
        _("Who signs"),
        form=form,
        people=people,
        taking_part={one.pk for one in taking_part},
        unsigned=[row for row in rows if proposal[row.target.pk] is None],
    )


@require_http_methods(["GET", "POST"])
def skip(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave the chosen targets out, with the reason."""
    campaign = _plannable(request, pk)
    rows = [row for row in _chosen(request, campaign) if row.standing not in (Standing.FILED, Standing.SKIPPED)]
    if not rows:
        return _nothing_chosen(request, campaign)
    form = SkipForm(_posted(request))
    if form.is_valid():
        ids = [row.target.pk for row in rows]
        try:
            count = services.skip_targets(pk, ids, why=form.cleaned_data["why"], now=timezone.now())
        except services.CampaignRefused as refusal:
            messages.error(request, str(refusal))
        else:
            said = ngettext("%(count)d row is left out.", "%(count)d rows are left out.", count)
            messages.success(request, said % {"count": count})
        return redirect(_plan_url(campaign))
    return _act_page(request, "filing/campaign_skip.html", campaign, rows, _("Leave out"), form=form)


@require_http_methods(["GET", "POST"])
def take_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Plan again what was left out."""
    campaign = _plannable(request, pk)
    rows = [row for row in _chosen(request, campaign) if row.standing is Standing.SKIPPED]
    if not rows:
        messages.error(request, _("None of the chosen rows was left out. Nothing was changed."))
        return redirect(_plan_url(campaign))
    if request.method == "POST":
        try:
            count = services.take_up_targets(pk, [row.target.pk for row in rows], now=timezone.now())
        except services.CampaignRefused as refusal:
            messages.error(request, str(refusal))
        else:
            said = ngettext("%(count)d row is planned again.", "%(count)d rows are planned again.", count)
            messages.success(request, said % {"count": count})
        return redirect(_plan_url(campaign))
    return _act_page(request, "filing/campaign_take_up.html", campaign, rows, _("Plan again"))


@require_http_methods(["GET", "POST"])
def answers(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the chosen targets answers of their own in place of the shared ones."""
    campaign = _plannable(request, pk)
    rows = [row for row in _chosen(request, campaign) if row.standing is not Standing.FILED]
    if not rows:
        return _nothing_chosen(request, campaign)
    first = rows[0].target
    now = choices_for(campaign.choices, first.choices)
    initial = {
        **shown_answers(now),
        "residency_statement": now.residency_statement,
        "ask_again": first.ask_again,
    }
    form = ExceptionForm(_posted(request), initial=initial)
    if form.is_valid():
        try:
            count = services.except_targets(
                pk,
                [row.target.pk for row in rows],
                choices=form.answers(),
                ask_again=form.cleaned_data["ask_again"],
                now=timezone.now(),
            )
        except services.CampaignRefused as refusal:
            messages.error(request, str(refusal))
        else:
            said = ngettext("%(count)d row has its own answers.", "%(count)d rows have their own answers.", count)
            messages.success(request, said % {"count": count})
        return redirect(_plan_url(campaign))
    return _act_page(request, "filing/campaign_answers.html", campaign, rows, _("Answers for these states"), form=form)


# --- a volunteer's part -----------------------------------------------------------------------------------------------


@require_GET
def my_part(request: HttpRequest) -> HttpResponse:
    """The letters of campaigns that wait for one person's signature, and those they have signed."""
    person = signed_in(request)
    if not permissions.can_start_draft(person):
        raise PermissionDenied
    rows = campaign_queries.plan(campaign_queries.part_of(person), timezone.now())
    context = {
        "to_sign": [row for row in rows if row.standing is not Standing.READY],
        "signed": [row for row in rows if row.standing is Standing.READY],
        "crumbs": [(_("Your part of the campaign"), "")],
    }
    return render(request, "filing/my_part.html", context)


@require_POST
def sign(request: HttpRequest, target_id: int) -> HttpResponse:
    """Open the letters of one target where something is still to be settled, everything filled in."""
    person = signed_in(request)
    if not permissions.can_start_draft(person):
        raise PermissionDenied
    get_object_or_404(CampaignTarget, pk=target_id, assignee=person)
    try:
        draft = services.open_target(target_id, by=person, now=timezone.now())
    except services.CampaignRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("filing:my-part")
    return redirect(_next_step(draft))


def _next_step(draft: Draft) -> str:
    """Return the first step of the wizard at which something is open: an address, the signer's details, the preview."""
    for one in draft.targets.select_related("contact_point"):
        if one.contact_point is None:
            return reverse("filing:draft-whom", args=[draft.pk])
        if not one.contact_point.may_be_used_unasked:
            return reverse("filing:draft-confirm", args=[draft.pk, one.contact_point_id])
    if draft.choices.get("standing") == "not_resident":  # a member signs in place of the writer
        signed = Signing.objects.filter(draft=draft, state=Signing.State.SIGNED).exists()
        return reverse("filing:draft-preview" if signed else "filing:draft-signer", args=[draft.pk])
    step = "preview" if draft.choices.get("requester_name") else "details"
    return reverse(f"filing:draft-{step}", args=[draft.pk])


@require_POST
def confirm_ready(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """The signer has read the letters and wants them filed as they are."""
    person = signed_in(request)
    draft = get_object_or_404(Draft, pk=draft_id, filer=person, discarded_at__isnull=True)
    if not permissions.can_start_draft(person):
        raise PermissionDenied
    get_object_or_404(CampaignTarget, draft=draft, assignee=person)
    sender = Sender(settings.ORGANISATION_NAME, general_address())
    try:
        services.confirm_ready(draft_id, by=person, sender=sender, now=timezone.now())
    except (services.CampaignRefused, services.NotReady) as stop:
        messages.error(request, str(stop))
        return redirect("filing:draft-preview", draft_id)
    messages.success(request, _("Signed. A coordinator files it with the others; until then nothing leaves."))
    return redirect("filing:my-part")
