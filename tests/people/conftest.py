"""What the tests of people and of agencies share."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from requests_app.people.models import Person
from tests.people.cast import make_cast


@pytest.fixture(autouse=True)
def quick_and_quiet(settings: Any) -> None:
    """Hash passwords quickly, and stay among the pages of this room."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.ACCOUNT_RATE_LIMITS = False  # one test turns them on
    settings.LOGIN_REDIRECT_URL = "people:welcome"  # the room's own page: other rooms' pages have their own tests
    settings.LOGOUT_REDIRECT_URL = "account_login"


@pytest.fixture
def house_cast(db: None) -> dict[str, Person]:
    """One person for each role, and one without any."""
    return make_cast()


class Postman:
    """A real mail server. `answers` are given in turn to each mail's recipient and text; then it accepts.

    `mishaps` befall one text each: "dropped" before it is taken, "silent" instead of an answer, "taken, dropped"
    without an answer, "answered, dropped" before the farewell.
    """

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.answers_to_recipient: list[str] = []
        self.answers_to_text: list[str] = []
        self.mishaps: list[str] = []

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name
        self, server: Any, session: Any, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.answers_to_recipient:
            return self.answers_to_recipient.pop(0)
        envelope.rcpt_tos.append(address)
        self.recipients.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802
        if self.answers_to_text:
            return self.answers_to_text.pop(0)
        mishap = self.mishaps.pop(0) if self.mishaps else ""
        if mishap in ("dropped", "silent"):
            if mishap == "silent":
                await asyncio.sleep(1)  # longer than the sender waits in these tests
            server.transport.close()
            return "250 Never heard"
        parsed = message_from_bytes(envelope.content or b"", policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        self.received.append(parsed)
        if mishap == "taken, dropped":
            server.transport.close()
        elif mishap:
            asyncio.get_running_loop().call_later(0.001, server.transport.close)
        return "250 OK"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def postman(settings: Any) -> Iterator[Postman]:
    """A real SMTP server, to which the settings point."""
    man = Postman()
    controller = Controller(man, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    settings.EMAIL_TIMEOUT = 5
    yield man
    controller.stop()


@pytest.fixture
def silent_mail_server(settings: Any) -> Iterator[None]:
    """A server that takes the connection and never says a word."""
    listener = socket.create_server(("127.0.0.1", 0))
    taken: list[socket.socket] = []
    stop = threading.Event()

    def take() -> None:
        listener.settimeout(0.05)
        while not stop.is_set():
            try:
                taken.append(listener.accept()[0])
            except TimeoutError:
                continue

    thread = threading.Thread(target=take)
    thread.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = listener.getsockname()
    settings.EMAIL_TIMEOUT = 0.2
    yield
    stop.set()
    thread.join()
    for connection in taken:
        connection.close()
    listener.close()


@pytest.fixture
def dead_mail_server(settings: Any) -> None:
    """An address at which nobody listens."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
