"""From stored rows to exhibits: everything that the group holds about one request."""

from __future__ import annotations

import base64
import email
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email import policy
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from requests_app.correspondence.delivery import queries as delivery
from requests_app.correspondence.delivery.wording import report_words
from requests_app.correspondence.incoming.models import IncomingMessage
from requests_app.correspondence.incoming.showing import harmless
from requests_app.correspondence.incoming.suggested import queries as reading_help
from requests_app.correspondence.incoming.suggested.services import MAIL
from requests_app.correspondence.models import OutgoingLetter
from requests_app.documents import queries as documents
from requests_app.documents import services as document_services
from requests_app.documents.models import Document
from requests_app.documents.names import clean_name
from requests_app.filing import lawbook
from requests_app.filing import queries as filing
from requests_app.filing.lifecycle import EventKind
from requests_app.filing.models import Deadline, Delivery, Event, NextLetter, RecordsRequest
from requests_app.filing.papers import authority_name
from requests_app.kits import letters
from requests_app.kits.catalog import objections
from requests_app.kits.later import letter_type
from requests_app.kits.naming import dollars
from requests_app.kits.text import file_stem, to_text, unflowed
from requests_app.law.phrases import long_date
from requests_app.tracking.evidence.exhibits import (
    Condition,
    CountedDeadline,
    Entry,
    Exhibit,
    Fact,
    Original,
    compose_exhibits,
)

# Bookkeeping: it stands in the record, and is no exhibit of its own.
_NO_EXHIBIT: Final = frozenset(
    {
        EventKind.OPENED,
        EventKind.QUEUED,
        EventKind.TAKEN_BACK,
        EventKind.ASSIGNED,
        EventKind.CORRECTION,
        EventKind.REOPENED,
    }
)
_OURS: Final = frozenset(
    {
        EventKind.CLARIFIED,
        EventKind.FEE_PAID,
        EventKind.APPEAL_FILED,
        EventKind.FOLLOW_UP,
        EventKind.WITHDRAWN,
        EventKind.CLOSED,
    }
)
_DAMAGED: Final = gettext_lazy("The bytes in the store are not those that came in. They are not in the archive.")


@dataclass(frozen=True)
class Gathered:
    """All that goes into the evidence file of one request. `raw` holds the bytes that no store keeps, by SHA-256."""

    request: RecordsRequest
    statute_name: str
    statute_citation: str
    status: str
    made_at: datetime
    exhibits: tuple[Exhibit, ...]
    raw: dict[str, bytes] = field(default_factory=dict, repr=False)


def gather(records_request: RecordsRequest, *, with_notes: bool, now: datetime, rehash: bool = True) -> Gathered:
    """Return everything held about a request, every returned file hashed again.

    Reads each stored file once. A file that is missing or differs from the hash under which it came in is named as
    such: an evidence file that hid it would be worth nothing. `rehash` False: only to list what will be in it.
    """
    raw: dict[str, bytes] = {}
    events = filing.timeline(records_request, with_words=True)[::-1]
    sent = list(_messages_sent(records_request))
    found = [
        # A letter that went by e-mail is there as it left; on paper or through a portal, the letter itself stands.
        *(() if any(row.next_letter_id is None for row in sent) else [_letter(records_request)]),
        *_authority(records_request, raw),
        *_messages(records_request, sent, raw),
        *_later_letters(records_request, {row.next_letter_id for row in sent if row.next_letter_id is not None}, raw),
        *_events(events, filing.words_in(events)),
        *_files(records_request, rehash=rehash),
        *_erased_files(records_request),
        *_deadlines(records_request),
        *(_notes(records_request) if with_notes else ()),
        _record(events),
    ]
    statute = lawbook.statute_of(records_request.jurisdiction)
    return Gathered(
        request=records_request,
        statute_name=statute.statute.name,
        statute_citation=statute.statute.citation,
        status=str(records_request.get_resolution_display() or records_request.get_status_display()),
        made_at=now,
        exhibits=compose_exhibits(found),
        raw=raw,
    )


def _letter(records_request: RecordsRequest) -> Exhibit:
    letter = letters.load(records_request.letter)
    return Exhibit(
        kind="letter",
        title=_("Our request of %(day)s") % {"day": long_date(letter.date)},
        day=letter.date,
        facts=(
            Fact(label=_("To"), value=records_request.agency.name),
            Fact(label=_("Subject"), value=letter.subject),
            Fact(label=_("How it went"), value=str(records_request.get_delivery_display())),
        ),
        text=to_text(letter),
    )


