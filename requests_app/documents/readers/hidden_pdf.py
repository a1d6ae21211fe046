"""What a PDF holds beside what its pages show.

1. About the whole file, by its structure (`pikepdf`): who made it, files inside, layers that are off, earlier versions,
   what would act by itself.
2. On each page, by what is drawn in which order (pdfium): text that a later box covers, and text that leaves no ink.
3. Notes on the pages.

Finding what a black box was meant to hide is no trick: whoever selects the text sees it. So it is reported, to those
who review, before anybody passes the file on.
"""

from __future__ import annotations

import ctypes
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import pikepdf
import pypdfium2_raw as pdfium
from pikepdf import Array, Dictionary, Name

from requests_app.documents.readers.hidden import Hidden, found
from requests_app.documents.readers.pdfium import Pdf
from requests_app.documents.readers.refusals import Refused

MOST_SIGNS: Final = 100_000  # of one page
MOST_OBJECTS: Final = 50_000  # of one page
DEEPEST: Final = 8  # forms in forms, lists in lists
MOST_NAMES: Final = 5_000  # entries of a list in the file's structure
A_SCAN: Final = 0.5  # of the page: text behind a picture of that size is what a scanner's program read from it
TINY: Final = 1.0  # points: letters smaller than that nobody sees
SMALL: Final = 3.0  # points: in larger type nothing but a stop is smaller than TINY
WHITE: Final = 250  # of 255
NO_INK: Final = frozenset({pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP})
SHOWN_TO_NOBODY: Final = 2 | 32  # flags of a note: hidden, not viewed (ISO 32000-1, table 165)
NAMES_TOLD: Final = {
    "/Author": "author", "/Title": "title", "/Subject": "subject", "/Keywords": "keywords", "/Company": "company",
    "/Manager": "manager", "/SourceModified": "source changed", "/Creator": "made with", "/Producer": "written by",
}  # fmt: skip
OF_PROGRAMS: Final = frozenset({"/Creator", "/Producer", "/Trapped", "/CreationDate", "/ModDate", "/PTEX.Fullbanner"})
ACTS: Final = {
    "/JavaScript": "a script", "/Launch": "starts a program", "/SubmitForm": "sends what is filled in",
    "/ImportData": "fetches a file", "/GoToR": "opens another file", "/Rendition": "plays a recording",
    "/RichMediaExecute": "runs what is inside",
}  # fmt: skip
FETCHES: Final = frozenset({"/SubmitForm", "/ImportData", "/GoToR"})
BROKEN: Final = (pikepdf.PdfError, ValueError, TypeError, KeyError, AttributeError, IndexError, RuntimeError)


class HiddenOrder(msgspec.Struct, frozen=True):
    """Where to begin: at page 1 with the whole file, or later with that page alone and those after it."""

    passwords: tuple[str, ...] = ()
    first: int = 1


class HiddenOnPage(msgspec.Struct, frozen=True):
    """What is hidden on one page; page 0 is the whole file."""

    number: int
    of: int
    hidden: list[Hidden]


def hidden(path: Path, order: HiddenOrder, output: Path) -> Iterator[HiddenOnPage]:
    """Give what is hidden in the whole file, then page by page. Raises Refused."""
    with Pdf(path, order.passwords) as pdf:
        boxes: dict[int, list[Rect]] = {}
        notes: dict[int, list[Hidden]] = {}
        try:
            with _opened(path, order.passwords) as whole:
                if order.first == 1:
                    yield HiddenOnPage(0, pdf.count, list(_about_the_file(whole, path)))
                for number in range(order.first, len(whole.pages) + 1):
                    notes[number], boxes[number] = _notes(whole.pages[number - 1], number)
        except (*BROKEN, Refused):
            pass  # what pdfium can open and qpdf cannot is looked at page by page
        for number in range(order.first, pdf.count + 1):
            covered = boxes.pop(number, [])
            try:
                on_page = list(_on_page(pdf, number, covered))
            except Refused:
                on_page = []
            yield HiddenOnPage(number, pdf.count, notes.pop(number, []) + on_page)


