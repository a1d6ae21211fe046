"""What is covered is gone from the copy, whatever the original hid, and the proof finds every way of leaving it in."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name
from PIL import Image

from requests_app.documents.pagewords import Word, text_of
from requests_app.documents.readers.paged import PICTURE, Source
from requests_app.documents.readers.refusals import Refused
from requests_app.review.redaction.covering import Box, boxes_over, is_covered, secrets
from requests_app.review.redaction.painting import NAME, Painted, PaintOrder, paint
from requests_app.review.redaction.proving import Proof, ProofOrder, beside_the_pixels, prove
from tests.documents.pdf.making import PLAIN, pdf, read, said, scan, written

pytestmark = pytest.mark.same_everywhere

SMALL = (400, 130)  # points: OCR takes its time with a whole page
LINES = ("The account of Humperdinck was asked 4711 times.", "The other lines stay as they are.")


def copy_of(path: Path, boxes: list[Box], folder: Path, source: Source = PLAIN) -> Path:
    order = PaintOrder(source, (1,), {1: boxes}, ("eng",))
    *_before, last = list(paint(path, order, folder))
    assert last.name == NAME
    return folder / NAME


def over(words: list[Word], *texts: str) -> list[Box]:
    return [box for at, word in enumerate(words) if word.text in texts for box in boxes_over(words, at, at)]


def problems(copy: Path, boxes: list[Box], *words: str, pages: int = 1) -> set[str]:
    found = list(prove(copy, ProofOrder(pages, {1: boxes}, words), copy.parent))
    assert found[-1] == Proof(whole=True) or found[-1].code == "not_readable"
    return {proof.code for proof in found if proof.code}


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    return written(pdf(said(*LINES, x=20, y=90, font_size=14), size=SMALL), tmp_path / "letter.pdf")


@pytest.fixture
def boxes(letter: Path) -> list[Box]:
    return over(read(letter)[0].words, "Humperdinck", "4711")


def hidden_in_ink_of_the_paper(page: pikepdf.Page, made: pikepdf.Pdf) -> None:
    page.contents_add(made.make_stream(b"BT 1 1 1 rg /F1 12 Tf 20 30 Td (Humperdinck in white) Tj ET"))


def without_any_ink(page: pikepdf.Page, made: pikepdf.Pdf) -> None:
    page.contents_add(made.make_stream(b"BT 3 Tr /F1 12 Tf 20 30 Td (Humperdinck unseen) Tj ET"))


def under_a_black_box_of_theirs(page: pikepdf.Page, made: pikepdf.Pdf) -> None:
    page.contents_add(made.make_stream(b"BT /F1 12 Tf 20 30 Td (Humperdinck) Tj ET 0 g 10 20 200 30 re f"))


def outside_of_the_paper(page: pikepdf.Page, made: pikepdf.Pdf) -> None:
    page.contents_add(made.make_stream(b"BT /F1 12 Tf 72 -40 Td (Humperdinck outside) Tj ET"))


def in_a_note(page: pikepdf.Page, made: pikepdf.Pdf) -> None:
    page.obj.Annots = Array([made.make_indirect(Dictionary(
        Type=Name.Annot, Subtype=Name.Text, Rect=Array([10, 10, 20, 20]), Contents="Humperdinck",
    ))])  # fmt: skip


def in_the_metadata(page: pikepdf.Page, made: pikepdf.Pdf) -> None:
    made.docinfo["/Title"] = "Humperdinck"
    with made.open_metadata() as meta:
        meta["dc:title"] = "Humperdinck"


def in_a_file_inside(page: pikepdf.Page, made: pikepdf.Pdf) -> None:
    made.attachments["x.txt"] = b"Humperdinck"


def in_a_form(page: pikepdf.Page, made: pikepdf.Pdf) -> None:
    field = made.make_indirect(Dictionary(FT=Name.Tx, T="name", V="Humperdinck", Rect=Array([0, 0, 0, 0])))
    made.Root.AcroForm = Dictionary(Fields=Array([field]))


def in_a_layer_that_is_off(page: pikepdf.Page, made: pikepdf.Pdf) -> None:
    layer = made.make_indirect(Dictionary(Type=Name.OCG, Name="Humperdinck"))
    made.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(OFF=Array([layer])))
    page.obj.Resources.Properties = Dictionary(Off=layer)
    page.contents_add(made.make_stream(b"/OC /Off BDC BT /F1 12 Tf 20 30 Td (Humperdinck) Tj ET EMC"))


HIDING = [
    hidden_in_ink_of_the_paper, without_any_ink, under_a_black_box_of_theirs, outside_of_the_paper, in_a_note,
    in_the_metadata, in_a_file_inside, in_a_form, in_a_layer_that_is_off,
]  # fmt: skip


@pytest.mark.parametrize("hide", HIDING, ids=lambda hide: hide.__name__)
def test_what_the_original_hid_is_not_in_the_copy(
    letter: Path, tmp_path: Path, boxes: list[Box], hide: Callable[[pikepdf.Page, pikepdf.Pdf], None]
) -> None:
    with pikepdf.open(letter) as made:
        hide(made.pages[0], made)
        hiding = written(made, tmp_path / "hiding.pdf")
    copy = copy_of(hiding, boxes, tmp_path)
    assert problems(copy, boxes, "humperdinck", "4711") == set()
    words = [word.text for word in read(copy)[0].words]
    assert "other" in words and "account" in words  # what is not covered can still be read and searched
    with pikepdf.open(copy) as opened:
        everything = b"".join(
            thing.read_bytes() if thing.get("/Filter") != Name.DCTDecode else b""
            for thing in opened.objects
            if isinstance(thing, pikepdf.Stream)
        )
        whole = everything + str([repr(thing) for thing in opened.objects]).encode()
    assert b"Humper" not in whole and "Humper".encode("utf-16-be") not in whole
    assert b"Humper" not in copy.read_bytes()


def test_a_scan_is_covered_like_anything_else(tmp_path: Path) -> None:
    path = tmp_path / "scan.png"
    scan((LINES[0],), dpi=150).save(path, dpi=(150, 150))
    box = Box(0, 0, 230, 60)
    copy = copy_of(path, [box], tmp_path, Source(PICTURE))
    assert problems(copy, [box], "humperdinck") == set()
    assert "Humperdinck" not in text_of(read(copy)[0].words)


def note_on_the_copy(made: pikepdf.Pdf) -> None:
    in_a_note(made.pages[0], made)


def metadata_of_the_copy(made: pikepdf.Pdf) -> None:
    in_the_metadata(made.pages[0], made)


def file_in_the_copy(made: pikepdf.Pdf) -> None:
    in_a_file_inside(made.pages[0], made)


def text_of_its_own(made: pikepdf.Pdf) -> None:
    page = made.pages[0]
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    name = page.add_resource(font, Name.Font)
    page.contents_add(made.make_stream(f"BT {name} 12 Tf 300 20 Td (Humperdinck) Tj ET".encode()))


def the_box_taken_away(made: pikepdf.Pdf) -> None:
    white = io.BytesIO()
    Image.new("L", (850, 1100), 255).save(white, "JPEG")
    picture = next(iter(made.pages[0].get_images().values()))
    picture.write(white.getvalue(), filter=Name.DCTDecode)
    picture.Width, picture.Height, picture.ColorSpace = 850, 1100, Name.DeviceGray


def a_preview_in_the_picture(made: pikepdf.Pdf) -> None:
    picture = next(iter(made.pages[0].get_images().values()))
    plain = picture.read_raw_bytes()
    picture.write(plain[:2] + b"\xff\xfe\x00\x0dHumperdinck" + plain[2:], filter=Name.DCTDecode)


def an_object_nobody_uses(made: pikepdf.Pdf) -> None:
    made.Root.Unused = made.make_indirect(Dictionary(Said="Humperdinck"))


def a_mask_on_the_picture(made: pikepdf.Pdf) -> None:
    picture = next(iter(made.pages[0].get_images().values()))
    picture.SMask = made.make_stream(b"\0" * 16, Type=Name.XObject, Subtype=Name.Image, Width=4, Height=4)


def another_page(made: pikepdf.Pdf) -> None:
    made.add_blank_page()


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (note_on_the_copy, "on_the_page"),
        (metadata_of_the_copy, "in_the_file"),
        (file_in_the_copy, "in_the_file"),
        (text_of_its_own, "on_the_page"),
        (text_of_its_own, "word_left"),
        (the_box_taken_away, "not_black"),
        (a_preview_in_the_picture, "in_the_picture"),
        (an_object_nobody_uses, "in_the_file"),
        (a_mask_on_the_picture, "in_the_picture"),
        (another_page, "other_pages"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_each_way_of_leaving_something_in_is_found(
    letter: Path, tmp_path: Path, boxes: list[Box], spoil: Callable[[pikepdf.Pdf], None], code: str
) -> None:
    copy = copy_of(letter, boxes, tmp_path)
    with pikepdf.open(copy) as made:
        spoil(made)
        spoilt = written(made, tmp_path / "spoilt.pdf")
    assert code in problems(spoilt, boxes, "humperdinck", "4711")


def test_an_earlier_version_at_the_beginning_of_the_file_is_found(
    letter: Path, tmp_path: Path, boxes: list[Box]
) -> None:
    copy = copy_of(letter, boxes, tmp_path)
    copy.write_bytes(letter.read_bytes() + copy.read_bytes())
    assert "further_version" in problems(copy, boxes)


def test_text_under_a_box_is_found_and_not_told(letter: Path, boxes: list[Box]) -> None:
    found = list(prove(letter, ProofOrder(1, {1: boxes}, ("humperdinck",)), letter.parent))
    assert {"text_under_box", "word_left", "not_black", "on_the_page"} <= {proof.code for proof in found}
    assert "umperdinck" not in repr(found)


def test_a_file_that_cannot_be_read_is_not_proved(tmp_path: Path) -> None:
    (tmp_path / "no.pdf").write_bytes(b"%PDF-1.7\nnothing")
    assert "not_readable" in problems(tmp_path / "no.pdf", [])


@pytest.mark.parametrize(
    "box",
    [
        Box(10, 10, 10, 40),
        Box(10, 10, 40, 10.4),
        Box(700, 10, 800, 40),
        Box(float("nan"), 10, 40, 40),
        Box(-9, -9, -1, 9),
    ],
    ids=["no width", "no height", "beside the page", "no number", "left of the page"],
)
def test_a_box_that_covers_nothing_ends_it(letter: Path, tmp_path: Path, box: Box) -> None:
    with pytest.raises(Refused, match="covers nothing"):
        list(paint(letter, PaintOrder(PLAIN, (1,), {1: [box]}), tmp_path))


def test_pages_come_in_the_order_asked_for_and_no_other(tmp_path: Path) -> None:
    pages = [said(f"This is page {word} of the letter.", x=20, y=90, font_size=14) for word in ("one", "two", "three")]
    path = written(pdf(*pages, size=SMALL), tmp_path / "three.pdf")
    made = list(paint(path, PaintOrder(PLAIN, (3, 1), {}, ("eng",)), tmp_path))
    assert made == [Painted(1, 3, 7), Painted(2, 1, 7, NAME)]
    assert [text_of(page.words) for page in read(tmp_path / NAME)] == [
        "This is page three of the letter.",
        "This is page one of the letter.",
    ]
    for numbers in ((), (4,), (0,)):
        with pytest.raises(Refused, match="pages that the file has not"):
            list(paint(path, PaintOrder(PLAIN, numbers, {}), tmp_path))


def test_nothing_stands_beside_the_pixels_of_a_plain_jpeg() -> None:
    plain, told = io.BytesIO(), io.BytesIO()
    Image.new("L", (8, 8)).save(plain, "JPEG")
    Image.new("L", (8, 8)).save(told, "JPEG", comment=b"Humperdinck")
    assert list(beside_the_pixels(plain.getvalue())) == []
    assert list(beside_the_pixels(told.getvalue())) == ["marker FE"]
    assert list(beside_the_pixels(plain.getvalue() + b"more")) == ["bytes behind the picture"]
    for end in range(len(plain.getvalue())):
        assert list(beside_the_pixels(plain.getvalue()[:end])) != []


def word(text: str, left: float, top: float = 10) -> Word:
    return Word(text, left, top, left + 20, top + 10)


def test_a_word_is_a_secret_where_it_stands_nowhere_in_the_open() -> None:
    box = [Box(0, 0, 45, 30)]
    first = ([word("Ann-Marie", 0), word("asked", 25), word("again", 60)], box)
    second = ([word("asked", 0), word("of", 25)], [])
    assert secrets([first, second]) == ("annmarie",)
    assert is_covered(word("asked", 25), box) and not is_covered(word("again", 45), box)
