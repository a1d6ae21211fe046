"""The dullest valid ingredients of a letter, and real addressees from the project's own list of agencies."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from requests_app.kits.catalog import get_kit
from requests_app.kits.composer import compose
from requests_app.kits.letters import Addressee, Choices, Companion, Letter
from requests_app.law.book import open_book
from requests_app.law.schema import Statute

AGENCIES = Path(__file__).parents[2] / "requests_app" / "agencies" / "data"

LETTER_DAY = date(2026, 11, 23)

CHOICES = Choices(
    requester_name="Jane Example",
    reply_address="records@harbor.example",
    request_date=LETTER_DAY,
    organisation="Harbor Records Group",
    reference="MD-2026-0007",
    resident_confirmed=True,
)


def statute(code: str) -> Statute:
    """Return a jurisdiction's law from the bundled book, never from an overlay."""
    return open_book(None).statute(code)


def choose(**changes: Any) -> Choices:
    """Return the dull choices with some of them changed."""
    return replace(CHOICES, **changes)


@cache
def addressees(code: str) -> tuple[Addressee, ...]:
    """Return every agency of a jurisdiction's file as an addressee, its postal address included."""
    rows = json.loads((AGENCIES / f"{code}.json").read_text())["agencies"]

    def holder(role: str) -> str | None:
        return next((row["name"] for row in rows if any(held["kind"] == role for held in row["roles"])), None)

    return tuple(
        Addressee(
            agency_code=row["code"],
            name=row["name"],
            short_name=row["short_name"],
            office_or_title=row["records_office"] or None,
            postal_address=_postal_address(row),
            roles=tuple(held["kind"] for held in row["roles"]),
            dmv_name=holder("dmv"),
            control_point_name=holder("nlets_control_point"),
            submission_notes=row["submission_notes"],
        )
        for row in rows
    )


def _postal_address(row: dict[str, Any]) -> tuple[str, ...]:
    values = [point["value"] for point in row["contact_points"] if point["channel"] == "post"]
    return tuple(values[0].splitlines()) if values else ()


def state_police() -> Addressee:
    """Return Maryland's State Police, the addressee of the letter read by hand."""
    return next(addressee for addressee in addressees("MD") if addressee.agency_code == "md-mdsp")


def motor_vehicles() -> Addressee:
    """Return Maryland's Motor Vehicle Administration."""
    return next(addressee for addressee in addressees("MD") if "dmv" in addressee.roles)


def letter(code: str = "MD", kit_id: str = "K1", addressee: Addressee | None = None, **changes: Any) -> Letter:
    """Return a letter to a jurisdiction's first agency, or to the one given."""
    return compose(get_kit(kit_id), statute(code), addressee or addressees(code)[0], choose(**changes))


COMPANION = Companion(
    reference="MD-2026-0008", agency_name="Maryland Department of Transportation Motor Vehicle Administration"
)
