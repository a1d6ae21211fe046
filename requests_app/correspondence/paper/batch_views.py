"""Pages for many letters at once: choose and print them, the batch with its progress, and marking them as posted."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from requests_app.correspondence import tasks
from requests_app.correspondence.paper import batches, permissions, queries
from requests_app.correspondence.paper.forms import ManyPostedForm, PrintForm, read_number
from requests_app.correspondence.paper.models import Posting, PrintBatch, PrintedLetter
from requests_app.correspondence.paper.pages import number, pdf_response, title_of
from requests_app.correspondence.paper.tracking_numbers import Check
from requests_app.filing.models import Campaign, NextLetter, RecordsRequest
from requests_app.kits.later import letter_type
from requests_app.people.models import Person
from requests_app.people.signed_in import signed_in


def _printer(request: HttpRequest) -> Person:
    person = signed_in(request)
    if not permissions.can_print_many(person):
        raise PermissionDenied
    return person


# --- choosing ---------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def print_letters(request: HttpRequest) -> HttpResponse:
    """Every letter that goes by post and has not left; those that are ticked are printed together."""
    person = _printer(request)
    campaign_id = number(request.GET.get("campaign", ""))
    campaign = Campaign.objects.filter(pk=campaign_id).first() if campaign_id is not None else None
    firsts = queries.requests_to_post(person, campaign=campaign.pk if campaign else None)
    laters = queries.letters_to_post(person, campaign=campaign.pk if campaign else None)
    form = PrintForm(request.POST if request.method == "POST" else None, initial={"duplex": True})
    if request.method == "POST" and form.is_valid():
        chosen_firsts: QuerySet[RecordsRequest] = firsts.filter(pk__in=_ticked(request, "first"))
        chosen_laters: QuerySet[NextLetter] = laters.filter(pk__in=_ticked(request, "later"))
        try:
            batch = batches.make_batch(
                list(chosen_firsts),
                list(chosen_laters),
                form.options(),
                campaign=campaign,
                by=person,
                now=timezone.now(),
            )
        except batches.NothingToPrint as stop:
            form.add_error(None, str(stop))
        else:
            nudge()
            return redirect(batch)
    rows = [
        *(("first", one.pk, one, _("Our request"), one.get_absolute_url()) for one in firsts[: batches.MOST + 1]),
        *(("later", one.pk, one.request, letter_type(one.key).title, _home(one)) for one in laters[: batches.MOST + 1]),
    ]
    ticked = {"first": set(_ticked(request, "first")), "later": set(_ticked(request, "later"))}
    context = {
        "form": form,
        "campaign": campaign,
        "rows": [
            {"name": name, "pk": pk, "request": of, "title": title, "url": url, "ticked": pk in ticked[name]}
            for name, pk, of, title, url in sorted(rows, key=lambda row: (row[2].reference, row[0], row[1]))[
                : batches.MOST
            ]
        ],
        "more": len(rows) > batches.MOST,
        "most": batches.MOST,
        "ticked_before": request.method == "POST",
        "past": list(queries.batches()[:10]),
        "crumbs": [(_("Post"), reverse("correspondence:post-log")), (_("Print letters"), "")],
    }
    return render(request, "correspondence/paper/print_letters.html", context, status=422 if form.errors else 200)


def _home(letter: NextLetter) -> str:
    return reverse("correspondence:next-letter", args=[letter.request.reference, letter.pk])


def _ticked(request: HttpRequest, name: str) -> list[int]:
    found = (number(value) for value in request.POST.getlist(name)[: batches.MOST * 2])
    return [pk for pk in found if pk is not None]


def nudge() -> None:
    """Wake a worker. A lost nudge costs nothing: the next beat finds the batch."""
    try:
        tasks.make_prints.apply_async(retry=False)
    except Exception as trouble:  # noqa: BLE001  the broker may be down; the rows hold the truth
        tasks.log.warning("the batch was not announced: %s", type(trouble).__name__)


# --- one batch --------------------------------------------------------------------------------------------------------


def _batch(request: HttpRequest, pk: int) -> PrintBatch:
    _printer(request)
    return get_object_or_404(queries.batches(), pk=pk)


@require_GET
def print_batch(request: HttpRequest, pk: int) -> HttpResponse:
    """One batch: how far it is, the PDF, and which of its letters are posted."""
    batch = _batch(request, pk)
    return render(request, "correspondence/paper/print_batch.html", {**_standing(batch), "crumbs": _crumbs(batch)})


@require_GET
def batch_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The part of a batch's page that changes while it is made."""
    return render(request, "correspondence/paper/print_progress.html", _standing(_batch(request, pk)))


