"""Fees folded from events, what the law makes of them, and the rows of an estimate as people type them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django import forms
from hypothesis import given
from hypothesis import strategies as st

from requests_app.filing.fees import FeeEvent, Totals, agreed_by, fold_fees, total
from requests_app.filing.forms.answers import FeeLinesField, fee_details, rows_of
from requests_app.filing.lifecycle import EventFact, EventKind
from requests_app.filing.timeline import to_law
from requests_app.kits.matter import FeeLine

MONDAY = date(2026, 3, 2)


def account(*told: tuple[str, dict[str, Any]], **more: Any) -> Any:
    events = [FeeEvent(EventKind(kind), MONDAY + timedelta(days=n), said) for n, (kind, said) in enumerate(told)]
    return fold_fees(events, **more)


ESTIMATE = ("fee_estimated", {"amount_cents": 27000, "deposit_cents": 10000})


@pytest.mark.parametrize(
    ("told", "paid", "still_open", "settled", "waiver"),
    [
        pytest.param([], 0, 0, False, "not_asked", id="money-was-never-spoken-of"),
        pytest.param([ESTIMATE], 0, 27000, False, "not_asked", id="asked"),
        pytest.param([("fee_estimated", {"fee_cents": 900})], 0, 900, False, "not_asked", id="as-recorded-at-first"),
        pytest.param(
            [ESTIMATE, ("fee_paid", {"amount_cents": 10000, "settles": False})],
            10000,
            17000,
            False,
            "not_asked",
            id="deposit-paid-the-rest-is-open",
        ),
        pytest.param(
            [ESTIMATE, ("fee_paid", {"amount_cents": 10000, "settles": False}), ("fee_paid", {"amount_cents": 17000})],
            27000,
            0,
            True,
            "not_asked",
            id="two-payments",
        ),
        pytest.param([ESTIMATE, ("fee_paid", {})], 0, 0, True, "not_asked", id="settled-without-money"),
        pytest.param([ESTIMATE, ("waiver_decided", {"outcome": "granted"})], 0, 0, True, "granted", id="waived"),
        pytest.param([ESTIMATE, ("waiver_decided", {"outcome": "part"})], 0, 27000, False, "part", id="in-part"),
        pytest.param(
            [ESTIMATE, ("waiver_decided", {"outcome": "refused"}), ("follow_up", {"letter_key": "fee_waiver_appeal"})],
            0,
            27000,
            False,
            "asked",
            id="refused-and-asked-again",
        ),
        pytest.param(
            [ESTIMATE, ("fee_paid", {}), ("fee_estimated", {"amount_cents": 30000})],
            0,
            30000,
            False,
            "not_asked",
            id="a-new-bill-opens-it-again",
        ),
    ],
)
def test_the_account_of_a_request(told: list, paid: int, still_open: int, settled: bool, waiver: str) -> None:
    found = account(*told)
    assert (found.fees.paid_cents, found.open_cents, found.settled, found.fees.waiver) == (
        paid,
        still_open,
        settled,
        waiver,
    )


def test_a_later_estimate_replaces_the_lines_of_the_earlier() -> None:
    lines = [{"what": "Search", "amount_cents": 27000, "hours": 9.0, "rate_cents": 3000}]
    first = ("fee_estimated", {"amount_cents": 27500, "lines": lines})
    found = account(first, limit_cents=5000)
    assert found.fees.lines == (FeeLine(what="Search", amount_cents=27000, hours=9.0, rate_cents=3000),)
    assert (found.over_limit_cents, found.lines_differ_by) == (22500, 500)
    assert account(first, ("fee_estimated", {"amount_cents": 100})).fees.lines == ()


def test_what_the_first_letter_asked_for_counts_until_it_is_decided() -> None:
    assert account(waiver_asked_at_first=True).fees.waiver == "asked"
    assert account(waiver_asked_at_first=True).is_empty


@given(st.lists(st.integers(0, 10**9), max_size=6), st.integers(0, 10**9))
def test_payments_add_up_and_nothing_is_ever_owed_to_us(payments: list[int], asked: int) -> None:
    found = account(
        ("fee_estimated", {"amount_cents": asked}),
        *(("fee_paid", {"amount_cents": cents, "settles": False}) for cents in payments),
    )
    assert found.fees.paid_cents == sum(payments)
    assert found.open_cents == max(0, asked - sum(payments))


# --- what the law makes of it -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "outcome", "settles", "ends"),
    [
        pytest.param("fee_paid", "", True, True, id="a-payment-ends-the-pause"),
        pytest.param("fee_paid", "", False, False, id="a-part-payment-does-not"),
        pytest.param("waiver_decided", "granted", True, True, id="nor-is-anything-left-to-pay-when-waived"),
        pytest.param("waiver_decided", "part", True, False, id="waived-in-part"),
        pytest.param("waiver_decided", "refused", True, False, id="not-waived"),
        pytest.param("follow_up", "", True, False, id="a-letter-of-ours"),
    ],
)
def test_what_ends_the_laws_pause_over_a_fee(kind: str, outcome: str, settles: bool, ends: bool) -> None:
    facts = [
        EventFact(1, EventKind.OPENED, MONDAY),
        EventFact(2, EventKind.SENT, MONDAY, method="email"),
        EventFact(3, EventKind.FEE_ESTIMATED, MONDAY + timedelta(days=3)),
        EventFact(4, EventKind(kind), MONDAY + timedelta(days=5), outcome=outcome, settles=settles),
    ]
    timeline = to_law(facts)
    assert timeline is not None
    assert ("fee_paid" in timeline.kinds) == ends
    # Before any fee is named, a waiver is nothing to the law: an answer needs a question.
    early = to_law([*facts[:2], facts[3]]) if kind == "waiver_decided" else None
    assert early is None or "fee_paid" not in early.kinds


# --- the rows of an estimate ------------------------------------------------------------------------------------------


def row(what: str = "", hours: str = "", rate: str = "", amount: str = "") -> dict[str, str]:
    return {"what": what, "hours": hours, "rate": rate, "amount": amount}


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        pytest.param([row()], [], id="empty-rows-do-not-count"),
        pytest.param(
            [row("Search", "9", "30", "")],
            [{"what": "Search", "amount_cents": 27000, "hours": 9.0, "rate_cents": 3000}],
            id="hours-and-rate-give-the-amount",
        ),
        pytest.param(
            [row("Copies", amount="$1,012.50")], [{"what": "Copies", "amount_cents": 101250}], id="as-printed"
        ),
        pytest.param(
            [row(), row("Copies", "0.25", "1.00", "")],
            [{"what": "Copies", "amount_cents": 25, "hours": 0.25, "rate_cents": 100}],
            id="a-quarter",
        ),
    ],
)
def test_rows_become_lines(rows: list[dict[str, str]], lines: list[dict[str, Any]]) -> None:
    assert FeeLinesField(required=False).clean(rows) == lines


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        pytest.param([row(amount="12")], "Line 1: say what it is for", id="for-what"),
        pytest.param([row("Search")], "Line 1: give the amount", id="how-much"),
        pytest.param([row("Search", amount="ten")], "“ten” is not a number", id="in-words"),
        pytest.param([row("Search", amount="-1")], "is not a number", id="negative"),
        pytest.param([row("Search", amount="1e99")], "is not a number", id="more-than-there-is"),
        pytest.param([row("Search", amount="NaN")], "is not a number", id="nan"),
        pytest.param([row("Search", amount="1.005")], "parts of a cent", id="half-a-cent"),
        pytest.param([row("A", amount="1"), row("B", amount="x")], "Line 2", id="the-line-is-named"),
    ],
)
def test_what_is_no_line_is_said(rows: list[dict[str, str]], says: str) -> None:
    with pytest.raises(forms.ValidationError, match=says):
        FeeLinesField(required=False).clean(rows)


def test_lines_give_the_sum_where_none_is_named_and_are_shown_as_stored() -> None:
    lines = FeeLinesField(required=False).clean([row("Search", "9", "30"), row("Copies", amount="12.50")])
    details = fee_details({"amount": None, "lines": lines, "deposit": None})
    assert details["amount_cents"] == 28250
    assert FeeLinesField(required=False).clean(rows_of(lines)) == lines


# --- sums of many requests --------------------------------------------------------------------------------------------

DEPOSIT = ("fee_paid", {"amount_cents": 10000, "settles": False})
TOLD: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "nothing": [],
    "asked": [ESTIMATE],
    "deposit-half-paid": [ESTIMATE, ("fee_paid", {"amount_cents": 4000, "settles": False})],
    "deposit-paid": [ESTIMATE, DEPOSIT],
    "paid": [ESTIMATE, DEPOSIT, ("fee_paid", {"amount_cents": 17000})],
    "waived": [ESTIMATE, ("waiver_decided", {"outcome": "granted"})],
    "waived-after-the-deposit": [ESTIMATE, DEPOSIT, ("waiver_decided", {"outcome": "granted"})],
    "waived-in-part": [ESTIMATE, ("waiver_decided", {"outcome": "part"})],
    "no-sum-named": [("fee_estimated", {})],
    "free-of-charge": [("fee_estimated", {"amount_cents": 0})],
}


@pytest.mark.parametrize(
    ("told", "asked", "due", "deposit", "paid", "waived", "still_open"),
    [
        pytest.param("nothing", 0, 0, 0, 0, 0, 0, id="nothing"),
        pytest.param("asked", 27000, 10000, 0, 0, 0, 27000, id="asked"),
        pytest.param("deposit-half-paid", 27000, 6000, 4000, 4000, 0, 23000, id="deposit-half-paid"),
        pytest.param("deposit-paid", 27000, 0, 10000, 10000, 0, 17000, id="deposit-paid"),
        pytest.param("paid", 27000, 0, 10000, 27000, 0, 0, id="paid"),
        pytest.param("waived", 27000, 0, 0, 0, 27000, 0, id="waived"),
        pytest.param("waived-after-the-deposit", 27000, 0, 10000, 10000, 17000, 0, id="the-rest-is-waived"),
        pytest.param("waived-in-part", 27000, 10000, 0, 0, 0, 27000, id="nobody-said-how-much-is-waived"),
        pytest.param("no-sum-named", 0, 0, 0, 0, 0, 0, id="no-sum-named"),
    ],
)
def test_what_an_account_adds_to_the_sums(
    told: str, asked: int, due: int, deposit: int, paid: int, waived: int, still_open: int
) -> None:
    sums = total([account(*TOLD[told])])
    assert (sums.asked_cents, sums.deposit_due_cents, sums.deposit_paid_cents) == (asked, due, deposit)
    assert (sums.paid_cents, sums.waived_cents, sums.open_cents) == (paid, waived, still_open)


def test_what_has_no_number_is_counted_and_not_guessed() -> None:
    sums = total([account(*TOLD[name]) for name in ("no-sum-named", "waived-in-part", "free-of-charge", "nothing")])
    assert (sums.named, sums.unnamed, sums.waived_in_part) == (2, 1, 1)
    assert not total([account(*TOLD["no-sum-named"])]).is_empty
    assert not total([account(*TOLD["free-of-charge"])]).is_empty
    assert total([account(limit_cents=5000)]).is_empty, "a limit is only our own word"
    assert total([]) == Totals()


def test_what_a_letter_agreed_to_takes_the_place_of_the_first_limit() -> None:
    agreed = ("follow_up", {"letter_key": "fee_acceptance", **agreed_by("fee_acceptance", {"limit": 20000})})
    assert total([account(ESTIMATE, limit_cents=5000)]).limit_cents == 5000
    assert total([account(ESTIMATE, agreed, limit_cents=5000)]).limit_cents == 20000
    assert total([account(ESTIMATE, agreed), account(ESTIMATE)]).limited == 1
    assert agreed_by("narrowing_offer", {"limit": 20000}) == {}
    assert agreed_by("fee_acceptance", {}) == {}


@pytest.mark.parametrize(
    ("budget", "over"),
    [
        pytest.param(None, 0, id="no-budget"),
        pytest.param(0, 27000, id="a-budget-of-nothing"),
        pytest.param(27000, 0, id="just-within"),
        pytest.param(26999, 1, id="a-cent-over"),
    ],
)
def test_the_budget_is_held_against_what_is_asked(budget: int | None, over: int) -> None:
    assert total([account(*TOLD["paid"])]).over(budget) == over


@given(st.lists(st.sampled_from(sorted(TOLD)), max_size=12), st.integers(0, 12))
def test_sums_of_parts_make_the_whole_and_nothing_is_lost(names: list[str], cut: int) -> None:
    accounts = [account(*TOLD[name]) for name in names]
    whole, first, rest = total(accounts), total(accounts[:cut]), total(accounts[cut:])
    for name in Totals.__slots__:
        assert getattr(whole, name) == getattr(first, name) + getattr(rest, name), name
    assert whole.asked_cents == whole.paid_cents + whole.waived_cents + whole.open_cents
    assert whole.deposit_paid_cents <= whole.paid_cents
    assert whole.deposit_due_cents <= whole.open_cents
