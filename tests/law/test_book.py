"""Loading and checking the law files: messages that name file and field, the overlay, and every jurisdiction."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from requests_app.law import book as book_module
from requests_app.law.book import CODES, DATA, LawBook, LawFileError, UnknownJurisdiction, main, open_book
from requests_app.law.deadlines import project
from tests.law.samples import days, rule, statute_facts, timeline

BOOK = open_book()


def write_statute(overlay: Path, facts: dict[str, Any], code: str = "MD") -> LawBook:
    """A book whose overlay holds this statute file."""
    folder = overlay / "statutes"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{code}.json").write_text(json.dumps(facts), encoding="utf-8")
    return LawBook(overlay)


def bundled(folder: str, code: str) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads((DATA / folder / f"{code}.json").read_text(encoding="utf-8"))
    return facts


def test_every_bundled_file_passes_every_check() -> None:
    assert list(BOOK.problems()) == []
    assert len(CODES) == len(set(CODES)) == 52


STORIES = (
    "sent=2026-03-02",
    "received=2026-03-02 acknowledged=2026-03-03 extension=2026-03-04",
    "received=2026-03-02 clarification_requested=2026-03-03 clarified=2026-03-05 fee_estimated=2026-03-06",
    "received=2026-03-02 denied=2026-03-05 appeal_filed=2026-03-20 appeal_decided=2026-04-20",
)


@pytest.mark.parametrize("code", CODES)
def test_every_jurisdiction_projects_with_reasons(code: str) -> None:
    for events, as_of in product(STORIES, (date(2026, 3, 2), date(2027, 3, 2))):
        projection = project(BOOK.statute(code), timeline(events), BOOK.calendar(code), as_of=as_of)

        assert projection.deadlines or projection.notes
        assert not [note for note in projection.notes if "None" in note]
        for row in projection.deadlines:
            assert row.earliest is None or row.latest is None or row.earliest <= row.latest
            assert row.earliest is not None or row.state in ("paused", "superseded")
            assert row.citation
            assert row.trace
            assert not [step for step in row.trace if not step.endswith(".") or "None" in step]


def test_a_code_may_be_in_lower_case() -> None:
    assert BOOK.statute("md") is BOOK.statute("MD")


@pytest.mark.parametrize("code", ["XX", "", "Maryland", "../MD"])
def test_an_unknown_code_is_refused_in_one_sentence(code: str) -> None:
    with pytest.raises(UnknownJurisdiction, match="There is no jurisdiction with the code"):
        BOOK.statute(code)


# --- what a statute file can get wrong --------------------------------------------------------------------------------


def broken(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """A valid file with one thing changed."""
    facts = deepcopy(statute_facts(rule(), rule("again")))
    change(facts)
    return facts


PAPER = "requester.exceptions[agent].authority"


def authorise(**changes: Any) -> Callable[[dict[str, Any]], object]:
    """Give the statute an exception for whoever holds a written authority, with one thing wrong about it."""
    paper = {
        "citation": "Code § 2(f)",
        "text": "I let {representative} ask.",
        "givers": {"resident": "who lives there"},
    }
    agent = {"id": "agent", "who": "an agent", "citation": "Code § 2", "statement": "For {whom}.", "asks_for": "Whom"}
    paper |= {key: value for key, value in changes.items() if key in paper}
    agent |= {key: value for key, value in changes.items() if key not in paper}
    return lambda facts: facts["requester"].update(exceptions=[{**agent, "authority": paper}])


def set_rule(**changes: Any) -> Callable[[dict[str, Any]], object]:
    return lambda facts: facts["rules"][0].update(changes)


EXTENSION = {"kind": "extension", "extends": "MD.again", "counted_from": "due_date"}
APPEAL = {"kind": "appeal", "duty_of": "requester", "trigger": "denial", "body": "Head", "level": "administrative"}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        pytest.param(set_rule(id="decide"), "rules[decide].id: does not begin with MD.", id="foreign-id"),
        pytest.param(set_rule(id="MD.again"), "rules[MD.again].id: the id is used twice", id="repeated-id"),
        pytest.param(set_rule(duty=" "), "rules[MD.decide].duty: is empty", id="no-duty"),
        pytest.param(set_rule(citation=""), "rules[MD.decide].citation: every number needs its section", id="uncited"),
        pytest.param(
            *(set_rule(period={"amount": 0, "unit": "hours"}), "rules[0].period: a period needs an amount of at least"),
            id="zero-days",
        ),
        pytest.param(
            set_rule(period={"amount": 3, "unit": "weeks"}),
            "rules[0].period.unit: Invalid enum value 'weeks'",
            id="unit",
        ),
        pytest.param(set_rule(kind="reminder"), "rules[0].kind: Invalid enum value 'reminder'", id="unknown-kind"),
        pytest.param(set_rule(perid=None), "rules[0]: Object contains unknown field `perid`", id="misspelt-field"),
        pytest.param(set_rule(condition_key="resident"), "rules[MD.decide].condition: is null although", id="bare-key"),
        pytest.param(
            set_rule(also_triggers=["receipt"]), "rules[MD.decide].also_triggers: repeats the trigger", id="twice"
        ),
        pytest.param(
            set_rule(effective_from="2026-07-01", effective_to="2026-06-30"),
            "rules[MD.decide].effective_to: 2026-06-30 lies before effective_from 2026-07-01",
            id="ends-before-it-starts",
        ),
        pytest.param(
            set_rule(**EXTENSION | {"extends": "MD.gone"}),
            "rules[MD.decide].extends: there is no rule MD.gone",
            id="lost",
        ),
        pytest.param(set_rule(**EXTENSION | {"extends": None}), "rules[MD.decide].extends: is null", id="of-nothing"),
        pytest.param(
            set_rule(**EXTENSION | {"counted_from": None}), "rules[MD.decide].counted_from: is null", id="from-where"
        ),
        pytest.param(
            set_rule(extends="MD.again"),
            "rules[MD.decide].extends: only an extension extends a rule",
            id="no-extension",
        ),
        pytest.param(
            set_rule(duty_of="requester"), "rules[MD.decide].duty_of: a duty of kind determination", id="wrong-party"
        ),
        pytest.param(set_rule(**APPEAL | {"body": None}), "rules[MD.decide].body: is null", id="appeal-to-nobody"),
        pytest.param(set_rule(**APPEAL | {"level": None}), "rules[MD.decide].level: is null", id="appeal-of-no-level"),
        pytest.param(
            set_rule(**APPEAL | {"kind": "court"}), "rules[MD.decide].level: a rule of kind court", id="court-level"
        ),
        pytest.param(
            set_rule(**APPEAL | {"duty_of": "agency"}), "rules[MD.decide].trigger: a body's decision", id="body-trigger"
        ),
        pytest.param(
            set_rule(**APPEAL | {"silence_is_denial": True}),
            "rules[MD.decide].silence_is_denial: only an agency's silence",
            id="our-silence",
        ),
        pytest.param(set_rule(kind="reply"), "rules[MD.decide].trigger: a reply is the requester's", id="agency-reply"),
        pytest.param(
            lambda facts: facts.update(timezone="America/Baltimore"), "timezone: there is no time zone", id="zone"
        ),
        pytest.param(lambda facts: facts.pop("doubts"), "Object missing required field `doubts`", id="lost-field"),
        pytest.param(lambda facts: facts.update(sources=[]), "sources: there is none", id="no-sources"),
        pytest.param(lambda facts: facts.update(code="VA"), "code: the file says 'VA'", id="other-state"),
        pytest.param(
            lambda facts: facts["fees"].update(citation=" "), "fees.citation: the citation is empty", id="uncited-fees"
        ),
        pytest.param(
            lambda facts: facts["receipt"].update(post=days(3)), "receipt: post has a period but", id="uncited-post"
        ),
        pytest.param(
            lambda facts: facts["receipt"].update(close_of_business="5 pm"),
            "receipt: close_of_business must look like 17:00",
            id="closing-time",
        ),
        pytest.param(
            lambda facts: facts["day_counting"].update(rolls_disputed=["sunday"]),
            "day_counting: sunday is both in rolls and in rolls_disputed",
            id="sure-and-unsure",
        ),
        pytest.param(authorise(asks_for=None, statement="I ask."), f"{PAPER}: the sentence of the", id="blankless"),
        pytest.param(authorise(text="I allow it."), f"{PAPER}.text: does not say whom", id="authority-for-nobody"),
        pytest.param(authorise(givers={}), f"{PAPER}.givers: nobody can give it", id="authority-of-nobody"),
        pytest.param(authorise(givers={"press": "x"}), f"{PAPER}.givers: press is no ground", id="giver-unknown"),
        pytest.param(authorise(citation=""), f"{PAPER}.citation: the citation is empty", id="authority-uncited"),
        pytest.param(
            lambda facts: facts.update(tolling=[{**TOLL, "applies_to": ["MD.gone"]}]),
            "tolling[MD.toll].applies_to: there is no rule MD.gone",
            id="toll-of-nothing",
        ),
        pytest.param(
            lambda facts: facts.update(tolling=[{**TOLL, "ends": "clarified"}]),
            "tolling[MD.toll].ends: clarified does not answer fee_estimated",
            id="toll-without-answer",
        ),
    ],
)
def test_a_wrong_statute_file_is_named_with_its_field(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], problem: str
) -> None:
    book = write_statute(tmp_path, broken(change))

    with pytest.raises(LawFileError) as refused:
        book.statute("MD")

    assert any(line.startswith(f"statutes/MD.json: {problem}") for line in refused.value.problems), refused.value


TOLL = {"id": "MD.toll", "starts": "fee_estimated", "ends": "fee_paid", "effect": "pause", "citation": "Code § 3"}


def test_every_problem_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    book = write_statute(tmp_path, broken(set_rule(citation="", duty="")))

    with pytest.raises(LawFileError) as refused:
        book.statute("MD")

    assert len(refused.value.problems) == 2


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("{", "Input data was truncated", id="cut-off"),
        pytest.param("[]", "Expected `object`, got `array`", id="a-list"),
    ],
)
def test_a_file_that_is_no_statute_is_named(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "statutes").mkdir()
    (tmp_path / "statutes" / "MD.json").write_text(text, encoding="utf-8")

    with pytest.raises(LawFileError, match=f"^statutes/MD.json: {problem}"):
        LawBook(tmp_path).statute("MD")


# --- calendars --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        pytest.param({"reviewed_through": "2020-01-01"}, "reviewed_through: 2020-01-01 lies before", id="backwards"),
        pytest.param({"sources": []}, "sources: there is none", id="no-sources"),
        pytest.param(
            {"corrections": [{"name": "Day", "status": "closed", "when": {"month": 6}, "citation": "Code § 1"}]},
            "corrections[0].when: 'when' names month; that is none of the known shapes",
            id="half-a-date",
        ),
        pytest.param(
            {"corrections": [{"name": "Day", "status": "closed", "when": {"date": "2026-06-20"}, "citation": " "}]},
            "corrections[Day].citation: every correction needs",
            id="uncited",
        ),
        pytest.param(
            {
                "corrections": [
                    {"name": "Day", "status": "open", "when": {"base_name": "No Day"}, "citation": "Code § 1"}
                ]
            },
            "corrections: The MD calendar corrects the holiday “No Day”",
            id="unknown-holiday",
        ),
    ],
)
def test_a_wrong_calendar_file_is_named_with_its_field(tmp_path: Path, change: dict[str, Any], problem: str) -> None:
    (tmp_path / "calendars").mkdir()
    facts = bundled("calendars", "MD") | change
    (tmp_path / "calendars" / "MD.json").write_text(json.dumps(facts), encoding="utf-8")

    with pytest.raises(LawFileError) as refused:
        LawBook(tmp_path).calendar("MD")

    assert any(line.startswith(f"calendars/MD.json: {problem}") for line in refused.value.problems), refused.value


# --- the overlay ------------------------------------------------------------------------------------------------------


def test_an_overlay_file_replaces_the_bundled_one_and_no_other(tmp_path: Path) -> None:
    book = write_statute(tmp_path, statute_facts(rule(period=days(3, "business_days"))))

    assert [one.id for one in book.statute("MD").rules] == ["MD.decide"]
    assert [one.id for one in book.statute("NY").rules] == [one.id for one in BOOK.statute("NY").rules]
    assert book.calendar("MD").status(date(2026, 7, 3)).kind == BOOK.calendar("MD").status(date(2026, 7, 3)).kind


def test_an_overlay_that_does_not_exist_is_a_problem(tmp_path: Path) -> None:
    assert list(LawBook(tmp_path / "gone").problems()) == [
        f"{tmp_path / 'gone'}: this overlay folder does not exist; create it or leave LAW_OVERLAY_DIR empty"
    ]


def test_an_overlay_file_that_nobody_reads_is_a_problem(tmp_path: Path) -> None:
    write_statute(tmp_path, statute_facts(), code="Maryland")

    assert list(LawBook(tmp_path).problems()) == [
        "statutes/Maryland.json: no jurisdiction reads this file; name it CODE.json, for example MD.json"
    ]


def test_the_checker_prints_a_line_per_problem_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_statute(tmp_path, broken(set_rule(citation="")))

    status = main([str(tmp_path)])

    assert status == 1
    assert capsys.readouterr().out == ("statutes/MD.json: rules[MD.decide].citation: every number needs its section\n")


def test_the_checker_passes_the_bundled_files(capsys: pytest.CaptureFixture[str]) -> None:
    assert book_module.main([]) == 0
    assert "no problem" in capsys.readouterr().out
