"""How hard a letter is to read: the Flesch-Kincaid grade, a rough guide for whoever reviews wording. Pure.

Kincaid et al., "Derivation of new readability formulas", 1975: 0.39 words per sentence, plus 11.8 syllables per word,
less 15.59. Citations are left out of the count, since nobody reads "§ 4-203(b)(2)" as words. The syllable count is a
rule of thumb.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_PARENTHESES: Final = re.compile(r"\([^()]*(?:\([^()]*\)[^()]*)*\)")
_SENTENCE_END: Final = re.compile(r"(?<=[a-z0-9\"'])[.!?:](?:\s|$)")
_WORD: Final = re.compile(r"[A-Za-z][A-Za-z']*")
_VOWELS: Final = re.compile(r"[aeiouy]+")


def grade(paragraphs: Iterable[str]) -> float:
    """Return the school grade for which a text is easy enough, one decimal; 0.0 for a text without words."""
    texts = [_PARENTHESES.sub("", paragraph) for paragraph in paragraphs]
    words = [word.lower() for text in texts for word in _WORD.findall(text)]
    if not words:
        return 0.0
    sentences = sum(max(1, len(_SENTENCE_END.findall(text))) for text in texts if _WORD.search(text))
    found = 0.39 * len(words) / sentences + 11.8 * sum(map(syllables, words)) / len(words) - 15.59
    return round(max(0.0, found), 1)


def syllables(word: str) -> int:
    """Return about how many syllables a word has: groups of vowels, without a silent e at its end."""
    bare = word.lower().strip("'")
    groups = len(_VOWELS.findall(bare))
    if bare.endswith("e") and not bare.endswith(("le", "ee", "ye")) and groups > 1:
        groups -= 1
    return max(1, groups)
