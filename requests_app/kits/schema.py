"""The shapes of the kits room's data files: kits, shared blocks, objections, levers, and one voice per jurisdiction.

A *kit* says what is asked, a *block* is a paragraph that all kits share, a *voice* holds the sentences in which a
letter speaks of one jurisdiction's law, a *lever* is a law that already wants such records to be public. Nothing here
composes.

Reading rules for whoever writes the files:

- Marks follow the project's scale: P primary document, S reported, I our inference, U unconfirmed. A fact marked I or U
  never stands in a letter; the loader refuses `in_letter` on it.
- `{placeholders}` are a closed set (`PLACEHOLDERS`), checked when the file is read.
- `federal` is the wording for a federal addressee; null means that the item is not asked there.
- A voice's sentence names what it rests on. When the law book changes underneath it, the letter drops the sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final, Literal

import msgspec

Mark = Literal["P", "S", "I", "U"]
Confidence = Literal["high", "medium", "low"]
Role = Literal[
    "nlets_control_point",
    "cjis_systems_agency",
    "dmv",
    "attorney_general",
    "governor_records",
    "federal_requester_agency",
]
KitKind = Literal["records", "officials"]
When = Literal["always", "resident", "not_resident", "resident_unknown"]
Contact = Literal["postal_address", "phone"]
WaiverBasis = Literal["right", "discretion", "none"]

PLACEHOLDERS: Final = frozenset(
    {
        "begin_items",
        "block_date",
        "call_sentence",
        "companion_agencies",
        "contact_person",
        "control_point_name",
        "dmv_name",
        "executive",
        "fee_limit",
        "first_installment",
        "first_slice",
        "government",
        "log_name",
        "no_officers",
        "public_interest",
        "search_terms",
        "state_name",
        "statute_citation",
        "switch_first",
        "switch_name",
        "things",
    }
)

_PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")


def placeholders_in(text: str) -> frozenset[str]:
    """Return the names between braces in a template text, references to other items ("ref:...") included."""
    return frozenset(_PLACEHOLDER.findall(text))


def _check_text(text: str) -> None:
    for name in placeholders_in(text):
        if name not in PLACEHOLDERS and not name.startswith("ref:"):
            raise ValueError(f"the text names the unknown placeholder {{{name}}}")
    if "  " in text:
        raise ValueError(f"the text holds two spaces in a row: {text[:60]!r}")


class _Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every record: immutable, named fields only, no unknown fields."""


# --- kits -------------------------------------------------------------------------------------------------------------


class Item(_Record, frozen=True):
    """One thing asked for. `begin_with`: produce it first. `default`: chosen unless the filer says otherwise.

    `needs`: items that must be in the letter for this one to make sense.
    """

    id: str
    text: str
    hint: str
    federal: str | None = None
    begin_with: bool = False
    default: bool = True
    needs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check_text(self.text)
        _check_text(self.federal or "")


class KitPeriod(_Record, frozen=True):
    """The usual range. `start` null: the kit has no period. `first_slice` is the tight range to offer first."""

    start: date | None
    meaning: Literal["transactions", "in_force", "records", "none"]
    first_slice: str
    note: str


class FindingField(_Record, frozen=True):
    """One value that a reviewer takes from the answer. `enumeration` names a shared list, `values` an own one."""

    name: str
    type: Literal["integer", "decimal", "text", "date", "enum"]
    unit: str | None = None
    values: tuple[str, ...] = ()
    enumeration: str | None = None
    derived: bool = False
    many: bool = False
    note: str | None = None

    def __post_init__(self) -> None:
        if self.type == "enum" and not (self.values or self.enumeration):
            raise ValueError(f"finding field {self.name!r} is an enum without values")
        if self.type in ("integer", "decimal") and self.unit is None:
            raise ValueError(f"finding field {self.name!r} is a number without a unit")


class Trap(_Record, frozen=True):
    """A way to read a number wrongly, told beside the form. `mark`: how sure it is; `url`: who says so."""

    id: str
    text: str
    mark: Mark
    url: str | None

    def __post_init__(self) -> None:
        if self.mark in ("P", "S") and self.url is None:
            raise ValueError(f"the trap {self.id!r} is marked {self.mark} and names no source")


