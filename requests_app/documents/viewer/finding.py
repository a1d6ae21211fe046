"""Finding words on a page and saying where they stand. Pure.

A page is a list of words. What is looked for begins where a word begins, so that "ice" is not found in every "police";
it may end inside a word and go over the end of a line: the words are taken with one blank between them, and capital
letters count as small ones.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from requests_app.documents.pagewords import Word

AROUND: Final = 8  # words shown before and after what was found
Box = tuple[float, float, float, float]  # left, top, right, bottom in points from the page's top left


@dataclass(frozen=True)
class Snippet:
    """What was found, with some words before and after it."""

    before: str
    match: str
    after: str


def folded(query: str) -> str:
    """Return what is looked for as it is compared: small letters, one blank between words."""
    return " ".join(word.casefold() for word in query.split())


def anchor(query: str) -> str:
    """Return the longest run of plain letters and digits in it: what any database finds whatever the case. Or ""."""
    return max(re.findall(r"[A-Za-z0-9]+", query), key=len, default="")


def hits_in(words: Sequence[str], query: str) -> list[tuple[int, int]]:
    """Return each place where it stands: the first and the last word of it, counted from 0. They do not overlap."""
    wanted = folded(query)
    if not wanted:
        return []
    small = [word.casefold() for word in words]
    starts = [0, *accumulate(len(word) + 1 for word in small)]  # one more than there are words
    text = " ".join(small)
    found, place = [], text.find(wanted)
    while place >= 0:
        if _begins_a_word(text, place):
            last = place + len(wanted) - 1
            found.append((bisect_right(starts, place) - 1, bisect_right(starts, last) - 1))
            place = text.find(wanted, last + 1)
        else:
            place = text.find(wanted, place + 1)
    return found


def _begins_a_word(text: str, place: int) -> bool:
    return place == 0 or not text[place].isalnum() or not text[place - 1].isalnum()


def snippet(words: Sequence[str], first: int, last: int) -> Snippet:
    """Return the words of a hit with what stands around them."""
    start, end = max(0, first - AROUND), min(len(words), last + 1 + AROUND)
    before, after = " ".join(words[start:first]), " ".join(words[last + 1 : end])
    return Snippet(
        before=("… " if start else "") + before,
        match=" ".join(words[first : last + 1]),
        after=after + (" …" if end < len(words) else ""),
    )


def boxes_of(words: Sequence[Word]) -> list[Box]:
    """Return one box for each line that these words of a hit stand on."""
    boxes: list[Box] = []
    for word in words:
        box = (word.left, word.top, word.right, word.bottom)
        if boxes and _on_one_line(boxes[-1], box):
            before = boxes[-1]
            boxes[-1] = (
                min(before[0], box[0]), min(before[1], box[1]), max(before[2], box[2]), max(before[3], box[3]),
            )  # fmt: skip
        else:
            boxes.append(box)
    return boxes


def _on_one_line(one: Box, other: Box) -> bool:
    """Whether the next word goes on to the right of the last, at more or less its height."""
    shared = min(one[3], other[3]) - max(one[1], other[1])
    return other[0] >= one[0] and shared > 0.4 * min(one[3] - one[1], other[3] - other[1])
