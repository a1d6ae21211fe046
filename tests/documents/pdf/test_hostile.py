"""Files that are broken, or made to break whoever reads them: they are refused, in time, and nothing else suffers."""

from __future__ import annotations

import zlib
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from requests_app.documents import sandbox
from requests_app.documents.readers.mending import Mended, MendOrder
from requests_app.documents.readers.paged import PictureMade, PicturesOrder, SizeFound, SizesOrder, Source
from requests_app.documents.readers.pdf import TextFound, TextOrder
from requests_app.documents.readers.refusals import Refused
from requests_app.documents.sandbox import Limits, NotRead
from tests.documents.pdf.making import LINES, as_bytes, pdf, said

pytestmark = [pytest.mark.processes, pytest.mark.same_everywhere]

READERS = "requests_app.documents.readers."
SHORT = Limits(seconds=12, cpu_seconds=5)


def recursive() -> bytes:
    """A list of pages that holds itself."""
    made = pdf(said("one"))
    made.Root.Pages.Kids.append(made.Root.Pages)
    made.Root.Pages.Count = 1000
    return as_bytes(made)


def boasting() -> bytes:
    """One page that says it is two thousand million."""
    made = pdf(said("one"))
    content = as_bytes(made)
    return content.replace(b"/Count 1", b"/Count 2000000000")


def huge() -> bytes:
    made = pdf(said("one"))
    made.pages[0].obj["/MediaBox"] = Array([0, 0, 4e9, 4e9])
    return as_bytes(made)


def nothing_wide() -> bytes:
    made = pdf(said("one"))
    made.pages[0].obj["/MediaBox"] = Array([0, 0, 0, 0])
    return as_bytes(made)


def bomb() -> bytes:
    """A picture of a thousand million pixels, in a fraction of a megabyte."""
    made = pdf("q 600 0 0 700 0 0 cm /Im Do Q")
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(1 << 20)) for _megabyte in range(200)) + packer.flush()
    picture = pikepdf.Stream(made, packed)
    for key, value in {
        "/Type": Name.XObject, "/Subtype": Name.Image, "/Width": 31000, "/Height": 31000,
        "/ColorSpace": Name.DeviceGray, "/BitsPerComponent": 8, "/Filter": Name.FlateDecode,
    }.items():  # fmt: skip
        picture[key] = value
    made.pages[0].obj["/Resources"] = Dictionary(XObject=Dictionary(Im=picture))
    return as_bytes(made, compress_streams=False)


def nested() -> bytes:
    """Forms that draw themselves ten times each, thirty deep."""
    made = pdf("/F0 Do")
    form = None
    for _level in range(30):
        inner = pikepdf.Stream(made, b"/F Do " * 10)
        inner["/Type"], inner["/Subtype"], inner["/BBox"] = Name.XObject, Name.Form, Array([0, 0, 600, 700])
        inner["/Resources"] = Dictionary(XObject=Dictionary(F=form)) if form is not None else Dictionary()
        form = made.make_indirect(inner)
    made.pages[0].obj["/Resources"] = Dictionary(XObject=Dictionary(F0=form))
    return as_bytes(made)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(recursive(), id="pages in themselves"),
        pytest.param(boasting(), id="more pages than it has"),
        pytest.param(huge(), id="a page of a thousand miles"),
        pytest.param(nothing_wide(), id="a page of no size"),
        pytest.param(nested(), id="forms in forms"),
        pytest.param(as_bytes(pdf(said(*LINES)))[:-400], id="cut off at its end"),
        pytest.param(b"%PDF-1.7\n" + b"1 0 obj << /Type /Catalog /Pages 1 0 R >> endobj\n" * 50, id="nonsense"),
    ],
)
def test_every_reader_ends_with_an_answer(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "hostile.pdf"
    path.write_bytes(content)
    asked = [
        ("paged:sizes", SizesOrder(Source(), 1000), SizeFound),
        ("paged:pictures", PicturesOrder(Source(), (1,), (160,)), PictureMade),
        ("pdf:text", TextOrder(Source(), 1, 3), TextFound),
        ("mending:mended", MendOrder(Source()), Mended),
    ]
    for reader, order, kind in asked:
        try:
            for found in sandbox.run(
                READERS + reader, path, order=order, kind=kind, limits=SHORT, output=tmp_path
            ):  # fmt: skip
                if isinstance(found, SizeFound):
                    assert 0 < found.width <= 20_000
                    assert 0 < found.height <= 20_000
        except (Refused, NotRead) as trouble:
            assert trouble.code


def test_a_picture_that_unpacks_without_end_stays_within_memory(tmp_path: Path) -> None:
    path = tmp_path / "bomb.pdf"
    path.write_bytes(bomb())
    limits = Limits(seconds=30, cpu_seconds=10, memory=512 * 1024 * 1024)
    order = PicturesOrder(Source(), (1,), (160,))
    try:
        found = list(
            sandbox.run(READERS + "paged:pictures", path, order=order, kind=PictureMade, limits=limits, output=tmp_path)
        )
    except (Refused, NotRead):
        return
    assert len(found) == 1


def test_more_pages_than_the_bound_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "many.pdf"
    path.write_bytes(as_bytes(pdf(*[""] * 12)))
    with pytest.raises(Refused, match="too_many"):
        list(sandbox.run(READERS + "paged:sizes", path, order=SizesOrder(Source(), 11), kind=SizeFound, limits=SHORT))
