"""Lists of drafts and requests for screens, with everything their templates touch."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Exists, ForeignObjectRel, OuterRef, Prefetch, Q, QuerySet

from requests_app.agencies import queries as agencies
from requests_app.agencies.models import BodyContact
from requests_app.filing import choices as draft_choices
from requests_app.filing import lawbook, permissions
from requests_app.filing.claims import Claim, Step, fold_claims
from requests_app.filing.lifecycle import EventKind, Phase, standing_events
from requests_app.filing.matter import MatterRows
from requests_app.filing.models import (
    Approval,
    AuthorityPaper,
    Deadline,
    Draft,
    DraftTarget,
    DraftVersion,
    Event,
    EventWords,
    NextLetter,
    NextLetterVersion,
    Note,
    RecordsRequest,
    Signing,
    UnlockedText,
)
from requests_app.filing.timeline import facts_of
from requests_app.filing.writing import Desk
from requests_app.kits import letters
from requests_app.people.absences.queries import stands_in_for
from requests_app.people.models import Person, Role


def visible_to(visitor: Person | AnonymousUser) -> QuerySet[RecordsRequest]:
    """Return the requests this person may see; the only way by which a view gets its rows."""
    everything = RecordsRequest.objects.all()
    if not isinstance(visitor, Person):
        return everything.none()
    if visitor.has_role(*permissions.SEES_EVERY_REQUEST):
        return everything
    if visitor.has_role(Role.VOLUNTEER):
        return everything.filter(worked_on_by(visitor))
    return everything.none()


def worked_on_by(person: Person) -> Q:
    """Return the condition for the requests of this person, and of the absent people for whom they stand in."""
    people = {person.pk, *stands_in_for(person)}
    return Q(filer__in=people) | Q(assignee__in=people)


def with_people(requests: QuerySet[RecordsRequest]) -> QuerySet[RecordsRequest]:
    """Add what every row of a list shows: agency, filer and assignee."""
    return requests.select_related("agency", "filer", "assignee")


def drafts_of(person: Person) -> QuerySet[Draft]:
    """Return a person's unfinished drafts, the last touched first, with their agencies."""
    return (
        Draft.objects.filter(filer=person, filed_at__isnull=True, discarded_at__isnull=True)
        .prefetch_related(Prefetch("targets", DraftTarget.objects.select_related("agency", "contact_point")))
        .order_by("-changed_at")
    )


def open_already(
    agency_ids: Iterable[int], kit_id: str, period_start: date | None, period_end: date | None
) -> QuerySet[RecordsRequest]:
    """Return the group's running requests to these agencies for the same kit and an overlapping period.

    An empty start or end is open: a request without an end runs to the day of the search. Served by the index
    `request_open_already`.
    """
    found = RecordsRequest.objects.filter(agency__in=list(agency_ids), kit_id=kit_id).exclude(phase=Phase.DONE)
    if period_end is not None:
        found = found.filter(Q(period_start__isnull=True) | Q(period_start__lte=period_end))
    if period_start is not None:
        found = found.filter(Q(period_end__isnull=True) | Q(period_end__gte=period_start))
    return with_people(found)


def current_deadlines(records_request: RecordsRequest) -> QuerySet[Deadline]:
    """Return the deadlines as projected now, soonest first; replaced rows stay in the table as history."""
    return Deadline.objects.filter(request=records_request, superseded_at__isnull=True).order_by(
        "latest", "earliest", "pk"
    )


def timeline(records_request: RecordsRequest, *, with_words: bool = False) -> list[Event]:
    """Return the events, newest first, with who recorded them and what corrects or replaces them. One query.

    `with_words`: for `words_in`, to those who may read the letter.

    What corrects an event is an event of the same request, so it is found among these. Joined by the database, it made
    SQLite read every event of every request: `corrects` is empty in nearly all, which its statistics call no selection.
    """
    joined = ("recorded_by", "kept_words") if with_words else ("recorded_by",)
    events = list(Event.objects.filter(request=records_request).select_related(*joined).order_by("-sequence"))
    by_number = {event.pk: event for event in events}
    for event in events:  # known of each: there is none, unless it is set below
        for name in ("corrected_by", "replaced_by"):
            cast(ForeignObjectRel, Event._meta.get_field(name)).set_cached_value(event, None)
    for event in events:
        if event.corrects_id in by_number:
            event.corrects = by_number[event.corrects_id]
        if event.replaces_id in by_number:
            event.replaces = by_number[event.replaces_id]
    return events


