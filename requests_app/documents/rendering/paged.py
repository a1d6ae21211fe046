"""Which file of a blob is shown page by page, and how it is opened: one answer for every step and every picture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from requests_app.documents.derived import Derived
from requests_app.documents.models import Blob
from requests_app.documents.passwords import known_for
from requests_app.documents.readers.paged import PDF, PICTURE, Source

CONVERTED: Final = "converted.pdf"  # of an office file, by the convert step
REPAIRED: Final = "repaired.pdf"  # of a damaged PDF, by the pages step


class NoPages(Exception):
    """This blob has no pages: it is of another kind, or was not converted."""


class PagedFile(NamedTuple):
    """A local file and how the readers open it."""

    path: Path
    source: Source


def paged_of(blob: Blob, original: Callable[[], Path]) -> PagedFile:
    """Return the file that is shown page by page. `original` is called only where it is that file. Raises NoPages."""
    if blob.is_locked:
        raise NoPages(f"{blob} is under lock.")
    derived = Derived(blob.pk)
    if blob.kind == "image":
        return PagedFile(original(), Source(PICTURE))
    if blob.kind == "pdf":
        repaired = derived.path(REPAIRED)
        return PagedFile(repaired if repaired.exists() else original(), Source(PDF, known_for(blob)))
    converted = derived.path(CONVERTED)
    if not converted.exists():
        raise NoPages(f"{blob} is not shown page by page.")
    return PagedFile(converted, Source(PDF))