def _authority(records_request: RecordsRequest, raw: dict[str, bytes]) -> Iterator[Exhibit]:
    """Yield the written authority of a resident under which we asked, where the request rests on one."""
    paper = filing.authority_behind(records_request)
    if paper is None:
        return
    signed, zone = paper.signing, lawbook.zone_of(records_request.jurisdiction)
    content = letters.load(paper.content)
    facts = [Fact(label=_("Given by"), value=signed.legal_name)]
    condition: Condition = "kept"
    try:
        raw[paper.sha256] = paper.pdf_bytes
    except ValueError:
        condition = "damaged"
        facts.append(Fact(label=_("Attention"), value=str(_DAMAGED)))
    size = len(raw.get(paper.sha256, b""))
    yield Exhibit(
        kind="letter",
        title=_("Written authority under which we asked"),
        day=signed.ended_at.astimezone(zone).date() if signed.ended_at else content.date,
        facts=tuple(facts),
        text=to_text(content),
        original=Original(name=authority_name(records_request), sha256=paper.sha256, size=size, condition=condition),
    )


def _messages_sent(records_request: RecordsRequest) -> QuerySet[OutgoingLetter]:
    """Return the messages that left, first and later letters alike."""
    sent = records_request.outgoing_letters.filter(state=OutgoingLetter.State.SENT)
    return sent.select_related("next_letter").order_by("sent_at", "pk")


def _messages(
    records_request: RecordsRequest, sent: Sequence[OutgoingLetter], raw: dict[str, bytes]
) -> Iterator[Exhibit]:
    """Walk the messages that left, byte for byte as they were handed to the mail server."""
    zone = lawbook.zone_of(records_request.jurisdiction)
    reports = delivery.reports_by_letter([letter.pk for letter in sent])
    for letter in sent:
        data = letter.raw.encode("utf-8")
        digest = hashlib.sha256(data).hexdigest()
        raw[digest] = data
        day = letter.sent_at.astimezone(zone).date() if letter.sent_at else None
        headers, text = _opened(data)
        yield Exhibit(
            kind="message",
            title=_letter_title(letter.next_letter),
            day=day,
            facts=(
                _sent_to(letter),
                Fact(label=_("Message-ID"), value=letter.message_id),
                Fact(label=_("Handed to the mail server"), value=_moment(letter.sent_at, zone)),
                Fact(label=_("What the mail server said"), value=letter.answer or _("accepted")),
                *_reported(letter, reports.get(letter.pk, ()), zone),
            ),
            headers=headers,
            text=text,
            original=Original(name=f"{records_request.reference}-{letter.pk}.eml", sha256=digest, size=len(data)),
        )


def _reported(letter: OutgoingLetter, reports: Sequence[IncomingMessage], zone: object) -> Iterator[Fact]:
    """Walk what mail servers reported of a letter: when, in words, and the code and words of the server itself."""
    for report in reports:
        said = {name: harmless(str(value)) for name, value in report.bounce.items()}
        words = [str(each) for each in report_words(letter.to_address, said)]
        own = " ".join(filter(None, (said.get("status"), said.get("diagnostic"))))
        quoted = _("The server's words: %(words)s") % {"words": own} if own else ""
        day = _moment(report.received_at, zone)
        yield Fact(label=_("Report of a mail server"), value=" ".join([f"{day}.", *words, quoted]).strip())
    if not reports:
        yield Fact(label=_("Report of a mail server"), value=_("none came"))


def _sent_to(letter: OutgoingLetter) -> Fact:
    if letter.way == OutgoingLetter.Way.FAX:
        return Fact(label=_("By fax, through"), value=letter.to_address)
    return Fact(label=_("By e-mail to"), value=letter.to_address)


def _letter_title(later: NextLetter | None) -> str:
    return _("Our request") if later is None else _("Our letter: %(title)s") % {"title": letter_type(later.key).title}


def _later_letters(records_request: RecordsRequest, by_email: set[int], raw: dict[str, bytes]) -> Iterator[Exhibit]:
    """Walk the later letters that left on paper, by fax or through a portal, each with the sheet as it was printed."""
    rows = records_request.next_letters.filter(state=NextLetter.State.SENT).exclude(pk__in=by_email)
    for later in rows.select_related("sent_event", "sent_copy").order_by("sent_event__happened_on", "pk"):
        if later.sent_event is None:
            continue
        content = letters.load(later.sent_copy.content)
        pdf = base64.b64decode(later.sent_copy.pdf)
        digest = hashlib.sha256(pdf).hexdigest()
        raw[digest] = pdf
        yield Exhibit(
            kind="letter",
            title=_letter_title(later),
            day=later.sent_event.happened_on,
            facts=(
                Fact(label=_("To"), value=", ".join(content.recipient[:2])),
                Fact(label=_("How it went"), value=str(later.get_delivery_display())),
            ),
            text=to_text(content),
            original=Original(name=f"{file_stem(content)}-{later.pk}.pdf", sha256=digest, size=len(pdf)),
        )


