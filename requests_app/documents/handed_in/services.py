"""The one door for links of agencies and for what comes over them."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from requests_app.documents import services as documents
from requests_app.documents.handed_in import codes, limits, queries, telling
from requests_app.documents.handed_in.troubles import LinkClosed, NoMoreFiles, NoMoreRoom, NotGiven, said_to_agency
from requests_app.documents.identify import NotKept
from requests_app.documents.models import AgencyLink, Document, HandedFile, HandIn
from requests_app.documents.names import clean_name
from requests_app.documents.store import DiskFull, EmptyFile, StoreTrouble
from requests_app.filing import lawbook
from requests_app.filing.lifecycle import Status
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Person, audit
from requests_app.people.tokens import hash_of

log = logging.getLogger(__name__)

NOT_OUT = (Status.READY, Status.SENDING)


@dataclass(frozen=True)
class Bounds:
    """What one link takes, and how long."""

    days: int = limits.DAYS
    files: int = limits.FILES
    megabytes: int = limits.MEGABYTES


class Spooled(Protocol):
    """A whole file on this machine that can be read more than once."""

    def chunks(self) -> Iterator[bytes]: ...


@dataclass(frozen=True)
class GivenFile:
    """A file as it was handed in: the name that its sender gave it, and its bytes."""

    name: str
    file: Spooled


@dataclass
class Outcome:
    """What came of a handing in. `hand_in` is None when no file was kept. `refused`: name fit to show, and why."""

    hand_in: HandIn | None = None
    refused: list[tuple[str, str]] = field(default_factory=list)


# --- links ------------------------------------------------------------------------------------------------------------


@transaction.atomic
def give_link(
    records_request: RecordsRequest, *, to: str, bounds: Bounds, by: Person | None, now: datetime
) -> tuple[AgencyLink, str]:
    """Make a link and return it with its secret, which is kept nowhere and cannot be shown again. Raises NotGiven.

    `to`: the person or office who gets it, by telephone or in a mail of its own.
    """
    if records_request.status in NOT_OUT:
        raise NotGiven(_("This letter has not left yet, so there is nothing to hand in. Send it first."))
    if not to.strip():
        raise NotGiven(_("Say who gets the link. No link was made."))
    if not (
        1 <= bounds.days <= limits.MOST_DAYS
        and 1 <= bounds.files <= limits.MOST_FILES
        and 1 <= bounds.megabytes <= limits.MOST_MEGABYTES
    ):
        raise NotGiven(
            _("A link lasts 1 to %(days)d days and takes 1 to %(files)d files of %(mb)d MB together. No link was made.")
            % {"days": limits.MOST_DAYS, "files": limits.MOST_FILES, "mb": limits.MOST_MEGABYTES}
        )
    # Locked, so that two who make one at the same moment do not pass the bound together.
    RecordsRequest.objects.select_for_update().only("pk").get(pk=records_request.pk)
    if queries.usable(records_request, now).count() >= limits.OPEN_LINKS:
        raise NotGiven(
            _("This request has %(number)d links that still work. Close one that nobody needs, then make another.")
            % {"number": limits.OPEN_LINKS}
        )
    code = codes.make_code()
    link = AgencyLink.objects.create(
        request=records_request,
        given_to=to.strip()[:200],
        secret_sha256=hash_of(code),
        made_by=by,
        made_at=now,
        expires_at=now + timedelta(days=bounds.days),
        most_files=bounds.files,
        most_bytes=bounds.megabytes * limits.MB,
    )
    audit("agency_link_made", link, by=by, now=now, request=records_request.reference, days=bounds.days)
    return link, code


@transaction.atomic
def revoke_link(link: AgencyLink, *, by: Person | None, now: datetime) -> bool:
    """Close a link for good: its address opens nothing any more. What came over it stays. Twice changes nothing."""
    closed = AgencyLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=now, revoked_by=by)
    if closed:
        audit("agency_link_revoked", link, by=by, now=now)
    return bool(closed)


def address_of(code: str) -> str:
    """Return the public address of a link."""
    return f"{settings.SITE_URL}{reverse('hand_in:page', args=[codes.shown(code)])}"


def door_address() -> str:
    """Return the public address at which a secret can be typed that was given by telephone."""
    return f"{settings.SITE_URL}{reverse('hand_in:door')}"


# --- what comes over them ---------------------------------------------------------------------------------------------


def hand_in(
    link: AgencyLink,
    files: Iterable[GivenFile],
    *,
    by_whom: str,
    email: str = "",
    message: str = "",
    refused: Iterable[tuple[str, str]] = (),
    now: datetime,
) -> Outcome:
    """Keep files that somebody handed in over a link, each by itself, and tell those who work on the request.

    1. For each file: take room for it from the link and write it down, in one conditional update and one transaction.
       Two at once cannot pass a bound together, and a link that ended meanwhile takes nothing more.
    2. Keep it like any returned file. What is not kept gives its room back.
    3. When files were kept: say so once, in one transaction (`finish`). Nothing changes about the request itself.

    A server that is stopped in between is mended by `finish_left`. `refused`: what never arrived whole.
    """
    outcome = Outcome(refused=list(refused))
    first = HandIn(link=link, at=now, by_whom=by_whom, email=email, message=message)
    begun: HandIn | None = None
    for given in files:
        name = clean_name(given.name)
        try:
            sha256, size = _fingerprint(given.file)
            if size == 0:
                raise EmptyFile
            begun, row = _take_room(link, begun or first, name, sha256, size, now)
            _keep(link, row, given, now)
        except (StoreTrouble, NotKept) as trouble:
            outcome.refused.append((name, said_to_agency(trouble)))
        except Exception as trouble:  # noqa: BLE001  those kept before must be told of, and the others go on
            log.error("a file of link %s could not be kept: %s", link.pk, type(trouble).__name__)
            outcome.refused.append((name, said_to_agency(DiskFull())))
    if begun is None:
        return outcome
    HandIn.objects.filter(pk=begun.pk).update(refused=outcome.refused[: limits.FILES_AT_ONCE])
    if finish(begun.pk, now=now):
        outcome.hand_in = begun
    return outcome


def finish(pk: UUID, *, now: datetime) -> bool:
    """Tell of a handing in, once, or forget it where nothing of it was kept. Returns whether something was kept."""
    with transaction.atomic():
        rows = HandIn.objects.filter(pk=pk)
        if not HandedFile.objects.filter(hand_in__in=rows).exclude(state=HandedFile.State.COMING).exists():
            rows.filter(told_at=None).delete()
            return False
        if rows.filter(told_at=None).update(told_at=now):
            found = rows.select_related("link__request__agency", "link__request__filer", "link__request__assignee")
            telling.tell(found.get(), now=now)
    return True


def finish_left(now: datetime) -> int:
    """End what a stopped server left: files whose bytes are kept are kept, others give their room back. How many."""
    left = HandIn.objects.filter(told_at=None, at__lte=now - limits.GIVEN_UP_AFTER)
    mended = 0
    for begun in left.select_related("link__request").prefetch_related("files"):
        for row in begun.files.all():
            if row.state == HandedFile.State.COMING:
                _settle_left(begun, row)
        finish(begun.pk, now=now)
        mended += 1
    return mended


@transaction.atomic
def settle(hand_in_id: UUID, *, by: Person, now: datetime) -> bool:
    """Say that nothing is to be recorded of a handing in. Returns False where somebody said so before."""
    changed = HandIn.objects.filter(pk=hand_in_id, settled_at=None).update(settled_at=now, settled_by=by)
    if changed:
        audit("hand_in_settled", HandIn.objects.get(pk=hand_in_id), by=by, now=now)
    return bool(changed)


def _fingerprint(file: Spooled) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    for chunk in file.chunks():
        digest.update(chunk)
        size += len(chunk)
    return digest.hexdigest(), size


@transaction.atomic
def _take_room(
    link: AgencyLink, hand_in: HandIn, name: str, sha256: str, size: int, now: datetime
) -> tuple[HandIn, HandedFile]:
    """Take room for one file and write it down, with its handing in when it is the first.

    Raises LinkClosed, NoMoreFiles, NoMoreRoom; then nothing changed.
    """
    taken = AgencyLink.objects.filter(
        pk=link.pk,
        revoked_at=None,
        expires_at__gt=now,
        taken_files__lt=F("most_files"),
        taken_bytes__lte=F("most_bytes") - size,
    ).update(taken_files=F("taken_files") + 1, taken_bytes=F("taken_bytes") + size)
    if not taken:
        present = AgencyLink.objects.get(pk=link.pk)
        if present.state(now) in ("revoked", "ended"):
            raise LinkClosed
        raise NoMoreFiles if not present.files_left else NoMoreRoom(present.bytes_left)
    HandIn.objects.get_or_create(
        pk=hand_in.pk,
        defaults={name: getattr(hand_in, name) for name in ("link", "at", "by_whom", "email", "message")},
    )
    number = HandedFile.objects.filter(hand_in_id=hand_in.pk).count() + 1
    row = HandedFile.objects.create(hand_in_id=hand_in.pk, ordinal=number, name=name, sha256=sha256, size=size)
    return hand_in, row


@transaction.atomic
def _give_back(link_id: int, row: HandedFile) -> None:
    if HandedFile.objects.filter(pk=row.pk, state=HandedFile.State.COMING).delete()[0]:
        AgencyLink.objects.filter(pk=link_id).update(
            taken_files=F("taken_files") - 1, taken_bytes=F("taken_bytes") - row.size
        )


def _keep(link: AgencyLink, row: HandedFile, given: GivenFile, now: datetime) -> None:
    records_request = link.request
    try:
        received = documents.receive_file(
            records_request,
            given.file.chunks(),
            name=given.name,
            received_on=lawbook.local_day(records_request.jurisdiction, now),
            via=Document.Via.HANDED_IN,
            by=None,
            now=now,
        )
    except Exception:
        _give_back(link.pk, row)
        raise
    was_known = isinstance(received, documents.Duplicate)
    row.state = HandedFile.State.KNOWN if was_known else HandedFile.State.KEPT
    row.save(update_fields=["state"])


def _settle_left(begun: HandIn, row: HandedFile) -> None:
    kept = Document.objects.filter(request=begun.link.request_id, blob=row.sha256, parent=None, erased_at=None)
    if kept.exists():
        HandedFile.objects.filter(pk=row.pk).update(state=HandedFile.State.KEPT)
    else:
        _give_back(begun.link_id, row)