def _opened(path: Path, passwords: tuple[str, ...]) -> pikepdf.Pdf:
    for password in ("", *passwords):
        try:
            return pikepdf.open(path, password=password, suppress_warnings=True)
        except pikepdf.PasswordError:
            continue
    raise Refused("password", "")


# The whole file


def _about_the_file(pdf: pikepdf.Pdf, path: Path) -> Iterator[Hidden]:
    for part in (_people, _files, _layers, _what_acts):
        try:
            yield from part(pdf)
        except BROKEN:
            continue  # a part of the file that is broken hides nothing from readers that cannot open it either
    yield from _revisions(path)


def _people(pdf: pikepdf.Pdf) -> Iterator[Hidden]:
    """Give who and what the file says made it. Programs are told only where the file names nobody."""
    for key, value in list(pdf.docinfo.items())[:50]:
        said = str(value).strip()
        if said and str(key) not in OF_PROGRAMS:
            yield found("metadata", NAMES_TOLD.get(str(key), str(key).lstrip("/")), said)
    with pdf.open_metadata() as metadata:
        for entry, name in (
            ("dc:creator", "author"),
            ("pdfx:Company", "company"),
            ("photoshop:AuthorsPosition", "job"),
        ):
            named: Any = metadata.get(entry)
            said = ", ".join(map(str, named)) if isinstance(named, list | set) else str(named or "")
            if said.strip() and said != str(pdf.docinfo.get("/Author", "")):
                yield found("metadata", name, said)


def _files(pdf: pikepdf.Pdf) -> Iterator[Hidden]:
    for name in list(pdf.attachments)[:MOST_NAMES]:
        yield found("embedded_file", "in the file", name)


def _layers(pdf: pikepdf.Pdf) -> Iterator[Hidden]:
    """Give the layers that are off when the file is opened."""
    layers = pdf.Root.get("/OCProperties")
    if not isinstance(layers, Dictionary):
        return
    usual = layers.get("/D", Dictionary())
    named = [layer for layer in layers.get("/OCGs", Array()) if isinstance(layer, Dictionary)][:MOST_NAMES]
    off = {layer.objgen for layer in usual.get("/OFF", Array())}
    on = {layer.objgen for layer in usual.get("/ON", Array())}
    all_off = usual.get("/BaseState") == Name.OFF
    for layer in named:
        if layer.objgen in off or (all_off and layer.objgen not in on):
            yield found("layer", "layers", str(layer.get("/Name", "")))


def _revisions(path: Path) -> Iterator[Hidden]:
    """Give the earlier versions that were saved over: each save writes its own end after that of the one before."""
    ends: list[int] = []
    at = 0
    tail = b""
    first_version = b""
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            if not at:
                first_version = chunk[:1024]
            piece = tail + chunk
            ends += [at - len(tail) + match.end() for match in re.finditer(rb"%%EOF", piece)]
            at += len(chunk)
            tail = piece[-4:]
    earlier = len(dict.fromkeys(ends)) - 1
    if b"/Linearized" in first_version:
        earlier -= 1  # a file made for the web has an end near its beginning
    if earlier > 0:
        yield found("revision", "the end of the file", f"{earlier} earlier, the last of {ends[-2]} bytes")


def _what_acts(pdf: pikepdf.Pdf) -> Iterator[Hidden]:
    yield from _action(pdf.Root.get("/OpenAction"), "on opening", 0)
    for event, action in _entries(pdf.Root.get("/AA")):
        yield from _action(action, f"on the event {event}", 0)
    names = pdf.Root.get("/Names")
    if isinstance(names, Dictionary) and "/JavaScript" in names:
        yield found("active_content", "scripts of the file", ACTS["/JavaScript"])
    form = pdf.Root.get("/AcroForm")
    if isinstance(form, Dictionary) and "/XFA" in form:
        yield found("active_content", "form", "a form of the older kind (XFA), which can hold scripts")


