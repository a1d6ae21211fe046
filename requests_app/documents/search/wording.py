"""What the search says, in sentences."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from requests_app.documents.identify import KIND_LABELS
from requests_app.documents.models import Passage
from requests_app.documents.search.finding import RANKED, Results
from requests_app.documents.search.language import BEGINNING, LONGEST, MOST, Narrowing, Remark
from requests_app.people.states import name_of

_REMARKS: Final[dict[str, str | Promise]] = {
    "too_long": gettext_lazy("Only the first %(longest)s characters were read."),
    "too_many": gettext_lazy("Only the first %(most)s words and fields were used."),
    "open_quote": gettext_lazy("One quotation mark has no partner, so the phrase was taken to end with the line."),
    "only_without": gettext_lazy("Say also what to look for: a word with a minus only leaves pages out."),
    "only_signs": gettext_lazy("Type letters or numbers: signs alone find nothing."),
    "short_beginning": gettext_lazy("“%(about)s” is too short for a star: it needs %(beginning)s letters before it."),
    "unknown_field": gettext_lazy("“%(about)s:” is not a field here, so its words were searched for."),
    "not_a_state": gettext_lazy("“%(about)s” is not a state we know, so it was left out. Try state:MD."),
    "not_a_type": gettext_lazy("“%(about)s” is not a kind of file we know, so it was left out. Try type:spreadsheet."),
    "not_a_in": gettext_lazy("“in:%(about)s” was left out. Use in:page, in:sheet, in:mail, in:notes or in:about."),
    "not_a_before": gettext_lazy("“%(about)s” is not a date, so it was left out. Try before:2026-03-01."),
    "not_a_after": gettext_lazy("“%(about)s” is not a date, so it was left out. Try after:2026-03-01."),
    "not_a_agency": gettext_lazy("“agency:” needs a name, so it was left out. Try agency:police."),
    "not_a_kit": gettext_lazy("“kit:” needs a kit, so it was left out. Try kit:K1."),
    "not_a_tag": gettext_lazy("“tag:” needs a word, so it was left out."),
    "not_a_request": gettext_lazy("“request:” needs a reference, so it was left out. Try request:MD-2026-0007."),
}

FIELD_LABELS: Final = {
    "state": gettext_lazy("State"), "agency": gettext_lazy("Agency"), "kit": gettext_lazy("Kit"),
    "type": gettext_lazy("Kind of file"), "year": gettext_lazy("Year received"), "tag": gettext_lazy("Tag"),
    "before": gettext_lazy("Received before"), "after": gettext_lazy("Received on or after"),
    "request": gettext_lazy("Request"), "in": gettext_lazy("Where it stands"),
}  # fmt: skip


def remark(one: Remark) -> str:
    """Return a remark as a sentence."""
    facts = {"about": one.about, "longest": LONGEST, "most": MOST, "beginning": BEGINNING}
    return str(_REMARKS[one.code]) % facts


def narrowing(one: Narrowing) -> str:
    """Return one field of a query, such as State: MD (Maryland)."""
    shown = {"label": str(FIELD_LABELS[one.field]), "value": value(one.field, one.value)}
    return (_("%(label)s: not %(value)s") if one.excluded else _("%(label)s: %(value)s")) % shown


def value(field: str, typed: str, shown: str = "") -> str:
    """Return the value of a field or facet for the screen."""
    if field == "state":
        return f"{typed} ({name_of(typed)})"
    if field == "type":
        return str(KIND_LABELS.get(typed, typed))
    return shown or typed


def place(kind: str, number: int) -> str:
    """Return where a passage stands."""
    match kind:
        case Passage.Kind.PAGE:
            return _("Page %(number)s") % {"number": number}
        case Passage.Kind.SHEET:
            return _("Sheet %(number)s") % {"number": number}
        case Passage.Kind.MAIL:
            return _("E-mail")
        case Passage.Kind.ABOUT:
            return _("Name and origin")
        case Passage.Kind.NOTE:
            return _("Note on page %(number)s") % {"number": number} if number else _("Note")
    return _("Text")


def how_many(results: Results) -> str:
    """Return how much was found, and honestly whether that is all."""
    if not results.document_count:
        return _("Nothing was found.")
    documents = ngettext("%(number)s document", "%(number)s documents", results.document_count) % {
        "number": f"{results.document_count:,}"
    }
    if not results.asked.every:
        if results.is_bounded:
            return _("More than %(number)s documents; these are the newest.") % {"number": f"{RANKED:,}"}
        return f"{documents}."
    places = ngettext("%(number)s place", "%(number)s places", results.place_count) % {
        "number": f"{results.place_count:,}"
    }
    if results.is_bounded:
        return _(
            "At least %(documents)s, in %(places)s. There are more than can be compared at once, so only the newest "
            "were compared, and all numbers here count these alone. Add a word or a field to see older ones."
        ) % {"documents": documents, "places": places}
    return _("%(documents)s, in %(places)s.") % {"documents": documents, "places": places}
