"""What a mail server delivers: by the pipe command and by the LMTP listener, both as real processes."""

from __future__ import annotations

import os
import resource
import smtplib
import socket
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.db import OperationalError

from foia import checks
from requests_app.correspondence.incoming import services
from requests_app.correspondence.incoming.models import Arrival, RawMail
from requests_app.correspondence.management.commands.receive_mail import receive
from requests_app.documents.store import Store
from tests import servers
from tests.correspondence.incoming.mails import ADDRESS, mail

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="module")
def surroundings(django_db_setup: None, folder: Path) -> dict[str, str]:
    """The environment in which a process of our own works on the tests' database and store."""
    return {
        "READ_DOT_ENV": "False",
        "DATABASE_URL": servers.database_address(),
        "STORE_DIR": str(folder),
        "MAIL_IN_LIMIT_MB": "1",
    }


@pytest.fixture
def store(settings: Any, folder: Path) -> Store:
    settings.STORE_DIR = str(folder)
    return services.the_mail_store()


# --- The pipe ------------------------------------------------------------------------------------------------------


def pipe(raw: bytes, surroundings: dict[str, str], *envelope: str, **facts: Any) -> subprocess.CompletedProcess[bytes]:
    """Run the script that a mail server runs, from wherever the mail server is."""
    return subprocess.run(
        [servers.ROOT / "bin" / "receive-mail", *envelope], input=raw, cwd="/", capture_output=True, check=False,
        env={**os.environ, "DAYLIGHT_PYTHON": sys.executable, **surroundings}, **facts,
    )  # fmt: skip


def test_a_piped_mail_is_kept_and_the_mail_server_is_told_so(surroundings: dict[str, str], store: Store):
    raw = mail()
    ended = pipe(raw, surroundings, "records@agency.example", ADDRESS, "two words@reply.example")
    assert ended.returncode == os.EX_OK, ended.stderr
    kept = RawMail.objects.get()
    assert store.path(kept.pk).read_bytes() == raw
    arrival = Arrival.objects.get()
    assert (arrival.way, arrival.envelope_from) == ("pipe", "records@agency.example")
    assert arrival.envelope_to == [ADDRESS, "two words@reply.example"]
    assert b"agency.example" not in ended.stdout + ended.stderr  # logs carry no address


def test_settings_that_do_not_load_make_the_mail_server_try_later(surroundings: dict[str, str]):
    broken = {**surroundings, "DAYLIGHT_MODE": "nonsense"}
    ended = subprocess.run(
        [sys.executable, "manage.py", "receive_mail"], input=mail(), cwd=servers.ROOT, capture_output=True, check=False,
        env={**os.environ, **broken},
    )  # fmt: skip
    assert ended.returncode == os.EX_TEMPFAIL  # by itself, without the script


def test_what_is_wrong_decides_between_later_and_never(store: Store, settings: Any, monkeypatch: pytest.MonkeyPatch):
    settings.MAIL_IN_LIMIT_MB = 1
    assert receive(BytesIO(b""), None, None) == os.EX_TEMPFAIL
    assert receive(BytesIO(b"x" * (1024 * 1024 + 1)), None, None) == os.EX_DATAERR
    with monkeypatch.context() as broken:
        broken.setattr(RawMail.objects, "get_or_create", lambda **facts: (_ for _ in ()).throw(OperationalError))
        assert receive(BytesIO(mail()), None, None) == os.EX_TEMPFAIL
    assert not RawMail.objects.exists()
    monkeypatch.setenv("SENDER", "records@agency.example")
    monkeypatch.setenv("ORIGINAL_RECIPIENT", ADDRESS)
    assert receive(BytesIO(mail()), None, None) == os.EX_OK
    assert Arrival.objects.values_list("envelope_from", "envelope_to").get() == ("records@agency.example", [ADDRESS])


def test_a_disk_that_takes_no_more_sends_the_mail_back_to_the_queue(surroundings: dict[str, str], store: Store):
    """The kernel itself refuses: no file of the process may grow beyond 20,000 bytes."""

    def bounded() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    ended = pipe(mail(text="x\n" * 20_000), surroundings, preexec_fn=bounded)
    assert ended.returncode == os.EX_TEMPFAIL, ended.stderr
    assert b"DiskFull" in ended.stderr
    assert not RawMail.objects.exists() and store.left_over() == []


