"""Many mails at once are filed as each would be by itself, in queries that do not grow with them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from requests_app.correspondence.incoming import services
from requests_app.correspondence.incoming.models import IncomingFile, IncomingMessage, KeptFile, Placement, RawMail
from requests_app.correspondence.incoming.services import batches, processing
from requests_app.correspondence.incoming.suggested.models import Meaning, ShareLink
from requests_app.documents.models import Document
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Person
from tests.correspondence.incoming.conftest import a_request
from tests.correspondence.incoming.mails import CSV, PDF, mail
from tests.factories import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store")]
LATER = NOON + timedelta(hours=1)


def take_in(*mails: bytes, **facts: Any) -> list[str]:
    # A second apart: what came first is processed first.
    moments = [NOON + timedelta(seconds=number) for number in range(len(mails))]
    taken = [services.take_in([raw], way="lmtp", now=now, **facts) for raw, now in zip(mails, moments, strict=True)]
    return [raw.pk for raw in taken]


def everything_filed() -> list[tuple[Any, ...]]:
    """Return what was made of the mails, by their contents: numbers of rows depend on the order."""
    messages = IncomingMessage.objects.order_by("fingerprint").values_list(
        "fingerprint", "raw", "state", "triage_reason", "trust", "kind", "subject", "text", "files_pending"
    )
    placed = Placement.objects.order_by("message__fingerprint", "request").values_list(
        "message__fingerprint", "request", "how"
    )
    files = IncomingFile.objects.order_by("message__fingerprint", "ordinal").values_list(
        "message__fingerprint", "ordinal", "name", "sha256", "is_record", "trouble"
    )
    kept = KeptFile.objects.order_by("file__sha256", "request").values_list("file__sha256", "request")
    meanings = Meaning.objects.order_by("message__fingerprint", "kind").values_list(
        "message__fingerprint", "kind", "level", "values"
    )
    raws = RawMail.objects.order_by("pk").values_list("pk", "state", "message__fingerprint", "claimed_at")
    return [tuple(rows) for rows in (messages, placed, files, kept, meanings, raws)]


def of_all_kinds() -> list[bytes]:
    first = mail(message_id="<first@agency.example>")
    return [
        first,
        mail(to="x@reply.example", In_Reply_To="<first@agency.example>", message_id="<second@agency.example>"),
        mail(to="x@reply.example", In_Reply_To="<second@agency.example>"),
        b"Received: by b.example; Tue, 3 Mar 2026 10:00:05 -0500\r\n" + first,
        mail(proven=False, subject="New bank details"),
        mail(to="records@reply.example", subject="Lost"),
        mail(files=(("report.pdf", PDF), ("numbers.csv", CSV), ("setup.pdf", b"MZ" + b"\0" * 200))),
        mail(sender="", subject="\x00", text="No sender.\n"),
        mail(subject="Automatic reply: away", Auto_Submitted="auto-replied", files=(("logo.csv", CSV),)),
    ]


def test_a_group_is_filed_as_each_of_its_mails_would_be_by_itself(
    letter: RecordsRequest, monkeypatch: pytest.MonkeyPatch
):
    mails = of_all_kinds()
    take_in(*mails)
    services.process_waiting(LATER)
    together = everything_filed()
    assert IncomingMessage.objects.filter(state="filed").count() == 5 and Document.objects.count() == 2
    KeptFile.objects.all().delete()
    Document.objects.all().delete()
    RawMail.objects.update(message=None, state="waiting", attempts=0)
    for model in (Meaning, ShareLink, IncomingFile, Placement, IncomingMessage):
        model.objects.all().delete()  # type: ignore[attr-defined]
    monkeypatch.setattr(batches, "TOGETHER", 1)
    services.process_waiting(LATER)
    assert everything_filed() == together


@pytest.mark.parametrize("senders", [1, 3])
def test_a_group_asks_no_more_of_the_database_when_it_is_larger(letter: RecordsRequest, alice: Person, senders: int):
    others = [a_request(alice, f"MD-2026-10{n}0", f"p4r5s6t{n}", f"agency{n}.example") for n in range(senders)]

    def queries_for(size: int) -> int:
        take_in(
            *(
                mail(
                    sender=f"records@agency{n % senders}.example",
                    to=f"records+{others[n % senders].reference.lower()}-p4r5s6t{n % senders}@reply.example",
                    subject=f"Number {n}",
                    text=f"{size} {n}\n",
                    files=(("logo.csv", CSV),) if n % 2 else (),
                    Auto_Submitted="auto-replied",
                )
                for n in range(size)
            )
        )  # fmt: skip
        with CaptureQueriesContext(
            connection,
        ) as made:
            services.process_waiting(LATER)
        assert not RawMail.objects.filter(state="waiting").exists()
        return len(made)

    assert queries_for(6) == queries_for(24)


def breaks_together(error: BaseException) -> Callable[..., Any]:
    def breaks(*_args: Any) -> Any:
        raise error

    return breaks


@pytest.mark.parametrize(
    "error", [pytest.param(IntegrityError(), id="copy-a-moment-ago"), pytest.param(ValueError(), id="one-of-them-odd")]
)
def test_what_cannot_be_filed_together_is_filed_one_by_one(
    letter: RecordsRequest, monkeypatch: pytest.MonkeyPatch, error: BaseException
):
    take_in(mail(), mail(), mail(files=(("a.pdf", PDF),)))
    monkeypatch.setattr(batches, "write_new", breaks_together(error))
    services.process_waiting(LATER)
    assert set(RawMail.objects.values_list("state", flat=True)) == {"processed"}
    assert IncomingMessage.objects.filter(state="filed").count() == 3 == Placement.objects.count()
    assert Document.objects.count() == 1


def test_one_mail_that_cannot_be_opened_holds_back_no_other(letter: RecordsRequest, monkeypatch: pytest.MonkeyPatch):
    odd, *others = take_in(mail(), mail(), mail())
    real = batches.ready

    def breaks(opened: Any) -> Any:
        if opened.raw.pk == odd:
            raise ValueError
        return real(opened)

    with monkeypatch.context() as broken:
        broken.setattr(batches, "ready", breaks)
        services.process_waiting(LATER)
    assert set(RawMail.objects.filter(state="processed").values_list("pk", flat=True)) == set(others)
    services.process_waiting(LATER + timedelta(hours=1))
    assert IncomingMessage.objects.count() == 3


def test_a_group_of_which_another_worker_took_one_files_the_rest_and_doubles_nothing(
    letter: RecordsRequest, monkeypatch: pytest.MonkeyPatch
):
    first, second, third = take_in(mail(), mail(), mail())
    real = batches.open_mails

    def slow(read: Any) -> Any:
        # A worker that took this one for dead claims the second.
        RawMail.objects.filter(pk=second).update(claimed_at=LATER + timedelta(hours=1), attempts=2)
        return real(read)

    with monkeypatch.context() as slowed:
        slowed.setattr(batches, "open_mails", slow)
        services.process_waiting(LATER)
    assert set(RawMail.objects.filter(state="processed").values_list("pk", flat=True)) == {first, third}
    assert IncomingMessage.objects.count() == 2
    services.process_waiting(LATER + timedelta(hours=3))
    assert IncomingMessage.objects.count() == 3 == Placement.objects.count()


def test_a_mail_that_was_tried_before_or_is_large_is_in_no_group(letter: RecordsRequest):
    tried, large, *small = take_in(mail(), mail(text="x" * batches.SMALL_BYTES), mail(), mail())
    RawMail.objects.filter(pk=tried).update(attempts=1)
    RawMail.objects.filter(pk=small[0]).update(attempts=0)
    rows = RawMail.objects.order_by("attempts", "stored_at")
    assert [[raw.pk for raw in group] for group in batches._groups(rows)] == [[large], small, [tried]]


def test_a_group_that_takes_long_gives_back_what_it_has_not_looked_at(
    letter: RecordsRequest, monkeypatch: pytest.MonkeyPatch
):
    take_in(mail(), mail(), mail())
    real, clock = processing.read, [0.0]

    def slow(*args: Any) -> Any:
        clock[0] += batches.GROUP_SECONDS + 1
        return real(*args)

    monkeypatch.setattr(batches, "monotonic", lambda: clock[0])
    with monkeypatch.context() as slowed:
        slowed.setattr(processing, "read", slow)
        services.process_waiting(LATER)
    left = RawMail.objects.filter(state="waiting")
    assert list(left.values_list("claimed_at", "attempts")) == [(None, 0)] * 2
    services.process_waiting(LATER)
    assert IncomingMessage.objects.count() == 3


def test_a_worker_that_dies_while_it_writes_a_group_leaves_nothing_of_it(
    letter: RecordsRequest, monkeypatch: pytest.MonkeyPatch
):
    take_in(mail(), mail())
    real = batches.write_new

    def dies(*args: Any) -> Any:
        real(*args)
        raise KeyboardInterrupt

    with monkeypatch.context() as dying, pytest.raises(KeyboardInterrupt):
        dying.setattr(batches, "write_new", dies)
        services.process_waiting(LATER)
    assert not IncomingMessage.objects.exists()
    assert set(RawMail.objects.values_list("state", "attempts")) == {("waiting", 1)}
    services.process_waiting(LATER + timedelta(hours=1))
    assert IncomingMessage.objects.filter(state="filed").count() == 2
