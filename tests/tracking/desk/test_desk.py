"""The desk: every open request in exactly one group, filters that can be shared, pages that lose no row."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from requests_app.filing.lifecycle import Phase, Status
from requests_app.filing.models import RecordsRequest
from requests_app.people import sealed
from requests_app.people.models import Person
from requests_app.tracking import queries as lists
from requests_app.tracking import views as lists_views
from requests_app.tracking.desk import queries, views
from requests_app.tracking.desk.filters import Filters
from requests_app.tracking.desk.queries import GROUPS
from requests_app.tracking.desk.rows import risk_of
from requests_app.tracking.models import Heartbeat
from requests_app.tracking.queries import OUR_SOON, SOON
from requests_app.tracking.rows import compose_row
from tests.factories import NOON, AgencyFactory, PersonFactory, RecordsRequestFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 2)
DESK = reverse("tracking:desk")
NOTHING_SLEEPS = queries.Sleeping({"MD": TODAY})


def many(count: int, **columns: Any) -> list[RecordsRequest]:
    """Make open requests straight in the table, with whatever columns a test is about."""
    agency, filer = columns.pop("agency", None) or AgencyFactory(), columns.pop("filer", None) or PersonFactory()
    start = RecordsRequest.objects.count()
    rows = [
        RecordsRequest(
            reference=f"MD-2025-{start + number:04}",
            agency=agency,
            filer=filer,
            delivery="email",
            kit_id="K1",
            kit_version="1",
            subject="Nlets query statistics",
            letter={},
            law_edition="2026-11-21",
            reply_token=f"made{start + number}",
            opened_at=NOON,
            **{"jurisdiction": "MD", "status": Status.SENT, "phase": Phase.WAITING_FOR_THEM} | columns,
        )
        for number in range(count)
    ]
    return RecordsRequest.objects.bulk_create(rows)


@pytest.fixture
def today() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


# --- groups -----------------------------------------------------------------------------------------------------------


def expected_group(row: RecordsRequest) -> str:
    """The groups in plain Python, as their names say, in the order of what hurts most."""
    due, late = row.next_due_on, row.overdue_since is not None
    if row.next_due_duty_of == "requester" and due is not None and due <= TODAY + OUR_SOON:
        return "ours"
    if late:
        return "late"
    if row.phase == Phase.WAITING_FOR_US:
        return "us"
    if row.next_due_duty_of == "agency" and due is not None and due <= TODAY + SOON:
        return "soon"
    silent = row.quiet_since is not None and row.quiet_since < TODAY - timedelta(days=30)
    return "stale" if due is None and silent else "them"


def test_each_request_stands_in_exactly_one_group() -> None:
    agency, filer = AgencyFactory(), PersonFactory()
    days = [None, *(TODAY + timedelta(days=days) for days in (-30, 0, 7, 8, 14, 15, 90))]
    combinations = itertools.product(
        (Phase.IN_PROGRESS, Phase.WAITING_FOR_US, Phase.WAITING_FOR_THEM),
        days,
        ("", "agency", "requester"),
        (None, TODAY - timedelta(days=3)),
        (None, TODAY - timedelta(days=30), TODAY - timedelta(days=31)),
    )
    for phase, due, duty_of, overdue, quiet in combinations:
        columns = {"phase": phase, "next_due_on": due, "next_due_duty_of": duty_of, "overdue_since": overdue}
        columns["quiet_since"] = quiet
        many(1, agency=agency, filer=filer, **columns)
    everything = RecordsRequest.objects.all()
    assert everything.count() == 3 * 8 * 3 * 2 * 3
    found = {group: list(queries.in_group(everything, group, TODAY)) for group in GROUPS}
    assert {group: {row.pk for row in rows} for group, rows in found.items()} == {
        group: {row.pk for row in everything if expected_group(row) == group} for group in GROUPS
    }
    assert sum(map(len, found.values())) == everything.count()
    first = queries.first_numbers(everything, TODAY, NOTHING_SLEEPS, 1000)
    assert {group: [row.pk for row in rows] for group, rows in found.items()} | {"asleep": []} == first
    for group, rows in found.items():
        column = {"late": "overdue_since", "stale": "quiet_since"}.get(group, "next_due_on")
        dates = [getattr(row, column) for row in rows]
        assert dates == sorted(dates, key=lambda day: (day is None, day)), group


def test_what_is_done_is_not_on_the_desk(coordinator_client: Client, today: None) -> None:
    many(1, status=Status.DONE, phase=Phase.DONE, resolution="records")
    assert "No open requests" in coordinator_client.get(DESK).content.decode()


@pytest.mark.parametrize(
    ("due", "late", "words"),
    [
        pytest.param(15, True, "Late for 3 days", id="they-are-late-and-we-have-time"),
        pytest.param(14, True, "We have 14 days left", id="our-own-day-is-near-and-counts-more"),
        pytest.param(15, False, "We have 15 days left", id="nobody-is-late"),
    ],
)
def test_the_risk_of_a_row_is_that_of_its_group(due: int, late: bool, words: str) -> None:
    columns = {"next_due_duty_of": "requester", "next_due_on": TODAY + timedelta(days=due)}
    (row,) = many(1, overdue_since=TODAY - timedelta(days=3) if late else None, **columns)
    assert risk_of(row, TODAY) == words


# --- pages ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("group", ["late", "us", "them", "stale"])
@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_paging_by_key_loses_and_doubles_no_row(group: str, size: int) -> None:
    phase = Phase.WAITING_FOR_US if group == "us" else Phase.WAITING_FOR_THEM
    for offset in (40, 20, None, 20, 40, None, 30, 20):  # ties, rows without a date, in no order
        day = None if offset is None else TODAY + timedelta(days=offset)
        columns = {"overdue_since": TODAY - timedelta(days=offset or 20)} if group == "late" else {"next_due_on": day}
        if group == "stale":
            columns = {"quiet_since": TODAY - timedelta(days=40 + (offset or 0))}
        many(1, phase=phase, **columns)
    everything = RecordsRequest.objects.all()
    walked: list[RecordsRequest] = []
    while page := queries.numbers_after(
        everything, group, TODAY, None, queries.page_key(walked[-1], group) if walked else "", size
    ):
        walked += [RecordsRequest.objects.get(pk=number) for number in page]
    assert walked == list(queries.in_group(everything, group, TODAY))
    assert len(walked) == 8


@pytest.mark.parametrize("key", ["", "~", "x", "2026-13-45~3", "2026-03-02~²", "~" + "9" * 40, "~" + "9" * 5000, "~-1"])
def test_an_unreadable_key_begins_at_the_top(key: str) -> None:
    made = many(2, next_due_on=None)
    found = queries.numbers_after(RecordsRequest.objects.all(), "them", TODAY, None, key, 5)
    assert found == [one.pk for one in made]


@pytest.mark.parametrize("key", ["", "x", "²", "9" * 40, "9" * 5000, "-1"])
def test_an_unreadable_number_begins_with_the_newest(key: str) -> None:
    made = many(2, next_due_on=None)
    assert list(lists.newest_after(RecordsRequest.objects.order_by("pk"), key)) == made


def test_a_long_group_is_cut_and_its_link_leads_on(
    coordinator_client: Client, today: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "GROUP_SIZES", dict.fromkeys(GROUPS, 2))
    monkeypatch.setattr(views, "PAGE_SIZE", 3)
    monkeypatch.setattr(queries, "COUNTED_TO", 4)
    many(5, status=Status.READY, phase=Phase.WAITING_FOR_US)
    first = coordinator_client.get(DESK, {"state": "MD"})
    (group,) = [group for group in first.context["groups"] if group["rows"]]
    assert (group["name"], len(group["rows"]), group["count"], group["at_least"]) == ("us", 2, 4, True)
    assert "or more" in first.content.decode()
    assert group["more_url"] == "?state=MD&group=us"
    second = coordinator_client.get(DESK + group["more_url"])
    third = coordinator_client.get(DESK + second.context["page"]["next_url"])
    seen = [row.line.reference for page in (second, third) for row in page.context["page"]["rows"]]
    assert seen == [row.reference for row in RecordsRequest.objects.order_by("pk")]
    assert third.context["page"]["next_url"] == ""


# --- filters ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def assorted(today: None) -> dict[str, RecordsRequest]:
    police = AgencyFactory(code="de-dsp", jurisdiction="DE", name="Delaware State Police", short_name="DSP")
    amir = PersonFactory(handle="Amir")
    return {
        "maryland": many(1, assignee=amir)[0],
        "delaware": many(1, jurisdiction="DE", agency=police)[0],
        "ready": many(1, status=Status.READY, phase=Phase.WAITING_FOR_US, assignee=PersonFactory(handle="bea"))[0],
        "late": many(1, overdue_since=TODAY - timedelta(days=2), assignee=amir)[0],
    }


FITS = {
    "state=DE": ["delaware"],
    "status=ready": ["ready"],
    "agency=de-dsp": ["delaware"],
    "agency=nobody-knows": [],
    "person=Amir": ["late", "maryland"],
    "person=nobody": ["delaware"],
    "group=late": ["late"],
    "group=late&person=bea": [],
    "words=state police": ["delaware"],
    "words=dsp": ["delaware"],
    "words=MD-2025-0003": ["late"],
    "words=md-2025-0003": ["late"],
    "person=me": [],
    "words=zebra": [],
    # What means nothing does not filter, and nothing crashes.
    "state=ZZ": ["delaware", "late", "maryland", "ready"],
    "status=gone": ["delaware", "late", "maryland", "ready"],
    "person=%00": ["delaware", "late", "maryland", "ready"],
    "group=nonsense&after=x": ["delaware", "late", "maryland", "ready"],
    "words=" + "x" * 101: ["delaware", "late", "maryland", "ready"],
    "words=%00": ["delaware", "late", "maryland", "ready"],
    "words=%25": [],
    "state=DE&state=MD": ["late", "maryland", "ready"],
    "agency=%C3%28": [],
}


@pytest.mark.parametrize("query", FITS)
def test_filters(query: str, assorted: dict[str, RecordsRequest], coordinator_client: Client) -> None:
    names = {row.reference: name for name, row in assorted.items()}
    response = coordinator_client.get(f"{DESK}?{query}")
    assert response.status_code == 200
    if "page" in response.context:
        rows = response.context["page"]["rows"]
    else:
        rows = [row for group in response.context["groups"] for row in group["rows"]]
    assert sorted(names[row.line.reference] for row in rows) == FITS[query]
    if not rows and "group" not in query:
        assert "No open request fits these filters" in response.content.decode()


def test_the_link_holds_the_filters(assorted: dict[str, RecordsRequest], coordinator_client: Client) -> None:
    form = coordinator_client.get(DESK + "?state=DE&agency=de-dsp&words=x").context["form"]
    assert form.filters().as_query() == {"state": "DE", "agency": "de-dsp", "words": "x"}
    html = coordinator_client.get(DESK + "?agency=de-dsp&group=them").content.decode()
    assert '<option value="de-dsp" selected>Delaware State Police</option>' in html
    assert 'name="group" value="them"' in html


# --- the rest of the page ---------------------------------------------------------------------------------------------

BEATS = {
    "never": (None, "No sweep has run yet"),
    "an hour ago": (3600, "The last sweep ran 60 minutes ago"),
    "just now": (30, None),
}


@pytest.mark.parametrize("when", BEATS)
def test_a_stopped_beat_is_told(when: str, coordinator_client: Client, today: None) -> None:
    age, words = BEATS[when]
    if age is not None:
        Heartbeat.objects.create(name="sweep", beat_at=timezone.now() - timedelta(seconds=age))
    html = coordinator_client.get(DESK).content.decode()
    assert ("Reminders are not running" in html) == (words is not None)
    assert words is None or words in html


def test_a_row_leads_to_the_request_and_to_assigning_it(coordinator_client: Client, bob: Person, today: None) -> None:
    made = RecordsRequestFactory(with_deadline=True)
    html = coordinator_client.get(DESK).content.decode()
    assert made.get_absolute_url() in html
    assign = reverse("tracking:desk-assign", args=[made.reference])
    assert assign in html
    coordinator_client.post(assign, {"assignee": bob.pk})
    made.refresh_from_db()
    assert made.assignee == bob
    assert f"<strong>{bob.handle}</strong>" in coordinator_client.get(DESK).content.decode()


# The session, the person with the roles, unread notices, and then: who is away, what sleeps, how it looks, people,
# views, last sweep, groups, and the rows with their deadlines, events and letters.
PINNED = {
    "tracking:desk": 13,
    # And for whom one stands in, how many letters of campaigns wait to be signed, whom to ask again.
    "tracking:letters": 12,
    "tracking:requests": 7,
}


@pytest.mark.parametrize("rows", [1, 30])
@pytest.mark.parametrize("name", PINNED)
def test_the_number_of_queries_does_not_grow(
    name: str,
    rows: int,
    coordinator_client: Client,
    bob: Person,
    django_assert_num_queries: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    today: None,
) -> None:
    monkeypatch.setattr(views, "GROUP_SIZES", dict.fromkeys(GROUPS, 50))
    RecordsRequestFactory(filer=bob, assignee=bob, with_deadline=True)
    for _ in range(rows - 1):
        many(1, filer=bob, assignee=PersonFactory())
    with django_assert_num_queries(PINNED[name]):
        response = coordinator_client.get(reverse(name))
    assert len(re.findall(r'<li class="dl-row[ "]', response.content.decode())) == rows


def test_the_desk_asks_no_more_when_every_group_is_full(
    coordinator_client: Client,
    bob: Person,
    django_assert_num_queries: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    today: None,
) -> None:
    monkeypatch.setattr(views, "GROUP_SIZES", dict.fromkeys(GROUPS, 2))
    ours = {"next_due_duty_of": "requester", "next_due_on": TODAY}
    soon = {"next_due_duty_of": "agency", "next_due_on": TODAY}
    stale = {"quiet_since": TODAY - timedelta(days=60)}
    for columns in (ours, {"overdue_since": TODAY}, soon, {"phase": Phase.WAITING_FOR_US}, {}, stale):
        many(3, filer=bob, **columns)
    with django_assert_num_queries(PINNED["tracking:desk"]):
        response = coordinator_client.get(DESK)
    groups = response.context["groups"]
    assert [(group["name"], len(group["rows"]), group["count"]) for group in groups] == [(n, 2, 3) for n in GROUPS]


@pytest.mark.parametrize("columns", [{"overdue_since": TODAY}, {}, {"phase": Phase.WAITING_FOR_US}], ids=str)
def test_a_row_draws_status_and_date_as_their_components_do(
    columns: dict[str, Any], coordinator_client: Client, bob: Person, today: None
) -> None:
    made = RecordsRequestFactory(filer=bob, assignee=bob, with_deadline=True)
    RecordsRequest.objects.filter(pk=made.pk).update(**columns)
    made.refresh_from_db()
    deadlines = list(made.deadlines.filter(superseded_at=None))
    row = compose_row(made, [], deadlines, TODAY)
    label = "Late" if "overdue_since" in columns else made.get_status_display()
    tag = render_to_string("components/status_tag.html", {"label": label, "tone": row.tone})
    day = render_to_string("components/date.html", {"value": row.action.by})
    html = "".join(coordinator_client.get(DESK).content.decode().split())
    assert "".join(tag.split()) in html
    assert "".join(day.split()) in html


def test_a_list_opens_nothing_that_is_sealed(
    coordinator_client: Client, bob: Person, today: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Letters and legal names are sealed one by one: opening them for fifty rows would take longer than all else."""
    many(3, filer=PersonFactory(), assignee=PersonFactory())
    opened: list[str] = []
    unseal = sealed.unseal
    monkeypatch.setattr(sealed, "unseal", lambda text: opened.append(text) or unseal(text))
    for name in ("tracking:desk", "tracking:requests"):
        opened.clear()
        coordinator_client.get(reverse(name))
        assert len(opened) == 3, "the name, address and telephone of whoever is signed in"


def test_filters_of_the_list_hold_in_its_next_page(
    coordinator_client: Client, today: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists_views, "PAGE_SIZE", 2)
    many(5)
    many(1, jurisdiction="DE")
    where, seen = reverse("tracking:requests") + "?state=MD", []
    while where:
        page = coordinator_client.get(where)
        seen += [row.reference for row in page.context["rows"]]
        where = page.context["next_url"] and reverse("tracking:requests") + page.context["next_url"]
    assert seen == [f"MD-2025-{number:04}" for number in (4, 3, 2, 1, 0)]


def test_a_volunteer_lists_only_their_own(volunteer_client: Client, alice: Person, today: None) -> None:
    many(2)
    (mine,) = many(1, filer=alice)
    page = volunteer_client.get(reverse("tracking:requests"))
    assert [row.reference for row in page.context["rows"]] == [mine.reference]


def test_filters_with_empty_fields_are_no_filters() -> None:
    assert Filters().as_query() == {}
