"""Lists of findings. Whoever may see the document may see that there is a finding; its value, `permissions` says."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Prefetch, Q, QuerySet

from requests_app.documents import queries as documents
from requests_app.documents.marks import queries as marks
from requests_app.documents.models import AnsweredItem, Document
from requests_app.filing import queries as filing
from requests_app.filing.lifecycle import Status
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Person
from requests_app.review.findings import permissions
from requests_app.review.findings.checking import GIVEN, number_of
from requests_app.review.findings.comparing import Number
from requests_app.review.findings.services import definition_for
from requests_app.review.findings.states import CLOSED, SETTLED, State
from requests_app.review.models import Annotation, Contradiction, Finding, FindingChange, Reading

MOST_COMPARED = 200  # numbers held against each other at once: every one with every other
MOST_REQUESTS = 400  # in one state's coverage


def visible_to(person: Person | AnonymousUser) -> QuerySet[Finding]:
    """Return the findings this person may see, newest first. A draft is its writer's alone."""
    if not isinstance(person, Person) or not permissions.can_look(person):
        return Finding.objects.none()
    return (
        Finding.objects.filter(document__in=documents.visible_to(person).order_by())
        .filter(~Q(state=State.DRAFT) | Q(read_by=person))
        .select_related("document", "document__blob", "document__request", "request", "request__agency", "read_by")
        .order_by("-pk")
    )


def filtered(
    findings: QuerySet[Finding],
    person: Person | AnonymousUser,
    *,
    state: str = "",
    jurisdiction: str = "",
    kit: str = "",
    field: str = "",
) -> QuerySet[Finding]:
    """Return those in this state, of this jurisdiction, kit and field. Beside states there are "for-me" and "settled".

    Where nothing is chosen, what was replaced or taken back is left out.
    """
    if state == "for-me":
        findings = findings.filter(state=State.WAITING).exclude(read_by=person.pk)
    elif state == "settled":
        findings = findings.filter(state__in=SETTLED)
    elif state in State.values:
        findings = findings.filter(state=state)
    else:
        findings = findings.exclude(state__in=CLOSED)
    if jurisdiction:
        findings = findings.filter(jurisdiction=jurisdiction)
    if kit:
        findings = findings.filter(kit_id=kit)
    return findings.filter(field=field) if field else findings


def waiting_for(person: Person) -> QuerySet[Finding]:
    """Return what this person may read again, oldest first."""
    return filtered(visible_to(person), person, state="for-me").order_by("pk")


def next_to_read(person: Person, after: int) -> Finding | None:
    """Return what this person may read after that finding, of the same document first. One query or two."""
    waiting = waiting_for(person).exclude(pk=after)
    document = Finding.objects.filter(pk=after).values("document")
    return waiting.filter(document__in=document).first() or waiting.first()


def with_history(findings: QuerySet[Finding]) -> QuerySet[Finding]:
    """Join what the page of one finding shows: evidence, readings and changes."""
    marked = Annotation.objects.select_related("label", "author", "document", "document__blob", "document__request")
    return findings.prefetch_related(
        Prefetch("evidence", marked.order_by("place", "down", "pk")),
        Prefetch("readings", Reading.objects.select_related("by")),
        Prefetch("changes", FindingChange.objects.select_related("by")),
    )


def contradictions_of(finding: Finding, person: Person | AnonymousUser) -> list[tuple[Contradiction, Finding]]:
    """Return what stands against it, each with the other finding, as far as this person may see that. One query."""
    seen = visible_to(person).order_by().values("pk")
    kept = Contradiction.objects.filter(
        Q(one=finding, other__in=seen) | Q(other=finding, one__in=seen), taken_back_at=None
    ).select_related("one__document", "other__document", "one__read_by", "other__read_by", "by")
    return [(each, each.other if each.one_id == finding.pk else each.one) for each in kept.order_by("pk")]


def of_document(document: Document, person: Person | AnonymousUser) -> QuerySet[Finding]:
    """Return the findings whose evidence stands in a document, in the order they were kept."""
    return visible_to(person).filter(document=document).exclude(state__in=CLOSED).order_by("pk")


def evidence_in(document: Document, person: Person) -> QuerySet[Annotation]:
    """Return the marks in a document that can be evidence: everybody sees them, and their words are found."""
    return (
        Annotation.objects.filter(document=document, withdrawn_at=None)
        .exclude(visibility=Annotation.Visibility.ME)
        .exclude(found=Annotation.Found.LOST)
        .select_related("label", "author", "document", "document__blob", "document__request")
        .order_by("place", "down", "pk")
    )


def comparable(findings: Collection[Finding], person: Person | AnonymousUser) -> list[tuple[Finding, Number, int]]:
    """Return those that are settled counts, each as a number to be held against others. No query."""
    found = []
    for each in findings:
        if each.state not in SETTLED or not permissions.can_see_value(person, each):
            continue
        number = number_of(each.claim, definition_for(each), each.jurisdiction)
        if number is not None and each.number is not None and each.number == each.number.to_integral_value():
            found.append((each, number, int(each.number)))
    return found


# --- Coverage -----------------------------------------------------------------------------------------------------


