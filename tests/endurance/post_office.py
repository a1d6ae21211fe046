"""A real mail server in bad weather: it refuses, hangs and drops connections, and keeps a record of every try."""

from __future__ import annotations

import asyncio
import random
import re
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.servers import Mailbox

MESSAGE_ID = re.compile(rb"^Message-ID:\s*(<[^>]+>)", re.IGNORECASE | re.MULTILINE)
HANGS = 4.0  # seconds of silence, longer than EMAIL_TIMEOUT under these tests

# What becomes of a mail while the weather is bad, and how often of a thousand.
BAD_WEATHER = (
    ("refused for now (4xx)", 30),
    ("hung", 4),
    ("dropped before it was taken", 10),
    ("taken, then dropped without a word", 10),
    ("taken, answered, then dropped", 10),
)
LATER = frozenset({"refused for now (4xx)", "hung", "dropped before it was taken"})


@dataclass
class Try:
    """One mail at the server's door, by the clock of truth, and what became of it."""

    at: float
    outcome: str


@dataclass
class PostOffice(Mailbox):
    """`refuse` holds the addresses that are refused for good; `for_good` the Message-IDs whose text is."""

    chance: random.Random = field(default_factory=random.Random)
    truth: Callable[[], float] = lambda: 0.0
    fair: bool = True  # the weather
    closed: bool = False  # nobody is served
    refuses_text: Callable[[str], bool] = lambda message_id: False
    tries: dict[str, list[Try]] = field(default_factory=dict)
    outcomes: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def taken(self) -> Counter[str]:
        """How often each Message-ID was taken."""
        with self.lock:
            return Counter(
                {
                    message_id: count
                    for message_id, tries in self.tries.items()
                    if (count := sum(one.outcome.startswith("taken") for one in tries))
                }
            )

    async def handle_RCPT(  # noqa: N802  the name is aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Serve nobody while closed, and refuse whom it shall refuse."""
        if self.closed:
            self.outcomes["turned away while closed (421)"] += 1
            return "421 4.3.2 Closed for a while"
        answer = await super().handle_RCPT(server, session, envelope, address, options)
        if answer.startswith("5"):
            self.outcomes["address refused (550)"] += 1
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take the mail or not, and note what was done, before the sender can know."""
        assert isinstance(envelope.content, bytes)
        found = MESSAGE_ID.search(envelope.content)
        assert found
        message_id = found[1].decode()
        outcome = self._fate(message_id)
        with self.lock:
            self.tries.setdefault(message_id, []).append(Try(self.truth(), outcome))
            self.outcomes[outcome] += 1
        if outcome == "text refused (554)":
            return "554 5.7.1 We take no such text"
        if outcome == "refused for now (4xx)":
            return "451 4.7.1 Come back later"
        if outcome == "hung":
            await asyncio.sleep(HANGS)
        if outcome == "taken, answered, then dropped":
            asyncio.get_running_loop().call_later(0.001, server.transport.close)
        elif outcome not in ("taken", "hung"):
            server.transport.close()
        return "250 Taken"

    def _fate(self, message_id: str) -> str:
        if self.refuses_text(message_id):
            return "text refused (554)"
        if not self.fair:
            lot = self.chance.randrange(1000)
            for outcome, share in BAD_WEATHER:
                if lot < share:
                    return outcome
                lot -= share
        return "taken"
