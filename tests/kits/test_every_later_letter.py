"""Every later letter in every jurisdiction and several turns: whole, native, within the page, and no law invented."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from itertools import product

import msgspec
import pytest

from requests_app.kits import samples
from requests_app.kits.catalog import letter_types, objections, voice
from requests_app.kits.citing import section_numbers
from requests_app.kits.later import compose_later
from requests_app.kits.later_schema import LETTER_KEYS
from requests_app.kits.letters import ChoiceError, Letter, dump, load
from requests_app.kits.matter import Matter
from requests_app.kits.naming import long_date
from requests_app.kits.reading import grade
from requests_app.kits.steps import steps_by
from requests_app.kits.text import to_text
from requests_app.law.book import CODES
from tests.kits.cast import statute
from tests.kits.later_cast import body_of, recipient
from tests.kits.test_every_letter import _ANY_STATE, _CITATION_WORDS, _SCARS

# Words of blame. They stand in a letter only where a duty has certainly been missed.
BLAME = re.compile(
    r"By my count the (?!time for it runs)|ended on|treated as a denial|had ended|overdue|\blate\b|failed|violat",
    re.IGNORECASE,
)

THREAT = re.compile(r"\bsue\b|lawsuit|legal action|court", re.I)


@cache
def all_written(code: str) -> tuple[tuple[Matter, Letter], ...]:
    """Return every later letter that this law allows, in its own turn, in a fresh one and where everything is old."""
    found = []
    for letter in letter_types():
        home = samples.AT_HOME[letter.key]
        risky = letter.accuses or letter.to == "body"
        more = ((home, True), ("silent", False), ("refused", True)) if risky else ()
        for turn, fresh in ((home, False), *more):
            matter = samples.sample_matter(code, turn, fresh_refusal=fresh)
            for step in steps_by(letter.key, statute(code), matter) or (None,):
                inputs = {**samples.sample_inputs(letter.key), **({} if step is None else {"rule_id": step.rule.id})}
                try:
                    made = compose_later(
                        letter, statute(code), recipient(letter.key, matter), matter, samples.SENDER, inputs
                    )
                except ChoiceError as error:
                    assert error.field == "letter", error
                else:
                    found.append((matter, made))
    return tuple(found)


def known_words(matter: Matter) -> str:
    """Return everything that a letter may cite from: the law book, the voice, the matter, the objection bank."""
    return f"{_known_law(matter.jurisdiction)} {msgspec.json.encode(matter).decode()}"


@cache
def _known_law(code: str) -> str:
    parts = (statute(code), voice(code), list(objections().values()))
    return " ".join(msgspec.json.encode(part).decode() for part in parts)


@pytest.mark.parametrize("code", CODES)
def test_letter_is_whole(code: str) -> None:
    for _, letter in all_written(code):
        texts = (letter.subject, letter.salutation, *letter.recipient, *letter.enclosures, *letter.paragraphs())
        for text in texts:
            assert not _SCARS.search(text.replace("[...]", "")), f"{_SCARS.search(text)!r} in: {text}"
            assert text == text.strip()
        for paragraph in letter.paragraphs():
            assert paragraph[0].isupper() or paragraph[0] in '"§' or paragraph[0].isdigit(), paragraph
            assert paragraph.rstrip('"')[-1] in ".?:", paragraph
            assert paragraph.count("(") == paragraph.count(")"), paragraph
            assert paragraph.count('"') % 2 == 0, paragraph
        assert letter.salutation.endswith(":")
        assert load(dump(letter)) == letter
        assert letter.letter_key in LETTER_KEYS


@pytest.mark.parametrize("code", CODES)
def test_every_citation_is_the_states_own(code: str) -> None:
    for matter, letter in all_written(code):
        text, known = body_of(letter), known_words(matter)
        ours = (matter.reference, matter.agency_reference or "")
        strange = [number for number in section_numbers(text, known=ours) if number not in known]
        assert not strange, f"{letter.letter_key} in {code} cites what no source holds: {strange}"
        cited = {words for words, users in _CITATION_WORDS.items() if code not in users and words in text}
        assert not cited, f"{letter.letter_key} in {code}"


@pytest.mark.parametrize("code", CODES)
def test_letter_speaks_of_no_other_jurisdiction(code: str) -> None:
    allowed = {statute(code).name, "Washington"}  # the objection bank names Washington's released count
    for _, letter in all_written(code):
        text = " ".join((letter.subject, letter.salutation, *letter.paragraphs(), *letter.enclosures))
        assert set(_ANY_STATE.findall(text)) <= allowed, letter.letter_key


@pytest.mark.parametrize("code", CODES)
def test_blame_rests_on_a_duty_that_was_certainly_missed(code: str) -> None:
    law = statute(code)
    for matter, letter in all_written(code):
        sure_days = {
            long_date(duty.latest)
            for duty in matter.duties
            if duty.duty_of == "agency"
            and duty.latest is not None
            and duty.latest < matter.today
            and duty.certainty != "conditional"
            and law.rule(duty.rule_id).confidence != "low"
        }
        for paragraph in letter.paragraphs():
            named = re.findall(r"ended on ([A-Z][a-z]+ \d+, \d{4})", paragraph)
            assert set(named) <= sure_days, paragraph
        if not sure_days and letter.letter_key not in ("notice_before_suit", "attorney_general_complaint"):
            own = " ".join(
                text for text in letter.paragraphs() if "wrote:" not in text and not text.startswith("As to ")
            )
            assert not BLAME.search(own), f"{letter.letter_key} in {code}: {BLAME.search(own)}"


@pytest.mark.parametrize("code", CODES)
def test_only_a_notice_before_suit_speaks_of_a_court(code: str) -> None:
    for _, letter in all_written(code):
        if letter.letter_key != "notice_before_suit":
            own = [text for text in letter.paragraphs() if not _quotes_law(text)]
            assert not THREAT.search(" ".join(own)), letter.letter_key


def _quotes_law(text: str) -> bool:
    """True for a paragraph of the law book's or the voice's own words, where a court may be named."""
    return bool(re.search(r"§|\d", text)) or len(text.split()) < 30


@pytest.mark.parametrize("code", CODES)
def test_no_day_is_named_that_nobody_recorded_or_counted(code: str) -> None:
    """A date in a letter is one of the matter's, one of the law room's, our wish, or one of the facts'."""
    for matter, letter in all_written(code):
        days = {matter.today, matter.sent_on, matter.received_on, *(each.on for each in matter.happened)}
        days.add(matter.fees.estimated_on)
        days |= {day for duty in matter.duties for day in (duty.earliest, duty.latest)}
        known = {long_date(day) for day in days if isinstance(day, date)} | {"November 12, 2025"}
        wishes = re.findall(r"by ([A-Z][a-z]+ \d+, \d{4})", body_of(letter))
        named = set(re.findall(r"[A-Z][a-z]+ \d{1,2}, \d{4}", body_of(letter)))
        first_slice = {"October 1, 2024", "September 30, 2025"}
        assert named <= known | set(wishes) | first_slice, letter.letter_key
        assert len(set(wishes) - known) <= 1, letter.letter_key


