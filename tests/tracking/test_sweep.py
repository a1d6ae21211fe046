"""The sweep on real law: who is told what, on which day, once; and what never is said."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, OperationalError, connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from foia import health
from requests_app.filing import lawbook
from requests_app.filing import services as filing
from requests_app.filing.models import Deadline, RecordsRequest
from requests_app.filing.services import projecting
from requests_app.people import services as people
from requests_app.people.models import Notice, Person
from requests_app.tracking import queries, services, tasks, wording
from requests_app.tracking.models import Heartbeat, Reminder
from tests.factories import PersonFactory, RecordsRequestFactory

pytestmark = pytest.mark.django_db

SENT = ("sent", "2026-02-06")  # a Friday
RECEIVED = ("received", "2026-02-06")


def at(moment: str) -> datetime:
    """A day means noon in Maryland."""
    return datetime.fromisoformat(moment if "T" in moment else f"{moment}T17:00:00").replace(tzinfo=UTC)


def request_of(person: Person, *events: tuple, jurisdiction: str = "MD", **facts: object) -> RecordsRequest:
    """A request received on February 6, 2026, that its filer follows."""
    return RecordsRequestFactory(
        jurisdiction=jurisdiction,
        filer=person,
        assignee=person,
        opened_at=at("2026-02-06"),
        events=[SENT, RECEIVED, *events],
        **facts,
    )


def sweep_on(*days: str) -> None:
    for day in days:
        services.sweep(at(day))


def sweep_daily(first: str, last: str) -> None:
    day, end = date.fromisoformat(first), date.fromisoformat(last)
    while day <= end:
        sweep_on(day.isoformat())
        day += timedelta(days=1)


def told() -> list[tuple[str, str, str]]:
    """What was said: (kind of duty, moment, day), in order."""
    return [
        (reminder.deadline.kind, reminder.kind, reminder.made_at.date().isoformat())
        for reminder in Reminder.objects.select_related("deadline").order_by("made_at", "deadline__kind", "pk")
    ]


# --- when ---------------------------------------------------------------------------------------------------------


def test_maryland_day_by_day(alice: Person) -> None:
    """Ten business days from Friday, February 6 end on Monday the 23rd (Md. Gen. Prov. § 4-203(b)(2)); the 16th is
    Presidents' Day. Thirty days end on Sunday, March 8, and roll to Monday the 9th (§ 4-203(a)(1), § 1-302)."""
    request_of(alice)
    sweep_daily("2026-02-06", "2026-03-20")
    decision_and_records = [
        (kind, moment, day)
        for moment, day in [
            ("before:3", "2026-03-04"),
            ("before:1", "2026-03-06"),
            ("on", "2026-03-09"),
            ("after", "2026-03-10"),
        ]
        for kind in ("determination", "production")
    ]
    assert told() == [
        ("acknowledgment", "before:3", "2026-02-18"),
        ("acknowledgment", "before:1", "2026-02-20"),
        ("acknowledgment", "on", "2026-02-23"),
        ("acknowledgment", "after", "2026-02-24"),
        *decision_and_records,
    ]
    assert not Deadline.objects.filter(watch_on__isnull=False, superseded_at=None).exists(), "nothing is left to do"


def test_silence_becomes_a_denial_by_the_sweep_alone_and_our_appeal_is_told_of_earlier(alice: Person) -> None:
    """Pennsylvania: five business days end on February 13 (65 P.S. § 67.901), silence is a denial, and the appeal is
    due within fifteen business days, by Monday, March 9 (§ 67.1101(a)(1))."""
    request_of(alice, jurisdiction="PA")
    sweep_daily("2026-02-06", "2026-02-13")
    assert not Deadline.objects.filter(kind="appeal").exists()
    sweep_daily("2026-02-14", "2026-03-12")
    ours = [(moment, day) for kind, moment, day in told() if kind == "appeal"]
    assert ours == [
        ("before:14", "2026-02-17"),
        ("before:7", "2026-02-26"),
        ("before:3", "2026-03-04"),
        ("before:1", "2026-03-06"),
        ("on", "2026-03-09"),
        ("after", "2026-03-10"),
    ]


