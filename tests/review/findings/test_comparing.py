"""What may be added, compared and drawn together, by tables and by properties."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.kits import catalog
from requests_app.review.findings.comparing import (
    INCLUDES,
    SENTENCES,
    NotComparable,
    Number,
    Use,
    Verdict,
    add_up,
    judge,
    judge_all,
    share,
    verdict_of,
)

MARCH = Number(
    jurisdiction="MD",
    field="query_count",
    count_unit="message_delivered",
    component="ice_ero",
    message_key="DQ",
    door="nlets",
    producer="control_point",
    starts_on=date(2025, 3, 1),
    ends_on=date(2025, 3, 31),
    fan_out="no",
)
APRIL = replace(MARCH, starts_on=date(2025, 4, 1), ends_on=date(2025, 4, 30))


def codes(use: Use, one: Number, other: Number) -> dict[str, str]:
    return {reason.code: reason.verdict.name.lower() for reason in judge(use, one, other)}


@pytest.mark.parametrize(
    ("changed", "add", "compare", "chart"),
    [
        pytest.param({}, {"period_overlap": "no"}, {}, {}, id="the very same number"),
        pytest.param({"count_unit": "hit_returned"}, {"unit": "no", "period_overlap": "no"}, {"unit": "no"},
                     {"unit": "no"}, id="messages and answers"),
        pytest.param({"count_unit": "unspecified"}, {"unit_unknown": "no", "period_overlap": "no"},
                     {"unit_unknown": "no"}, {"unit_unknown": "no"}, id="nobody knows what is counted"),
        pytest.param({"component": "ice_hsi"}, {}, {"component": "caution"}, {"component": "caution"},
                     id="ERO and HSI add up"),
        pytest.param({"component": "ice_unspecified"}, {"component_overlap": "no", "period_overlap": "no"},
                     {"component": "caution"}, {"component": "caution"}, id="ICE may hold ERO"),
        pytest.param({"component": "all_federal"}, {"component_overlap": "no", "period_overlap": "no"},
                     {"component": "caution"}, {"component": "caution"}, id="a federal total is no number of ICE"),
        pytest.param({"component": "unknown"}, {"component_unknown": "no"}, {"component_unknown": "no"},
                     {"component_unknown": "no"}, id="nobody knows whose"),
        pytest.param({"message_key": "RQ"}, {}, {"key": "caution"}, {"key": "caution"}, id="licences and plates"),
        pytest.param({"message_key": "all"}, {"key_overlap": "no", "period_overlap": "no"}, {"key": "caution"},
                     {"key": "caution"}, id="all kinds hold licences"),
        pytest.param({"message_key": "image_flag"}, {"image_flag": "no"}, {"image_flag": "no"}, {"image_flag": "no"},
                     id="a photo is a mark inside a query"),
        pytest.param({"message_key": "DQG"}, {"key_overlap": "no", "key_rewritten": "caution", "period_overlap": "no"},
                     {"key": "caution", "key_rewritten": "caution"}, {"key": "caution", "key_rewritten": "caution"},
                     id="queries to a region are rewritten"),
        pytest.param({"door": "direct_switch"}, {"door": "caution"}, {"door": "caution"}, {"door": "caution"},
                     id="two doors"),
        pytest.param({"producer": "dmv"}, {"counted_twice": "no"}, {"producer": "caution"}, {"producer": "caution"},
                     id="two offices counted the same"),
        pytest.param({"jurisdiction": "VA"}, {}, {}, {}, id="two states without broadcasts"),
        pytest.param({"jurisdiction": "US"}, {"nation": "no"}, {"jurisdiction": "caution"},
                     {"jurisdiction": "caution"}, id="a nation holds its states"),
        pytest.param({"fan_out": "yes"}, {"fan_out": "no", "period_overlap": "no"}, {"fan_out": "no"},
                     {"fan_out": "no"}, id="broadcasts in one of them"),
        pytest.param({"ends_on": date(2025, 5, 31)}, {"period_overlap": "no"}, {"period_length": "caution"},
                     {"period_length": "caution"}, id="a month and a quarter"),
    ],
)  # fmt: skip
def test_two_numbers(
    changed: dict[str, Any], add: dict[str, str], compare: dict[str, str], chart: dict[str, str]
) -> None:
    other = replace(MARCH, **changed)
    assert codes(Use.ADD, MARCH, other) == add
    assert codes(Use.COMPARE, MARCH, other) == compare
    assert codes(Use.CHART, MARCH, other) == chart


def test_months_of_one_kind_add_up_and_stand_in_one_chart() -> None:
    assert judge(Use.ADD, MARCH, APRIL) == []
    assert judge(Use.CHART, MARCH, APRIL) == []
    assert codes(Use.COMPARE, MARCH, APRIL) == {"period": "caution"}


def test_broadcasts_make_a_sum_over_states_wrong() -> None:
    one, other = replace(MARCH, fan_out="yes"), replace(MARCH, jurisdiction="VA", fan_out="yes")
    assert codes(Use.ADD, one, other) == {"fan_out_across": "no"}


def test_washington_and_the_nation_stand_in_no_sum() -> None:
    """The released figures that started this: unlike in nearly everything."""
    washington = Number("WA", "query_count", "unspecified", "all_federal", "all", "unknown", "dmv",
                        date(2025, 1, 1), date(2025, 11, 30))  # fmt: skip
    nation = Number("US", "query_count", "message_originated", "ice_unspecified", "all", "nlets", "nlets",
                    date(2024, 10, 1), date(2025, 9, 30))  # fmt: skip
    for use in Use:
        assert verdict_of(judge(use, washington, nation)) is Verdict.NO


def test_a_sum_carries_its_inputs_and_says_where_days_are_missing() -> None:
    june = replace(MARCH, starts_on=date(2025, 6, 1), ends_on=date(2025, 6, 30))
    whole = add_up([(MARCH, 10), (APRIL, 5)])
    assert (whole.value, whole.starts_on, whole.ends_on, whole.has_gaps) == (15, MARCH.starts_on, APRIL.ends_on, False)
    assert whole.parts == ((MARCH, 10), (APRIL, 5))
    assert add_up([(MARCH, 10), (june, 5)]).has_gaps


def test_what_may_not_be_added_says_why() -> None:
    with pytest.raises(NotComparable) as refused:
        add_up([(MARCH, 10), (replace(APRIL, count_unit="login"), 5)])
    assert [reason.code for reason in refused.value.reasons] == ["unit"]
    with pytest.raises(ValueError, match="nothing"):
        add_up([])


def test_a_share_is_of_a_whole_that_holds_it() -> None:
    whole = replace(MARCH, component="all_requesters", field="total_all_requesters_count")
    assert share((MARCH, 25), (whole, 100)) == (0.25, ())
    for changed in (
        {"door": "unknown"},
        {"producer": "nlets"},
        {"ends_on": date(2025, 4, 30)},
        {"count_unit": "login"},
    ):
        with pytest.raises(NotComparable):
            share((MARCH, 25), (replace(whole, **changed), 100))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="at most"):
        share((MARCH, 101), (whole, 100))


NUMBERS = st.builds(
    Number,
    jurisdiction=st.sampled_from(["MD", "VA", "US"]),
    field=st.just("query_count"),
    count_unit=st.sampled_from(["message_delivered", "login", "unspecified"]),
    component=st.sampled_from(["ice_ero", "ice_unspecified", "cbp_usbp", "all_federal", "all_requesters", "unknown"]),
    message_key=st.sampled_from(["DQ", "DQG", "RQ", "all", "image_flag"]),
    door=st.sampled_from(["nlets", "direct_switch", "unknown"]),
    producer=st.sampled_from(["nlets", "control_point", "dmv"]),
    starts_on=st.dates(date(2024, 1, 1), date(2024, 6, 30)),
    ends_on=st.dates(date(2024, 7, 1), date(2025, 6, 30)),
    fan_out=st.sampled_from(["yes", "no", "unknown"]),
)


@given(one=NUMBERS, other=NUMBERS, use=st.sampled_from(Use))
def test_the_order_of_two_numbers_does_not_matter(one: Number, other: Number, use: Use) -> None:
    assert set(judge(use, one, other)) == set(judge(use, other, one))


@given(numbers=st.lists(NUMBERS, min_size=2, max_size=5), use=st.sampled_from(Use))
def test_many_are_as_bad_as_their_worst_pair(numbers: list[Number], use: Use) -> None:
    worst = max(verdict_of(judge(use, one, other)) for i, one in enumerate(numbers) for other in numbers[i + 1 :])
    assert verdict_of(judge_all(use, numbers)) is worst


@given(number=NUMBERS)
def test_no_number_is_added_to_itself(number: Number) -> None:
    assert verdict_of(judge(Use.ADD, number, number)) is Verdict.NO


@given(values=st.lists(st.integers(0, 10_000), min_size=1, max_size=12))
def test_the_sum_of_months_is_their_sum(values: list[int]) -> None:
    days = [MARCH.starts_on + timedelta(days=31 * month) for month in range(len(values))]
    months = [(replace(MARCH, starts_on=day, ends_on=day + timedelta(days=30)), value)
              for day, value in zip(days, values, strict=True)]  # fmt: skip
    whole = add_up(months)
    assert whole.value == sum(values)
    assert not whole.has_gaps


def test_every_reason_has_its_sentence() -> None:
    assert all(str(sentence).endswith(".") for sentence in SENTENCES.values())


def test_the_agencies_are_those_of_the_kits() -> None:
    named = {*INCLUDES, *(part for parts in INCLUDES.values() for part in parts)}
    known = set(catalog.shared_blocks().enumerations["component"])
    assert named <= known
    assert known - named == {"unknown"}
