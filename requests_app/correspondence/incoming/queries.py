"""What is known of the things that a mail names, and which mails and files still wait."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import F, IntegerField, Prefetch, Q, QuerySet, prefetch_related_objects
from django.db.models.expressions import RawSQL

from requests_app.agencies.models import ContactPoint
from requests_app.correspondence.incoming.matching import Clues, Issued, Known
from requests_app.correspondence.incoming.models import (
    Arrival,
    IncomingFile,
    IncomingMessage,
    KeptFile,
    Placement,
    RawMail,
    RetypedToken,
    SenderRule,
    WrongAddresses,
)
from requests_app.correspondence.incoming.suggested import queries as reading_help
from requests_app.correspondence.incoming.trust import KnownSender, domain_of, domains_above
from requests_app.correspondence.models import OutgoingLetter
from requests_app.filing import queries as filing
from requests_app.filing.lifecycle import EventKind, Phase
from requests_app.filing.models import Event, RecordsRequest, RetiredReplyToken
from requests_app.filing.reply_addresses import START
from requests_app.people.models import Person, Role

# Reading one mail is cut off after a minute and tried twice; a claim must outlast that and the filing after it.
CLAIM_LASTS = timedelta(minutes=10)


def waiting(now: datetime) -> QuerySet[RawMail]:
    """Return the mails that a worker may take: waiting ones, and those whose worker died; the least tried first."""
    unclaimed = Q(claimed_at__isnull=True) | Q(claimed_at__lte=now - CLAIM_LASTS)
    return RawMail.objects.filter(unclaimed, state=RawMail.State.WAITING, erased_at__isnull=True).order_by(
        "attempts", "stored_at", "pk"
    )


def with_files_due(now: datetime) -> QuerySet[IncomingMessage]:
    """Return the filed messages of which files are still to become documents."""
    due = Q(files_due_at__isnull=True) | Q(files_due_at__lte=now)
    return IncomingMessage.objects.filter(due, files_pending=True, state=IncomingMessage.State.FILED).order_by("pk")


def kept_mails() -> QuerySet[RawMail]:
    """Return the mails whose bytes must be in the store."""
    return RawMail.objects.filter(erased_at__isnull=True)


def copies_of(message_id: int) -> list[RawMail]:
    """Return every mail that holds a message, the oldest first, with who erased it."""
    rows = RawMail.objects.filter(message=message_id).select_related("erased_by")
    return list(rows.order_by("stored_at", "pk"))


def copies_to_erase(message_id: int) -> list[RawMail]:
    """Return those of them that nobody erased."""
    return [raw for raw in copies_of(message_id) if raw.erased_at is None]


def known_sources(way: str, keys: Collection[str]) -> dict[str, bool]:
    """Return those of the sources from which a mail has been taken in already, each with whether it is here whole."""
    found = Arrival.objects.filter(way=way, source_key__in=keys).values_list("source_key", "raw__headers_only")
    return {key: not headers_only for key, headers_only in found}


def last_source(way: str, prefix: str) -> str:
    """Return the source taken in last, of those that begin so; "" for none."""
    found = Arrival.objects.filter(way=way, source_key__startswith=prefix).order_by("-pk")
    return found.values_list("source_key", flat=True).first() or ""


@dataclass(slots=True)
class Delivered:
    """To whom a mail was delivered, by all its arrivals, and whether a mail server brought it, not only a person."""

    recipients: list[str] = field(default_factory=list)
    by_server: bool = False


def deliveries_of(mails: Collection[str]) -> dict[str, Delivered]:
    """Return how each of these mails came. One query."""
    found = {raw: Delivered() for raw in mails}
    arrivals = Arrival.objects.filter(raw__in=mails).order_by("at", "pk")
    for raw, way, envelope in arrivals.values_list("raw_id", "way", "envelope_to"):
        one = found[raw]
        one.recipients += [address for address in envelope if address not in one.recipients]
        one.by_server |= way != Arrival.Way.UPLOAD
    return found


def known_for(asked: Sequence[Clues]) -> Known:
    """Look up what the clues of mails name, but for the agencies' own numbers: in the same few queries for all."""
    tokens, references = _tokens(asked)
    return Known(
        tokens=tokens,
        references=references,
        thread=_thread({message_id for clues in asked for message_id in clues.asked_ids}),
        corrections=_corrections({local for clues in asked for local in clues.local_parts}),
    )


