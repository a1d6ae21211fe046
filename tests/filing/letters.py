"""A real letter, composed once, for requests whose letter is looked at."""

from __future__ import annotations

from datetime import date
from functools import cache

from requests_app.filing import lawbook
from requests_app.kits.catalog import get_kit
from requests_app.kits.composer import compose
from requests_app.kits.letters import Addressee, Choices, Letter


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
