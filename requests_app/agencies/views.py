"""Pages of the agencies room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from requests_app.agencies import permissions, queries, services
from requests_app.agencies.forms import (
    AgencyForm,
    AgencySearchForm,
    ApplyForm,
    ContactEditForm,
    ContactForm,
    ImportForm,
    NewAgencyForm,
    RetireForm,
    WhereSeenForm,
)
from requests_app.agencies.importing import COLUMNS, ImportFileError, Plan, compose_csv
from requests_app.agencies.models import Agency, AgencyImport, AgencyRole, ContactPoint
from requests_app.agencies.status_words import StateStatus
from requests_app.people.models import Person
from requests_app.people.states import JURISDICTIONS, name_of

HISTORY_SHOWN = 100


@require_safe
def agency_list(request: HttpRequest) -> HttpResponse:
    """Show the agencies, by state and name, narrowed by what the address of the page says."""
    _reader(request)
    form = AgencySearchForm(request.GET)
    narrowing = form.narrowing()
    page = queries.agency_page(**narrowing, before=request.GET.get("before", ""), after=request.GET.get("after", ""))
    kept = {name: request.GET[name] for name in ("words", "state", "role", "reach") if request.GET.get(name)}
    return render(
        request,
        "agencies/list.html",
        {
            "form": form,
            "lines": _lines(page.agencies),
            "prev_url": _turn(kept, "before", page.before),
            "next_url": _turn(kept, "after", page.after),
            "narrowed": any(narrowing.values()),
            "may_edit": permissions.can_edit_agencies(_reader(request)),
            "export_url": f"{reverse('agencies:export')}?{urlencode({'state': narrowing['jurisdiction']})}",
            "crumbs": [(_("Agencies"), "")],
        },
    )


@dataclass(frozen=True, slots=True)
class AgencyLine:
    """One line of the list, in words. `way` and `contact`: the best address, empty and None where there is none."""

    url: str
    name: str
    in_use: bool
    state: str
    state_name: str
    roles: str
    way: str
    contact: ContactPoint | None


def _lines(agencies: list[Agency]) -> list[AgencyLine]:
    """Return the lines of the list. What all share is looked up once: the names of roles and ways, the address."""
    roles = {kind.value: str(kind.label) for kind in AgencyRole.Kind}
    ways = {channel.value: str(channel.label) for channel in ContactPoint.Channel}
    any_page = reverse("agencies:detail", args=["CODE"])
    lines = []
    for agency in agencies:
        best: ContactPoint | None = next(iter(agency.current_contacts), None)  # type: ignore[attr-defined]
        lines.append(
            AgencyLine(
                url=any_page.replace("CODE", agency.code),  # a slug needs no escaping
                name=agency.name,
                in_use=agency.is_active,
                state=agency.jurisdiction,
                state_name=agency.state_name,
                roles=", ".join(roles[held.kind] for held in agency.roles.all()),
                way=ways[best.channel] if best is not None else "",
                contact=best,
            )
        )
    return lines


def _turn(kept: dict[str, str], side: str, code: str) -> str:
    return f"{reverse('agencies:list')}?{urlencode({**kept, side: code})}" if code else ""


@require_safe
def detail(request: HttpRequest, code: str) -> HttpResponse:
    """Show one agency: its roles and why, how to reach it, what is doubtful, what was changed."""
    reader = _reader(request)
    agency = _agency(code)
    note = queries.state_note(agency.jurisdiction)
    return render(
        request,
        "agencies/detail.html",
        {
            "agency": agency,
            "note": note,
            "status": StateStatus.of(note) if note is not None else None,
            "retired": queries.retired_contacts(agency),
            "history": queries.history(agency)[:HISTORY_SHOWN],
            "may_edit": permissions.can_edit_agencies(reader),
            "may_confirm": permissions.can_confirm_contact(reader),
            "crumbs": _crumbs(agency),
        },
    )


@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Add an agency that the list lacks."""
    editor = _editor(request)
    form = NewAgencyForm(request.POST or None)
    if form.is_valid():
        try:
            agency = services.add_agency(
                jurisdiction=form.cleaned_data["jurisdiction"],
                fields=form.facts(),
                roles=form.role_choice(),
                why=form.cleaned_data["why"],
                by=editor,
                now=timezone.now(),
            )
        except ValidationError as refused:
            form.add_error(None, refused.messages)
        else:
            messages.success(request, _("The agency is added. Add a way to reach it next."))
            return redirect(agency)
    crumbs = [(_("Agencies"), reverse("agencies:list")), (_("Add an agency"), "")]
    return render(request, "agencies/add.html", {"form": form, "crumbs": crumbs})


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """Change an agency's own facts and roles."""
    editor = _editor(request)
    agency = _agency(code)
    form = AgencyForm(request.POST or None, instance=_agency(code))
    if form.is_valid():
        try:
            services.edit_agency(
                agency.pk,
                fields=form.facts(),
                roles=form.role_choice(),
                why=form.cleaned_data["why"],
                by=editor,
                now=timezone.now(),
                seen_at=form.seen_moment(),
            )
        except services.ChangedMeanwhile as changed:
            form.add_error(None, str(changed))
        except ValidationError as refused:
            form.add_error(None, refused.messages)
        else:
            messages.success(request, _("Saved, with the history."))
            return redirect(agency)
    return render(request, "agencies/edit.html", {"form": form, "agency": agency, "crumbs": _crumbs(agency, _("Edit"))})


