"""How a date was counted, in sentences that a volunteer can follow and a court can check.

1. What the period starts from, and that the first day does not count.
2. The days counted (business days one by one) or where the calendar days end.
3. What was not counted and why; pauses; the roll-forward with its citation.
4. Whether anything is disputed, and what difference it makes.
5. What has happened since: met, extended, remarks.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from requests_app.law.counting import Pause, roll_forward
from requests_app.law.phrases import (
    TRIGGER_WORDS,
    clock_time,
    day_and_month,
    long_date,
    number_word,
    period_words,
    says_working_days,
    sentence,
    short_date,
    short_weekday,
)
from requests_app.law.receipt import HOUSE_POST_DAYS, Receipt, closing_time
from requests_app.law.schema import Statute
from requests_app.law.timeline import WORDS, Event
from requests_app.law.working import Start, Working

_SATURDAY: Final = 5
# Above this many business days a list shows its two ends: nobody checks ninety days by eye.
_LISTED_DAYS: Final = 30
_ENDS_SHOWN: Final = 5
_METHOD_WORDS: Final = {
    "email": "by e-mail",
    "post": "by post",
    "portal": "through the agency's portal",
    "hand": "by hand",
    "fax": "by fax",
}
_ROLL_WORDS: Final = {"saturday": "Saturday", "sunday": "Sunday", "holiday": "legal holiday"}


def explain(working: Working) -> tuple[str, ...]:
    """Return the steps of one count as sentences."""
    steps = list(_start(working))
    if working.latest.paused_since is not None:
        steps += _standing_still(working)
    else:
        steps += _count(working)
        steps.append(_agreement(working))
    if working.rule.condition is not None:
        steps.append(f"This applies only if {working.rule.condition.rstrip('.')}.")
    if working.met_by is not None:
        steps.append(_met(working.met_by, working.latest.due))
    return (*steps, *working.remarks)


def _met(event: Event, latest: date) -> str:
    """Say what fulfilled the duty; a conditional duty met late is neither called late nor in time."""
    if event.on > latest:
        return (
            f"{sentence(WORDS[event.kind])[:-1]} on {long_date(event.on)} came after this date; whether that was late "
            "depends on whether this rule applied."
        )
    return f"Met by {WORDS[event.kind]} on {long_date(event.on)}."


def _plain_citation(statute: Statute) -> str:
    return statute.day_counting.citation


# --- where it starts --------------------------------------------------------------------------------------------------


def _start(working: Working) -> Iterator[str]:
    base = working.extends
    if base is not None and working.rule.counted_from != "trigger":
        yield from _extended_start(working, base)
        return
    start = working.start
    yield _start_sentence(start)
    if start.receipt is not None:
        yield from _receipt_steps(start.receipt, working)
    if start.remark is not None:
        yield start.remark
    if base is not None:
        yield f"The extension sets a new total, counted from the same day ({working.rule.citation})."
    if working.rule.period is not None and working.rule.period.unit == "hours":
        return
    if working.rule.first_day_counts:
        yield f"The first day counts as day one ({working.rule.citation})."
    else:
        yield f"The day of {TRIGGER_WORDS[start.trigger]} does not count ({_plain_citation(working.statute)})."


def _extended_start(working: Working, base: Working) -> Iterator[str]:
    first, last = base.earliest.raw, base.latest.due
    if first == last:
        yield f"The original last day was {long_date(last)} ({base.rule.citation})."
    else:
        yield (
            f"The original last day was {long_date(first)} at the earliest and {long_date(last)} at the latest "
            f"({base.rule.citation}); the extension is added to each."
        )


def _start_sentence(start: Start) -> str:
    event = start.event
    if event is None:
        if start.earliest == start.latest:
            return f"Silence through {long_date(start.earliest)} counts as a denial."
        return (
            f"Silence counts as a denial after {long_date(start.earliest)} at the earliest and after "
            f"{long_date(start.latest)} at the latest."
        )
    if start.receipt is not None:
        return _receipt_sentence(start.receipt)
    if event.kind == "sent":
        return f"Sent {_when(event)}."
    return sentence(f"{WORDS[event.kind]} on {_when(event)} starts this period")


def _when(event: Event, method: str | None = None) -> str:
    way = method or (_METHOD_WORDS[event.method] if event.method else None)
    parts = [long_date(event.on)]
    if way:
        parts.append(f", {way}")
    if event.at is not None:
        parts.append(f" at {clock_time(event.at)}" if way else f", at {clock_time(event.at)}")
    return "".join(parts)


def _receipt_sentence(receipt: Receipt) -> str:
    if receipt.presumed:
        return f"Sent {_when(receipt.event)}; nobody has recorded its receipt."
    way = receipt.event.method or (receipt.sending.method if receipt.sending else None)
    return f"Received {_when(receipt.event, _METHOD_WORDS[way] if way else None)}."


def _receipt_steps(receipt: Receipt, working: Working) -> Iterator[str]:
    if receipt.presumed:
        yield _presumption(receipt, working)
        if receipt.shown_by is not None:
            shown = receipt.shown_by
            yield f"{sentence(WORDS[shown.kind])[:-1]} on {long_date(shown.on)} shows that it had arrived by then."
        return
    on = receipt.event.on
    if (receipt.earliest, receipt.latest) == (on, on):
        return
    rule = working.statute.receipt
    at = receipt.event.at
    why = "on a day when the offices are closed or may be"
    if at is not None and at > closing_time(rule):
        why = f"after the close of business ({clock_time(closing_time(rule))})"
    citation = f" ({rule.citation})" if rule.citation else ""
    if receipt.earliest == receipt.latest:
        yield f"It arrived {why}, so it counts as received on {long_date(receipt.latest)}{citation}."
    else:
        yield (
            f"It arrived {why}. Whether it then counts as received on {long_date(receipt.earliest)} or on "
            f"{long_date(receipt.latest)} is not settled{citation}; both are counted."
        )


def _presumption(receipt: Receipt, working: Working) -> str:
    rule = working.statute.receipt
    first, last = long_date(receipt.earliest), long_date(receipt.latest)
    days = f"on {first}" if first == last else f"between {first} and {last}"
    if receipt.event.method == "post":
        if rule.post is not None:
            why = f"{period_words(rule.post, working.statute)} after posting ({rule.post_citation})"
        else:
            why = f"{HOUSE_POST_DAYS[0]} to {HOUSE_POST_DAYS[1]} days after posting, a house estimate and not law"
    elif rule.email == "next_business_day" and receipt.event.method != "hand":
        why = f"one business day after it was sent ({rule.email_citation})"
    else:
        why = "the same business day before the close of business, otherwise the next"
    return f"Presumed received {days}: {why}."


# --- counting ---------------------------------------------------------------------------------------------------------


def _count(working: Working) -> Iterator[str]:
    rule = working.rule
    if rule.period is None:
        return
    words = sentence(period_words(rule.period, working.statute))[:-1]
    if rule.period_if_disputed is not None:
        yield (
            f"The length is disputed: {words.lower()}, or {period_words(rule.period_if_disputed, working.statute)}. "
            f"One reading ends on {long_date(working.earliest.due)}, the other on {long_date(working.latest.due)}."
        )
        yield from _not_counted(working, _day_zero(working, latest=False), working.latest.due)
        yield from _pause_steps(working)
        return
    if rule.period.unit == "business_days":
        yield from _business_days(working, words)
    else:
        yield from _ends_on(working, words)
    if rule.or_earlier is not None:
        yield f"The law also names {period_words(rule.or_earlier, working.statute)}; whichever ends first counts."
    yield from _pause_steps(working)
    if rule.period.unit != "business_days":
        yield from _roll_steps(working)


def _day_zero(working: Working, *, latest: bool) -> date:
    base = working.extends
    if base is not None and working.rule.counted_from != "trigger":
        return base.latest.due if latest else base.earliest.raw
    return working.start.latest if latest else working.start.earliest


def _business_days(working: Working, words: str) -> Iterator[str]:
    first, last = working.earliest.due, working.latest.due
    zero = _day_zero(working, latest=False)
    if working.rule.or_earlier is not None and not _reaches(working, zero, first):
        yield f"{words} would end later than the other limit, {long_date(first)}."
        return
    yield f"{words}: {_listed(working, zero, first, sure=False)}."
    if last != first:
        yield f"Counted the other way, the last day is {long_date(last)}."
    yield from _not_counted(working, zero, last)


def _reaches(working: Working, zero: date, last: date) -> bool:
    """True when the business days themselves, not the other limit, set this last day."""
    period = working.rule.period
    counted = len(_counted_days(working, zero, last, sure=False))
    return period is not None and counted == period.amount


def _counted_days(working: Working, zero: date, last: date, *, sure: bool) -> list[date]:
    restart = max((pause.end for pause in working.pauses if pause.restarts and pause.end), default=zero)
    first = max(zero, restart) if restart <= last else zero
    if not working.rule.first_day_counts:
        first += timedelta(days=1)
    days = working.calendar.open_days(first, last, sure=sure)
    if not working.pauses:
        return days
    return [day for day in days if not _stands_still(working.pauses, day, last)]


def _stands_still(pauses: tuple[Pause, ...], day: date, last: date) -> bool:
    return any(pause.start < day <= (pause.end or last) and not pause.restarts for pause in pauses)


def _listed(working: Working, zero: date, last: date, *, sure: bool) -> str:
    days = _counted_days(working, zero, last, sure=sure)
    numbered, month = [], (zero.year, zero.month)
    for number, day in enumerate(days, start=1):
        same = (day.year, day.month) == month
        month = (day.year, day.month)
        if len(days) > _LISTED_DAYS and _ENDS_SHOWN < number <= len(days) - _ENDS_SHOWN:
            if number == _ENDS_SHOWN + 1:
                numbered.append("…")
            continue
        plain = f"{short_weekday(day)} {day.day}" if same and numbered[-1:] != ["…"] else short_date(day)
        numbered.append(f"{plain} ({number})")
    return ", ".join(numbered)


def _not_counted(working: Working, zero: date, last: date) -> Iterator[str]:
    closed = [
        f"{short_date(day)} {_named(status.name, status.citation)}"
        for day, status in working.calendar.not_open_days(zero, last)
        if status.kind == "closed"
    ]
    if any(_is_weekend(zero + timedelta(days=after)) for after in range(1, (last - zero).days + 1)):
        closed.append("weekends")
    if closed:
        yield f"Not counted: {', '.join(closed)}."


def _is_weekend(day: date) -> bool:
    return day.weekday() >= _SATURDAY


def _named(name: str | None, citation: str | None) -> str:
    return (name or "closed") + (f" ({citation})" if citation else "")


def _ends_on(working: Working, words: str) -> Iterator[str]:
    first, last = working.earliest.raw, working.latest.raw
    verb = "ends" if words.lower().startswith("one ") else "end"
    if first == last:
        yield f"{words} {verb} on {long_date(first)}."
    else:
        yield f"{words} {verb} on {long_date(first)} at the earliest and on {long_date(last)} at the latest."


def _roll_steps(working: Working) -> Iterator[str]:
    """Walk the sentences about a last day on a closed day: moved for certain, perhaps, or not at all."""
    citation = _plain_citation(working.statute)
    early, late = working.earliest, working.latest
    certain = working.rolling.earliest.moves
    for count in (early, late) if early.raw != late.raw else (late,):
        surely = roll_forward(count.raw, working.rolling.earliest, working.calendar)
        perhaps = roll_forward(count.raw, working.rolling.latest, working.calendar)
        if surely == perhaps != count.raw:
            named = _either(sorted(certain, key=list(_ROLL_WORDS).index))
            yield (
                f"A last day that is a {named} moves to the next day that is not ({citation}): {day_and_month(surely)}."
            )
        elif surely != perhaps:
            yield (
                f"Whether a last day on {_with_name(count.raw, working)} moves is not certain ({citation}): it may be "
                f"{day_and_month(surely)}, or {day_and_month(perhaps)}."
            )
        elif not working.calendar.maybe_open(count.raw):
            day = _with_name(count.raw, working)
            yield f"The counting rule ({citation}) does not move {day}, though offices are closed."


def _with_name(day: date, working: Working) -> str:
    """Return a day with the holiday it is, when it is one."""
    status = working.calendar.status(day)
    return f"{long_date(day)} ({status.name})" if status.holiday and status.name else long_date(day)


def _either(days: list[str]) -> str:
    words = [_ROLL_WORDS[day] for day in days]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


# --- standing still ---------------------------------------------------------------------------------------------------


def _pause_steps(working: Working) -> Iterator[str]:
    for pause in working.pauses:
        if pause.end is None or pause.start > working.latest.due:
            continue
        cause, cure = WORDS[pause.toll.starts], WORDS[pause.toll.ends]
        doubt = " This is disputed, so only the latest date allows for it." if pause.toll.disputed else ""
        if pause.restarts:
            yield (
                f"The clock began anew with {cure} on {long_date(pause.end)}, after {cause} on "
                f"{long_date(pause.start)} ({pause.toll.citation}).{doubt}"
            )
        elif pause.end > pause.start:
            days = (pause.end - pause.start).days
            yield (
                f"The clock stood still after {cause} on {long_date(pause.start)} until {cure} on "
                f"{long_date(pause.end)} ({number_word(days)} calendar {'day' if days == 1 else 'days'}; "
                f"{pause.toll.citation}).{doubt}"
            )


def _standing_still(working: Working) -> Iterator[str]:
    since = working.latest.paused_since
    open_pause = next((pause for pause in working.pauses if pause.end is None), None)
    if since is None or open_pause is None:
        return
    yield (
        f"The clock has stood still since {WORDS[open_pause.toll.starts]} on {long_date(since)} "
        f"({open_pause.toll.citation}). There is no date until {WORDS[open_pause.toll.ends]}."
    )
    if open_pause.restarts:
        yield "It then begins anew with the full period."
        return
    yield from _days_left(working)


def _days_left(working: Working) -> Iterator[str]:
    low, high = working.earliest.remaining, working.latest.remaining
    if high is None or working.rule.period is None:
        return
    unit = "calendar days" if working.rule.period.unit == "calendar_days" else "business days"
    if unit == "business days" and says_working_days(working.statute):
        unit = "working days"
    if low is None or low == high:
        yield f"Then {number_word(high)} {unit} remain."
    else:
        yield f"Then {number_word(low)} to {number_word(high)} {unit} remain."


# --- agreement --------------------------------------------------------------------------------------------------------


def _agreement(working: Working) -> str:
    if working.earliest.due == working.latest.due:
        if not _disputed(working):
            return "No disputed days: earliest and latest are the same."
        return f"Disputed, without changing the date: {'; '.join(_disputed(working))}."
    named = _disputed(working)
    because = f" Disputed: {'; '.join(named)}." if named else ""
    advice = "act by the first" if working.rule.duty_of == "requester" else "call it late only after the second"
    return f"Earliest {long_date(working.earliest.due)}, latest {long_date(working.latest.due)}: {advice}.{because}"


def _disputed(working: Working) -> list[str]:
    """Name the disputed days that could matter: for business days all on the way, otherwise those at the end."""
    zero = _day_zero(working, latest=False)
    period = working.rule.period
    if period is None or period.unit != "business_days":
        zero = min(working.earliest.raw, working.latest.raw) - timedelta(days=1)
    return [
        f"{short_date(day)} {_named(status.name, status.citation)}"
        for day, status in working.calendar.not_open_days(zero, max(working.latest.due, working.latest.raw))
        if status.kind == "disputed"
    ]
