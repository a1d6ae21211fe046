"""Lists of letters."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Set
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from requests_app.correspondence.models import OutgoingLetter
from requests_app.filing import queries as filing
from requests_app.filing.models import NextLetter, RecordsRequest
from requests_app.people.absences.models import Absence
from requests_app.people.absences.queries import away_on, fold_delegates
from requests_app.people.models import Person, Role, RoleGrant

UNDERWAY = (OutgoingLetter.State.QUEUED, OutgoingLetter.State.SENDING)


def outgoing(person: Person | AnonymousUser) -> QuerySet[OutgoingLetter]:
    """Return the letters this person may see, newest first."""
    return (
        OutgoingLetter.objects.filter(request__in=filing.visible_to(person))
        .select_related("request", "request__agency", "queued_by", "fax")
        .order_by("-queued_at", "-pk")
    )


def letter_underway(records_request: RecordsRequest) -> OutgoingLetter | None:
    """Return the first letter of a request while it is in the outbox and may leave at any moment."""
    return OutgoingLetter.objects.filter(
        request_id=records_request.pk, next_letter__isnull=True, state__in=UNDERWAY
    ).first()


def next_letter_underway(letter: NextLetter) -> OutgoingLetter | None:
    """Return the row of a later letter that is in the outbox and may leave at any moment, if there is one."""
    return OutgoingLetter.objects.filter(next_letter_id=letter.pk, state__in=UNDERWAY).first()


def waiting_next_letters(records_request: RecordsRequest) -> QuerySet[OutgoingLetter]:
    """Return the later letters of a request that can still be taken back, the next to leave first."""
    waiting = OutgoingLetter.objects.filter(
        request=records_request, next_letter__isnull=False, state=OutgoingLetter.State.QUEUED
    )
    return (
        waiting.select_related("next_letter")
        .defer("raw", "next_letter__inputs", "next_letter__generated", "next_letter__edits")
        .order_by("send_after", "pk")
    )


def last_try(letter: NextLetter) -> OutgoingLetter | None:
    """Return the newest row of a later letter in the outbox, whatever became of it."""
    return OutgoingLetter.objects.filter(next_letter=letter).defer("raw").order_by("-pk").first()


def thread_of(records_request: RecordsRequest) -> tuple[str, ...]:
    """Return the Message-IDs of our letters to the agency by e-mail, the first letter first; empty where it had none.

    Each names the first letter as what it answers, so that every mail program shows one conversation.
    """
    by_mail = {"state": OutgoingLetter.State.SENT, "way": OutgoingLetter.Way.EMAIL}
    sent = OutgoingLetter.objects.filter(request=records_request, **by_mail).filter(
        Q(next_letter__isnull=True) | Q(next_letter__contact_point__isnull=False)
    )
    found = list(sent.order_by("pk").values_list("message_id", "next_letter_id"))
    # A first letter that came back was sent again: the last of them is the one that arrived.
    firsts = [message_id for message_id, later in found if later is None]
    later = [message_id for message_id, number in found if number is not None]
    return (*firsts[-1:], *later) if firsts else ()


class OnDuty:
    """Who is told where nobody follows a request, and who stands in for whom. Each is read once, when asked for."""

    def __init__(self, now: datetime | None = None) -> None:
        self.now = now or timezone.now()

    @cached_property
    def coordinators(self) -> list[Person]:
        """Everybody who coordinates and can sign in."""
        return self._who_are[Role.COORDINATOR]

    @cached_property
    def administrators(self) -> list[Person]:
        """Everybody who administers and can sign in."""
        return self._who_are[Role.ADMINISTRATOR]

    @cached_property
    def members(self) -> Set[int]:
        """The numbers of those who can work on a request of theirs. Who lost that role sees nothing of it any more."""
        return {person.pk for role in (Role.VOLUNTEER, Role.COORDINATOR) for person in self._who_are[role]}

    @cached_property
    def away(self) -> Mapping[int, Absence]:
        """Who is away today, by number. A day of the organisation's own zone."""
        return away_on(self.now.astimezone(ZoneInfo(settings.ORGANISATION_TIME_ZONE)).date())

    @cached_property
    def delegates(self) -> Mapping[int, Person]:
        """Who stands in for whom today, by the number of the one who is away: those who can work on requests."""
        found = fold_delegates(self.away)
        return {number: delegate for number, delegate in found.items() if delegate.pk in self.members}

    def looks_after(self, person: Person | None) -> bool:
        """Return whether somebody sees to what is this person's: they can and are here, or somebody stands in."""
        if person is None or person.pk not in self.members:
            return False
        return person.pk not in self.away or person.pk in self.delegates

    @cached_property
    def _who_are(self) -> Mapping[str, list[Person]]:
        """Everybody who can sign in, by role. Two queries would ask the same people twice."""
        found: dict[str, list[Person]] = {role: [] for role in Role.values}
        # Only who they are: names and addresses are sealed, and opening them takes longer than the query.
        grants = RoleGrant.objects.filter(person__is_active=True).select_related("person").only("role", "person__id")
        for grant in grants.order_by("person_id"):
            found[grant.role].append(grant.person)
        return found


