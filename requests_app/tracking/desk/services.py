"""The only code that writes what the desk keeps, and the acts of the desk that other rooms' services carry out."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from requests_app.correspondence import next_letters
from requests_app.correspondence import queries as letters
from requests_app.correspondence.services import NotSendable
from requests_app.filing import lawbook
from requests_app.filing import permissions as rights
from requests_app.filing import queries as filing_queries
from requests_app.filing import services as filing
from requests_app.filing.lifecycle import EventKind
from requests_app.filing.models import Event, NextLetter, RecordsRequest
from requests_app.kits.later import letter_type
from requests_app.people.models import Person
from requests_app.tracking.desk import queries
from requests_app.tracking.desk.models import COLUMNS, DeskChoice, SavedView, Snooze
from requests_app.tracking.desk.snoozing import limit_of, why_not
from requests_app.tracking.wording import in_words

UndoOf = Literal["event", "assign", "snooze", "note", "letter"]
UNDOABLE: Final = ("event", "assign", "snooze", "note", "letter")


class DeskRefused(Exception):
    """What was asked for cannot be done; the message says why, what is safe and what to do."""


NOT_THAT_LETTER: Final = _lazy(
    "The letter was changed, sent or thrown away since you saw it. Nothing was sent. Look at what is there now."
)


class SnoozeRefused(DeskRefused):
    """A request cannot sleep until that day."""


class ChangedMeanwhile(DeskRefused):
    """Somebody recorded something after the row was read. It was left alone."""

    def __init__(self, records_request: RecordsRequest, news: Event | None) -> None:
        self.news = news
        facts = {"reference": records_request.reference}
        if news is None:
            super().__init__(_("%(reference)s was changed meanwhile. It was left alone; look at it again.") % facts)
            return
        facts["what"] = str(EventKind(news.kind).label)
        facts["who"] = _("Daylight itself") if news.recorded_by is None else news.recorded_by.handle
        super().__init__(
            _("Left alone: %(who)s recorded “%(what)s” on %(reference)s meanwhile. Look at it again.") % facts
        )


class UndoRefused(DeskRefused):
    """It cannot be taken back any more."""


@dataclass(frozen=True, slots=True)
class Undo:
    """What takes an act back: its kind and the number of the row that the act made."""

    what: UndoOf
    pk: int


@dataclass(frozen=True, slots=True)
class Done:
    """What was done, in a sentence, and how to take it back; None where nothing can or need be."""

    sentence: str
    undo: Undo | None = None


# --- one request ------------------------------------------------------------------------------------------------------


def _seen_as(request_id: int, seen: int | None) -> RecordsRequest:
    """Return a request, locked until the transaction ends, if its newest event is the one that was seen.

    On PostgreSQL the row is locked; on SQLite the transaction is the only writer from its beginning (IMMEDIATE). Raises
    ChangedMeanwhile.
    """
    rows = RecordsRequest.objects.select_for_update(of=("self",)).defer("letter")
    records_request = rows.select_related("assignee").get(pk=request_id)
    if seen is not None and records_request.last_sequence != seen:
        raise ChangedMeanwhile(records_request, queries.newest_news(request_id, seen))
    return records_request


def snooze(request_id: int, *, until: date, why: str, seen: int | None = None, by: Person, now: datetime) -> Done:
    """Leave a request off the desk until a day. One that sleeps already sleeps until the new day instead.

    Raises SnoozeRefused where a date of the law runs before that day, and ChangedMeanwhile.
    """
    try:
        with transaction.atomic():
            records_request = _seen_as(request_id, seen)
            today = lawbook.local_day(records_request.jurisdiction, now)
            refusal = why_not(until, today, limit_of(filing_queries.current_deadlines(records_request)))
            if not why.strip():
                refusal = _("Say why it can wait: the others will want to know.")
            if refusal:
                raise SnoozeRefused(refusal)
            Snooze.objects.filter(request_id=request_id, ended_at__isnull=True).update(ended_at=now, ended_by=by)
            made = Snooze.objects.create(
                request=records_request,
                by=by,
                until=until,
                why=why.strip(),
                made_at=now,
                sequence=records_request.last_sequence,
                overdue_since=records_request.overdue_since,
            )
    except IntegrityError as rival:  # two at once: the constraint lets one in
        raise SnoozeRefused(_("Somebody else has just put it to sleep. Look at it again.")) from rival
    return Done(
        _("%(reference)s sleeps until %(day)s.") % {"reference": records_request.reference, "day": in_words(until)},
        Undo("snooze", made.pk),
    )


def wake(request_id: int, *, by: Person, now: datetime) -> bool:
    """End a request's snooze: it is back on the desk. Returns whether it slept."""
    ended = Snooze.objects.filter(request_id=request_id, ended_at__isnull=True).update(ended_at=now, ended_by=by)
    return bool(ended)