def words_in(events: Iterable[Event]) -> dict[int, str]:
    """Return what the agency wrote in these answers, by event. For those who may read the letter: it may name people.

    The events come with their `kept_words`: no query.
    """
    return {event.pk: event.kept_words.text for event in events if hasattr(event, "kept_words")}


def words_of(event: Event) -> str:
    """Return what the agency wrote, where somebody kept it; empty otherwise."""
    kept = EventWords.objects.filter(event=event).first()
    return kept.text if kept else ""


def notes(records_request: RecordsRequest) -> QuerySet[Note]:
    """Return the notes on a request, newest first, with their authors."""
    return Note.objects.filter(request=records_request).select_related("author").order_by("-at", "-pk")


def is_reworded(draft: Draft) -> bool:
    """Return whether a person changed the wording of one of the draft's letters."""
    return DraftTarget.objects.filter(draft=draft, edits_revision__gt=0).exists()


def versions(target: DraftTarget) -> QuerySet[DraftVersion]:
    """Return the wordings that a draft's letter had, newest first, with their writers."""
    return DraftVersion.objects.filter(target=target).select_related("made_by").order_by("-made_at", "-pk")


def unlocked_texts(records_request: RecordsRequest) -> QuerySet[UnlockedText]:
    """Return the sentences about the law that this request's letters changed, with who changed them."""
    return UnlockedText.objects.filter(request=records_request).select_related("by")


def companions(records_request: RecordsRequest) -> QuerySet[RecordsRequest]:
    """Return the requests filed together with this one, itself left out."""
    same = RecordsRequest.objects.filter(filed_together=records_request.filed_together)
    return with_people(same.exclude(pk=records_request.pk)).order_by("reference")


def rows_of_matter(records_request: RecordsRequest) -> MatterRows:
    """Return everything stored that a later letter to this request's agency may speak of. Four queries.

    The request comes with its agency. The letter and the choices carry the requester's legal name: only for those who
    may read the letter.
    """
    rows = Event.objects.filter(request=records_request).select_related("kept_words")
    events = list(rows.order_by("sequence"))
    draft = Draft.objects.filter(pk=records_request.draft_id).first() if records_request.draft_id else None
    stored: Any = records_request.letter
    return MatterRows(
        records_request=records_request,
        events=events,
        deadlines=list(current_deadlines(records_request)),
        words=words_in(events),
        letter=letters.load(stored) if stored else None,
        choices=draft_choices.load(draft.choices) if draft else None,
        companions=tuple(companion.agency.name for companion in companions(records_request)),
    )


def desk_of(records_request: RecordsRequest, *, now: datetime, reply_address: str, organisation: str) -> Desk:
    """Return a request with everything that any later letter on it needs. Eight queries, eleven for a lone agency."""
    jurisdiction = records_request.jurisdiction
    custodians = agencies.custodians(jurisdiction)
    agency = next((one for one in custodians if one.pk == records_request.agency_id), None)
    if agency is None:
        agency = agencies.agency_with_contacts(records_request.agency.code) or records_request.agency
        custodians = [*custodians, agency]
    contacts: dict[str, list[BodyContact]] = {}
    for contact in agencies.body_contacts(jurisdiction):
        contacts.setdefault(contact.body, []).append(contact)
    return Desk(
        rows=rows_of_matter(records_request),
        agency=agency,
        custodians=custodians,
        today=lawbook.local_day(jurisdiction, now),
        reply_address=reply_address,
        organisation=organisation,
        body_contacts=contacts,
    )


def next_letters(records_request: RecordsRequest) -> QuerySet[NextLetter]:
    """Return the later letters of a request that count, the last touched first, with the people who wrote them."""
    kept = NextLetter.objects.filter(request=records_request).exclude(state=NextLetter.State.DISCARDED)
    # The texts are sealed and long: a list does without.
    return kept.select_related("made_by", "changed_by", "sent_event").defer("inputs", "generated", "edits")


def letter_versions(letter: NextLetter) -> QuerySet[NextLetterVersion]:
    """Return what a later letter said before each of its changes, newest first, with the writers."""
    return NextLetterVersion.objects.filter(letter=letter).select_related("made_by").order_by("-number")


