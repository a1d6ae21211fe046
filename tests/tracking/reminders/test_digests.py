"""Digests: at the reader's own hour, once whatever happens, with what single mails were held back."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from requests_app.people import services as people
from requests_app.people.models import Notice, Person
from requests_app.people.notices.models import Preferences
from requests_app.people.preferences import Asked, Topic
from requests_app.people.services import NoticeDraft
from requests_app.tracking.reminders import digests
from requests_app.tracking.reminders.digests import write_digests
from requests_app.tracking.reminders.models import Digest
from tests.factories import PersonFactory, RecordsRequestFactory
from tests.people.conftest import Postman, postman

__all__ = ["postman"]  # the fixture, used by name
pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)  # seven in the morning in New York
LONG_AGO = MONDAY - timedelta(days=30)


def prefer(person: Person, **facts: Any) -> None:
    Preferences.objects.update_or_create(person=person, defaults={"changed_at": LONG_AGO, **facts})


def tell(person: Person, key: str, now: datetime = MONDAY - timedelta(hours=2), **facts: Any) -> Notice:
    people.queue_notices(
        [NoticeDraft(person.pk, key, f"Subject {key}", "First line.\nMore.", "Why.", "/people/me/", **facts)],
        send_after=now,
        now=now,
    )
    return Notice.objects.get(key=key)


def late_request(person: Person) -> None:
    RecordsRequestFactory(
        filer=person, assignee=person, opened_at=LONG_AGO, events=[("sent", "2026-01-05"), ("received", "2026-01-05")]
    )


def digest_of(person: Person) -> Digest:
    return Digest.objects.get(recipient=person)


# --- what stands in it ------------------------------------------------------------------------------------------------


def test_what_single_mails_were_held_back_is_in_the_next_digest_and_in_no_other(alice: Person) -> None:
    prefer(alice, theirs="daily")
    first = tell(alice, "one", topic=Topic.THEIRS)
    tell(alice, "single")  # news, of which alice wants a mail for each
    assert write_digests(MONDAY) == 1
    (section,) = digest_of(alice).sections
    assert [line["title"] for line in section["lines"]] == ["Subject one"]
    assert section["lines"][0]["path"] == f"/people/notices/{first.pk}/open/"
    tell(alice, "two", now=MONDAY + timedelta(hours=1), topic=Topic.THEIRS)
    assert write_digests(MONDAY + timedelta(hours=2)) == 0, "one a day"
    assert write_digests(MONDAY + timedelta(days=1)) == 1
    newest = Digest.objects.order_by("-pk")[0]
    assert [line["title"] for line in newest.sections[0]["lines"]] == ["Subject two"]


def test_a_policy_that_asks_for_a_digest_reaches_who_has_chosen_nothing(alice: Person) -> None:
    tell(alice, "one", topic=Topic.THEIRS, asked=Asked.DIGEST)
    assert write_digests(MONDAY) == 1
    assert digest_of(alice).period == "daily"


@pytest.mark.parametrize(
    ("role", "heading"),
    [("volunteer", "Your letters"), ("coordinator", "Due within a week (1)")],
)
def test_the_overview_is_of_ones_own_work_by_role(role: str, heading: str) -> None:
    person = PersonFactory(roles=[role])
    prefer(person, overview="daily")
    late_request(person)
    write_digests(MONDAY)
    made = digest_of(person)
    assert heading in [section["heading"] for section in made.sections]
    assert made.state == "queued"


def test_a_reviewer_gets_the_reading_queue(alice: Person, tmp_path: Any, settings: Any) -> None:
    from requests_app.correspondence import services as correspondence

    settings.STORE_DIR = tmp_path
    made = RecordsRequestFactory(
        filer=alice, assignee=alice, opened_at=LONG_AGO, events=[("sent", "2026-02-02"), ("received", "2026-02-02")]
    )
    files = [correspondence.IncomingFile("answer.txt", [b"We have your letter.\n"])]
    correspondence.record_reply(
        made, "acknowledged", happened_on=date(2026, 2, 9), files=files, by=alice, now=MONDAY - timedelta(days=9)
    )
    rita = PersonFactory(handle="rita", roles=["reviewer"])
    prefer(rita, overview="weekly")
    write_digests(MONDAY)
    (section,) = digest_of(rita).sections
    assert section["heading"] == "1 document to read"
    assert section["lines"][0]["title"] == "answer.txt"


def test_an_empty_one_is_not_sent_and_not_worked_out_again(alice: Person, postman: Postman) -> None:
    prefer(alice, overview="daily")
    assert write_digests(MONDAY) == 1
    assert digest_of(alice).state == "cancelled"
    assert Digest.send_due(MONDAY + timedelta(hours=1)) == 0
    assert postman.received == []
    assert write_digests(MONDAY + timedelta(hours=1)) == 0


def test_the_mail_has_both_parts_and_a_way_out(alice: Person, postman: Postman) -> None:
    prefer(alice, overview="daily")
    late_request(alice)
    write_digests(MONDAY)
    assert Digest.send_due(MONDAY) == 1
    (mail,) = postman.received
    assert mail["Subject"] == "Daylight: Your day, Monday, March 2"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    for kind in ("plain", "html"):
        part = mail.get_body((kind,)).get_content()
        assert "Your letters" in part
        assert digest_of(alice).sections[0]["lines"][0]["title"] in part
        assert "/people/mail/" in part
        assert "You get this once a day" in part


# --- when -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "hour", "minutes", "made"),
    [
        pytest.param("America/New_York", 7, -1, 0, id="a-minute-too-early"),
        pytest.param("America/New_York", 7, 0, 1, id="at-the-hour"),
        pytest.param("Pacific/Honolulu", 7, 0, 0, id="two-in-the-night-in-hawaii"),
        pytest.param("Pacific/Honolulu", 7, 300, 1, id="seven-in-hawaii"),
        pytest.param("Asia/Tokyo", 7, 0, 0, id="nine-in-the-evening-in-tokyo-and-chosen-after-seven"),
    ],
)
def test_it_is_written_at_the_readers_own_hour(zone: str, hour: int, minutes: int, made: int) -> None:
    person = PersonFactory(time_zone=zone)
    # Chosen yesterday evening in New York, when it was morning of the 2nd in Tokyo.
    chosen = MONDAY - timedelta(hours=13)
    prefer(person, overview="daily", digest_hour=hour, changed_at=chosen)
    assert write_digests(MONDAY + timedelta(minutes=minutes)) == made


def test_weekly_comes_on_its_day_or_as_soon_as_somebody_looks_again(alice: Person) -> None:
    prefer(alice, overview="weekly", weekday=0)
    late_request(alice)
    wednesday = MONDAY + timedelta(days=2)
    assert write_digests(wednesday) == 1
    assert digest_of(alice).for_day == date(2026, 3, 2)
    assert write_digests(wednesday + timedelta(days=4)) == 0
    assert write_digests(wednesday + timedelta(days=5)) == 1


def test_a_clock_that_jumps_sends_nothing_twice(alice: Person) -> None:
    prefer(alice, theirs="daily", overview="daily")
    tell(alice, "one", topic=Topic.THEIRS)
    late_request(alice)
    for moment in (MONDAY, MONDAY + timedelta(days=3), MONDAY - timedelta(hours=3), MONDAY, MONDAY + timedelta(days=3)):
        write_digests(moment)
    told = [line["title"] for one in Digest.objects.all() for part in one.sections for line in part["lines"]]
    assert told.count("Subject one") == 1
    assert Digest.objects.count() == 3  # Sunday's, which nobody had written, Monday's and Thursday's


# --- once -------------------------------------------------------------------------------------------------------------


def test_one_that_dies_in_the_middle_leaves_nothing_and_is_written_again(
    alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefer(alice, theirs="daily")
    tell(alice, "one", topic=Topic.THEIRS)

    def dies(*_facts: Any) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as broken:
        broken.setattr(digests, "told_section", dies)
        assert write_digests(MONDAY) == 0
    assert not Digest.objects.exists()
    assert write_digests(MONDAY) == 1
    assert Notice.objects.get(key="one").gathered_at == MONDAY


@pytest.mark.django_db(transaction=True)
def test_two_beats_at_once_write_one(alice: Person) -> None:
    prefer(alice, theirs="daily")
    tell(alice, "one", topic=Topic.THEIRS)
    made: list[int] = []
    together = threading.Barrier(3)

    def run() -> None:
        try:
            together.wait(timeout=20)
            made.append(write_digests(MONDAY))
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(made) == [0, 0, 1]
    assert len(digest_of(alice).sections[0]["lines"]) == 1


def test_looking_for_digests_costs_the_same_for_many_who_want_one(alice: Person) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as questions:
            write_digests(MONDAY)
        return len(questions)

    prefer(alice, overview="daily")
    write_digests(MONDAY)
    one = asked()
    for _ in range(8):
        prefer(PersonFactory(), overview="daily")
    write_digests(MONDAY)
    assert asked() == one <= 4