@pytest.mark.parametrize("code", CODES)
def test_what_states_the_law_is_locked(code: str) -> None:
    own = voice(code)
    for _, letter in all_written(code):
        for section in letter.sections:
            for part in section.parts:
                text = " ".join((part.text, *part.items))
                cites = "§" in text or bool(
                    section_numbers(text.replace(own.citation, ""), known=("26-0118", letter.reference or ""))
                )
                # The opening names the act as a person names an address; the agency's own words are nobody's law.
                if cites and section.key not in ("opening", "quote", "extra") and "wrote:" not in text:
                    assert part.legal, f"{letter.letter_key}: {text}"


@pytest.mark.parametrize("code", CODES)
def test_text_has_no_overfull_line(code: str) -> None:
    for _, letter in all_written(code):
        text = to_text(letter)
        assert "\n\n\n" not in text
        for line in text.splitlines():
            assert len(line) <= 72, line
            assert line == line.rstrip()


@pytest.mark.parametrize("code", CODES)
def test_letter_says_what_was_asked_and_when_and_how_to_answer(code: str) -> None:
    for matter, letter in all_written(code):
        text = " ".join((letter.subject, letter.reference_line or "", body_of(letter)))
        assert matter.sent_on is not None
        assert long_date(matter.sent_on) in text
        assert voice(code).citation in text
        assert matter.reference in text
        assert "26-0118" in text
        assert "Nlets query statistics" in text


def test_letters_to_the_agency_exist_in_every_jurisdiction() -> None:
    for code, letter in product(CODES, letter_types()):
        if letter.to == "agency" and letter.key != "notice_before_suit":
            assert any(made.letter_key == letter.key for _, made in all_written(code)), (letter.key, code)


def test_every_letter_is_possible_somewhere() -> None:
    assert {made.letter_key for code in CODES for _, made in all_written(code)} == set(LETTER_KEYS)


def test_letters_are_easy_enough_to_read() -> None:
    """Reported in the gallery, held only at the far end: a letter harder than a lawyer's brief has gone wrong."""
    assert max(grade(made.paragraphs()) for code in CODES for _, made in all_written(code)) < 16