def test_a_day_in_dispute_is_left_to_the_agency(alice: Person) -> None:
    """Kentucky closes some offices on February 12 and 16: five business days end on one of two days, or between."""
    made = request_of(alice, jurisdiction="KY")
    deadline = made.deadlines.get(kind="determination", superseded_at=None)
    assert deadline.earliest < deadline.latest
    sweep_daily("2026-02-06", deadline.latest.isoformat())
    assert not Reminder.objects.filter(deadline__duty_of="agency", kind="after").exists()
    sweep_on((deadline.latest + timedelta(days=1)).isoformat())
    assert Reminder.objects.filter(deadline__duty_of="agency", kind="after").count() == 1


@pytest.mark.parametrize("jurisdiction", ["MD", "PA", "KY", "DC", "NM", "RI", "CO", "VT"])
def test_no_agency_is_called_late_on_or_before_its_latest_date(alice: Person, jurisdiction: str) -> None:
    request_of(alice, jurisdiction=jurisdiction)
    sweep_daily("2026-02-06", "2026-03-12")
    for reminder in Reminder.objects.filter(deadline__duty_of="agency").select_related("deadline", "notice"):
        accuses = "late" in reminder.notice.subject or "did not" in reminder.notice.text
        assert accuses == (reminder.kind == "after")
        if accuses:
            assert reminder.made_at.date() > reminder.deadline.latest
            assert reminder.deadline.certainty != "conditional"


def test_midnight_is_the_agencys_own(alice: Person) -> None:
    """Both duties end on February 23. At 2 in the morning in Maryland it is still 9 in the evening in Hawaii."""
    maryland, hawaii = request_of(alice), request_of(alice, jurisdiction="HI")

    def newest(made: RecordsRequest) -> list[str]:
        return list(
            Reminder.objects.filter(
                deadline__request=made, deadline__latest=date(2026, 2, 23), deadline__certainty="fixed"
            )
            .order_by("-pk")
            .values_list("kind", flat=True)[:1]
        )

    before = queries.requests_to_look_at(lawbook.todays(at("2026-02-23")), 10)
    assert set(before.ids) == {maryland.pk, hawaii.pk}
    sweep_on("2026-02-23T17:00:00")
    # The day after has begun in Maryland only.
    assert queries.requests_to_look_at(lawbook.todays(at("2026-02-24T07:00:00")), 10).ids == [maryland.pk]
    sweep_on("2026-02-24T07:00:00")
    assert (newest(maryland), newest(hawaii)) == (["after"], ["on"])
    sweep_on("2026-02-24T09:59:00")
    assert newest(hawaii) == ["on"]
    sweep_on("2026-02-24T10:01:00")
    assert newest(hawaii) == ["after"]


@pytest.mark.parametrize(
    "days",
    [
        pytest.param(["2026-02-20", "2026-02-10", "2026-02-20", "2026-02-12", "2026-03-10"], id="back-and-forth"),
        pytest.param(["2026-02-20", "2026-03-10", "2026-02-20", "2026-02-24", "2026-03-10"], id="far-ahead-and-back"),
    ],
)
def test_a_clock_that_jumps_says_nothing_twice_and_nothing_before_its_day(alice: Person, days: list[str]) -> None:
    request_of(alice)
    for day in days:
        sweep_on(f"{day}T17:00:00")
        due = {"before:1": "2026-02-20", "after": "2026-02-24"}
        assert all(made_on >= due.get(kind, "") for _, kind, made_on in told())
    everything = [(duty, kind) for duty, kind, _ in told()]
    assert len(set(everything)) == len(everything) == 4
    assert {kind for duty, kind in everything if duty != "acknowledgment"} == {"after"}


def test_a_clock_that_stands_still_says_nothing(alice: Person) -> None:
    """Rhode Island: an estimate stops the ten business days that would end on February 20."""
    made = request_of(alice, ("fee_estimated", "2026-02-10"), jurisdiction="RI")
    paused = made.deadlines.filter(state="paused", superseded_at=None)
    assert paused.exists()
    sweep_daily("2026-02-10", "2026-04-10")
    assert not Reminder.objects.filter(deadline__in=paused).exists()


