"""Marking documents, the margin beside a page, and the page of one annotation.

The same addresses serve forms and the script: asked for JSON they answer JSON.
"""

from __future__ import annotations

import uuid
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from requests_app.documents import permissions as documents_permissions
from requests_app.documents import queries as documents
from requests_app.documents.models import Document, Page
from requests_app.documents.viewer.margin import Margin, Of
from requests_app.documents.viewer.views import wants_json
from requests_app.people.signed_in import signed_in
from requests_app.review.annotations import forms, permissions, queries, services, sharing
from requests_app.review.annotations.cards import Card, cards_of
from requests_app.review.annotations.forms import (
    AnnotateForm,
    ChangeForm,
    FilterForm,
    LabelForm,
    MoveForm,
    ReplyForm,
)
from requests_app.review.models import Annotation
from requests_app.review.targets import Cells, MailText, PageText

MOST_SHOWN: Final = 500  # annotations of one page in its margin
PAGE: Final = 50  # annotations on one page of a list
MOST_PAGES: Final = 8  # that are asked for at a time; two are shown at once


def margin(request: HttpRequest, document: Document, number: int, of: Of) -> Margin | None:
    """Return what stands beside a page of a document: its annotations, and the form to mark more."""
    if documents_permissions.why_withheld(document):
        return None
    kinds = {"page": Annotation.Kind.PAGE, "sheet": Annotation.Kind.CELLS, "text": Annotation.Kind.PASSAGE}
    context = {
        **_margin_facts(request, document, [number]),
        "may": permissions.can_annotate(request.user),
        "kind": kinds[of].value,
        "cells": request.GET.get("cell", "")[:40],
        "authors": queries.authors_in(document, request.user),
        "visibilities": Annotation.Visibility.choices,
    }
    return Margin("review/annotations/_margin.html", context)


def _margin_facts(request: HttpRequest, document: Document, places: list[int]) -> dict[str, Any]:
    chosen = FilterForm(request.GET).chosen()
    found = queries.filtered(queries.on_places(document, request.user, places), **chosen)
    cards = cards_of(found[: MOST_SHOWN + 1], request.user, document)
    return {
        "document": document,
        "number": places[0],
        "cards": cards[:MOST_SHOWN],
        "more": len(cards) > MOST_SHOWN,
        "labels": list(queries.offered_labels()),
        "facts": _as_json(request, document, places, cards[:MOST_SHOWN]),
    }


def _as_json(request: HttpRequest, document: Document, places: list[int], cards: list[Card]) -> dict[str, Any]:
    pulse = queries.pulse(document, request.user, places)
    return {"stamp": pulse.stamp, "marks": [card.as_mark() for card in cards], "counts": pulse.open_on}


