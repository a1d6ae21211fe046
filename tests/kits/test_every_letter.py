"""A letter for every jurisdiction and kit, to that state's own agencies: nothing unfilled, foreign, empty, too wide."""

from __future__ import annotations

import re
from functools import cache

import pytest

from requests_app.kits.addressees import official_of
from requests_app.kits.catalog import KIT_IDS, get_kit, voice
from requests_app.kits.composer import compose
from requests_app.kits.letters import Addressee, Companion, Letter, dump, load
from requests_app.kits.text import to_text
from requests_app.law.book import CODES
from tests.kits.cast import addressees, choose, statute

# Marks of a sentence that lost something, or of British spelling, which letters to American agencies avoid.
_SCARS = re.compile(
    r"[{}]|  |\bNone\b|\bnull\b|\(\)|\( |\s[,.;:)](?!\w)|,,|;;|\.\.|§ ?\)|\(;|,\.|(?i:\bplease please\b)"
    r"|(?i:licence|organis|authoris|itemis|programme|behaviour|instalment)"
)

# Words by which a state's citations are known, each with the only jurisdictions that may use them.
_CITATION_WORDS = {
    "Md. Code": {"MD"},
    "Gen. Prov.": {"MD"},
    "K.S.A.": {"KS"},
    "RCW": {"WA"},
    "RSMo": {"MO"},
    "MCL ": {"MI"},
    "ILCS": {"IL"},
    "KRS": {"KY"},
    "C.R.S.": {"CO"},
    "A.R.S.": {"AZ"},
    "O.C.G.A.": {"GA"},
    "N.J.S.A.": {"NJ"},
    "NMSA": {"NM"},
    "NRS": {"NV"},
    "RSA ": {"NH"},
    "SDCL": {"SD"},
    "V.S.A.": {"VT"},
    "M.R.S.": {"ME"},
    "Del. C.": {"DE"},
    "D.C. Code": {"DC"},
    "P.S. §": {"PA"},
    "ORS ": {"OR"},
    "HRS": {"HI"},
    "G.L. c.": {"MA"},
    "La. R.S.": {"LA"},
    "U.S.C.": {"US"},
    "Tenn. Code": {"TN"},
    "Wis. Stat.": {"WI"},
    "Minn. Stat.": {"MN"},
    "Idaho Code": {"ID"},
    "Iowa Code": {"IA"},
    "Ind. Code": {"IN"},
    "Va. Code": {"VA", "WV"},
    "Utah Code": {"UT"},
    "Wyo. Stat.": {"WY"},
    "N.C. Gen. Stat.": {"NC"},
    "N.D. Cent. Code": {"ND"},
    "Neb. Rev. Stat.": {"NE"},
    "Ark. Code": {"AR"},
    "Conn. Gen. Stat.": {"CT"},
    "Miss. Code": {"MS"},
    "Mont. Code": {"MT"},
    "Ohio Rev. Code": {"OH"},
    "Okla. Stat.": {"OK"},
    "R.I. Gen. Laws": {"RI"},
    "S.C. Code": {"SC"},
    "Ala. Code": {"AL"},
    "Fla. Stat.": {"FL"},
    "Tex. Gov't Code": {"TX"},
}

# Longest first, so that "West Virginia" is not read as "Virginia".
_ANY_STATE = re.compile(
    r"\b(?:" + "|".join(sorted((statute(code).name for code in CODES if code != "US"), key=len, reverse=True)) + r")\b"
)


@cache
def all_made(code: str) -> tuple[Letter, ...]:
    """Return every letter of every kit to this jurisdiction."""
    return tuple(letter for kit_id in KIT_IDS for letter in made(code, kit_id))


def made(code: str, kit_id: str) -> list[Letter]:
    """Return the letter to each agency of the jurisdiction, and to its highest official for the officials' kit."""
    kit, law = get_kit(kit_id), statute(code)
    to: tuple[Addressee, ...] = addressees(code) if kit.kind == "records" else (official_of(law),)
    return [compose(kit, law, each, choose(reference=f"{code}-2026-0007", companions=_others(to, each))) for each in to]


def _others(to: tuple[Addressee, ...], each: Addressee) -> tuple[Companion, ...]:
    """Return the companions of one letter when every agency of the state is asked at once."""
    return tuple(
        Companion(reference=f"{each.agency_code[:2].upper()}-2026-{number:04}", agency_name=other.name)
        for number, other in enumerate(to, start=8)
        if other is not each
    )


@pytest.mark.parametrize("code", CODES)
def test_letter_is_whole(code: str) -> None:
    for letter in all_made(code):
        texts = (letter.subject, letter.salutation, *letter.recipient, *letter.paragraphs())
        for text in texts:
            assert not _SCARS.search(text), f"{_SCARS.search(text)!r} in: {text}"
            assert text == text.strip()
        for paragraph in letter.paragraphs():
            assert paragraph[0].isupper() or paragraph[0] == '"', paragraph
            assert paragraph[-1] in ".?", paragraph
            assert paragraph.count("(") == paragraph.count(")"), paragraph
            assert paragraph.count('"') % 2 == 0, paragraph
        assert letter.salutation.startswith("Dear ")
        assert letter.salutation.endswith(":")
        assert load(dump(letter)) == letter


@pytest.mark.parametrize("code", CODES)
def test_letter_speaks_of_no_other_jurisdiction(code: str) -> None:
    for letter in all_made(code):
        # A street may be named after another state: the address lines are the agency's own.
        text = " ".join((letter.subject, letter.salutation, *letter.recipient[:2], *letter.paragraphs()))
        foreign = {name for name in _ANY_STATE.findall(text) if name != statute(code).name}
        assert not foreign, f"in a letter for {code}"
        cited = {words for words, users in _CITATION_WORDS.items() if code not in users and words in text}
        assert not cited, f"in a letter for {code}"


@pytest.mark.parametrize("code", CODES)
def test_text_has_no_overfull_line(code: str) -> None:
    for letter in all_made(code):
        text = to_text(letter)
        assert text.endswith("\n")
        assert "\n\n\n" not in text
        for line in text.splitlines():
            assert len(line) <= 72, line
            assert line == line.rstrip()
            assert not re.search(r"§$", line), "a section sign stands alone at the end of a line"


@pytest.mark.parametrize("code", CODES)
def test_a_records_letter_cites_its_own_law_and_its_own_answer_times(code: str) -> None:
    letter = made(code, "K1")[0]
    own = voice(code)
    opening, time = letter.sections[0].parts[0].text, next(s for s in letter.sections if s.key == "time").parts[0].text
    assert opening.startswith(f"Under {own.name} ({own.citation}) I request copies of the records listed below.")
    assert time.startswith(own.time[0].text[:20])
    no_fixed_period = {"FL", "MN", "NC", "ND", "OH", "OK", "SD", "WI"}
    assert bool(re.search(r"\b(?:days?|hours)\b", time.replace("sets no number of days", ""))) == (
        code not in no_fixed_period
    )


@pytest.mark.parametrize("code", CODES)
def test_a_first_letter_always_asks_to_preserve(code: str) -> None:
    for kit_id in KIT_IDS[:-1]:
        assert any(section.key == "preservation" and section.parts for section in made(code, kit_id)[0].sections)


def test_a_letter_to_an_official_is_no_records_request() -> None:
    for code in CODES:
        (letter,) = made(code, "K8")
        text = " ".join(letter.paragraphs())
        assert "not a records request" in text
        assert "§" not in text
        assert letter.expected == ()
        assert {section.key for section in letter.sections}.isdisjoint({"time", "fees", "withholding"})
