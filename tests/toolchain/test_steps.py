"""The steps of the set-up: run when something changed, skipped when not, honest when they fail."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.processes

ROOT = Path(__file__).resolve().parents[2]


class Bench:
    """A folder in which one step, "build", appends a line to `made` each time that it runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "source").mkdir()
        (folder / "source" / "a.txt").write_text("one")
        (folder / "version").write_text("1")

    def run(
        self, command: str = "sh -c 'echo made >> made'", *, product: str = "made"
    ) -> subprocess.CompletedProcess[str]:
        script = f"""
            set -euo pipefail
            . {ROOT}/bin/steps.sh
            version() {{ cat version; }}
            without=source/out step build "Built things" "{product}" version source -- {command}
        """
        return subprocess.run(
            ["bash", "-c", script], cwd=self.folder, capture_output=True, text=True, env=dict(os.environ)
        )

    @property
    def times_made(self) -> int:
        made = self.folder / "made"
        return made.read_text().count("made") if made.exists() else 0


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_the_first_run_does_the_step_and_says_so_in_one_line(bench):
    done = bench.run()
    assert done.returncode == 0
    assert done.stdout.startswith("  Built things           done in ")
    assert done.stdout.count("\n") == 1
    assert bench.times_made == 1


def test_the_second_run_skips_it(bench):
    bench.run()
    assert bench.run().stdout == "  Built things           unchanged\n"
    assert bench.times_made == 1


def test_a_new_time_on_an_old_file_is_no_change(bench):
    bench.run()
    os.utime(bench.folder / "source" / "a.txt", (0, 0))
    bench.run()
    assert bench.times_made == 1


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda folder: (folder / "source" / "a.txt").write_text("two"), id="other-content"),
        pytest.param(lambda folder: (folder / "source" / "b.txt").write_text("one"), id="new-file"),
        pytest.param(lambda folder: (folder / "source" / "a.txt").unlink(), id="file-gone"),
        pytest.param(lambda folder: (folder / "source" / "a.txt").rename(folder / "source" / "z.txt"), id="renamed"),
        pytest.param(lambda folder: (folder / "version").write_text("2"), id="other-fact"),
        pytest.param(lambda folder: (folder / "made").rename(folder / "gone"), id="product-gone"),
    ],
)
def test_a_change_runs_it_again(bench, change):
    bench.run()
    change(bench.folder)
    assert "done in" in bench.run().stdout
    assert "unchanged" in bench.run().stdout


@pytest.mark.parametrize("place", ["source/out/built.css", "source/node_modules/x/index.js", "source/made.pyc"])
def test_what_the_step_itself_makes_is_no_change(bench, place):
    bench.run()
    (bench.folder / place).parent.mkdir(parents=True, exist_ok=True)
    (bench.folder / place).write_text("derived")
    bench.run()
    assert bench.times_made == 1


def test_another_command_runs_it_again(bench):
    bench.run()
    bench.run("sh -c 'echo made and polished >> made'")
    assert bench.times_made == 2


def test_a_failure_shows_the_end_of_the_output_and_where_the_rest_is(bench):
    done = bench.run("sh -c 'seq 100; echo the disk is full >&2; exit 3'", product="")
    assert done.returncode != 0
    assert "the disk is full" in done.stdout
    assert "    100\n" in done.stdout
    assert "    1\n" not in done.stdout
    assert "var/log/build.log" in done.stdout
    assert (bench.folder / "var/log/build.log").read_text().startswith("1\n2\n")


def test_a_failed_step_is_tried_again_even_after_an_earlier_success(bench):
    assert bench.run("sh -c '! test -e broken'", product="").returncode == 0
    (bench.folder / "broken").touch()
    (bench.folder / "version").write_text("2")
    assert bench.run("sh -c '! test -e broken'", product="").returncode != 0
    (bench.folder / "version").write_text("1")
    assert bench.run("sh -c '! test -e broken'", product="").returncode != 0
    (bench.folder / "broken").unlink()
    assert "done in" in bench.run("sh -c '! test -e broken'", product="").stdout


def test_a_step_cannot_wait_for_an_answer_that_nobody_gives(bench):
    assert bench.run("sh -c '! read answer'", product="").returncode == 0
