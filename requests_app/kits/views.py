"""Where coordinators write the group's kits and paragraphs, and where the letterhead and signatures are kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import BaseFormSet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from requests_app.kits import own_kits, permissions, rendering, stationery, trying
from requests_app.kits.catalog import OWN_KIT, UnknownKit, bundled_kits, get_kit
from requests_app.kits.dress import Dress
from requests_app.kits.forms import (
    ClauseForm,
    CopyForm,
    FindingForms,
    ItemForms,
    KitFileForm,
    LetterheadForm,
    OwnKitForm,
    SignatureForm,
    SourceForms,
    initial_of,
    rows_of,
)
from requests_app.kits.letters import Letter
from requests_app.kits.models import Clause, KitEdition
from requests_app.kits.own_kits import NotAKit
from requests_app.kits.schema import Kit
from requests_app.law.book import LawBook, open_book
from requests_app.people.models import Person
from requests_app.people.signed_in import signed_in
from requests_app.people.states import JURISDICTIONS

REFUSED = 422
STALE = 409


def _editor_of_kits(request: HttpRequest) -> Person:
    person = signed_in(request)
    if not permissions.can_edit_kits(person):
        raise PermissionDenied
    return person


def _book() -> LawBook:
    return open_book(Path(settings.LAW_OVERLAY_DIR) if settings.LAW_OVERLAY_DIR else None)


def _posted(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


# --- the list ---------------------------------------------------------------------------------------------------------


@require_GET
def kits(request: HttpRequest) -> HttpResponse:
    """List the kits and paragraphs that the wizard offers, and the retired ones."""
    person = _editor_of_kits(request)
    present = list(own_kits.present_editions())
    clauses = list(Clause.objects.select_related("changed_by"))
    context = {
        "own": [edition for edition in present if edition.kit.retired_at is None],
        "retired": [edition for edition in present if edition.kit.retired_at is not None],
        "bundled": bundled_kits(),
        "clauses": [clause for clause in clauses if clause.retired_at is None],
        "retired_clauses": [clause for clause in clauses if clause.retired_at is not None],
        "may_edit_letterhead": permissions.can_edit_letterhead(person),
        "crumbs": [(_("Kits"), "")],
    }
    return render(request, "kits/list.html", context)


# --- one kit ----------------------------------------------------------------------------------------------------------


@dataclass
class _Desk:
    """A kit's form with its three lists of rows."""

    form: OwnKitForm
    items: BaseFormSet[Any]
    findings: BaseFormSet[Any]
    sources: BaseFormSet[Any]

    @property
    def lists(self) -> tuple[tuple[str, BaseFormSet[Any]], ...]:
        return (("items", self.items), ("findings", self.findings), ("sources", self.sources))

    def is_valid(self) -> bool:
        return all([self.form.is_valid(), *(rows.is_valid() for _name, rows in self.lists)])

    def fields_of_kit(self) -> dict[str, Any]:
        """Return everything that was typed as the data of a kit; rows left empty or taken out are not in it."""
        rows = {
            name: [
                row.data_of()
                for row in each.forms
                if row.has_changed() and row.cleaned_data and not row.cleaned_data.get("DELETE")
            ]
            for name, each in self.lists
        }
        for group in rows.values():
            for row in group:
                row.pop("DELETE", None)
        return {**self.form.fields_of_kit(), **rows}


def _desk(data: QueryDict | None, content: dict[str, Any] | None) -> _Desk:
    rows = rows_of(content) if content and data is None else {"items": [], "findings": [], "sources": []}
    return _Desk(
        form=OwnKitForm(data, initial=initial_of(content) if content and data is None else None),
        items=ItemForms(data, initial=rows["items"], prefix="items"),
        findings=FindingForms(data, initial=rows["findings"], prefix="findings"),
        sources=SourceForms(data, initial=rows["sources"], prefix="sources"),
    )


def _with_another_row(data: QueryDict, name: str) -> QueryDict:
    """Return what was posted with room for one more row."""
    more = data.copy()
    count = more.get(f"{name}-TOTAL_FORMS", "0")
    more[f"{name}-TOTAL_FORMS"] = str(min(60, int(count) + 1)) if count.isdecimal() and len(count) < 4 else "1"
    return more