def test_what_was_done_is_not_reminded_of(alice: Person) -> None:
    request_of(alice, ("acknowledged", "2026-02-12"), ("determined", "2026-02-13"), ("produced", "2026-02-13"))
    sweep_daily("2026-02-13", "2026-03-20")
    assert told() == []


def test_a_request_that_ended_after_a_missed_day_is_left_in_peace(alice: Person) -> None:
    request_of(alice, ("withdrawn", "2026-02-24"))
    assert Deadline.objects.filter(state="missed", superseded_at=None).exists()
    sweep_daily("2026-02-24", "2026-03-12")
    assert told() == []


def test_our_own_missed_day_is_over_once_the_request_is_closed(alice: Person) -> None:
    made = request_of(alice, jurisdiction="PA")
    sweep_on("2026-02-14", "2026-03-09")
    filing.record_event(made.pk, "closed", happened_on=date(2026, 3, 10), by=alice, now=at("2026-03-10"))
    Deadline.objects.filter(request=made, superseded_at=None).update(watch_on=date(2026, 3, 10))
    sweep_on("2026-03-10", "2026-03-11")
    assert not any(moment == "after" for kind, moment, _day in told() if kind == "appeal")


def test_an_acknowledgment_that_came_late_is_not_asked_for_again(alice: Person) -> None:
    """All is written down at once on March 2: the acknowledgment was late, and it is there."""
    RecordsRequestFactory(
        filer=alice,
        assignee=alice,
        opened_at=at("2026-02-06"),
        seen_at=at("2026-02-27"),
        events=[SENT, RECEIVED, ("acknowledged", "2026-02-26")],
    )
    assert Deadline.objects.filter(kind="acknowledgment", state="missed").exists()
    sweep_on("2026-02-27")
    assert told() == []


def test_whoever_was_away_gets_the_newest_word_and_not_the_whole_series(alice: Person) -> None:
    request_of(alice)
    sweep_on("2026-02-24")
    assert told() == [("acknowledgment", "after", "2026-02-24")]


def test_a_corrected_receipt_moves_the_reminders(alice: Person) -> None:
    made = request_of(alice)
    sweep_on("2026-02-18")
    wrong = made.events.get(kind="received")
    filing.correct_event(
        wrong.pk, by=alice, now=at("2026-02-19"), note="misread", replacement={"happened_on": date(2026, 2, 9)}
    )
    sweep_daily("2026-02-19", "2026-02-25")
    assert ("acknowledgment", "after", "2026-02-24") not in told()
    assert ("acknowledgment", "after", "2026-02-25") in told()


# --- once ---------------------------------------------------------------------------------------------------------


def test_the_same_sweep_again_changes_nothing(alice: Person) -> None:
    request_of(alice)
    sweep_on("2026-02-18", "2026-02-18", "2026-02-18")
    Deadline.objects.filter(superseded_at=None, latest__isnull=False).update(watch_on=date(2026, 2, 18))
    sweep_on("2026-02-18")
    assert told() == [("acknowledgment", "before:3", "2026-02-18")]
    assert Notice.objects.count() == 1


def test_a_new_edition_with_the_same_dates_is_no_news(alice: Person) -> None:
    made = request_of(alice)
    sweep_on("2026-02-18")
    made.deadlines.update(law_edition="2025-01-01")
    filing.reproject(made.pk, now=at("2026-02-18"))
    assert made.deadlines.filter(kind="acknowledgment", latest=date(2026, 2, 23)).count() == 2
    sweep_on("2026-02-18")
    assert told() == [("acknowledgment", "before:3", "2026-02-18")]


