"""A statute in plain words: who does what by when, nothing twice, nothing hidden."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from requests_app.law.book import CODES, open_book
from requests_app.law.schema import Period, Rule
from requests_app.publishing import doors, law_pages
from requests_app.publishing.law_pages import RuleLine

BOOK = open_book()
DAY = date(2026, 3, 6)


def line_of(code: str, rule_id: str) -> RuleLine:
    """Return the line that shows a rule."""
    sections = law_pages.compose_sections(BOOK.statute(code), DAY)
    (found,) = [one for section in sections for one in section.lines if rule_id in {rule.id for rule in one.rules}]
    return found


@pytest.mark.parametrize(
    ("code", "rule_id", "lead", "start"),
    [
        # 65 Pa. Stat. § 67.1101(a)(1): fifteen business days of the mailing date.
        pytest.param(
            "PA", "PA.appeal.67.1101", "You file within 15 business days",
            "mailing date of the denial, or deemed denial", id="you-file",
        ),
        # 65 Pa. Stat. § 67.1101(b)(1)
        pytest.param(
            "PA", "PA.appeal.67.1101.decision", "They must decide the review within 30 calendar days",
            "the day the appeal is filed", id="they-must-decide",
        ),
        # N.Y. C.P.L.R. 217(1)
        pytest.param(
            "NY", "NY.court.89-4-b", "You go to court within 4 months", "appeal denial or failure to decide the appeal",
            id="you-go-to-court",
        ),
        # Md. Gen. Prov. § 4-362 names no limit.
        pytest.param(
            "MD", "MD.court.4-362", "You may file; the law sets no time limit that we know of", "denial",
            id="court-without-a-limit",
        ),
        # Md. Gen. Prov. § 4-203(a)(1)
        pytest.param(
            "MD", "MD.determination.4-203-a-1", "They have 30 calendar days", "the day the request arrives",
            id="they-have",
        ),
        # Md. Gen. Prov. § 4-203(d): added to the limit, so counted from it.
        pytest.param(
            "MD", "MD.extension.4-203-d-1.production", "They may take 30 calendar days more", "the date it was due",
            id="an-extension-is-added",
        ),
        # N.Y. Pub. Off. Law § 89(3)(a): a date certain, no fixed maximum.
        pytest.param(
            "NY", "NY.extension.89-3-a", "They may take more time; the law sets no number of days",
            "the acknowledgment", id="an-extension-without-a-number",
        ),
    ],
)  # fmt: skip
def test_a_line_says_who_does_what_and_counted_from_what(code: str, rule_id: str, lead: str, start: str):
    line = line_of(code, rule_id)
    assert (line.lead, str(line.start)) == (lead, start)


def test_rules_that_say_the_same_are_one_line_that_names_what_it_moves():
    line = line_of("MD", "MD.extension.4-203-d-1.determination")
    assert len(line.rules) == 3
    assert [str(name) for name in line.extends] == ["Notice of delay", "the decision", "the records"]


@pytest.mark.parametrize("code", CODES)
def test_no_rule_and_no_doubt_is_lost_and_no_line_is_said_twice(code: str):
    statute = BOOK.statute(code)
    sections = law_pages.compose_sections(statute, DAY)
    lines = [line for section in sections for line in section.lines]
    assert sorted(rule.id for line in lines for rule in line.rules) == sorted(rule.id for rule in statute.rules)
    shown = {doubt for line in lines for doubt in line.doubts}
    assert shown.issuperset(doubt for rule in statute.rules for doubt in rule.doubts)
    assert shown.union(law_pages.other_doubts(statute, sections)).issuperset(statute.doubts)
    words = [
        (one.lead, one.start, one.what, one.body, one.rule.condition, one.rule.citation, one.extends) for one in lines
    ]
    assert len(words) == len(set(words))


def test_a_merged_line_is_as_unsure_as_its_least_sure_rule():
    statute = BOOK.statute("MD")
    doubted = [
        msgspec.structs.replace(rule, confidence="low") if rule.id == "MD.extension.4-203-d-1.production" else rule
        for rule in statute.rules
    ]
    sections = law_pages.compose_sections(msgspec.structs.replace(statute, rules=tuple(doubted)), DAY)
    (line,) = [line for section in sections if section.lines[0].rule.kind == "extension" for line in section.lines]
    assert line.confidence == "low"
    assert "not sure" in str(line.sureness)


def test_a_rule_that_has_ended_is_gone_and_one_that_is_to_come_is_there():
    statute = BOOK.statute("MD")
    ended, *others = statute.rules
    past = msgspec.structs.replace(ended, effective_to=date(2026, 3, 5))
    coming = msgspec.structs.replace(others[0], effective_from=date(2026, 7, 1))
    changed = msgspec.structs.replace(statute, rules=(past, coming, *others[1:]))
    shown = {
        rule.id for section in law_pages.compose_sections(changed, DAY) for line in section.lines for rule in line.rules
    }
    assert past.id not in shown
    assert coming.id in shown


def a_rule(**changes: object) -> Rule:
    return msgspec.structs.replace(BOOK.statute("MD").rule("MD.determination.4-203-a-1"), **changes)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        pytest.param(a_rule(period=Period(amount=1, unit="business_days")), "1 business day", id="one"),
        pytest.param(a_rule(period=Period(amount=72, unit="hours")), "72 hours", id="hours"),
        pytest.param(a_rule(period=Period(amount=24, unit="months")), "2 years", id="years"),
        pytest.param(a_rule(period=Period(amount=18, unit="months")), "18 months", id="months"),
        pytest.param(a_rule(period=None), "", id="no-number"),
        pytest.param(
            a_rule(period=Period(amount=30, unit="business_days"), or_earlier=Period(amount=60, unit="calendar_days")),
            "30 business days or 60 calendar days, whichever ends first",
            id="whichever-first",
        ),
        pytest.param(
            a_rule(
                period=Period(amount=10, unit="calendar_days"),
                period_if_disputed=Period(amount=10, unit="business_days"),
            ),
            "10 calendar days (or 10 business days: the law can be read both ways)",
            id="both-readings",
        ),
    ],
)
def test_a_time_in_words_keeps_its_other_readings(rule: Rule, words: str):
    assert law_pages.time_in_words(rule) == words


@pytest.mark.parametrize(
    ("code", "first", "decision", "review"),
    [
        pytest.param("MD", "10 business days", "30 calendar days", "yes, no time limit that we know of", id="maryland"),
        # Idaho Code § 74-103: three or ten days, by residence; no review before court.
        pytest.param("ID", "", "depends on the case", "", id="idaho-depends-on-residence"),
        pytest.param("NY", "5 business days", "20 business days", "within 30 calendar days", id="new-york"),
    ],
)
def test_the_compare_row_never_gives_a_conditional_number_for_a_usual_one(
    code: str, first: str, decision: str, review: str
):
    row = law_pages.compose_comparison(BOOK.statute(code), DAY)
    assert (row.first, row.decision, row.review) == (first, decision, review)


def test_closings_name_the_holiday_and_leave_out_weekends_and_open_days():
    ((year, days),) = law_pages.compose_closings(BOOK.calendar("MD"), [2026])
    by_day = {closing.day: closing for closing in days}
    assert year == 2026
    assert by_day[date(2026, 11, 26)].kind == "closed"  # Thanksgiving
    assert date(2026, 3, 6) not in by_day
    assert all(day.weekday() < 5 and day.year == 2026 for day in by_day)
    walked = {day for day, _status in BOOK.calendar("MD").not_open_days(date(2025, 12, 31), date(2026, 12, 31))}
    assert walked <= set(by_day)


def test_a_year_that_was_not_reviewed_has_no_closings_instead_of_guessed_ones():
    calendar = BOOK.calendar("MD")
    assert law_pages.compose_closings(calendar, [calendar.last.year + 1]) == ((calendar.last.year + 1, ()),)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        pytest.param("2026-01-08", "January 8, 2026", id="day"),
        pytest.param("2026-01", "January 2026", id="month"),
        pytest.param("2026", "2026", id="year"),
        pytest.param("", "", id="nothing"),
        pytest.param("early 2026", "early 2026", id="words-stay"),
    ],
)
def test_a_partial_date_is_said_as_far_as_it_is_known(written: str, words: str):
    assert doors.day_in_words(written) == words


@pytest.mark.parametrize(
    ("today", "oldest"),
    [
        pytest.param(date(2026, 3, 6), date(2025, 3, 6), id="one-year-back"),
        pytest.param(date(2028, 2, 29), date(2027, 2, 28), id="leap-day"),
    ],
)
def test_the_clock_reaches_one_year_back(today: date, oldest: date):
    assert doors.oldest_kept(today) == oldest


def test_no_reported_status_looks_or_reads_safe():
    for reported in doors.REPORTED.values():
        assert reported.tone != "good"
        assert "safe" not in f"{reported.words} {reported.meaning}".lower()
