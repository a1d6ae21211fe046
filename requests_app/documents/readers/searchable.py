"""Writes a copy of a file of pages in which what OCR read can be searched and copied.

The pages of a PDF stay untouched underneath: each gets one more layer, of letters that leave no ink. What could act
(scripts, actions on opening, files inside) is left out of the copy. Pictures become the pages of a new PDF; a JPEG goes
in as it is.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
import pikepdf
from pikepdf import Array, Dictionary, Name

from requests_app.documents.pagewords import Word
from requests_app.documents.readers.paged import PICTURE, Source
from requests_app.documents.readers.refusals import Refused

if TYPE_CHECKING:
    from requests_app.documents.readers.pictures import Pictures

NAME: Final = "searchable.pdf"
A_FONT: Final = 255  # signs in one font: a code of one byte, without zero
WIDTH: Final = 0.5  # of a letter without ink, in its size; it is stretched to the width of the word
OURS: Final = "DaylightWords"


class Layer(msgspec.Struct, frozen=True):
    """The words of one page, in points from the top left as shown, and how many degrees clockwise it was turned."""

    width: float
    height: float
    turned: int
    words: list[Word]


class CopyOrder(msgspec.Struct, frozen=True):
    """The folder holds one file NUMBER.json (a Layer) for each page that was read."""

    source: Source
    layers: str


class Copied(msgspec.Struct, frozen=True):
    """The copy in the output folder, and how many of its pages have a layer."""

    name: str
    pages: int


def searchable(path: Path, order: CopyOrder, output: Path) -> Iterator[Copied]:
    """Write the copy. Raises Refused: password, damaged."""
    try:
        pdf = _of_pictures(path) if order.source.form == PICTURE else _opened(path, order.source.passwords)
        with pdf:
            fonts = Fonts(pdf)
            count = 0
            for number, page in enumerate(pdf.pages, 1):
                kept = Path(order.layers) / f"{number}.json"
                if kept.exists():
                    lay_over(pdf, page, msgspec.json.decode(kept.read_bytes(), type=Layer), fonts)
                    count += 1
            fonts.write()
            _leave_out_what_acts(pdf)
            pdf.save(output / NAME, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, RuntimeError) as trouble:
        raise Refused("damaged", str(trouble)) from trouble
    yield Copied(NAME, count)


def _opened(path: Path, passwords: tuple[str, ...]) -> pikepdf.Pdf:
    for password in ("", *passwords):
        try:
            return pikepdf.open(path, password=password, suppress_warnings=True)
        except pikepdf.PasswordError:
            continue
    raise Refused("password", "for the searchable copy")


class Fonts:
    """Fonts whose letters leave no ink, with a code for every sign that is asked for."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self._pdf = pdf
        self._codes: dict[str, tuple[int, int]] = {}
        self._fonts: list[pikepdf.Object] = []

    def shown(self, text: str) -> list[tuple[str, str]]:
        """Return the runs of a text: the name of a font, and the codes in it in hexadecimal."""
        runs: list[tuple[str, str]] = []
        for sign in text:
            font, code = self._code(sign)
            name, said = f"/DW{font}", f"{code:02x}"
            if runs and runs[-1][0] == name:
                runs[-1] = (name, runs[-1][1] + said)
            else:
                runs.append((name, said))
        return runs

    def resources(self) -> Dictionary:
        """Return the fonts there are so far, by their names."""
        return Dictionary({f"/DW{at}": font for at, font in enumerate(self._fonts)})

    def write(self) -> None:
        """Fill in what each font says of its codes."""
        for at, font in enumerate(self._fonts):
            said = {code: sign for sign, (of, code) in self._codes.items() if of == at}
            last = max(said)
            # A letter says how large it is, for pdfium passes over what is nothing wide or high, and draws nothing.
            no_ink = self._pdf.make_stream(f"{WIDTH * 1000:.0f} 0 0 0 {WIDTH * 1000:.0f} 1000 d1".encode())
            font["/CharProcs"] = Dictionary({"/n": no_ink})
            font["/Encoding"] = Dictionary(Type=Name.Encoding, Differences=Array([1, *[Name("/n")] * last]))
            font["/FirstChar"], font["/LastChar"] = 1, last
            font["/Widths"] = Array([WIDTH * 1000] * last)
            font["/ToUnicode"] = self._pdf.make_stream(_to_unicode(said))

    def _code(self, sign: str) -> tuple[int, int]:
        if sign not in self._codes:
            font, before = divmod(len(self._codes), A_FONT)
            if font == len(self._fonts):
                self._fonts.append(
                    self._pdf.make_indirect(
                        Dictionary(
                            Type=Name.Font, Subtype=Name.Type3, FontBBox=Array([0, 0, 1000, 1000]),
                            FontMatrix=Array([0.001, 0, 0, 0.001, 0, 0]), Resources=Dictionary(),
                        )
                    )
                )  # fmt: skip
            self._codes[sign] = (font, before + 1)
        return self._codes[sign]


def _to_unicode(said: dict[int, str]) -> bytes:
    lines = [f"<{code:02x}> <{sign.encode('utf-16-be').hex()}>" for code, sign in sorted(said.items())]
    blocks = [lines[at : at + 100] for at in range(0, len(lines), 100)]
    body = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Daylight def /CMapType 2 def\n"
        f"1 begincodespacerange <00> <ff> endcodespacerange\n{body}\nendcmap end end"
    ).encode()


