"""Office files: their pages through LibreOffice, and their text without it.

LibreOffice runs with a profile of its own that is gone afterwards, with macros off, in the network and under the limits
of the sandbox; it is one of the programs that the sandbox kills with its reader.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import msgspec

from requests_app.documents.readers.markup import Parts
from requests_app.documents.readers.refusals import Refused
from requests_app.documents.readers.rtf import words_of
from requests_app.documents.readers.text import TextFound, blocks
from requests_app.documents.readers.unlocking import opened_office

DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
DOCM: Final = "application/vnd.ms-word.document.macroEnabled.12"
PPTX: Final = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
PPTM: Final = "application/vnd.ms-powerpoint.presentation.macroEnabled.12"
ODF: Final = "application/vnd.oasis.opendocument."
RTF: Final = "application/rtf"
LOCKED: Final = "application/vnd.ms-office-encrypted"

# How each is called when it is given to LibreOffice, which also looks at names.
ENDINGS: Final = {
    DOCX: ".docx", DOCM: ".docm", PPTX: ".pptx", PPTM: ".pptm", RTF: ".rtf", "application/msword": ".doc",
    "application/vnd.ms-powerpoint": ".ppt", ODF + "text": ".odt", ODF + "presentation": ".odp",
    "application/vnd.wordperfect": ".wpd",
}  # fmt: skip

# Macros off, links not followed, nothing fetched, nothing asked.
_PROFILE: Final = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
{}</oor:items>
"""
_SETTING: Final = '<item oor:path="{}"><prop oor:name="{}" oor:op="fuse"><value>{}</value></prop></item>\n'
_SETTINGS: Final = (
    ("/org.openoffice.Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("/org.openoffice.Office.Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("/org.openoffice.Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("/org.openoffice.Office.Common/Security/Scripting", "DisableActiveContent", "true"),
    ("/org.openoffice.Office.Common/Misc", "FirstRun", "false"),
    ("/org.openoffice.Office.Writer/Content/Update", "Link", "0"),
    ("/org.openoffice.Office.Calc/Content/Update", "Link", "1"),
)


class OfficeOrder(msgspec.Struct, frozen=True):
    """Which kind of office file it is, the program that converts it, and the passwords to try."""

    media_type: str
    program: str = ""
    passwords: tuple[str, ...] = ()


class Converted(msgspec.Struct, frozen=True):
    """The PDF in the output folder."""

    file: str


def pdf(path: Path, order: OfficeOrder, output: Path) -> Iterator[Converted]:
    """Make a PDF. Raises Refused: password, damaged, hostile, too_large, missing_program."""
    program = shutil.which(order.program)
    if not program:
        raise Refused("missing_program", order.program)
    plain = opened_office(path, order.passwords, output)
    media_type = _media_type(plain, order.media_type)
    _refuse_bombs(plain, media_type)
    source = output / ("source" + ENDINGS.get(media_type, ""))
    if plain == path:
        shutil.copyfile(path, source)
    else:
        plain.rename(source)
    settings = output / "profile" / "user"
    settings.mkdir(parents=True)
    said = "".join(_SETTING.format(*setting) for setting in _SETTINGS)
    (settings / "registrymodifications.xcu").write_text(_PROFILE.format(said))
    ended = subprocess.run(
        [
            program, f"-env:UserInstallation={settings.parent.as_uri()}", "--headless", "--norestore", "--nologo",
            "--nodefault", "--nolockcheck", "--convert-to", "pdf", "--outdir", str(output), str(source),
        ],
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
        stderr=sys.stderr,
        check=False,
    )  # fmt: skip
    made = source.with_suffix(".pdf")
    source.unlink()
    if not made.is_file() or not made.stat().st_size:
        raise Refused("damaged", f"LibreOffice ended with {ended.returncode} and made nothing")
    yield Converted(made.name)


def text(path: Path, order: OfficeOrder, output: Path) -> Iterator[TextFound]:
    """Give the text block by block, where that needs no office program. Raises Refused: unsupported where it does."""
    plain = opened_office(path, order.passwords, output)
    media_type = _media_type(plain, order.media_type)
    words = _WORDS.get(media_type)
    if words is None:
        raise Refused("unsupported", media_type)
    for number, block in enumerate(blocks(words(plain))):
        yield TextFound(number, block)


def _media_type(plain: Path, given: str) -> str:
    """Return what a locked file is, once it is open."""
    if given != LOCKED:
        return given
    with plain.open("rb") as file:
        if not file.read(4).startswith(b"PK"):
            raise Refused("unsupported", "a locked file of an unknown kind")
    parts = Parts(str(plain))
    for folder, media_type in (("word/", DOCX), ("ppt/", PPTX)):
        if any(name.startswith(folder) for name in parts.names):
            return media_type
    raise Refused("unsupported", "a locked file of an unknown kind")


def _refuse_bombs(path: Path, media_type: str) -> None:
    """Look through the parts before an office program does: it would unpack whatever the file says."""
    if not (media_type in (DOCX, DOCM, PPTX, PPTM) or media_type.startswith(ODF)):
        return
    parts = Parts(str(path))
    if parts.has("META-INF/manifest.xml") and any(
        event.name == "encryption-data" for event in parts.events("META-INF/manifest.xml")
    ):
        raise Refused("unsupported", "an OpenDocument file locked with a password")
    for name in parts.names:
        if name.endswith((".xml", ".rels")):
            for _event in parts.events(name):
                pass


def _docx(path: Path) -> Iterator[str]:
    parts = Parts(str(path))
    yield from _marked(parts, "word/document.xml", {"t"}, ends={"p": "\n", "tc": "\t"}, signs={"tab": "\t", "br": "\n"})
    for name in sorted(parts.names):
        if re.fullmatch(r"word/(footnotes|endnotes|header\d*|footer\d*)\.xml", name):
            yield "\n"
            yield from _marked(parts, name, {"t"}, ends={"p": "\n"}, signs={"tab": "\t"})


def _pptx(path: Path) -> Iterator[str]:
    parts = Parts(str(path))
    for name in numbered(parts, r"ppt/slides/slide(\d+)\.xml"):
        yield from _marked(parts, name, {"t"}, ends={"p": "\n"}, signs={"br": "\n"})
        yield "\n"


def _odf(path: Path) -> Iterator[str]:
    parts = Parts(str(path))
    ends = {"p": "\n", "h": "\n", "table-cell": "\t"}
    signs = {"tab": "\t", "line-break": "\n", "s": " "}
    yield from _marked(parts, "content.xml", {"p", "h"}, ends=ends, signs=signs, without={"tracked-changes"})


def _rtf(path: Path) -> Iterator[str]:
    yield words_of(path.read_bytes())


_WORDS: Final[dict[str, Callable[[Path], Iterator[str]]]] = {
    DOCX: _docx,
    DOCM: _docx,
    PPTX: _pptx,
    PPTM: _pptx,
    ODF + "text": _odf,
    ODF + "presentation": _odf,
    RTF: _rtf,
}


def numbered(parts: Parts, pattern: str) -> list[str]:
    """Return the parts whose names fit, by the number in them."""
    found = [(int(match[1]), name) for name in parts.names if (match := re.fullmatch(pattern, name))]
    return [name for _number, name in sorted(found)]


def _marked(
    parts: Parts, name: str, inside: set[str], *, ends: dict[str, str], signs: dict[str, str],
    without: frozenset[str] | set[str] = frozenset(),
) -> Iterator[str]:  # fmt: skip
    """Give the text that stands in elements of these names, with a sign where others stand or end."""
    if not parts.has(name):
        raise Refused("damaged", f"no {name}")
    depth, hidden = 0, 0
    for event in parts.events(name):
        if event.name in without:
            hidden += {"start": 1, "end": -1}.get(event.kind, 0)
        if hidden:
            continue
        if event.kind == "text":
            if depth:
                yield event.text
            continue
        if event.name in inside:
            depth += 1 if event.kind == "start" else -1
        if event.kind == "start" and event.name in signs:
            yield signs[event.name]
        if event.kind == "end" and event.name in ends:
            yield ends[event.name]