@require_http_methods(["GET", "POST"])
def contact_add(request: HttpRequest, code: str) -> HttpResponse:
    """Propose one more way to reach an agency."""
    reader = _reader(request)
    if not permissions.can_confirm_contact(reader):
        raise PermissionDenied
    agency = _agency(code)
    form = ContactForm(request.POST or None)
    if form.is_valid():
        services.add_contact(agency.pk, **form.cleaned_data, by=reader, now=timezone.now())
        messages.success(request, _("The address is added, not yet confirmed."))
        return redirect(agency)
    crumbs = _crumbs(agency, _("Add an address"))
    return render(request, "agencies/contact_add.html", {"form": form, "agency": agency, "crumbs": crumbs})


@require_http_methods(["GET", "POST"])
def contact_edit(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Correct a contact point. A changed address becomes a new one; the old one is kept as retired."""
    editor = _editor(request)
    agency, contact = _contact(code, pk)
    if contact.health == ContactPoint.Health.RETIRED:
        raise Http404
    form = ContactEditForm(request.POST or None, contact=contact)
    if form.is_valid():
        edited = ("value", "office_or_title", "salutation_language", "where_seen")
        values = {name: form.cleaned_data[name] for name in edited}
        services.edit_contact(contact.pk, **values, by=editor, now=timezone.now())
        messages.success(request, _("Saved, with the history."))
        return redirect(agency)
    return _contact_page(request, "agencies/contact_edit.html", agency, contact, form, _("Correct an address"))


@require_http_methods(["GET", "POST"])
def contact_confirm(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Record that a person saw the address in use."""
    reader = _reader(request)
    if not permissions.can_confirm_contact(reader):
        raise PermissionDenied
    agency, contact = _contact(code, pk)
    form = WhereSeenForm(request.POST or None)
    if form.is_valid():
        try:
            services.confirm_contact(
                contact.pk, by=reader, where_seen=form.cleaned_data["where_seen"], now=timezone.now()
            )
        except services.ContactRetired as retired:
            messages.error(request, str(retired))
        else:
            messages.success(request, _("Confirmed. Letters can go there now."))
        return redirect(agency)
    return _contact_page(request, "agencies/contact_confirm.html", agency, contact, form, _("Confirm an address"))


@require_http_methods(["GET", "POST"])
def contact_retire(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Take an address out of use."""
    editor = _editor(request)
    agency, contact = _contact(code, pk)
    form = RetireForm(request.POST or None)
    if form.is_valid():
        services.retire_contact(contact.pk, why=form.cleaned_data["why"], by=editor, now=timezone.now())
        messages.success(request, _("The address is no longer offered. Letters that went there keep it."))
        return redirect(agency)
    return _contact_page(request, "agencies/contact_retire.html", agency, contact, form, _("Retire an address"))


# --- import and export ------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def import_file(request: HttpRequest) -> HttpResponse:
    """Take a CSV file and show what it would do. Nothing is written to the list."""
    editor = _editor(request)
    form = ImportForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            kept = services.preview_import(
                # One byte more than allowed: enough to see that the file is too large, and no more in memory.
                raw=upload.read(services.IMPORT_BYTES_READ),
                file_name=upload.name,
                by=editor,
                now=timezone.now(),
            )
        except ImportFileError as error:
            form.add_error("file", str(error))
        else:
            return redirect("agencies:import-preview", pk=kept.pk)
    crumbs = [(_("Agencies"), reverse("agencies:list")), (_("Import"), "")]
    return render(request, "agencies/import.html", {"form": form, "columns": COLUMNS, "crumbs": crumbs})


@require_safe
def import_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Show, line by line, what a kept file would do now."""
    kept = _kept_import(request, pk)
    return _preview_page(request, kept, services.plan_of(kept))


@require_POST
def import_apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Write exactly what the preview showed."""
    kept = _kept_import(request, pk)
    form = ApplyForm(request.POST)
    if not form.is_valid():
        return redirect("agencies:import-preview", pk=pk)
    try:
        plan = services.apply_import(
            kept.pk, plan_sha256=form.cleaned_data["plan"], by=_editor(request), now=timezone.now()
        )
    except services.ImportChanged as changed:
        messages.error(request, str(changed))
        return redirect("agencies:import-preview", pk=pk)
    messages.success(
        request,
        _("Imported: %(created)s lines added something, %(updated)s changed something, %(left)s were left out.")
        % {"created": plan.count("create"), "updated": plan.count("update"), "left": plan.count("error")},
    )
    return redirect("agencies:list")


def _preview_page(request: HttpRequest, kept: AgencyImport, plan: Plan) -> HttpResponse:
    return render(
        request,
        "agencies/import_preview.html",
        {
            "kept": kept,
            "plan": plan,
            "form": ApplyForm(initial={"plan": plan.sha256}),
            "told": [one for one in plan.outcomes if one.outcome != "unchanged"],
            "counts": {name: plan.count(name) for name in ("create", "update", "unchanged", "error")},
            "crumbs": [
                (_("Agencies"), reverse("agencies:list")),
                (_("Import"), reverse("agencies:import")),
                (kept.file_name, ""),
            ],
        },
    )


@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """Give the list of agencies as CSV, all of it or one state's."""
    _editor(request)
    state = request.GET.get("state", "").upper()
    if state and state not in JURISDICTIONS:
        raise Http404
    text = compose_csv(queries.export_rows(state))
    # With a byte-order mark, or a spreadsheet program reads UTF-8 as something else.
    response = HttpResponse("\ufeff" + text, content_type="text/csv; charset=utf-8")
    name = f"agencies-{state or 'all'}-{timezone.localdate():%Y-%m-%d}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


# --- who asks, and for what -------------------------------------------------------------------------------------------


def _reader(request: HttpRequest) -> Person:
    person = request.user
    if not isinstance(person, Person) or not permissions.can_see_agencies(person):
        raise PermissionDenied
    return person


def _editor(request: HttpRequest) -> Person:
    person = _reader(request)
    if not permissions.can_edit_agencies(person):
        raise PermissionDenied
    return person


def _agency(code: str) -> Agency:
    agency = queries.agency_with_contacts(code)
    if agency is None:
        raise Http404
    return agency


def _contact(code: str, pk: int) -> tuple[Agency, ContactPoint]:
    agency = _agency(code)
    return agency, get_object_or_404(ContactPoint, pk=pk, agency=agency)


def _kept_import(request: HttpRequest, pk: int) -> AgencyImport:
    """Return one of the editor's own imports that is not applied yet."""
    return get_object_or_404(AgencyImport, pk=pk, made_by=_editor(request), applied_at__isnull=True)


def _contact_page(
    request: HttpRequest, template: str, agency: Agency, contact: ContactPoint, form: Any, label: str
) -> HttpResponse:
    context = {"form": form, "agency": agency, "contact": contact, "crumbs": _crumbs(agency, label)}
    return render(request, template, context)


def _crumbs(agency: Agency, here: str = "") -> list[tuple[str, str]]:
    crumbs = [
        (_("Agencies"), reverse("agencies:list")),
        (name_of(agency.jurisdiction), f"{reverse('agencies:list')}?{urlencode({'state': agency.jurisdiction})}"),
        (agency.short_name, agency.get_absolute_url() if here else ""),
    ]
    return [*crumbs, (here, "")] if here else crumbs
