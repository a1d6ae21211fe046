"""The pages of reading as everybody gets them: what they show, whom they refuse, what browsers may keep."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from requests_app.documents import permissions
from requests_app.documents.models import Document, Page, Passage, Step
from requests_app.documents.viewer import queries, views
from requests_app.filing.models import RecordsRequest
from tests.documents.everybody import EVERYBODY, client_of
from tests.documents.viewer.paper import GLYPH, LEFT, a_document, a_text
from tests.factories import NOON, RecordsRequestFactory

pytestmark = pytest.mark.django_db
PAGES = [["Cover of the report"], ["The State Police counted", "inquiries by ICE."], ["Police and more police"]]


@pytest.fixture
def document(letter: RecordsRequest) -> Document:
    return a_document(letter, PAGES, labels=["i", "ii", "1"])


def at(name: str, document: Document, *more: Any) -> str:
    return reverse(f"documents:{name}", args=[document.pk, *more])


def everything(document: Document) -> list[str]:
    """Every address that shows something of the content."""
    return [
        *(at(name, document) for name in ("read", "find", "progress", "choose-second")),
        at("go", document) + "?to=1",
        *(at(name, document, 1) for name in ("page", "page-words")),
        *(at("page-picture", document, 1, width) for width in (160, 900)),
        *(at(name, document, document.pk) for name in ("beside", "compare")),
    ]


# --- Whom ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures at once: whether they are fine is the concern of those who draw them; here only who gets them is."""
    picture = tmp_path / "page.webp"
    picture.write_bytes(b"RIFF of a page")
    monkeypatch.setattr(views, "page_picture", lambda blob, number, *, width: picture)


def test_who_sees_a_document_sees_its_pages_and_nobody_else(letter: RecordsRequest, document: Document, drawn: None):
    seen = set()
    for who in EVERYBODY:
        client = client_of(who, letter)
        sees = client.get(document.get_absolute_url()).status_code == 200
        seen |= {who} if sees else set()
        for where in everything(document):
            answer = client.get(where)
            told = answer.getvalue() if answer.streaming else answer.content
            if sees:
                assert answer.status_code in (200, 302), (who, where)
            else:
                assert answer.status_code == (302 if who in ("anonymous", "inactive") else 404), (who, where)
                assert b"Police" not in told and b"RIFF" not in told, (who, where)
    assert seen == {"owner", "assigned", "coordinator", "reviewer", "administrator"}


def test_a_guessed_address_gives_nothing(coordinator_client: Client, document: Document):
    unknown = Document(pk=uuid.uuid4())
    assert {coordinator_client.get(where).status_code for where in everything(unknown)} == {404}
    wrong = [at("page", document, 4), at("page-words", document, 4), at("page-picture", document, 4, 900)]
    wrong += [at("page-picture", document, 1, 901), at("page", document, 0), at("page-picture", document, 0, 160)]
    assert [coordinator_client.get(where).status_code for where in wrong] == [404] * 6
    assert coordinator_client.get(f"/documents/{document.blob_id}/pages/1/").status_code == 404


def test_another_ones_document_cannot_be_read_beside_ones_own(volunteer_client: Client, letter: RecordsRequest):
    mine = a_document(letter, PAGES)
    other = a_document(RecordsRequestFactory(), [["Not for Alice"]], name="other.pdf")
    for name in ("beside", "compare"):
        for pair in ((mine, other), (other, mine)):
            answer = volunteer_client.get(at(name, pair[0], pair[1].pk))
            assert answer.status_code == 404 and b"Not for Alice" not in answer.content
    chosen = volunteer_client.get(at("choose-second", mine), {"words": "other"})
    assert b"other.pdf" not in chosen.content


@pytest.mark.parametrize(("reason", "status"), [("erased", 410), ("locked", 423)])
def test_an_erased_or_locked_file_says_so_and_shows_nothing(
    coordinator_client: Client, document: Document, monkeypatch: pytest.MonkeyPatch, reason: str, status: int
):
    monkeypatch.setattr(permissions, "why_withheld", lambda document: reason)
    said = coordinator_client.get(at("page", document, 1))
    assert said.status_code == status and f"This file {'was erased' if reason == 'erased' else 'is locked'}" in (
        said.content.decode()
    )
    for where in everything(document):
        answer = coordinator_client.get(where)
        assert not answer.streaming, where
        assert b"Police" not in answer.content
    page = coordinator_client.get(document.get_absolute_url()).content.decode()
    assert "Read it" not in page and "Download the original" not in page