def test_the_script_says_try_later_when_there_is_no_python(surroundings: dict[str, str]):
    ended = pipe(mail(), {**surroundings, "DAYLIGHT_PYTHON": "/nowhere/python"}, "", ADDRESS)
    assert ended.returncode == os.EX_TEMPFAIL


# --- The listener ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def listener(surroundings: dict[str, str]) -> Iterator[int]:
    with servers.lmtp_listener(surroundings) as port:
        yield port


def test_the_health_check_of_the_container_hears_the_listener(listener: int):
    compose = yaml.safe_load((Path(__file__).resolve().parents[3] / "docker-compose.yml").read_text())
    *_command, asks = compose["services"]["mail"]["healthcheck"]["test"]
    for port, status in ((listener, 0), (servers.free_port(), 1)):
        ended = subprocess.run([sys.executable, "-c", asks.replace("8024", str(port))], capture_output=True)
        assert ended.returncode == status, ended.stderr


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


def test_a_store_that_takes_nothing_makes_the_mail_server_keep_the_mail(listener: int, store: Store):
    store.incoming.mkdir(parents=True, exist_ok=True)
    store.incoming.rename(store.folder / "elsewhere")
    store.incoming.touch()
    try:
        with smtplib.LMTP("127.0.0.1", listener) as server, pytest.raises(smtplib.SMTPDataError) as refusal:
            server.sendmail("records@agency.example", [ADDRESS], mail())
    finally:
        store.incoming.unlink()
        (store.folder / "elsewhere").rename(store.incoming)
    assert refusal.value.smtp_code == 452
    assert not RawMail.objects.exists()
    with smtplib.LMTP("127.0.0.1", listener) as server:
        assert server.sendmail("records@agency.example", [ADDRESS], mail()) == {}


def test_a_sender_that_vanishes_in_the_middle_leaves_nothing(listener: int, store: Store):
    with socket.create_connection(("127.0.0.1", listener), timeout=60) as line:
        line.sendall(b"LHLO x\r\nMAIL FROM:<a@agency.example>\r\nRCPT TO:<b@reply.example>\r\nDATA\r\n" + mail()[:-20])
    with smtplib.LMTP("127.0.0.1", listener) as server:
        assert server.noop()[0] == 250
    assert not RawMail.objects.exists() and store.left_over() == []


def test_the_same_mail_by_the_listener_and_the_pipe_is_one(listener: int, surroundings: dict[str, str], store: Store):
    raw = mail()
    with smtplib.LMTP("127.0.0.1", listener) as server:
        server.sendmail("records@agency.example", [ADDRESS], raw)
    assert receive(BytesIO(raw), "records@agency.example", [ADDRESS]) == os.EX_OK
    assert RawMail.objects.count() == 1 and Arrival.objects.count() == 2
    assert store.path(RawMail.objects.get().pk).read_bytes() == raw


# --- The settings ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        pytest.param({}, set(), id="nothing-set"),
        pytest.param({"MAIL_IN_IMAP_URL": "mail.example.org"}, {"daylight.E004"}, id="no-url"),
        pytest.param({"MAIL_DNS_SERVERS": ["192.0.2.1", "127.0.0.1:5353", "::1", "[::1]:53"]}, set(), id="dns-servers"),
        pytest.param({"MAIL_DNS_SERVERS": ["dns.example.org"]}, {"daylight.E006"}, id="dns-by-name"),
        pytest.param({"MAIL_DNS_SERVERS": ["192.0.2.1:dns"]}, {"daylight.E006"}, id="dns-port-is-none"),
        pytest.param({"MAIL_DNS_SERVERS": ["x"], "MAIL_VERIFY_DKIM": False}, set(), id="dns-not-asked"),
        pytest.param(
            {"MAIL_IN_IMAP_URL": "imaps://u:p@mail.example.org/INBOX", "PRODUCTION": True},
            {"daylight.W004"},
            id="nobodys-word-counts",
        ),
        pytest.param(
            {"MAIL_IN_IMAP_URL": "imaps://u:p@mail.example.org/", "PRODUCTION": True, "MAIL_AUTHSERV_ID": "mx.x"},
            set(),
            id="in-order",
        ),
    ],
)
def test_the_checks_at_start_name_what_is_wrong(settings: Any, facts: dict[str, Any], found: set[str]):
    settings.MAIL_IN_IMAP_URL = settings.MAIL_AUTHSERV_ID = ""
    for name, value in facts.items():
        setattr(settings, name, value)
    assert {one.id for one in checks.mail_comes_in(None)} == found
