"""What a set of boxes covers on a page, and the boxes that cover a stretch of its text. Pure; knows no Django.

A word counts as covered as soon as a box touches it: half a name is a name.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from requests_app.documents.pagewords import Word

TOUCH: Final = 0.5  # points by which a box must reach into a word; edges that meet do not count
SHORTEST: Final = 3  # signs of a secret: shorter words stand everywhere
AROUND: Final = 1.0  # points that a box drawn for words is larger than they are, on each side


class Box(msgspec.Struct, frozen=True, array_like=True):
    """What is covered on a page, in points from the top left of the page as shown."""

    left: float
    top: float
    right: float
    bottom: float


def is_covered(word: Word, boxes: Iterable[Box]) -> bool:
    """Return whether a box touches the word. A box may have been drawn from any corner."""
    return any(
        min(max(box.left, box.right), word.right) - max(min(box.left, box.right), word.left)
        > min(TOUCH, (word.right - word.left) / 2)
        and min(max(box.top, box.bottom), word.bottom) - max(min(box.top, box.bottom), word.top)
        > min(TOUCH, (word.bottom - word.top) / 2)
        for box in boxes
    )


def uncovered(words: Iterable[Word], boxes: Sequence[Box]) -> list[Word]:
    """Return the words that no box touches."""
    return [word for word in words if not is_covered(word, boxes)]


def secrets(pages: Iterable[tuple[Sequence[Word], Sequence[Box]]]) -> tuple[str, ...]:
    """Return the words, folded, that stand under boxes and nowhere else on these pages: none may be left in a copy.

    A word that also stands somewhere in the open is no secret by itself; where it stood is proved by its place.
    """
    covered: set[str] = set()
    shown: set[str] = set()
    for words, boxes in pages:
        for word in words:
            (covered if is_covered(word, boxes) else shown).add(folded(word.text))
    return tuple(sorted(word for word in covered - shown if len(word) >= SHORTEST))


def folded(text: str) -> str:
    """Return the letters and digits of a text, small: what is compared when a word is looked for."""
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def boxes_over(words: Sequence[Word], first: int, last: int) -> list[Box]:
    """Return the boxes that cover the words from `first` to `last` (both counted in), one for each line."""
    return [
        Box(
            min(word.left for word in line) - AROUND,
            min(word.top for word in line) - AROUND,
            max(word.right for word in line) + AROUND,
            max(word.bottom for word in line) + AROUND,
        )
        for line in _lines(words[max(first, 0) : last + 1])
    ]


def words_between(words: Sequence[Word], text: str, start: int, end: int) -> tuple[int, int] | None:
    """Return the first and last word that the characters from `start` up to `end` of the page's text touch.

    `text`: what `pagewords.text_of(words)` made. None where the stretch holds no word.
    """
    at = 0
    touched: list[int] = []
    for number, word in enumerate(words):
        at = text.index(word.text, at)
        if at < end and at + len(word.text) > start:
            touched.append(number)
        at += len(word.text)
    return (touched[0], touched[-1]) if touched else None


def share(boxes: Iterable[Box], page: tuple[float, float]) -> float:
    """Return how much of a page the boxes cover, 0 to 1; what two of them cover counts once."""
    width, height = page
    kept = [
        (max(0.0, min(box.left, box.right)), max(0.0, min(box.top, box.bottom)),
         min(width, max(box.left, box.right)), min(height, max(box.top, box.bottom)))
        for box in boxes
    ]  # fmt: skip
    edges = sorted({edge for left, _top, right, _bottom in kept for edge in (left, right)})
    area = 0.0
    for left, right in itertools.pairwise(edges):
        reached = 0.0
        for top, bottom in sorted((one[1], one[3]) for one in kept if one[0] <= left and one[2] >= right):
            if bottom > max(top, reached):
                area += (right - left) * (bottom - max(top, reached))
                reached = bottom
    return area / (width * height) if width > 0 and height > 0 else 0.0


def _lines(words: Sequence[Word]) -> Iterator[list[Word]]:
    line: list[Word] = []
    for word in words:
        if line and not _same_line(line[-1], word):
            yield line
            line = []
        line.append(word)
    if line:
        yield line


def _same_line(before: Word, after: Word) -> bool:
    shared = min(before.bottom, after.bottom) - max(before.top, after.top)
    return shared > (min(before.bottom - before.top, after.bottom - after.top)) / 2 and after.left >= before.left
