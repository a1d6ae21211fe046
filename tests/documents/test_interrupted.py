"""Uploads that meet the real world: a line that breaks against a real server, and two uploads at the same moment."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from requests_app.documents import services
from requests_app.documents.models import Blob, Document
from requests_app.documents.store import Store
from requests_app.filing.models import RecordsRequest
from tests.documents.bodies import CONTENT_TYPE, CSV, body, files_under
from tests.factories import NOON
from tests.servers import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
TOKEN = "0123456789abcdefghijklmnopqrstuv"


def message(live_server: Any, client: Client, letter: RecordsRequest, content: bytes) -> bytes:
    """Return the whole HTTP message of an upload by this client's session."""
    path = reverse("documents:upload", args=[letter.reference])
    head = [
        f"POST {path} HTTP/1.1",
        f"Host: {urlsplit(live_server.url).netloc}",
        f"Cookie: sessionid={client.cookies['sessionid'].value}; csrftoken={TOKEN}",
        f"Content-Type: {CONTENT_TYPE}",
        f"Content-Length: {len(content)}",
        "Connection: close",
    ]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + content


def answer_to(live_server: Any, sent: bytes, then: Callable[[socket.socket], None]) -> bytes:
    """Send these bytes, do `then` with the socket, and return all that the server answers."""
    address = urlsplit(live_server.url)
    with socket.create_connection((address.hostname, address.port), timeout=20) as line:
        line.sendall(sent)
        then(line)
        answer = b""
        while part := line.recv(65536):
            answer += part
    return answer


def half_close(line: socket.socket) -> None:
    line.shutdown(socket.SHUT_WR)


@pytest.fixture
def content() -> bytes:
    return body(("a.csv", CSV), ("b.csv", CSV * 10_000), csrfmiddlewaretoken=TOKEN)


def test_the_same_message_whole_is_kept(
    live_server: Any, volunteer_client: Client, store: Store, letter: RecordsRequest, content: bytes
):
    answer = answer_to(live_server, message(live_server, volunteer_client, letter, content), half_close)
    assert answer.startswith(b"HTTP/1.1 302")
    assert Document.objects.count() == 2


@pytest.mark.parametrize("part", [0.3, 0.9], ids=["early", "late"])
def test_a_line_that_breaks_in_the_middle_leaves_nothing(
    live_server: Any, volunteer_client: Client, store: Store, letter: RecordsRequest, content: bytes, part: float
):
    whole = message(live_server, volunteer_client, letter, content)
    answer = answer_to(live_server, whole[: int(len(whole) * part)], half_close)
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"Nothing was half-stored" in answer
    assert files_under(store.folder) == []
    assert not Document.objects.exists() and not Blob.objects.exists()


def test_while_a_file_travels_it_has_no_name_and_when_the_sender_vanishes_its_room_is_free(
    live_server: Any, volunteer_client: Client, store: Store, letter: RecordsRequest, content: bytes
):
    whole = message(live_server, volunteer_client, letter, content)

    def spooling() -> bool:
        folder = str(store.incoming)
        return any(link.startswith(folder) for link in _open_files())

    address = urlsplit(live_server.url)
    with socket.create_connection((address.hostname, address.port), timeout=20) as line:
        line.sendall(whole[:-2000])
        assert wait_until(spooling), "the upload never reached the disk"
        assert files_under(store.folder) == []
    assert wait_until(lambda: not spooling()), "the spooled file stays open"
    assert files_under(store.folder) == []
    assert not Document.objects.exists()


def _open_files() -> list[str]:
    links = []
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            links.append(str(descriptor.readlink()))
        except FileNotFoundError:
            continue  # closed meanwhile
    return links


def test_the_same_file_twice_at_once_is_one_document(store: Store, letter: RecordsRequest):
    outcomes: list[Any] = []
    together = threading.Barrier(2)

    def bring() -> None:
        def chunks() -> Any:
            yield CSV
            together.wait(10)  # both have their bytes before either is settled

        try:
            outcome = services.receive_file(
                letter, chunks(), name="a.csv", received_on=date(2026, 3, 20), via="upload", by=None, now=NOON
            )
            outcomes.append(outcome)
        except Exception as trouble:  # noqa: BLE001  told by the assertion below
            outcomes.append(trouble)
        finally:
            connection.close()

    for _ in range(5):
        outcomes.clear()
        Document.objects.all().delete()
        Blob.objects.all().delete()
        threads = [threading.Thread(target=bring) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Duplicate", "Received"], outcomes
        assert Document.objects.count() == Blob.objects.count() == len(files_under(store.folder)) == 1
