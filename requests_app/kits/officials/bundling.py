"""Letters to many officials at once: one PDF to print, or a ZIP with a file for each."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Sequence

from requests_app.kits import rendering
from requests_app.kits.letters import Letter


def print_together(letters: Sequence[Letter]) -> bytes:
    """Return all letters as one PDF, each with its own page numbers. Cost: about half a second for each letter."""
    documents = [rendering.render(rendering.to_html(letter)) for letter in letters]
    pages = [page for document in documents for page in document.pages]
    made: bytes = documents[0].copy(pages).write_pdf(pdf_variant="pdf/ua-1")
    return made


def zip_letters(named: Iterable[tuple[str, Letter]]) -> bytes:
    """Return a ZIP with one PDF for each letter, under its name. A name that comes twice gets a number."""
    out = io.BytesIO()
    used: set[str] = set()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for wanted, letter in named:
            name, number = wanted, 2
            while name.casefold() in used:
                name, number = f"{wanted}-{number}", number + 1
            used.add(name.casefold())
            archive.writestr(f"{name}.pdf", rendering.to_pdf(rendering.to_html(letter)))
    return out.getvalue()


def file_stem(jurisdiction: str, office: str, name: str) -> str:
    """Return a file name that every system takes: "MD-governor-Jane-Example". Letters of every script stay."""
    kept = "".join(sign if sign.isalnum() else "-" for sign in unicodedata.normalize("NFC", name))
    words = re.sub("-+", "-", kept).strip("-")[:60]
    return "-".join(part for part in (jurisdiction, office.replace("_", "-"), words) if part)
