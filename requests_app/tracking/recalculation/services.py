"""Counting open dates anew when the law book or a calendar changed, and telling people what moved.

The sweep calls `notice_changes` and `go_on`; nothing else has to remember to. Every step can be killed and repeated:
a batch and the note of how far it came are one transaction.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import msgspec
from django.db import transaction

from requests_app.correspondence.queries import OnDuty, whom_to_tell
from requests_app.filing import lawbook
from requests_app.filing import services as filing
from requests_app.filing.lifecycle import Phase
from requests_app.filing.models import RecordsRequest
from requests_app.law.book import CODES
from requests_app.law.snapshots import Changes, Snapshot, compare, take_snapshot
from requests_app.people import services as people
from requests_app.people.models import Person
from requests_app.people.preferences import Topic
from requests_app.people.services import NoticeDraft
from requests_app.tracking.queries import with_agency_and_people
from requests_app.tracking.recalculation import wording
from requests_app.tracking.recalculation.models import LawSeen, MovedDate, Recalculation
from requests_app.tracking.recalculation.moving import Move, in_order, moves_between

log = logging.getLogger(__name__)

BATCH = 200


@transaction.atomic
def notice_changes(now: datetime) -> int:
    """Compare the law book with the one used last and return in how many jurisdictions dates are to be counted anew.

    1. Leave everything as it is while files lie on the disk that this process has not read: it would count by a law
       that is gone. It says so in the log; a restart cures it.
    2. Find the jurisdictions of which the book says something else than last time. One query while nothing changed.
    3. Note what the book says now, and open a recalculation with what differs. A jurisdiction that was never seen is
       only noted: its dates were counted by this book.
    """
    book = lawbook.book()
    outdated = book.outdated()
    if outdated:
        log.warning("law files changed on disk (%s): restart Daylight to count by them", ", ".join(outdated))
        return 0
    seen = dict(LawSeen.objects.values_list("jurisdiction", "fingerprint"))
    news = [code for code in CODES if seen.get(code) != take_snapshot(book, code).fingerprint]
    if not news:
        return 0
    before = {row.jurisdiction: row for row in LawSeen.objects.select_for_update().filter(jurisdiction__in=news)}
    opened = 0
    for code in news:
        after, row = take_snapshot(book, code), before.get(code)
        if row is None:
            _note(after, now)
        elif row.fingerprint != after.fingerprint:
            opened += _open_for_change(msgspec.convert(row.snapshot, Snapshot), after, now)
            _note(after, now)
    return opened


def _note(snapshot: Snapshot, now: datetime) -> None:
    values = {"fingerprint": snapshot.fingerprint, "snapshot": msgspec.to_builtins(snapshot), "seen_at": now}
    LawSeen.objects.update_or_create(jurisdiction=snapshot.code, defaults=values)


def _open_for_change(before: Snapshot, after: Snapshot, now: datetime) -> bool:
    """Open a recalculation for what differs; an open one of this jurisdiction begins again, with both changes."""
    changes = compare(before, after)
    cause = _cause(changes)
    open_one = Recalculation.objects.filter(jurisdiction=after.code, ended_at=None).first()
    if open_one is None:
        Recalculation.objects.create(
            jurisdiction=after.code,
            cause=cause,
            changes=msgspec.to_builtins(changes),
            edition_before=before.edition,
            edition_after=after.edition,
            began_at=now,
        )
        return True
    earlier = msgspec.convert(open_one.changes, Changes)
    both = Changes((*earlier.rules, *changes.rules), (*earlier.days, *changes.days))
    open_one.changes, open_one.cause = msgspec.to_builtins(both), _cause(both)
    open_one.edition_after = after.edition
    open_one.done_through, open_one.looked_at, open_one.troubled = 0, 0, []
    open_one.save(update_fields=["changes", "cause", "edition_after", "done_through", "looked_at", "troubled"])
    return False


def _cause(changes: Changes) -> Recalculation.Cause:
    if changes.rules and changes.days:
        return Recalculation.Cause.BOTH
    return Recalculation.Cause.CALENDAR if changes.days else Recalculation.Cause.LAW


def ask(jurisdiction: str, *, by: Person | None, now: datetime) -> Recalculation:
    """Have the open dates of one jurisdiction counted anew, whatever changed. An open one is returned as it is."""
    edition = lawbook.statute_of(jurisdiction).edition
    values = {
        "cause": Recalculation.Cause.ASKED,
        "edition_before": edition,
        "edition_after": edition,
        "asked_by": by,
        "began_at": now,
    }
    with transaction.atomic():
        return Recalculation.objects.get_or_create(jurisdiction=jurisdiction, ended_at=None, defaults=values)[0]


def go_on(now: datetime) -> bool:
    """Do one batch of the oldest open recalculation; after its last batch, tell people. Returns whether there is more.

    1. Take the next requests of that jurisdiction that are not done, by number.
    2. Read their deadlines, project them anew, and compare.
    3. Keep each date that moved, with both rows, and how far this came.
    4. When none is left, tell each person what moved of theirs, once, and close.
    """
    with transaction.atomic():
        one = Recalculation.objects.select_for_update().filter(ended_at=None).order_by("pk").first()
        if one is None:
            return False
        ids = list(
            RecordsRequest.objects.filter(jurisdiction=one.jurisdiction, pk__gt=one.done_through)
            .exclude(phase=Phase.DONE)
            .order_by("pk")
            .values_list("pk", flat=True)[:BATCH]
        )
        if ids:
            found = count_anew(ids, now)
            _keep(one, ids, found)
        else:
            _tell(one, now)
            Recalculation.objects.filter(pk=one.pk).update(ended_at=now)
    return True


@dataclass(frozen=True)
class Found:
    """What counting anew brought: the moves of each request, and the references of those that could not be counted."""

    moves: dict[int, list[Move]]
    troubled: list[str]


def count_anew(request_ids: Sequence[int], now: datetime) -> Found:
    """Project requests by the law of today, in the caller's transaction, and return what moved."""
    done = filing.reproject_many(request_ids, now=now)
    moves = {
        number: list(in_order(moves_between(was, done.current[number]))) for number, was in sorted(done.before.items())
    }
    troubled = RecordsRequest.objects.filter(pk__in=done.troubled.keys()).values_list("reference", flat=True)
    for number, trouble in done.troubled.items():
        log.error("request %s could not be counted anew: %s", number, type(trouble).__name__)
    return Found({number: some for number, some in moves.items() if some}, sorted(troubled))


