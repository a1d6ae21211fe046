"""When somebody is reminded of a deadline, who, and by which way. Pure: values in, values out.

A policy has one rule for each kind of deadline (`DUTIES`). A rule has moments, and says after how many business days
without any reaction the coordinators are told (`escalates_on`, `has_reacted`).

A moment is named by its key: `before:3` (three business days before the date we go by), `on`, `after` (the day after),
`after:5` (five business days after). The key is part of the unique row that makes a reminder happen once.

The date we go by is conservative in both directions: for our own duty the earliest date, for the agency's the latest.
Before the agency's latest date nothing here calls it late.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache
from pathlib import Path
from typing import Any, Final

LOOK_BACK: Final = timedelta(days=30)  # a date, or a moment after it, that is longer ago is history, not a reminder
AGENCY, OURS = "agency", "requester"
DUTIES: Final = (
    (OURS, "appeal"),
    (OURS, "court"),
    (OURS, "reply"),
    (AGENCY, "acknowledgment"),
    (AGENCY, "determination"),
    (AGENCY, "production"),
    (AGENCY, "extension"),
    (AGENCY, "appeal"),
)
LIKE: Final = {OURS: (OURS, "appeal"), AGENCY: (AGENCY, "determination")}
"""The rule for a kind of deadline that a law may name and this table does not."""

WHENS: Final = ("before", "on", "after")
RECIPIENTS: Final = ("assignee", "filer", "delegate", "coordinators")
RESPONSIBLE: Final = frozenset({"assignee", "filer"})  # a delegate is told wherever the one they stand in for is
CHANNELS: Final = ("mail", "digest", "in_app")
MOST_DAYS, MOST_MOMENTS, MOST_ESCALATION = 60, 12, 60
ESCALATION: Final = "escalation"  # the key of the moment at which the coordinators are told that nobody reacted
AGAIN: Final = ":mail"  # after a key: told once more, because it was never mailed and a changed rule mails it
SEED: Final = Path(__file__).parent / "data" / "policy.json"


@dataclass(frozen=True)
class RuleMoment:
    """One moment of a rule. `days`: business days before or after the date; 0 on the date itself."""

    when: str
    days: int
    to: frozenset[str]
    channel: str

    @property
    def key(self) -> str:
        """Return the name under which this moment happens once."""
        if self.when == "on" or (self.when == "after" and self.days == 1):
            return self.when
        return f"{self.when}:{self.days}"


@dataclass(frozen=True)
class Rule:
    """The rule for one kind of deadline. `escalate_after_days`: business days; None never escalates."""

    moments: tuple[RuleMoment, ...]
    escalate_after_days: int | None = None

    def moment(self, key: str) -> RuleMoment | None:
        """Return the moment of this key."""
        return next((moment for moment in self.moments if moment.key == key), None)


@dataclass(frozen=True)
class Policy:
    """The rules by duty and kind."""

    rules: Mapping[tuple[str, str], Rule]

    def rule(self, duty_of: str, kind: str) -> Rule:
        """Return the rule for a deadline; for a kind that has none, that of the most like it."""
        return self.rules.get((duty_of, kind)) or self.rules[LIKE[duty_of]]

    def longest_lead(self) -> int:
        """Return how many business days before a date the earliest moment of any rule comes."""
        return max((m.days for rule in self.rules.values() for m in rule.moments if m.when == "before"), default=0)


# --- stored form ------------------------------------------------------------------------------------------------------


class PolicyUnreadable(ValueError):
    """A stored policy does not have the form that this version reads. Says where."""


def parse_policy(stored: Mapping[str, Any]) -> Policy:
    """Return the policy that a stored form describes. Raises PolicyUnreadable."""
    rules = {}
    for duty_of, kind in DUTIES:
        try:
            rules[duty_of, kind] = parse_rule(stored[duty_of][kind])
        except (KeyError, TypeError, ValueError) as wrong:
            raise PolicyUnreadable(f"{duty_of}, {kind}: {wrong}") from wrong
    return Policy(rules)


def parse_rule(stored: Mapping[str, Any]) -> Rule:
    """Return one rule from its stored form."""
    moments = [
        RuleMoment(str(one["when"]), int(one["days"]), frozenset(one["to"]), str(one["channel"]))
        for one in stored["moments"]
    ]
    escalate = stored["escalate_after_days"]
    return Rule(in_order(moments), None if escalate is None else int(escalate))


def dump_policy(policy: Policy) -> dict[str, Any]:
    """Return the form in which a policy is stored; `parse_policy` reads it back unchanged."""
    stored: dict[str, Any] = {AGENCY: {}, OURS: {}}
    for duty_of, kind in DUTIES:
        rule = policy.rules[duty_of, kind]
        moments = [
            {"when": m.when, "days": m.days, "to": sorted(m.to), "channel": m.channel} for m in in_order(rule.moments)
        ]
        stored[duty_of][kind] = {"moments": moments, "escalate_after_days": rule.escalate_after_days}
    return stored


def in_order(moments: Iterable[RuleMoment]) -> tuple[RuleMoment, ...]:
    """Return moments in the order in which they come."""
    return tuple(sorted(moments, key=lambda m: (WHENS.index(m.when), -m.days if m.when == "before" else m.days)))


@cache
def seed() -> Policy:
    """Return the policy that Daylight comes with. Read once."""
    return parse_policy(json.loads(SEED.read_text(encoding="utf-8")))


# --- what a policy must keep to ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wrong:
    """One thing that a rule must not be. `code` names it; the words are the screen's."""

    duty_of: str
    kind: str
    code: str