def _corrections(local_parts: Collection[str]) -> dict[str, int]:
    """Return the requests that people named for these local parts, which were typed with a slip."""
    if not local_parts:
        return {}
    found = RetypedToken.objects.filter(local_part__in=local_parts, ended_at__isnull=True)
    return dict(found.values_list("local_part", "request_id"))


def wrong_addresses(asked: Collection[tuple[str, datetime]]) -> dict[tuple[str, datetime], int]:
    """Return how many wrong addresses of ours these servers tried, each in its hour. One query, or none."""
    if not asked:
        return {}
    servers, hours = zip(*asked, strict=True)
    found = WrongAddresses.objects.filter(server__in=set(servers), hour__in=set(hours))
    return {(server, hour): count for server, hour, count in found.values_list("server", "hour", "count")}


def _tokens(asked: Sequence[Clues]) -> tuple[dict[str, list[Issued]], dict[str, int]]:
    """Return the tokens that may be meant, by their keys, and the requests of the references that are named.

    By reference and by the beginning of a token, which are no secrets: tokens are compared apart, in constant time.
    What was given up is looked for only where an address is not one in use.
    """
    named = {reference for clues in asked for reference in clues.asked_references}
    starts = {start for clues in asked for start in clues.asked_starts}
    tokens: dict[str, list[Issued]] = defaultdict(list)
    references: dict[str, int] = {}
    if not named and not starts:
        return tokens, references
    having = RecordsRequest.objects.filter(Q(reference__in=named) | Q(token_start__in=starts))
    for reference, pk, token in having.values_list("reference", "pk", "reply_token"):
        references[reference] = pk
        for key in (reference, token[:START]):
            tokens[key].append(Issued(pk, token))
    addressed = (one for clues in asked for one in clues.addressed if one.written or one.retyped)
    if all(one.is_in(tokens) for one in addressed):
        return tokens, references
    reference_of = {pk: reference for reference, pk in references.items()}
    had = RetiredReplyToken.objects.filter(Q(request__in=reference_of) | Q(token_start__in=starts))
    for pk, token in had.values_list("request", "token"):
        for key in {reference_of.get(pk, ""), token[:START]}:
            tokens[key].append(Issued(pk, token, retired=True))
    return tokens, references


def _thread(message_ids: Collection[str]) -> Mapping[str, set[int]]:
    """Return the requests of our letters and of filed mail by these Message-IDs."""
    found: dict[str, set[int]] = defaultdict(set)
    for message_id, request in OutgoingLetter.objects.filter(message_id__in=message_ids).values_list(
        "message_id", "request_id"
    ):
        found[message_id].add(request)
    # Only of filed mail: what is in quarantine must not draw other mail after it.
    filed = Placement.objects.filter(
        message__message_id__in=message_ids, message__state=IncomingMessage.State.FILED, ended_at__isnull=True
    )
    for message_id, request in filed.values_list("message__message_id", "request_id"):
        found[message_id].add(request)
    return dict(found)


def numbers_of(senders: Collection[str]) -> dict[str, list[tuple[str, int]]]:
    """Return, for each sender, the numbers that its agencies gave to requests, as people wrote them down.

    Two queries, one of which reads every request of these agencies: ask it of what is found by nothing else.
    """
    agencies_of = {sender: found for sender, found in agencies_at(senders).items() if found}
    if not agencies_of:
        return {}
    by_hand = Q(details__has_key="agency_number")
    by_portal = Q(details__has_key="confirmation") & (Q(kind=EventKind.ACKNOWLEDGED) | Q(details__method="portal"))
    events = Event.objects.filter(by_hand | by_portal, request__agency_id__in=set().union(*agencies_of.values()))
    of_agency: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for agency, request, details in events.values_list("request__agency_id", "request_id", "details"):
        number = details.get("agency_number") or details.get("confirmation")
        if number:
            of_agency[agency].append((str(number), request))
    return {
        sender: [pair for agency in sorted(agencies) for pair in of_agency[agency]]
        for sender, agencies in agencies_of.items()
    }