# --- What ---------------------------------------------------------------------------------------------------------


def test_a_page_stands_whole_without_any_script(coordinator_client: Client, document: Document):
    page = coordinator_client.get(at("page", document, 2), {"q": "police"}).content.decode()
    assert "inquiries by ICE." in page, "the words stand under the picture"
    for where in (at("page", document, 1), at("page", document, 3), at("page-picture", document, 2, 900)):
        assert where in page
    # Page 2 has one hit, which is the third word of its first line.
    left = LEFT + len("The State ") * GLYPH - 1
    assert f'<rect x="{left:.1f}"' in page and page.count("<rect") == 1
    assert "3 hits" in page


def test_the_script_gets_words_with_their_places(coordinator_client: Client, document: Document):
    facts = coordinator_client.get(at("page-words", document, 2)).json()
    assert [word[0] for word in facts["words"]] == ["The", "State", "Police", "counted", "inquiries", "by", "ICE."]
    assert (facts["label"], facts["text"], facts["width"]) == ("ii", "The State Police counted\ninquiries by ICE.", 612)


@pytest.mark.parametrize(
    ("given", "page"),
    [
        ("2", 2),
        ("ii", 2),
        ("II ", 2),
        ("1", 3),
        ("3", 3),
        ("DL-000002", 2),
        ("dl-2", 2),
        ("DL-000004", None),
        ("x", None),
    ],
)
def test_a_page_is_found_by_its_label_its_id_or_its_number(
    coordinator_client: Client, document: Document, bob: Any, given: str, page: int | None
):
    from requests_app.documents.marks import services as marks

    marks.give_page_numbers(document, by=bob, now=NOON)
    told = coordinator_client.get(at("go", document), {"to": given}, headers={"accept": "application/json"})
    assert told.json() == {"page": page}
    sent = coordinator_client.get(at("go", document), {"to": given})
    assert sent.status_code == (302 if page else 404)
    if page:
        assert sent.url == at("page", document, page)


def test_finding_lists_each_place_with_its_box(coordinator_client: Client, document: Document):
    told = coordinator_client.get(at("find", document), {"q": "POLICE"}, headers={"accept": "application/json"}).json()
    assert [(hit["page"], hit["label"], hit["match"]) for hit in told["hits"]] == [
        (2, "ii", "Police"), (3, "1", "Police"), (3, "1", "police"),
    ]  # fmt: skip
    assert all(len(hit["boxes"]) == 1 for hit in told["hits"])
    plain = coordinator_client.get(at("find", document), {"q": "POLICE"}).content.decode()
    assert "3 hits" in plain and f"{at('page', document, 3)}?q=POLICE" in plain
    assert "Nothing found" in coordinator_client.get(at("find", document), {"q": "olice"}).content.decode()


