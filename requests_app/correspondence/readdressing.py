"""A new address for the answers to one request, and what still names the old one."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from requests_app.correspondence.models import OutgoingLetter
from requests_app.correspondence.queries import UNDERWAY
from requests_app.filing import services as filing
from requests_app.filing.models import NextLetter, RecordsRequest, RetiredReplyToken
from requests_app.filing.services import AddressNotChanged
from requests_app.kits.letters import Letter
from requests_app.kits.letters import dump as dump_letter
from requests_app.people.models import Person


def give_new_address(request_id: int, *, why: str, seen: int, by: Person, now: datetime) -> RecordsRequest:
    """Give a request a new address for answers. Raises AddressNotChanged, also while a letter is in the outbox."""
    with transaction.atomic():
        if OutgoingLetter.objects.filter(request=request_id, state__in=UNDERWAY).exists():
            raise AddressNotChanged(
                _(
                    "A letter of this request is in the outbox and names the address. Take the letter back, or wait "
                    "until it has left. Nothing was changed."
                )
            )
        return filing.give_new_address(request_id, why=why, seen=seen, by=by, now=now)


def retired_addresses(records_request: RecordsRequest) -> list[RetiredReplyToken]:
    """Return the addresses that a request gave up, the last first. One query."""
    return list(RetiredReplyToken.objects.filter(request=records_request).select_related("retired_by"))


def letters_being_written(records_request: RecordsRequest) -> list[NextLetter]:
    """Return the later letters that are being written: each names the address of when it was composed. One query."""
    drafts = NextLetter.objects.filter(request=records_request, state=NextLetter.State.DRAFT)
    return list(drafts.only("key", "request", "changed_at").order_by("pk"))


def names_an_old_address(records_request: RecordsRequest, letter: Letter) -> bool:
    """Return whether a letter asks for answers to an address that its request gave up."""
    tokens = RetiredReplyToken.objects.filter(request=records_request).values_list("token", flat=True)
    said = str(dump_letter(letter))
    return any(token in said for token in tokens)
