"""The commands a person types: what they offer, and what they say when something is in the way."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.processes

ROOT = Path(__file__).resolve().parents[2]
MAKEFILE = (ROOT / "Makefile").read_text()
PROMISED = ["setup", "run", "demo", "test", "endurance", "check", "bench", "lawbook", "letters", "lock"]


def processes() -> dict[str, str]:
    return dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())


def test_make_alone_says_what_can_be_done():
    said = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert re.findall(r"^  make ([a-z]+)  ", said, re.MULTILINE) == ["help", *PROMISED]


@pytest.mark.parametrize("name", PROMISED)
def test_every_command_is_there_and_runs_programs_that_exist(name):
    said = subprocess.run(["make", "--dry-run", name], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for program in re.findall(r"bin/[a-z-]+", said.replace(".venv/bin/python", "")):
        assert os.access(ROOT / program, os.X_OK), program


def test_web_worker_reader_and_timer_are_the_processes():
    assert list(processes()) == ["web", "worker", "reader", "beat"]


@pytest.mark.parametrize("name", ["web", "worker", "reader", "beat"])
def test_each_process_takes_the_signals_itself(name):
    """Without `exec`, a shell stands between honcho and the process and keeps the request to stop for itself."""
    assert processes()[name].startswith("exec ")


def serve(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "bin/serve"], cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, timeout=30
    )


def test_a_taken_port_is_said_plainly_before_anything_starts():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = serve(PORT=str(port))
    assert done.returncode == 1
    assert f"Port {port} on 127.0.0.1 cannot be used (Address already in use)" in done.stderr
    assert f"make run PORT={port + 1}" in done.stderr
    assert "started" not in done.stdout


@pytest.mark.parametrize("port", ["eighty", "0", "65536", "-1", "80 80"])
def test_a_port_that_is_none_is_said_plainly(port):
    done = serve(PORT=port)
    assert done.returncode == 1
    assert f"PORT={port} is not a port. Nothing was started." in done.stderr


def test_an_old_python_is_refused_with_what_to_do(tmp_path):
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")  # what asking an older Python for 3.11 ends with
    old.chmod(0o755)
    done = subprocess.run(
        ["bash", "bin/setup"], cwd=ROOT, env={**os.environ, "PYTHON": str(old)}, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "Python 3.11 or newer" in done.stdout
    assert "make setup PYTHON=" in done.stdout


def test_packages_never_go_into_a_folder_that_a_link_leads_to(tmp_path):
    """Making .venv anew through a link would empty the folder that somebody else works with."""
    (tmp_path / "here" / "bin").mkdir(parents=True)
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "kept").touch()
    (tmp_path / "here" / ".venv").symlink_to(tmp_path / "theirs")
    program = tmp_path / "here" / "bin" / "python-packages"
    program.write_bytes((ROOT / "bin" / "python-packages").read_bytes())
    done = subprocess.run(["bash", program, "production"], capture_output=True, text=True)
    assert done.returncode == 1
    assert f"leads to {tmp_path}/theirs" in done.stdout
    assert (tmp_path / "theirs" / "kept").exists()
    assert (tmp_path / "here" / ".venv").is_symlink()


class TestSystemPackages:
    """bin/system-packages against a stand-in for the system's own programs, first on the PATH."""

    @pytest.fixture
    def system(self, tmp_path: Path) -> Path:
        for program in ("bash", "sed", "grep", "cat"):
            (tmp_path / program).symlink_to(shutil.which(program) or program)
        self.program(tmp_path, "dpkg-query", "echo 'libpango-1.0-0:amd64 installed'; echo 'fontconfig config-files'")
        self.program(tmp_path, "apt-get", 'echo "apt-get $*" >>"$CALLS"')
        self.program(tmp_path, "env", 'shift; exec "$@"')
        return tmp_path

    @staticmethod
    def program(folder: Path, name: str, body: str) -> None:
        (folder / name).write_text(f"#!{shutil.which('sh')}\n{body}\n")
        (folder / name).chmod(0o755)

    def run(self, system: Path, level: str, **environment: str) -> tuple[subprocess.CompletedProcess[str], str]:
        calls = system / "calls"
        done = subprocess.run(
            [shutil.which("bash") or "bash", ROOT / "bin" / "system-packages", level],
            env={"PATH": str(system), "CALLS": str(calls), **environment}, capture_output=True, text=True,
            start_new_session=True,  # no terminal to ask for a password
        )  # fmt: skip
        return done, calls.read_text() if calls.exists() else ""

    @pytest.fixture(autouse=True)
    def _only_where_apt_installs(self) -> None:
        release = Path("/etc/os-release")
        if not release.exists() or not re.search(r"^ID(_LIKE)?=.*(debian|ubuntu)", release.read_text(), re.MULTILINE):
            pytest.skip("this system installs its packages in another way")

    def test_root_installs_only_what_is_missing(self, system):
        self.program(system, "id", "echo 0")
        done, calls = self.run(system, "production")
        assert done.returncode == 0, done.stderr
        install = calls.splitlines()[-1]
        assert " install --yes --no-install-recommends " in install
        assert "libharfbuzz-subset0" in install
        assert "fontconfig" in install  # removed but not purged is not installed
        assert "libpango-1.0-0" not in install
        assert "postgresql" not in install

    def test_the_tests_need_servers_and_a_browser_too(self, system):
        self.program(system, "id", "echo 0")
        _, calls = self.run(system, "development")
        assert {"postgresql", "redis-server", "poppler-utils"} <= set(calls.split())

    def test_another_account_uses_sudo(self, system):
        self.program(system, "id", "echo 1000")
        self.program(system, "sudo", 'test "$1" = -n && exit 0; echo "sudo $*" >>"$CALLS"')
        done, calls = self.run(system, "production")
        assert done.returncode == 0
        assert calls.startswith("sudo apt-get ")

    def test_an_account_that_may_not_install_is_told_what_to_run(self, system):
        self.program(system, "id", "echo 1000")
        done, calls = self.run(system, "production")
        assert done.returncode == 1
        assert "apt-get install --no-install-recommends python3-venv" in done.stdout
        assert calls == ""

    def test_nothing_is_touched_when_all_is_there(self, system):
        listed = (ROOT / "bin" / "system-packages").read_text()
        names = listed.split("production=(", 1)[1].split(")", 1)[0].split()
        self.program(system, "dpkg-query", "\n".join(f"echo '{name} installed'" for name in names))
        done, calls = self.run(system, "production")
        assert done.returncode == 0
        assert "Every system package is there." in done.stdout
        assert calls == ""
