"""What stands in the way of a photograph or a scan, in sentences for a person."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Of a photograph, by the codes of readers.refusals and sandbox.NotRead, and our own.
PHOTOGRAPHS: Final[dict[str, Promise]] = {
    "unsupported": _(
        "This is no picture that can be opened here, so it was not added. JPEG, HEIC, PNG and WebP can. If it is a "
        "PDF or another file, add it on the page “Add files” instead."
    ),
    "damaged": _(
        "The picture is damaged or cut off, so it was not added. Take it again, or send it again from the phone."
    ),
    "too_large": _(
        "The picture has more than 50 million pixels, so it was not added. Choose a smaller size in the camera and "
        "take it again: 12 million are plenty for a letter."
    ),
    "too_many": _(
        "This file holds several pages, so it is a scan and no photograph. It was not added here: add it on the page "
        "“Add files” instead."
    ),
    "twice": _("This photograph is in the letter already. Nothing was added and nothing is lost."),
    "full": _(
        "A letter holds up to 60 photographs. Keep these as one letter, then begin another with those that follow."
    ),
    "no_answer": _(
        "The picture could not be opened, so it was not added. The others are safe. Take it again, or add it on the "
        "page “Add files”."
    ),
}

SCANS: Final[dict[str, Promise]] = {
    "nothing": _("Neither its name nor a cover sheet names a request."),
    "several": _("Its name holds more than one reference."),
    "unknown": _("It names a request that is not here."),
    "pages_before": _("Pages stand before the first cover sheet."),
    "only_covers": _("It holds nothing but cover sheets."),
    "two_on_page": _("Two cover sheets lie on one page."),
    "unreadable": _("It could not be opened to look for a cover sheet."),
    "too_many": _("It has more pages than are looked through for cover sheets."),
    "empty": _("The file is empty."),
    "too_large": _("The file is larger than one file may be (UPLOAD_LIMIT_MB)."),
    "program": _("The file is a program, or its name makes a computer run it."),
}


def of_photograph(code: str) -> str:
    """Return why a photograph was not added, and what to do."""
    return str(PHOTOGRAPHS.get(code, PHOTOGRAPHS["no_answer"]))


def of_scan(code: str) -> str:
    """Return why a scan waits for a person, or was not kept."""
    return str(SCANS.get(code, SCANS["unreadable"]))
