"""What the filer is told before sending, and how pressing it is."""

from __future__ import annotations

import pytest

from requests_app.kits.letters import Letter
from requests_app.law.book import CODES
from tests.kits.cast import letter, statute


def told(made: Letter, level: str) -> str:
    return " | ".join(warning.text for warning in made.warnings if warning.level == level)


@pytest.mark.parametrize("code", ["AL", "AR", "DE", "KY", "TN", "VA"])
@pytest.mark.parametrize("confirmed", [None, False])
def test_a_letter_that_only_residents_may_send_waits_for_one(code: str, confirmed: bool | None) -> None:
    made = letter(code, resident_confirmed=confirmed, requester_postal_address=("1 Example Street",))
    assert made.must_wait
    assert "the agency may refuse a requester who is not a resident" in told(made, "stop")
    assert "may refuse" not in told(letter(code, resident_confirmed=True), "stop")


def test_the_standard_residency_sentence_is_pointed_out_with_what_the_law_wants() -> None:
    standard = told(letter("KY", resident_confirmed=True), "note")
    assert "The letter uses the standard sentence on residency. State the ground of Kentucky residency" in standard
    own = letter("KY", resident_confirmed=True, residency_statement="I live in Louisville, Kentucky.")
    assert "standard sentence" not in told(own, "note")


def test_where_the_law_is_unclear_about_residents_the_filer_looks_once_more() -> None:
    made = letter("NH", resident_confirmed=None)
    assert "every citizen" in told(made, "check")
    assert not made.must_wait


@pytest.mark.parametrize("code", ["NJ", "US"])
def test_a_law_that_takes_no_email_stops_one(code: str) -> None:
    assert "Do not send this by e-mail" in told(letter(code), "stop")
    assert "Do not send this by e-mail" not in told(letter(code, delivery_method="portal"), "stop")


@pytest.mark.parametrize("code", ["MI", "NM", "UT"])
def test_contact_details_that_the_law_demands_are_missed(code: str) -> None:
    assert "The letter gives no postal address" in told(letter(code), "stop")
    whole = letter(code, requester_postal_address=("1 Example Street",), phone="555 0100")
    assert "The letter gives no" not in told(whole, "stop")
    assert "1 Example Street" in whole.closing.lines


def test_contact_details_that_may_be_asked_only_need_a_look() -> None:
    assert "The letter gives no postal address and no telephone number." in told(letter("ID"), "check")
    assert not letter("ID").must_wait


def test_paper_copies_need_somewhere_to_go() -> None:
    assert "gives no postal address" in told(letter(fmt="paper"), "stop")


def test_a_letter_by_post_needs_the_agencys_address() -> None:
    assert "No postal address of" in told(letter("MD", delivery_method="post"), "stop")
    assert "No postal address of" not in told(letter("CO", delivery_method="post"), "stop")


def test_levers_that_are_not_sure_are_shown_and_not_said() -> None:
    made = letter("MD")
    assert "HB 711" in told(made, "note")
    assert "HB 711" not in " ".join(made.paragraphs())


def test_a_block_kit_without_a_known_block_is_questioned() -> None:
    assert "This kit is for states where a block is reported" in told(letter("OH", "K7"), "check")


def test_leaving_out_preservation_is_questioned() -> None:
    assert "each day of delay loses a day" in told(letter(include_preservation=False), "check")


@pytest.mark.parametrize("code", CODES)
def test_the_laws_own_notes_and_doubts_are_shown_word_for_word(code: str) -> None:
    said = {warning.text for warning in letter(code).warnings}
    law = statute(code)
    if law.submission.notes:
        assert law.submission.notes in said
    for doubt in law.doubts:
        assert f"Doubt about the law: {doubt}" in said


@pytest.mark.parametrize("code", CODES)
def test_the_most_pressing_comes_first_and_nothing_twice(code: str) -> None:
    warnings = letter(code, resident_confirmed=None).warnings
    order = [{"stop": 0, "check": 1, "note": 2}[warning.level] for warning in warnings]
    assert order == sorted(order)
    assert len({warning.text for warning in warnings}) == len(warnings)
    assert all(warning.text.strip() and "{" not in warning.text for warning in warnings)


def test_no_warning_enters_the_letter() -> None:
    made = letter("KY", resident_confirmed=None)
    body = " ".join(made.paragraphs())
    assert not any(warning.text in body for warning in made.warnings if "In doubt:" not in warning.text)


def test_a_letter_to_an_official_asks_nothing_of_the_law() -> None:
    assert not letter("DE", "K8", resident_confirmed=None).must_wait
