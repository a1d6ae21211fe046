"""What one kind of finding is: its type and unit, what it must say besides its value, and the traps in reading it.

Made of a kit's list of fields and of the shared guide to them. A kit that a group wrote itself has fields the guide
does not know: these are asked for under their own name. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from requests_app.kits import catalog
from requests_app.kits.schema import FieldGuide, FindingField, Kit, Trap

DIMENSIONS: Final = ("component", "message_key", "door")
CHOSEN_UNIT: Final = "count_unit"  # a field with this unit: each value says what it counts
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True)
class Definition:
    """One kind of finding of one kit. `says`: the dimensions, and "period", that each value must give.

    `unit` is in words, "" for none. `counts`: what a number counts, where that never differs. `about`: the question
    without whose answer the value says nothing.
    """

    kit_id: str
    name: str
    label: str
    type: str
    help: str = ""
    unit: str = ""
    counts: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    many: bool = False
    is_derived: bool = False
    says: frozenset[str] = frozenset()
    fixed: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    about: str = ""
    traps: tuple[Trap, ...] = ()

    @property
    def is_number(self) -> bool:
        """Whether its value is a number."""
        return self.type in ("integer", "decimal")

    @property
    def asks_unit(self) -> bool:
        """Whether each value says itself what it counts."""
        return self.unit == CHOSEN_UNIT

    @property
    def is_count(self) -> bool:
        """Whether its values count queries, so that they may be held against others."""
        return self.is_number and (self.asks_unit or bool(self.counts))


class UnknownField(LookupError):
    """The kit asks for no such value."""

    def __init__(self, kit_id: str, name: str) -> None:
        super().__init__(f"The kit {kit_id} has no finding {name!r}.")


def definitions_of(kit: Kit) -> tuple[Definition, ...]:
    """Return what a reviewer may take from the answers to a kit, in the kit's order, values to be worked out too."""
    guides = {each.name: each for each in catalog.finding_guide().findings}
    return tuple(_definition(kit, each, guides.get(each.name)) for each in kit.findings)


def definition_of(kit: Kit, name: str) -> Definition:
    """Return one. Raises UnknownField."""
    for each in definitions_of(kit):
        if each.name == name:
            return each
    raise UnknownField(kit.id, name)


def words_for(kind: str, code: str) -> str:
    """Return a code in words: `kind` is one of the shared lists, or "value" for the values of a field."""
    return catalog.finding_guide().names.get(kind, {}).get(code) or code.replace("_", " ")


def choices_for(kind: str) -> tuple[tuple[str, str], ...]:
    """Return the codes of a shared list with their words, in the list's order."""
    return tuple((code, words_for(kind, code)) for code in catalog.shared_blocks().enumerations[kind])


def _definition(kit: Kit, asked: FindingField, guide: FieldGuide | None) -> Definition:
    shared = asked.enumeration if asked.type == "enum" else None
    values = tuple((value, words_for("value", value)) for value in asked.values)
    traps = {trap.id: trap for trap in catalog.finding_guide().traps}
    return Definition(
        kit_id=kit.id,
        name=asked.name,
        label=guide.label if guide else asked.name.replace("_", " ").capitalize(),
        type=asked.type,
        help=guide.help if guide else (asked.note or ""),
        unit=asked.unit or "",
        counts=(guide.counts or "") if guide else "",
        choices=(choices_for(shared) if shared else values) if asked.type == "enum" else (),
        many=asked.many,
        is_derived=asked.derived,
        says=frozenset(guide.says) if guide else _says(asked),
        fixed=guide.fixed if guide else _NOTHING,
        about=(guide.about or "") if guide else "",
        traps=tuple(traps[each] for each in guide.traps) if guide else (),
    )


def _says(asked: FindingField) -> frozenset[str]:
    """Return what a field that no guide explains must say: a count of queries everything, another count its time."""
    if asked.unit == CHOSEN_UNIT:
        return frozenset({*DIMENSIONS, "period"})
    return frozenset({"period"}) if asked.type == "integer" else frozenset()