class FieldGuide(_Record, frozen=True):
    """How a finding field is asked for, in every kit that has a field of this name.

    `says`: what each of its values must say besides the value (component, message_key, door, period). `counts`: what a
    number counts, by the shared list of units, where it is always the same. `fixed`: what all its values say. `about`:
    a question, where one value alone says nothing (a date of which agreement?).
    """

    name: str
    label: str
    help: str
    says: tuple[Literal["component", "message_key", "door", "period"], ...] = ()
    counts: str | None = None
    fixed: dict[str, str] = {}
    about: str | None = None
    traps: tuple[str, ...] = ()


class FindingGuide(_Record, frozen=True, eq=False):
    """Everything that forms for findings say: the words for codes (list -> code -> words), traps and fields."""

    edition: str
    status_date: date
    names: dict[str, dict[str, str]]
    traps: tuple[Trap, ...]
    findings: tuple[FieldGuide, ...]


class SourcedFact(_Record, frozen=True):
    """A fact of the domain with its mark and source. `in_letter`: a letter may say it."""

    text: str
    mark: Mark
    url: str | None
    as_of: str | None
    in_letter: bool = False

    def __post_init__(self) -> None:
        if self.in_letter and self.mark not in ("P", "S"):
            raise ValueError(f"a fact marked {self.mark} may not stand in a letter: {self.text[:60]!r}")
        if self.in_letter and self.url is None:
            raise ValueError(f"a fact that stands in a letter needs a source: {self.text[:60]!r}")


class Kit(_Record, frozen=True, eq=False):
    """One reusable set of record descriptions for one purpose, in one edition. Compared by identity."""

    id: str
    edition: str
    status_date: date
    kind: KitKind
    title: str
    subject: str
    plain: str
    learn: str
    purpose: str
    typical_refusal: str
    length: str
    holder_roles: tuple[Role, ...]
    period: KitPeriod
    aim: str
    federal_aim: str
    things: str
    thing: str
    why: str
    format: str
    first_installment: str
    contact_person: str
    definitions: tuple[str, ...]
    exclusions: str
    preservation: str
    extra_exclusion: str | None
    search_terms: tuple[str, ...]
    items: tuple[Item, ...]
    objections: tuple[str, ...]
    offers_ladder: bool
    tips: tuple[str, ...]
    follow_ups: tuple[str, ...]
    call_sheet: tuple[str, ...]
    findings: tuple[FindingField, ...]
    sources: tuple[SourcedFact, ...]

    def __post_init__(self) -> None:
        for text in (self.subject, self.aim, self.federal_aim, self.why, self.first_installment, *self.follow_ups):
            _check_text(text)
        for text in (*self.call_sheet, self.purpose):
            _check_text(text)

    @property
    def asks_block_date(self) -> bool:
        """True when the letter speaks of the day on which access was limited."""
        texts = (self.aim, self.why, *(text for item in self.items for text in (item.text, item.federal or "")))
        return "change" in self.definitions or any("{block_date}" in text for text in texts)

    def item(self, item_id: str) -> Item:
        """Return the item with this id. Raises KeyError when the kit has none."""
        for item in self.items:
            if item.id == item_id:
                return item
        raise KeyError(item_id)


# --- shared blocks and objections -------------------------------------------------------------------------------------


class Block(_Record, frozen=True):
    """A shared paragraph. `source_block` names the building block F1-F9 that it comes from."""

    source_block: str
    text: str
    federal: str | None = None

    def __post_init__(self) -> None:
        _check_text(self.text)
        _check_text(self.federal or "")


class Blocks(_Record, frozen=True, eq=False):
    edition: str
    status_date: date
    definitions: dict[str, Block]
    exclusions: dict[str, Block]
    preservation: dict[str, Block]
    rolling: Block
    held_for_you: Block
    companion: Block
    companions: Block
    withholding: Block
    estimate: Block
    estimate_no_limit: Block
    clarification: Block
    format_pdf: Block
    format_paper: Block
    ladder: tuple[str, ...]
    enumerations: dict[str, tuple[str, ...]]


class Objection(_Record, frozen=True):
    """What an agency may say, and our reply. `cautions`: what to check before the reply is used.

    `with_companion`: a sentence that is true only when the other custodian was asked too. `phrases`: words by which the
    objection is known in an agency's letter, lower case, plain letters (see `objecting`).
    """

    id: str
    objection: str
    reply: str
    cautions: tuple[str, ...] = ()
    with_companion: str | None = None
    phrases: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check_text(self.reply)
        for phrase in self.phrases:
            if phrase != phrase.strip().lower() or len(phrase) < 3:
                raise ValueError(f"a phrase is lower case and at least three characters: {phrase!r}")


