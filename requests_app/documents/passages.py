"""The texts of a blob's places, written so that rows which say the same stay what they are."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from requests_app.documents.models import Blob, Passage


def keep_passages(blob: Blob, kind: str, texts: Mapping[tuple[int, int], str], *, places: Collection[int]) -> None:
    """Let these places of a blob have these texts, by place and part, and no other. In the caller's transaction.

    What did not change is not written, so that the index has nothing to do. Empty texts are not kept.
    """
    old = {
        (place, part): (pk, text)
        for pk, place, part, text in Passage.objects.filter(blob=blob, kind=kind, place__in=places).values_list(
            "pk", "place", "part", "text"
        )
    }
    wanted = {at: text for at, text in texts.items() if text}
    gone = [pk for at, (pk, _text) in old.items() if at not in wanted]
    if gone:
        Passage.objects.filter(pk__in=gone).delete()
    changed = [Passage(pk=old[at][0], text=text) for at, text in wanted.items() if at in old and old[at][1] != text]
    if changed:
        Passage.objects.bulk_update(changed, ["text"])
    Passage.objects.bulk_create(
        Passage(blob=blob, kind=kind, place=place, part=part, text=text)
        for (place, part), text in wanted.items()
        if (place, part) not in old
    )
