"""The data files: all of them load, and a broken one is refused with its name and field."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from requests_app.kits import catalog, samples
from requests_app.kits.catalog import KIT_IDS, KitFileError, UnknownKit, bodies, get_kit, list_kits, problems
from requests_app.kits.later_schema import FACTS, LATER_PLACEHOLDERS, LetterType, letter_problems
from requests_app.kits.schema import Clause, FindingField, Item, Kit, SourcedFact
from requests_app.kits.standing import Ground
from requests_app.kits.steps import steps
from requests_app.law.book import CODES, open_book


def test_every_file_of_the_catalog_is_in_order() -> None:
    assert list(problems()) == []


def test_there_are_eight_kits_and_one_voice_for_each_jurisdiction() -> None:
    assert tuple(kit.id for kit in list_kits()) == KIT_IDS
    files = sorted(path.stem for path in (catalog.DATA / "voices").glob("*.json"))
    assert files == sorted(CODES)


@pytest.mark.parametrize("kit_id", KIT_IDS)
def test_each_kit_says_what_one_learns_in_one_plain_sentence(kit_id: str) -> None:
    kit = get_kit(kit_id)
    for text in (kit.plain, kit.learn, kit.typical_refusal):
        assert text
        assert "ORI" not in text.split()
        assert "{" not in text
    assert kit.plain.count("?") + kit.plain.count(".") == 1


@pytest.mark.parametrize("kit_id", [kit_id for kit_id in KIT_IDS if kit_id != "K8"])
def test_each_records_kit_begins_with_one_or_two_items_and_expects_objections(kit_id: str) -> None:
    kit = get_kit(kit_id)
    assert 1 <= sum(item.begin_with for item in kit.items) <= 2
    assert kit.objections
    assert kit.findings


def test_the_kit_for_officials_asks_three_questions_and_brings_a_call_sheet() -> None:
    kit = get_kit("k8")
    assert kit.kind == "officials"
    assert len(kit.items) == 3
    assert len(kit.call_sheet) == 5
    assert kit.period.start is None


def test_an_unknown_kit_is_named_with_those_that_exist() -> None:
    with pytest.raises(UnknownKit, match=r"no request kit 'K9'.*K1, K2"):
        get_kit("K9")


def test_another_edition_than_the_present_one_is_unknown() -> None:
    assert get_kit("K1", get_kit("K1").edition) is get_kit("K1")
    with pytest.raises(UnknownKit, match="1999-01-01"):
        get_kit("K1", "1999-01-01")


def test_replies_that_need_a_check_keep_their_caution() -> None:
    bank = catalog.objections()
    assert list(bank) == [f"O{number}" for number in range(1, 12)]
    assert any("Re-check both texts" in caution for caution in bank["O11"].cautions)
    assert any("Persuasive only" in caution for caution in bank["O4"].cautions)


@pytest.mark.parametrize(
    ("record", "message"),
    [
        pytest.param(lambda: Item(id="a", text="The {unknown} log.", hint=""), "unknown placeholder", id="placeholder"),
        pytest.param(lambda: Item(id="a", text="Two  spaces.", hint=""), "two spaces", id="double-space"),
        pytest.param(
            lambda: SourcedFact(text="A feed.", mark="U", url="https://a.example", as_of=None, in_letter=True),
            "may not stand in a letter",
            id="unverified-fact-in-letter",
        ),
        pytest.param(
            lambda: SourcedFact(text="A fact.", mark="P", url=None, as_of=None, in_letter=True),
            "needs a source",
            id="fact-without-source-in-letter",
        ),
        pytest.param(lambda: FindingField(name="count", type="integer"), "without a unit", id="number-without-unit"),
        pytest.param(lambda: FindingField(name="door", type="enum"), "without values", id="enum-without-values"),
        pytest.param(lambda: Clause(text="Within ten days"), "whole sentences", id="clause-is-no-sentence"),
    ],
)
def test_what_may_not_stand_in_a_file_is_refused(record: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        record()


def test_a_broken_file_is_refused_with_its_name_and_field(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = json.loads((catalog.DATA / "kits" / "K1.json").read_text())
    broken["items"][2]["default"] = "yes"
    (tmp_path / "kits").mkdir()
    (tmp_path / "kits" / "K1.json").write_text(json.dumps(broken))
    monkeypatch.setattr(catalog, "DATA", tmp_path)
    with pytest.raises(KitFileError, match=r"kits/K1\.json: items\[2\]\.default: Expected `bool`"):
        catalog._read(tmp_path / "kits" / "K1.json", Kit)
    with pytest.raises(KitFileError, match=r"kits/K2\.json: the file cannot be read"):
        catalog._read(tmp_path / "kits" / "K2.json", Kit)


def test_a_misspelt_field_is_refused() -> None:
    raw = (catalog.DATA / "kits" / "K1.json").read_text().replace('"plain"', '"plane"')
    with pytest.raises(msgspec.ValidationError, match="plane"):
        msgspec.json.decode(raw, type=Kit)


# --- later letters ----------------------------------------------------------------------------------------------------


def _letter(**changes: Any) -> LetterType:
    plain: dict[str, Any] = {
        "key": "withdrawal",
        "edition": "1",
        "status_date": "2026-11-22",
        "family": "end",
        "title": "Withdrawal",
        "when": "x",
        "after": "x",
        "to": "agency",
        "event_kind": "withdrawn",
        "subject": "Withdrawn",
        "sections": [],
    }
    return msgspec.convert({**plain, **changes}, LetterType)


def _said(**paragraph: Any) -> dict[str, Any]:
    return {"sections": [{"key": "opening", "paragraphs": [paragraph]}]}


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        pytest.param(
            {"subject": "On {today} and {tomorrow}"}, "subject: there is no placeholder {tomorrow}", id="subject"
        ),
        pytest.param(_said(sentences=["{nobody}."]), "there is no placeholder {nobody}", id="placeholder"),
        pytest.param(_said(needs=["agency.kind"]), "there is no fact 'agency.kind'", id="paragraph-fact"),
        pytest.param(_said(sentences=[{"text": "x", "unless": ["no"]}]), "there is no fact 'no'", id="sentence-fact"),
        pytest.param(_said(needs=["input.reason"]), "there is no fact 'input.reason'", id="input-it-has-not"),
        pytest.param(_said(spread="reason"), "the letter has no input 'reason'", id="spread"),
        pytest.param(_said(items="wishes"), "there is no list 'wishes'", id="list"),
        pytest.param(_said(sentences=["two  spaces"]), "spaces stand where none belong", id="spaces"),
        pytest.param({"enclosures": [{"text": "{x}"}]}, "enclosures: there is no placeholder {x}", id="enclosure"),
        pytest.param(
            {"inputs": [{"name": "a", "label": "A", "kind": "choice"}]}, "a choice needs something", id="empty-choice"
        ),
        pytest.param(
            {"inputs": [{"name": "a", "label": "A", "kind": "text"}] * 2}, "inputs[a]: stands there twice", id="twice"
        ),
    ],
)
def test_what_may_not_stand_in_a_letter_file_is_named(changes: dict[str, Any], problem: str) -> None:
    assert letter_problems(_letter()) == []
    assert any(problem in found for found in letter_problems(_letter(**changes)))


def test_every_fact_and_placeholder_of_the_closed_sets_is_made_somewhere() -> None:
    """A fact that no ground can give is a sentence that no letter will ever say."""
    facts: set[str] = set()
    values: set[str] = set()
    for code in CODES:
        law = open_book(None).statute(code)
        for turn in samples.TURNS:
            matter = samples.sample_matter(code, turn.key)
            for step in (None, *steps(law, matter)):
                ground = Ground(law, matter, samples.sample_agency(code), step)
                facts |= ground.facts()
                values |= set(ground.values())
    by_people = {"quote", "received_as", "refusal_words", "claimed_until", "narrow_start", "narrow_end", "money_limit"}
    by_people |= {"rung", "first_items", "companion", "period"}
    never_in_samples = {
        "matter.companion",
        "fees.paid",
        "fees.waiver_part",
        "extension.after_due",
        "fees.free_allowance",
    }
    assert facts >= FACTS - never_in_samples
    assert values >= LATER_PLACEHOLDERS - by_people


def test_every_body_is_named_in_the_law_books_own_words() -> None:
    rules = {rule.id: rule for code in CODES for rule in open_book(None).statute(code).rules}
    for body in bodies().values():
        rule = rules[body.rule]
        book = f"{rule.body} {rule.duty}".lower()
        small = {"the", "of", "or", "its", "in"}
        words = [word.strip(",'").lower() for word in body.name.split() if word.lower() not in small]
        assert all(word in book for word in words), (body.name, book)


def test_a_law_that_gains_a_step_without_a_body_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    known = dict(bodies())
    gone = known.pop("PA.appeal.67.1101")
    monkeypatch.setattr(catalog, "bodies", lambda: {**known, "PA.appeal.none": gone})
    found = list(problems())
    assert "bodies.json: bodies[PA.appeal.none]: the law book has no such step" in found
    assert "bodies.json: the step PA.appeal.67.1101 of the law book has no body" in found
