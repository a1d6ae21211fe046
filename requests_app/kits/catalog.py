"""The catalog of the kits room: reads its data files once, checks them, and hands them out.

Errors name the file and the field. `python -m requests_app.kits.catalog` checks every file, prints one line per problem
and exits with status 1 when there is any.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Protocol, TypeVar

import msgspec

from requests_app.kits.later_schema import LETTER_KEYS, Body, BodyFile, LetterType, letter_problems
from requests_app.kits.schema import (
    Blocks,
    FindingGuide,
    Kit,
    Lever,
    LeverFile,
    Objection,
    ObjectionBank,
    Voice,
    placeholders_in,
)
from requests_app.law.book import CODES, open_book

DATA: Final = Path(__file__).parent / "data"
KIT_IDS: Final = ("K1", "K2", "K3", "K4", "K5", "K6", "K7", "K8")
OWN_KIT: Final = re.compile(r"G[1-9][0-9]{0,5}")
"""The ids of kits that a group writes itself."""

_File = TypeVar("_File", Kit, Blocks, FindingGuide, ObjectionBank, LeverFile, Voice, LetterType, BodyFile)


class UnknownKit(LookupError):
    """A kit id, or an edition of a kit, that the catalog does not have."""

    def __init__(self, kit_id: str, edition: str | None = None) -> None:
        self.kit_id = kit_id
        self.edition = edition
        which = f"{kit_id!r}" if edition is None else f"{kit_id!r} in edition {edition}"
        super().__init__(f"There is no request kit {which}. The kits are {', '.join(KIT_IDS)}.")


class UnknownLetter(LookupError):
    """A key of a later letter that the catalog does not have."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(f"There is no later letter {key!r}. The letters are {', '.join(LETTER_KEYS)}.")


class KitFileError(ValueError):
    """A data file is missing or says something that cannot be used. `problems` name file and field."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


@dataclass(frozen=True)
class Wording:
    """Everything but the kit that a letter to one jurisdiction is worded from."""

    voice: Voice
    blocks: Blocks
    levers: tuple[Lever, ...]


class OwnKits(Protocol):
    """Where the group's own kits come from. The app connects its tables here; pure tools do without."""

    def get(self, kit_id: str, edition: str | None) -> Kit | None:
        """Return a kit in an edition, None for the present one; None when there is no such."""

    def present(self) -> tuple[tuple[Kit, bool], ...]:
        """Return every kit in its present edition, G1 first, and whether it can be chosen (it is not retired)."""


_own_kits: list[OwnKits] = []


@dataclass(slots=True)
class _AtHand:
    """The group's own kits as one operation read them; None until it needs one."""

    present: tuple[tuple[Kit, bool], ...] | None = None


_at_hand: ContextVar[_AtHand | None] = ContextVar("own kits at hand", default=None)


@contextmanager
def own_kits_at_hand() -> Iterator[None]:
    """Read the group's own kits at most once inside the block: one query for one kit and for a hundred.

    Each request and each batch of periodic work opens a block of its own, so that no process keeps an edition after
    another one wrote a newer. A block inside a block uses what the outer one read.
    """
    if _at_hand.get() is not None:
        yield
        return
    token = _at_hand.set(_AtHand())
    try:
        yield
    finally:
        _at_hand.reset(token)


def forget_own_kits() -> None:
    """Let the running block read the own kits again: whoever writes one calls this."""
    hand = _at_hand.get()
    if hand is not None:
        hand.present = None


def _present_own_kits() -> tuple[tuple[Kit, bool], ...]:
    hand = _at_hand.get()
    if hand is not None and hand.present is not None:
        return hand.present
    found = tuple(pair for source in _own_kits for pair in source.present())
    if hand is not None:
        hand.present = found
    return found


def connect_own_kits(source: OwnKits) -> None:
    """Let `list_kits` and `get_kit` know the group's own kits too."""
    _own_kits[:] = [source]


def list_kits() -> tuple[Kit, ...]:
    """Return every kit that can be chosen: K1 first, the group's own last. Raises KitFileError for a bad file.

    One query once own kits are connected, or none (see `own_kits_at_hand`).
    """
    return bundled_kits() + tuple(kit for kit, offered in _present_own_kits() if offered)


@cache
def bundled_kits() -> tuple[Kit, ...]:
    """Return the kits that come with the program."""
    return tuple(_kit(kit_id) for kit_id in KIT_IDS)