def _checked(desk: _Desk, code: str) -> Kit | None:
    """Return the kit that the form describes; else None, with the problems on the form's fields."""
    if not desk.is_valid():
        return None
    try:
        return own_kits.checked(desk.fields_of_kit(), kit_id=code or "G0", edition="1", on=timezone.now().date())
    except NotAKit as trouble:
        _put_on_fields(desk.form, trouble)
        return None


def _put_on_fields(form: OwnKitForm, trouble: NotAKit) -> None:
    for field, text in trouble.problems:
        name = field.partition(".")[0].partition("[")[0]
        name = f"period_{field.partition('.')[2]}" if name == "period" else name
        known = name in form.fields
        form.add_error(name if known else None, text if known or not field else f"{field}: {text}")


@require_http_methods(["GET", "POST"])
def new_kit(request: HttpRequest) -> HttpResponse:
    """Write a kit, from nothing or from a copy of another."""
    _editor_of_kits(request)
    content = None
    if asked := request.GET.get("start_from", ""):
        try:
            content = msgspec.to_builtins(get_kit(asked))
        except UnknownKit as unknown:
            raise Http404 from unknown
        content["title"] = _("Copy of %(title)s") % {"title": content["title"]}
    return _kit_page(request, "", 0, content)


@require_http_methods(["GET", "POST"])
def edit_kit(request: HttpRequest, code: str) -> HttpResponse:
    """Write a new edition of one of the group's kits."""
    _editor_of_kits(request)
    edition = _present(code)
    return _kit_page(request, code, edition.number, edition.content)


def _present(code: str) -> KitEdition:
    """Return the present edition of an own kit, or 404."""
    if not OWN_KIT.fullmatch(code):
        raise Http404
    return get_object_or_404(own_kits.present_editions(), kit__number=int(code[1:]))


def _kit_page(request: HttpRequest, code: str, number: int, content: dict[str, Any] | None) -> HttpResponse:
    data = _posted(request)
    seen = number
    status = 200
    if data is not None:
        given = data.get("seen_edition", "")
        seen = int(given) if given.isdecimal() and len(given) < 7 else 0
        if do := data.get("do", "keep").removeprefix("row:"):
            data = _with_another_row(data, do) if do in ("items", "findings", "sources") else data
        desk = _desk(data, None)
        if request.POST.get("do", "keep") == "keep":
            if _checked(desk, code) is not None:
                try:
                    kept = own_kits.write_kit(
                        desk.fields_of_kit(), code=code, seen_edition=seen, by=signed_in(request), now=timezone.now()
                    )
                except own_kits.KitChangedMeanwhile as meanwhile:
                    desk.form.add_error(None, str(meanwhile))
                    seen, status = number, STALE
                else:
                    facts = {"code": kept.kit.code, "number": kept.number}
                    messages.success(request, _("Kept as %(code)s, edition %(number)s. Filers find it now.") % facts)
                    return redirect("kits:list")
            else:
                status = REFUSED
    else:
        desk = _desk(None, content)
    context = {
        "desk": desk,
        "code": code,
        "seen_edition": seen,
        "copy_form": None if code else CopyForm(kits=[(kit.id, f"{kit.id}: {kit.title}") for kit in bundled_kits()]),
        "states": [(state, name) for state, name in JURISDICTIONS.items() if state in _book().codes],
        "chosen_states": trying.USUAL_STATES,
        "crumbs": [(_("Kits"), reverse("kits:list")), (code or _("A new kit"), "")],
    }
    return render(request, "kits/edit.html", context, status=status)


@require_POST
def check_kit(request: HttpRequest) -> HttpResponse:
    """Say what is wrong with a kit that is being written, and show its letter in three states. Writes nothing."""
    _editor_of_kits(request)
    desk = _desk(request.POST, None)
    kit = _checked(desk, "")
    book = _book()
    codes = [code for code in request.POST.getlist("state") if code in book.codes][:3] or list(trying.USUAL_STATES)
    trials = trying.try_in(kit, book, codes, on=timezone.now().date()) if kit is not None else []
    context = {
        "desk": desk,
        "sheets": _sheets(trials),
        "complete": kit is not None,
    }
    return render(request, "kits/checked.html" if request.htmx else "kits/check_page.html", context)  # type: ignore[attr-defined]