def _opened(data: bytes) -> tuple[str, str]:
    """Return the headers of a message as they stand, and its plain text."""
    head, _gap, _rest = data.replace(b"\r\n", b"\n").partition(b"\n\n")
    body = email.message_from_bytes(data, policy=policy.default).get_body(preferencelist=("plain", "html"))
    return head.decode("utf-8", "replace"), unflowed(body.get_content()) if body is not None else ""


def _events(events: Sequence[Event], words: Mapping[int, str]) -> Iterator[Exhibit]:
    mails = reading_help.sources_of(events, MAIL)
    for event in events:
        kind = EventKind(event.kind)
        if kind in _NO_EXHIBIT or hasattr(event, "corrected_by"):
            continue
        yield Exhibit(
            kind="sending" if kind is EventKind.SENT else "ours" if kind in _OURS else "answer",
            title=_("Proof of sending") if kind is EventKind.SENT else str(kind.label),
            day=event.happened_on,
            facts=(*_facts(event), *_source(mails.get(event.details.get(MAIL, 0)))),
            text="\n\n".join(filter(None, (event.note, _quoted(words.get(event.pk, ""))))),
        )


def _facts(event: Event) -> Iterator[Fact]:
    details = event.details
    yield Fact(label=_("Day"), value=date_format(event.happened_on, "l, F j, Y"))
    if details.get("method") in Delivery.values:
        yield Fact(label=_("How"), value=str(Delivery(details["method"]).label))
    if details.get("method") == "phone":
        yield Fact(label=_("How"), value=_("By telephone"))
    if details.get("letter_key"):
        yield Fact(label=_("Letter"), value=letter_type(details["letter_key"]).title)
    yield from _sums(details)
    for objection in details.get("objections", ()):
        yield Fact(label=_("Objection"), value=objections()[objection].objection)
    for exemption in details.get("exemptions", ()):
        yield Fact(label=_("Exemption cited"), value=str(exemption))
    for name, label in (
        ("confirmation", _("Confirmation number")),
        ("message_id", _("Message-ID")),
        ("answer", _("What the mail server said")),
        ("agency_number", _("The agency's own number")),
    ):
        if details.get(name):
            yield Fact(label=label, value=str(details[name]))
    who = event.recorded_by.handle if event.recorded_by else "Daylight"
    when = date_format(event.recorded_at, "Y-m-d H:i e")
    yield Fact(label=_("Recorded"), value=_("by %(who)s on %(when)s") % {"who": who, "when": when})


def _source(mail: IncomingMessage | None) -> Iterator[Fact]:
    """Yield which mail an answer was recorded from, and the hash of its bytes as they came."""
    if mail is None:
        return
    yield Fact(label=_("Recorded from the mail received"), value=date_format(mail.received_at, "Y-m-d H:i:s e"))
    if mail.message_id:
        yield Fact(label=_("Message-ID of that mail"), value=mail.message_id)
    yield Fact(label=_("SHA-256 of that mail as it came"), value=mail.raw_id)


def _sums(details: Mapping[str, Any]) -> Iterator[Fact]:
    """Walk the sums of money that an event names: the whole, its lines, the deposit."""
    if isinstance(details.get("amount_cents"), int):
        yield Fact(label=_("Amount"), value=dollars(details["amount_cents"]))
    for line in details.get("lines") or ():
        yield Fact(label=str(line.get("what", "")), value=dollars(int(line.get("amount_cents", 0))))
    if isinstance(details.get("deposit_cents"), int):
        yield Fact(label=_("Deposit"), value=dollars(details["deposit_cents"]))


def _quoted(words: str) -> str:
    return _("The agency wrote:\n%(words)s") % {"words": words} if words else ""


