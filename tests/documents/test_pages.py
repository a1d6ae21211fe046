"""Lists, safe download, and who may open what."""

from __future__ import annotations

import html
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from requests_app.documents import services
from requests_app.documents.models import Document
from requests_app.documents.shelves import views as shelves
from requests_app.documents.store import Store
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import AuditEntry, Person
from tests.documents.bodies import CONTENT_TYPE, CSV, body
from tests.documents.everybody import EVERYBODY, client_of
from tests.factories import NOON, AgencyFactory, RecordsRequestFactory

pytestmark = pytest.mark.django_db
LIST = "/documents/"


def keep(letter: RecordsRequest, content: bytes, name: str = "a.csv", minutes: int = 0) -> Document:
    now = NOON + timedelta(minutes=minutes)
    given: dict[str, Any] = {"name": name, "received_on": now.date(), "via": "upload", "by": letter.filer, "now": now}
    return services.receive_file(letter, [content], **given).document


@pytest.fixture
def document(store: Store, letter: RecordsRequest) -> Document:
    return keep(letter, CSV, "totals 2025.csv")


def download_url(document: Document) -> str:
    return reverse("documents:download", args=[document.pk])


def let_go(answer: Any) -> None:
    """Read a download to its end, which closes its file; closing the answer would also end the test's connection."""
    if answer.streaming:
        answer.getvalue()


# --- Download -----------------------------------------------------------------------------------------------------


def test_a_copy_is_the_original_and_no_browser_opens_it(volunteer_client: Client, store: Store, letter: RecordsRequest):
    hostile = b"<!doctype html><script>alert(1)</script>"
    page = keep(letter, hostile, 're"port\u00e9;.html')
    answer = volunteer_client.get(download_url(page))
    assert answer.status_code == 200
    assert answer.getvalue() == hostile
    # All as they leave the server, after every middleware.
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename")
    assert "\n" not in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert int(answer.headers["Content-Length"]) == len(hostile)


def test_a_download_is_noted(volunteer_client: Client, document: Document, alice: Person):
    let_go(volunteer_client.get(download_url(document)))
    entry = AuditEntry.objects.get(action="document downloaded")
    assert (entry.actor, entry.subject) == (alice, f"document:{document.pk}")


def test_a_lost_file_is_said_where_the_document_is(volunteer_client: Client, store: Store, document: Document):
    store.path(document.blob_id).unlink()
    answer = volunteer_client.get(download_url(document), follow=True)
    assert answer.redirect_chain == [(document.get_absolute_url(), 302)]
    assert "missing from the store" in answer.content.decode()
    assert not AuditEntry.objects.filter(action="document downloaded").exists()


# --- Lists --------------------------------------------------------------------------------------------------------


def names(answer: Any) -> list[str]:
    return [document.original_name for document in answer.context["documents"]]


def test_files_stand_under_their_agency_and_their_request(
    coordinator_client: Client, store: Store, letter: RecordsRequest, alice: Person
):
    other = RecordsRequestFactory(filer=alice, agency=AgencyFactory(name="Motor Vehicle Administration"))
    keep(letter, CSV, "police.csv")
    keep(other, CSV + b"1", "vehicles.csv", minutes=1)
    assert names(coordinator_client.get(LIST)) == ["vehicles.csv", "police.csv"]
    of_agency = coordinator_client.get(LIST, {"agency": letter.agency.code})
    assert names(of_agency) == ["police.csv"]
    heading = of_agency.content.decode().partition('<h2 id="files">')[2].partition("</h2>")[0]
    assert heading.strip() == letter.agency.name
    assert names(coordinator_client.get(LIST, {"request": other.reference})) == ["vehicles.csv"]


@pytest.mark.parametrize(
    "query", [{"agency": "nobody"}, {"request": "XX-1"}, {"after": "x"}, {"after": "0" * 32}], ids=str
)
def test_an_unknown_shelf_is_a_404(coordinator_client: Client, document: Document, query: dict[str, str]):
    assert coordinator_client.get(LIST, query).status_code == 404


def test_nothing_yet_says_how_to_begin(volunteer_client: Client, store: Store):
    page = volunteer_client.get(LIST).content.decode()
    assert "Nothing has come back yet" in page and "Go to the requests" in page


def test_a_request_without_files_says_so(coordinator_client: Client, document: Document):
    empty = RecordsRequestFactory()
    page = coordinator_client.get(LIST, {"request": empty.reference}).content.decode()
    assert "Nothing has come back here yet." in page


