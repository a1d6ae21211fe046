"""What a recording says of itself: how long it is and in which form. It is kept and listed, and played nowhere here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from requests_app.documents.readers.refusals import Refused


class RecordingOrder(msgspec.Struct, frozen=True):
    """Look at one recording."""


class Recording(msgspec.Struct, frozen=True):
    """Seconds are 0 where the file does not say."""

    seconds: float = 0.0
    bits_a_second: int = 0
    samples_a_second: int = 0
    channels: int = 0
    title: str = ""
    artist: str = ""
    recorded: str = ""


def recording(path: Path, order: RecordingOrder, output: Path) -> Iterator[Recording]:
    """Give what the file's own header says. Raises Refused: unsupported, damaged."""
    import tinytag

    try:
        with path.open("rb") as file:
            tag = tinytag.TinyTag.get(file_obj=file)
    except tinytag.UnsupportedFormatError as trouble:
        raise Refused("unsupported", str(trouble)) from trouble
    except (tinytag.TinyTagException, OSError, ValueError, KeyError, IndexError, TypeError) as trouble:
        raise Refused("damaged", str(trouble)) from trouble
    yield Recording(
        seconds=round(tag.duration or 0.0, 2),
        bits_a_second=int((tag.bitrate or 0) * 1000),
        samples_a_second=int(tag.samplerate or 0),
        channels=int(tag.channels or 0),
        title=(tag.title or "")[:200],
        artist=(tag.artist or "")[:200],
        recorded=(tag.year or "")[:40],
    )