def wrong_with_rule(duty_of: str, kind: str, rule: Rule) -> list[Wrong]:
    """Return what is wrong with a rule; nothing when it may be used.

    The promise that no screen can take back: of our own duty, a responsible person is mailed on some day before the
    earliest date.
    """
    codes: list[str] = []
    if not rule.moments:
        codes.append("no-moment")
    if len(rule.moments) > MOST_MOMENTS:
        codes.append("too-many")
    keys = [moment.key for moment in rule.moments]
    if len(set(keys)) < len(keys):
        codes.append("twice")
    codes += [code for moment in rule.moments for code in _wrong_with_moment(moment)]
    if rule.escalate_after_days is not None and not 1 <= rule.escalate_after_days <= MOST_ESCALATION:
        codes.append("escalation-days")
    if duty_of == OURS and not any(_warns_us(moment) for moment in rule.moments):
        codes.append("ours-unmailed")
    return [Wrong(duty_of, kind, code) for code in dict.fromkeys(codes)]


def _wrong_with_moment(moment: RuleMoment) -> list[str]:
    codes = []
    if moment.when not in WHENS or moment.channel not in CHANNELS or not moment.to <= set(RECIPIENTS):
        codes.append("unknown")
    if not moment.to:
        codes.append("nobody")
    fits = moment.days == 0 if moment.when == "on" else 1 <= moment.days <= MOST_DAYS
    if not fits:
        codes.append("days")
    return codes


def _warns_us(moment: RuleMoment) -> bool:
    return moment.when == "before" and moment.channel == "mail" and bool(moment.to & RESPONSIBLE)


@dataclass(frozen=True)
class Change:
    """What is different in one rule, moment by moment."""

    duty_of: str
    kind: str
    added: tuple[RuleMoment, ...]
    removed: tuple[RuleMoment, ...]
    escalation: tuple[int | None, int | None] | None


def differences(before: Policy, after: Policy) -> list[Change]:
    """Return the rules that differ, in the order of the table."""
    changes = []
    for duty_of, kind in DUTIES:
        old, new = before.rules[duty_of, kind], after.rules[duty_of, kind]
        if old == new:
            continue
        turned = old.escalate_after_days != new.escalate_after_days
        changes.append(
            Change(
                duty_of,
                kind,
                added=tuple(moment for moment in new.moments if moment not in old.moments),
                removed=tuple(moment for moment in old.moments if moment not in new.moments),
                escalation=(old.escalate_after_days, new.escalate_after_days) if turned else None,
            )
        )
    return changes


# --- when -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Watched:
    """What the policy needs to know of a deadline."""

    duty_of: str  # agency | requester
    earliest: date
    latest: date

    @property
    def goes_by(self) -> date:
        """Return the date we go by: the earliest for our own duty, the latest for the agency's."""
        return self.earliest if self.duty_of == OURS else self.latest


@dataclass(frozen=True)
class Moment:
    """A day on which somebody is told, and why."""

    key: str
    on: date


OpenDays = Callable[[date, int], date]
"""(day, n) -> the n-th open day before `day`; after it where n is negative. In the jurisdiction's calendar."""


def compose_moments(watched: Watched, rule: Rule, open_days: OpenDays) -> tuple[Moment, ...]:
    """Return every moment of one deadline, in order of time."""
    return tuple(Moment(moment.key, _day_of(moment, watched.goes_by, open_days)) for moment in rule.moments)


