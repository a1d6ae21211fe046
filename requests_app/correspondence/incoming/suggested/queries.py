"""What reading help found, for the page of a message, for lists, and for the reminders about links."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db.models import (
    CharField,
    DateField,
    Exists,
    IntegerField,
    JSONField,
    Min,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    prefetch_related_objects,
)
from django.db.models.expressions import RawSQL

from requests_app.correspondence.incoming.models import IncomingMessage, Placement
from requests_app.correspondence.incoming.suggested.models import Confirmation, Meaning, ShareLink
from requests_app.correspondence.incoming.suggesting import Kind
from requests_app.correspondence.incoming.suggesting.links import MOST_LINKS
from requests_app.filing.models import Event, RecordsRequest

_OPEN_MEANINGS = Q(state=Meaning.State.OPEN, level__gt=Meaning.Level.DOUBTFUL)


def meanings_of(message: IncomingMessage) -> list[Meaning]:
    """Return what a message may say, the surest first, with what was recorded because of it. Two queries."""
    recorded = Confirmation.objects.select_related(
        "request", "event__corrected_by", "event__replaced_by", "event__recorded_by"
    ).only(
        "meaning", "request__reference", "event__kind", "event__happened_on", "event__recorded_by__handle",
        "event__corrected_by__kind", "event__replaced_by__kind",
    )  # fmt: skip
    rows = Meaning.objects.filter(message=message).select_related("settled_by")
    return list(rows.prefetch_related(Prefetch("confirmations", recorded)))


def links_of(message: IncomingMessage) -> list[ShareLink]:
    """Return the links of a message to records. One query."""
    return list(ShareLink.objects.filter(message=message).select_related("settled_by"))


def with_findings(messages: Sequence[IncomingMessage]) -> None:
    """Give each message `says`, what it may mean and nobody decided, and `to_fetch`, its open links. Two queries."""
    meanings = Meaning.objects.filter(_OPEN_MEANINGS).only("message", "kind", "values", "level")
    links = ShareLink.objects.filter(state=ShareLink.State.OPEN).only("message", "expires_on", "service")
    prefetch_related_objects(
        messages, Prefetch("meanings", meanings, to_attr="says"), Prefetch("share_links", links, to_attr="to_fetch")
    )


def annotated(rows: QuerySet[Placement]) -> QuerySet[Placement]:
    """Give each placement what its message may mean (`says_kind`, `says_values`) and when its links end, in one query.

    Of several things that a message may mean, the surest.
    """
    surest = Meaning.objects.filter(_OPEN_MEANINGS, message=OuterRef("message")).order_by("-level", "pk")
    links = ShareLink.objects.filter(message=OuterRef("message"), state=ShareLink.State.OPEN).order_by()
    return rows.annotate(
        says_kind=Subquery(surest.values("kind")[:1], output_field=CharField()),
        says_values=Subquery(surest.values("values")[:1], output_field=JSONField()),
        has_links=Exists(links),
        links_until=Subquery(
            links.values("message").annotate(first=Min("expires_on")).values("first"), output_field=DateField()
        ),
    )


def asking(rows: QuerySet[IncomingMessage]) -> QuerySet[IncomingMessage]:
    """Return the messages of which something is to be recorded or fetched."""
    meanings = Meaning.objects.filter(_OPEN_MEANINGS).values("message")
    links = ShareLink.objects.filter(state=ShareLink.State.OPEN).values("message")
    return rows.filter(Q(pk__in=meanings) | Q(pk__in=links))


# For the desk, inside a query of its own: how many filed messages ask to be recorded or fetched, counted to a bound and
# no further, whatever piles up. A message says each kind of thing once, and holds so many links at most.
_COUNT = f"""
    SELECT COUNT(*) FROM (
        SELECT asking.message_id FROM (
            SELECT x.message_id FROM {Meaning._meta.db_table} AS x
            JOIN {IncomingMessage._meta.db_table} AS m ON m.id = x.message_id AND m.state = 'filed'
            WHERE x.state = 'open' AND x.level > 0 LIMIT %s
        ) AS asking
        UNION
        SELECT linked.message_id FROM (
            SELECT x.message_id FROM {ShareLink._meta.db_table} AS x
            JOIN {IncomingMessage._meta.db_table} AS m ON m.id = x.message_id AND m.state = 'filed'
            WHERE x.state = 'open' LIMIT %s
        ) AS linked
        LIMIT %s
    ) AS found
"""  # noqa: S608  written here


def count_of_asking(counted_to: int) -> RawSQL:
    """Return the number of filed messages that ask to be recorded, as a column for another query."""
    bounds = [counted_to * len(Kind), counted_to * MOST_LINKS, counted_to]
    return RawSQL(_COUNT, bounds, output_field=IntegerField())  # noqa: S611  written here


def ending_links(until: date, most: int) -> list[ShareLink]:
    """Return the open links of filed mail that end by this day and of which nobody was reminded. One query."""
    rows = ShareLink.objects.filter(
        state=ShareLink.State.OPEN, reminded_at__isnull=True, expires_on__lte=until,
        message__state=IncomingMessage.State.FILED,
    )  # fmt: skip
    return list(rows.order_by("expires_on", "pk")[:most])


def requests_of(links: Sequence[ShareLink]) -> dict[int, list[RecordsRequest]]:
    """Return the requests on which each link's message is, by the number of the message. One query."""
    found: dict[int, list[RecordsRequest]] = {}
    placed = Placement.objects.filter(message__in={link.message_id for link in links}, ended_at__isnull=True)
    for one in placed.select_related("request__filer", "request__assignee", "request__agency"):
        found.setdefault(one.message_id, []).append(one.request)
    return found


def sources_of(events: Sequence[Event], name: str) -> dict[int, IncomingMessage]:
    """Return the messages that events were recorded from, by their numbers. One query; none where there is none."""
    numbers = {event.details.get(name) for event in events if isinstance(event.details.get(name), int)}
    if not numbers:
        return {}
    return IncomingMessage.objects.only("message_id", "received_at", "raw").in_bulk(numbers)
