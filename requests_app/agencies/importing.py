"""Reads and writes the CSV form of the list of agencies. Pure: bytes and values in, values out; nothing is stored.

One line is one contact point, with its agency's own cells repeated or left empty; an agency without a contact point
has one line. What a line would do is decided against `AgencyState`s, so that the dry run and the real run are the
same computation and can be compared by `Plan.sha256`.

1. `parse_csv` turns bytes into lines, or raises ImportFileError with one sentence about the whole file.
2. `plan_import` walks the lines in order and says for each: create, update, unchanged, or error with its reason.
3. `services.apply_import` carries out the changes of the very plan that was shown.

An empty cell leaves a fact as it is. A role that is listed is added; none is taken away. Confirmations are never
imported: only a person who looked can confirm an address.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from django.utils.text import slugify
from django.utils.translation import gettext as _

from requests_app.agencies.contact_values import ContactValueError, parse_contact_value
from requests_app.agencies.models import AgencyRole, Confidence, ContactPoint
from requests_app.people.states import JURISDICTIONS

BYTES_MAX: Final = 5 * 1024 * 1024
LINES_MAX: Final = 10_000

AGENCY_COLUMNS: Final = ("name", "short_name", "parent", "website", "records_office", "submission_notes")
CONTACT_COLUMNS: Final = ("office_or_title", "confidence", "source", "as_of", "doubt")
WRITTEN_COLUMNS: Final = (
    *("code", "state", "name", "short_name", "parent", "website", "roles", "records_office", "submission_notes"),
    *("channel", "address", "office_or_title", "confidence", "source", "as_of", "doubt"),
)
READ_ONLY_COLUMNS: Final = ("health", "confirmed_on", "in_use")
"""Columns of an export that an import passes over: they are findings of people, not facts of a file."""
COLUMNS: Final = (*WRITTEN_COLUMNS, *READ_ONLY_COLUMNS)
REQUIRED_COLUMNS: Final = frozenset({"state", "name"})
LENGTHS: Final[Mapping[str, int]] = {
    "code": 40,
    "name": 200,
    "short_name": 60,
    "parent": 200,
    "website": 500,
    "records_office": 200,
    "submission_notes": 5000,
    "office_or_title": 200,
    "source": 500,
    "doubt": 500,
}
_AS_OF = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_CODE = re.compile(r"[a-z]{2}-[a-z0-9-]+")
# What a spreadsheet program may run: a formula's first sign, behind any number of the apostrophes that disarm it.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")


class ImportFileError(ValueError):
    """The file as a whole cannot be read. Its text says why and what to do."""


@dataclass(frozen=True)
class Shape:
    """The columns of one kind of file. `passed_over`: column -> why; they may stand in a file and are not read.

    `together`: columns that make sense only side by side.
    """

    columns: tuple[str, ...]
    required: frozenset[str]
    passed_over: Mapping[str, str] = field(default_factory=dict)
    together: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    """One line of the file: its number as an editor counts, and its cells by column."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class ParsedFile:
    """The lines of a file, and what its reader should know about how it was read."""

    lines: tuple[Line, ...]
    remarks: tuple[str, ...]


@dataclass
class ContactState:
    """A contact point as it stands; `retired` ones are known so that a file does not bring them back."""

    facts: dict[str, str]
    retired: bool = False


@dataclass
class AgencyState:
    """An agency as it stands before a line, whether stored or made by an earlier line of the same file."""

    code: str
    jurisdiction: str
    facts: dict[str, str]
    roles: set[str] = field(default_factory=set)
    contacts: dict[tuple[str, str], ContactState] = field(default_factory=dict)


@dataclass(frozen=True)
class Change:
    """One thing to write. `kind`: agency, agency_facts, role, contact or contact_facts."""

    kind: Literal["agency", "agency_facts", "role", "contact", "contact_facts"]
    code: str
    facts: Mapping[str, str]


@dataclass(frozen=True)
class LineOutcome:
    """What one line does, in a word and in sentences."""

    number: int
    outcome: Literal["create", "update", "unchanged", "error"]
    name: str
    says: tuple[str, ...]
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Plan:
    """What a whole file does."""

    outcomes: tuple[LineOutcome, ...]
    remarks: tuple[str, ...]

    def count(self, outcome: str) -> int:
        """Return how many lines have this outcome."""
        return sum(one.outcome == outcome for one in self.outcomes)

    @property
    def changes(self) -> list[Change]:
        """Everything to write, in the order of the file."""
        return [change for one in self.outcomes for change in one.changes]

    @property
    def sha256(self) -> str:
        """A fingerprint of what would be written: the same for the same file over the same list of agencies."""
        told = [[change.kind, change.code, dict(sorted(change.facts.items()))] for change in self.changes]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


# --- reading ----------------------------------------------------------------------------------------------------------


