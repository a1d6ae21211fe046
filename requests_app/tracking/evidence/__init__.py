"""The evidence file of a request: what a lawyer needs to go to court, as one PDF binder and one verified ZIP.

`gather` reads what is stored, `compose_exhibits` puts it in order (pure), `binder_pdf` prints it, `archive` packs it.
"""

from requests_app.tracking.evidence.archive import Archive, archive_of
from requests_app.tracking.evidence.binder import binder_html, binder_pdf
from requests_app.tracking.evidence.exhibits import Exhibit, compose_exhibits
from requests_app.tracking.evidence.gathering import gather

__all__ = ["Archive", "Exhibit", "archive_of", "binder_html", "binder_pdf", "compose_exhibits", "gather"]
