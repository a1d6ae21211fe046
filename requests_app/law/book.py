"""The law book: loads, checks and keeps the statute and calendar files.

`open_book(overlay)` gives a `LawBook`. An overlay is a folder with `statutes/` and `calendars/` of its own; a file
there replaces the bundled file of the same code and passes the same checks. The book reads each file once.

`python -m requests_app.law.book [overlay folder]` checks every file and prints one line per problem; it exits with
status 1 when there is any.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final, TypeAlias, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from requests_app.law.calendars import HolidayCalendar, build_calendar
from requests_app.law.schema import CalendarFile, Rule, StandingException, Statute, Trigger

DATA: Final = Path(__file__).parent / "data"

CODES: Final = (
    *("AK", "AL", "AR", "AZ", "CA", "CO", "CT", "DC", "DE", "FL", "GA", "HI", "IA", "ID", "IL", "IN", "KS", "KY"),
    *("LA", "MA", "MD", "ME", "MI", "MN", "MO", "MS", "MT", "NC", "ND", "NE", "NH", "NJ", "NM", "NV", "NY", "OH"),
    *("OK", "OR", "PA", "RI", "SC", "SD", "TN", "TX", "US", "UT", "VA", "VT", "WA", "WI", "WV", "WY"),
)

_AGENCY_KINDS: Final = frozenset({"acknowledgment", "determination", "production"})
_REQUESTER_TRIGGERS: Final[frozenset[Trigger]] = frozenset({"clarification_request", "fee_estimate", "determination"})

_File = TypeVar("_File", Statute, CalendarFile)


class UnknownJurisdiction(LookupError):
    """A code that is none of the 50 states, DC or US."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(
            f"There is no jurisdiction with the code {code!r}. Use a two-letter state code, DC, or US for the federal "
            "government, for example MD."
        )


class LawFileError(ValueError):
    """A law file is missing or says something that cannot be used. `problems` name file and field, one line each."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        self.problems: tuple[str, ...] = problems
        super().__init__("\n".join(problems))


class LawBook:
    """Statutes and calendars by code, each read and checked on first use and then kept."""

    def __init__(self, overlay: Path | None = None) -> None:
        """Open the book; nothing is read yet. `overlay`: a folder whose files replace the bundled ones."""
        self.overlay = overlay
        self._statutes: dict[str, Statute] = {}
        self._calendars: dict[str, HolidayCalendar] = {}
        self._stamps: dict[tuple[str, str], _Stamp] = {}

    @property
    def codes(self) -> tuple[str, ...]:
        """Every jurisdiction's code, in alphabetical order."""
        return CODES

    def statute(self, code: str) -> Statute:
        """Return the statute of a jurisdiction; the code may be in lower case.

        Raises UnknownJurisdiction, or LawFileError when its file cannot be used.
        """
        known = _known(code)
        if known not in self._statutes:
            self._statutes[known] = self._read("statutes", known, Statute)
        return self._statutes[known]

    def calendar(self, code: str) -> HolidayCalendar:
        """Return the calendar of a jurisdiction; the code may be in lower case.

        Raises UnknownJurisdiction, or LawFileError when its file cannot be used.
        """
        known = _known(code)
        if known not in self._calendars:
            file = self._read("calendars", known, CalendarFile)
            try:
                self._calendars[known] = build_calendar(file)
            except ValueError as error:
                raise LawFileError((f"calendars/{known}.json: corrections: {error}",)) from error
        return self._calendars[known]

    def calendar_file(self, code: str) -> CalendarFile:
        """Return the reviewed facts behind a calendar: its corrections, sources and doubts."""
        return _read(self._path("calendars", _known(code)), CalendarFile)

    def outdated(self) -> tuple[str, ...]:
        """Return the jurisdictions whose files were changed after this book read them: it still says what they said."""
        changed = {code for (folder, code), stamp in self._stamps.items() if _stamp(self._path(folder, code)) != stamp}
        return tuple(sorted(changed))

    def problems(self) -> Iterator[str]:
        """Check every file and walk the problems, one line each, naming file and field."""
        yield from self._stray_files()
        for code in CODES:
            for load in (self.statute, self.calendar):
                try:
                    load(code)
                except LawFileError as error:
                    yield from error.problems

    def _read(self, folder: str, code: str, kind: type[_File]) -> _File:
        path = self._path(folder, code)
        stamp = _stamp(path)
        file = _read(path, kind)
        self._stamps[folder, code] = stamp
        return file

    def _path(self, folder: str, code: str) -> Path:
        if self.overlay is not None and (own := self.overlay / folder / f"{code}.json").is_file():
            return own
        return DATA / folder / f"{code}.json"

    def _stray_files(self) -> Iterator[str]:
        """Walk files that no jurisdiction would ever read, such as a misspelt overlay file."""
        if self.overlay is not None and not self.overlay.is_dir():
            yield f"{self.overlay}: this overlay folder does not exist; create it or leave LAW_OVERLAY_DIR empty"
            return
        for root in (DATA, self.overlay):
            for folder in ("statutes", "calendars"):
                for path in sorted((root / folder).glob("*")) if root is not None else ():
                    if path.suffix != ".json" or path.stem not in CODES:
                        yield f"{_place(path)}: no jurisdiction reads this file; name it CODE.json, for example MD.json"


