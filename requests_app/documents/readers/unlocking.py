"""Opens files that are locked with a password, and says which of several passwords fits.

A locked office file is a compound file around the packed one ([MS-OFFCRYPTO]); old ones are scrambled in place.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from requests_app.documents.readers.refusals import Refused, pass_on_a_full_disk

OPENED: Final = "unlocked"  # name of the opened copy in the output folder
COMPOUND: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Excel locks so what is only guarded against changes, and opens it without asking anybody ([MS-XLS] 2.2.10).
NOBODY_ASKED: Final = "VelvetSweatshop"


class TryOrder(msgspec.Struct, frozen=True):
    """Whether this password opens the file."""

    media_type: str
    kind: str
    password: str


class Fits(msgspec.Struct, frozen=True):
    """The answer. `needed`: the file is locked at all."""

    opens: bool
    needed: bool = True


def opened_office(path: Path, passwords: tuple[str, ...], output: Path) -> Path:
    """Return the office file itself, or a copy in `output` without its lock. Raises Refused: password, damaged."""
    with path.open("rb") as file:
        if not file.read(8).startswith(COMPOUND):
            return path
    import msoffcrypto
    from msoffcrypto import exceptions as locked

    with path.open("rb") as file:
        try:
            office = msoffcrypto.OfficeFile(file)
            if not office.is_encrypted():
                return path
        except (locked.FileFormatError, struct.error, OSError, ValueError, KeyError, IndexError, AttributeError):
            return path  # of another kind; whoever reads it next will say so
        for password in (*passwords, NOBODY_ASKED):
            try:
                office.load_key(password=password, verify_password=True)
                with (output / OPENED).open("wb") as out:
                    office.decrypt(out)
            except locked.InvalidKeyError:
                continue
            except (locked.DecryptionError, locked.ParseError, NotImplementedError) as trouble:
                raise Refused("unsupported", str(trouble)) from trouble
            except (struct.error, OSError, ValueError, KeyError, IndexError) as trouble:
                pass_on_a_full_disk(trouble)
                raise Refused("damaged", str(trouble)) from trouble
            return output / OPENED
    raise Refused("password", f"{len(passwords)} tried")


def fits(path: Path, order: TryOrder, output: Path) -> Iterator[Fits]:
    """Say whether the password opens the file, by opening it. Raises Refused: unsupported, damaged."""
    tried = _TRIES.get(order.kind)
    if tried is None:
        raise Refused("unsupported", order.media_type)
    try:
        tried(path, "", order.media_type, output)
    except Refused as refused:
        if refused.code != "password":
            raise
    else:
        yield Fits(opens=True, needed=False)
        return
    try:
        tried(path, order.password, order.media_type, output)
    except Refused as refused:
        if refused.code != "password":
            raise
        yield Fits(opens=False)
        return
    yield Fits(opens=True)


def _pdf(path: Path, password: str, _media_type: str, _output: Path) -> None:
    import pypdfium2

    try:
        pypdfium2.PdfDocument(path, password=password or None).close()
    except pypdfium2.PdfiumError as trouble:
        # 4 is FPDF_ERR_PASSWORD of pdfium's public header; an older pypdfium2 only says so.
        if getattr(trouble, "err_code", 0) == 4 or "password" in str(trouble).lower():
            raise Refused("password", "tried") from trouble
        raise Refused("damaged", str(trouble)) from trouble


def _archive(path: Path, password: str, media_type: str, output: Path) -> None:
    from requests_app.documents.readers.archives import ArchiveOrder, members

    for member in members(path, ArchiveOrder(media_type, (password,) if password else ()), output):
        if member.trouble == "password":
            raise Refused("password", "tried")
        if member.file:
            (output / member.file).unlink()
            if password:
                return


def _office(path: Path, password: str, _media_type: str, output: Path) -> None:
    found = opened_office(path, (password,) if password else (), output)
    if found != path:
        found.unlink()


_TRIES: Final = {
    "pdf": _pdf,
    "archive": _archive,
    "text document": _office,
    "slides": _office,
    "spreadsheet": _office,
    "other": _office,
}
