"""Lists of annotations. Whoever may see the document sees its annotations; private ones are their author's alone."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Sum

from requests_app.documents import queries as documents
from requests_app.documents.models import Document, Step
from requests_app.people.models import Person
from requests_app.review.models import Annotation, Label


def visible_to(person: Person | AnonymousUser) -> QuerySet[Annotation]:
    """Return the annotations this person may see, without those that were withdrawn."""
    return with_withdrawn(person).filter(withdrawn_at=None)


def with_withdrawn(person: Person | AnonymousUser) -> QuerySet[Annotation]:
    """Return the annotations this person may see, also withdrawn ones, which can be brought back."""
    return (
        Annotation.objects.filter(_open_to(person))
        .filter(document__in=documents.visible_to(person).order_by())
        .select_related("label", "author", "document", "document__request", "document__agency", "document__blob")
    )


def _open_to(person: Person | AnonymousUser) -> Q:
    """Return the condition that keeps private notes to their author."""
    everybodys = ~Q(visibility=Annotation.Visibility.ME)
    return everybodys | Q(author=person) if isinstance(person, Person) else everybodys


def of_document(document: Document, person: Person | AnonymousUser) -> QuerySet[Annotation]:
    """Return what this person may see of the annotations of one document, in the order of its places.

    The document must be one that the person may see.
    """
    return (
        Annotation.objects.filter(_open_to(person), document=document, withdrawn_at=None)
        .select_related("label", "author")
        .order_by("place", "down", "pk")
    )


def on_places(document: Document, person: Person | AnonymousUser, places: Collection[int]) -> QuerySet[Annotation]:
    """Return what stands on these pages or sheets, and on the document as a whole, with replies. Two queries."""
    return of_document(document, person).filter(place__in={0, *places}).prefetch_related("replies__author")


def filtered(
    annotations: QuerySet[Annotation], *, label: str = "", author: str = "", state: str = ""
) -> QuerySet[Annotation]:
    """Return those with this label (its slug, or "none"), by this person (a handle), in this state."""
    if label == "none":
        annotations = annotations.filter(label=None)
    elif label:
        annotations = annotations.filter(label__slug=label)
    if author:
        annotations = annotations.filter(author__handle__iexact=author)
    if state == "lost":
        return annotations.filter(found=Annotation.Found.LOST)
    return annotations.filter(state=state) if state else annotations


@dataclass(frozen=True)
class Pulse:
    """What the script compares and counts. `stamp`: another word as soon as anything this person sees on some places
    has changed. `open_on`: how many open annotations stand on each page or sheet that has any."""

    stamp: str
    open_on: dict[int, int]


def stamp(document: Document, person: Person | AnonymousUser, places: Collection[int]) -> str:
    """Return the stamp of some places, and look at nothing else. One query."""
    return _pulse(of_document(document, person).filter(place__in={0, *places}), places).stamp


def pulse(document: Document, person: Person | AnonymousUser, places: Collection[int]) -> Pulse:
    """Return the stamp of some places, and the counts of all. One query."""
    return _pulse(of_document(document, person), places)


def _pulse(annotations: QuerySet[Annotation], places: Collection[int]) -> Pulse:
    by_place = annotations.order_by("place").values("place")
    rows = by_place.annotate(
        count=Count("pk"),
        revisions=Sum("revision"),
        last=Max("changed_at"),
        newest=Max("pk"),
        open=Count("pk", filter=Q(state=Annotation.State.OPEN)),
    )
    found = list(rows.values_list("place", "count", "revisions", "last", "newest", "open"))
    said = [[*places], *([*map(str, row[:5])] for row in found if row[0] in {0, *places})]
    word = hashlib.sha256(str(said).encode()).hexdigest()[:20]
    return Pulse(word, {row[0]: row[5] for row in found if row[5]})


def how_many(document: Document, person: Person | AnonymousUser) -> tuple[int, int]:
    """Return how many annotations this person sees on a document, and how many of them are open. One query."""
    is_open = Q(state=Annotation.State.OPEN)
    counts = of_document(document, person).order_by().aggregate(all=Count("pk"), open=Count("pk", filter=is_open))
    return counts["all"], counts["open"]


def behind(annotations: QuerySet[Annotation], last: Annotation) -> QuerySet[Annotation]:
    """Return those that come after `last` in the order of their document."""
    same_place = Q(place=last.place)
    follows = Q(place__gt=last.place) | same_place & Q(down__gt=last.down)
    return annotations.filter(follows | same_place & Q(down=last.down, pk__gt=last.pk))


def neighbours(annotation: Annotation, person: Person | AnonymousUser) -> tuple[int | None, int | None]:
    """Return the ids of the annotations before and after this one in its document. Two queries."""
    others = of_document(annotation.document, person).exclude(pk=annotation.pk)
    here = (annotation.place, annotation.down, annotation.pk)
    same_place, same_down = Q(place=here[0]), Q(place=here[0], down=here[1])
    before = Q(place__lt=here[0]) | same_place & Q(down__lt=here[1]) | same_down & Q(pk__lt=here[2])
    back = others.filter(before).order_by("-place", "-down", "-pk").values_list("pk", flat=True).first()
    return back, behind(others, annotation).values_list("pk", flat=True).first()


def of_label(label: Label, person: Person | AnonymousUser, *, before: int | None = None) -> QuerySet[Annotation]:
    """Return everything with this label in all documents this person may see, newest first, from below id `before`."""
    found = visible_to(person).filter(label=label).order_by("-pk")
    return found.filter(pk__lt=before) if before is not None else found


def offered_labels() -> QuerySet[Label]:
    """Return the labels that may be given, in their order."""
    return Label.objects.filter(retired_at=None).order_by("order", "name")


def stale(since: datetime | None = None) -> QuerySet[Annotation]:
    """Return the annotations whose document was read anew since their words were last looked for.

    `since`: only documents read after that moment, which looks at few rows however many annotations there are.
    """
    steps = Step.objects.filter(name__in=["text", "ocr", "convert"], state=Step.State.DONE)
    read_since = steps.filter(blob=OuterRef("document__blob"), ended_at__gt=OuterRef("anchored_at"))
    found = marked_words()
    if since is not None:
        found = found.filter(document__blob__in=steps.filter(ended_at__gte=since).values("blob"))
    return found.filter(Exists(read_since))


def marked_words() -> QuerySet[Annotation]:
    """Return the annotations of words, whose place can change when a document is read anew, document after document."""
    words = Annotation.objects.filter(kind__in=[Annotation.Kind.TEXT, Annotation.Kind.PASSAGE])
    return words.filter(document__erased_at=None).select_related("document").order_by("document", "place", "pk")


def lost_in(document: Document, person: Person | AnonymousUser) -> QuerySet[Annotation]:
    """Return the annotations of a document whose words were not found any more."""
    return of_document(document, person).filter(found=Annotation.Found.LOST)


def authors_in(document: Document, person: Person | AnonymousUser) -> list[str]:
    """Return the handles of those who marked something there."""
    return list(
        of_document(document, person).order_by("author__handle").values_list("author__handle", flat=True).distinct()
    )
