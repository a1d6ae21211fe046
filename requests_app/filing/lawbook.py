"""The law book as the filing room opens it: with the operator's overlay, and with dates in the state's own zone."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings

from requests_app.law.book import CODES, LawBook, open_book
from requests_app.law.schema import Statute


def book() -> LawBook:
    """Return the law book in use; read once, then kept."""
    return open_book(Path(settings.LAW_OVERLAY_DIR) if settings.LAW_OVERLAY_DIR else None)


def statute_of(jurisdiction: str) -> Statute:
    """Return a jurisdiction's statute."""
    return book().statute(jurisdiction)


def zone_of(jurisdiction: str) -> ZoneInfo:
    """Return the time zone in which this jurisdiction's legal days are counted."""
    return _zone(book(), jurisdiction)


def todays(moment: datetime) -> dict[str, date]:
    """Return each jurisdiction's own calendar day at a moment."""
    opened = book()
    zones = {code: _zone(opened, code) for code in CODES}
    days = {zone: moment.astimezone(zone).date() for zone in set(zones.values())}
    return {code: days[zone] for code, zone in zones.items()}


def local_day(jurisdiction: str, moment: datetime) -> date:
    """Return the jurisdiction's own calendar day at a moment."""
    return moment.astimezone(zone_of(jurisdiction)).date()


@cache  # a list of requests asks for it hundreds of times
def _zone(opened: LawBook, jurisdiction: str) -> ZoneInfo:
    return ZoneInfo(opened.statute(jurisdiction).timezone)
