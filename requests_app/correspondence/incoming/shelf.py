"""What `check_store` must know of the mails: where they are, which there must be, and what each is called."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from requests_app.correspondence.incoming import queries, services
from requests_app.correspondence.incoming.models import Arrival, IncomingFile, KeptFile
from requests_app.documents import checking
from requests_app.documents.keeping import erasing, provenance
from requests_app.documents.models import Document


def register() -> None:
    """Put the mails among what `check_store` reads again, and say by which mail a document came."""
    checking.register(
        checking.Shelf(name="mail", store=services.the_mail_store, rows=queries.kept_mails, known_as=_known_as)
    )
    provenance.register("mail", _message_of)
    erasing.also("mail", erasing.Other(copies=_mails_with))


def _message_of(document: Document) -> Iterator[provenance.Line]:
    kept = KeptFile.objects.filter(document=document).select_related("file__message").order_by("at").first()
    if kept is not None:
        message = kept.file.message
        moment = date_format(localtime(message.received_at), "l, F j, Y, H:i T")
        yield provenance.Line(_("With the message"), moment, reverse("correspondence:message", args=[message.pk]))
        for copy in message.copies.order_by("stored_at"):
            yield provenance.Line(_("Fingerprint (SHA-256) of the mail"), copy.pk)


def _mails_with(sha256: str) -> Iterator[str]:
    for file in IncomingFile.objects.filter(sha256=sha256, message__copies__erased_at=None).distinct()[:20]:
        yield _("The mail it came with, %(number)d; an administrator erases that on its own page.") % {
            "number": file.message_id
        }


def _known_as(sha256: str) -> str:
    arrivals = Arrival.objects.filter(raw=sha256).order_by("at")
    came = ", ".join(f"{arrival.at:%Y-%m-%d %H:%M} UTC ({arrival.way})" for arrival in arrivals[:5])
    return f"It is a mail that came {came}."
