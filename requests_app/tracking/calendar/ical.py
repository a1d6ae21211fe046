"""A feed as iCalendar text (RFC 5545, with the calendar's own properties of RFC 7986). Pure.

Dates are days, never moments: the law's day is the jurisdiction's own, and a calendar in another zone must not move
it. No alarm is set; reminders are Daylight's own. Only what every reader of the request may know is told: reference,
agency, kit, duty, law and link. Never a name, an address or a word of a letter.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vDuration, vText, vUri

from requests_app.filing.models import Deadline
from requests_app.tracking.calendar import wording
from requests_app.tracking.calendar.queries import FEED_DATES, FeedContent, Told

REFRESH: Final = timedelta(hours=4)
_FORMAT: Final = "1"  # part of what the content's hash is made from: change it when the text below changes
_DAY: Final = timedelta(days=1)


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
    for told in content.told:
        calendar.add_component(_event(told, domain, link_of, kit_title))
    text: bytes = calendar.to_ical()
    return text


def _described(*, cut_off: bool) -> str:
    words = _(
        "Running deadlines of public-records requests. Ours: we must act by the earliest date. Theirs: the agency is "
        "late only after the latest date."
    )
    bound = _("At most %(number)s running dates, the nearest.") % {"number": f"{FEED_DATES:,}"}
    more = _("There are more than that now: ask for a feed of less.") if cut_off else ""
    return " ".join(filter(None, (words, bound, more)))


def _event(told: Told, domain: str, link_of: Callable[[str], str], kit_title: Callable[[str], str]) -> Event:
    entry, deadline, asked = told.entry, told.deadline, told.records_request
    event = Event()
    event.add("uid", f"{asked.reference}.{entry.slot}@{domain}".lower())
    event.add("dtstamp", entry.changed_at)
    event.add("last-modified", entry.changed_at)
    event.add("sequence", entry.sequence)
    event.add("dtstart", entry.day)
    event.add("dtend", entry.day + _DAY)
    event.add("summary", _summary(told))
    event.add("description", _words(told, link_of(asked.reference), kit_title(asked.kit_id)))
    event.add("url", vUri(link_of(asked.reference)))
    event.add("categories", [wording.whose(deadline)])
    event.add("status", "CONFIRMED" if entry.live else "CANCELLED")
    event.add("transp", "TRANSPARENT")  # a deadline takes no time of the day
    event.add("class", "PRIVATE")
    return event


def _summary(told: Told) -> str:
    deadline = told.deadline
    side = wording.side_words(told.entry.side)
    facts = {
        "whose": wording.whose(deadline),
        "what": wording.title_of(deadline, deadline.title),
        "side": f" ({side})" if side else "",
        "reference": told.records_request.reference,
        "agency": told.records_request.agency.name,
        "perhaps": _("if it applies, ") if deadline.certainty == "conditional" else "",
    }
    words = _("%(whose)s: %(perhaps)s%(what)s%(side)s, %(reference)s, %(agency)s") % facts
    return words if told.entry.live else f"{wording.called_off_words(told.entry.state)}. {words}"


def _words(told: Told, link: str, kit: str) -> str:
    deadline = told.deadline
    ours = deadline.duty_of == Deadline.Duty.REQUESTER
    lines = [
        (_("Our duty: %(duty)s") if ours else _("The agency's duty: %(duty)s")) % {"duty": deadline.duty},
        _("Law: %(citation)s") % {"citation": deadline.citation},
        wording.side_advice(deadline, told.entry.side),
        _("Applies only if: %(condition)s") % {"condition": deadline.condition} if deadline.condition else "",
        _("Decided by: %(body)s") % {"body": deadline.body} if deadline.body else "",
        _("Asked for: %(kit)s") % {"kit": kit},
        link,
    ]
    if not told.entry.live:
        why = wording.called_off_words(told.entry.state).lower()
        lines.insert(0, _("This date holds no longer: %(why)s.") % {"why": why})
    return "\n".join(filter(None, lines))
