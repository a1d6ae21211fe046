"""Mails that a coordinator hands in as files: each kept, split, told about, and believed no more than a stranger's."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from requests_app.correspondence.incoming import handing_in, services
from requests_app.correspondence.incoming.models import Arrival, IncomingMessage, RawMail
from requests_app.correspondence.incoming.reader import Reader
from requests_app.correspondence.incoming.ways import handed_in
from requests_app.correspondence.incoming.ways.handed_in import chunks_of, kind_of, mails_in
from requests_app.documents.store import DiskFull, Store
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import AuditEntry, Person
from tests.correspondence.incoming.mails import PDF, mail
from tests.correspondence.parsing.builders import saved_message
from tests.factories import NOON

PAGE = "/mail/upload/"
BEGINS = b"From someone@agency.example Tue Mar  3 10:00:00 2026\n"


def mbox(*mails: bytes) -> bytes:
    quoted = (
        b"\n".join(b">" + line if line.lstrip(b">").startswith(b"From ") else line for line in one.split(b"\n"))
        for one in mails
    )
    return b"".join(BEGINS + one + b"\n\n" for one in quoted)


def split(content: bytes) -> list[bytes]:
    file = io.BytesIO(content)
    kind = kind_of(file)
    return [] if kind is None else [b"".join(chunks_of(file, place)) for place in list(mails_in(file, kind))]


# --- what is in a file ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        pytest.param(mail(), "eml", id="a-mail"),
        pytest.param(b"\xef\xbb\xbf\r\n\r\nSubject: x\r\n\r\ny", "eml", id="with-a-mark-and-empty-lines"),
        pytest.param(mbox(mail()), "mbox", id="an-mbox"),
        pytest.param(bytes.fromhex("d0cf11e0a1b11ae1") + b"x" * 600, "msg", id="outlook"),
        pytest.param(PDF, None, id="a-pdf"),
        pytest.param(b"From here on we disagree.\n", None, id="a-text"),
        pytest.param(b"\x00" * 5000, None, id="zeros"),
        pytest.param(b"", None, id="empty"),
        pytest.param(b"\n\n", None, id="blank"),
    ],
)
def test_a_file_is_judged_by_what_is_in_it(content: bytes, kind: str | None):
    assert kind_of(io.BytesIO(content)) == kind


def test_an_mbox_is_split_where_mails_begin_and_nowhere_else():
    letters = [
        b"Subject: one\n\nFrom here on we disagree.\n\nFrom the records office, March 2026\n>From me\n",
        b"Subject: two\n\nFrom someone@agency.example Tue Mar  3 10:00:00 2026\nbelow a line of text\n",
        b"Subject: three\n\nno end of line",
    ]
    assert [one.rstrip(b"\n") for one in split(mbox(*letters))] == [one.rstrip(b"\n") for one in letters]


@given(st.lists(st.binary(max_size=300), max_size=5), st.booleans())
def test_an_mbox_of_any_mails_gives_them_back(bodies: list[bytes], with_returns: bool):
    ends = b"\r\n" if with_returns else b"\n"
    letters = [ends.join([b"Subject: x", b"", body.replace(b"\r", b"")]) for body in bodies]
    assert [one.rstrip(b"\r\n") for one in split(mbox(*letters))] == [one.rstrip(b"\r\n") for one in letters]


@given(st.binary(max_size=3000))
def test_no_file_breaks_it(content: bytes):
    for prefix in (b"", BEGINS, bytes.fromhex("d0cf11e0a1b11ae1")):
        assert sum(map(len, split(prefix + content))) <= len(prefix + content)


def test_a_line_without_end_is_read_in_pieces():
    (one,) = split(mbox(b"Subject: x\n\n" + b"y" * 300_000 + b"From a@b.example Tue Mar  3 10:00:00 2026"))
    assert len(one) > 300_000


# --- the page ---------------------------------------------------------------------------------------------------------


def hand_in(client: Client, *files: tuple[str, bytes]) -> str:
    given = [SimpleUploadedFile(name, content) for name, content in files]
    response = client.post(PAGE, {"mails": given})
    assert response.status_code in {200, 422}
    return response.content.decode()


@pytest.mark.django_db
@pytest.mark.usefixtures("store")
def test_each_file_says_what_became_of_it(bob: Person, coordinator_client: Client, store: Store):
    one, two, three = mail(subject="one"), mail(subject="two"), mail(subject="three")
    said = hand_in(
        coordinator_client, ("one.eml", one), ("box.mbox", mbox(one, two, three)), ("notes.pdf", PDF), ("none.eml", b"")
    )
    assert said.count("One mail was kept.") == 1 and "3 mails were kept." in said
    assert said.count("This is no mail") == 2
    again = hand_in(coordinator_client, ("two.txt", one))
    assert "One mail was here already." in again
    assert Arrival.objects.filter(way="upload").count() == 5
    assert store.path(RawMail.objects.order_by("size").last().pk).exists()  # type: ignore[union-attr]
    assert AuditEntry.objects.filter(action="mail handed in", actor=bob).count() == 5


@pytest.mark.django_db
@pytest.mark.usefixtures("store")
def test_what_a_file_says_of_its_sender_is_nobodys_word(
    letter: RecordsRequest, bob: Person, reader: Reader, settings: Any
):
    """Nobody took forged verdicts out of a file, as our mail server does with mail."""
    settings.MAIL_TRUST_UNCHECKED = True
    forged = io.BytesIO(mail(proven=True))
    handing_in.hand_in([("a.eml", forged)], by=bob, now=NOON)
    services.process(RawMail.objects.get().pk, now=NOON, reader=reader)
    message = IncomingMessage.objects.get()
    assert (message.state, message.triage_reason, message.trust) == ("triage", "quarantined", "unknown")
    assert "not_checked" in message.reasons and message.authentication["dmarc"] == "not checked"
    real = services.take_in([mail(proven=True, subject="by the server")], way="lmtp", now=NOON)
    services.process(real.pk, now=NOON, reader=reader)
    assert IncomingMessage.objects.get(raw=real).state == "filed"


@pytest.mark.django_db
@pytest.mark.usefixtures("store")
def test_an_outlook_file_is_read_as_the_mail_it_holds(bob: Person, reader: Reader):
    (done,) = handing_in.hand_in([("a.msg", io.BytesIO(saved_message()))], by=bob, now=NOON)
    assert done.words == ["One mail was kept."]
    services.process(RawMail.objects.get().pk, now=NOON, reader=reader)
    assert IncomingMessage.objects.get().subject == "Saved by Outlook"


@pytest.mark.django_db
@pytest.mark.usefixtures("store")
def test_one_mail_too_large_stops_no_other(bob: Person, settings: Any):
    settings.MAIL_IN_LIMIT_MB = 1
    box = mbox(mail(subject="small"), mail(text="x" * 70 + "\n" + "y\n" * 600_000), mail(subject="last"))
    (done,) = handing_in.hand_in([("box", io.BytesIO(box))], by=bob, now=NOON)
    assert done.kept == 2 and "larger than 1 MB" in " ".join(done.words)


@pytest.mark.django_db
@pytest.mark.usefixtures("store")
def test_a_full_disk_says_how_far_it_came(bob: Person, monkeypatch: pytest.MonkeyPatch):
    real, calls = services.take_in, iter(range(9))

    def full(*args: Any, **facts: Any) -> RawMail:
        if next(calls) >= 1:
            raise DiskFull
        return real(*args, **facts)

    monkeypatch.setattr(services, "take_in", full)
    box = mbox(mail(subject="one"), mail(subject="two"))
    (done,) = handing_in.hand_in([("box", io.BytesIO(box))], by=bob, now=NOON)
    assert done.kept == 1 and "no room" in done.words[-1]
    assert RawMail.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.usefixtures("store")
def test_more_mails_than_are_taken_at_once_are_named(bob: Person, monkeypatch: pytest.MonkeyPatch):
    for module in (handed_in, handing_in):
        monkeypatch.setattr(module, "MOST_MAILS", 2)
    box = mbox(*(mail(subject=str(number)) for number in range(4)))
    (done,) = handing_in.hand_in([("box", io.BytesIO(box))], by=bob, now=NOON)
    assert done.kept == 2 and "more than 2 mails" in done.words[-1]


@pytest.mark.django_db
@pytest.mark.usefixtures("store")
def test_only_coordinators_hand_in(volunteer_client: Client, store: Store):
    assert volunteer_client.post(PAGE, {"mails": SimpleUploadedFile("a.eml", mail())}).status_code == 403
    assert Client().post(PAGE, {"mails": SimpleUploadedFile("a.eml", mail())}).status_code == 302
    assert not RawMail.objects.exists() and store.left_over() == []


@pytest.mark.django_db
@pytest.mark.usefixtures("store")
def test_a_forged_form_is_refused(bob: Person):
    client = Client(enforce_csrf_checks=True)
    client.force_login(bob)
    assert client.post(PAGE, {"mails": SimpleUploadedFile("a.eml", mail())}).status_code == 403
    assert not RawMail.objects.exists()


@pytest.mark.django_db
@pytest.mark.usefixtures("store")
def test_nothing_chosen_is_asked_again_and_hostile_names_are_harmless(coordinator_client: Client, tmp_path: Path):
    assert coordinator_client.post(PAGE, {}).status_code == 422
    name = "../../\u202egpj.<script>alert(1)</script>.eml"
    said = hand_in(coordinator_client, (name, PDF))
    assert "<script>alert" not in said and "\u202e" not in said and "This is no mail" in said
