"""The cover sheet for the scanner: the reference in large letters, and in a square that the import reads."""

from __future__ import annotations

from datetime import date
from typing import Final

from django.template.loader import render_to_string

from requests_app.documents.paper.references import on_cover
from requests_app.filing.models import RecordsRequest
from requests_app.kits import naming, rendering

MODULE: Final = 10  # units of the drawing for one module of the square
QUIET: Final = 4  # modules of white around it (ISO/IEC 18004, 5.3.8)
SHEET: Final = """
@page { size: 8.5in 11in; margin: 0.9in; @bottom-left { content: none } @bottom-right { content: none } }
body { font-family: "Letter Serif", "Liberation Serif", "DejaVu Serif", serif; text-align: center; color: #000; }
h1 { font-size: 24pt; margin: 0 0 6pt; }
.reference { font-size: 44pt; font-weight: 700; margin: 0 0 18pt; }
.square { width: 3.4in; height: 3.4in; margin: 0 auto 18pt; display: block; }
.facts { font-size: 14pt; margin: 0 0 24pt; }
ol { text-align: left; font-size: 12pt; line-height: 1.5; margin: 0 auto; width: 5.6in; }
"""


def make_cover_sheet(request: RecordsRequest, *, today: date) -> bytes:
    """Return the cover sheet of a request as a PDF of one page. Cost: about half a second."""
    size, drawn = square(on_cover(request.reference))
    context = {
        "records_request": request,
        "agency": rendering.typeset(request.agency.name),
        "date": naming.long_date(today),
        "size": size,
        "drawn": drawn,
    }
    return rendering.to_pdf(render_to_string("documents/paper/cover_sheet.html", context), extra_sheet=SHEET)


def square(text: str) -> tuple[int, str]:
    """Return the size of a QR code with its white margin, and the path that draws its dark modules."""
    import qrcode
    from qrcode.constants import ERROR_CORRECT_H

    code = qrcode.QRCode(error_correction=ERROR_CORRECT_H, border=QUIET)  # a third of it may be lost
    code.add_data(text)
    rows = code.get_matrix()
    drawn = "".join(
        f"M{x * MODULE},{y * MODULE}h{MODULE}v{MODULE}h-{MODULE}z"
        for y, row in enumerate(rows)
        for x, is_dark in enumerate(row)
        if is_dark
    )
    return len(rows) * MODULE, drawn
