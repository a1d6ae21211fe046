"""What stands in a ZIP, 7z or TAR, plain or packed, and in a single packed file: one level, member after member.

An archive inside an archive is a member like any other and is opened in its own turn, so that nothing here is
recursive. No name from inside is ever used as a path: members are written to numbered files.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import queue
import stat
import struct
import tarfile
import threading
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Final, Literal

import msgspec

from requests_app.documents.names import clean_inner_path, own_path
from requests_app.documents.readers.refusals import Refused, pass_on_a_full_disk

_CHUNK: Final = 1024 * 1024
_LIST: Final = 64 * 1024 * 1024  # bytes of a ZIP's own list: half a million entries
_ENTRY: Final = 46  # bytes of the shortest entry of that list
_DEFLATE64: Final = 9
_AES: Final = 99  # the method that says: see the extra field, APPNOTE 7.2
_LONGEST_NAME: Final = 200

# Why a member was left out.
Trouble = Literal["", "password", "damaged", "too_large", "unsupported", "link", "device", "skipped"]


class ArchiveOrder(msgspec.Struct, frozen=True):
    """How much may come out of one archive, and from which member on (0: all)."""

    media_type: str
    passwords: tuple[str, ...] = ()
    first: int = 0
    most_files: int = 20_000
    most_bytes: int = 8 * 1024**3
    largest: int = 512 * 1024**2
    most_ratio: int = 250  # unpacked to packed; plain text packs some 30 times, deflate packs 1032 times at most
    ratio_from: int = 100 * 1024**2  # below so many bytes unpacked, the ratio does no harm


class Member(msgspec.Struct, frozen=True):
    """One file of an archive, in order from 0. `file` is its name in the output folder; empty where `trouble` is not.

    What stands before the first one wanted is `skipped`: said so that whoever waits knows that the work goes on.
    """

    number: int
    inner_path: str
    file: str = ""
    size: int = 0
    odd_path: bool = False
    of: int = 0  # members in all, where the archive says so
    trouble: Trouble = ""


def members(path: Path, order: ArchiveOrder, output: Path) -> Iterator[Member]:
    """Give the members one by one, each written to a file of its own.

    Refuses with password, damaged, too_many, too_large, unsupported or hostile. What came before a refusal stays.
    """
    guard = _Guard(path.stat().st_size, order)
    kind = order.media_type
    if kind == "application/zip":
        yield from _zip(path, order, output, guard)
    elif kind == "application/x-7z-compressed":
        yield from _seven(path, order, output, guard)
    elif kind == "application/x-tar":
        yield from _tar(path, "r:", order, output, guard)
    elif kind in _PACKED:
        mode, opened = _PACKED[kind]
        if _holds_a_tar(path, opened):
            yield from _tar(path, mode, order, output, guard)
        else:
            yield from _single(path, kind, opened, output, guard)
    else:
        raise Refused("unsupported", kind)


_PACKED: Final[dict[str, tuple[str, Any]]] = {
    "application/gzip": ("r|gz", gzip.open),
    "application/x-bzip2": ("r|bz2", bz2.open),
    "application/x-xz": ("r|xz", lzma.open),
}
_BROKEN: Final = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError, struct.error, ValueError,
    IndexError, KeyError, AssertionError, UnicodeError, OverflowError,
)  # fmt: skip


class _Guard:
    """Counts what comes out and stops a bomb while it goes off, not after."""

    def __init__(self, packed: int, order: ArchiveOrder) -> None:
        self.packed, self.order = max(packed, 1), order
        self.unpacked = 0
        self.names: set[str] = set()

    def begin_again(self) -> None:
        """Forget what a wrong password gave."""
        self.unpacked, self.names = 0, set()

    def count(self, number: int) -> None:
        if number >= self.order.most_files:
            raise Refused("too_many", f"more than {self.order.most_files} files")

    def add(self, octets: int) -> None:
        self.unpacked += octets
        if self.unpacked > self.order.most_bytes:
            raise Refused("too_large", f"more than {self.order.most_bytes} bytes")
        if self.unpacked > self.order.ratio_from and self.unpacked > self.packed * self.order.most_ratio:
            raise Refused("too_large", f"unpacks to more than {self.order.most_ratio} times its size")

    def named(self, given: str) -> tuple[str, bool]:
        """Return the member's path, its own among the members: the second of two gets a number."""
        path, odd = clean_inner_path(given)
        own = own_path(path, self.names)
        return own, odd or own != path

    def copy(self, source: IO[bytes], output: Path, number: int) -> Member | None:
        """Write one member; None when it is larger than one may be. The bytes count in any case."""
        target, size = output / f"{number:06d}", 0
        with target.open("wb") as out:
            while chunk := source.read(_CHUNK):
                size += len(chunk)
                self.add(len(chunk))
                if size > self.order.largest:
                    break
                out.write(chunk)
        if size > self.order.largest:
            target.unlink()
            return None
        return Member(number, "", target.name, size)


