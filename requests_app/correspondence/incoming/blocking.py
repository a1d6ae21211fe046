"""Rules about senders: mail that needs nobody is set aside as it comes in.

One wrong click must not silence an agency. So a rule is made for no sender whom we ever wrote to or have among an
agency's addresses, and even one that runs lets such mail wait for a person: an agency may become known later. The same
holds for mail to the secret address of an open request or in answer to a letter of it, whoever sends it.

What a rule sets aside is listed with it, and can be brought back together (`bulk`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from requests_app.correspondence.incoming import queries
from requests_app.correspondence.incoming.matching import Match
from requests_app.correspondence.incoming.models import SenderRule
from requests_app.correspondence.incoming.trust import SHARED_DOMAINS, domain_of, is_within
from requests_app.people.models import Person, audit

LONGEST_VALUE: Final = 320

# How a mail was matched by something that only the receivers of our letters know.
_SECRETS: Final = frozenset({"token", "retyped", "thread"})
Kind = SenderRule.Kind


class NotBlocked(Exception):
    """No rule was made. The text says why, and what to do."""


def may_hold(sender: str, match: Match) -> bool:
    """Return whether a rule that runs about a sender holds for a mail of theirs, or it waits for a person all the same.

    Asks the database, so ask only where a rule runs.
    """
    if match.result == "ambiguous" or queries.is_of_an_agency(sender):
        return False  # what may be of several requests names some of ours
    return not (match.how in _SECRETS and queries.any_is_open(match.requests))


def why_not(kind: str, value: str) -> str:
    """Return why no rule can be made for a sender; "" where one can. Two queries."""
    domain = domain_of(value) if kind == Kind.ADDRESS else value
    if not domain or "." not in domain or len(value) > LONGEST_VALUE or not _is_plain(value):
        return _("This is no address or domain that a rule can hold for. No rule was made.")
    if is_within(domain, {settings.REPLY_DOMAIN.lower()}):
        return _("This is our own domain. No rule was made.")
    if kind == Kind.DOMAIN and any(
        is_within(shared, {domain}) or is_within(domain, {shared}) for shared in SHARED_DOMAINS
    ):
        return _(
            "Many people and offices have their addresses at this domain. No rule was made. Make one for the address."
        )
    is_agency = queries.is_of_an_agency(value) if kind == Kind.ADDRESS else queries.has_an_agency(value)
    if is_agency:
        return _(
            "An agency writes from there, and an agency is never shut out. No rule was made; its mail comes in as "
            "before."
        )
    return ""


def start_rule(*, kind: str, value: str, why: str, by: Person, now: datetime) -> tuple[SenderRule, bool]:
    """Make a rule that mail of this sender is set aside from now on. Raises NotBlocked.

    Returns it, or the one that runs already, and whether it is new. Call it inside a transaction.
    """
    plain, reason = value.strip().lower().removeprefix("@"), why.strip()
    if not reason:
        raise NotBlocked(_("Say why, so that others understand. No rule was made."))
    trouble = why_not(kind, plain)
    if trouble:
        raise NotBlocked(trouble)
    rule, is_new = SenderRule.objects.get_or_create(
        value=plain, ended_at=None, defaults={"kind": kind, "why": reason[:500], "by": by, "at": now}
    )
    if is_new:
        audit("sender rule made", rule, by=by, now=now)
    return rule, is_new


def end_rule(rule_id: int, *, by: Person, now: datetime) -> bool:
    """End a rule: mail of that sender waits for a person again. What it set aside stays so until it is brought back.

    Returns whether it ran: a second click changes nothing.
    """
    with transaction.atomic():
        ended = SenderRule.objects.filter(pk=rule_id, ended_at=None).update(ended_at=now, ended_by=by)
        if ended:
            audit("sender rule ended", SenderRule.objects.get(pk=rule_id), by=by, now=now)
    return bool(ended)


def _is_plain(value: str) -> bool:
    return value.isprintable() and not any(sign.isspace() or sign in '<>,;"' for sign in value)
