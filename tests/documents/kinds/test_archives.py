"""Archives are taken apart member by member, none of whose names is ever used as a path."""

from __future__ import annotations

import bz2
import gzip
import lzma
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from requests_app.documents import sandbox
from requests_app.documents.names import clean_inner_path
from requests_app.documents.readers.archives import ArchiveOrder, Member, members
from requests_app.documents.readers.refusals import Refused
from tests.documents.kinds import making

ZIP, SEVEN, TAR = "application/zip", "application/x-7z-compressed", "application/x-tar"
GZIP, BZIP2, XZ = "application/gzip", "application/x-bzip2", "application/x-xz"
SOON = {"ratio_from": 10_000_000}  # so that the tests need no large bombs
TWO = {"a/one.txt": b"first", "two.txt": b"second"}


def taken(tmp_path: Path, raw: bytes, media_type: str, **order: Any) -> list[Member]:
    path, output = tmp_path / "archive", tmp_path / "out"
    path.write_bytes(raw)
    output.mkdir(exist_ok=True)
    return list(members(path, ArchiveOrder(media_type, **order), output))


def contents(tmp_path: Path, found: list[Member]) -> dict[str, bytes]:
    return {each.inner_path: (tmp_path / "out" / each.file).read_bytes() for each in found if each.file}


@pytest.mark.parametrize(
    ("raw", "media_type"),
    [
        pytest.param(making.zipped(TWO), ZIP, id="zip"),
        pytest.param(making.seven(TWO), SEVEN, id="7z"),
        pytest.param(making.tarred(TWO), TAR, id="tar"),
        pytest.param(making.tarred(TWO, mode="w:gz"), GZIP, id="tar.gz"),
        pytest.param(making.tarred(TWO, mode="w:bz2"), BZIP2, id="tar.bz2"),
        pytest.param(making.tarred(TWO, mode="w:xz"), XZ, id="tar.xz"),
    ],
)
def test_each_member_comes_out_whole(tmp_path: Path, raw: bytes, media_type: str) -> None:
    assert contents(tmp_path, taken(tmp_path, raw, media_type)) == TWO


@pytest.mark.parametrize(
    ("raw", "media_type"),
    [
        pytest.param(gzip.compress(b"alone"), GZIP, id="gz"),
        pytest.param(bz2.compress(b"alone"), BZIP2, id="bz2"),
        pytest.param(lzma.compress(b"alone"), XZ, id="xz"),
    ],
)
def test_a_single_packed_file_is_one_member(tmp_path: Path, raw: bytes, media_type: str) -> None:
    assert list(contents(tmp_path, taken(tmp_path, raw, media_type)).values()) == [b"alone"]


@pytest.mark.parametrize(
    ("raw", "media_type"),
    [
        pytest.param(making.zipped(TWO), ZIP, id="zip"),
        pytest.param(making.seven(TWO), SEVEN, id="7z"),
        pytest.param(making.tarred(TWO), TAR, id="tar"),
    ],
)
def test_it_goes_on_where_it_stopped(tmp_path: Path, raw: bytes, media_type: str) -> None:
    found = taken(tmp_path, raw, media_type, first=1)
    assert [(each.number, each.inner_path) for each in found if each.file] == [(1, "two.txt")]


