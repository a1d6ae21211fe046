"""Many letters at once: chosen, printed by a worker, and marked as posted, each by itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pypdfium2
import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from requests_app.correspondence import tasks
from requests_app.correspondence.paper import batches, printing, queries
from requests_app.correspondence.paper.models import Posting, PrintBatch, PrintedLetter
from requests_app.correspondence.paper.printing import Counted, Laid, Options
from requests_app.filing import services as filing
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Person
from tests.correspondence.paper.conftest import ANOTHER, CERTIFIED
from tests.factories import NOON, record
from tests.test_permissions import _begun

pytestmark = pytest.mark.django_db
Ask = Callable[..., RecordsRequest]


@pytest.fixture
def quick_print(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Lay nothing out: what stands on the pages is test_printing's concern. Holds the references in their order."""
    order: list[str] = []

    def batch(laid: list[Laid], options: Options, **about: Any) -> tuple[bytes, list[Counted], int]:
        order.extend(one.letter.request.reference for one in laid)
        return b"%PDF", [Counted(one, place * 2 + 3, 2, 1) for place, one in enumerate(laid)], 9

    monkeypatch.setattr(printing, "lay_out", lambda letter, options: Laid(letter, (), True, False, ("Fold it.",)))
    monkeypatch.setattr(printing, "batch", batch)
    return order


def go(name: str, *about: Any) -> str:
    return reverse(f"correspondence:{name}", args=about)


def said(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode()).replace("&#x27;", "'")


OPTIONS = {"addressing": "window", "shape": "us10", "certified": "receipt", "duplex": "on"}


def choose(client: Client, *made: RecordsRequest, **more: Any) -> PrintBatch:
    answer = client.post(go("print-letters"), {**OPTIONS, "first": [one.pk for one in made], **more})
    assert answer.status_code == 302, said(answer)
    return PrintBatch.objects.latest("pk")


# --- printing ---------------------------------------------------------------------------------------------------------


def test_letters_are_printed_in_the_order_of_their_references(
    by_post: Ask, alice: Person, coordinator_client: Client, quick_print: list[str]
) -> None:
    made = [by_post() for _place in range(3)]
    left = record(by_post(), ("sent", "2026-03-02"))
    by_mail = by_post(delivery="fax")
    page = said(coordinator_client.get(go("print-letters")))
    assert all(one.reference in page for one in made)
    assert left.reference not in page
    assert by_mail.reference not in page
    batch = choose(coordinator_client, *reversed(made), left)
    assert "The PDF is being made" in said(coordinator_client.get(batch.get_absolute_url()))
    assert coordinator_client.get(go("print-batch-pdf", batch.pk)).status_code == 302
    tasks.make_prints()
    assert quick_print == sorted(one.reference for one in made)
    shown = said(coordinator_client.get(batch.get_absolute_url()))
    assert "Print it, post the letters, then say so here" in shown
    assert "Fold it." in shown
    answer = coordinator_client.get(go("print-batch-pdf", batch.pk))
    assert (answer.content, answer["Cache-Control"]) == (b"%PDF", "private, no-store")
    assert queries.batches_to_make(NOON) == []


def test_a_real_batch_is_a_real_pdf(by_post: Ask, bob: Person) -> None:
    made = [by_post(), by_post()]
    batch = batches.make_batch(made, [], Options(), by=bob, now=NOON)
    assert batches.make_next(batch.pk, now=NOON)
    batch.refresh_from_db()
    import base64

    pages = list(pypdfium2.PdfDocument(base64.b64decode(batch.pdf)))
    assert len(pages) == batch.pages
    rows = queries.letters_of(batch)
    assert all(row.first_page % 2 == 1 and row.pages and row.sheets and not row.trouble for row in rows)
    assert not batches.make_next(batch.pk, now=NOON), "a second worker finds it made"


