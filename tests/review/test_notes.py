"""Notes on returned documents: written, reworded without loss, and the queue of what nobody has read."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from requests_app.documents import services as documents
from requests_app.documents.models import Document
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Person
from requests_app.review import queries, services, views
from requests_app.review.models import PageNote
from tests.documents.everybody import EVERYBODY, client_of
from tests.factories import NOON, RecordsRequestFactory

pytestmark = pytest.mark.django_db
QUEUE = "/review/"


@pytest.fixture(autouse=True)
def store(settings: Any, tmp_path: Path) -> None:
    settings.STORE_DIR = str(tmp_path)


@pytest.fixture
def letter(alice: Person) -> RecordsRequest:
    return RecordsRequestFactory(filer=alice)


@pytest.fixture
def document(letter: RecordsRequest) -> Document:
    return keep(letter, "totals.csv")


@pytest.fixture
def note(document: Document, bob: Person) -> PageNote:
    return services.write_note(document, page=2, text="Totals\nby month", by=bob, now=NOON)


def keep(letter: RecordsRequest, name: str, *, minutes: int = 0, via: str = "reply") -> Document:
    now = NOON + timedelta(minutes=minutes)
    given: dict[str, Any] = {"received_on": now.date(), "via": via, "by": letter.filer, "now": now}
    return documents.receive_file(letter, [name.encode()], name=name, **given).document


def page_of(document: Document) -> str:
    return reverse("review:document", args=[document.pk])


def change_url(note: PageNote) -> str:
    return reverse("review:change-note", args=[note.pk])


# --- Writing ------------------------------------------------------------------------------------------------------


def test_a_note_is_kept_with_its_page_and_author(coordinator_client: Client, document: Document, bob: Person):
    url = reverse("review:note", args=[document.pk])
    answer = coordinator_client.post(url, {"page": "3", "text": "Broadcasts are\r\ncounted twice. "}, follow=True)
    written = PageNote.objects.get()
    assert (written.page, written.text, written.author) == (3, "Broadcasts are\ncounted twice.", bob)
    assert answer.redirect_chain == [(page_of(document), 302)]
    page = answer.content.decode()
    assert "Your note is kept." in page and "Page 3" in page and "bob" in page and document.blob_id in page


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        pytest.param({"page": "1", "text": " "}, "Write what you saw", id="no-words"),
        pytest.param({"page": "0", "text": "kept in the form"}, "greater than or equal to 1", id="page-zero"),
        pytest.param({"page": "ii", "text": "kept in the form"}, "Enter a whole number", id="page-in-roman"),
        pytest.param({"page": "", "text": "x" * 10_001}, "at most 10000 characters", id="too-long"),
    ],
)
def test_a_note_that_cannot_be_kept_says_why_and_keeps_the_words(
    coordinator_client: Client, document: Document, given: dict[str, str], reason: str
):
    answer = coordinator_client.post(reverse("review:note", args=[document.pk]), given)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert reason in page and given["text"].strip() in page
    assert not PageNote.objects.exists()


def test_notes_on_the_whole_document_come_first_on_every_database(document: Document, bob: Person):
    for page in (7, None, 2):
        services.write_note(document, page=page, text="x", by=bob, now=NOON)
    assert [note.page for note in queries.notes_of(document)] == [None, 2, 7]


def test_a_note_is_shown_as_text(coordinator_client: Client, document: Document, bob: Person):
    services.write_note(document, page=None, text="<script>alert(1)</script>", by=bob, now=NOON)
    assert "<script>alert" not in coordinator_client.get(page_of(document)).content.decode()


# --- Changing -----------------------------------------------------------------------------------------------------


def opened(client: Client, note: PageNote) -> dict[str, str]:
    """Open the form and return what it would send."""
    form = client.get(change_url(note)).context["form"]
    return {name: str(form[name].value()) for name in form.fields}


def test_a_changed_note_keeps_its_earlier_wording(coordinator_client: Client, note: PageNote):
    sent = opened(coordinator_client, note) | {"page": "4", "text": "Totals by quarter"}
    page = coordinator_client.post(change_url(note), sent, follow=True).content.decode()
    note.refresh_from_db()
    assert (note.page, note.text, note.revision) == (4, "Totals by quarter", 1)
    assert [(old["page"], old["text"]) for old in note.earlier] == [(2, "Totals\nby month")]
    assert "Earlier wording" in page and "by month" in page


def test_a_note_with_line_breaks_can_be_changed_as_browsers_send_it(coordinator_client: Client, note: PageNote):
    sent = opened(coordinator_client, note) | {"text": "Totals\r\nby month and key"}
    assert coordinator_client.post(change_url(note), sent).status_code == 302


def test_a_form_sent_unchanged_changes_nothing(coordinator_client: Client, note: PageNote):
    coordinator_client.post(change_url(note), opened(coordinator_client, note))
    note.refresh_from_db()
    assert (note.revision, note.earlier, note.changed_at) == (0, [], None)


@pytest.mark.parametrize("other", [{"text": "From the other window"}, {"page": 9}], ids=["text", "only-the-page"])
def test_a_second_window_is_refused_and_its_words_stay_in_the_form(
    coordinator_client: Client, note: PageNote, other: dict[str, Any]
):
    sent = opened(coordinator_client, note) | {"text": "From this window"}
    values = {"page": note.page, "text": note.text} | other
    first = services.change_note(note.pk, **values, seen_revision=0, now=NOON)
    answer = coordinator_client.post(change_url(note), sent)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "changed in another window" in page and "From this window" in page
    assert "What the note says now" in page and f"Page {first.page}" in page and first.text.split("\n")[0] in page
    note.refresh_from_db()
    assert (note.text, note.page) == (first.text, first.page)
    again = {name: str(answer.context["form"][name].value()) for name in answer.context["form"].fields}
    assert coordinator_client.post(change_url(note), again).status_code == 302
    note.refresh_from_db()
    assert note.text == "From this window"
    assert len(note.earlier) == 2


# --- The queue ----------------------------------------------------------------------------------------------------


def test_the_queue_holds_what_nobody_has_noted_oldest_first(
    reviewer_client: Client, letter: RecordsRequest, bob: Person
):
    old, new, read = (keep(letter, f"{name}.csv", minutes=n) for n, name in enumerate(["old", "new", "read"]))
    keep(letter, "receipt.csv", via="proof")
    services.write_note(read, page=None, text="Seen", by=bob, now=NOON)
    answer = reviewer_client.get(QUEUE)
    assert answer.context["unread"] == [old, new]
    assert answer.context["recent"] == [read]
    page = answer.content.decode()
    assert "1 of 3 returned documents have a note." in page
    assert f'<a class="usa-button" href="{page_of(old)}">Open the oldest</a>' in page


def test_an_empty_queue_says_what_comes_next(reviewer_client: Client, db: Any):
    page = reviewer_client.get(QUEUE).content.decode()
    assert "Nothing waits to be read" in page and "All returned documents" in page


def test_the_document_with_the_newest_note_stands_first(bob: Person, letter: RecordsRequest):
    first, second = keep(letter, "1.csv"), keep(letter, "2.csv", minutes=1)
    for minutes, document in enumerate([first, second, first]):
        services.write_note(document, page=1, text="x", by=bob, now=NOON + timedelta(minutes=minutes))
    assert queries.recently_noted(bob, 5) == [first, second]
    assert queries.recently_noted(bob, 1) == [first]


def test_a_long_queue_goes_on_by_key_even_when_somebody_reads_meanwhile(
    reviewer_client: Client, letter: RecordsRequest, bob: Person, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(views, "PAGE", 3)
    all_of_them = [keep(letter, f"{n}.csv", minutes=n // 4) for n in range(8)]
    first = reviewer_client.get(QUEUE)
    seen = list(first.context["unread"])
    services.write_note(seen[-1], page=None, text="Read while the page was open", by=bob, now=NOON)
    second = reviewer_client.get(QUEUE + first.context["next_url"])
    seen += second.context["unread"]
    third = reviewer_client.get(QUEUE + second.context["next_url"])
    seen += third.context["unread"]
    assert third.context["next_url"] == ""
    assert len(seen) == len(set(seen)) == 8 and set(seen) == set(all_of_them)
    assert reviewer_client.get(f"{QUEUE}?after={seen[-1].pk}").status_code == 302, "nothing follows: back to the start"
    assert reviewer_client.get(f"{QUEUE}?after=x").status_code == 404


@pytest.mark.parametrize("which", ["queue", "document"])
def test_a_page_asks_the_same_number_of_questions_for_one_row_and_for_ten(
    coordinator_client: Client, letter: RecordsRequest, bob: Person, which: str
):
    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert coordinator_client.get(QUEUE if which == "queue" else page_of(read)).status_code == 200
        return len(asked)

    def one_more(number: int) -> None:
        keep(RecordsRequestFactory(), f"{number}.csv")
        other = keep(RecordsRequestFactory(), f"read{number}.csv")
        for document in (read, other):
            services.write_note(document, page=number, text="x", by=bob, now=NOON)

    read = keep(letter, "read.csv")
    one_more(1)
    questions()
    one = questions()
    for number in range(2, 11):
        one_more(number)
    assert questions() == one
    assert one <= 16


# --- Who may ------------------------------------------------------------------------------------------------------

# In the order of EVERYBODY; the note is Bob's, who is none of them.
MAY: dict[tuple[str, str], tuple[int, ...]] = {
    ("GET", "queue"): (302, 403, 403, 403, 200, 200, 200, 302, 403),
    ("POST", "queue"): (302, 405, 405, 405, 405, 405, 405, 302, 405),
    ("GET", "document"): (302, 200, 200, 404, 200, 200, 200, 302, 404),
    ("POST", "document"): (302, 405, 405, 405, 405, 405, 405, 302, 405),
    ("POST", "note"): (302, 403, 403, 404, 302, 302, 403, 302, 404),
    ("GET", "note"): (302, 405, 405, 405, 405, 405, 405, 302, 405),
    ("GET", "change"): (302, 403, 403, 404, 403, 403, 403, 302, 404),
    ("POST", "change"): (302, 403, 403, 404, 403, 403, 403, 302, 404),
}


@pytest.mark.parametrize(
    ("verb", "address", "who", "status"),
    [
        pytest.param(verb, address, who, status, id=f"{verb}-{address}-{who}")
        for (verb, address), row in MAY.items()
        for who, status in zip(EVERYBODY, row, strict=True)
    ],
)
def test_who_may_open_what(
    document: Document, note: PageNote, letter: RecordsRequest, verb: str, address: str, who: str, status: int
):
    urls = {"queue": QUEUE, "document": page_of(document), "change": change_url(note)}
    urls["note"] = reverse("review:note", args=[document.pk])
    client = client_of(who, letter)
    send = client.get if verb == "GET" else client.post
    answer = send(urls[address], {"page": "1", "text": "Words", "seen_revision": "0"})
    assert answer.status_code == status
    if status == 302 and who in ("anonymous", "inactive"):
        assert answer.url.startswith(reverse("account_login"))
    wrote = (verb, address, status) == ("POST", "note", 302) and who not in ("anonymous", "inactive")
    assert PageNote.objects.count() == 1 + wrote
    note.refresh_from_db()
    assert note.revision == 0


def test_the_author_changes_the_note(coordinator_client: Client, note: PageNote):
    assert coordinator_client.get(change_url(note)).status_code == 200


@pytest.mark.parametrize(("who", "form"), [("reviewer", True), ("administrator", False), ("owner", False)])
def test_the_form_stands_only_before_those_who_may_write(
    document: Document, letter: RecordsRequest, who: str, form: bool
):
    page = client_of(who, letter).get(page_of(document)).content.decode()
    assert ("Keep the note" in page) == form
