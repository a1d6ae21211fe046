"""The objections helper: which objections an agency's words raise, and what answers them. Pure.

Matching is plain and explainable: the text and each phrase of the objection bank are brought to the same bare form
(small letters, straight quotes, hyphenated line ends joined, runs of space one space), and a phrase counts where it
stands as whole words. Sections of law are found by their numbers as the law book cites them. Nothing is learned and
nothing is guessed; the person chooses.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from requests_app.kits import law_words
from requests_app.kits.catalog import objections, wording_for
from requests_app.kits.letters import Addressee
from requests_app.kits.schema import Objection, Voice
from requests_app.law.schema import Exemption, Statute

# The most text that is looked at, in characters. Longer pastes are cut; a refusal states its reasons long before.
LONGEST: Final = 100_000

_BARE: Final = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛`´", "'"),
        **dict.fromkeys("“”„‟«»", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        "\N{SOFT HYPHEN}": None,
        "\N{ZERO WIDTH SPACE}": None,
        "\N{WORD JOINER}": None,
        "\N{NO-BREAK SPACE}": " ",
    }
)
_BROKEN_WORD: Final = re.compile(r"(?<=[A-Za-z])-[ \t]*\r?\n[ \t]*(?=[a-z])")
_SPACE: Final = re.compile(r"\s+")

# The numbers by which a section is known: "4-351", "25-19-105(b)(6)", "552.108", "2721", "140/7(1)(v)".
_SECTION: Final = re.compile(r"\d[\w.:/-]*\d?[a-z]?(?:\([\w.-]+\))*", re.IGNORECASE)
_MARKS: Final = re.compile(r"[§\s]+")


@dataclass(frozen=True)
class Suggestion:
    """One objection or exemption that the agency's words may raise.

    `id`: an objection's id (O1-O11), or the citation of one of the statute's likely exemptions. `matched`: the agency's
    own words, as it wrote them, that led here. `score`: how many different phrases or sections were found.
    """

    id: str
    kind: str
    label: str
    matched: tuple[str, ...]
    score: int
    why: str


@dataclass(frozen=True)
class Rebuttal:
    """What answers an objection under one law. `citations` stand in the text; `cautions` and `doubts` never do."""

    id: str
    text: str
    citations: tuple[str, ...]
    cautions: tuple[str, ...]
    doubts: tuple[str, ...]


def suggest(text: str, statute: Statute) -> tuple[Suggestion, ...]:
    """Return what the agency's words may raise, the best supported first; nothing when nothing matches."""
    bare = bare_form(text[:LONGEST])
    found = [*_objections(bare), *_exemptions(bare, statute)]
    return tuple(sorted(found, key=lambda each: -each.score))


def rebuttal(
    objection_id: str, statute: Statute, addressee: Addressee | None = None, *, companion: bool = False
) -> Rebuttal:
    """Return what answers an objection, or an exemption by its citation. Raises KeyError for an unknown objection.

    `companion`: the other custodian was asked too. `addressee` is not needed for the words of any reply of today.
    """
    voice = wording_for(statute.code).voice
    doubts = tuple(statute.doubts)
    bank = objections().get(objection_id)
    if bank is not None:
        cited = (voice.citation,) if "{statute_citation}" in bank.reply else ()
        return Rebuttal(objection_id, reply_to(bank, voice, companion=companion), cited, bank.cautions, doubts)
    exemption = find_exemption(objection_id, statute)
    if exemption is None and not re.search(r"\d", objection_id):
        raise KeyError(objection_id)
    cautions = () if exemption is not None else ("The law book has no argument for this section. Ask a lawyer.",)
    cited = (law_words.cite(exemption.citation),) if exemption is not None else ()
    return Rebuttal(objection_id, exemption_reply(objection_id, statute), cited, cautions, doubts)


def reply_to(objection: Objection, voice: Voice, *, companion: bool) -> str:
    """Return the bank's reply in the words of this jurisdiction."""
    reply = objection.reply.format_map({"statute_citation": voice.citation})
    return f"{reply} {objection.with_companion}" if companion and objection.with_companion else reply


