"""Snapshots of the law book: the same book says the same, and each change is named as what it is."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from requests_app.law.book import DATA, LawBook, open_book
from requests_app.law.snapshots import COUNTING, Changes, DayChange, Snapshot, compare, take_snapshot

SNOW = {
    "name": "Snow emergency",
    "status": "closed",
    "when": {"date": "2026-02-18"},
    "citation": "Governor's order of February 18, 2026",
    "source": "https://example.org/order",
    "as_of": "2026-02-18",
}


def overlaid(folder: Path, kind: str, change: Any) -> LawBook:
    """A book in which one of Maryland's files says something else."""
    said = json.loads((DATA / kind / "MD.json").read_text())
    change(said)
    (folder / kind).mkdir(parents=True, exist_ok=True)
    (folder / kind / "MD.json").write_text(json.dumps(said))
    return LawBook(folder)


def determination(said: dict[str, Any]) -> dict[str, Any]:
    return next(rule for rule in said["rules"] if rule["id"] == "MD.determination.4-203-a-1")


def test_two_books_of_the_same_files_have_the_same_fingerprint() -> None:
    assert take_snapshot(LawBook(), "MD") == take_snapshot(open_book(), "MD")
    assert not compare(take_snapshot(LawBook(), "MD"), take_snapshot(open_book(), "MD"))


def test_a_snapshot_outlives_its_book() -> None:
    taken = take_snapshot(open_book(), "MD")
    assert msgspec.convert(json.loads(json.dumps(msgspec.to_builtins(taken))), Snapshot) == taken


def test_a_closed_day_is_named(tmp_path: Path) -> None:
    book = overlaid(tmp_path, "calendars", lambda said: said["corrections"].append(SNOW))
    changes = compare(take_snapshot(open_book(), "MD"), take_snapshot(book, "MD"))
    assert changes == Changes(days=(DayChange(date(2026, 2, 18), "", "closed: Snow emergency"),))


@pytest.mark.parametrize(
    ("change", "kind", "was", "now"),
    [
        pytest.param(
            lambda said: determination(said)["period"].update(amount=20), "period",
            "thirty calendar days", "twenty calendar days", id="another-period",
        ),
        pytest.param(
            lambda said: determination(said).update(duty="Other words."), "words",
            "thirty calendar days", "thirty calendar days", id="other-words",
        ),
    ],
)  # fmt: skip
def test_a_changed_rule_is_named_with_both_periods(tmp_path: Path, change: Any, kind: str, was: str, now: str) -> None:
    book = overlaid(tmp_path, "statutes", change)
    (found,) = compare(take_snapshot(open_book(), "MD"), take_snapshot(book, "MD")).rules
    assert (found.rule_id, found.kind, found.was, found.now) == ("MD.determination.4-203-a-1", kind, was, now)


def test_a_rule_can_come_and_go(tmp_path: Path) -> None:
    def rename(said: dict[str, Any]) -> None:
        rule = next(rule for rule in said["rules"] if rule["id"] == "MD.acknowledgment.4-203-b-2")
        rule["id"] = "MD.acknowledgment.renumbered"
        for other in [*said["rules"], *said["tolling"]]:
            if "extends" in other and other["extends"] == "MD.acknowledgment.4-203-b-2":
                other["extends"] = "MD.acknowledgment.renumbered"

    book = overlaid(tmp_path, "statutes", rename)
    kinds = {
        rule.rule_id: rule.kind for rule in compare(take_snapshot(open_book(), "MD"), take_snapshot(book, "MD")).rules
    }
    assert kinds["MD.acknowledgment.4-203-b-2"] == "gone"
    assert kinds["MD.acknowledgment.renumbered"] == "new"


def test_a_change_in_how_days_are_counted_is_named(tmp_path: Path) -> None:
    book = overlaid(tmp_path, "statutes", lambda said: said.update(timezone="America/Chicago"))
    found = compare(take_snapshot(open_book(), "MD"), take_snapshot(book, "MD")).rules
    assert [rule.rule_id for rule in found] == [COUNTING]


def test_a_change_that_moves_no_date_has_another_fingerprint_and_nothing_to_name(tmp_path: Path) -> None:
    book = overlaid(tmp_path, "statutes", lambda said: said["doubts"].append("Another doubt."))
    before, after = take_snapshot(open_book(), "MD"), take_snapshot(book, "MD")
    assert before.fingerprint != after.fingerprint
    assert not compare(before, after)


def test_a_book_knows_that_its_files_were_changed_under_it(tmp_path: Path) -> None:
    book = overlaid(tmp_path, "statutes", lambda said: None)
    take_snapshot(book, "MD")
    take_snapshot(book, "VA")
    assert book.outdated() == ()
    overlaid(tmp_path, "statutes", lambda said: said["doubts"].append("A doubt."))
    assert book.outdated() == ("MD",)
    (tmp_path / "statutes" / "MD.json").unlink()
    assert book.outdated() == ("MD",)


def test_another_day_of_receipt_is_a_change_in_counting(tmp_path: Path) -> None:
    before = take_snapshot(open_book(), "MD")
    book = overlaid(tmp_path, "statutes", lambda said: said["receipt"].update(close_of_business="16:30"))
    after = take_snapshot(book, "MD")
    assert [change.rule_id for change in compare(before, after).rules] == [COUNTING]
    # A snapshot of an older Daylight did not keep it apart: nothing is claimed of what it cannot know.
    older = msgspec.structs.replace(before, receipt="")
    assert not compare(older, after)
