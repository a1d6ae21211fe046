"""What changed between two versions: pages are laid beside each other, words are compared, and it stays bounded."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.documents.viewer import comparing
from requests_app.documents.viewer.comparing import Pair, Run, compare

ONE = "Totals for May by agency. ICE asked 1,204 times and CBP asked 88 times in that month."
OTHER = ONE.replace("1,204", "1,240")
TERMS = "The parties agree that inquiries are made for law enforcement only, and keep a log for five years."


def kinds(pairs: list[Pair]) -> list[tuple[str, int | None, int | None]]:
    return [(pair.state, pair.left, pair.right) for pair in pairs]


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        pytest.param([ONE, TERMS], [ONE, TERMS], [("same", 1, 1), ("same", 2, 2)], id="the-same"),
        pytest.param([ONE], [OTHER], [("changed", 1, 1)], id="one-number"),
        pytest.param(
            [ONE, TERMS], ["A new cover page.", ONE, TERMS],
            [("only_right", None, 1), ("same", 1, 2), ("same", 2, 3)], id="a-page-put-before",
        ),
        pytest.param(
            [ONE, "Thrown away.", TERMS], [OTHER, TERMS],
            [("changed", 1, 1), ("only_left", 2, None), ("same", 3, 2)], id="a-page-gone-beside-a-changed-one",
        ),
        pytest.param(
            ["Cover", TERMS], [TERMS.replace("five", "three"), "Index"],
            [("only_left", 1, None), ("changed", 2, 1), ("only_right", None, 2)], id="paired-by-what-they-share",
        ),
        pytest.param([], [ONE], [("only_right", None, 1)], id="nothing-on-the-left"),
        pytest.param(["a  b\nc"], ["a b c"], [("same", 1, 1)], id="line-ends-do-not-count"),
    ],
)  # fmt: skip
def test_pages_are_laid_beside_each_other(left: list[str], right: list[str], expected: list[object]) -> None:
    assert kinds(compare(left, right)) == expected


def test_the_words_that_changed_stand_between_those_that_did_not() -> None:
    (pair,) = compare([ONE], [OTHER])
    assert pair.runs == (
        Run("same", "Totals for May by agency. ICE asked"), Run("gone", "1,204"), Run("new", "1,240"),
        Run("same", "times and CBP asked 88 times in that month."),
    )  # fmt: skip


def test_long_stretches_without_a_change_are_left_out_and_counted() -> None:
    many = [f"word{n}" for n in range(200)]
    (pair,) = compare([" ".join([*many, "old"])], [" ".join([*many, "new"])])
    assert pair.runs[0] == Run("cut", "188")
    assert pair.runs[1].text.split()[0] == "word188"


def test_pages_too_long_to_compare_are_said_to_differ_and_take_no_time() -> None:
    began = time.monotonic()
    long = " ".join(str(n % 7) for n in range(50_000))
    (pair,) = compare([long], [long + " 8"])
    assert pair.state == "too_long"
    many = compare([f"{n} a b c d" for n in range(400)], [f"{n}x a b c d" for n in range(500)])
    assert {pair.state for pair in many} == {"changed", "only_right"}
    assert time.monotonic() - began < 20  # it would be hours


pages = st.lists(st.lists(st.sampled_from("abcdefg"), max_size=6).map(" ".join), max_size=6)


@given(pages, pages)
def test_every_page_comes_once_and_in_order(left: list[str], right: list[str]) -> None:
    pairs = compare(left, right)
    assert [pair.left for pair in pairs if pair.left] == list(range(1, len(left) + 1))
    assert [pair.right for pair in pairs if pair.right] == list(range(1, len(right) + 1))
    for pair in pairs:
        if pair.state == "changed":
            said = [run for run in pair.runs if run.kind != "cut"]
            kept = " ".join(run.text for run in said if run.kind != "new").split()
            assert kept == left[pair.left - 1].split() if len(kept) < 24 else True


def test_equal_pages_become_one_line() -> None:
    groups = comparing.folded(compare([ONE, TERMS, "x"], [ONE, TERMS, "y"]))
    assert [(group.is_same, len(group.pairs)) for group in groups] == [(True, 2), (False, 1), (False, 1)]
