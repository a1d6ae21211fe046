"""What is reported of each door: words that claim no more than the report, and a history that loses nothing."""

from __future__ import annotations

import itertools
import re
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from requests_app.agencies import services as agencies
from requests_app.agencies.seed_files import read_seed_files
from requests_app.agencies.status import queries, services
from requests_app.agencies.status.models import AT_DOOR, Component, StatusLine
from requests_app.agencies.status.seeding import seed_lines
from requests_app.agencies.status.words import SAID, said, standing_of, summary_key
from requests_app.people.models import Person
from tests.agencies.conftest import make_line
from tests.people.cast import NOW, browser_of, make_person

EVERY = [(door, component, position) for door in AT_DOOR for component in Component for position in AT_DOOR[door]]


@pytest.fixture
def bob(db: None) -> Person:
    return make_person("bob", "coordinator")


def line(component: str = "ICE", position: str = "block", as_of: str = "2026-01", door: str = "nlets") -> StatusLine:
    return StatusLine(
        jurisdiction="MD", door=door, component=component, position=position, as_of=as_of, added_at=NOW,
        reported_by="The Example", source_url="https://example.org",
    )  # fmt: skip


# --- words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("door", "component", "position"), EVERY)
def test_a_sentence_names_office_and_door_and_never_says_safe_or_blocked(
    door: str, component: str, position: str
) -> None:
    sentence = said(line(component, position, door=door))
    name = str(Component(component).label)
    assert name.casefold() in sentence.casefold()
    assert ("Nlets" in sentence) == (door == "nlets")
    assert re.search(r"report|was named|found", sentence)
    assert not re.search(r"\bsafe|\bblocked\b|%\(", sentence)
    assert sentence[0].isupper()
    assert sentence.endswith(".")


def test_there_is_a_sentence_for_each_thing_that_can_be_reported() -> None:
    assert set(SAID) == {(door, position) for door, positions in AT_DOOR.items() for position in positions}


@pytest.mark.parametrize(
    ("lines", "key"),
    [
        pytest.param([line()], "blocked", id="ice-alone"),
        pytest.param([line(), line("CBP")], "blocked", id="ice-and-cbp"),
        pytest.param([line(), line("CBP", "access")], "partially_restricted", id="cbp-still-served"),
        pytest.param([line("CBP")], "partially_restricted", id="cbp-but-not-ice"),
        pytest.param([line("ICE", "partial")], "partially_restricted", id="partial"),
        pytest.param([line("ICE", "in_progress")], "in_progress", id="on-its-way"),
        pytest.param([line("DHS", "supports")], "no_block_reported", id="supports"),
        pytest.param([line("ICE", "no_action")], "no_block_reported", id="nothing-found"),
        pytest.param([line("ICE", "ended", door="direct")], "no_block_reported", id="another-door"),
        pytest.param([line(), line("ICE", "access", "2026-02")], "no_block_reported", id="reopened-later"),
    ],
)
def test_the_map_says_no_more_than_the_lines(lines: list[StatusLine], key: str) -> None:
    for order in itertools.permutations(lines):
        assert summary_key(standing_of(order)) == key


def test_each_office_has_a_row_and_silence_is_shown_as_silence() -> None:
    standing = standing_of([line()])
    assert [row.component for row in standing.nlets] == ["ICE", "HSI", "CBP", "USBP"]
    assert "no public report" in standing.nlets[1].words
    assert standing.nlets[1].when == ""
    assert standing.direct == ()


# --- history ----------------------------------------------------------------------------------------------------------


def test_a_newer_line_stands_before_an_older_one_which_stays(bob: Person) -> None:
    make_line(as_of="2025-11-12")
    services.add_line(
        jurisdiction="MD", door="nlets", component="ICE", position="access", as_of="2026-02", note="",
        reported_by="The Example", source_url="https://example.org/2", confidence="low", by=bob, now=NOW,
    )  # fmt: skip
    standing = queries.standing("MD")
    assert [one.position for one in standing.lines] == ["access"]
    assert [one.line.position for one in standing.history] == ["access", "block"]
    assert standing.older == 1


def test_an_older_report_found_later_goes_into_the_history_only(bob: Person) -> None:
    make_line(as_of="2026-02")
    make_line(as_of="2025", position="access", added_at=NOW + timedelta(days=1))
    assert [one.as_of for one in queries.standing("MD").lines] == ["2026-02"]


def test_a_line_is_never_changed_and_a_withdrawn_one_stays_readable(bob: Person) -> None:
    older, mistaken = make_line(as_of="2025"), make_line(as_of="2026")
    mistaken.note = "something else"
    with pytest.raises(TypeError, match="never changed"):
        mistaken.save()
    services.withdraw_line(mistaken.pk, why="Another state.", by=bob, now=NOW)
    with pytest.raises(services.AlreadyWithdrawn):
        services.withdraw_line(mistaken.pk, why="Again.", by=bob, now=NOW)
    standing = queries.standing("MD")
    assert standing.lines == (older,)
    assert standing.history[0].line.withdrawn_why == "Another state."


