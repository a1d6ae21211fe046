"""The texts of a blob's pages, written so that rows which say the same stay what they are."""

from __future__ import annotations

from collections.abc import Mapping

from requests_app.documents.models import Blob, Passage


def keep_page_texts(blob: Blob, texts: Mapping[int, str]) -> None:
    """Let these pages of a blob have these texts, by page number; an empty one is not kept.

    In the caller's transaction. What did not change is not written, so that the index has nothing to do.
    """
    of_pages = Passage.objects.filter(blob=blob, kind=Passage.Kind.PAGE)
    old = {place: (pk, text) for pk, place, text in of_pages.filter(place__in=texts).values_list("pk", "place", "text")}
    gone = [pk for place, (pk, _text) in old.items() if not texts[place]]
    if gone:
        Passage.objects.filter(pk__in=gone).delete()
    wanted = {place: text for place, text in texts.items() if text}
    changed = [
        Passage(pk=old[place][0], text=text) for place, text in wanted.items() if place in old and old[place][1] != text
    ]
    if changed:
        Passage.objects.bulk_update(changed, ["text"])
    Passage.objects.bulk_create(
        Passage(blob=blob, kind=Passage.Kind.PAGE, place=place, text=text)
        for place, text in wanted.items()
        if place not in old
    )
