"""Lists of the shelves."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from requests_app.documents import queries
from requests_app.documents.models import Collection, Document, DocumentTag
from requests_app.documents.search.queries import tag_key
from requests_app.documents.shelves.choosing import Chosen
from requests_app.filing.models import Campaign
from requests_app.people.models import Person

Reader = Person | AnonymousUser


def chosen_of(person: Reader, chosen: Chosen) -> QuerySet[Document]:
    """Return the documents of a choice that this person may see, newest first."""
    rows = queries.visible_to(person)
    if not (chosen.inside or chosen.collection):
        rows = rows.filter(parent=None)
    if chosen.agency:
        rows = rows.filter(agency__code=chosen.agency)
    if chosen.request:
        rows = rows.filter(request__reference=chosen.request)
    if chosen.campaign:
        rows = rows.filter(of_campaign(int(chosen.campaign)))
    if chosen.kind:
        rows = rows.filter(kind=chosen.kind)
    if chosen.tag:
        key = tag_key(chosen.tag)
        rows = rows.filter(Exists(DocumentTag.objects.filter(document=OuterRef("pk"), key=key)))
    if chosen.since:
        rows = rows.filter(received_on__gte=chosen.since)
    if chosen.until:
        rows = rows.filter(received_on__lte=chosen.until)
    if chosen.collection:
        rows = rows.filter(collection_entries__collection=int(chosen.collection))
    return rows


def of_campaign(campaign: int) -> Q:
    """Return the condition for documents that came back for the letters of a campaign."""
    return Q(request__draft__campaign_target__campaign=campaign)


def kinds_in(documents: QuerySet[Document]) -> list[tuple[str, int]]:
    """Return the kinds among these documents with how many there are, most first."""
    counted = documents.order_by().values_list("kind").annotate(number=Count("pk")).order_by("-number", "kind")
    return list(counted)


def tags_in(documents: QuerySet[Document], most: int) -> list[tuple[str, int]]:
    """Return the tags among these documents with how many have each, most first."""
    tags = DocumentTag.objects.filter(document__in=documents.order_by().values("pk")).order_by()
    return list(tags.values_list("key").annotate(number=Count("pk")).order_by("-number", "key")[:most])


def campaigns_of(person: Reader) -> QuerySet[Campaign]:
    """Return the campaigns for which something came back that this person may see."""
    seen = queries.visible_to(person).order_by().values("request__draft__campaign_target__campaign")
    return Campaign.objects.filter(pk__in=seen).order_by("name")


def collections_for(person: Reader) -> QuerySet[Collection]:
    """Return all collections, each with how many of its documents this person may see."""
    seen = Count("entries", filter=Q(entries__document__in=queries.visible_to(person).order_by().values("pk")))
    return Collection.objects.select_related("made_by").annotate(number=seen)


def in_order(person: Reader, collection: Collection, *, erased: bool = False) -> QuerySet[Document]:
    """Return what this person may see of a collection, in its own order; with the tombstones of what was `erased`."""
    rows = queries.with_erased(person) if erased else queries.visible_to(person)
    rows = rows.filter(collection_entries__collection=collection)
    return rows.select_related("description").order_by("collection_entries__position", "pk")
