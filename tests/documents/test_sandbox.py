"""Foreign bytes are read in a process apart, which is bounded and holds no secrets."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from requests_app.documents import sandbox
from requests_app.documents.readers import refusals
from requests_app.documents.readers.refusals import Refused
from requests_app.documents.sandbox import Limits, NotRead, parent
from requests_app.documents.sandbox.starting import Ready
from tests.documents.sandboxed import Asked, Said
from tests.servers import wait_until

READER = "tests.documents.sandboxed:{}"
pytestmark = [pytest.mark.processes, pytest.mark.same_everywhere]


@pytest.fixture(autouse=True)
def ready(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ready]:
    """Have a process stand ready in a house to which the tests' readers belong."""
    made = Ready("tests.documents.sandboxed")
    monkeypatch.setattr(parent, "READY", made)
    yield made
    made.close()


def read(path: Path, what: str, words: str = "", **limits: float) -> list[Said]:
    order = Asked(words)
    return list(sandbox.run(READER.format(what), path, order=order, kind=Said, limits=Limits(**limits)))  # type: ignore[arg-type]


def test_the_items_come_as_the_reader_finds_them(tmp_path: Path) -> None:
    path = tmp_path / "three"
    path.write_text("one two three")
    assert [said.text for said in read(path, "words")] == ["one", "two", "three"]


def test_it_holds_no_setting_and_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "a secret")
    names = {said.text for said in read(tmp_path, "surroundings")}
    assert names.isdisjoint({"SECRET_KEY", "DATABASE_URL", "DJANGO_SETTINGS_MODULE"})


def test_django_is_not_in_it(tmp_path: Path) -> None:
    assert not [said.text for said in read(tmp_path, "modules") if said.text.partition(".")[0] == "django"]


