"""Shelves show what was chosen and no more; one ZIP of many files says what is in it and what is not."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from requests_app.documents import services as documents
from requests_app.documents.keeping import erasing
from requests_app.documents.marks import services as marks
from requests_app.documents.models import Blob, Collection, Document
from requests_app.documents.shelves import choosing, services, zipping
from requests_app.documents.store import DamagedInStorage, Store
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import AuditEntry, Person
from tests.documents.bodies import CSV, PDF
from tests.factories import NOON, PersonFactory, RecordsRequestFactory

pytestmark = pytest.mark.django_db
GIVEN: dict[str, Any] = {"received_on": NOON.date(), "via": "upload", "by": None, "now": NOON}
LIST = "/documents/"


def receive(letter: RecordsRequest, content: bytes = CSV, name: str = "a.csv", **given: Any) -> Document:
    return documents.receive_file(letter, [content], name=name, **{**GIVEN, **given}).document


@pytest.fixture
def other(store: Store) -> RecordsRequest:
    return RecordsRequestFactory(with_deadline=True)


def packed(client: Client, query: str = "") -> tuple[zipfile.ZipFile, list[dict[str, str]]]:
    answer = client.get(reverse("documents:zip") + query)
    assert answer.status_code == 200
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert len(content) == int(answer.headers["Content-Length"])
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert archive.testzip() is None
    return archive, list(csv.DictReader(io.StringIO(archive.read("MANIFEST.csv").decode())))


def test_each_choice_shows_its_files_and_no_others(
    coordinator_client: Client, store: Store, letter: RecordsRequest, other: RecordsRequest
):
    receive(letter, CSV, "counts.csv", received_on=NOON.date().replace(day=1))
    receive(other, PDF, "letter.pdf", received_on=NOON.date().replace(day=20))
    shown = {
        "": {"counts.csv", "letter.pdf"},
        f"?agency={letter.agency.code}&request={letter.reference}": {"counts.csv"},
        "?kind=pdf": {"letter.pdf"},
        f"?since={NOON.date().replace(day=2)}": {"letter.pdf"},
        f"?until={NOON.date().replace(day=2)}": {"counts.csv"},
        f"?until={NOON.date().replace(day=2)}&kind=pdf": set(),
    }
    for query, names in shown.items():
        words = coordinator_client.get(LIST + query).content.decode()
        files = words[words.index('id="files"') : words.index('aria-labelledby="shelves"')]
        assert {name for name in ("counts.csv", "letter.pdf") if name in files} == names, query


def test_a_tag_shows_what_has_it_of_what_one_may_see_and_counts_only_that(
    coordinator_client: Client, volunteer_client: Client, store: Store, letter: RecordsRequest, other: RecordsRequest
):
    rene = PersonFactory(roles=["reviewer"])
    for each, tags in (
        (receive(letter, CSV, "counts.csv"), ("Fées", "nlets")),
        (receive(other, PDF, "x.pdf"), ("nlets",)),
    ):
        marks.describe(each, marks.Words(title=f"Title of {each}", tags=tags), seen_revision=0, by=rene, now=NOON)
    words = coordinator_client.get(LIST + "?tag=Fees").content.decode()
    assert "Title of counts.csv" in words and "Title of x.pdf" not in words
    assert '<a href="?tag=nlets">nlets</a> <span class="dl-quiet">2</span>' in words
    assert "No file fits this choice" in coordinator_client.get(LIST + "?tag=draft").content.decode()
    assert len(packed(coordinator_client, "?tag=nlets")[1]) == 2
    words = volunteer_client.get(LIST).content.decode()
    assert '<a href="?tag=nlets">nlets</a> <span class="dl-quiet">1</span>' in words, "Alice sees only her letter's"


@pytest.mark.parametrize(
    "query",
    ["?kind=nonsense", "?since=yesterday", "?campaign=x", "?campaign=7", "?agency=nobody", "?collection=-1",
     "?inside=2", f"?tag={'x' * 61}", "?after=x", "?request=XX-1"],
)  # fmt: skip
def test_an_address_that_means_nothing_is_not_there(coordinator_client: Client, store: Store, query: str):
    assert coordinator_client.get(LIST + query).status_code == 404


def test_a_choice_is_written_as_it_is_read():
    chosen = choosing.Chosen(agency="md-a", kind="pdf", since="2026-01-31", inside="1")
    assert chosen.query == "?agency=md-a&kind=pdf&since=2026-01-31&inside=1"
    assert chosen.but(agency="md-b", kind="").query == "?agency=md-b&since=2026-01-31&inside=1"
    assert choosing.read({"agency": "md-a", "kind": "pdf", "since": "2026-01-31", "inside": "1"}) == chosen


def test_what_came_inside_is_shown_when_asked_for(coordinator_client: Client, store: Store, letter: RecordsRequest):
    documents.receive_part(receive(letter), [PDF], inner_path="x/inner.pdf", now=NOON)
    assert "inner.pdf" not in coordinator_client.get(LIST).content.decode()
    assert "inner.pdf" in coordinator_client.get(LIST + "?inside=1").content.decode()


@pytest.mark.parametrize("rows", [1, 10])
def test_the_list_and_the_zip_ask_as_few_questions_for_many_files(
    coordinator_client: Client, store: Store, letter: RecordsRequest, django_assert_max_num_queries: Any, rows: int
):
    for number in range(rows):
        receive(letter, CSV + bytes([number]), f"{number}.csv")
    with django_assert_max_num_queries(16):
        coordinator_client.get(LIST + "?kind=spreadsheet")
    with django_assert_max_num_queries(8):
        packed(coordinator_client)


def test_the_zip_holds_every_file_byte_for_byte_and_says_where_each_came_from(
    coordinator_client: Client, store: Store, letter: RecordsRequest, other: RecordsRequest
):
    receive(letter, CSV, "a.csv")
    receive(letter, CSV + b"2", "A.CSV")
    receive(other, PDF, "=a.pdf")
    archive, lines = packed(coordinator_client)
    assert len(lines) == 3 and len({line["file in this ZIP"].casefold() for line in lines}) == 3
    for line in lines:
        content = archive.read(line["file in this ZIP"])
        assert hashlib.sha256(content).hexdigest() == line["SHA-256"]
        assert not line["original name"].startswith("="), "no spreadsheet takes it for a formula"
    sums = archive.read("MANIFEST.sha256").decode().splitlines()
    assert all(hashlib.sha256(archive.read(one[66:])).hexdigest() == one[:64] for one in sums) and len(sums) == 3
    assert AuditEntry.objects.filter(action="document downloaded").count() == 3


def test_locked_erased_lost_and_inner_files_are_named_with_the_reason(
    coordinator_client: Client, store: Store, letter: RecordsRequest
):
    outer = receive(letter, CSV, "outer.csv")
    documents.receive_part(outer, [PDF], inner_path="inner.pdf", now=NOON)
    locked, lost = receive(letter, b"locked\n", "locked.txt"), receive(letter, b"lost\n", "lost.txt")
    gone = receive(letter, b"gone\n", "gone.txt")
    Blob.objects.filter(pk=locked.blob_id).update(locked_why="infected: Example")
    store.path(lost.blob_id).unlink()
    ada = PersonFactory(roles=["administrator"])
    collection = services.make("All", "", by=ada, now=NOON)
    for each in (outer, *outer.members.all(), locked, lost, gone):
        services.add(collection, each, by=ada, now=NOON)
    erasing.erase(gone, confirmed=erasing.plan(gone).fingerprint, why="An order", by=ada, now=NOON)
    archive, lines = packed(coordinator_client, f"?collection={collection.pk}")
    why = {line["original name"]: line["not here because"] for line in lines}
    assert why["outer.csv"] == "" and "inside another file" in why["inner.pdf"]
    assert "infected: Example" in why["locked.txt"] and "lost" in why["lost.txt"]
    assert "erased" in why["gone.txt"]
    assert [name for name in archive.namelist() if not name.startswith("MANIFEST")] == [lines[0]["file in this ZIP"]]
    assert AuditEntry.objects.filter(action="document downloaded").count() == 1


def test_a_stranger_gets_nothing_of_it(client: Client, store: Store, letter: RecordsRequest):
    document = receive(letter)
    collection = services.make("All", "", by=letter.filer, now=NOON)
    services.add(collection, document, by=letter.filer, now=NOON)
    client.force_login(PersonFactory())
    for query in ("", f"?request={letter.reference}", f"?collection={collection.pk}"):
        assert client.get(reverse("documents:zip") + query).status_code == 302
    words = client.get(reverse("documents:collection", args=[collection.pk])).content.decode()
    assert document.original_name not in words and "1 more file is not yours to see" in words


def test_bytes_that_rotted_on_the_way_end_the_zip(store: Store, letter: RecordsRequest):
    document = receive(letter)
    path = store.path(document.blob_id)
    path.chmod(0o600)
    path.write_bytes(CSV[:-1] + b"!")
    with pytest.raises(DamagedInStorage):
        list(zipping.pack([document], store).chunks)


def test_more_than_one_zip_may_hold_is_said(
    coordinator_client: Client, store: Store, letter: RecordsRequest, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(zipping, "MOST_FILES", 1)
    for number in range(2):
        receive(letter, CSV + bytes([number]), f"{number}.csv")
    answer = coordinator_client.get(reverse("documents:zip"), follow=True)
    assert "Choose fewer" in answer.content.decode()
    assert not AuditEntry.objects.filter(action="document downloaded").exists()


def test_a_collection_is_made_filled_ordered_and_emptied(
    volunteer_client: Client, alice: Person, store: Store, letter: RecordsRequest
):
    first, second = receive(letter), receive(letter, PDF, "b.pdf")
    assert volunteer_client.post(reverse("documents:collections"), {"name": ""}).status_code == 422
    volunteer_client.post(reverse("documents:collections"), {"name": "Counts", "purpose": "For the report"})
    again = volunteer_client.post(reverse("documents:collections"), {"name": "Counts"})
    assert again.status_code == 422 and "of this name already" in again.content.decode()
    made = Collection.objects.get()
    for each in (first, second, first):
        volunteer_client.post(reverse("documents:collect", args=[each.pk]), {"collection": made.pk})
    assert names(made) == ["a.csv", "b.pdf"]
    change = reverse("documents:collection-change", args=[made.pk, second.pk])
    volunteer_client.post(change, {"act": "up"})
    volunteer_client.post(change, {"act": "up"})
    assert names(made) == ["b.pdf", "a.csv"]
    volunteer_client.post(change, {"act": "out"})
    assert names(made) == ["a.csv"] and Document.objects.count() == 2


def names(collection: Collection) -> list[str]:
    return [entry.document.original_name for entry in collection.entries.all()]