def _action(action: Any, where: str, page: int, depth: int = 0) -> Iterator[Hidden]:
    if not isinstance(action, Dictionary) or depth > DEEPEST:
        return
    kind = str(action.get("/S", ""))
    if kind in ACTS:
        said = str(action.get("/JS", "")) if kind == "/JavaScript" and not _is_stream(action.get("/JS")) else ""
        target = _target(action.get("/F"))
        name = "external_link" if kind in FETCHES and target else "active_content"
        yield found(name, where, f"{ACTS[kind]}: {target or said}".rstrip(": "), page)
    following = action.get("/Next")
    for next_one in following if isinstance(following, Array) else [following]:
        yield from _action(next_one, where, page, depth + 1)


def _target(file: Any) -> str:
    if isinstance(file, Dictionary):
        return str(file.get("/UF", file.get("/F", "")))
    return str(file) if isinstance(file, pikepdf.String) else ""


def _is_stream(value: Any) -> bool:
    return isinstance(value, pikepdf.Stream)


def _entries(value: Any) -> list[tuple[str, Any]]:
    return [(str(key).lstrip("/"), each) for key, each in value.items()][:100] if isinstance(value, Dictionary) else []


# Notes on a page


class Rect(NamedTuple):
    """A box in the page's own points, from its bottom left."""

    left: float
    bottom: float
    right: float
    top: float

    def holds(self, x: float, y: float) -> bool:
        """Whether the point is inside."""
        return self.left <= x <= self.right and self.bottom <= y <= self.top

    def meets(self, other: Rect) -> bool:
        """Whether the two have a point in common."""
        return (
            self.left <= other.right and other.left <= self.right
            and self.bottom <= other.top and other.bottom <= self.top
        )  # fmt: skip

    @property
    def area(self) -> float:
        """In square points."""
        return max(self.right - self.left, 0.0) * max(self.top - self.bottom, 0.0)


def _notes(page: pikepdf.Page, number: int) -> tuple[list[Hidden], list[Rect]]:
    """Return what notes on a page say, and the boxes that cover what is under them."""
    told: list[Hidden] = []
    boxes: list[Rect] = []
    try:
        for event, action in _entries(page.obj.get("/AA")):
            told += _action(action, f"on the event {event} of the page", number)
        notes = page.obj.get("/Annots", Array())
        for note in list(notes)[:MOST_NAMES] if isinstance(notes, Array) else []:
            if isinstance(note, Dictionary):
                told += _note(note, number)
                boxes += _cover(note)
    except BROKEN:
        pass
    return told, boxes


def _note(note: Dictionary, number: int) -> Iterator[Hidden]:
    kind = str(note.get("/Subtype", "")).lstrip("/")
    yield from _action(note.get("/A"), f"{kind} on the page", number)
    for event, action in _entries(note.get("/AA")):
        yield from _action(action, f"{kind}, on the event {event}", number)
    if kind == "FileAttachment":
        yield found("embedded_file", "pinned to the page", _target(note.get("/FS")), number)
    if kind in ("RichMedia", "Screen", "Movie", "3D"):
        yield found("active_content", f"{kind} on the page", "", number)
    said = str(note.get("/Contents", "")).strip()
    unseen = bool(int(note.get("/F", 0)) & SHOWN_TO_NOBODY)
    if kind == "Widget" and unseen and str(note.get("/V", "")).strip():
        yield found("hidden_text", "a field of a form that is not shown", str(note.get("/V")), number)
    elif said and kind not in ("Link", "Widget"):
        by = str(note.get("/T", "")).strip()
        yield found("hidden_text" if unseen else "comment", f"{kind} by {by}" if by else kind, said, number)


