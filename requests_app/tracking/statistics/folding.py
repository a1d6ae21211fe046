"""Keeping the facts of requests up to date: only what changed is folded again.

Events are appended and a date that moves is a new row, so the numbers of both tables say what is new since the last
time. A number can be given before another one and stored after it, so the last few are looked at again each time;
`RequestFacts.sequence` says which of them are known already. Running twice, or two at once, does no harm: what a slow
one writes over is in the part that the next one looks at again.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Max, Q

from requests_app.filing import lawbook
from requests_app.filing.lifecycle import EventFact, ImpossibleEvent, fold, standing_events
from requests_app.filing.models import Deadline, Event, RecordsRequest
from requests_app.filing.timeline import facts_of, to_law
from requests_app.kits.catalog import UnknownKit, get_kit
from requests_app.law.calendars import CalendarEnds
from requests_app.law.receipt import find_receipt
from requests_app.law.schema import Rule, Statute
from requests_app.law.timeline import TimelineError
from requests_app.tracking.statistics.facts import DUTY_KINDS, DutyRow, Facts, Start, fold_facts
from requests_app.tracking.statistics.models import FoldMark, RequestFacts

log = logging.getLogger(__name__)

BATCH: Final = 500  # requests folded in one transaction
LOOK_BACK: Final = 2000  # numbers looked at again: transactions that were still under way last time
LONGEST_TRANSACTION: Final = timedelta(minutes=15)  # longer than any task may run (CELERY_TASK_TIME_LIMIT)
READ_AT_ONCE: Final = 20_000  # events whose requests are sought in one round

_OF_EVENTS: Final = (
    "pk", "request_id", "sequence", "kind", "happened_on", "happened_at", "details", "corrects_id", "replaces_id",
)  # fmt: skip
_OF_DEADLINES: Final = ("request_id", "rule_id", "kind", "certainty", "state", "latest", "trigger")
_OF_REQUESTS: Final = (
    "pk", "jurisdiction", "agency_id", "kit_id", "last_sequence", "draft__campaign_target__campaign_id",
)  # fmt: skip


def fold_changed(now: datetime) -> bool:
    """Fold the requests that changed since the last time, one round of it. Returns whether there is more to fold.

    1. Find the requests of events and deadlines that are new, or so recent that the last round may have missed them,
       and of deadlines that were replaced since: a rule that is gone puts no new one in their place.
    2. Of those of events, leave out the ones whose newest event is known.
    3. Fold them, a batch to a transaction.
    4. Note up to where everything was read; when that is the end, that the facts are true up to now.
    """
    mark, _made = FoldMark.objects.get_or_create(only=1)
    events, newest_event = _events_after(mark.event_id)
    # Whatever was stored before this moment was there to be seen when the last folding ended.
    unseen = (mark.folded_at or now) - LONGEST_TRANSACTION
    deadlines, newest_deadline = _deadlines_after(mark.deadline_id, unseen)
    changed = _unknown(events) | deadlines | (_replaced_since(unseen) if mark.folded_at else set())
    for some in _batches(sorted(changed)):
        refold(some, now=now)
    more = newest_event < _last(Event) or newest_deadline < _last(Deadline)
    FoldMark.objects.filter(only=1, event_id__lt=newest_event).update(event_id=newest_event)
    FoldMark.objects.filter(only=1, deadline_id__lt=newest_deadline).update(deadline_id=newest_deadline)
    if changed:
        FoldMark.objects.filter(only=1).update(changed_at=now)
    if not more:
        FoldMark.objects.filter(only=1).update(folded_at=now)
    return more


def refold_all(now: datetime) -> int:
    """Fold every request anew. Returns how many. For the command, and for whoever doubts a number."""
    FoldMark.objects.get_or_create(only=1)
    newest_event, newest_deadline = _last(Event), _last(Deadline)
    folded = 0
    after = 0
    while True:
        some = list(RecordsRequest.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:BATCH])
        if not some:
            break
        refold(some, now=now)
        folded, after = folded + len(some), some[-1]
    FoldMark.objects.filter(only=1).update(
        event_id=newest_event, deadline_id=newest_deadline, folded_at=now, changed_at=now
    )
    return folded


@transaction.atomic
def refold(request_ids: Collection[int], *, now: datetime) -> None:
    """Fold these requests. Four queries, however many.

    For whoever changes what the law says of a request without a new event or date.
    """
    rows = {row["pk"]: row for row in RecordsRequest.objects.filter(pk__in=request_ids).values(*_OF_REQUESTS)}
    events: dict[int, list[Any]] = {}
    stored = Event.objects.filter(request_id__in=rows).order_by("request_id", "sequence")
    for event in stored.values_list(*_OF_EVENTS, named=True):
        events.setdefault(event.request_id, []).append(event)
    deadlines: dict[int, list[Any]] = {}
    current = Deadline.objects.filter(
        request_id__in=rows, superseded_at__isnull=True, duty_of=Deadline.Duty.AGENCY
    ).order_by("pk")
    for deadline in current.values_list(*_OF_DEADLINES, named=True):
        deadlines.setdefault(deadline.request_id, []).append(deadline)
    folded = []
    for pk, row in sorted(rows.items()):
        try:
            folded.append(_row(row, events.get(pk, []), deadlines.get(pk, []), now))
        except Exception as trouble:  # noqa: BLE001  one that cannot be folded must not stop the numbers of all others
            log.error("the facts of request %s could not be folded: %s", pk, type(trouble).__name__)
    names = [field.attname for field in RequestFacts._meta.concrete_fields if not field.primary_key]
    RequestFacts.objects.bulk_create(
        folded, update_conflicts=True, unique_fields=["request"], update_fields=names, batch_size=BATCH
    )


def _row(row: Mapping[str, Any], events: Sequence[Any], deadlines: Sequence[Any], now: datetime) -> RequestFacts:
    facts = facts_from(row["jurisdiction"], row["kit_id"], events, deadlines)
    return RequestFacts(
        request_id=row["pk"],
        sequence=max((event.sequence for event in events), default=0),
        folded_at=now,
        jurisdiction=row["jurisdiction"],
        agency_id=row["agency_id"],
        kit_id=row["kit_id"],
        campaign_id=row["draft__campaign_target__campaign_id"],
        **_columns(facts),
    )


def _columns(facts: Facts | None) -> dict[str, Any]:
    """Return the columns that the facts fill; none for what is not counted: not sent, or no records request."""
    if facts is None or facts.sent_on is None:
        return {}
    columns: dict[str, Any] = {
        name: getattr(facts, name)
        for name in (
            "sent_on", "clock", "started_on", "withdrawn_on", "done", "silence_on", "extensions", "fee_cents",
            "paid_cents", "waiver", "waived_cents", "refused", "appeals_filed", "appeals_won", "appeals_part",
            "appeals_lost", "pages",
        )
    }  # fmt: skip
    for kind in DUTY_KINDS:
        columns[f"days_to_{kind}"] = facts.days_to[kind]
        columns[f"{kind}_duty"] = facts.duties[kind].state
        columns[f"{kind}_due_on"] = facts.duties[kind].due_on
    return {**columns, "sent_month": f"{facts.sent_on:%Y-%m}", "objections": " ".join(facts.objections)[:400]}


def facts_from(jurisdiction: str, kit_id: str, events: Sequence[Any], deadlines: Iterable[Any]) -> Facts | None:
    """Return the facts of one request from its stored rows; None for a letter that is no records request.

    `events`: all of them. `deadlines`: the agency's, as last projected.
    """
    if not is_records_request(kit_id):
        return None
    facts = facts_of(events, lawbook.zone_of(jurisdiction))
    try:
        standing = fold(facts)
    except ImpossibleEvent:
        return None  # a request without events, in a database that was filled by hand
    stored = {event.sequence: event for event in events}
    happened = [(fact, stored[fact.sequence].details) for fact in standing_events(facts)]
    statute = lawbook.statute_of(jurisdiction)
    return fold_facts(
        happened, standing, _start(jurisdiction, statute, facts), [_duty(one, statute) for one in deadlines]
    )


def is_records_request(kit_id: str) -> bool:
    """Return whether the kit asks for records. One that the catalog no longer has did, as all but one do."""
    try:
        return get_kit(kit_id).kind == "records"
    except UnknownKit:
        return True


def counts_from_sending(statute: Statute) -> bool:
    """Return whether every date for a decision in this law runs from the sending, and not from the receipt."""
    rules = [
        rule
        for rule in statute.rules
        if rule.kind == "determination"
        and rule.duty_of == "agency"
        and rule.extends is None
        and rule.period is not None
    ]
    return bool(rules) and all(rule.trigger == "sending" for rule in rules)


def _start(jurisdiction: str, statute: Statute, facts: Sequence[EventFact]) -> Start:
    """Return the day from which this law counts: the receipt, or under some laws the sending.

    Where nobody recorded the receipt, the later of the two days on which the law presumes it: the same day by which
    Daylight calls an agency late.
    """
    try:
        timeline = to_law(facts)
        if timeline is None:
            return Start("", None)
        receipt = find_receipt(timeline, statute.receipt, lawbook.book().calendar(jurisdiction))
    except (TimelineError, CalendarEnds):
        return Start("", None)  # no day is better than a guessed one
    if counts_from_sending(statute) and receipt.sending is not None:
        return Start("sent", receipt.sending.on)
    return Start("presumed" if receipt.presumed else "received", receipt.latest)


def _duty(row: Any, statute: Statute) -> DutyRow:
    rule = _rule(statute, row.rule_id)
    base = _rule(statute, rule.extends) if rule is not None and rule.extends else None
    kind = base.kind if base is not None else "determination" if row.kind == "extension" else row.kind
    # A period that runs from the acknowledged receipt has only the bare receipt to run from: an estimate (WY).
    estimated = rule is not None and rule.trigger == "acknowledgment" and row.trigger == "receipt"
    silence = any(one.silence_is_denial for one in (rule, base) if one is not None)
    return DutyRow(kind, row.state, row.latest, row.certainty != "conditional" and not estimated, silence)


def _rule(statute: Statute, rule_id: str) -> Rule | None:
    try:
        return statute.rule(rule_id)
    except KeyError:
        return None  # projected under another edition; the next projection follows this one


def _events_after(seen: int) -> tuple[set[int], int]:
    """Return the requests of the events after a number and of the last ones before it, and the last number read."""
    rows = Event.objects.filter(pk__gt=seen - LOOK_BACK).order_by("pk")
    found = list(rows.values_list("pk", "request_id")[:READ_AT_ONCE])
    return {request_id for _pk, request_id in found}, max((seen, *(pk for pk, _ in found)))


def _deadlines_after(seen: int, unseen: datetime) -> tuple[set[int], int]:
    """Return the same for deadlines. Those before the number count only if they were stored after a moment."""
    new = Q(pk__gt=seen) | Q(pk__gt=seen - LOOK_BACK, projected_at__gt=unseen)
    found = list(Deadline.objects.filter(new).order_by("pk").values_list("pk", "request_id")[:READ_AT_ONCE])
    return {request_id for _pk, request_id in found}, max((seen, *(pk for pk, _ in found)))


def _replaced_since(moment: datetime) -> set[int]:
    """Return the requests of which a deadline was replaced after a moment."""
    rows = Deadline.objects.filter(superseded_at__gt=moment).order_by()
    return set(rows.values_list("request_id", flat=True))


def _unknown(request_ids: Collection[int]) -> set[int]:
    """Return those of which an event is newer than their facts."""
    unknown: set[int] = set()
    for some in _batches(sorted(request_ids)):
        numbers = dict(
            Event.objects.filter(request_id__in=some).order_by().values_list("request_id").annotate(Max("sequence"))
        )
        known = dict(RequestFacts.objects.filter(pk__in=some).values_list("pk", "sequence"))
        unknown |= {pk for pk, number in numbers.items() if known.get(pk) != number}
    return unknown


def _last(model: type[Event] | type[Deadline]) -> int:
    newest: int | None = model._default_manager.aggregate(newest=Max("pk"))["newest"]
    return newest or 0


def _batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]


def known_up_to() -> tuple[datetime | None, datetime | None]:
    """Return up to when the facts are true, and when they last changed."""
    found = FoldMark.objects.values_list("folded_at", "changed_at").first()
    return found if found is not None else (None, None)


def today_everywhere(now: datetime) -> tuple[date, frozenset[str]]:
    """Return the day that has begun in every jurisdiction, and those where the next one has begun already."""
    days = lawbook.todays(now)
    oldest = min(days.values())
    return oldest, frozenset(code for code, day in days.items() if day > oldest)
