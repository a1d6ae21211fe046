"""Raw first: what a way in was told is safe is on the disk and in a row, once, whatever goes wrong."""

from __future__ import annotations

import errno
import os
import tempfile
import threading
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from requests_app.correspondence.incoming import services
from requests_app.correspondence.incoming.models import Arrival, IncomingMessage, RawMail
from requests_app.documents.store import DiskFull, EmptyFile, Store, TooLarge
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import AuditEntry, Person
from tests.correspondence.incoming.mails import mail
from tests.factories import NOON, PersonFactory

pytestmark = pytest.mark.django_db


def take(raw: bytes, **facts: Any) -> RawMail:
    return services.take_in([raw], **{"way": "pipe", "now": NOON, **facts})


def test_a_mail_is_kept_byte_for_byte_and_noted(store: Store):
    raw = mail()
    kept = take(raw, envelope_from="records@agency.example", envelope_to=["records+x@reply.example"])
    assert store.path(kept.pk).read_bytes() == raw
    assert (kept.state, kept.size, kept.stored_at) == ("waiting", len(raw), NOON)
    arrival = Arrival.objects.get()
    assert (arrival.raw, arrival.envelope_to) == (kept, ["records+x@reply.example"])
    assert store.left_over() == []


def test_the_same_bytes_twice_are_one_mail_and_two_arrivals(store: Store):
    raw = mail()
    assert take(raw) == take(raw, way="lmtp")
    assert RawMail.objects.count() == 1 and Arrival.objects.count() == 2


def test_an_envelope_that_no_database_takes_holds_back_no_mail(store: Store):
    raw = take(mail(), envelope_from="a\x00b@agency.example", envelope_to=["c\udce9d@localhost"])
    arrival = Arrival.objects.get(raw=raw)
    assert (arrival.envelope_from, arrival.envelope_to) == ("ab@agency.example", ["c?d@localhost"])


def test_the_same_source_twice_is_one_arrival(store: Store):
    raw = mail()
    for _time in range(3):
        take(raw, way="imap", source_key="ann@host/INBOX/1/7")
    assert RawMail.objects.count() == 1 == Arrival.objects.count()


