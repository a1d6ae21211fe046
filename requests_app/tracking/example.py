"""An example organisation, lively and clearly labelled, made through the same services as a real one.

It lives in a database of its own (`make demo`); `organise` refuses any other. Agencies and laws are the real ones; the
people, the letters and everything the agencies "answered" are invented, and every returned file says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.utils import timezone

from requests_app.agencies import services as agencies
from requests_app.agencies.models import Agency, ContactPoint
from requests_app.correspondence import services as correspondence
from requests_app.correspondence.models import OutgoingLetter
from requests_app.documents.models import Document
from requests_app.filing import lawbook
from requests_app.filing import queries as filing_queries
from requests_app.filing import services as filing
from requests_app.filing.lifecycle import EventKind
from requests_app.filing.models import RecordsRequest
from requests_app.kits.rendering import to_pdf
from requests_app.people import services as people
from requests_app.people.absences import services as absences
from requests_app.people.models import Person, Role, SignInLink
from requests_app.people.tokens import token_of
from requests_app.review import services as review
from requests_app.tracking import example_campaign
from requests_app.tracking import services as tracking
from requests_app.tracking.desk import services as desk
from requests_app.tracking.desk.snoozing import last_day, limit_of
from requests_app.tracking.statistics import services as statistics

PASSWORD: Final = "daylight-example"  # noqa: S105  printed on the screen; the example holds nothing real
SEEN: Final = "Example data: nobody looked this up"


class NotAnExample(Exception):
    """The database is not one for examples."""

    def __init__(self) -> None:
        super().__init__(
            "The example organisation is never mixed with real data, so nothing was written. Start it with `make demo`."
        )


@dataclass(frozen=True)
class Actor:
    """Somebody in the example."""

    handle: str
    roles: tuple[str, ...]
    home_state: str
    legal_name: str


CAST: Final = (
    Actor("ada", (Role.ADMINISTRATOR,), "MD", "Ada Example"),
    Actor("cora", (Role.COORDINATOR, Role.VOLUNTEER), "MD", "Cora Example"),
    Actor("vera", (Role.VOLUNTEER,), "MD", "Vera Example"),
    Actor("vic", (Role.VOLUNTEER,), "TN", "Vic Example"),
    Actor("rene", (Role.REVIEWER,), "NY", "Rene Example"),
)


@dataclass(frozen=True)
class Step:
    """Something that happened so many days ago; with files, it is recorded as the agency's reply."""

    kind: str
    days_ago: int
    note: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class Story:
    """One letter and what became of it. `days_ago` is the day on which it was filed."""

    agency: str
    kit: str
    filer: str
    days_ago: int
    steps: tuple[Step, ...] = ()
    note: str = ""


