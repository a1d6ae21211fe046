"""Every sentence about a law rests on the law book as it is, and falls away when the book changes."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import msgspec
import pytest

from requests_app.kits.catalog import DATA, all_levers, voice, wording_for
from requests_app.kits.refresh import accept, outdated
from requests_app.kits.schema import Clause, Lever, Voice
from requests_app.kits.voices import fingerprint, rule_behind, still_stands
from requests_app.law.book import CODES
from tests.kits.cast import AGENCIES, LETTER_DAY, addressees, letter, statute

# A section number: 4-203, 552.301, 44:35, 45-218, or what follows a section sign.
_SECTION = re.compile(r"(?<![\w$.])\d+[A-Z]?(?:[-.:]\d*[A-Za-z]?\w*)+|(?<=§ )\d+\w*|(?<=§§ )\d+\w*")


def sections_in(text: str) -> set[str]:
    """Return the section numbers that a text cites."""
    return {number.rstrip(".-:,") for number in _SECTION.findall(text)}


@pytest.mark.parametrize("code", CODES)
def test_every_sentence_stands_on_the_present_law_book(code: str) -> None:
    """Fails after an edit of the law book: read the sentence again, correct it, then write the new fingerprints."""
    law = statute(code)
    for clause in voice(code).clauses():
        for fact, known in clause.facts.items():
            assert fingerprint(law, fact) == known, f"{fact} changed; read again: {clause.text}"
        assert still_stands(clause, law, LETTER_DAY), clause.text


@pytest.mark.parametrize("code", CODES)
def test_every_section_cited_is_in_the_law_book_of_that_jurisdiction(code: str) -> None:
    facts = msgspec.json.encode(statute(code)).decode()
    own = voice(code)
    for text in (own.citation, *(clause.text for clause in own.clauses())):
        for section in sections_in(text):
            assert section in facts, f"{section} in: {text}"


@pytest.mark.parametrize("lever", all_levers(), ids=lambda lever: lever.id)
def test_every_section_cited_by_a_lever_is_in_the_facts(lever: Lever) -> None:
    facts = msgspec.json.encode(statute(lever.jurisdiction)).decode()
    facts += (AGENCIES / f"{lever.jurisdiction}.json").read_text()
    facts += (Path(__file__).parents[2] / "requests_app" / "kits" / "data" / "kits" / "K1.json").read_text()
    for section in sections_in(f"{lever.text} {lever.citation}"):
        assert section in facts


@pytest.mark.parametrize("lever", all_levers(), ids=lambda lever: lever.id)
def test_a_lever_stands_in_the_letter_only_when_it_may_be_asserted(lever: Lever) -> None:
    kit_id = lever.kits[0]
    fitting = [each for each in addressees(lever.jurisdiction) if not lever.roles or set(lever.roles) & set(each.roles)]
    made = letter(lever.jurisdiction, kit_id, fitting[0])
    said = " ".join(made.paragraphs())
    assert (lever.text in said) == lever.may_be_asserted
    if not lever.may_be_asserted:
        assert any(lever.text in warning.text for warning in made.warnings)


def test_a_number_that_changed_in_the_law_is_no_longer_said() -> None:
    law = statute("PA")
    rules = tuple(
        msgspec.structs.replace(rule, period=msgspec.structs.replace(rule.period, amount=9))
        if rule.period is not None and rule.citation == "65 P.S. § 67.901"
        else rule
        for rule in law.rules
    )
    changed = msgspec.structs.replace(law, rules=rules)
    (time,) = voice("PA").time
    assert still_stands(time, law, LETTER_DAY)
    assert not still_stands(time, changed, LETTER_DAY)


def test_a_fact_that_changed_in_the_law_is_no_longer_said() -> None:
    law = statute("MD")
    dearer = msgspec.structs.replace(law, fees=msgspec.structs.replace(law.fees, free_allowance="nothing is free"))
    (free,) = voice("MD").fees
    assert still_stands(free, law, LETTER_DAY)
    assert not still_stands(free, dearer, LETTER_DAY)


def test_a_rule_is_quoted_only_while_it_is_in_force() -> None:
    law = statute("AL")  # its first response clocks began on October 1, 2024 (Act 2024-278)
    (time,) = voice("AL").time
    assert still_stands(time, law, date(2024, 10, 1))
    assert not still_stands(time, law, date(2024, 9, 30))


def test_a_rule_of_low_confidence_is_said_only_in_softened_words() -> None:
    law = statute("MT")
    (time,) = voice("MT").time
    found = rule_behind(time.rules[0], law, LETTER_DAY)
    assert found is not None
    assert found.confidence == "low"
    assert time.softened
    assert time.text.startswith("As I understand")
    assert not still_stands(msgspec.structs.replace(time, softened=False), law, LETTER_DAY)


@pytest.mark.parametrize("code", CODES)
def test_a_softened_sentence_says_so_in_words(code: str) -> None:
    for clause in voice(code).clauses():
        assert clause.softened == ("I understand" in clause.text), clause.text


def test_every_condition_of_a_rule_is_known_to_the_sentence_that_quotes_it() -> None:
    (time,) = voice("KS").time
    basis = time.rules[0]
    bound = msgspec.structs.replace(basis, condition_key="active_use")
    assert rule_behind(basis, statute("KS"), LETTER_DAY) is not None
    assert rule_behind(bound, statute("KS"), LETTER_DAY) is None


def test_hints_to_the_letter_are_not_part_of_a_fingerprint() -> None:
    law = statute("MI")
    without = msgspec.structs.replace(law, submission=msgspec.structs.replace(law.submission, hints=()))
    assert fingerprint(law, "submission") == fingerprint(without, "submission")


@pytest.mark.parametrize("code", CODES)
def test_no_waiver_is_claimed_where_the_law_gives_none(code: str) -> None:
    law, own = statute(code), voice(code)
    if own.waiver_basis == "right":
        assert law.fees.waiver_available is True
    if law.fees.waiver_available is False:
        assert own.waiver == ()


def test_wording_holds_only_the_levers_of_its_own_state() -> None:
    assert {lever.jurisdiction for lever in wording_for("MD").levers} == {"MD"}
    assert isinstance(wording_for("MD").voice.time[0], Clause)


def test_after_an_edit_of_the_law_the_sentences_to_read_again_are_listed(tmp_path: Path) -> None:
    law = statute("MD")
    assert list(outdated(law, LETTER_DAY)) == []
    dearer = msgspec.structs.replace(law, fees=msgspec.structs.replace(law.fees, free_allowance="nothing is free"))
    listed = list(outdated(dearer, LETTER_DAY))
    assert len(listed) == 2  # the free hours and the waiver
    assert all(line.startswith("MD: fees changed: ") for line in listed)

    (tmp_path / "MD.json").write_text((DATA / "voices" / "MD.json").read_text())
    assert accept(dearer, tmp_path) == 2
    assert accept(dearer, tmp_path) == 0
    renewed = msgspec.json.decode((tmp_path / "MD.json").read_bytes(), type=Voice)
    assert all(still_stands(clause, dearer, LETTER_DAY) for clause in renewed.clauses())


def test_a_rule_with_another_number_is_listed_and_cannot_be_accepted(tmp_path: Path) -> None:
    law = msgspec.structs.replace(statute("KS"), rules=())
    assert any("45-218(d) changed" in line for line in outdated(law, LETTER_DAY))
    (tmp_path / "KS.json").write_text((DATA / "voices" / "KS.json").read_text())
    assert accept(law, tmp_path) == 0
