"""Holds keep; only an administrator erases, in sight of everything that goes; what was erased is seen by nobody."""

from __future__ import annotations

import contextlib
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from requests_app.documents import queries, services
from requests_app.documents.derived import Derived
from requests_app.documents.keeping import erasing, holds, provenance
from requests_app.documents.marks import queries as marks_queries
from requests_app.documents.marks import services as marks
from requests_app.documents.models import (
    AnsweredItem,
    Blob,
    Description,
    Document,
    DocumentTag,
    Findable,
    Hold,
    Page,
    Passage,
    Step,
)
from requests_app.documents.store import StorageUnreachable, Store
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import AuditEntry, Person
from requests_app.review import services as review
from requests_app.review.models import PageNote
from tests.documents.bodies import CSV, PDF, files_under
from tests.factories import NOON, PersonFactory, RecordsRequestFactory

pytestmark = pytest.mark.django_db
GIVEN: dict[str, Any] = {"received_on": NOON.date(), "via": "upload", "by": None, "now": NOON}


@pytest.fixture
def ada() -> Person:
    return PersonFactory(handle="ada", roles=["administrator"])


@pytest.fixture
def document(store: Store, letter: RecordsRequest, settings: Any, tmp_path: Any) -> Document:
    settings.DERIVED_DIR = tmp_path / "derived"
    return receive(letter)


def receive(letter: RecordsRequest, content: bytes = CSV, name: str = "counts.csv") -> Document:
    return services.receive_file(letter, [content], name=name, **GIVEN).document


def erase(document: Document, by: Person, why: str = "A court ordered it.") -> erasing.Plan:
    return erasing.erase(document, confirmed=erasing.plan(document).fingerprint, why=why, by=by, now=NOON)


def read(document: Document) -> None:
    """Make what reading makes."""
    Step.objects.get_or_create(blob=document.blob, name="text", defaults={"version": 1, "rank": NOON})
    Page.objects.create(blob=document.blob, number=1, width=1, height=1)
    Passage.objects.create(blob=document.blob, kind="page", place=1, text="secret")
    Passage.objects.update_or_create(document=document, kind="about", defaults={"text": "secret"})
    with Derived(document.blob_id).making("pages/1.webp") as path:
        path.write_bytes(b"picture")


def test_erasing_takes_the_bytes_and_everything_made_of_them_and_leaves_who_and_why(
    store: Store, document: Document, ada: Person, volunteer_client: Client
):
    read(document)
    erase(document, ada)
    assert list(store.blobs()) == []
    assert not files_under(Derived(document.blob_id).root)
    for table in (Page, Passage, Step):
        assert not table.objects.exists()  # type: ignore[attr-defined]
    blob = Blob.objects.get()
    assert (blob.erased_at, blob.erased_by, blob.erased_why) == (NOON, ada, "A court ordered it.")
    assert blob.is_locked, "what looks at locks only lets nothing through either"
    entry = AuditEntry.objects.get(action="document erased")
    assert entry.actor == ada and entry.facts["why"] == "A court ordered it."
    assert not queries.visible_to(ada).exists() and not queries.of_request(document.request).exists()
    for page in ("review:document", "documents:download"):
        assert volunteer_client.get(reverse(page, args=[document.pk])).status_code == 404
    words = volunteer_client.get(reverse("documents:origin", args=[document.pk])).content.decode()
    assert "This file was erased." in words and "A court ordered it." in words


def test_what_people_wrote_goes_and_what_points_at_the_file_stays(document: Document, ada: Person, client: Client):
    kept = receive(document.request, PDF, "other.pdf")
    for each in (document, kept):
        Step.objects.filter(blob=each.blob, name="pages").delete()
        read(each)
    for each in (document, kept):
        said = marks.Words(title="A name of a person", summary="secret words", tags=("secret",))
        marks.describe(each, said, seen_revision=0, by=ada, now=NOON)
        marks.tick_items(each, [1], by=ada, now=NOON)
        review.write_note(each, page=1, text="secret note", by=ada, now=NOON)
    numbers = marks.give_page_numbers(document, by=ada, now=NOON)
    client.force_login(ada)
    words = client.get(reverse("documents:erase", args=[document.pk])).content.decode()
    assert "What people wrote about it goes, too" in words and "1 note, 1 description." in words
    erase(document, ada)
    for rows in (Description.objects, PageNote.objects, DocumentTag.objects, Findable.objects):
        assert set(rows.values_list("document", flat=True)) == {kept.pk}, "words about other documents stay"
    assert not Passage.objects.filter(document=document).exists()
    ticks = {tick.document_id: tick for tick in AnsweredItem.objects.all()}
    assert (ticks[document.pk].taken_back_by, ticks[kept.pk].taken_back_by) == (ada, None)
    assert AuditEntry.objects.get(action="document erased").facts["written_about_all"] == 2
    # Its page id leads to what is left, and no other page gets it.
    answer = client.get(reverse("documents:page-with-id"), {"id": marks_queries.page_id(numbers.first)}, follow=True)
    assert answer.status_code == 410 and "This file was erased" in answer.content.decode()
    assert marks.give_page_numbers(kept, by=ada, now=NOON).first == numbers.last + 1


