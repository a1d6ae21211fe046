"""Pages of the officials: list, one official with the log, import and export. Letters to them are tracking's."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from requests_app.agencies.forms import ApplyForm
from requests_app.agencies.importing import ImportFileError
from requests_app.agencies.officials import permissions, queries, services
from requests_app.agencies.officials.forms import (
    ExchangeForm,
    OfficialForm,
    OfficialImportForm,
    OfficialSearchForm,
    WhyForm,
)
from requests_app.agencies.officials.importing import COLUMNS, OfficialPlan, compose_officials_csv
from requests_app.agencies.officials.models import Exchange, Office, Official, OfficialImport
from requests_app.agencies.services import IMPORT_BYTES_READ, ImportChanged
from requests_app.agencies.status import queries as status_queries
from requests_app.people.models import Person
from requests_app.people.signed_in import signed_in
from requests_app.people.states import JURISDICTIONS

HISTORY_SHOWN = 50
LOG_SHOWN = 100


@require_safe
def officials(request: HttpRequest) -> HttpResponse:
    """Show the officials, by state and office, with what was last said."""
    reader = _reader(request)
    form = OfficialSearchForm(request.GET)
    narrowing = form.narrowing()
    rows = queries.narrowed(**narrowing)
    page = queries.official_page(rows, before=_number(request, "before"), after=_number(request, "after"))
    kept = {name: request.GET[name] for name in ("words", "state", "office", "retired") if request.GET.get(name)}
    state = narrowing["jurisdiction"]
    context = {
        "form": form,
        "officials": page.officials,
        "prev_url": _turn(kept, "before", page.before),
        "next_url": _turn(kept, "after", page.after),
        "narrowed": any(narrowing.values()),
        "state": state,
        "state_name": JURISDICTIONS.get(state, ""),
        "may_edit": permissions.can_edit_officials(reader),
        "may_approach": permissions.can_approach_officials(reader),
        "kept": urlencode({"state": state, "office": narrowing["office"]}),
        "crumbs": [(_("Officials"), "")],
    }
    return render(request, "agencies/officials/list.html", context)


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


def _turn(kept: dict[str, str], side: str, pk: int | None) -> str:
    return f"{reverse('agencies:officials')}?{urlencode({**kept, side: pk})}" if pk else ""


@require_safe
def official(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one official: how to reach them, what is reported of their state, what was said, what was changed."""
    reader = _reader(request)
    found = _official(pk)
    may_edit = permissions.can_edit_officials(reader)
    context = {
        "official": found,
        "facts": _facts(found),
        "standing": None if found.jurisdiction == "US" else status_queries.standing(found.jurisdiction),
        "log": [(entry, permissions.can_strike(reader, entry.by_id)) for entry in queries.exchanges(found)[:LOG_SHOWN]],
        "history": queries.history(found)[:HISTORY_SHOWN],
        "may_edit": may_edit,
        "may_approach": permissions.can_approach_officials(reader),
        "crumbs": _crumbs(found),
    }
    return render(request, "agencies/officials/detail.html", context)


def _facts(found: Official) -> list[tuple[str, str]]:
    return [
        (_("E-mail"), found.email),
        (_("Postal address"), found.postal_address),
        (_("Telephone"), found.phone),
        (_("Fax"), found.fax),
    ]


@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Add one official."""
    editor = _editor(request)
    now = timezone.now()
    initial = {"jurisdiction": request.GET.get("state", "").upper(), "office": Office.GOVERNOR}
    form = OfficialForm(request.POST or None, initial=initial, today=timezone.localdate(now))
    if form.is_valid():
        try:
            added = services.add_official(form.facts, by=editor, now=now)
        except services.OfficialListed as listed:
            form.add_error(None, str(listed))
        else:
            messages.success(request, _("The official is added. Write the letter or make the call from here."))
            return redirect(added)
    crumbs = [(_("Officials"), reverse("agencies:officials")), (_("Add an official"), "")]
    return render(request, "agencies/officials/add.html", {"form": form, "crumbs": crumbs})


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change an official's facts, with history."""
    editor, found, now = _editor(request), _official(pk), timezone.now()
    form = OfficialForm(request.POST or None, today=timezone.localdate(now), official=found)
    if form.is_valid():
        try:
            services.edit_official(
                found.pk,
                form.facts,
                why=form.cleaned_data["why"],
                by=editor,
                now=now,
                seen_at=form.seen_moment(),
            )
        except (services.OfficialListed, services.OfficialChangedMeanwhile) as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("Saved, with the history."))
            return redirect(found)
    return _page(request, "edit", found, form, _("Edit"))


