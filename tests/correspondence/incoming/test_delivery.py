"""What a mail server delivers: by the pipe command and by the LMTP listener, both as real processes."""

from __future__ import annotations

import os
import resource
import smtplib
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from requests_app.correspondence.incoming import services
from requests_app.correspondence.incoming.models import Arrival, RawMail
from requests_app.documents.store import Store
from tests import servers
from tests.correspondence.incoming.mails import ADDRESS, mail

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]


@pytest.fixture
def surroundings(store: Store, settings: Any) -> dict[str, str]:
    """The environment in which a process of our own works on the test's database and store."""
    return {
        "READ_DOT_ENV": "False",
        "DATABASE_URL": servers.database_address(),
        "STORE_DIR": settings.STORE_DIR,
        "MAIL_IN_LIMIT_MB": "1",
    }


# --- The pipe ------------------------------------------------------------------------------------------------------


def pipe(raw: bytes, surroundings: dict[str, str], *options: str, **facts: Any) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "manage.py", "receive_mail", *options],
        input=raw, env={**os.environ, **surroundings}, cwd=servers.ROOT, capture_output=True, check=False, **facts,
    )  # fmt: skip


def test_a_piped_mail_is_kept_and_the_mail_server_is_told_so(surroundings: dict[str, str], store: Store):
    raw = mail()
    ended = pipe(raw, surroundings, "--from", "records@agency.example", "--to", ADDRESS, "--to", "b@reply.example")
    assert ended.returncode == os.EX_OK, ended.stderr
    kept = RawMail.objects.get()
    assert store.path(kept.pk).read_bytes() == raw
    arrival = Arrival.objects.get()
    assert (arrival.way, arrival.envelope_from) == ("pipe", "records@agency.example")
    assert arrival.envelope_to == [ADDRESS, "b@reply.example"]
    assert b"agency.example" not in ended.stdout + ended.stderr  # logs carry no address


def test_the_script_for_mail_servers_reads_the_envelope_from_its_arguments(surroundings: dict[str, str]):
    ended = subprocess.run(
        [servers.ROOT / "bin" / "receive-mail", "", ADDRESS, "two words@reply.example"],
        input=mail(), env={**os.environ, **surroundings, "DAYLIGHT_PYTHON": sys.executable}, cwd="/", check=False,
    )  # fmt: skip
    assert ended.returncode == os.EX_OK
    assert Arrival.objects.get().envelope_to == [ADDRESS, "two words@reply.example"]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        pytest.param({"DATABASE_URL": "sqlite:////proc/nowhere/daylight.sqlite3"}, os.EX_TEMPFAIL, id="no-database"),
        pytest.param({"DAYLIGHT_MODE": "nonsense"}, os.EX_TEMPFAIL, id="settings-that-do-not-load"),
        pytest.param({"PYTHONPATH": "/proc", "DJANGO_SETTINGS_MODULE": "nowhere"}, os.EX_TEMPFAIL, id="no-settings"),
    ],
)
def test_whatever_is_wrong_the_mail_server_is_told_to_try_later(
    surroundings: dict[str, str], change: dict[str, str], status: int
):
    assert pipe(mail(), {**surroundings, **change}).returncode == status
    assert not RawMail.objects.exists()


def test_an_empty_mail_is_to_come_again_and_one_that_is_too_large_is_not(surroundings: dict[str, str]):
    assert pipe(b"", surroundings).returncode == os.EX_TEMPFAIL
    assert pipe(b"x" * (1024 * 1024 + 1), surroundings).returncode == os.EX_DATAERR
    assert not RawMail.objects.exists()


def test_a_disk_that_takes_no_more_sends_the_mail_back_to_the_queue(surroundings: dict[str, str], store: Store):
    """The kernel itself refuses: no file of the process may grow beyond 20,000 bytes."""

    def bounded() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    ended = pipe(mail(text="x\n" * 20_000), surroundings, preexec_fn=bounded)
    assert ended.returncode == os.EX_TEMPFAIL, ended.stderr
    assert b"DiskFull" in ended.stderr
    assert list(store.blobs()) == [] == store.left_over()


