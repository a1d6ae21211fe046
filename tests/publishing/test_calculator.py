"""The calculator: from a state and dates to dates that say how they were counted, and to words where that fails."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from requests_app.law.book import CODES, open_book
from requests_app.publishing.forms import CalculatorForm, conditions_of

pytestmark = pytest.mark.usefixtures("today")

ADDRESS = "/law/calculator/"
# As the address of a filled form looks: the fields left empty are there too.
RECEIVED = {"state": "MD", "receipt": "received", "on": "2026-03-02", "denied": "", "extension": ""}


def ask(visitor: Client, **changes: str) -> Any:
    return visitor.get(ADDRESS, {**RECEIVED, **changes})


def words_of(response: Any) -> str:
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))
    return text.replace("&#x27;", "'")


def dates_in(response: Any) -> set[str]:
    """Return the dates of the answer's deadlines, not those of their traces."""
    return set(re.findall(r"<time datetime=\"([^\"]+)\"", response.content.decode()))


@pytest.mark.parametrize(
    ("changes", "dates"),
    [
        # Ten working days and 30 days from Monday, March 2. Md. Gen. Prov. § 4-203
        pytest.param({}, {"2026-03-16", "2026-04-01"}, id="received"),
        pytest.param({"state": "md"}, {"2026-03-16", "2026-04-01"}, id="small-letters"),
        # Five business days from Monday, March 2. 65 Pa. Stat. § 67.901
        pytest.param({"state": "PA"}, {"2026-03-09"}, id="five-business-days"),
        # Three days for a resident, ten for others. Idaho Code § 74-103(2)
        pytest.param({"state": "ID", "if_nonresident": "nonresident"}, {"2026-03-23"}, id="a-nonresident"),
        pytest.param({"state": "ID", "if_nonresident": "not_nonresident"}, {"2026-03-05"}, id="a-resident"),
        pytest.param({"state": "ID", "if_nonresident": ""}, {"2026-03-05", "2026-03-23"}, id="residence-unknown"),
    ],
)
def test_a_state_and_a_date_give_dates(visitor: Client, changes: dict[str, str], dates: set[str]):
    response = ask(visitor, **changes)
    assert response.status_code == 200
    assert dates <= dates_in(response)
    if changes.get("if_nonresident"):
        assert not dates_in(response) & ({"2026-03-05", "2026-03-23"} - dates)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"state": ""}, "Choose a state.", id="no-state"),
        pytest.param({"state": "XX"}, "We have no state “XX”. Choose one from the list.", id="unknown-state"),
        pytest.param({"state": "GU"}, "We have no state “GU”. Choose one from the list.", id="no-law-here"),
        pytest.param({"on": ""}, "Give the date, such as 2026-03-02.", id="no-date"),
        pytest.param({"on": "2026-02-30"}, "There is no such date. Write the year first", id="impossible-date"),
        pytest.param({"on": "next week"}, "There is no such date. Write the year first", id="words-for-a-date"),
        pytest.param({"on": "1999-01-04"}, "We know this state's holidays from January", id="before-the-calendar"),
        pytest.param({"on": "2099-01-05"}, "No date was guessed. Check the dates you gave", id="after-the-calendar"),
        pytest.param({"receipt": "pigeon"}, "We do not know that way of sending.", id="unknown-way"),
        pytest.param({"denied": "2026-03-01"}, "cannot come before", id="refused-before-it-came"),
        pytest.param({"denied": "2026-99-01"}, "There is no such date.", id="impossible-later-date"),
        pytest.param(
            {"clarified": "2026-03-04"}, "answers nothing: add “They asked me something” before it.",
            id="an-answer-without-its-question",
        ),
        pytest.param(
            {"state": "ID", "if_nonresident": "perhaps"}, "Answer yes or no, or leave it open.", id="a-fact-half-known"
        ),
        pytest.param({"on": "2026-03-02\x00"}, "There is no such date.", id="control-characters"),
    ],
)  # fmt: skip
def test_what_cannot_be_counted_is_said_in_words_and_shows_no_date(
    visitor: Client, changes: dict[str, str], words: str
):
    response = ask(visitor, **changes)
    assert response.status_code == 422
    assert words in words_of(response)
    assert "=DATE" not in words_of(response)
    assert 'id="answer"' not in response.content.decode()
    assert dates_in(response) == set()


