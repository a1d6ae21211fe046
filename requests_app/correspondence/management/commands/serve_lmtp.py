"""`python manage.py serve_lmtp`: the listener to which a mail server on this machine delivers."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from requests_app.correspondence.incoming.ways import lmtp


class Command(BaseCommand):
    """Listen until told to stop; a mail that is being stored then is stored to its end."""

    help = "Listen for a mail server that delivers by LMTP."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--listen", default=None, metavar="HOST:PORT", help="else MAIL_IN_LMTP_LISTEN")

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve until SIGTERM or Ctrl-C."""
        where = options["listen"] or settings.MAIL_IN_LMTP_LISTEN
        host, _colon, port = where.rpartition(":")
        if not host or not port.isdecimal():
            raise CommandError(f"{where!r} is no address to listen on. Say it like 127.0.0.1:8024.")
        try:
            asyncio.run(self._serve(host.strip("[]"), int(port)))
        except OSError as trouble:
            raise CommandError(
                f"Nobody can listen on {where} ({trouble.strerror}). Choose another port, or end what listens there."
            ) from trouble

    async def _serve(self, host: str, port: int) -> None:
        serving = asyncio.ensure_future(lmtp.serve(host, port, now=timezone.now, ready=self._say))
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, serving.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await serving

    def _say(self, host: str, port: int) -> None:
        self.stdout.write(f"Listening for mail on {host}:{port}.")
        self.stdout.flush()
