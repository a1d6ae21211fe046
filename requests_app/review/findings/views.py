"""Screens of findings: kept with evidence first, read again blindly, decided, compared, and what is still missing."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from requests_app.documents import permissions as documents_permissions
from requests_app.documents import queries as documents
from requests_app.documents.marks import queries as marks
from requests_app.documents.models import Document, Page, Sheet
from requests_app.kits import catalog
from requests_app.kits.catalog import UnknownKit
from requests_app.people.models import Role
from requests_app.people.signed_in import signed_in
from requests_app.people.states import JURISDICTIONS, name_of
from requests_app.review.anchoring import TextQuote
from requests_app.review.annotations import anchors
from requests_app.review.annotations import services as marking
from requests_app.review.annotations.placing import Share
from requests_app.review.findings import comparing, evidence, permissions, queries, services, wording
from requests_app.review.findings.checking import differences
from requests_app.review.findings.definitions import Definition, UnknownField, definition_of, definitions_of, words_for
from requests_app.review.findings.forms import ChangeForm, ClaimForm, DecideForm, FindingForm, PlaceForm, ReasonForm
from requests_app.review.findings.states import SETTLED, State
from requests_app.review.models import Annotation, Contradiction, Finding, Reading
from requests_app.review.targets import Cells, NoTarget, PageText, Target, WholePage

PAGE = 50  # findings on one page of the list
MOST_EVIDENCE = 50  # marks of one finding
PICTURE = 900  # pixels: one of `rendering.WIDTHS`
TONES = {
    State.WAITING: "soon",
    State.DIFFERS: "late",
    State.VERIFIED: "good",
    State.ADJUDICATED: "good",
}


@dataclass(frozen=True)
class Line:
    """One finding as lists show it. `value` is "" for whom it is hidden from."""

    finding: Finding
    label: str
    value: str
    period: str
    whose: str
    tone: str
    may_read: bool
    is_comparable: bool

    @property
    def state_words(self) -> str:
        return self.finding.get_state_display()


@dataclass(frozen=True)
class Mark:
    """One piece of evidence: the mark, its words or cells, and where to look at it. Never the note beside it."""

    annotation: Annotation
    where: str
    url: str
    words: str
    rows: list[tuple[int, list[str]]]
    picture: str = ""
    boxes: tuple[Share, ...] = ()


# --- Lists --------------------------------------------------------------------------------------------------------


@require_GET
def findings(request: HttpRequest) -> HttpResponse:
    """List findings, newest first, those that wait for this reader on top of the page."""
    person = signed_in(request)
    if not permissions.can_look(person):
        raise PermissionDenied
    offered = FilterForm(request.GET)
    offered.is_valid()  # what is not offered narrows nothing
    field = request.GET.get("field", "")
    chosen = {name: offered.cleaned_data.get(name, "") for name in ("state", "jurisdiction", "kit")}
    chosen["field"] = field[:60] if field.isprintable() else ""
    found = queries.filtered(queries.visible_to(person), person, **chosen)
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 10:
        found = found.filter(pk__lt=int(before))
    page = list(found[: PAGE + 1])
    narrowed = {name: value for name, value in chosen.items() if value}
    context = {
        "lines": lines_of(page[:PAGE], person),
        "counts": queries.counts(person),
        "first": queries.waiting_for(person).first() if permissions.can_find(person) else None,
        "form": FilterForm(initial=chosen),
        "narrowed": narrowed,
        "prev_url": f"?{urlencode(narrowed)}" if before else "",
        "next_url": f"?{urlencode({**narrowed, 'before': page[PAGE - 1].pk})}" if len(page) > PAGE else "",
        "crumbs": [(_("Review"), reverse("review:queue")), (_("Findings"), "")],
    }
    return render(request, "review/findings/list.html", context)


class FilterForm(forms.Form):
    """What to list."""

    state = forms.ChoiceField(required=False)
    jurisdiction = forms.ChoiceField(required=False)
    kit = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        states = [("", _("All that stand")), ("for-me", _("I can read again")), ("settled", _("Settled"))]
        choices: dict[str, tuple[str, list[Any]]] = {
            "state": (_("Which"), [*states, *State.choices]),
            "jurisdiction": (_("State"), [("", _("All")), *JURISDICTIONS.items()]),
            "kit": (_("Kit"), [("", _("All")), *((kit.id, f"{kit.id} {kit.title}") for kit in catalog.list_kits())]),
        }
        for name, (label, offered) in choices.items():
            self.fields[name] = forms.ChoiceField(label=label, required=False, choices=offered)


def lines_of(found: Sequence[Finding], person: Any) -> list[Line]:
    """Return findings as lists show them, without the values that are hidden from this person."""
    lines = []
    for each in found:
        definition = services.definition_for(each)
        sees = permissions.can_see_value(person, each)
        claim = each.claim
        lines.append(
            Line(
                finding=each,
                label=definition.label,
                value=wording.value_of(claim, definition) if sees else "",
                period=wording.period_of(claim) if sees else "",
                whose=words_for("component", claim.component) if sees and claim.component else "",
                tone=TONES.get(State(each.state), "neutral"),
                may_read=permissions.can_read_again(person, each),
                is_comparable=each.state in SETTLED and definition.is_count and each.number is not None,
            )
        )
    return lines


@require_GET
def compare(request: HttpRequest) -> HttpResponse:
    """Say of chosen numbers what may be done with them together, and why not; add them up where they may be added."""
    person = signed_in(request)
    if not permissions.can_look(person):
        raise PermissionDenied
    chosen = [int(text) for text in request.GET.getlist("f") if text.isdecimal() and len(text) < 10]
    found = list(queries.visible_to(person).filter(pk__in=chosen[: queries.MOST_COMPARED]).order_by("starts_on", "pk"))
    counts = queries.comparable(found, person)
    numbers = [number for _finding, number, _value in counts]
    uses = []
    for use, name in ((comparing.Use.ADD, _("Add them")), (comparing.Use.COMPARE, _("Compare them")),
                      (comparing.Use.CHART, _("Draw them in one chart"))):  # fmt: skip
        reasons = comparing.judge_all(use, numbers)
        verdict = comparing.verdict_of(reasons)
        uses.append({"name": name, "verdict": verdict.name.lower(), "reasons": reasons})
    total = None
    if len(counts) > 1 and uses[0]["verdict"] != "no":
        total = comparing.add_up([(number, value) for _finding, number, value in counts])
    context = {
        "lines": lines_of([finding for finding, _number, _value in counts], person),
        "left_out": len(found) - len(counts),
        "uses": uses,
        "total": total,
        "crumbs": [*_crumbs(), (_("Side by side"), "")],
    }
    return render(request, "review/findings/compare.html", context)


@require_GET
def coverage(request: HttpRequest) -> HttpResponse:
    """Show for each state and kit what was asked, came, was found and verified; for one state each item of a letter."""
    person = signed_in(request)
    if not permissions.can_look(person):
        raise PermissionDenied
    state, kit = request.GET.get("state", ""), request.GET.get("kit", "")[:10]
    if state and state not in JURISDICTIONS:
        raise Http404
    titles = {each.id: each.title for each in catalog.list_kits()}
    kit = kit if kit.isprintable() else ""
    context: dict[str, Any] = {
        "state": state,
        "kit": kit,
        "may_write": person.has_role(Role.COORDINATOR),
        "crumbs": [*_crumbs(), (_("Coverage"), "")],
    }
    if state:
        context["state_name"] = name_of(state)
        context["requests"] = queries.coverage_of_state(person, state, kit)
        context["crumbs"] = [*_crumbs(), (_("Coverage"), reverse("review:findings-coverage")), (name_of(state), "")]
    else:
        rows = queries.coverage_by_state(person)
        context["rows"] = [
            {"of": row, "name": name_of(row.jurisdiction), "title": titles.get(row.kit_id, row.kit_id)} for row in rows
        ]
    return render(request, "review/findings/coverage.html", context)


# --- Keeping ------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Keep a value: first the evidence, then which value it is, then the value. The steps stand in the address."""
    person = signed_in(request)
    document = _document(request, pk)
    if not permissions.can_find(person):
        raise PermissionDenied
    offered = list(queries.evidence_in(document, person))
    wanted = set(request.GET.getlist("evidence")[:MOST_EVIDENCE])
    chosen = [each for each in offered if str(each.pk) in wanted]
    context: dict[str, Any] = {
        "document": document,
        "crumbs": [*_document_crumbs(document), (_("A finding"), "")],
        "withheld": documents_permissions.why_withheld(document),
    }
    if not chosen:
        context |= {"marks": [_mark(each) for each in offered], "lost": bool(wanted)}
        context["place_form"] = _place_form(document)
        return render(request, "review/findings/choose_evidence.html", context)
    context["marks"] = [_mark(each, with_picture=True) for each in chosen]
    definition = _definition(request.GET.get("field", ""))
    if definition is None:
        context["kits"] = _fields_by_kit(document)
        return render(request, "review/findings/choose_field.html", context)
    items = marks.items_of(document.request)
    given: dict[str, Any] = {"definition": definition, "items": items}
    opening = _opening(request.GET, document)
    form = FindingForm(request.POST, **given) if request.method == "POST" else FindingForm(initial=opening, **given)
    if request.method == "POST" and form.is_valid():
        is_draft = request.POST.get("then") == "draft"
        try:
            kept = services.keep(
                document, chosen, definition, form.claim(), form.told(),
                confirmed=form.confirmed, is_draft=is_draft, by=person, now=timezone.now(),
            )  # fmt: skip
        except services.NotKept as trouble:
            form.tell(trouble.problems)
        else:
            said = _("Kept as a draft. Only you see it.") if is_draft else _("Kept. It waits for a second reader.")
            messages.success(request, said)
            if request.POST.get("then") == "another":
                return redirect(f"{request.path}?{urlencode(_carried(kept, wanted), doseq=True)}")
            return redirect(kept)
    context |= {"definition": definition, "form": form, "other_field": _without_field(request.GET)}
    return render(request, "review/findings/keep.html", context, status=422 if form.is_bound else 200)


