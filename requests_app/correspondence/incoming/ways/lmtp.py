"""The listener to which a mail server delivers (LMTP, RFC 2033): "250" only when the mail is on the disk and in a row.

It asks nobody for a password and believes what the mail server writes into the mail, so it listens where only that
server can reach it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import AnyStr, Final, cast

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import Envelope, Session
from django.db import close_old_connections

from requests_app.correspondence.incoming import services
from requests_app.correspondence.incoming.models import Arrival
from requests_app.documents.store import EmptyFile, TooLarge

log = logging.getLogger(__name__)

AT_ONCE: Final = 4  # mails being stored at the same moment; each has a connection to the database
KEPT: Final = "250 2.0.0 Kept"
TRY_LATER: Final = "452 4.3.1 Not enough room, or not ready: nothing was kept, try again later"
TOO_LARGE: Final = "552 5.3.4 The message is larger than this system takes"
EMPTY: Final = "554 5.6.0 The message is empty"


class Listener:
    """Takes in what the mail server delivers. aiosmtpd calls its `handle_` functions."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self.workers = ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="lmtp")

    async def handle_DATA(self, server: LMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep one mail and answer. Runs the disk and database work in a thread, so that others are heard meanwhile."""
        return await asyncio.get_running_loop().run_in_executor(self.workers, self._take_in, envelope)

    def _take_in(self, envelope: Envelope) -> str:
        close_old_connections()
        try:
            services.take_in(
                [cast(bytes, envelope.content)],
                way=Arrival.Way.LMTP,
                envelope_from=(envelope.mail_from or "").removeprefix("<>"),  # what a bounce has for a sender
                envelope_to=envelope.rcpt_tos,
                now=self.now(),
            )
        except TooLarge:
            return TOO_LARGE
        except EmptyFile:
            return EMPTY
        except Exception as trouble:  # noqa: BLE001  the mail server keeps the mail and tries again: nothing is lost
            log.error("a mail could not be kept and will come again: %s", type(trouble).__name__)
            return TRY_LATER
        finally:
            close_old_connections()
        return KEPT


class Conversation(LMTP):
    """One connection. After the mail, LMTP wants one answer for each recipient (RFC 2033, 4.2)."""

    line_length_limit = 64 * 1024 * 1024  # mails with endless lines are common, and none is refused for it
    _answers = 0

    async def push(self, status: AnyStr) -> None:
        """Send an answer; the answer to a mail as often as it has recipients."""
        if isinstance(status, str) and status.startswith("354") and self.envelope is not None:
            self._answers = len(self.envelope.rcpt_tos)
        elif self._answers and isinstance(status, str):
            answers, self._answers = self._answers, 0
            await super().push("\r\n".join([status] * answers))
            return
        await super().push(status)


async def serve(host: str, port: int, *, now: Callable[[], datetime], ready: Callable[[str, int], None]) -> None:
    """Listen until the task is cancelled; say where when it does. Raises OSError when the port is taken."""
    loop = asyncio.get_running_loop()
    listener = Listener(now)

    def conversation() -> Conversation:
        return Conversation(
            listener,
            # Lines of SMTP itself and dots count too; `take_in` has the exact limit.
            data_size_limit=services.mail_limit() + 1024 * 1024,
            enable_SMTPUTF8=True,
            ident="Daylight",
            hostname="localhost",
            loop=loop,
        )

    server = await loop.create_server(conversation, host, port)
    ready(*server.sockets[0].getsockname()[:2])
    try:
        await server.serve_forever()
    finally:
        server.close()
        # What is being stored is stored to its end: the mail server may have its answer, or delivers again.
        listener.workers.shutdown(wait=True)
