"""Notices, how people want to be told, and the way out of mails, through the pages and a real mail server."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from requests_app.people import services
from requests_app.people.models import AuditEntry, Notice, Person
from requests_app.people.notices import queries
from requests_app.people.notices import services as telling
from requests_app.people.notices.models import Preferences
from requests_app.people.preferences import Asked, Channel, Topic
from requests_app.people.way_out import DIGESTS, EVERYTHING, WayOut, read_token, token_for
from tests.people.cast import NOW, browser_of, make_person
from tests.people.conftest import Postman

pytestmark = pytest.mark.django_db

CHOICE = {
    "theirs": "daily", "news": "in_app", "overview": "weekly", "digest_hour": "8", "weekday": "2",
    "quiet_from": "22:00", "quiet_until": "07:00", "time_zone": "Pacific/Honolulu",
}  # fmt: skip


@pytest.fixture
def vera(db: None) -> Person:
    return make_person("vera", "volunteer")


def tell(person: Person, key: str, topic: Topic = Topic.NEWS, **facts: Any) -> Notice:
    return services.queue_notice(
        person, key, "Subject", "Text.", "You get this because.", topic=topic, now=NOW, **facts
    )


# --- choosing ---------------------------------------------------------------------------------------------------------


def test_what_is_chosen_holds_for_the_next_notice(vera: Person) -> None:
    before = tell(vera, "a", Topic.THEIRS)
    answer = browser_of(vera).post(reverse("people:preferences"), CHOICE)
    assert answer.status_code == 302
    vera.refresh_from_db()
    assert vera.time_zone == "Pacific/Honolulu"
    channels = {
        topic: tell(vera, f"{topic}", topic).channel for topic in (Topic.THEIRS, Topic.NEWS, Topic.OURS, Topic.ACCOUNT)
    }
    assert channels == {
        Topic.THEIRS: Channel.DAILY,
        Topic.NEWS: Channel.IN_APP,
        Topic.OURS: Channel.SINGLE,
        Topic.ACCOUNT: Channel.SINGLE,
    }
    before.refresh_from_db()
    assert before.channel == Channel.SINGLE, "what waits already goes as it was decided"
    page = browser_of(vera).get(reverse("people:preferences")).content.decode()
    assert 'value="Pacific/Honolulu"' in page
    assert AuditEntry.objects.filter(action="preferences_changed", subject=f"person:{vera.pk}").exists()


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("time_zone", "America/Atlantis", "There is no time zone “America/Atlantis”"),
        ("time_zone", "../../etc/passwd", "There is no time zone"),
        ("time_zone", "", "This field is required"),
        ("quiet_until", "", "need a beginning and an end"),
        ("quiet_until", "22:00", "begin and end at once"),
        ("quiet_from", "25:99", "Enter a valid time"),
        ("theirs", "pigeon", "not one of the available choices"),
        ("digest_hour", "24", "not one of the available choices"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_kept(vera: Person, field: str, value: str, said: str) -> None:
    answer = browser_of(vera).post(reverse("people:preferences"), CHOICE | {field: value})
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert not Preferences.objects.exists()
    vera.refresh_from_db()
    assert vera.time_zone == "America/New_York"


def test_quiet_hours_set_when_the_mail_leaves_and_the_notice_stands_at_once(vera: Person) -> None:
    telling.choose(vera.pk, _choice(quiet=("11:00", "14:00")), now=NOW)
    made = tell(vera, "a")  # at noon in New York
    assert made.send_after == NOW + timedelta(hours=2)
    assert not Notice.send(made.pk, NOW + timedelta(minutes=119))
    assert queries.unread_count(vera) == 1


def _choice(theirs: str = "single", news: str = "single", quiet: tuple[str, str] | None = None) -> telling.Choice:
    from datetime import time

    start, end = (time.fromisoformat(one) for one in quiet) if quiet else (None, None)
    return telling.Choice("America/New_York", theirs, news, "", True, start, end, 7, 0)


def test_a_crowd_is_told_in_as_many_questions_as_one(vera: Person) -> None:
    people = [vera, *(make_person(f"v{n}", "volunteer") for n in range(11))]
    for person in people[::2]:
        telling.choose(person.pk, _choice(news="daily"), now=NOW)

    def asked(some: list[Person], key: str) -> int:
        drafts = [services.NoticeDraft(person.pk, f"{key}{person.pk}", "S", "T", "W") for person in some]
        with CaptureQueriesContext(connection) as questions:
            services.queue_notices(drafts, send_after=NOW, now=NOW)
        return len(questions)

    assert asked(people[:1], "a") == asked(people, "b")
    assert Notice.objects.filter(key__startswith="b", channel="daily").count() == 6


# --- the list ---------------------------------------------------------------------------------------------------------


def test_a_notice_is_read_when_it_is_opened_by_the_link_in_its_mail(vera: Person) -> None:
    made = tell(vera, "a", path="/people/me/")
    answer = browser_of(vera).get(reverse("people:notice-open", args=[made.pk]))
    assert (answer.status_code, answer.url) == (302, "/people/me/")
    made.refresh_from_db()
    assert made.read_at is not None
    assert browser_of(make_person("vic")).get(reverse("people:notice-open", args=[made.pk])).status_code == 404


def test_one_is_marked_read_and_the_others_stay(vera: Person) -> None:
    first, second = tell(vera, "a"), tell(vera, "b")
    browser = browser_of(vera)
    browser.post(reverse("people:notice-read", args=[first.pk]))
    assert queries.unread_count(vera) == 1
    page = browser.get(reverse("people:notices"), {"show": "unread"})
    assert [one.pk for one in page.context["notices"]] == [second.pk]
    browser.post(reverse("people:notices-read"))
    assert "Nothing new" in browser.get(reverse("people:notices"), {"show": "unread"}).content.decode()


def test_the_bell_counts_no_further_than_a_hundred(vera: Person) -> None:
    for number in range(120):
        tell(vera, f"n{number}")
    assert queries.unread_count(vera) == 100
    assert "99+" in browser_of(vera).get(reverse("people:notices")).content.decode()


@pytest.mark.parametrize("before", ["²", "-1", "9" * 40, "x", ""])
def test_a_key_that_is_none_begins_at_the_top(vera: Person, before: str) -> None:
    tell(vera, "a")
    assert len(browser_of(vera).get(reverse("people:notices"), {"before": before}).context["notices"]) == 1


# --- the mail and the way out -----------------------------------------------------------------------------------------


def way_out_of(mail: Any) -> str:
    found = re.fullmatch(r"<(\S+)>", mail["List-Unsubscribe"].strip())  # a long header is folded
    assert found is not None
    return found[1]


@pytest.mark.parametrize(
    ("topic", "what"),
    [(Topic.THEIRS, "theirs"), (Topic.NEWS, "news"), (Topic.OURS, "everything"), (Topic.ACCOUNT, "everything")],
)
def test_every_mail_says_why_and_how_to_end_it(vera: Person, postman: Postman, topic: Topic, what: str) -> None:
    assert Notice.send(tell(vera, "a", topic, path="/people/me/").pk, NOW)
    (mail,) = postman.received
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    url = way_out_of(mail)
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    for part in (text, html):
        assert "You get this because." in part
        assert url in part
        assert reverse("people:preferences") in part
        assert ("cannot be turned off" in part) == (topic in (Topic.OURS, Topic.ACCOUNT))
    assert "src=" not in html, "nothing is loaded from anywhere"
    assert read_token(url.rstrip("/").rpartition("/")[2]) == WayOut(vera.pk, what)


def test_looking_at_the_way_out_changes_nothing_and_posting_does_without_signing_in(
    vera: Person, postman: Postman
) -> None:
    Notice.send(tell(vera, "a", Topic.THEIRS).pk, NOW)
    path = "/" + way_out_of(postman.received[0]).split("/", 3)[3]
    program = Client(enforce_csrf_checks=True)  # a mail program, with no cookie of ours
    looked = program.get(path)
    assert looked.status_code == 200
    assert "agencies&#x27; deadlines" in looked.content.decode() or "agencies' deadlines" in looked.content.decode()
    assert "vera" not in looked.content.decode()
    assert not Preferences.objects.exists()
    waiting = tell(vera, "b", Topic.THEIRS)
    for _twice in range(2):
        assert program.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert Preferences.objects.get().theirs == "in_app"
    assert Preferences.objects.get().news == "single"
    assert not Notice.send(waiting.pk, NOW), "what waited is not sent any more"
    assert tell(vera, "c", Topic.OURS).channel == "single"


@pytest.mark.parametrize(
    ("what", "theirs", "news", "overview"),
    [
        ("theirs", "in_app", "daily", "weekly"),
        ("news", "weekly", "in_app", "weekly"),
        ("digests", "in_app", "in_app", ""),
        ("everything", "in_app", "in_app", ""),
    ],
)
def test_what_each_way_out_turns_off(vera: Person, what: str, theirs: str, news: str, overview: str) -> None:
    Preferences.objects.create(person=vera, theirs="weekly", news="daily", overview="weekly", changed_at=NOW)
    telling.unsubscribe(vera.pk, what, now=NOW)
    kept = Preferences.objects.get()
    assert (kept.theirs, kept.news, kept.overview) == (theirs, news, overview)


def asks_for_a_digest(vera: Person, key: str, topic: Topic) -> None:
    words = ("S", "T.", "Why.")
    draft = telling.NoticeDraft(vera.pk, key, *words, topic=topic, asked=Asked.DIGEST)
    telling.queue_notices([draft], send_after=NOW, now=NOW)


@pytest.mark.parametrize("what", [DIGESTS, EVERYTHING])
def test_the_way_out_of_digests_ends_them_and_of_ours_nothing_is_lost(vera: Person, what: str) -> None:
    Preferences.objects.create(person=vera, news="weekly", changed_at=NOW)
    telling.queue_notice(vera, "news", "S", "T.", "Why.", now=NOW)
    asks_for_a_digest(vera, "theirs", Topic.THEIRS)
    asks_for_a_digest(vera, "ours", Topic.OURS)
    assert set(Notice.objects.values_list("channel", flat=True)) == {"weekly", "daily"}
    telling.unsubscribe(vera.pk, what, now=NOW)
    asks_for_a_digest(vera, "theirs later", Topic.THEIRS)
    asks_for_a_digest(vera, "ours later", Topic.OURS)
    assert dict(Notice.objects.values_list("key", "channel")) == {
        "news": "in_app", "theirs": "in_app", "ours": "single", "theirs later": "in_app", "ours later": "single",
    }  # fmt: skip
    assert {notice.key for notice in Notice.due(NOW)} == {"ours", "ours later"}


@pytest.mark.parametrize("token", ["", "x", "é", "a:b", "." * 150, token_for(WayOut(999999, "theirs")), "A" * 5000])
def test_a_broken_way_out_says_so_and_changes_nothing(vera: Person, token: str) -> None:
    if not token:
        return
    answer = Client().post(reverse("people:unsubscribe", args=[token]))
    assert answer.status_code == 410
    assert not Preferences.objects.exists()


def test_a_token_cannot_be_turned_to_somebody_else_or_to_what_must_be_mailed(vera: Person) -> None:
    good = token_for(WayOut(vera.pk, "theirs"))
    assert read_token(good) == WayOut(vera.pk, "theirs")
    assert read_token(good[:-1] + ("A" if good[-1] != "A" else "B")) is None
    assert read_token(token_for(WayOut(vera.pk, "ours"))) is None