def test_a_refusal_comes_through(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        read(tmp_path, "refuses", "password")
    assert (refused.value.code, refused.value.detail) == ("password", "tried none")


@pytest.mark.parametrize(
    ("what", "limits", "code"),
    [
        pytest.param("dies", {}, "died", id="it kills itself"),
        pytest.param("raises", {}, "died", id="a defect"),
        pytest.param("hangs", {"seconds": 3.0}, "too_long", id="it hangs"),
        pytest.param("works_for_ever", {"cpu_seconds": 1}, "died", id="it takes the processor"),
        pytest.param("says_much", {"answer": 1000}, "nonsense", id="an answer too long"),
        pytest.param("says_something_else", {}, "nonsense", id="another answer"),
    ],
)
def test_what_gives_no_whole_answer_is_named(tmp_path: Path, what: str, limits: dict[str, float], code: str) -> None:
    with pytest.raises(NotRead) as trouble:
        read(tmp_path, what, **limits)
    assert trouble.value.code == code


def test_too_much_memory_is_a_refusal(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        read(tmp_path, "takes_memory")
    assert refused.value.code == "too_large"


def test_a_file_past_the_limit_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        read(tmp_path, "writes_much", file_size=1_000_000)
    assert refused.value.code == "too_large"


def test_what_it_started_ends_with_it(tmp_path: Path) -> None:
    numbers = read(tmp_path, "starts_another")
    assert numbers
    assert wait_until(lambda: all(_is_dead(said.text) for said in numbers), seconds=10)


def test_whoever_waits_for_a_reader_holds_what_it_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parent, "HOLD_SECONDS", 0.1)
    held: list[int] = []

    def hold() -> None:
        held.append(1)
        if len(held) == 3:
            raise InterruptedError

    with sandbox.watched(scratch=tmp_path, hold=hold), pytest.raises(InterruptedError):
        read(tmp_path, "hangs")
    assert list(tmp_path.iterdir()) == []  # what the reader had of it is gone


def test_the_time_of_whoever_takes_the_items_is_not_the_readers(tmp_path: Path) -> None:
    path = tmp_path / "two"
    path.write_text("one two")
    found = []
    for said in sandbox.run(READER.format("words"), path, order=Asked(""), kind=Said, limits=Limits(seconds=3.0)):
        found.append(said.text)
        time.sleep(2)
    assert found == ["one", "two"]


def test_a_full_disk_is_not_the_files_doing(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="no room"):
        read(tmp_path, "finds_no_room")


def test_a_reader_from_elsewhere_is_none(tmp_path: Path) -> None:
    with pytest.raises(NotRead):
        list(sandbox.run("os:walk", tmp_path, order=Asked(""), kind=Said))


def test_it_has_a_session_a_home_and_open_files_of_its_own(tmp_path: Path) -> None:
    home, for_files, leads_its_session = (said.text for said in read(tmp_path, "at_home"))
    assert home == for_files != tempfile.gettempdir()
    assert leads_its_session == "True"
    assert {said.text for said in read(tmp_path, "open_files")} == {"0", "1", "2", "3"}


def test_no_reading_sees_what_another_left_in_memory(tmp_path: Path) -> None:
    assert [said.text for said in read(tmp_path, "remembers", "one")] == ["one"]
    assert [said.text for said in read(tmp_path, "remembers", "two")] == ["two"]


def test_many_read_at_once(tmp_path: Path, ready: Ready) -> None:
    path = tmp_path / "three"
    path.write_text("one two three")
    with ThreadPoolExecutor(6) as threads:
        found = list(threads.map(lambda _number: len(read(path, "words")), range(24)))
    assert found == [3] * 24
    assert ready.number is not None
    assert wait_until(lambda: not _children(ready.number or 0), seconds=5)


def test_when_the_one_that_stands_ready_is_killed_another_takes_its_place(tmp_path: Path, ready: Ready) -> None:
    path = tmp_path / "two"
    path.write_text("one two")
    assert read(path, "words")
    first = ready.number
    assert first
    found = sandbox.run(READER.format("hangs"), path, order=Asked(""), kind=Said, limits=Limits(seconds=30.0))
    with ThreadPoolExecutor(1) as threads:
        hanging = threads.submit(next, found)  # type: ignore[arg-type]
        assert wait_until(lambda: len(_children(first)) == 1, seconds=10)
        (reading,) = _children(first)
        os.kill(first, signal.SIGKILL)
        with pytest.raises(NotRead) as trouble:
            hanging.result(timeout=20)
    assert trouble.value.code == "died"
    assert wait_until(lambda: _is_dead(reading), seconds=10)
    assert len(read(path, "words")) == 2
    assert ready.number != first


def test_when_the_worker_is_killed_nothing_goes_on(tmp_path: Path) -> None:
    worker = subprocess.Popen([sys.executable, "-c", WORKER, str(tmp_path)], cwd=Path(__file__).resolve().parents[2])
    try:
        assert wait_until(lambda: (tmp_path / "numbers").exists() and (tmp_path / "numbers").read_text(), seconds=20)
    finally:
        worker.kill()
        worker.wait()
    for number in (tmp_path / "numbers").read_text().split():
        assert wait_until(lambda number=number: _is_dead(number), seconds=10)


WORKER = """
import sys
from pathlib import Path
from requests_app.documents import sandbox
from requests_app.documents.sandbox import parent
from requests_app.documents.sandbox.starting import Ready
from tests.documents.sandboxed import Asked, Said
parent.READY = Ready("tests.documents.sandboxed")
reader = "tests.documents.sandboxed:starts_another_and_hangs"
list(sandbox.run(reader, Path(sys.argv[1]), order=Asked(""), kind=Said))
"""


def test_every_reader_can_be_loaded_by_the_one_that_stands_ready(tmp_path: Path) -> None:
    """It must know no Django, and start no thread: what is split off beside threads may wait for one for ever."""
    readers = [path.stem for path in Path(refusals.__file__).parent.glob("*.py")]
    assert "pdf" in readers
    for name in readers:
        said = [said.text for said in read(tmp_path, "loads", f"requests_app.documents.readers.{name}:__name__")]
        assert said == ["threads: 1", "Django: False"], name


def _children(number: int) -> list[str]:
    return Path(f"/proc/{number}/task/{number}/children").read_text().split()


def _is_dead(number: str) -> bool:
    try:
        return ") Z " in Path(f"/proc/{number}/stat").read_text()
    except FileNotFoundError:
        return True
