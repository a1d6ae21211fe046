"""What people say about documents: described without loss, ticked and taken back, numbered once and for all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from requests_app.documents.marks import queries, services
from requests_app.documents.marks.services import Words
from requests_app.documents.models import AnsweredItem, Description, Document, NextPageNumber, Page, PageNumbers
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Person
from tests.documents.viewer.conftest import ASKED
from tests.documents.viewer.paper import a_document
from tests.factories import NOON, RecordsRequestFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def places(settings: Any, tmp_path: Path) -> None:
    settings.STORE_DIR = str(tmp_path / "store")


@pytest.fixture
def letter(alice: Person) -> RecordsRequest:
    sections = [{"key": "opening", "parts": [{"text": "I ask", "items": ["not this"]}]}]
    sections += [{"key": "records", "parts": [{"text": "", "items": ASKED}, {"text": "As they are ready."}]}]
    return RecordsRequestFactory(filer=alice, letter={"sections": sections})


@pytest.fixture
def document(letter: RecordsRequest) -> Document:
    return a_document(letter, [["one"], ["two"], ["three"]])


def at(name: str, document: Document) -> str:
    return reverse(f"documents:{name}", args=[document.pk])


# --- Describing -----------------------------------------------------------------------------------------------------

SAID = {"title": "Counts", "summary": "By month.\r\nNo names.", "tags": "Nlets, 2024 ,nlets,", "seen_revision": "0"}


def test_a_description_is_kept_and_what_it_said_before(coordinator_client: Client, document: Document, bob: Person):
    coordinator_client.post(at("describe", document), {**SAID, "covers_from": "2024-01-01", "covers_to": "2024-12-31"})
    kept = Description.objects.get()
    assert (kept.title, kept.summary, kept.tags) == ("Counts", "By month.\nNo names.", ["nlets", "2024"])
    coordinator_client.post(at("describe", document), {**SAID, "title": "Monthly counts", "seen_revision": "1"})
    kept.refresh_from_db()
    assert (kept.title, kept.covers_from, kept.revision, len(kept.earlier)) == ("Monthly counts", None, 2, 1)
    assert (kept.earlier[0]["title"], kept.earlier[0]["by"], kept.earlier[0]["covers_from"]) == (
        "Counts", "bob", "2024-01-01",
    )  # fmt: skip
    page = coordinator_client.get(document.get_absolute_url()).content.decode()
    assert "<h1>Monthly counts</h1>" in page and "report.pdf" in page and "What was said before" in page


def test_two_who_describe_at_once_find_each_other(coordinator_client: Client, document: Document, alice: Person):
    services.describe(document, Words(title="Alice's"), seen_revision=0, by=alice, now=NOON)
    answer = coordinator_client.post(at("describe", document), SAID)
    assert answer.status_code == 409
    told = answer.content.decode()
    assert "alice changed this description" in told and "Alice&#x27;s" in told and 'value="Counts"' in told
    assert Description.objects.get().title == "Alice's"
    again = {**SAID, "seen_revision": "1"}
    assert coordinator_client.post(at("describe", document), again).status_code == 302
    assert Description.objects.get().title == "Counts"


def test_saying_nothing_new_changes_nothing(document: Document, alice: Person):
    services.describe(document, Words(), seen_revision=0, by=alice, now=NOON)
    assert not Description.objects.exists()
    services.describe(document, Words(title="A"), seen_revision=0, by=alice, now=NOON)
    services.describe(document, Words(title="A"), seen_revision=1, by=alice, now=NOON)
    assert (Description.objects.get().revision, Description.objects.get().earlier) == (1, [])


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"covers_from": "2024-02-01", "covers_to": "2024-01-01"}, "cannot end before they begin"),
        ({"tags": ",".join(map(str, range(21)))}, "Twenty tags"),
        ({"tags": "x" * 41}, "up to 40 letters"),
        ({"title": "x" * 201}, "at most 200"),
    ],
)
def test_a_description_that_cannot_be_kept_says_why(
    coordinator_client: Client, document: Document, given: dict[str, str], reason: str
):
    answer = coordinator_client.post(at("describe", document), {**SAID, **given})
    assert answer.status_code == 422 and reason in answer.content.decode()
    assert not Description.objects.exists()


# --- What it answers --------------------------------------------------------------------------------------------------


def test_items_are_ticked_taken_back_and_the_rest_is_missing(
    coordinator_client: Client, document: Document, letter: RecordsRequest
):
    missing = reverse("documents:missing", args=[letter.reference])
    assert "3 items are still missing" in coordinator_client.get(missing).content.decode()
    told = coordinator_client.post(at("answers", document), {"items": ["1", "3"]}, follow=True).content.decode()
    assert "that nothing answers yet: 1." in told and ASKED[0] in told
    told = coordinator_client.get(missing).content.decode()
    assert "1 item is still missing" in told and "report.pdf" in told
    coordinator_client.post(at("answers", document), {"items": ["1"]})
    gone = AnsweredItem.objects.get(item=3)
    assert gone.taken_back_by is not None and gone.taken_back_at is not None
    assert [each.is_answered for each in queries.answered_by(document)] == [True, False, False]
    coordinator_client.post(at("answers", document), {"items": ["1", "2", "3"]})
    assert AnsweredItem.objects.count() == 4, "the third was ticked anew; its first tick stays on record"
    assert "Every item has an answer" in coordinator_client.get(missing).content.decode()


def test_the_page_of_the_request_says_how_many_items_have_an_answer(
    coordinator_client: Client, document: Document, letter: RecordsRequest
):
    def said() -> str:
        words = coordinator_client.get(letter.get_absolute_url()).content.decode()
        return words[words.index(reverse("documents:missing", args=[letter.reference])) :][:80]

    assert "0 of 3 items answered" in said()
    coordinator_client.post(at("answers", document), {"items": ["1", "3"]})
    coordinator_client.post(at("answers", document), {"items": ["3"]})
    assert "1 of 3 items answered" in said(), "what was taken back does not count"


def test_an_item_that_was_not_asked_cannot_be_ticked(coordinator_client: Client, document: Document):
    assert coordinator_client.post(at("answers", document), {"items": ["4"]}).status_code == 422
    assert not AnsweredItem.objects.exists()


def test_a_letter_without_a_list_says_so(coordinator_client: Client):
    bare = RecordsRequestFactory(letter={})
    document = a_document(bare, [["one"]])
    assert "nothing to tick" in coordinator_client.get(at("answers", document)).content.decode()
    assert (
        "Nothing to tick off"
        in coordinator_client.get(reverse("documents:missing", args=[bare.reference])).content.decode()
    )


# --- Page numbers -----------------------------------------------------------------------------------------------------


def test_no_number_is_given_twice(document: Document, letter: RecordsRequest, bob: Person):
    other = a_document(letter, [["x"], ["y"]], name="other.pdf")
    assert queries.page_ids_of(document) == ""
    for _time in range(2):
        first = services.give_page_numbers(document, by=bob, now=NOON)
        second = services.give_page_numbers(other, by=bob, now=NOON)
    assert (first.first, first.last, second.first, second.last) == (1, 3, 4, 5)
    assert NextPageNumber.objects.get().number == 6
    assert queries.page_ids_of(other) == "DL-000004 – DL-000005"
    assert queries.page_id_of(other, 2) == "DL-000005" and queries.page_id_of(other, 3) == ""


def test_a_number_leads_to_its_page(
    coordinator_client: Client, stranger_client: Client, document: Document, bob: Person
):
    services.give_page_numbers(document, by=bob, now=NOON)
    where = reverse("documents:page-with-id")
    assert coordinator_client.get(where, {"id": "dl-000003"}).url == reverse("documents:page", args=[document.pk, 3])
    for client, given in ((stranger_client, "DL-000003"), (coordinator_client, "DL-000004"), (coordinator_client, "3")):
        answer = client.get(where, {"id": given})
        assert answer.status_code == 404 and "No page has this id" in answer.content.decode()


def test_pages_that_are_not_all_known_get_no_numbers(coordinator_client: Client, document: Document):
    Page.objects.all().delete()
    told = coordinator_client.post(at("number-pages", document), follow=True).content.decode()
    assert "no numbers were given" in told and not PageNumbers.objects.exists()


def test_the_button_numbers_the_pages(coordinator_client: Client, document: Document):
    told = coordinator_client.post(at("number-pages", document), follow=True).content.decode()
    assert "DL-000001 – DL-000003" in told and "Number its pages" not in told
