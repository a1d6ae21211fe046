"""What is typed, read into what is asked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.documents.search.folding import fold, words_in
from requests_app.documents.search.language import (
    LONGEST,
    MOST,
    Asked,
    Narrowing,
    Term,
    field_with,
    narrower,
    parse,
    wider,
)
from requests_app.documents.search.wording import remark


def said(asked: Asked) -> str:
    """Return a query as it was understood, for reading."""

    def term(one: Term) -> str:
        return "+".join(one.words) + ("*" if one.begins else "")

    parts = ["|".join(map(term, clause)) for clause in asked.every]
    parts += [f"-{term(one)}" for one in asked.without]
    parts += [f"{'-' if one.excluded else ''}{one.field}={one.value}" for one in asked.narrowed]
    return " ".join(parts)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("Nlets QUERIES", "nlets queries", id="words-in-any-case"),
        pytest.param('"monthly totals" x', "monthly+totals x", id="a-phrase"),
        pytest.param("K1-02", "k1+02", id="a-code-is-a-phrase"),
        pytest.param("quer*", "quer*", id="a-beginning"),
        pytest.param('"quer*"', "quer", id="no-beginning-in-quotes"),
        pytest.param("a OR b c", "a|b c", id="either"),
        pytest.param("a OR b OR c", "a|b|c", id="any-of-three"),
        pytest.param("OR a OR", "a", id="or-without-a-partner"),
        pytest.param("a OR state:MD b", "a b state=MD", id="or-binds-words-only"),
        pytest.param('a -b -"c d"', "a -b -c+d", id="without"),
        pytest.param("1,234", "1+234|1234", id="a-comma-or-none"),
        pytest.param("20450", "20450|20+450", id="none-or-a-comma"),
        pytest.param("2025", "2025", id="a-year-is-no-count"),
        pytest.param("$1,234.50", "1+234+50|1234+50", id="money"),
        pytest.param('state:md state:"new york"', "state=MD state=NY", id="states"),
        pytest.param("-state:MD x", "x -state=MD", id="not-a-state"),
        pytest.param("TYPE:Email", "type=e-mail", id="a-kind"),
        pytest.param("before:2026 after:2025-3", "before=2026-01-01 after=2025-03-01", id="dates"),
        pytest.param("after:3/4/2026", "after=2026-03-04", id="a-date-as-americans-write-it"),
        pytest.param('agency:"State Police"', "agency=State Police", id="an-agency"),
        pytest.param("tag:Fées", "tag=fees", id="a-tag"),
        pytest.param("in:cells", "in=sheet", id="a-place"),
        pytest.param("10:30", "10+30", id="a-time-is-no-field"),
        pytest.param("a a a", ["a", "a", "a"][0] + " a a", id="the-same-word-again"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_how_a_query_is_understood(query: str, expected: str) -> None:
    assert said(parse(query)) == expected


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("x" * (LONGEST + 1), "too_long"), (" ".join(f"w{n}" for n in range(MOST + 1)), "too_many"),
        (" OR ".join(f"w{n}" for n in range(80)), "too_many"), (" ".join(["x", *["kit:K1"] * 80]), "too_many"),
        ('"open', "open_quote"), ("-word", "only_without"), ("?!", "only_signs"), ("qu*", "short_beginning"),
        ("author:smith", "unknown_field"), ("state:ZZ", "not_a_state"), ("type:car", "not_a_type"),
        ("in:space", "not_a_in"), ("before:soon", "not_a_before"), ("after:2026-13", "not_a_after"),
        ("agency:?", "not_a_agency"), ("kit:?", "not_a_kit"), ("tag:?", "not_a_tag"), ("request:?", "not_a_request"),
    ],
)  # fmt: skip
def test_what_is_remarked(query: str, code: str) -> None:
    remarks = parse(query).remarks
    assert code in {one.code for one in remarks}
    assert all(remark(one).endswith((".", ")")) for one in remarks)


@given(st.text(max_size=3000))
def test_any_text_is_a_query_of_bounded_size(query: str) -> None:
    asked = parse(query)
    assert len(asked.every) <= MOST and len(asked.without) <= MOST + 3 and len(asked.narrowed) <= MOST
    for term in (*asked.terms, *asked.without):
        assert term.words and all(word.isalnum() and word == fold(word) for word in term.words)
    assert all(remark(one) for one in asked.remarks)


@given(
    st.text(max_size=200), st.sampled_from([("state", "MD"), ("agency", "md-x"), ("type", "e-mail"), ("tag", "a b")])
)
def test_a_field_that_is_added_can_be_taken_away(query: str, chosen: tuple[str, str]) -> None:
    before = parse(query)
    added = narrower(query, *chosen)
    one = Narrowing(*chosen)
    if len(added) > LONGEST or len(before.narrowed) >= MOST or one in before.narrowed:
        return
    assert one in parse(added).narrowed
    assert one not in parse(wider(added, one)).narrowed


@given(st.text())
def test_words_are_folded_once_and_for_all(text: str) -> None:
    for word in words_in(text):
        assert words_in(word) == [word] or not word.isascii()
        assert fold(word) == word


def test_a_value_with_a_blank_is_quoted() -> None:
    assert field_with("agency", "state police") == 'agency:"state police"'
    assert field_with("state", "MD") == "state:MD"
