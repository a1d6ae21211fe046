"""What the pages of a PDF say: words with their boxes, in the order of the file, and whether they can be believed.

pdfium takes ligatures apart and sets spaces where the file has none. What it gives is one sign after another; a word's
box is that of its first sign and its last, and only where the two do not fit together is every sign between looked at.
"""

from __future__ import annotations

import ctypes
import itertools
import re
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import pypdfium2_raw as pdfium

from requests_app.documents.pagewords import Word, clean
from requests_app.documents.readers.judging import Seen, judged
from requests_app.documents.readers.paged import Source
from requests_app.documents.readers.pdfium import Pdf
from requests_app.documents.readers.refusals import Refused

MOST_SIGNS: Final = 400_000  # of one page; a page of the smallest print has 30,000
MOST_OBJECTS: Final = 20_000  # of one page, looked at for pictures
DEEPEST: Final = 8  # forms in forms
FEW_WORDS: Final = 40  # with so few, the page is looked at for pictures
# White space ends a word, and so does what is no sign at all.
A_WORD: Final = re.compile(r"[^\s\x00-\x1f\x7f-\x9f]+")
# pdfium's mark for a hyphen at the end of a line, and the soft hyphen that stands for one.
HYPHENS: Final = {0xFFFE: "-", 0x0002: "-"}
HALF_A_SIGN: Final = re.compile("[\ud800-\udfff]")  # pdfium counts in UTF-16
SOFT_HYPHEN: Final = "\u00ad"
APART: Final = 0.8  # of a sign's size: what stands further from the sign before belongs to another word
SPREAD_OUT: Final = 4  # single letters in a row, evenly spaced, are one word that was set wide


class TextOrder(msgspec.Struct, frozen=True):
    """Which pages: from `first` to `last`; 0 is the last there is."""

    source: Source
    first: int = 1
    last: int = 0


class TextFound(msgspec.Struct, frozen=True):
    """The words of one page. `verdict`: one of `judging.VERDICTS`. `trouble`: the page cannot be opened."""

    number: int
    of: int
    words: list[Word]
    verdict: str
    trouble: str = ""


Box = tuple[float, float, float, float]  # left, top, right, bottom, in points from the top left as shown


def text(path: Path, order: TextOrder, output: Path) -> Iterator[TextFound]:
    """Give the words of each page. A page that cannot be opened does not keep the others from it. Raises Refused."""
    with Pdf(path, order.source.passwords) as pdf:
        for number in range(order.first, (order.last or pdf.count) + 1):
            try:
                with pdf.page(number) as page:
                    words, broken = words_on(page)
                    verdict = judged(_seen(page, words, broken))
            except Refused as refused:
                yield TextFound(number, pdf.count, [], "none", refused.code)
            else:
                yield TextFound(number, pdf.count, words, verdict)


def words_on(page: Any) -> tuple[list[Word], float]:
    """Return the words of an open page in the order of the file, and the share of its signs that have no meaning."""
    signs = pdfium.FPDFText_LoadPage(page)
    if not signs:
        return [], 0.0
    try:
        said = _signs(signs)
        place = Place(page)
        words: list[Word] = []
        for found in A_WORD.finditer(said):
            words += _words(signs, said, found.start(), found.end(), place)
        return with_wide_words_joined(words), _share_without_meaning(signs, said)
    finally:
        pdfium.FPDFText_ClosePage(signs)


