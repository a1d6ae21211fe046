"""Erase the bytes of a mail for good."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from requests_app.correspondence.incoming import permissions, queries, searching
from requests_app.correspondence.incoming.models import Arrival, IncomingFile, IncomingMessage, RawMail
from requests_app.correspondence.incoming.services.taking_in import remove_bytes
from requests_app.correspondence.incoming.suggested import writing as reading_help
from requests_app.people.models import Person, audit

log = logging.getLogger(__name__)


class NotErased(Exception):
    """The mail was not erased. The text says why."""


def erase(sha256: str, *, by: Person, why: str, now: datetime) -> RawMail:
    """Erase the bytes of a mail for good. Who did it, when and why stays; so do documents made of its files.

    What the message says goes too when no other copy of it is left. Raises NotErased.
    """
    if not permissions.can_erase_mail(by):
        raise NotErased(_("Only an administrator can erase a mail. Nothing was erased."))
    if not why.strip():
        raise NotErased(_("Say why the mail is erased: the reason stays. Nothing was erased."))
    with transaction.atomic():
        raw = RawMail.objects.select_for_update().get(pk=sha256)
        if raw.erased_at is None:
            raw.erased_at, raw.erased_by, raw.erased_why = now, by, why.strip()[:500]
            raw.save(update_fields=["erased_at", "erased_by", "erased_why"])
            Arrival.objects.filter(raw=raw).update(envelope_from="", envelope_to=[])
            if raw.message_id is not None and not queries.kept_mails().filter(message=raw.message_id).exists():
                _forget(raw.message_id)
            audit("mail erased", raw, by=by, now=now, why=raw.erased_why)
    remove_bytes(raw.pk)
    log.info("mail %s erased", raw.pk[:12])
    return raw


def erase_message(message_id: int, *, by: Person, why: str, now: datetime) -> int:
    """Erase every copy of a message for good. Returns how many copies were erased; 0 when all were before."""
    copies = queries.copies_to_erase(message_id)
    for raw in copies:
        erase(raw.pk, by=by, why=why, now=now)
    return len(copies)


def _forget(message_id: int) -> None:
    searching.forget([message_id])
    IncomingMessage.objects.filter(pk=message_id).update(
        from_address="", from_name="", reply_to=[], to=[], cc=[], subject="", text="", html="", notes=[], bounce={},
        authentication={}, files_pending=False,
    )  # fmt: skip
    reading_help.forget(message_id)
    IncomingFile.objects.filter(message=message_id).update(name=_("erased"), original_name="", is_record=False)