def _keep(one: Recalculation, ids: Sequence[int], found: Found) -> None:
    MovedDate.objects.bulk_create(
        [_moved(one, number, move) for number, moves in found.moves.items() for move in moves], batch_size=500
    )
    one.done_through, one.looked_at = ids[-1], one.looked_at + len(ids)
    one.troubled = [*one.troubled, *found.troubled]
    one.save(update_fields=["done_through", "looked_at", "troubled"])


def _moved(one: Recalculation, request_id: int, move: Move) -> MovedDate:
    before, after = move.before, move.after
    shown = move.shown
    return MovedDate(
        recalculation=one,
        request_id=request_id,
        what=move.what,
        kind=shown.kind,
        duty_of=shown.duty_of,
        was_earliest=before.earliest if before else None,
        was_latest=before.latest if before else None,
        is_earliest=after.earliest if after else None,
        is_latest=after.latest if after else None,
        before_id=before.pk if before else None,
        after_id=after.pk if after else None,
    )


def _tell(one: Recalculation, now: datetime) -> None:
    """Tell each person, once, of the dates of theirs that moved; nobody when none did."""
    moved = _joined(list(MovedDate.objects.filter(recalculation=one).order_by("pk")))
    named = RecordsRequest.objects.only("reference", "agency", "filer", "assignee")
    requests = {
        row.pk: row for row in named.filter(pk__in=MovedDate.objects.filter(recalculation=one).values("request"))
    }
    with_agency_and_people(list(requests.values()))
    people.queue_notices(_notices(one, moved, requests), send_after=now, now=now)


def _joined(rows: Sequence[MovedDate]) -> list[MovedDate]:
    """Join what moved twice, because a second change came before the first was done, into one move.

    A date that came back to where it was did not move: its row goes, and nobody is told.
    """
    by_end: dict[int, MovedDate] = {}
    joined: dict[int, MovedDate] = {}
    again: set[int] = set()
    for row in rows:
        first = by_end.pop(row.before_id, None) if row.before_id is not None else None
        if first is None:
            first = row
        else:
            again.add(row.pk)
            first.after_id, first.is_earliest, first.is_latest = row.after_id, row.is_earliest, row.is_latest
            first.what = MovedDate.What.MOVED if first.before_id else MovedDate.What.NEW
            joined[first.pk] = first
        if first.after_id is not None:
            by_end[first.after_id] = first
        elif first.before_id is not None:
            first.what = MovedDate.What.GONE
    if not joined:
        return list(rows)
    back = {
        pk
        for pk, one in joined.items()
        if (one.was_earliest, one.was_latest) == (one.is_earliest, one.is_latest) or not (one.before_id or one.after_id)
    }
    MovedDate.objects.filter(pk__in=[*again, *back]).delete()
    kept = [one for pk, one in joined.items() if pk not in back]
    MovedDate.objects.bulk_update(kept, ["after", "is_earliest", "is_latest", "what"], batch_size=200)
    return [row for row in rows if row.pk not in back and row.pk not in again]


def _notices(one: Recalculation, moved: Iterable[MovedDate], requests: dict[int, RecordsRequest]) -> list[NoticeDraft]:
    on_duty = OnDuty()
    theirs: dict[int, tuple[str, list[MovedDate]]] = {}
    for row in sorted(moved, key=_urgency):
        row.request = requests[row.request_id]
        for person, why in whom_to_tell(row.request, coordinators_too=row.is_ours, on_duty=on_duty):
            theirs.setdefault(person.pk, (why, []))[1].append(row)
    drafts: list[NoticeDraft] = []
    for number, (why, rows) in theirs.items():
        words = wording.compose_moved(one, rows)
        key = f"recalculation:{one.pk}:{number}"
        topic = Topic.OURS if any(row.is_ours for row in rows) else Topic.THEIRS
        drafts.append(NoticeDraft(number, key, words.subject, words.text, why, one.get_absolute_url(), topic=topic))
    return drafts


def _urgency(row: MovedDate) -> tuple[bool, date, int]:
    return not row.is_ours, row.is_earliest or row.was_earliest or date.max, row.pk
