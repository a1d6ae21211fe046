"""What office files hold beside what they show: changes, comments, hidden words and slides, names, macros, links.

Office Open XML and OpenDocument are read part by part; old compound files and rich text only for what their directory
and their head tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from requests_app.documents.readers.hidden import Hidden, found
from requests_app.documents.readers.markup import Event, Parts
from requests_app.documents.readers.office import numbered
from requests_app.documents.readers.rtf import LARGEST
from requests_app.documents.readers.unlocking import COMPOUND, opened_office

_CHANGES: Final = {"ins": "inserted", "del": "deleted", "moveFrom": "moved from", "moveTo": "moved to"}
_NAMES: Final = {  # of the parts about a file: what each is called to a person
    "creator": "author", "lastModifiedBy": "last changed by", "initial-creator": "first author", "Company": "company",
    "Manager": "manager", "Template": "template", "title": "title", "subject": "subject", "keywords": "keywords",
    "description": "description", "printed-by": "printed by", "lastPrinted": "last printed",
    "editing-cycles": "times edited", "revision": "times saved",
}  # fmt: skip
_WORTH_TELLING: Final = frozenset({"editing-cycles", "revision"})  # only above one
_FETCHING: Final = re.compile(r"\b(DDE|DDEAUTO|INCLUDETEXT|INCLUDEPICTURE|LINK|IMPORT)\b")
_SHOWN: Final = {"text-properties": "display", "drawing-page-properties": "visibility"}
_NOT_SHOWN: Final = {("text-properties", "none"), ("drawing-page-properties", "hidden")}
_TEXT_PARTS: Final = r"word/(?:document|footnotes|endnotes|header\d*|footer\d*)\.xml"


class HiddenOrder(msgspec.Struct, frozen=True):
    """Look for what is hidden; the passwords to try where the file is locked."""

    passwords: tuple[str, ...] = ()


def hidden(path: Path, order: HiddenOrder, output: Path) -> Iterator[Hidden]:
    """Give what is hidden in an office file. Raises Refused: password, damaged, hostile, too_large."""
    plain = opened_office(path, order.passwords, output)
    with plain.open("rb") as file:
        head = file.read(8)
    if head.startswith(COMPOUND):
        yield from _compound(plain)
    elif head.startswith(b"{\\rtf"):
        yield from _rich_text(plain)
    elif head.startswith(b"PK"):
        parts = Parts(str(plain))
        if parts.has("[Content_Types].xml"):
            yield from _open_xml(parts)
        else:
            yield from _open_document(parts)


# Office Open XML


def _open_xml(parts: Parts) -> Iterator[Hidden]:
    yield from _properties(parts, ("docProps/core.xml", "docProps/app.xml"))
    yield from _named_properties(parts, "docProps/custom.xml")
    yield from _active_parts(parts)
    yield from _outside(parts)
    for name in sorted(parts.names):
        if re.fullmatch(_TEXT_PARTS, name):
            yield from _words_of(parts, name)
        elif re.fullmatch(r"word/comments\.xml|ppt/comments/.*\.xml", name):
            yield from _comments(parts, name)
    for number, name in enumerate(numbered(parts, r"ppt/slides/slide(\d+)\.xml"), 1):
        yield from _slide(parts, name, number)
    for name in numbered(parts, r"ppt/notesSlides/notesSlide(\d+)\.xml"):
        number = int(re.sub(r"\D", "", name))
        text = _notes(parts, name)
        if text:
            yield found("note", f"slide {number}", text, number)


def _properties(parts: Parts, names: tuple[str, ...]) -> Iterator[Hidden]:
    for name in names:
        if not parts.has(name):
            continue
        within, text = "", ""
        for event in parts.events(name):
            if event.kind == "start":
                within, text = event.name, ""
            elif event.kind == "text":
                text += event.text
            elif event.name == within and within in _NAMES and text.strip():
                if within not in _WORTH_TELLING or text.strip() not in ("0", "1"):
                    yield found("metadata", _NAMES[within], text)
                within = ""


def _named_properties(parts: Parts, name: str) -> Iterator[Hidden]:
    called, text = "", ""
    for event in parts.events(name) if parts.has(name) else ():
        if event.kind == "start" and event.name == "property":
            called, text = event.attributes.get("name", ""), ""
        elif event.kind == "text":
            text += event.text
        elif event.kind == "end" and event.name == "property" and text.strip():
            yield found("metadata", called or "property", text)


def _active_parts(parts: Parts) -> Iterator[Hidden]:
    for name in parts.names:
        small = name.lower()
        if small.endswith("vbaproject.bin"):
            yield found("macro", name)
        elif "/activex/" in small and small.endswith(".xml") and "_rels" not in small:
            yield found("active_content", name, "a control")
        elif "/webextensions/" in small and small.endswith(".xml") and "_rels" not in small:
            yield found("active_content", name, "an add-in from the web")
        elif "/embeddings/" in small and "_rels" not in small:
            yield found("embedded_file", name, name.rpartition("/")[2])
        elif small.endswith("connections.xml"):
            yield found("external_link", name, "a connection to a database")


def _outside(parts: Parts) -> Iterator[Hidden]:
    """Give what the file would fetch by itself. A link that a reader sees and may follow is none."""
    for name in parts.names:
        if not name.endswith(".rels"):
            continue
        for event in parts.events(name):
            if event.kind != "start" or event.attributes.get("TargetMode") != "External":
                continue
            what = event.attributes.get("Type", "").rpartition("/")[2]
            if what != "hyperlink":
                yield found("external_link", what or name, event.attributes.get("Target", ""))


def _words_of(parts: Parts, name: str) -> Iterator[Hidden]:
    changes: list[tuple[str, str, list[str]]] = []  # which, whose, the words
    is_hidden, in_marks, in_field = False, False, False
    field, words = "", ""
    for event in parts.events(name):
        if event.kind == "start":
            if event.name in _CHANGES and "author" in event.attributes:
                changes.append((event.name, event.attributes["author"], []))
            elif event.name == "rPr":
                in_marks = True
            elif event.name == "r":
                is_hidden, words = False, ""
            elif event.name in ("vanish", "webHidden") and in_marks:
                is_hidden = event.attributes.get("val", "1") not in ("0", "false", "off")
            elif event.name == "instrText":
                in_field, field = True, ""
        elif event.kind == "text":
            words += event.text
            if in_field:
                field += event.text
            if changes:
                changes[-1][2].append(event.text)
        elif event.name == "rPr":
            in_marks, words = False, ""
        elif event.name == "r" and is_hidden and words.strip():
            yield found("hidden_text", name, words)
        elif event.name == "instrText":
            in_field = False
            if _FETCHING.search(field):
                yield found("active_content" if "DDE" in field else "external_link", name, field)
        elif changes and event.name == changes[-1][0]:
            which, whose, said = changes.pop()
            if "".join(said).strip():
                yield found("tracked_change", f"{_CHANGES[which]} by {whose}", "".join(said))


def _comments(parts: Parts, name: str) -> Iterator[Hidden]:
    whose, text = "", ""
    for event in parts.events(name):
        if event.kind == "start" and event.name in ("comment", "cm"):
            whose, text = event.attributes.get("author", ""), ""
        elif event.kind == "text":
            text += event.text
        elif event.kind == "end" and event.name in ("comment", "cm") and text.strip():
            yield found("comment", f"by {whose}" if whose else name, text)


def _slide(parts: Parts, name: str, number: int) -> Iterator[Hidden]:
    hidden_shape, text, is_hidden = 0, "", False
    shapes: list[bool] = []
    for event in parts.events(name):
        if event.kind == "start" and event.name == "sld":
            is_hidden = event.attributes.get("show") in ("0", "false")
        elif event.kind == "start" and event.name in ("sp", "pic", "graphicFrame", "grpSp"):
            shapes.append(False)
        elif event.kind == "start" and event.name == "cNvPr" and shapes:
            shapes[-1] = event.attributes.get("hidden") in ("1", "true")
            hidden_shape += shapes[-1]
        elif event.kind == "text" and (hidden_shape or is_hidden):
            text += event.text
        elif event.kind == "end" and event.name in ("sp", "pic", "graphicFrame", "grpSp") and shapes and shapes.pop():
            hidden_shape -= 1
            if text.strip() and not is_hidden:
                yield found("hidden_text", f"slide {number}", text, number)
                text = ""
        elif event.kind == "end" and event.name == "p" and text:
            text += " "
    if is_hidden:
        yield found("hidden_slide", f"slide {number}", text, number)


def _notes(parts: Parts, name: str) -> str:
    """Return what a speaker noted, without the number of the slide, which is a field."""
    text, in_words, in_field = "", False, False
    for event in parts.events(name):
        if event.name == "fld":
            in_field = event.kind == "start"
        elif event.name == "t":
            in_words = event.kind == "start"
        elif event.kind == "text" and in_words and not in_field:
            text += event.text
        elif event.kind == "end" and event.name == "p" and text:
            text += " "
    return text.strip()


# OpenDocument


def _open_document(parts: Parts) -> Iterator[Hidden]:
    yield from _properties(parts, ("meta.xml",))
    for name in parts.names:
        if name.startswith(("Basic/", "Scripts/")) and name.endswith((".xml", ".py", ".js", ".bsh")):
            if not name.endswith(("script-lc.xml", "script-lb.xml")):
                yield found("macro", name)
        elif re.fullmatch(r"Object \d+/content\.xml|Object \d+", name):
            yield found("embedded_file", name)
    if parts.has("content.xml"):
        unseen = _unseen_styles(parts)
        yield from _open_document_text(parts, unseen)


def _unseen_styles(parts: Parts) -> frozenset[str]:
    """Return the styles of words and slides that are not shown."""
    unseen, style = set(), ""
    for name in ("styles.xml", "content.xml"):
        for event in parts.events(name) if parts.has(name) else ():
            if event.kind != "start":
                continue
            if event.name == "style":
                style = event.attributes.get("name", "")
            elif (event.name, event.attributes.get(_SHOWN.get(event.name, ""))) in _NOT_SHOWN:
                unseen.add(style)
    return frozenset(unseen)


class _Holder(msgspec.Struct):
    """An element whose text is a finding: what, where, and how deep it stands."""

    kind: str
    where: str
    depth: int
    text: str = ""
    whose: str = ""


def _open_document_text(parts: Parts, unseen: frozenset[str]) -> Iterator[Hidden]:
    holders: list[_Holder] = []
    depth, page, in_name = 0, 0, False
    for event in parts.events("content.xml"):
        if event.kind == "start":
            depth += 1
            page += event.name == "page" and "master-page-name" in event.attributes
            in_name = event.name == "creator"
            if holder := _holder(event, unseen, depth, page):
                holders.append(holder)
            href = event.attributes.get("href", "")
            if event.name != "a" and re.match(r"(?:https?|ftp|file|smb):|//|\\\\", href, re.IGNORECASE):
                yield found("external_link", event.name, href, page)
            if event.name == "event-listener":
                yield found("active_content", "content.xml", event.attributes.get("href", ""), page)
        elif event.kind == "text" and holders:
            if in_name:
                holders[-1].whose += event.text
            else:
                holders[-1].text += event.text + " "
        elif event.kind == "end":
            in_name = False
            if holders and holders[-1].depth == depth:
                yield from _said(holders.pop(), page)
            depth -= 1


def _holder(event: Event, unseen: frozenset[str], depth: int, page: int) -> _Holder | None:
    if event.name in ("insertion", "deletion", "format-change"):
        return _Holder(
            "tracked_change", {"insertion": "inserted", "deletion": "deleted"}.get(event.name, "changed"), depth
        )
    if event.name == "annotation":
        return _Holder("comment", "", depth)
    if event.name == "notes":
        return _Holder("note", f"slide {page}", depth)
    if event.name in ("hidden-text", "hidden-paragraph"):
        return _Holder("hidden_text", "content.xml", depth, event.attributes.get("string-value", ""))
    if event.attributes.get("style-name") in unseen:
        if event.name == "page":
            return _Holder("hidden_slide", f"slide {page}", depth)
        return _Holder("hidden_text", "content.xml", depth)
    return None


def _said(holder: _Holder, page: int) -> Iterator[Hidden]:
    whose = f"by {holder.whose.strip()}" if holder.whose.strip() else ""
    where = " ".join(part for part in (holder.where, whose) if part) or "content.xml"
    if holder.text.strip() or holder.kind in ("hidden_slide", "tracked_change"):
        yield found(holder.kind, where, holder.text, page)


# Files of Office before 2007, and rich text


def _compound(path: Path) -> Iterator[Hidden]:
    import olefile

    with olefile.OleFileIO(str(path)) as file:
        entries = ["/".join(entry) for entry in file.listdir(streams=True, storages=True)]
        about = file.get_metadata()
        for called, said in (
            ("author", about.author),
            ("last changed by", about.last_saved_by),
            ("company", about.company),
            ("manager", about.manager),
            ("template", about.template),
            ("title", about.title),
        ):
            if said:
                yield found(
                    "metadata", called, said.decode("cp1252", "replace") if isinstance(said, bytes) else str(said)
                )
    if any(re.search(r"(?:^|/)(?:Macros|_VBA_PROJECT_CUR|VBA)(?:$|/)", entry) for entry in entries):
        yield found("macro", "VBA")
    for entry in entries:
        if re.fullmatch(r"ObjectPool/[^/]+|MBD[0-9A-F]{8}", entry):
            yield found("embedded_file", entry)


def _rich_text(path: Path) -> Iterator[Hidden]:
    with path.open("rb") as file:
        raw = file.read(LARGEST)
    for word, called in ((rb"author", "author"), (rb"operator", "last changed by"), (rb"company", "company")):
        for match in re.finditer(rb"\{\\(?:\*\\)?" + word + rb"\s+([^{}\\]{1,200})", raw):
            yield found("metadata", called, match[1].decode("cp1252", "replace"))
    for match in re.finditer(rb"\{\\\*\\annotation([^{}]{0,400})", raw):
        yield found("comment", "annotation", re.sub(rb"\\[a-z]+-?\d* ?", b"", match[1]).decode("cp1252", "replace"))
    for match in re.finditer(rb"\\v(?:1)? ([^\\{}]{1,200})", raw):
        yield found("hidden_text", "rich text", match[1].decode("cp1252", "replace"))
    for match in re.finditer(rb"\\(?:deleted|revised)\b[^{}]{0,40} ([^\\{}]{1,200})", raw):
        yield found("tracked_change", "rich text", match[1].decode("cp1252", "replace"))
    for _match in re.finditer(rb"\\objdata\b", raw):
        yield found("embedded_file", "rich text")
    for match in re.finditer(rb"\\\*\\template\s+([^{}\\]{1,200})", raw):
        yield found("external_link", "template", match[1].decode("cp1252", "replace"))