def decode(raw: bytes) -> tuple[str, tuple[str, ...]]:
    """Return the text of an uploaded file and remarks on how it was read. Raises ImportFileError."""
    if len(raw) > BYTES_MAX:
        raise ImportFileError(_("The file is larger than 5 MB. Split it into several files."))
    if not raw.strip():
        raise ImportFileError(_("The file is empty. Choose the file again, or export the list to see how one looks."))
    if raw[:2] == b"PK" or raw[:4] == b"\xd0\xcf\x11\xe0":
        raise ImportFileError(
            _("This is a spreadsheet, not a CSV file. In your spreadsheet program, save it as “CSV (UTF-8)”.")
        )
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            return raw.decode("utf-16"), ()
        except UnicodeDecodeError as error:
            raise ImportFileError(_("The file says that it is UTF-16, but is damaged. Save it again.")) from error
    remarks: tuple[str, ...] = ()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
        remarks = (_("The file is not UTF-8, so it was read as Windows text. Look at letters with accents."),)
    if "\x00" in text:
        raise ImportFileError(_("This is not a text file. Save the list as “CSV (UTF-8)”."))
    return text, remarks


def agency_shape() -> Shape:
    """Return the columns of a list of agencies."""
    told = _("only a person can say so")
    return Shape(COLUMNS, REQUIRED_COLUMNS, dict.fromkeys(READ_ONLY_COLUMNS, told), ("channel", "address"))


