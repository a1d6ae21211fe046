"""A letter to measure with."""

from __future__ import annotations

from datetime import date

from requests_app.kits.catalog import get_kit
from requests_app.kits.composer import compose
from requests_app.kits.letters import Addressee, Choices, Letter
from requests_app.law.book import open_book


def sample_letter(code: str, kit_id: str) -> Letter:
    """Compose a letter of one kit under one law, to an office that does not exist."""
    addressee = Addressee(
        agency_code=f"{code.lower()}-bench",
        name="Department of Examples",
        short_name="DOE",
        office_or_title="Records Custodian",
        postal_address=("1 Example Street", "Exampleville"),
        email="records@agency.example",
        portal_url=None,
        roles=("nlets_control_point",),
        dmv_name=None,
        control_point_name=None,
        submission_notes=None,
    )
    choices = Choices(
        requester_name="Jane Example",
        reply_address="records+md-2026-0007-k3v9x2ab@harbor.example",
        request_date=date(2026, 2, 6),
        organisation="Harbor Records Group",
        requester_postal_address=("1 Example Street", "Exampleville"),
        reference=f"{code}-2026-0007",
        resident_confirmed=True,
    )
    return compose(get_kit(kit_id), open_book().statute(code), addressee, choices)
