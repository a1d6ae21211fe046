"""Write down what a message says and where it belongs. Called in the transaction that ends the processing of a mail."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, OuterRef, Subquery
from django.utils.translation import gettext as _

from requests_app.correspondence.delivery.noting import note_reports
from requests_app.correspondence.incoming import guessing, matching, searching
from requests_app.correspondence.incoming.models import (
    IncomingFile,
    IncomingMessage,
    Placement,
    RawMail,
    WrongAddresses,
)
from requests_app.correspondence.incoming.reading import Reading
from requests_app.correspondence.incoming.services.judging import Opened, Verdict
from requests_app.correspondence.incoming.suggested import writing as reading_help
from requests_app.correspondence.incoming.suggesting import Found
from requests_app.correspondence.parsing import Address, ParsedMessage

# What a sender would call an attachment. Pictures in the text are mostly logos: a person can keep one by hand.
RECORD_ROLES = frozenset({"file", "message", "encrypted"})

State, Reason, Kind = IncomingMessage.State, IncomingMessage.TriageReason, IncomingMessage.Kind


WRONG_ADDRESSES_KEPT = timedelta(days=7)


def count_wrong_addresses(mails: Iterable[tuple[RawMail, Verdict]]) -> None:
    """Count the addresses that were never given out, once for each mail, for the server that sent it in its hour."""
    found: Counter[tuple[str, datetime]] = Counter()
    for raw, verdict in mails:
        if raw.message_id is None and verdict.wrong_addresses:
            found[verdict.server, guessing.hour_of(raw.stored_at)] += verdict.wrong_addresses
    for (server, hour), wrong in sorted(found.items()):
        counted, more = WrongAddresses.objects.filter(server=server, hour=hour), F("count") + wrong
        if counted.update(count=more):
            continue
        try:
            with transaction.atomic():
                WrongAddresses.objects.create(server=server, hour=hour, count=wrong)
        except IntegrityError:  # another worker began this hour a moment ago
            counted.update(count=more)
        WrongAddresses.objects.filter(hour__lt=hour - WRONG_ADDRESSES_KEPT).delete()


def kind_of(message: ParsedMessage) -> IncomingMessage.Kind:
    if message.is_bounce:
        return Kind.BOUNCE
    if message.bounce is not None:
        return Kind.REPORT
    if message.receipt is not None:
        return Kind.RECEIPT
    if message.auto_reply == "challenge":
        return Kind.CHALLENGE
    return Kind.AUTO_REPLY if message.is_auto_reply else Kind.MESSAGE


@dataclass(frozen=True, slots=True)
class Ready:
    """One mail ready to be written down: what its message says, as columns, and under which name."""

    opened: Opened
    kind: IncomingMessage.Kind
    fingerprint: str
    said: dict[str, Any]
    found: Found

    @property
    def raw(self) -> RawMail:
        return self.opened.raw


def ready(opened: Opened) -> Ready:
    """Return a mail ready to be written down."""
    kind = kind_of(opened.message)
    found = reading_help.find(opened.message, kind, opened.raw.stored_at)
    return Ready(opened, kind, fingerprint_of(opened.reading), columns_of(opened, kind), found)


def columns_of(opened: Opened, kind: str) -> dict[str, Any]:
    """Return what the message says, as columns. Everything is cut to its column: the process apart is not trusted."""
    message = opened.message
    bounce = message.bounce
    return {
        "message_id": message.message_id[:500],
        "in_reply_to": message.in_reply_to[:500],
        "references": [one[:500] for one in message.references],
        "from_address": message.from_address[:640],
        "from_name": message.from_name[:320],
        "reply_to": _people(message.reply_to),
        "to": _people(message.to),
        "cc": _people(message.cc),
        "subject": message.subject,
        "sent_at": message.date,
        "received_at": opened.raw.stored_at,
        "kind": kind,
        "automatic": message.auto_reply or "",
        "bounce": {}
        if bounce is None
        else {
            "kind": bounce.kind,
            "recipient": bounce.recipient,
            "status": bounce.status,
            "original_message_id": bounce.original_message_id,
            "diagnostic": bounce.diagnostic[:2000],
        },
        "text": message.text,
        "html": message.html,
        "notes": [[note.code, dict(note.values)] for note in message.notes],
        "authentication": asdict(opened.proof),
    }


def fingerprint_of(reading: Reading) -> str:
    """Return the name of a message by what its sender wrote, the same for every copy of it.

    Message-ID, sender, date, subject, text and the hashes of the attachments: two mails that share a Message-ID by some
    program's mistake are two messages, and one mail that came twice, with other lines of servers, is one.
    """
    message = reading.message
    # Without a date of its own, a mail shows when a server took it in, which differs from copy to copy.
    dated = message.date is not None and all(note.code != "date_from_server" for note in message.notes)
    said = [
        message.message_id,
        message.from_address.lower(),
        message.date.isoformat() if dated and message.date else "",
        message.subject,
        message.text,
        *(part.sha256 for part in reading.parts),
    ]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def write_new(mails: Sequence[tuple[Ready, Verdict]], now: datetime) -> list[IncomingMessage]:
    """Write messages that were not here before, with their files and places: in the same few queries however many.

    Raises IntegrityError when one of them is here; then nothing may stay of the others either.
    """
    made = []
    for one, verdict in mails:
        columns = one.said | verdict.columns()
        files = _files_of(one.opened.reading, one.kind)
        due = verdict.state == State.FILED and bool(verdict.match.requests) and any(_is_due(file) for file in files)
        made.append((IncomingMessage(raw=one.raw, fingerprint=one.fingerprint, files_pending=due, **columns), files))
    filed = IncomingMessage.objects.bulk_create([message for message, _files in made])
    placements = (
        placement
        for message, (_one, verdict) in zip(filed, mails, strict=True)
        for placement in _placements(message, verdict.match, now)
    )
    Placement.objects.bulk_create(placements)
    for message, files in made:
        for file in files:
            file.message = message
    IncomingFile.objects.bulk_create(file for _message, files in made for file in files)
    searching.keep([message.pk for message in filed])
    reading_help.note((message, one.found) for message, (one, _verdict) in zip(filed, mails, strict=True))
    own = IncomingMessage.objects.filter(raw=OuterRef("pk")).values("pk")
    RawMail.objects.filter(pk__in=[one.raw.pk for one, _verdict in mails]).update(message=Subquery(own))
    for message, (one, _verdict) in zip(filed, mails, strict=True):
        one.raw.message = message
    note_reports([message.bounced_letter_id for message in filed], now=now)
    return filed


def _is_due(file: IncomingFile) -> bool:
    return file.is_record and not file.trouble


def place(filed: IncomingMessage, match: matching.Match, now: datetime) -> None:
    Placement.objects.bulk_create(_placements(filed, match, now))


def _placements(filed: IncomingMessage, match: matching.Match, now: datetime) -> list[Placement]:
    if match.result != "placed":
        return []
    return [Placement(message=filed, request_id=request, how=match.how or "", at=now) for request in match.requests]


def place_more(filed: IncomingMessage, match: matching.Match, now: datetime) -> set[int]:
    """Place a message on those requests on which it never was: what a person moved away stays away.

    Returns the requests on which it was before.
    """
    placed = set(Placement.objects.filter(message=filed).values_list("request_id", flat=True))
    missing = tuple(request for request in match.requests if request not in placed)
    place(filed, replace(match, requests=missing), now)
    if missing:
        _count_change(filed)
    return placed


def learn_from_copy(filed: IncomingMessage, verdict: Verdict, now: datetime) -> None:
    """Let another copy of a message say what the first did not: one more address, or a proof of its sender.

    Never more: a copy takes nothing back, and changes nothing that a person settled. A copy that is not trusted adds a
    request only where the message itself still waits for a person.
    """
    if _is_settled(filed) or verdict.match.result != "placed":
        return
    is_waiting = filed.state == State.TRIAGE or _is_set_aside_by_rule(filed)
    if verdict.state != State.FILED and not is_waiting:
        return
    placed = place_more(filed, verdict.match, now)
    # The proof holds for the requests of this copy; the message may be filed only when it is on no other.
    proven = verdict.state == State.FILED and placed <= set(verdict.match.requests)
    may_say_more = filed.triage_reason in {Reason.UNMATCHED, Reason.AMBIGUOUS} or _is_set_aside_by_rule(filed)
    if is_waiting and (proven or may_say_more):
        _rewrite(filed, verdict.columns())


def read_again(
    filed: IncomingMessage, fingerprint: str, said: dict[str, Any], verdict: Verdict, now: datetime
) -> IncomingMessage:
    """Write anew what a message says, because it was read again; what a person decided about it stays.

    Returns it, or the message of which it turns out to be a copy.
    """
    is_open = not _is_settled(filed) and (filed.state == State.TRIAGE or _is_set_aside_by_rule(filed))
    twin = IncomingMessage.objects.filter(fingerprint=fingerprint).exclude(pk=filed.pk).first()
    if twin is not None and is_open:
        # It could not be read, or was read otherwise, when another copy came: that one is the message.
        _rewrite(filed, {"state": State.SET_ASIDE, "triage_reason": Reason.DUPLICATE})
        return twin
    _rewrite(filed, said if twin is not None else {**said, "fingerprint": fingerprint})
    if is_open:
        Placement.objects.filter(message=filed, by__isnull=True, ended_at__isnull=True).delete()
        _rewrite(filed, verdict.columns())
        place_more(filed, verdict.match, now)
    elif twin is None:
        learn_from_copy(filed, verdict, now)  # it may have come to one more address of ours
    return filed


def _is_settled(filed: IncomingMessage) -> bool:
    """Return whether a person decided where it is. Who brought it back wants a person to look at it again."""
    return filed.settled_at is not None or filed.triage_reason == Reason.BROUGHT_BACK


def _is_set_aside_by_rule(filed: IncomingMessage) -> bool:
    return filed.state == State.SET_ASIDE and filed.rule_id is not None and filed.settled_at is None


def _count_change(filed: IncomingMessage) -> None:
    """Let a person who acts on what they saw before notice that it has changed meanwhile."""
    IncomingMessage.objects.filter(pk=filed.pk).update(changes=F("changes") + 1)


# What a person goes by who decides where a message belongs.
_SEEN_BY_PEOPLE = ("state", "triage_reason", "trust", "suggestions")


def _rewrite(filed: IncomingMessage, columns: dict[str, Any]) -> None:
    if any(name in columns and columns[name] != getattr(filed, name) for name in _SEEN_BY_PEOPLE):
        _count_change(filed)
    for name, value in columns.items():
        setattr(filed, name, value)
    filed.save(update_fields=list(columns))


def clear_files(filed: IncomingMessage) -> list[IncomingFile]:
    """Forget what was noted of a message's parts, except what became a document; return that."""
    IncomingFile.objects.filter(message=filed, kept__isnull=True).delete()
    return list(IncomingFile.objects.filter(message=filed))


