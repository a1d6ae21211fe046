"""Which numbers may be added, compared or drawn in one chart, and why not.

Numbers of different producers count different things under one name. Washington's 2,671,776 (all federal agencies, one
state) is three times the nation's 292,114 (ICE) and 605,116 (HSI): other agencies, messages that went to every state at
once, and answers counted with questions may each be why. So every number says what it counts, and this module says
what follows. Pure; the rules are tables.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Use(enum.StrEnum):
    """What somebody wants to do with two numbers."""

    ADD = "add"
    COMPARE = "compare"
    CHART = "chart"


class Verdict(enum.IntEnum):
    """Whether it may be done. The higher, the worse."""

    FINE = 0
    CAUTION = 1
    NO = 2


@dataclass(frozen=True)
class Number:
    """What one verified number says it counts. Names are those of the kits' enumerations; `ends_on` is included."""

    jurisdiction: str
    field: str  # such as query_count
    count_unit: str
    component: str
    message_key: str
    door: str
    producer: str
    starts_on: date
    ends_on: date
    fan_out: str = "unknown"  # yes, no or unknown: are messages counted that went to every state at once

    @property
    def days(self) -> int:
        """How many days the period has."""
        return (self.ends_on - self.starts_on).days + 1


@dataclass(frozen=True)
class Reason:
    """Why something may not be done, or only with care."""

    code: str
    verdict: Verdict

    @property
    def sentence(self) -> Promise:
        """The reason in plain words."""
        return SENTENCES[self.code]


SENTENCES: Final[dict[str, Promise]] = {
    "field": _("They answer different questions."),
    "unit": _(
        "They count different things: a message sent, a message delivered and an answer with data are not the same."
    ),
    "unit_unknown": _("What one of them counts is not known."),
    "nation": _("One is for the whole nation and holds the other, so the same queries would count twice."),
    "jurisdiction": _("One is for the whole nation and the other for one state."),
    "component": _("They are about different agencies. A total of all federal agencies is not a number of ICE."),
    "component_overlap": _("One of the agencies may be part of the other, so the same queries would count twice."),
    "component_unknown": _("Whose queries one of them counts is not known."),
    "key": _("They are about different kinds of query."),
    "key_overlap": _("One kind of query includes the other, so the same queries would count twice."),
    "image_flag": _("A request for a photo is a mark inside a licence query, not a query of its own."),
    "key_rewritten": _(
        "Queries to a region reach a state as ordinary ones: that its log shows none of them does not mean that there "
        "were none."
    ),
    "door": _(
        "They came through different doors. A number for Nlets says nothing about accounts on the state's own system."
    ),
    "door_unknown": _("Through which door one of them came is not known."),
    "producer": _("They come from different offices, which may count differently."),
    "counted_twice": _("Two offices counted the same queries, so they would count twice."),
    "period": _("They cover different times."),
    "period_overlap": _("Their times overlap, so the same queries would count twice."),
    "period_length": _("Their times differ in length. Compare them by the month."),
    "fan_out": _("One counts a message to all states once for every state, and the other does not."),
    "fan_out_unknown": _("Whether messages to all states are counted is not known of one of them."),
    "fan_out_across": _("A message to all states is in the number of every state, so a sum counts it many times."),
}

_DHS: Final = frozenset({
    "ice_unspecified", "ice_ero", "ice_hsi", "ice_lesc", "cbp_unspecified", "cbp_ofo", "cbp_usbp", "uscis",
    "dhs_obim", "dhs_fps", "dhs_other",
})  # fmt: skip
# An agency, and those whose queries may be among its own. Who is named without a part may mean any part.
INCLUDES: Final[dict[str, frozenset[str]]] = {
    "ice_unspecified": frozenset({"ice_ero", "ice_hsi", "ice_lesc"}),
    "cbp_unspecified": frozenset({"cbp_ofo", "cbp_usbp"}),
    "all_federal": _DHS | {"federal_non_dhs"},
    "all_requesters": _DHS | {"federal_non_dhs", "all_federal", "local_287g"},
}
NATION: Final = "US"
REWRITTEN: Final = frozenset({"DQG", "RQG"})  # Nlets turns them into DQ and RQ before a state sees them
STATES_OWN: Final = frozenset({"control_point", "dmv", "vendor"})