def authority_behind(records_request: RecordsRequest) -> AuthorityPaper | None:
    """Return the written authority under which a request was made, if it was. One query."""
    if records_request.draft_id is None:
        return None
    signed = AuthorityPaper.objects.select_related("signing").filter(signing__state=Signing.State.SIGNED)
    return signed.filter(signing__draft_id=records_request.draft_id).first()


# --- before a letter goes ---------------------------------------------------------------------------------------------


def signings_to_look_at() -> QuerySet[Signing]:
    """Return the letters for which a coordinator has to choose a signer, the longest waiting first."""
    return _open_signings().filter(state=Signing.State.ASKED)


def signings_underway() -> QuerySet[Signing]:
    """Return the letters that a member was asked to sign, or has signed, and that are not filed yet."""
    return _open_signings().filter(state__in=[Signing.State.INVITED, Signing.State.SIGNED])


def _open_signings() -> QuerySet[Signing]:
    return (
        Signing.objects.filter(draft__filed_at__isnull=True, draft__discarded_at__isnull=True)
        .select_related("draft__filer", "signer", "offer__person")
        .order_by("asked_at", "pk")
    )


def approvals_to_give(besides: Person) -> QuerySet[Approval]:
    """Return newcomers' letters that wait for a coordinator, the longest waiting first; nobody approves their own."""
    return (
        Approval.objects.filter(
            state=Approval.State.ASKED, draft__filed_at__isnull=True, draft__discarded_at__isnull=True
        )
        .exclude(draft__filer=besides)
        .select_related("draft__filer")
        .order_by("asked_at", "pk")
    )


def signings_of(person: Person) -> QuerySet[Signing]:
    """Return the letters that a member was asked to sign and that are still theirs to look at, the newest first."""
    mine = Signing.objects.filter(signer=person, state__in=[Signing.State.INVITED, Signing.State.SIGNED])
    return (
        mine.filter(draft__discarded_at__isnull=True)
        .select_related("draft", "offer__person")
        .order_by("-asked_at", "-pk")
    )


def people_to_assign() -> QuerySet[Person]:
    """Return everyone who can be given a request, by handle."""
    return (
        Person.objects.filter(is_active=True, role_grants__role__in=[Role.VOLUNTEER, Role.COORDINATOR])
        .distinct()
        .order_by("handle")
    )


# --- what agencies claimed --------------------------------------------------------------------------------------------

_REFUSING = (EventKind.DENIED, EventKind.NO_RECORDS, EventKind.PRODUCED_PART)


def _refused(visitor: Person | AnonymousUser) -> QuerySet[RecordsRequest]:
    refusals = Event.objects.filter(request=OuterRef("pk"), kind__in=_REFUSING)
    return visible_to(visitor).filter(Exists(refusals))


def claims_of(code: str, visitor: Person | AnonymousUser) -> list[Claim]:
    """Return every ground that agencies of one jurisdiction named on requests this person may see. Two queries."""
    rows = _refused(visitor).filter(jurisdiction=code).select_related("agency").order_by("pk")
    rows = rows.only("reference", "jurisdiction", "agency__name").prefetch_related(
        Prefetch("events", Event.objects.order_by("sequence"))
    )
    zone = lawbook.zone_of(code)
    return [
        claim
        for each in rows
        for claim in fold_claims(each.reference, each.agency.name, _steps(list(each.events.all()), zone))
    ]


def _steps(events: list[Event], zone: ZoneInfo) -> list[Step]:
    by_sequence = {event.sequence: event for event in events}
    return [
        Step(
            kind=fact.kind.value,
            on=fact.happened_on,
            exemptions=tuple(by_sequence[fact.sequence].details.get("exemptions", ())),
            objections=tuple(by_sequence[fact.sequence].details.get("objections", ())),
            outcome=fact.outcome,
            decided_by=fact.level,
            letter_key=str(by_sequence[fact.sequence].details.get("letter_key", "")),
        )
        for fact in standing_events(facts_of(events, zone))
    ]


def claims_by_state(visitor: Person | AnonymousUser) -> dict[str, int]:
    """Return for each jurisdiction how many requests this person may see were refused there, wholly or in part."""
    rows = _refused(visitor).order_by().values_list("jurisdiction").annotate(n=Count("pk"))
    return dict(rows)
