"""What changed between two versions of a record, page by page and word by word. Pure, and bounded in time.

1. Pages with the same words are laid beside each other, whatever was put in between.
2. Of what is left between two such pairs, pages are paired in order where they share enough of their words.
3. Within a pair the words are compared. A pair that would take too long is only said to differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from typing import Final, Literal

ALIKE: Final = 0.3  # the share of words in common from which two pages are one page in two versions
MOST_WORDS: Final = 3000  # of one page: a page of print has 500
MOST_WORK: Final = 40_000_000  # words times words, over all pairs: some seconds
MOST_PAIRS: Final = 40_000  # pages times pages between two equal ones; more are paired by their order
AROUND: Final = 12  # unchanged words kept before and after a change

State = Literal["same", "changed", "only_left", "only_right", "too_long"]
Kind = Literal["same", "gone", "new", "cut"]


@dataclass(frozen=True)
class Run:
    """Some words in a row. `gone`: only in the left one; `new`: only in the right one; `cut`: unchanged, left out."""

    kind: Kind
    text: str


@dataclass(frozen=True)
class Pair:
    """One page of the left document, of the right one, or of both. Numbers count from 1."""

    state: State
    left: int | None
    right: int | None
    runs: tuple[Run, ...] = ()


def compare(left: Sequence[str], right: Sequence[str]) -> list[Pair]:
    """Return all pages of both documents in reading order, each with what changed on it."""
    ours, theirs = [tuple(text.split()) for text in left], [tuple(text.split()) for text in right]
    work = MOST_WORK
    pairs: list[Pair] = []
    for one, other in _aligned(ours, theirs):
        if one is None or other is None:
            pairs.append(_alone(one, other, ours, theirs))
            continue
        if ours[one] == theirs[other]:
            pairs.append(Pair("same", one + 1, other + 1))
            continue
        cost = len(ours[one]) * len(theirs[other])
        if max(len(ours[one]), len(theirs[other])) > MOST_WORDS or cost > work:
            pairs.append(Pair("too_long", one + 1, other + 1))
            continue
        work -= cost
        pairs.append(Pair("changed", one + 1, other + 1, tuple(_runs(ours[one], theirs[other]))))
    return pairs


Words = tuple[str, ...]
Place = tuple[int | None, int | None]


def _aligned(ours: list[Words], theirs: list[Words]) -> list[Place]:
    matcher = SequenceMatcher(None, ours, theirs, autojunk=False)
    found: list[Place] = []
    for tag, a1, a2, b1, b2 in matcher.get_opcodes():
        if tag == "equal":
            found += zip(range(a1, a2), range(b1, b2), strict=True)
        else:
            found += _paired(ours, theirs, range(a1, a2), range(b1, b2))
    return found


def _paired(ours: list[Words], theirs: list[Words], lefts: range, rights: range) -> list[Place]:
    """Pair pages in order so that the sum of what they share is largest."""
    if len(lefts) * len(rights) > MOST_PAIRS:
        both = min(len(lefts), len(rights))
        pairs: list[Place] = list(zip(lefts[:both], rights[:both], strict=True))
        return [*pairs, *((one, None) for one in lefts[both:]), *((None, other) for other in rights[both:])]
    left_sets, right_sets = [frozenset(ours[n]) for n in lefts], [frozenset(theirs[n]) for n in rights]
    best = [[0.0] * (len(rights) + 1) for _ in range(len(lefts) + 1)]
    shared = [[_shared(one, other) for other in right_sets] for one in left_sets]
    for i in reversed(range(len(lefts))):
        for j in reversed(range(len(rights))):
            paired = shared[i][j] + best[i + 1][j + 1] if shared[i][j] >= ALIKE else 0.0
            best[i][j] = max(best[i + 1][j], best[i][j + 1], paired)
    found: list[Place] = []
    i = j = 0
    while i < len(lefts) and j < len(rights):
        if shared[i][j] >= ALIKE and best[i][j] == shared[i][j] + best[i + 1][j + 1]:
            found.append((lefts[i], rights[j]))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            found.append((lefts[i], None))
            i += 1
        else:
            found.append((None, rights[j]))
            j += 1
    return [*found, *((one, None) for one in lefts[i:]), *((None, other) for other in rights[j:])]


def _shared(one: frozenset[str], other: frozenset[str]) -> float:
    """Return which part of all their words two pages have in common, 0 to 1."""
    together = len(one | other)
    return len(one & other) / together if together else 0.0


def _alone(one: int | None, other: int | None, ours: list[Words], theirs: list[Words]) -> Pair:
    if one is not None:
        return Pair("only_left", one + 1, None, (Run("gone", _start_of(ours[one])),))
    assert other is not None  # noqa: S101  one of the two is a page
    return Pair("only_right", None, other + 1, (Run("new", _start_of(theirs[other])),))


def _start_of(words: Words) -> str:
    return " ".join(words[:60]) + (" …" if len(words) > 60 else "")


def _runs(ours: Words, theirs: Words) -> list[Run]:
    opcodes = SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes()
    runs: list[Run] = []
    for place, (tag, a1, a2, b1, b2) in enumerate(opcodes):
        if tag == "equal":
            runs += _kept(ours[a1:a2], is_first=place == 0, is_last=place == len(opcodes) - 1)
            continue
        if a2 > a1:
            runs.append(Run("gone", " ".join(ours[a1:a2])))
        if b2 > b1:
            runs.append(Run("new", " ".join(theirs[b1:b2])))
    return runs


def _kept(words: Words, *, is_first: bool, is_last: bool) -> list[Run]:
    before, after = (0 if is_first else AROUND), (0 if is_last else AROUND)
    if len(words) <= before + after + 4:
        return [Run("same", " ".join(words))]
    runs = [Run("same", " ".join(words[:before]))] if before else []
    runs.append(Run("cut", str(len(words) - before - after)))
    return [*runs, Run("same", " ".join(words[len(words) - after :]))] if after else runs


@dataclass(frozen=True)
class Group:
    """Pages to be shown together: one that differs, or a stretch of equal ones, which needs one line."""

    pairs: tuple[Pair, ...]

    @property
    def is_same(self) -> bool:
        return self.pairs[0].state == "same"


def folded(pairs: Sequence[Pair]) -> list[Group]:
    """Return the pairs with each stretch of equal pages as one group."""
    return [
        Group(tuple(stretch)) if same else Group((pair,))
        for same, run in groupby(pairs, key=lambda pair: pair.state == "same")
        for stretch in [list(run)]
        for pair in (stretch[:1] if same else stretch)
    ]