def _sheets(trials: list[trying.Trial]) -> list[dict[str, Any]]:
    """Return each state's letter as the sheet that a template shows."""
    return [{"trial": trial, "page": rendering.context(trial.letter) if trial.letter else None} for trial in trials]


@require_POST
def retire_kit(request: HttpRequest, code: str) -> HttpResponse:
    """Take a kit off the wizard's list."""
    _editor_of_kits(request)
    _present(code)
    own_kits.retire_kit(code, now=timezone.now())
    messages.success(request, _("%(code)s is off the list. Letters and drafts that use it keep it.") % {"code": code})
    return redirect("kits:list")


@require_POST
def offer_kit(request: HttpRequest, code: str) -> HttpResponse:
    """Put a retired kit on the list again."""
    _editor_of_kits(request)
    _present(code)
    own_kits.offer_kit(code)
    messages.success(request, _("%(code)s is on the list again.") % {"code": code})
    return redirect("kits:list")


@require_GET
def export_kit(request: HttpRequest, code: str) -> HttpResponse:
    """A kit as a file to share, one of the group's own or one that came with the program."""
    _editor_of_kits(request)
    try:
        kit = get_kit(code)
    except UnknownKit as unknown:
        raise Http404 from unknown
    return HttpResponse(
        own_kits.to_file(kit),
        content_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{kit.id}-{kit.edition}.json"'},
    )


@require_http_methods(["GET", "POST"])
def import_kit(request: HttpRequest) -> HttpResponse:
    """Look at a kit file, then keep it. The file is checked both times; nothing is written at the first."""
    person = _editor_of_kits(request)
    posted = request.method == "POST"
    text = request.POST.get("text", "")
    form = KitFileForm(request.POST, request.FILES) if posted and not text else KitFileForm()
    arrival, problems = None, []
    if text or form.is_valid():
        raw = text.encode() if text else form.cleaned_data["file"].read(own_kits.FILE_LIMIT + 1)
        try:
            arrival = own_kits.look_at_file(raw, on=timezone.now().date())
        except NotAKit as trouble:
            problems = [f"{field}: {said}" if field else said for field, said in trouble.problems]
    if arrival is not None and text:
        edition = own_kits.write_kit(arrival.fields, by=person, now=timezone.now())
        messages.success(request, _("Kept as %(code)s. Filers find it now.") % {"code": edition.kit.code})
        return redirect("kits:list")
    trials = trying.try_in(arrival.kit, _book(), trying.USUAL_STATES[:1], on=timezone.now().date()) if arrival else []
    context = {
        "form": form,
        "arrival": arrival,
        "problems": problems,
        "text": raw.decode() if arrival else "",
        "sheets": _sheets(trials),
        "crumbs": [(_("Kits"), reverse("kits:list")), (_("Read a kit file"), "")],
    }
    return render(request, "kits/import.html", context, status=REFUSED if form.errors or problems else 200)


# --- paragraphs -------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def new_clause(request: HttpRequest) -> HttpResponse:
    """Write a paragraph that filers can add to their letters."""
    person = _editor_of_kits(request)
    form = ClauseForm(_posted(request), clause=None)
    if form.is_valid():
        said = form.cleaned_data
        own_kits.write_clause(title=said["title"], text=said["text"], by=person, now=timezone.now())
        messages.success(request, _("The paragraph is kept. Filers find it under Details."))
        return redirect("kits:list")
    return _clause_page(request, form, None)