def test_what_left_or_changed_before_the_worker_came_is_named_and_holds_up_nothing(
    by_post: Ask, alice: Person, bob: Person, quick_print: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stays, leaves, breaks = by_post(), by_post(), by_post()
    asked = record(by_post(), ("sent", "2026-03-02"))
    letter = _begun(asked, alice)
    batch = batches.make_batch([stays, leaves, breaks], [letter], Options(), by=bob, now=NOON)
    record(leaves, ("sent", "2026-03-02"))
    filing.keep_as_written(letter.pk, basis=9, by=alice, now=NOON)
    real = printing.lay_out

    def breaking(paper: Any, options: Options) -> Laid:
        if paper.request.pk == breaks.pk:
            raise RuntimeError("no such font")
        return real(paper, options)

    monkeypatch.setattr(printing, "lay_out", breaking)
    assert batches.make_next(batch.pk, now=NOON)
    troubles = {row.request.reference: row.trouble for row in queries.letters_of(batch)}
    assert troubles[stays.reference] == ""
    assert "has left already" in troubles[leaves.reference]
    assert "Something is wrong with the program" in troubles[breaks.reference]
    assert "It was changed after it was chosen" in troubles[asked.reference]
    assert quick_print == [stays.reference]


def test_a_worker_that_dies_leaves_the_batch_to_be_made_again(
    by_post: Ask, bob: Person, quick_print: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = batches.make_batch([by_post()], [], Options(), by=bob, now=NOON)

    def dies(*args: Any, **facts: Any) -> Any:
        raise SystemExit

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(printing, "batch", dies)
        with pytest.raises(SystemExit):
            batches.make_next(batch.pk, now=NOON)
    assert queries.batches_to_make(NOON + timedelta(minutes=1)) == [], "its claim still holds"
    later = NOON + timedelta(minutes=20)
    assert queries.batches_to_make(later) == [batch.pk]
    assert batches.make_next(batch.pk, now=later)


def test_a_batch_that_kills_every_worker_is_given_up(by_post: Ask, bob: Person, quick_print: list[str]) -> None:
    batch = batches.make_batch([by_post()], [], Options(), by=bob, now=NOON)
    PrintBatch.objects.update(attempts=batches.TRIES)
    assert not batches.make_next(batch.pk, now=NOON)
    batch.refresh_from_db()
    assert batch.state == "failed"
    assert queries.batches_to_make(NOON) == []


def test_nothing_chosen_and_too_much(
    by_post: Ask, bob: Person, coordinator_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [by_post(), by_post()]
    assert "Choose at least one letter" in said(coordinator_client.post(go("print-letters"), OPTIONS))
    monkeypatch.setattr(batches, "MOST", 1)
    answer = coordinator_client.post(go("print-letters"), {**OPTIONS, "first": [one.pk for one in made]})
    assert "one print takes 1" in said(answer)
    for hostile in ("\x00", "9" * 40, "x", "²"):
        assert coordinator_client.post(go("print-letters"), {**OPTIONS, "first": hostile}).status_code == 422
        assert coordinator_client.get(go("print-letters"), {"campaign": hostile}).status_code == 200
    assert not PrintBatch.objects.exists()


def test_only_coordinators_print_many(
    volunteer_client: Client, administrator_client: Client, by_post: Ask, bob: Person
) -> None:
    batch = batches.make_batch([by_post()], [], Options(), by=bob, now=NOON)
    names = ("print-batch", "print-batch-progress", "print-batch-pdf", "print-batch-posted")
    for client in (volunteer_client, administrator_client):
        assert client.get(go("print-letters")).status_code == 403
        assert {client.get(go(name, batch.pk)).status_code for name in names} == {403}


def test_the_page_takes_the_same_queries_for_one_and_many(
    by_post: Ask, coordinator_client: Client, bob: Person
) -> None:
    counts = []
    for more in (1, 4):
        batch = batches.make_batch([by_post() for _place in range(more)], [], Options(), by=bob, now=NOON)
        found = []
        for where in (go("print-letters"), batch.get_absolute_url(), go("print-batch-posted", batch.pk)):
            coordinator_client.get(where)
            with CaptureQueriesContext(connection) as asked:
                coordinator_client.get(where)
            found.append(len(asked))
        counts.append(found)
    assert counts[0] == counts[1]


# --- posted -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def printed(by_post: Ask, bob: Person, quick_print: list[str]) -> PrintBatch:
    """Two letters that are printed, for Bob to post."""
    batch = batches.make_batch([by_post(), by_post()], [], Options(), by=bob, now=NOON)
    batches.make_next(batch.pk, now=NOON)
    return PrintBatch.objects.get()


def together(batch: PrintBatch, *numbers: str, **more: Any) -> dict[str, Any]:
    rows = queries.letters_of(batch)
    typed: dict[str, Any] = {"carrier": "usps", "service": "certified", "posted_on": "2026-03-02"}
    typed |= {"letter": [row.pk for row in rows]}
    typed |= {f"number-{row.pk}": number for row, number in zip(rows, numbers, strict=False)}
    return typed | more


def test_a_look_first_and_then_each_is_recorded(printed: PrintBatch, coordinator_client: Client, bob: Person) -> None:
    where = go("print-batch-posted", printed.pk)
    assert "when and how" in said(coordinator_client.get(where))
    preview = said(coordinator_client.post(where, together(printed, CERTIFIED, ANOTHER)))
    assert "2 letters will be recorded as posted" in preview
    assert "Nothing is done yet" in preview
    assert not Posting.objects.exists()
    again = said(coordinator_client.post(where, together(printed, CERTIFIED, ANOTHER, step="change")))
    assert f'value="{CERTIFIED}"' in again, "what was typed is still there"
    done = said(coordinator_client.post(where, together(printed, CERTIFIED, ANOTHER, step="do")))
    assert "2 letters are recorded as posted" in done
    rows = queries.letters_of(printed)
    assert [row.posting.number for row in rows] == [CERTIFIED, ANOTHER]
    for row in rows:
        assert row.request.events.get(kind="sent").recorded_by == bob
    assert "All of them are posted" in said(coordinator_client.get(printed.get_absolute_url()))
    assert "Nothing is left to record" in said(coordinator_client.get(where))
    late = said(coordinator_client.post(where, together(printed, CERTIFIED, ANOTHER, step="do")))
    assert "recorded as posted" not in late
    assert Posting.objects.count() == 2


def test_a_row_that_changed_meanwhile_is_left_alone_and_the_others_are_done(
    printed: PrintBatch, coordinator_client: Client
) -> None:
    first, second = (row.request for row in queries.letters_of(printed))
    where = go("print-batch-posted", printed.pk)
    coordinator_client.post(where, together(printed, CERTIFIED, ANOTHER))
    record(first, ("sent", "2026-03-02"))  # somebody else marked it by hand
    done = said(coordinator_client.post(where, together(printed, CERTIFIED, ANOTHER, step="do")))
    assert "One letter is recorded as posted, one was left alone" in done
    assert "It has left already" in done
    assert Posting.objects.get().request == second


@pytest.mark.parametrize(
    ("numbers", "why"),
    [
        ((CERTIFIED, CERTIFIED), "This number is written on two letters"),
        ((CERTIFIED, "71123456789123456788"), "The last digit of this number does not fit"),
        ((CERTIFIED, ""), "Write the number, or untick this letter"),
        ((CERTIFIED, "12;34"), "This is not a tracking number"),
        ((CERTIFIED, "\x00"), "This is not a tracking number"),
    ],
    ids=["twice", "wrong-digit", "none", "no-number", "nul"],
)
def test_wrong_numbers_are_said_at_their_letters(
    printed: PrintBatch, coordinator_client: Client, numbers: tuple[str, str], why: str
) -> None:
    answer = coordinator_client.post(go("print-batch-posted", printed.pk), together(printed, *numbers))
    assert why in said(answer)
    assert not Posting.objects.exists()


def test_ordinary_mail_takes_no_numbers_and_an_unticked_letter_stays(
    printed: PrintBatch, coordinator_client: Client
) -> None:
    where = go("print-batch-posted", printed.pk)
    refused = coordinator_client.post(where, together(printed, CERTIFIED, service="ordinary"))
    assert "Ordinary mail has no number" in said(refused)
    one = queries.letters_of(printed)[0]
    coordinator_client.post(where, together(printed, service="ordinary", letter=[one.pk], step="do"))
    assert Posting.objects.get().request == one.request
    nothing = coordinator_client.post(where, together(printed, service="ordinary", letter=["x", "\x00"]))
    assert "Tick at least one letter" in said(nothing)
    tomorrow = coordinator_client.post(where, together(printed, service="ordinary", posted_on="2026-03-09"))
    assert "has not come yet" in said(tomorrow)


def test_a_batch_of_someone_elses_rows_cannot_be_marked(
    printed: PrintBatch, by_post: Ask, coordinator_client: Client, bob: Person
) -> None:
    other = batches.make_batch([by_post()], [], Options(), by=bob, now=NOON)
    (row,) = PrintedLetter.objects.filter(batch=other)
    answer = coordinator_client.post(
        go("print-batch-posted", printed.pk), together(printed, service="ordinary", letter=[row.pk], step="do")
    )
    assert "Tick at least one letter" in said(answer)
    assert not Posting.objects.exists()


# --- the shell --------------------------------------------------------------------------------------------------------


def test_the_shell_prints_what_waits(
    by_post: Ask,
    bob: Person,
    quick_print: list[str],
    tmp_path: Any,
    capsys: pytest.CaptureFixture[str],
    monday: time_machine.Traveller,
) -> None:
    made = by_post()
    out = tmp_path / "letters.pdf"
    call_command("print_letters", str(out), by="bob")
    assert out.read_bytes() == b"%PDF"
    assert made.reference in capsys.readouterr().out
    with pytest.raises(CommandError, match="There is no coordinator"):
        call_command("print_letters", str(out), by="alice")
    record(made, ("sent", "2026-03-02"))
    with pytest.raises(CommandError, match="No letter waits for the post"):
        call_command("print_letters", str(out), by="bob")
