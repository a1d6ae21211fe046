"""Lists of what goes on paper: letters to print, the logs of post and fax, batches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from requests_app.agencies import queries as agencies
from requests_app.agencies.models import ContactPoint
from requests_app.correspondence.paper.models import FaxSending, Posting, PrintBatch, PrintedLetter
from requests_app.filing import queries as filing
from requests_app.filing.lifecycle import Status
from requests_app.filing.models import Delivery, NextLetter, RecordsRequest
from requests_app.people.models import Person

UNSENT = (Status.READY, Status.UNDELIVERED)
CLAIM_LASTS = timedelta(minutes=15)  # well over CELERY_TASK_TIME_LIMIT


def contacts_by_agency(agency_ids: Collection[int]) -> Mapping[int, list[ContactPoint]]:
    """Return the contact points in use of these agencies, the best first. One query."""
    found: dict[int, list[ContactPoint]] = defaultdict(list)
    for contact in agencies.current_contacts().filter(agency_id__in=agency_ids):
        found[contact.agency_id].append(contact)
    return found


def requests_to_post(person: Person | AnonymousUser, *, campaign: int | None = None) -> QuerySet[RecordsRequest]:
    """Return the requests whose first letter goes by post and has not left, in the order in which they are printed."""
    found = filing.visible_to(person).filter(delivery=Delivery.POST, status__in=UNSENT)
    if campaign is not None:
        found = found.filter(draft__campaign_target__campaign_id=campaign)
    return found.select_related("agency", "contact_point").defer("letter").order_by("jurisdiction", "reference")


def letters_to_post(person: Person | AnonymousUser, *, campaign: int | None = None) -> QuerySet[NextLetter]:
    """Return the later letters that go by post and are still drafts, in the order in which they are printed."""
    found = NextLetter.objects.filter(
        request__in=filing.visible_to(person), delivery=Delivery.POST, state=NextLetter.State.DRAFT
    )
    if campaign is not None:
        found = found.filter(request__draft__campaign_target__campaign_id=campaign)
    return (
        found.select_related("request__agency", "changed_by")
        .defer("inputs", "generated", "edits", "request__letter")
        .order_by("request__jurisdiction", "request__reference", "pk")
    )


def postings(person: Person | AnonymousUser) -> QuerySet[Posting]:
    """Return the log of what was posted, newest first, as far as this person may see its requests."""
    return (
        Posting.objects.filter(request__in=filing.visible_to(person))
        .select_related("request__agency", "next_letter", "recorded_by", "outcome_by", "struck_by")
        .defer("next_letter__inputs", "next_letter__generated", "next_letter__edits", "request__letter")
        .order_by("-posted_on", "-pk")
    )


def postings_of(records_request: RecordsRequest) -> QuerySet[Posting]:
    """Return what was posted on one request, newest first."""
    return records_request.postings.select_related("next_letter", "recorded_by").order_by("-posted_on", "-pk")


def narrowed(rows: QuerySet[Posting], said: Mapping[str, object]) -> QuerySet[Posting]:
    """Return the postings that fit: standing, carrier, state, from, to, and words in number or reference."""
    standing = said.get("standing") or "all"
    if standing == "struck":
        rows = rows.filter(struck_at__isnull=False)
    else:
        rows = rows.filter(struck_at__isnull=True)
        if standing in Posting.Outcome.values:
            rows = rows.filter(outcome=standing)
    if said.get("carrier"):
        rows = rows.filter(carrier=said["carrier"])
    if said.get("state"):
        rows = rows.filter(request__jurisdiction=said["state"])
    if said.get("from_day"):
        rows = rows.filter(posted_on__gte=said["from_day"])
    if said.get("to_day"):
        rows = rows.filter(posted_on__lte=said["to_day"])
    words = "".join(str(said.get("words") or "").split())
    if words:
        rows = rows.filter(Q(number__icontains=words) | Q(request__reference__icontains=words))
    return rows


def postings_after(rows: QuerySet[Posting], day: str, number: int | None) -> QuerySet[Posting]:
    """Return the rest of the log after a row, named by its day and number."""
    if number is None:
        return rows
    return rows.filter(Q(posted_on__lt=day) | Q(posted_on=day, pk__lt=number))


def faxes(person: Person | AnonymousUser) -> QuerySet[FaxSending]:
    """Return the log of faxes, newest first, as far as this person may see their requests."""
    return (
        FaxSending.objects.filter(request__in=filing.visible_to(person))
        .select_related("request__agency", "next_letter", "recorded_by", "result_by", "outgoing")
        .defer(
            "next_letter__inputs", "next_letter__generated", "next_letter__edits", "request__letter", "outgoing__raw"
        )
        .order_by("-pk")
    )


def batches() -> QuerySet[PrintBatch]:
    """Return the batches, newest first, without their PDFs."""
    return PrintBatch.objects.select_related("made_by", "campaign").defer("pdf").order_by("-pk")


def letters_of(batch: PrintBatch) -> list[PrintedLetter]:
    """Return the letters of a batch in their order. One query."""
    rows = (
        PrintedLetter.objects.filter(batch=batch)
        .select_related("request__agency", "next_letter", "posting")
        .defer("next_letter__inputs", "next_letter__generated", "next_letter__edits", "request__letter")
    )
    return list(rows.order_by("position"))


def batches_to_make(now: datetime) -> list[int]:
    """Return the batches that a worker may make: new ones, and those whose worker died."""
    unclaimed = Q(claimed_at__isnull=True) | Q(claimed_at__lte=now - CLAIM_LASTS)
    rows = PrintBatch.objects.filter(unclaimed, state=PrintBatch.State.MAKING)
    return list(rows.order_by("attempts", "pk").values_list("pk", flat=True))
