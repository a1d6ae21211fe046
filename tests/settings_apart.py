"""Which tests the second setting can tell something new about, so that `bin/test` need not run the others twice.

The embedded and the served setting differ in their database, their broker and the programs that are started with
them. A test that uses none of these gives the same answer in both; under `--only-what-the-setting-changes` it is left
out, and the run says how many were.

What a test uses is read from what it declares (`setting_matters`). Two guards keep that honest, both in the run that
leaves nothing out. pytest-django refuses the database to every test that does not declare it. And a test that declares
nothing, yet starts a program, opens a network connection or a database, or asks for a fixture of the database while it
runs, fails and says which mark is missing: it cannot stay unseen until it is left out.

A test that uses the database only to make pages of which it judges the looks says so itself, with
`same_everywhere`; so does one that only starts readers of foreign bytes, which know no setting.
"""

from __future__ import annotations

import sys
import unittest
from collections.abc import Iterator
from types import FrameType
from typing import Any

import pytest

OPTION = "--only-what-the-setting-changes"
SAME = "same_everywhere"
MARKS = ("django_db", "browser", "processes")
DATABASE_FIXTURES = frozenset({"_django_db_helper", "django_db_setup", "live_server"})
BROWSER_FIXTURES = frozenset({"browser", "browser_context_args", "launch_browser"})
# What Python tells its auditors about (docs.python.org/3/library/audit_events.html) when a test leaves its process.
LEAVING = frozenset(
    {
        "subprocess.Popen",
        "os.system",
        "os.fork",
        "os.forkpty",
        "os.exec",
        "os.posix_spawn",
        "socket.bind",
        "socket.connect",
        "sqlite3.connect",
    }
)


def setting_matters(item: pytest.Item) -> bool:
    """Whether a test can end differently in another setting: it declares the database, a browser or processes."""
    if item.get_closest_marker(SAME):
        return False
    if any(item.get_closest_marker(mark) for mark in MARKS):
        return True
    test_class = getattr(item, "cls", None)
    if test_class is not None and issubclass(test_class, unittest.TestCase):
        return True  # Django's own test classes open the database without declaring it
    return bool((DATABASE_FIXTURES | BROWSER_FIXTURES) & set(getattr(item, "fixturenames", ())))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `bin/test` say that the first setting has run everything."""
    parser.addoption(OPTION, action="store_true", help="leave out the tests that give the same answer in every setting")


def pytest_configure(config: pytest.Config) -> None:
    """Leave out, or see to it that nothing can wrongly be left out."""
    config.pluginmanager.register(LeavingOut() if config.getoption(OPTION) else Guarding())


class LeavingOut:
    """Leaves out what the first setting has already told, and says how many tests that were."""

    def __init__(self) -> None:
        self.left_out = 0

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        told = [item for item in items if not setting_matters(item)]
        items[:] = [item for item in items if setting_matters(item)]
        config.hook.pytest_deselected(items=told)
        self.left_out = len(told)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if hasattr(session.config, "workeroutput"):
            session.config.workeroutput["left_out"] = self.left_out

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        # Every process of pytest-xdist collects everything, so that each says the same number.
        self.left_out = getattr(node, "workeroutput", {}).get("left_out", self.left_out)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        terminalreporter.write_line(
            f"{self.left_out} tests give the same answer in every setting. They ran in the first only."
        )


class Guarding:
    """Fails a test that declares nothing and yet leaves its process: one that could wrongly be left out."""

    def __init__(self) -> None:
        self.watched: pytest.Item | None = None
        self.seen: list[str] = []
        sys.addaudithook(self._hear)  # for good: Python cannot take an auditor away

    def _hear(self, event: str, _: tuple[Any, ...]) -> None:
        if self.watched is not None and event in LEAVING and not _looks_for_a_library():
            self.seen.append(event)

    def pytest_fixture_setup(self, fixturedef: Any) -> None:
        if self.watched is not None and fixturedef.argname in DATABASE_FIXTURES | BROWSER_FIXTURES:
            self.seen.append(f"the fixture {fixturedef.argname}")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Iterator[None]:
        yield from self._watch(item)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        yield from self._watch(item)

    def _watch(self, item: pytest.Item) -> Iterator[None]:
        if setting_matters(item) or item.get_closest_marker(SAME):
            yield
            return
        self.watched, self.seen = item, []
        try:
            yield
        finally:
            self.watched = None
        if self.seen:
            pytest.fail(
                f"This test declares no database, browser or program, and yet used {', '.join(sorted(set(self.seen)))}."
                " It would be left out of the second setting. Mark it with `processes`, or with `django_db`.",
                pytrace=False,
            )


def _looks_for_a_library() -> bool:
    """Whether Python asks the system where a library is, as the first import of WeasyPrint does: no test's own act."""
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        if frame.f_globals.get("__name__") == "ctypes.util":
            return True
        frame = frame.f_back
    return False
