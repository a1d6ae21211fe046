"""Letters that are printed together: made by a worker, and marked as posted together afterwards.

The rows of a batch are the truth. A worker that dies leaves it to be made again; a letter that cannot be printed is
named on the list in front and holds up no other. What was posted is recorded letter by letter, each in a transaction of
its own, and only where it still is what was printed.
"""

from __future__ import annotations

import base64
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import msgspec
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from requests_app.agencies.models import ContactPoint
from requests_app.correspondence import next_letters
from requests_app.correspondence.paper import posting, printing, queries
from requests_app.correspondence.paper.models import Posting, PrintBatch, PrintedLetter
from requests_app.correspondence.paper.posting import record_posted
from requests_app.correspondence.paper.printing import Laid, Options
from requests_app.correspondence.paper.sheets import first_letter, later_letter
from requests_app.correspondence.paper.tracking_numbers import parse_tracking_number
from requests_app.correspondence.services import NotSendable
from requests_app.filing import services as filing
from requests_app.filing.models import Campaign, NextLetter, RecordsRequest
from requests_app.filing.writing import way_of
from requests_app.kits.naming import long_date
from requests_app.people.models import Person, audit

log = logging.getLogger(__name__)

MOST: Final = 150  # letters of a batch: at half a second each, well within a worker's time
TRIES: Final = 3


class NothingToPrint(Exception):
    """No letter was chosen, or too many."""


@transaction.atomic
def make_batch(
    requests: Sequence[RecordsRequest],
    letters: Sequence[NextLetter],
    options: Options,
    *,
    campaign: Campaign | None = None,
    by: Person,
    now: datetime,
) -> PrintBatch:
    """Lay down which letters are printed together, first letters and later ones in the order of their references.

    A worker makes the PDF. Raises NothingToPrint.
    """
    count = len(requests) + len(letters)
    if not count:
        raise NothingToPrint(_("Choose at least one letter."))
    if count > MOST:
        raise NothingToPrint(
            _("That are %(count)d letters, and one print takes %(most)d. Nothing was made. Choose fewer.")
            % {"count": count, "most": MOST}
        )
    batch = PrintBatch.objects.create(campaign=campaign, options=msgspec.to_builtins(options), made_by=by, made_at=now)
    chosen: list[tuple[tuple[str, int], RecordsRequest, NextLetter | None]] = [
        *(((one.reference, 0), one, None) for one in requests),
        *(((one.request.reference, one.pk), one.request, one) for one in letters),
    ]
    PrintedLetter.objects.bulk_create(
        PrintedLetter(
            batch=batch,
            position=position,
            request=request,
            next_letter=later,
            seen_changes=later.changes if later is not None else 0,
        )
        for position, (_key, request, later) in enumerate(sorted(chosen, key=lambda one: one[0]), start=1)
    )
    audit("letters printed", batch, by=by, now=now, letters=count)
    return batch


def make_next(batch_id: int, *, now: datetime) -> bool:
    """Make the PDF of a batch. Returns whether it is ready.

    1. Claim it: only one worker's update matches. One that has killed every worker so far is given up.
    2. Lay out letter after letter, outside any transaction, and note each: whoever waits sees how far it is.
    3. Keep the PDF and where each letter stands in it.
    """
    rows = PrintBatch.objects.filter(pk=batch_id, pk__in=queries.batches_to_make(now))
    if not rows.update(claimed_at=now, attempts=F("attempts") + 1):
        return False
    batch = PrintBatch.objects.select_related("campaign").defer("pdf").get(pk=batch_id)
    if batch.attempts > TRIES:
        PrintBatch.objects.filter(pk=batch_id).update(state=PrintBatch.State.FAILED)
        log.error("batch %s: given up after %s tries", batch_id, TRIES)
        return False
    options = msgspec.convert(batch.options, Options)
    printed: list[tuple[PrintedLetter, Laid]] = []
    left_out: list[tuple[str, str]] = []
    rows_of_batch = queries.letters_of(batch)
    contacts = queries.contacts_by_agency({row.request.agency_id for row in rows_of_batch})
    for row in rows_of_batch:
        try:
            laid = _laid_out(row, options, contacts, now)
        except NotSendable as stop:
            trouble = str(stop)
        except Exception as failure:  # noqa: BLE001  one broken letter must not hold up the others
            log.error("letter %s of batch %s: %s", row.position, batch_id, type(failure).__name__)
            trouble = _("Something is wrong with the program. Tell whoever runs the server. The letter is kept.")
        else:
            printed.append((row, laid))
            trouble = ""
            row.remarks = list(laid.remarks)
        if trouble:
            left_out.append((row.request.reference, trouble))
        PrintedLetter.objects.filter(pk=row.pk).update(is_laid_out=True, trouble=trouble[:500], remarks=row.remarks)
    made = long_date(batch.made_at.date())
    pdf, counted, pages = printing.batch(
        [laid for _row, laid in printed],
        options,
        title=batch.campaign.name if batch.campaign else _("Letters to post"),
        made=_("Made on %(day)s") % {"day": made},
        group=settings.ORGANISATION_NAME or "Daylight",
        left_out=left_out,
    )
    with transaction.atomic():
        for (row, _laid), stands in zip(printed, counted, strict=True):
            PrintedLetter.objects.filter(pk=row.pk).update(
                first_page=stands.first_page, pages=stands.pages, sheets=stands.sheets
            )
        state = PrintBatch.State.READY if printed else PrintBatch.State.FAILED
        facts = {"state": state, "pages": pages, "ready_at": now}
        PrintBatch.objects.filter(pk=batch_id).update(pdf=base64.b64encode(pdf).decode("ascii"), **facts)
    log.info("batch %s made: %s letters, %s left out", batch_id, len(printed), len(left_out))
    return bool(printed)


