"""Pictures as pages: TIFF with many, JPEG, PNG, HEIC, WebP, GIF, BMP. Turned as the camera was held, grey or RGB.

A picture's head says how many pixels it has, and is believed before one is unpacked: a picture of too many is refused.
"""

from __future__ import annotations

import io
import struct
import warnings
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from requests_app.documents.readers.refusals import Refused

FORMS: Final = ("TIFF", "JPEG", "PNG", "WEBP", "GIF", "BMP", "DIB")
HEIF: Final = "HEIF"
MOST_PIXELS: Final = 150_000_000  # of one page: A1 at 300 dpi has 70 million, and unpacks to 450 MB at most
LONGEST_SIDE: Final = 60_000  # pixels
LARGEST_PAPER: Final = 1224.0  # points, 17 inches: what claims to be larger is a photograph with a made-up dpi
USUAL_PAPER: Final = 792.0  # points, 11 inches: the longer side of what does not say how large it is
DPI: Final = (60.0, 2400.0)  # what a scanner may say; 72 is also what programs write that know nothing
MOVING: Final = ("GIF", "WEBP", "PNG", "MPO", "HEIF")  # their further pictures are a film or a preview, not pages
TURNED_SIDEWAYS: Final = (5, 6, 7, 8)  # EXIF orientations that swap width and height
ORIENTATION: Final = 0x0112

# What Pillow raises for files that are not whole, or not what they say.
BROKEN: Final = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    RuntimeError,
    KeyError,
    TypeError,
    IndexError,
    struct.error,
)

Image.MAX_IMAGE_PIXELS = MOST_PIXELS


class Pictures:
    """An open picture file. Close it: `with Pictures(path) as pictures`."""

    def __init__(self, path: Path) -> None:
        """Open it. Raises Refused: damaged, unsupported, too_large."""
        self._path = path
        forms: tuple[str, ...] = FORMS
        with path.open("rb") as file:
            if b"ftyp" in file.read(16):
                import pillow_heif

                pillow_heif.register_heif_opener()
                forms = (HEIF,)
        ImageFile.LOAD_TRUNCATED_IMAGES = False  # a library that shares this process may have asked for half pictures
        warnings.simplefilter("ignore")  # of Pillow, about what it mends; a bomb is an error here, not a warning
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        Image.init()  # formats are named, so they must be known
        try:
            self._image = Image.open(path, formats=forms)
            self.count = 1 if self._image.format in MOVING else int(getattr(self._image, "n_frames", 1))
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
            raise Refused("too_large", str(bomb)) from bomb
        except UnidentifiedImageError as unknown:
            raise Refused("unsupported", "no kind of picture that is read here") from unknown
        except BROKEN as trouble:
            raise Refused("damaged", str(trouble)) from trouble

    def __enter__(self) -> Pictures:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._image.close()

    def size(self, number: int) -> tuple[float, float]:
        """Width and height in points, by the scanner's dpi where it is believable. Raises Refused."""
        picture = self._frame(number)
        width, height = paper(picture.size, _dpi(picture))
        return (height, width) if _orientation(picture) in TURNED_SIDEWAYS else (width, height)

    def pixels(self, number: int) -> tuple[int, int]:
        """Width and height in pixels, upright. Raises Refused."""
        picture = self._frame(number)
        width, height = picture.size
        return (height, width) if _orientation(picture) in TURNED_SIDEWAYS else (width, height)

    def label(self, number: int) -> str:
        """Pictures number no pages."""
        return ""

    def image(self, number: int, width: int, height: int, *, grey: bool = False) -> Image.Image:
        """Draw a page in so many pixels. Raises Refused."""
        picture = self._frame(number)
        try:
            upright = self._upright(picture, (width, height))
            return plain(upright, grey=grey).resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)
        except BROKEN as trouble:
            raise Refused("damaged", str(trouble)) from trouble

    def encoded(self, number: int) -> tuple[tuple[int, int], str, bytes]:
        """Return a page's pixels, its mode (1, L or RGB) and its bytes for a PDF. Raises Refused.

        Two tones: rows of bits; others: a JPEG. A JPEG that lies upright is given as it is.
        """
        picture = self._frame(number)
        try:
            if picture.format == "JPEG" and _orientation(picture) == 1 and picture.mode in ("L", "RGB"):
                return picture.size, picture.mode, self._path.read_bytes()
            upright = self._upright(picture, picture.size)
            if upright.mode == "1":
                return upright.size, "1", upright.tobytes()
            drawn = plain(upright, grey=upright.mode in ("L", "LA", "I", "I;16", "F"))
            written = io.BytesIO()
            drawn.save(written, "JPEG", quality=85)
            return drawn.size, drawn.mode, written.getvalue()
        except BROKEN as trouble:
            raise Refused("damaged", str(trouble)) from trouble

    def _upright(self, picture: Image.Image, wanted: tuple[int, int]) -> Image.Image:
        """Turn it as the camera was held; a JPEG is unpacked no larger than need be."""
        if picture.format == "JPEG" and self.count == 1 and max(wanted) * 2 < max(picture.size):
            picture = Image.open(self._path, formats=["JPEG"])
            picture.draft(None, (max(wanted), max(wanted)))
        picture.load()
        return ImageOps.exif_transpose(picture) if _orientation(picture) != 1 else picture

    def _frame(self, number: int) -> Image.Image:
        if not 1 <= number <= self.count:
            raise Refused("damaged", f"no page {number}")
        try:
            if self.count > 1 or self._image.tell():
                self._image.seek(number - 1)
        except BROKEN as trouble:
            raise Refused("damaged", str(trouble)) from trouble
        width, height = self._image.size
        if width * height > MOST_PIXELS or max(width, height) > LONGEST_SIDE:
            raise Refused("too_large", f"{width} x {height} pixels")
        if width < 1 or height < 1:
            raise Refused("damaged", "no pixels")
        return self._image