def test_every_document_with_the_same_bytes_is_named_and_goes(document: Document, ada: Person, client: Client):
    other = receive(RecordsRequestFactory(), name="again.csv")
    client.force_login(ada)
    words = client.get(reverse("documents:erase", args=[document.pk])).content.decode()
    assert all(each.request.reference in words for each in (document, other)) and "again.csv" in words
    assert {each.pk for each in erase(document, ada).documents} == {document.pk, other.pk}
    assert not queries.visible_to(ada).exists()


def test_what_came_inside_goes_too_unless_it_also_came_by_itself(store: Store, document: Document, ada: Person):
    inside = services.receive_part(document, [PDF], inner_path="a/letter.pdf", now=NOON)
    deeper = services.receive_part(inside, [b"deep\n"], inner_path="b.txt", now=NOON)
    alone = receive(RecordsRequestFactory(), PDF, "letter.pdf")
    erase(document, ada)
    assert set(Document.objects.filter(erased_at=None)) == {alone, *alone.members.all()}
    assert store.exists(alone.blob_id) and not store.exists(document.blob_id)
    assert Document.objects.get(pk=deeper.pk).erased_at == NOON


def test_a_file_erased_inside_an_archive_names_the_archive(document: Document, ada: Person):
    inside = services.receive_part(document, [PDF], inner_path="letter.pdf", now=NOON)
    plan = erasing.plan(inside)
    assert plan.containers == [document] and plan.documents == [inside]
    erase(inside, ada)
    assert set(Document.objects.filter(erased_at=None)) == {document}


@pytest.mark.parametrize("scope", holds.SCOPES)
@pytest.mark.parametrize("which", ["the archive", "inside", "deeper"])
def test_a_hold_keeps_the_file_what_is_around_it_and_what_is_inside(
    store: Store, document: Document, ada: Person, scope: str, which: str
):
    inside = services.receive_part(document, [PDF], inner_path="letter.pdf", now=NOON)
    deeper = services.receive_part(inside, [b"deep\n"], inner_path="b.txt", now=NOON)
    held = {"the archive": document, "inside": inside, "deeper": deeper}[which]
    hold = holds.place(held, scope, why="A lawsuit", by=ada, now=NOON)
    for each in (document, inside, deeper):
        with pytest.raises(erasing.NotErased, match="A hold keeps this file"):
            erase(each, ada)
    assert not Document.objects.filter(erased_at__isnull=False).exists() and store.exists(document.blob_id)
    holds.lift(hold.pk, why="It is over", by=ada, now=NOON)
    erase(document, ada)


def test_a_hold_on_a_neighbour_keeps_only_the_neighbour(document: Document, ada: Person):
    other = receive(document.request, PDF, "other.pdf")
    one = services.receive_part(document, [b"one\n"], inner_path="1.txt", now=NOON)
    two = services.receive_part(document, [b"two\n"], inner_path="2.txt", now=NOON)
    holds.place(other, "document", why="A lawsuit", by=ada, now=NOON)
    holds.place(one, "document", why="A lawsuit", by=ada, now=NOON)
    erase(two, ada)
    with pytest.raises(erasing.NotErased):
        erase(document, ada)


def test_a_hold_in_another_request_keeps_the_shared_bytes(store: Store, document: Document, ada: Person):
    other = receive(RecordsRequestFactory())
    holds.place(other, "request", why="A lawsuit", by=ada, now=NOON)
    with pytest.raises(erasing.NotErased, match=other.request.reference):
        erase(document, ada)
    assert store.exists(document.blob_id)


@pytest.mark.parametrize("roles", [["volunteer"], ["coordinator"], ["reviewer"]])
def test_nobody_but_an_administrator_erases_or_lifts(document: Document, ada: Person, roles: list[str]):
    person = PersonFactory(roles=roles)
    with pytest.raises(erasing.NotErased, match="Only an administrator"):
        erase(document, person)
    hold = holds.place(document, "document", why="A lawsuit", by=ada, now=NOON)
    with pytest.raises(holds.NotHeld, match="Only an administrator"):
        holds.lift(hold.pk, why="no", by=person, now=NOON)


def test_no_reason_no_erasing_and_another_list_than_was_read_ends_it(store: Store, document: Document, ada: Person):
    with pytest.raises(erasing.NotErased, match="Say why"):
        erase(document, ada, why=" ")
    seen = erasing.plan(document).fingerprint
    receive(RecordsRequestFactory())
    with pytest.raises(erasing.NotErased, match="has changed"):
        erasing.erase(document, confirmed=seen, why="An order", by=ada, now=NOON)
    assert store.exists(document.blob_id)