def _cover(note: Dictionary) -> list[Rect]:
    """Return the box of a note that covers what is under it: one marked for redaction, or one filled with a colour."""
    kind = str(note.get("/Subtype", ""))
    if int(note.get("/F", 0)) & SHOWN_TO_NOBODY:
        return []
    filled = kind in ("/Square", "/FreeText") and len(note.get("/IC", note.get("/C", Array()))) > 0
    solid = float(note.get("/CA", 1)) >= 1
    if kind != "/Redact" and not (filled and solid):
        return []
    left, bottom, right, top = (float(value) for value in note.get("/Rect", Array()))
    return [Rect(min(left, right), min(bottom, top), max(left, right), max(bottom, top))]


# What is drawn on a page


class Text(NamedTuple):
    """A piece of text on a page, as the file has it. `size`: points that its letters are high at least, about."""

    order: int
    address: int
    where: Rect
    size: float
    leaves_no_ink: bool
    is_white: bool


class Drawn(NamedTuple):
    """One thing drawn on a page: when, where, and whether it covers what is under it."""

    order: int
    where: Rect
    is_picture: bool
    is_white: bool


def _on_page(pdf: Pdf, number: int, covers: list[Rect]) -> Iterator[Hidden]:
    page = pdfium.FPDF_LoadPage(pdf.handle, number - 1)
    if not page:
        raise Refused("damaged", f"page {number}")
    try:
        sheet = _sheet(page, covers)
        in_doubt = sheet.in_doubt()
        # Most text lies open: its signs, thousands to a page, are not looked at one by one.
        signs = pdfium.FPDFText_LoadPage(page) if in_doubt or not sheet.is_whole else None
        if not signs:
            return
        try:
            yield from _unseen(signs, number, sheet, in_doubt)
        finally:
            pdfium.FPDFText_ClosePage(signs)
    finally:
        pdfium.FPDF_ClosePage(page)


class Sheet(NamedTuple):
    """A page: its paper, all that is drawn on it, and what notes cover."""

    paper: Rect
    texts: list[Text]
    boxes: list[Drawn]
    covers: list[Rect]
    scanned: bool  # a picture takes most of it: text behind that picture is what a scanner's program read
    is_whole: bool  # False: more is drawn than was looked at

    def in_doubt(self) -> dict[int, int]:
        """Return the pieces of text of which a sign may be unseen, by their addresses, each with its order.

        Where a piece surely lies open, each of its signs does: it is drawn on the paper, in a colour, not small, and
        nothing lies over it. A piece counts a line's height larger all round than pdfium says it is.
        """
        return {text.address: text.order for text in self.texts if self._may_be_unseen(text)}

    def _may_be_unseen(self, text: Text) -> bool:
        where, paper = text.where, self.paper
        if not (
            paper.left <= where.left and where.right <= paper.right
            and paper.bottom <= where.bottom and where.top <= paper.top
        ):  # fmt: skip
            return True
        if text.leaves_no_ink:
            return not self.scanned
        if not self.scanned and (text.is_white or text.size < SMALL):
            return True
        return any(where.meets(cover) for cover in self.covers) or any(
            box.order > text.order and where.meets(box.where) for box in self.boxes
        )


def _sheet(page: Any, covers: list[Rect]) -> Sheet:
    box = pdfium.FS_RECTF()
    pdfium.FPDF_GetPageBoundingBox(page, ctypes.byref(box))
    paper = Rect(box.left, box.bottom, box.right, box.top)
    walk = _Walk(page)
    boxes = [thing for thing in walk.drawn if not (thing.is_picture and thing.where.area > A_SCAN * paper.area)]
    return Sheet(paper, walk.texts, boxes, covers, len(boxes) < len(walk.drawn), walk.is_whole)


def _unseen(signs: Any, number: int, sheet: Sheet, in_doubt: dict[int, int]) -> Iterator[Hidden]:
    """Give the stretches of text that nobody sees, each with why."""
    open_ones = {text.address for text in sheet.texts} - in_doubt.keys()
    why, said = "", ""
    for at in range(min(pdfium.FPDFText_CountChars(signs), MOST_SIGNS)):
        sign = chr(pdfium.FPDFText_GetUnicode(signs, at) or 32)
        if sign.isspace():
            said += " " if why else ""
            continue
        thing = pdfium.FPDFText_GetTextObject(signs, at)
        address = _address(thing)
        reason = "" if address in open_ones else _why_unseen(signs, at, thing, in_doubt.get(address, -1), sheet)
        if reason != why:
            yield from _told(why, said, number)
            said = ""
        why = reason
        if why:
            said += sign
    yield from _told(why, said, number)


