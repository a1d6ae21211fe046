"""Lists of returned documents."""

from __future__ import annotations

import uuid

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Q, QuerySet, Sum
from django.shortcuts import get_object_or_404

from requests_app.agencies.models import Agency
from requests_app.documents.models import Blob, Document
from requests_app.filing import queries as filing
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Person


def visible_to(person: Person | AnonymousUser) -> QuerySet[Document]:
    """Return the documents of the requests this person may see, newest first. What was erased is not among them."""
    return (
        Document.objects.filter(request__in=filing.visible_to(person), erased_at=None)
        .select_related("blob", "agency", "request", "brought_by", "parent")
        .order_by("-brought_at", "id")
    )


def older_than(documents: QuerySet[Document], last: uuid.UUID) -> QuerySet[Document]:
    """Return what follows `last`, itself one of `documents`, in the order of `visible_to`. Raises Http404."""
    shown = get_object_or_404(documents, pk=last)
    # Said twice so that the index on brought_at can be entered at the right place.
    follows = Q(brought_at__lt=shown.brought_at) | Q(id__gt=shown.pk)
    return documents.filter(follows, brought_at__lte=shown.brought_at)


def of_request(records_request: RecordsRequest) -> QuerySet[Document]:
    """Return what came back for one request, newest first, without what was erased."""
    return (
        records_request.documents.filter(erased_at=None)
        .select_related("blob", "brought_by", "description")
        .order_by("-brought_at", "original_name")
    )


def erased_of_request(records_request: RecordsRequest) -> QuerySet[Document]:
    """Return what came back for one request and was erased since: only that it came is left."""
    return (
        records_request.documents.filter(erased_at__isnull=False)
        .select_related("blob")
        .order_by("-brought_at", "original_name")
    )


def shelves(person: Person | AnonymousUser) -> QuerySet[Agency]:
    """Return the agencies that returned something this person may see, with how many files and bytes."""
    return (
        Agency.objects.filter(documents__request__in=filing.visible_to(person), documents__erased_at=None)
        .annotate(document_count=Count("documents"), byte_count=Sum("documents__blob__size"))
        .order_by("jurisdiction", "name")
    )


def with_erased(person: Person | AnonymousUser) -> QuerySet[Document]:
    """Return the documents of the requests this person may see, those too of which only the tombstone is left."""
    return (
        Document.objects.filter(request__in=filing.visible_to(person))
        .select_related("blob", "blob__erased_by", "agency", "request", "brought_by", "parent")
        .order_by("-brought_at", "id")
    )


def kept_blobs() -> QuerySet[Blob]:
    """Return the blobs whose bytes must be in the store."""
    return Blob.objects.filter(erased_at=None)


def requests_with(sha256: str) -> list[str]:
    """Return the references of the requests for which these bytes came back."""
    found = RecordsRequest.objects.filter(documents__blob=sha256).order_by("reference")
    return list(found.values_list("reference", flat=True))
