"""Proves that nothing of what was covered is left in a copy. Runs in the sandbox; knows no Django.

It knows nothing of how the copy was made and looks at the file alone:

1. **Only what is known to be harmless may be in it.** The file has one version and no object that its pages do not
   use. A page is one picture and one layer of letters without ink. A note, a form, a file inside, metadata, a further
   layer: each is a problem by being there, whatever it holds.
2. **No letter stands under a box**, as another program (pdfium) finds it.
3. **No covered word is left anywhere**, in any page's text.
4. **The boxes are black** in the picture as it is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
import pikepdf
from pikepdf import Dictionary, Name

from requests_app.documents.readers.paged import PDF, Source
from requests_app.documents.readers.pdf import TextOrder, text
from requests_app.documents.readers.pdfium import Pdf
from requests_app.documents.readers.refusals import Refused
from requests_app.review.redaction.covering import Box, folded, is_covered

SHOWN_AT: Final = 100  # dots to the inch of the picture that is looked at
INSIDE: Final = 2  # pixels from the edge of a box, where what is beside it may still shine in
LONG: Final = 6  # signs: a covered word that long is also looked for inside of others and across their gaps
BLACK: Final = 48  # of 255: a JPEG's black is not quite black
CODES: Final = (
    "not_readable", "other_pages", "further_version", "unused_object", "in_the_file", "on_the_page", "in_the_picture",
    "text_under_box", "word_left", "not_black",
)  # fmt: skip
TRAILER: Final = frozenset({"/Root", "/Size", "/ID", "/Type", "/W", "/Index", "/Length", "/Filter", "/DecodeParms"})
ROOT: Final = frozenset({"/Type", "/Pages"})
PAGES: Final = frozenset({"/Type", "/Kids", "/Count", "/Parent"})
PAGE: Final = frozenset({"/Type", "/Parent", "/MediaBox", "/Resources", "/Contents"})
PICTURE: Final = frozenset(
    {"/Type", "/Subtype", "/Width", "/Height", "/ColorSpace", "/BitsPerComponent", "/Filter", "/Length"}
)
LAYER: Final = frozenset({"/Type", "/Subtype", "/BBox", "/Resources", "/Length", "/Filter"})
FONT: Final = frozenset({
    "/Type", "/Subtype", "/FontBBox", "/FontMatrix", "/Resources", "/CharProcs", "/Encoding", "/FirstChar",
    "/LastChar", "/Widths", "/ToUnicode",
})  # fmt: skip


class ProofOrder(msgspec.Struct, frozen=True):
    """What the copy must hold: so many pages, with these boxes by its own page numbers, and none of these words."""

    pages: int
    boxes: dict[int, list[Box]]
    secrets: tuple[str, ...] = ()


class Proof(msgspec.Struct, frozen=True):
    """What is wrong with the copy: a code of `CODES` on a page (0: the file), or, as the last, that all was looked at.

    Only where the last says `whole` and none before it names a problem is the copy proved.
    """

    number: int = 0
    code: str = ""
    detail: str = ""
    whole: bool = False


def prove(path: Path, order: ProofOrder, output: Path) -> Iterator[Proof]:
    """Look at the copy. What cannot be looked at is a problem, never a pass."""
    try:
        yield from _of_the_structure(path, order)
        yield from _of_the_text(path, order)
        yield from _of_the_picture(path, order)
    except (pikepdf.PdfError, Refused, ValueError, TypeError, KeyError, AttributeError) as trouble:
        yield Proof(0, "not_readable", str(trouble)[:200])
        return
    yield Proof(whole=True)


def _of_the_structure(path: Path, order: ProofOrder) -> Iterator[Proof]:
    plain = path.read_bytes()
    if plain.count(b"%%EOF") != 1 or plain.count(b"startxref") != 1 or not plain.rstrip().endswith(b"%%EOF"):
        yield Proof(0, "further_version", f"{plain.count(b'%%EOF')} ends")
    with pikepdf.open(path, suppress_warnings=True) as pdf:
        if len(pdf.pages) != order.pages:
            yield Proof(0, "other_pages", f"{len(pdf.pages)} for {order.pages}")
        yield from _others(0, "in_the_file", pdf.trailer, TRAILER)
        yield from _others(0, "in_the_file", pdf.Root, ROOT)
        used = _Used()
        used.add(pdf.Root)
        used.add(pdf.Root.Pages)
        yield from _others(0, "in_the_file", pdf.Root.Pages, PAGES)
        for number, page in enumerate(pdf.pages, 1):
            yield from _of_a_page(number, page.obj, used)
        for kept in pdf.objects:
            if isinstance(kept, Dictionary | pikepdf.Stream) and kept.get("/Type") in (Name.ObjStm, Name.XRef):
                continue  # how the file itself is packed
            if kept.is_indirect and kept.objgen not in used.seen:
                yield Proof(0, "unused_object", f"object {kept.objgen[0]}")


class _Used:
    """The objects that pages were seen to use."""

    def __init__(self) -> None:
        self.seen: set[tuple[int, int]] = set()

    def add(self, thing: Any) -> Any:
        if thing.is_indirect:
            self.seen.add(thing.objgen)
        return thing


def _others(number: int, code: str, thing: Any, known: frozenset[str]) -> Iterator[Proof]:
    yield from (Proof(number, code, str(name)[:60]) for name in thing.keys() if str(name) not in known)  # noqa: SIM118


def _of_a_page(number: int, page: Any, used: _Used) -> Iterator[Proof]:
    used.add(page)
    yield from _others(number, "on_the_page", page, PAGE)
    contents = page.Contents
    for part in contents if isinstance(contents, pikepdf.Array) else [contents]:
        used.add(part)
    used.add(contents)
    drawn = b"\n".join(part.read_bytes() for part in _listed(contents)).decode("latin-1")
    if re.search(r"\b(Tj|TJ|BI|sh|Tf)\b|['\"]", drawn):  # the page itself draws its two parts and nothing else
        yield Proof(number, "on_the_page", "draws by itself")
    resources = used.add(page.get("/Resources", Dictionary()))
    yield from _others(number, "on_the_page", resources, frozenset({"/XObject"}))
    forms = [used.add(thing) for thing in used.add(resources.get("/XObject", Dictionary())).values()]
    pictures = [thing for thing in forms if thing.get("/Subtype") == Name.Image]
    layers = [thing for thing in forms if thing.get("/Subtype") == Name.Form]
    if len(pictures) != 1 or len(layers) > 1 or len(forms) != len(pictures) + len(layers):
        yield Proof(number, "on_the_page", f"{len(pictures)} pictures, {len(layers)} layers, {len(forms)} in all")
    for picture in pictures:
        yield from _others(number, "in_the_picture", picture, PICTURE)
        if picture.get("/Filter") != Name.DCTDecode:
            yield Proof(number, "in_the_picture", "another way of packing")
        else:
            yield from (Proof(number, "in_the_picture", said) for said in beside_the_pixels(picture.read_raw_bytes()))
    for layer in layers:
        yield from _of_a_layer(number, layer, used)


def _listed(contents: Any) -> list[Any]:
    return list(contents) if isinstance(contents, pikepdf.Array) else [contents]


def _of_a_layer(number: int, layer: Any, used: _Used) -> Iterator[Proof]:
    yield from _others(number, "on_the_page", layer, LAYER)
    resources = used.add(layer.get("/Resources", Dictionary()))
    yield from _others(number, "on_the_page", resources, frozenset({"/Font"}))
    for font in used.add(resources.get("/Font", Dictionary())).values():
        used.add(font)
        yield from _others(number, "on_the_page", font, FONT)
        if font.get("/Subtype") != Name.Type3:
            yield Proof(number, "on_the_page", "letters that leave ink")
        for name in ("/CharProcs", "/Encoding", "/Resources", "/Widths", "/ToUnicode", "/FontBBox", "/FontMatrix"):
            if name in font:
                used.add(font[name])
        for letter in font.get("/CharProcs", Dictionary()).values():
            used.add(letter)
            if not re.fullmatch(rb"\s*[-\d.\s]+ d1\s*", letter.read_bytes()):
                yield Proof(number, "on_the_page", "letters that leave ink")


def beside_the_pixels(jpeg: bytes) -> Iterator[str]:
    """Name what a JPEG holds beside its pixels (ISO/IEC 10918-1, annex B): EXIF, comments, bytes at its end."""
    at = 2
    if jpeg[:2] != b"\xff\xd8":
        yield "no JPEG"
        return
    while at + 4 <= len(jpeg):
        if jpeg[at] != 0xFF:
            yield "damaged"
            return
        marker, length = jpeg[at + 1], int.from_bytes(jpeg[at + 2 : at + 4], "big")
        if marker == 0xE0 and jpeg[at + 4 : at + 9] == b"JFIF\0" and length == 16:  # without a preview of its own
            pass
        elif 0xE0 <= marker <= 0xEF or marker == 0xFE:
            yield f"marker {marker:02X}"
        elif marker == 0xDA:
            end = jpeg.rfind(b"\xff\xd9")
            if end != len(jpeg) - 2 or jpeg.find(b"\xff\xd8", 2) != -1:
                yield "bytes behind the picture"
            return
        at += 2 + length
    yield "damaged"


def _of_the_text(path: Path, order: ProofOrder) -> Iterator[Proof]:
    words: set[str] = set()
    run_together: list[str] = []
    for found in text(path, TextOrder(Source(PDF)), path.parent):
        if found.trouble:
            yield Proof(found.number, "not_readable", found.trouble)
        under = [word for word in found.words if is_covered(word, order.boxes.get(found.number, ()))]
        # The words themselves are what must not be told on: the problem says how many.
        if under:
            yield Proof(found.number, "text_under_box", f"{len(under)} words")
        said = [folded(word.text) for word in found.words]
        words.update(said)
        run_together.append("".join(said))
    left = [
        secret
        for secret in order.secrets
        if secret in words or (len(secret) >= LONG and any(secret in page for page in run_together))
    ]
    if left:
        yield Proof(0, "word_left", f"{len(left)} words")


def _of_the_picture(path: Path, order: ProofOrder) -> Iterator[Proof]:
    with Pdf(path) as pdf:
        for number, boxes in sorted(order.boxes.items()):
            if not 1 <= number <= pdf.count:
                yield Proof(number, "other_pages", "a box on a page that is not there")
                continue
            width, height = pdf.size(number)
            scale = SHOWN_AT / 72
            shown = pdf.image(number, max(1, round(width * scale)), max(1, round(height * scale)), grey=True)
            for box in boxes:
                left, right = sorted((box.left, box.right))
                top, bottom = sorted((box.top, box.bottom))
                inner = (
                    max(0, int(left * scale) + INSIDE), max(0, int(top * scale) + INSIDE),
                    min(shown.width, int(right * scale) - INSIDE), min(shown.height, int(bottom * scale) - INSIDE),
                )  # fmt: skip
                if inner[2] > inner[0] and inner[3] > inner[1]:
                    _least, most = shown.crop(inner).getextrema()
                    if most > BLACK:  # type: ignore[operator]  # grey has one pair
                        yield Proof(number, "not_black")
