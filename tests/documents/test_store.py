"""The store keeps whole files or nothing."""

import errno
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from requests_app.documents.store import DiskFull, EmptyFile, Interrupted, Store, TooLarge

MB = 1024 * 1024


def put(store: Store, chunks: list[bytes], limit: int = MB) -> str:
    stored, _ = store.put(chunks, limit=limit, inspect=lambda path: path.read_bytes())
    return stored.sha256


def everything_under(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_bytes_are_named_by_their_hash_and_read_back(tmp_path: Path) -> None:
    store = Store(tmp_path)
    sha256 = put(store, [b"monthly ", b"totals"])
    assert sha256 == hashlib.sha256(b"monthly totals").hexdigest()
    with store.open(sha256) as file:
        assert file.read() == b"monthly totals"
    assert everything_under(tmp_path) == [store.path(sha256)]


def test_the_same_bytes_are_kept_once(tmp_path: Path) -> None:
    store = Store(tmp_path)
    first, _ = store.put([b"same"], limit=MB, inspect=lambda path: None)
    second, _ = store.put([b"sa", b"me"], limit=MB, inspect=lambda path: None)
    assert (first.is_new, second.is_new) == (True, False)
    assert len(everything_under(tmp_path)) == 1


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
    assert everything_under(tmp_path) == []


def test_a_file_that_inspection_refuses_is_not_kept(tmp_path: Path) -> None:
    def refuse(path: Path) -> None:
        raise ValueError

    with pytest.raises(ValueError):
        Store(tmp_path).put([b"bad"], limit=MB, inspect=refuse)
    assert everything_under(tmp_path) == []


@pytest.mark.parametrize("name", ["../../etc/passwd", "A" * 64, "ab", ""])
def test_only_a_hash_names_a_blob(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="hexadecimal"):
        Store(tmp_path).path(name)
