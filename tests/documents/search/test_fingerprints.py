"""How alike two texts are."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.documents.search.fingerprints import FEWEST, PARTS, bands, fingerprint_of, likeness, packed, unpacked

WORDS = [f"word{number}" for number in range(2000)]


def a_text(seed: int, length: int = 600) -> list[str]:
    return random.Random(seed).choices(WORDS, k=length)


def changed(words: list[str], every: int) -> list[str]:
    return [f"other{at}" if at % every == 0 else word for at, word in enumerate(words)]


def shared_runs(one: list[str], other: list[str]) -> float:
    first, second = ({tuple(words[at : at + 4]) for at in range(len(words) - 3)} for words in (one, other))
    return len(first & second) / len(first | second)


def test_the_same_text_is_wholly_alike_and_another_is_not() -> None:
    assert likeness(fingerprint_of(a_text(1)), fingerprint_of(a_text(1))) == 1
    assert likeness(fingerprint_of(a_text(1)), fingerprint_of(a_text(2))) < 0.1


@pytest.mark.parametrize("every", [200, 60, 25, 12])
def test_the_estimate_is_near_the_truth(every: int) -> None:
    pairs = [(a_text(seed), changed(a_text(seed), every)) for seed in range(20)]
    wrong = [likeness(fingerprint_of(a), fingerprint_of(b)) - shared_runs(a, b) for a, b in pairs]
    assert abs(sum(wrong) / len(wrong)) < 0.05 and max(map(abs, wrong)) < 0.25


def test_texts_much_alike_share_a_band_and_others_do_not() -> None:
    alike = [(fingerprint_of(a_text(seed)), fingerprint_of(changed(a_text(seed), 100))) for seed in range(30)]
    assert all(set(bands(a)) & set(bands(b)) for a, b in alike)
    apart = [(fingerprint_of(a_text(seed)), fingerprint_of(a_text(seed + 100))) for seed in range(30)]
    assert not any(set(bands(a)) & set(bands(b)) for a, b in apart)


def test_a_text_too_short_has_none() -> None:
    assert fingerprint_of(["word"] * (FEWEST - 1)) == ()
    assert likeness((), fingerprint_of(a_text(1))) == 0


@given(st.lists(st.sampled_from(WORDS[:50]), min_size=FEWEST, max_size=200))
def test_a_fingerprint_is_kept_whole(words: list[str]) -> None:
    fingerprint = fingerprint_of(words)
    assert len(fingerprint) == PARTS and unpacked(packed(fingerprint)) == fingerprint
    assert all(-(2**63) <= band < 2**63 for band in bands(fingerprint))