def test_the_script_says_try_later_when_there_is_no_python(surroundings: dict[str, str]):
    ended = subprocess.run(
        [servers.ROOT / "bin" / "receive-mail", "", ADDRESS],
        input=mail(), env={**os.environ, **surroundings, "DAYLIGHT_PYTHON": "/nowhere/python"},
        capture_output=True, check=False,
    )  # fmt: skip
    assert ended.returncode == os.EX_TEMPFAIL


# --- The listener ---------------------------------------------------------------------------------------------------


@pytest.fixture
def listener(surroundings: dict[str, str]) -> Iterator[int]:
    with servers.lmtp_listener(surroundings) as port:
        yield port


def test_a_delivered_mail_is_kept_before_it_is_answered(listener: int, store: Store):
    raw = mail(text="A line\n.\n..dots\n" + "long " * 2000 + "\n")
    with smtplib.LMTP("127.0.0.1", listener) as server:
        assert server.sendmail("records@agency.example", [ADDRESS], raw) == {}
        kept = RawMail.objects.get()
        assert store.path(kept.pk).read_bytes() == raw
        assert server.sendmail("", [ADDRESS], mail()) == {}  # a bounce has no sender; and one line takes many mails
    assert list(Arrival.objects.values_list("way", "envelope_from", "envelope_to")) == [
        ("lmtp", "records@agency.example", [ADDRESS]),
        ("lmtp", "", [ADDRESS]),
    ]


def test_every_recipient_gets_an_answer_and_too_large_is_refused_for_good(listener: int):
    with socket.create_connection(("127.0.0.1", listener), timeout=60) as line, line.makefile("rwb") as talk:

        def say(words: bytes) -> None:
            talk.write(words + b"\r\n")
            talk.flush()

        def answers(words: bytes) -> bytes:
            say(words)
            while (heard := talk.readline())[3:4] == b"-":
                pass
            return heard[:3]

        assert talk.readline().startswith(b"220")
        assert answers(b"LHLO mx.reply.example") == b"250"
        for body, expected in ((mail().rstrip(b"\r\n"), b"250"), (b"x" * 2_500_000, b"552")):
            assert answers(b"MAIL FROM:<records@agency.example>") == b"250"
            assert answers(b"RCPT TO:<a@reply.example>") == answers(b"RCPT TO:<b@reply.example>") == b"250"
            assert answers(b"DATA") == b"354"
            say(body)
            assert answers(b".") == expected
            assert talk.readline()[:3] == expected
        assert answers(b"QUIT") == b"221"
    assert Arrival.objects.get().envelope_to == ["a@reply.example", "b@reply.example"]


def test_a_store_that_takes_nothing_makes_the_mail_server_keep_the_mail(surroundings: dict[str, str]):
    with (
        servers.lmtp_listener({**surroundings, "STORE_DIR": "/proc/nowhere"}) as port,
        smtplib.LMTP("127.0.0.1", port) as server,
        pytest.raises(smtplib.SMTPDataError) as refusal,
    ):
        server.sendmail("records@agency.example", [ADDRESS], mail())
    assert refusal.value.smtp_code == 452
    assert not RawMail.objects.exists()


def test_a_sender_that_vanishes_in_the_middle_leaves_nothing(listener: int, store: Store):
    with socket.create_connection(("127.0.0.1", listener), timeout=60) as line:
        line.sendall(b"LHLO x\r\nMAIL FROM:<a@agency.example>\r\nRCPT TO:<b@reply.example>\r\nDATA\r\n" + mail()[:-20])
    with smtplib.LMTP("127.0.0.1", listener) as server:
        assert server.noop()[0] == 250
    assert not RawMail.objects.exists() and store.left_over() == []


def test_the_same_mail_by_the_listener_and_the_pipe_is_one(listener: int, surroundings: dict[str, str]):
    raw = mail()
    with smtplib.LMTP("127.0.0.1", listener) as server:
        server.sendmail("records@agency.example", [ADDRESS], raw)
    assert pipe(raw, surroundings).returncode == os.EX_OK
    assert RawMail.objects.count() == 1 and Arrival.objects.count() == 2
    assert services.the_mail_store().path(RawMail.objects.get().pk).read_bytes() == raw