@pytest.mark.parametrize(
    ("given", "path", "odd"),
    [
        pytest.param("../../etc/passwd", "etc/passwd", True, id="climbs"),
        pytest.param("a/../../b.txt", "a/b.txt", True, id="climbs-in-the-middle"),
        pytest.param("/etc/passwd", "etc/passwd", True, id="absolute"),
        pytest.param("C:\\Windows\\a.txt", "Windows/a.txt", True, id="drive"),
        pytest.param("\\\\server\\share\\a.txt", "server/share/a.txt", True, id="server"),
        pytest.param("reports/CON.txt", "reports/_CON.txt", True, id="device"),
        pytest.param("a.txt:hidden", "a.txt_hidden", False, id="stream"),
        pytest.param("fdp.exe\u202etxt", "fdp.exetxt", True, id="reads-backwards"),
        pytest.param("null\x00.txt", "null.txt", True, id="nul"),
        pytest.param("..", "unnamed file", True, id="nothing-left"),
        pytest.param("./a//b.txt", "a/b.txt", False, id="plain-dots"),
        pytest.param("Year 2025/May counts.xlsx", "Year 2025/May counts.xlsx", False, id="ordinary"),
        pytest.param("x/" * 2000 + "a.pdf", None, True, id="endless"),
    ],
)
def test_names_of_members_are_made_safe(given: str, path: str | None, odd: bool) -> None:
    clean, was_odd = clean_inner_path(given)
    assert was_odd is odd
    assert clean == path if path is not None else (len(clean) <= 900 and clean.endswith(".pdf"))


@pytest.mark.parametrize(
    ("raw", "media_type"),
    [
        pytest.param(making.zipped({"../../passwd": b"up", "plain.txt": b"plain"}), ZIP, id="zip"),
        pytest.param(making.seven_that_climbs(), SEVEN, id="7z"),
        pytest.param(making.tarred({"../../passwd": b"up", "plain.txt": b"plain"}), TAR, id="tar"),
    ],
)
def test_a_name_that_climbs_stays_inside_and_spoils_nothing(tmp_path: Path, raw: bytes, media_type: str) -> None:
    found = taken(tmp_path, raw, media_type)
    assert contents(tmp_path, found) == {"passwd": b"up", "plain.txt": b"plain"}
    assert [each.odd_path for each in found] == [True, False]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["archive", "out"]


def test_two_members_of_one_name_are_both_kept(tmp_path: Path) -> None:
    found = taken(tmp_path, making.zipped_twice("a.txt", b"first", b"second"), ZIP)
    assert contents(tmp_path, found) == {"a.txt": b"first", "a (2).txt": b"second"}


@pytest.mark.parametrize(
    ("raw", "media_type", "left_out"),
    [
        pytest.param(making.zip_with_link(), ZIP, {"passwd": "link"}, id="zip"),
        pytest.param(
            making.tarred({"plain.txt": b"a record"}, links={"passwd": "/etc/passwd"}), TAR,
            {"passwd": "link", "pipe": "device"}, id="tar",
        ),
    ],
)  # fmt: skip
def test_links_and_devices_are_named_and_followed_nowhere(
    tmp_path: Path, raw: bytes, media_type: str, left_out: dict[str, str]
) -> None:
    found = taken(tmp_path, raw, media_type)
    assert contents(tmp_path, found) == {"plain.txt": b"a record"}
    assert {each.inner_path: each.trouble for each in found if each.trouble} == left_out


LOCKED = [
    pytest.param(making.locked_zip(TWO), ZIP, id="zip"),
    pytest.param(making.seven(TWO, making.PASSWORD), SEVEN, id="7z"),
    pytest.param(making.seven(TWO, making.PASSWORD, list_locked=True), SEVEN, id="7z-with-a-locked-list"),
]


@pytest.mark.parametrize(("raw", "media_type"), LOCKED)
@pytest.mark.parametrize("passwords", [(), ("wrong", "also wrong")], ids=["none", "wrong"])
def test_a_locked_archive_asks_for_its_password(
    tmp_path: Path, raw: bytes, media_type: str, passwords: tuple[str, ...]
) -> None:
    with pytest.raises(Refused) as refused:
        taken(tmp_path, raw, media_type, passwords=passwords)
    assert refused.value.code == "password"


@pytest.mark.parametrize(("raw", "media_type"), LOCKED)
def test_the_password_that_fits_is_found(tmp_path: Path, raw: bytes, media_type: str) -> None:
    found = taken(tmp_path, raw, media_type, passwords=("wrong", making.PASSWORD))
    assert contents(tmp_path, found) == TWO


