"""A feed as iCalendar text (RFC 5545, with the calendar's own properties of RFC 7986). Pure.

Dates are days, never moments: the law's day is the jurisdiction's own, and a calendar in another zone must not move
it. No alarm is set; reminders are Daylight's own. Only what every reader of the request may know is told: reference,
agency, kit, duty, law and link. Never a name, an address or a word of a letter.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _
from icalendar import Calendar, vDuration, vText

from requests_app.filing.models import Deadline
from requests_app.tracking.calendar import wording
from requests_app.tracking.calendar.queries import FEED_DATES, FeedContent, Told

REFRESH: Final = timedelta(hours=4)
_FORMAT: Final = "2"  # part of what the content's hash is made from: change it when the text below changes
_DAY: Final = timedelta(days=1)
_END: Final = b"END:VCALENDAR\r\n"
_LONGEST: Final = 75  # bytes of one line, its end not counted


def fingerprint(content: FeedContent, title: str) -> str:
    """Return a hash of everything a feed tells, without the cost of writing it."""
    digest = hashlib.sha256(f"{_FORMAT} {title} {content.cut_off}".encode())
    for told in content.told:
        words = (told.deadline.pk, told.records_request.agency.name)
        digest.update(repr((told.entry, words)).encode())
    return digest.hexdigest()


def compose_feed(
    content: FeedContent,
    *,
    title: str,
    uid: str,
    domain: str,
    since: datetime,
    link_of: Callable[[str], str],
    kit_title: Callable[[str], str],
) -> bytes:
    """Return the feed as text in UTF-8, lines folded and ended as the standard wants.

    `domain` ends every UID. `link_of` gives the address of a request, `kit_title` a kit's name, by what the row holds.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Daylight//Public records deadlines//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("uid", f"{uid}@{domain}")
    calendar.add("last-modified", since)
    name, description = vText(_("Daylight: %(title)s") % {"title": title}), vText(_described(cut_off=content.cut_off))
    for key in ("name", "x-wr-calname"):
        calendar.add(key, name)
    for key in ("description", "x-wr-caldesc"):
        calendar.add(key, description)
    calendar.add("refresh-interval", vDuration(REFRESH, params={"VALUE": "DURATION"}))
    calendar.add("x-published-ttl", vDuration(REFRESH))
    whole: bytes = calendar.to_ical()
    head, end = whole[: -len(_END)], whole[-len(_END) :]
    return b"".join((head, _entries(content.told, domain, link_of, kit_title), end))


def _described(*, cut_off: bool) -> str:
    words = _(
        "Running deadlines of public-records requests. Ours: we must act by the earliest date. Theirs: the agency is "
        "late only after the latest date."
    )
    bound = _("At most %(number)s running dates, the nearest.") % {"number": f"{FEED_DATES:,}"}
    more = _("There are more than that now: ask for a feed of less.") if cut_off else ""
    return " ".join(filter(None, (words, bound, more)))


# --- entries ----------------------------------------------------------------------------------------------------------
# A feed has a thousand of them. As objects of the library they took a second; these are the same lines, written.

_REFERENCE, _AGENCY, _LINK = "\x01", "\x02", "\x03"  # stand for what each entry has of its own: no text holds them


@dataclass(frozen=True, slots=True)
class _Words:
    """The texts of entries that differ in request and day only, escaped, with marks for what is the request's own."""

    summary: str
    description: str
    categories: str


