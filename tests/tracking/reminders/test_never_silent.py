"""Our own deadlines are mailed in time, whatever is muted, snoozed, quiet, gathered, away or changed in the rules."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from requests_app.agencies.models import Agency
from requests_app.correspondence.queries import OnDuty
from requests_app.filing import lawbook
from requests_app.filing.models import Deadline, RecordsRequest
from requests_app.people.models import Person
from requests_app.people.preferences import Asked, Channel, Period, Topic, Wishes, decide
from requests_app.tracking import queries
from requests_app.tracking.looking import look_at, open_days_before
from requests_app.tracking.reminders.muting import HeldBack
from requests_app.tracking.reminders.policy import (
    CHANNELS,
    OURS,
    RECIPIENTS,
    Policy,
    Rule,
    RuleMoment,
    in_order,
    seed,
    wrong_with_rule,
)
from requests_app.tracking.reminders.writing import Known, Word, words_for

ZONES = ("America/New_York", "Pacific/Honolulu", "America/Los_Angeles", "Asia/Tokyo", "Pacific/Kiritimati")
DUE = date(2026, 3, 9)  # a Monday; the night before, clocks skip an hour

moments = st.builds(
    lambda when, days, to, channel: RuleMoment(when, 0 if when == "on" else days, frozenset(to), channel),
    st.sampled_from(["before", "before", "on", "after"]),
    st.integers(1, 60),
    st.sets(st.sampled_from(RECIPIENTS), min_size=1),
    st.sampled_from(CHANNELS),
)
rules = st.lists(moments, min_size=1, max_size=5).map(lambda some: Rule(in_order(some), None))
our_rules = rules.filter(lambda rule: not wrong_with_rule(OURS, "appeal", rule))
hours = st.none() | st.tuples(st.integers(0, 23), st.integers(0, 23))


@st.composite
def wishes(draw: Any) -> Wishes:
    quiet = draw(hours)
    way = st.sampled_from(list(Channel))
    return Wishes(
        zone=draw(st.sampled_from(ZONES)),
        channels={Topic.THEIRS: draw(way), Topic.NEWS: draw(way)},
        quiet_from=time(quiet[0]) if quiet else None,
        quiet_until=time(quiet[1]) if quiet else None,
        digest_hour=draw(st.integers(0, 23)),
        overview=draw(st.none() | st.sampled_from(list(Period))),
    )


def people(active: list[bool]) -> list[Person]:
    """A filer, a follower, who stands in, two coordinators; who of them is still here."""
    return [Person(pk=1 + place, handle=f"p{place}", is_active=here) for place, here in enumerate(active)]


def on_duty(everybody: list[Person], away: dict[int, int]) -> OnDuty:
    found = OnDuty(datetime(2026, 3, 1, tzinfo=UTC))
    here = {person.pk: person for person in everybody if person.is_active}
    vars(found)["coordinators"] = [person for person in everybody[3:] if person.is_active]
    vars(found)["administrators"] = [Person(pk=99, handle="ada")]
    vars(found)["members"] = set(here)
    vars(found)["away"] = away
    vars(found)["delegates"] = {who: here[other] for who, other in away.items() if other in here and other != who}
    return found


@settings(max_examples=150, deadline=None)
@given(
    before=our_rules,
    after=our_rules,
    changed=st.integers(0, 60),
    first=st.integers(0, 60),
    asleep_at=st.sets(st.integers(0, 60), max_size=30),
    hour=st.integers(0, 23),
    active=st.lists(st.booleans(), min_size=5, max_size=5),
    away=st.dictionaries(st.integers(1, 2), st.integers(1, 5), max_size=2),
    muted=st.sets(st.integers(1, 5)),
    wished=st.dictionaries(st.integers(1, 5), wishes()),
)
@example(  # the one mail of the rule lies before the day on which the date became known
    before=Rule((RuleMoment("before", 14, frozenset({"filer"}), "mail"),
                 RuleMoment("before", 3, frozenset({"coordinators"}), "in_app"))),
    after=seed().rules[OURS, "appeal"], changed=0, first=4, asleep_at=set(), hour=12, active=[True] * 5, away={},
    muted=set(), wished={},
)  # fmt: skip
@example(  # and longer before than anything is looked back on
    before=Rule((RuleMoment("before", 60, frozenset({"filer"}), "mail"),)),
    after=seed().rules[OURS, "appeal"], changed=0, first=10, asleep_at=set(), hour=12, active=[True] * 5, away={},
    muted=set(), wished={},
)  # fmt: skip
def test_somebody_who_is_here_is_mailed_before_our_day_ends(
    before: Rule, after: Rule, changed: int, first: int, asleep_at: set[int], hour: int, active: list[bool],
    away: dict[int, int], muted: set[int], wished: dict[int, Wishes],
) -> None:  # fmt: skip
    """Walk from the day on which the date became known to the date. `changed`: so many days before, another rule."""
    everybody = people(active)
    filer, follower = everybody[0], everybody[1]
    agency = Agency(pk=1, name="The Agency")
    asked = RecordsRequest(
        pk=1, reference="MD-2026-0001", jurisdiction="MD", filer=filer, assignee=follower, agency=agency,
        status="refused", phase="ours",
    )  # fmt: skip
    ours = Deadline(
        pk=1, request=asked, jurisdiction="MD", rule_id="appeal", kind="appeal", duty_of=OURS, earliest=DUE, latest=DUE,
        state="running", duty="Appeal", citation="Example § 1", certainty="fixed",
    )  # fmt: skip
    zone, calendar = lawbook.zone_of("MD"), lawbook.book().calendar("MD")
    told = queries.Told()
    mailed: list[datetime] = []
    due_some_day = False
    for left in range(first, -1, -1):
        if left in asleep_at and left != 0:
            continue  # nothing ran on that day
        today = DUE - timedelta(days=left)
        now = datetime.combine(today, time(hour, 5), zone).astimezone(UTC)
        rule = before if left > changed else after
        due_some_day |= any(
            one.when == "before" and one.channel == "mail" and {"assignee", "filer"} & one.to
            and open_days_before(DUE, one.days, calendar) <= today
            for one in rule.moments
        )  # fmt: skip
        held_back = HeldBack(frozenset((1, pk) for pk in range(9)), frozenset((1, pk) for pk in muted), frozenset({1}))
        policy = Policy({**seed().rules, (OURS, "appeal"): rule})
        known = Known(policy, on_duty(everybody, away), told, {}, held_back, {"MD": today})
        seen = look_at(asked, [ours], today=today, calendar=calendar, policy=policy)
        for word in words_for(asked, seen, known):
            mailed += sent(word, told, wished, now)
    assume(due_some_day)
    midnight = datetime.combine(DUE + timedelta(days=1), time(), zone)
    assert any(moment < midnight for moment in mailed)


def sent(word: Word, told: queries.Told, wished: dict[int, Wishes], now: datetime) -> list[datetime]:
    """When a word that was not said before leaves as a mail; kept as the sweep keeps it."""
    duty = queries.duty_key(word.deadline)
    key = (*duty, word.kind, word.draft.recipient_id)
    if key in told.keys:
        return []
    told.keys.add(key)
    told.moments.add(key[:-1])
    if word.draft.asked is Asked.MAIL:
        told.mailed.setdefault(duty, set()).add(word.kind.removesuffix(":mail"))
    draft = word.draft
    decision = decide(
        draft.topic, draft.asked, wished.get(draft.recipient_id, Wishes()), now=now, lost_at=draft.lost_at
    )
    return [decision.send_after] if decision.channel is Channel.SINGLE else []


@pytest.mark.parametrize("asked", [Asked.MAIL])
@given(wish=wishes(), hour=st.integers(0, 23), minute=st.integers(0, 59))
def test_a_wish_never_makes_a_mail_about_ours_anything_less(asked: Asked, wish: Wishes, hour: int, minute: int) -> None:
    now = datetime(2026, 3, 9, hour, minute, tzinfo=UTC)
    lost = datetime(2026, 3, 9, 20, tzinfo=UTC)
    decision = decide(Topic.OURS, asked, wish, now=now, lost_at=lost)
    assert decision.channel is Channel.SINGLE
    assert decision.send_after == now or decision.send_after <= lost