def _files(records_request: RecordsRequest, *, rehash: bool) -> Iterator[Exhibit]:
    for document in documents.of_request(records_request):
        blob = document.blob
        condition = _condition(blob.sha256) if rehash else "kept"
        yield Exhibit(
            kind="file",
            title=_("File: %(name)s") % {"name": document.original_name},
            day=document.received_on,
            facts=tuple(_file_facts(document, condition)),
            original=Original(
                name=clean_name(document.original_name), sha256=blob.sha256, size=blob.size, condition=condition
            ),
        )


def _erased_files(records_request: RecordsRequest) -> Iterator[Exhibit]:
    """Yield what came back and was erased since, so that nobody takes the evidence file for all that came."""
    for document in documents.erased_of_request(records_request):
        yield Exhibit(
            kind="file",
            title=_("File, erased since: %(name)s") % {"name": document.original_name},
            day=document.received_on,
            facts=(
                Fact(label=_("How it came"), value=str(document.get_via_display())),
                Fact(label=_("Received"), value=date_format(document.received_on, "l, F j, Y")),
                Fact(label="SHA-256", value=document.blob_id),
                Fact(
                    label=_("Erased"), value=date_format(document.erased_at, "l, F j, Y") if document.erased_at else ""
                ),
                Fact(label=_("Why it was erased"), value=document.erased_why),
            ),
        )


def _condition(sha256: str) -> Condition:
    try:
        return "kept" if document_services.the_store().digest(sha256) == sha256 else "damaged"
    except OSError:
        return "missing"


def _file_facts(document: Document, condition: Condition) -> Iterator[Fact]:
    yield Fact(label=_("How it came"), value=str(document.get_via_display()))
    yield Fact(label=_("Received"), value=date_format(document.received_on, "l, F j, Y"))
    yield Fact(label=_("Size"), value=_("%(bytes)s bytes") % {"bytes": f"{document.blob.size:,}"})
    yield Fact(label="SHA-256", value=document.blob.sha256)
    if condition == "missing":
        yield Fact(label=_("Attention"), value=_("The file is not in the store any more. It is not in the archive."))
    if condition == "damaged":
        yield Fact(label=_("Attention"), value=str(_DAMAGED))
    for remark in document.remarks:
        yield Fact(label=_("Remark"), value=str(remark))


def _deadlines(records_request: RecordsRequest) -> Iterator[Exhibit]:
    counted = tuple(_counted(row) for row in filing.current_deadlines(records_request))
    if counted:
        yield Exhibit(kind="deadlines", title=_("How each deadline was counted"), deadlines=counted)


def _counted(row: Deadline) -> CountedDeadline:
    if row.earliest is None or row.latest is None:
        dates = _("The clock stands still.")
    elif row.earliest == row.latest:
        dates = date_format(row.latest, "l, F j, Y")
    else:
        dates = _("%(earliest)s at the earliest, %(latest)s at the latest") % {
            "earliest": date_format(row.earliest, "l, F j, Y"),
            "latest": date_format(row.latest, "l, F j, Y"),
        }
    return CountedDeadline(
        title=row.title or row.duty[:1].upper() + row.duty[1:],
        whose=str(row.get_duty_of_display()),
        citation=row.citation,
        trigger=f"{row.trigger.replace('_', ' ')}, {date_format(row.trigger_date, 'F j, Y')}",
        dates=dates,
        state=str(row.get_state_display()),
        steps=tuple(str(step) for step in row.trace),
    )


def _notes(records_request: RecordsRequest) -> Iterator[Exhibit]:
    notes = list(filing.notes(records_request))[::-1]
    if not notes:
        return
    zone = lawbook.zone_of(records_request.jurisdiction)
    yield Exhibit(
        kind="notes",
        title=_("Notes of calls, and other notes"),
        entries=tuple(
            Entry(
                number=number,
                day=note.at.astimezone(zone).date(),
                what=note.text,
                noted_by=note.author.handle,
                noted_at=note.at,
            )
            for number, note in enumerate(notes, start=1)
        ),
    )


def _record(events: Sequence[Event]) -> Exhibit:
    """Return the whole record, corrections included: nothing that was ever recorded is left out."""
    return Exhibit(
        kind="record",
        title=_("Everything that was recorded"),
        entries=tuple(
            Entry(
                number=event.sequence,
                day=event.happened_on,
                what=str(EventKind(event.kind).label),
                noted_by=event.recorded_by.handle if event.recorded_by else "Daylight",
                noted_at=event.recorded_at,
                words=event.note,
                struck=hasattr(event, "corrected_by"),
            )
            for event in events
        ),
    )


def _moment(moment: datetime | None, zone: object) -> str:
    return date_format(moment, "Y-m-d H:i:s e") if moment is not None else _("not known")
