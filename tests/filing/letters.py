"""A real letter, composed once, for requests whose letter is looked at."""

from __future__ import annotations

import base64
import hashlib
from datetime import date
from functools import cache
from typing import Any

from requests_app.filing import lawbook
from requests_app.filing.models import AuthorityPaper, RecordsRequest, Signing
from requests_app.kits import letters
from requests_app.kits.catalog import get_kit
from requests_app.kits.composer import compose
from requests_app.kits.letters import Addressee, Choices, Letter
from requests_app.people.models import Person
from tests.factories import NOON, DraftFactory


@cache
def a_letter() -> Letter:
    """Return Alice's letter to a Maryland agency."""
    return compose(
        get_kit("K1"),
        lawbook.statute_of("MD"),
        Addressee(agency_code="md-agency", name="Department of Examples", email="records@agency.example"),
        Choices(
            requester_name="Alice Liddell",
            reply_address="records+md-2026-0001@group.example",
            request_date=date(2026, 3, 2),
            organisation="Harbor Records Group",
            reference="MD-2026-0001",
        ),
    )


def authorise(records_request: RecordsRequest, *, by: Person) -> None:
    """Give the request a written authority, signed at noon, as its draft would have brought it."""
    draft = DraftFactory(filer=records_request.filer, filed_at=NOON)
    RecordsRequest.objects.filter(pk=records_request.pk).update(draft=draft)
    facts: dict[str, Any] = {
        "kind": "authority",
        "state": "signed",
        "signer": by,
        "content_sha256": "a" * 64,
        "ended_at": NOON,
    }
    signing = Signing.objects.create(draft=draft, jurisdiction="KY", asked_at=NOON, expires_at=NOON, **facts)
    pdf = b"%PDF-1.4 of an authority"
    AuthorityPaper.objects.create(
        signing=signing,
        content=letters.dump(a_letter()),
        pdf=base64.b64encode(pdf).decode(),
        sha256=hashlib.sha256(pdf).hexdigest(),
        made_at=NOON,
    )
