"""Picture files as pages."""

from __future__ import annotations

import io
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from requests_app.documents import sandbox
from requests_app.documents.readers import pictures
from requests_app.documents.readers.paged import (
    PICTURE,
    PictureMade,
    PicturesOrder,
    SizeFound,
    SizesOrder,
    Source,
    fitted,
    sizes,
)
from requests_app.documents.readers.paged import pictures as draw
from requests_app.documents.readers.pictures import Pictures, paper
from requests_app.documents.readers.refusals import Refused

SOURCE = Source(PICTURE)


def saved(picture: Image.Image, path: Path, form: str, **options: Any) -> Path:
    picture.save(path, form, **options)
    return path


def corner(mode: str = "RGB", size: tuple[int, int] = (300, 200)) -> Image.Image:
    """Return a white picture whose top left quarter is dark."""
    picture = Image.new("L", size, 255)
    picture.paste(20, (0, 0, size[0] // 2, size[1] // 2))
    return picture.convert(mode)


def drawn(path: Path, tmp_path: Path, width: int = 150, number: int = 1) -> Image.Image:
    (made,) = draw(path, PicturesOrder(SOURCE, (number,), (width,)), tmp_path)
    assert not made.trouble
    with Image.open(tmp_path / made.name) as picture:
        return picture.convert("L")


def dark_corner(picture: Image.Image) -> str:
    width, height = picture.size
    places = {"top left": (0.2, 0.2), "top right": (0.8, 0.2), "bottom left": (0.2, 0.8), "bottom right": (0.8, 0.8)}
    return " and ".join(
        name
        for name, (x, y) in places.items()
        if picture.getpixel((int(x * width), int(y * height))) < 100  # type: ignore[operator]
    )


@pytest.mark.parametrize(
    ("form", "mode", "options"),
    [
        pytest.param("JPEG", "RGB", {}, id="JPEG"),
        pytest.param("JPEG", "CMYK", {}, id="JPEG for print"),
        pytest.param("PNG", "RGBA", {}, id="PNG"),
        pytest.param("PNG", "P", {}, id="PNG with a palette"),
        pytest.param("PNG", "1", {}, id="PNG of two tones"),
        pytest.param("TIFF", "1", {"compression": "group4"}, id="fax"),
        pytest.param("TIFF", "CMYK", {}, id="TIFF for print"),
        pytest.param("TIFF", "F", {}, id="TIFF of measurements"),
        pytest.param("WEBP", "RGB", {}, id="WebP"),
        pytest.param("GIF", "P", {}, id="GIF"),
        pytest.param("BMP", "RGB", {}, id="BMP"),
    ],
)
def test_every_form_is_a_page(tmp_path: Path, form: str, mode: str, options: dict[str, Any]) -> None:
    path = saved(corner(mode), tmp_path / "picture", form, **options)
    picture = drawn(path, tmp_path)
    assert picture.size == (150, 100)
    assert dark_corner(picture) == "top left"


def test_heic_is_a_page(tmp_path: Path) -> None:
    import pillow_heif

    path = tmp_path / "photo.heic"
    pillow_heif.from_pillow(corner()).save(path, quality=80)
    assert dark_corner(drawn(path, tmp_path)) == "top left"


def test_sixteen_bits_are_brought_down_to_eight(tmp_path: Path) -> None:
    deep = Image.frombytes("I;16", (300, 200), b"".join(
        (3000 if x < 150 and y < 100 else 60000).to_bytes(2, "little") for y in range(200) for x in range(300)
    ))  # fmt: skip
    picture = drawn(saved(deep, tmp_path / "deep.tif", "TIFF"), tmp_path)
    assert dark_corner(picture) == "top left"
    assert 5 <= picture.getpixel((10, 10)) <= 20  # type: ignore[operator]


def test_what_shows_through_is_white(tmp_path: Path) -> None:
    clear = Image.new("RGBA", (100, 100), (0, 0, 0, 0))
    assert drawn(saved(clear, tmp_path / "clear.png", "PNG"), tmp_path).getpixel((50, 50)) == 255


@pytest.mark.parametrize(
    ("orientation", "size", "dark"),
    [
        pytest.param(1, (150, 100), "top left", id="as it is"),
        pytest.param(3, (150, 100), "bottom right", id="upside down"),
        pytest.param(6, (150, 225), "top right", id="held upright"),
        pytest.param(8, (150, 225), "bottom left", id="held upright the other way"),
    ],
)
def test_a_photograph_is_turned_as_the_camera_was_held(
    tmp_path: Path, orientation: int, size: tuple[int, int], dark: str
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = saved(corner(), tmp_path / "photo.jpg", "JPEG", exif=exif)
    found = next(iter(sizes(path, SizesOrder(SOURCE, 10), tmp_path)))
    picture = drawn(path, tmp_path)
    assert (picture.size, dark_corner(picture)) == (size, dark)
    assert abs(found.width / found.height - size[0] / size[1]) < 0.01


@pytest.mark.parametrize("form", ["WEBP", "HEIF"])
def test_so_is_one_in_a_form_of_telephones(tmp_path: Path, form: str) -> None:
    import pillow_heif

    pillow_heif.register_heif_opener()
    exif = Image.Exif()
    exif[0x0112] = 6
    path = saved(corner(), tmp_path / "photo", form, exif=exif.tobytes())
    (found,) = sizes(path, SizesOrder(SOURCE, 10), tmp_path)
    assert found.height > found.width
    assert dark_corner(drawn(path, tmp_path)) == "top right"


def test_a_tiff_has_many_pages_and_a_film_one(tmp_path: Path) -> None:
    pages = [corner(), corner().rotate(180), Image.new("RGB", (90, 90))]
    tiff = saved(pages[0], tmp_path / "many.tif", "TIFF", save_all=True, append_images=pages[1:])
    assert [page.number for page in sizes(tiff, SizesOrder(SOURCE, 10), tmp_path)] == [1, 2, 3]
    assert dark_corner(drawn(tiff, tmp_path, number=2)) == "bottom right"
    assert dark_corner(drawn(tiff, tmp_path, number=1)) == "top left"
    film = saved(pages[0], tmp_path / "film.gif", "GIF", save_all=True, append_images=pages[1:2])
    assert len(list(sizes(film, SizesOrder(SOURCE, 10), tmp_path))) == 1
    with pytest.raises(Refused, match="too_many"):
        list(sizes(tiff, SizesOrder(SOURCE, 2), tmp_path))


@pytest.mark.parametrize(
    ("pixels", "dpi", "points"),
    [
        pytest.param((2550, 3300), (300, 300), (612, 792), id="a letter at 300 dpi"),
        pytest.param((1728, 1100), (204, 98), (609.9, 808.2), id="a fax, coarser downwards"),
        pytest.param((4000, 3000), None, (792, 594), id="a photograph that does not say"),
        pytest.param((4000, 3000), (72, 72), (792, 594), id="a photograph with a made-up dpi"),
        pytest.param((1, 9000), (72, 72), (3, 792), id="a thread"),
    ],
)
def test_the_paper_is_as_large_as_the_scanner_says(
    pixels: tuple[int, int], dpi: tuple[float, float] | None, points: tuple[float, float]
) -> None:
    assert paper(pixels, dpi) == pytest.approx(points, abs=0.1)


def test_a_bomb_is_refused_by_its_head(tmp_path: Path) -> None:
    """A PNG of a few hundred bytes that says it has four thousand million pixels."""
    out = io.BytesIO()
    Image.new("1", (8, 8)).save(out, "PNG")
    head = bytearray(out.getvalue())
    head[16:24] = (65000).to_bytes(4, "big") * 2
    head[29:33] = zlib.crc32(head[12:29]).to_bytes(4, "big")
    path = tmp_path / "bomb.png"
    path.write_bytes(head)
    with pytest.raises(Refused) as refused, Pictures(path) as opened:
        opened.size(1)
    assert refused.value.code == "too_large"


def test_more_pixels_than_the_bound_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(corner(), tmp_path / "picture.png", "PNG")
    monkeypatch.setattr(pictures, "MOST_PIXELS", 59_999)
    with pytest.raises(Refused, match="too_large"), Pictures(path) as opened:
        opened.size(1)


@pytest.mark.parametrize("cut", [30, 200, 900])
@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF", "GIF", "WEBP", "BMP"])
def test_what_is_cut_off_is_refused_and_breaks_nothing(tmp_path: Path, form: str, cut: int) -> None:
    whole = saved(corner(), tmp_path / "whole", form).read_bytes()
    path = tmp_path / "cut"
    path.write_bytes(whole[: min(cut, len(whole) // 2)])
    try:
        found = list(draw(path, PicturesOrder(SOURCE, (1,), (160,)), tmp_path))
    except Refused as refused:
        assert refused.code in ("damaged", "unsupported")
    else:
        assert [made.trouble for made in found] == ["damaged"]


def test_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "picture.svg"
    path.write_text("<svg/>")
    with pytest.raises(Refused, match="unsupported"):
        Pictures(path)


@pytest.mark.parametrize(
    ("page", "across", "pixels"),
    [
        pytest.param((612, 792), 1600, (1600, 2071), id="a letter"),
        pytest.param((10, 20000), 1600, (8, 16000), id="a paper strip"),
        pytest.param((20000, 3), 160, (160, 1), id="a line"),
    ],
)
def test_a_picture_fits_what_webp_holds(page: tuple[float, float], across: int, pixels: tuple[int, int]) -> None:
    assert fitted(*page, across) == pixels


@pytest.mark.processes
@pytest.mark.same_everywhere
def test_pictures_are_read_in_the_sandbox(tmp_path: Path) -> None:
    path = saved(corner(), tmp_path / "picture.png", "PNG")
    reader = "requests_app.documents.readers.paged:{}"
    found = list(sandbox.run(reader.format("sizes"), path, order=SizesOrder(SOURCE, 10), kind=SizeFound))
    assert [(page.number, page.of) for page in found] == [(1, 1)]
    order = PicturesOrder(SOURCE, (1, 2), (160,))
    made = list(sandbox.run(reader.format("pictures"), path, order=order, kind=PictureMade, output=tmp_path))
    assert [(each.number, each.trouble) for each in made] == [(1, ""), (2, "damaged")]