@pytest.mark.django_db(transaction=True)
def test_sweeps_at_the_same_time_write_each_reminder_once(alice: Person) -> None:
    for _ in range(4):
        request_of(alice)
    failures: list[Exception] = []
    together = threading.Barrier(3)

    def run() -> None:
        try:
            together.wait(timeout=20)
            services.sweep(at("2026-03-10"))
        except Exception as failure:  # noqa: BLE001  every failure of a thread is what the test looks at
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert failures == []
    assert Reminder.objects.count() == Notice.objects.count() == 4 * 3
    assert Reminder.objects.values("deadline", "kind", "recipient").distinct().count() == 4 * 3
    keys = Notice.objects.values_list("subject", "recipient", "path", "why")
    assert len(keys) == 12


# --- to whom ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("filer_here", "followed", "duty_of", "expected"),
    [
        pytest.param(True, True, "agency", {"alice", "charlie"}, id="filer-and-follower"),
        pytest.param(False, True, "agency", {"charlie"}, id="a-filer-who-left-is-not-written-to"),
        pytest.param(True, False, "agency", {"alice", "bob"}, id="nobody-follows-so-the-coordinator-does"),
        pytest.param(False, False, "agency", {"bob"}, id="nobody-is-left-but-the-coordinator"),
        pytest.param(True, True, "requester", {"alice", "bob", "charlie"}, id="our-own-duty-concerns-the-coordinator"),
    ],
)
def test_who_is_told(
    alice: Person, bob: Person, charlie: Person, filer_here: bool, followed: bool, duty_of: str, expected: set[str]
) -> None:
    made = request_of(alice, jurisdiction="PA")
    Person.objects.filter(pk=alice.pk).update(is_active=filer_here)
    filing.assign(made.pk, to=charlie if followed else None, by=bob, now=at("2026-02-06"))
    sweep_on("2026-02-14")
    sweep_on("2026-02-17")
    reminders = Reminder.objects.filter(deadline__duty_of=duty_of)
    assert {reminder.recipient.handle for reminder in reminders} == expected
    whys = {reminder.recipient.handle: reminder.notice.why for reminder in reminders}
    assert all(("coordinate" in why) == (handle == "bob") for handle, why in whys.items())


def test_somebody_is_told_even_when_everybody_left(alice: Person) -> None:
    administrator = PersonFactory(handle="ada", roles=["administrator"])
    request_of(alice)
    Person.objects.filter(pk=alice.pk).update(is_active=False)
    sweep_on("2026-02-18")
    assert [reminder.recipient for reminder in Reminder.objects.all()] == [administrator]


# --- what it says -------------------------------------------------------------------------------------------------


def test_a_reminder_says_what_by_when_under_which_law_where_and_why(alice: Person) -> None:
    made = request_of(alice)
    sweep_on("2026-02-23", "2026-02-24")
    today, late = Notice.objects.order_by("pk")
    assert today.subject == f"{made.reference}: acknowledgment due Monday, February 23, 2026"
    assert f"{made.agency.name} must give its acknowledgment by Monday, February 23, 2026." in today.text
    assert late.subject == f"{made.reference}: acknowledgment late since Monday, February 23, 2026"
    assert f"{made.agency.name} did not give its acknowledgment by Monday, February 23, 2026" in late.text
    for notice in (today, late):
        assert "Law: Md. Code Ann., Gen. Prov. § 4-203" in notice.text or "4-203" in notice.text
        assert notice.path == f"/requests/{made.reference}/"
        assert notice.why == "You get this because you filed or follow this request."


def test_our_own_duty_is_told_with_urgency_and_both_readings(alice: Person) -> None:
    request_of(alice, jurisdiction="PA")
    sweep_on("2026-02-14", "2026-02-17", "2026-03-10")
    first, last = Notice.objects.filter(reminder__deadline__kind="appeal").order_by("pk")
    assert "our appeal is due Monday, March 9, 2026" in first.subject
    assert "Nobody else will do it for us." in first.text
    assert "Decided by: Office of Open Records" in first.text
    assert "act now, our appeal was due" in last.subject