def _entries(
    told: Iterable[Told], domain: str, link_of: Callable[[str], str], kit_title: Callable[[str], str]
) -> bytes:
    """Return all entries as folded lines. Duties under one rule share their words, which are put together once."""
    known: dict[tuple[object, ...], _Words] = {}
    lines: list[str] = []
    for one in told:
        entry, asked = one.entry, one.records_request
        key = (*(getattr(one.deadline, name) for name in _WORDED), asked.kit_id, entry.side, entry.live, entry.state)
        words = known.get(key)
        if words is None:
            words = known[key] = _words(one, kit_title(asked.kit_id))
        reference, agency, link = escape(asked.reference), escape(asked.agency.name), link_of(asked.reference)
        stamp = entry.changed_at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
        lines += (
            "BEGIN:VEVENT",
            f"SUMMARY:{words.summary.replace(_REFERENCE, reference).replace(_AGENCY, agency)}",
            f"DTSTART;VALUE=DATE:{entry.day:%Y%m%d}",
            f"DTEND;VALUE=DATE:{entry.day + _DAY:%Y%m%d}",
            f"DTSTAMP:{stamp}",
            f"UID:{escape(f'{asked.reference}.{entry.slot}@{domain}'.lower())}",
            f"SEQUENCE:{entry.sequence}",
            f"CATEGORIES:{words.categories}",
            "CLASS:PRIVATE",
            f"DESCRIPTION:{words.description.replace(_LINK, escape(link))}",
            f"LAST-MODIFIED:{stamp}",
            f"STATUS:{'CONFIRMED' if entry.live else 'CANCELLED'}",
            "TRANSP:TRANSPARENT",  # a deadline takes no time of the day
            f"URL:{link}",
            "END:VEVENT",
        )
    return b"".join(map(fold, lines))


_WORDED: Final = ("kind", "title", "duty_of", "duty", "citation", "certainty", "condition", "body")
_CONTROLS: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")  # RFC 5545, 3.1: no text holds them


def escape(text: str) -> str:
    """Return a text as a value of type TEXT (RFC 5545, 3.3.11)."""
    text = _CONTROLS.sub("", text).replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return text.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "\\n")


def fold(line: str) -> bytes:
    """Return a line with its end, in pieces of at most 75 bytes (RFC 5545, 3.1): no letter and no escape is cut."""
    whole = line.encode()
    if len(whole) <= _LONGEST:
        return whole + b"\r\n"
    pieces: list[bytes] = []
    start, room = 0, _LONGEST
    while len(whole) - start > room:
        end = start + room
        while whole[end] & 0xC0 == 0x80:  # in the middle of a letter
            end -= 1
        slashes = end - len(whole[start:end].rstrip(b"\\")) - start
        end -= slashes % 2  # some programs read each piece by itself
        pieces.append(whole[start:end])
        start, room = end, _LONGEST - 1  # the space before each further piece is one
    pieces.append(whole[start:])
    return b"\r\n ".join(pieces) + b"\r\n"


def _words(told: Told, kit: str) -> _Words:
    """Return the words of an entry, with marks in the place of reference, agency and link."""
    marked = (_REFERENCE, _AGENCY, _LINK)

    def escaped(text: str) -> str:
        return "".join(part if part in marked else escape(part) for part in _MARKS.split(text))

    return _Words(escaped(_summary(told)), escaped(_description(told, kit)), escape(wording.whose(told.deadline)))


_MARKS: Final = re.compile(f"([{_REFERENCE}{_AGENCY}{_LINK}])")


def _summary(told: Told) -> str:
    deadline = told.deadline
    side = wording.side_words(told.entry.side)
    facts = {
        "whose": wording.whose(deadline),
        "what": _unmarked(wording.title_of(deadline, deadline.title)),
        "side": f" ({side})" if side else "",
        "reference": _REFERENCE,
        "agency": _AGENCY,
        "perhaps": _("if it applies, ") if deadline.certainty == "conditional" else "",
    }
    words = _("%(whose)s: %(perhaps)s%(what)s%(side)s, %(reference)s, %(agency)s") % facts
    return words if told.entry.live else f"{wording.called_off_words(told.entry.state)}. {words}"


def _description(told: Told, kit: str) -> str:
    deadline = told.deadline
    ours = deadline.duty_of == Deadline.Duty.REQUESTER
    lines = [
        (_("Our duty: %(duty)s") if ours else _("The agency's duty: %(duty)s")) % {"duty": deadline.duty},
        _("Law: %(citation)s") % {"citation": deadline.citation},
        wording.side_advice(deadline, told.entry.side),
        _("Applies only if: %(condition)s") % {"condition": deadline.condition} if deadline.condition else "",
        _("Decided by: %(body)s") % {"body": deadline.body} if deadline.body else "",
        _("Asked for: %(kit)s") % {"kit": kit},
    ]
    if not told.entry.live:
        why = wording.called_off_words(told.entry.state).lower()
        lines.insert(0, _("This date holds no longer: %(why)s.") % {"why": why})
    return "\n".join([*map(_unmarked, filter(None, lines)), _LINK])


def _unmarked(text: str) -> str:
    return _MARKS.sub("", text)