WHY: Final = {
    "box": ("text_under_box", "under a box that was drawn over it"),
    "mark": ("text_under_box", "under a mark that does not remove it"),
    "no_ink": ("invisible_text", "drawn without ink"),
    "white": ("invisible_text", "white on white"),
    "off": ("invisible_text", "outside the page"),
    "tiny": ("invisible_text", "too small to see"),
}


def _told(why: str, said: str, number: int) -> Iterator[Hidden]:
    if why and len(said.strip()) > 1:  # a single sign is a flaw of the drawing, not a secret
        kind, where = WHY[why]
        yield found(kind, where, said, number)


def _why_unseen(signs: Any, at: int, thing: Any, order: int, sheet: Sheet) -> str:
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    if not pdfium.FPDFText_GetCharBox(signs, at, left, right, bottom, top):
        return ""
    x, y = (left.value + right.value) / 2, (bottom.value + top.value) / 2
    if not sheet.paper.holds(x, y):
        return "off"
    if thing and pdfium.FPDFTextObj_GetTextRenderMode(thing) in NO_INK:
        return "" if sheet.scanned else "no_ink"
    if any(cover.holds(x, y) for cover in sheet.covers):
        return "mark"
    under = [box for box in sheet.boxes if box.where.holds(x, y)]
    if order >= 0 and any(box.order > order for box in under):
        return "box"
    if pdfium.FPDFText_GetFontSize(signs, at) > 0 and max(right.value - left.value, top.value - bottom.value) < TINY:
        return "" if sheet.scanned else _tiny(signs, at)
    on_colour = sheet.scanned or any(not box.is_white and box.order < order for box in under)
    return "white" if not on_colour and _is_white(signs, at) else ""


def _tiny(signs: Any, at: int) -> str:
    """A full stop is small in any type; only what is set smaller than a point counts."""
    loose = pdfium.FS_RECTF()
    pdfium.FPDFText_GetLooseCharBox(signs, at, ctypes.byref(loose))
    return "tiny" if 0 < loose.top - loose.bottom < TINY else ""


def _is_white(signs: Any, at: int) -> bool:
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    if not pdfium.FPDFText_GetFillColor(signs, at, red, green, blue, alpha):
        return False
    return alpha.value == 0 or min(red.value, green.value, blue.value) >= WHITE


def _address(thing: Any) -> int:
    return ctypes.cast(thing, ctypes.c_void_p).value or 0 if thing else 0


Matrix = tuple[float, float, float, float, float, float]
PLAIN: Final[Matrix] = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


class _Walk:
    """Goes through what is drawn on a page, in its order, and into forms."""

    def __init__(self, page: Any) -> None:
        self.texts: list[Text] = []
        self.drawn: list[Drawn] = []  # what covers what was drawn before it
        self.is_whole = True  # False: there is more than was looked at
        count = pdfium.FPDFPage_CountObjects(page)
        for at in range(min(count, MOST_OBJECTS)):
            self._visit(pdfium.FPDFPage_GetObject(page, at), PLAIN, 0)
        self.is_whole = self.is_whole and count <= MOST_OBJECTS

    def _visit(self, thing: Any, matrix: Matrix, depth: int) -> None:
        order = len(self.texts) + len(self.drawn)
        if order >= MOST_OBJECTS or not thing:
            self.is_whole = False
            return
        kind = pdfium.FPDFPageObj_GetType(thing)
        if kind == pdfium.FPDF_PAGEOBJ_TEXT:
            self.texts.append(_text(thing, matrix, order))
        elif kind == pdfium.FPDF_PAGEOBJ_FORM:
            self._into(thing, matrix, depth)
        elif kind in (pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_IMAGE) and not (
            pdfium.FPDFPageObj_HasTransparency(thing)
        ):
            is_picture = kind == pdfium.FPDF_PAGEOBJ_IMAGE
            if is_picture or _is_filled_box(thing):
                is_white = not is_picture and _is_filled_white(thing)
                self.drawn.append(Drawn(order, _bounds(thing, matrix), is_picture, is_white))

    def _into(self, form: Any, matrix: Matrix, depth: int) -> None:
        count = pdfium.FPDFFormObj_CountObjects(form)
        if depth >= DEEPEST or count > MOST_OBJECTS:
            self.is_whole = False
        if depth >= DEEPEST:
            return
        inner = _times(_matrix(form), matrix)
        for at in range(min(count, MOST_OBJECTS)):
            self._visit(pdfium.FPDFFormObj_GetObject(form, at), inner, depth + 1)


