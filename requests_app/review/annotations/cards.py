"""Annotations as they are shown: with their notes as HTML, their places, and what this person may do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.utils.safestring import SafeString, mark_safe

from requests_app.documents.models import Document
from requests_app.people.models import Person
from requests_app.review.annotations import anchors, permissions
from requests_app.review.annotations.markdown import as_html
from requests_app.review.models import Annotation, Reply


@dataclass(frozen=True)
class Card:
    """One annotation with what its template needs."""

    annotation: Annotation
    html: SafeString
    replies: list[tuple[Reply, SafeString]]
    stands: anchors.Standing
    may_change: bool
    may_act: bool
    may_withdraw: bool

    @property
    def is_lost(self) -> bool:
        """Whether its words are not on the page as it is now."""
        return self.stands.found == Annotation.Found.LOST

    @property
    def was_reworded(self) -> bool:
        """Whether only nearly the same words were found."""
        return self.stands.found == Annotation.Found.REWORDED

    def as_mark(self) -> dict[str, Any]:
        """Return what the script draws on the page."""
        label = self.annotation.label
        return {
            "id": self.annotation.pk,
            "page": self.annotation.place,
            "kind": self.annotation.kind,
            "boxes": self.stands.boxes,
            "colour": label.colour if label else "grey",
            "pattern": label.pattern if label else "solid",
            "resolved": self.annotation.is_resolved,
        }


def cards_of(
    annotations: Iterable[Annotation], person: Person | AnonymousUser, document: Document | None = None
) -> list[Card]:
    """Return a card for each. Two queries for each page that words are marked on; replies must have been fetched.

    `document`: the one that all of them are on, where it is at hand.
    """
    pages: dict[tuple[Any, int], anchors.PageNow | None] = {}
    found = []
    may_act = permissions.can_annotate(person)
    for annotation in annotations:
        if document is not None:
            annotation.document = document
        page = None
        if annotation.kind == Annotation.Kind.TEXT:
            where = (annotation.document_id, annotation.place)
            if where not in pages:
                pages[where] = anchors.page_now(annotation.document, annotation.place)
            page = pages[where]
        found.append(
            Card(
                annotation=annotation,
                html=html_of(annotation.body),
                replies=[(reply, html_of(reply.body)) for reply in annotation.replies.all()],
                stands=anchors.standing(annotation, page),
                may_change=permissions.can_change(person, annotation),
                may_act=may_act,
                may_withdraw=permissions.can_withdraw(person, annotation),
            )
        )
    return found


def html_of(text: str) -> SafeString:
    """Return the HTML of a note."""
    return mark_safe(as_html(text))  # noqa: S308  cleaned by nh3
