"""The calendar as month, week and list: what stands on which day, for whom, at which cost."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from requests_app.filing.models import Deadline, RecordsRequest
from requests_app.people.models import Person
from requests_app.tracking.calendar import queries
from requests_app.tracking.calendar.days import bounds, compose_pages
from requests_app.tracking.calendar.queries import Filters
from tests.factories import NOON, RecordsRequestFactory

TODAY = date(2026, 3, 2)


# --- days (pure) ------------------------------------------------------------------------------------------------------


def test_a_month_is_shown_in_whole_weeks_from_sunday() -> None:
    pages = compose_pages("month", date(2026, 2, 14), TODAY)
    assert (pages.first, pages.last) == (date(2026, 2, 1), date(2026, 2, 28))  # it begins on a Sunday and has 28 days
    pages = compose_pages("month", date(2026, 11, 22), TODAY)
    assert (pages.first, pages.last) == (date(2026, 11, 1), date(2026, 12, 5))
    assert (pages.previous, pages.next) == (date(2026, 10, 1), date(2026, 12, 1))


@given(st.sampled_from(["month", "week"]), st.dates(), st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_every_page_holds_its_day_and_ends_at_the_bounds(form: Any, day: date, today: date) -> None:
    pages = compose_pages(form, day, today)
    lowest, highest = bounds(today)
    assert pages.first <= min(max(day, lowest), highest) <= pages.last
    assert len(pages.days) % 7 == 0
    assert len(pages.days) <= 42
    for neighbour in (pages.previous, pages.next):
        assert neighbour is None or compose_pages(form, neighbour, today).start == neighbour


def test_paging_ends_where_nothing_can_be() -> None:
    lowest, highest = bounds(TODAY)
    assert compose_pages("month", date(1, 1, 1), TODAY).previous is None
    assert compose_pages("month", date(1, 1, 1), TODAY).start == lowest
    assert compose_pages("month", date.max, TODAY).next is None
    assert compose_pages("week", date.max, TODAY).last >= highest


@pytest.mark.parametrize("key", ["", "x", "2026-03-09~2~1~both", "2026-03-09~1~²~both", "2026-13-09~1~1~both", "~~~"])
def test_a_place_that_is_none_is_none(key: str) -> None:
    assert queries.parse_place(key) is None


# --- pages ------------------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def monday_noon() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


def see(client: Client, **query: str) -> Any:
    response = client.get(reverse("tracking:calendar"), query)
    assert response.status_code == 200
    return response


def shown(response: Any) -> dict[date, list[tuple[str, str]]]:
    """Return what stands on each day: the reference and which date."""
    cells = response.context.get("cells")
    if cells is not None:
        return {cell.day: [(line.reference, line.side) for line in cell.lines] for cell in cells if cell.lines}
    return {each["day"]: [(line.reference, line.side) for line in each["lines"]] for each in response.context["agenda"]}


@pytest.fixture
def pair(alice: Person) -> RecordsRequest:
    """A request whose decision is due on a Saturday, or on the Monday after: docs/deadlines.md, section 3."""
    return RecordsRequestFactory(filer=alice, events=[("sent", "2026-03-05"), ("received", "2026-03-05")])


@pytest.mark.django_db
@pytest.mark.parametrize("form", ["month", "week", "agenda"])
def test_earliest_and_latest_stand_on_days_of_their_own(
    volunteer_client: Client, pair: RecordsRequest, form: str
) -> None:
    days = shown(see(volunteer_client, form=form, day="2026-04-04"))
    assert (pair.reference, "earliest") in days[date(2026, 4, 4)]
    if form != "week":
        assert (pair.reference, "latest") in days[date(2026, 4, 6)]


@pytest.mark.django_db
def test_whose_duty_it_is_is_said_in_words(volunteer_client: Client, alice: Person) -> None:
    asked = RecordsRequestFactory(filer=alice, with_deadline=True, jurisdiction="NY")
    page = see(volunteer_client, form="agenda").content.decode()
    assert "Theirs" in page
    assert "Ours: we must act" in page
    denied = Deadline.objects.filter(request=asked, state="running").first()
    assert denied is not None
    Deadline.objects.filter(pk=denied.pk).update(duty_of="requester")
    [line] = [
        line for each in see(volunteer_client, form="agenda").context["agenda"] for line in each["lines"] if line.ours
    ]
    assert line.whose == "Ours"


@pytest.mark.django_db
def test_today_is_marked_and_holidays_of_one_state_are_named(volunteer_client: Client, pair: RecordsRequest) -> None:
    cells = see(volunteer_client, state="KY", day="2026-04-03").context["cells"]
    assert {cell.day: cell.disputed for cell in cells if cell.disputed} == {
        date(2026, 4, 3): "Good Friday (half day)"  # KRS 18A.190(1)(c): docs/deadlines.md, section 4
    }
    assert not any(cell.closed for cell in see(volunteer_client, day="2026-04-03").context["cells"])
    assert [cell.day for cell in see(volunteer_client).context["cells"] if cell.today] == [TODAY]


@pytest.mark.django_db
def test_past_the_reviewed_holidays_a_sentence_says_so(alice: Person) -> None:
    with time_machine.travel("2032-01-05T17:00Z", tick=False):
        client = Client()
        client.force_login(alice)
        response = see(client, state="MD", day="2036-05-01")
    assert "was reviewed from" in response.context["unreviewed"]


@pytest.mark.django_db
def test_filters_narrow_and_are_a_link(coordinator_client: Client, alice: Person, charlie: Person) -> None:
    mine = RecordsRequestFactory(filer=alice, with_deadline=True)
    theirs = RecordsRequestFactory(filer=charlie, with_deadline=True, jurisdiction="NY")
    given_away = RecordsRequestFactory(filer=alice, assignee=charlie, with_deadline=True)

    def found(**query: str) -> set[str]:
        days = shown(see(coordinator_client, form="agenda", **query))
        return {reference for lines in days.values() for reference, _side in lines}

    assert found() == {mine.reference, theirs.reference, given_away.reference}
    assert found(person="alice") == {mine.reference}
    assert found(person="charlie") == {theirs.reference, given_away.reference}
    assert found(person="nobody") == {mine.reference, theirs.reference}
    assert found(state="NY") == {theirs.reference}
    assert found(duty="requester") == set()
    assert found(state="XX", duty="both", person="nobody-knows", campaign="7") == found()  # an old link still opens
    assert "state=NY" in see(coordinator_client, state="NY").context["next_url"]


@pytest.mark.django_db
def test_one_sees_only_what_one_may_see(
    volunteer_client: Client, stranger_client: Client, pair: RecordsRequest
) -> None:
    assert pair.reference in see(volunteer_client, form="agenda").content.decode()
    page = see(stranger_client, form="agenda", person="alice").content.decode()
    assert pair.reference not in page
    assert 'name="person"' not in page  # who may not choose people is not offered them


@pytest.mark.django_db
@pytest.mark.parametrize("few", [True, False], ids=["few-requests", "many-requests"])
def test_a_full_day_shows_some_and_counts_the_rest(
    coordinator_client: Client, alice: Person, few: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    RecordsRequestFactory.create_batch(7, filer=alice, with_deadline=True, jurisdiction="NY")
    if not few:
        monkeypatch.setattr(queries, "FEW", 2)
    ours = Deadline.objects.filter(state="running").order_by("-pk")[0]
    Deadline.objects.filter(pk=ours.pk).update(duty_of="requester")
    cells = see(coordinator_client, day="2026-03-09").context["cells"]
    # Five business days from Monday, March 2. N.Y. Pub. Off. Law § 89(3)(a)
    [full] = [cell for cell in cells if cell.lines]
    assert full.day == date(2026, 3, 9)
    assert (len(full.lines), full.more, full.at_least) == (4, 3, False)
    assert full.lines[0].ours  # first what we must do
    listed = shown(coordinator_client.get(reverse("tracking:calendar") + full.url))
    assert len(listed[full.day]) == 7


@pytest.mark.django_db
def test_few_and_many_requests_give_the_same_days(bob: Person, alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(9):
        day = (TODAY - timedelta(days=number)).isoformat()
        state = ("MD", "KY", "NY")[number % 3]
        RecordsRequestFactory(filer=alice, jurisdiction=state, events=[("sent", day), ("received", day)], seen_at=NOON)
    days = compose_pages("month", TODAY, TODAY).days
    for filters in (Filters(), Filters(state="MD"), Filters(duty="agency"), Filters(person="alice")):
        few = queries.days_of(bob, filters, days, 3)
        with monkeypatch.context() as patch:
            patch.setattr(queries, "FEW", 0)
            many = queries.days_of(bob, filters, days, 3)
        assert {day: ([one.mark for one in found.shown], found.count) for day, found in few.items()} == {
            day: ([one.mark for one in found.shown], found.count) for day, found in many.items()
        }
        assert few


@pytest.mark.django_db
@pytest.mark.parametrize("size", [1, 2, 3, 50])
def test_the_list_in_pages_is_the_whole_list(bob: Person, alice: Person, size: int) -> None:
    for number in range(6):
        day = (TODAY - timedelta(days=number)).isoformat()
        RecordsRequestFactory(filer=alice, events=[("sent", day), ("received", day)], seen_at=NOON)
    lowest, highest = bounds(TODAY)
    whole = [one.mark for one in queries.agenda(bob, Filters(), lowest, highest, None, 1000)[0]]
    marks = [
        mark
        for one in Deadline.objects.filter(state="running")
        for mark in queries.marks_of(one.pk, one.duty_of, one.earliest, one.latest)  # type: ignore[arg-type]
    ]
    assert sorted(whole) == sorted(marks)
    paged, place = [], None
    while True:
        found, place = queries.agenda(bob, Filters(), lowest, highest, place, size)
        paged += [one.mark for one in found]
        if place is None:
            break
        place = queries.parse_place(place.as_key())
    assert paged == whole


@pytest.mark.django_db
@pytest.mark.parametrize("rows", [1, 8])
@pytest.mark.parametrize(("form", "count"), [("month", 8), ("week", 8), ("agenda", 9)])
def test_a_page_costs_the_same_queries_for_one_and_for_many(
    coordinator_client: Client, rows: int, form: str, count: int, django_assert_num_queries: Any
) -> None:
    RecordsRequestFactory.create_batch(rows, with_deadline=True)
    with django_assert_num_queries(count):
        see(coordinator_client, form=form, day="2026-03-15")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query", [{"day": "never"}, {"day": "0001-01-01"}, {"day": "9999-12-31"}, {"form": "year"}, {"after": "~~~"}]
)
def test_links_that_mean_nothing_open_the_calendar(volunteer_client: Client, query: dict[str, str]) -> None:
    for form in ("month", "agenda"):
        see(volunteer_client, **{"form": form, **query})