def assign(request_id: int, *, to: Person | None, seen: int | None = None, by: Person, now: datetime) -> Done:
    """Give a request to a person, or to nobody. Raises ChangedMeanwhile."""
    with transaction.atomic():
        records_request = _seen_as(request_id, seen)
        facts = {"reference": records_request.reference, "who": "" if to is None else to.handle}
        if records_request.assignee_id == (None if to is None else to.pk):
            if to is None:
                return Done(_("Nobody followed %(reference)s before. Nothing was changed.") % facts)
            return Done(_("%(who)s follows %(reference)s already. Nothing was changed.") % facts)
        event = filing.assign(request_id, to=to, by=by, now=now)
    if to is None:
        return Done(_("Nobody follows %(reference)s now.") % facts, Undo("assign", event.pk))
    return Done(_("%(who)s follows %(reference)s now.") % facts, Undo("assign", event.pk))


def note(request_id: int, *, text: str, by: Person, now: datetime) -> Done:
    """Leave a note on a request."""
    made = filing.add_note(request_id, text=text, by=by, now=now)
    return Done(_("Your note is on the request."), Undo("note", made.pk))


def send(letter_id: int, *, seen_changes: int, seen: int | None = None, by: Person, now: datetime) -> Done:
    """Put a letter that is written into the outbox, as long as its text is the one that was there to be read.

    `seen_changes`: how often it had been changed by then. Raises DeskRefused and ChangedMeanwhile.
    """
    letter = NextLetter.objects.select_related("request__agency", "contact_point", "body_contact").get(pk=letter_id)
    if seen is not None and letter.request.last_sequence != seen:
        raise ChangedMeanwhile(letter.request, queries.newest_news(letter.request_id, seen))
    try:
        next_letters.queue(letter, seen_changes=seen_changes, by=by, now=now)
    except NotSendable as stop:
        raise DeskRefused(str(stop)) from stop
    facts = {"title": letter_type(letter.key).title, "reference": letter.request.reference}
    return Done(_("“%(title)s” on %(reference)s waits in the outbox.") % facts, Undo("letter", letter.pk))


# --- taking back ------------------------------------------------------------------------------------------------------


def undo(what: str, pk: int, *, by: Person, now: datetime) -> tuple[RecordsRequest, str]:
    """Take back one's own act while nothing came after it. Returns the request and a sentence.

    An event is not deleted: a correction says that it was a mistake. Raises UndoRefused.
    """
    if what not in _INVERSES:
        raise UndoRefused(_("There is nothing to take back here."))
    return _INVERSES[what](pk, by, now)


def _undo_event(pk: int, by: Person, now: datetime) -> tuple[RecordsRequest, str]:
    with transaction.atomic():
        event = _own_newest(pk, by)
        filing.correct_answer(event.pk, by=by, now=now, note=_("Taken back on the desk: recorded by mistake."))
    return event.request, _("Taken back. Both stay on the timeline, and the dates are as before.")


def _undo_assign(pk: int, by: Person, now: datetime) -> tuple[RecordsRequest, str]:
    with transaction.atomic():
        event = _own_newest(pk, by)
        if event.kind != EventKind.ASSIGNED:
            raise UndoRefused(_("There is nothing to take back here."))
        before = _follower_before(event)
        filing.assign(event.request_id, to=before, by=by, now=now)
    if before is None:
        return event.request, _("Taken back. Nobody follows it, as before.")
    return event.request, _("Taken back. %(who)s follows it, as before.") % {"who": before.handle}


def _follower_before(event: Event) -> Person | None:
    """Return who followed the request before an assignment. Raises UndoRefused when they no longer can."""
    number = event.details.get("from")
    if number is None:
        return None
    before = filing_queries.people_to_assign().filter(pk=number).first()
    if before is None:
        raise UndoRefused(
            _("Whoever followed it before cannot any more, so nothing was taken back. Assign it to somebody else.")
        )
    return before


