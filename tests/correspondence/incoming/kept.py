"""Messages as they stand in the tables, without a process that reads them: for screens and decisions."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import count
from typing import Any

from requests_app.correspondence.incoming import services
from requests_app.correspondence.incoming.models import IncomingFile, IncomingMessage, Placement, RawMail
from requests_app.correspondence.incoming.suggested.models import Meaning, ShareLink
from requests_app.filing.models import RecordsRequest
from tests.factories import NOON

_numbers = count(1)


def a_message(
    *, on: Sequence[RecordsRequest] = (), state: str = "triage", files: Sequence[str] = (), **columns: Any
) -> IncomingMessage:
    """Return the dullest message that was read: in triage, on these requests as the program places it."""
    number = next(_numbers)
    content = f"Subject: number {number}\r\n\r\nWe have your letter.\r\n".encode()
    now = columns.get("received_at", NOON)
    raw = services.take_in([content], way="lmtp", envelope_to=["records@reply.example"], now=now)
    given: dict[str, Any] = {
        "fingerprint": hashlib.sha256(content).hexdigest(), "raw": raw, "from_address": "records@agency.example",
        "subject": f"Your request, {number}", "text": "We have your letter.\n", "received_at": now, "state": state,
        "triage_reason": ("quarantined" if on else "unmatched") if state == "triage" else "",
        "reasons": ["unknown_sender", "not_checked"],
    }  # fmt: skip
    # What is read has no zero bytes: no database takes them as text.
    plain = {name: value.replace("\x00", "") if isinstance(value, str) else value for name, value in columns.items()}
    made = IncomingMessage.objects.create(**{**given, **plain})
    RawMail.objects.filter(pk=raw.pk).update(state="processed", message=made)
    for request in on:
        Placement.objects.create(message=made, request=request, how="token", at=now)
    for ordinal, name in enumerate(files):
        facts = {"size": 10, "sha256": hashlib.sha256(name.encode()).hexdigest(), "role": "file", "is_record": True}
        IncomingFile.objects.create(message=made, ordinal=ordinal, name=name, original_name=name, **facts)
    return made


def a_meaning(message: IncomingMessage, kind: str = "fee", **columns: Any) -> Meaning:
    """Return something that a message may say: that they ask for $45, in so many words."""
    given = {"level": 2, "sentences": ["The fee is $45.00."], "values": {"amount_cents": 4500}}
    return Meaning.objects.create(message=message, kind=kind, **{**given, **columns})


def a_link(message: IncomingMessage, number: int = 1, **columns: Any) -> ShareLink:
    """Return a link of a message to records, still to be fetched."""
    given = {"url": f"https://agency.box.com/s/{number}", "host": "agency.box.com", "service": "Box"}
    return ShareLink.objects.create(message=message, key=f"{number:064}", **{**given, **columns})
