"""`python manage.py receive_mail < message.eml`: the pipe by which a mail server hands in one mail."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from requests_app.correspondence.incoming import services
from requests_app.correspondence.incoming.models import Arrival
from requests_app.documents.store import TooLarge

log = logging.getLogger(__name__)
CHUNK = 1024 * 1024


class Command(BaseCommand):
    """Keep one mail from standard input; a worker reads it later.

    Ends with 0 when it is safe, 65 (EX_DATAERR) when it is larger than Daylight takes, so that the mail server tells
    the sender, and 75 (EX_TEMPFAIL) for everything else, so that the mail server keeps it and tries again.
    """

    help = "Keep one mail from standard input, as a mail server pipes it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="sender", help="the sender of the envelope; else $SENDER")
        parser.add_argument(
            "--to",
            action="append",
            help="a recipient of the envelope, as often as there are; else $ORIGINAL_RECIPIENT or $RECIPIENT",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Keep the mail and end with the status that mail servers expect."""
        sys.exit(receive(sys.stdin.buffer, options["sender"], options["to"]))


def receive(source: BinaryIO, sender: str | None, recipients: list[str] | None) -> int:
    """Keep one mail and return the exit status (sysexits.h)."""
    given = recipients or [os.environ.get("ORIGINAL_RECIPIENT") or os.environ.get("RECIPIENT") or ""]
    try:
        services.take_in(
            _chunks(source),
            way=Arrival.Way.PIPE,
            envelope_from=os.environ.get("SENDER", "") if sender is None else sender,
            envelope_to=[address for address in given if address],
            now=timezone.now(),
        )
    except TooLarge:
        return os.EX_DATAERR
    except Exception as trouble:  # noqa: BLE001  the mail server keeps the mail and tries again: nothing is lost
        log.error("a mail could not be kept and must come again: %s", type(trouble).__name__)
        return os.EX_TEMPFAIL
    return os.EX_OK


def _chunks(source: BinaryIO) -> Iterator[bytes]:
    while chunk := source.read(CHUNK):
        yield chunk