def _text(thing: Any, matrix: Matrix, order: int) -> Text:
    size = ctypes.c_float()
    pdfium.FPDFTextObj_GetFontSize(thing, ctypes.byref(size))
    high = abs(size.value) * _least_scale(_matrix(thing)) * _least_scale(matrix)
    where = _bounds(thing, matrix)
    around = Rect(where.left - high, where.bottom - high, where.right + high, where.top + high)
    is_white = _is_filled_white(thing)
    return Text(order, _address(thing), around, high, pdfium.FPDFTextObj_GetTextRenderMode(thing) in NO_INK, is_white)


def _matrix(thing: Any) -> Matrix:
    own = pdfium.FS_MATRIX()
    pdfium.FPDFPageObj_GetMatrix(thing, ctypes.byref(own))
    return own.a, own.b, own.c, own.d, own.e, own.f


def _least_scale(matrix: Matrix) -> float:
    return min(math.hypot(matrix[0], matrix[1]), math.hypot(matrix[2], matrix[3]))


def _is_filled_box(path: Any) -> bool:
    """Whether the path is a rectangle with something in it: two opposite corners and no others."""
    mode, stroke = ctypes.c_int(), ctypes.c_int()
    if not pdfium.FPDFPath_GetDrawMode(path, mode, stroke) or mode.value == pdfium.FPDF_FILLMODE_NONE:
        return False
    count = pdfium.FPDFPath_CountSegments(path)
    if not 4 <= count <= 6:
        return False
    across, up = set(), set()
    x, y = ctypes.c_float(), ctypes.c_float()
    for at in range(count):
        segment = pdfium.FPDFPath_GetPathSegment(path, at)
        if pdfium.FPDFPathSegment_GetType(segment) == pdfium.FPDF_SEGMENT_BEZIERTO:
            return False
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        across.add(round(x.value, 1))
        up.add(round(y.value, 1))
    return len(across) == 2 and len(up) == 2


def _is_filled_white(thing: Any) -> bool:
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    if not pdfium.FPDFPageObj_GetFillColor(thing, red, green, blue, alpha):
        return False
    return alpha.value == 0 or min(red.value, green.value, blue.value) >= WHITE


def _bounds(thing: Any, matrix: Matrix) -> Rect:
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    pdfium.FPDFPageObj_GetBounds(thing, left, bottom, right, top)
    corners = [
        (matrix[0] * x + matrix[2] * y + matrix[4], matrix[1] * x + matrix[3] * y + matrix[5])
        for x in (left.value, right.value)
        for y in (bottom.value, top.value)
    ]
    xs, ys = [x for x, _y in corners], [y for _x, y in corners]
    return Rect(min(xs), min(ys), max(xs), max(ys))


def _times(one: Matrix, other: Matrix) -> Matrix:
    return (
        one[0] * other[0] + one[1] * other[2],
        one[0] * other[1] + one[1] * other[3],
        one[2] * other[0] + one[3] * other[2],
        one[2] * other[1] + one[3] * other[3],
        one[4] * other[0] + one[5] * other[2] + other[4],
        one[4] * other[1] + one[5] * other[3] + other[5],
    )
