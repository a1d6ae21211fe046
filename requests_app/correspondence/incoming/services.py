"""The one door for mail in: keep it, read it, place it, make documents of its files, erase it.

Promises, whatever dies at whatever instruction:

1. What a way in was told is safe (`take_in` returned) is on the disk and in a row.
2. The same mail, by whatever ways and however often, is one `RawMail` for the same bytes and one `IncomingMessage` for
   the same message.
3. A mail that was taken in is filed or lies before a person; none is skipped, and none holds back another.
4. Nothing here changes a request: no event, no status, no clock. A person does that.
"""

from __future__ import annotations

import enum
import hashlib
import json
import logging
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from requests_app.correspondence.incoming import matching, queries, trust
from requests_app.correspondence.incoming.models import (
    Arrival,
    IncomingFile,
    IncomingMessage,
    KeptFile,
    Placement,
    RawMail,
)
from requests_app.correspondence.incoming.reader import NotRead, Reader
from requests_app.correspondence.incoming.reading import PARSER_VERSION, Reading
from requests_app.correspondence.parsing import Address, ParsedMessage, fold_text, read_authentication
from requests_app.documents import services as documents
from requests_app.documents.identify import NotKept
from requests_app.documents.models import Document
from requests_app.documents.store import EmptyFile, Store, StoreTrouble, TooLarge
from requests_app.filing import lawbook
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Person, Role, audit

log = logging.getLogger(__name__)

BATCH = 100
BATCH_SECONDS = 120  # well under CELERY_TASK_TIME_LIMIT; what is left waits for the next beat
TRIES = 5  # claims that ended without a word; then the mail lies before a person as it came
FILES_AGAIN = timedelta(minutes=5)
# What a sender would call an attachment. Pictures in the text are mostly logos: a person can keep one by hand.
RECORD_ROLES = frozenset({"file", "message", "encrypted"})

State, Reason, Kind = IncomingMessage.State, IncomingMessage.TriageReason, IncomingMessage.Kind


class NotErased(Exception):
    """The mail was not erased. The text says why."""


class Outcome(enum.Enum):
    """What became of one try to process a mail."""

    NOT_DUE = enum.auto()  # another worker has it or had it
    FILED = enum.auto()
    TRIAGE = enum.auto()
    COPY = enum.auto()  # of a message that was here already
    FAILED = enum.auto()


def the_mail_store() -> Store:
    """Return the store of the mails as they came; the returned documents have another."""
    return Store(Path(settings.STORE_DIR) / "mail")


def mail_limit() -> int:
    """Return how large one mail may be, in bytes."""
    return int(settings.MAIL_IN_LIMIT_MB) * 1024 * 1024


# --- Taking in ----------------------------------------------------------------------------------------------------


def take_in(
    chunks: Iterable[bytes],
    *,
    way: str,
    envelope_from: str = "",
    envelope_to: Sequence[str] = (),
    source_key: str = "",
    headers_only: bool = False,
    now: datetime,
) -> RawMail:
    """Keep one mail as it came. When this returned, and not before, a way in may say that it is done.

    1. Store the bytes under their hash, flushed to the disk.
    2. In one transaction, note the mail and this arrival of it. A repeat finds both and changes nothing.

    A mail that an administrator erased stays erased: only its arrival is noted.
    Raises StoreTrouble (empty, too large, disk full); OSError or DatabaseError when a later try may work.
    """
    store = the_mail_store()
    stored, _nothing = store.put(chunks, limit=mail_limit(), inspect=lambda path: None)
    arrival = {
        "envelope_from": _storable(envelope_from),
        "envelope_to": [_storable(address) for address in envelope_to],
        "at": now,
    }
    with transaction.atomic():
        raw, is_new = RawMail.objects.get_or_create(
            sha256=stored.sha256, defaults={"size": stored.size, "stored_at": now, "headers_only": headers_only}
        )
        if source_key:
            Arrival.objects.get_or_create(way=way, source_key=source_key, defaults={"raw": raw, **arrival})
        else:
            Arrival.objects.create(raw=raw, way=way, **arrival)
    if raw.erased_at is not None:
        _remove_bytes(raw.pk)
    log.info("mail %s %s by %s", raw.pk[:12], "taken in" if is_new else "came again", way)
    return raw


