"""The law book's words made fit for a letter, citations found again, and the reading level."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.kits.citing import citations, section_numbers
from requests_app.kits.law_words import american, argument, cite, first_cite, period_words, sentence
from requests_app.kits.reading import grade, syllables
from requests_app.law.book import CODES
from requests_app.law.schema import Period
from tests.kits.cast import statute


@pytest.mark.parametrize(
    ("citation", "expected"),
    [
        pytest.param("Md. Gen. Prov. § 4-203(a)(1)", "Md. Gen. Prov. § 4-203(a)(1)", id="plain"),
        pytest.param("MCL 15.240(1)(a), (2) (head may add up to 10 days)", "MCL 15.240(1)(a), (2)", id="remark"),
        pytest.param("KRS 61.880(2); Attorney General may add up to 30 days", "KRS 61.880(2)", id="note-after-it"),
        pytest.param(
            "Farley v. Worley, 215 W. Va. 412 (2004) (redact)",
            "Farley v. Worley, 215 W. Va. 412 (2004) (redact)",
            id="one-word-stays",
        ),
        pytest.param(
            "X v. Y, 240 Ariz. 142 (App. 2016) (need not compile)",
            "X v. Y, 240 Ariz. 142 (App. 2016)",
            id="court-and-year",
        ),
        pytest.param("Or. Rev. Stat. § 192.324(3): machine-readable data", "Or. Rev. Stat. § 192.324(3)", id="colon"),
        pytest.param("No express rule found; redaction is the practice", "", id="no-citation"),
    ],
)
def test_a_citation_loses_what_the_book_notes_beside_it(citation: str, expected: str) -> None:
    assert cite(citation) == expected


def test_first_cite() -> None:
    assert first_cite("A § 1-2; B § 3-4") == "A § 1-2"


@pytest.mark.parametrize("code", CODES)
def test_every_rule_keeps_a_citation_of_its_own_words(code: str) -> None:
    law = statute(code)
    for rule in law.rules:
        cited = cite(rule.citation)
        assert cited, rule.citation
        assert cited.count("(") == cited.count(")")
        assert all(part in rule.citation for part in cited.split("; ")[0].split(" (")[:1])


def test_an_argument_keeps_what_argues_and_drops_what_instructs() -> None:
    assert argument("It needs jeopardise; ask for totals. Offer to accept cuts.") == "It needs jeopardize."
    assert argument("Logs are exempt. Ask instead for reports.") == ""


def test_american() -> None:
    assert american("Wilful labour, licences and organisations") == "Willful labor, licenses and organizations"


@pytest.mark.parametrize(
    ("period", "words"),
    [
        (Period(amount=1, unit="business_days"), "1 business day"),
        (Period(amount=30, unit="calendar_days"), "30 days"),
        (Period(amount=24, unit="months"), "2 years"),
        (Period(amount=72, unit="hours"), "72 hours"),
    ],
)
def test_period_words(period: Period, words: str) -> None:
    assert period_words(period) == words


def test_sentence() -> None:
    assert [sentence("be in writing"), sentence("Why?"), sentence("")] == ["Be in writing.", "Why?", ""]


@given(st.text(max_size=300))
def test_words_never_break_on_any_text(text: str) -> None:
    cite(text)
    argument(text)
    assert american(american(text)) == american(text)
    assert grade([text]) >= 0
    section_numbers(text)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("(Md. Gen. Prov. § 4-203(b)(2))", ("4-203(b)(2)",)),
        ("KRS 61.880(1) and 5 ILCS 140/3(d)", ("61.880(1)", "140/3(d)")),
        ("RSA 91-A:4, IV", ("91-A:4",)),
        ("on June 1, 2026 for $12.50, our reference MD-2026-0007", ()),
    ],
)
def test_section_numbers_are_found_again(text: str, numbers: tuple[str, ...]) -> None:
    assert section_numbers(text, known=("MD-2026-0007",)) == numbers


def test_citations_are_what_stands_in_parentheses() -> None:
    assert citations(["Free (as ever), see (Gen. Prov. § 4-206).", "Again (Gen. Prov. § 4-206)."]) == (
        "Gen. Prov. § 4-206",
    )


@pytest.mark.parametrize(("word", "count"), [("the", 1), ("records", 2), ("agency", 3), ("release", 2), ("table", 2)])
def test_syllables(word: str, count: int) -> None:
    assert syllables(word) == count


def test_short_words_read_more_easily_than_long_ones() -> None:
    easy = grade(["The cat sat. It was warm. We ate."])
    hard = grade(
        ["Notwithstanding jurisdictional considerations, administrative determinations necessitate consultation."]
    )
    assert easy < 2 < 12 < hard
    assert grade([]) == 0.0
