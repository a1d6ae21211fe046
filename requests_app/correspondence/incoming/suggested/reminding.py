"""Tell people before a link to records stops working: the existing notices, one for each person and link, ever."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from requests_app.correspondence.incoming.suggested import queries
from requests_app.correspondence.incoming.suggested.models import ShareLink
from requests_app.correspondence.queries import OnDuty, whom_to_tell
from requests_app.filing import lawbook
from requests_app.filing.models import RecordsRequest
from requests_app.people import services as people
from requests_app.people.preferences import Topic
from requests_app.people.services import NoticeDraft

log = logging.getLogger(__name__)

AHEAD: Final = timedelta(days=3)  # calendar days before the last one: a weekend lies in between at most
BATCH: Final = 200


def remind_of_links(now: datetime) -> int:
    """Tell whoever works on a request that a link in its mail ends soon, or has ended. Returns how many links.

    Each link is reminded of once; a second run, or two at once, tell nobody twice. Counted in days of the organisation
    furthest ahead in the day, so that nobody is told too late.
    """
    today = max(lawbook.todays(now).values())
    links = queries.ending_links(today + AHEAD, BATCH)
    if not links:
        return 0
    requests = queries.requests_of(links)
    on_duty = OnDuty()
    with transaction.atomic():
        drafts = [
            draft
            for link in links
            for records_request in requests.get(link.message_id, ())
            for draft in _drafts(link, records_request, on_duty, now)
        ]
        people.queue_notices(drafts, send_after=now, now=now)
        ShareLink.objects.filter(pk__in=[link.pk for link in links]).update(reminded_at=now)
    log.info("%s links to records end soon", len(links))
    return len(links)


def _drafts(link: ShareLink, records_request: RecordsRequest, on_duty: OnDuty, now: datetime) -> list[NoticeDraft]:
    assert link.expires_on is not None  # noqa: S101  that is how it was found; tells the type checker
    day = date_format(link.expires_on, "l, F j, Y")
    facts = {"reference": records_request.reference, "day": day, "agency": records_request.agency.name}
    if link.expires_on < lawbook.local_day(records_request.jurisdiction, now):
        subject = _("%(reference)s: a link to records has run out") % facts
        text = _(
            "%(agency)s sent a link to records that worked until %(day)s. Nobody has said that they were fetched. "
            "Try it all the same; if it is gone, ask the agency to send the records again."
        )
    else:
        subject = _("%(reference)s: fetch the records by %(day)s") % facts
        text = _(
            "%(agency)s sent a link to records. By its own words it works until %(day)s. Open the mail, fetch the "
            "files, and add them to the request: Daylight never opens links by itself."
        )
    return [
        NoticeDraft(
            recipient_id=person.pk,
            key=f"share-link:{link.message_id}:{link.key[:16]}:{records_request.pk}:{person.pk}",
            subject=subject,
            text=text % facts,
            why=why,
            path=f"/mail/{link.message_id}/",
            topic=Topic.OURS,
        )
        for person, why in whom_to_tell(records_request, on_duty=on_duty)
    ]
