"""Where a marked passage stands when the text around it has changed: after OCR was run again, or in a better scan.

A passage is remembered as W3C's Web Annotation model has it: the words themselves with some words before and after
(TextQuoteSelector, section 4.2.4), and where they stood (TextPositionSelector, section 4.2.5). Found again, it is
said how sure that is; not found, it is an orphan that a person looks after. It is never put somewhere by guess.
"""

from __future__ import annotations

import enum
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel

AROUND: Final = 48  # characters remembered on either side
LEAST_ALIKE: Final = 0.74  # of the passage itself: below that, it is another passage
LEAST_CONTEXT: Final = 0.6  # of what stands around it, where the passage is not there letter by letter
SHORT: Final = 12  # characters; a word or a number is nothing without what stands around it
LEAST_ALIKE_SHORT: Final = 0.5
LEAST_CONTEXT_SHORT: Final = 0.85
CANDIDATES: Final = 500  # places looked at where the same words stand again and again


@dataclass(frozen=True)
class TextQuote:
    """The words of a passage, and what stands before and after them."""

    exact: str
    prefix: str = ""
    suffix: str = ""


class How(enum.StrEnum):
    """How a passage was found."""

    SAME = "same"  # where it was, letter by letter
    MOVED = "moved"  # letter by letter, elsewhere
    RESPACED = "respaced"  # but for spaces, hyphens and forms of letters
    REWORDED = "reworded"  # nearly: a person should look once


@dataclass(frozen=True)
class Anchored:
    """Where a passage stands now, as positions in the text (end excluded)."""

    start: int
    end: int
    how: How
    alike: float  # 0 to 1, of the passage itself


def quote_of(text: str, start: int, end: int) -> TextQuote:
    """Return what is remembered of the passage from `start` to `end`. Raises ValueError where there is none."""
    if not 0 <= start < end <= len(text):
        raise ValueError("A passage begins and ends within the text, and is not empty.")
    return TextQuote(text[start:end], text[max(0, start - AROUND) : start], text[end : end + AROUND])


def anchor(text: str, quote: TextQuote, was_at: int | None = None) -> Anchored | None:
    """Return where the passage stands in this text, or None: then it is an orphan.

    1. Letter by letter. Where it stands more than once, what stands around decides, then the nearness to `was_at`.
    2. The same, but for spaces, line ends, hyphens at line ends, ligatures and capitals.
    3. Nearly: what stands around must be alike, too. A short passage needs its surroundings more than itself.
    """
    if not quote.exact.strip():
        return None
    if found := _letter_by_letter(text, quote, was_at):
        return found
    folded = _Folded.of(text)
    wanted = TextQuote(*(_Folded.of(part).text for part in (quote.exact, quote.prefix, quote.suffix)))
    if not wanted.exact.strip():
        return None
    if again := _letter_by_letter(folded.text, wanted, folded.place_of(was_at)):
        return Anchored(*folded.stretch(again.start, again.end), How.RESPACED, 1.0)
    nearly = _nearly(folded.text, wanted)
    return nearly and Anchored(*folded.stretch(nearly.start, nearly.end), How.REWORDED, nearly.alike)


def _letter_by_letter(text: str, quote: TextQuote, was_at: int | None) -> Anchored | None:
    def fits(start: int) -> tuple[float, int]:
        return _context(text, start, start + len(quote.exact), quote), -abs(start - (was_at or 0))

    places = list(_places(text, quote.exact))
    if not places:
        return None
    best = max(places, key=fits)
    how = How.SAME if best == was_at else How.MOVED
    return Anchored(best, best + len(quote.exact), how, 1.0)


def _places(text: str, exact: str) -> Iterator[int]:
    place = text.find(exact)
    for _count in range(CANDIDATES):
        if place < 0:
            return
        yield place
        place = text.find(exact, place + 1)


def _context(text: str, start: int, end: int, quote: TextQuote) -> float:
    """Return how alike the surroundings are, 0 to 1. Nothing remembered, as at the edge of a page, is no difference."""
    before = text[max(0, start - len(quote.prefix)) : start]
    after = text[end : end + len(quote.suffix)]
    remembered = len(quote.prefix) + len(quote.suffix)
    if not remembered:
        return 1.0
    alike = Indel.normalized_similarity(before, quote.prefix) * len(quote.prefix)
    return (alike + Indel.normalized_similarity(after, quote.suffix) * len(quote.suffix)) / remembered