def test_names_and_addresses_stay_out_of_the_log_and_the_notice(
    alice: Person, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = request_of(alice)

    def broken(*_facts: object, **_named: object) -> projecting.Following:
        raise ValueError(f"cannot read the letter of {alice.legal_name}, {alice.email}")

    with caplog.at_level(logging.DEBUG):
        sweep_on("2026-02-18")
        Notice.send_due(at("2026-02-18"))
        Deadline.objects.filter(superseded_at=None).update(watch_on=date(2026, 2, 19))
        monkeypatch.setattr(projecting, "work_out", broken)
        sweep_on("2026-02-19")
    assert f"could not look at request {made.pk}: ValueError" in caplog.text
    secrets = (alice.legal_name, alice.email, alice.postal_address, alice.phone)
    assert [secret for secret in secrets if secret in caplog.text] == []
    for notice in Notice.objects.all():
        assert [secret for secret in secrets if secret in notice.subject + notice.text] == []


# --- trouble ------------------------------------------------------------------------------------------------------


def test_one_request_in_trouble_holds_back_no_other_and_is_reported(
    alice: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    sick, well = request_of(alice), request_of(alice)
    work_out = projecting.work_out

    def unless_sick(records_request: RecordsRequest, *rest: object, **named: object) -> projecting.Following:
        if records_request == sick:
            raise ArithmeticError("no such day")
        return work_out(records_request, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(projecting, "work_out", unless_sick)
    sweep_on("2026-02-18", "2026-02-18")
    assert [reminder.deadline.request_id for reminder in Reminder.objects.all()] == [well.pk]
    watched = set(sick.deadlines.filter(watch_on__isnull=False).values_list("watch_on", flat=True))
    assert watched == {date(2026, 2, 19)}, "it is tried again tomorrow"
    reports = Notice.objects.filter(subject__contains="reminders have stopped")
    assert {report.recipient for report in reports} == {alice, bob}
    sweep_on("2026-02-19")
    assert reports.count() == 2, "it is said once"
    monkeypatch.setattr(projecting, "work_out", work_out)
    sweep_on("2026-02-20")
    assert Reminder.objects.filter(deadline__request=sick).exists()


def test_words_that_cannot_be_written_hold_back_no_other_request_of_the_batch(
    alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    sick, well = request_of(alice), request_of(alice)
    compose = wording.compose_reminder

    def unless_sick(records_request: RecordsRequest, *rest: object) -> wording.Words:
        if records_request == sick:
            raise ArithmeticError("no words")
        return compose(records_request, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(wording, "compose_reminder", unless_sick)
    sweep_on("2026-02-18")
    assert [reminder.deadline.request_id for reminder in Reminder.objects.all()] == [well.pk]
    assert set(sick.deadlines.filter(watch_on__lte="2026-02-18")) == set(), "it is put off until tomorrow"
    assert Notice.objects.filter(subject__contains="reminders have stopped", subject__startswith=sick.reference)


def test_a_batch_that_cannot_be_written_is_written_one_by_one(
    alice: Person, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """One row that the database refuses would take the reminders of all others with it."""
    sick, *well = (request_of(alice) for _ in range(4))
    queue = people.queue_notices

    def unless_sick(drafts: Sequence[people.NoticeDraft], **when: datetime) -> None:
        queue(drafts, **when)
        if any(sick.get_absolute_url() == draft.path and "reminder" in draft.key for draft in drafts):
            raise IntegrityError("a row that cannot be")

    monkeypatch.setattr(people, "queue_notices", unless_sick)
    sweep_on("2026-02-18")
    reminded = set(Reminder.objects.values_list("deadline__request_id", flat=True))
    assert reminded == {made.pk for made in well}
    assert Reminder.objects.count() == Notice.objects.filter(key__startswith="reminder").count() == 3
    assert "one by one: IntegrityError in a batch of 4" in caplog.text
    assert set(sick.deadlines.filter(watch_on__isnull=False).values_list("watch_on", flat=True)) == {date(2026, 2, 19)}


def test_a_database_that_goes_away_is_not_asked_for_every_request(
    alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(6):
        request_of(alice)
    asked: list[int] = []

    def away(request_ids: Sequence[int], **_when: datetime) -> filing.Reprojected:
        asked.append(len(request_ids))
        raise OperationalError("the connection is closed")

    monkeypatch.setattr(filing, "reproject_many", away)
    assert services.sweep(at("2026-02-18")) is False
    assert asked == [6, 1, 1, 1]


@pytest.mark.django_db(transaction=True)
def test_a_rival_in_the_middle_of_a_batch_loses_nothing(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the sweep works on a batch, a person records the answer to one of its requests."""
    answered, other = request_of(alice), request_of(alice)
    work_out = projecting.work_out
    failures: list[Exception] = []

    def record() -> None:
        try:
            filing.record_event(
                answered.pk, "acknowledged", happened_on=date(2026, 2, 12), by=None, now=at("2026-02-24")
            )
        except Exception as failure:  # noqa: BLE001  every failure of a thread is what the test looks at
            failures.append(failure)
        finally:
            connection.close()

    rival = threading.Thread(target=record)

    def meanwhile(*facts: object, **named: object) -> projecting.Following:
        if rival.ident is None:
            rival.start()
            rival.join(timeout=1)  # it waits for the sweep
            assert rival.is_alive()
        return work_out(*facts, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(projecting, "work_out", meanwhile)
    sweep_on("2026-02-24")
    rival.join(timeout=60)
    assert failures == []
    answered.refresh_from_db()
    assert (answered.status, answered.overdue_since, answered.last_sequence) == ("acknowledged", None, 4)
    current = Deadline.objects.filter(superseded_at=None, kind="acknowledgment").values_list("request_id", "state")
    assert sorted(current) == sorted([(answered.pk, "met"), (other.pk, "missed")])
    assert Deadline.objects.filter(request=answered, superseded_at=None).count() == 3, "none is there twice"
    sweep_on("2026-02-25")
    assert Reminder.objects.filter(deadline__request=other).count() == 1


def test_a_database_that_is_away_puts_nothing_off(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    request_of(alice)
    reproject_many = filing.reproject_many

    def away(*_facts: object, **_named: object) -> filing.Reprojected:
        raise OperationalError("database is locked")

    monkeypatch.setattr(filing, "reproject_many", away)
    assert services.sweep(at("2026-02-18")) is False
    monkeypatch.setattr(filing, "reproject_many", reproject_many)
    sweep_on("2026-02-18T17:01:00")
    assert len(told()) == 1


def test_a_law_whose_calendar_ends_stops_nobody(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    ended, well = request_of(alice, jurisdiction="DC"), request_of(alice)
    from requests_app.law.calendars import CalendarEnds

    project = projecting.law_deadlines.project

    def unless_dc(statute, *rest, **facts):  # type: ignore[no-untyped-def]
        if statute.code == "DC":
            raise CalendarEnds("DC", date(2034, 1, 2), date(2024, 1, 1), date(2033, 12, 31))
        return project(statute, *rest, **facts)

    monkeypatch.setattr(projecting.law_deadlines, "project", unless_dc)
    sweep_on("2026-02-25")
    assert {reminder.deadline.request_id for reminder in Reminder.objects.all()} == {well.pk}
    ended.refresh_from_db()
    assert "No date was guessed" in ended.law_notes[0]
    assert not ended.deadlines.filter(watch_on__isnull=False).exists()


def test_a_full_batch_is_followed_by_another(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        request_of(alice)
    monkeypatch.setattr(services, "BATCH", 2)
    assert services.sweep(at("2026-02-24")) is True
    assert Reminder.objects.count() == 2
    assert services.sweep(at("2026-02-24")) is False
    assert Reminder.objects.count() == 3


# --- signs of life ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("age", "says"),
    [
        pytest.param(None, "no {} has run yet", id="never-ran"),
        pytest.param(timedelta(seconds=30), "ok", id="just-ran"),
        pytest.param(timedelta(minutes=20), "the last {} ran 20 minutes ago", id="stopped"),
    ],
)
@pytest.mark.parametrize(
    ("work", "part", "name"),
    [
        pytest.param("sweep", "last_sweep", "sweep", id="sweep"),
        pytest.param("outboxes", "last_sending", "round of sending", id="outboxes"),
    ],
)
def test_stopped_work_is_visible(work: str, part: str, name: str, age: timedelta | None, says: str) -> None:
    """The other kind of work goes on meanwhile, and does not hide it."""
    now = datetime.now(UTC)
    (other,) = {"sweep", "outboxes"} - {work}
    services.beat(other, now)
    if age is not None:
        services.beat(work, now - age)
    assert queries.seconds_since_last(work, now) == (None if age is None else age.total_seconds())
    answer = health.ready(RequestFactory().get("/readyz"))
    outcome = json.loads(answer.content)
    assert outcome["parts"][part].startswith(says.format(name))
    assert {outcome["parts"][one] for one in ("last_sweep", "last_sending")} - {outcome["parts"][part]} <= {"ok"}
    if says != "ok":
        assert (answer.status_code, outcome["ready"]) == (503, False)


def test_sweeping_and_sending_each_leave_their_own_sign_of_life() -> None:
    tasks.sweep()
    assert list(Heartbeat.objects.values_list("name", flat=True)) == ["sweep"]
    tasks.send_outboxes()
    assert set(Heartbeat.objects.values_list("name", flat=True)) == {"sweep", "outboxes"}


def test_a_second_sweep_moves_the_sign_of_life() -> None:
    sweep_on("2026-02-18", "2026-02-19")
    assert Heartbeat.objects.get(name="sweep").beat_at == at("2026-02-19")


# --- cost ---------------------------------------------------------------------------------------------------------


def crowd(pattern: RecordsRequest, count: int, watch_on: date) -> None:
    """Add many deadlines that wait for a later day."""
    one = pattern.deadlines.filter(superseded_at=None).first()
    facts = {field.attname: getattr(one, field.attname) for field in Deadline._meta.fields if not field.primary_key}
    Deadline.objects.bulk_create((Deadline(**facts | {"watch_on": watch_on}) for _ in range(count)), batch_size=1000)


@pytest.mark.parametrize("due", [1, 12])
def test_a_sweep_asks_no_more_for_twelve_due_requests_than_for_one(alice: Person, bob: Person, due: int) -> None:
    for _ in range(due):
        request_of(alice, jurisdiction="PA")
    sweep_on("2026-02-09")
    for day, written in (("2026-02-10", 1), ("2026-02-14", 1), ("2026-02-17", 2)):
        before = Reminder.objects.count()
        with CaptureQueriesContext(
            connection,
        ) as asked:
            sweep_on(day)
        assert Reminder.objects.count() - before == due * written
        # Of one day: what is due; requests, deadlines and events; deadlines replaced, moved, added, and columns;
        # agency, filer, assignee; who coordinates; whom we told; notices and their numbers; reminders; the days of the
        # next look; the heartbeat.
        statements = [query["sql"] for query in asked if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]
        assert len(statements) <= 28, statements


@pytest.mark.parametrize("waiting", [1, 200])
def test_a_sweep_with_nothing_due_asks_no_more_of_200_than_of_one(alice: Person, waiting: int) -> None:
    made = request_of(alice)
    sweep_on("2026-02-09")
    crowd(made, waiting, date(2026, 2, 18))
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert services.sweep(at("2026-02-10")) is False
    statements = [query["sql"] for query in asked if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    # What is due; invitations to sign that ran out; then the heartbeat, read and written.
    assert len(statements) == 4, statements


def test_the_sweep_finds_what_is_due_by_its_index(alice: Person) -> None:
    made = request_of(alice)
    sweep_on("2026-02-09")
    crowd(made, 5000, date(2026, 2, 18))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    plan = queries.deadlines_to_look_at(lawbook.todays(at("2026-02-10"))).explain()
    assert "deadline_watch" in plan, plan
    assert "Seq Scan on filing_deadline" not in plan
    assert "SCAN filing_deadline USING" not in plan
    assert "SCAN filing_deadline\n" not in f"{plan}\n"
