"""One act on many rows: shown first, done row by row, and nothing done to a row that somebody changed meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from requests_app.correspondence import next_letters
from requests_app.filing import services as filing
from requests_app.filing.models import Event, NextLetter, Note, RecordsRequest
from requests_app.filing.writing import ways
from requests_app.kits import letters, rendering
from requests_app.people.models import Person
from requests_app.tracking.desk import services
from requests_app.tracking.desk.models import Snooze
from requests_app.tracking.desk.services import ChangedMeanwhile
from tests.factories import NOON, ContactPointFactory, PersonFactory, RecordsRequestFactory
from tests.filing.letters import a_letter

pytestmark = pytest.mark.django_db
BULK = reverse("tracking:desk-bulk")
TODAY = date(2026, 3, 2)


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def three(bob: Person) -> list[RecordsRequest]:
    return [RecordsRequestFactory(with_deadline=True) for _ in range(3)]


def chosen(rows: list[RecordsRequest]) -> list[str]:
    return [f"{row.reference}:{row.last_sequence}" for row in rows]


def test_the_form_then_the_preview_then_the_result(
    three: list[RecordsRequest], bob: Person, coordinator_client: Client
) -> None:
    posted: dict[str, Any] = {"act": "assign", "row": chosen(three), "back": "state=MD"}
    form = coordinator_client.post(BULK, posted).content.decode()
    assert "Look at what will change" in form
    posted |= {"step": "look", "assignee": bob.pk}
    preview = coordinator_client.post(BULK, posted)
    assert "3 requests will change" in preview.content.decode()
    assert not Event.objects.filter(kind="assigned").exists(), "nothing is done yet"
    assert ("assignee", str(bob.pk)) in preview.context["values"]
    done = coordinator_client.post(BULK, posted | {"step": "do"}).content.decode()
    assert "3 requests are done" in done
    assert done.count("Undo") == 3
    assert RecordsRequest.objects.filter(assignee=bob).count() == 3


def test_a_row_that_somebody_changed_meanwhile_is_left_alone_and_named(
    three: list[RecordsRequest], bob: Person, coordinator_client: Client
) -> None:
    seen = chosen(three)
    vera = PersonFactory(handle="vera", roles=["coordinator"])
    filing.record_event(three[1].pk, "acknowledged", by=vera, now=NOON)
    posted = {"act": "assign", "row": seen, "assignee": bob.pk}
    for step in ("look", "do"):
        html = coordinator_client.post(BULK, posted | {"step": step}).content.decode()
        words = f"Left alone: vera recorded “Acknowledged” on {three[1].reference} meanwhile"
        assert words in html, step
    assert set(RecordsRequest.objects.filter(assignee=bob)) == {three[0], three[2]}


def test_the_service_itself_looks_once_more(three: list[RecordsRequest], bob: Person) -> None:
    seen = three[0].last_sequence
    filing.record_event(three[0].pk, "acknowledged", by=bob, now=NOON)
    with pytest.raises(ChangedMeanwhile, match="bob recorded “Acknowledged”"):
        services.assign(three[0].pk, to=bob, seen=seen, by=bob, now=NOON)
    with pytest.raises(ChangedMeanwhile):
        services.snooze(three[0].pk, until=date(2026, 3, 4), why="x", seen=seen, by=bob, now=NOON)
    assert not Snooze.objects.exists()


def test_a_snooze_leaves_out_the_row_whose_own_date_comes_first(
    three: list[RecordsRequest], coordinator_client: Client
) -> None:
    free = RecordsRequestFactory()  # not sent yet: nothing runs
    posted = {"act": "snooze", "row": chosen([*three, free]), "until": "2026-05-20", "why": "A holiday."}
    preview = coordinator_client.post(BULK, posted | {"step": "look"})
    assert [one.row for one in preview.context["changing"]] == [free]
    assert all("at the latest" in one.left_alone for one in preview.context["left_alone"])
    done = coordinator_client.post(BULK, posted | {"step": "do"})
    assert [one.row for one in done.context["results"]] == [free]
    assert Snooze.objects.get().request == free


def test_a_note_goes_on_every_row(three: list[RecordsRequest], coordinator_client: Client) -> None:
    coordinator_client.post(BULK, {"act": "note", "row": chosen(three), "text": "Call Pat.", "step": "do"})
    assert set(Note.objects.values_list("request", flat=True)) == {row.pk for row in three}


def test_without_written_letters_nothing_is_sent(three: list[RecordsRequest], coordinator_client: Client) -> None:
    html = coordinator_client.post(BULK, {"act": "send", "row": chosen(three)}).content.decode()
    assert "Nothing would change" in html
    assert html.count("No letter is written that waits to be sent") == 3


UNUSABLE: dict[str, dict[str, Any]] = {
    "no rows": {"act": "assign"},
    "an act that does not exist": {"act": "burn", "row": ["MD-2026-0001:3"]},
    "rows that cannot be read": {"act": "note", "row": ["MD-2026-0001", "x:²", "~", "MD:99999999999999999999"]},
    "too many": {"act": "note", "row": [f"MD-2026-{n:04}:1" for n in range(201)]},
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_what_cannot_be_used_changes_nothing(case: str, coordinator_client: Client) -> None:
    answer = coordinator_client.post(BULK, UNUSABLE[case], follow=True)
    assert "Nothing was changed" in answer.content.decode()


def test_rows_that_are_not_there_are_not_told_of(coordinator_client: Client) -> None:
    answer = coordinator_client.post(BULK, {"act": "note", "row": ["XX-2026-0001:1"], "text": "x", "step": "do"})
    assert answer["Location"] == "/desk/"
    assert "none of the chosen requests is there" in coordinator_client.get("/desk/").content.decode()


def test_only_the_letters_of_the_preview_are_sent(
    bob: Person, coordinator_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else may change the words, or begin another letter, between the preview and the act."""
    monkeypatch.setattr(rendering, "to_pdf", lambda html, **_more: b"%PDF")
    row = RecordsRequestFactory(with_deadline=True)
    row.contact_point, row.letter = ContactPointFactory(agency=row.agency), letters.dump(a_letter())
    row.save(update_fields=["contact_point", "letter"])
    matter = next_letters.desk_of(row, now=NOON)
    way = ways(matter, "receipt_confirmation")[0]
    content = filing.Written(matter.compose("receipt_confirmation", {}, way), {}, way, matter.newest)
    letter = filing.begin_letter(row, "receipt_confirmation", content, by=bob, now=NOON)
    posted: dict[str, Any] = {"act": "send", "row": chosen([row])}
    seen = coordinator_client.post(BULK, posted).context["values"]
    assert seen == [("letter", f"{letter.pk}:{letter.changes}")]
    NextLetter.objects.filter(pk=letter.pk).update(changes=letter.changes + 1)
    for stale in ({}, {"letter": seen[0][1]}):
        done = coordinator_client.post(BULK, posted | {"step": "do"} | stale)
        assert "since you saw it" in done.context["left_alone"][0].sentence
    NextLetter.objects.filter(pk=letter.pk).update(changes=letter.changes)
    done = coordinator_client.post(BULK, posted | {"step": "do", "letter": seen[0][1]})
    assert [one.undo.what for one in done.context["results"]] == ["letter"]


@pytest.mark.parametrize("rows", [1, 12])
def test_the_preview_asks_the_same_for_one_row_and_for_many(
    rows: int, bob: Person, coordinator_client: Client, django_assert_num_queries: Any
) -> None:
    made = [RecordsRequestFactory(with_deadline=True) for _ in range(rows)]
    posted = {"act": "assign", "row": chosen(made), "assignee": bob.pk, "step": "look"}
    with django_assert_num_queries(9):
        coordinator_client.post(BULK, posted)
