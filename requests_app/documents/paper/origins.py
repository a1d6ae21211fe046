"""What the page of origin says of a document that came on paper."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from requests_app.documents.keeping import provenance
from requests_app.documents.models import Document


def register() -> None:
    """Let the page of origin ask here."""
    provenance.register("paper", _from_paper)


def _from_paper(document: Document) -> Iterator[provenance.Line]:
    if document.via == Document.Via.SCAN:
        for scan in document.scans.order_by("pk"):
            moment = date_format(localtime(scan.scanned_at), "l, F j, Y, H:i T")
            yield provenance.Line(_("Scanned file"), _("%(name)s, %(moment)s") % {"name": scan.name, "moment": moment})
            yield provenance.Line(_("Fingerprint (SHA-256) of the scanned file"), scan.sha256)
    elif document.via == Document.Via.PHOTO and document.parent_id is None:
        number = document.members.filter(via=Document.Via.PHOTO).count()
        yield provenance.Line(_("Made of"), _("%(number)d photographs, which are kept under it") % {"number": number})
