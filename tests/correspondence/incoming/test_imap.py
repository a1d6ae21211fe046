"""The mailbox that is polled: a real Dovecot, lines that break, folders that begin anew."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from requests_app.correspondence import tasks
from requests_app.correspondence.incoming.models import Arrival, IncomingMessage, RawMail
from requests_app.correspondence.incoming.ways import imap
from requests_app.correspondence.incoming.ways.imap import Mailbox, NotPolled, Polled, _quoted, poll
from requests_app.documents.store import Store
from requests_app.filing.models import RecordsRequest
from tests import servers
from tests.correspondence.incoming.mails import PDF, mail
from tests.correspondence.incoming.proxies import breaking_line
from tests.factories import NOON
from tests.servers import Mailboxes

pytestmark = [pytest.mark.django_db, pytest.mark.processes, pytest.mark.usefixtures("store")]
_users = count(1)


@pytest.fixture(scope="module")
def boxes() -> Iterator[Mailboxes]:
    with servers.imap_server() as boxes:
        yield boxes


@pytest.fixture
def user() -> str:
    """A user of the test's own, with an empty INBOX."""
    return f"user{next(_users)}"


def fetch(boxes: Mailboxes, user: str, *, folder: str = "INBOX", filed: str = "", port: int | None = None) -> Polled:
    return poll(Mailbox.from_url(boxes.url(user, folder, port)), filed_folder=filed, now=lambda: NOON)


def test_what_is_new_is_kept_and_then_marked_and_not_fetched_again(boxes: Mailboxes, user: str, store: Store):
    raws = [mail(subject=f"Number {number}") for number in range(3)]
    boxes.put(user, *raws)
    assert fetch(boxes, user) == Polled(taken=3)
    kept = {store.path(sha256).read_bytes() for sha256 in RawMail.objects.values_list("pk", flat=True)}
    assert kept == set(raws)
    assert [flags.split() for flags in boxes.flags(user)] == [["\\Seen"]] * 3
    assert fetch(boxes, user) == Polled()
    boxes.put(user, mail())
    assert fetch(boxes, user) == Polled(taken=1)
    assert Arrival.objects.count() == 4


def test_what_a_person_has_read_in_a_mail_program_is_fetched_all_the_same(boxes: Mailboxes, user: str):
    boxes.put(user, mail(), mail())
    boxes.mark(user, r"(\Seen \Answered)")
    assert fetch(boxes, user) == Polled(taken=2)


@pytest.mark.parametrize("folder", ["Filed", "Taken in & kept", "Übernommen"])
def test_kept_mail_is_moved_where_a_folder_is_named(boxes: Mailboxes, user: str, folder: str):
    boxes.put(user, mail(), mail())
    assert fetch(boxes, user, filed=folder) == Polled(taken=2)
    assert boxes.flags(user) == []
    assert len(boxes.flags(user, _quoted(folder))) == 2
    assert fetch(boxes, user, filed=folder) == Polled()


def test_kept_mail_is_moved_by_a_server_that_knows_no_move(
    boxes: Mailboxes, user: str, monkeypatch: pytest.MonkeyPatch
):
    real = imap._Desk.mark

    def older(desk: imap._Desk, uid: int) -> None:
        desk.server.capabilities = tuple(one for one in desk.server.capabilities if one != "MOVE")
        real(desk, uid)

    monkeypatch.setattr(imap._Desk, "mark", older)
    boxes.put(user, mail())
    assert fetch(boxes, user, filed="Filed") == Polled(taken=1)
    assert boxes.flags(user) == [] and len(boxes.flags(user, "Filed")) == 1


@pytest.mark.parametrize("filed", ["", "Filed"], ids=["marked", "moved"])
def test_what_was_kept_but_not_marked_before_a_crash_is_marked_then(
    boxes: Mailboxes, user: str, monkeypatch: pytest.MonkeyPatch, filed: str
):
    boxes.put(user, mail(), mail())
    with monkeypatch.context() as broken, pytest.raises(KeyboardInterrupt):
        broken.setattr(imap._Desk, "mark", lambda desk, uid: (_ for _ in ()).throw(KeyboardInterrupt))
        fetch(boxes, user, filed=filed)
    assert RawMail.objects.count() == 1 and "\\Seen" not in boxes.flags(user)[0]
    assert fetch(boxes, user, filed=filed) == Polled(taken=1, marked=1)
    assert RawMail.objects.count() == 2 == Arrival.objects.count()


