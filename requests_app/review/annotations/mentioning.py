"""Telling people that an annotation or a reply names them: @handle."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from requests_app.documents import queries as documents
from requests_app.people.models import Person
from requests_app.people.notices.services import NoticeDraft, queue_notices
from requests_app.review.models import Annotation, Reply

MENTION: Final = re.compile(r"(?<![\w@/.])@([A-Za-z0-9][A-Za-z0-9_-]{0,38})")
MOST: Final = 20  # people named in one text; nobody writes to everybody


def handles_in(text: str) -> list[str]:
    """Return the handles that a text names, in small letters, each once, in order. Pure."""
    return list(dict.fromkeys(found.lower() for found in MENTION.findall(text)))[:MOST]


def tell(annotation: Annotation, text: str, *, by: Person, now: datetime, reply: Reply | None = None) -> None:
    """Tell those whom the text names and who may see the annotation; the author of what is answered to, too.

    Each is told once of one annotation, and once of one reply. A private note tells nobody.
    """
    if annotation.visibility == Annotation.Visibility.ME:
        return
    named = Person.objects.annotate(small=Lower("handle")).filter(small__in=handles_in(text), is_active=True)
    people: dict[int, Person] = {person.pk: person for person in named}
    if reply is not None and annotation.author.is_active:
        people.setdefault(annotation.author_id, annotation.author)
    people.pop(by.pk, None)
    what = f"reply-{reply.pk}" if reply is not None else f"annotation-{annotation.pk}"
    drafts = [
        NoticeDraft(
            recipient_id=person.pk,
            key=f"{what}-for-{person.pk}",
            subject=_("%(person)s wrote to you about %(file)s")
            % {"person": by.handle, "file": annotation.document.original_name},
            text=text[:2000],
            why=_("You get this because the text names you, or answers what you wrote."),
            path=annotation.get_absolute_url(),
        )
        for person in people.values()
        if documents.visible_to(person).filter(pk=annotation.document_id).exists()
    ]
    if drafts:
        queue_notices(drafts, send_after=now, now=now)