@dataclass
class ItemCoverage:
    """One thing a letter asked for, and how far we are with it."""

    item: marks.Item
    answered: int = 0  # documents that somebody found to answer it
    refused: int = 0  # findings that say it is withheld
    found: int = 0  # findings with a value, settled or not
    verified: int = 0
    waiting: int = 0  # for a second reader, or a decision

    @property
    def stands(self) -> str:
        """How it stands, in one word: the furthest it came."""
        if self.verified:
            return "verified"
        if self.found:
            return "found"
        if self.refused:
            return "refused"
        return "answered" if self.answered else "missing"


@dataclass
class RequestCoverage:
    """One request, its items, and the findings that name no item of it."""

    request: RecordsRequest
    items: list[ItemCoverage] = field(default_factory=list)
    unplaced: int = 0

    @property
    def missing(self) -> int:
        """How many items nothing answers, and nobody refused."""
        return sum(each.stands == "missing" for each in self.items)

    @property
    def is_sent(self) -> bool:
        """Whether the letter has left, so that an answer can be missed."""
        return self.request.status not in {Status.READY, Status.SENDING, Status.UNDELIVERED}


@dataclass
class KitCoverage:
    """What is known of one kit in one state: sums over its requests."""

    jurisdiction: str
    kit_id: str
    requests: int = 0
    documents: int = 0
    found: int = 0
    verified: int = 0
    refused: int = 0
    waiting: int = 0


def coverage_by_state(person: Person | AnonymousUser) -> list[KitCoverage]:
    """Return, for each state and kit that was asked for, what came of it. Three queries, however many requests."""
    asked = filing.visible_to(person).order_by()
    rows: dict[tuple[str, str], KitCoverage] = {}
    counts = asked.values("jurisdiction", "kit_id").annotate(
        requests=Count("pk", distinct=True),
    )
    for row in counts.order_by("jurisdiction", "kit_id"):
        key = (row["jurisdiction"], row["kit_id"])
        rows[key] = KitCoverage(*key, requests=row["requests"])
    came = documents.visible_to(person).exclude(via=Document.Via.PROOF).order_by()
    came_rows = came.values_list("request__jurisdiction", "request__kit_id").annotate(count=Count("pk"))
    for code, kit, count in came_rows:
        if kept := rows.get((code, kit)):
            kept.documents = count
    findings = Finding.objects.filter(request__in=asked).exclude(state__in=[*CLOSED, State.DRAFT])
    grouped = (
        findings.order_by()
        .values_list("request__jurisdiction", "request__kit_id")
        .annotate(
            given=Count("pk", filter=Q(answer=GIVEN)),
            settled=Count("pk", filter=Q(answer=GIVEN, state__in=SETTLED)),
            withheld=Count("pk", filter=Q(answer="refused", state__in=SETTLED)),
            open=Count("pk", filter=Q(state__in=[State.WAITING, State.DIFFERS])),
        )
    )
    for code, kit, *numbers in grouped:
        if kept := rows.get((code, kit)):
            kept.found, kept.verified, kept.refused, kept.waiting = numbers
    return list(rows.values())


def coverage_of_state(person: Person | AnonymousUser, jurisdiction: str, kit_id: str = "") -> list[RequestCoverage]:
    """Return each request of one state with its items and how far we are with each. Three queries."""
    asked = filing.visible_to(person).filter(jurisdiction=jurisdiction).select_related("agency")
    if kit_id:
        asked = asked.filter(kit_id=kit_id)
    rows = {each.pk: RequestCoverage(each) for each in asked.order_by("kit_id", "agency__name", "pk")[:MOST_REQUESTS]}
    places: dict[tuple[int, int], ItemCoverage] = {}
    for pk, row in rows.items():
        for item in marks.items_of(row.request):
            places[pk, item.number] = ItemCoverage(item)
            row.items.append(places[pk, item.number])
    ticks = AnsweredItem.objects.filter(document__request__in=rows, taken_back_at=None, document__erased_at=None)
    for request, number, count in ticks.values_list("document__request", "item").annotate(count=Count("pk")).order_by():
        if place := places.get((request, number)):
            place.answered = count
    kept = Finding.objects.filter(request__in=rows).exclude(state__in=[*CLOSED, State.DRAFT]).order_by()
    for request, item, state, answer, count in kept.values_list("request", "item", "state", "answer").annotate(
        count=Count("pk")
    ):
        place = places.get((request, item or 0))
        if place is None:
            rows[request].unplaced += count
            continue
        place.found += count if answer == GIVEN else 0
        place.verified += count if answer == GIVEN and state in SETTLED else 0
        place.refused += count if answer == "refused" and state in SETTLED else 0
        place.waiting += count if state in {State.WAITING, State.DIFFERS} else 0
    return list(rows.values())


def counts(person: Person) -> dict[str, int]:
    """Return how many findings wait for this person, differ, and are settled. One query."""
    return (
        visible_to(person)
        .order_by()
        .aggregate(
            for_me=Count("pk", filter=Q(state=State.WAITING) & ~Q(read_by=person)),
            mine_waiting=Count("pk", filter=Q(state=State.WAITING, read_by=person)),
            differ=Count("pk", filter=Q(state=State.DIFFERS)),
            settled=Count("pk", filter=Q(state__in=SETTLED)),
        )
    )
