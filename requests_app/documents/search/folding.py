"""What a word is, for every part of the search alike: letters and digits, without case and accents. No stemming.

The databases cut the stored text by the same rule (`engines`); the shared table of queries in the tests holds all three
together.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

MARKS: Final = re.compile("[\u0300-\u036f]+")  # accents, once a letter and its accent are two signs
# Letters and decimal digits; not superscripts, fractions and numbers in circles, which PostgreSQL counts as signs.
WORD: Final = re.compile("(?:(?![\u00b2\u00b3\u00b9\u00bc-\u00be\u2070-\u209c\u2150-\u215f\u2460-\u24ff])[^\\W_])"
                         "(?:(?![\u00b2\u00b3\u00b9\u00bc-\u00be\u2070-\u209c\u2150-\u215f\u2460-\u24ff])[^\\W_]"
                         "|[\u0300-\u036f])*")  # fmt: skip
PLAIN_WORD: Final = re.compile("[a-z0-9]+")  # the same, where nothing but ASCII is


def fold(text: str) -> str:
    """Return the text in lower case and without accents: Ana Peña becomes ana pena."""
    lower = text.lower()
    return lower if lower.isascii() else MARKS.sub("", unicodedata.normalize("NFD", lower))


def words_in(text: str) -> list[str]:
    """Return the words of a text, folded, in order."""
    if text.isascii():  # nearly every page: the same words, three times as quickly
        return PLAIN_WORD.findall(text.lower())
    return [found for _start, _end, found in placed_words(text)]


def placed_words(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield where each word of a text begins and ends, and the word, folded."""
    for found in WORD.finditer(text):
        if folded := fold(found[0]):
            yield found.start(), found.end(), folded
