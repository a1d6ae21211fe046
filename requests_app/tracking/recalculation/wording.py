"""What a person is told when dates moved: which, from when to when, and why. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from requests_app.tracking.recalculation.models import MovedDate, Recalculation
from requests_app.tracking.wording import KIND_WORDS, Words, in_words

NAMED: Final = 20  # dates that one message names; the report has the rest


def compose_moved(one: Recalculation, rows: Sequence[MovedDate]) -> Words:
    """Return what to tell of dates that moved, in the order given."""
    facts = {"state": one.state_name, "n": len(rows)}
    subject = ngettext("%(state)s: one date is another now", "%(state)s: %(n)s dates are others now", len(rows)) % facts
    lines = [_why(one) % facts, ""]
    lines += [f"- {line_of(row)}" for row in rows[:NAMED]]
    more = len(rows) - NAMED
    if more > 0:
        lines.append(ngettext("- and one more", "- and %(n)s more", more) % {"n": more})
    lines += [
        "",
        _(
            "The old dates are kept beside the new ones. The report says which rule or which day changed, and each "
            "request shows how its dates are counted now."
        ),
    ]
    return Words(subject, "\n".join(lines))


def _why(one: Recalculation) -> str:
    return {
        Recalculation.Cause.LAW: _("The law book for %(state)s changed, so the open dates were counted anew."),
        Recalculation.Cause.CALENDAR: _(
            "The calendar of closed days of %(state)s changed, so the open dates were counted anew."
        ),
        Recalculation.Cause.BOTH: _(
            "The law book and the calendar of %(state)s changed, so the open dates were counted anew."
        ),
        Recalculation.Cause.ASKED: _("The open dates of %(state)s were counted anew because somebody asked for it."),
    }[Recalculation.Cause(one.cause)]


def line_of(row: MovedDate) -> str:
    """Return one moved date in a sentence. The row has its request and the request its agency."""
    facts = {
        "reference": row.request.reference,
        "what": str(KIND_WORDS.get(row.kind, row.kind)),
        "agency": row.request.agency.name,
        "was": _dates(row.was_earliest, row.was_latest),
        "now": _dates(row.is_earliest, row.is_latest),
    }
    ours = {
        MovedDate.What.MOVED: _("%(reference)s: our %(what)s is due %(now)s. It was due %(was)s."),
        MovedDate.What.NEW: _("%(reference)s: our %(what)s is due %(now)s. There was no date before."),
        MovedDate.What.GONE: _("%(reference)s: our %(what)s has no date any more. It was due %(was)s."),
    }
    theirs = {
        MovedDate.What.MOVED: _("%(reference)s: %(what)s of %(agency)s due %(now)s. It was due %(was)s."),
        MovedDate.What.NEW: _("%(reference)s: %(what)s of %(agency)s due %(now)s. There was no date before."),
        MovedDate.What.GONE: _("%(reference)s: %(what)s of %(agency)s has no date any more. It was due %(was)s."),
    }
    return (ours if row.is_ours else theirs)[MovedDate.What(row.what)] % facts


def _dates(earliest: date | None, latest: date | None) -> str:
    if earliest is None or latest is None:
        return _("on no day while the clock stands still")
    if earliest == latest:
        return in_words(earliest)
    return _("%(earliest)s or %(latest)s") % {"earliest": in_words(earliest), "latest": in_words(latest)}