@require_POST
def mark(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Mark a place as evidence and go on with it."""
    person = signed_in(request)
    document = _document(request, pk)
    if not permissions.can_find(person):
        raise PermissionDenied
    form = _place_form(document, request.POST)
    if form.is_valid():
        try:
            target = _target(form)
            made = marking.annotate(document, target, marking.Said(), by=person, now=timezone.now())
        except (marking.NotThere, NoTarget):
            form.add_error("words", _("That does not stand there. Copy the words from the page, or name other cells."))
        else:
            return redirect(f"{reverse('review:finding-new', args=[document.pk])}?evidence={made.pk}")
    offered = queries.evidence_in(document, person)
    context = {
        "document": document,
        "marks": [_mark(each) for each in offered],
        "place_form": form,
        "crumbs": [*_document_crumbs(document), (_("A finding"), "")],
    }
    return render(request, "review/findings/choose_evidence.html", context, status=422)


# --- One finding --------------------------------------------------------------------------------------------------


@require_GET
def finding(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one finding: its evidence to all, its value to whom it is not hidden from."""
    person = signed_in(request)
    kept = _finding(request, pk)
    definition = services.definition_for(kept)
    sees = permissions.can_see_value(person, kept)
    against = [
        {"link": link, "other": lines_of([other], person)[0]} for link, other in queries.contradictions_of(kept, person)
    ]
    context = {
        "finding": kept,
        "definition": definition,
        "marks": _evidence(kept),
        "tone": TONES.get(State(kept.state), "neutral"),
        "state_name": wording.state_name(kept.jurisdiction),
        "sees": sees,
        "facts": wording.lines_of(kept.claim, definition) if sees else [],
        "doubts": wording.doubts_of(kept) if sees else [],
        "readings": _readings(kept, definition) if sees else [],
        "changes": list(kept.changes.all()),
        "against": against,
        "may_find": permissions.can_find(person),
        "may_read": permissions.can_read_again(person, kept),
        "may_decide": permissions.can_decide(person, kept, _readers(kept)),
        "may_change": permissions.can_change(person, kept),
        "may_offer": kept.state == State.DRAFT and kept.read_by_id == person.pk,
        "may_withdraw": permissions.can_withdraw(person, kept),
        "may_replace": permissions.can_find(person) and kept.state in {*SETTLED, State.WAITING, State.DIFFERS},
        "crumbs": [*_crumbs(), (_("Finding %(number)d") % {"number": kept.pk}, "")],
    }
    return render(request, "review/findings/finding.html", context)


@require_http_methods(["GET", "POST"])
def read(request: HttpRequest, pk: int) -> HttpResponse:
    """The second reading: the evidence, then empty fields. Nothing of the first value is on this page."""
    person = signed_in(request)
    kept = _finding(request, pk)
    if not permissions.can_find(person):
        raise PermissionDenied
    if not permissions.can_read_again(person, kept):
        messages.info(request, _("This finding does not wait for you: it was read, or you wrote its value yourself."))
        return redirect(kept)
    definition = services.definition_for(kept)
    form = ClaimForm(*([request.POST] if request.method == "POST" else []), definition=definition)
    if request.method == "POST" and form.is_valid():
        try:
            after = services.read_again(kept, form.claim(), confirmed=form.confirmed, by=person, now=timezone.now())
        except services.NotKept as trouble:
            form.tell(trouble.problems)
        except services.NotPossible as trouble:
            messages.error(request, str(trouble))
            return redirect(kept)
        else:
            return _after_reading(request, after)
    context = {
        "finding": kept,
        "definition": definition,
        "marks": _evidence(kept),
        "state_name": wording.state_name(kept.jurisdiction),
        "form": form,
        "crumbs": [*_crumbs(), (_("Second reading"), "")],
    }
    return render(request, "review/findings/read.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Both readings beside the evidence; a third person says which value stands."""
    person = signed_in(request)
    kept = _finding(request, pk)
    if not permissions.can_find(person):
        raise PermissionDenied
    if not permissions.can_decide(person, kept, _readers(kept)):
        messages.info(request, _("There is nothing for you to decide: a third person decides between two readers."))
        return redirect(kept)
    definition = services.definition_for(kept)
    second = kept.readings.get(round=kept.round, kind=Reading.Kind.SECOND)
    chosen = second.claim if request.GET.get("begin") == "second" else kept.claim
    opened = {**ClaimForm.opened(chosen, definition), "seen_revision": kept.revision}
    given: dict[str, Any] = {"definition": definition}
    form = DecideForm(request.POST, **given) if request.method == "POST" else DecideForm(initial=opened, **given)
    if request.method == "POST" and form.is_valid():
        try:
            services.decide(
                kept, form.claim(), why=form.cleaned_data["why"], seen_revision=form.cleaned_data["seen_revision"],
                confirmed=form.confirmed, by=person, now=timezone.now(),
            )  # fmt: skip
        except services.NotKept as trouble:
            form.tell(trouble.problems)
        except services.NotPossible as trouble:
            messages.error(request, str(trouble))
            return redirect(kept)
        else:
            messages.success(request, _("Decided. Both readings stay with the finding."))
            return redirect(kept)
    differ = set(differences(kept.claim, second.claim, definition))
    if "unit" in differ:
        differ.add("value")  # which is shown with its unit
    first_lines, second_lines = wording.lines_of(kept.claim, definition), wording.lines_of(second.claim, definition)
    context = {
        "finding": kept,
        "definition": definition,
        "second": second,
        "marks": _evidence(kept),
        "rows": [
            {"term": one[1], "first": one[2], "second": other[2], "differs": one[0] in differ or "answer" in differ}
            for one, other in zip(first_lines, second_lines, strict=True)
        ],
        "form": form,
        "crumbs": [*_crumbs(), (_("Two readers differ"), "")],
    }
    return render(request, "review/findings/decide.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a finding. What two people had settled is open again."""
    person = signed_in(request)
    kept = _finding(request, pk)
    if not permissions.can_change(person, kept):
        raise PermissionDenied
    definition = services.definition_for(kept)
    offered = list(queries.evidence_in(kept.document, person))
    given: dict[str, Any] = {
        "definition": definition, "items": marks.items_of(kept.request), "evidence": offered,
    }  # fmt: skip
    opened = {
        **ClaimForm.opened(kept.claim, definition),
        **{name: getattr(kept, name) for name in ("about", "jurisdiction", "item", "confidence", "caveat")},
        "evidence": [str(each.pk) for each in kept.evidence.all()],
        "seen_revision": kept.revision,
    }
    form = ChangeForm(request.POST, **given) if request.method == "POST" else ChangeForm(initial=opened, **given)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        chosen = [each for each in offered if str(each.pk) in said["evidence"]]
        try:
            services.change(
                kept, chosen, form.claim(), form.told(), why=said["why"], seen_revision=said["seen_revision"],
                confirmed=form.confirmed, by=person, now=timezone.now(),
            )  # fmt: skip
        except services.NotKept as trouble:
            form.tell(trouble.problems)
        except services.NotPossible as trouble:
            form.add_error(None, str(trouble))
        else:
            messages.success(request, _("Kept. What stood there before stays in its history."))
            return redirect(kept)
    context = {
        "finding": kept,
        "definition": definition,
        "marks": _evidence(kept),
        "was_settled": kept.state in {*SETTLED, State.DIFFERS},
        "form": form,
        "crumbs": [*_finding_crumbs(kept), (_("Change it"), "")],
    }
    return render(request, "review/findings/change.html", context, status=422 if form.is_bound else 200)


@require_POST
def offer(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a draft to a second reader."""
    kept = _finding(request, pk)
    if not permissions.can_find(request.user):
        raise PermissionDenied
    try:
        services.offer(kept, seen_revision=kept.revision, by=signed_in(request), now=timezone.now())
    except services.NotPossible as trouble:
        messages.error(request, str(trouble))
    else:
        messages.success(request, _("It waits for a second reader now."))
    return redirect(kept)


@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a finding back, with a reason."""
    kept = _finding(request, pk)
    if not permissions.can_withdraw(signed_in(request), kept):
        raise PermissionDenied

    def act(form: ReasonForm) -> str:
        services.withdraw(kept, **_of_reason(form), by=signed_in(request), now=timezone.now())
        return _("Taken back. It stays here with your reason, and counts nowhere.")

    return _reason_page(
        request, kept, act, heading=_("Take this finding back"), button=_("Take it back"),
        lead=_("For what should never have been kept. A value that a later paper corrects is replaced instead."),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def replace(request: HttpRequest, pk: int) -> HttpResponse:
    """Name the later finding that takes the place of this one."""
    kept = _finding(request, pk)
    if not permissions.can_find(signed_in(request)):
        raise PermissionDenied

    def act(form: ReasonForm) -> str:
        later = _other(request, form)
        services.replace(kept, later, **_of_reason(form), by=signed_in(request), now=timezone.now())
        return _("Replaced. The earlier value stays here and is used no more.")

    return _reason_page(
        request, kept, act, heading=_("A later finding takes its place"), button=_("Replace it"), asks_other=True,
        lead=_("Such as the same month in a corrected table. Keep the later finding first."),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def contradict(request: HttpRequest, pk: int) -> HttpResponse:
    """Set another finding against this one."""
    kept = _finding(request, pk)
    if not permissions.can_find(signed_in(request)):
        raise PermissionDenied

    def act(form: ReasonForm) -> str:
        note = form.cleaned_data["why"]
        services.contradict(kept, _other(request, form), note=note, by=signed_in(request), now=timezone.now())
        return _("Both findings name each other now.")

    return _reason_page(
        request, kept, act, heading=_("Another finding says something else"), button=_("Set them side by side"),
        lead=_("Neither is changed. Whoever reads one sees the other."), asks_other=True,
        label=_("In what they contradict each other"),
    )  # fmt: skip


@require_POST
def reconcile(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a contradiction back."""
    person = signed_in(request)
    seen = queries.visible_to(person).order_by().values("pk")
    link = get_object_or_404(Contradiction.objects.select_related("one", "other"), pk=pk, one__in=seen, other__in=seen)
    if not permissions.can_find(person):
        raise PermissionDenied
    services.reconcile(link, by=person, now=timezone.now())
    messages.success(request, _("Taken back. It stays in the history of both."))
    return redirect(link.one)


# --- Pieces -------------------------------------------------------------------------------------------------------


def _finding(request: HttpRequest, pk: int) -> Finding:
    person = signed_in(request)
    if not permissions.can_look(person):
        raise PermissionDenied
    return get_object_or_404(queries.with_history(queries.visible_to(person)), pk=pk)


def _document(request: HttpRequest, pk: uuid.UUID) -> Document:
    return get_object_or_404(documents.visible_to(request.user), pk=pk)


def _readers(kept: Finding) -> set[int]:
    """Return who gave one of the readings that stand against each other. No query: they are joined."""
    seconds = {one.by_id for one in kept.readings.all() if one.round == kept.round and one.kind == Reading.Kind.SECOND}
    return {kept.read_by_id, *seconds}


def _readings(kept: Finding, definition: Definition) -> list[dict[str, Any]]:
    return [
        {"of": each, "value": wording.value_of(each.claim, definition), "period": wording.period_of(each.claim)}
        for each in kept.readings.all()
    ]


def _definition(named: str) -> Definition | None:
    """Return the field that an address names as K1.query_count; None where it names none. Raises Http404."""
    if not named:
        return None
    kit_id, _dot, name = named[:80].partition(".")
    try:
        found = definition_of(catalog.get_kit(kit_id), name)
    except (UnknownKit, UnknownField) as unknown:
        raise Http404 from unknown
    if found.is_derived:
        raise Http404
    return found


def _fields_by_kit(document: Document) -> list[dict[str, Any]]:
    """Return the fields of each kit, those of the kit that was asked for first and open."""
    kits = sorted(catalog.list_kits(), key=lambda kit: kit.id != document.request.kit_id)
    return [
        {
            "kit": kit,
            "is_asked": kit.id == document.request.kit_id,
            "fields": [each for each in definitions_of(kit) if not each.is_derived],
        }
        for kit in kits
    ]


def _opening(query: QueryDict, document: Document) -> dict[str, Any]:
    """Return what stands in an empty form: the request's state, and what the last finding said, but for its value."""
    said = {name: query[name][:60] for name in CARRIED if query.get(name)}
    return {"jurisdiction": document.request.jurisdiction, **said}


CARRIED = ("unit", "component", "message_key", "door", "producer", "fan_out", "grain", "item", "about")


def _carried(kept: Finding, wanted: set[str]) -> dict[str, Any]:
    said = {name: getattr(kept, name) for name in CARRIED if getattr(kept, name)}
    return {"evidence": sorted(wanted), "field": f"{kept.kit_id}.{kept.field}", **said}


def _without_field(query: QueryDict) -> str:
    return "?" + urlencode({"evidence": query.getlist("evidence")[:MOST_EVIDENCE]}, doseq=True)


def _place_form(document: Document, given: QueryDict | None = None) -> PlaceForm:
    has_pages = Page.objects.filter(blob=document.blob_id).exists()
    has_sheets = not has_pages and Sheet.objects.filter(blob=document.blob_id).exists()
    opened: dict[str, Any] = {"initial": {"number": 1}} if given is None else {"data": given}
    return PlaceForm(document=document, has_sheets=has_sheets, **opened)


def _target(form: PlaceForm) -> Target:
    number, words = form.cleaned_data["number"], form.cleaned_data["words"]
    if form.has_sheets:
        return Cells.of(number, words)
    return PageText(number, TextQuote(exact=words)) if words else WholePage(number)


def _evidence(kept: Finding) -> list[Mark]:
    """Return the evidence of a finding with the pictures of its pages."""
    return [_mark(each, with_picture=True) for each in kept.evidence.all()]


def _mark(annotation: Annotation, *, with_picture: bool = False) -> Mark:
    """Return a mark for the screen. The note beside it stays away: a reader may have written the value there."""
    document, where = annotation.document, annotation.where
    picture, boxes = "", tuple[Share, ...]()
    url, rows, words = document.get_absolute_url(), [], annotation.quote
    place = _("Whole document")
    if isinstance(where, Cells):
        place = _("Sheet %(number)d, %(cells)s") % {"number": where.sheet, "cells": where.address}
        url = f"{reverse('documents:sheet', args=[document.pk, where.sheet])}?cell={where.address}"
        rows, words = evidence.cells_of(annotation, where), ""
    elif annotation.place:
        place = _("Page %(number)d") % {"number": annotation.place}
        url = reverse("documents:page", args=[document.pk, annotation.place])
        if with_picture and documents_permissions.can_show(document):
            picture = reverse("documents:page-picture", args=[document.pk, annotation.place, PICTURE])
            boxes = anchors.standing(annotation).boxes
    elif words:
        place = _("Words of the text")
    if not documents_permissions.can_show(document):
        rows, words = [], ""
    return Mark(annotation, place, url, words, rows, picture, boxes)


def _after_reading(request: HttpRequest, after: Finding) -> HttpResponse:
    """Say what came of a reading, and go on to the next one."""
    if after.state == State.VERIFIED:
        messages.success(request, _("You both read the same: the value is verified."))
    else:
        messages.info(request, _("You two read differently. A third person decides; both readings are kept."))
    following = queries.next_to_read(signed_in(request), after.pk)
    if request.POST.get("then") == "next" and following is not None:
        return redirect("review:finding-read", following.pk)
    return redirect(after)


def _of_reason(form: ReasonForm) -> dict[str, Any]:
    return {"why": form.cleaned_data["why"], "seen_revision": form.cleaned_data["seen_revision"]}


def _other(request: HttpRequest, form: ReasonForm) -> Finding:
    found = queries.visible_to(signed_in(request)).filter(pk=form.cleaned_data["other"]).first()
    if found is None:
        raise services.NotPossible(_("There is no finding of that number that you may see."))
    return found


def _reason_page(
    request: HttpRequest, kept: Finding, act: Any, *, heading: str, button: str, lead: str, **asked: Any
) -> HttpResponse:
    form = ReasonForm(
        *([request.POST] if request.method == "POST" else []), initial={"seen_revision": kept.revision}, **asked
    )
    if request.method == "POST" and form.is_valid():
        try:
            said = act(form)
        except services.NotPossible as trouble:
            form.add_error(None, str(trouble))
        else:
            messages.success(request, said)
            return redirect(kept)
    context = {
        "finding": kept,
        "form": form,
        "heading": heading,
        "button": button,
        "lead": lead,
        "crumbs": [*_finding_crumbs(kept), (heading, "")],
    }
    return render(request, "review/findings/reason.html", context, status=422 if form.is_bound else 200)


def _crumbs() -> list[tuple[str, str]]:
    return [(_("Review"), reverse("review:queue")), (_("Findings"), reverse("review:findings"))]


def _finding_crumbs(kept: Finding) -> list[tuple[str, str]]:
    return [*_crumbs(), (_("Finding %(number)d") % {"number": kept.pk}, kept.get_absolute_url())]


def _document_crumbs(document: Document) -> list[tuple[str, str]]:
    return [
        (_("Documents"), reverse("documents:list")),
        (document.request.reference, document.request.get_absolute_url()),
        (document.original_name, document.get_absolute_url()),
    ]
