"""The examples of docs/deadlines.md, run: each command gives the lines that the page shows, in their order."""

from __future__ import annotations

import argparse
import re
import shlex
from datetime import UTC, datetime
from pathlib import Path

import pytest

from requests_app.law.book import open_book
from requests_app.law.inquiry import answer_due

PAGE = Path(__file__).parents[2] / "docs" / "deadlines.md"
EXAMPLES = re.findall(
    r"```text\n\$ python manage\.py due ([^\n]+)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL
)
# Every example says as of when it judges, so this moment decides nothing.
SOME_DAY = datetime(2030, 1, 1, tzinfo=UTC)


def answer_to(command: str) -> str:
    """Return what `due` says to a command line, be it an answer or a refusal."""
    parser = argparse.ArgumentParser()
    parser.add_argument("jurisdiction")
    parser.add_argument("--event", action="append", default=[])
    parser.add_argument("--sent-by")
    parser.add_argument("--as-of", required=True)
    given = parser.parse_args(shlex.split(command))
    answer = answer_due(
        open_book(), given.jurisdiction, given.event, now=SOME_DAY, sent_by=given.sent_by, as_of=given.as_of
    )
    return answer.error if answer.status else answer.text


def first_untrue(shown: str, said: str) -> str:
    """Return the first passage of an example that its answer lacks at that place; empty when all is there."""
    rest = f"\n{said}\n"
    for passage in re.split(r"^…$", shown, flags=re.MULTILINE):
        wanted = "\n" + passage.strip("\n") + "\n"
        if wanted not in rest:
            return wanted.strip()
        # The line break that ends one passage may begin the next.
        rest = rest[rest.index(wanted) + len(wanted) - 1 :]
    return ""


@pytest.mark.parametrize(("command", "shown"), EXAMPLES, ids=[command for command, _shown in EXAMPLES])
def test_the_example_is_true(command: str, shown: str) -> None:
    assert first_untrue(shown, answer_to(command)) == ""


def test_every_case_has_its_example_and_no_block_is_skipped() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text.count("```") == 2 * len(EXAMPLES)
    sections = re.split(r"^## ", text, flags=re.MULTILINE)
    assert [one.split("\n")[0] for one in sections if one[0].isdecimal() and "$ python manage.py due" not in one] == []


@pytest.mark.parametrize(
    ("shown", "missing"),
    [
        pytest.param("b\n", "", id="one line"),
        pytest.param("a\n…\nc\n", "", id="a line left out"),
        pytest.param("a\nc\n", "a\nc", id="a line left out in silence"),
        pytest.param("b\n…\na\n", "a", id="the wrong order"),
        pytest.param("b, or so\n", "b, or so", id="another word"),
        pytest.param("a\n…\na\n", "a", id="one line shown twice"),
    ],
)
def test_a_wrong_example_would_be_noticed(shown: str, missing: str) -> None:
    assert first_untrue(shown, "a\nb\nc") == missing