def _own_newest(pk: int, by: Person) -> Event:
    """Return an event that this person recorded and after which nothing came, its request locked."""
    event = Event.objects.select_related("request").filter(pk=pk, recorded_by=by).first()
    if event is None:
        raise UndoRefused(_("Only whoever recorded this can take it back here. Open the request to correct it."))
    try:
        _seen_as(event.request_id, event.sequence)
    except ChangedMeanwhile as changed:
        raise UndoRefused(
            _("Something was recorded after it, so nothing was taken back. Open the request and correct it there.")
        ) from changed
    return event


def _undo_snooze(pk: int, by: Person, now: datetime) -> tuple[RecordsRequest, str]:
    found = Snooze.objects.select_related("request").filter(pk=pk, by=by).first()
    if found is None:
        raise UndoRefused(_("Only whoever put it to sleep can take that back here. You can wake it instead."))
    if not Snooze.objects.filter(pk=pk, ended_at__isnull=True).update(ended_at=now, ended_by=by):
        raise UndoRefused(_("It is awake already. Nothing was changed."))
    return found.request, _("Taken back. It is on the desk again.")


def _undo_note(pk: int, by: Person, now: datetime) -> tuple[RecordsRequest, str]:
    owner = RecordsRequest.objects.filter(notes__pk=pk).first()
    if owner is None or not filing.take_back_note(pk, by=by, now=now):
        raise UndoRefused(_("A note can be taken back by its writer within an hour. This one stays."))
    return owner, _("Your note is gone.")


def _undo_letter(pk: int, by: Person, now: datetime) -> tuple[RecordsRequest, str]:
    letter = NextLetter.objects.select_related("request").filter(pk=pk).first()
    if letter is None or not rights.can_record_event(by, letter.request):
        raise UndoRefused(_("There is nothing to take back here."))
    newest = letters.last_try(letter)
    if newest is not None and newest.queued_by_id != by.pk:
        raise UndoRefused(_("Somebody else has sent it since, so nothing was taken back. Open the letter to do that."))
    if not next_letters.take_back(letter, now=now):
        raise UndoRefused(_("It is too late to take the letter back: it has left already."))
    return letter.request, _("Taken back. Nothing was sent; the letter is a draft again.")


_INVERSES: Final[dict[str, Callable[[int, Person, datetime], tuple[RecordsRequest, str]]]] = {
    "event": _undo_event,
    "assign": _undo_assign,
    "snooze": _undo_snooze,
    "note": _undo_note,
    "letter": _undo_letter,
}


# --- views and looks --------------------------------------------------------------------------------------------------


def save_view(*, name: str, query: str, shared: bool, by: Person, now: datetime) -> SavedView:
    """Keep filters under a name; the same name again takes the place of one's own older view."""
    with transaction.atomic():
        kept = SavedView.objects.filter(owner=by, name__iexact=name).first()
        if kept is None:
            return SavedView.objects.create(owner=by, name=name, query=query, shared=shared, made_at=now)
        kept.name, kept.query, kept.shared = name, query, shared
        kept.save(update_fields=["name", "query", "shared"])
    return kept


def remove_view(view_id: int, *, by: Person) -> bool:
    """Remove one's own view, or a shared one whose owner has left. Whose desk opened with it, sees the whole again."""
    removable = Q(owner=by) | Q(shared=True, owner__is_active=False)
    return bool(SavedView.objects.filter(removable, pk=view_id).delete()[0])


def share_view(view_id: int, *, shared: bool, by: Person) -> bool:
    """Share one's own view with everybody who opens the desk, or keep it to oneself again."""
    with transaction.atomic():
        changed = SavedView.objects.filter(pk=view_id, owner=by).update(shared=shared)
        if changed and not shared:  # nobody's desk opens with a view they can no longer see
            DeskChoice.objects.filter(default_view=view_id).exclude(person=by).update(default_view=None)
    return bool(changed)


def open_with(view_id: int | None, *, by: Person) -> bool:
    """Let one's desk open with a view, or with everything (None). Returns whether there is such a view."""
    view = None if view_id is None else queries.views_for(by).filter(pk=view_id).first()
    if view_id is not None and view is None:
        return False
    DeskChoice.objects.update_or_create(person=by, defaults={"default_view": view})
    return True


def choose_look(*, left_out: Collection[str], keys: bool, by: Person) -> None:
    """Keep what one's rows leave out, and whether single keys act on the desk."""
    known = [name for name in COLUMNS if name in set(left_out)]
    DeskChoice.objects.update_or_create(person=by, defaults={"left_out": known, "keys": keys})