class ObjectionBank(_Record, frozen=True, eq=False):
    edition: str
    status_date: date
    objections: tuple[Objection, ...]


# --- levers -----------------------------------------------------------------------------------------------------------


class Lever(_Record, frozen=True):
    """A law, or an earlier release, by which such records are public already.

    A lever of low confidence, or one that is held back, is shown to the filer and never stands in a letter.
    """

    id: str
    jurisdiction: str
    kind: Literal[
        "counts",
        "summary_data",
        "aggregated_data",
        "usage_data",
        "reports",
        "records_required",
        "contracts",
        "policies",
        "compilation",
    ]
    kits: tuple[str, ...]
    roles: tuple[Role, ...]
    text: str
    citation: str
    confidence: Confidence
    basis: str
    sources: tuple[str, ...]
    as_of: date
    doubt: str | None
    hold_back: bool

    def __post_init__(self) -> None:
        if not self.citation.strip() or not self.basis.strip():
            raise ValueError(f"lever {self.id!r} needs a citation and a basis")
        if not self.text.endswith("."):
            raise ValueError(f"the text of lever {self.id!r} must be a sentence")

    @property
    def may_be_asserted(self) -> bool:
        """True when the letter itself may say it."""
        return self.confidence != "low" and not self.hold_back


class LeverFile(_Record, frozen=True, eq=False):
    edition: str
    status_date: date
    levers: tuple[Lever, ...]


# --- voices -----------------------------------------------------------------------------------------------------------


class RuleBasis(_Record, frozen=True):
    """The rule of the law book that a sentence speaks of: its number, and words of its citation."""

    amount: int
    unit: Literal["business_days", "calendar_days", "hours", "months"]
    citation: str
    condition_key: str | None = None


class Clause(_Record, frozen=True):
    """One sentence or two about a jurisdiction's law, with what they rest on.

    `facts`: law book field to fingerprint (see `voices.fingerprint`). `softened`: the words themselves say that it is
    our understanding, so a rule of low confidence may carry them.
    """

    text: str
    when: When = "always"
    facts: dict[str, str] = {}
    rules: tuple[RuleBasis, ...] = ()
    softened: bool = False

    def __post_init__(self) -> None:
        _check_text(self.text)
        if not self.text.endswith("."):
            raise ValueError(f"a clause must be whole sentences: {self.text[:60]!r}")


class Switch(_Record, frozen=True):
    """What the state calls its message switch. `name` stands in running text; `long` once, where it is first used."""

    name: str
    long: str | None
    confidence: Confidence
    note: str | None


class LeftOut(_Record, frozen=True):
    """An item that this jurisdiction's law makes it unwise to ask."""

    kit: str
    item: str
    reason: str
    citation: str


class Voice(_Record, frozen=True, eq=False):
    """How a letter speaks of one jurisdiction's law.

    `name` with its article ("the Maryland Public Information Act"), `later` for every mention after the first ("the
    Act"). `waiver_basis`: right (the law says when a waiver is due), discretion (the agency may), none. `no_purpose`:
    the letter says nothing of why the records are wanted. `contact_required`: without it the request has no legal
    effect; `contact_wanted`: the agency may ask for it.
    """

    code: str
    edition: str
    status_date: date
    name: str
    citation: str
    later: str
    request_label: str
    government: str
    custodian_title: str
    switch: Switch | None
    public_interest: str | None
    statements: tuple[Clause, ...]
    electronic: tuple[Clause, ...]
    time: tuple[Clause, ...]
    fees: tuple[Clause, ...]
    waiver_basis: WaiverBasis
    waiver: tuple[Clause, ...]
    withholding: tuple[Clause, ...]
    leave_out: tuple[LeftOut, ...]
    contact_required: tuple[Contact, ...]
    contact_wanted: tuple[Contact, ...]
    exclude_officer_names: bool
    no_purpose: bool

    def __post_init__(self) -> None:
        if (self.waiver_basis == "none") != (not self.waiver):
            raise ValueError("waiver_basis is none exactly when there is no waiver clause")

    def clauses(self) -> Iterator[Clause]:
        """Walk every clause of the voice."""
        for group in (self.statements, self.electronic, self.time, self.fees, self.waiver, self.withholding):
            yield from group