def _nearly(text: str, quote: TextQuote) -> Anchored | None:
    """Find the passage with its surroundings, as like as can be, and cut it out of them."""
    whole = quote.prefix + quote.exact + quote.suffix
    if not text:
        return None
    if len(whole) <= len(text):
        found = fuzz.partial_ratio_alignment(whole, text)
        if found is None:
            return None
        # Some more on either side: the best window has the pattern's own length, and the words may have grown.
        left, right = max(0, found.dest_start - AROUND), min(len(text), found.dest_end + AROUND)
    else:
        left, right = 0, len(text)
    window = text[left:right]
    start, end = _cut(whole, window, len(quote.prefix), len(quote.prefix) + len(quote.exact))
    if start >= end:
        return None
    alike = Indel.normalized_similarity(window[start:end], quote.exact)
    context = _context(window, start, end, quote)
    is_short = len(quote.exact) < SHORT
    if alike < (LEAST_ALIKE_SHORT if is_short else LEAST_ALIKE):
        return None
    if context < (LEAST_CONTEXT_SHORT if is_short else LEAST_CONTEXT):
        return None
    return Anchored(left + start, left + end, How.REWORDED, round(alike, 3))


def _cut(whole: str, window: str, start: int, end: int) -> tuple[int, int]:
    """Return where `whole[start:end]` lies in the window: the span of its letters that the alignment keeps together.

    A letter that the alignment finds far away from the rest belongs to other words: blocks of two letters and more
    count, and one letter by itself only for short passages.
    """
    shortest = 1 if end - start < SHORT else 2
    blocks = [block for block in Indel.opcodes(whole, window).as_matching_blocks() if block.size]
    pairs = [
        (max(block.a, start) - block.a + block.b, min(block.a + block.size, end) - block.a + block.b)
        for block in blocks
        if min(block.a + block.size, end) - max(block.a, start) >= shortest
    ]
    if not pairs:
        return 0, 0
    first, last = pairs[0][0], pairs[-1][1]
    # Letters read wrongly at its edges match nothing: they reach to where the surroundings begin.
    reach = max(3, (end - start) // 5)
    before = max((block.b + min(block.size, start - block.a) for block in blocks if block.a < start), default=0)
    after = min(
        (block.b + max(0, end - block.a) for block in blocks if block.a + block.size > end), default=len(window)
    )
    if before <= first <= before + reach:
        first = before
    if after - reach <= last <= after:
        last = after
    return _trimmed(window, first, last)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end


@dataclass(frozen=True)
class _Folded:
    """A text without what OCR and layout change at will, with the way back to the positions of the real one."""

    text: str
    places: tuple[int, ...]  # of each letter in the real text
    length: int  # of the real text

    @classmethod
    def of(cls, text: str) -> _Folded:
        letters: list[str] = []
        places: list[int] = []
        for place, letter in enumerate(text):
            if letter == "\u00ad" or (letter == "-" and _ends_a_line(text, place)):
                continue
            if letter.isspace():
                follows_hyphen = place and _is_line_hyphen(text, place)
                if letters and letters[-1] != " " and not follows_hyphen:
                    letters.append(" ")
                    places.append(place)
                continue
            for plain in unicodedata.normalize("NFKC", letter).casefold():
                letters.append(plain)
                places.append(place)
        return cls("".join(letters), tuple(places), len(text))

    def stretch(self, start: int, end: int) -> tuple[int, int]:
        """Return the positions in the real text."""
        return self.places[start], self.places[end - 1] + 1

    def place_of(self, was_at: int | None) -> int | None:
        if was_at is None:
            return None
        return sum(place < was_at for place in self.places)


def _ends_a_line(text: str, hyphen: int) -> bool:
    rest = text[hyphen + 1 : hyphen + 3]
    return hyphen > 0 and text[hyphen - 1].isalpha() and (rest[:1] == "\n" or rest == "\r\n")


def _is_line_hyphen(text: str, space: int) -> bool:
    """Return whether this white space only carries on a word that a hyphen broke at the end of a line."""
    start = space
    while start and text[start - 1] in "\r\n":
        start -= 1
    return start > 0 and text[start - 1] in "-\u00ad" and _ends_a_line(text, start - 1)
