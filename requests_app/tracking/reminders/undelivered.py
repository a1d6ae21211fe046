"""Mails to members that will not be tried again: who did not get what, why, and what to do about it.

Letters to agencies that did not arrive are among the outgoing letters, and counted on the desk; they are not repeated
here.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import Any, Final

from django.db.models import Count, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from requests_app.correspondence.delivery import queries as delivery
from requests_app.correspondence.incoming import queries as incoming
from requests_app.correspondence.incoming.suggested import queries as reading_help
from requests_app.documents.handed_in import queries as handed_in
from requests_app.people.models import AddressMail, InvitationMail, Notice
from requests_app.people.outbox import OutboxRow
from requests_app.people.preferences import Channel
from requests_app.tracking.models import Heartbeat
from requests_app.tracking.reminders.models import Digest

MOST: Final = 100
CANCELLED: Final = OutboxRow.State.CANCELLED
BOXES: Final[dict[str, type[OutboxRow]]] = {
    "notice": Notice,
    "digest": Digest,
    "invitation": InvitationMail,
    "address": AddressMail,
}


@dataclass(frozen=True)
class Undelivered:
    """One mail that was given up: to whom, what, the server's own words, and what to do."""

    box: str
    pk: int
    to: str
    what: str
    said: str
    attempts: int
    advice: str


def count() -> int:
    """Return how many there are. One query; each part is answered by the index of its outbox."""
    first, *others = (_failed(box).order_by().values("pk") for box in BOXES)
    return int(first.union(*others, all=True).count())


def count_with_heartbeat(work: str, now: datetime) -> tuple[datetime | None, int, int | None, int, int | None, int]:
    """Return when some periodic work last ended, how many such mails there are, and how much mail waits. One query.

    Then the number of the letters to agencies that did not arrive, counted to `delivery.queries.COUNTED_TO`, and that
    of the filed mail of which something is to be recorded or fetched, and that of what agencies handed in themselves
    and nobody recorded.

    For the desk. The mail that came in and waits for a coordinator, or asks, is counted to
    `incoming.queries.COUNTED_TO`. Where that work has never run, the desk says so first, and nothing is counted.
    """
    parts = [
        Coalesce(Subquery(_failed(box).order_by().values("state").annotate(n=Count("pk")).values("n")), 0)
        for box in BOXES
    ]
    waiting, letters = incoming.count_of_waiting(now), delivery.count_of_not_delivered()
    asking = reading_help.count_of_asking(incoming.COUNTED_TO)
    handed = handed_in.count_of_waiting()
    columns = ("beat_at", reduce(operator.add, parts), waiting, letters, asking, handed)
    row = Heartbeat.objects.filter(name=work).values_list(*columns).first()
    if row is None:
        return None, 0, None, 0, None, 0
    return row[0], int(row[1]), int(row[2]), int(row[3]), int(row[4]), int(row[5])


def newest() -> list[Undelivered]:
    """Return the newest of them. One query for each kind of mail."""
    return list(_all())[:MOST]


def _all() -> Iterator[Undelivered]:
    for box in BOXES:
        rows = _failed(box)
        if box in ("notice", "digest"):
            rows = rows.select_related("recipient")
        else:
            rows = rows.select_related("link", "link__person")
        for row in rows.order_by("-pk")[:MOST]:
            yield _told(box, row)


def _failed(box: str) -> Any:
    rows: Any = BOXES[box]._default_manager.filter(state=OutboxRow.State.FAILED)
    if box == "notice":
        return rows.filter(channel=Channel.SINGLE, recipient__is_active=True)
    return rows.filter(recipient__is_active=True) if box == "digest" else rows


def _told(box: str, row: Any) -> Undelivered:
    if box in ("notice", "digest"):
        person, what = row.recipient, row.subject
    else:
        person = row.link.person
        what = _("Invitation") if box == "invitation" else _("Link to a new e-mail address")
    return Undelivered(
        box=box,
        pk=row.pk,
        to=person.handle if person is not None else row.link.email,
        what=what,
        said=row.failure,
        attempts=row.attempts,
        advice=_advice(row.failure),
    )


def _advice(failure: str) -> str:
    """Say what to do, by the server's answer (RFC 5321, section 4.2.3; RFC 3463, section 3)."""
    code = failure[:3]
    if "no longer open" in failure:
        return _("The link ran out or was withdrawn. Make a new one, and take this off the list.")
    if code in ("550", "551", "553") or " 5.1." in failure:
        return _("The address does not take mail. Ask the person for a working one; then send it again.")
    if code == "552" or " 5.2." in failure:
        return _("The mailbox is full or closed. Tell the person another way; then send it again.")
    if code in ("554", "535", "530") or " 5.7." in failure:
        return _("The server refuses our mails. Whoever runs Daylight looks at the mail server's settings first.")
    if code.isdigit():
        return _("The server refused it for good. Whoever runs Daylight looks at its answer; then send it again.")
    return _("The mail server could not be reached for days. Whoever runs Daylight looks at it; then send it again.")


def try_again(box: str, pk: int, now: datetime) -> bool:
    """Queue one of these mails again. Returns whether it had failed."""
    return box in BOXES and BOXES[box].try_again(pk, now)


def leave(box: str, pk: int) -> bool:
    """Take one of these mails off the list for good. Returns whether it had failed."""
    if box not in BOXES:
        return False
    failed = _failed(box).filter(pk=pk)
    # A notice stays in its reader's own list, where it says that no mail came.
    return bool(failed.update(channel=Channel.IN_APP) if box == "notice" else failed.update(state=CANCELLED))