def exemption_reply(cited: str, statute: Statute) -> str:
    """Return an answer to a section that the agency cites: the law book's argument, or a request to explain it."""
    exemption = find_exemption(cited, statute)
    words = law_words.argument(exemption.rebuttal_hint) if exemption is not None else ""
    if exemption is None or not words:
        return (
            f"As to {cited.rstrip('.')}: please explain briefly how it applies to each record withheld, and to a count "
            "or a document from which personal details have been removed."
        )
    return f"As to {law_words.cite(exemption.citation)} ({law_words.american(exemption.label)}): {words}"


def find_exemption(cited: str, statute: Statute) -> Exemption | None:
    """Return the likely exemption that a citation, or a label of the law book, names; None when it is another one."""
    wanted = bare_form(cited)
    sections = section_numbers(cited)
    for exemption in statute.likely_exemptions:
        if wanted in (bare_form(exemption.citation), bare_form(exemption.label)):
            return exemption
    for exemption in statute.likely_exemptions:
        known = section_numbers(exemption.citation)
        if any(_same_section(one, other) for one in sections for other in known):
            return exemption
    return None


def bare_form(text: str) -> str:
    """Return the text as it is compared: small letters, plain quotes and dashes, whole words, single spaces."""
    joined = _BROKEN_WORD.sub("", text.translate(_BARE))
    return _SPACE.sub(" ", joined).strip().lower()


@cache
def section_numbers(citation: str) -> tuple[str, ...]:
    """Return the numbers of the sections in a citation, longest first: "25-19-105(b)(6)"."""
    bare = _MARKS.sub(" ", law_words.cite(citation).translate(_BARE).lower())
    found = [number for number in _SECTION.findall(bare) if _telling(number)]
    return tuple(sorted(dict.fromkeys(found), key=len, reverse=True))


def _objections(bare: str) -> list[Suggestion]:
    found = []
    for objection, pattern in _patterns():
        matched = tuple(dict.fromkeys(match[0] for match in pattern.finditer(bare)))
        if matched:
            words = ", ".join(f'"{words}"' for words in matched[:3])
            found.append(
                Suggestion(
                    id=objection.id,
                    kind="objection",
                    label=objection.objection,
                    matched=matched,
                    score=len(matched),
                    why=f"They write {words}.",
                )
            )
    return found


@cache
def _patterns() -> tuple[tuple[Objection, re.Pattern[str]], ...]:
    """Return each objection with one pattern of all its phrases, the longest first so that it is the one reported."""

    def pattern(phrases: Sequence[str]) -> re.Pattern[str]:
        ordered = sorted((bare_form(phrase) for phrase in phrases), key=len, reverse=True)
        return re.compile(r"(?<!\w)(?:" + "|".join(re.escape(phrase) for phrase in ordered) + r")(?:s|es)?(?!\w)")

    return tuple((objection, pattern(objection.phrases)) for objection in objections().values() if objection.phrases)


def _exemptions(bare: str, statute: Statute) -> list[Suggestion]:
    text = _MARKS.sub(" ", bare)
    found = []
    for exemption in statute.likely_exemptions:
        matched = tuple(number for number in section_numbers(exemption.citation) if _stands_in(number, text))
        if matched:
            numbers = ", ".join(matched[:3])
            found.append(
                Suggestion(
                    id=exemption.citation,
                    kind="exemption",
                    label=exemption.label,
                    matched=matched,
                    score=len(matched),
                    why=f"They cite {numbers}, which the law book knows as an exemption for {exemption.label}.",
                )
            )
    return found


def _stands_in(number: str, text: str) -> bool:
    return re.search(rf"(?<![\w./:-]){re.escape(number)}(?![\w])", text) is not None


def _telling(number: str) -> bool:
    """True for a number that names a section: a bare year, chapter or title says too little."""
    return len(number) > 2 and bool(
        re.search(r"[-.:/(]", number) or (len(number) == 4 and not number.startswith(("19", "20")))
    )


def _same_section(one: str, other: str) -> bool:
    """True when one number is the other, or a subsection of it."""
    shorter, longer = sorted((one, other), key=len)
    return longer == shorter or longer.startswith(f"{shorter}(")
