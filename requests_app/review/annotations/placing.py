"""Where the words of an annotation stand on their page: from signs of the text to boxes on the picture. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from requests_app.documents.pagewords import Word
from requests_app.documents.viewer.finding import boxes_of

Share = tuple[float, float, float, float]  # left, top, width, height: shares of the page's own

DIGITS: Final = 5  # of a share: a hundred-thousandth of a page is less than a point of a printer


def spans_of(text: str, words: Sequence[Word]) -> list[tuple[int, int]]:
    """Return where each word begins and ends in the text they make; nothing where the two do not belong together."""
    spans = []
    at = 0
    for word in words:
        start = text.find(word.text, at)
        if start < 0 or text[at:start].strip():
            return []
        at = start + len(word.text)
        spans.append((start, at))
    return spans


def boxes_between(
    text: str, words: Sequence[Word], start: int, end: int, *, width: float, height: float
) -> list[Share]:
    """Return a box for each line on which the signs from `start` to `end` stand. `width`, `height`: of the page."""
    if width <= 0 or height <= 0:
        return []
    chosen = [
        word
        for word, (begins, ends) in zip(words, spans_of(text, words), strict=False)
        if begins < end and ends > start
    ]
    shares = []
    for left, top, right, bottom in boxes_of(chosen):
        edges = (left / width, top / height, (right - left) / width, (bottom - top) / height)
        shares.append((*(round(edge, DIGITS) for edge in edges),))
    return shares  # type: ignore[return-value]  # four edges make a share
