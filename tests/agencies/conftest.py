"""The tests of agencies share the cast and the settings of the people room, and one small agency."""

from __future__ import annotations

from typing import Any

import pytest

from requests_app.agencies.models import Agency, AgencyRole, ContactPoint
from requests_app.agencies.officials.models import Exchange, Official
from requests_app.agencies.status.models import StatusLine
from requests_app.people.models import Person
from tests.people.cast import NOW
from tests.people.conftest import house_cast, quick_and_quiet

__all__ = ["house_cast", "quick_and_quiet"]


def make_agency(code: str = "md-police", state: str = "MD", **facts: object) -> Agency:
    """Store an agency with the role of a control point and one well-sourced e-mail address."""
    name = f"Police of {code}"
    agency = Agency.objects.create(
        code=code, jurisdiction=state, updated_at=NOW, **{"name": name, "short_name": code.upper()[:60], **facts}
    )
    AgencyRole.objects.create(agency=agency, kind="nlets_control_point", evidence="It says so.", confidence="high")
    ContactPoint.objects.create(
        agency=agency, channel="email", value=f"records@{code}.example", confidence="high", source="https://x.example"
    )
    return agency


def make_official(name: str = "Robin Example", **facts: Any) -> Official:
    """Store a governor of Maryland who can be reached every way, unless `facts` says otherwise."""
    usual = {
        "jurisdiction": "MD",
        "office": "governor",
        "email": "governor@state.example",
        "postal_address": "100 State Circle\nAnnapolis, MD 21401",
        "phone": "(410) 555-0100",
        "fax": "(410) 555-0101",
        "source": "https://state.example",
        "checked_on": NOW.date(),
        "updated_at": NOW,
    }
    return Official.objects.create(name=name, **{**usual, **facts})


def make_exchange(official: Official, by: Person | None, **facts: Any) -> Exchange:
    """Store a call with nothing answered."""
    usual = {"happened_on": NOW.date(), "channel": "call", "recorded_at": NOW}
    return Exchange.objects.create(official=official, by=by, **{**usual, **facts})


def make_line(**facts: Any) -> StatusLine:
    """Store a reported block on ICE over Nlets in Maryland."""
    usual = {
        "jurisdiction": "MD",
        "door": "nlets",
        "component": "ICE",
        "position": "block",
        "as_of": "2026-01",
        "reported_by": "The Example",
        "source_url": "https://example.org/story",
        "added_at": NOW,
    }
    return StatusLine.objects.create(**{**usual, **facts})


@pytest.fixture
def police(db: None) -> Agency:
    return make_agency()