@cache
def open_book(overlay: Path | None = None) -> LawBook:
    """Return the law book for an overlay folder (None: the bundled files alone); the same one each time."""
    return LawBook(overlay)


def _known(code: str) -> str:
    upper = code.strip().upper()
    if upper not in CODES:
        raise UnknownJurisdiction(code)
    return upper


def _place(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


_Stamp: TypeAlias = "tuple[Path, int, int] | None"


def _stamp(path: Path) -> _Stamp:
    """Return what changes whenever somebody writes a file: where it is, when it was written, and its size."""
    try:
        found = path.stat()
    except OSError:
        return None
    return path, found.st_mtime_ns, found.st_size


def _read(path: Path, kind: type[_File]) -> _File:
    """Read and check one file. Raises LawFileError with a line for each problem."""
    place = _place(path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise LawFileError((f"{place}: the file cannot be read ({error.strerror})",)) from error
    try:
        file = msgspec.json.decode(raw, type=kind)
    except msgspec.DecodeError as error:
        raise LawFileError((f"{place}: {_with_field(str(error))}",)) from error
    found = _statute_problems(file) if isinstance(file, Statute) else _calendar_problems(file)
    problems: tuple[str, ...] = tuple(f"{place}: {problem}" for problem in found)
    if file.code != path.stem:
        problems = (f"{place}: code: the file says {file.code!r}", *problems)
    if problems:
        raise LawFileError(problems)
    return file


def _with_field(message: str) -> str:
    """Put the field first: msgspec's "Expected `int` - at `$.rules[0].x`" becomes "rules[0].x: Expected `int`"."""
    text, found, place = message.partition(" - at `$")
    if not found:
        return text
    return f"{place.strip('`').lstrip('.')}: {text}" if place.strip("`") else text


# --- checks across fields ---------------------------------------------------------------------------------------------


def _statute_problems(statute: Statute) -> Iterator[str]:
    """Walk everything that a single field's type cannot catch."""
    try:
        ZoneInfo(statute.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        yield f"timezone: there is no time zone named {statute.timezone!r}; use an IANA name such as America/New_York"
    for field, citation in _citations(statute):
        if not citation.strip():
            yield f"{field}: the citation is empty"
    if not statute.sources:
        yield "sources: there is none; every file names where its facts were read"
    yield from _repeated_ids(statute)
    yield from _requester_problems(statute)
    by_id = {rule.id: rule for rule in statute.rules}
    for rule in statute.rules:
        for field, problem in _rule_problems(rule, by_id, statute.code):
            yield f"rules[{rule.id}].{field}: {problem}"
    for toll in statute.tolling:
        if not toll.id.startswith(f"{statute.code}."):
            yield f"tolling[{toll.id}].id: does not begin with {statute.code}."
        if not toll.citation.strip():
            yield f"tolling[{toll.id}].citation: the citation is empty"
        if (toll.starts, toll.ends) not in (("clarification_requested", "clarified"), ("fee_estimated", "fee_paid")):
            yield f"tolling[{toll.id}].ends: {toll.ends} does not answer {toll.starts}"
        for target in toll.applies_to:
            if target not in by_id:
                yield f"tolling[{toll.id}].applies_to: there is no rule {target}"
            elif by_id[target].duty_of != "agency":
                yield f"tolling[{toll.id}].applies_to: {target} is not a duty of the agency"


def _citations(statute: Statute) -> Iterator[tuple[str, str]]:
    yield "statute.citation", statute.statute.citation
    yield "requester.citation", statute.requester.citation
    yield "submission.citation", statute.submission.citation
    for exception in statute.requester.exceptions:
        yield f"requester.exceptions[{exception.id}].citation", exception.citation
        if exception.authority is not None:
            yield f"requester.exceptions[{exception.id}].authority.citation", exception.authority.citation
    for hint in statute.submission.hints:
        yield f"submission.hints[{hint.key}].citation", hint.citation
    yield "day_counting.citation", statute.day_counting.citation
    yield "fees.citation", statute.fees.citation
    for exemption in statute.likely_exemptions:
        yield f"likely_exemptions[{exemption.label}].citation", exemption.citation


def _requester_problems(statute: Statute) -> Iterator[str]:
    for exception in statute.requester.exceptions:
        if ("{whom}" in exception.statement) != (exception.asks_for is not None):
            yield f"requester.exceptions[{exception.id}].asks_for: goes with a blank {{whom}} in the statement"
        yield from _authority_problems(statute, exception)
    for doubt in statute.requester.doubts:
        if doubt not in statute.doubts:
            yield f"requester.doubts: {doubt!r} is not among the doubts of the file"


def _authority_problems(statute: Statute, exception: StandingException) -> Iterator[str]:
    authority, place = exception.authority, f"requester.exceptions[{exception.id}].authority"
    if authority is None:
        return
    if exception.asks_for is None:
        yield f"{place}: the sentence of the exception has no blank for whoever gives it"
    if "{representative}" not in authority.text:
        yield f"{place}.text: does not say whom it authorises: {{representative}} is missing"
    known = {"resident"} | {one.id for one in statute.requester.exceptions if one.asks_for is None}
    if not authority.givers:
        yield f"{place}.givers: nobody can give it"
    for giver in authority.givers:
        if giver not in known:
            yield f"{place}.givers: {giver} is no ground on which a person can ask"


def _repeated_ids(statute: Statute) -> Iterator[str]:
    seen: set[str] = set()
    for section, ids in (
        ("rules", [rule.id for rule in statute.rules]),
        ("tolling", [toll.id for toll in statute.tolling]),
        ("requester.exceptions", [exception.id for exception in statute.requester.exceptions]),
    ):
        for one in ids:
            if one in seen:
                yield f"{section}[{one}].id: the id is used twice"
            seen.add(one)


def _rule_problems(rule: Rule, by_id: dict[str, Rule], code: str) -> Iterator[tuple[str, str]]:
    """Walk (field, problem) of one rule."""
    if not rule.id.startswith(f"{code}."):
        yield "id", f"does not begin with {code}."
    if not rule.duty.strip():
        yield "duty", "is empty; say in plain words what must be done"
    if not rule.citation.strip():
        yield "citation", "a rule needs its section" if rule.period is None else "every number needs its section"
    if rule.condition_key is not None and rule.condition is None:
        yield "condition", "is null although condition_key is set; say the condition in plain words"
    if rule.trigger in rule.also_triggers:
        yield "also_triggers", f"repeats the trigger {rule.trigger}"
    if rule.or_earlier is not None and rule.period is None:
        yield "or_earlier", "needs a period to be earlier than"
    if rule.period_if_disputed is not None and rule.period is None:
        yield "period_if_disputed", "needs a period that it disputes"
    if rule.trigger == "other" and rule.runs_from is None:
        yield "runs_from", "is null; with the trigger other it says from what the period runs"
    if _ends_before_it_starts(rule.effective_from, rule.effective_to):
        yield "effective_to", f"{rule.effective_to} lies before effective_from {rule.effective_from}"
    yield from _extension_problems(rule, by_id)
    yield from _party_problems(rule)


def _ends_before_it_starts(start: date | None, end: date | None) -> bool:
    return start is not None and end is not None and end < start


def _extension_problems(rule: Rule, by_id: dict[str, Rule]) -> Iterator[tuple[str, str]]:
    if rule.kind != "extension":
        if rule.extends is not None:
            yield "extends", f"only an extension extends a rule; this is of kind {rule.kind}"
        if rule.counted_from is not None:
            yield "counted_from", f"only an extension has it; this is of kind {rule.kind}"
        return
    if rule.extends is None:
        yield "extends", "is null; an extension names the rule it extends"
    elif rule.extends not in by_id:
        yield "extends", f"there is no rule {rule.extends}"
    elif by_id[rule.extends].duty_of != "agency" or by_id[rule.extends].kind == "extension":
        yield "extends", f"{rule.extends} is not an agency's original duty"
    if rule.period is not None and rule.counted_from is None:
        yield "counted_from", "is null; say whether the period is added to the due_date or is a total from the trigger"


def _party_problems(rule: Rule) -> Iterator[tuple[str, str]]:
    if rule.kind in _AGENCY_KINDS and rule.duty_of != "agency":
        yield "duty_of", f"a duty of kind {rule.kind} is the agency's"
    if rule.kind == "reply" and (rule.duty_of != "requester" or rule.trigger not in _REQUESTER_TRIGGERS):
        yield "trigger", "a reply is the requester's answer to a clarification_request, fee_estimate or determination"
    if rule.silence_is_denial and rule.duty_of != "agency":
        yield "silence_is_denial", "only an agency's silence can be a denial"
    if rule.kind in ("appeal", "court"):
        if rule.body is None:
            yield "body", "is null; say who hears it"
        if rule.level is None:
            yield "level", "is null; say what kind of body hears it"
    if rule.kind == "appeal" and rule.duty_of == "agency" and rule.trigger not in ("appeal_filing", "other"):
        yield "trigger", f"a body's decision on an appeal runs from appeal_filing, not from {rule.trigger}"
    if rule.kind == "court" and rule.level != "court":
        yield "level", f"a rule of kind court has the level court, not {rule.level}"


def _calendar_problems(file: CalendarFile) -> Iterator[str]:
    if file.reviewed_through < file.reviewed_from:
        yield f"reviewed_through: {file.reviewed_through} lies before reviewed_from {file.reviewed_from}"
    if not file.sources:
        yield "sources: there is none; every calendar names what it was checked against"
    for correction in file.corrections:
        place = f"corrections[{correction.name}]"
        if not correction.citation.strip():
            yield f"{place}.citation: every correction needs its section or official calendar"
        if correction.from_year and correction.to_year and correction.to_year < correction.from_year:
            yield f"{place}.to_year: {correction.to_year} lies before from_year {correction.from_year}"


def main(arguments: list[str]) -> int:
    """Check every file, print one line per problem, and return the exit status."""
    problems = list(LawBook(Path(arguments[0]) if arguments else None).problems())
    for problem in problems:
        sys.stdout.write(f"{problem}\n")
    if not problems:
        sys.stdout.write(f"{len(CODES)} statutes and {len(CODES)} calendars checked: no problem.\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