def paper(pixels: tuple[int, int], dpi: tuple[float, float] | None) -> tuple[float, float]:
    """Return how large the paper of a picture is, in points. Both directions have their own dpi: a fax's differ."""
    if dpi is not None:
        width, height = pixels[0] * 72 / dpi[0], pixels[1] * 72 / dpi[1]
        if max(width, height) <= LARGEST_PAPER:
            return max(width, 3.0), max(height, 3.0)
        # What it says of the ratio of the two directions still holds.
        scale = USUAL_PAPER / max(width, height)
        return max(width * scale, 3.0), max(height * scale, 3.0)
    scale = USUAL_PAPER / max(pixels)
    return max(pixels[0] * scale, 3.0), max(pixels[1] * scale, 3.0)


def plain(picture: Image.Image, *, grey: bool) -> Image.Image:
    """Return it in RGB, or grey, on white: 16 bits brought down to 8, CMYK turned, what shows through made white."""
    if picture.mode.startswith(("I;16", "I", "F")):
        picture = _eight_bits(picture)
    if picture.mode == "P" and "transparency" in picture.info:
        picture = picture.convert("RGBA")
    if picture.mode in ("RGBA", "LA", "PA", "RGBa", "La"):
        see_through = picture.convert("RGBA")
        ground = Image.new("RGBA", see_through.size, "white")
        picture = Image.alpha_composite(ground, see_through)
    return picture.convert("L" if grey else "RGB")


def _eight_bits(picture: Image.Image) -> Image.Image:
    """Return a grey picture of more than 8 bits in 8. One that fills a part of its range only is spread out over it."""
    whole = picture.convert("F")
    extrema = whole.getextrema()
    darkest, lightest = float(extrema[0]), float(extrema[1])  # type: ignore[arg-type]
    most = 65535.0 if 255 < lightest <= 65535 and darkest >= 0 else 0.0
    if most:
        return whole.point(lambda value: value * (255.0 / 65535.0)).convert("L")
    spread = (lightest - darkest) or 1.0
    return whole.point(lambda value: value * (255.0 / spread) + (-darkest * 255.0 / spread)).convert("L")


def _dpi(picture: Image.Image) -> tuple[float, float] | None:
    said: Any = picture.info.get("dpi")
    try:
        across, down = float(said[0]), float(said[1])
    except (TypeError, ValueError, IndexError, ZeroDivisionError):
        return None
    least, most = DPI
    return (across, down) if least <= across <= most and least <= down <= most else None


def _orientation(picture: Image.Image) -> int:
    try:
        return int(picture.getexif().get(ORIENTATION, 1))
    except BROKEN:
        return 1
