"""The two commands that answer from the law book: thin, and honest about what went wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

ROOT = Path(__file__).parents[2]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run manage.py as a person would, in development settings."""
    environment = {**os.environ, "DEBUG": "1"}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_due_prints_json_for_a_lower_case_code() -> None:
    out = StringIO()

    call_command("due", "md", event=["received=2026-02-06T14:10"], as_of="2026-02-10", json=True, stdout=out)

    answer = json.loads(out.getvalue())
    assert [(row["earliest"], row["latest"]) for row in answer["deadlines"][:2]] == [
        ("2026-02-23", "2026-02-23"),
        ("2026-03-09", "2026-03-09"),
    ]


def test_due_reads_an_overlay(settings: object, tmp_path: Path) -> None:
    settings.LAW_OVERLAY_DIR = str(tmp_path / "gone")  # type: ignore[attr-defined]
    (tmp_path / "gone" / "statutes").mkdir(parents=True)
    (tmp_path / "gone" / "statutes" / "MD.json").write_text("{}", encoding="utf-8")

    with pytest.raises(CommandError, match=r"statutes/MD\.json") as refused:
        call_command("due", "MD", event=["received=2026-02-06"])

    assert refused.value.returncode == 2


def test_lawbook_prints_what_is_asked_for() -> None:
    out = StringIO()

    call_command("lawbook", "MD", "NY", stdout=out)

    assert out.getvalue().count("\nPeriods\n") == 2


def test_lawbook_refuses_an_unknown_code() -> None:
    with pytest.raises(CommandError, match="no jurisdiction with the code 'ZZ'") as refused:
        call_command("lawbook", "ZZ")

    assert refused.value.returncode == 2


@pytest.mark.processes
def test_a_wrong_question_ends_with_one_line_and_status_two() -> None:
    finished = run("due", "XX", "--event", "received=2026-03-02")

    assert (finished.returncode, finished.stdout) == (2, "")
    assert finished.stderr.count("\n") == 1
    assert "There is no jurisdiction with the code 'XX'" in finished.stderr
