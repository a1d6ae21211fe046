"""A marked passage is found again where it stands now, or is an orphan; it is never put somewhere by guess."""

from __future__ import annotations

import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.review.anchoring import How, TextQuote, anchor, quote_of

LETTER = (
    "The Department of State Police received 1,204 queries from ICE in March 2025 and 998 in April 2025. "
    "HSI sent 2,310 queries in March 2025. The office of the custodian keeps its transaction log for two years. "
    "No record of a refusal was found for the months asked for."
)


def passage(words: str, text: str = LETTER, nth: int = 0) -> tuple[TextQuote, int]:
    place = -1
    for _time in range(nth + 1):
        place = text.index(words, place + 1)
    return quote_of(text, place, place + len(words)), place


def found_in(text: str, quote: TextQuote, was_at: int | None = None) -> tuple[str, How] | None:
    found = anchor(text, quote, was_at)
    return found and (text[found.start : found.end], found.how)


def test_an_unchanged_text_gives_the_very_place() -> None:
    quote, place = passage("1,204 queries")
    assert found_in(LETTER, quote, place) == ("1,204 queries", How.SAME)


def test_words_put_before_it_move_it() -> None:
    quote, place = passage("1,204 queries")
    assert found_in("A cover page. " + LETTER, quote, place) == ("1,204 queries", How.MOVED)


@pytest.mark.parametrize("nth", [0, 1], ids=["the first", "the second"])
def test_what_stands_around_tells_two_alike_apart(nth: int) -> None:
    quote, place = passage("March 2025", nth=nth)
    moved = "Page 1 of 9. " * 3 + LETTER
    found = anchor(moved, quote, place)
    assert found is not None
    assert found.start == place + len("Page 1 of 9. ") * 3


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        pytest.param("keeps its\n   transaction\nlog", "its\n   transaction\nlog", id="other line ends"),
        pytest.param("keeps its trans-\naction log", "its trans-\naction log", id="a hyphen at the end of a line"),
        pytest.param("keeps its trans\u00adaction log", "its trans\u00adaction log", id="a soft hyphen"),
        pytest.param("KEEPS ITS TRANSACTION LOG", "ITS TRANSACTION LOG", id="capitals"),
    ],
)
def test_layout_does_not_matter(now: str, expected: str) -> None:
    quote, place = passage("its transaction log")
    text = LETTER.replace("keeps its transaction log", now)
    assert found_in(text, quote, place) == (expected, How.RESPACED)


def test_a_ligature_is_two_letters() -> None:
    quote, place = passage("The office")
    assert found_in(LETTER.replace("office", "o\ufb03ce"), quote, place) == ("The o\ufb03ce", How.RESPACED)


def test_wrong_letters_of_a_first_reading_are_found_in_the_second() -> None:
    worse = LETTER.replace("transaction log for two years", "transactlon 1og f0r two vears")
    quote, place = passage("transactlon 1og f0r two vears", worse)
    assert found_in(LETTER, quote, place) == ("transaction log for two years", How.REWORDED)


def test_a_number_read_wrongly_is_found_by_what_stands_around() -> None:
    worse = LETTER.replace("1,204", "l,2O4")
    quote, place = passage("l,2O4", worse)
    assert found_in(LETTER, quote, place) == ("1,204", How.REWORDED)


@pytest.mark.parametrize(
    "now",
    [
        pytest.param(LETTER.replace("The office of the custodian keeps its transaction log for two years. ", ""),
                     id="its sentence is gone"),
        pytest.param("", id="an empty page"),
        pytest.param("Quite another page, about the weather in the county.", id="another page"),
        pytest.param(LETTER.replace("its transaction log", "no such thing at all, we regret,"), id="other words there"),
    ],
)  # fmt: skip
def test_what_is_gone_is_an_orphan(now: str) -> None:
    quote, place = passage("its transaction log")
    assert anchor(now, quote, place) is None


def test_a_short_passage_is_not_found_without_its_surroundings() -> None:
    quote, place = passage("998")
    assert anchor("Invoice 989 of the county clerk, payable within ninety days.", quote, place) is None


@pytest.mark.parametrize(("start", "end"), [(-1, 3), (3, 3), (5, 4), (0, len(LETTER) + 1)])
def test_no_passage_is_refused(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="passage"):
        quote_of(LETTER, start, end)


def words_of(seed: int, count: int) -> str:
    chance = random.Random(seed)
    return " ".join("".join(chance.choices(string.ascii_lowercase, k=chance.randint(3, 9))) for _word in range(count))


@given(seed=st.integers(0, 10_000), cut=st.integers(0, 60), length=st.integers(1, 12), edit=st.text(max_size=40))
def test_an_edit_elsewhere_never_carries_it_off(seed: int, cut: int, length: int, edit: str) -> None:
    text = words_of(seed, 90)
    words = text.split(" ")
    marked = " ".join(words[60 : 60 + length])
    start = len(" ".join(words[:60])) + 1
    quote = quote_of(text, start, start + len(marked))
    before = " ".join(words[:cut])
    changed = f"{before} {edit} {text[len(before) :]}" if cut < 50 else text + edit
    found = anchor(changed, quote, start)
    assert found is not None
    assert changed[found.start : found.end] == marked
    assert abs(found.start - (start + len(changed) - len(text))) <= len(changed) - len(text)


@given(seed=st.integers(0, 10_000), length=st.integers(4, 14))
def test_letters_read_wrongly_leave_it_where_it_is(seed: int, length: int) -> None:
    chance = random.Random(seed)
    text = words_of(seed, 90)
    words = text.split(" ")
    start = len(" ".join(words[:40])) + 1
    end = start + len(" ".join(words[40 : 40 + length]))
    quote = quote_of(text, start, end)
    noisy = "".join(
        chance.choice(string.ascii_lowercase) if letter != " " and chance.random() < 0.06 else letter for letter in text
    )
    found = anchor(noisy, quote, start)
    assert found is not None
    shared = min(found.end, end) - max(found.start, start)
    assert shared >= 0.8 * (end - start)
    assert found.end - found.start <= 1.25 * (end - start)


@given(seed=st.integers(0, 10_000), length=st.integers(3, 14))
def test_a_passage_taken_out_is_an_orphan(seed: int, length: int) -> None:
    text = words_of(seed, 90)
    words = text.split(" ")
    start = len(" ".join(words[:40])) + 1
    end = start + len(" ".join(words[40 : 40 + length]))
    quote = quote_of(text, start, end)
    assert anchor(text[:start] + text[end + 1 :], quote, start) is None


@given(text=st.text(max_size=300), exact=st.text(max_size=40), prefix=st.text(max_size=20), at=st.integers(-5, 400))
def test_it_never_raises_and_stays_within_the_text(text: str, exact: str, prefix: str, at: int) -> None:
    found = anchor(text, TextQuote(exact, prefix), at)
    assert found is None or 0 <= found.start < found.end <= len(text)
