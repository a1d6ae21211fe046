"""What each number means, in the words that stand beside it, and how a line of a table becomes cells. Pure.

A number is never shown without its definition: what is counted, what is not, of how many. Fewer than `FEW` requests
give counts and neither share nor median: one more answer would turn it around.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from requests_app.tracking.statistics.counting import DutyCount, Line, Time
from requests_app.tracking.statistics.survival import FEWEST_WATCHED

FEW: Final = FEWEST_WATCHED
Words = str | Promise


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell on a page: what stands in it, and beneath it of how many."""

    text: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One column on a page, with what its numbers mean."""

    heading: Words
    meaning: Words
    cell: Callable[[Line], Cell]


Exported = str | int | float | None


@dataclass(frozen=True, slots=True)
class Topic:
    """A table: its columns on a page, and the plain numbers that a file holds."""

    key: str
    name: Words
    columns: tuple[Column, ...]
    exported: tuple[tuple[str, Callable[[Line], Exported]], ...]


# --- cells ------------------------------------------------------------------------------------------------------------


def share(part: int, of: int) -> float | None:
    """Return a share between 0 and 1; None where there are too few for one."""
    return part / of if of >= FEW else None


def share_cell(part: int, of: int, note: str = "") -> Cell:
    """Return a share in words: "82%" and "9 of 11" beneath; only the counts where there are too few."""
    if not of:
        return Cell("–", note)
    counts = _("%(part)s of %(of)s") % {"part": f"{part:,}", "of": f"{of:,}"}
    found = share(part, of)
    if found is None:
        return Cell(counts, "; ".join(filter(None, [_("too few for a share"), note])))
    return Cell(percent(found), "; ".join(filter(None, [counts, note])))


def percent(of_one: float) -> str:
    """Return a share in whole percent. Only all is 100 percent, and only none is 0."""
    whole = round(of_one * 100)
    if whole == 100 and of_one < 1:
        return ">99%"
    if whole == 0 and of_one > 0:
        return "<1%"
    return f"{whole}%"


def median_words(time: Time) -> str:
    """Return a median in words: "23 days", "not yet reached", or a dash where nothing can be said."""
    if time.known < FEW:
        return "–"
    if time.days is None:
        return _("not yet reached")
    return ngettext("%(days)s day", "%(days)s days", time.days) % {"days": f"{time.days:,}"}


def interval_words(time: Time) -> str:
    """Return the 95 percent interval of a median: "13 to 30", "13 or more"; empty where there is none."""
    if time.known < FEW or time.low is None:
        return ""
    if time.high is None:
        return _("%(low)s or more") % {"low": f"{time.low:,}"}
    return _("%(low)s to %(high)s") % {"low": f"{time.low:,}", "high": f"{time.high:,}"}


def time_cell(time: Time) -> Cell:
    """Return a median with its interval and its number."""
    if not time.known:
        return Cell("–")
    counts = _("%(ended)s of %(known)s so far") % {"ended": f"{time.ended:,}", "known": f"{time.known:,}"}
    if time.known < FEW:
        return Cell(counts, _("too few for a median"))
    return Cell(median_words(time), "; ".join(filter(None, [interval_words(time), counts])))


def duty_cell(duty: DutyCount) -> Cell:
    """Return how often a duty was kept, and what cannot be judged."""
    apart = []
    if duty.waiting:
        apart.append(_("%(n)s not due yet") % {"n": f"{duty.waiting:,}"})
    if duty.conditional:
        apart.append(_("%(n)s uncertain") % {"n": f"{duty.conditional:,}"})
    return share_cell(duty.met, duty.judged, ", ".join(apart))


def dollars(cents: int) -> str:
    """Return a sum in dollars: "$1,270.00"."""
    return f"${cents / 100:,.2f}"


def _counted(n: int, note: str = "") -> Cell:
    return Cell(f"{n:,}", note)


def _sum_cell(cents: int, n: int) -> Cell:
    if not n:
        return Cell("–")
    return Cell(dollars(cents), ngettext("%(n)s request", "%(n)s requests", n) % {"n": f"{n:,}"})


def _waivers(line: Line) -> Cell:
    if not line.waiver_asked:
        return Cell("–")
    parts = [
        (line.waiver_granted, _("granted")),
        (line.waiver_part, _("in part")),
        (line.waiver_refused, _("refused")),
        (line.waiver_asked - line.waiver_granted - line.waiver_part - line.waiver_refused, _("not decided")),
    ]
    return _counted(line.waiver_asked, ", ".join(f"{n:,} {words}" for n, words in parts if n))


def _appeals(line: Line) -> Cell:
    if not line.appeals_filed:
        return Cell("–")
    decided = line.appeals_won + line.appeals_part + line.appeals_lost
    parts = [
        (line.appeals_won, _("won")),
        (line.appeals_part, _("won in part")),
        (line.appeals_lost, _("lost")),
        (max(0, line.appeals_filed - decided), _("not decided")),
    ]
    return _counted(line.appeals_filed, ", ".join(f"{n:,} {words}" for n, words in parts if n))


# --- what each number means -------------------------------------------------------------------------------------------

COUNTED: Final = gettext_lazy(
    "Counted is every records request whose letter left. Drafts, letters that came back and questions to officials are "
    "not counted. Fewer than five requests are shown as counts, without a share or a median."
)
_SENT = Column(
    gettext_lazy("Sent"),
    gettext_lazy("Requests whose letter left, and how many of them are done, however they ended."),
    lambda line: _counted(line.sent, _("%(n)s done") % {"n": f"{line.done:,}"} if line.done else ""),
)
CLOCK: Final = gettext_lazy(
    "Days are calendar days in the agency’s own state, counted from the day on which its law starts to count: the "
    "day of receipt, or where nobody recorded it the later of the days on which the law presumes it. %(sending)s"
)
MEDIAN: Final = gettext_lazy(
    "The median is the day by which half of the requests had it. Those that still wait are counted for the days they "
    "have waited so far, so that a slow agency gains nothing by not answering (the Kaplan-Meier method). “Not yet "
    "reached”: less than half have it. Beneath stands the 95 percent interval, and of how many it is known. Only our "
    "own withdrawal ends a waiting early."
)
_FIRST = gettext_lazy("First answer")
_DECISION = gettext_lazy("Decision")
_RECORDS = gettext_lazy("All records")
TIMES: Final = Topic(
    "times",
    gettext_lazy("How long it takes"),
    (
        _SENT,
        Column(
            _FIRST,
            gettext_lazy(
                "Until the agency showed that it has the request: an acknowledgment, an extension, a question, a fee "
                "or a decision. A message that says nothing of these, such as an automatic reply, does not count."
            ),
            lambda line: time_cell(line.times["acknowledgment"]),
        ),
        Column(
            _DECISION,
            gettext_lazy(
                "Until the agency decided: it grants, refuses, finds no records, or sends some. A request that we "
                "closed without an answer counts as not decided."
            ),
            lambda line: time_cell(line.times["determination"]),
        ),
        Column(
            _RECORDS,
            gettext_lazy(
                "Until all records came. Refused requests stay in the count as ones that got no records; one that "
                "was won on appeal counts from its first day."
            ),
            lambda line: time_cell(line.times["production"]),
        ),
    ),
    (
        ("sent", lambda line: line.sent),
        ("done", lambda line: line.done),
        ("receipt_presumed", lambda line: line.presumed),
        *(
            (f"{kind}_{name}", (lambda line, kind=kind, name=name: _of_time(line.times[kind], name)))
            for kind in ("acknowledgment", "determination", "production")
            for name in ("median_days", "low_days", "high_days", "had_it", "counted")
        ),
    ),
)


def _of_time(time: Time, name: str) -> Exported:
    if name in ("had_it", "counted"):
        return time.ended if name == "had_it" else time.known
    if time.known < FEW:
        return None
    return {"median_days": time.days, "low_days": time.low, "high_days": time.high}[name]


ON_TIME: Final = gettext_lazy(
    "On time means by the latest date that the law leaves open, counted from the recorded or presumed receipt. A "
    "date that hangs on a fact nobody has stated, or on an estimated start, is “uncertain” and counts neither way; "
    "laws without a number of days count not at all. An extension moves the date as the law allows. A request that "
    "ended before its date is left out."
)
DUTIES: Final = Topic(
    "duties",
    gettext_lazy("Whether the law’s dates are kept"),
    (
        _SENT,
        Column(
            gettext_lazy("First answer on time"),
            gettext_lazy("The duty to acknowledge, where the law has one."),
            lambda line: duty_cell(line.duties["acknowledgment"]),
        ),
        Column(
            gettext_lazy("Decision on time"),
            gettext_lazy("The duty to decide, or to answer in substance."),
            lambda line: duty_cell(line.duties["determination"]),
        ),
        Column(
            gettext_lazy("Records on time"),
            gettext_lazy("The duty to hand over the records, where the law sets a number of days for it."),
            lambda line: duty_cell(line.duties["production"]),
        ),
        Column(
            gettext_lazy("Extensions"),
            gettext_lazy("Extension notices, whether or not the law allowed them; beneath, on how many requests."),
            lambda line: _counted(
                line.extensions,
                ngettext("on %(n)s request", "on %(n)s requests", line.extended) % {"n": f"{line.extended:,}"}
                if line.extensions
                else "",
            ),
        ),
        Column(
            gettext_lazy("Silence as denial"),
            gettext_lazy(
                "Requests on which the agency let a date pass whose silence its law takes for a denial. They stay "
                "counted when it answered later."
            ),
            lambda line: _counted(line.silent),
        ),
    ),
    (
        ("sent", lambda line: line.sent),
        ("done", lambda line: line.done),
        *(
            (f"{kind}_{name}", (lambda line, kind=kind, name=name: _of_duty(line.duties[kind], name)))
            for kind in ("acknowledgment", "determination", "production")
            for name in ("on_time", "late", "not_due_yet", "uncertain", "on_time_share")
        ),
        ("extension_notices", lambda line: line.extensions),
        ("requests_extended", lambda line: line.extended),
        ("silence_as_denial", lambda line: line.silent),
    ),
)


def _of_duty(duty: DutyCount, name: str) -> Exported:
    if name == "on_time_share":
        found = share(duty.met, duty.judged)
        return None if found is None else round(found, 4)
    return {"on_time": duty.met, "late": duty.late, "not_due_yet": duty.waiting, "uncertain": duty.conditional}[name]


MONEY: Final = Topic(
    "money",
    gettext_lazy("What it costs"),
    (
        _SENT,
        Column(
            gettext_lazy("Fees asked"),
            gettext_lazy(
                "The newest estimate of each request; an earlier one that it replaces is not added. Estimates of "
                "nothing are not counted."
            ),
            lambda line: _sum_cell(line.fee_cents, line.fee_asked),
        ),
        Column(
            gettext_lazy("Waivers asked for"),
            gettext_lazy("Requests in which we asked not to pay, by the newest decision on it."),
            _waivers,
        ),
        Column(
            gettext_lazy("Waived"),
            gettext_lazy(
                "What was still open of an estimate when it was waived in full. What a waiver in part spared is not "
                "said by the agencies, so that it is in no sum."
            ),
            lambda line: Cell(dollars(line.waived_cents)) if line.waived_cents else Cell("–"),
        ),
        Column(
            gettext_lazy("Paid"),
            gettext_lazy("All payments recorded, deposits included."),
            lambda line: _sum_cell(line.paid_cents, line.paid),
        ),
    ),
    (
        ("sent", lambda line: line.sent),
        ("requests_with_fee", lambda line: line.fee_asked),
        ("fees_asked_dollars", lambda line: line.fee_cents / 100),
        ("waivers_asked", lambda line: line.waiver_asked),
        ("waivers_granted", lambda line: line.waiver_granted),
        ("waivers_in_part", lambda line: line.waiver_part),
        ("waivers_refused", lambda line: line.waiver_refused),
        ("waived_dollars", lambda line: line.waived_cents / 100),
        ("requests_paid", lambda line: line.paid),
        ("paid_dollars", lambda line: line.paid_cents / 100),
    ),
)
OUTCOMES: Final = Topic(
    "outcomes",
    gettext_lazy("What comes back"),
    (
        _SENT,
        Column(
            gettext_lazy("Refused"),
            gettext_lazy(
                "Requests that were denied or found without records at least once, of those that were decided; also "
                "where an appeal then won."
            ),
            lambda line: share_cell(line.refused, line.times["determination"].ended),
        ),
        Column(
            gettext_lazy("Appeals"),
            gettext_lazy("Appeals that we filed, each level counted by itself, and how they were decided."),
            _appeals,
        ),
        Column(
            gettext_lazy("All records came"),
            gettext_lazy("Requests that got all their records, of those sent. The others may still get them."),
            lambda line: share_cell(line.times["production"].ended, line.sent),
        ),
        Column(
            gettext_lazy("Pages"),
            gettext_lazy(
                "Pages received, as whoever recorded the records counted them; beneath, for how many requests "
                "somebody did."
            ),
            lambda line: (
                _counted(
                    line.pages,
                    ngettext("%(n)s request", "%(n)s requests", line.pages_known) % {"n": f"{line.pages_known:,}"},
                )
                if line.pages_known
                else Cell("–")
            ),
        ),
    ),
    (
        ("sent", lambda line: line.sent),
        ("decided", lambda line: line.times["determination"].ended),
        ("refused", lambda line: line.refused),
        ("appeals_filed", lambda line: line.appeals_filed),
        ("appeals_won", lambda line: line.appeals_won),
        ("appeals_won_in_part", lambda line: line.appeals_part),
        ("appeals_lost", lambda line: line.appeals_lost),
        ("all_records", lambda line: line.times["production"].ended),
        ("pages", lambda line: line.pages),
        ("requests_with_counted_pages", lambda line: line.pages_known),
    ),
)
TOPICS: Final = {topic.key: topic for topic in (TIMES, DUTIES, MONEY, OUTCOMES)}
GROUPING_NAMES: Final = {
    "state": gettext_lazy("State"),
    "agency": gettext_lazy("Agency"),
    "kit": gettext_lazy("Kit"),
    "campaign": gettext_lazy("Campaign"),
    "period": gettext_lazy("Month of sending"),
}


def notes_of(topic: Topic, from_sending: list[str]) -> list[str]:
    """Return what holds for a whole table. `from_sending`: names of states whose law counts from the sending."""
    sending = (
        _("The law of %(states)s counts from the sending instead.") % {"states": ", ".join(from_sending)}
        if from_sending
        else ""
    )
    notes = [str(COUNTED)]
    if topic is TIMES:
        notes += [(str(CLOCK) % {"sending": sending}).strip(), str(MEDIAN)]
    elif topic is DUTIES:
        notes.append(str(ON_TIME))
    return notes


def exported_rows(topic: Topic, lines: list[Line]) -> Iterator[list[Exported]]:
    """Walk the rows of a file: the key and name of each line, then its numbers."""
    for line in lines:
        yield [line.key, line.name, *(number(line) for _header, number in topic.exported)]


def exported_header(topic: Topic, by: str) -> list[str]:
    """Return the headings of a file."""
    return [by, "name", *(header for header, _number in topic.exported)]