def test_a_folder_that_begins_anew_doubles_nothing(boxes: Mailboxes, user: str):
    """UIDVALIDITY changes: every number means another mail now, and the bytes say which are the same."""
    boxes.put(user, mail(), mail())
    boxes.begin_anew(user)
    assert fetch(boxes, user, folder="again") == Polled(taken=2)
    boxes.begin_anew(user)
    assert fetch(boxes, user, folder="again") == Polled(taken=2)
    assert RawMail.objects.count() == 2 and Arrival.objects.count() == 4


@pytest.mark.parametrize("part", [0.02, 0.3, 0.6, 0.99])
def test_a_line_that_breaks_in_the_middle_of_a_mail_loses_and_doubles_nothing(boxes: Mailboxes, user: str, part: float):
    raws = [mail(files=(("a.pdf", PDF + os.urandom(30_000)),)) for _number in range(3)]
    boxes.put(user, *raws)
    with breaking_line(boxes.port) as line:
        line.cut_after = int(sum(map(len, raws)) * part)
        with pytest.raises(NotPolled):
            fetch(boxes, user, port=line.port)
        assert line.cuts == 1
        before = RawMail.objects.count()
        assert before == Arrival.objects.count() < 3
        assert sum("\\Seen" in flags for flags in boxes.flags(user)) in {before, before - 1}
        line.cut_after = None
        assert fetch(boxes, user, port=line.port).taken == 3 - before
    assert RawMail.objects.count() == 3 == Arrival.objects.count()
    assert [flags.split() for flags in boxes.flags(user)] == [["\\Seen"]] * 3


def test_a_full_disk_leaves_the_mail_in_the_mailbox(boxes: Mailboxes, user: str, monkeypatch: pytest.MonkeyPatch):
    boxes.put(user, mail(), mail())

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as broken, pytest.raises(NotPolled, match="DiskFull"):
        broken.setattr(os, "fsync", full)
        fetch(boxes, user)
    assert not RawMail.objects.exists() and not any("\\Seen" in flags for flags in boxes.flags(user))
    assert fetch(boxes, user) == Polled(taken=2)


def test_a_mail_larger_than_the_limit_is_named_and_stays_in_the_mailbox(
    boxes: Mailboxes, user: str, settings: Any, letter: RecordsRequest
):
    settings.MAIL_IN_LIMIT_MB = 1
    boxes.put(user, mail(subject="Everything", files=(("a.pdf", PDF + bytes(1_500_000)),)), mail())
    assert fetch(boxes, user, filed="Filed").taken == 1
    assert len(boxes.flags(user)) == 1 == len(boxes.flags(user, "Filed"))
    tasks.process_mail()
    message = IncomingMessage.objects.get(raw__headers_only=True)
    assert (message.state, message.triage_reason, message.subject) == ("triage", "too_large", "Everything")
    assert fetch(boxes, user, filed="Filed").taken == 0
    assert len(boxes.flags(user)) == 1  # and there it stays


def test_a_mailbox_that_cannot_be_opened_is_said_without_its_password(boxes: Mailboxes, user: str, settings: Any):
    settings.MAIL_IN_IMAP_URL = boxes.url(user).replace(":open@", ":wrong-secret@")
    with pytest.raises(CommandError) as said:
        call_command("poll_mail")
    assert "could not be read to the end" in str(said.value) and "wrong-secret" not in str(said.value)
    with pytest.raises(NotPolled):
        fetch(boxes, user, folder="Nowhere")
    tasks.poll_mail()  # the beat goes on


@pytest.mark.parametrize(
    "url", ["", "https://mail.example.org/INBOX", "imaps://mail.example.org", "imaps://u:hidden@/INBOX"]
)
def test_a_url_that_is_none_is_said_without_repeating_it(url: str):
    with pytest.raises(ValueError, match="is not like imaps://user:password@") as said:
        Mailbox.from_url(url)
    assert "hidden" not in str(said.value)


def test_a_url_says_all_there_is_to_know():
    found = Mailbox.from_url("imaps://ann%40example.org:p%3Aw@mail.example.org/Public%20Records")
    assert (found.user, found.password, found.port, found.folder) == ("ann@example.org", "p:w", 993, "Public Records")
    assert "p:w" not in repr(found)


def test_from_the_mailbox_to_the_request_by_the_workers_own_tasks(
    boxes: Mailboxes, user: str, settings: Any, letter: RecordsRequest
):
    settings.MAIL_IN_IMAP_URL = boxes.url(user)
    boxes.put(user, mail(files=(("a.pdf", PDF),)))
    tasks.poll_mail()
    tasks.process_mail()
    assert IncomingMessage.objects.get().state == "filed"
    assert letter.documents.count() == 1
