"""Invitations in mail: the few lines of one that a person wants to see."""

from __future__ import annotations

import re
from typing import Final

from requests_app.correspondence.parsing.parsed import CalendarEntry

_LINE: Final = re.compile(r"([A-Za-z-]{1,40})((?:;[^:\n]{0,500})?):([^\n]{0,2000})")
_ESCAPED: Final = {"n": " ", "N": " ", ",": ",", ";": ";", "\\": "\\"}
_ENTRIES: Final = 20


def read_calendar(text: str) -> tuple[CalendarEntry, ...]:
    """Return the meetings in calendar text (RFC 5545), at most 20; () when there are none. Dates stay as written."""
    lines = re.sub(r"\n[ \t]", "", text[:1_000_000]).split("\n")
    method, found = "", []
    entry: dict[str, str] | None = None
    for written in lines:
        line = _LINE.match(written)
        if not line:
            continue
        name, value = line[1].upper(), _plain(line[3])
        if name == "METHOD":
            method = value
        elif name == "BEGIN" and value.upper() in ("VEVENT", "VTODO"):
            entry = {}
        elif name == "END" and value.upper() in ("VEVENT", "VTODO") and entry is not None:
            found.append(entry)
            entry = None
        elif entry is not None:
            entry.setdefault(name, value)
        if len(found) >= _ENTRIES:
            break
    return tuple(
        CalendarEntry(
            method,
            one.get("SUMMARY", ""),
            one.get("DTSTART", ""),
            one.get("DTEND", one.get("DUE", "")),
            one.get("LOCATION", ""),
        )
        for one in found
    )


def _plain(value: str) -> str:
    return re.sub(r"\\(.)", lambda found: _ESCAPED.get(found[1], found[1]), value).strip()