RESPONSIBLE = frozenset({"assignee", "filer", "delegate"})


def whom_to_tell(
    records_request: RecordsRequest, *, coordinators_too: bool = False, on_duty: OnDuty | None = None
) -> list[tuple[Person, str]]:
    """Return whom to tell of something that happened to a request, each with the reason in a sentence.

    Whoever filed and whoever follows, among those who can still sign in, and who stands in for them; the coordinators
    where nobody follows, or where the matter is theirs too. `on_duty` may be given for many requests together, so that
    the lists are read once.
    """
    to = RESPONSIBLE | {"coordinators"} if coordinators_too else RESPONSIBLE
    return recipients(records_request, to, on_duty or OnDuty())


def recipients(records_request: RecordsRequest, to: Collection[str], on_duty: OnDuty) -> list[tuple[Person, str]]:
    """Return the people behind these names (assignee, filer, delegate of either, coordinators), with the reason.

    Only people who can still work on it. The coordinators, too, where nobody follows the request, where whoever does
    is away and nobody stands in, and where nobody else is left of those named. Somebody is always told, as long as
    there is an administrator.
    """
    filer, assignee = records_request.filer, records_request.assignee
    named = {"filer": filer, "assignee": assignee}
    members = on_duty.members
    people = [person for name, person in named.items() if name in to and person is not None and person.pk in members]
    told = {person.pk: (person, _("You get this because you filed or follow this request.")) for person in people}
    if "delegate" in to:
        told = _delegates(filer, assignee, on_duty) | told
    if "coordinators" in to or not told or not on_duty.looks_after(assignee):
        why = _("You get this because you coordinate: our own duties concern every coordinator.")
        if "coordinators" not in to:
            why = _("You get this because you coordinate, and nobody who is here follows this request.")
        told = {person.pk: (person, why) for person in on_duty.coordinators} | told
    if not told:
        why = _("You get this because nobody else is left to be told of this request.")
        told = {person.pk: (person, why) for person in on_duty.administrators}
    return list(told.values())


def _delegates(filer: Person | None, assignee: Person | None, on_duty: OnDuty) -> dict[int, tuple[Person, str]]:
    """Return who stands in for the filer and the follower, where they are away."""
    found = {}
    for person in (filer, assignee):
        delegate = on_duty.delegates.get(person.pk) if person is not None else None
        if person is not None and delegate is not None:
            why = _("You get this because you stand in for %(handle)s, who is away.") % {"handle": person.handle}
            found[delegate.pk] = (delegate, why)
    return found


def waiting_letter(records_request: RecordsRequest) -> OutgoingLetter | None:
    """Return the first letter of a request while it can still be taken back."""
    waiting = records_request.outgoing_letters.filter(state=OutgoingLetter.State.QUEUED, next_letter__isnull=True)
    return waiting.order_by("-pk").first()