@pytest.mark.django_db(transaction=True)
def test_two_ways_at_the_same_moment_are_one_mail(store: Store):
    raw, together, kept = mail(), threading.Barrier(4), []

    def bring(way: str) -> None:
        def chunks() -> Any:
            yield raw[:100]
            together.wait(20)
            yield raw[100:]

        try:
            kept.append(services.take_in(chunks(), way=way, now=NOON))
        finally:
            connection.close()

    threads = [threading.Thread(target=bring, args=(way,)) for way in ("imap", "lmtp", "pipe", "webhook")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(kept) == 4 and RawMail.objects.count() == 1 and Arrival.objects.count() == 4


def test_an_empty_mail_and_one_that_is_too_large_are_not_kept(store: Store, settings: Any):
    settings.MAIL_IN_LIMIT_MB = 1
    with pytest.raises(EmptyFile):
        take(b"")
    with pytest.raises(TooLarge):
        take(b"x" * (1024 * 1024 + 1))
    assert not RawMail.objects.exists() and list(store.blobs()) == [] == store.left_over()


CALLS = ["mkdir", "mkstemp", "write", "fsync", "rename", "flush-folder"]


def fail_at(call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let one call on the way to the disk say that there is no room."""

    def full(*args: Any, **kwargs: Any) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device")

    if call == "mkdir":
        monkeypatch.setattr(Path, "mkdir", full)
    elif call == "mkstemp":
        monkeypatch.setattr(tempfile, "mkstemp", full)
    elif call == "write":
        monkeypatch.setattr("requests_app.documents.store.local._copy", full)
    elif call == "fsync":
        monkeypatch.setattr(os, "fsync", full)
    elif call == "rename":
        monkeypatch.setattr(Path, "rename", full)
    else:
        monkeypatch.setattr("requests_app.documents.store.local._flush_folder", full)


@pytest.mark.parametrize("call", CALLS)
def test_a_full_disk_at_any_write_is_said_and_nothing_is_noted(
    store: Store, monkeypatch: pytest.MonkeyPatch, call: str
):
    raw = mail()
    with monkeypatch.context() as broken, pytest.raises(DiskFull):
        fail_at(call, broken)
        take(raw)
    assert not RawMail.objects.exists() and not Arrival.objects.exists() and store.left_over() == []
    assert store.path(take(raw).pk).read_bytes() == raw  # and when there is room again, it comes in


def test_a_crash_between_the_file_and_its_row_leaves_a_file_that_the_next_try_takes_over(
    store: Store, monkeypatch: pytest.MonkeyPatch
):
    raw = mail()
    with monkeypatch.context() as broken, pytest.raises(RuntimeError):
        broken.setattr(RawMail.objects, "get_or_create", lambda **facts: (_ for _ in ()).throw(RuntimeError))
        take(raw)
    assert len(list(store.blobs())) == 1 and not RawMail.objects.exists()
    take(raw)
    assert len(list(store.blobs())) == 1 == RawMail.objects.count()


def test_an_administrator_erases_a_mail_and_the_reason_stays(store: Store, letter: RecordsRequest):
    ada, raw = PersonFactory(handle="ada", roles=["administrator"]), mail(subject="Secret", text="private")
    kept = take(raw, envelope_from="records@agency.example")
    services.process(kept.pk, now=NOON)
    services.erase(kept.pk, by=ada, why="A court ordered it.", now=NOON)
    kept.refresh_from_db()
    assert (kept.erased_by, kept.erased_why, kept.erased_at) == (ada, "A court ordered it.", NOON)
    assert not store.path(kept.pk).exists()
    message = IncomingMessage.objects.get()
    assert (message.subject, message.text, message.from_address) == ("", "", "")
    assert Arrival.objects.get().envelope_from == ""
    assert AuditEntry.objects.filter(action="mail erased").count() == 1
    take(raw)  # the mail server delivers it again
    assert not store.path(kept.pk).exists() and Arrival.objects.count() == 2
    assert services.reprocess(RawMail.objects.all()) == 0


def test_an_administrator_erases_a_message_on_its_page_and_every_copy_goes(store: Store, letter: RecordsRequest):
    ada = PersonFactory(handle="ada", roles=["administrator"])
    raw = mail(subject="Secret", text="private")
    first = take(raw)
    services.process(first.pk, now=NOON)
    second = take(b"Received: from a by b; Tue, 03 Mar 2026 10:00:00 -0500\r\n" + raw)
    services.process(second.pk, now=NOON)
    (message,) = IncomingMessage.objects.all()
    assert message.copies.count() == 2
    client = Client()
    client.force_login(ada)
    where = reverse("correspondence:message-erase", args=[message.pk])
    page = client.get(where).content.decode()
    assert "Secret" in page and "All 2 copies" in page
    for refused in ({"why": " ", "meant": "on"}, {"why": "A court ordered it."}, {"why": "x\x00", "meant": "on"}):
        assert client.post(where, refused).status_code == 422
    assert store.path(first.pk).exists()
    assert client.post(where, {"why": "A court ordered it.", "meant": "on"}).status_code == 302
    assert not store.path(first.pk).exists() and not store.path(second.pk).exists()
    page = client.get(where).content.decode()
    assert "This message is erased" in page and "Secret" not in page and page.count("A court ordered it.") == 2
    assert client.post(where, {"why": "Again", "meant": "on"}).status_code == 302
    assert set(RawMail.objects.values_list("erased_why", flat=True)) == {"A court ordered it."}
    assert AuditEntry.objects.filter(action="mail erased", actor=ada).count() == 2


def test_a_message_is_erased_from_the_shell_too(store: Store, letter: RecordsRequest, bob: Person):
    PersonFactory(handle="ada", roles=["administrator"])
    kept = take(mail())
    services.process(kept.pk, now=NOON)
    number = str(IncomingMessage.objects.get().pk)
    for by, which in (("bob", number), ("nobody", number), ("a\x00", number), ("ada", "999999"), ("ada", "-1")):
        with pytest.raises(CommandError, match="Nothing was erased"):
            call_command("erase_mail", f"--by={by}", "--why=A court ordered it.", "--", which)
    with pytest.raises(CommandError, match="Say why"):
        call_command("erase_mail", number, by="ada", why="  ")
    said = StringIO()
    call_command("erase_mail", number, by="ADA", why="A court ordered it.", stdout=said)
    call_command("erase_mail", number, by="ada", why="Again.", stdout=said)
    assert said.getvalue() == f"Message {number}: 1 copies erased.\nIt was erased before.\n"
    assert not store.path(kept.pk).exists()


def test_nobody_else_erases_a_mail_and_nobody_without_a_reason(store: Store, bob: Person):
    kept = take(mail())
    with pytest.raises(services.NotErased):
        services.erase(kept.pk, by=bob, why="I want to", now=NOON)
    with pytest.raises(services.NotErased):
        services.erase(kept.pk, by=PersonFactory(roles=["administrator"]), why="  ", now=NOON)
    assert store.path(kept.pk).exists()
