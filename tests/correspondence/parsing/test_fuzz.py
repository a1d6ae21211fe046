"""A share of the broken mails that `python -m tests.correspondence.parsing.fuzz` reads, in a process of its own.

DAYLIGHT_FUZZ_MESSAGES chooses another number.
"""

from __future__ import annotations

import os

import pytest

from tests.correspondence.parsing import fuzz
from tests.correspondence.parsing.mutations import mutated

MESSAGES = int(os.environ.get("DAYLIGHT_FUZZ_MESSAGES", "2000"))


@pytest.mark.processes
@pytest.mark.same_everywhere
def test_no_broken_mail_raises_lasts_or_takes_much_memory():
    tally = fuzz.run(first=0, count=MESSAGES, processes=1)
    assert tally.failures == []
    assert tally.mails == MESSAGES
    assert tally.slowest < fuzz.SECONDS
    assert 0 < tally.megabytes < fuzz.MEGABYTES


def test_a_number_makes_the_same_mail_again():
    assert [mutated(number) for number in range(30)] == [mutated(number) for number in range(30)]
    assert len({mutated(number) for number in range(200)}) > 180


def test_the_fuzzer_tells_of_a_reader_that_raises(monkeypatch):
    def fail(_raw: bytes) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr("requests_app.correspondence.parsing.message.gather", fail)
    assert "unreadable" in fuzz.read_all(0, 1).failures[0]


def test_the_fuzzer_tells_of_a_reader_that_lasts(monkeypatch):
    def last(_raw: bytes) -> None:
        while True:
            pass

    monkeypatch.setattr(fuzz, "SECONDS", 0.05)
    monkeypatch.setattr("requests_app.correspondence.parsing.message.gather", last)
    assert "TookTooLong" in fuzz.read_all(0, 1).failures[0]
