"""The one door for annotations: marked, changed, answered, resolved, withdrawn and brought back.

Every change is kept with what stood there before, by whom and when. Words, label, visibility and target are changed
only at the revision that was seen: two people never overwrite each other.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from requests_app.documents.keeping import erasing
from requests_app.documents.models import Document, Passage
from requests_app.documents.search import services as search
from requests_app.people.models import Person
from requests_app.review import web_annotation
from requests_app.review.annotations import anchors, guards, mentioning
from requests_app.review.models import Annotation, AnnotationChange, Label, Reply
from requests_app.review.targets import Target

LONGEST: Final = 10_000  # signs of one note or reply


class ChangedMeanwhile(Exception):
    """Somebody changed the annotation since it was opened. Holds it as it is now, and who changed it."""

    def __init__(self, annotation: Annotation, by: str) -> None:
        self.annotation = annotation
        self.by = by
        super().__init__(
            _(
                "%(person)s changed this since you opened it, so yours was not kept. What you wrote is still here. "
                "Compare it with what stands there now, then keep it or leave it as it is."
            )
            % {"person": by}
        )


class NotThere(Exception):
    """The document has no such page, sheet or words. The text says what to do."""


class MustStay(Exception):
    """Something rests on this annotation, so it is not withdrawn. The text says what."""


@dataclass(frozen=True)
class Said:
    """What a person says about a target."""

    body: str = ""
    label: Label | None = None
    visibility: str = Annotation.Visibility.TEAM


def annotate(
    document: Document, target: Target, said: Said, *, by: Person, now: datetime, key: uuid.UUID | None = None
) -> Annotation:
    """Mark something in a document. The same `key` by the same person again returns what was kept the first time.

    Words are kept with what stands around them in the text as it is now. Raises NotThere.
    """
    if key is not None and (known := Annotation.objects.filter(key=key, author=by, document=document).first()):
        return known
    placed = anchors.place(document, target)
    if placed is None:
        raise NotThere(
            _("The document has no such place, so nothing was marked. Load the page anew and choose the words again.")
        )
    with transaction.atomic():
        made = Annotation(
            key=key or uuid.uuid4(), document=document, author=by, created_at=now, changed_at=now, anchored_at=now
        )
        _put(made, placed)
        _say(made, said)
        made.save(force_insert=True)
        _note(made, AnnotationChange.Kind.MADE, by=by, now=now)
        _keep_findable(made)
        mentioning.tell(made, made.body, by=by, now=now)
    return made


def change(annotation_id: int, said: Said, *, seen_revision: int, by: Person, now: datetime) -> Annotation:
    """Say something else about the same place, and keep what was said before.

    Nothing changes when nothing differs. Raises ChangedMeanwhile when it is no longer at `seen_revision`.
    """
    with transaction.atomic():
        kept = Annotation.objects.select_related("label", "document").get(pk=annotation_id)
        before = _differences(kept, said)
        if kept.revision == seen_revision and not before:
            return kept
        _say(kept, said)
        if _claim(kept, seen_revision, now, body=kept.body, label=kept.label, visibility=kept.visibility):
            _note(kept, AnnotationChange.Kind.CHANGED, by=by, now=now, before=before)
            _keep_findable(kept)
            if "body" in before:
                mentioning.tell(kept, kept.body, by=by, now=now)
            return Annotation.objects.get(pk=annotation_id)
    raise _changed_meanwhile(annotation_id)


def move(annotation_id: int, target: Target, *, seen_revision: int, by: Person, now: datetime) -> Annotation:
    """Put an annotation to another place of its document, such as one whose words were not found any more.

    Raises NotThere, or ChangedMeanwhile when it is no longer at `seen_revision`.
    """
    with transaction.atomic():
        kept = Annotation.objects.select_related("document").get(pk=annotation_id)
        before, place = {"target": kept.target}, kept.place
        placed = anchors.place(kept.document, target)
        if placed is None:
            raise NotThere(_("The document has no such place, so nothing was changed. Choose the words again."))
        _put(kept, placed)
        fields = {name: getattr(kept, name) for name in ("kind", "target", "place", "down", "found")}
        if _claim(kept, seen_revision, now, anchored_at=now, **fields):
            _note(kept, AnnotationChange.Kind.MOVED, by=by, now=now, before=before)
            search.forget_note(kept.document, place, Passage.FIRST_ANNOTATION + kept.pk)
            _keep_findable(kept)
            return Annotation.objects.get(pk=annotation_id)
    raise _changed_meanwhile(annotation_id)


def resolve(annotation: Annotation, *, by: Person, now: datetime) -> bool:
    """Say that nothing is left to do. Returns False when somebody said so before."""
    return _turn(annotation, Annotation.State.RESOLVED, AnnotationChange.Kind.RESOLVED, by=by, now=now)


def reopen(annotation: Annotation, *, by: Person, now: datetime) -> bool:
    """Say that something is left to do after all. Returns False when it is open."""
    return _turn(annotation, Annotation.State.OPEN, AnnotationChange.Kind.REOPENED, by=by, now=now)


def reply(annotation: Annotation, body: str, *, by: Person, now: datetime, key: uuid.UUID | None = None) -> Reply:
    """Answer an annotation. The same `key` by the same person again returns the reply that is kept."""
    if key is not None and (known := Reply.objects.filter(key=key, author=by, annotation=annotation).first()):
        return known
    with transaction.atomic():
        made = Reply.objects.create(
            key=key or uuid.uuid4(), annotation=annotation, body=clean(body), author=by, written_at=now
        )
        Annotation.objects.filter(pk=annotation.pk).update(changed_at=now)
        _keep_findable(annotation)
        mentioning.tell(annotation, made.body, by=by, now=now, reply=made)
    return made


def withdraw(annotation: Annotation, *, by: Person, now: datetime) -> bool:
    """Take an annotation away; `restore` brings it back. Returns False when it was withdrawn before.

    Raises MustStay when something rests on it, such as a finding.
    """
    with transaction.atomic():
        if reason := guards.reason_to_keep(annotation):
            raise MustStay(reason)
        rows = Annotation.objects.filter(pk=annotation.pk, withdrawn_at=None)
        if not rows.update(withdrawn_at=now, changed_at=now):
            return False
        _note(annotation, AnnotationChange.Kind.WITHDRAWN, by=by, now=now)
        _keep_findable(annotation)
    return True


def restore(annotation: Annotation, *, by: Person, now: datetime) -> bool:
    """Bring a withdrawn annotation back as it was. Returns False when it is there."""
    with transaction.atomic():
        rows = Annotation.objects.filter(pk=annotation.pk, withdrawn_at__isnull=False)
        if not rows.update(withdrawn_at=None, changed_at=now):
            return False
        _note(annotation, AnnotationChange.Kind.RESTORED, by=by, now=now)
        _keep_findable(annotation)
    return True


def anchor_again(annotations: Iterable[Annotation], *, now: datetime) -> int:
    """Look for the words of these annotations in the text as it is now, and note how each was found. Returns how many
    are found otherwise than before. What they say and where they were marked stays as it was written."""
    changed = 0
    for annotation in annotations:
        stands = anchors.standing(annotation)
        before = annotation.found
        annotation.found = stands.found
        annotation.anchored_at = now
        if stands.down is not None:
            annotation.down = stands.down
        fields = {"found": annotation.found, "down": annotation.down, "anchored_at": now}
        if annotation.found != before:
            changed += 1
            fields["changed_at"] = now
        Annotation.objects.filter(pk=annotation.pk).update(**fields)
    return changed


def written_about(documents: Collection[uuid.UUID]) -> list[erasing.Written]:
    """Name the annotations on documents that are erased, for `erasing.also`."""
    marked = Annotation.objects.filter(document__in=documents)
    return [erasing.Written(marked, lambda n: ngettext("%(n)d annotation", "%(n)d annotations", n) % {"n": n}, _empty)]


def _empty(annotations: QuerySet[Annotation]) -> None:
    """Take out every word that was taken from the document or written about it.

    The rows stay, empty and withdrawn, so that what rests on them still knows that they were there.
    """
    Reply.objects.filter(annotation__in=annotations).delete()
    AnnotationChange.objects.filter(annotation__in=annotations).update(before={})
    annotations.filter(withdrawn_at=None).update(withdrawn_at=F("changed_at"))
    now_empty = {"kind": Annotation.Kind.DOCUMENT, "place": 0, "down": 0, "found": Annotation.Found.SAME}
    annotations.update(target=Annotation.SOURCE, body="", said_by="", **now_empty)


def clean(body: str) -> str:
    """Return the text as it is kept: line ends of one sign, no signs that no database takes, no margins."""
    return body.replace("\r\n", "\n").replace("\x00", "").strip()[:LONGEST]


def _put(annotation: Annotation, placed: anchors.Placed) -> None:
    annotation.kind = placed.kind
    annotation.target = web_annotation.target_to_json(Annotation.SOURCE, placed.target)
    annotation.place = placed.place
    annotation.down = placed.down
    annotation.found = placed.found


def _say(annotation: Annotation, said: Said) -> None:
    annotation.body = clean(said.body)
    annotation.label = said.label
    annotation.visibility = said.visibility


def _keep_findable(annotation: Annotation) -> None:
    """Bring the search in step with what stands there now. A private note, and one taken away, is found by nobody."""
    kept = Annotation.objects.select_related("document").prefetch_related("replies").get(pk=annotation.pk)
    is_open_to_others = kept.visibility != Annotation.Visibility.ME and kept.withdrawn_at is None
    said = [kept.body, *(reply.body for reply in kept.replies.all())]
    text = "\n".join(filter(None, said)) if is_open_to_others else ""
    search.keep_note(kept.document, kept.place, Passage.FIRST_ANNOTATION + kept.pk, text)


def _differences(kept: Annotation, said: Said) -> dict[str, Any]:
    """Return what stands there and would not stay: words, the label's name, visibility."""
    before: dict[str, Any] = {}
    if kept.body != clean(said.body):
        before["body"] = kept.body
    if kept.label_id != (said.label.pk if said.label else None):
        before["label"] = kept.label.name if kept.label else ""
    if kept.visibility != said.visibility:
        before["visibility"] = kept.visibility
    return before