STORIES: Final = (
    Story("md-mdsp", "K1", "vera", 1, note="The department's portal asks for an account. Cora has one."),
    Story("fl-fdle", "K1", "vera", 0),
    Story("hi-hdot", "K2", "cora", 9, (Step(EventKind.SEND_FAILED, 8, "The mail came back: no such mailbox."),)),
    Story("mi-msp", "K1", "vera", 2),
    Story("va-vsp", "K3", "cora", 6, (Step(EventKind.RECEIVED, 6),)),
    Story(
        "wa-dol",
        "K1",
        "vera",
        30,
        (Step(EventKind.RECEIVED, 30), Step(EventKind.ACKNOWLEDGED, 26, "They estimate six weeks.")),
    ),
    Story(
        "il-isp",
        "K1",
        "cora",
        9,
        (Step(EventKind.RECEIVED, 9), Step(EventKind.EXTENSION, 4, "They need to consult another unit.")),
    ),
    Story(
        "tx-dps",
        "K2",
        "vera",
        20,
        (
            Step(EventKind.RECEIVED, 20),
            Step(EventKind.CLARIFICATION_REQUESTED, 12, "Which agreements, and since when?"),
        ),
    ),
    Story(
        "co-cbi",
        "K1",
        "cora",
        15,
        (
            Step(EventKind.RECEIVED, 15),
            Step(EventKind.FEE_ESTIMATED, 10, "Nine hours of staff time.", {"fee_cents": 27000}),
        ),
    ),
    Story(
        "or-oregon-dmv",
        "K6",
        "vera",
        45,
        (Step(EventKind.RECEIVED, 45), Step(EventKind.ACKNOWLEDGED, 43), Step(EventKind.DETERMINED, 24)),
    ),
    Story(
        "wi-doj-cib",
        "K1",
        "cora",
        80,
        (
            Step(EventKind.RECEIVED, 80),
            Step(EventKind.PRODUCED_PART, 30, "A first sheet; the rest is to follow.", files=("sheet", "letter")),
        ),
    ),
    Story(
        "ga-dds",
        "K4",
        "vera",
        25,
        (
            Step(EventKind.RECEIVED, 25),
            Step(EventKind.DENIED, 16, "They call it a security matter.", files=("refusal",)),
        ),
    ),
    Story(
        "ct-dmv",
        "K2",
        "cora",
        50,
        (Step(EventKind.RECEIVED, 50), Step(EventKind.DENIED, 41), Step(EventKind.APPEAL_FILED, 30)),
    ),
    Story("ks-governor", "K5", "vera", 35, (Step(EventKind.RECEIVED, 35),)),
    Story(
        "nm-governor",
        "K5",
        "cora",
        70,
        (
            Step(EventKind.RECEIVED, 70),
            Step(EventKind.PRODUCED, 55, "Everything came by e-mail.", files=("agreement",)),
        ),
    ),
    Story(
        "wa-governor",
        "K5",
        "vera",
        100,
        (
            Step(EventKind.RECEIVED, 100),
            Step(EventKind.NO_RECORDS, 88, files=("nothing",)),
            Step(EventKind.CLOSED, 60, "Not worth an appeal: the agency that has them was asked."),
        ),
    ),
    Story(
        "tn-tdoshs",
        "K1",
        "vic",
        12,
        (Step(EventKind.RECEIVED, 12), Step(EventKind.WITHDRAWN, 5, "Asked twice by mistake.")),
    ),
)

SHEET: Final = b"month,component,message_key,transactions\n" + b"".join(
    f"2025-{month:02},EXAMPLE,{key},{month * 37 + len(key)}\n".encode()
    for month in range(1, 13)
    for key in ("DQ", "RQ")
)
PAPERS: Final = {
    "letter": "We enclose a first set of totals. The rest will follow.",
    "refusal": "Your request is denied as it concerns security procedures.",
    "agreement": "User agreement between the example department and the example network.",
    "nothing": "A search found no responsive records.",
}


def organise(now: datetime) -> list[str]:
    """Fill the example database; running it again changes nothing. Returns the handles one can sign in with.

    1. Refuse any database that is not marked as an example (DEMO).
    2. Let the first administrator join and invite the others.
    3. Tell each story through the real services, on the days on which it happened.
    4. Plan a campaign, write a reviewer's note, set the desk as a group at work has it, and let one sweep look at it.

    Raises NotAnExample.
    """
    if not settings.DEMO:
        raise NotAnExample
    if Person.objects.exists():
        return [actor.handle for actor in CAST]
    cast = _join(now - timedelta(days=150))
    for story in sorted(STORIES, key=lambda story: -story.days_ago):
        _tell(story, cast, now)
    example_campaign.plan(cast, now - timedelta(days=3))
    _annotate(cast["rene"], now - timedelta(days=20))
    _set_the_desk(cast, now)
    while tracking.sweep(now):
        pass
    while statistics.keep_up(now):
        pass
    return list(cast)


def _set_the_desk(cast: dict[str, Person], now: datetime) -> None:
    """Let one request sleep, let somebody be away, and keep a view of the desk."""
    cora, today = cast["cora"], timezone.localdate(now)
    waiting = RecordsRequest.objects.get(agency__code="or-oregon-dmv")
    limit = limit_of(filing_queries.current_deadlines(waiting))
    until = min(last_day(today, limit), today + timedelta(days=10))
    with suppress(desk.SnoozeRefused):  # the law leaves no day to wait, as it may with other editions of the law book
        desk.snooze(waiting.pk, until=until, why="Their records office moves house this week.", by=cora, now=now)
    absences.go_away(
        cast["vera"].pk,
        starts_on=today,
        ends_on=today + timedelta(days=9),
        delegate_id=cast["vic"].pk,
        by=cast["vera"],
        now=now,
    )
    desk.save_view(name="Washington", query="state=WA", shared=True, by=cora, now=now)


