"""The text of a blob in its passages: taken out and put in as a whole, so that a step can be run again."""

from __future__ import annotations

from collections.abc import Iterable

from requests_app.documents.models import Blob, Passage


def put(blob: Blob, kind: Passage.Kind, texts: Iterable[str], *, place: int = 0) -> int:
    """Write these blocks as the text of that kind and place. In the caller's transaction. Returns how many."""
    Passage.objects.filter(blob=blob, kind=kind, place=place).delete()
    rows = [
        Passage(blob=blob, kind=kind, place=place, part=part, text=text.replace("\x00", ""))
        for part, text in enumerate(texts)
    ]
    return len(Passage.objects.bulk_create(rows, batch_size=200))
