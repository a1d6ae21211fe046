"""What is done on a row in place: with a script and without, back to the same place, and taken back again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from requests_app.correspondence import next_letters
from requests_app.filing import services as filing
from requests_app.filing.models import NextLetter, Note, RecordsRequest
from requests_app.filing.writing import ways
from requests_app.kits import letters, rendering
from requests_app.people.models import Person
from requests_app.tracking.desk import queries, services
from requests_app.tracking.desk.services import DeskRefused, UndoRefused
from tests.factories import NOON, ContactPointFactory, PersonFactory, RecordsRequestFactory
from tests.filing.letters import a_letter

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 2)
PLACE = "state=MD&group=them"
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def row(bob: Person) -> RecordsRequest:
    return RecordsRequestFactory(with_deadline=True)


def act(name: str, row: RecordsRequest, *more: str) -> str:
    return reverse(f"tracking:desk-{name}", args=[row.reference, *more])


POSTED: dict[str, tuple[tuple[str, ...], dict[str, str], str]] = {
    "record": (("acknowledged",), {"happened_on": "2026-03-02", "note": ""}, "Recorded."),
    "snooze": ((), {"until": "2026-03-09", "why": "They move house."}, "sleeps until Monday, March 9, 2026"),
    "assign": ((), {"assignee": ""}, "follows"),
    "note": ((), {"text": "Ask for Pat."}, "Your note is on the request."),
}


@pytest.mark.parametrize("name", POSTED)
def test_without_a_script_an_act_leads_back_to_the_same_place(
    name: str, row: RecordsRequest, bob: Person, coordinator_client: Client
) -> None:
    more, posted, words = POSTED[name]
    if name == "assign":
        posted = {"assignee": str(bob.pk)}
    page = coordinator_client.get(act(name, row, *more), {"back": PLACE})
    assert page.status_code == 200
    assert f'name="back" value="{PLACE.replace("&", "&amp;")}"' in page.content.decode()
    answer = coordinator_client.post(act(name, row, *more), posted | {"back": PLACE})
    assert answer.status_code == 302
    assert answer["Location"] == f"{reverse('tracking:desk')}?{PLACE}#row-{row.reference}"
    landed = coordinator_client.get(answer["Location"]).content.decode()
    assert words in landed
    assert "Undo" in landed
    assert "Undo" not in coordinator_client.get(reverse("tracking:desk")).content.decode(), "offered once"


@pytest.mark.parametrize("name", POSTED)
def test_with_a_script_the_row_alone_comes_back_and_says_what_was_done(
    name: str, row: RecordsRequest, bob: Person, coordinator_client: Client
) -> None:
    more, posted, words = POSTED[name]
    if name == "assign":
        posted = {"assignee": str(bob.pk)}
    form = coordinator_client.get(act(name, row, *more), headers=HTMX).content.decode()
    assert "<html" not in form
    assert "data-dl-focus" in form
    done = coordinator_client.post(act(name, row, *more), posted, headers=HTMX).content.decode()
    assert "<html" not in done
    assert done.count("<li") == 1
    assert "data-dl-announce=" in done
    assert words in done
    assert "Undo" in done


def undo_of(html: str) -> str:
    return html.split('hx-post="/desk/undo/')[1].split('"')[0]


@pytest.mark.parametrize("name", POSTED)
def test_an_act_is_taken_back_by_its_inverse(
    name: str, row: RecordsRequest, bob: Person, coordinator_client: Client
) -> None:
    more, posted, _words = POSTED[name]
    if name == "assign":
        posted = {"assignee": str(bob.pk)}
    done = coordinator_client.post(act(name, row, *more), posted, headers=HTMX).content.decode()
    taken = coordinator_client.post(f"/desk/undo/{undo_of(done)}", headers=HTMX).content.decode()
    row.refresh_from_db()
    assert row.status == "received"
    assert row.assignee is None
    assert not Note.objects.exists()
    assert not queries.asleep(dict.fromkeys(["MD"], TODAY))
    assert "data-dl-announce=" in taken
    assert "Undo" not in taken
    if name == "record":
        kinds = list(row.events.order_by("sequence").values_list("kind", flat=True))
        assert kinds[-2:] == ["acknowledged", "correction"], "nothing is deleted"


def test_what_is_wrong_is_said_in_place(row: RecordsRequest, coordinator_client: Client) -> None:
    late = coordinator_client.post(act("snooze", row), {"until": "2026-05-20", "why": "Later."}, headers=HTMX)
    assert late.status_code == 200, "htmx shows nothing of an answer that failed"
    assert "at the latest" in late.content.decode()
    plain = coordinator_client.post(act("snooze", row), {"until": "2026-05-20", "why": "Later."})
    assert plain.status_code == 422
    early = coordinator_client.post(act("record", row, "received"), {"happened_on": "2026-03-09"}, headers=HTMX)
    assert "has not come yet" in early.content.decode()


def test_the_way_back_leads_nowhere_but_to_the_desk(row: RecordsRequest, coordinator_client: Client) -> None:
    answer = coordinator_client.post(
        act("note", row), {"text": "x", "back": "https://evil.example/?state=MD&next=//evil.example"}
    )
    assert answer["Location"] == f"/desk/#row-{row.reference}"


def test_undo_is_for_whoever_did_it_and_while_nothing_came_after(row: RecordsRequest, bob: Person) -> None:
    other = PersonFactory(roles=["coordinator"])
    done = services.assign(row.pk, to=bob, by=bob, now=NOON)
    assert done.undo is not None
    with pytest.raises(UndoRefused, match="Only whoever"):
        services.undo("assign", done.undo.pk, by=other, now=NOON)
    filing.record_event(row.pk, "acknowledged", by=other, now=NOON)
    with pytest.raises(UndoRefused, match="recorded after it"):
        services.undo("assign", done.undo.pk, by=bob, now=NOON)
    note = services.note(row.pk, text="x", by=bob, now=NOON)
    assert note.undo is not None
    with pytest.raises(UndoRefused, match="within an hour"):
        services.undo("note", note.undo.pk, by=bob, now=NOON + timedelta(hours=2))
    with pytest.raises(UndoRefused):
        services.undo("everything", 1, by=bob, now=NOON)


@pytest.mark.parametrize("closed", [False, True], ids=["lost the role", "account closed"])
def test_undo_gives_a_request_to_nobody_who_can_no_longer_follow_it(
    row: RecordsRequest, bob: Person, *, closed: bool
) -> None:
    left = PersonFactory(handle="left")
    services.assign(row.pk, to=left, by=bob, now=NOON)
    done = services.assign(row.pk, to=bob, by=bob, now=NOON)
    if closed:
        Person.objects.filter(pk=left.pk).update(is_active=False)
    else:
        left.role_grants.all().delete()
    assert done.undo is not None
    with pytest.raises(DeskRefused, match="cannot any more"):
        services.undo("assign", done.undo.pk, by=bob, now=NOON)
    row.refresh_from_db()
    assert row.assignee == bob


def test_an_event_of_another_kind_is_not_taken_back_as_an_assignment(row: RecordsRequest, bob: Person) -> None:
    services.assign(row.pk, to=bob, by=bob, now=NOON)
    event = filing.record_event(row.pk, "acknowledged", by=bob, now=NOON)
    with pytest.raises(DeskRefused):
        services.undo("assign", event.pk, by=bob, now=NOON)
    row.refresh_from_db()
    assert row.assignee == bob


def test_a_refused_undo_leads_to_the_desk_that_says_why(row: RecordsRequest, coordinator_client: Client) -> None:
    answer = coordinator_client.post("/desk/undo/note/999999/", {"back": PLACE}, headers=HTMX)
    assert answer.status_code == 204
    assert answer["HX-Redirect"] == f"/desk/?{PLACE}"
    assert "within an hour" in coordinator_client.get("/desk/").content.decode()


# --- the letter that is written ---------------------------------------------------------------------------------------


@pytest.fixture
def written(row: RecordsRequest, bob: Person, monkeypatch: pytest.MonkeyPatch) -> NextLetter:
    monkeypatch.setattr(rendering, "to_pdf", lambda html, **_more: b"%PDF")
    row.contact_point, row.letter = ContactPointFactory(agency=row.agency), letters.dump(a_letter())
    row.save(update_fields=["contact_point", "letter"])
    matter = next_letters.desk_of(row, now=NOON)
    way = ways(matter, "receipt_confirmation")[0]
    content = filing.Written(matter.compose("receipt_confirmation", {}, way), {}, way, matter.newest)
    return filing.begin_letter(row, "receipt_confirmation", content, by=bob, now=NOON)


def as_seen(letter: NextLetter) -> dict[str, int]:
    return {"letter": letter.pk, "seen": letter.changes}


def test_only_the_letter_that_was_seen_is_sent(
    row: RecordsRequest, written: NextLetter, coordinator_client: Client
) -> None:
    """Neither another one that is written, nor this one after somebody changed its words."""
    form = coordinator_client.get(act("letter", row), headers=HTMX).content.decode()
    assert f'name="seen" value="{written.changes}"' in form
    stale = [{}, {"letter": written.pk}, {"letter": written.pk + 1, "seen": written.changes}, as_seen(written)]
    NextLetter.objects.filter(pk=written.pk).update(changes=written.changes + 1)
    for posted in stale:
        answer = coordinator_client.post(act("letter", row), posted, headers=HTMX).content.decode()
        assert "since you saw it" in answer, posted
    written.refresh_from_db()
    assert written.state == "draft"


def test_a_letter_that_somebody_else_sent_since_is_not_taken_back_by_an_old_button(
    row: RecordsRequest, written: NextLetter, bob: Person, coordinator_client: Client
) -> None:
    done = services.send(written.pk, seen_changes=written.changes, by=bob, now=NOON)
    assert done.undo is not None
    services.undo("letter", done.undo.pk, by=bob, now=NOON)
    vera = PersonFactory(handle="vera", roles=["coordinator"])
    services.send(written.pk, seen_changes=written.changes, by=vera, now=NOON)
    with pytest.raises(DeskRefused, match="Somebody else has sent it"):
        services.undo("letter", done.undo.pk, by=bob, now=NOON)
    written.refresh_from_db()
    assert written.state == "queued"


def test_a_written_letter_is_sent_from_its_row_and_taken_back(
    row: RecordsRequest, written: NextLetter, coordinator_client: Client
) -> None:
    desk = coordinator_client.get(reverse("tracking:desk")).content.decode()
    assert "Send it" in desk
    form = coordinator_client.get(act("letter", row), headers=HTMX).content.decode()
    assert written.contact_point is not None
    assert written.contact_point.value in form
    done = coordinator_client.post(act("letter", row), as_seen(written), headers=HTMX).content.decode()
    written.refresh_from_db()
    assert written.state == "queued"
    assert "In the outbox" in done
    coordinator_client.post(f"/desk/undo/{undo_of(done)}", headers=HTMX)
    written.refresh_from_db()
    assert written.state == "draft"


def test_a_letter_that_was_overtaken_is_not_sent(
    row: RecordsRequest, written: NextLetter, bob: Person, coordinator_client: Client
) -> None:
    filing.record_event(row.pk, "acknowledged", by=bob, now=NOON)
    answer = coordinator_client.post(act("letter", row), as_seen(written), headers=HTMX).content.decode()
    assert "Something happened since" in answer
    written.refresh_from_db()
    assert written.state == "draft"


def test_without_a_letter_the_page_of_letters_opens(row: RecordsRequest, coordinator_client: Client) -> None:
    assert coordinator_client.get(act("letter", row))["Location"].endswith("/letters/")
    assert "No letter waits" in coordinator_client.get(act("letter", row), headers=HTMX).content.decode()


def test_an_administrator_looks_and_acts_on_nothing(row: RecordsRequest, administrator_client: Client) -> None:
    html = administrator_client.get(reverse("tracking:desk")).content.decode()
    assert row.reference in html
    assert act("note", row) not in html
    assert administrator_client.post(act("note", row), {"text": "x"}).status_code == 403


@pytest.mark.parametrize("name", ["record-what", "snooze", "assign", "note"])
def test_a_form_in_place_asks_the_same_of_a_short_and_a_long_history(
    name: str, row: RecordsRequest, coordinator_client: Client, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(15):
        coordinator_client.get(act(name, row), headers=HTMX)