@pytest.mark.processes
@pytest.mark.same_everywhere
@pytest.mark.parametrize(
    ("make", "media_type", "order", "code"),
    [
        pytest.param(lambda: making.flat_bomb(30), ZIP, SOON, "too_large", id="flat bomb"),
        pytest.param(lambda: gzip.compress(bytes(30_000_000)), GZIP, SOON, "too_large", id="packed zeros"),
        pytest.param(lambda: making.seven({"z": bytes(30_000_000)}), SEVEN, SOON, "too_large", id="7z of zeros"),
        pytest.param(making.overlapping_zip, ZIP, {}, "hostile", id="overlapping members"),
        pytest.param(lambda: making.many_members(300), ZIP, {"most_files": 200}, "too_many", id="too many files"),
        pytest.param(lambda: making.zipped(TWO), ZIP, {"most_bytes": 8}, "too_large", id="too many bytes"),
    ],
)
def test_a_bomb_is_stopped_while_it_goes_off(
    tmp_path: Path, make: Callable[[], bytes], media_type: str, order: dict[str, int], code: str
) -> None:
    path, output = tmp_path / "archive", tmp_path / "out"
    path.write_bytes(make())
    output.mkdir()
    began = time.monotonic()
    with pytest.raises(Refused) as refused:
        list(
            sandbox.run(
                "requests_app.documents.readers.archives:members", path,
                order=ArchiveOrder(media_type, **order), kind=Member, output=output,
            )
        )  # fmt: skip
    assert refused.value.code == code
    assert time.monotonic() - began < 30
    assert sum(file.stat().st_size for file in output.iterdir()) < 12_000_000


def test_a_member_larger_than_a_file_may_be_is_left_out_and_the_others_are_kept(tmp_path: Path) -> None:
    found = taken(tmp_path, making.zipped({"big": bytes(50_000), "small": b"x"}), ZIP, largest=1000)
    assert [(each.inner_path, each.trouble) for each in found] == [("big", "too_large"), ("small", "")]


@pytest.mark.parametrize(
    ("raw", "media_type"),
    [
        pytest.param(making.zipped(TWO), ZIP, id="zip"),
        pytest.param(making.seven(TWO), SEVEN, id="7z"),
        pytest.param(making.tarred({"a": bytes(range(256)) * 40}), TAR, id="tar"),
        pytest.param(making.tarred(TWO, mode="w:gz"), GZIP, id="tar.gz"),
        pytest.param(gzip.compress(bytes(range(256)) * 40), GZIP, id="gz"),
        pytest.param(bz2.compress(bytes(range(256)) * 40), BZIP2, id="bz2"),
        pytest.param(lzma.compress(bytes(range(256)) * 40), XZ, id="xz"),
    ],
)
def test_an_archive_cut_off_anywhere_is_damaged_and_nothing_worse(tmp_path: Path, raw: bytes, media_type: str) -> None:
    for share in (0.1, 0.3, 0.6, 0.9):
        cut = raw[: max(8, int(len(raw) * share))]
        try:
            found = taken(tmp_path, cut, media_type)
        except Refused as refused:
            assert refused.code in {"damaged", "unsupported"}
        else:
            assert all(each.trouble or each.file for each in found)


@pytest.mark.processes
@pytest.mark.same_everywhere
def test_ten_thousand_members_come_out_in_seconds(tmp_path: Path) -> None:
    path, output = tmp_path / "archive", tmp_path / "out"
    path.write_bytes(making.many_members(10_000))
    output.mkdir()
    began, count = time.monotonic(), 0
    reader = "requests_app.documents.readers.archives:members"
    for member in sandbox.run(reader, path, order=ArchiveOrder(ZIP), kind=Member, output=output):
        assert (output / member.file).read_bytes() == b"record %d" % member.number
        (output / member.file).unlink()
        count += 1
    assert count == 10_000
    assert time.monotonic() - began < 60
