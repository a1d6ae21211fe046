"""From rows to what the kits room writes letters from: the official, the state's known status, the law book."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, cast

from requests_app.agencies import queries as agencies
from requests_app.agencies.officials.models import Official
from requests_app.agencies.status import queries as status
from requests_app.agencies.status.models import StatusLine
from requests_app.kits.catalog import get_kit
from requests_app.kits.officials.known import KnownStatus, ReleasedFinding, ReportedLine
from requests_app.kits.officials.letters import OfficialAddress
from requests_app.kits.schema import Kit

KIT: Final = "K8"
NOTHING_FOUND: Final = "no_public_information"


def officials_kit() -> Kit:
    """Return the kit that asks officials."""
    return get_kit(KIT)


def address_of(official: Official) -> OfficialAddress:
    """Return an official as a letter addresses them."""
    return OfficialAddress(
        jurisdiction=official.jurisdiction,
        office=cast(Any, official.office),
        name=official.name,
        title=official.title,
        district=official.district,
        postal_address=tuple(official.postal_address.splitlines()),
        email=official.email,
        phone=official.phone,
        fax=official.fax,
    )


def known_status_of(jurisdictions: Sequence[str], released: tuple[ReleasedFinding, ...] = ()) -> dict[str, KnownStatus]:
    """Return what letters may say of these states. Two queries for one state or for all.

    `released`: findings of our own requests that two readers checked and released; none is until the review room
    releases some.
    """
    asked = set(jurisdictions)
    standings = status.standings(asked)
    looked = agencies.known_statuses(asked)
    return {
        code: KnownStatus(
            lines=tuple(_reported(line) for line in standings[code].lines) if code in standings else (),
            looked_on=_looked_on(looked.get(code, {})),
            released=tuple(finding for finding in released if finding.jurisdiction == code),
        )
        for code in asked
    }


def _looked_on(stored: dict[str, Any]) -> str:
    return str(stored.get("as_of") or "") if stored.get("code") == NOTHING_FOUND else ""


def _reported(line: StatusLine) -> ReportedLine:
    return ReportedLine(
        door=cast(Any, line.door),
        component=cast(Any, line.component),
        position=cast(Any, line.position),
        as_of=line.as_of,
        by=line.reported_by,
        url=line.source_url,
        uncertain=line.confidence == "low",
    )
