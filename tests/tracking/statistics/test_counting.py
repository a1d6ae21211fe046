"""Tables: what the database adds up is what plain Python adds up, and what cannot be said is not said."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest

from requests_app.filing.models import Campaign, RecordsRequest
from requests_app.tracking.statistics import folding, services
from requests_app.tracking.statistics.counting import GROUPINGS, DutyCount, Line, Part, Table, Time, count, key_of
from requests_app.tracking.statistics.definitions import TOPICS, exported_rows, interval_words, median_words, share_cell
from requests_app.tracking.statistics.facts import DUTY_KINDS
from requests_app.tracking.statistics.models import CountedTable, RequestFacts
from requests_app.tracking.statistics.survival import Spell, median
from tests.factories import NOON, AgencyFactory, PersonFactory, RecordsRequestFactory, record

pytestmark = pytest.mark.django_db
TODAY = date(2026, 9, 1)
AHEAD = frozenset({"MD", "NY"})  # as just after midnight in the east


@pytest.fixture
def rows() -> list[RequestFacts]:
    """A hundred requests with facts at random, from the same seed each time; some were never sent."""
    chance = random.Random(20261122)
    filer = PersonFactory()
    agencies = {
        code: [AgencyFactory(jurisdiction=code), AgencyFactory(jurisdiction=code)] for code in ("MD", "NY", "HI")
    }
    campaign = Campaign.objects.create(name="An example", made_by=filer, made_at=NOON, changed_at=NOON)
    made = []
    for number in range(100):
        code = chance.choice(sorted(agencies))
        agency = chance.choice(agencies[code])
        made.append(
            RecordsRequest(
                reference=f"{code}-2026-{number:04}", jurisdiction=code, agency=agency, filer=filer, delivery="email",
                kit_id="K1", kit_version="1", subject="An example", letter={}, law_edition="2026-11-21",
                reply_token=f"made{number}", opened_at=NOON,
            )
        )  # fmt: skip
    facts = []
    for one in RecordsRequest.objects.bulk_create(made):
        sent_on = TODAY - timedelta(days=chance.randrange(1, 200)) if chance.random() < 0.9 else None
        facts.append(_facts(one, sent_on, campaign, chance))
    return RequestFacts.objects.bulk_create(facts)


def _facts(one: RecordsRequest, sent_on: date | None, campaign: Campaign, chance: random.Random) -> RequestFacts:
    known: dict[str, Any] = {}
    if sent_on is not None:
        waited = (TODAY - sent_on).days
        known |= {"sent_on": sent_on, "sent_month": f"{sent_on:%Y-%m}", "started_on": sent_on, "clock": "received"}
        for kind in DUTY_KINDS:
            known[f"days_to_{kind}"] = chance.randrange(waited + 1) if chance.random() < 0.6 else None
            known[f"{kind}_duty"] = chance.choice(["", "met", "missed", "open", "paused", "conditional"])
            known[f"{kind}_due_on"] = TODAY + timedelta(days=chance.randrange(-3, 4))
        if chance.random() < 0.2:
            known["withdrawn_on"] = sent_on + timedelta(days=chance.randrange(waited + 1))
        if chance.random() < 0.3:
            known["silence_on"] = TODAY + timedelta(days=chance.randrange(-2, 3))
        known |= {
            "extensions": chance.randrange(3),
            "fee_cents": chance.choice([None, 0, 500, 12_345]),
            "paid_cents": chance.choice([0, 500]),
            "waiver": chance.choice(["not_asked", "asked", "granted", "part", "refused"]),
            "refused": chance.random() < 0.3,
            "objections": chance.choice(["", "", "O1", "O1 O5"]),
            "appeals_filed": chance.randrange(2),
            "pages": chance.choice([None, 7]),
        }
    return RequestFacts(
        request=one, sequence=1, folded_at=NOON, jurisdiction=one.jurisdiction, agency=one.agency,
        kit_id=chance.choice(["K1", "K2"]), campaign=campaign if chance.random() < 0.5 else None, **known,
    )  # fmt: skip


def by_hand(rows: list[RequestFacts]) -> dict[str, Any]:
    """The same numbers in plain Python, row by row, as the definitions say them."""
    found: Counter[str] = Counter()
    spells: dict[str, list[Spell]] = {kind: [] for kind in DUTY_KINDS}
    for row in rows:
        today = TODAY + timedelta(days=row.jurisdiction in AHEAD)
        found["sent"] += 1
        found["silent"] += row.silence_on is not None and row.silence_on <= today
        found["fee_cents"] += row.fee_cents or 0
        found["fee_asked"] += bool(row.fee_cents)
        found["refused"] += row.refused
        found["extended"] += row.extensions > 0
        found["pages"] += row.pages or 0
        for kind in DUTY_KINDS:
            state, due_on = getattr(row, f"{kind}_duty"), getattr(row, f"{kind}_due_on")
            late = state == "missed" or (state == "open" and due_on < today)
            found[f"{kind}_met"] += state == "met"
            found[f"{kind}_late"] += late
            found[f"{kind}_waiting"] += state in ("open", "paused") and not late
            found[f"{kind}_conditional"] += state == "conditional"
            days = getattr(row, f"days_to_{kind}")
            if days is None:
                spells[kind].append(Spell(((row.withdrawn_on or today) - row.started_on).days, open=1))
            else:
                spells[kind].append(Spell(days, ended=1))
    medians = {kind: median(spells[kind]) for kind in DUTY_KINDS}
    return {"counts": +found, "medians": medians}


def told(line: Line) -> dict[str, Any]:
    """What a line says, in the form of `by_hand`."""
    names = ("sent", "silent", "fee_cents", "fee_asked", "refused", "extended", "pages")
    counts = Counter({name: getattr(line, name) for name in names})
    for kind in DUTY_KINDS:
        for name in ("met", "late", "waiting", "conditional"):
            counts[f"{kind}_{name}"] = getattr(line.duties[kind], name)
    return {"counts": +counts, "medians": line.times}


def same(line: Line, rows: list[RequestFacts]) -> None:
    said, hand = told(line), by_hand(rows)
    assert said["counts"] == hand["counts"]
    for kind in DUTY_KINDS:
        one, other = said["medians"][kind], hand["medians"][kind]
        assert (one.days, one.low, one.high, one.ended, one.known) == (
            other.days, other.low, other.high, other.ended, other.known,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("by", "key"),
    [("state", "jurisdiction"), ("kit", "kit_id"), ("period", "sent_month"), ("campaign", "campaign_id")],
)
def test_the_database_counts_as_python_does(rows: list[RequestFacts], by: str, key: str) -> None:
    sent = [row for row in rows if row.sent_on]
    table = count(by, Part(), TODAY, AHEAD)
    same(table.whole, sent)
    keys = {getattr(row, key) for row in sent} - {None}
    assert {line.key for line in table.lines} == {str(one) for one in keys}
    for line in table.lines:
        same(line, [row for row in sent if str(getattr(row, key)) == line.key])


def test_a_part_is_counted_by_itself(rows: list[RequestFacts]) -> None:
    first, last = date(2026, 5, 1), date(2026, 6, 30)
    part = Part(state="NY", kit="K1", first=first, last=last)
    kept = [
        row
        for row in rows
        if row.sent_on and row.jurisdiction == "NY" and row.kit_id == "K1" and first <= row.sent_on <= last
    ]
    assert kept
    same(count("agency", part, TODAY, AHEAD).whole, kept)


def test_objections_are_counted_once_a_request(rows: list[RequestFacts]) -> None:
    table = count("state", Part(), TODAY, AHEAD)
    sent = [row for row in rows if row.sent_on and (row.refused or row.objections)]
    wanted = Counter(key for row in sent for key in (row.objections.split() or [""]))
    assert dict(table.objections) == wanted


@pytest.mark.parametrize("by", GROUPINGS)
def test_five_queries_whatever_there_is(rows: list[RequestFacts], django_assert_max_num_queries: Any, by: str) -> None:
    with django_assert_max_num_queries(5):
        count(by, Part(), TODAY, AHEAD)


def test_nothing_at_all_is_a_table_too() -> None:
    table = count("state", Part(), TODAY, frozenset())
    assert (table.lines, table.whole.sent, table.objections) == ([], 0, [])
    assert [column.cell(table.whole).text for topic in TOPICS.values() for column in topic.columns]


# --- counted beforehand -----------------------------------------------------------------------------------------------

SEEN = datetime(2026, 9, 1, 17, 0, tzinfo=UTC)


def test_large_tables_are_counted_beforehand_and_again_when_something_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "WORTH_IT", 1)
    RecordsRequestFactory(events=[("sent", "2026-03-02")], seen_at=SEEN - timedelta(hours=1))
    assert services.keep_up(SEEN) is False
    assert set(CountedTable.objects.values_list("by", flat=True)) == set(GROUPINGS)
    later = SEEN + timedelta(minutes=20)
    services.keep_up(later)
    assert {one.counted_at for one in CountedTable.objects.all()} == {SEEN}  # nothing changed
    RecordsRequestFactory(events=[("sent", "2026-03-02")], seen_at=SEEN)
    table, known_at = services.table_of("state", Part(), later)
    assert (table.whole.sent, known_at) == (1, later)  # not folded yet: the page says up to when it is true
    last = SEEN + timedelta(minutes=25)
    services.keep_up(last)
    table, known_at = services.table_of("state", Part(), last)
    assert (table.whole.sent, known_at) == (2, last)


def test_a_new_day_counts_the_tables_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "WORTH_IT", 1)
    RecordsRequestFactory(events=[("sent", "2026-03-02")], seen_at=SEEN)
    services.keep_up(SEEN)
    tomorrow = SEEN + timedelta(days=1)
    table, _known_at = services.table_of("state", Part(), tomorrow)
    assert table.as_of == date(2026, 9, 2)  # yesterday's is not shown, even before the task has run
    services.keep_up(tomorrow)
    assert {one.as_of for one in CountedTable.objects.all()} == {date(2026, 9, 2)}


PARTS = [
    Part(),
    Part(state="NY"),
    Part(kit="K1"),
    Part(first=date(2026, 6, 1), last=date(2026, 6, 30)),
    Part(first=date(2026, 4, 1), last=date(2026, 6, 30)),
    Part(first=date(2026, 1, 1), last=date(2026, 12, 31)),
]


def test_a_table_of_a_large_part_is_the_one_that_a_page_would_count(
    rows: list[RequestFacts], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "WORTH_IT", 1)
    monkeypatch.setattr(services, "PART_WORTH_IT", 5)
    campaign, agency = Campaign.objects.get().pk, rows[0].agency_id
    services.count_tables(SEEN)
    as_of, ahead = folding.today_everywhere(SEEN)
    for part in [*PARTS, Part(campaign_id=campaign), Part(agency_id=agency)]:
        for by in GROUPINGS:
            kept = CountedTable.objects.get(part=key_of(part), by=by)
            assert msgspec.json.decode(bytes(kept.content), type=Table) == count(by, part, as_of, ahead), (part, by)


@pytest.mark.parametrize(
    "part",
    [Part(state="NY", kit="K1"), Part(state="NY", first=TODAY, last=TODAY), Part(first=TODAY), Part(last=TODAY)],
    ids=["two things", "a state and days", "days without an end", "days without a beginning"],
)
def test_a_part_narrowed_by_more_is_counted_while_one_waits(part: Part) -> None:
    assert key_of(part) is None


def test_a_small_part_is_not_kept(rows: list[RequestFacts], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "WORTH_IT", 1)
    services.count_tables(SEEN)
    # A hundred are fewer than a part must hold; the table of all is kept.
    assert set(CountedTable.objects.values_list("part", flat=True)) == {""}


def test_after_an_event_only_the_parts_that_hold_it_are_counted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "WORTH_IT", 1)
    monkeypatch.setattr(services, "PART_WORTH_IT", 1)
    sent = [("sent", "2026-03-02"), ("received", "2026-03-04")]
    before_that = SEEN - timedelta(hours=1)  # no transaction of then can have been under way at the folding
    changing = RecordsRequestFactory(events=sent, jurisdiction="MD", seen_at=before_that)
    RecordsRequestFactory(events=sent, jurisdiction="NY", seen_at=before_that)
    services.keep_up(SEEN)
    seen: list[Part] = []

    def counted(by: str, part: Part, *rest: Any) -> Table:
        seen.append(part)
        return count(by, part, *rest)

    monkeypatch.setattr(services, "count", counted)
    before, _known = services.table_of("state", Part(state="MD"), SEEN)
    assert (before.whole.refused, seen) == (0, [])
    recording_at, later = SEEN + timedelta(minutes=30), SEEN + timedelta(minutes=35)
    record(changing, ("denied", "2026-03-10"), seen_at=recording_at)
    _stale, known = services.table_of("state", Part(state="MD"), later)
    assert known == SEEN  # not folded yet, and the page says so
    services.keep_up(later)
    assert {part.state for part in seen} == {"", "MD"}
    for part in (Part(), Part(state="MD"), Part(kit="K1"), Part(first=date(2026, 3, 1), last=date(2026, 3, 31))):
        table, known = services.table_of("agency", part, later)
        assert (table.whole.refused, known) == (1, later), part
    untouched, known = services.table_of("agency", Part(state="NY"), later)
    assert (untouched.whole.refused, untouched.whole.sent, known) == (0, 1, later)


def test_a_sending_that_was_corrected_leaves_the_part_of_its_month(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "WORTH_IT", 1)
    monkeypatch.setattr(services, "PART_WORTH_IT", 1)
    made = [RecordsRequestFactory(events=[("sent", "2026-03-31")], seen_at=SEEN) for _ in range(2)]
    services.keep_up(SEEN)
    march = Part(first=date(2026, 3, 1), last=date(2026, 3, 31))
    assert services.table_of("state", march, SEEN)[0].whole.sent == 2
    RequestFacts.objects.filter(pk=made[0].pk).update(sent_on=date(2026, 4, 1), sent_month="2026-04")
    services.count_tables(SEEN)
    assert services.table_of("state", march, SEEN)[0].whole.sent == 1
    RequestFacts.objects.filter(pk=made[1].pk).update(sent_on=date(2026, 4, 1), sent_month="2026-04")
    services.count_tables(SEEN)
    assert not CountedTable.objects.filter(part=key_of(march)).exists()


def test_a_kept_table_reads_as_it_was_written(rows: list[RequestFacts]) -> None:
    table = count("agency", Part(), TODAY, AHEAD)
    assert msgspec.json.decode(msgspec.json.encode(table), type=Table) == table


def test_the_day_of_the_table_has_begun_everywhere() -> None:
    # 5 am in Washington is 11 pm of the day before in Honolulu.
    as_of, ahead = folding.today_everywhere(datetime(2026, 9, 1, 9, 0, tzinfo=UTC))
    assert as_of == date(2026, 8, 31)
    assert "MD" in ahead
    assert "HI" not in ahead


# --- words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "of", "text", "note"),
    [
        pytest.param(0, 0, "–", "", id="none"),
        pytest.param(2, 3, "2 of 3", "too few for a share", id="few"),
        pytest.param(4, 4, "4 of 4", "too few for a share", id="four"),
        pytest.param(4, 5, "80%", "4 of 5", id="five"),
        pytest.param(0, 5, "0%", "0 of 5", id="zero"),
        pytest.param(999, 1000, ">99%", "999 of 1,000", id="nearly all is not all"),
        pytest.param(1, 1000, "<1%", "1 of 1,000", id="hardly any is not none"),
    ],
)
def test_shares(part: int, of: int, text: str, note: str) -> None:
    cell = share_cell(part, of)
    assert (cell.text, cell.note) == (text, note)


@pytest.mark.parametrize(
    ("time", "text", "between"),
    [
        pytest.param(Time(3, 1, 9, 4, 4), "–", "", id="too few"),
        pytest.param(Time(1, 1, 9, 5, 5), "1 day", "1 to 9", id="one day"),
        pytest.param(Time(23, 13, None, 9, 21), "23 days", "13 or more", id="no upper limit"),
        pytest.param(Time(None, 40, None, 2, 21), "not yet reached", "40 or more", id="above one half"),
    ],
)
def test_medians(time: Time, text: str, between: str) -> None:
    assert (median_words(time), interval_words(time)) == (text, between)


def test_a_file_leaves_out_what_a_page_leaves_out() -> None:
    few = Line("MD", "Maryland", "Maryland", 3, times={k: Time(3, 1, 9, 3, 3) for k in DUTY_KINDS},
               duties={k: DutyCount(1, 1) for k in DUTY_KINDS})  # fmt: skip
    for topic, number in (("times", 9), ("duties", 3)):
        header = ["state", "name", *(name for name, _ in TOPICS[topic].exported)]
        row = dict(zip(header, next(exported_rows(TOPICS[topic], [few])), strict=True))
        hidden = [name for name in row if name.endswith(("median_days", "low_days", "high_days", "_share"))]
        assert [row[name] for name in hidden] == [None] * number


def test_every_column_of_every_topic_says_what_it_means() -> None:
    for topic in TOPICS.values():
        for column in topic.columns:
            assert len(str(column.meaning)) > 20, column.heading
