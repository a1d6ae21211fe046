"""Lists of letters."""

from __future__ import annotations

from functools import cached_property

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from requests_app.correspondence.models import OutgoingLetter
from requests_app.filing import queries as filing
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Person, Role


def outgoing(person: Person | AnonymousUser) -> QuerySet[OutgoingLetter]:
    """Return the letters this person may see, newest first."""
    return (
        OutgoingLetter.objects.filter(request__in=filing.visible_to(person))
        .select_related("request", "request__agency", "queued_by")
        .order_by("-queued_at", "-pk")
    )


def letter_underway(records_request: RecordsRequest) -> OutgoingLetter | None:
    """Return the letter of a request that is in the outbox and may leave at any moment, if there is one."""
    underway = [OutgoingLetter.State.QUEUED, OutgoingLetter.State.SENDING]
    return OutgoingLetter.objects.filter(request_id=records_request.pk, state__in=underway).first()


class OnDuty:
    """Who is told where nobody follows a request. Each list is read once, when first asked for."""

    @cached_property
    def coordinators(self) -> list[Person]:
        """Everybody who coordinates and can sign in."""
        return self._who_are(Role.COORDINATOR)

    @cached_property
    def administrators(self) -> list[Person]:
        """Everybody who administers and can sign in."""
        return self._who_are(Role.ADMINISTRATOR)

    @staticmethod
    def _who_are(role: Role) -> list[Person]:
        # Only who they are: names and addresses are sealed, and opening them takes longer than the query.
        return list(Person.objects.filter(is_active=True, role_grants__role=role).only("pk").order_by("pk"))


def whom_to_tell(
    records_request: RecordsRequest, *, coordinators_too: bool = False, on_duty: OnDuty | None = None
) -> list[tuple[Person, str]]:
    """Return whom to tell of something that happened to a request, each with the reason in a sentence.

    Whoever filed and whoever follows, among those who can still sign in; the coordinators where nobody follows, or
    where the matter is theirs too. Somebody is always told, as long as there is an administrator. `on_duty` may be
    given for many requests together, so that the lists are read once.
    """
    on_duty = on_duty or OnDuty()
    people = [person for person in (records_request.filer, records_request.assignee) if person and person.is_active]
    told = {person.pk: (person, _("You get this because you filed or follow this request.")) for person in people}
    followed = records_request.assignee is not None and records_request.assignee.is_active
    if coordinators_too or not followed:
        why = _("You get this because you coordinate: our own duties concern every coordinator.")
        if not coordinators_too:
            why = _("You get this because you coordinate and nobody follows this request.")
        told = {person.pk: (person, why) for person in on_duty.coordinators} | told
    if not told:
        why = _("You get this because nobody else is left to be told of this request.")
        told = {person.pk: (person, why) for person in on_duty.administrators}
    return list(told.values())


def waiting_letter(records_request: RecordsRequest) -> OutgoingLetter | None:
    """Return the letter of a request that can still be taken back, if there is one."""
    return records_request.outgoing_letters.filter(state=OutgoingLetter.State.QUEUED).order_by("-pk").first()
