"""What a person cannot see is no hit, no number, no facet and no suggestion to them."""

from __future__ import annotations

import pytest
from django.urls import reverse

from requests_app.documents.models import Blob, Document, PageNumbers
from requests_app.documents.search import services, spelling
from requests_app.documents.search.finding import Results, find
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Person
from tests.documents.everybody import EVERYBODY, client_of
from tests.documents.search.kept import a_document
from tests.factories import NOON, PersonFactory, RecordsRequestFactory

pytestmark = pytest.mark.django_db

SEES = {"owner", "assigned", "coordinator", "reviewer", "administrator"}
QUERIES = ("zebra", "giraffe", "in:about stripes", "state:MD", "zebr*", "zebra OR giraffe")


@pytest.fixture(params=[500, 0], ids=["named-to-the-index", "joined-to-the-index"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr("requests_app.documents.search.finding.FEW", request.param)
    return int(request.param)


@pytest.fixture
def striped(letter: RecordsRequest) -> Document:
    made = a_document(letter, "stripes.pdf", "The zebra of Maryland.")
    services.keep_note(made, 1, 1, "No giraffe.")
    while spelling.learn():
        pass
    return made


@pytest.mark.parametrize("who", EVERYBODY)
def test_who_finds_a_document_on_the_page(who: str, letter: RecordsRequest, striped: Document, way: int) -> None:
    client = client_of(who, letter)
    for query in (*QUERIES, "zebar"):
        response = client.get("/documents/search/", {"q": query})
        text = response.content.decode()
        if who in ("anonymous", "inactive"):
            assert response.status_code == 302
            continue
        assert response.status_code == 200
        if query == "zebar":
            assert ("zebra" in text) == (who in SEES)
        else:
            assert (str(striped.pk) in text) == (who in SEES)
            assert (letter.reference in text) == (who in SEES)


@pytest.mark.parametrize("who", EVERYBODY)
def test_who_finds_a_page_by_its_id(who: str, letter: RecordsRequest, striped: Document) -> None:
    PageNumbers.objects.create(document=striped, first=41, last=42, given_by=PersonFactory(), given_at=NOON)
    client, seen = client_of(who, letter), reverse("documents:page", args=[striped.pk, 2])
    for query, is_page in (("DL-000042", True), (" dl-42 ", True), ("DL-000043", False), ("x DL-000042", False)):
        text = client.get("/documents/search/", {"q": query}).content.decode()
        assert (f'href="{seen}"' in text) == (is_page and who in SEES), query
    Blob.objects.update(locked_why="infected: Example")
    assert str(striped.pk) not in client.get("/documents/search/", {"q": "DL-000042"}).content.decode()


def empty(answer: Results) -> bool:
    return (answer.document_count, answer.place_count, answer.facets, answer.is_bounded) == (0, 0, (), False)


def test_the_same_bytes_show_only_the_visible_document(letter: RecordsRequest, striped: Document, way: int) -> None:
    charlie = PersonFactory()
    his = a_document(RecordsRequestFactory(filer=charlie), "his.pdf", blob=striped.blob)
    answer = find(charlie, "zebra")
    assert [found.document for found in answer.found] == [his] and answer.document_count == answer.place_count == 1
    assert {value.typed for facet in answer.facets for value in facet.values} == set()
    assert empty(find(charlie, "giraffe")) and empty(find(charlie, "stripes"))


def test_a_locked_file_is_found_by_nobody(striped: Document, reviewer: Person, way: int) -> None:
    assert find(reviewer, "zebra").document_count == 1
    Blob.objects.filter(pk=striped.blob_id).update(locked_why="infected: Eicar")
    assert all(empty(find(reviewer, query)) for query in QUERIES)


def test_a_forgotten_document_is_found_by_its_bytes_alone(striped: Document, reviewer: Person) -> None:
    services.forget(striped)
    assert empty(find(reviewer, "giraffe")) and empty(find(reviewer, "stripes"))
    assert find(reviewer, "zebra").document_count == 1
    services.keep_about(striped)
    assert find(reviewer, "stripes").document_count == 1


@pytest.fixture
def reviewer() -> Person:
    return PersonFactory(roles=["reviewer"])