def test_very_many_hits_are_cut_and_it_says_so(
    coordinator_client: Client, document: Document, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(queries, "MOST_HITS", 2)
    found = queries.find(document, "police")
    assert (len(found.hits), found.more) == (2, True)


def test_a_page_costs_the_same_for_three_pages_and_for_a_hundred(
    coordinator_client: Client, document: Document, letter: RecordsRequest
):
    long = a_document(letter, [["line"]] * 100, name="long.pdf")

    def count(which: Document) -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert coordinator_client.get(at("page", which, 3)).status_code == 200
        return len(asked)

    count(document)
    assert count(document) == count(long) <= 15


def test_words_that_are_not_read_yet_leave_the_picture(coordinator_client: Client, document: Document):
    Page.objects.filter(number=1).update(text_from="unread", words=b"")
    Passage.objects.filter(place=1).delete()
    Step.objects.filter(blob=document.blob_id).delete()
    Step.objects.create(
        blob=document.blob, name="text", version=1, state="running", rank=NOON, units_done=1, units_all=3
    )
    page = coordinator_client.get(at("page", document, 1)).content.decode()
    assert "Still being read" in page and "1 of 3" in page
    facts = coordinator_client.get(at("page-words", document, 1)).json()
    assert (facts["read"], facts["words"], facts["text"]) == ("unread", [], "")
    Step.objects.update(state="done")
    assert "It is read now." in coordinator_client.get(at("progress", document)).content.decode()


# --- Pictures -----------------------------------------------------------------------------------------------------


def test_a_picture_is_kept_by_its_reader_only_and_asked_for_each_time(
    volunteer_client: Client, stranger_client: Client, document: Document
):
    where = at("page-picture", document, 1, 160)
    answer = volunteer_client.get(where)
    assert answer.getvalue()[:4] == b"RIFF" and answer.headers["Content-Type"] == "image/webp"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    tag = answer.headers["ETag"]
    assert volunteer_client.get(where, headers={"if-none-match": tag}).status_code == 304
    assert stranger_client.get(where, headers={"if-none-match": tag}).status_code == 404
    other = volunteer_client.get(at("page-picture", document, 2, 160))
    assert other.getvalue() and other.headers["ETag"] != tag


def test_a_picture_that_cannot_be_made_is_a_404(volunteer_client: Client, document: Document):
    from requests_app.documents import services

    services.the_store().path(document.blob_id).unlink()
    assert volunteer_client.get(at("page-picture", document, 1, 900)).status_code == 404


# --- What has no pages ----------------------------------------------------------------------------------------------


def test_reading_opens_what_the_kind_is_read_as(coordinator_client: Client, letter: RecordsRequest, document: Document):
    assert coordinator_client.get(at("read", document)).url == at("page", document, 1)
    mail = a_text(letter, "From: a@b.example\nSubject: Counts\n\nHere.\n> asked\n", name="a.eml", kind="e-mail")
    told = coordinator_client.get(at("read", mail)).content.decode()
    assert "Counts" in told and "Earlier mail, quoted" in told
    log = a_text(letter, "first\nsecond\nthird\n")
    told = coordinator_client.get(at("read", log), {"q": "second"}).content.decode()
    assert 'id="line-2" class="dl-lines__hit"' in told and "Found on 1 line" in told
    box = a_text(letter, "x", name="all.zip", kind="archive")
    Passage.objects.filter(blob=box.blob).delete()
    assert "cannot be shown here" in coordinator_client.get(at("read", box)).content.decode()
    Document.objects.filter(pk=log.pk).update(parent=box, inner_path="logs/2024/log.txt")
    told = coordinator_client.get(at("read", box)).content.decode()
    assert "1 file in it" in told and "logs/2024/log.txt" in told


def test_two_versions_are_compared_and_stand_side_by_side(coordinator_client: Client, letter: RecordsRequest):
    old = a_document(letter, [["Same page"], ["ICE asked 1,204 times"]], name="old.pdf")
    new = a_document(letter, [["Same page"], ["ICE asked 1,240 times"]], name="new.pdf")
    told = coordinator_client.get(at("compare", old, new.pk)).content.decode()
    assert "<del>1,204</del> <ins>1,240</ins>" in told and "1 page differs" in told
    told = coordinator_client.get(at("beside", old, new.pk), {"left": 2, "right": "99"}).content.decode()
    assert at("page-picture", old, 2, 900) in told and at("page-picture", new, 2, 900) in told
    assert "left=1&amp;right=99" in told.replace("right=99&amp;left=1", "left=1&amp;right=99")


def test_the_address_holds_what_the_script_needs_as_data(coordinator_client: Client, letter: RecordsRequest):
    hostile = a_document(letter, [["</script><b>bold"]], name="</script><i>.pdf")
    page = coordinator_client.get(at("page", hostile, 1)).content.decode()
    assert "</script><b>" not in page and "<i>" not in page
    facts = page.partition('id="reader-page" type="application/json">')[2].partition("</script>")[0]
    assert json.loads(facts)["words"][0][0] == "</script><b>bold"