def agencies_at(addresses: Collection[str]) -> dict[str, set[int]]:
    """Return, for each address, the agencies one of whose addresses it is, or at a domain of which it is. One query."""
    return _agencies_at(addresses, _mail_contacts())


def _agencies_at(addresses: Collection[str], contacts: QuerySet[ContactPoint]) -> dict[str, set[int]]:
    above = {name for address in addresses for name in domains_above(address.lower().rpartition("@")[2])}
    if not above:
        return {}
    ends = Q()
    for name in above:
        ends |= Q(value__iendswith=f"@{name}")
    known: dict[int, set[str]] = defaultdict(set)
    for agency, value in contacts.filter(ends).values_list("agency_id", "value"):
        known[agency].add(value.strip().lower())
    senders = {agency: KnownSender(frozenset(its)) for agency, its in known.items()}
    return {address: {agency for agency, one in senders.items() if one.knows(address)} for address in addresses}


def is_of_an_agency(address: str) -> bool:
    """Return whether this is an address of any agency, in use or not, or one that we ever wrote to."""
    every = ContactPoint.objects.filter(channel=ContactPoint.Channel.EMAIL)
    is_known = bool(_agencies_at([address], every).get(address))
    return is_known or OutgoingLetter.objects.filter(to_address__iexact=address).exists()


def has_an_agency(domain: str) -> bool:
    """Return whether any agency has, or we ever wrote to, an address at this domain or below or above it."""
    by_mail, somebody = ContactPoint.objects.filter(channel=ContactPoint.Channel.EMAIL), f"somebody@{domain}"
    if _agencies_at([somebody], by_mail).get(somebody):
        return True
    contacts = Q(value__iendswith=f"@{domain}") | Q(value__iendswith=f".{domain}")
    letters = Q(to_address__iendswith=f"@{domain}") | Q(to_address__iendswith=f".{domain}")
    return by_mail.filter(contacts).exists() or OutgoingLetter.objects.filter(letters).exists()


def any_is_open(requests: Collection[int]) -> bool:
    """Return whether one of these requests is not over."""
    return RecordsRequest.objects.filter(pk__in=requests).exclude(phase=Phase.DONE).exists()


def rules_about(senders: Collection[str]) -> dict[str, int]:
    """Return, for each sender about whom a rule runs, that rule: about the address before one about its domain.

    One query, however many senders; none for none.
    """
    values = {sender: [sender.strip().lower(), *domains_above(domain_of(sender))] for sender in senders if sender}
    if not values:
        return {}
    wanted = {value for those in values.values() for value in those}
    running = SenderRule.objects.filter(value__in=wanted, ended_at=None).values_list("kind", "value", "pk")
    rules = {(kind, value): pk for kind, value, pk in running}
    found = {}
    for sender, (address, *domains) in values.items():
        keys = [(SenderRule.Kind.ADDRESS, address), *((SenderRule.Kind.DOMAIN, domain) for domain in domains)]
        rule = next((rules[key] for key in keys if key in rules), None)
        if rule is not None:
            found[sender] = rule
    return found


def senders_of(requests: Collection[int]) -> dict[int, KnownSender]:
    """Return who may answer each of these requests: the agency's addresses, and those we wrote to about it."""
    facts = list(
        RecordsRequest.objects.filter(pk__in=requests).values_list(
            "pk", "agency_id", "agency__name", "agency__short_name"
        )
    )
    of_agency: dict[int, set[str]] = defaultdict(set)
    contacts = _mail_contacts().filter(agency_id__in={agency for _pk, agency, *_names in facts})
    for agency, value in contacts.values_list("agency_id", "value"):
        of_agency[agency].add(value.strip().lower())
    written_to: dict[int, set[str]] = defaultdict(set)
    letters = OutgoingLetter.objects.filter(request__in=requests, state=OutgoingLetter.State.SENT)
    for request, value in letters.values_list("request_id", "to_address"):
        written_to[request].add(value.strip().lower())
    return {
        pk: KnownSender(frozenset(of_agency[agency] | written_to[pk]), tuple(filter(None, names)))
        for pk, agency, *names in facts
    }