# --- Processing ---------------------------------------------------------------------------------------------------


def process_waiting(now: datetime) -> bool:
    """Process what waits, one batch, then make documents of the files that are due. Returns whether more may wait."""
    began = monotonic()
    pending = list(queries.waiting(now).values_list("pk", flat=True)[:BATCH])
    done = 0
    with Reader() as reader:
        for sha256 in pending:
            passed = monotonic() - began
            if passed > BATCH_SECONDS:
                return True
            try:
                process(sha256, now=now + timedelta(seconds=passed), reader=reader)
            except Exception as trouble:  # noqa: BLE001  its claim lapses and opens it again; the others must go on
                log.error("mail %s could not be processed: %s", sha256[:12], type(trouble).__name__)
            done += 1
        more_files = keep_due_files(now, reader=reader, until=began + BATCH_SECONDS)
    return done == BATCH or more_files


def process(sha256: str, *, now: datetime, reader: Reader | None = None) -> Outcome:
    """Read one mail and file it or lay it before a person.

    1. Claim it: only one worker's update matches. A mail that has killed every worker so far goes to a person unread.
    2. Read it in a process apart, outside any transaction. What cannot be read goes to a person as it came.
    3. Match and judge.
    4. In one transaction, write the message, its files and where it belongs, and say that the mail is processed.
    5. Make documents of the files of a trusted mail, each a step of its own that can be repeated.
    """
    raw = _claim(sha256, now)
    if raw is None:
        return Outcome.NOT_DUE
    if reader is None:
        with Reader() as own:
            return _process_claimed(raw, now, own)
    return _process_claimed(raw, now, reader)


def _claim(sha256: str, now: datetime) -> RawMail | None:
    taken = queries.waiting(now).filter(pk=sha256).order_by()
    if not taken.update(claimed_at=now, attempts=F("attempts") + 1):
        return None
    return RawMail.objects.get(pk=sha256)


def _process_claimed(raw: RawMail, now: datetime, reader: Reader) -> Outcome:
    if raw.attempts > TRIES:
        return _fail(raw, "every_try_ended", now)
    path = the_mail_store().path(raw.pk)
    if not path.exists():
        return _fail(raw, "bytes_missing", now)
    try:
        reading = reader.read(path)
    except NotRead as trouble:
        return _fail(raw, trouble.code, now)
    if any(note.code == "unreadable" for note in reading.message.notes):
        return _fail(raw, "unreadable", now)
    outcome = _file(raw, reading, now)
    if outcome is Outcome.FILED and raw.message_id is not None:
        keep_files(raw.message_id, now=now, reader=reader)
    return outcome


@dataclass(frozen=True)
class _Verdict:
    """What the program makes of a mail: where it belongs, how far it is trusted, and so where it goes."""

    match: matching.Match
    judgement: trust.Judgement
    state: IncomingMessage.State
    reason: str
    letter_id: int | None = None

    def columns(self) -> dict[str, Any]:
        return {
            "trust": self.judgement.level,
            "reasons": list(self.judgement.reasons),
            "state": self.state,
            "triage_reason": self.reason,
            "suggestions": list(self.match.requests) if self.match.result == "ambiguous" else [],
            "bounced_letter_id": self.letter_id,
        }


def _file(raw: RawMail, reading: Reading, now: datetime) -> Outcome:
    message = reading.message
    kind, verdict = _kind_of(message), _verdict_on(raw, message)
    said = _columns_of(raw, reading, kind)
    with transaction.atomic():
        if not _own_claim(raw).update(
            state=RawMail.State.PROCESSED, claimed_at=None, trouble="", parser_version=PARSER_VERSION
        ):
            return Outcome.NOT_DUE  # a worker that took this one for dead was quicker
        fingerprint = said.pop("fingerprint")
        # Locked: a person may be settling it at this moment, and what a person decided stays.
        locked = IncomingMessage.objects.select_for_update()
        known = locked.filter(raw=raw).first()
        if known is not None:
            filed, outcome = _read_again(known, fingerprint, said, verdict, now)
        elif raw.message_id is not None:
            # A copy stays a copy, though the parser of today may see a difference between the two.
            filed, outcome = locked.get(pk=raw.message_id), Outcome.COPY
            _learn_from_copy(filed, verdict, now)
        else:
            filed, is_new = IncomingMessage.objects.get_or_create(
                fingerprint=fingerprint, defaults={"raw": raw, **said, **verdict.columns()}
            )
            outcome = Outcome.COPY
            if is_new:
                _place(filed, verdict.match, now)
                outcome = Outcome.FILED if verdict.state == State.FILED else Outcome.TRIAGE
            else:
                filed = locked.get(pk=filed.pk)
                _learn_from_copy(filed, verdict, now)
        if outcome is not Outcome.COPY:
            _note_files(filed, reading, kind, _clear_files(filed) if known is not None else [])
        note_due_files(filed)
        RawMail.objects.filter(pk=raw.pk).update(message=filed)
        raw.message = filed
    log.info("mail %s is message %s: %s", raw.pk[:12], filed.pk, outcome.name.lower())
    return outcome


