"""Files inside a PDF, portfolios among them: written out one by one, as the members of an archive are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
import pikepdf
from pikepdf import Array, Dictionary

from requests_app.documents.names import clean_inner_path, own_path
from requests_app.documents.readers.archives import ArchiveOrder, Member
from requests_app.documents.readers.refusals import Refused

MOST_PAGES: Final = 20_000  # looked at for files that are pinned to them
CHUNK: Final = 1024 * 1024
BROKEN: Final = (pikepdf.PdfError, ValueError, TypeError, KeyError, AttributeError, RuntimeError, RecursionError)


def embedded(path: Path, order: ArchiveOrder, output: Path) -> Iterator[Member]:
    """Give the files inside, those of the whole PDF first, then those pinned to its pages.

    Raises Refused: password, damaged, too_many, too_large. A PDF without files gives nothing.
    """
    with _opened(path, order.passwords) as pdf:
        seen: set[tuple[int, int]] = set()
        taken: set[str] = set()
        unpacked = 0
        for number, (given, file) in enumerate(_files(pdf, seen)):
            cleaned, odd = clean_inner_path(given)
            name = own_path(cleaned, taken)
            if number >= order.most_files:
                raise Refused("too_many", f"more than {order.most_files} files")
            if number < order.first:
                yield Member(number, name, trouble="skipped")
                continue
            try:
                member = _written(number, name, file, output, order)
            except BROKEN:
                member = Member(number, name, trouble="damaged")
            member = msgspec.structs.replace(member, odd_path=odd)
            unpacked += member.size
            if unpacked > order.most_bytes:
                raise Refused("too_large", f"more than {order.most_bytes} bytes")
            yield member


def _opened(path: Path, passwords: tuple[str, ...]) -> pikepdf.Pdf:
    for password in ("", *passwords):
        try:
            return pikepdf.open(path, password=password, suppress_warnings=True)
        except pikepdf.PasswordError:
            continue
        except (pikepdf.PdfError, ValueError, RuntimeError) as trouble:
            raise Refused("damaged", str(trouble)) from trouble
    raise Refused("password", f"{len(passwords)} tried")


def _files(pdf: pikepdf.Pdf, seen: set[tuple[int, int]]) -> Iterator[tuple[str, Any]]:
    try:
        named = list(pdf.attachments.items())
    except BROKEN:
        named = []
    for name, specification in named:
        yield from _once(name, specification.obj, seen)
    for number, page in enumerate(pdf.pages, 1):
        if number > MOST_PAGES:
            return
        pinned: list[Any]
        try:
            notes = page.obj.get("/Annots", Array())
            pinned = [note.get("/FS") for note in notes if isinstance(note, Dictionary)]
        except BROKEN:
            continue
        for pin in pinned:
            if isinstance(pin, Dictionary):
                yield from _once(f"page {number}", pin, seen)


def _once(name: str, specification: Any, seen: set[tuple[int, int]]) -> Iterator[tuple[str, Any]]:
    """Give the file that a specification names, unless it was given before: pages may point to files of the whole."""
    files = specification.get("/EF")
    file = files.get("/UF", files.get("/F")) if isinstance(files, Dictionary) else None
    if not isinstance(file, pikepdf.Stream) or file.objgen in seen:
        return
    seen.add(file.objgen)
    said = str(specification.get("/UF", specification.get("/F", ""))).replace("\\", "/").strip()
    yield said or name, file


def _written(number: int, name: str, file: Any, output: Path, order: ArchiveOrder) -> Member:
    """Write one file. What it unpacks to is not known before: the process's bound on memory is the last guard."""
    declared = file.get("/Params", Dictionary()).get("/Size", 0)
    packed = int(file.get("/Length", 0))
    if int(declared) > order.largest:
        return Member(number, name, trouble="too_large")
    content = memoryview(file.get_stream_buffer())
    size = len(content)
    if size > order.largest or (size > order.ratio_from and size > order.most_ratio * max(packed, 1)):
        return Member(number, name, trouble="too_large")
    own = f"embedded-{number}"
    with (output / own).open("wb") as out:
        for at in range(0, size, CHUNK):
            out.write(content[at : at + CHUNK])
    return Member(number, name, own, size)