def _mail_contacts() -> QuerySet[ContactPoint]:
    return ContactPoint.objects.filter(channel=ContactPoint.Channel.EMAIL).exclude(health=ContactPoint.Health.RETIRED)


def letter_reported_on(message_id: str, recipient: str, requests: Iterable[int]) -> int | None:
    """Return the letter that a delivery report is about: by its Message-ID, else the only letter sent there."""
    if message_id:
        found = OutgoingLetter.objects.filter(message_id=message_id).values_list("pk", flat=True).first()
        if found is not None:
            return found
    if not recipient:
        return None
    to_it = OutgoingLetter.objects.filter(request__in=list(requests), to_address__iexact=recipient)
    letters = list(to_it.values_list("pk", flat=True)[:2])
    return letters[0] if len(letters) == 1 else None


def conversation(records_request: RecordsRequest) -> QuerySet[IncomingMessage]:
    """Return the filed mail of a request, newest first, with its files and texts."""
    placed = Placement.objects.filter(request=records_request, ended_at__isnull=True).values("message")
    return (
        IncomingMessage.objects.filter(pk__in=placed, state=IncomingMessage.State.FILED)
        .prefetch_related("files__kept__document")
        .order_by("-received_at", "-pk")
    )


# --- Lists for people -------------------------------------------------------------------------------------------------

WAITS, FILED, SET_ASIDE, LATER, ASKS = "waits", "filed", "set-aside", "later", "asks"
LISTS = (WAITS, LATER, FILED, SET_ASIDE, ASKS)
COUNTED_TO = 100  # counting further would read on, and nobody acts on the number
_SHOWN_IN_LISTS = (
    "subject", "from_address", "from_name", "received_at", "kind", "state", "triage_reason", "trust", "reasons",
    "suggestions", "deferred_until", "set_aside_why", "assignee__handle", "changes", "rule", "settled_at",
)  # fmt: skip


MINE, NOBODYS = "me", "nobody"


def seen_to_by(rows: QuerySet[IncomingMessage], whose: str, person: Person) -> QuerySet[IncomingMessage]:
    """Return the rows that this person sees to (MINE), or nobody (NOBODYS); else all. Index: `incoming_of_person`."""
    if whose == MINE:
        return rows.filter(assignee=person)
    return rows.filter(assignee=None) if whose == NOBODYS else rows


def listed(which: str, now: datetime) -> QuerySet[IncomingMessage]:
    """Return the messages of one list: what waits the longest first, the others newest first. For coordinators.

    Every message is in exactly one of the first four; the fifth is that part of the filed ones of which something is to
    be recorded or fetched.
    """
    rows = IncomingMessage.objects.select_related("assignee").only(*_SHOWN_IN_LISTS)
    rests = Q(deferred_until__gt=now)
    match which:
        case "later":
            rows = rows.filter(rests, state=IncomingMessage.State.TRIAGE)
        case "filed":
            rows = rows.filter(state=IncomingMessage.State.FILED)
        case "asks":
            rows = reading_help.asking(rows.filter(state=IncomingMessage.State.FILED))
        case "set-aside":
            rows = rows.filter(state=IncomingMessage.State.SET_ASIDE)
        case _:
            rows = rows.filter(Q(deferred_until__isnull=True) | ~rests, state=IncomingMessage.State.TRIAGE)
            return rows.order_by("received_at", "-pk")
    return rows.order_by("-received_at", "pk")


def with_words(rows: QuerySet[IncomingMessage], words: str) -> QuerySet[IncomingMessage]:
    """Return the rows in whose subject or sender every word stands."""
    for word in words.split()[:10]:
        rows = rows.filter(Q(subject__icontains=word) | Q(from_name__icontains=word) | Q(from_address__icontains=word))
    return rows


