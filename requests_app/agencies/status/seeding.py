"""The project's own status lines: some written line by line in `lines.json`, the rest from each state's known status.

Reading only; `services.seed_lines` stores. A line is known by a fingerprint of everything that it says. So an edited
line is a new line, and the one that stood before stays in the history.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

import msgspec

from requests_app.agencies.seed_files import SeedFile
from requests_app.agencies.status.models import AS_OF, AT_DOOR

LINES: Final = Path(__file__).parent / "lines.json"

FROM_KNOWN: Final = {
    "ice_block_reported": ("ICE", "block"),
    "partial_block_reported": ("ICE", "partial"),
    "block_in_progress_reported": ("ICE", "in_progress"),
    "letter_recipient_no_action_found": ("ICE", "no_action"),
    "supports_dhs_access_reported": ("DHS", "supports"),
}
"""What a state's known status says of which office, at the Nlets door. "No public information" is no line."""


class SeedLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of the project's own list."""

    state: str
    door: Literal["nlets", "direct"]
    component: Literal["ICE", "HSI", "CBP", "USBP", "DHS"]
    position: str
    as_of: str
    confidence: Literal["high", "medium", "low"]
    note: str
    source: str
    reported_by: str = ""

    def __post_init__(self) -> None:
        if self.position not in AT_DOOR[self.door]:
            raise ValueError(f"{self.position!r} cannot be reported at the door {self.door!r}")
        if not AS_OF.match(self.as_of):
            raise ValueError(f"as_of is {self.as_of!r}, not YYYY, YYYY-MM or YYYY-MM-DD")
        if not self.source.startswith("http"):
            raise ValueError("a status line needs the address of its source")

    @property
    def key(self) -> str:
        """A fingerprint of everything that the line says."""
        told = json.dumps(msgspec.structs.astuple(self), ensure_ascii=False)
        return hashlib.sha256(told.encode()).hexdigest()


class SeedLines(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`lines.json`. `not_from_known_status`: states whose lines are all written here, office by office."""

    status_date: str
    not_from_known_status: tuple[str, ...]
    reporters: dict[str, str]
    lines: tuple[SeedLine, ...]


def seed_lines(files: Iterable[SeedFile], path: Path = LINES) -> Iterator[SeedLine]:
    """Return every line of the project's own list. Raises msgspec.ValidationError when the file cannot be used."""
    written = msgspec.json.decode(path.read_bytes(), type=SeedLines)
    for file in files:
        known = file.state_note.known_status
        if known is None or known.source is None or file.jurisdiction in written.not_from_known_status:
            continue
        if known.code not in FROM_KNOWN:
            continue
        component, position = FROM_KNOWN[known.code]
        line = SeedLine(
            state=file.jurisdiction,
            door="nlets",
            component=component,  # type: ignore[arg-type]
            position=position,
            as_of=known.as_of,
            confidence=known.confidence or "low",
            note=known.note or known.source_note or "",
            source=known.source,
        )
        yield _named(line, written.reporters)
    yield from (_named(line, written.reporters) for line in written.lines)


def site_of(url: str) -> str:
    """Return the name of a site: "ctmirror.org"."""
    return urlsplit(url).netloc.removeprefix("www.")


def _named(line: SeedLine, reporters: dict[str, str]) -> SeedLine:
    site = site_of(line.source)
    return msgspec.structs.replace(line, reported_by=line.reported_by or reporters.get(site, site))
