"""Tells people of new documents that fit the searches they keep."""

from __future__ import annotations

import logging
import uuid
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from requests_app.documents.models import Document, Findable, SavedSearch, Told
from requests_app.documents.search.finding import find_asked
from requests_app.documents.search.language import parse
from requests_app.people import services as people
from requests_app.people.preferences import Topic
from requests_app.people.services import NoticeDraft

log = logging.getLogger(__name__)

BATCH: Final = 200  # documents in one round
NAMED: Final = 10  # documents named in one notice


def tell_of_new_documents(now: datetime) -> bool:
    """Look at the documents that came or changed, and tell whom they concern. One round.

    1. Take the documents that no saved search has looked at as they are now, the oldest first.
    2. Ask each search of an active person among these alone, with what that person may see at this moment.
    3. In one transaction: tell, note what was told, and let the documents be news no longer. Dying before that tells
       nobody; two at once tell nobody twice, because what was told of is unique.

    A document that could be found before its search was saved is no news to it. Returns True when there may be more.
    """
    rows = Findable.objects.filter(changes__gt=F("looked_at")).order_by("since")
    news = {row.document_id: row for row in rows[:BATCH]}
    if not news:
        return False
    newest = max(row.since for row in news.values())
    searches = list(
        SavedSearch.objects.filter(tells=True, person__is_active=True, since__lt=newest)
        .select_related("person")
        .order_by("pk")
    )
    fitting = {}
    for search in searches:
        newer = [pk for pk, row in news.items() if row.since > search.since]
        if newer:
            fitting[search] = find_asked(search.person, parse(search.query), among=newer).ids
    with transaction.atomic():
        if _claimed(news.values()):
            people.queue_notices(
                [draft for search, pks in fitting.items() if (draft := _draft(search, pks, now))],
                send_after=now,
                now=now,
            )
    log.info("%s documents laid before %s saved searches", len(news), len(searches))
    return len(news) == BATCH


def _claimed(news: Iterable[Findable]) -> int:
    """Note that these were looked at as they were. What changed since then stays news."""
    by_change: dict[int, list[uuid.UUID]] = defaultdict(list)
    for row in news:
        by_change[row.changes].append(row.document_id)
    return sum(
        Findable.objects.filter(document__in=pks, looked_at__lt=change).update(looked_at=change)
        for change, pks in sorted(by_change.items())
    )


def _draft(search: SavedSearch, pks: tuple[uuid.UUID, ...], now: datetime) -> NoticeDraft | None:
    """Note of which documents this search tells, and return the notice; None when it has told of all of them."""
    told = set(Told.objects.filter(search=search, document__in=pks).values_list("document_id", flat=True))
    new = [pk for pk in pks if pk not in told]
    if not new:
        return None
    Told.objects.bulk_create([Told(search=search, document_id=pk, told_at=now) for pk in new])
    names = dict(Document.objects.filter(pk__in=new[:NAMED]).values_list("pk", "original_name"))
    lines = [f"- {names[pk]}" for pk in new[:NAMED] if pk in names]
    if len(new) > NAMED:
        lines.append(_("- and %(number)s more") % {"number": len(new) - NAMED})
    subject = ngettext(
        "A new document fits your search: %(query)s", "%(number)s new documents fit your search: %(query)s", len(new)
    )
    return NoticeDraft(
        recipient_id=search.person_id,
        key=f"saved-search:{search.pk}:{new[0]}:{len(new)}:{now:%Y%m%d%H%M%S%f}",
        subject=subject % {"number": len(new), "query": search.query[:100]},
        text="\n".join(lines),
        why=_("You get this because you saved this search. You can switch it off under your saved searches."),
        path=reverse("documents:saved-search", args=[search.pk]),
        topic=Topic.NEWS,
    )