def after(rows: QuerySet[IncomingMessage], which: str, key: int | None) -> QuerySet[IncomingMessage]:
    """Return what follows the message with this number, in the order of its list; all when there is none such."""
    at = IncomingMessage.objects.filter(pk=key).values_list("received_at", flat=True).first() if key else None
    if at is None:
        return rows
    if which == WAITS:
        return rows.filter(Q(received_at__gt=at) | Q(received_at=at, pk__lt=key))
    return rows.filter(Q(received_at__lt=at) | Q(received_at=at, pk__gt=key))


def with_requests(messages: Sequence[IncomingMessage]) -> None:
    """Give each message `on`, its running placements, and `guesses`, the requests it may belong to. Two queries."""
    placed = Placement.objects.filter(ended_at__isnull=True).select_related("request__agency")
    prefetch_related_objects(
        messages,
        Prefetch("placements", placed.only("message", "how", "by", *_SHOWN_OF_REQUESTS), to_attr="on"),
    )
    asked = {number for message in messages for number in message.suggestions}
    shown = [name.removeprefix("request__") for name in _SHOWN_OF_REQUESTS]
    found = RecordsRequest.objects.select_related("agency").only(*shown).in_bulk(asked) if asked else {}
    for message in messages:
        guesses = [found[number] for number in message.suggestions if number in found]
        message.guesses = guesses  # type: ignore[attr-defined]


_SHOWN_OF_REQUESTS = ("request__reference", "request__subject", "request__agency__name")


def messages_for(person: Person | AnonymousUser) -> QuerySet[IncomingMessage]:
    """Return the messages that this person may read: coordinators all, volunteers what is filed on their requests."""
    everything = IncomingMessage.objects.all()
    if not isinstance(person, Person):
        return everything.none()
    if person.has_role(Role.COORDINATOR):
        return everything
    if not person.has_role(Role.VOLUNTEER):
        return everything.none()
    theirs = RecordsRequest.objects.filter(filing.worked_on_by(person)).values("pk")
    on_theirs = Placement.objects.filter(request__in=theirs, ended_at__isnull=True).values("message")
    return everything.filter(pk__in=on_theirs, state=IncomingMessage.State.FILED)


def mail_of(records_request: RecordsRequest) -> QuerySet[Placement]:
    """Return the filed messages of a request, newest first, and the traces of those that were moved away. One query."""
    filed = Q(ended_at__isnull=True, message__state=IncomingMessage.State.FILED)
    moved = Q(ended_at__isnull=False) & ~Q(ended_why="")
    shown = ("subject", "from_address", "from_name", "received_at", "kind")
    return reading_help.annotated(
        Placement.objects.filter(filed | moved, request=records_request)
        .select_related("message", "ended_by")
        .only("request", "how", "ended_at", "ended_why", "ended_by__handle", *(f"message__{name}" for name in shown))
        .order_by("-message__received_at", "-message", "-pk")
    )


def placements_of(message: IncomingMessage) -> list[Placement]:
    """Return every placement that a message has or had, oldest first. One query."""
    rows = Placement.objects.filter(message=message).select_related("request__agency", "by", "ended_by")
    people = ("by__handle", "ended_by__handle")
    return list(rows.only("message", "how", "at", "ended_at", "ended_why", *_SHOWN_OF_REQUESTS, *people))


def arrivals_of(message: IncomingMessage) -> list[Arrival]:
    """Return each time and way that a message came, all its copies, oldest first, with the mail itself. One query."""
    return list(Arrival.objects.filter(raw__message=message).select_related("raw", "raw__erased_by"))


def files_of(message: IncomingMessage) -> list[IncomingFile]:
    """Return the files of a message with the documents that were made of them. Two queries."""
    kept = KeptFile.objects.select_related("document", "request").only(
        "file", "document__original_name", "request__reference"
    )
    return list(IncomingFile.objects.filter(message=message).prefetch_related(Prefetch("kept", kept)))


def coordinators() -> QuerySet[Person]:
    """Return who can see to mail that waits."""
    people = Person.objects.filter(is_active=True, role_grants__role=Role.COORDINATOR)
    return people.only("handle").order_by("handle")


