"""The examples of docs/statistics.md, run: each gives exactly the lines that the page shows."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from requests_app.tracking.statistics import folding
from requests_app.tracking.statistics.counting import Time
from requests_app.tracking.statistics.definitions import FEW, interval_words, median_words
from requests_app.tracking.statistics.models import RequestFacts
from requests_app.tracking.statistics.survival import Spell, median
from requests_app.tracking.statistics.telling import tell
from tests.factories import RecordsRequestFactory

PAGE = Path(__file__).parents[3] / "docs" / "statistics.md"
EXAMPLES = re.findall(r"```text\n\$ ([^\n]+)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def answer_to(example: str) -> str:
    """Return what the program says to an example."""
    return half(example) if example.startswith("half ") else "\n".join(counted(example))


def half(example: str) -> str:
    ended, _word, still = example.removeprefix("half ").partition(" waiting ")
    spells = [*(Spell(int(one), ended=1) for one in ended.split()), *(Spell(int(one), open=1) for one in still.split())]
    found = median(spells)
    if found.known < FEW:
        return f"too few: {found.ended} of {found.known} so far"
    time = Time(found.days, found.low, found.high, found.ended, found.known)
    return f"{median_words(time)} ({interval_words(time)}), {found.ended} of {found.known} so far"


def counted(example: str) -> list[str]:
    state, *rest = example.split()
    *events, as_of = (one.split("=", 1) for one in rest)
    assert as_of[0] == "as-of"
    today = date.fromisoformat(as_of[1])
    seen = datetime(today.year, today.month, today.day, 18, 0, tzinfo=UTC)
    made = RecordsRequestFactory(
        jurisdiction=state, events=[(kind, said[:10], details_of(said[11:])) for kind, said in events], seen_at=seen
    )
    folding.refold([made.pk], now=seen)
    return tell(RequestFacts.objects.get(pk=made.pk), today)


def details_of(text: str) -> dict[str, Any]:
    values = (one.split("=") for one in text.split(",") if one)
    return {
        name: int(value) if value.isdigit() else value != "no" if value == "no" else value for name, value in values
    }


@pytest.mark.django_db
@pytest.mark.parametrize(("example", "shown"), EXAMPLES, ids=[example[:50] for example, _shown in EXAMPLES])
def test_the_example_is_true(example: str, shown: str) -> None:
    assert answer_to(example) == shown.strip()


def test_no_block_is_skipped() -> None:
    assert PAGE.read_text(encoding="utf-8").count("```") == 2 * len(EXAMPLES)
    assert len(EXAMPLES) > 9
