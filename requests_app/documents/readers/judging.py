"""Whether the text that a file gives for a page is what stands on it, or the page must be read from its picture. Pure.

A page is read from its picture only where its own text is surely no use, for reading takes a thousand times as long.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import msgspec

VERDICTS: Final = (
    "good",  # its text is its text
    "blank",  # nothing is on it
    "none",  # something is drawn on it and it has no text
    "garbage",  # its text is not what people see
    "stamp",  # a scan on which only a stamp, a number or a header is text
)
TO_READ: Final = frozenset({"none", "garbage", "stamp"})

MUCH_RUBBISH: Final = 0.1  # of all signs
MUCH_WITHOUT_MEANING: Final = 0.3  # of all signs, by pdfium
ENOUGH_WORDS: Final = 12  # of letters, before their vowels are counted: a table may hold fewer
FEW_WITH_VOWELS: Final = 0.5  # of these words; in English 98 of 100 have one
SCAN: Final = 0.6  # of the page that pictures cover
STAMP: Final = 30  # words: a number, a date, who received it, who scanned it

RUBBISH: Final = re.compile("[\ufffd-\uffff\ue000-\uf8ff\U000f0000-\U0010ffff]")  # replaced, or of private use
CID: Final = re.compile(r"\(cid:\d+\)")
LETTERS: Final = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿ]{4,}")
VOWELS: Final = re.compile(r"[aeiouyàáâãäåæèéêëìíîïòóôõöøùúûüýÿœ]", re.IGNORECASE)
LATIN: Final = re.compile(r"[A-Za-z]")


class Seen(msgspec.Struct, frozen=True):
    """What is known of a page. `without_meaning`: share of its signs. `pictures`: share of the page they cover.

    `drawn`: how many lines, areas and such are drawn on it. Both are zero where nobody looked, among many words.
    """

    words: Sequence[str]
    without_meaning: float = 0.0
    pictures: float = 0.0
    drawn: int = 0


def judged(seen: Seen) -> str:
    """Return one of VERDICTS."""
    if not seen.words:
        return "none" if seen.pictures > 0 or seen.drawn > 0 else "blank"
    if is_garbage(seen.words, seen.without_meaning):
        return "garbage"
    if seen.pictures >= SCAN and len(seen.words) <= STAMP:
        return "stamp"
    return "good"


def is_garbage(words: Sequence[str], without_meaning: float = 0.0) -> bool:
    """Whether these words cannot be what people see on the page.

    1. Too many signs are none: replacement signs, signs of private use, `(cid:12)`.
    2. The file gives too many of its signs no meaning.
    3. Latin words without vowels: the signs of a font were numbered anew, and the file does not say how.
    """
    said = " ".join(words)
    signs = len(said.replace(" ", ""))
    if not signs:
        return False
    rubbish = len(RUBBISH.findall(said)) + sum(len(found) for found in CID.findall(said))
    if rubbish > MUCH_RUBBISH * signs or without_meaning > MUCH_WITHOUT_MEANING:
        return True
    of_letters = LETTERS.findall(said)
    # Other scripts have other vowels; a page of them that names a few Latin words is not judged by these.
    if len(of_letters) < ENOUGH_WORDS or len(LATIN.findall(said)) < signs / 3:
        return False
    with_vowels = sum(VOWELS.search(word) is not None for word in of_letters)
    return with_vowels < FEW_WITH_VOWELS * len(of_letters)
