"""Claims: what cannot be kept, what is doubtful, and when two readings are the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.kits import catalog
from requests_app.kits.schema import FindingField
from requests_app.review.findings.checking import (
    SENTENCES,
    Claim,
    check,
    completed,
    differences,
    doubts,
    end_of,
    fits_grain,
    grain_of,
    number_from,
    number_of,
    numbers_in,
    stops,
)
from requests_app.review.findings.definitions import Definition, UnknownField, definition_of, definitions_of

K1 = catalog.get_kit("K1")
COUNT = definition_of(K1, "query_count")
MARCH = Claim(
    number=Decimal(12),
    unit="message_delivered",
    component="ice_hsi",
    message_key="DQ",
    door="nlets",
    producer="control_point",
    starts_on=date(2025, 3, 1),
    ends_on=date(2025, 3, 31),
    grain="month",
)


def field(kit: str, name: str) -> Definition:
    return definition_of(catalog.get_kit(kit), name)


def codes(claim: Claim, definition: Definition = COUNT, **given: Any) -> list[str]:
    return [problem.code for problem in check(claim, definition, **given)]


def test_a_whole_claim_is_kept_without_a_word() -> None:
    assert check(MARCH, COUNT, evidence=["HSI March 12"], came_on=date(2026, 1, 5), jurisdiction="MD") == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"number": None}, "no_value", id="nothing-given"),
        pytest.param({"answer": "refused"}, "value_beside_reason", id="withheld-and-yet-a-number"),
        pytest.param({"answer": "perhaps"}, "unknown_answer", id="no-such-answer"),
        pytest.param({"number": Decimal("1.5")}, "not_whole", id="half-a-query"),
        pytest.param({"number": Decimal(-1)}, "negative", id="below-zero"),
        pytest.param({"number": Decimal(10) ** 15}, "too_large", id="too-large"),
        pytest.param({"number": Decimal("NaN")}, "not_a_number", id="not-a-number"),
        pytest.param({"unit": ""}, "needs_unit", id="a-number-without-its-unit"),
        pytest.param({"unit": "queries"}, "unknown_unit", id="unit-of-no-list"),
        pytest.param({"unit": "image_returned"}, "unit_elsewhere", id="photos-as-queries"),
        pytest.param({"unit": "rejected"}, "unit_elsewhere", id="refused-as-answered"),
        pytest.param({"component": ""}, "needs_component", id="whose"),
        pytest.param({"component": "ICE"}, "unknown_name", id="component-of-no-list"),
        pytest.param({"door": ""}, "needs_door", id="which-door"),
        pytest.param({"producer": ""}, "needs_producer", id="who-counted"),
        pytest.param({"message_key": "image_flag"}, "image_as_key", id="a-photo-is-no-kind-of-query"),
        pytest.param({"starts_on": None}, "needs_period", id="no-first-day"),
        pytest.param({"starts_on": None, "ends_on": None}, "needs_period", id="no-period"),
        pytest.param({"ends_on": date(2025, 2, 28)}, "ends_before_it_starts", id="ends-before-it-starts"),
        pytest.param({"starts_on": date(1979, 3, 1)}, "no_such_time", id="before-there-was-such-a-log"),
        pytest.param({"ends_on": date(2025, 3, 30)}, "not_that_grain", id="thirty-days-are-not-march"),
        pytest.param({"grain": ""}, "no_grain", id="no-grain"),
        pytest.param({"fan_out": "maybe"}, "unknown_name", id="fan-out-of-no-list"),
    ],
)
def test_what_cannot_be_kept(changes: dict[str, Any], code: str) -> None:
    found = stops(check(replace(MARCH, **changes), COUNT))
    assert [problem.code for problem in found] == [code]
    assert str(found[0].sentence).endswith(".")


def test_a_file_cannot_count_what_came_after_it() -> None:
    assert codes(MARCH, came_on=date(2025, 3, 30)) == ["not_over"]
    assert codes(MARCH, came_on=date(2025, 3, 31)) == []


def test_an_end_of_an_agreement_may_lie_ahead() -> None:
    ends = Claim(words=("2031-06-30",))
    assert codes(ends, field("K2", "expires_on"), came_on=date(2026, 1, 1)) == []


@pytest.mark.parametrize("answer", ["refused", "not_held", "unclear"])
def test_a_reason_in_place_of_a_number_is_kept(answer: str) -> None:
    assert codes(replace(MARCH, answer=answer, number=None, unit="")) == []


@pytest.mark.parametrize(
    ("kit", "name", "claim", "code"),
    [
        pytest.param("K1", "dhs_share", Claim(number=Decimal(3)), "worked_out", id="a-share-is-worked-out"),
        pytest.param("K1", "ori", Claim(words=("MD123",), component="ice_ero"), "no_identifier", id="ori-too-short"),
        pytest.param("K1", "counts_fan_out", Claim(words=("perhaps",)), "not_listed", id="no-such-value"),
        pytest.param("K1", "log_earliest_date", Claim(words=("2025-02-30",)), "no_date", id="no-such-day"),
        pytest.param("K1", "log_earliest_date", Claim(words=("20250201",)), "no_date", id="not-as-dates-are-kept"),
        pytest.param("K2", "purpose_limit", Claim(words=("x" * 2001,)), "too_long", id="too-long"),
        pytest.param("K2", "auto_renews", Claim(words=("yes", "no")), "one_only", id="yes-and-no"),
        pytest.param("K2", "fee_per_year", Claim(number=Decimal("1.00001")), "too_fine", id="less-than-a-cent"),
        pytest.param("K2", "fee_per_year", Claim(number=Decimal(1), unit="login"), "unit_fixed", id="dollars"),
        pytest.param("K7", "statutory_report_year", Claim(number=Decimal(25)), "no_year", id="year-of-two-digits"),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_in_other_fields(kit: str, name: str, claim: Claim, code: str) -> None:
    assert [problem.code for problem in stops(check(claim, field(kit, name)))] == [code]


@pytest.mark.parametrize(
    ("changes", "words", "code"),
    [
        pytest.param({}, "ICE 12", "hsi_not_named", id="the-page-says-only-ice"),
        pytest.param({"component": "ice_unspecified"}, "Homeland Security Investigations 12", "hsi_named", id="hsi"),
        pytest.param({"component": "ice_unspecified"}, "Total federal agencies 12", "federal_total", id="all-federal"),
        pytest.param({"number": Decimal(0)}, "HSI  -", "covered", id="a-dash-is-no-zero"),
        pytest.param({"number": Decimal(0)}, "HSI <10", "covered", id="under-ten-is-no-zero"),
        pytest.param({"number": Decimal(21)}, "HSI 12", "not_in_the_words", id="digits-turned-round"),
        pytest.param({}, "HSI rejected 12", "refused_words", id="these-were-refused"),
        pytest.param({"unit": "unspecified"}, "", "unit_unspecified", id="unit-not-said"),
        pytest.param({"component": "unknown"}, "", "component_unknown", id="whose-is-not-known"),
        pytest.param({"fan_out": "yes"}, "", "fan_out_yes", id="broadcasts-in-it"),
        pytest.param({"message_key": "DQG", "number": Decimal(0)}, "", "rewritten", id="a-state-sees-no-dqg"),
        pytest.param({"producer": "nlets", "door": "direct_switch"}, "", "mixed_producer", id="nlets-sees-no-accounts"),
    ],
)  # fmt: skip
def test_what_is_doubtful(changes: dict[str, Any], words: str, code: str) -> None:
    found = check(replace(MARCH, **changes), COUNT, evidence=[words] if words else [])
    assert [problem.code for problem in doubts(found)] == [code]
    assert not stops(found)


def test_the_nation_and_times_that_nobody_asked_for_are_doubtful() -> None:
    assert codes(MARCH, jurisdiction="US") == ["nation"]
    assert codes(MARCH, asked=(date(2025, 4, 1), None)) == ["asked_elsewhere"]
    assert codes(MARCH, asked=(date(2025, 3, 31), date(2025, 3, 31))) == []


def test_every_problem_has_its_sentence_and_no_sentence_is_unused() -> None:
    room = catalog.DATA.parents[1] / "review/findings"
    body = (room / "checking.py").read_text().split("# --- Wrong")[1] + (room / "services.py").read_text()
    for code in SENTENCES:
        named = (
            f'"{code}"' in body or code in {"worked_out"} or (code.startswith("needs_") and 'f"needs_{name}"' in body)
        )
        assert named, code


# --- Definitions --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kit", catalog.bundled_kits(), ids=lambda kit: kit.id)
def test_every_field_of_every_kit_can_be_asked_for(kit: Any) -> None:
    found = definitions_of(kit)
    assert [each.name for each in found] == [each.name for each in kit.findings]
    for each in found:
        assert "_" not in each.label
        assert not each.choices or all("_" not in words for _code, words in each.choices)
        assert not each.asks_unit or not each.counts


def test_a_count_says_everything_it_is_compared_by() -> None:
    assert COUNT.says == {"component", "message_key", "door", "period"}
    assert {"fan-out", "hsi", "image-flag", "refused"} <= {trap.id for trap in COUNT.traps}


def test_a_field_of_a_group_s_own_kit_is_asked_for_under_its_own_name() -> None:
    import msgspec

    own = msgspec.structs.replace(
        K1,
        id="G1",
        findings=(
            FindingField(name="drone_flights", type="integer", unit="flights", note="Each one."),
            FindingField(name="lookups", type="integer", unit="count_unit"),
        ),
    )
    flights, lookups = definitions_of(own)
    assert (flights.label, flights.help, flights.says) == ("Drone flights", "Each one.", {"period"})
    assert lookups.says == {"component", "message_key", "door", "period"}


def test_an_unknown_field_is_named() -> None:
    with pytest.raises(UnknownField, match="K1 has no finding 'nothing'"):
        definition_of(K1, "nothing")


# --- Two readings -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        pytest.param({}, (), id="the-same"),
        pytest.param({"number": Decimal("12.0")}, (), id="the-same-number-otherwise-written"),
        pytest.param({"number": Decimal(13)}, ("value",), id="value"),
        pytest.param({"unit": "message_originated"}, ("unit",), id="unit"),
        pytest.param({"component": "ice_unspecified"}, ("component",), id="hsi-or-ice"),
        pytest.param({"ends_on": date(2025, 3, 30), "grain": "span"}, ("period",), id="period"),
        pytest.param({"fan_out": "no"}, ("fan_out",), id="fan-out"),
        pytest.param({"answer": "refused", "number": None}, ("answer",), id="answer"),
        pytest.param({"number": Decimal(1), "door": "unknown"}, ("value", "door"), id="two-things"),
    ],
)
def test_in_what_two_readings_differ(changes: dict[str, Any], found: tuple[str, ...]) -> None:
    assert differences(MARCH, replace(MARCH, **changes), COUNT) == found
    assert differences(replace(MARCH, **changes), MARCH, COUNT) == found


def test_texts_are_the_same_whatever_their_capitals_and_marks() -> None:
    clause = field("K2", "immigration_clause")
    one, other = Claim(words=("No use for “immigration”.",)), Claim(words=("no use  for immigration",))
    assert differences(one, other, clause) == ()
    assert differences(one, Claim(words=("No use for emigration",)), clause) == ("value",)
    parties = field("K2", "parties")
    assert differences(Claim(words=("A", "B")), Claim(words=("b", "a")), parties) == ()


def test_what_all_values_of_a_field_say_is_filled_in() -> None:
    images = field("K1", "image_returned_count")
    kept = completed(Claim(number=Decimal("7.00"), words=(" ",)), images)
    assert (kept.message_key, str(kept.number), kept.words) == ("image_flag", "7", ())
    assert completed(Claim(words=("mdicehsi1",)), field("K1", "ori")).words == ("MDICEHSI1",)


def test_a_claim_becomes_a_number_that_can_be_compared() -> None:
    number = number_of(MARCH, COUNT, "MD")
    assert number is not None
    assert (number.jurisdiction, number.count_unit, number.component, number.days) == (
        "MD",
        "message_delivered",
        "ice_hsi",
        31,
    )
    assert number_of(replace(MARCH, number=None, answer="refused"), COUNT, "MD") is None
    assert number_of(Claim(number=Decimal(3)), field("K2", "notice_period"), "MD") is None
    fixed = number_of(replace(MARCH, unit="", message_key="image_flag"), field("K1", "image_returned_count"), "MD")
    assert fixed is not None and fixed.count_unit == "image_returned"


# --- Typing -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("2,671,776", Decimal(2671776)), (" 12 ", Decimal(12)), ("1 204", Decimal(1204)), ("$3.50", Decimal("3.50")),
        ("12%", Decimal(12)), ("-4", Decimal(-4)), ("1,20", None), ("twelve", None), ("", None), ("1e9", None),
        ("\u0661\u0662", None), ("12-15", None),
    ],
)  # fmt: skip
def test_numbers_as_people_type_them(typed: str, number: Decimal | None) -> None:
    assert number_from(typed) == number


@given(st.integers(min_value=0, max_value=10**15 - 1))
def test_a_number_is_found_in_the_words_however_it_is_written(value: int) -> None:
    assert number_from(f"{value:,}") == number_from(str(value)) == value
    assert Decimal(value) in numbers_in(f"Total of March: {value:,}.")
    assert Decimal(value) in numbers_in(f"ICE {value} HSI 1")


@given(
    st.dates(min_value=date(1980, 1, 1), max_value=date(2098, 1, 1)),
    st.sampled_from(["day", "month", "quarter", "year"]),
)
def test_a_span_that_begins_on_a_first_ends_where_its_grain_says(start: date, grain: str) -> None:
    first = start.replace(day=1)
    end = end_of(first, grain)
    assert end is not None and fits_grain(first, end, grain)
    assert not fits_grain(first, end + timedelta(days=1), grain)
    assert grain_of(first, end) == grain
    assert end_of(date(2025, 3, 2), "month") is None and end_of(first, "span") is None