def test_a_long_list_goes_on_by_key_and_shows_each_file_once(
    coordinator_client: Client, store: Store, letter: RecordsRequest, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(shelves, "PAGE", 3)
    for number in range(8):
        keep(letter, b"%d" % number, f"{number}.csv", minutes=number // 4)  # four at the same moment
    seen: list[str] = []
    url = f"{LIST}?agency={letter.agency.code}"
    pages = 0
    while url:
        answer = coordinator_client.get(url)
        assert f"agency={letter.agency.code}" in url
        seen += names(answer)
        pages += 1
        url = LIST + answer.context["next_url"] if answer.context["next_url"] else ""
    assert pages == 3
    assert sorted(seen) == [f"{number}.csv" for number in range(8)]
    assert set(seen[:4]) == {"4.csv", "5.csv", "6.csv", "7.csv"}, "newest first"


def test_a_strangers_file_shows_nowhere(stranger_client: Client, document: Document, charlie: Person):
    own = RecordsRequestFactory(filer=charlie)
    keep(own, CSV + b"2", "mine.csv")
    page = stranger_client.get(LIST)
    assert names(page) == ["mine.csv"]
    assert "totals 2025" not in page.content.decode() and document.agency.name not in page.content.decode()


def test_a_name_is_shown_as_text(coordinator_client: Client, store: Store, letter: RecordsRequest):
    keep(letter, CSV, "<b onmouseover=x>.csv")
    page = coordinator_client.get(LIST).content.decode()
    assert "<b onmouseover" not in page
    assert "<b onmouseover=x>.csv" in html.unescape(page)


@pytest.mark.parametrize("what", ["list", "shelf", "of_request"])
def test_the_list_asks_the_same_number_of_questions_for_one_file_and_for_ten(
    coordinator_client: Client, store: Store, alice: Person, what: str
):
    def questions() -> int:
        query = {"list": {}, "shelf": {"agency": "md-one"}, "of_request": {"request": letter.reference}}[what]
        with CaptureQueriesContext(connection) as asked:
            assert coordinator_client.get(LIST, query).status_code == 200
        return len(asked)

    letter = RecordsRequestFactory(filer=alice, agency=AgencyFactory(code="md-one"))
    keep(letter, b"0")
    coordinator_client.get(LIST)
    one = questions()
    for number in range(1, 10):
        keep(letter, b"%d" % number, minutes=number)
        keep(RecordsRequestFactory(), b"%d" % number)
    assert questions() == one
    assert one <= 10


# --- Who may ------------------------------------------------------------------------------------------------------

# In the order of EVERYBODY.
MAY: dict[tuple[str, str], tuple[int, ...]] = {
    ("GET", "list"): (302, 200, 200, 200, 200, 200, 200, 302, 200),
    ("GET", "download"): (302, 200, 200, 404, 200, 200, 200, 302, 404),
    ("GET", "upload"): (302, 200, 200, 404, 200, 403, 403, 302, 404),
    ("POST", "upload"): (302, 302, 302, 404, 302, 403, 403, 302, 404),
    ("POST", "list"): (302, 405, 405, 405, 405, 405, 405, 302, 405),
    ("POST", "download"): (302, 405, 405, 405, 405, 405, 405, 302, 405),
    ("PUT", "upload"): (302, 405, 405, 405, 405, 405, 405, 302, 405),
}


@pytest.mark.parametrize(
    ("verb", "address", "who", "status"),
    [
        pytest.param(verb, address, who, status, id=f"{verb}-{address}-{who}")
        for (verb, address), row in MAY.items()
        for who, status in zip(EVERYBODY, row, strict=True)
    ],
)
def test_who_may_open_what(document: Document, alice: Person, verb: str, address: str, who: str, status: int):
    urls = {"list": LIST, "download": download_url(document)}
    urls["upload"] = reverse("documents:upload", args=[document.request.reference])
    client = client_of(who, document.request)
    if verb == "POST":
        answer = client.generic("POST", urls[address], body(("new.csv", CSV + b"new")), content_type=CONTENT_TYPE)
    else:
        answer = client.generic(verb, urls[address])
    assert answer.status_code == status
    let_go(answer)
    if status == 302 and who in ("anonymous", "inactive"):
        assert answer.url.startswith(reverse("account_login"))
    kept = (verb, address, status) == ("POST", "upload", 302) and who not in ("anonymous", "inactive")
    assert Document.objects.count() == 1 + kept