def test_nothing_asked_yet_is_no_mistake(visitor: Client):
    response = visitor.get(ADDRESS)
    assert response.status_code == 200
    assert "to put right" not in words_of(response)
    assert "What you get" in words_of(response)


@pytest.mark.parametrize("code", ["MD", "md", " md "])
def test_a_state_page_fills_in_its_state(visitor: Client, code: str):
    page = visitor.get(ADDRESS, {"state": code}).content.decode()
    assert '<option value="MD" selected>' in page
    assert "to put right" not in page


def test_a_made_up_state_in_the_address_fills_in_nothing(visitor: Client):
    response = visitor.get(ADDRESS, {"state": "<b>"})
    assert response.status_code == 200
    assert "<b>" not in response.content.decode()


def test_a_short_address_means_a_receipt(visitor: Client):
    assert "2026-03-16" in dates_in(visitor.get(ADDRESS, {"state": "MD", "on": "2026-03-02"}))


def test_the_address_to_share_asks_the_same_again_without_empty_fields(visitor: Client):
    first = ask(visitor, state="ID", if_nonresident="nonresident", denied="2026-03-04")
    (link,) = re.findall(r'href="(http://testserver/[^"]+#answer)"', first.content.decode())
    link = link.replace("&amp;", "&")
    assert link.endswith("?state=ID&receipt=received&on=2026-03-02&denied=2026-03-04&if_nonresident=nonresident#answer")
    assert dates_in(visitor.get(link)) == dates_in(first)


def test_the_form_leads_to_the_answer_without_a_script(visitor: Client):
    page = ask(visitor).content.decode()
    assert '<form class="dl-form" method="get" action="/law/calculator/#answer">' in page
    assert 'id="answer"' in page


def test_facts_are_asked_only_where_the_law_turns_on_them(visitor: Client):
    assert "Facts that change the dates in this state" in words_of(visitor.get(ADDRESS, {"state": "ID"}))
    assert "Facts that change the dates in this state" not in words_of(visitor.get(ADDRESS, {"state": "PA"}))


def test_a_fact_of_another_state_is_left_out_when_the_state_changes(visitor: Client):
    response = ask(visitor, state="PA", if_nonresident="nonresident")
    assert response.status_code == 200
    assert "if_nonresident" not in response.content.decode()


@pytest.mark.parametrize("code", CODES)
def test_every_answer_to_every_fact_is_one_that_the_law_knows(code: str):
    statute = open_book().statute(code)
    keys = {rule.condition_key.removeprefix("not_") for rule in statute.rules if rule.condition_key}
    form = CalculatorForm(statute=statute)
    assert set(conditions_of(statute)) == {f"if_{key}" for key in keys}
    for field in form.condition_fields:
        fact = field.name.removeprefix("if_")
        assert {choice for choice, _label in field.field.choices} == {"", fact, f"not_{fact}"}


def test_a_question_that_denies_turns_yes_into_the_denial():
    # Ill. only writes the rule for the case that the time was NOT extended, so "yes" confirms that.
    form = CalculatorForm(statute=open_book().statute("IL"))
    choices = dict(form.fields["if_decision_extended"].choices)
    assert str(choices["not_decision_extended"]) == "Yes, that is so"
    assert str(choices["decision_extended"]) == "No"


def test_no_date_is_shown_without_how_we_counted(visitor: Client):
    for code in CODES:
        response = ask(visitor, state=code, denied="2026-03-04")
        assert response.status_code == 200, code
        page = response.content.decode()
        blocks = page.split('<div class="dl-deadline')[1:]
        assert blocks or "This law sets no date that follows" in words_of(response), code
        for block in blocks:
            if "<time" in block:
                assert '<ol class="dl-trace">' in block, code
                assert "How we counted" in block, code


def test_nothing_is_called_late_before_the_last_date(visitor: Client):
    assert "late since" not in words_of(ask(visitor))
    # The tenth working day after February 2; February 16 is Presidents' Day.
    assert "late since Tuesday, February 17, 2026" in words_of(ask(visitor, on="2026-02-02"))