class Place:
    """Turns pdfium's places on a page into points from the top left of the page as shown."""

    def __init__(self, page: Any) -> None:
        box = pdfium.FS_RECTF()
        pdfium.FPDF_GetPageBoundingBox(page, ctypes.byref(box))
        self.left, self.bottom = box.left, box.bottom
        self.across, self.up = box.right - box.left, box.top - box.bottom
        self.turn = pdfium.FPDFPage_GetRotation(page) % 4
        shown = self.up if self.turn % 2 else self.across
        self.scale = pdfium.FPDF_GetPageWidthF(page) / shown if shown > 0 else 1.0
        self._loose = pdfium.FS_RECTF()
        self._to_loose = ctypes.byref(self._loose)

    def of_sign(self, signs: Any, at: int) -> Box:
        """Return the box of one sign: as high as its line, so that the boxes of a line are alike."""
        loose = self._loose
        if pdfium.FPDFText_GetLooseCharBox(signs, at, self._to_loose):
            left, bottom, right, top = loose.left, loose.bottom, loose.right, loose.top
            if top > bottom:
                if self.turn:
                    return self.box(left, bottom, right, top)
                from_left, from_top, scale = self.left, self.up + self.bottom, self.scale  # as `box` has it, in short
                return (
                    (left - from_left) * scale, (from_top - top) * scale,
                    (right - from_left) * scale, (from_top - bottom) * scale,
                )  # fmt: skip
        left, right, bottom, top = (ctypes.c_double() for _ in range(4))
        pdfium.FPDFText_GetCharBox(signs, at, left, right, bottom, top)
        return self.box(left.value, bottom.value, right.value, top.value)

    def box(self, left: float, bottom: float, right: float, top: float) -> Box:
        """Return a box as shown."""
        left, right = left - self.left, right - self.left
        bottom, top = bottom - self.bottom, top - self.bottom
        if self.turn == 0:
            box = (left, self.up - top, right, self.up - bottom)
        elif self.turn == 1:
            box = (bottom, left, top, right)
        elif self.turn == 2:
            box = (self.across - right, bottom, self.across - left, top)
        else:
            box = (self.up - top, self.across - right, self.up - bottom, self.across - left)
        scale = self.scale
        return box[0] * scale, box[1] * scale, box[2] * scale, box[3] * scale


def _signs(signs: Any) -> str:
    """Return all signs of the page, so that the one at each place is the one that pdfium has there."""
    count = min(pdfium.FPDFText_CountChars(signs), MOST_SIGNS)
    if count <= 0:
        return ""
    units = (ctypes.c_ushort * (count + 1))()
    written = pdfium.FPDFText_GetText(signs, 0, count, units)
    if written == count + 1:
        codes = array("H", bytes(units))[:count]
        return "".join(map(chr, codes)).translate(HYPHENS)
    # Some signs have no text, or more than one; then each is asked for by itself.
    codes_one_by_one = (pdfium.FPDFText_GetUnicode(signs, at) for at in range(count))
    return "".join(chr(code) if 0 < code < 0x10000 else " " for code in codes_one_by_one).translate(HYPHENS)


def _words(signs: Any, said: str, start: int, end: int, place: Place) -> list[Word]:
    first = place.of_sign(signs, start)
    if end - start == 1:
        return _word(said[start:end], first)
    last = place.of_sign(signs, end - 1)
    if _fit(first, last, end - start):
        return _word(said[start:end], _around_both(first, last))
    found: list[Word] = []
    boxes = [place.of_sign(signs, at) for at in range(start, end)]
    begin = 0
    for at in range(1, len(boxes) + 1):
        if at == len(boxes) or _stand_apart(boxes[at - 1], boxes[at]):
            found += _word(said[start + begin : start + at], _around(boxes[begin:at]))
            begin = at
    return found


def _word(said: str, box: Box) -> list[Word]:
    """Return the word; more than one only where it is longer than words are."""
    if said.isascii() and len(said) < 400:
        return [Word(said, *box)]
    if HALF_A_SIGN.search(said):
        said = said.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    if SOFT_HYPHEN in said:
        said = said[:-1].replace(SOFT_HYPHEN, "") + ("-" if said.endswith(SOFT_HYPHEN) else said[-1])
    return [Word(part, *box) for part in clean(said)]


def _fit(first: Box, last: Box, signs: int) -> bool:
    """Whether two signs can be the ends of one word of so many: on one line, and no further apart than it is long."""
    left, top, right, bottom = first
    other_left, other_top, other_right, other_bottom = last
    high, other_high = bottom - top, other_bottom - other_top
    low, size = (high, other_high) if high < other_high else (other_high, high)
    if right - left > size:
        size = right - left
    if other_right - other_left > size:
        size = other_right - other_left
    shared = (bottom if bottom < other_bottom else other_bottom) - (top if top > other_top else other_top)
    return shared > 0.5 * low and left <= other_left + size and other_right - left <= 1.1 * size * signs


def _around_both(one: Box, other: Box) -> Box:
    """Return the box around two: done for every word, and three times as quick as `_around`."""
    return (
        one[0] if one[0] < other[0] else other[0],
        one[1] if one[1] < other[1] else other[1],
        one[2] if one[2] > other[2] else other[2],
        one[3] if one[3] > other[3] else other[3],
    )


