"""How a campaign goes, in numbers: by state, by time, by money, by reason of refusal, and what is left to do. Pure."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from requests_app.filing.campaigning import Planned, Standing
from requests_app.filing.fees import Account, Totals, total
from requests_app.filing.lifecycle import EventKind, Phase, Resolution, Status
from requests_app.filing.matter import account_from, standing_rows
from requests_app.filing.models import Delivery, Event, RecordsRequest
from requests_app.kits.matter import Fees
from requests_app.kits.naming import dollars

ACKNOWLEDGING: Final = frozenset({EventKind.ACKNOWLEDGED})
DECIDING: Final = frozenset(
    {
        EventKind.DETERMINED,
        EventKind.DENIED,
        EventKind.NO_RECORDS,
        EventKind.PRODUCED_PART,
        EventKind.PRODUCED,
    }
)
REFUSING: Final = frozenset({EventKind.DENIED, EventKind.NO_RECORDS})

NOT_SAID: Final = ""
"""The objection of a refusal for which none is recorded."""


class Course(TextChoices):
    """Where a state stands, the most pressing first."""

    LATE = "late", _("the agency is late")
    OURS = "ours", _("waits for us")
    THEIRS = "theirs", _("waits for the agency")
    ANSWERED = "answered", _("answered")
    PLANNED = "planned", _("not asked yet")
    SKIPPED = "skipped", _("left out")
    OUTSIDE = "outside", _("not part of it")


TONES: Final[dict[Course, str]] = {
    Course.LATE: "late",
    Course.OURS: "soon",
    Course.THEIRS: "action",
    Course.ANSWERED: "good",
    Course.PLANNED: "neutral",
    Course.SKIPPED: "outside",
    Course.OUTSIDE: "outside",
}


NOTHING_ASKED: Final = Account(Fees())


@dataclass(frozen=True, slots=True)
class Letter:
    """One request of the campaign with the dates and sums that its events give. Days count from the sending."""

    request: RecordsRequest
    sent_on: date | None = None
    acknowledged_on: date | None = None
    decided_on: date | None = None
    account: Account = NOTHING_ASKED
    refused: bool = False
    objections: tuple[str, ...] = ()

    @property
    def days_to_acknowledgment(self) -> int | None:
        """Days from the sending to the first acknowledgment."""
        return _days(self.sent_on, self.acknowledged_on)

    @property
    def days_to_decision(self) -> int | None:
        """Days from the sending to the first decision or records."""
        return _days(self.sent_on, self.decided_on)

    @property
    def course(self) -> Course:
        """Where the request stands."""
        if self.request.phase == Phase.DONE:
            return Course.ANSWERED
        if self.request.overdue_since is not None:
            return Course.LATE
        return Course.OURS if self.request.phase == Phase.WAITING_FOR_US else Course.THEIRS

    @property
    def fee_cents(self) -> int | None:
        """The sum that the agency asks; None when it named none."""
        return self.account.fees.estimated_cents

    @property
    def status_words(self) -> str:
        """Status, or how it ended, in words."""
        if self.request.phase == Phase.DONE and self.request.resolution:
            return str(Resolution(self.request.resolution).label)
        return str(Status(self.request.status).label)


def _days(start: date | None, end: date | None) -> int | None:
    return None if start is None or end is None or end < start else (end - start).days


def compose_letter(records_request: RecordsRequest, events: Sequence[Event]) -> Letter:
    """Return a request with what its events say. Needs all of them, corrections too.

    A letter that came back was not sent. The first acknowledgment and the first decision count; of the refusals, every
    objection once.
    """
    sent = acknowledged = decided = None
    refused, objections = False, dict[str, None]()
    standing = standing_rows(events, records_request.jurisdiction)
    for fact, event in standing:
        kind = fact.kind
        if kind is EventKind.SENT:
            sent = event.happened_on
        elif kind is EventKind.SEND_FAILED:
            sent = None
        if kind in ACKNOWLEDGING and acknowledged is None:
            acknowledged = event.happened_on
        if kind in DECIDING and decided is None:
            decided = event.happened_on
        if kind in REFUSING:
            refused = True
            objections |= dict.fromkeys(str(one) for one in event.details.get("objections", []))
    account = account_from(standing)
    return Letter(records_request, sent, acknowledged, decided, account, refused, tuple(objections))


@dataclass(frozen=True, slots=True)
class Line:
    """One target with its letters, as a row of the table."""

    row: Planned
    letters: tuple[Letter, ...]

    @property
    def course(self) -> Course:
        """Where the target stands: the most pressing of its letters."""
        if self.letters:
            order = list(Course)
            return min((letter.course for letter in self.letters), key=order.index)
        return Course.SKIPPED if self.row.standing is Standing.SKIPPED else Course.PLANNED

    @property
    def tone(self) -> str:
        """The tone of its status."""
        return "neutral" if TONES[self.course] == "outside" else TONES[self.course]

    @property
    def days_in_words(self) -> str:
        """The days that each decided letter took, such as "12, 30"."""
        return ", ".join(str(one.days_to_decision) for one in self.letters if one.days_to_decision is not None)

    @property
    def fees_in_words(self) -> str:
        """The sums that agencies ask, such as "$40, $12.50"."""
        return ", ".join(dollars(one.fee_cents) for one in self.letters if one.fee_cents is not None)


@dataclass(slots=True)
class ToDo:
    """What is left for one person; `handle` empty: for the coordinators."""

    handle: str
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """How many things are left."""
        return sum(self.counts.values())


class Left(TextChoices):
    """Kinds of work that is left."""

    SIGN = "sign", _("to sign")
    PORTAL = "portal", _("to send through a portal")
    SEND = "send", _("to print and send")
    RESEND = "resend", _("to send again")
    ANSWER = "answer", _("where the agency waits for us")
    CHASE = "chase", _("where the agency is late")
    FILE = "file", _("signed, to file")
    ASSIGN = "assign", _("without a signer who may sign")
    FIND = "find", _("without an agency or a usable address")
    SETTLE = "settle", _("asked already: leave out or ask again")


@dataclass(frozen=True)
class Summary:
    """A campaign in numbers. Times are medians in days, None while there is nothing to count.

    `money_by_state`: jurisdiction and sums, where an agency spoke of money or something was paid.
    """

    lines: tuple[Line, ...]
    letters: tuple[Letter, ...]
    days_to_acknowledgment: float | None
    days_to_decision: float | None
    money: Totals
    money_by_state: tuple[tuple[str, Totals], ...]
    budget_cents: int | None
    refusals: tuple[tuple[str, int], ...]
    to_do: tuple[ToDo, ...]

    @property
    def over_cents(self) -> int:
        """By how much the sum of what is asked exceeds the budget; 0 within it or without one."""
        return self.money.over(self.budget_cents)

    @property
    def left_cents(self) -> int | None:
        """What is left of the budget when all that is asked is taken off; None without a budget."""
        return None if self.budget_cents is None else max(0, self.budget_cents - self.money.asked_cents)

    @property
    def sent(self) -> int:
        """How many letters left."""
        return sum(letter.sent_on is not None for letter in self.letters)

    @property
    def acknowledged(self) -> int:
        """How many were acknowledged."""
        return sum(letter.acknowledged_on is not None for letter in self.letters)

    @property
    def decided(self) -> int:
        """How many were decided."""
        return sum(letter.decided_on is not None for letter in self.letters)

    @property
    def refused(self) -> int:
        """How many were refused at least once."""
        return sum(letter.refused for letter in self.letters)

    def by_course(self) -> list[tuple[Course, int]]:
        """Return how many targets stand where."""
        counts = Counter(line.course for line in self.lines)
        return [(course, counts[course]) for course in Course if counts[course]]

    def course_of_states(self) -> dict[str, Course]:
        """Return where each state of the campaign stands: the most pressing of its targets."""
        order = list(Course)
        found: dict[str, Course] = {}
        for line in self.lines:
            code = line.row.target.jurisdiction
            found[code] = min(found.get(code, line.course), line.course, key=order.index)
        return found


def summarise(rows: Sequence[Planned], events: Mapping[int, Sequence[Event]], budget_cents: int | None) -> Summary:
    """Return a campaign in numbers. `events`: all events by request id."""
    lines = tuple(Line(row, tuple(compose_letter(one, events.get(one.pk, ())) for one in row.filed)) for row in rows)
    letters = tuple(letter for line in lines for letter in line.letters)
    by_state: dict[str, list[Account]] = {}
    for line in lines:
        by_state.setdefault(line.row.target.jurisdiction, []).extend(letter.account for letter in line.letters)
    sums = ((code, total(accounts)) for code, accounts in by_state.items())
    refusals: Counter[str] = Counter()
    for letter in letters:
        if letter.refused:
            refusals.update(letter.objections or (NOT_SAID,))
    return Summary(
        lines=lines,
        letters=letters,
        days_to_acknowledgment=_median(letter.days_to_acknowledgment for letter in letters),
        days_to_decision=_median(letter.days_to_decision for letter in letters),
        money=total(letter.account for letter in letters),
        money_by_state=tuple((code, found) for code, found in sums if not found.is_empty),
        budget_cents=budget_cents,
        refusals=tuple(refusals.most_common()),
        to_do=tuple(_to_do(lines)),
    )


def _median(days: Iterable[int | None]) -> float | None:
    known = [day for day in days if day is not None]
    return statistics.median(known) if known else None


def _to_do(lines: Iterable[Line]) -> list[ToDo]:
    """Return what is left by person, those with most first; what is for the coordinators comes before all."""
    found: dict[str, Counter[str]] = {}
    for line in lines:
        if line.letters:
            for letter in line.letters:
                left = _left_of_letter(letter)
                if left is not None:
                    person = letter.request.assignee
                    found.setdefault(person.handle if person else "", Counter())[left.value] += 1
            continue
        left = _left_of_target(line.row)
        if left is not None:
            person = line.row.target.assignee
            handle = person.handle if left is Left.SIGN and person is not None else ""
            found.setdefault(handle, Counter())[left.value] += 1
    order = [left.value for left in Left]
    todo = [ToDo(handle, {kind: counts[kind] for kind in order if counts[kind]}) for handle, counts in found.items()]
    return sorted(todo, key=lambda one: (one.handle != "", -one.total, one.handle))


def _left_of_letter(letter: Letter) -> Left | None:
    if letter.request.status == Status.READY:
        ways = {Delivery.PORTAL.value: Left.PORTAL, Delivery.EMAIL.value: Left.RESEND}
        return ways.get(letter.request.delivery, Left.SEND)
    if letter.request.status == Status.UNDELIVERED:
        return Left.RESEND
    return {Course.LATE: Left.CHASE, Course.OURS: Left.ANSWER}.get(letter.course)


def _left_of_target(row: Planned) -> Left | None:
    if row.standing in (Standing.SKIPPED, Standing.FILED):
        return None
    return {
        Standing.READY: Left.FILE,
        Standing.NEEDS_SIGNER: Left.ASSIGN,
        Standing.NEEDS_RESIDENT: Left.ASSIGN,
        Standing.NEEDS_MEMBER: Left.SIGN,
        Standing.NEEDS_SIGNATURE: Left.SIGN,
        Standing.CHANGED: Left.SIGN,
        Standing.ASKED_ALREADY: Left.SETTLE,
    }.get(row.standing, Left.FIND)
