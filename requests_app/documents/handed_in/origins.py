"""How a document came over a link: lines for the page of its whole way, and for the evidence of it."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from requests_app.documents.handed_in import queries
from requests_app.documents.keeping import provenance
from requests_app.documents.models import Document


def register() -> None:
    """Let the chain of a document say how it was handed in. A second call changes nothing."""
    provenance.register("handed in", _lines)


def _lines(document: Document) -> Iterator[provenance.Line]:
    for file in queries.origin_of(document):
        hand_in = file.hand_in
        moment = date_format(localtime(hand_in.at), "l, F j, Y, H:i T")
        yield provenance.Line(_("Handed in by (as they wrote)"), f"{hand_in.by_whom}, {moment}")
        yield provenance.Line(_("Over the link given to"), hand_in.link.given_to)
        if hand_in.message:
            yield provenance.Line(_("Their message"), hand_in.message)
