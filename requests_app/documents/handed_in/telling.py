"""Tells those who work on a request that something was handed in, and the agency that it is kept."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from requests_app.documents.handed_in import queries
from requests_app.documents.models import HandedFile, HandIn, HandInReceipt
from requests_app.filing.models import RecordsRequest
from requests_app.people import queries as people_queries
from requests_app.people import services as people
from requests_app.people.absences.queries import away_on, fold_delegates
from requests_app.people.mail import message_id
from requests_app.people.models import Person, Role
from requests_app.people.services import NoticeDraft


def tell(hand_in: HandIn, *, now: datetime) -> None:
    """Write the notices and the receipt of a handing in. In the caller's transaction.

    Needs its link, and of the request agency, filer and assignee. The receipt goes only to an address of the agency
    that we knew before: whoever holds a link must not make us write to anybody else.
    """
    records_request = hand_in.link.request
    count = HandedFile.objects.filter(hand_in=hand_in).exclude(state=HandedFile.State.COMING).count()
    said = ngettext("%(count)d file was handed in", "%(count)d files were handed in", count) % {"count": count}
    text = _(
        "%(said)s over the link given to %(to)s, by somebody who wrote “%(who)s”. The files are kept. Nothing was "
        "recorded about the request: look at them, and record what they mean."
    )
    people.queue_notices(
        [
            NoticeDraft(
                recipient_id=person.pk,
                key=f"handed-in:{hand_in.pk}:{person.pk}",
                subject=_("%(reference)s: %(said)s") % {"reference": records_request.reference, "said": said},
                text=text % {"said": said, "to": hand_in.link.given_to, "who": hand_in.by_whom},
                why=why,
                path=records_request.get_absolute_url(),
            )
            for person, why in whom_to_tell(records_request, now)
        ],
        send_after=now,
        now=now,
    )
    if queries.is_known_address(records_request, hand_in.email):
        HandInReceipt.objects.get_or_create(
            hand_in=hand_in,
            defaults={
                "to_address": hand_in.email.strip(),
                "send_after": now,
                "message_id": message_id("receipt", str(hand_in.pk)),
            },
        )


def whom_to_tell(records_request: RecordsRequest, now: datetime) -> list[tuple[Person, str]]:
    """Return the coordinators, and whoever filed or follows the request and who stands in for them, with the reason."""
    today = now.astimezone(ZoneInfo(settings.ORGANISATION_TIME_ZONE)).date()
    standing_in = fold_delegates(away_on(today))
    found: dict[int, tuple[Person, str]] = {}
    for person in (records_request.filer, records_request.assignee):
        if person is None:
            continue
        if person.has_role(Role.VOLUNTEER, Role.COORDINATOR):
            found[person.pk] = (person, _("You get this because you filed or follow this request."))
        delegate = standing_in.get(person.pk)
        if delegate is not None and delegate.has_role(Role.VOLUNTEER, Role.COORDINATOR):
            found.setdefault(delegate.pk, (delegate, _("You get this because you stand in for somebody.")))
    for person in people_queries.active_people(Role.COORDINATOR):
        found.setdefault(person.pk, (person, _("You get this because you coordinate.")))
    return list(found.values())