def judge(use: Use, one: Number, other: Number) -> list[Reason]:
    """Return why two numbers may not be used so, or only with care; the worst first. Empty: nothing is against it."""
    found = [
        *_of_what_is_counted(use, one, other),
        *_of_places(use, one, other),
        *_of_agencies(use, one, other),
        *_of_keys(use, one, other),
        *_of_doors(use, one, other),
        *_of_producers(use, one, other),
        *_of_periods(use, one, other),
        *_of_fan_out(use, one, other),
    ]
    return sorted(dict.fromkeys(found), key=lambda reason: -reason.verdict)


def judge_all(use: Use, numbers: Sequence[Number]) -> list[Reason]:
    """Return the reasons that hold for any two of these numbers, the worst first."""
    found = dict.fromkeys(reason for pair in combinations(numbers, 2) for reason in judge(use, *pair))
    return sorted(found, key=lambda reason: -reason.verdict)


def verdict_of(reasons: Iterable[Reason]) -> Verdict:
    """Return the worst of them."""
    return max((reason.verdict for reason in reasons), default=Verdict.FINE)


def _of_what_is_counted(use: Use, one: Number, other: Number) -> list[Reason]:
    found = []
    if one.field != other.field:
        found.append(Reason("field", Verdict.NO))
    if "unspecified" in {one.count_unit, other.count_unit}:
        found.append(Reason("unit_unknown", Verdict.NO))
    elif one.count_unit != other.count_unit:
        found.append(Reason("unit", Verdict.NO))
    return found


def _of_places(use: Use, one: Number, other: Number) -> list[Reason]:
    if (one.jurisdiction == NATION) == (other.jurisdiction == NATION):
        return []
    return [Reason("nation", Verdict.NO) if use is Use.ADD else Reason("jurisdiction", Verdict.CAUTION)]


def _of_agencies(use: Use, one: Number, other: Number) -> list[Reason]:
    if "unknown" in {one.component, other.component}:
        return [Reason("component_unknown", Verdict.NO)]
    if one.component == other.component:
        return []
    if use is not Use.ADD:
        return [Reason("component", Verdict.CAUTION)]
    if _may_share(one.component, other.component, INCLUDES):
        return [Reason("component_overlap", Verdict.NO)]
    return []


def _of_keys(use: Use, one: Number, other: Number) -> list[Reason]:
    keys = {one.message_key, other.message_key}
    found = []
    if any(number.message_key in REWRITTEN and number.producer in STATES_OWN for number in (one, other)):
        found.append(Reason("key_rewritten", Verdict.CAUTION))
    if len(keys) == 1:
        return found
    if "image_flag" in keys:
        return [*found, Reason("image_flag", Verdict.NO)]
    if use is not Use.ADD:
        return [*found, Reason("key", Verdict.CAUTION)]
    if "all" in keys or "local_equivalent" in keys or _rewritten_twins(keys):
        found.append(Reason("key_overlap", Verdict.NO))
    return found


def _rewritten_twins(keys: set[str]) -> bool:
    return keys in ({"DQ", "DQG"}, {"RQ", "RQG"})


def _of_doors(use: Use, one: Number, other: Number) -> list[Reason]:
    if "unknown" in {one.door, other.door}:
        return [
            Reason("door_unknown", Verdict.CAUTION if one.door == other.door and use is not Use.ADD else Verdict.NO)
        ]
    if one.door == other.door:
        return []
    return [Reason("door", Verdict.CAUTION)]


def _of_producers(use: Use, one: Number, other: Number) -> list[Reason]:
    if one.producer == other.producer:
        return []
    if use is Use.ADD and _same_slice(one, other) and _overlap(one, other):
        return [Reason("counted_twice", Verdict.NO)]
    return [Reason("producer", Verdict.CAUTION)]


