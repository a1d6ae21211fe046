"""Add to mails that are here what a newer reading help finds in them, and change nothing else about them."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from django.db import transaction
from django.db.models import F, Q, QuerySet

from requests_app.correspondence.incoming.models import IncomingMessage, RawMail
from requests_app.correspondence.incoming.reader import NotRead, Reader
from requests_app.correspondence.incoming.reading import PARSER_VERSION, SUGGESTING_VERSION, Reading, version_of
from requests_app.correspondence.incoming.services.taking_in import the_mail_store
from requests_app.correspondence.incoming.suggested import writing as reading_help

log = logging.getLogger(__name__)


def parsed_by_older(mails: QuerySet[RawMail]) -> QuerySet[RawMail]:
    """Return those of these mails that another version of the parser read than that of today."""
    return mails.exclude(Q(parser_version=PARSER_VERSION) | Q(parser_version__startswith=f"{PARSER_VERSION}+"))


def suggested_by_older() -> QuerySet[RawMail]:
    """Return the mails whose message another version of reading help looked at than that of today, or none.

    Of copies of one message, only the mail that the message was made of.
    """
    whole = RawMail.objects.filter(state=RawMail.State.PROCESSED, erased_at__isnull=True, headers_only=False)
    return whole.filter(message__raw=F("pk")).exclude(parser_version__endswith=f"+{SUGGESTING_VERSION}")


def suggest_again() -> Iterator[bool]:
    """Read these mails once more, one after another; yield of each whether it could be read.

    What a person decided about a suggestion stays (`writing.note_again`). Where the mail is, what was judged of it and
    its files are left alone. Each mail is a transaction of its own: what was done is not done again.
    """
    with Reader() as reader:
        for sha256 in list(suggested_by_older().order_by("stored_at", "pk").values_list("pk", flat=True)):
            try:
                reading = reader.read(the_mail_store().path(sha256))
            except (NotRead, OSError) as trouble:
                log.warning("mail %s could not be read once more: %s", sha256[:12], type(trouble).__name__)
                yield False
                continue
            _note(sha256, reading)
            yield True


def _note(sha256: str, reading: Reading) -> None:
    with transaction.atomic():
        # Locked: a person may be deciding about it at this moment, and what a person decided stays.
        filed = IncomingMessage.objects.select_for_update().filter(raw=sha256).first()
        raw = suggested_by_older().filter(pk=sha256).first()
        if filed is None or raw is None:
            return  # another process read it, or somebody erased it
        found = reading_help.find(reading.message, filed.kind, raw.stored_at)
        reading_help.note_again(filed, found)
        parser = raw.parser_version.partition("+")[0]
        RawMail.objects.filter(pk=sha256).update(parser_version=version_of(parser))
