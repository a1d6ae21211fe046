"""One act on many rows: what would change is shown first, and afterwards what became of each row.

Each chosen row carries the number of the newest event that its reader saw. A row on which somebody recorded something
meanwhile is left alone and named, before the act and in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from requests_app.filing import queries as filing
from requests_app.filing import services as filing_services
from requests_app.filing.models import Deadline, RecordsRequest
from requests_app.kits.later import letter_type
from requests_app.people.models import Person
from requests_app.tracking import permissions
from requests_app.tracking.desk import queries, services
from requests_app.tracking.desk.filters import place_of
from requests_app.tracking.desk.forms import MOST_ROWS, BulkAssignForm, BulkNoteForm, NoValuesForm, SnoozeForm
from requests_app.tracking.desk.queries import OpenLetter
from requests_app.tracking.desk.services import DeskRefused, Done, Undo
from requests_app.tracking.desk.snoozing import limit_of, why_not
from requests_app.tracking.desk.views import Desk, desk_for
from requests_app.tracking.desk.workload import BUSY
from requests_app.tracking.wording import in_words


@dataclass(frozen=True)
class Chosen:
    """Rows that somebody chose, each with the newest event that they saw, and what belongs to them.

    `seen_letters`: the letters of the preview (`_as_seen`); no other one is sent.
    """

    rows: Sequence[RecordsRequest]
    seen: Mapping[str, int]
    letters: Mapping[int, Sequence[OpenLetter]]
    seen_letters: frozenset[str]


@dataclass(frozen=True)
class Planned:
    """One row of the preview: what it is and will be, or why it is left alone."""

    row: RecordsRequest
    before: str
    after: str
    left_alone: str


@dataclass(frozen=True)
class Result:
    """What became of one row."""

    row: RecordsRequest
    sentence: str
    failed: bool
    undo: Undo | None


@dataclass(frozen=True)
class BulkAct:
    """One act on many rows: its words, its form, what it would do to a row, and how it does it."""

    title: Any
    button: Any
    form: Callable[[Desk, Any], forms.Form]
    plan: Callable[[Desk, Chosen, RecordsRequest, Mapping[str, Any]], tuple[str, str, str]]
    do: Callable[[Desk, Chosen, RecordsRequest, Mapping[str, Any]], Done]


def _assign_form(here: Desk, data: Any) -> forms.Form:
    return BulkAssignForm(data, people=filing.people_to_assign().only("handle"))


def _plan_assign(here: Desk, chosen: Chosen, row: RecordsRequest, said: Mapping[str, Any]) -> tuple[str, str, str]:
    to: Person | None = said["assignee"]
    before = row.assignee.handle if row.assignee is not None else _("nobody")
    after = _("nobody") if to is None else to.handle
    same = row.assignee_id == (None if to is None else to.pk)
    return before, after, _("It stays as it is.") if same else ""


def _do_assign(here: Desk, chosen: Chosen, row: RecordsRequest, said: Mapping[str, Any]) -> Done:
    return services.assign(row.pk, to=said["assignee"], seen=chosen.seen[row.reference], by=here.person, now=here.now)


def _snooze_form(here: Desk, data: Any) -> forms.Form:
    return SnoozeForm(data, today=min(here.todays.values()), several=True)


def _plan_snooze(here: Desk, chosen: Chosen, row: RecordsRequest, said: Mapping[str, Any]) -> tuple[str, str, str]:
    current: list[Deadline] = vars(row)["current_deadlines"]
    refusal = why_not(said["until"], here.todays[row.jurisdiction], limit_of(current))
    return _("on the desk"), _("sleeps until %(day)s") % {"day": in_words(said["until"])}, refusal


def _do_snooze(here: Desk, chosen: Chosen, row: RecordsRequest, said: Mapping[str, Any]) -> Done:
    seen = chosen.seen[row.reference]
    return services.snooze(row.pk, until=said["until"], why=said["why"], seen=seen, by=here.person, now=here.now)


def _note_form(here: Desk, data: Any) -> forms.Form:
    return BulkNoteForm(data)


def _plan_note(here: Desk, chosen: Chosen, row: RecordsRequest, said: Mapping[str, Any]) -> tuple[str, str, str]:
    return "", said["text"], ""


def _do_note(here: Desk, chosen: Chosen, row: RecordsRequest, said: Mapping[str, Any]) -> Done:
    return services.note(row.pk, text=said["text"], by=here.person, now=here.now)


def _send_form(here: Desk, data: Any) -> forms.Form:
    return NoValuesForm(data)


def _letter_of(chosen: Chosen, row: RecordsRequest) -> OpenLetter | None:
    return next((letter for letter in chosen.letters.get(row.pk, ()) if not letter.queued), None)


def _plan_send(here: Desk, chosen: Chosen, row: RecordsRequest, said: Mapping[str, Any]) -> tuple[str, str, str]:
    letter = _letter_of(chosen, row)
    if letter is None:
        return _("no letter is written"), "", _("No letter is written that waits to be sent. Write it first.")
    return (
        _("“%(title)s” is written") % {"title": letter_type(letter.key).title},
        _("it waits in the outbox, and can be taken back"),
        "",
    )


def _do_send(here: Desk, chosen: Chosen, row: RecordsRequest, said: Mapping[str, Any]) -> Done:
    letter = _letter_of(chosen, row)
    if letter is None or _as_seen(letter) not in chosen.seen_letters:
        raise DeskRefused(services.NOT_THAT_LETTER)
    seen = chosen.seen[row.reference]
    return services.send(letter.pk, seen_changes=letter.changes, seen=seen, by=here.person, now=here.now)


def _as_seen(letter: OpenLetter) -> str:
    """Return a letter and the state of its text, as a form carries them from the preview to the act."""
    return f"{letter.pk}:{letter.changes}"


ACTS: Final = {
    "assign": BulkAct(gettext_lazy("Assign"), gettext_lazy("Assign them"), _assign_form, _plan_assign, _do_assign),
    "snooze": BulkAct(gettext_lazy("Snooze"), gettext_lazy("Let them sleep"), _snooze_form, _plan_snooze, _do_snooze),
    "note": BulkAct(gettext_lazy("Note"), gettext_lazy("Leave the note"), _note_form, _plan_note, _do_note),
    "send": BulkAct(
        gettext_lazy("Send the letters that are written"),
        gettext_lazy("Send them"),
        _send_form,
        _plan_send,
        _do_send,
    ),
}


@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """Ask what to do with the chosen rows, show what would change, and do it."""
    here = desk_for(request)
    if not permissions.can_share_out(here.person):
        raise PermissionDenied
    place = place_of(request.POST.get("back", ""))
    way_back = reverse("tracking:desk") + (f"?{place}" if place else "")
    name, seen = request.POST.get("act", ""), _seen(request.POST.getlist("row"))
    if name not in ACTS or not seen:
        messages.info(request, _("Nothing was changed. Choose at least one row first, then what to do with it."))
        return redirect(way_back)
    if len(seen) > MOST_ROWS:
        messages.error(
            request,
            _("Nothing was changed: %(chosen)s rows were chosen, and %(most)s are the most at once.")
            % {"chosen": len(seen), "most": MOST_ROWS},
        )
        return redirect(way_back)
    act = ACTS[name]
    rows = queries.chosen_rows(here.person, list(seen))
    if not rows:
        messages.info(request, _("Nothing was changed: none of the chosen requests is there any more."))
        return redirect(way_back)
    letters = queries.open_letters([row.pk for row in rows])
    chosen = Chosen(rows, seen, letters, frozenset(request.POST.getlist("letter")))
    step = request.POST.get("step", "")
    form = act.form(here, request.POST if step or not act.form(here, None).fields else None)
    context = {
        "act": act,
        "name": name,
        "form": form,
        "chosen": chosen,
        "place": place,
        "way_back": way_back,
        "crumbs": [(_("Desk"), way_back), (str(act.title), "")],
    }
    if not form.is_valid():
        return render(request, "tracking/desk/bulk_form.html", context, status=422 if form.errors else 200)
    if step != "do":
        plan = [_planned(here, act, chosen, row, form.cleaned_data) for row in rows]
        context |= {
            "changing": [one for one in plan if not one.left_alone],
            "left_alone": [one for one in plan if one.left_alone],
            "values": [(bound.html_name, bound.value()) for bound in form if bound.value() not in (None, "")]
            + [("letter", _as_seen(letter)) for row in rows if (letter := _letter_of(chosen, row))],
        }
        return render(request, "tracking/desk/bulk_preview.html", context)
    results = [_result(here, act, chosen, row, form.cleaned_data) for row in rows]
    context |= {
        "results": [one for one in results if not one.failed],
        "left_alone": [one for one in results if one.failed],
    }
    return render(request, "tracking/desk/bulk_done.html", context)


_REFERENCE: Final = re.compile(r"[A-Za-z0-9-]{1,16}")  # PostgreSQL refuses to look for a text with a zero byte


def _seen(given: Sequence[str]) -> dict[str, int]:
    """Return the chosen references, each with the newest event that was seen; what cannot be read is left out."""
    found: dict[str, int] = {}
    for one in given:
        reference, _colon, sequence = one.partition(":")
        if _REFERENCE.fullmatch(reference) and sequence.isascii() and sequence.isdigit() and len(sequence) < 10:
            found[reference] = int(sequence)
    return found


def _planned(here: Desk, act: BulkAct, chosen: Chosen, row: RecordsRequest, said: Mapping[str, Any]) -> Planned:
    before, after, left_alone = act.plan(here, chosen, row, said)
    if row.last_sequence != chosen.seen[row.reference]:
        news = queries.newest_news(row.pk, chosen.seen[row.reference])
        left_alone = str(services.ChangedMeanwhile(row, news))
    return Planned(row, before, after, left_alone)


def _result(here: Desk, act: BulkAct, chosen: Chosen, row: RecordsRequest, said: Mapping[str, Any]) -> Result:
    """Do it to one row, in a transaction of its own: what cannot be done to one holds back no other."""
    if row.last_sequence != chosen.seen[row.reference]:
        news = queries.newest_news(row.pk, chosen.seen[row.reference])
        return Result(row, str(services.ChangedMeanwhile(row, news)), True, None)
    try:
        done = act.do(here, chosen, row, said)
    except (DeskRefused, filing_services.EventRefused) as refused:
        return Result(row, str(refused), True, None)
    except filing_services.Busy:
        return Result(row, str(BUSY), True, None)
    return Result(row, done.sentence, False, done.undo)