@require_GET
def listed(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """List everything that is marked in a document. The script asks for some pages, and only for what is new."""
    document = _readable(request, pk)
    if wants_json(request):
        return _some(request, document)
    chosen = FilterForm(request.GET).chosen()
    found = queries.filtered(queries.of_document(document, request.user), **chosen)
    after = request.GET.get("after", "")
    if after.isdecimal() and len(after) < 12:
        last = get_object_or_404(queries.of_document(document, request.user), pk=int(after))
        found = queries.behind(found, last)
    rows = list(found.prefetch_related("replies__author")[: PAGE + 1])
    asked = {name: value for name, value in chosen.items() if value}
    context = {
        "document": document,
        "cards": cards_of(rows[:PAGE], request.user, document),
        "lost": queries.lost_in(document, request.user).count(),
        "chosen": chosen,
        "is_filtered": bool(asked),
        "labels": queries.offered_labels(),
        "authors": queries.authors_in(document, request.user),
        "may": permissions.can_annotate(request.user),
        "prev_url": f"?{urlencode(asked)}" if after else "",
        "next_url": f"?{urlencode({**asked, 'after': rows[PAGE - 1].pk})}" if len(rows) > PAGE else "",
        "crumbs": [*_crumbs(document), (_("Annotations"), "")],
    }
    return render(request, "review/annotations/list.html", context)


def _some(request: HttpRequest, document: Document) -> HttpResponse:
    given = request.GET.get("pages", "").split(",")[:MOST_PAGES]
    places = sorted({int(each) for each in given if each.isdecimal() and len(each) < 8}) or [0]
    known = request.GET.get("stamp")
    if known and known == queries.stamp(document, request.user, places):
        answer = JsonResponse({"same": True})
    else:
        facts = {**_margin_facts(request, document, places), "next": viewer_url(document, places[0])}
        html = render_to_string("review/annotations/_cards.html", facts, request)
        answer = JsonResponse({**facts["facts"], "html": html, "shown": len(facts["cards"])})
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@require_http_methods(["GET", "POST"])
def annotate(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Mark something: the form without a script, and the address to which the script sends."""
    document = _readable(request, pk)
    if not permissions.can_annotate(request.user):
        raise PermissionDenied
    if request.method != "POST":
        opened = {name: value for name, value in request.GET.dict().items() if name in AnnotateForm.base_fields}
        return _annotate_page(request, document, AnnotateForm(initial={"kind": "page", **opened}))
    form = AnnotateForm(request.POST)
    if not form.is_valid():
        return _refused(request, form) or _annotate_page(request, document, form, status=422)
    try:
        made = services.annotate(
            document,
            form.cleaned_data["target"],
            form.said(),
            by=signed_in(request),
            now=timezone.now(),
            key=form.cleaned_data["key"],
        )
    except services.NotThere as trouble:
        form.add_error(None, str(trouble))
        return _refused(request, form) or _annotate_page(request, document, form, status=422)
    return _done(request, made, _("Your annotation is kept."))


def _annotate_page(request: HttpRequest, document: Document, form: Form, status: int = 200) -> HttpResponse:
    context = {
        "document": document,
        "form": form,
        "page_count": Page.objects.filter(blob=document.blob_id).count(),
        "crumbs": [*_crumbs(document), (_("Annotate"), "")],
    }
    return render(request, "review/annotations/annotate.html", context, status=status)


@require_GET
def annotation(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one annotation: the picture of its spot, what was said, replies, and what happened to it."""
    found = _annotation(request, pk, withdrawn=True)
    return _annotation_page(request, found, ReplyForm(initial={"key": uuid.uuid4()}))


def _annotation_page(request: HttpRequest, found: Annotation, reply: ReplyForm, status: int = 200) -> HttpResponse:
    card = cards_of([found], request.user)[0]
    back, on = queries.neighbours(found, request.user)
    page = None
    if found.place and not isinstance(found.where, Cells):
        page = Page.objects.filter(blob=found.document.blob_id, number=found.place).defer("words").first()
    context = {
        "card": card,
        "annotation": found,
        "document": found.document,
        "spot": _spot(page, card) if page else None,
        "quote": _quote(found),
        "read_url": place_url(found),
        "history": found.changes.select_related("by"),
        "reply_form": reply if card.may_act and not found.withdrawn_at else None,
        "label_form": _label_form(found) if card.may_act and not card.may_change else None,
        "back": back,
        "on": on,
        "crumbs": [
            *_crumbs(found.document),
            (_("Annotations"), reverse("review:annotations", args=[found.document_id])),
            (_("Annotation %(number)s") % {"number": found.pk}, ""),
        ],
    }
    return render(request, "review/annotations/annotation.html", context, status=status)


def place_url(found: Annotation) -> str:
    """Return the address at which the place of an annotation is read."""
    match found.where:
        case Cells() as cells:
            return f"{reverse('documents:sheet', args=[found.document_id, cells.sheet])}?cell={cells.address}"
    if found.place:
        return f"{reverse('documents:page', args=[found.document_id, found.place])}#annotation-{found.pk}"
    return reverse("documents:read", args=[found.document_id])


def viewer_url(document: Document, number: int) -> str:
    """Return the address at which this page of a document is read."""
    return (
        reverse("documents:page", args=[document.pk, number])
        if number
        else reverse("documents:read", args=[document.pk])
    )


def _label_form(found: Annotation) -> LabelForm:
    opened = {"label": found.label.slug if found.label else "", "seen_revision": found.revision}
    return LabelForm(initial=opened, kept=found.label)


def _quote(found: Annotation) -> dict[str, str] | None:
    match found.where:
        case PageText(quote=quote) | MailText(quote=quote):
            return {"before": quote.prefix, "exact": quote.exact, "after": quote.suffix}
    return None


def _spot(page: Page, card: Card) -> dict[str, Any]:
    """Return the part of the page around what is marked, in points: the whole page where no box is known."""
    boxes: list[dict[str, Any]] = []
    for left, high, wide, tall in card.stands.boxes:
        x, y, across, down = left * page.width, high * page.height, wide * page.width, tall * page.height
        inner = {"x": x + 2.5, "y": y + 2.5, "width": across - 5, "height": down - 5}
        has_room = min(across, down) >= 8  # points: for the second line of a double edge
        boxes.append({"x": x, "y": y, "width": across, "height": down, "inner": inner, "has_room": has_room})
    top = min((box["y"] for box in boxes), default=0.0)
    bottom = max((box["y"] + box["height"] for box in boxes), default=page.height)
    room = max(40.0, page.height * 0.08)
    start = max(0.0, top - room)
    shown = min(page.height, bottom + room) - start
    return {"width": page.width, "height": page.height, "top": start, "tall": shown, "boxes": boxes}


@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Say something else. What another window wrote meanwhile is shown beside it, and neither is lost."""
    found = _annotation(request, pk)
    if not permissions.can_change(request.user, found):
        raise PermissionDenied
    if request.method != "POST":
        opened = {
            "body": found.body,
            "label": found.label.slug if found.label else "",
            "visibility": found.visibility,
            "seen_revision": found.revision,
        }
        return _change_page(request, found, ChangeForm(initial=opened, kept=found.label))
    form = ChangeForm(request.POST, kept=found.label)
    if not form.is_valid():
        return _refused(request, form) or _change_page(request, found, form, status=422)
    try:
        services.change(
            found.pk,
            form.said(),
            seen_revision=form.cleaned_data["seen_revision"],
            by=signed_in(request),
            now=timezone.now(),
        )
    except services.ChangedMeanwhile as meanwhile:
        there = meanwhile.annotation
        # The next try is made in sight of what stands there now.
        form = ChangeForm({**request.POST.dict(), "seen_revision": str(there.revision)}, kept=there.label)
        form.add_error("body", str(meanwhile))
        return _refused(request, form, 409) or _change_page(request, found, form, stands_now=there, status=409)
    return _done(request, found, _("Changed. What was said before stays in its history."))


def _change_page(
    request: HttpRequest, found: Annotation, form: Form, stands_now: Annotation | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "annotation": found,
        "form": form,
        "stands_now": cards_of([stands_now], request.user)[0] if stands_now else None,
        "crumbs": [
            *_crumbs(found.document),
            (_("Annotation %(number)s") % {"number": found.pk}, found.get_absolute_url()),
            (_("Change"), ""),
        ],
    }
    return render(request, "review/annotations/change.html", context, status=status)


@require_POST
def label(request: HttpRequest, pk: int) -> HttpResponse:
    """Give what somebody marked another label."""
    found = _annotation(request, pk)
    if not permissions.can_label(request.user, found):
        raise PermissionDenied
    form = LabelForm(request.POST, kept=found.label)
    if not form.is_valid():
        messages.error(request, _("This label is not offered any more. Nothing was changed. Choose another."))
        return redirect(found)
    said = services.Said(found.body, form.cleaned_data["label"], found.visibility)
    try:
        services.change(
            found.pk, said, seen_revision=form.cleaned_data["seen_revision"], by=signed_in(request), now=timezone.now()
        )
    except services.ChangedMeanwhile as meanwhile:
        messages.error(
            request, _("%(person)s changed this meanwhile. Look again, then choose.") % {"person": meanwhile.by}
        )
        return redirect(found)
    return _done(request, found, _("It has this label now."))


@require_http_methods(["GET", "POST"])
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Put an annotation to other words: those that were not found any more."""
    found = _annotation(request, pk)
    if not permissions.can_change(request.user, found):
        raise PermissionDenied
    opened = {"kind": found.kind, "place": found.place or None, "exact": found.quote, "seen_revision": found.revision}
    form = MoveForm(request.POST if request.method == "POST" else None, initial=opened)
    status = 200
    if form.is_valid():
        try:
            services.move(
                found.pk,
                form.cleaned_data["target"],
                seen_revision=form.cleaned_data["seen_revision"],
                by=signed_in(request),
                now=timezone.now(),
            )
        except (services.NotThere, services.ChangedMeanwhile) as trouble:
            form.add_error(None, str(trouble))
        else:
            return _done(request, found, _("It stands there now. Where it was before stays in its history."))
    if form.is_bound:
        status = 422
    context = {
        "annotation": found,
        "form": form,
        "is_move": True,
        "crumbs": [
            *_crumbs(found.document),
            (_("Annotation %(number)s") % {"number": found.pk}, found.get_absolute_url()),
            (_("Put it to another place"), ""),
        ],
    }
    return render(request, "review/annotations/change.html", context, status=status)


@require_POST
def turn(request: HttpRequest, pk: int) -> HttpResponse:
    """Resolve an annotation, or open it again."""
    found = _annotation(request, pk)
    if not permissions.can_annotate(request.user):
        raise PermissionDenied
    acts = {
        Annotation.State.RESOLVED.value: (services.resolve, _("Resolved.")),
        Annotation.State.OPEN.value: (services.reopen, _("Open again.")),
    }
    act = acts.get(request.POST.get("state", ""))
    if act is None:
        raise Http404
    act[0](found, by=signed_in(request), now=timezone.now())
    return _done(request, found, act[1])


@require_POST
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer an annotation."""
    found = _annotation(request, pk)
    if not permissions.can_annotate(request.user):
        raise PermissionDenied
    form = ReplyForm(request.POST)
    if not form.is_valid():
        return _refused(request, form) or _annotation_page(request, found, form, status=422)
    given = form.cleaned_data
    services.reply(found, given["body"], by=signed_in(request), now=timezone.now(), key=given["key"])
    return _done(request, found, _("Your reply is kept."))


@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an annotation away; it can be brought back."""
    found = _annotation(request, pk)
    if not permissions.can_withdraw(request.user, found):
        raise PermissionDenied
    try:
        services.withdraw(found, by=signed_in(request), now=timezone.now())
    except services.MustStay as reason:
        if wants_json(request):
            return JsonResponse({"errors": {"": [str(reason)]}}, status=422)
        messages.error(request, str(reason))
        return redirect(found)
    return _done(request, found, _("Withdrawn. You can bring it back here."))


@require_POST
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring a withdrawn annotation back."""
    found = _annotation(request, pk, withdrawn=True)
    if not permissions.can_withdraw(request.user, found):
        raise PermissionDenied
    services.restore(found, by=signed_in(request), now=timezone.now())
    return _done(request, found, _("It is back as it was."))


@require_GET
def export(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Send the annotations of a document as W3C Web Annotations."""
    document = _readable(request, pk)
    source = request.build_absolute_uri(document.get_absolute_url())
    answer = JsonResponse(
        sharing.as_json(sharing.all_of(document, signed_in(request)), source),
        content_type='application/ld+json; profile="http://www.w3.org/ns/anno.jsonld"',
        json_dumps_params={"ensure_ascii": False, "indent": 1},
    )
    answer.headers["Content-Disposition"] = f'attachment; filename="annotations-{document.pk}.jsonld"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@require_http_methods(["GET", "POST"])
def bring_in(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Bring annotations in from a file of another tool."""
    document = _readable(request, pk)
    if not permissions.can_annotate(request.user):
        raise PermissionDenied
    form = forms.BringInForm(request.POST or None, request.FILES or None)
    done, status = None, 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                items = sharing.items_in(form.cleaned_data["file"].read(sharing.LARGEST + 1))
            except sharing.NoAnnotations as trouble:
                form.add_error("file", str(trouble))
            else:
                done = sharing.bring_in(document, items, by=signed_in(request), now=timezone.now())
                status = 200
    context = {
        "document": document,
        "form": form,
        "done": done,
        "crumbs": [
            *_crumbs(document),
            (_("Annotations"), reverse("review:annotations", args=[document.pk])),
            (_("Bring in"), ""),
        ],
    }
    return render(request, "review/annotations/bring_in.html", context, status=status)


def _done(request: HttpRequest, found: Annotation, said: str) -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"id": found.pk, "said": said})
    messages.success(request, said)
    onward = request.POST.get("next", "")
    if onward and url_has_allowed_host_and_scheme(onward, allowed_hosts=None):
        return redirect(onward)
    return redirect(found)


def _refused(request: HttpRequest, form: Form, status: int = 422) -> HttpResponse | None:
    """Return what is wrong for the script; None when a person's browser asks, which shows the form again."""
    return JsonResponse({"errors": form.errors}, status=status) if wants_json(request) else None


def _readable(request: HttpRequest, pk: uuid.UUID) -> Document:
    document = get_object_or_404(documents.visible_to(request.user), pk=pk)
    if not documents_permissions.can_show(document):
        raise Http404
    return document


def _annotation(request: HttpRequest, pk: int, *, withdrawn: bool = False) -> Annotation:
    rows = queries.with_withdrawn(request.user) if withdrawn else queries.visible_to(request.user)
    found = get_object_or_404(rows.prefetch_related("replies__author"), pk=pk)
    if not documents_permissions.can_show(found.document):
        raise Http404
    if found.withdrawn_at and not permissions.can_withdraw(request.user, found):
        raise Http404
    return found


def _crumbs(document: Document) -> list[tuple[str, str]]:
    return [
        (_("Documents"), reverse("documents:list")),
        (document.request.reference, document.request.get_absolute_url()),
        (document.original_name, document.get_absolute_url()),
    ]
