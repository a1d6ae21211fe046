"""Saved searches: told once of what is new, by what the person may see at that moment."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from requests_app.documents.models import Document, Findable, SavedSearch
from requests_app.documents.search import alerts, services
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Notice, Person
from tests.documents.search.kept import a_document, pages
from tests.factories import NOON, PersonFactory

pytestmark = pytest.mark.django_db
BEFORE, LATER = NOON - timedelta(hours=1), NOON + timedelta(hours=1)


@pytest.fixture
def rita() -> Person:
    return PersonFactory(handle="rita", roles=["reviewer"])


def told(person: Person) -> list[str]:
    return list(Notice.objects.filter(recipient=person).order_by("pk").values_list("subject", flat=True))


def look() -> None:
    while alerts.tell_of_new_documents(LATER):
        pass


def test_a_new_document_is_told_of_once(rita: Person, letter: RecordsRequest) -> None:
    services.save_search(rita, "zebra", now=BEFORE)
    document = a_document(letter, "a.pdf", "A zebra.")
    a_document(letter, "b.pdf", "A horse.")
    look()
    look()
    (notice,) = Notice.objects.filter(recipient=rita)
    assert notice.subject == "A new document fits your search: zebra" and "a.pdf" in notice.text
    assert "b.pdf" not in notice.text and notice.path == f"/documents/search/saved/{rita.saved_searches.get().pk}/"
    services.note_readable([document], now=LATER)  # read again
    look()
    assert len(told(rita)) == 1


def test_what_was_there_before_is_no_news(rita: Person, letter: RecordsRequest) -> None:
    a_document(letter, "a.pdf", "A zebra.")
    services.save_search(rita, "zebra", now=LATER)
    look()
    assert told(rita) == []


def test_text_that_is_read_later_is_news(rita: Person, letter: RecordsRequest) -> None:
    scan = a_document(letter, "scan.pdf")
    look()
    services.save_search(rita, "zebra", now=NOON)
    pages(scan.blob, "A zebra, read from the picture.")
    services.note_readable([scan], now=LATER)
    look()
    assert len(told(rita)) == 1


def test_permission_at_the_time_of_telling_decides(letter: RecordsRequest) -> None:
    charlie = PersonFactory()
    services.save_search(charlie, "zebra", now=BEFORE)
    services.save_search(letter.filer, "zebra", now=BEFORE)
    a_document(letter, "a.pdf", "A zebra.")
    look()
    assert told(charlie) == [] and len(told(letter.filer)) == 1


def test_a_closed_account_is_told_nothing(rita: Person, letter: RecordsRequest) -> None:
    services.save_search(rita, "zebra", now=BEFORE)
    Person.objects.filter(pk=rita.pk).update(is_active=False)
    a_document(letter, "a.pdf", "A zebra.")
    look()
    assert told(rita) == []


def test_switched_off_tells_nothing_and_on_again_only_of_what_comes(rita: Person, letter: RecordsRequest) -> None:
    search = services.save_search(rita, "zebra", now=BEFORE)
    services.switch_telling(search, on=False, now=BEFORE)
    a_document(letter, "a.pdf", "A zebra.")
    look()
    services.switch_telling(search, on=True, now=LATER)
    look()
    assert told(rita) == []


def test_many_at_once_are_one_notice(rita: Person, letter: RecordsRequest) -> None:
    services.save_search(rita, "zebra", now=BEFORE)
    for number in range(12):
        a_document(letter, f"{number}.pdf", "A zebra.")
    look()
    assert told(rita) == ["12 new documents fit your search: zebra"]
    assert Notice.objects.get(recipient=rita).text.endswith("- and 2 more")


def test_a_change_during_the_look_is_looked_at_once_more(
    rita: Person, letter: RecordsRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.save_search(rita, "zebra", now=BEFORE)
    document = a_document(letter, "a.pdf", "A horse.")
    asked = alerts.find_asked

    def changed_meanwhile(*args: object, **facts: object) -> object:
        answer = asked(*args, **facts)  # type: ignore[arg-type]
        monkeypatch.setattr(alerts, "find_asked", asked)
        services.keep_note(document, 1, 1, "A zebra after all.")
        return answer

    monkeypatch.setattr(alerts, "find_asked", changed_meanwhile)
    alerts.tell_of_new_documents(LATER)
    assert told(rita) == [] and Findable.objects.get(document=document).changes == 2
    look()
    assert len(told(rita)) == 1


def test_on_the_screen(rita: Person, letter: RecordsRequest, client: Client) -> None:
    client.force_login(rita)
    client.post("/documents/search/save/", {"q": " zebra  state:MD "})
    client.post("/documents/search/save/", {"q": "zebra state:MD"})
    search = SavedSearch.objects.get()
    assert (search.query, search.tells) == ("zebra state:MD", True)
    assert "You keep this search." in client.get("/documents/search/", {"q": "zebra state:MD"}).content.decode()
    client.post(f"/documents/search/saved/{search.pk}/telling/")
    assert not SavedSearch.objects.get().tells
    client.post(f"/documents/search/saved/{search.pk}/telling/", {"on": "on"})
    assert SavedSearch.objects.get().tells
    assert "zebra state:MD" in client.get("/documents/search/saved/").content.decode()
    where = client.get(f"/documents/search/saved/{search.pk}/")
    assert where.status_code == 302 and where["Location"] == "/documents/search/?q=zebra+state%3AMD"
    client.post(f"/documents/search/saved/{search.pk}/remove/")
    assert not SavedSearch.objects.exists()


@pytest.mark.parametrize("query", ["", "?!", "-word", "\x00"])
def test_a_search_for_nothing_is_not_kept(rita: Person, client: Client, query: str) -> None:
    client.force_login(rita)
    answer = client.post("/documents/search/save/", {"q": query}, follow=True)
    assert "was not kept" in answer.content.decode() and not SavedSearch.objects.exists()


def test_nobody_keeps_too_many(rita: Person, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MOST_SAVED", 1)
    services.save_search(rita, "zebra", now=NOON)
    client.force_login(rita)
    answer = client.post("/documents/search/save/", {"q": "horse"}, follow=True)
    assert "was not kept" in answer.content.decode() and SavedSearch.objects.count() == 1


def test_a_document_in_the_search_is_kept_by_its_name(letter: RecordsRequest) -> None:
    document = Document.objects.get(pk=a_document(letter, "a.pdf").pk)
    services.forget(document)
    assert services.problems() and services.keep_all_about(10) == 1 and services.problems() == []
