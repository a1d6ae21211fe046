"""The readable law book: rules in words, doubts, and what is not established."""

from __future__ import annotations

import pytest

from requests_app.law.book import CODES, open_book
from requests_app.law.report import answer_lawbook, missing_facts
from tests.law.samples import counting, rule, statute

BOOK = open_book()


def test_maryland_in_words() -> None:
    text = answer_lawbook(BOOK, ["md"]).text

    assert text.startswith("Maryland (MD)\n=============\n")
    assert "Notice of delay (agency): ten working days from receipt." in text
    assert "Decision (agency): thirty calendar days from receipt." in text
    assert "A last day on a Sunday or holiday moves" in text
    assert "closed: American Indian Heritage Day" in text
    assert "Paragraph 4-203(d), section 4-362" in text


@pytest.mark.parametrize("code", CODES)
def test_every_jurisdiction_shows_each_rule_doubt_and_source(code: str) -> None:
    statute_read = BOOK.statute(code)
    words = " ".join(answer_lawbook(BOOK, [code]).text.split())

    for one in statute_read.rules:
        assert f"rule {one.id}" in words
        assert " ".join(one.citation.split()) in words
    for doubt in statute_read.doubts:
        assert " ".join(doubt.split()) in words
    for source in statute_read.sources:
        assert source.url in words
    assert " None " not in words


def test_all_jurisdictions_are_printed_when_none_is_named() -> None:
    text = answer_lawbook(BOOK, []).text

    assert text.count("\nPeriods\n") == len(CODES)


def test_what_a_file_leaves_open_is_said_aloud() -> None:
    open_questions = list(
        missing_facts(
            statute(
                rule("suit", kind="court", duty_of="requester", duty="Sue.", trigger="denial", period=None)
                | {"body": "Court", "level": "court"},
                requester={"residents_only": None, "who": "any person", "citation": "Code § 2"},
                day_counting=counting(rolls=(), disputed=("saturday", "sunday", "holiday")),
            )
        )
    )

    assert open_questions == [
        "whether only residents may ask",
        "whether a last day on a weekend or holiday moves",
        "when a posted letter counts as received (a house estimate is used)",
        "a time limit for this step: Sue (Code § 1)",
    ]


def test_an_unknown_code_ends_the_report_with_one_line() -> None:
    answer = answer_lawbook(BOOK, ["MD", "ZZ"])

    assert (answer.status, answer.text) == (2, "")
    assert "'ZZ'" in answer.error
