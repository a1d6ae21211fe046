"""Foreign bytes are read in a process apart, which is bounded and holds no secrets."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from requests_app.documents import sandbox
from requests_app.documents.readers.refusals import Refused
from requests_app.documents.sandbox import Limits, NotRead, parent
from tests.documents.sandboxed import Asked, Said
from tests.servers import wait_until

READER = "tests.documents.sandboxed:{}"
pytestmark = [pytest.mark.processes, pytest.mark.same_everywhere]


@pytest.fixture(autouse=True)
def _readers_of_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the child a house to which the tests' readers belong."""
    monkeypatch.setattr("requests_app.documents.sandbox.parent.CHILD", "tests.documents.sandboxed")


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


def _is_dead(number: str) -> bool:
    try:
        return ") Z " in Path(f"/proc/{number}/stat").read_text()
    except FileNotFoundError:
        return True
