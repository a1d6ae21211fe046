"""What the steps do and what stopped them, in plain English: what happened, what is safe, what to do."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

# What a step does, to be said while it runs.
DOING: Final = {
    "identify": _("Finding out what kind of file it is"),
    "scan": _("Looking for viruses"),
    "unpack": _("Taking out the files inside it"),
    "convert": _("Turning it into pages"),
    "pages": _("Counting its pages"),
    "text": _("Taking down its text"),
    "ocr": _("Reading the text in its pictures"),
    "sheets": _("Reading its tables"),
    "index": _("Making its words findable"),
    "thumbnails": _("Drawing small pictures of its pages"),
    "hidden": _("Looking for hidden content"),
}
# What it counts, where it counts anything: of these, so many are done.
COUNTS: Final = {
    "unpack": _("files"),
    "pages": _("pages"),
    "text": _("pages"),
    "ocr": _("pages"),
    "thumbnails": _("pages"),
    "sheets": _("rows"),
    "index": _("passages"),
}
# Why something did not work. A step may say a code in its own words: "unpack damaged".
TROUBLES: Final = {
    "password": _(
        "The file is locked with a password. It is kept as it came. Ask the agency for the password, then"
        " give it on the page of the document."
    ),
    "damaged": _("The file is damaged or was cut off. It is kept as it came. Ask the agency to send it again."),
    "too_many": _(
        "There is more in the file than may be read at once. It is kept as it came. Ask the agency for it"
        " in smaller parts, or ask an administrator."
    ),
    "too_deep": _(
        "It stands in so many archives, one in the other, that it is not unpacked any further. It is kept as it came. "
        "Ask the agency for the files themselves, or ask an administrator."
    ),
    "too_large": _(
        "It would take more room or memory than a file may take here. It is kept as it came. Download a "
        "copy to look at it, or ask an administrator."
    ),
    "unsupported": _(
        "Daylight does not know how to read this form of file. It is kept as it came. Download a copy, or"
        " ask the agency for a PDF."
    ),
    "hostile": _(
        "The file is built in a way that breaks whoever opens it. It is kept as it came, and other files "
        "were not touched. Do not open a copy; ask an administrator."
    ),
    "missing_program": _(
        "The program that reads this kind of file is not installed here. The file is kept as it came. "
        "Tell an administrator; when the program is there, read the file again."
    ),
    "infected": _(
        "A scanner found a virus in the file. It is kept under lock, and nothing in it was opened. Tell "
        "an administrator, and tell the agency."
    ),
    "died": _(
        "Reading the file broke off, more than once. It is kept as it came. Read it again later; when it "
        "breaks off again, tell an administrator."
    ),
    "too_long": _(
        "Reading the file took longer than any file may. It is kept as it came. Read it again when less "
        "is going on, or ask the agency for it in smaller parts."
    ),
    "nonsense": _("What was found in the file made no sense. It is kept as it came. Tell an administrator."),
    "missing": _(
        "The content of the file is missing from the store. What is known about it is safe. Tell an "
        "administrator; if you have a copy, add it to the request again."
    ),
    "text_lost": _(
        "Words of some pages are missing from the search. The pages themselves are there. Read it again from the step "
        "that reads the words; when that does not help, tell an administrator."
    ),
    "defect": _(
        "Daylight made a mistake with this file. It is kept as it came. Tell an administrator, who finds "
        "the place in the log; a newer Daylight may read it."
    ),
}
# Why something waits. It goes on by itself.
WAITS: Final = {
    "no_room": _(
        "The disk is full, so it waits. Nothing is lost. It goes on by itself when there is room; tell an"
        " administrator."
    ),
    "store": _(
        "The store of documents does not answer, so it waits. It goes on by itself; when this lasts, tell"
        " an administrator."
    ),
    "database": _("The database did not answer for a moment. It goes on by itself."),
    "crowded": _("The machine is short of memory or open files, so it waits. It goes on by itself."),
    "scanner": _(
        "The virus scanner does not answer, so it waits. It goes on by itself; when this lasts, tell an administrator."
    ),
    "died": _("Reading the file broke off. It is tried once more by itself."),
}
UNKNOWN: Final = _("It could not be read. The file is kept as it came. Tell an administrator.")
UNKNOWN_WAIT: Final = _("Something that it needs is not there at the moment. It goes on by itself.")


def doing(step: str) -> str:
    """Say what a step does."""
    return str(DOING.get(step, step))


def trouble(step: str, code: str) -> str:
    """Say why a step did not work."""
    return str(TROUBLES.get(f"{step} {code}") or TROUBLES.get(code) or UNKNOWN)


def waits_because(code: str) -> str:
    """Say why a step is held up."""
    return str(WAITS.get(code, UNKNOWN_WAIT))


def counted(step: str, done: int, of: int) -> str:
    """Say how far a step is, such as "12 of 300 pages". Empty where it counts nothing."""
    if not of:
        return ""
    words = {"done": f"{done:,}", "of": f"{of:,}", "what": COUNTS.get(step, "")}
    return (_now("%(done)s of %(of)s %(what)s") % words).strip()


def about(seconds: float) -> str:
    """Say how long something may still take, no more exactly than it can be known."""
    minutes = seconds / 60
    if minutes < 1:
        return _now("less than a minute")
    if minutes < 50:
        whole = round(minutes) if minutes < 10 else round(minutes / 5) * 5
        return ngettext("about %(n)d minute", "about %(n)d minutes", whole) % {"n": whole}
    if minutes < 36 * 60:
        hours = max(1, round(minutes / 60))
        return ngettext("about %(n)d hour", "about %(n)d hours", hours) % {"n": hours}
    days = round(minutes / 1440)
    return ngettext("about %(n)d day", "about %(n)d days", days) % {"n": days}