def lay_over(pdf: pikepdf.Pdf, page: pikepdf.Page, layer: Layer, fonts: Fonts) -> None:
    """Add the layer as a form of its own, so that nothing the page does before can change it."""
    content = "BT 3 Tr\n" + "\n".join(_word(word, layer, fonts) for word in layer.words) + "\nET"
    form = pdf.make_stream(content.encode())
    form["/Type"], form["/Subtype"] = Name.XObject, Name.Form
    form["/BBox"] = Array([0, 0, layer.width, layer.height])
    form["/Resources"] = Dictionary(Font=fonts.resources())
    name = page.add_resource(form, Name.XObject, prefix=OURS)
    matrix = " ".join(f"{value:.4f}" for value in _as_shown(page, layer))
    page.contents_add(pdf.make_stream(b"q\n"), prepend=True)
    page.contents_add(pdf.make_stream(f"\nQ q {matrix} cm {name} Do Q".encode()))


def _word(word: Word, layer: Layer, fonts: Fonts) -> str:
    """Return the word's letters, stretched over its box, and a space after it."""
    across, high = word.right - word.left, word.bottom - word.top
    left, right = word.left, word.right
    top, bottom = layer.height - word.top, layer.height - word.bottom
    if layer.turned in (90, 270):
        across, high = high, across
    high = max(high, 0.5)
    stretched = max(100 * across / (len(word.text) * WIDTH * high), 0.1)
    # As the words run on the page as shown: one that was turned clockwise to be read runs upwards.
    place = {
        0: (1, 0, 0, 1, left, bottom),
        90: (0, 1, -1, 0, right, bottom),
        180: (-1, 0, 0, -1, right, top),
        270: (0, -1, 1, 0, left, top),
    }[layer.turned % 360]
    matrix = " ".join(f"{value:.2f}" for value in place)
    runs = " ".join(f"{font} {high:.2f} Tf <{codes}> Tj" for font, codes in fonts.shown(word.text))
    return f"{stretched:.2f} Tz {matrix} Tm {runs}"


def _as_shown(page: pikepdf.Page, layer: Layer) -> tuple[float, float, float, float, float, float]:
    """Return the matrix from points of the page as shown, from its bottom left, to those of the page itself."""
    box, paper = [float(value) for value in page.cropbox], [float(value) for value in page.mediabox]
    left, right = sorted((box[0], box[2]))
    bottom, top = sorted((box[1], box[3]))
    left, right = max(left, min(paper[0], paper[2])), min(right, max(paper[0], paper[2]))
    bottom, top = max(bottom, min(paper[1], paper[3])), min(top, max(paper[1], paper[3]))
    turn = int(page.obj.get("/Rotate", 0)) // 90 % 4 if "/Rotate" in page.obj else _inherited_turn(page)
    across, up = (layer.height, layer.width) if turn % 2 else (layer.width, layer.height)
    x, y = (right - left) / across, (top - bottom) / up
    return {
        0: (x, 0.0, 0.0, y, left, bottom),
        1: (0.0, y, -x, 0.0, right, bottom),
        2: (-x, 0.0, 0.0, -y, right, top),
        3: (0.0, -y, x, 0.0, left, top),
    }[turn]


def _inherited_turn(page: pikepdf.Page) -> int:
    above = page.obj.get("/Parent")
    for _level in range(50):
        if not isinstance(above, Dictionary):
            break
        if "/Rotate" in above:
            return int(above["/Rotate"]) // 90 % 4
        above = above.get("/Parent")
    return 0


def _leave_out_what_acts(pdf: pikepdf.Pdf) -> None:
    """Take out scripts, what is done on opening, and files inside: the copy is for reading."""
    for name in ("/OpenAction", "/AA", "/Collection"):
        if name in pdf.Root:
            del pdf.Root[name]
    names = pdf.Root.get("/Names")
    if isinstance(names, Dictionary):
        for name in ("/JavaScript", "/EmbeddedFiles"):
            if name in names:
                del names[name]
    for page in pdf.pages:
        if "/AA" in page.obj:
            del page.obj["/AA"]


def _of_pictures(path: Path) -> pikepdf.Pdf:
    """Return a new PDF with a page for each picture of the file."""
    from requests_app.documents.readers.pictures import Pictures

    pdf = pikepdf.new()
    with Pictures(path) as pictures:
        for number in range(1, pictures.count + 1):
            width, height = pictures.size(number)
            picture = _picture(pdf, pictures, number)
            pdf.add_blank_page(page_size=(width, height))
            page = pdf.pages[-1]
            name = page.add_resource(picture, Name.XObject, prefix="Scan")
            page.contents_add(pdf.make_stream(f"q {width:.3f} 0 0 {height:.3f} 0 0 cm {name} Do Q".encode()))
    return pdf


def _picture(pdf: pikepdf.Pdf, pictures: Pictures, number: int) -> pikepdf.Stream:
    """Return one picture for a PDF: a JPEG as it is; what has two tones without loss; others as JPEG."""
    size, mode, said = pictures.encoded(number)
    way = Name.FlateDecode if mode == "1" else Name.DCTDecode
    stream = pikepdf.Stream(pdf, zlib.compress(said) if mode == "1" else said)
    for name, value in {
        "/Type": Name.XObject, "/Subtype": Name.Image, "/Width": size[0], "/Height": size[1], "/Filter": way,
        "/ColorSpace": Name.DeviceRGB if mode == "RGB" else Name.DeviceGray,
        "/BitsPerComponent": 1 if mode == "1" else 8,
    }.items():  # fmt: skip
        stream[name] = value
    return stream