def note_files(filed: IncomingMessage, reading: Reading, kind: str, there: Sequence[IncomingFile]) -> None:
    """Note the parts of the message. Of those noted before, what became a document stays, under its number."""
    kept = {(file.sha256, file.name) for file in there}
    taken = {file.ordinal for file in there}
    made, spare = [], max([*taken, len(reading.parts)], default=0)
    for file in _files_of(reading, kind):
        if (file.sha256, file.name) in kept:
            continue
        if file.ordinal in taken:
            spare += 1
            file.ordinal = spare
        file.message = filed
        made.append(file)
    IncomingFile.objects.bulk_create(made)


def _files_of(reading: Reading, kind: str) -> list[IncomingFile]:
    """Return a row for each part of a message, without the message."""
    return [
        IncomingFile(
            ordinal=ordinal,
            name=attachment.safe_name[:255],
            original_name=attachment.name[:1000],
            content_type=attachment.content_type[:200],
            size=part.size,
            sha256=part.sha256,
            inline=attachment.inline,
            role=attachment.role,
            is_record=kind == Kind.MESSAGE and attachment.role in RECORD_ROLES and part.size > 0,
            trouble=_("It was not taken out of the mail, which is too large to unpack.") if attachment.omitted else "",
        )
        for ordinal, (attachment, part) in enumerate(zip(reading.message.attachments, reading.parts, strict=True))
    ]


def _people(found: Iterable[Address]) -> list[dict[str, str]]:
    return [{"address": one.address[:640], "name": one.name[:320]} for one in found]
