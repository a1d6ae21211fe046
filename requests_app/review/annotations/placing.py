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
    spans: Sequence[tuple[int, int]], words: Sequence[Word], start: int, end: int, *, width: float, height: float
) -> list[Share]:
    """Return a box for each line on which the signs from `start` to `end` stand. `spans`: of these words, in the text;
    `width`, `height`: of the page."""
    if width <= 0 or height <= 0:
        return []
    chosen = [word for word, (begins, ends) in zip(words, spans, strict=False) if begins < end and ends > start]
    return [
        (
            round(left / width, DIGITS),
            round(top / height, DIGITS),
            round((right - left) / width, DIGITS),
            round((bottom - top) / height, DIGITS),
        )
        for left, top, right, bottom in boxes_of(chosen)
    ]