@require_http_methods(["GET", "POST"])
def change_clause(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a paragraph. Letters that are filed keep what they say."""
    person = _editor_of_kits(request)
    clause = get_object_or_404(Clause, pk=pk)
    form = ClauseForm(_posted(request), clause=clause)
    status = 200
    if form.is_valid():
        said = form.cleaned_data
        try:
            own_kits.change_clause(
                pk,
                title=said["title"],
                text=said["text"],
                seen_revision=said["seen_revision"] or 0,
                by=person,
                now=timezone.now(),
            )
        except own_kits.ClauseChangedMeanwhile as meanwhile:
            now = Clause.objects.get(pk=pk)
            form = ClauseForm({**request.POST.dict(), "seen_revision": str(now.revision)}, clause=clause)
            form.add_error("text", str(meanwhile))
            status = STALE
        else:
            messages.success(request, _("The paragraph is changed. Letters that are filed keep the earlier one."))
            return redirect("kits:list")
    return _clause_page(request, form, clause, status)


def _clause_page(request: HttpRequest, form: ClauseForm, clause: Clause | None, status: int = 200) -> HttpResponse:
    crumbs = [(_("Kits"), reverse("kits:list")), (clause.title if clause else _("A new paragraph"), "")]
    return render(request, "kits/clause.html", {"form": form, "clause": clause, "crumbs": crumbs}, status=status)


@require_POST
def retire_clause(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a paragraph off the list."""
    _editor_of_kits(request)
    clause = get_object_or_404(Clause, pk=pk)
    own_kits.retire_clause(clause.pk, now=timezone.now())
    messages.success(request, _("The paragraph is off the list. Drafts that use it keep it."))
    return redirect("kits:list")


# --- letterhead and signature -----------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def letterhead(request: HttpRequest) -> HttpResponse:
    """Show and change the head of the group's letters."""
    person = signed_in(request)
    if not permissions.can_edit_letterhead(person):
        raise PermissionDenied
    present = stationery.current_letterhead()
    form = LetterheadForm(
        _posted(request),
        request.FILES if request.method == "POST" else None,
        present=present,
        group=settings.ORGANISATION_NAME,
    )
    if form.is_valid():
        said = form.cleaned_data
        stationery.save_letterhead(
            name=said["name"],
            lines=said["lines"],
            logo=said["logo"],
            keep_logo=not said.get("remove_logo"),
            by=person,
            now=timezone.now(),
        )
        messages.success(request, _("Letters from now on carry this head. Letters that are filed keep theirs."))
        return redirect("kits:letterhead")
    sample = _sample(person)
    context = {
        "form": form,
        "present": present,
        "page": rendering.context(sample, stationery.dress_of(sample)) if present else None,
        "crumbs": [(_("Letterhead"), "")],
    }
    return render(request, "kits/letterhead.html", context)


def _sample(person: Person) -> Letter:
    """Return a letter to look at, without anybody's name in it."""
    kit, book = bundled_kits()[0], _book()
    letter = trying.try_in(kit, book, trying.USUAL_STATES[:1], on=timezone.now().date())[0].letter
    assert letter is not None  # noqa: S101  a bundled kit makes a letter in Maryland; the tests try all of them
    return replace(stationery.Outfit(stationery.current_letterhead(), None).on(letter), sections=letter.sections[:1])


@never_cache
@require_http_methods(["GET", "POST"])
def signature(request: HttpRequest) -> HttpResponse:
    """Show and keep one's own signature. Nobody else ever sees this page's picture."""
    person = signed_in(request)
    if not permissions.can_have_signature(person):
        raise PermissionDenied
    posted = request.method == "POST"
    form = SignatureForm(request.POST, request.FILES) if posted else SignatureForm()
    if form.is_valid():
        stationery.save_signature(person, form.cleaned_data["picture"], now=timezone.now())
        messages.success(request, _("Your letters carry this signature from now on."))
        return redirect("kits:signature")
    kept = stationery.picture_of(stationery.signature_of(person), person.handle)
    shown = rendering.context(_sample(person), Dress(signature=kept))["signature"] if kept else None
    context = {"form": form, "shown": shown, "crumbs": [(_("You"), reverse("people:me")), (_("Signature"), "")]}
    return render(request, "kits/signature.html", context)


@require_POST
def delete_signature(request: HttpRequest) -> HttpResponse:
    """Delete one's own signature, also from letters that are printed again."""
    person = signed_in(request)
    if not permissions.can_have_signature(person):
        raise PermissionDenied
    stationery.delete_signature(person)
    messages.success(request, _("Your signature is deleted. Letters leave a space for a pen again."))
    return redirect("kits:signature")