# ZIP


def _zip(path: Path, order: ArchiveOrder, output: Path, guard: _Guard) -> Iterator[Member]:
    try:
        archive = _zip_file(path, guard)
    except _BROKEN as trouble:
        raise Refused("damaged", str(trouble)) from trouble
    with archive, ExitStack() as stack:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        _refuse_overlaps(path, entries)
        keys = _Keys(archive, entries, order.passwords, stack)
        opened, locked = 0, 0
        for number, entry in enumerate(entries):
            guard.count(number)
            inner, odd = guard.named(entry.filename)
            if number < order.first:
                continue
            if left_out := _zip_trouble(entry):
                yield Member(number, inner, odd_path=odd, of=len(entries), trouble=left_out)
                continue
            found, why = keys.take(entry, output, number, guard)
            locked, opened = locked + (why == "password"), opened + (why != "password")
            yield msgspec.structs.replace(_whole(found, number, inner, odd, why), of=len(entries))
        if locked and not opened:
            raise Refused("password", f"{len(order.passwords)} tried")


def _whole(found: Member | None, number: int, inner: str, odd: bool, why: Trouble) -> Member:
    if found is None:
        return Member(number, inner, odd_path=odd, trouble=why or "too_large")
    return msgspec.structs.replace(found, inner_path=inner, odd_path=odd)


