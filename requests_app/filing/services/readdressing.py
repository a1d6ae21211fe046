"""Give a request a new address for answers, where the old one fell into the wrong hands."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from requests_app.filing.lifecycle import Status
from requests_app.filing.models import RecordsRequest, RetiredReplyToken
from requests_app.filing.reply_addresses import new_token
from requests_app.filing.services.recording import add_note
from requests_app.people.models import Person, audit

LONGEST_REASON = 500


class AddressNotChanged(Exception):
    """The request kept its address. The text says why, and what to do."""


@transaction.atomic
def give_new_address(request_id: int, *, why: str, seen: int, by: Person, now: datetime) -> RecordsRequest:
    """Give a request a new address for answers, and keep the old one as retired. Returns the request.

    `seen`: how many addresses it had given up when the person looked; another number means that somebody was quicker.

    1. Replace the token on the condition that it is still the one that was read: of two clicks, one does it.
    2. Keep the old one: mail to it is still found, and waits for a coordinator.
    3. Leave a note with the reason, for those who work on the request, and put it into the audit trail.

    No status or date changes, and nobody is written to. Raises AddressNotChanged.
    """
    reason = why.replace("\x00", "").strip()
    if not reason:
        raise AddressNotChanged(_("Say why the address is changed: others read it. Nothing was changed."))
    if len(reason) > LONGEST_REASON:
        raise AddressNotChanged(
            _("The reason is longer than %(most)d characters. Shorten it; nothing was changed.")
            % {"most": LONGEST_REASON}
        )
    found = RecordsRequest.objects.get(pk=request_id)
    if found.status in (Status.READY, Status.SENDING):
        raise AddressNotChanged(
            _("The letter has not left yet, so nobody outside knows this address. Nothing was changed.")
        )
    old = found.reply_token
    if RetiredReplyToken.objects.filter(request=found).count() != seen:
        raise AddressNotChanged(_("Somebody else changed this address while you looked. Look at it again."))
    if not RecordsRequest.objects.filter(pk=found.pk, reply_token=old).update(reply_token=new_token()):
        raise AddressNotChanged(_("Somebody else changed this address while you looked. Look at it again."))
    RetiredReplyToken.objects.create(request=found, token=old, retired_at=now, retired_by=by, why=reason)
    add_note(found.pk, text=_("This request has a new address for answers. %(why)s") % {"why": reason}, by=by, now=now)
    audit("reply address changed", found, by=by, now=now, why=reason)
    found.refresh_from_db()
    return found