def get_kit(kit_id: str, edition: str | None = None) -> Kit:
    """Return one kit; the id may be in lower case. Raises UnknownKit, also for an edition that is not kept.

    Of the bundled kits the present edition is kept: a request keeps its letter, so an older one is never needed to show
    what was asked. Of the group's own kits every edition is kept, also of those that are retired. One query for these,
    or one for many in their present editions (see `own_kits_at_hand`).
    """
    known = kit_id.strip().upper()
    if OWN_KIT.fullmatch(known):
        own: Kit | None
        if edition is None and _at_hand.get() is not None:
            own = next((kit for kit, _offered in _present_own_kits() if kit.id == known), None)
        else:
            own = next((kit for source in _own_kits if (kit := source.get(known, edition)) is not None), None)
        if own is None:
            raise UnknownKit(known, edition)
        return own
    if known not in KIT_IDS:
        raise UnknownKit(kit_id)
    kit = _kit(known)
    if edition is not None and kit.edition != edition:
        raise UnknownKit(known, edition)
    return kit


@cache
def shared_blocks() -> Blocks:
    """Return the paragraphs and enumerations that all kits share."""
    return _read(DATA / "blocks.json", Blocks)


@cache
def finding_guide() -> FindingGuide:
    """Return what forms for findings say: words for codes, help and traps."""
    return _read(DATA / "findings.json", FindingGuide)


@cache
def objections() -> dict[str, Objection]:
    """Return the objection bank by id, O1 first."""
    return {objection.id: objection for objection in _read(DATA / "objections.json", ObjectionBank).objections}


@cache
def all_levers() -> tuple[Lever, ...]:
    """Return every state lever."""
    return _read(DATA / "levers.json", LeverFile).levers


@cache
def voice(code: str) -> Voice:
    """Return how a letter speaks of one jurisdiction's law."""
    return _read(DATA / "voices" / f"{code}.json", Voice)


@cache
def letter_types() -> tuple[LetterType, ...]:
    """Return every kind of later letter, in the order in which a request may come to them."""
    return tuple(_read(DATA / "letters" / f"{key}.json", LetterType) for key in LETTER_KEYS)


def letter_type(key: str) -> LetterType:
    """Return one kind of later letter. Raises UnknownLetter."""
    found = _types_by_key().get(key)
    if found is None:
        raise UnknownLetter(key)
    return found


@cache
def _types_by_key() -> dict[str, LetterType]:
    return {each.key: each for each in letter_types()}


@cache
def bodies() -> dict[str, Body]:
    """Return how letters name each body that hears a requester, by the id of the law book's rule."""
    return {body.rule: body for body in _read(DATA / "bodies.json", BodyFile).bodies}


@cache
def wording_for(code: str) -> Wording:
    """Return everything that a letter to this jurisdiction is worded from."""
    return Wording(
        voice=voice(code),
        blocks=shared_blocks(),
        levers=tuple(lever for lever in all_levers() if lever.jurisdiction == code),
    )


def problems() -> Iterator[str]:
    """Check every file and walk the problems, one line each, naming file and field."""
    try:
        blocks, bank, levers = shared_blocks(), objections(), all_levers()
    except KitFileError as error:
        yield from error.problems
        return
    for kit_id in KIT_IDS:
        try:
            yield from (f"kits/{kit_id}.json: {problem}" for problem in _kit_problems(_kit(kit_id), blocks, bank))
        except KitFileError as error:
            yield from error.problems
    for code in CODES:
        try:
            yield from (f"voices/{code}.json: {problem}" for problem in _voice_problems(voice(code)))
        except KitFileError as error:
            yield from error.problems
    yield from (f"findings.json: {problem}" for problem in _guide_problems(blocks))
    for lever in levers:
        yield from (f"levers.json: levers[{lever.id}].{problem}" for problem in _lever_problems(lever))
    yield from _later_problems()
    repeated = {lever.id for lever in levers if sum(other.id == lever.id for other in levers) > 1}
    yield from (f"levers.json: levers[{lever_id}].id: stands there twice" for lever_id in sorted(repeated))


@cache
def _kit(kit_id: str) -> Kit:
    return _read(DATA / "kits" / f"{kit_id}.json", Kit)


def _read(path: Path, kind: type[_File]) -> _File:
    place = str(path.relative_to(DATA)) if path.is_relative_to(DATA) else path.name
    try:
        file = msgspec.json.decode(path.read_bytes(), type=kind)
    except OSError as error:
        raise KitFileError((f"{place}: the file cannot be read ({error.strerror})",)) from error
    except msgspec.DecodeError as error:
        text, _, where = str(error).partition(" - at `$")
        field = where.strip("`").lstrip(".")
        raise KitFileError((f"{place}: {field}: {text}" if field else f"{place}: {text}",)) from error
    named = path.stem
    if isinstance(file, Kit):
        named = file.id
    elif isinstance(file, Voice):
        named = file.code
    elif isinstance(file, LetterType):
        named = file.key
    if named != path.stem:
        raise KitFileError((f"{place}: the file says {named!r}",))
    return file


def kit_problems(kit: Kit) -> tuple[str, ...]:
    """Return what is wrong with a kit beyond its shape, one line each, naming the field."""
    return tuple(_kit_problems(kit, shared_blocks(), objections()))


