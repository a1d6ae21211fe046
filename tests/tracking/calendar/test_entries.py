"""The entries of a duty from its rows: lasting names, numbers that only rise, and what is called off. No database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from requests_app.tracking.calendar.entries import DutyRow, Entry, fold_entries

NOW = datetime(2026, 3, 2, 17, tzinfo=UTC)
MONDAY = date(2026, 3, 9)


def row(pk: int = 1, **given_: object) -> DutyRow:
    usual = {
        "request_id": 1,
        "rule_id": "md-determination",
        "trigger": "receipt",
        "trigger_date": date(2026, 3, 2),
        "earliest": MONDAY,
        "latest": MONDAY,
        "state": "running",
        "revision": 0,
        "stored_at": NOW - timedelta(days=1),
        "projected_at": NOW,
        "superseded_at": None,
    }
    return DutyRow(pk=pk, **{**usual, **given_})  # type: ignore[arg-type]


def told(*rows: DutyRow, now: datetime = NOW) -> list[tuple[str, date, bool]]:
    entries = fold_entries(rows, {one.pk for one in rows if one.runs}, now)
    return [(entry.slot.removeprefix("md-determination.receipt."), entry.day, entry.live) for entry in entries]


def test_one_date_is_one_entry() -> None:
    assert told(row()) == [("1.latest", MONDAY, True)]


def test_two_dates_are_two_entries_with_names_of_their_own() -> None:
    earlier = MONDAY - timedelta(days=3)
    assert told(row(earliest=earlier)) == [("1.earliest", earlier, True), ("1.latest", MONDAY, True)]


def test_a_date_that_moves_keeps_its_name_and_gets_a_higher_number() -> None:
    later = MONDAY + timedelta(days=2)
    old = row(state="superseded", superseded_at=NOW)
    before = fold_entries([row()], {1}, NOW)
    after = fold_entries([old, row(2, latest=later, earliest=later, stored_at=NOW)], {2}, NOW)
    assert [(entry.slot, entry.day) for entry in after] == [(before[0].slot, later)]
    assert after[0].sequence > before[0].sequence


def test_a_pair_that_became_one_date_calls_the_earliest_off() -> None:
    earlier = MONDAY - timedelta(days=3)
    old = row(earliest=earlier, state="superseded", superseded_at=NOW)
    assert told(old, row(2, stored_at=NOW)) == [("1.earliest", earlier, False), ("1.latest", MONDAY, True)]


def test_a_date_that_was_met_is_called_off_for_sixty_days() -> None:
    met = row(state="met", revision=1)
    assert told(met) == [("1.latest", MONDAY, False)]
    assert told(met, now=NOW + timedelta(days=60)) == [("1.latest", MONDAY, False)]
    assert told(met, now=NOW + timedelta(days=61)) == []


def test_a_date_that_never_ran_is_never_mentioned() -> None:
    assert told(row(state="met")) == []
    assert told(row(state="paused", earliest=None, latest=None)) == []


def test_two_appeals_under_one_rule_stand_beside_each_other() -> None:
    second = row(
        2, trigger_date=date(2026, 3, 5), latest=MONDAY + timedelta(days=3), earliest=MONDAY + timedelta(days=3)
    )
    assert [slot for slot, _day, _live in told(row(), second)] == ["1.latest", "2.latest"]
    gone = second._replace(state="superseded", superseded_at=NOW)
    assert told(row(), gone) == [("1.latest", MONDAY, True), ("2.latest", MONDAY + timedelta(days=3), False)]


def test_beyond_the_bound_nothing_is_said_of_a_date_that_runs() -> None:
    assert fold_entries([row()], set(), NOW) == []


# --- whatever happens, a program that merges feeds shows exactly what runs --------------------------------------------

DAY = st.integers(0, 6).map(lambda n: MONDAY + timedelta(days=n))


@dataclass
class Store:
    """Deadlines as `filing.services.storing` keeps them: replaced and never removed, turned in place and counted."""

    beside: int  # rows of the duty that may stand beside each other
    rows: list[DutyRow] = field(default_factory=list)
    now: datetime = NOW

    def current(self) -> list[int]:
        return [n for n, one in enumerate(self.rows) if one.superseded_at is None]

    def add(self, trigger_date: date, first: date, second: date) -> None:
        self.rows.append(
            row(
                len(self.rows) + 1,
                trigger_date=trigger_date,
                earliest=min(first, second),
                latest=max(first, second),
                stored_at=self.now,
                projected_at=self.now,
            )
        )

    def supersede(self, place: int) -> None:
        self.rows[place] = self.rows[place]._replace(state="superseded", superseded_at=self.now)

    def turn(self, place: int, state: str) -> None:
        one = self.rows[place]
        if one.state != state:
            self.rows[place] = one._replace(state=state, revision=one.revision + 1, projected_at=self.now)

    def running(self) -> list[date]:
        days = [{one.earliest, one.latest} for one in self.rows if one.runs]
        return sorted(day for pair in days for day in pair if day is not None)


def acts(seconds: st.SearchStrategy[int]) -> st.SearchStrategy[list[tuple[object, ...]]]:
    """Return what may happen to a duty, with the seconds that pass in between."""
    return st.lists(
        st.one_of(
            st.tuples(st.just("add"), seconds, DAY, DAY, DAY),
            st.tuples(st.just("move"), seconds, st.integers(0, 9), DAY, DAY),
            st.tuples(st.just("drop"), seconds, st.integers(0, 9)),
            st.tuples(st.just("turn"), seconds, st.integers(0, 9), st.sampled_from(["running", "met", "missed"])),
            st.tuples(st.just("read"), seconds),
        ),
        max_size=25,
    )


def act(store: Store, kind: str, *given: object) -> None:
    places = store.current()
    if kind == "add" and len(places) < store.beside:
        store.add(*given)  # type: ignore[arg-type]
    elif kind in ("move", "drop", "turn") and places:
        place = places[given[0] % len(places)]  # type: ignore[operator]
        if kind == "turn":
            store.turn(place, str(given[1]))
        else:
            trigger_date = store.rows[place].trigger_date
            store.supersede(place)
            if kind == "move":
                store.add(trigger_date, *given[1:])  # type: ignore[arg-type]


def read(store: Store, kept: dict[str, Entry]) -> None:
    for entry in fold_entries(store.rows, {one.pk for one in store.rows if one.runs}, store.now):
        old = kept.get(entry.slot)
        if old is None or entry.sequence > old.sequence:
            kept[entry.slot] = entry
        else:
            assert (entry.day, entry.live) == (old.day, old.live), "changed without a higher number"


def live_through(store: Store, happened: list[tuple[object, ...]]) -> None:
    kept: dict[str, Entry] = {}
    for kind, seconds, *more in [*happened, ("read", 1)]:
        store.now += timedelta(seconds=seconds)  # type: ignore[arg-type]
        if kind == "read":
            read(store, kept)
            assert sorted(entry.day for entry in kept.values() if entry.live) == store.running()
        else:
            act(store, str(kind), *more)


@given(acts(st.integers(1, 1000)))
def test_any_sequence_of_feeds_yields_exactly_the_running_dates(happened: list[tuple[object, ...]]) -> None:
    live_through(Store(beside=2), happened)


@given(acts(st.integers(-1000, 1000)))
def test_a_clock_that_jumps_back_changes_nothing_of_that(happened: list[tuple[object, ...]]) -> None:
    live_through(Store(beside=1), happened)
