"""Documents of a few lines a page, set in Courier, so that the place of every word can be counted by hand.

`a_pdf` writes the file; `a_document` keeps it and writes the rows that the steps of reading would.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from requests_app.documents import services
from requests_app.documents.models import Document, Page, Passage
from requests_app.documents.pagewords import Word, pack, text_of
from requests_app.filing.models import RecordsRequest
from tests.factories import NOON

WIDE, TALL = 612, 792  # points: letter paper
SIZE = 14
GLYPH = SIZE * 0.6  # every sign of Courier is 600 thousandths of its size wide
LEFT, FIRST, NEXT = 72, 100, 22  # of lines, from the top


def words_of(lines: Sequence[str]) -> list[Word]:
    """Return the words of a page with the boxes they have on it."""
    found = []
    for row, line in enumerate(lines):
        base, at = FIRST + row * NEXT, 0
        for text in line.split(" "):
            left = LEFT + at * GLYPH
            found.append(Word(text, left, base - 0.75 * SIZE, left + len(text) * GLYPH, base + 0.2 * SIZE))
            at += len(text) + 1
    return found


def a_pdf(pages: Sequence[Sequence[str]]) -> bytes:
    """Return a PDF with these lines on its pages."""
    bodies = [b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>"]
    kids = []
    for lines in pages:
        shown = "".join(
            f"BT /F {SIZE} Tf {LEFT} {TALL - FIRST - row * NEXT} Td ({_safe(line)}) Tj ET\n"
            for row, line in enumerate(lines)
        )
        stream = shown.encode("cp1252")
        bodies.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
        content = len(bodies) + 2
        page = f"/Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDE} {TALL}] /Contents {content} 0 R"
        bodies.append(f"<< {page} /Resources << /Font << /F 3 0 R >> >> >>".encode())
        kids.append(f"{len(bodies) + 2} 0 R")
    head = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(kids)}] >>".encode(),
    ]
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate([*head, *bodies], start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(places) + 1
    return (
        out
        + b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
        + (b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(out)))
    )


def a_document(
    letter: RecordsRequest, pages: Sequence[Sequence[str]], *, name: str = "report.pdf", labels: Sequence[str] = ()
) -> Document:
    """Keep a PDF with these lines as a document whose reading is done."""
    given: dict[str, Any] = {"received_on": NOON.date(), "via": "upload", "by": letter.filer, "now": NOON}
    kept = services.receive_file(letter, [a_pdf(pages)], name=name, **given).document
    for number, lines in enumerate(pages, start=1):
        words = words_of(lines) if any(lines) else []
        Page.objects.update_or_create(
            blob=kept.blob,
            number=number,
            defaults={
                "width": WIDE,
                "height": TALL,
                "label": labels[number - 1] if labels else "",
                "text_from": "file",
                "words": pack(words),
            },
        )
        place: dict[str, Any] = {"blob": kept.blob, "kind": "page", "place": number, "part": 0}
        Passage.objects.update_or_create(**place, defaults={"text": text_of(words)})
    kept.blob.steps.update(state="done", claim=None, claimed_until=None)
    return kept


def a_text(letter: RecordsRequest, text: str, *, name: str = "log.txt", kind: str = "text") -> Document:
    """Keep a text, or a mail, whose words are read."""
    given: dict[str, Any] = {"received_on": NOON.date(), "via": "upload", "by": letter.filer, "now": NOON}
    kept = services.receive_file(letter, [text.encode()], name=name, **given).document
    Document.objects.filter(pk=kept.pk).update(kind=kind)
    Passage.objects.create(blob=kept.blob, kind="mail" if kind == "e-mail" else "text", place=0, part=0, text=text)
    kept.blob.steps.update(state="done", claim=None, claimed_until=None)
    kept.refresh_from_db()
    return kept


def _safe(line: str) -> str:
    return line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
