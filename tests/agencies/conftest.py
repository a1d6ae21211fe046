"""The tests of agencies share the cast and the settings of the people room, and one small agency."""

from __future__ import annotations

import pytest

from requests_app.agencies.models import Agency, AgencyRole, ContactPoint
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


@pytest.fixture
def police(db: None) -> Agency:
    return make_agency()