def _kit_problems(kit: Kit, blocks: Blocks, bank: dict[str, Objection]) -> Iterator[str]:
    ids = [item.id for item in kit.items]
    for item in kit.items:
        if ids.count(item.id) > 1:
            yield f"items[{item.id}].id: stands there twice"
        for other in item.needs:
            if other not in ids:
                yield f"items[{item.id}].needs: there is no item {other!r}"
        for name in placeholders_in(item.text) | placeholders_in(item.federal or ""):
            for other in name.removeprefix("ref:").split(",") if name.startswith("ref:") else ():
                if other not in ids:
                    yield f"items[{item.id}].text: refers to {other!r}, which is no item"
    if kit.kind == "records" and not any(item.federal and item.default for item in kit.items):
        yield "items: none is asked of a federal agency"
    for objection in kit.objections:
        if objection not in bank:
            yield f"objections: there is no objection {objection!r}"
    for definition in kit.definitions:
        if definition not in blocks.definitions:
            yield f"definitions: there is no definition {definition!r}"
    for name, group in (("exclusions", blocks.exclusions), ("preservation", blocks.preservation)):
        chosen = getattr(kit, name)
        if chosen != "none" and chosen not in group:
            yield f"{name}: there is no block {chosen!r}"
    for finding in kit.findings:
        if finding.enumeration is not None and finding.enumeration not in blocks.enumerations:
            yield f"findings[{finding.name}].enumeration: there is no list {finding.enumeration!r}"
    if kit.kind == "records" and kit.period.start is None:
        yield "period.start: a records request needs one"


def _voice_problems(voice: Voice) -> Iterator[str]:
    for left_out in voice.leave_out:
        if left_out.kit not in KIT_IDS or all(item.id != left_out.item for item in _kit(left_out.kit).items):
            yield f"leave_out: {left_out.kit} has no item {left_out.item!r}"


def _guide_problems(blocks: Blocks) -> Iterator[str]:
    """Check that every field of a bundled kit is explained, and every code it may hold has its words."""
    try:
        guide = finding_guide()
        fields = [field for kit_id in KIT_IDS for field in _kit(kit_id).findings]
    except KitFileError as error:
        yield from error.problems
        return
    for name, codes in blocks.enumerations.items():
        if set(codes) != set(guide.names.get(name, {})):
            yield f"names[{name}]: has other codes than the list of that name"
    guided, traps = [one.name for one in guide.findings], {trap.id for trap in guide.traps}
    for field in fields:
        if field.name not in guided:
            yield f"findings: the field {field.name!r} is not explained"
        for value in field.values:
            if value not in guide.names.get("value", {}):
                yield f"names[value]: there are no words for {value!r} of {field.name!r}"
    for one in guide.findings:
        place = f"findings[{one.name}]"
        if guided.count(one.name) > 1:
            yield f"{place}.name: stands there twice"
        yield from (f"{place}.traps: there is no trap {trap!r}" for trap in one.traps if trap not in traps)
        if one.counts is not None and one.counts not in blocks.enumerations["count_unit"]:
            yield f"{place}.counts: there is no unit {one.counts!r}"
        for name, value in one.fixed.items():
            if value not in blocks.enumerations.get(name, ()):
                yield f"{place}.fixed: there is no {name} {value!r}"
            if name in one.says:
                yield f"{place}.fixed: {name} is fixed, so nobody is asked for it"


def _later_problems() -> Iterator[str]:
    """Check the later letters and the bodies; a step of the law book without a body's name is a problem too."""
    for key in LETTER_KEYS:
        try:
            letter = _read(DATA / "letters" / f"{key}.json", LetterType)
        except KitFileError as error:
            yield from error.problems
        else:
            yield from (f"letters/{key}.json: {problem}" for problem in letter_problems(letter))
    try:
        named = bodies()
    except KitFileError as error:
        yield from error.problems
        return
    book = open_book(None)
    rules = {
        rule.id
        for code in CODES
        for rule in book.statute(code).rules
        if rule.kind == "appeal" and rule.duty_of == "requester"
    }
    yield from (f"bodies.json: bodies[{rule}]: the law book has no such step" for rule in sorted(set(named) - rules))
    yield from (f"bodies.json: the step {rule} of the law book has no body" for rule in sorted(rules - set(named)))


def _lever_problems(lever: Lever) -> Iterator[str]:
    if lever.jurisdiction not in CODES:
        yield f"jurisdiction: there is no jurisdiction {lever.jurisdiction!r}"
    if not lever.id.startswith(f"{lever.jurisdiction}."):
        yield f"id: does not begin with {lever.jurisdiction}."
    for kit in lever.kits:
        if kit not in KIT_IDS:
            yield f"kits: there is no kit {kit!r}"


if __name__ == "__main__":
    found = tuple(problems())
    for line in found:
        sys.stdout.write(f"{line}\n")
    sys.exit(1 if found else 0)