@require_http_methods(["GET", "POST"])
def retire(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that an official left office, or is back in it. The log and the history stay."""
    editor, found, now = _editor(request), _official(pk), timezone.now()
    form = WhyForm(request.POST or None)
    if form.is_valid():
        act = services.bring_back if found.retired_at else services.retire_official
        act(found.pk, why=form.cleaned_data["why"], by=editor, now=now)
        messages.success(request, _("Saved, with the history. The log of what was said stays."))
        return redirect(found)
    return _page(request, "retire", found, form, _("Back in office") if found.retired_at else _("No longer in office"))


# --- the log ----------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def log(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down one call, meeting, letter or reply."""
    person, found, now = _approacher(request), _official(pk), timezone.now()
    channel = request.GET.get("way", "")
    initial = {"channel": channel} if channel in Exchange.Channel.values else {}
    blank = Exchange(official=found, by=person, recorded_at=now)
    form = ExchangeForm(request.POST or None, instance=blank, initial=initial, today=timezone.localdate(now))
    if form.is_valid():
        services.log_exchange(found.pk, entry=form.cleaned_data, by=person, now=now)
        messages.success(request, _("Written down. What an official says is their word, not a finding of ours."))
        return redirect(found)
    return _page(request, "log", found, form, _("Write down what was said"))


@require_POST
def settle(request: HttpRequest, pk: int, entry: int) -> HttpResponse:
    """Say that nobody needs to ask again for this entry."""
    _approacher(request)
    found = get_object_or_404(Exchange, pk=entry, official_id=pk)
    services.settle_follow_up(found.pk, now=timezone.now())
    messages.success(request, _("Settled: nobody is reminded of it any more."))
    return redirect("agencies:official", pk)


@require_POST
def strike(request: HttpRequest, pk: int, entry: int) -> HttpResponse:
    """Strike a mistaken entry; it stays readable."""
    person = _approacher(request)
    found = get_object_or_404(Exchange, pk=entry, official_id=pk)
    if not permissions.can_strike(person, found.by_id):
        raise PermissionDenied
    services.strike_exchange(found.pk, by=person, now=timezone.now())
    messages.success(request, _("Struck. It stays readable; write the right one beside it."))
    return redirect("agencies:official", pk)


# --- import and export ------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def import_file(request: HttpRequest) -> HttpResponse:
    """Take a CSV file and show what it would do. Nothing is written to the list."""
    editor = _editor(request)
    form = OfficialImportForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            kept = services.preview_officials(
                raw=upload.read(IMPORT_BYTES_READ), file_name=upload.name, by=editor, now=timezone.now()
            )
        except ImportFileError as error:
            form.add_error("file", str(error))
        else:
            return redirect("agencies:official-import-preview", pk=kept.pk)
    crumbs = [(_("Officials"), reverse("agencies:officials")), (_("Import"), "")]
    context = {"form": form, "columns": COLUMNS, "offices": Office.choices, "crumbs": crumbs}
    return render(request, "agencies/officials/import.html", context)


@require_safe
def import_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Show, line by line, what a kept file would do now."""
    kept = _kept_import(request, pk)
    plan = services.plan_of(kept, now=timezone.now())
    context = {
        "kept": kept,
        "plan": plan,
        "form": ApplyForm(initial={"plan": plan.sha256}),
        "told": [one for one in plan.outcomes if one.outcome != "unchanged"],
        "counts": {name: plan.count(name) for name in ("create", "update", "unchanged", "error")},
        "crumbs": [
            (_("Officials"), reverse("agencies:officials")),
            (_("Import"), reverse("agencies:official-import")),
            (kept.file_name, ""),
        ],
    }
    return render(request, "agencies/officials/import_preview.html", context)


@require_POST
def import_apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Write exactly what the preview showed."""
    editor, kept, form = _editor(request), _kept_import(request, pk), ApplyForm(request.POST)
    if not form.is_valid():
        return redirect("agencies:official-import-preview", pk=pk)
    try:
        plan: OfficialPlan = services.apply_officials(
            kept.pk, plan_sha256=form.cleaned_data["plan"], by=editor, now=timezone.now()
        )
    except ImportChanged:
        text = _("Somebody changed the list after you looked, so nothing was written. Look again, then confirm.")
        messages.error(request, text)
        return redirect("agencies:official-import-preview", pk=pk)
    messages.success(
        request,
        _("Imported: %(created)s added, %(updated)s changed, %(left)s left out.")
        % {"created": plan.count("create"), "updated": plan.count("update"), "left": plan.count("error")},
    )
    return redirect("agencies:officials")


@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """Give the list of officials as CSV, all of it or one state's. Never the log."""
    _editor(request)
    state = request.GET.get("state", "").upper()
    if state and state not in JURISDICTIONS:
        raise Http404
    rows = Official.objects.filter(jurisdiction=state) if state else Official.objects.all()
    # With a byte-order mark, or a spreadsheet program reads UTF-8 as something else.
    text = "\ufeff" + compose_officials_csv(queries.export_rows(rows))
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    name = f"officials-{state or 'all'}-{timezone.localdate():%Y-%m-%d}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


# --- who asks, and for what -------------------------------------------------------------------------------------------


def _reader(request: HttpRequest) -> Person:
    person = signed_in(request)
    if not permissions.can_see_officials(person):
        raise PermissionDenied
    return person


def _approacher(request: HttpRequest) -> Person:
    person = signed_in(request)
    if not permissions.can_approach_officials(person):
        raise PermissionDenied
    return person


def _editor(request: HttpRequest) -> Person:
    person = signed_in(request)
    if not permissions.can_edit_officials(person):
        raise PermissionDenied
    return person


def _official(pk: int) -> Official:
    return get_object_or_404(Official, pk=pk)


def _kept_import(request: HttpRequest, pk: int) -> OfficialImport:
    """Return one of the editor's own imports that is not applied yet."""
    return get_object_or_404(OfficialImport, pk=pk, made_by=_editor(request), applied_at__isnull=True)


def _page(request: HttpRequest, name: str, found: Official, form: Any, label: str) -> HttpResponse:
    context = {"form": form, "official": found, "crumbs": _crumbs(found, label)}
    return render(request, f"agencies/officials/{name}.html", context)


def _crumbs(found: Official, here: str = "") -> list[tuple[str, str]]:
    state = f"{reverse('agencies:officials')}?{urlencode({'state': found.jurisdiction})}"
    crumbs = [
        (_("Officials"), reverse("agencies:officials")),
        (found.state_name, state),
        (found.name, found.get_absolute_url() if here else ""),
    ]
    return [*crumbs, (here, "")] if here else crumbs