def test_an_erased_file_that_arrives_again_is_a_new_receipt(store: Store, document: Document, ada: Person):
    elsewhere = receive(RecordsRequestFactory())
    erase(document, ada)
    again = receive(document.request)
    assert again.pk != document.pk and store.exists(again.blob_id)
    assert set(queries.visible_to(ada)) == {again}, "what was erased in the other request stays erased"
    assert Blob.objects.get().erased_at is None and not Blob.objects.get().is_locked
    assert AuditEntry.objects.filter(action="erased bytes came again").exists()
    assert Document.objects.get(pk=elsewhere.pk).erased_why == "A court ordered it."
    erase(again, ada)
    assert not store.exists(again.blob_id)


def test_bytes_that_could_not_be_deleted_are_named_and_deleted_by_a_second_call(
    store: Store, document: Document, ada: Person, client: Client, monkeypatch: pytest.MonkeyPatch
):
    def away(self: Store, sha256: str, **given: Any) -> bool:
        raise StorageUnreachable

    client.force_login(ada)
    given = {"why": "An order", "sure": "on", "confirmed": erasing.plan(document).fingerprint}
    monkeypatch.setattr(Store, "remove", away)
    answer = client.post(reverse("documents:erase", args=[document.pk]), given, follow=True)
    assert "the storage did not answer" in answer.content.decode()
    assert Blob.objects.get().erased_at is not None and store.exists(document.blob_id)
    assert "NOT GONE" in checked()
    monkeypatch.undo()
    client.post(reverse("documents:erase", args=[document.pk]), given)
    assert not store.exists(document.blob_id) and "Nothing is wrong" in checked()


def checked(*options: str) -> str:
    out = StringIO()
    with contextlib.suppress(SystemExit):
        call_command("check_store", *options, stdout=out)
    return out.getvalue()


def test_the_check_knows_tombstones_and_speaks_to_programs(store: Store, document: Document, ada: Person):
    kept = receive(document.request, PDF, "kept.pdf")
    erase(document, ada)
    assert "1 were erased by an administrator" in checked()
    assert '"fine": true' in checked("--json") and '"erased": 1' in checked("--json")
    path = store.path(kept.blob_id)
    path.chmod(0o600)
    path.write_bytes(PDF[:-1] + b"!")
    assert "DAMAGED" in checked()
    assert "in their full size" in checked("--quick") and "DAMAGED" not in checked("--quick")
    path.write_bytes(PDF[:-1])
    assert "DAMAGED" in checked("--quick") and '"fine": false' in checked("--quick", "--json")


def test_the_way_a_file_came_is_told_up_to_the_top(document: Document, ada: Person):
    inside = services.receive_part(document, [PDF], inner_path="a/letter.zip", now=NOON)
    deeper = services.receive_part(inside, [b"deep\n"], inner_path="=b.txt", now=NOON)
    said = {line.label: line.value for line in provenance.chain(deeper)}
    assert said["Inside"] == "counts.csv › a/letter.zip"
    assert said["Path in it"] == "=b.txt" and said["Agency"] == document.agency.name
    assert said["Fingerprint (SHA-256)"] == deeper.blob_id
    assert said["Fingerprint (SHA-256) of the file it came in"] == document.blob_id
    client = Client()
    client.force_login(ada)
    table = client.get(reverse("documents:origin-csv", args=[deeper.pk])).content.decode()
    assert "Path in it,'=b.txt" in table, "no spreadsheet takes it for a formula"


def test_holds_are_placed_and_lifted_on_their_pages(document: Document, ada: Person, coordinator_client: Client):
    where = reverse("documents:hold", args=[document.pk])
    assert coordinator_client.post(where, {"scope": "agency", "why": ""}).status_code == 422
    coordinator_client.post(where, {"scope": "agency", "why": "A lawsuit"})
    hold = Hold.objects.get()
    assert hold.agency == document.agency
    assert "A lawsuit" in coordinator_client.get(reverse("documents:holds")).content.decode()
    admin = Client()
    admin.force_login(ada)
    words = admin.get(reverse("documents:erase", args=[document.pk])).content.decode()
    assert "It cannot be erased now" in words and "Erase for good</button>" not in words
    admin.post(reverse("documents:lift-hold", args=[hold.pk]), {"why": "Settled"})
    hold.refresh_from_db()
    assert (hold.lifted_by, hold.lifted_why) == (ada, "Settled")


def test_the_database_refuses_a_tombstone_without_a_name_and_a_hold_on_nothing(document: Document, ada: Person):
    with pytest.raises(IntegrityError, match="erased_blob_says_who_and_why"), transaction.atomic():
        Blob.objects.update(erased_at=NOON)
    with pytest.raises(IntegrityError, match="hold_on_one_thing"), transaction.atomic():
        Hold.objects.create(why="x", placed_by=ada, placed_at=NOON)
