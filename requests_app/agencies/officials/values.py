"""What each fact of an official must look like, and how it is written. Pure; used by the form and by the import.

Names are people's own: every script, every accent and every emoji stays as it was typed. Only signs that would reorder
or hide other text are refused.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Final

from django.utils.translation import gettext as _

from requests_app.agencies.contact_values import ContactValueError, parse_contact_value
from requests_app.agencies.officials.models import Office
from requests_app.people.states import JURISDICTIONS

FACTS: Final = (
    *("jurisdiction", "office", "title", "name", "district"),
    *("email", "postal_address", "phone", "fax", "source", "checked_on"),
)
"""Every fact of an official, in the order of the form and of the file."""
REACH: Final = {"email": "email", "postal_address": "post", "phone": "phone", "fax": "fax"}
"""Each address of an official and the kind of contact value that it is."""
LENGTHS: Final[Mapping[str, int]] = {"title": 100, "name": 200, "district": 60, "source": 500}

COUNT_UNKNOWN: Final = "unknown"
_DOES_NOT_KNOW: Final = {"does not know", "doesn't know", "do not know", "don't know", "unknown", "?"}
# Overrides and isolates reorder what follows them, up to another line of the page.
_REORDERING: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
_COUNT: Final = re.compile(r"[0-9]{1,3}(,[0-9]{3})*|[0-9]{1,12}")


def clean_line(text: str, length: int) -> str:
    """Return one line of text without loose blanks, in composed form. Raises ValueError with a sentence."""
    if any(unicodedata.category(sign) == "Cc" and sign not in "\t\r\n" for sign in text) or _REORDERING.search(text):
        raise ValueError(_("This holds signs that cannot be printed. Type it again instead of pasting."))
    line = unicodedata.normalize("NFC", " ".join(text.split()))
    if len(line) > length:
        raise ValueError(_("This is longer than %(length)s signs.") % {"length": length})
    return line


def clean_facts(given: Mapping[str, str], *, today: date) -> tuple[dict[str, str], dict[str, str]]:
    """Return the facts as they are stored (`checked_on` as 2026-11-21), and what is wrong by the name of the fact.

    `given`: any of FACTS as typed; one that is missing counts as empty. An official without any address is allowed:
    a letter is refused later, with the reason.
    """
    facts: dict[str, str] = {}
    wrong: dict[str, str] = {}
    for name in FACTS:
        text = given.get(name, "")
        try:
            facts[name] = _clean(name, text, today)
        except ValueError as error:
            wrong[name] = str(error)
    if "office" not in wrong and "title" not in wrong and facts["office"] == Office.OTHER and not facts["title"]:
        wrong["title"] = _("Another office needs its title, such as Delegate.")
    if facts.get("jurisdiction") == "US" and facts.get("office") not in (None, Office.OTHER):
        wrong["office"] = _("A federal official is of another office: choose that, and give the title.")
    return facts, wrong


def _clean(name: str, text: str, today: date) -> str:
    if name in REACH:
        if not text.strip():
            return ""
        if _REORDERING.search(text):
            raise ContactValueError(
                _("The address holds signs that cannot be printed. Type it again instead of pasting.")
            )
        return parse_contact_value(REACH[name], text)
    if name == "jurisdiction":
        return _jurisdiction(text)
    if name == "office":
        return _office(text)
    if name == "checked_on":
        return _day(text, today)
    line = clean_line(text, LENGTHS[name])
    if name == "name" and not line:
        raise ValueError(_("Write the name."))
    if name == "source" and not line:
        raise ValueError(_("Say where it was seen: the address of a page, or how you asked."))
    return line


def _jurisdiction(text: str) -> str:
    code = text.strip().upper()
    if code not in JURISDICTIONS:
        raise ValueError(_("Write the state as a two-letter code such as MD, DC or US."))
    return code


def _office(text: str) -> str:
    office = re.sub(r"[\s-]+", "_", text.strip().lower())
    if office not in Office.values:
        raise ValueError(_("Write the office as one of: %(offices)s.") % {"offices": ", ".join(Office.values)})
    return office


def _day(text: str, today: date) -> str:
    try:
        day = date.fromisoformat(text.strip())
    except ValueError as error:
        raise ValueError(_("Write the day as 2026-11-21.")) from error
    if day > today:
        raise ValueError(_("This day is still to come. Write the day on which somebody last looked."))
    return day.isoformat()


def clean_count(text: str) -> str:
    """Return what an official said to "how many": digits, "unknown" for "does not know", or nothing.

    Raises ValueError with a sentence: a number that is not plain would be guessed at.
    """
    said = " ".join(text.split())
    if not said:
        return ""
    if said.lower().rstrip(".") in _DOES_NOT_KNOW:
        return COUNT_UNKNOWN
    if not _COUNT.fullmatch(said):
        raise ValueError(
            _("Write a whole number such as 292,114, or “does not know”. Put anything else into the note.")
        )
    return str(int(said.replace(",", "")))
