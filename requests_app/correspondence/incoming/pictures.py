"""The pictures inside a mail, drawn anew in the process apart: dots go on, nothing else of the file does. Pure."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable
from typing import Final

from requests_app.correspondence.parsing import Attachment

MOST_PICTURES: Final = 40
MOST_BYTES: Final = 5 * 1024 * 1024  # of one file, as it came
MOST_DOTS: Final = 16_000_000
SIDE: Final = 1_400  # dots; no screen on which mail is read shows more of a picture
ALL_BYTES: Final = 12 * 1024 * 1024  # of all pictures of a mail, as they are shown


def pictures_of(attachments: Iterable[Attachment]) -> dict[str, bytes]:
    """Return the pictures that a page of the mail can name, each as a PNG, by Content-ID without angle brackets."""
    found: dict[str, bytes] = {}
    left = ALL_BYTES
    for attachment in attachments:
        name = attachment.content_id.strip().strip("<>")
        if not name or name in found or not attachment.content:
            continue
        drawn = drawn_anew(attachment.content)
        if drawn and len(drawn) <= left:
            found[name] = drawn
            left -= len(drawn)
            if len(found) == MOST_PICTURES:
                break
    return found


def drawn_anew(content: bytes) -> bytes:
    """Return what a PNG, JPEG or GIF file shows as a PNG of its own; b"" when it is none or too large.

    The kind is told by the content. Of a picture that moves, the first is drawn.
    """
    # Pillow is imported for the first picture only: most mails have none.
    from PIL import Image, ImageOps

    if len(content) > MOST_BYTES or not content.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8")):
        return b""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "GIF")) as opened:
                if opened.width * opened.height > MOST_DOTS:
                    return b""
                upright = ImageOps.exif_transpose(opened)
                drawn = upright.convert("RGBA" if _is_clear(upright) else "RGB")
    except Exception:  # noqa: BLE001  a decoder fails in any way that its author did not think of; the mail stays
        return b""
    drawn.thumbnail((SIDE, SIDE))
    bare = Image.new(drawn.mode, drawn.size)
    bare.paste(drawn)
    file = io.BytesIO()
    bare.save(file, "PNG")
    return file.getvalue()


def _is_clear(picture: object) -> bool:
    return "A" in picture.getbands() or "transparency" in picture.info  # type: ignore[attr-defined]
