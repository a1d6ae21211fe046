"""Damaged PDFs, written anew by qpdf (`pikepdf`) from what can still be found. The original stays as it came."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
import pikepdf

from requests_app.documents.readers.paged import Source
from requests_app.documents.readers.refusals import Refused

NAME: Final = "mended.pdf"


class MendOrder(msgspec.Struct, frozen=True):
    """How the damaged file is opened."""

    source: Source


class Mended(msgspec.Struct, frozen=True):
    """The new file in the output folder, and how many of its pages can be opened."""

    name: str
    pages: int
    opens: int


def mended(path: Path, order: MendOrder, output: Path) -> Iterator[Mended]:
    """Write what can be saved of a damaged PDF. Raises Refused: damaged, password.

    A locked file is written unlocked only where qpdf cannot keep its lock.
    """
    for password in ("", *order.source.passwords):
        try:
            pdf = pikepdf.open(path, password=password, attempt_recovery=True, suppress_warnings=True)
            break
        except pikepdf.PasswordError:
            continue
        except (pikepdf.PdfError, ValueError, RuntimeError) as trouble:
            raise Refused("damaged", str(trouble)) from trouble
    else:
        raise Refused("password", "to mend it")
    with pdf:
        try:
            pages = len(pdf.pages)
            _drop_what_is_no_page(pdf)
            pdf.save(output / NAME, encryption=pdf.is_encrypted)
        except (pikepdf.PdfError, ValueError, RuntimeError, TypeError, KeyError) as trouble:
            raise Refused("damaged", str(trouble)) from trouble
    yield Mended(NAME, pages, _opening(output / NAME, order.source))


def _drop_what_is_no_page(pdf: pikepdf.Pdf) -> None:
    """Take out of the list of pages what is no page at all."""
    for at in range(len(pdf.pages) - 1, -1, -1):
        if not isinstance(pdf.pages[at].obj, pikepdf.Dictionary):
            del pdf.pages[at]


def _opening(path: Path, source: Source) -> int:
    """Return how many pages pdfium finds now; 0 when it cannot open the file."""
    from requests_app.documents.readers.pdfium import Pdf

    try:
        with Pdf(path, source.passwords) as pdf:
            return pdf.count
    except Refused:
        return 0