@pytest.mark.parametrize("missing", ["source_url", "reported_by", "as_of"])
def test_a_line_without_source_reporter_or_date_cannot_be_stored(missing: str, bob: Person) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make_line(**{missing: ""})


def test_what_cannot_be_reported_at_a_door_cannot_be_stored(bob: Person) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make_line(door="direct", position="block")
    with pytest.raises(ValidationError, match="2026-11"):
        services.add_line(
            jurisdiction="MD", door="nlets", component="ICE", position="block", as_of="soon", note="",
            reported_by="x", source_url="https://example.org", confidence="low", by=bob, now=NOW,
        )  # fmt: skip


# --- the project's own list -------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_seeding_adds_each_line_once_and_leaves_what_people_added() -> None:
    mine = make_line()
    agencies.seed(NOW)
    count = StatusLine.objects.count()
    assert count == len(list(seed_lines(read_seed_files()))) + 1
    result = agencies.seed(NOW + timedelta(days=1))
    assert result.status_lines_added == 0
    assert StatusLine.objects.count() == count
    mine.refresh_from_db()


def test_every_seeded_line_has_its_own_key_a_source_and_a_reporter() -> None:
    lines = list(seed_lines(read_seed_files()))
    assert len({one.key for one in lines}) == len(lines)
    for one in lines:
        assert one.source.startswith("http")
        assert one.reported_by
        assert not re.search(r"\bsafe\b", one.note.lower())
    # Washington shows why offices stand apart: ICE refused, CBP and the Border Patrol still served.
    washington = {(one.component, one.position) for one in lines if one.state == "WA" and one.as_of == "2026-02"}
    assert washington == {("ICE", "block"), ("CBP", "access"), ("USBP", "access")}


@pytest.mark.django_db
def test_the_map_after_seeding_agrees_with_the_facts() -> None:
    agencies.seed(NOW)
    keys = {code: summary_key(standing) for code, standing in queries.standings().items()}
    blocked = {code for code, key in keys.items() if key == "blocked"}
    assert blocked == {"IL", "MA", "MN", "NY"}
    assert keys["WA"] == "partially_restricted"
    assert keys["OR"] == "in_progress"
    assert keys["FL"] == "no_block_reported"


# --- pages ------------------------------------------------------------------------------------------------------------


def test_a_coordinator_adds_a_line_and_the_public_page_shows_it_without_a_handle(bob: Person) -> None:
    given = {
        "door": "nlets", "component": "CBP", "position": "block", "as_of": "2026-02-27", "confidence": "medium",
        "source_url": "https://www.news.example/cbp", "reported_by": "", "note": "The governor said so.",
    }  # fmt: skip
    browser = browser_of(bob)
    answer = browser.post(reverse("agencies:status-add", args=["md"]), given)
    assert answer.status_code == 302
    inside = browser.get(reverse("agencies:status", args=["md"])).content.decode()
    outside = browser_of(None).get(reverse("publishing:state", args=["md"])).content.decode()
    for page in (inside,):
        assert "by bob" in page
    if "What has been reported" in outside:  # only a state with a note has the section
        assert "bob" not in outside
    assert StatusLine.objects.get().reported_by == "news.example"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"door": "direct"}, "At this door a report can say"),
        ({"source_url": ""}, "required"),
        ({"as_of": "27.2.2026"}, "Write a year, a month or a day"),
        ({"as_of": "2026-13"}, "Write a year, a month or a day"),
    ],
)
def test_a_bad_line_says_why(change: dict[str, str], says: str, bob: Person) -> None:
    given = {
        "door": "nlets", "component": "CBP", "position": "block", "as_of": "2026-02", "confidence": "medium",
        "source_url": "https://news.example/cbp",
    }  # fmt: skip
    page = browser_of(bob).post(reverse("agencies:status-add", args=["md"]), given | change).content.decode()
    assert says in page
    assert not StatusLine.objects.exists()


@pytest.mark.parametrize(("state", "status"), [("md", 200), ("gu", 200), ("us", 404), ("zz", 404)])
def test_only_states_and_territories_have_doors(state: str, status: int, bob: Person) -> None:
    assert browser_of(bob).get(reverse("agencies:status", args=[state])).status_code == status


@pytest.mark.parametrize("count", [1, 12])
def test_the_page_costs_the_same_for_few_and_many_lines(count: int, bob: Person, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    for number in range(count):
        make_line(as_of=f"20{10 + number}", added_by=bob)
    browser = browser_of(bob)
    with django_assert_num_queries(4):  # session, person with roles, notices, lines
        browser.get(reverse("agencies:status", args=["md"]))