def parse_csv(text: str, shape: Shape | None = None) -> ParsedFile:
    """Return the lines of a CSV text: a list of agencies, unless another shape is given. Raises ImportFileError.

    Commas, semicolons or tabs may divide the cells.
    """
    shape = shape or agency_shape()
    header_line = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(",;\t", key=header_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    lines: list[Line] = []
    header: list[str] = []
    started_at = 1
    try:
        for cells in reader:
            number, started_at = started_at, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if not header:
                header = _header(cells, shape)
                continue
            if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
                raise ImportFileError(
                    _(
                        "Line %(number)s has more cells than the first line has columns. "
                        "Put text that holds a comma into quotation marks."
                    )
                    % {"number": number}
                )
            if len(lines) == LINES_MAX:
                raise ImportFileError(_("The file has more than 10,000 lines. Split it into several files."))
            padded = [*cells, *[""] * (len(header) - len(cells))]
            lines.append(
                Line(number, {name: _cell(value) for name, value in zip(header, padded, strict=False) if name})
            )
    except csv.Error as error:
        raise ImportFileError(
            _("Line %(number)s cannot be read: a quotation mark is missing or misplaced. Correct it and try again.")
            % {"number": started_at}
        ) from error
    if not header or not lines:
        raise ImportFileError(_("The file has no lines below its first one, so there is nothing to import."))
    ignored: dict[str, list[str]] = {}
    for name in header:
        if name in shape.passed_over:
            ignored.setdefault(shape.passed_over[name], []).append(name)
    remarks = tuple(
        _("These columns are passed over, because %(why)s: %(names)s.") % {"why": why, "names": ", ".join(names)}
        for why, names in ignored.items()
    )
    return ParsedFile(tuple(lines), remarks)


def _header(cells: Iterable[str], shape: Shape) -> list[str]:
    header = [cell.strip().lower().replace(" ", "_") for cell in cells]
    while header and not header[-1]:
        header.pop()
    unknown = sorted({name or _("(no name)") for name in header} - {*shape.columns, *shape.passed_over})
    missing = sorted(shape.required - set(header))
    twice = sorted({name for name in header if header.count(name) > 1})
    if unknown or missing or twice:
        parts = []
        if unknown:
            parts.append(_("unknown: %(names)s") % {"names": ", ".join(unknown)})
        if missing:
            parts.append(_("missing: %(names)s") % {"names": ", ".join(missing)})
        if twice:
            parts.append(_("twice: %(names)s") % {"names": ", ".join(twice)})
        raise ImportFileError(
            _("The first line must name the columns (%(parts)s). The columns are: %(columns)s.")
            % {"parts": "; ".join(parts), "columns": ", ".join(shape.columns)}
        )
    if len({name in header for name in shape.together}) > 1:
        raise ImportFileError(
            _("The columns %(names)s belong together. Give both, or neither.")
            % {"names": _(" and ").join(shape.together)}
        )
    return header


def _cell(value: str) -> str:
    """Return the text of a cell, without the apostrophe that an export puts before what looks like a formula."""
    stripped = value.replace("\r\n", "\n").strip()
    return stripped[1:] if stripped.startswith("'") and _FORMULA.match(stripped) else stripped


# --- deciding ---------------------------------------------------------------------------------------------------------


class _LineError(ValueError):
    """One line cannot be used. Its text says why."""


class _Walk:
    """What is known while the lines are walked: the agencies so far, and which line said what of whom."""

    def __init__(self, agencies: Iterable[AgencyState]) -> None:
        self.agencies: dict[str, AgencyState] = {}
        self.said: dict[tuple[str, str], tuple[int, str]] = {}
        self._by_name: dict[tuple[str, str], AgencyState] = {}
        for agency in agencies:
            self.add(agency)

    def add(self, agency: AgencyState) -> None:
        """Know an agency from here on, under its present name."""
        self.agencies[agency.code] = agency
        self._by_name[agency.jurisdiction, agency.facts["name"].casefold()] = agency

    def find(self, jurisdiction: str, name: str) -> AgencyState | None:
        """Return the agency of that name in that state."""
        agency = self._by_name.get((jurisdiction, name.casefold()))
        return agency if agency is not None and agency.facts["name"].casefold() == name.casefold() else None


def plan_import(file: ParsedFile, agencies: Iterable[AgencyState], *, remarks: tuple[str, ...] = ()) -> Plan:
    """Return what each line would do to the given agencies. The states given are used up: pass fresh ones."""
    walk = _Walk(agencies)
    outcomes = []
    for line in file.lines:
        name = line.cells.get("name", "") or line.cells.get("code", "")
        try:
            outcomes.append(_plan_line(line, walk))
        except (_LineError, ContactValueError) as error:
            outcomes.append(LineOutcome(line.number, "error", name, (str(error),)))
    return Plan(tuple(outcomes), (*remarks, *file.remarks))


def _plan_line(line: Line, walk: _Walk) -> LineOutcome:
    cells = line.cells
    for name, length in LENGTHS.items():
        if len(cells.get(name, "")) > length:
            raise _LineError(_("The cell %(name)s is longer than %(length)s signs.") % {"name": name, "length": length})
    state = cells.get("state", "").upper()
    if state not in JURISDICTIONS:
        raise _LineError(
            _("The state must be a two-letter code such as MD, DC or US, not “%(state)s”.") % {"state": state}
        )
    roles = _roles(cells)
    contact = _contact(cells)
    agency = _known_agency(cells, state, walk)
    says: list[str] = []
    changes: list[Change] = []
    if agency is None:
        agency = _new_agency(line, state, roles, walk, changes)
        says.append(_("Adds the agency."))
    else:
        _update_agency(line, agency, walk, says, changes)
    _add_roles(agency, roles, says, changes)
    if contact is not None:
        _plan_contact(agency, contact, cells, says, changes)
    if not changes:
        return LineOutcome(line.number, "unchanged", agency.facts["name"], tuple(says))
    created = changes[0].kind == "agency" or any(change.kind == "contact" for change in changes)
    return LineOutcome(
        line.number, "create" if created else "update", agency.facts["name"], tuple(says), tuple(changes)
    )


def _roles(cells: Mapping[str, str]) -> list[str]:
    roles = [role.strip().lower() for role in re.split(r"[;|]", cells.get("roles", "")) if role.strip()]
    unknown = sorted(set(roles) - set(AgencyRole.Kind.values))
    if unknown:
        raise _LineError(
            _("There is no role %(roles)s. The roles are: %(known)s.")
            % {"roles": ", ".join(unknown), "known": "; ".join(AgencyRole.Kind.values)}
        )
    return roles


def _contact(cells: Mapping[str, str]) -> tuple[str, str] | None:
    channel, address = cells.get("channel", "").lower(), cells.get("address", "")
    if not channel and not address:
        return None
    if not channel or not address:
        raise _LineError(_("An address needs its channel and a channel its address. Fill in both cells, or neither."))
    if cells.get("confidence", "") not in {"", *Confidence.values}:
        raise _LineError(_("The confidence must be high, medium or low, or empty."))
    if cells.get("as_of", "") and not _AS_OF.fullmatch(cells["as_of"]):
        raise _LineError(_("The cell as_of must look like 2026, 2026-11 or 2026-11-21."))
    if channel not in ContactPoint.Channel.values:
        raise _LineError(
            _("There is no channel %(channel)s. The channels are: %(known)s.")
            % {"channel": channel, "known": "; ".join(ContactPoint.Channel.values)}
        )
    return channel, parse_contact_value(channel, address)


def _known_agency(cells: Mapping[str, str], state: str, walk: _Walk) -> AgencyState | None:
    code = cells.get("code", "").lower()
    agency = walk.agencies.get(code) if code else None
    if agency is None and cells.get("name"):
        agency = walk.find(state, cells["name"])
        if agency is not None and code:
            raise _LineError(
                _("This state has an agency of that name with the code %(code)s. Use that code, or leave it empty.")
                % {"code": agency.code}
            )
    if agency is not None and agency.jurisdiction != state:
        raise _LineError(
            _("The agency %(code)s belongs to %(known)s, not %(state)s.")
            % {"code": agency.code, "known": agency.jurisdiction, "state": state}
        )
    return agency


def _new_agency(line: Line, state: str, roles: list[str], walk: _Walk, changes: list[Change]) -> AgencyState:
    cells = line.cells
    if not cells.get("name"):
        raise _LineError(_("A new agency needs its name."))
    if not roles:
        raise _LineError(_("A new agency needs at least one role, such as dmv."))
    code = cells.get("code", "").lower()
    if code and not (_CODE.fullmatch(code) and code.startswith(f"{state.lower()}-")):
        raise _LineError(
            _("The code must begin with %(start)s and have only small letters, digits and -. Or leave it empty.")
            % {"start": f"{state.lower()}-"}
        )
    _check_website(cells)
    facts = {name: cells.get(name, "") for name in AGENCY_COLUMNS}
    facts["short_name"] = facts["short_name"] or facts["name"][:60]
    agency = AgencyState(code or free_code(state, facts["short_name"], walk.agencies.__contains__), state, facts)
    walk.add(agency)
    for name, value in facts.items():
        walk.said[agency.code, name] = line.number, value
    changes.append(Change("agency", agency.code, {"jurisdiction": state, **facts}))
    return agency


def _update_agency(line: Line, agency: AgencyState, walk: _Walk, says: list[str], changes: list[Change]) -> None:
    _check_website(line.cells)
    new: dict[str, str] = {}
    for name in AGENCY_COLUMNS:
        value = line.cells.get(name, "")
        if not value:
            continue
        earlier, said = walk.said.setdefault((agency.code, name), (line.number, value))
        if said != value:
            raise _LineError(
                _("The cell %(name)s says something else than line %(earlier)s about the same agency.")
                % {"name": name, "earlier": earlier}
            )
        if agency.facts[name] != value:
            new[name] = value
    if new.get("name") and (other := walk.find(agency.jurisdiction, new["name"])) and other is not agency:
        raise _LineError(_("This state has another agency of that name: %(code)s.") % {"code": other.code})
    if new:
        agency.facts.update(new)
        walk.add(agency)
        says.append(_("Changes %(names)s.") % {"names": ", ".join(new)})
        changes.append(Change("agency_facts", agency.code, new))


def _check_website(cells: Mapping[str, str]) -> None:
    if cells.get("website"):
        parse_contact_value("portal", cells["website"])


def _add_roles(agency: AgencyState, roles: list[str], says: list[str], changes: list[Change]) -> None:
    for role in dict.fromkeys(roles):
        if role not in agency.roles:
            agency.roles.add(role)
            says.append(_("Adds the role %(role)s.") % {"role": AgencyRole.Kind(role).label})
            changes.append(Change("role", agency.code, {"kind": role}))


def _plan_contact(
    agency: AgencyState, key: tuple[str, str], cells: Mapping[str, str], says: list[str], changes: list[Change]
) -> None:
    channel, value = key
    facts = {name: cells[name] for name in CONTACT_COLUMNS if cells.get(name)}
    known = agency.contacts.get(key)
    if known is None:
        facts = {"confidence": Confidence.LOW.value, **facts}
        agency.contacts[key] = ContactState({**dict.fromkeys(CONTACT_COLUMNS, ""), **facts})
        says.append(_("Adds an address: %(way)s.") % {"way": ContactPoint.Channel(channel).label})
        changes.append(Change("contact", agency.code, {"channel": channel, "value": value, **facts}))
        return
    if known.retired:
        says.append(_("This address is no longer used here, so it is left as it is."))
        return
    new = {name: fact for name, fact in facts.items() if known.facts[name] != fact}
    if new:
        known.facts.update(new)
        says.append(
            _("Changes %(names)s of the address: %(way)s.")
            % {"names": ", ".join(new), "way": ContactPoint.Channel(channel).label}
        )
        changes.append(Change("contact_facts", agency.code, {"channel": channel, "value": value, **new}))


def free_code(jurisdiction: str, short_name: str, is_taken: Callable[[str], bool]) -> str:
    """Return a code that no agency has, such as md-mdsp, of at most 40 signs."""
    state = jurisdiction.lower()
    stem = f"{state}-{slugify(short_name).removeprefix(state + '-') or 'agency'}"[:36].rstrip("-")
    code, number = stem, 2
    while is_taken(code):
        code, number = f"{stem}-{number}", number + 1
    return code


# --- writing ----------------------------------------------------------------------------------------------------------


def export_cell(value: str) -> str:
    """Return a cell that no spreadsheet program takes for a formula."""
    return f"'{value}" if _FORMULA.match(value) else value


def compose_csv(rows: Iterable[Mapping[str, str]]) -> str:
    """Return a CSV text of rows by COLUMNS, which `parse_csv` reads back as it was."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([export_cell(row.get(name, "")) for name in COLUMNS])
    return out.getvalue()
