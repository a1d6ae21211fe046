"""Where a document came from: the chain from the agency to the bytes, as lines for a page, for print and for a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from requests_app.documents.keeping import holds
from requests_app.documents.models import Document, Hold
from requests_app.documents.store import is_blob_name


@dataclass(frozen=True)
class Line:
    """One link of the chain. `url` may be empty."""

    label: str
    value: str
    url: str = ""

    @property
    def is_hash(self) -> bool:
        """Whether the value is a fingerprint, to be broken anywhere."""
        return is_blob_name(self.value)


Source = Callable[[Document], Iterable[Line]]
_sources: dict[str, Source] = {}


def register(name: str, source: Source) -> None:
    """Let a room above say how documents came: by which message, for instance. A second call changes nothing."""
    _sources.setdefault(name, source)


def containers(document: Document) -> list[Document]:
    """Return what the document came inside, from the outermost file to the nearest. One query for each level."""
    found: list[Document] = []
    at = document
    while at.parent_id is not None:
        at = Document.objects.select_related("blob").get(pk=at.parent_id)
        found.append(at)
    return found[::-1]


def chain(document: Document) -> list[Line]:
    """Return the chain of one document, erased or not. Needs its request, agency, blob and who brought it."""
    around = containers(document)
    top = around[0] if around else document
    lines = [
        Line(_("Agency"), document.agency.name),
        Line(_("Request"), document.request.reference, document.request.get_absolute_url()),
        Line(_("Received"), date_format(document.received_on, "l, F j, Y")),
        Line(_("How it came"), str(top.get_via_display())),
    ]
    lines += [line for source in _sources.values() for line in source(top)]
    lines.append(Line(_("Brought in"), _brought(top)))
    if around:
        path = [*(each.original_name for each in around[:1]), *(each.inner_path for each in around[1:])]
        lines.append(Line(_("Inside"), " › ".join(path), "" if top.erased_at else top.get_absolute_url()))
        lines.append(Line(_("Path in it"), document.inner_path))
        lines.append(Line(_("Fingerprint (SHA-256) of the file it came in"), top.blob_id))
    lines += [
        Line(_("Original name"), document.original_name),
        Line(_("Kind, by its content"), f"{document.kind_label} ({document.blob.media_type})"),
        Line(_("Size"), _("%(bytes)s bytes") % {"bytes": f"{document.blob.size:,}"}),
        Line(_("Fingerprint (SHA-256)"), document.blob_id),
        Line(_("First kept"), _moment(document.blob.stored_at)),
    ]
    lines += [
        Line(_("Hold"), _("%(scope)s, since %(day)s: %(why)s") % _held(hold)) for hold in holds.keeping([document])
    ]
    if document.erased_at is not None:
        lines.append(Line(_("Erased"), _("%(moment)s: %(why)s") % _erased(document)))
    return lines


def _brought(document: Document) -> str:
    moment = _moment(document.brought_at)
    return f"{document.brought_by.handle}, {moment}" if document.brought_by else moment


def _moment(at: datetime | None) -> str:
    return date_format(localtime(at), "l, F j, Y, H:i T") if at else ""


def _held(hold: Hold) -> dict[str, str]:
    return {"scope": hold.scope, "day": date_format(localtime(hold.placed_at), "l, F j, Y"), "why": hold.why}


def _erased(document: Document) -> dict[str, str]:
    return {"moment": _moment(document.erased_at), "why": document.erased_why}