def in_order(numbers: Sequence[int]) -> list[IncomingMessage]:
    """Return these messages in this order, each with its requests as in a list. Three queries."""
    rows = IncomingMessage.objects.select_related("assignee").only(*_SHOWN_IN_LISTS).in_bulk(numbers)
    found = [rows[number] for number in dict.fromkeys(numbers) if number in rows]
    with_requests(found)
    return found


def next_waiting(passed: int | None, whose: str, person: Person, now: datetime) -> int | None:
    """Return the message that waits the longest after this one; after the last, the first. None when none waits."""
    rows = seen_to_by(listed(WAITS, now), whose, person)
    if passed is not None:
        rows = rows.exclude(pk=passed)
    found = after(rows, WAITS, passed).values_list("pk", flat=True).first()
    return found if found is not None else rows.values_list("pk", flat=True).first()


# --- Rules about senders ----------------------------------------------------------------------------------------------


def rules() -> QuerySet[SenderRule]:
    """Return every rule about a sender, those that run first, each with `held`: how much it holds, to COUNTED_TO."""
    held = RawSQL(_COUNT_OF_HELD, [], output_field=IntegerField())  # noqa: S611  written here
    rows = SenderRule.objects.select_related("by", "ended_by").annotate(held=held)
    return rows.order_by(F("ended_at").desc(nulls_first=True), "-at", "-pk")


def set_aside_by(rule: SenderRule) -> QuerySet[IncomingMessage]:
    """Return what a rule set aside and nobody brought back, newest first."""
    rows = IncomingMessage.objects.filter(rule=rule, state=IncomingMessage.State.SET_ASIDE)
    return rows.select_related("assignee").only(*_SHOWN_IN_LISTS).order_by("-received_at", "pk")


_COUNT_OF_HELD = f"""
    SELECT COUNT(*) FROM (
        SELECT 1 FROM {IncomingMessage._meta.db_table} AS m
        WHERE m.rule_id = {SenderRule._meta.db_table}.id AND m.state = 'set_aside' LIMIT {COUNTED_TO}
    ) AS held
"""  # noqa: S608  written here


# --- Counts -----------------------------------------------------------------------------------------------------------

# For the tabs of the list: each counted to COUNTED_TO and no further, by an index.
_COUNTS = f"""
    SELECT
        (SELECT COUNT(*) FROM (
            SELECT 1 FROM {IncomingMessage._meta.db_table} AS m
            WHERE m.state = 'triage' AND (m.deferred_until IS NULL OR m.deferred_until <= %s) LIMIT {COUNTED_TO}
        ) AS waiting),
        (SELECT COUNT(*) FROM (
            SELECT 1 FROM {IncomingMessage._meta.db_table} AS m
            WHERE m.state = 'triage' AND m.deferred_until > %s LIMIT {COUNTED_TO}
        ) AS resting),
        (SELECT COUNT(*) FROM (
            SELECT 1 FROM {IncomingMessage._meta.db_table} AS m
            WHERE m.state = 'triage' AND m.assignee_id = %s
                AND (m.deferred_until IS NULL OR m.deferred_until <= %s) LIMIT {COUNTED_TO}
        ) AS hers)
"""  # noqa: S608  written here


def counts(person: Person, now: datetime) -> dict[str, int]:
    """Return how many messages wait, rest, and wait for this person (MINE), each to COUNTED_TO. One query."""
    moment = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, [moment, moment, person.pk, moment])
        waiting, resting, hers = cursor.fetchone()
    return {WAITS: waiting, LATER: resting, MINE: hers}


# For the desk, inside a query of its own: how many messages wait, counted to COUNTED_TO and no further.
COUNT_OF_WAITING = f"""
    SELECT COUNT(*) FROM (
        SELECT 1 FROM {IncomingMessage._meta.db_table} AS m
        WHERE m.state = 'triage' AND (m.deferred_until IS NULL OR m.deferred_until <= %s) LIMIT {COUNTED_TO}
    ) AS waiting
"""  # noqa: S608  written here


def count_of_waiting(now: datetime) -> RawSQL:
    """Return the number of messages that wait for a coordinator as a column for another query."""
    moment = connection.ops.adapt_datetimefield_value(now)
    return RawSQL(COUNT_OF_WAITING, [moment], output_field=IntegerField())  # noqa: S611  written here
