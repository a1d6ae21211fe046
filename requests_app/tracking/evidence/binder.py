"""The binder: every exhibit on paper, numbered, with a list in front. PDF/UA by the letter printer."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from django.template.loader import render_to_string

from requests_app.kits import rendering
from requests_app.tracking.evidence.gathering import Gathered

_SHEET: Final = Path(__file__).with_name("binder.css")


def binder_html(gathered: Gathered) -> str:
    """Return the binder as a complete HTML page."""
    return render_to_string("tracking/evidence/binder.html", {"gathered": gathered, "exhibits": gathered.exhibits})


def binder_pdf(gathered: Gathered) -> bytes:
    """Return the binder as PDF/UA. Cost: about a tenth of a second a page."""
    return rendering.to_pdf(binder_html(gathered), extra_sheet=_SHEET.read_text(encoding="utf-8"))
