"""Private feeds: what is in them, who gets them, and that a calendar program shows exactly what runs."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from requests_app.filing import services as filing
from requests_app.filing.models import CampaignTarget, Deadline, RecordsRequest
from requests_app.people.models import AuditEntry, Person
from requests_app.tracking import services as tracking
from requests_app.tracking.calendar import ical, queries, services
from requests_app.tracking.calendar.models import CalendarFeed
from tests.factories import NOON, AgencyFactory, DraftFactory, RecordsRequestFactory, record
from tests.tracking.calendar.clients import CalendarProgram

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def make(owner: Person, **about: Any) -> tuple[CalendarFeed, str]:
    return services.make_feed(services.About(**(about or {"person": owner})), by=owner, now=NOON)


def fetch(secret: str, now: datetime = NOON, **headers: str) -> Any:
    with time_machine.travel(now, tick=False):
        return Client().get(f"/feeds/{secret}.ics", headers=headers)


def events(feed: bytes) -> list[Any]:
    return list(Calendar.from_ical(feed).walk("VEVENT"))


def live(feed: bytes) -> list[Any]:
    return [one for one in events(feed) if one["status"] == "CONFIRMED"]


def running(requests: Any) -> list[date]:
    """Return the days on which something of these requests runs out, each date of a pair for itself."""
    rows = Deadline.objects.filter(request__in=requests, state="running")
    return sorted(day for one in rows for day in {one.earliest, one.latest} if day is not None)


@pytest.fixture
def asked(alice: Person) -> RecordsRequest:
    return RecordsRequestFactory(filer=alice, with_deadline=True)


def test_a_feed_tells_every_running_date_with_its_law(alice: Person, asked: RecordsRequest) -> None:
    _feed, secret = make(alice)
    response = fetch(secret)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    found = live(response.content)
    assert sorted(one.decoded("dtstart") for one in found) == running([asked]) != []
    for one in found:
        assert type(one.decoded("dtstart")) is date  # a day; a moment would move in other zones
        assert one.decoded("dtend") - one.decoded("dtstart") == DAY
        assert asked.reference in one["summary"]
        assert asked.agency.name in one["summary"]
        assert "Md. Gen. Prov." in one["description"]
        assert one["url"].endswith(f"/requests/{asked.reference}/")
        assert str(one["transp"]) == "TRANSPARENT"
        assert not one.walk("VALARM")


def test_a_feed_says_what_it_is_and_when_to_come_again(alice: Person, asked: RecordsRequest) -> None:
    calendar = Calendar.from_ical(fetch(make(alice)[1]).content)
    assert calendar["version"] == "2.0"
    assert str(calendar["name"]) == str(calendar["x-wr-calname"]) == "Daylight: My own requests"
    assert "At most 1,000 running dates" in calendar["description"]
    assert calendar.decoded("refresh-interval") == timedelta(hours=4)
    raw = calendar.to_ical()
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT4H" in raw
    assert b"X-PUBLISHED-TTL:PT4H" in raw
    assert b"METHOD:PUBLISH" in raw


def test_earliest_and_latest_are_entries_of_their_own(alice: Person) -> None:
    # Whether a last day on a Saturday moves is not settled in Maryland: docs/deadlines.md, section 3.
    RecordsRequestFactory(filer=alice, events=[("sent", "2026-03-05"), ("received", "2026-03-05")])
    found = {one["summary"].partition(",")[0]: one.decoded("dtstart") for one in live(fetch(make(alice)[1]).content)}
    assert found["Theirs: Decision (earliest)"] == date(2026, 4, 4)
    assert found["Theirs: Decision (latest)"] == date(2026, 4, 6)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("Bureau of A, B; and C\\D\nsecond line", id="commas-semicolons-backslashes-and-lines"),
        pytest.param("Archives 📜🗂️ of Everything " * 5, id="emoji-and-long-lines"),
        pytest.param("משרד הרישומים الأرشيف", id="right-to-left"),
    ],
)
def test_names_come_back_as_they_are(alice: Person, name: str) -> None:
    RecordsRequestFactory(filer=alice, with_deadline=True, agency=AgencyFactory(name=name))
    raw = fetch(make(alice)[1]).content
    assert all(name in one["summary"] for one in events(raw))
    lines = raw.split(b"\r\n")
    assert b"\n" not in b"".join(lines)  # every line ends as the standard wants
    assert max(map(len, lines)) <= 75
    for line in lines:
        line.decode()  # no line is folded inside a letter


def test_nothing_private_is_told(alice: Person, asked: RecordsRequest) -> None:
    RecordsRequest.objects.filter(pk=asked.pk).update(subject="Confidential subject")
    text = fetch(make(alice)[1]).content.decode().replace("\r\n ", "")
    assert asked.reference in text
    for private in ("Alice Liddell", "alice", alice.email, "Confidential", "Example Street", asked.reply_token):
        assert private not in text


# --- what a calendar program makes of it ------------------------------------------------------------------------------


def test_dates_appear_move_and_vanish(alice: Person) -> None:
    _feed, secret = make(alice)
    program = CalendarProgram()
    asked = RecordsRequestFactory(filer=alice, seen_at=NOON, events=[("sent", "2026-03-02")])
    program.apply(fetch(secret).content)
    assert program.days() == running([asked])
    names = {uid for uid, _day in program.shown()}

    record(asked, ("received", "2026-03-04"), seen_at=NOON + 2 * DAY)
    program.apply(fetch(secret, NOON + 2 * DAY).content)
    assert program.days() == running([asked])
    assert {uid for uid, _day in program.shown()} <= names  # moved, not made anew

    record(asked, ("acknowledged", "2026-03-05"), seen_at=NOON + 3 * DAY)
    program.apply(fetch(secret, NOON + 3 * DAY).content)
    assert program.days() == running([asked])

    record(asked, ("produced", "2026-03-09"), seen_at=NOON + 7 * DAY)
    program.apply(fetch(secret, NOON + 7 * DAY).content)
    assert program.shown() == set()
    assert running([asked]) == []
    assert program.broken == []


STORY = [
    ("sent", "2026-03-02"),
    ("received", "2026-03-05"),
    ("acknowledged", "2026-03-06"),
    ("extension", "2026-03-10"),
    ("fee_estimated", "2026-03-11", {"amount_cents": 100}),
    ("fee_paid", "2026-03-16", {"amount_cents": 100}),
    ("denied", "2026-03-20"),
    ("appeal_filed", "2026-03-25", {"level": "head"}),
    ("withdrawn", "2026-03-30"),
]


@pytest.mark.parametrize("state", ["MD", "CA", "TX"])
@pytest.mark.parametrize("every", [1, 3], ids=["read-each-time", "read-rarely"])
def test_a_life_read_at_any_times_leaves_exactly_what_runs(alice: Person, state: str, every: int) -> None:
    _feed, secret = make(alice)
    program = CalendarProgram()
    asked = RecordsRequestFactory(filer=alice, jurisdiction=state)
    now = NOON
    for number, (kind, day, *details) in enumerate(STORY):
        now = datetime.fromisoformat(f"{day}T17:00:00+00:00")
        try:
            record(asked, (kind, day, *details), seen_at=now)
        except filing.EventRefused:
            continue  # what this law or this story does not know
        if number % every == 0:
            program.apply(fetch(secret, now).content)
            assert program.days() == running([asked])
    later = now + 30 * DAY
    while tracking.sweep(later):
        pass
    program.apply(fetch(secret, later).content)
    assert program.days() == running([asked])
    assert program.broken == []


def test_a_date_that_passes_is_called_off(alice: Person, asked: RecordsRequest) -> None:
    _feed, secret = make(alice)
    program = CalendarProgram()
    program.apply(fetch(secret).content)
    later = NOON + 60 * DAY
    tracking.sweep(later)
    program.apply(fetch(secret, later).content)
    assert program.days() == running([asked])
    assert any(one.cancelled and one.summary.startswith("The day has passed") for one in program.kept.values())
    assert len(events(fetch(secret, later + 61 * DAY).content)) == len(running([asked]))


# --- asking again -----------------------------------------------------------------------------------------------------


def test_a_program_that_has_it_already_is_told_so(alice: Person, asked: RecordsRequest) -> None:
    _feed, secret = make(alice)
    first = fetch(secret)
    again = fetch(secret, NOON + DAY, **{"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    assert again.content == b""
    assert fetch(secret, NOON + DAY, **{"If-None-Match": f"W/{first['ETag']}"}).status_code == 304  # a proxy zipped it
    assert fetch(secret, NOON + DAY, **{"If-Modified-Since": first["Last-Modified"]}).status_code == 304


def test_what_left_the_feed_counts_as_a_change(alice: Person, charlie: Person, asked: RecordsRequest) -> None:
    """A date that only goes elsewhere makes nothing newer; whoever asks by the time alone must still be told."""
    _feed, secret = make(alice)
    first = fetch(secret)
    RecordsRequest.objects.update(assignee=charlie)
    again = fetch(secret, NOON, **{"If-Modified-Since": first["Last-Modified"]})
    assert again.status_code == 200
    assert events(again.content) == []
    assert again["ETag"] != first["ETag"]


def test_a_feed_can_be_zipped(alice: Person, asked: RecordsRequest) -> None:
    response = fetch(make(alice)[1], **{"Accept-Encoding": "gzip"})
    assert response["Content-Encoding"] == "gzip"
    assert response["ETag"].startswith("W/")


def test_only_the_day_of_the_reading_is_kept(alice: Person) -> None:
    feed, secret = make(alice)
    assert feed.fetched_on is None
    fetch(secret, NOON + DAY)
    feed.refresh_from_db()
    assert feed.fetched_on == (NOON + DAY).date()


# --- who gets it ------------------------------------------------------------------------------------------------------


def test_the_database_keeps_no_secret(alice: Person) -> None:
    feed, secret = make(alice)
    assert len(secret) == 43
    assert secret not in str(CalendarFeed.objects.values())
    assert secret not in str(AuditEntry.objects.values())
    assert queries.feed_by_secret(secret) == feed


def test_closed_unknown_and_lost_feeds_answer_alike(
    alice: Person, asked: RecordsRequest, caplog: pytest.LogCaptureFixture
) -> None:
    feed, secret = make(alice)
    unknown = fetch("x" * 43)
    with caplog.at_level(logging.DEBUG):
        services.revoke_feed(feed, by=alice, now=NOON)
        closed = fetch(secret)
    assert (unknown.status_code, closed.status_code) == (404, 410)
    assert unknown.content == closed.content
    assert closed["Content-Type"].startswith("text/plain")
    for told in (asked.reference, "Maryland", "alice"):
        assert told not in closed.content.decode()
    assert secret not in caplog.text


@pytest.mark.parametrize(
    ("method", "path", "header", "status"),
    [
        pytest.param("POST", "/feeds/{}.ics", {}, 405, id="somebody-writes"),
        pytest.param("PROPFIND", "/feeds/{}.ics", {}, 405, id="a-program-looks-for-a-calendar-server"),
        pytest.param("OPTIONS", "/feeds/{}.ics", {}, 405, id="a-program-asks-what-is-possible"),
        pytest.param("GET", "/feeds/{}.ics", {"If-Match": '"other"'}, 200, id="a-condition-of-writers"),
        pytest.param("GET", "/feeds/{}.ics/", {}, 404, id="a-slash-too-many"),
        pytest.param("GET", "/feeds/{}", {}, 404, id="cut-off"),
        pytest.param("POST", "/feeds/{}", {}, 404, id="cut-off-and-written-to"),
    ],
)
def test_no_way_of_asking_writes_the_secret_to_the_log(
    alice: Person, caplog: pytest.LogCaptureFixture, method: str, path: str, header: dict[str, str], status: int
) -> None:
    _feed, secret = make(alice)
    client = Client(enforce_csrf_checks=True)
    with caplog.at_level(logging.DEBUG):
        response = client.generic(method, path.format(secret), headers=header)
    assert response.status_code == status
    assert secret not in caplog.text
    assert response["Referrer-Policy"] == "no-referrer"
    assert "private" in response["Cache-Control"]


def test_a_feed_that_cannot_be_read_is_asked_for_later_and_its_secret_is_in_no_log(
    alice: Person, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    _feed, secret = make(alice)
    monkeypatch.setattr(services, "read_feed", lambda *args, **facts: 1 / 0)
    response = fetch(secret)
    assert (response.status_code, response["Retry-After"]) == (503, "900")
    assert "ZeroDivisionError" in caplog.text
    assert secret not in caplog.text


@pytest.mark.parametrize("lost", ["account", "role"])
def test_who_has_left_gets_nothing_more(alice: Person, asked: RecordsRequest, lost: str) -> None:
    _feed, secret = make(alice)
    assert fetch(secret).status_code == 200
    if lost == "account":
        Person.objects.filter(pk=alice.pk).update(is_active=False)
    else:
        alice.role_grants.all().delete()
    assert fetch(secret).status_code == 410


def test_a_feed_shows_what_its_owner_may_see_at_that_moment(alice: Person, bob: Person, asked: RecordsRequest) -> None:
    other = RecordsRequestFactory(with_deadline=True)
    _mine, alices = make(alice, state="MD")
    _all, bobs = make(bob, state="MD")
    assert {one["url"][-13:-1] for one in events(fetch(alices).content)} == {asked.reference}
    assert {one["url"][-13:-1] for one in events(fetch(bobs).content)} == {asked.reference, other.reference}
    bob.role_grants.update(role="volunteer")
    assert events(fetch(bobs).content) == []


def test_a_campaigns_feed_is_a_coordinators(alice: Person, bob: Person) -> None:
    outline = filing.Outline("One state", "", ("K1",), ("MD",), ("nlets_control_point",), {})
    campaign = filing.make_campaign(outline, by=bob, now=NOON)
    draft = DraftFactory(filer=alice)
    CampaignTarget.objects.filter(campaign=campaign).update(draft=draft)
    asked = RecordsRequestFactory(filer=alice, draft=draft, with_deadline=True)
    RecordsRequestFactory(filer=alice, with_deadline=True)
    _feed, secret = make(bob, campaign=campaign)
    assert {one["url"][-13:-1] for one in events(fetch(secret).content)} == {asked.reference}
    with pytest.raises(PermissionDenied):
        make(alice, campaign=campaign)
    bob.role_grants.update(role="volunteer")
    assert fetch(secret).status_code == 410


def test_the_feed_of_somebody_else_is_not_a_volunteers(alice: Person, charlie: Person) -> None:
    with pytest.raises(PermissionDenied):
        make(charlie, person=alice)
    assert not CalendarFeed.objects.exists()


# --- the page ---------------------------------------------------------------------------------------------------------


def test_the_secret_is_shown_once(volunteer_client: Client, asked: RecordsRequest) -> None:
    page = reverse("tracking:feeds")
    made = volunteer_client.post(page, {"about": "mine"})
    address = made.context["made"]["address"]
    assert address in made.content.decode()
    assert "no-store" in made["Cache-Control"]
    assert Client().get(urlsplit(address).path).status_code == 200
    listed = volunteer_client.get(page).content.decode()
    assert address not in listed
    assert "My own requests" in listed
    assert "Last read" in listed
    feed = CalendarFeed.objects.get()
    volunteer_client.post(reverse("tracking:feed-revoke", args=[feed.pk]))
    assert Client().get(urlsplit(address).path).status_code == 410
    assert "My own requests</strong>" not in volunteer_client.get(page).content.decode()


@pytest.mark.parametrize("about", ["", "campaign:1", "person:bob", "state:XX", "mine; DROP", "state:"])
def test_what_one_cannot_have_is_refused(volunteer_client: Client, bob: Person, about: str) -> None:
    response = volunteer_client.post(reverse("tracking:feeds"), {"about": about})
    assert response.status_code == 422
    assert not CalendarFeed.objects.exists()


def test_nobody_has_feeds_without_end(volunteer_client: Client, alice: Person) -> None:
    for _number in range(services.MOST_FEEDS):
        make(alice)
    response = volunteer_client.post(reverse("tracking:feeds"), {"about": "mine"})
    assert response.status_code == 422
    assert "Close one" in response.content.decode()
    assert CalendarFeed.objects.count() == services.MOST_FEEDS


@pytest.mark.parametrize("rows", [1, 12])
def test_a_reading_costs_the_same_queries_for_one_and_for_many(
    alice: Person, rows: int, django_assert_num_queries: Any
) -> None:
    RecordsRequestFactory.create_batch(rows, filer=alice, with_deadline=True)
    _feed, secret = make(alice)
    with time_machine.travel(NOON, tick=False), django_assert_num_queries(9):
        Client().get(f"/feeds/{secret}.ics")


def test_a_feed_beyond_its_bound_tells_the_nearest_and_says_so(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    for day in ("2026-03-02", "2026-02-20", "2026-02-25"):
        RecordsRequestFactory(filer=alice, events=[("sent", day), ("received", day)], seen_at=NOON)
    rows = Deadline.objects.filter(state="running").order_by("latest", "pk")
    monkeypatch.setattr(queries, "FEED_DATES", 2)
    raw = fetch(make(alice)[1]).content
    assert sorted({one.decoded("dtstart") for one in live(raw)})[-1] == rows[1].latest
    assert "There are more than that now" in Calendar.from_ical(raw)["description"]


def test_times_are_in_utc(alice: Person, asked: RecordsRequest) -> None:
    stamp = events(fetch(make(alice)[1]).content)[0].decoded("last-modified")
    assert stamp.tzinfo is not None
    assert stamp.astimezone(UTC) == Deadline.objects.filter(state="running")[0].projected_at.replace(microsecond=0)


# --- lines (pure) -----------------------------------------------------------------------------------------------------


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n,;\\éß📜"), max_size=400))
def test_any_text_comes_back_from_its_folded_line(text: str) -> None:
    line = ical.fold(f"SUMMARY:{ical.escape(text)}")
    pieces = line.removesuffix(b"\r\n").split(b"\r\n")
    assert max(map(len, pieces)) <= 75
    for piece in pieces:
        piece.decode()  # no letter is cut
        assert (len(piece) - len(piece.rstrip(b"\\"))) % 2 == 0  # nor an escape
    read = Calendar.from_ical(b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n" + line + b"END:VEVENT\r\nEND:VCALENDAR\r\n")
    assert str(read.walk("VEVENT")[0]["summary"]) == text


def test_what_no_calendar_may_hold_is_left_out(alice: Person) -> None:
    name = "Bureau\x00 of\x01 \x02Records\x03\x7f"
    RecordsRequestFactory(filer=alice, with_deadline=True, agency=AgencyFactory(name=name.replace("\x00", "")))
    raw = fetch(make(alice)[1]).content
    assert all("Bureau of Records" in one["summary"] for one in events(raw))
    assert not any(raw.count(bytes([sign])) for sign in (0, 1, 2, 3, 127))
