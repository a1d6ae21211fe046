"""Where a text says what was asked for, and the stretch of it that shows most of that. Pure; pieces, never HTML."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from requests_app.documents.search.folding import placed_words
from requests_app.documents.search.language import Term

SHOWN: Final = 260  # characters of a stretch
BEFORE: Final = 60  # of them before the first thing found
READ: Final = 100_000  # characters of a text that are looked at

Piece = tuple[str, bool]
"""A stretch of text, and whether it was asked for."""

Hit = tuple[int, int, int]
"""Where it begins and ends, and which term it is."""


def hits_in(text: str, terms: Sequence[Term]) -> list[Hit]:
    """Return where each term stands in a text, in order; a word that is part of two hits counts for the longer one."""
    if not terms:
        return []
    by_first: dict[str, list[int]] = {}
    beginnings: list[int] = []
    for number, term in enumerate(terms):
        if len(term.words) == 1 and term.begins:
            beginnings.append(number)
        else:
            by_first.setdefault(term.words[0], []).append(number)
    placed = list(placed_words(text[:READ]))
    hits: list[Hit] = []
    for at, (start, end, word) in enumerate(placed):
        ends = ((_ends_at(placed, at, terms[number]), number) for number in by_first.get(word, ()))
        hits += [(start, placed[last][1], number) for last, number in ends if last is not None]
        hits += [(start, end, number) for number in beginnings if word.startswith(terms[number].words[0])]
    return _without_overlaps(hits)


def _ends_at(placed: Sequence[tuple[int, int, str]], at: int, term: Term) -> int | None:
    """Return the number of the last word of a term that begins with the word `at`."""
    last = at + len(term.words) - 1
    if last >= len(placed):
        return None
    for offset, wanted in enumerate(term.words):
        found = placed[at + offset][2]
        if not (found == wanted or (term.begins and at + offset == last and found.startswith(wanted))):
            return None
    return last


def _without_overlaps(hits: list[Hit]) -> list[Hit]:
    hits.sort(key=lambda hit: (hit[0], -hit[1]))
    kept: list[Hit] = []
    for hit in hits:
        if not kept or hit[0] >= kept[-1][1]:
            kept.append(hit)
    return kept


def cut_around(text: str, terms: Sequence[Term]) -> list[Piece]:
    """Return the stretch of a text that shows the most different terms, cut into pieces; [] for an empty text."""
    hits = hits_in(text, terms)
    start, end = _best_window(text, hits)
    pieces: list[Piece] = [("\u2026 ", False)] if start else []
    position = start
    for first, last, _term in hits:
        if first < start or last > end:
            continue
        pieces += [(tidy(text[position:first]), False), (tidy(text[first:last]), True)]
        position = last
    pieces += [(tidy(text[position:end]), False), *([(" \u2026", False)] if end < len(text.rstrip()) else [])]
    return [(words, found) for words, found in pieces if words]


def _best_window(text: str, hits: Sequence[Hit]) -> tuple[int, int]:
    best, most = 0, (-1, -1)
    for at, (first, _last, _term) in enumerate(hits):
        inside = [hit for hit in hits[at : at + 40] if hit[1] <= first + SHOWN - BEFORE]
        worth = (len({term for _start, _end, term in inside}), len(inside))
        if worth > most:
            best, most = max(0, first - BEFORE), worth
    if len(text) - best < SHOWN:
        best = max(0, min(best, len(text) - SHOWN))
    # Not in the middle of a word, where a gap is near.
    if best and (gap := re.search(r"\s", text[best : best + 30])):
        best += gap.end() if not hits or best + gap.end() <= hits[0][0] or most[0] < 0 else 0
    end = min(len(text), best + SHOWN)
    if hits and most[0] >= 0:
        longest = next((hit for hit in hits if hit[0] >= best), hits[0])
        end = max(end, min(len(text), longest[1], best + 4 * SHOWN))
    if end < len(text) and (gap := re.search(r"\s\S*$", text[max(best, end - 30) : end])):
        shorter = max(best, end - 30) + gap.start()
        end = shorter if not any(first < end and last > shorter for first, last, _term in hits) else end
    return best, end


_BLANKS: Final = re.compile(r"\s+")
_TROUBLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def tidy(text: str) -> str:
    """Return a stretch on one line, without signs that would turn or hide what stands beside it."""
    return _BLANKS.sub(" ", _TROUBLE.sub("", text))
