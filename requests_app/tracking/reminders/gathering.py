"""What stands in a digest: what single mails were held back for it, and one's own work by role."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, TypedDict

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from requests_app.filing.lawbook import todays
from requests_app.people.models import Notice, Person, Role
from requests_app.people.preferences import zone_of
from requests_app.review import queries as review
from requests_app.tracking import queries
from requests_app.tracking.desk import queries as desk
from requests_app.tracking.desk.filters import Filters
from requests_app.tracking.rows import Line, compose_lines

LINES: Final = 10  # of one section; the rest is behind a link
MOST_NOTICES: Final = 100
GROUP_WORDS: Final = {
    "ours": gettext_lazy("Our own dates at risk"),
    "late": gettext_lazy("Agencies that are late"),
    "soon": gettext_lazy("Due within a week"),
    "us": gettext_lazy("Waiting for us"),
}
"""The groups of the desk that call for somebody. Waiting for agencies is no work."""


class Entry(TypedDict):
    """One line of a digest. `path` is where it leads on this site."""

    title: str
    text: str
    path: str


class Section(TypedDict):
    """One part of a digest. `more`: words for a link to what is not shown; empty when all is."""

    heading: str
    lines: list[Entry]
    more: str
    path: str


def told_section(notices: Sequence[Notice]) -> list[Section]:
    """Return the part with the notices whose single mails were held back; nothing where there are none."""
    if not notices:
        return []
    lines = [
        Entry(
            title=notice.subject,
            text=notice.text.split("\n", 1)[0],
            path=reverse("people:notice-open", args=[notice.pk]) if notice.path else reverse("people:notices"),
        )
        for notice in notices[:MOST_NOTICES]
    ]
    more = _("All notices") if len(notices) > MOST_NOTICES else ""
    return [Section(heading=_("What you were told"), lines=lines, more=more, path=reverse("people:notices"))]


def work_sections(person: Person, now: datetime) -> list[Section]:
    """Return the parts about one's own work, by role; nothing where nothing waits."""
    sections: list[Section] = []
    # A group's "within a week" is counted from the reader's own day.
    with timezone.override(zone_of(person.time_zone)):
        if person.has_role(Role.COORDINATOR):
            sections += _desk(person, now)
        elif person.has_role(Role.VOLUNTEER):
            sections += _letters(person, now)
        if person.has_role(Role.REVIEWER):
            sections += _reading(person)
    return sections


def _desk(person: Person, now: datetime) -> list[Section]:
    rows, today, days = desk.open_requests(person, Filters()), timezone.localdate(now), todays(now)
    found = desk.first_numbers(rows, today, desk.Sleeping(days), desk.COUNTED_TO)
    sections = []
    for name, words in GROUP_WORDS.items():
        numbers = found[name]
        if not numbers:
            continue
        read = desk.rows_by_number(numbers[:LINES])
        shown = compose_lines([read[number] for number in numbers[:LINES] if number in read], days)
        many = f"{len(numbers)}+" if len(numbers) >= desk.COUNTED_TO else str(len(numbers))
        sections.append(
            Section(
                heading=f"{words} ({many})",
                lines=[_entry(line) for line in shown],
                more=_("Show all of these") if len(numbers) > LINES else "",
                path=f"{reverse('tracking:desk')}?group={name}",
            )
        )
    return sections


def _letters(person: Person, now: datetime) -> list[Section]:
    """One's own letters, whatever hurts most first. Those that only wait for an agency are counted, not listed."""
    found = compose_lines(list(queries.letters_of(person)[: LINES * 5]), todays(now))
    mine = [line for line in found if line.owner == "us" or line.tone in ("late", "soon")]
    if not mine:
        return []
    more = _("All your letters") if len(mine) > LINES or len(found) > len(mine) else ""
    lines = [_entry(line) for line in mine[:LINES]]
    return [Section(heading=_("Your letters"), lines=lines, more=more, path=reverse("tracking:letters"))]


def _entry(line: Line) -> Entry:
    when = f"{line.what} {line.on_words}".strip()
    return Entry(title=f"{line.reference}: {line.agency}", text=f"{when}\n{line.why}".strip(), path=line.url)


def _reading(person: Person) -> list[Section]:
    waiting = list(review.unread(person)[: LINES + 1])
    if not waiting:
        return []
    read, everything = review.progress(person)
    lines = [Entry(title=str(one), text="", path=_page_of(one)) for one in waiting[:LINES]]
    left = everything - read
    heading = ngettext("%(count)s document to read", "%(count)s documents to read", left) % {"count": left}
    more = _("The whole reading queue") if left > LINES else ""
    return [Section(heading=heading, lines=lines, more=more, path=reverse("review:queue"))]


def _page_of(document: Any) -> str:
    return str(document.get_absolute_url())