def address_of(actor_handle: str) -> str:
    """Return the e-mail address of somebody in the example."""
    return f"{actor_handle}@people.example"


def _join(now: datetime) -> dict[str, Person]:
    first, *others = CAST
    link = people.first_administrator_link(email=address_of(first.handle), now=now)
    if link is None:
        raise NotAnExample
    administrator = _accept(link, first, now)
    cast = {first.handle: administrator}
    for actor in others:
        invitation = people.invite(email=address_of(actor.handle), roles=actor.roles, by=administrator, now=now)
        cast[actor.handle] = _accept(invitation, actor, now)
    return cast


def _accept(link: SignInLink, actor: Actor, now: datetime) -> Person:
    profile = people.Profile(
        handle=actor.handle,
        home_state=actor.home_state,
        legal_name=actor.legal_name,
        postal_address="1 Example Street\nExampleville",
        phone="555-0100",
    )
    return people.accept_invitation(token_of(link.nonce), profile=profile, password=PASSWORD, now=now)


def _tell(story: Story, cast: dict[str, Person], now: datetime) -> None:
    filer = cast[story.filer]
    begun = now - timedelta(days=story.days_ago, hours=2) if story.days_ago else now - timedelta(minutes=3)
    records_request = _file(story, filer, begun)
    if records_request.delivery == "email" and story.days_ago:
        OutgoingLetter.send_due(begun + timedelta(minutes=settings.SEND_UNDO_MINUTES + 1))
    for step in story.steps:
        _take(step, records_request, cast["cora"], now)
    if story.note:
        filing.add_note(records_request.pk, text=story.note, by=filer, now=begun)


def _file(story: Story, filer: Person, begun: datetime) -> RecordsRequest:
    agency = Agency.objects.get(code=story.agency)
    draft = filing.start_draft(by=filer, jurisdiction=agency.jurisdiction, now=begun)
    choices = {
        "requester_name": filer.legal_name,
        "postal_address": filer.postal_address,
        "phone": filer.phone,
        "standing": "resident",
    }
    filing.save_draft(draft.pk, kit_id=story.kit, choices=choices, now=begun)
    contact = _contact(agency, filer, begun)
    filing.choose_targets(draft.pk, [filing.Target(agency.pk, contact.channel, contact.pk)], now=begun)
    return correspondence.file_draft(draft.pk, by=filer, now=begun)[0]


def _contact(agency: Agency, by: Person, now: datetime) -> ContactPoint:
    """Return the agency's e-mail address, else its portal, confirmed as if somebody had looked it up."""
    contacts = agency.contact_points.exclude(health=ContactPoint.Health.RETIRED)
    contact = contacts.filter(channel="email").first() or contacts.get(channel="portal")
    agencies.confirm_contact(contact.pk, by=by, where_seen=SEEN, now=now)
    contact.refresh_from_db()
    return contact


def _take(step: Step, records_request: RecordsRequest, by: Person, now: datetime) -> None:
    then = now - timedelta(days=step.days_ago, hours=1)
    day = lawbook.local_day(records_request.jurisdiction, then)
    if step.files:
        correspondence.record_reply(
            records_request, step.kind, happened_on=day, note=step.note, files=_files(step.files), by=by, now=then
        )
        return
    filing.record_event(
        records_request.pk, step.kind, happened_at=then, details=step.details, note=step.note, by=by, now=then
    )


def _files(names: Sequence[str]) -> list[correspondence.IncomingFile]:
    found = []
    for name in names:
        if name == "sheet":
            found.append(correspondence.IncomingFile("EXAMPLE Nlets totals 2025.csv", [SHEET]))
        else:
            page = f"<!doctype html><html lang='en'><title>Example</title><h1>EXAMPLE</h1><p>{PAPERS[name]}</p></html>"
            found.append(correspondence.IncomingFile(f"EXAMPLE {name}.pdf", [to_pdf(page)]))
    return found


def _annotate(reviewer: Person, now: datetime) -> None:
    sheet = Document.objects.filter(original_name__contains="totals").first()
    if sheet is not None:
        text = "Totals by month and message key. Check with the agency whether broadcast messages are counted."
        review.write_note(sheet, page=1, text=text, by=reviewer, now=now)
