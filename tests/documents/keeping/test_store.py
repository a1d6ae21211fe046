"""The store keeps whole files or nothing."""

import errno
import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from requests_app.documents.store import DiskFull, EmptyFile, Interrupted, Store, TooLarge
from tests.documents.bodies import files_under

MB = 1024 * 1024
ROOT = Path(__file__).resolve().parents[3]
ENVIRONMENT = {**os.environ, "DJANGO_SETTINGS_MODULE": "foia.settings", "READ_DOT_ENV": "False"}


def put(store: Store, chunks: list[bytes], limit: int = MB) -> str:
    stored, _ = store.put(chunks, limit=limit, inspect=lambda path: path.read_bytes())
    return stored.sha256


def test_bytes_are_named_by_their_hash_and_read_back(tmp_path: Path) -> None:
    store = Store(tmp_path)
    sha256 = put(store, [b"monthly ", b"totals"])
    assert sha256 == hashlib.sha256(b"monthly totals").hexdigest()
    with store.open(sha256) as file:
        assert file.read() == b"monthly totals"
    assert files_under(tmp_path) == [store.path(sha256)]


def test_the_same_bytes_are_kept_once(tmp_path: Path) -> None:
    store = Store(tmp_path)
    first, _ = store.put([b"same"], limit=MB, inspect=lambda path: None)
    second, _ = store.put([b"sa", b"me"], limit=MB, inspect=lambda path: None)
    assert (first.is_new, second.is_new) == (True, False)
    assert len(files_under(tmp_path)) == 1


def test_an_original_cannot_be_written_over(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert store.path(put(store, [b"original"])).stat().st_mode & 0o222 == 0


def _stops_early() -> Iterator[bytes]:
    yield b"half"
    raise ConnectionResetError


def _fills_the_disk() -> Iterator[bytes]:
    yield b"half"
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize(
    ("chunks", "trouble"),
    [
        pytest.param(list, EmptyFile, id="empty"),
        pytest.param(lambda: [b"", b""], EmptyFile, id="empty-chunks"),
        pytest.param(lambda: [b"x" * 10], TooLarge, id="too-large"),
        pytest.param(_stops_early, Interrupted, id="interrupted"),
        pytest.param(_fills_the_disk, DiskFull, id="disk-full"),
    ],
)
def test_trouble_leaves_nothing_behind(tmp_path: Path, chunks: object, trouble: type[Exception]) -> None:
    with pytest.raises(trouble):
        Store(tmp_path).put(chunks(), limit=9, inspect=lambda path: None)  # type: ignore[operator]
    assert files_under(tmp_path) == []


def test_a_file_that_inspection_refuses_is_not_kept(tmp_path: Path) -> None:
    def refuse(path: Path) -> None:
        raise ValueError

    with pytest.raises(ValueError):
        Store(tmp_path).put([b"bad"], limit=MB, inspect=refuse)
    assert files_under(tmp_path) == []


@pytest.mark.parametrize("name", ["../../etc/passwd", "A" * 64, "ab", ""])
def test_only_a_hash_names_a_blob(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="hexadecimal"):
        Store(tmp_path).path(name)


@pytest.mark.processes
def test_a_file_size_limit_of_the_system_counts_as_a_full_disk(tmp_path: Path) -> None:
    # In a process of its own: the limit holds for everything it writes.
    program = """
import resource, sys
from pathlib import Path
import django
from requests_app.documents.store import DiskFull, Store
django.setup()  # for the words of the trouble
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    Store(Path(sys.argv[1])).put([b"x" * 60_000] * 4, limit=10**9, inspect=lambda path: None)
except DiskFull:
    sys.exit(7)
"""
    ended = subprocess.run([sys.executable, "-c", program, str(tmp_path)], cwd=ROOT, env=ENVIRONMENT, timeout=60)
    assert ended.returncode == 7
    assert files_under(tmp_path) == []


@pytest.mark.processes
def test_a_process_killed_while_it_writes_leaves_no_blob_and_what_it_leaves_is_found(tmp_path: Path) -> None:
    program = """
import sys, time
from pathlib import Path
from requests_app.documents.store import Store
store = Store(Path(sys.argv[1]))
spooled = store.spool()
spooled.write(b"half")
def slow():
    yield b"half" * 100_000
    print("writing", flush=True)
    time.sleep(60)
store.put(slow(), limit=10**9, inspect=lambda path: None)
"""
    command = [sys.executable, "-c", program, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"writing\n"
        store = Store(tmp_path)
        assert store.left_over() == [], "a file in work is not left over"
        assert len(files_under(tmp_path)) == 1, "the spooled file has no name"
        process.kill()
    assert store.left_over() == files_under(store.incoming)
    assert len(store.left_over()) == 1
    assert list(store.blobs()) == []


def test_good_bytes_heal_a_damaged_place(tmp_path: Path) -> None:
    store = Store(tmp_path)
    sha256 = put(store, [b"whole"])
    store.path(sha256).chmod(0o600)
    store.path(sha256).write_bytes(b"rotten")
    assert store.digest(sha256) != sha256
    put(store, [b"whole"])
    assert store.digest(sha256) == sha256


def test_an_old_file_that_is_put_again_is_not_removed_with_the_orphans(tmp_path: Path) -> None:
    store = Store(tmp_path)
    path = store.path(put(store, [b"same"]))
    os.utime(path, (0, 0))
    put(store, [b"same"])
    assert not store.remove_unless(path, younger_than=1_000_000, is_needed=lambda: False)
    os.utime(path, (0, 0))
    assert not store.remove_unless(path, younger_than=1_000_000, is_needed=lambda: True)
    assert store.remove_unless(path, younger_than=1_000_000, is_needed=lambda: False)
    assert not path.exists()
    assert not store.remove_unless(path, younger_than=1_000_000, is_needed=lambda: False)


def test_nothing_is_settled_between_the_question_and_the_deletion(tmp_path: Path) -> None:
    store = Store(tmp_path)
    path = store.path(put(store, [b"same"]))
    os.utime(path, (0, 0))
    settling: list[threading.Thread] = []

    def ask() -> bool:
        settling.append(threading.Thread(target=put, args=(store, [b"same"])))
        settling[0].start()
        settling[0].join(0.3)
        assert settling[0].is_alive(), "the file was settled while an orphan was being removed"
        return False

    store.remove_unless(path, younger_than=1_000_000, is_needed=ask)
    settling[0].join(10)
    assert path.read_bytes() == b"same"
