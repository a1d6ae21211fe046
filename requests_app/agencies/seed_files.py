"""The project's own list of agencies: one file per jurisdiction in `data/`, checked as it is read.

Every fact keeps its source, its date and its doubts. An agency's role and its contact points each have their own
confidence: a sound role may come with nothing but a headquarters address. What is null is not established, and
stays so until a person finds it. `code` never changes: requests and exports name agencies by it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

import msgspec

from requests_app.agencies.contact_values import ContactValueError, parse_contact_value

DATA: Final = Path(__file__).parent / "data"

Confidence = Literal["high", "medium", "low"]
Channel = Literal["email", "portal", "post", "fax", "phone"]
RoleKind = Literal[
    "nlets_control_point",
    "cjis_systems_agency",
    "dmv",
    "governor_records",
    "attorney_general",
    "federal_requester_agency",
]
KnownStatusCode = Literal[
    "ice_block_reported",
    "partial_block_reported",
    "block_in_progress_reported",
    "letter_recipient_no_action_found",
    "supports_dhs_access_reported",
    "no_public_information",
]


class SeedFileError(ValueError):
    """A seed file says something that cannot be used. `problems`: one line each, naming file and field."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class _Fact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One shape in a seed file. A field that nobody knows is a mistake, not an extra."""


class SourceFact(_Fact, frozen=True):
    """Where something was read. `as_of`: YYYY, YYYY-MM or YYYY-MM-DD of the page; null when it bears no date."""

    url: str
    as_of: str | None
    supports: str | None = None


class RoleFact(_Fact, frozen=True):
    """One part the agency plays, and why we think so."""

    kind: RoleKind
    evidence: str
    confidence: Confidence


class ContactFact(_Fact, frozen=True):
    """One way to reach its records office. `doubt`: what speaks against using it unasked."""

    channel: Channel
    value: str
    office_or_title: str | None
    confidence: Confidence
    source: str | None
    as_of: str | None
    doubt: str | None


class AgencyFact(_Fact, frozen=True):
    """One agency."""

    code: str
    name: str
    short_name: str
    parent: str | None
    website: str | None
    roles: tuple[RoleFact, ...]
    records_office: str | None
    contact_points: tuple[ContactFact, ...]
    submission_notes: str | None
    sources: tuple[SourceFact, ...]


class KnownStatus(_Fact, frozen=True):
    """What is publicly reported about the state's Nlets door, as of when. Never "safe", never a certainty."""

    code: KnownStatusCode
    as_of: str
    confidence: Confidence | None
    note: str | None
    source: str | None
    source_note: str | None


class StateFact(_Fact, frozen=True):
    """What is known of one state's Nlets door. A direct account on the state's own switch is a separate matter."""

    ice_dmv_access: Literal["blocked", "partially_restricted", "in_progress", "no_block_reported"] | None
    summary: str | None
    dmv_restrictions: str | None
    sources: tuple[SourceFact, ...]
    doubts: tuple[str, ...]
    known_status: KnownStatus | None


class SeedFile(_Fact, frozen=True):
    """One file: `data/MD.json`. `status_date` is the day on which its facts were gathered."""

    jurisdiction: str
    status_date: str
    agencies: tuple[AgencyFact, ...]
    state_note: StateFact


def read_seed_files(folder: Path = DATA) -> list[SeedFile]:
    """Return every seed file of a folder, in the order of the codes. Raises SeedFileError naming all problems."""
    files: list[SeedFile] = []
    problems: list[str] = []
    for path in sorted(folder.glob("*.json")):
        try:
            files.append(msgspec.json.decode(path.read_bytes(), type=SeedFile))
        except msgspec.DecodeError as error:
            problems.append(f"{path.name}: {error}")
            continue
        problems += (f"{path.name}: {problem}" for problem in _problems(files[-1], path.stem))
    problems += _repeated_codes(files)
    if not files:
        problems.append(f"{folder}: there is no seed file")
    if problems:
        raise SeedFileError(problems)
    return files


def _problems(file: SeedFile, stem: str) -> Iterator[str]:
    if file.jurisdiction != stem:
        yield f"jurisdiction: the file says {file.jurisdiction!r}"
    for agency in file.agencies:
        place = f"agencies[{agency.code}]"
        if not agency.code.startswith(f"{stem.lower()}-"):
            yield f"{place}.code: does not begin with {stem.lower()}-"
        if not agency.roles:
            yield f"{place}.roles: there is none; an agency is listed for the part it plays"
        if not agency.sources:
            yield f"{place}.sources: there is none; every agency names where it was read"
        for contact in agency.contact_points:
            yield from (f"{place}.contact_points[{contact.channel}].{text}" for text in _contact_problems(contact))


def _contact_problems(contact: ContactFact) -> Iterator[str]:
    try:
        written = parse_contact_value(contact.channel, contact.value)
    except ContactValueError as error:
        yield f"value: {error}"
    else:
        if written != contact.value:
            yield f"value: write it as {written!r}"
    if contact.source is None and contact.doubt is None:
        yield "source: is null without a doubt that says so"


def _repeated_codes(files: list[SeedFile]) -> Iterator[str]:
    seen: set[str] = set()
    for agency in (agency for file in files for agency in file.agencies):
        if agency.code in seen:
            yield f"{agency.code}: the code is used twice"
        seen.add(agency.code)
