"""One act on the messages that a coordinator ticked: what would happen, then what became of each, then perhaps undo."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_GET, require_POST

from requests_app.correspondence import tasks
from requests_app.correspondence.incoming import bulk, permissions, queries
from requests_app.correspondence.incoming.bulk import Ticked
from requests_app.correspondence.incoming.forms import UntilForm, WhoForm, WhyForm
from requests_app.correspondence.incoming.models import BulkAct
from requests_app.correspondence.incoming.views import BULK_WORDS, today
from requests_app.people.models import Person
from requests_app.people.signed_in import signed_in

Act = BulkAct.Act
_TICK: Final = re.compile(r"(\d{1,18}):(\d{1,9})", re.ASCII)
_OF_THE_LIST: Final = ("list", "words", "whose")  # what leads back to where one was

WHAT_HAPPENS: Final = {
    Act.ACCEPT: _lazy(
        "Each is filed where we guessed: whoever follows that request can read it, and its files become documents. No "
        "sender becomes a contact."
    ),
    Act.SET_ASIDE: _lazy(
        "They leave the list and stay under “Set aside”. Nothing is deleted, and no sender is shut out."
    ),
    Act.ASSIGN: _lazy("They still wait, with the name beside them."),
    Act.DEFER: _lazy("They leave the list and come back by themselves on that day."),
    Act.BRING_BACK: _lazy("They wait for a coordinator again."),
}


def _form_for(act: str, data: QueryDict | None) -> forms.Form:
    made: dict[str, Callable[[], forms.Form]] = {
        Act.SET_ASIDE: lambda: WhyForm(data),
        Act.ASSIGN: lambda: WhoForm(data, people=queries.coordinators()),
        Act.DEFER: lambda: UntilForm(data, today=today()),
    }
    return made[act]() if act in made else forms.Form(data)


@require_POST
def many(request: HttpRequest) -> HttpResponse:
    """Show what an act would do to each ticked message; do it when that was confirmed (`step=do`)."""
    person, act = _coordinator(request), request.POST.get("act", "")
    ticked, place = _ticked(request.POST), _place(request.POST.get("back", ""))
    if act not in Act.values:
        messages.error(request, _("Choose what to do with the messages. Nothing was changed."))
        return redirect(place)
    if not ticked:
        messages.error(request, _("Tick the messages first. Nothing was changed."))
        return redirect(place)
    form = _form_for(act, request.POST if "step" in request.POST else None)
    if "step" in request.POST and form.is_valid():
        made = bulk.do(act, ticked, by=person, now=timezone.now(), **form.cleaned_data)
        if act == Act.ACCEPT:
            tasks.nudge(tasks.keep_mail_files)
        return redirect("correspondence:mail-many-done", made.pk)
    planned = bulk.looked_at(act, ticked)
    context = {
        "act": act,
        "title": BULK_WORDS[Act(act)],
        "what_happens": WHAT_HAPPENS[Act(act)],
        "form": form,
        "changing": [one for one in planned if not one.left_alone],
        "left_alone": [one for one in planned if one.left_alone],
        "too_many": bulk.MOST_ROWS if len(ticked) > bulk.MOST_ROWS else 0,
        "way_back": place,
        "back": request.POST.get("back", ""),
        "crumbs": _crumbs(BULK_WORDS[Act(act)]),
    }
    return render(request, "correspondence/incoming/many.html", context, status=422 if form.errors else 200)


@require_GET
def done(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what became of each message of a bulk act."""
    _coordinator(request)
    one = get_object_or_404(BulkAct.objects.select_related("by"), pk=pk)
    found = {message.pk: message for message in queries.in_order([row["message"] for row in one.rows])}
    rows = [(found[row["message"]], row) for row in one.rows if row["message"] in found]
    context = {
        "bulk": one,
        "title": BULK_WORDS[Act(one.act)],
        "done": [row for row in rows if row[1]["changes"] is not None],
        "left_alone": [row for row in rows if row[1]["changes"] is None],
        "crumbs": _crumbs(BULK_WORDS[Act(one.act)]),
    }
    return render(request, "correspondence/incoming/many_done.html", context)


@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo a bulk act, as far as nothing happened since."""
    person = _coordinator(request)
    get_object_or_404(BulkAct, pk=pk)
    one = bulk.undo(pk, by=person, now=timezone.now())
    undone = sum(row.get("undone") is True for row in one.rows)
    left = sum(row["changes"] is not None for row in one.rows) - undone
    if left:
        said = _("Undone for %(undone)d, left as they are: %(left)d. See why below.")
        messages.warning(request, said % {"undone": undone, "left": left})
    else:
        messages.success(request, _("Undone: %(undone)d.") % {"undone": undone})
    tasks.nudge(tasks.keep_mail_files)
    return redirect("correspondence:mail-many-done", pk)


def _ticked(data: QueryDict) -> Sequence[Ticked]:
    """Return the ticked messages, each once. What is no tick is left out: nobody but our page writes them."""
    found: dict[int, Ticked] = {}
    for written in data.getlist("row")[:1000]:
        tick = _TICK.fullmatch(written)
        if tick:
            found.setdefault(int(tick[1]), Ticked(int(tick[1]), int(tick[2])))
    return list(found.values())


def _place(query: str) -> str:
    """Return the address of the list that one came from: always of ours, whatever was sent."""
    said = QueryDict(query[:500])
    kept = {name: said[name] for name in _OF_THE_LIST if said.get(name)}
    return reverse("correspondence:mail") + ("?" + urlencode(kept) if kept else "")


def _crumbs(here: Any) -> list[tuple[str, str]]:
    return [(_("Mail that waits"), reverse("correspondence:mail")), (str(here), "")]


def _coordinator(request: HttpRequest) -> Person:
    if not permissions.can_settle_mail(request.user):
        raise PermissionDenied
    return signed_in(request)