def _verdict_on(raw: RawMail, message: ParsedMessage) -> _Verdict:
    """Match and judge one mail. Reads a few rows; writes nothing."""
    clues = _clues(raw, message)
    match = matching.match(clues, queries.known_for(clues, sender=message.from_address))
    requests = match.requests if match.result == "placed" else ()
    judgement = _judge(message, requests)
    letter_id = None
    if message.bounce is not None:
        letter_id = queries.letter_reported_on(message.bounce.original_message_id, message.bounce.recipient, requests)
    state, reason = State.TRIAGE, ""
    if raw.headers_only:
        reason = Reason.TOO_LARGE
    elif match.result == "ambiguous":
        reason = Reason.AMBIGUOUS
    elif match.result == "none":
        reason = Reason.UNMATCHED
    elif judgement.level == "trusted" or (letter_id is not None and match.how == "thread"):
        # A mail server's report comes from no contact of ours, but names a letter that only we and its receiver know.
        state = State.FILED
    else:
        reason = Reason.QUARANTINED
    return _Verdict(match, judgement, state, reason, letter_id)


def _clues(raw: RawMail, message: ParsedMessage) -> matching.Clues:
    recipients = [*message.envelope_to, *(one.address for one in (*message.to, *message.cc))]
    return matching.clues_in(
        envelope_to=_envelope_recipients(raw),
        recipients=recipients,
        in_reply_to=message.in_reply_to,
        references=message.references,
        subject=message.subject,
        form=matching.Form(settings.REPLY_MAILBOX, settings.REPLY_DOMAIN),
        reports_on=message.bounce.original_message_id if message.bounce else "",
    )


def _envelope_recipients(raw: RawMail) -> list[str]:
    envelopes = Arrival.objects.filter(raw=raw).values_list("envelope_to", flat=True)
    return list(dict.fromkeys(address for envelope in envelopes for address in envelope))


def _judge(message: ParsedMessage, requests: Collection[int]) -> trust.Judgement:
    claim = trust.Claim(
        address=message.from_address,
        name=message.from_name,
        reply_to=tuple(one.address for one in message.reply_to),
        new_text="".join(message.text[span.start : span.end] for span in fold_text(message.text) if span.kind == "new"),
        authentication=read_authentication(message.headers, settings.MAIL_AUTHSERV_ID),
    )
    ours = frozenset({settings.REPLY_DOMAIN.lower()})
    senders = queries.senders_of(requests).values() if requests else [trust.KnownSender()]
    return trust.worst(
        trust.judge(claim, sender, ours=ours, trust_unchecked=settings.MAIL_TRUST_UNCHECKED) for sender in senders
    )


def _kind_of(message: ParsedMessage) -> IncomingMessage.Kind:
    if message.is_bounce:
        return Kind.BOUNCE
    if message.bounce is not None:
        return Kind.REPORT
    if message.receipt is not None:
        return Kind.RECEIPT
    if message.auto_reply == "challenge":
        return Kind.CHALLENGE
    return Kind.AUTO_REPLY if message.is_auto_reply else Kind.MESSAGE