def _day_of(moment: RuleMoment, goes_by: date, open_days: OpenDays) -> date:
    if moment.when == "before":
        return open_days(goes_by, moment.days)
    if moment.key == "after":
        return goes_by + timedelta(days=1)  # late is late on a Saturday, too
    return open_days(goes_by, -moment.days) if moment.days else goes_by


def moment_due(watched: Watched, moments: Sequence[Moment], today: date) -> Moment | None:
    """Return the newest moment that has come, or None.

    Only the newest: somebody who was away, or a deadline projected late, gets one reminder and not the whole series.
    However long ago a moment before the date came, it is told as long as the date is not history itself.
    """
    come = [moment for moment in moments if moment.on <= today]
    if not come or max(come[-1].on, watched.goes_by) < today - LOOK_BACK:
        return None
    return come[-1]


def mails_missed(rule: Rule, key: str, mailed: Collection[str]) -> tuple[RuleMoment, ...]:
    """Return the mails to a responsible person about a duty of ours that came before the moment `key` and never went.

    Only the newest moment is told (`moment_due`). Where that one is no such mail, as when the date became known late or
    nothing ran for a while, the promise of `wrong_with_rule` still holds: it takes their place. `mailed`: the keys of
    the moments of which anybody was mailed.
    """
    promised = [moment for moment in rule.moments if _warns_us(moment)]
    if any(moment.key == key or moment.key in mailed for moment in promised):
        return ()
    keys = [moment.key for moment in rule.moments]
    return tuple(moment for moment in promised if keys.index(moment.key) < keys.index(key))


def next_look(
    watched: Watched, moments: Sequence[Moment], today: date, *, escalation_on: date | None = None
) -> date | None:
    """Return the day on which the sweep must look at this deadline again; None when its story is told.

    Besides the moments, that is the day after each of its dates: after the earliest, silence may have become a denial;
    after the latest, what ran is missed. And the day on which it escalates.
    """
    turns = (watched.earliest + timedelta(days=1), watched.latest + timedelta(days=1))
    days = [moment.on for moment in moments] + list(turns)
    if escalation_on is not None:
        days.append(escalation_on)
    return min((day for day in days if day > today), default=None)


# --- when nobody reacts -----------------------------------------------------------------------------------------------


def asks_for_action(duty_of: str, key: str) -> bool:
    """Return whether a reminder asks its reader to do something: every one of our own duty, and a late agency's.

    Before its latest date there is nothing to do about an agency's duty, so nobody can fail to react.
    """
    return duty_of == OURS or key.startswith("after")


@dataclass(frozen=True)
class Reactions:
    """What people did about a request. Each the newest, or None.

    `recorded_at`: somebody recorded an event. `read_at`: a responsible person first read a reminder of this deadline.
    `stepped_at`: somebody took a step that is no event yet, such as a note or a letter begun.
    """

    recorded_at: datetime | None = None
    read_at: datetime | None = None
    stepped_at: datetime | None = None


def has_reacted(told_at: datetime, reactions: Reactions) -> bool:
    """Return whether somebody has reacted to a reminder of `told_at`.

    Either an event was recorded since; or a responsible person has read the reminder and a next step was taken since it
    was sent. Reading alone is no reaction, and neither is a step by somebody who does not know of the date.
    """
    if reactions.recorded_at is not None and reactions.recorded_at > told_at:
        return True
    stepped = reactions.stepped_at is not None and reactions.stepped_at > told_at
    return stepped and reactions.read_at is not None


def escalates_on(rule: Rule, told_on: date, open_days: OpenDays) -> date | None:
    """Return the day on which the coordinators are told, if nobody has reacted to a reminder of `told_on` by then."""
    if rule.escalate_after_days is None:
        return None
    return open_days(told_on, -rule.escalate_after_days)


# --- what quiet hours may not cost ------------------------------------------------------------------------------------

LEFT_OF_THE_DAY: Final = timedelta(hours=8)  # a working day: an appeal is written, read and sent in it


def lost_at(earliest: date, zone: tzinfo) -> datetime:
    """Return the moment from which holding back a mail about our own duty would lose the day.

    Eight hours before the midnight that ends the earliest date where the law applies. UTC.
    """
    midnight = datetime.combine(earliest + timedelta(days=1), time(), zone)
    return midnight.astimezone(UTC) - LEFT_OF_THE_DAY
