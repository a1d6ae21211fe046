"""Why something was not taken over a link, said to the agency: it knows no settings, and no administrator of ours."""

from __future__ import annotations

from django.utils.translation import gettext as _

from requests_app.documents.identify import NotKept
from requests_app.documents.store import DiskFull, EmptyFile, StorageUnreachable, StoreTrouble, TooLarge


class NotGiven(Exception):
    """No link was made. The text says why."""


class NoMoreFiles(StoreTrouble):
    """The link has taken as many files as it may."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "This link takes no more files. What was handed in before is kept. Write to us for another link, or "
                "send the file by mail."
            )
        )


class NoMoreRoom(StoreTrouble):
    """The file is larger than what the link still takes."""

    def __init__(self, bytes_left: int) -> None:
        text = _(
            "The file is larger than what this link still takes (%(left)s MB), so it was not kept. The others are not "
            "affected. Write to us for another link, or send the file another way."
        )
        super().__init__(text % {"left": f"{bytes_left / (1024 * 1024):,.1f}"})


class LinkClosed(StoreTrouble):
    """The link ended, or was closed, while the files were on their way."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "The link ended while the file was on its way, so it was not kept. Keep your copy and write to us for "
                "another link."
            )
        )


def said_to_agency(trouble: Exception) -> str:
    """Return why a file was not kept, in words for whoever handed it in."""
    if isinstance(trouble, NoMoreFiles | NoMoreRoom | LinkClosed | EmptyFile):
        return str(trouble)
    if isinstance(trouble, TooLarge):
        return _(
            "The file is larger than we can take over this page, so it was not kept. Split it, or write to us for "
            "another way."
        )
    if isinstance(trouble, NotKept):
        return _(
            "This is a program, by its content or by the ending of its name, so it was not kept. If it is a record, "
            "send it as a PDF, a spreadsheet, an image or a text file."
        )
    if isinstance(trouble, DiskFull | StorageUnreachable):
        return _("We cannot keep files at this moment, so it was not kept. Keep your copy and try again later.")
    return str(trouble)
