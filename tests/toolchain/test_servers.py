"""The servers that other tests stand on."""

from __future__ import annotations

import contextlib
import os
import smtplib
import socket
import subprocess
import sys
from email.message import EmailMessage
from urllib.parse import urlsplit

import psycopg
import pytest
import redis as redis_client

from tests import servers

pytestmark = pytest.mark.processes


def answers(address: str) -> bool:
    parts = urlsplit(address)
    assert parts.hostname == "127.0.0.1"
    assert parts.port
    with socket.socket() as probe:
        return probe.connect_ex((parts.hostname, parts.port)) == 0


def test_postgresql_keeps_rows_and_is_gone_afterwards():
    with servers.postgresql() as address, psycopg.connect(address) as database:
        database.execute("CREATE TABLE note (words text)")
        database.execute("INSERT INTO note VALUES ('§ 1-302')")
        database.commit()
        with psycopg.connect(address) as another:
            assert another.execute("SELECT words FROM note").fetchone() == ("§ 1-302",)
    assert not answers(address)


def test_redis_answers_and_is_gone_afterwards():
    with servers.redis() as address, redis_client.Redis.from_url(address) as client:
        client.rpush("celery", "message")
        assert client.lpop("celery") == b"message"
    assert not answers(address)


def test_a_command_runs_in_the_served_setting_and_its_outcome_is_kept():
    program = "import os, sys; print(os.environ['DATABASE_URL'], os.environ['REDIS_URL']); sys.exit(7)"
    done = subprocess.run(
        [sys.executable, "-m", "tests.servers", "--", sys.executable, "-c", program],
        cwd=servers.ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 7
    database, broker = done.stdout.split()
    assert database.startswith("postgres://")
    assert broker.startswith("redis://")
    assert not answers(database)
    assert not answers(broker)


def letter(to: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "records@example.org", to, "Request MD-2026-0007 (§ 4-203)"
    message.set_content("Please send the records.\n")
    return message


def test_the_mail_server_keeps_what_it_gets():
    with servers.mail_server() as mailbox:
        with smtplib.SMTP("127.0.0.1", mailbox.port) as client:
            client.send_message(letter("agency@example.gov"))
        (message,) = mailbox.wait_for(1)
        assert message["Subject"] == "Request MD-2026-0007 (§ 4-203)"
        assert message.get_content() == "Please send the records.\n"
        assert mailbox.deliveries[0].recipients == ("agency@example.gov",)
    assert not answers(mailbox.url)


def test_the_mail_server_refuses_whom_it_shall_refuse():
    with servers.mail_server() as mailbox, smtplib.SMTP("127.0.0.1", mailbox.port) as client:
        mailbox.refuse["gone@example.gov"] = "550 5.1.1 No such mailbox"
        with pytest.raises(smtplib.SMTPRecipientsRefused, match="No such mailbox"):
            client.send_message(letter("gone@example.gov"))
        client.send_message(letter("agency@example.gov"))
        assert len(mailbox.messages) == 1


def test_the_mailboxes_hold_what_is_put_into_them_and_are_gone_afterwards():
    with servers.imap_server() as boxes:
        boxes.put("ann", b"Subject: One\r\n\r\nText\r\n")
        boxes.mark("ann", r"(\Flagged)")
        assert len(boxes.flags("ann")) == 1 and "\\Flagged" in boxes.flags("ann")[0]
        assert boxes.flags("bob") == []
        assert answers(boxes.url("ann"))
    assert not answers(boxes.url("ann"))


def test_waiting_for_mail_that_does_not_come_fails_in_words():
    with servers.mail_server() as mailbox, pytest.raises(AssertionError, match=r"0 of 1 messages came in 0.1 seconds"):
        mailbox.wait_for(1, seconds=0.1)


def test_a_program_that_ends_at_once_shows_its_last_words(tmp_path):
    command = [sys.executable, "-c", "import sys; sys.exit('the port is taken')"]
    with (
        pytest.raises(servers.DidNotStart, match="the port is taken"),
        servers.running("server", command, folder=tmp_path, ready=lambda _: False),
    ):
        pytest.fail("the block must not run")


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_no_child_outlives_its_process(tmp_path, end):
    # A child that ignores a polite request, as a busy worker's may.
    child = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
    )
    parent = (
        "import subprocess, sys; "
        f"child = subprocess.Popen([sys.executable, '-c', {child!r}]); print(child.pid, flush=True); child.wait()"
    )
    with servers.running(
        "parent", [sys.executable, "-c", parent], folder=tmp_path, ready=lambda p: "up" in p.log
    ) as running:
        pid = int(running.log.split()[0])
        getattr(running, end)()
        assert not running.alive
        assert servers.wait_until(lambda: not is_running(pid))


def is_running(pid: int) -> bool:
    """Say whether the process does anything: a dead child that nobody has asked after yet does not."""
    try:
        with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123  a file of the kernel
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("setting", ["embedded", "redis"])
def test_a_real_worker_takes_a_task_that_another_process_sent(tmp_path, setting):
    with servers.redis() if setting == "redis" else contextlib.nullcontext("") as broker:
        environment = {
            "DATA_DIR": str(tmp_path),
            "REDIS_URL": broker,
            "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3",
        }
        with servers.celery_worker(environment) as worker:
            # A task that every Celery application has.
            program = (
                "from foia.celery import app; app.send_task('celery.backend_cleanup', task_id='from-another-process')"
            )
            subprocess.run(
                [sys.executable, "-c", program],
                cwd=servers.ROOT, env={**os.environ, "READ_DOT_ENV": "False", **environment}, check=True,
            )  # fmt: skip
            assert servers.wait_until(lambda: "celery.backend_cleanup[from-another-process] succeeded" in worker.log)
        assert not worker.alive
