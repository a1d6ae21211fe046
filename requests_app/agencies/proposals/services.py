"""The one door for proposed addresses. Accepting one uses the door for addresses, `agencies.services.add_contact`."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from requests_app.agencies import services as agencies
from requests_app.agencies.contact_values import ContactValueError, parse_contact_value
from requests_app.agencies.models import ContactPoint
from requests_app.agencies.proposals.models import ContactProposal
from requests_app.people.models import Person

State = ContactProposal.State


class NotProposed(Exception):
    """Nothing was proposed. The text says why."""


class NotDecided(Exception):
    """The proposal stands as it did. The text says why, and what to do."""


@transaction.atomic
def propose(
    agency_id: int, *, channel: str, value: str, message_number: int | None = None, by: Person, now: datetime
) -> ContactProposal:
    """Propose an address as a contact of an agency and return the proposal, or the open one that says the same.

    Changes no contact. Raises NotProposed for what is no address, or one that the agency has already.
    """
    try:
        written = parse_contact_value(channel, value)
    except ContactValueError as trouble:
        raise NotProposed(str(trouble)) from trouble
    if len(written) > ContactProposal._meta.get_field("value").max_length:  # type: ignore[operator]
        raise NotProposed(_("This address is too long. Nothing was proposed."))
    in_use = ContactPoint.objects.filter(agency=agency_id, channel=channel, value__iexact=written)
    if in_use.exclude(health=ContactPoint.Health.RETIRED).exists():
        raise NotProposed(_("The agency has this address already. Nothing was proposed."))
    proposal, _is_new = ContactProposal.objects.get_or_create(
        agency_id=agency_id,
        channel=channel,
        value=written,
        state=State.OPEN,
        defaults={"message_number": message_number, "by": by, "at": now},
    )
    return proposal


@transaction.atomic
def accept(proposal_id: int, *, where_seen: str, by: Person, now: datetime) -> ContactPoint:
    """Make a proposed address one of the agency's, not confirmed, and return it. Raises NotDecided.

    `where_seen`: where the coordinator found it besides the mail, for a mail proves no address.
    """
    proposal = _decide(proposal_id, State.ACCEPTED, where_seen, by, now)
    return agencies.add_contact(
        proposal.agency_id,
        channel=proposal.channel,
        value=proposal.value,
        where_seen=proposal.decided_why,
        by=by,
        now=now,
    )


@transaction.atomic
def decline(proposal_id: int, *, why: str, by: Person, now: datetime) -> None:
    """Leave a proposed address out, with the reason. Raises NotDecided."""
    _decide(proposal_id, State.DECLINED, why, by, now)


def _decide(proposal_id: int, state: State, why: str, by: Person, now: datetime) -> ContactProposal:
    reason = why.strip()[:500]
    if not reason:
        raise NotDecided(_("Say where you saw it, or why not, so that others understand. Nothing was decided."))
    # Of two people at once, one decides.
    if not ContactProposal.objects.filter(pk=proposal_id, state=State.OPEN).update(
        state=state, decided_by=by, decided_at=now, decided_why=reason
    ):
        raise NotDecided(_("Somebody else decided about this address meanwhile. Nothing of yours was done."))
    return ContactProposal.objects.get(pk=proposal_id)
