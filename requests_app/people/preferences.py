"""How one person wants to be told: by which way for what, when not, in which zone. Pure.

What cannot be wished away: news of our own deadlines and of the account itself are always mailed. Quiet hours may hold
back a mail about an own deadline only where that does not lose the day (`decide`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones


class Topic(StrEnum):
    """What a notice is about; each has its own way to the reader."""

    OURS = "ours"  # our own deadlines, and whatever endangers them
    THEIRS = "theirs"  # the agencies' deadlines
    NEWS = "news"  # letters, answers, signatures
    ACCOUNT = "account"  # signing in


class Channel(StrEnum):
    """How a notice reaches its reader. In every case it stands in the list of notices too."""

    SINGLE = "single"  # a mail of its own
    DAILY = "daily"  # a line in the daily digest
    WEEKLY = "weekly"  # a line in the weekly digest
    IN_APP = "in_app"  # nothing but the list


class Asked(StrEnum):
    """What the sender of a notice asks for; the reader's wishes may make it less, never more."""

    MAIL = "mail"
    DIGEST = "digest"
    IN_APP = "in_app"


class Period(StrEnum):
    """How often a digest comes."""

    DAILY = "daily"
    WEEKLY = "weekly"


ALWAYS_MAILED: Final = frozenset({Topic.OURS, Topic.ACCOUNT})
MOST_ZONE_SIGNS: Final = 64  # the longest IANA name has half of that


@dataclass(frozen=True)
class Wishes:
    """One person's preferences. Without any row, these are the defaults.

    `quiet_from` and `quiet_until` are wall-clock times in `zone`; equal or missing means no quiet hours. `weekday`: 0
    is Monday. `overview`: the digest of one's own work, besides what single mails were held back for it. `gathers`:
    what its sender asks to be gathered comes in the daily digest. `since`: no digest is written for a moment before it.
    """

    zone: str = "America/New_York"
    channels: Mapping[Topic, Channel] = field(default_factory=dict)
    quiet_from: time | None = None
    quiet_until: time | None = None
    digest_hour: int = 7
    weekday: int = 0
    overview: Period | None = None
    gathers: bool = True
    since: datetime | None = None

    def channel(self, topic: Topic) -> Channel:
        """Return the way for a topic: a mail of its own, unless another may be and was chosen."""
        return Channel.SINGLE if topic in ALWAYS_MAILED else self.channels.get(topic, Channel.SINGLE)


@dataclass(frozen=True)
class Decision:
    """By which way a notice goes, and the first moment at which its mail may leave."""

    channel: Channel
    send_after: datetime


def decide(topic: Topic, asked: Asked, wishes: Wishes, *, now: datetime, lost_at: datetime | None = None) -> Decision:
    """Return how one notice reaches one person.

    The sender asks, the reader's wishes may make it less. Who takes no digests finds what was to be gathered in the
    list; of our own deadlines it is mailed by itself, as nothing about them is told by the list alone. `lost_at`: the
    moment from which holding back would lose the day; a mail that quiet hours would hold until after it leaves at once.
    Only our own deadlines have one.
    """
    if asked is Asked.IN_APP:
        return Decision(Channel.IN_APP, now)
    channel = wishes.channel(topic)
    if asked is Asked.DIGEST and channel is Channel.SINGLE:
        instead = Channel.SINGLE if topic in ALWAYS_MAILED else Channel.IN_APP
        channel = Channel.DAILY if wishes.gathers else instead
    if channel is not Channel.SINGLE:
        return Decision(channel, now)
    held_until = quiet_ends(now, wishes)
    if lost_at is not None and held_until > lost_at:
        return Decision(channel, now)
    return Decision(channel, held_until)


def quiet_ends(moment: datetime, wishes: Wishes) -> datetime:
    """Return `moment` itself outside quiet hours, and their end inside of them. Aware in, UTC out.

    Wall-clock time of the reader's zone. In a night that skips the hour at which they end, they end as much later as
    the clock skips; in a night that repeats it, the first of the two counts for whoever is before both.
    """
    start, end = wishes.quiet_from, wishes.quiet_until
    if start is None or end is None or start == end:
        return moment.astimezone(UTC)
    local = moment.astimezone(zone_of(wishes.zone))
    clock = local.time()
    overnight = start > end
    inside = (clock >= start or clock < end) if overnight else start <= clock < end
    if not inside:
        return moment.astimezone(UTC)
    day = local.date() + timedelta(days=1) if overnight and clock >= start else local.date()
    ends = datetime.combine(day, end, local.tzinfo)
    if ends.astimezone(UTC) <= moment:  # the hour is lived twice, and this is the second time
        ends = ends.replace(fold=1)
    return ends.astimezone(UTC)


def digest_day(period: Period, wishes: Wishes, now: datetime) -> datetime:
    """Return the newest moment, not after `now`, at which this person's digest of a period is due; in their own zone.

    Its date names the digest, so that one is written for each period, however often somebody asks.
    """
    local = now.astimezone(zone_of(wishes.zone))
    day = local.date()
    if period is Period.WEEKLY:
        day -= timedelta(days=(day.weekday() - wishes.weekday) % 7)
    at = datetime.combine(day, time(wishes.digest_hour), local.tzinfo)
    if at.astimezone(UTC) > now.astimezone(UTC):
        back = timedelta(days=7 if period is Period.WEEKLY else 1)
        at = datetime.combine(day - back, time(wishes.digest_hour), local.tzinfo)
    return at


@cache
def zone_of(name: str) -> ZoneInfo:
    """Return a zone by its IANA name, opened once."""
    return ZoneInfo(name)


def is_zone(name: str) -> bool:
    """Return whether a name is one that the zone database knows as a place or as UTC.

    Not `posixrules` or `localtime`, which are files of one machine, nor names that only look like one (`../etc`).
    """
    return len(name) <= MOST_ZONE_SIGNS and name in known_zones()


@cache
def known_zones() -> frozenset[str]:
    """Return every IANA name that may be chosen."""
    named = {name for name in available_timezones() if "/" in name and not name.startswith(("posix/", "right/"))}
    return frozenset(named | {"UTC"})