def _zip_file(path: Path, guard: _Guard) -> zipfile.ZipFile:
    """Open it, unless its list is longer than its entries may be: Python reads the whole list at once."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 65_557 - 76))
        tail = file.read()
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) - end < 22:
        raise zipfile.BadZipFile("no list of entries: it is cut off")
    count, length = struct.unpack_from("<HI", tail, end + 10)
    wide = tail.rfind(b"PK\x06\x06", 0, end)
    if wide >= 0 and len(tail) - wide >= 56:
        count, length = struct.unpack_from("<QQ", tail, wide + 32)
    if length > _LIST or max(count, 0) > guard.order.most_files * 2 + 1000:
        raise Refused("too_many", f"{count} entries")
    return zipfile.ZipFile(path)


def _refuse_overlaps(path: Path, entries: list[zipfile.ZipInfo]) -> None:
    """Refuse a ZIP whose members share their packed bytes: one small heap of bytes for thousands of files."""
    size = path.stat().st_size
    if sum(entry.compress_size for entry in entries) > size:
        raise Refused("hostile", "its members overlap")
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            raise Refused("hostile", "its members overlap")
        end = entry.header_offset + entry.compress_size


def _zip_trouble(entry: zipfile.ZipInfo) -> Trouble:
    mode = entry.external_attr >> 16
    if entry.create_system == 3 and stat.S_IFMT(mode):
        if stat.S_ISLNK(mode):
            return "link"
        if not stat.S_ISREG(mode):
            return "device"
    return ""


class _Keys:
    """Opens the entries of a ZIP, locked ones with the password that fits."""

    def __init__(
        self, archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], passwords: tuple[str, ...], stack: ExitStack
    ) -> None:
        self.archive, self.passwords = archive, list(passwords)
        self.strong: Any = None
        if any(entry.compress_type == _AES for entry in entries):
            import pyzipper  # only for the locked ones that zipfile does not know

            self.strong = stack.enter_context(pyzipper.AESZipFile(archive.filename))

    def take(self, entry: zipfile.ZipInfo, output: Path, number: int, guard: _Guard) -> tuple[Member | None, Trouble]:
        if not entry.flag_bits & 1:
            return self._plain(entry, output, number, guard)
        for password in list(self.passwords):
            try:
                with self._unlocked(entry, password) as source:
                    found = guard.copy(source, output, number)
            except (RuntimeError, *_BROKEN) as trouble:
                pass_on_a_full_disk(trouble)
                (output / f"{number:06d}").unlink(missing_ok=True)
                continue  # a wrong password, most of all: the old lock tells one in 256 only by the broken content
            except NotImplementedError:
                return None, "unsupported"
            self.passwords.remove(password)
            self.passwords.insert(0, password)
            return found, ""
        return None, "password"

    def _unlocked(self, entry: zipfile.ZipInfo, password: str) -> IO[bytes]:
        if entry.compress_type == _AES:
            opened: IO[bytes] = self.strong.open(entry.filename, pwd=password.encode())
            return opened
        return self.archive.open(entry, pwd=password.encode())

    def _plain(self, entry: zipfile.ZipInfo, output: Path, number: int, guard: _Guard) -> tuple[Member | None, Trouble]:
        try:
            if entry.compress_type == _DEFLATE64:
                return self._deflate64(entry, output, number, guard), ""
            with self.archive.open(entry) as source:
                return guard.copy(source, output, number), ""
        except NotImplementedError:
            return None, "unsupported"
        except _BROKEN as trouble:
            pass_on_a_full_disk(trouble)
            (output / f"{number:06d}").unlink(missing_ok=True)
            return None, "damaged"

    def _deflate64(self, entry: zipfile.ZipInfo, output: Path, number: int, guard: _Guard) -> Member | None:
        """Windows packs files above 2 GB so, and zipfile does not know it."""
        import inflate64

        with Path(str(self.archive.filename)).open("rb") as file:
            file.seek(entry.header_offset + 26)
            name, extra = struct.unpack("<HH", file.read(4))
            file.seek(name + extra, os.SEEK_CUR)
            source = _Inflated(file, entry.compress_size, inflate64.Inflater())
            found = guard.copy(source, output, number)  # type: ignore[arg-type]  # it reads, which is all copy does
        if found is not None and zlib.crc32((output / found.file).read_bytes()) != entry.CRC:
            raise zipfile.BadZipFile("wrong sum")
        return found


class _Inflated:
    """A stream that unpacks as it is read."""

    def __init__(self, file: IO[bytes], left: int, inflater: Any) -> None:
        self.file, self.left, self.inflater = file, left, inflater

    def read(self, _size: int) -> bytes:
        while self.left:
            packed = self.file.read(min(self.left, 65_536))
            if not packed:
                raise zipfile.BadZipFile("cut off")
            self.left -= len(packed)
            if found := self.inflater.inflate(packed):
                return bytes(found)
        return b""


# TAR, and what is packed


def _holds_a_tar(path: Path, opened: Any) -> bool:
    with suppress(*_BROKEN), opened(path, "rb") as file:
        head = file.read(512)
        return len(head) == 512 and head[257:262] == b"ustar"
    return False


def _tar(path: Path, mode: Any, order: ArchiveOrder, output: Path, guard: _Guard) -> Iterator[Member]:
    number = 0
    try:
        with tarfile.open(path, mode, errorlevel=1) as archive:
            for entry in archive:
                if entry.isdir():
                    continue
                guard.count(number)
                inner, odd = guard.named(entry.name)
                bare = Member(number, inner, odd_path=odd, trouble="skipped" if number < order.first else "")
                yield bare if bare.trouble else _tar_member(archive, entry, bare, output, guard)
                archive.members.clear()  # type: ignore[attr-defined]  # tarfile would keep them all
                number += 1
    except _BROKEN as trouble:
        pass_on_a_full_disk(trouble)
        raise Refused("damaged", f"after {number} files: {trouble}") from trouble


def _tar_member(archive: tarfile.TarFile, entry: tarfile.TarInfo, bare: Member, output: Path, guard: _Guard) -> Member:
    if entry.issym() or entry.islnk():
        return msgspec.structs.replace(bare, trouble="link")
    if not entry.isfile():
        return msgspec.structs.replace(bare, trouble="device")
    if entry.size > guard.order.largest or entry.issparse():
        return msgspec.structs.replace(bare, trouble="too_large")
    source = archive.extractfile(entry)
    found = guard.copy(source, output, bare.number) if source is not None else None
    return _whole(found, bare.number, bare.inner_path, bare.odd_path, "")


def _single(path: Path, kind: str, opened: Any, output: Path, guard: _Guard) -> Iterator[Member]:
    """One packed file without an archive around it. Its name is empty unless the packer kept it."""
    try:
        with opened(path, "rb") as source:
            found = guard.copy(source, output, 0)
    except _BROKEN as trouble:
        pass_on_a_full_disk(trouble)
        raise Refused("damaged", str(trouble)) from trouble
    name = _gzip_name(path) if kind == "application/gzip" else ""
    inner, odd = clean_inner_path(name) if name else ("", False)
    yield _whole(found, 0, inner, odd, "")


def _gzip_name(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(10 + _LONGEST_NAME)
    if len(head) < 10 or not head[3] & 8 or head[3] & 4:
        return ""
    name, end, _rest = head[10:].partition(b"\x00")
    return name.decode("latin-1") if end else ""


# 7z


def _seven(path: Path, order: ArchiveOrder, output: Path, guard: _Guard) -> Iterator[Member]:
    from py7zr import exceptions as seven

    with _seven_opened(path, order.passwords) as (archive, _password):
        files = [entry for entry in archive.files if not entry.is_directory]
        locked = archive.needs_password()
    guard.count(len(files) - 1)
    if sum(entry.uncompressed for entry in files) > order.most_bytes:
        raise Refused("too_large", "by its own list")
    for password in order.passwords if locked else ("",):
        began = False
        try:
            for member in _seven_streamed(path, password, order, output, guard):
                began = True
                yield member
        except seven.UnsupportedCompressionMethodError as trouble:
            raise Refused("unsupported", str(trouble)) from trouble
        except (seven.ArchiveError, seven.PasswordRequired, *_BROKEN, TypeError) as trouble:
            pass_on_a_full_disk(trouble)
            if not locked or began:
                raise Refused("damaged", str(trouble)) from trouble
            guard.begin_again()
            continue
        return
    raise Refused("password", f"{len(order.passwords)} tried")


@contextmanager
def _seven_opened(path: Path, passwords: tuple[str, ...]) -> Iterator[tuple[Any, str]]:
    """Open it; where the list itself is locked, with the first password that opens it."""
    import py7zr
    from py7zr import exceptions as seven

    archive, used = None, ""
    for used in ("", *passwords):
        try:
            archive = py7zr.SevenZipFile(path, password=used or None)
            break
        except seven.PasswordRequired:
            continue
        except seven.UnsupportedCompressionMethodError as trouble:
            raise Refused("unsupported", str(trouble)) from trouble
        except (seven.ArchiveError, *_BROKEN, TypeError) as trouble:
            if used:
                continue  # a list unlocked with the wrong password is rubbish
            raise Refused("damaged", str(trouble)) from trouble
    if archive is None:
        raise Refused("password", f"{len(passwords)} tried")
    with archive:
        yield archive, used


def _seven_streamed(path: Path, password: str, order: ArchiveOrder, output: Path, guard: _Guard) -> Iterator[Member]:
    """Give the members while a second thread unpacks them: py7zr unpacks an archive in one go."""
    done: queue.Queue[Member | None] = queue.Queue(maxsize=64)
    ended: list[BaseException] = []

    def unpack() -> None:
        writers = _Writers(output, guard, order.first, done)
        try:
            _seven_unpack(path, password, writers)
        except BaseException as trouble:  # noqa: BLE001  it is raised again below, in the thread that answers
            ended.append(trouble)
        writers.close()
        done.put(None)

    threading.Thread(target=unpack, daemon=True).start()
    while (member := done.get()) is not None:
        yield member
    if ended:
        raise ended[0]


def _seven_unpack(path: Path, password: str, writers: _Writers) -> None:
    """Unpack every file, in order, into what `writers` gives.

    Not with py7zr's `extract`: that refuses the whole archive for one name that climbs out of a folder, and we use no
    name as a path.
    """
    import py7zr
    from py7zr.py7zr import MemIO  # type: ignore[attr-defined]  # not named for others

    with path.open("rb") as file, py7zr.SevenZipFile(file, password=password or None) as archive:
        for entry in archive.files:
            if entry.is_directory:
                continue
            if entry.is_symlink or entry.is_junction:
                writers.leave_out(entry.filename)
                continue
            archive.worker.register_filelike(entry.id, MemIO(entry.filename, writers))  # type: ignore[arg-type]  # by its shape
        archive.worker.extract(file, None, parallel=False)


class _Writers:
    """Hands py7zr a numbered file for each member, in the order of the archive."""

    def __init__(self, output: Path, guard: _Guard, first: int, done: queue.Queue[Member | None]) -> None:
        self.output, self.guard, self.first, self.done = output, guard, first, done
        self.number = 0
        self.open: _Writer | None = None

    def create(self, filename: str) -> _Writer:
        """Begin the next member."""
        inner, odd = self.guard.named(filename)
        self.number += 1
        self.open = _Writer(self, Member(self.number - 1, inner, odd_path=odd))
        return self.open

    def close(self) -> None:
        """Close what was being written when the archive broke off."""
        if self.open is not None:
            self.open.out.close()

    def leave_out(self, filename: str) -> None:
        """Name a link, and follow it nowhere."""
        inner, odd = self.guard.named(filename)
        if self.number >= self.first:
            self.done.put(Member(self.number, inner, odd_path=odd, trouble="link"))
        self.number += 1


class _Writer:
    """One member while py7zr writes it."""

    def __init__(self, writers: _Writers, member: Member) -> None:
        self.writers, self.bare = writers, member
        self.length = 0
        self.wanted = member.number >= writers.first
        self.target = writers.output / f"{member.number:06d}" if self.wanted else Path(os.devnull)
        self.out = self.target.open("wb")

    def write(self, octets: bytes | bytearray) -> int:
        """Take some bytes, and none beyond the largest member allowed."""
        self.writers.guard.add(len(octets))
        self.length += len(octets)
        if self.length <= self.writers.guard.order.largest:
            self.out.write(octets)
        return len(octets)

    def read(self, size: int | None = None) -> bytes:
        """Give nothing back: the bytes are in the file."""
        return b""

    def seek(self, offset: int, whence: int = 0) -> int:
        """Do nothing; py7zr rewinds what it has written."""
        return offset

    def flush(self) -> None:
        """Write what waits."""
        self.out.flush()

    def size(self) -> int:
        """Say how much was written."""
        return self.length

    def close(self) -> None:
        """Pass the member on: py7zr calls this when the bytes are whole and their sum is right."""
        self.out.close()
        if not self.wanted:
            self.writers.done.put(msgspec.structs.replace(self.bare, trouble="skipped"))
            return
        if self.length > self.writers.guard.order.largest:
            self.target.unlink()
            self.writers.done.put(msgspec.structs.replace(self.bare, trouble="too_large"))
            return
        self.writers.done.put(msgspec.structs.replace(self.bare, file=self.target.name, size=self.length))
