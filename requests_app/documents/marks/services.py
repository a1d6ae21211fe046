"""The one door by which people say something about a document."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from requests_app.documents.models import AnsweredItem, Description, Document, NextPageNumber, Page, PageNumbers
from requests_app.documents.search import services as search
from requests_app.people.models import Person, audit


@dataclass(frozen=True)
class Words:
    """What a person says a document is."""

    title: str = ""
    summary: str = ""
    tags: tuple[str, ...] = ()
    covers_from: date | None = None
    covers_to: date | None = None


class ChangedMeanwhile(Exception):
    """Somebody else described the document since the form was opened. Holds the description as it is now."""

    def __init__(self, now: Description) -> None:
        self.now = now
        super().__init__(
            _(
                "%(person)s changed this description since you opened it, so yours was not kept. What you wrote is "
                "still here. Compare it with what stands there now, then keep it or leave it as it is."
            )
            % {"person": now.written_by.handle}
        )


class NoPagesYet(Exception):
    """Its pages are not known, or not all of them: numbers given now would not reach."""

    def __init__(self) -> None:
        super().__init__(
            _("The pages of this document are not all known yet, so no numbers were given. Try again when it is read.")
        )


def describe(document: Document, words: Words, *, seen_revision: int, by: Person, now: datetime) -> Description:
    """Say what a document is, and keep what was said before.

    Nothing changes when nothing differs. Raises ChangedMeanwhile when the description is no longer at `seen_revision`
    (0 before the first one).
    """
    said = {**asdict(words), "tags": list(words.tags)}
    with transaction.atomic():
        kept, is_new = Description.objects.get_or_create(
            document=document, defaults={"written_by": by, "written_at": now, "revision": 0}
        )
        before = {name: getattr(kept, name) for name in said}
        if kept.revision == seen_revision and before == said:
            if is_new:
                kept.delete()  # an empty form says nothing
            return kept
        earlier = kept.earlier
        if not is_new:
            days = {name: value.isoformat() for name, value in before.items() if isinstance(value, date)}
            earlier = [*earlier, {**before, **days, "by": kept.written_by.handle, "until": now.isoformat()}]
        # SQLite has no row locks: the conditional update is the guard.
        changed = Description.objects.filter(pk=kept.pk, revision=seen_revision).update(
            **said, written_by=by, written_at=now, earlier=earlier, revision=seen_revision + 1
        )
        if changed:
            search.keep_about(Document.objects.select_related("agency", "request").get(pk=document.pk))
    kept = Description.objects.select_related("written_by").get(pk=kept.pk)
    if not changed:
        raise ChangedMeanwhile(kept)
    return kept


def tick_items(document: Document, items: Collection[int], *, by: Person, now: datetime) -> tuple[int, int]:
    """Let these be the items that the document answers. Returns how many were added and how many taken back."""
    with transaction.atomic():
        standing = set(
            AnsweredItem.objects.filter(document=document, taken_back_at=None).values_list("item", flat=True)
        )
        added, gone = set(items) - standing, standing - set(items)
        AnsweredItem.objects.bulk_create(
            [AnsweredItem(document=document, item=item, ticked_by=by, ticked_at=now) for item in sorted(added)],
            ignore_conflicts=True,  # somebody else ticked it at this moment
        )
        AnsweredItem.objects.filter(document=document, item__in=gone, taken_back_at=None).update(
            taken_back_by=by, taken_back_at=now
        )
    return len(added), len(gone)


def give_page_numbers(document: Document, *, by: Person, now: datetime) -> PageNumbers:
    """Give each page of a document a number that no other page of this organisation has. A second call changes nothing.

    Raises NoPagesYet while its pages are still being found.
    """
    kept = PageNumbers.objects.filter(document=document).first()
    if kept is not None:
        return kept
    count = Page.objects.filter(blob=document.blob_id).count()
    if not count or document.blob.steps.filter(name="pages").exclude(state__in=["done", "not_needed"]).exists():
        raise NoPagesYet
    with transaction.atomic():
        first = _claim(count)
        given, is_new = PageNumbers.objects.get_or_create(
            document=document, defaults={"first": first, "last": first + count - 1, "given_by": by, "given_at": now}
        )
        if is_new:
            audit("pages numbered", document, by=by, now=now, first=given.first, last=given.last)
    return given


def _claim(count: int) -> int:
    """Take the next `count` numbers, by an update that only one of two at once can make."""
    NextPageNumber.objects.get_or_create(pk=1)
    while True:
        free = NextPageNumber.objects.values_list("number", flat=True).get(pk=1)
        if NextPageNumber.objects.filter(pk=1, number=free).update(number=free + count):
            return free