def _stand_apart(before: Box, after: Box) -> bool:
    size = max(before[2] - before[0], before[3] - before[1], after[2] - after[0], after[3] - after[1])
    across = max(after[0] - before[2], before[0] - after[2])
    down = max(after[1] - before[3], before[1] - after[3])
    return max(across, down) > APART * size


def _around(boxes: Sequence[Box]) -> Box:
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def with_wide_words_joined(words: list[Word]) -> list[Word]:
    """Join letters that were set wide (S U B J E C T) to the words they are; a wider gap parts two of them."""
    if sum(len(word.text) == 1 for word in words) < SPREAD_OUT:
        return words
    joined: list[Word] = []
    run: list[Word] = []
    for word in words:
        if run and not _goes_on(run[-1], word):
            joined += _one_word(run)
            run = []
        if len(word.text) == 1 and word.text.isalnum():
            run.append(word)
        else:
            joined += _one_word(run)
            run = []
            joined.append(word)
    return joined + _one_word(run)


def _goes_on(before: Word, after: Word) -> bool:
    height = before.bottom - before.top
    return (
        len(after.text) == 1
        and abs(after.top - before.top) < 0.2 * height
        and -0.1 * height <= after.left - before.right < 1.2 * height
    )


def _one_word(run: list[Word]) -> list[Word]:
    if len(run) < SPREAD_OUT or not any(letter.text.isalpha() for letter in run):
        return run
    gaps = sorted(after.left - before.right for before, after in itertools.pairwise(run))
    usual = gaps[len(gaps) // 2]
    if usual > 0.7 * (run[0].bottom - run[0].top):
        return run  # a row of a table
    found = [[run[0]]]
    for before, letter in itertools.pairwise(run):
        if letter.left - before.right > 1.7 * usual + 0.1:
            found.append([])
        found[-1].append(letter)
    return [
        Word(
            "".join(letter.text for letter in letters),
            letters[0].left,
            min(letter.top for letter in letters),
            letters[-1].right,
            max(letter.bottom for letter in letters),
        )
        for letters in found
    ]


def _share_without_meaning(signs: Any, said: str) -> float:
    """Return the share of signs that the font of the file gives no meaning to. Asked for some of them only."""
    asked = range(0, len(said), max(1, len(said) // 200))
    broken = sum(pdfium.FPDFText_HasUnicodeMapError(signs, at) == 1 for at in asked if not said[at].isspace())
    return broken / len(asked) if asked else 0.0


def _seen(page: Any, words: list[Word], broken: float) -> Seen:
    """Return what the judge wants to know. The pictures are looked at only where there are few words."""
    if len(words) > FEW_WORDS:
        return Seen([word.text for word in words], broken)
    whole = max(pdfium.FPDF_GetPageWidthF(page) * pdfium.FPDF_GetPageHeightF(page), 1.0)
    pictures, drawn = _pictures(page)
    return Seen([word.text for word in words], broken, min(pictures / whole, 1.0), drawn)


def _pictures(page: Any) -> tuple[float, int]:
    """Return the area of the pictures on a page in square points, and how many other things are drawn there."""
    area, drawn = 0.0, 0
    for at in range(min(pdfium.FPDFPage_CountObjects(page), MOST_OBJECTS)):
        thing = pdfium.FPDFPage_GetObject(page, at)
        if _holds_a_picture(thing, DEEPEST):
            area += _area(thing)
        elif pdfium.FPDFPageObj_GetType(thing) != pdfium.FPDF_PAGEOBJ_TEXT:
            drawn += 1
    return area, drawn


def _holds_a_picture(thing: Any, deeper: int) -> bool:
    kind = pdfium.FPDFPageObj_GetType(thing)
    if kind == pdfium.FPDF_PAGEOBJ_IMAGE:
        return True
    if kind != pdfium.FPDF_PAGEOBJ_FORM or not deeper:
        return False
    inside = min(pdfium.FPDFFormObj_CountObjects(thing), 200)
    return any(_holds_a_picture(pdfium.FPDFFormObj_GetObject(thing, at), deeper - 1) for at in range(inside))


def _area(thing: Any) -> float:
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    if not pdfium.FPDFPageObj_GetBounds(thing, left, bottom, right, top):
        return 0.0
    return max(right.value - left.value, 0.0) * max(top.value - bottom.value, 0.0)
