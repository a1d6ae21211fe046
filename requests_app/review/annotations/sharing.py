"""Annotations as a file for other tools, and such files brought in: W3C Web Annotations as JSON-LD."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from requests_app.documents.models import Document
from requests_app.people.models import Person
from requests_app.review import web_annotation
from requests_app.review.annotations import queries, services
from requests_app.review.models import Annotation, AnnotationChange, Label, Reply
from requests_app.review.targets import WholeDocument
from requests_app.review.web_annotation import NotUnderstood, Shared

LARGEST: Final = 10 * 1024 * 1024  # bytes of a file that is brought in
MOST: Final = 10_000  # annotations in it
_URN: Final = "urn:uuid:"


class NoAnnotations(Exception):
    """The file holds no annotations at all. The text says what is wrong and what to do."""


@dataclass
class BroughtIn:
    """What became of each annotation of a file. `refused`: its id and why, in words."""

    kept: int = 0
    known: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)


def as_json(annotations: Iterable[Annotation], source: str) -> dict[str, Any]:
    """Return annotations of one document, with replies, as an AnnotationPage. `source`: the document's address."""
    items = []
    for annotation in annotations:
        name = f"{_URN}{annotation.key}"
        shared = Shared(
            id=name,
            source=source,
            target=annotation.where,
            note=annotation.body,
            labels=(annotation.label.name,) if annotation.label else (),
            creator=annotation.said_by or annotation.author.handle,
            created=annotation.created_at,
            modified=annotation.changed_at,
        )
        items.append(web_annotation.to_json(shared))
        items += [web_annotation.to_json(_shared_reply(reply, name)) for reply in annotation.replies.all()]
    return {"@context": web_annotation.CONTEXT, "type": "AnnotationPage", "items": items}


def _shared_reply(reply: Reply, to: str) -> Shared:
    return Shared(
        id=f"{_URN}{reply.key}",
        source="",
        target=WholeDocument(),
        note=reply.body,
        creator=reply.said_by or reply.author.handle,
        created=reply.written_at,
        replies_to=to,
    )


def items_in(data: bytes) -> list[Any]:
    """Return the annotations in a file: one alone, a list, a page or a collection. Raises NoAnnotations."""
    if len(data) > LARGEST:
        raise NoAnnotations(_("This file is larger than 10 MB. Nothing was brought in. Divide it and try again."))
    try:
        given = json.loads(data)
    except (ValueError, RecursionError) as trouble:
        raise NoAnnotations(
            _("This is no JSON file. Nothing was brought in. Choose a file of W3C Web Annotations (JSON-LD).")
        ) from trouble
    for _depth in range(3):
        if not isinstance(given, dict):
            break
        inner = given.get("items", given.get("first"))
        if inner is None:
            break
        given = inner
    found = given if isinstance(given, list) else [given]
    if not found or not all(isinstance(each, dict) for each in found):
        raise NoAnnotations(_("There are no annotations in this file, so nothing was brought in."))
    if len(found) > MOST:
        raise NoAnnotations(
            _("There are more than 10,000 annotations in this file. Nothing was brought in. Divide it and try again.")
        )
    return found


@transaction.atomic
def bring_in(document: Document, items: Iterable[Any], *, by: Person, now: datetime) -> BroughtIn:
    """Keep the annotations of a file on a document. What is known already is left as it is; what cannot be kept is
    named with its reason, and the others are kept."""
    done = BroughtIn()
    labels = {label.name.casefold(): label for label in Label.objects.all()}
    known = {
        **{f"{_URN}{each.key}": each for each in Annotation.objects.filter(document=document)},
    }
    replies: list[Shared] = []
    for number, item in enumerate(items, start=1):
        try:
            shared = web_annotation.from_json(item)
        except NotUnderstood as trouble:
            done.refused.append((_name(item, number), _why(trouble.code)))
            continue
        if shared.replies_to:
            replies.append(shared)
            continue
        name = shared.id or f"{by.pk}:{json.dumps(item, sort_keys=True)}"
        key = uuid.uuid5(document.pk, name)
        if name in known or f"{_URN}{key}" in known:
            done.known += 1
            known.setdefault(name, known.get(f"{_URN}{key}") or known[name])
            continue
        label, body = _labelled(shared, labels)
        try:
            made = services.annotate(document, shared.target, services.Said(body, label), by=by, now=now, key=key)
        except services.NotThere:
            done.refused.append((shared.id or _name(item, number), _("Its place is not in this document.")))
            continue
        Annotation.objects.filter(pk=made.pk).update(said_by=shared.creator[:200])
        AnnotationChange.objects.filter(annotation=made).update(kind=AnnotationChange.Kind.IMPORTED)
        known[name] = known[f"{_URN}{key}"] = made
        done.kept += 1
    for shared in replies:
        _bring_in_reply(shared, known, done, document, by=by, now=now)
    return done


def _bring_in_reply(
    shared: Shared, known: dict[str, Annotation], done: BroughtIn, document: Document, *, by: Person, now: datetime
) -> None:
    to = known.get(shared.replies_to)
    if to is None or not shared.note.strip():
        done.refused.append((shared.id, _("What it answers to is not in this document.")))
        return
    key = uuid.uuid5(document.pk, shared.id)
    own = shared.id.removeprefix(_URN)
    if Reply.objects.filter(annotation=to, key__in=[key, *_uuids(own)]).exists():
        done.known += 1
        return
    made = services.reply(to, shared.note, by=by, now=now, key=key)
    Reply.objects.filter(pk=made.pk).update(said_by=shared.creator[:200])
    done.kept += 1


def _uuids(text: str) -> list[uuid.UUID]:
    try:
        return [uuid.UUID(text)]
    except ValueError:
        return []


def _labelled(shared: Shared, labels: dict[str, Label]) -> tuple[Label | None, str]:
    """Return the first label we know, and the note with those added that have no place of their own."""
    ours = [labels[name.casefold()] for name in shared.labels if name.casefold() in labels]
    label = ours[0] if ours else None
    rest = [name for name in shared.labels if label is None or name.casefold() != label.name.casefold()]
    words = [shared.note, _("Labels in the file: %(names)s") % {"names": ", ".join(rest)} if rest else ""]
    return label, "\n\n".join(each for each in words if each)


def _name(item: Any, number: int) -> str:
    given = item.get("id") if isinstance(item, dict) else None
    return given[:200] if isinstance(given, str) and given else _("Number %(number)s") % {"number": number}


def _why(code: str) -> str:
    return {
        "shape": _("It is no Web Annotation."),
        "target": _("It has no target, or several."),
        "selector": _("It is marked in a way that is not known here."),
        "too_long": _("It is too long."),
        "needs_size": _("Its region is given in pixels of a picture whose size it does not say."),
    }[code]


def all_of(document: Document, person: Person) -> list[Annotation]:
    """Return everything a person sees of the annotations of a document, with replies, in order."""
    return list(queries.of_document(document, person).prefetch_related("replies__author"))