def _of_periods(use: Use, one: Number, other: Number) -> list[Reason]:
    if (one.starts_on, one.ends_on) == (other.starts_on, other.ends_on):
        is_repeated = use is Use.ADD and _same_slice(one, other) and one.producer == other.producer
        return [Reason("period_overlap", Verdict.NO)] if is_repeated else []
    if use is Use.ADD:
        if not _overlap(one, other):
            return []
        return [Reason("period_overlap", Verdict.NO) if _same_slice(one, other) else Reason("period", Verdict.CAUTION)]
    # Months differ by three days and are months all the same.
    if abs(one.days - other.days) > max(3, min(one.days, other.days) // 10):
        return [Reason("period_length", Verdict.CAUTION)]
    return [Reason("period", Verdict.CAUTION)] if use is Use.COMPARE else []


def _of_fan_out(use: Use, one: Number, other: Number) -> list[Reason]:
    told = {one.fan_out, other.fan_out}
    found = []
    if told == {"yes", "no"}:
        found.append(Reason("fan_out", Verdict.NO))
    elif "unknown" in told:
        found.append(Reason("fan_out_unknown", Verdict.CAUTION))
    if use is Use.ADD and one.jurisdiction != other.jurisdiction and told != {"no"}:
        found.append(Reason("fan_out_across", Verdict.NO if told == {"yes"} else Verdict.CAUTION))
    return found


def _may_share(one: str, other: str, includes: dict[str, frozenset[str]]) -> bool:
    return one == other or other in includes.get(one, frozenset()) or one in includes.get(other, frozenset())


def _same_slice(one: Number, other: Number) -> bool:
    """Return whether the same query could be in both, were their times the same."""
    keys = {one.message_key, other.message_key}
    return (
        one.jurisdiction == other.jurisdiction
        and _may_share(one.component, other.component, INCLUDES)
        and (len(keys) == 1 or "all" in keys or "local_equivalent" in keys or _rewritten_twins(keys))
        and (one.door == other.door or "unknown" in {one.door, other.door})
    )


def _overlap(one: Number, other: Number) -> bool:
    return one.starts_on <= other.ends_on and other.starts_on <= one.ends_on


@dataclass(frozen=True)
class Sum:
    """Numbers added up, with all of them: a sum carries its inputs."""

    value: int
    starts_on: date
    ends_on: date
    parts: tuple[tuple[Number, int], ...]
    reasons: tuple[Reason, ...]
    has_gaps: bool  # days between the first and the last that no part covers


class NotComparable(Exception):
    """These numbers may not be used so. `reasons` say why."""

    def __init__(self, reasons: Sequence[Reason]) -> None:
        super().__init__(", ".join(reason.code for reason in reasons))
        self.reasons = tuple(reasons)


def add_up(parts: Sequence[tuple[Number, int]]) -> Sum:
    """Add numbers that may be added. Raises NotComparable, with the reasons, where two of them may not; ValueError for
    none at all."""
    if not parts:
        raise ValueError("There is nothing to add up.")
    numbers = [number for number, _value in parts]
    reasons = judge_all(Use.ADD, numbers)
    if verdict_of(reasons) is Verdict.NO:
        raise NotComparable([reason for reason in reasons if reason.verdict is Verdict.NO])
    starts_on, ends_on = min(number.starts_on for number in numbers), max(number.ends_on for number in numbers)
    total = sum(value for _number, value in parts)
    return Sum(total, starts_on, ends_on, tuple(parts), tuple(reasons), _gaps(numbers))


def share(part: tuple[Number, int], whole: tuple[Number, int]) -> tuple[float, tuple[Reason, ...]]:
    """Return which share of the whole the part is, 0 to 1, with what to be careful about.

    Only of the same unit, field apart, period, door and producer, and where the whole includes the part. Raises
    NotComparable.
    """
    one, other = part[0], whole[0]
    reasons = [
        reason
        for reason in judge(Use.COMPARE, one, other)
        if reason.code not in {"field", "component"} or not _may_share(one.component, other.component, INCLUDES)
    ]
    if (one.starts_on, one.ends_on) != (other.starts_on, other.ends_on):
        reasons.append(Reason("period", Verdict.NO))
    if one.door != other.door:
        reasons.append(Reason("door", Verdict.NO))
    if one.producer != other.producer:
        reasons.append(Reason("producer", Verdict.NO))
    against = [reason for reason in reasons if reason.verdict is Verdict.NO]
    if against:
        raise NotComparable(against)
    if whole[1] <= 0 or not 0 <= part[1] <= whole[1]:
        raise ValueError("A part is at most the whole, and the whole is more than nothing.")
    return part[1] / whole[1], tuple(reasons)


def _gaps(numbers: Sequence[Number]) -> bool:
    covered = min(number.starts_on for number in numbers) - timedelta(days=1)
    for number in sorted(numbers, key=lambda each: each.starts_on):
        if number.starts_on > covered + timedelta(days=1):
            return True
        covered = max(covered, number.ends_on)
    return False
