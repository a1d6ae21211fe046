"""The policy in the sweep: by which way, to whom, what quiet hours, mutes and silence do to it. Real law, real rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from requests_app.filing import services as filing
from requests_app.filing.models import RecordsRequest
from requests_app.people.absences import services as absences
from requests_app.people.models import Notice, Person
from requests_app.people.notices import services as telling
from requests_app.people.notices.models import Preferences
from requests_app.tracking import services
from requests_app.tracking.models import Reminder
from requests_app.tracking.reminders import services as reminders
from requests_app.tracking.reminders.policy import RuleMoment, seed
from tests.factories import PersonFactory, RecordsRequestFactory

pytestmark = pytest.mark.django_db


def at(moment: str) -> datetime:
    """A day means noon in Maryland."""
    return datetime.fromisoformat(moment if "T" in moment else f"{moment}T17:00:00").replace(tzinfo=UTC)


def request_of(person: Person, jurisdiction: str = "MD", received: str = "2026-02-06") -> RecordsRequest:
    """A request received on Friday, February 6, 2026, that its filer follows.

    In Maryland the acknowledgment is due on Monday, February 23; in Pennsylvania silence is a denial after February 13,
    and our appeal is due by Monday, March 9.
    """
    return RecordsRequestFactory(
        jurisdiction=jurisdiction,
        filer=person,
        assignee=person,
        opened_at=at(received),
        events=[("sent", received), ("received", received)],
    )


def sweep_on(*days: str) -> None:
    for day in days:
        services.sweep(at(day))


def said(kind: str, person: Person | None = None) -> list[Notice]:
    """The notices about one moment, to everybody or to one person."""
    rows = Notice.objects.filter(reminder__kind=kind).order_by("pk")
    return list(rows.filter(recipient=person) if person else rows)


def prefer(person: Person, **facts: Any) -> None:
    Preferences.objects.update_or_create(person=person, defaults={"changed_at": at("2026-02-01"), **facts})


# --- by which way -----------------------------------------------------------------------------------------------------


def test_agencies_deadlines_follow_the_readers_wish_and_our_own_are_mailed(alice: Person) -> None:
    prefer(alice, theirs="weekly", news="weekly")
    request_of(alice)
    request_of(alice, "PA")
    sweep_on("2026-02-18", "2026-02-14", "2026-02-17")
    channels = {n.topic: n.channel for n in Notice.objects.filter(recipient=alice)}
    assert channels == {"theirs": "weekly", "ours": "single"}


def test_a_rule_can_say_by_digest_or_only_in_the_list(alice: Person, bob: Person) -> None:
    rule = seed().rules["agency", "acknowledgment"]
    quiet = replace(rule, moments=tuple(replace(one, channel="digest") for one in rule.moments))
    reminders.change_policy("agency", "acknowledgment", quiet, why="w", based_on=0, by=bob, now=at("2026-02-01"))
    request_of(alice)
    sweep_on("2026-02-18")
    assert [notice.channel for notice in said("before:3")] == ["daily"]
    silent = replace(rule, moments=tuple(replace(one, channel="in_app") for one in rule.moments))
    reminders.change_policy("agency", "acknowledgment", silent, why="w", based_on=1, by=bob, now=at("2026-02-19"))
    sweep_on("2026-02-20")
    assert [notice.channel for notice in said("before:1")] == ["in_app"]


def test_quiet_hours_hold_our_appeal_back_but_not_on_its_last_day(alice: Person) -> None:
    prefer(alice, quiet_from=time(17, 0), quiet_until=time(7, 0))
    request_of(alice, "PA")
    sweep_on("2026-02-14", "2026-02-18T00:30:00")  # half past seven in the evening of the 17th
    (early,) = said("before:14", alice)
    assert early.send_after == at("2026-02-18T12:00:00")
    sweep_on("2026-03-09T23:30:00")  # half past seven in the evening of the last day
    (last,) = said("on", alice)
    assert last.send_after == at("2026-03-09T23:30:00")


# --- when, where the law applies --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("jurisdiction", "received", "due", "before", "after"),
    [
        # Ten business days in Hawaii (Haw. Admin. Rules § 2-71-13) and fifteen in DC (D.C. Code § 2-532(c)(1)).
        pytest.param("HI", "2026-02-06", "2026-02-23", "2026-02-23T09:59", "2026-02-23T10:01", id="honolulu"),
        pytest.param("DC", "2026-02-13", "2026-03-09", "2026-03-09T03:59", "2026-03-09T04:01", id="day-after-dst"),
        pytest.param("DC", "2026-10-09", "2026-11-02", "2026-11-02T04:59", "2026-11-02T05:01", id="after-a-long-night"),
        pytest.param("DC", "2026-12-09", "2026-12-31", "2026-12-31T04:59", "2026-12-31T05:01", id="year-end"),
        pytest.param("DC", "2028-02-07", "2028-02-29", "2028-02-29T04:59", "2028-02-29T05:01", id="leap-day"),
    ],
)  # fmt: skip
def test_the_day_begins_at_midnight_where_the_agency_is(
    alice: Person, jurisdiction: str, received: str, due: str, before: str, after: str
) -> None:
    made = request_of(alice, jurisdiction, received)
    sweep_on(received)
    due_on = date.fromisoformat(due)
    assert made.deadlines.filter(superseded_at=None, certainty="fixed", latest=due_on).exists()
    told_today = Reminder.objects.filter(kind="on", deadline__request=made, deadline__latest=due_on)
    sweep_on(before)
    assert not told_today.exists(), "it is still the day before, there"
    sweep_on(after)
    assert told_today.exists()


# --- to whom ----------------------------------------------------------------------------------------------------------


def away(person: Person, delegate: Person | None) -> None:
    first, last = date(2026, 2, 1), date(2026, 3, 31)
    absences.go_away(
        person.pk, starts_on=first, ends_on=last, delegate_id=delegate and delegate.pk, by=person, now=at("2026-02-01")
    )


def test_who_stands_in_is_told_too(alice: Person, charlie: Person) -> None:
    away(alice, charlie)
    request_of(alice)
    sweep_on("2026-02-18")
    assert {notice.recipient.handle for notice in said("before:3")} == {"alice", "charlie"}
    assert said("before:3", charlie)[0].why == "You get this because you stand in for alice, who is away."


def test_where_nobody_stands_in_the_coordinators_see_to_it(alice: Person, bob: Person) -> None:
    away(alice, None)
    request_of(alice)
    sweep_on("2026-02-18")
    assert {notice.recipient.handle for notice in said("before:3")} == {"alice", "bob"}
    assert said("before:3", bob)[0].why.startswith("You get this because you coordinate")


def test_a_chain_that_ends_at_somebody_without_a_role_leads_to_the_coordinators(
    alice: Person, bob: Person, charlie: Person
) -> None:
    away(alice, charlie)
    charlie.role_grants.all().delete()
    request_of(alice)
    sweep_on("2026-02-18")
    assert {notice.recipient.handle for notice in said("before:3")} == {"alice", "bob"}


@pytest.mark.parametrize("closed", [False, True], ids=["lost the role", "account closed"])
def test_who_can_no_longer_act_is_told_nothing_and_the_coordinators_are(
    alice: Person, bob: Person, *, closed: bool
) -> None:
    """Somebody without a role sees no request: a reminder would be read by nobody who can do anything."""
    request_of(alice)
    if closed:
        Person.objects.filter(pk=alice.pk).update(is_active=False)
    else:
        alice.role_grants.all().delete()
    sweep_on("2026-02-18")
    assert {notice.recipient.handle for notice in said("before:3")} == {"bob"}


def test_a_rule_can_leave_the_filer_out(alice: Person, bob: Person, charlie: Person) -> None:
    made = request_of(alice)
    filing.assign(made.pk, to=charlie, by=bob, now=at("2026-02-06"))
    rule = replace(
        seed().rules["agency", "acknowledgment"], moments=(RuleMoment("before", 3, frozenset({"assignee"}), "mail"),)
    )
    reminders.change_policy("agency", "acknowledgment", rule, why="w", based_on=0, by=bob, now=at("2026-02-06"))
    sweep_on("2026-02-18")
    assert {notice.recipient.handle for notice in said("before:3")} == {"charlie"}


# --- nobody reacts ----------------------------------------------------------------------------------------------------

LATE, FIFTH_DAY = "2026-02-24", "2026-03-03"  # the acknowledgment is late on a Tuesday; five business days later


def test_coordinators_are_told_when_nobody_reacts_once(alice: Person, bob: Person) -> None:
    request_of(alice)
    sweep_on(LATE, "2026-03-02")
    assert said("escalation") == []
    sweep_on(FIFTH_DAY, FIFTH_DAY, "2026-03-05")
    (notice,) = said("escalation")
    assert notice.recipient == bob
    assert notice.subject.startswith("Nobody has reacted: ")
    assert "late since Monday, February 23, 2026" in notice.subject
    assert "nobody has reacted" in notice.why


def test_an_event_is_a_reaction(alice: Person, bob: Person) -> None:
    made = request_of(alice)
    sweep_on(LATE)
    filing.record_event(made.pk, "follow_up", happened_on=date(2026, 2, 25), by=alice, now=at("2026-02-25"))
    sweep_on(FIFTH_DAY, "2026-03-05")
    assert said("escalation") == []


@pytest.mark.parametrize(
    ("reads", "notes", "told"),
    [(False, False, 1), (True, False, 1), (False, True, 1), (True, True, 0)],
    ids=["nothing", "only-read", "a-note-by-somebody-who-did-not-read", "read-and-noted"],
)
def test_reading_and_a_next_step_are_a_reaction_together(
    alice: Person, bob: Person, reads: bool, notes: bool, told: int
) -> None:
    made = request_of(alice)
    sweep_on(LATE)
    if reads:
        telling.mark_read(alice, now=at("2026-02-25"))
    if notes:
        filing.add_note(made.pk, text="They promised it by phone.", by=bob, now=at("2026-02-25"))
    sweep_on(FIFTH_DAY)
    assert len(said("escalation")) == told


def test_giving_it_to_somebody_else_is_no_reaction(alice: Person, bob: Person, charlie: Person) -> None:
    made = request_of(alice)
    sweep_on(LATE)
    filing.assign(made.pk, to=charlie, by=bob, now=at("2026-02-25"))
    sweep_on(FIFTH_DAY)
    assert len(said("escalation", bob)) == 1


def test_a_coordinator_who_is_responsible_is_not_told_of_their_own_silence(bob: Person) -> None:
    other = PersonFactory(handle="cora", roles=["coordinator"])
    request_of(bob)
    sweep_on(LATE, FIFTH_DAY)
    assert [notice.recipient for notice in said("escalation")] == [other]


# --- muted ------------------------------------------------------------------------------------------------------------


def test_a_mute_holds_back_the_mail_and_not_the_notice_until_its_day(alice: Person) -> None:
    made = request_of(alice)
    mute = {"until": date(2026, 2, 20), "why": "On the phone with them.", "ours_too": False}
    reminders.mute(made.pk, **mute, by=alice, now=at("2026-02-10"))
    sweep_on("2026-02-18", "2026-02-20", "2026-02-23")
    assert [said(kind)[0].channel for kind in ("before:3", "before:1", "on")] == ["in_app", "in_app", "single"]


def test_our_own_deadline_is_muted_only_when_a_second_coordinator_agrees(alice: Person, bob: Person) -> None:
    cora = PersonFactory(handle="cora", roles=["coordinator"])
    made = request_of(alice, "PA")
    sweep_on("2026-02-14")
    mute = reminders.mute(
        made.pk, until=date(2026, 3, 31), why="Cora does it.", ours_too=True, by=bob, now=at("2026-02-15")
    )
    asked = Notice.objects.filter(key__startswith="mute:")
    assert [notice.recipient for notice in asked] == [cora]
    sweep_on("2026-02-17")
    assert said("before:14", bob)[0].channel == "single", "nobody agreed yet"
    assert not reminders.confirm_mute(mute.pk, by=bob, now=at("2026-02-18")), "not one's own"
    assert reminders.confirm_mute(mute.pk, by=cora, now=at("2026-02-18"))
    sweep_on("2026-02-26")
    assert said("before:7", bob)[0].channel == "in_app"
    assert said("before:7", alice)[0].channel == said("before:7", cora)[0].channel == "single"
    assert reminders.end_mute(mute.pk, by=bob, now=at("2026-02-27"))
    sweep_on("2026-03-04")
    assert said("before:3", bob)[0].channel == "single"


def test_when_everybody_muted_our_own_deadline_everybody_is_mailed(bob: Person) -> None:
    cora = PersonFactory(handle="cora", roles=["coordinator"])
    made = request_of(bob, "PA")
    sweep_on("2026-02-14")
    for one, other in ((bob, cora), (cora, bob)):
        mute = reminders.mute(made.pk, until=date(2026, 3, 31), why="w", ours_too=True, by=one, now=at("2026-02-15"))
        assert reminders.confirm_mute(mute.pk, by=other, now=at("2026-02-15"))
    sweep_on("2026-02-17")
    assert {notice.channel for notice in said("before:14")} == {"single"}


@pytest.mark.parametrize(("until", "said_why"), [("2026-02-09", "over"), ("2026-06-01", "90 days")])
def test_a_mute_has_an_end_that_makes_sense(alice: Person, until: str, said_why: str) -> None:
    made = request_of(alice)
    with pytest.raises(reminders.MuteRefused, match=said_why):
        reminders.mute(
            made.pk, until=date.fromisoformat(until), why="w", ours_too=False, by=alice, now=at("2026-02-10")
        )


# --- what it costs ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("crowd", [1, 8])
def test_ways_mutes_and_silence_cost_the_same_for_one_and_for_many(alice: Person, bob: Person, crowd: int) -> None:
    for person in [alice, *(PersonFactory() for _ in range(crowd - 1))]:
        prefer(person, theirs="daily")
        made = request_of(person)
        reminders.mute(made.pk, until=date(2026, 2, 27), why="w", ours_too=False, by=person, now=at("2026-02-10"))
    sweep_on("2026-02-09", "2026-02-24")
    assert {notice.channel for notice in said("after")} == {"in_app"}
    with CaptureQueriesContext(connection) as asked:
        sweep_on("2026-03-03")
    statements = [query["sql"] for query in asked if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(said("escalation")) == crowd
    # As in any sweep; besides the policy, events, notes and letters since, mutes, and how people want to be told.
    assert len(statements) <= 25, "\n".join(statements)


def test_a_policy_that_cannot_be_read_stops_no_reminder(alice: Person, bob: Person, caplog: Any) -> None:
    from requests_app.tracking.reminders.models import PolicyEdition

    PolicyEdition.objects.create(number=1, rules={"agency": []}, why="w", made_by=bob, made_at=at("2026-02-01"))
    request_of(alice)
    sweep_on("2026-02-18")
    assert len(said("before:3")) == 1
    assert "cannot be read" in caplog.text


def test_a_changed_policy_is_looked_at_again_tonight(alice: Person, bob: Person) -> None:
    made = request_of(alice)
    sweep_on("2026-02-09")
    first = seed().rules["agency", "acknowledgment"]
    earlier = replace(first, moments=(RuleMoment("before", 8, frozenset({"assignee"}), "mail"), *first.moments))
    reminders.change_policy("agency", "acknowledgment", earlier, why="w", based_on=0, by=bob, now=at("2026-02-11"))
    assert made.deadlines.get(kind="acknowledgment", superseded_at=None).watch_on == date(2026, 2, 12)
    sweep_on("2026-02-11")
    assert not Reminder.objects.exists()
    sweep_on("2026-02-12")
    assert [reminder.kind for reminder in Reminder.objects.all()] == ["before:8"]
