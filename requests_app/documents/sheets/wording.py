"""What a file of sheets tells about itself, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

DELIMITERS: Final[dict[str, Promise]] = {
    ",": gettext_lazy("commas"), "\t": gettext_lazy("tabs"), ";": gettext_lazy("semicolons"),
    "|": gettext_lazy("upright bars"), "~": gettext_lazy("tildes"), "^": gettext_lazy("carets"),
    "\x1f": gettext_lazy("the control sign 1F"), "\x01": gettext_lazy("the control sign 01"),
}  # fmt: skip
CHARSETS: Final = {
    "utf-8": "UTF-8", "utf-16": "UTF-16", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "utf-32": "UTF-32",
    "cp1252": "Windows-1252", "mac_roman": "Mac Roman", "cp437": "DOS (437)",
}  # fmt: skip
UNTOLD: Final[dict[str, Promise]] = {
    "comments": gettext_lazy("comments"), "formulas": gettext_lazy("formulas"),
    "hidden_rows": gettext_lazy("hidden rows and columns"), "number_formats": gettext_lazy("how numbers were shown"),
    "frozen": gettext_lazy("which rows stood still"),
}  # fmt: skip
TYPES: Final[dict[str, Promise]] = {
    "number": gettext_lazy("Numbers"), "date": gettext_lazy("Dates"), "time": gettext_lazy("Times of day"),
    "length": gettext_lazy("Lengths of time"), "boolean": gettext_lazy("True or false"), "text": gettext_lazy("Text"),
    "mixed": gettext_lazy("Mixed"), "blank": gettext_lazy("Blank"), "error": gettext_lazy("Errors"),
}  # fmt: skip
VERBS: Final[dict[str, Promise]] = {
    "contains": gettext_lazy("contains"), "lacks": gettext_lazy("does not contain"), "is": gettext_lazy("is"),
    "is-not": gettext_lazy("is not"), "from": gettext_lazy("is at least"), "to": gettext_lazy("is at most"),
    "between": gettext_lazy("is between (as 10..20)"), "blank": gettext_lazy("is blank"),
    "filled": gettext_lazy("is not blank"),
}  # fmt: skip
VERBS_SAID: Final[dict[str, Promise]] = {**VERBS, "between": gettext_lazy("is between")}


def said_of(result: Mapping[str, Any]) -> list[str]:
    """Return what a reader of the whole file should know, from the result of the step."""
    facts: Mapping[str, Any] = result.get("facts", {})
    return [*_hidden(result), *_of_text(facts), *_of_workbook(facts), *_untold(result.get("untold", []))]


def _hidden(result: Mapping[str, Any]) -> list[str]:
    said = []
    if count := result.get("hidden_sheets"):
        said.append(ngettext("%(n)d sheet is hidden.", "%(n)d sheets are hidden.", count) % {"n": count})
    if count := result.get("hidden_rows"):
        said.append(ngettext("%(n)d row is hidden.", "%(n)d rows are hidden.", count) % {"n": count})
    if count := result.get("hidden_columns"):
        said.append(ngettext("%(n)d column is hidden.", "%(n)d columns are hidden.", count) % {"n": count})
    if count := result.get("comments"):
        said.append(
            ngettext("%(n)d comment stands beside cells.", "%(n)d comments stand beside cells.", count) % {"n": count}
        )
    return said


def _of_text(facts: Mapping[str, Any]) -> list[str]:
    if "delimiter" not in facts:
        return []
    how = {
        "mark": _("The file says that its signs are %(charset)s."),
        "bytes": _("Its signs are %(charset)s: its bytes fit nothing else."),
        "guess": _("We took its signs for %(charset)s; the file does not say, so accents and dashes may be wrong."),
    }[facts.get("charset_by", "guess")]
    charset = facts.get("charset", "")
    said = [how % {"charset": CHARSETS.get(charset, charset)}]
    delimiter = DELIMITERS.get(facts["delimiter"], facts["delimiter"])
    text = _("It keeps its columns apart by %(delimiter)s.")
    if facts.get("first_line_says_so"):
        text = _("Its first line says that %(delimiter)s keep its columns apart; that line is not shown.")
    said.append(text % {"delimiter": delimiter})
    if count := facts.get("broken_signs"):
        text = ngettext(
            "%(n)d sign could not be read and stands as �.", "%(n)d signs could not be read and stand as �.", count
        )
        said.append(text % {"n": count})
    if facts.get("open_quote"):
        said.append(_("A quotation mark is opened and never closed, so quotation marks are shown as they stand."))
    if facts.get("quote"):
        said.append(_("Its texts stand between single quotation marks."))
    if count := facts.get("ragged"):
        text = ngettext(
            "%(n)d row has another number of columns than the usual %(fields)d.",
            "%(n)d rows have another number of columns than the usual %(fields)d.",
            count,
        )
        said.append(text % {"n": count, "fields": facts.get("fields", 0)})
    if facts.get("maybe_cut_off"):
        said.append(_("Its last row is shorter than the others and has no end: the file may be cut off."))
    return said


def _of_workbook(facts: Mapping[str, Any]) -> list[str]:
    said = []
    if facts.get("macros"):
        said.append(_("It holds macros: small programs. Nothing here runs them; think before you open the original."))
    if facts.get("active_content"):
        said.append(_("It holds buttons or other active parts. Nothing here runs them."))
    if links := facts.get("outside_links"):
        said.append(_("It takes values from other files: %(files)s") % {"files": ", ".join(links[:5])})
    if facts.get("connections"):
        said.append(_("It names a database or another source that it was filled from."))
    if facts.get("tracked_changes"):
        said.append(_("It keeps a history of changes, which is not shown here."))
    if count := facts.get("pivot_caches"):
        text = ngettext(
            "It keeps the data behind %(n)d pivot table, which may hold more than its sheets show.",
            "It keeps the data behind %(n)d pivot tables, which may hold more than its sheets show.",
            count,
        )
        said.append(text % {"n": count})
    if count := facts.get("embedded"):
        text = ngettext("%(n)d other file lies inside it.", "%(n)d other files lie inside it.", count)
        said.append(text % {"n": count})
    if facts.get("from_1904"):
        said.append(_("It counts its days from 1904, as old Macintosh files do; dates here are the true ones."))
    return said


def _untold(untold: Sequence[str]) -> list[str]:
    if not untold:
        return []
    names = ", ".join(str(UNTOLD[name]) for name in untold if name in UNTOLD)
    return [_("From a file of this older kind we cannot read: %(names)s.") % {"names": names}]


REFUSED: Final[dict[str, Promise]] = {
    "password": gettext_lazy(
        "This file is locked with a password, so its sheets cannot be shown. The original is kept. "
        "Ask the agency for the password, or for an unlocked copy."
    ),
    "damaged": gettext_lazy(
        "This file is cut off or damaged, so its sheets cannot be shown. The original is kept as it came. "
        "Ask the agency to send it again."
    ),
    "hostile": gettext_lazy(
        "This file is built to break whoever opens it, so it was not read. The original is kept as it came. "
        "Ask the agency for a plain copy."
    ),
    "too_many": gettext_lazy(
        "This file has more sheets, rows or columns than can be shown here. The original is kept; "
        "download a copy to read it, or ask the agency for it in parts."
    ),
    "too_large": gettext_lazy(
        "This file unpacks to more than can be shown here. The original is kept; ask the agency for it in parts."
    ),
}


def refused(code: str) -> str:
    """Return why the sheets of a file are not here, what is safe and what to do."""
    otherwise = _(
        "The sheets of this file could not be read. The original is kept; download a copy to read it, "
        "and tell an administrator."
    )
    return str(REFUSED.get(code, otherwise))