def _columns_of(raw: RawMail, reading: Reading, kind: str) -> dict[str, Any]:
    """Return what the message says, as columns. Everything is cut to its column: the process apart is not trusted."""
    message = reading.message
    bounce = message.bounce
    return {
        "fingerprint": fingerprint_of(reading),
        "message_id": _cut(message.message_id, 500),
        "in_reply_to": _cut(message.in_reply_to, 500),
        "references": [_cut(one, 500) for one in message.references],
        "from_address": _cut(message.from_address, 640),
        "from_name": _cut(message.from_name, 320),
        "reply_to": _people(message.reply_to),
        "to": _people(message.to),
        "cc": _people(message.cc),
        "subject": message.subject,
        "sent_at": message.date,
        "received_at": raw.stored_at,
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
        "authentication": asdict(read_authentication(message.headers, settings.MAIL_AUTHSERV_ID)),
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


def _place(filed: IncomingMessage, match: matching.Match, now: datetime) -> None:
    if match.result == "placed":
        Placement.objects.bulk_create(
            Placement(message=filed, request_id=request, how=match.how or "", at=now) for request in match.requests
        )


def _place_more(filed: IncomingMessage, match: matching.Match, now: datetime) -> set[int]:
    """Place a message on those requests on which it never was: what a person moved away stays away.

    Returns the requests on which it was before.
    """
    placed = set(Placement.objects.filter(message=filed).values_list("request_id", flat=True))
    missing = tuple(request for request in match.requests if request not in placed)
    _place(filed, replace(match, requests=missing), now)
    if missing:
        _count_change(filed)
    return placed


def _learn_from_copy(filed: IncomingMessage, verdict: _Verdict, now: datetime) -> None:
    """Let another copy of a message say what the first did not: one more address, or a proof of its sender.

    Never more: a copy takes nothing back, and changes nothing that a person settled. A copy that is not trusted adds a
    request only where the message itself still waits for a person.
    """
    if _is_settled(filed) or verdict.match.result != "placed":
        return
    is_waiting = filed.state == State.TRIAGE
    if verdict.state != State.FILED and not is_waiting:
        return
    placed = _place_more(filed, verdict.match, now)
    # The proof holds for the requests of this copy; the message may be filed only when it is on no other.
    proven = verdict.state == State.FILED and placed <= set(verdict.match.requests)
    if is_waiting and (proven or filed.triage_reason in {Reason.UNMATCHED, Reason.AMBIGUOUS}):
        _rewrite(filed, verdict.columns())


def _read_again(
    filed: IncomingMessage, fingerprint: str, said: dict[str, Any], verdict: _Verdict, now: datetime
) -> tuple[IncomingMessage, Outcome]:
    """Write anew what a message says, because it was read again; what a person decided about it stays."""
    is_open = not _is_settled(filed) and filed.state == State.TRIAGE
    twin = IncomingMessage.objects.filter(fingerprint=fingerprint).exclude(pk=filed.pk).first()
    if twin is not None and is_open:
        # It could not be read, or was read otherwise, when another copy came: that one is the message.
        _rewrite(filed, {"state": State.SET_ASIDE, "triage_reason": Reason.DUPLICATE})
        return twin, Outcome.COPY
    _rewrite(filed, said if twin is not None else {**said, "fingerprint": fingerprint})
    if is_open:
        Placement.objects.filter(message=filed, by__isnull=True, ended_at__isnull=True).delete()
        _rewrite(filed, verdict.columns())
        _place_more(filed, verdict.match, now)
    return filed, Outcome.FILED if filed.state == State.FILED else Outcome.TRIAGE


def _is_settled(filed: IncomingMessage) -> bool:
    """Return whether a person decided where it is. Who brought it back wants a person to look at it again."""
    return filed.settled_at is not None or filed.triage_reason == Reason.BROUGHT_BACK


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
    filed.save(update_fields=[name.removesuffix("_id") if name == "bounced_letter_id" else name for name in columns])


def _clear_files(filed: IncomingMessage) -> list[IncomingFile]:
    """Forget what was noted of a message's parts, except what became a document; return that."""
    IncomingFile.objects.filter(message=filed, kept__isnull=True).delete()
    return list(IncomingFile.objects.filter(message=filed))


def _note_files(filed: IncomingMessage, reading: Reading, kind: str, there: Sequence[IncomingFile]) -> None:
    """Note the parts of the message. Of those noted before, what became a document stays, under its number."""
    kept = {(file.sha256, file.name): file for file in there}
    taken = {file.ordinal for file in kept.values()}
    made, spare = [], max([*taken, len(reading.parts)], default=0)
    for ordinal, (attachment, part) in enumerate(zip(reading.message.attachments, reading.parts, strict=True)):
        name = attachment.safe_name[:255]
        if (part.sha256, name) in kept:
            continue
        if ordinal in taken:
            spare += 1
            ordinal = spare
        made.append(
            IncomingFile(
                message=filed,
                ordinal=ordinal,
                name=name,
                original_name=_cut(attachment.name, 1000),
                content_type=_cut(attachment.content_type, 200),
                size=part.size,
                sha256=part.sha256,
                inline=attachment.inline,
                role=attachment.role,
                is_record=kind == Kind.MESSAGE and attachment.role in RECORD_ROLES and part.size > 0,
                trouble=_("It was not taken out of the mail, which is too large to unpack.")
                if attachment.omitted
                else "",
            )
        )
    IncomingFile.objects.bulk_create(made)


def _fail(raw: RawMail, trouble: str, now: datetime) -> Outcome:
    """Lay a mail before a person as it came, with what its envelope says. `reprocess_mail` tries again."""
    clues = matching.clues_in(
        envelope_to=_envelope_recipients(raw), recipients=(), in_reply_to="", references=(), subject="",
        form=matching.Form(settings.REPLY_MAILBOX, settings.REPLY_DOMAIN),
    )  # fmt: skip
    match = matching.match(clues, queries.known_for(clues, sender=""))
    sender = Arrival.objects.filter(raw=raw).exclude(envelope_from="").values_list("envelope_from", flat=True).first()
    with transaction.atomic():
        if not _own_claim(raw).update(
            state=RawMail.State.FAILED, claimed_at=None, trouble=trouble, parser_version=PARSER_VERSION
        ):
            return Outcome.NOT_DUE
        if raw.message_id is None:
            # A message that was read once stays as it was read.
            filed, _is_new = IncomingMessage.objects.get_or_create(
                fingerprint=hashlib.sha256(f"not read: {raw.pk}".encode()).hexdigest(),
                defaults={
                    "raw": raw,
                    "from_address": sender or "",
                    "received_at": raw.stored_at,
                    "state": State.TRIAGE,
                    "triage_reason": Reason.FAILED,
                    "suggestions": list(match.requests),
                },
            )
            RawMail.objects.filter(pk=raw.pk).update(message=filed)
    log.error("mail %s could not be read: %s", raw.pk[:12], trouble)
    return Outcome.FAILED


def _own_claim(raw: RawMail) -> QuerySet[RawMail]:
    # A worker that was thought dead must not write after its successor.
    return RawMail.objects.filter(pk=raw.pk, state=RawMail.State.WAITING, claimed_at=raw.claimed_at)


def reprocess(mails: QuerySet[RawMail]) -> int:
    """Let these mails be read again, after a fix; the next processing takes them. Returns how many."""
    return mails.filter(erased_at__isnull=True).update(
        state=RawMail.State.WAITING, claimed_at=None, attempts=0, trouble=""
    )


# --- Files --------------------------------------------------------------------------------------------------------


def note_due_files(filed: IncomingMessage) -> None:
    """Say whether files of a message are still to become documents. Call it in the transaction that changed that."""
    due = filed.state == State.FILED and bool(_missing(filed))
    IncomingMessage.objects.filter(pk=filed.pk).update(files_pending=due, files_due_at=None)


def _missing(filed: IncomingMessage) -> list[tuple[IncomingFile, int]]:
    """Return the files of a message that are records, each with a request of which it is no document yet."""
    requests = list(
        Placement.objects.filter(message=filed, ended_at__isnull=True)
        .order_by("pk")
        .values_list("request_id", flat=True)
    )
    files = list(IncomingFile.objects.filter(message=filed, is_record=True, trouble="").order_by("ordinal"))
    kept = set(KeptFile.objects.filter(file__in=files).values_list("file_id", "request_id"))
    return [(file, request) for file in files for request in requests if (file.pk, request) not in kept]


def keep_due_files(now: datetime, *, reader: Reader, until: float) -> bool:
    """Make documents of the files that are due. Returns whether some were left for want of time."""
    for message_id in list(queries.with_files_due(now).values_list("pk", flat=True)[:BATCH]):
        if monotonic() > until:
            return True
        try:
            keep_files(message_id, now=now, reader=reader)
        except Exception as trouble:  # noqa: BLE001  it stays due; the others must go on
            log.error("files of message %s could not be kept: %s", message_id, type(trouble).__name__)
            IncomingMessage.objects.filter(pk=message_id).update(files_due_at=now + FILES_AGAIN)
    return False


def keep_files(message_id: int, *, now: datetime, reader: Reader) -> int:
    """Make returned documents of the files of a filed message, one after another. Returns how many there are now.

    Each is a step of its own: after a crash, the next call makes those that are missing. What the house does not take,
    a program or an empty file, is marked with the reason. A full disk leaves the rest for later.
    """
    filed = IncomingMessage.objects.get(pk=message_id)
    if filed.state != State.FILED:
        return 0
    missing = _missing(filed)
    requests = RecordsRequest.objects.in_bulk({request for _file, request in missing})
    done = 0
    for file, request_id in missing:
        if file.trouble:
            continue  # of another request, a moment ago
        try:
            _keep(filed, file, requests[request_id], reader, now)
            done += 1
        except (NotKept, EmptyFile, TooLarge) as trouble:
            _mark(file, str(trouble))
        except NotRead as trouble:
            log.error("file %s could not be taken out of its mail: %s", file.pk, trouble.code)
            _mark(file, _("It could not be taken out of the mail. The mail itself is kept as it came."))
        except StoreTrouble as trouble:
            log.error("files of message %s must wait: %s", filed.pk, type(trouble).__name__)
            IncomingMessage.objects.filter(pk=filed.pk).update(files_due_at=now + FILES_AGAIN)
            return done
    with transaction.atomic():
        # Locked: a person may be placing it on another request at this moment.
        note_due_files(IncomingMessage.objects.select_for_update().get(pk=filed.pk))
    return done


def _keep(
    filed: IncomingMessage, file: IncomingFile, records_request: RecordsRequest, reader: Reader, now: datetime
) -> None:
    path = the_mail_store().path(filed.raw_id)
    with reader.part(path, file.sha256) as chunks:
        outcome = documents.receive_file(
            records_request,
            chunks,
            name=file.name,
            received_on=lawbook.local_day(records_request.jurisdiction, filed.received_at),
            via=Document.Via.REPLY,
            by=None,
            now=now,
        )
    KeptFile.objects.get_or_create(
        file=file, request=records_request, defaults={"document": outcome.document, "at": now}
    )


def _mark(file: IncomingFile, trouble: str) -> None:
    file.trouble = trouble[:500]
    file.save(update_fields=["trouble"])


# --- Erasing ------------------------------------------------------------------------------------------------------


def erase(sha256: str, *, by: Person, why: str, now: datetime) -> RawMail:
    """Erase the bytes of a mail for good. Who did it, when and why stays; so do documents made of its files.

    What the message says goes too when no other copy of it is left. Raises NotErased.
    """
    if not by.has_role(Role.ADMINISTRATOR):
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
    _remove_bytes(raw.pk)
    log.info("mail %s erased", raw.pk[:12])
    return raw


def _forget(message_id: int) -> None:
    IncomingMessage.objects.filter(pk=message_id).update(
        from_address="", from_name="", reply_to=[], to=[], cc=[], subject="", text="", html="", notes=[], bounce={},
        authentication={}, files_pending=False,
    )  # fmt: skip
    IncomingFile.objects.filter(message=message_id).update(name=_("erased"), original_name="", is_record=False)


def _remove_bytes(sha256: str) -> None:
    store = the_mail_store()
    store.remove_unless(store.path(sha256), younger_than=float("inf"), is_needed=lambda: False)


def _storable(address: str) -> str:
    """Return an address of an envelope as any database takes it: a way in passes on what it was given."""
    return _cut(address.replace("\x00", "").encode("utf-8", "replace").decode(), 640)


def _cut(text: str, most: int) -> str:
    return text[:most]


def _people(found: Iterable[Address]) -> list[dict[str, str]]:
    return [{"address": _cut(one.address, 640), "name": _cut(one.name, 320)} for one in found]
