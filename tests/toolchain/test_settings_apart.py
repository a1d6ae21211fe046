"""What the second setting leaves out: nothing that declares a database, browser or program, and nothing unseen."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import settings_apart

pytestmark = pytest.mark.processes

SAMPLE = """
import sqlite3, subprocess
import pytest

# Stand-ins for Django's fixtures, so that the sample starts at once and makes no database.
@pytest.fixture
def _django_db_helper(): ...
@pytest.fixture
def db(_django_db_helper): ...
@pytest.fixture
def live_server(): ...

@pytest.fixture
def rows(db): ...

@pytest.fixture
def hidden(request): request.getfixturevalue("db")

def test_pure(): assert 1 + 1 == 2
@pytest.mark.django_db
def test_marked(): ...
def test_by_a_fixture_of_a_fixture(rows): ...
@pytest.mark.django_db(transaction=True)
class TestMarked:
    def test_in_a_class(self): ...
def test_live(live_server): ...
@pytest.mark.processes
def test_of_a_program(): subprocess.run(["true"], check=True)
@pytest.mark.browser
def test_of_a_page(): ...
@pytest.mark.same_everywhere
@pytest.mark.django_db
def test_of_looks(): subprocess.run(["true"], check=True)

def test_starts_a_program_unseen(): subprocess.run(["true"], check=True)
def test_opens_a_database_unseen(tmp_path): sqlite3.connect(tmp_path / "x.sqlite3").close()
def test_asks_for_the_database_unseen(hidden): ...
def test_swallows_what_it_did_unseen():
    try:
        subprocess.run(["no-such-program"])
    except OSError:
        pass
"""
DECLARED = [
    *("test_marked", "test_by_a_fixture_of_a_fixture", "test_in_a_class", "test_live"),
    *("test_of_a_program", "test_of_a_page"),
]
UNSEEN = [
    *("test_starts_a_program_unseen", "test_opens_a_database_unseen", "test_asks_for_the_database_unseen"),
    "test_swallows_what_it_did_unseen",
]
INI = "[pytest]\nmarkers =\n  django_db: x\n  browser: x\n  processes: x\n  same_everywhere: x\n"


def run(folder: Path, *options: str) -> tuple[dict[str, list[str]], str]:
    """Run the sample and return the tests that passed and those that failed, and all that was printed."""
    (folder / "pytest.ini").write_text(INI)
    (folder / "test_sample.py").write_text(SAMPLE)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-rA", "-p", "no:cacheprovider", "-p", "xdist",
         "-p", "tests.settings_apart", "-c", str(folder / "pytest.ini"), *options, str(folder)],
        cwd=Path(__file__).resolve().parents[2], capture_output=True, text=True,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )  # fmt: skip
    ended: dict[str, list[str]] = {"PASSED": [], "FAILED": [], "ERROR": []}
    for word, name in re.findall(r"^(PASSED|FAILED|ERROR) \S*::(\w+)", done.stdout, re.MULTILINE):
        ended[word].append(name)
    return ended, done.stdout + done.stderr


def test_the_full_run_fails_a_test_that_leaves_its_process_without_saying_so(tmp_path):
    ended, printed = run(tmp_path)
    assert sorted(ended["PASSED"]) == sorted(["test_pure", "test_of_looks", *DECLARED]), printed
    assert sorted(ended["FAILED"] + ended["ERROR"]) == sorted(UNSEEN), printed
    assert "used subprocess.Popen." in printed
    assert "used sqlite3.connect." in printed
    assert "used the fixture _django_db_helper" in printed


def test_the_second_setting_runs_what_declares_something_and_counts_the_rest(tmp_path):
    ended, printed = run(tmp_path, settings_apart.OPTION, "-n", "2")
    assert sorted(ended["PASSED"]) == sorted(DECLARED), printed
    assert ended["FAILED"] + ended["ERROR"] == []
    left_out = len(["test_pure", "test_of_looks"]) + len(UNSEEN)  # which the full run does not let through
    assert f"{left_out} tests give the same answer in every setting." in printed
