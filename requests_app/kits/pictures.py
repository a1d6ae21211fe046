"""Pictures for letters: what people upload is looked at, measured and drawn anew; the file itself is not kept."""

from __future__ import annotations

import io
import warnings
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from requests_app.kits.dress import Picture

BYTES_LIMIT: Final = 2 * 1024 * 1024
SIDE_LIMIT: Final = 6_000  # pixels of a side; no scan of a signature and no logo needs more
_KEPT_WIDTH, _KEPT_HEIGHT = 1_200, 600  # four times what the letter prints, at 72 points an inch


_NO_PICTURE = gettext_lazy(
    "This is not a PNG or JPEG picture that can be read. Save it as PNG or JPEG, then choose it again."
)


class NotAPicture(ValueError):
    """The file is no picture that a letter can carry. The text says why and what to do."""


def read_picture(raw: bytes, alt: str) -> Picture:
    """Return the picture that a PNG or JPEG file shows, made small enough for a letter. Raises NotAPicture.

    The kind is told by the content, not by the name. The pixels are drawn into a new PNG, so that nothing else of the
    file comes along: no place where a photograph was taken, no script, no second picture.
    """
    # Pillow is imported for the first picture only: few processes ever see one.
    from PIL import Image, ImageOps, UnidentifiedImageError

    if len(raw) > BYTES_LIMIT:
        raise NotAPicture(_("The picture is larger than 2 MB. Save it smaller, then choose it again."))
    if not _is_whole(raw):
        raise NotAPicture(_NO_PICTURE)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(raw), formats=("PNG", "JPEG")) as opened:
                if max(opened.size) > SIDE_LIMIT or min(opened.size) < 8:
                    text = _("The picture has %(width)s by %(height)s dots. Use one with 8 to %(limit)s on each side.")
                    facts = {"width": opened.width, "height": opened.height, "limit": f"{SIDE_LIMIT:,}"}
                    raise NotAPicture(text % facts)
                upright = ImageOps.exif_transpose(opened)
                clear = "A" in opened.getbands() or "transparency" in opened.info
                drawn = upright.convert("RGBA" if clear else "RGB")
    except NotAPicture:
        raise
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
        OSError,
        SyntaxError,
        ValueError,
    ) as trouble:
        raise NotAPicture(_NO_PICTURE) from trouble
    drawn.thumbnail((_KEPT_WIDTH, _KEPT_HEIGHT))
    # A new image: what the old one carried beside its dots stays behind.
    bare = Image.new(drawn.mode, drawn.size)
    bare.paste(drawn)
    file = io.BytesIO()
    bare.save(file, "PNG", optimize=True)
    return Picture(png=file.getvalue(), width=bare.width, height=bare.height, alt=alt)


def _is_whole(raw: bytes) -> bool:
    """Return whether a file begins as PNG or JPEG and was not cut off.

    Asked of the bytes, because WeasyPrint tells Pillow, for the whole process, to take half a picture for a whole one.
    """
    if raw.startswith(b"\x89PNG\r\n\x1a\n"):
        return b"IEND\xaeB`\x82" in raw[-4096:]
    return raw.startswith(b"\xff\xd8\xff") and b"\xff\xd9" in raw[-65_536:]