def _claim(annotation: Annotation, seen_revision: int, now: datetime, **fields: Any) -> bool:
    """Write, if nobody wrote since that revision: SQLite has no row locks, so this condition is the guard."""
    rows = Annotation.objects.filter(pk=annotation.pk, revision=seen_revision, withdrawn_at=None)
    return bool(rows.update(**fields, changed_at=now, revision=F("revision") + 1))


def _changed_meanwhile(annotation_id: int) -> ChangedMeanwhile:
    now_there = Annotation.objects.select_related("label", "document", "author").get(pk=annotation_id)
    last = now_there.changes.select_related("by").last()
    return ChangedMeanwhile(now_there, last.by.handle if last else now_there.author.handle)


def _turn(annotation: Annotation, state: str, kind: str, *, by: Person, now: datetime) -> bool:
    with transaction.atomic():
        rows = Annotation.objects.filter(pk=annotation.pk, withdrawn_at=None).exclude(state=state)
        if not rows.update(state=state, changed_at=now):
            return False
        _note(annotation, kind, by=by, now=now)
    return True


def _note(
    annotation: Annotation, kind: str, *, by: Person, now: datetime, before: dict[str, Any] | None = None
) -> None:
    AnnotationChange.objects.create(annotation=annotation, kind=kind, by=by, at=now, before=before or {})
