"""What the search reads: which documents may be found, by whom, and what a row of its answer needs."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable
from functools import reduce
from operator import and_, or_
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Substr

from requests_app.agencies.models import Agency
from requests_app.documents import queries as documents
from requests_app.documents.models import Document, DocumentTag, Passage, SavedSearch
from requests_app.documents.search.facets import Facts
from requests_app.documents.search.folding import words_in
from requests_app.documents.search.language import Asked, Narrowing
from requests_app.people.models import Person

_ROW = (
    "pk", "blob_id", "agency__jurisdiction", "agency__code", "agency__name", "request__kit_id", "kind", "received_on",
)  # fmt: skip


def findable_by(person: Person | AnonymousUser) -> QuerySet[Document]:
    """Return the documents that a search by this person may find: all they may see, but for locked ones.

    Nothing made of a locked file is shown to anybody. A document that was erased has no row, and its passages are gone.
    """
    return documents.visible_to(person).filter(blob__locked_why="").select_related(None).order_by()


def narrowed(found: QuerySet[Document], asked: Asked) -> QuerySet[Document]:
    """Return those that fit the fields of a query: of one field any value, of several fields each."""
    for field in dict.fromkeys(each.field for each in asked.narrowed):
        if field == "in":  # of passages, not of documents
            continue
        wanted = [each for each in asked.narrowed if each.field == field and not each.excluded]
        if wanted:
            found = found.filter(reduce(or_, map(_condition, wanted)))
        for each in asked.narrowed:
            if each.field == field and each.excluded:
                found = found.exclude(_condition(each))
    return found


def _condition(narrowing: Narrowing) -> Q:
    value = narrowing.value
    match narrowing.field:
        case "agency":
            named = reduce(and_, (Q(name__icontains=word) for word in value.split()))
            return _of_agencies(Q(code__iexact=value) | Q(short_name__iexact=value) | named)
        case "state":
            return _of_agencies(Q(jurisdiction=value))
        case "kit":
            return Q(request__kit_id__iexact=value)
        case "type":
            return Q(kind=value)
        case "before":
            return Q(received_on__lt=value)
        case "after":
            return Q(received_on__gte=value)
        case "tag":
            return Q(Exists(DocumentTag.objects.filter(document=OuterRef("pk"), key=value)))
        case "request":
            return Q(request__reference__iexact=value)
    raise ValueError(narrowing.field)


def _of_agencies(which: Q) -> Q:
    # Asked first: few numbers in a condition that is looked at for every candidate cost less than a join.
    return Q(agency__in=list(Agency.objects.filter(which).values_list("pk", flat=True)))


def facts_of(rows: QuerySet[Document]) -> list[Facts]:
    """Return what each document is counted by.

    Past the model's own conversions, which took a third of the time of a search: only the key differs by database.
    """
    try:
        sql, params = rows.values(*_ROW).query.sql_with_params()
    except EmptyResultSet:
        return []
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [Facts(hex_of(key), *others) for key, *others in cursor.fetchall()]


def hex_of(key: uuid.UUID | str) -> str:
    """Return a document's id as hex, from what the database gave: SQLite keeps it so."""
    return key if isinstance(key, str) else key.hex


def tags_of(pks: Collection[str]) -> dict[str, list[str]]:
    """Return the tags of these documents, as the search compares them."""
    found: dict[str, list[str]] = defaultdict(list)
    if pks:
        params: list[Any]
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                which, params = "= ANY(%s::uuid[])", [list(pks)]
            else:
                which, params = f"IN ({', '.join(['%s'] * len(pks))})", [*pks]
            cursor.execute(
                f"SELECT document_id, key FROM documents_documenttag WHERE document_id {which} ORDER BY key",  # noqa: S608
                params,
            )
            for key, tag in cursor.fetchall():
                found[hex_of(key)].append(tag)
    return found


def with_what_a_row_shows() -> QuerySet[Document]:
    """Return documents with what a row of the answer shows. Only for numbers that `findable_by` gave."""
    return Document.objects.select_related("agency", "request", "blob", "parent", "description").order_by()


def beginnings(passages: Iterable[int], characters: int | None) -> list[tuple[int, str]]:
    """Return the texts of these passages, or their beginnings."""
    rows = Passage.objects.filter(pk__in=list(passages))
    text = Substr("text", 1, characters) if characters else Substr("text", 1, 10_000_000)
    return list(rows.annotate(beginning=text).values_list("pk", "beginning"))


def saved_by(person: Person) -> QuerySet[SavedSearch]:
    """Return the searches that this person keeps, the newest first."""
    return SavedSearch.objects.filter(person=person)


def tag_key(name: str) -> str:
    """Return a tag as the search compares it; empty where it has neither letter nor digit."""
    return " ".join(words_in(name))[:60].strip()
