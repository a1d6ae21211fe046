"""A person's corrections of addresses typed with a slip: remembered, gone by, shown, and forgotten again.

An agency that copied an address off paper makes the same slip every time. Where a coordinator says to which request
such a mail belongs, the exact local part is remembered, and only one that may be a token of ours: never `records` or
`info`. Mail to it is then matched as "typed with a slip"; who may be trusted is judged as ever.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from requests_app.correspondence.incoming import matching, queries
from requests_app.correspondence.incoming.models import Arrival, IncomingMessage, RetypedToken
from requests_app.filing.our_addresses import address_form
from requests_app.people.models import Person, audit


class NotForgotten(Exception):
    """The correction was not ended. The text says why."""


def remember(message: IncomingMessage, request_id: int, *, by: Person, now: datetime) -> tuple[list[int], list[int]]:
    """Remember for which request a person says the mistyped address of a message is. Call it inside the act.

    Returns the corrections made and those that it replaces. Nothing is remembered where the message has no such
    address, or several: which of them was meant is then anybody's guess.
    """
    wrong = wrong_addresses_of(message)
    if len(wrong) != 1:
        return [], []
    running = RetypedToken.objects.filter(local_part=wrong[0], ended_at__isnull=True)
    if running.filter(request=request_id).exists():
        return [], []
    replaced = list(running.values_list("pk", flat=True))
    _end(replaced, by=by, now=now)
    made = RetypedToken.objects.create(local_part=wrong[0], request_id=request_id, message=message, by=by, at=now)
    return [made.pk], replaced


def take_back(made: Iterable[int], replaced: Iterable[int], *, by: Person, now: datetime) -> None:
    """Undo what `remember` did; what was replaced runs again, unless somebody said something newer of that address."""
    _end(made, by=by, now=now)
    for correction in RetypedToken.objects.filter(pk__in=list(replaced), ended_at__isnull=False):
        if not RetypedToken.objects.filter(local_part=correction.local_part, ended_at__isnull=True).exists():
            RetypedToken.objects.filter(pk=correction.pk).update(ended_at=None, ended_by=None)


def forget(correction_id: int, *, by: Person, now: datetime) -> RetypedToken:
    """End a correction: mail to that address is no longer taken for its request. What was filed by it stays.

    Raises NotForgotten, RetypedToken.DoesNotExist.
    """
    with transaction.atomic():
        found = RetypedToken.objects.select_related("request").get(pk=correction_id)
        if not _end([found.pk], by=by, now=now):
            raise NotForgotten(_("This correction was ended before. Nothing was changed."))
        audit("mail correction forgotten", found, by=by, now=now, request=found.request_id)
    return found


def running() -> QuerySet[RetypedToken]:
    """Return the corrections that are gone by, the newest first."""
    return RetypedToken.objects.filter(ended_at__isnull=True).select_related("request__agency", "by").order_by("-pk")


def about(message: IncomingMessage, arrivals: Iterable[Arrival]) -> list[RetypedToken]:
    """Return the corrections that are gone by for addresses of a message. One query, or none."""
    local_parts = [one.local for one in _clues(message, arrivals).addressed if one.is_tokenlike]
    return list(running().filter(local_part__in=local_parts)) if local_parts else []


def wrong_addresses_of(message: IncomingMessage) -> list[str]:
    """Return the local parts of our addresses to which a message was sent that may be tokens, and are none as written.

    An address that the program reads in spite of its slip is among them: a person may know better.
    """
    clues = _clues(message, Arrival.objects.filter(raw__message=message))
    known = queries.known_for([clues])
    return [one.local for one in clues.addressed if one.is_tokenlike and not one.is_in(known.tokens)]


def _clues(message: IncomingMessage, arrivals: Iterable[Arrival]) -> matching.Clues:
    return matching.clues_in(
        envelope_to=[address for arrival in arrivals for address in arrival.envelope_to],
        recipients=[one.get("address", "") for one in (*message.to, *message.cc)],
        in_reply_to="", references=(), subject="", form=address_form(),
    )  # fmt: skip


def _end(corrections: Iterable[int], *, by: Person, now: datetime) -> int:
    running = RetypedToken.objects.filter(pk__in=list(corrections), ended_at__isnull=True)
    return running.update(ended_at=now, ended_by=by)