def _laid_out(row: PrintedLetter, options: Options, contacts: Mapping[int, list[ContactPoint]], now: datetime) -> Laid:
    trouble = why_not_printed(row)
    if trouble:
        raise NotSendable(trouble)
    known = contacts.get(row.request.agency_id, [])
    if row.next_letter_id is None:
        request = RecordsRequest.objects.select_related("agency", "contact_point").get(pk=row.request_id)
        return printing.lay_out(first_letter(request, contacts=known), options)
    # What happened since may have overtaken it, or a stop may stand: then it is not printed.
    letter = NextLetter.objects.select_related("request__agency", "contact_point", "body_contact").get(
        pk=row.next_letter_id
    )
    paper = later_letter(letter, contacts=known)
    next_letters.refuse_unready(letter, next_letters.desk_of(letter.request, now=now), paper.content, way_of(letter))
    return printing.lay_out(paper, options)


def why_not_printed(row: PrintedLetter) -> str:
    """Return why a letter is not what was chosen any more; empty where it is. Reads the row's request and letter."""
    later = row.next_letter
    if later is None:
        sendable = row.request.status in queries.UNSENT
        return "" if sendable else _("It has left already, or is on its way.")
    if later.state != NextLetter.State.DRAFT:
        return _("It has left already, is in the outbox, or was thrown away.")
    if later.changes != row.seen_changes:
        return _("It was changed after it was chosen. Print it anew.")
    return ""


# --- posted -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ToPost:
    """What a person says of one letter of a batch. `number`: as `tracking_numbers` reads it, or empty."""

    letter_id: int
    number: str = ""
    number_doubted: bool = False

    @property
    def grouped(self) -> str:
        """Return the number as receipts print it."""
        return parse_tracking_number(self.number).grouped if self.number else ""


@dataclass(frozen=True, slots=True)
class Planned:
    """One letter as a preview shows it. `trouble`: why nothing will be recorded for it."""

    row: PrintedLetter
    say: ToPost
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of one letter. `trouble`: why nothing was recorded."""

    row: PrintedLetter
    posting: Posting | None
    trouble: str = ""


def plan_posted(batch: PrintBatch, said: Sequence[ToPost], *, carrier: str) -> list[Planned]:
    """Return what would be recorded, letter by letter. Three queries, however many there are."""
    by_id = {one.letter_id: one for one in said}
    numbers = [one.number for one in said if one.number]
    standing = Posting.objects.filter(carrier=carrier, number__in=numbers, struck_at__isnull=True)
    taken = dict(standing.values_list("number", "request__reference"))
    found = []
    for row in queries.letters_of(batch):
        say = by_id.get(row.pk)
        if say is None:
            continue
        trouble = row.trouble or _why_not_posted(row)
        if not trouble and say.number in taken:
            trouble = _("This number stands in the log already, for %(reference)s.") % {"reference": taken[say.number]}
        if not trouble and say.number and numbers.count(say.number) > 1:
            trouble = _("This number is written on two letters.")
        found.append(Planned(row, say, trouble))
    return found


def _why_not_posted(row: PrintedLetter) -> str:
    if row.posting_id is not None:
        return _("It is recorded as posted already.")
    return why_not_printed(row)


def mark_posted(
    batch: PrintBatch,
    said: Sequence[ToPost],
    *,
    carrier: str,
    service: str,
    posted_on: date,
    by: Person,
    now: datetime,
) -> list[Posted]:
    """Record letters of a batch as posted, each in a transaction of its own, and return what became of each."""
    done = []
    for planned in plan_posted(batch, said, carrier=carrier):
        row, say = planned.row, planned.say
        if planned.trouble:
            done.append(Posted(row, None, planned.trouble))
            continue
        try:
            made, _recorded = record_posted(
                row.request,
                row.next_letter,
                carrier=carrier,
                service=service,
                number=say.number,
                number_doubted=say.number_doubted,
                posted_on=posted_on,
                seen_changes=row.seen_changes,
                by=by,
                now=now,
            )
        except (posting.NumberTaken, NotSendable, filing.EventRefused) as stop:
            done.append(Posted(row, None, str(stop)))
            continue
        PrintedLetter.objects.filter(pk=row.pk, posting__isnull=True).update(posting=made)
        done.append(Posted(row, made))
    return done


__all__ = ["MOST", "NothingToPrint", "ToPost", "make_batch", "make_next", "mark_posted", "plan_posted"]
