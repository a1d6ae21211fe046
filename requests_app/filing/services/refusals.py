"""What the one door refuses, each with its own sentence for the person: what happened, what is safe, what to do."""

from __future__ import annotations

from datetime import date
from typing import Final

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from requests_app.filing.lifecycle import EventFact, EventKind, Status

# Each failed try means that another writer got through: more rivals than this on one request is a fault, not traffic.
TRIES: Final = 25


class EventRefused(Exception):
    """An event that cannot be recorded. The message is for the person: what happened, what is safe, what to do."""


class NotPossibleNow(EventRefused):
    """The event cannot follow what went before it."""

    def __init__(self, kind: EventKind, status: Status | None) -> None:
        self.kind, self.status = kind, status
        super().__init__(
            _(
                "“%(kind)s” cannot be recorded while the request stands at “%(status)s”. Nothing was changed. "
                "Record what came in between first, or correct the event that is wrong."
            )
            % {"kind": kind.label, "status": status.label if status else _("not opened")}
        )


class LeavesAGap(EventRefused):
    """Another event, later in the request's life, would have nothing to follow."""

    def __init__(self, later: EventFact) -> None:
        self.later = later
        super().__init__(
            _(
                "This cannot be right together with “%(kind)s” of %(day)s, which would then have nothing to follow. "
                "Nothing was changed. Check the date, or correct that event first."
            )
            % {"kind": later.kind.label, "day": date_format(later.happened_on, "l, F j, Y")}
        )


class NotYetHappened(EventRefused):
    """The day lies in the future."""

    def __init__(self, day: date, today: date) -> None:
        self.day, self.today = day, today
        super().__init__(
            _(
                "%(day)s has not come yet; in the agency's state it is %(today)s. Nothing was changed. "
                "Record only what has happened."
            )
            % {"day": date_format(day, "l, F j, Y"), "today": date_format(today, "l, F j, Y")}
        )


class AgainstTheTimeline(EventRefused):
    """The law room found that the days cannot be right; its own sentence says which."""

    def __init__(self, sentence: str) -> None:
        super().__init__(_("%(sentence)s Nothing was changed.") % {"sentence": sentence})


class AlreadyCorrected(EventRefused):
    """Somebody corrected this event before."""

    def __init__(self, kind: EventKind) -> None:
        super().__init__(
            _("“%(kind)s” was corrected before. Nothing was changed. Look at the timeline for what stands now.")
            % {"kind": kind.label}
        )


class NotCorrectable(EventRefused):
    """Openings, assignments and corrections are not corrected."""

    def __init__(self, kind: EventKind) -> None:
        super().__init__(
            _("“%(kind)s” cannot be corrected. Nothing was changed. Record the right event instead.")
            % {"kind": kind.label}
        )


class Unsaid(EventRefused):
    """Something that the event cannot do without is missing."""


class Busy(Exception):
    """Too many writers at once on one request. Nothing was stored; trying again is safe."""

    def __init__(self, request_id: int) -> None:
        super().__init__(f"request {request_id}: overtaken {TRIES} times")