def _standing(batch: PrintBatch) -> dict[str, Any]:
    rows = queries.letters_of(batch)
    return {
        "batch": batch,
        "rows": [(row, title_of(row.next_letter)) for row in rows],
        "done": sum(row.is_laid_out for row in rows),
        "total": len(rows),
        "open": sum(row.posting_id is None and not row.trouble for row in rows),
        "sheets": sum(row.sheets for row in rows),
    }


def _crumbs(batch: PrintBatch, *more: tuple[str, str]) -> list[tuple[str, str]]:
    here = (_("Print #%(number)s") % {"number": batch.pk}, batch.get_absolute_url() if more else "")
    return [
        (_("Post"), reverse("correspondence:post-log")),
        (_("Print letters"), reverse("correspondence:print-letters")),
        here,
        *more,
    ]


@require_GET
def batch_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The PDF of a batch."""
    _printer(request)
    batch = get_object_or_404(PrintBatch, pk=pk)
    if batch.state != PrintBatch.State.READY:
        messages.info(request, _("The PDF is not ready yet."))
        return redirect(batch)
    return pdf_response(base64.b64decode(batch.pdf), f"letters-{batch.pk}.pdf")


# --- posted -----------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def batch_posted(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark letters of a batch as posted: what they have in common, a number each, a look, and what became of each."""
    batch = _batch(request, pk)
    now = timezone.now()
    rows = queries.letters_of(batch)
    step = request.POST.get("step", "")
    form = ManyPostedForm(
        request.POST if request.method == "POST" else None,
        initial={"posted_on": timezone.localdate(now)},
        today=timezone.localdate(now),
    )
    lines = [_Line(row, request) for row in rows if row.posting_id is None and not row.trouble]
    context: dict[str, Any] = {
        "batch": batch,
        "form": form,
        "lines": lines,
        "crumbs": _crumbs(batch, (_("Posted"), "")),
    }
    if request.method != "POST":
        return render(request, "correspondence/paper/batch_posted.html", context)
    ticked = [line for line in lines if line.ticked]
    if form.is_valid():
        for line in ticked:
            line.read(carrier=form.cleaned_data["carrier"], service=form.cleaned_data["service"])
        if not ticked:
            form.add_error(None, _("Tick at least one letter that was posted."))
    if not form.is_valid() or any(line.error for line in ticked) or step == "change":
        status = 200 if step == "change" else 422
        return render(request, "correspondence/paper/batch_posted.html", context, status=status)
    said = [line.say for line in ticked]
    data = form.cleaned_data
    context |= {"carrier": data["carrier"], "service": data["service"], "posted_on": data["posted_on"]}
    context |= {"service_words": Posting.Service(data["service"]).label, "ticked": ticked}
    if step != "do":
        plan = batches.plan_posted(batch, said, carrier=data["carrier"])
        context["planned"] = [(one, title_of(one.row.next_letter)) for one in plan]
        context["good"] = sum(not one.trouble for one in plan)
        return render(request, "correspondence/paper/batch_posted_preview.html", context)
    done = batches.mark_posted(
        batch,
        said,
        carrier=data["carrier"],
        service=data["service"],
        posted_on=data["posted_on"],
        by=signed_in(request),
        now=now,
    )
    context["done"] = [(one, title_of(one.row.next_letter)) for one in done if one.posting is not None]
    context["left_alone"] = [(one, title_of(one.row.next_letter)) for one in done if one.posting is None]
    return render(request, "correspondence/paper/batch_posted_done.html", context)


class _Line:
    """One letter of the form: ticked or not, its number, and what is wrong with that."""

    def __init__(self, row: PrintedLetter, request: HttpRequest) -> None:
        self.row = row
        self.title = title_of(row.next_letter)
        self.typed = request.POST.get(f"number-{row.pk}", "")[:60]
        self.doubted = bool(request.POST.get(f"doubted-{row.pk}"))
        self.ticked = request.method != "POST" or str(row.pk) in request.POST.getlist("letter")
        self.error = ""
        self.say = batches.ToPost(row.pk)

    def read(self, *, carrier: str, service: str) -> None:
        """Read the number as the common service wants it."""
        ordinary = service == Posting.Service.ORDINARY
        if ordinary and self.typed.strip():
            self.error = _("Ordinary mail has no number. Delete it, or choose how the letters were posted.")
        if not ordinary and not self.typed.strip():
            self.error = _("Write the number, or untick this letter.")
        if self.error or not self.typed.strip():
            return
        try:
            found = read_number(self.typed, carrier=carrier, doubted=self.doubted)
        except forms.ValidationError as trouble:
            self.error = " ".join(trouble.messages)
        else:
            self.say = batches.ToPost(self.row.pk, found.value, found.check is Check.BROKEN)


__all__: Sequence[str] = ["batch_pdf", "batch_posted", "batch_progress", "nudge", "print_batch", "print_letters"]
