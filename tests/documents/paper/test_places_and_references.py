"""The place where a photograph was taken goes, the picture stays; the request that a name holds is found."""

from __future__ import annotations

import io
from collections.abc import Callable

import pillow_heif
import pytest
from hypothesis import given as any_of
from hypothesis import settings
from hypothesis import strategies as st
from PIL import Image

from requests_app.documents.paper.places import without_place
from requests_app.documents.paper.references import on_cover, read_cover, references_in
from tests.documents.paper.making import a_photograph, exif

pytestmark = pytest.mark.same_everywhere
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description exif:GPSLatitude="38,58.2N" exif:GPSLongitude="76,29.9W">'
    b"<exif:GPSAltitude>12/1</exif:GPSAltitude><dc:title>Page one</dc:title></rdf:Description></x:xmpmeta>"
)


def heic(**more: object) -> bytes:
    out = io.BytesIO()
    picture = pillow_heif.from_pillow(Image.open(io.BytesIO(a_photograph())))
    picture.save(out, quality=60, **more)
    return out.getvalue()


@pytest.mark.parametrize(
    "photograph",
    [
        pytest.param(lambda: a_photograph(exif=exif(orientation=6)), id="jpeg"),
        pytest.param(lambda: a_photograph(form="WEBP", exif=exif(orientation=6)), id="webp"),
        pytest.param(lambda: a_photograph(form="TIFF", exif=exif(orientation=6)), id="tiff"),
        pytest.param(lambda: heic(exif=exif()), id="heic"),
    ],
)
def test_the_place_goes_and_the_picture_stays(photograph: Callable[[], bytes]) -> None:
    given = photograph()
    pillow_heif.register_heif_opener()
    before = Image.open(io.BytesIO(given))
    assert before.getexif().get_ifd(0x8825)
    stripped, had = without_place(given)
    after = Image.open(io.BytesIO(stripped))
    assert had and len(stripped) == len(given)
    assert not after.getexif().get_ifd(0x8825)
    assert after.getexif()[0x010F] == "Phone of the tests"
    assert after.getexif().get(0x0112) == before.getexif().get(0x0112)
    assert after.tobytes() == before.tobytes()
    assert without_place(stripped) == (stripped, False)


def test_a_place_in_xmp_goes_too() -> None:
    stripped, had = without_place(b"before" + XMP + b"after")
    assert had and len(stripped) == len(XMP) + 11
    assert b"38,58" not in stripped and b"76,29" not in stripped and b"12/1" not in stripped
    assert b"Page one" in stripped


def test_a_photograph_without_a_place_is_not_touched() -> None:
    photograph = a_photograph(exif=exif(place=False))
    assert without_place(photograph) == (photograph, False)


@any_of(st.binary(max_size=200), st.sampled_from([b"II*\x00", b"MM\x00*", b""]), st.binary(max_size=200))
@settings(max_examples=200)
def test_whatever_the_bytes_nothing_breaks_and_no_length_changes(before: bytes, head: bytes, after: bytes) -> None:
    stripped, had = without_place(before + head + after)
    assert len(stripped) == len(before + head + after)
    assert had or stripped == before + head + after


@pytest.mark.parametrize(
    ("name", "found"),
    [
        pytest.param("MD-2026-0001 reply.pdf", ["MD-2026-0001"], id="as-we-write-it"),
        pytest.param("md_2026_0001.pdf", ["MD-2026-0001"], id="small-letters-and-underscores"),
        pytest.param("Reply MD 2026 0001 (2).PDF", ["MD-2026-0001"], id="spaces"),
        pytest.param("scan.md.2026.0001.tiff", ["MD-2026-0001"], id="dots"),
        pytest.param("MD20260001.pdf", ["MD-2026-0001"], id="nothing-between"),
        pytest.param("MD\u20132026\u20130001.pdf", ["MD-2026-0001"], id="long-dashes"),
        pytest.param("\uff2d\uff24-2026-0001.pdf", ["MD-2026-0001"], id="wide-letters"),
        pytest.param("US-2026-12345.pdf", ["US-2026-12345"], id="five-digits"),
        pytest.param("MD-2026-0001 MD-2026-0001.pdf", ["MD-2026-0001"], id="twice-the-same"),
        pytest.param("MD-2026-0001 and VA-2026-0002.pdf", ["MD-2026-0001", "VA-2026-0002"], id="two"),
        pytest.param("MD-2026-03-15 letter.pdf", [], id="a-day"),
        pytest.param("scan0001.pdf", [], id="a-scanner's-own-name"),
        pytest.param("IMD-2026-0001.pdf", [], id="within-a-word"),
        pytest.param("MD-1826-0001.pdf", [], id="another-century"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_the_reference_in_a_name(name: str, found: list[str]) -> None:
    assert references_in(name) == found


@pytest.mark.parametrize(
    ("said", "reference"),
    [
        pytest.param(on_cover("MD-2026-0001"), "MD-2026-0001", id="ours"),
        pytest.param("https://agency.example/MD-2026-0001", "", id="an-agency's-own-square"),
        pytest.param("MD-2026-0001", "", id="only-a-reference"),
        pytest.param(on_cover("MD-2026-0001 VA-2026-0002"), "", id="two"),
        pytest.param(on_cover("md-2026-0001"), "", id="not-as-we-print-it"),
        pytest.param(on_cover("MD-2026-0001") * 9, "", id="too-long"),
    ],
)
def test_what_a_square_says(said: str, reference: str) -> None:
    assert read_cover(said) == reference
