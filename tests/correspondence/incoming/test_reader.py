"""The process that reads mail: bounded, without secrets, and replaced when it dies."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from requests_app.correspondence.incoming import reading
from requests_app.correspondence.incoming.reader import NotRead, Reader
from tests.correspondence.incoming.mails import CSV, PDF, mail
from tests.servers import ROOT

pytestmark = pytest.mark.processes


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "mail"
    file.write_bytes(mail(subject="Grüße", files=(("a.pdf", PDF), ("b.csv", CSV), ("big.csv", b"1,2\n" * 700_000))))
    return file


@pytest.fixture
def alive() -> Iterator[Reader]:
    with Reader() as reader:
        yield reader


def pid_of(reader: Reader) -> int:
    assert reader._process is not None
    return reader._process.pid


def test_what_a_mail_says_comes_without_the_bytes_of_its_files_and_those_on_demand(alive: Reader, path: Path):
    found = alive.read(path)
    assert found.message.subject == "Grüße"
    assert [part.sha256 for part in found.parts[:2]] == [hashlib.sha256(one).hexdigest() for one in (PDF, CSV)]
    assert all(attachment.content == b"" for attachment in found.message.attachments)
    for part, content in zip(found.parts, (PDF, CSV, b"1,2\n" * 700_000), strict=True):
        with alive.part(path, part.sha256) as chunks:
            assert b"".join(chunks) == content


def test_whoever_stops_in_the_middle_of_a_file_leaves_nothing_for_the_next(alive: Reader, path: Path):
    big = alive.read(path).parts[2]
    with alive.part(path, big.sha256) as chunks:
        next(chunks)
    assert alive.read(path).message.subject == "Grüße"


def test_a_part_that_is_not_there_is_said_so(alive: Reader, path: Path):
    with pytest.raises(NotRead) as said, alive.part(path, "0" * 64):
        pass
    assert said.value.code == "gone"
    assert alive.read(path).message.subject == "Grüße"


def test_a_process_that_died_is_replaced(alive: Reader, path: Path):
    alive.read(path)
    first = pid_of(alive)
    os.kill(first, signal.SIGKILL)
    assert alive.read(path).message.subject == "Grüße"
    assert pid_of(alive) != first


def test_a_mail_that_takes_too_long_is_given_up_and_the_next_is_read(alive: Reader, path: Path):
    alive.read(path)
    os.kill(pid_of(alive), signal.SIGSTOP)
    alive.seconds = 0.2
    with pytest.raises(NotRead) as said:
        alive.read(path)
    assert said.value.code == "too_long"
    alive.seconds = 60
    assert alive.read(path).message.subject == "Grüße"


def test_the_process_knows_no_secret_and_ends_with_us(alive: Reader, path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SECRET_KEY", "do-not-tell")
    alive.read(path)
    surroundings = Path(f"/proc/{pid_of(alive)}/environ").read_bytes()
    assert b"do-not-tell" not in surroundings and b"DATABASE_URL" not in surroundings
    process = alive._process
    alive.close()
    assert process is not None and process.returncode == -signal.SIGKILL


@pytest.mark.parametrize(
    ("program", "ends"),
    [
        pytest.param("held = bytearray(900 * 1024 * 1024)", b"MemoryError", id="memory"),
        pytest.param("import tempfile\ntempfile.gettempdir()", b"No usable temporary directory", id="files"),
        pytest.param("held = [open('/dev/null') for _ in range(99)]", b"Too many open files", id="open-files"),
    ],
)
def test_the_bounds_hold(program: str, ends: bytes):
    ended = subprocess.run(
        [sys.executable, "-c", f"from {reading.__name__} import *\nbound_this_process()\n{program}"],
        cwd=ROOT, capture_output=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 1 and ends in ended.stderr


def test_a_mail_that_burns_the_processor_is_stopped_by_the_kernel():
    program = (
        f"import {reading.__name__} as r\n"
        "r.CPU_SECONDS = 1\nr.bound_this_process()\nr._allow_more_time()\nwhile True: pass"
    )
    ended = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, check=False, timeout=60)
    assert ended.returncode == -signal.SIGXCPU


def test_an_answer_that_is_none_is_nonsense(alive: Reader, path: Path, tmp_path: Path):
    liar = tmp_path / "liar.py"
    liar.write_text(
        "import sys\nfor line in sys.stdin: sys.stdout.buffer.write(b'\\0' * 7 + b'\\x02{}'); sys.stdout.flush()"
    )
    alive._process = subprocess.Popen(
        [sys.executable, str(liar)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
    )
    with pytest.raises(NotRead) as said:
        alive.read(path)
    assert said.value.code == "nonsense"
