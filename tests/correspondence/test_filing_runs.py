"""Filing runs: each letter once, whatever dies; failures said; stop, go on, take back; the outbox keeps the limits."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection

from requests_app.correspondence import filing_runs, tasks
from requests_app.correspondence.models import OutgoingLetter
from requests_app.filing import campaign_queries, services
from requests_app.filing.campaigning import Standing
from requests_app.filing.models import Campaign, CampaignTarget, Draft, FilingRun, FilingRunPart, RecordsRequest
from requests_app.people.models import Person
from tests.factories import PersonFactory, RecordsRequestFactory
from tests.filing.campaign_cast import FIVE, five_states, sign, sign_all, two_agencies
from tests.servers import ROOT, database_address, wait_until

MONDAY = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


@pytest.fixture
def vic(db: None) -> Person:
    return PersonFactory(handle="vic", home_state="TN")


@pytest.fixture
def campaign(bob: Person, alice: Person, vic: Person) -> Campaign:
    """Five states, everything signed."""
    made = five_states(bob, MONDAY)
    sign_all(made, [alice, vic], MONDAY)
    return made


def file_all(run: FilingRun, now: datetime = MONDAY) -> int:
    steps = 0
    while filing_runs.file_next(run.pk, now=now):
        steps += 1
    return steps


def states_of(run: FilingRun) -> dict[str, str]:
    return dict(FilingRunPart.objects.filter(run=run).values_list("target__jurisdiction", "state"))


def test_a_run_files_every_ready_target_once(campaign: Campaign, bob: Person, alice: Person, vic: Person) -> None:
    run = services.start_run(campaign.pk, by=bob, now=MONDAY)
    assert file_all(run) == len(FIVE)
    run.refresh_from_db()
    campaign.refresh_from_db()
    assert (run.state, campaign.state) == ("finished", "running")
    requests = list(RecordsRequest.objects.order_by("reference"))
    assert len(requests) == OutgoingLetter.objects.count() == 2 * len(FIVE)
    assert {one.jurisdiction: one.filer for one in requests} == {code: vic if code == "TN" else alice for code in FIVE}
    assert set(CampaignTarget.objects.values_list("state", flat=True)) == {"filed"}
    # Dual custody: the two of a state went together, and each letter names the other.
    for code in FIVE:
        police, dmv = (one for one in requests if one.jurisdiction == code)
        assert police.filed_together == dmv.filed_together
        assert dmv.reference in str(police.letter)
        assert police.reference in str(dmv.letter)
    # Doing it all again brings nothing again.
    assert file_all(run) == 0
    with pytest.raises(services.CampaignRefused, match="Nothing is ready"):
        services.start_run(campaign.pk, by=bob, now=MONDAY)
    assert RecordsRequest.objects.count() == 2 * len(FIVE)


def test_the_letters_are_spread_and_none_leaves_before_its_undo_window(
    campaign: Campaign, bob: Person, settings: Any
) -> None:
    settings.LETTERS_PER_HOUR = 4
    OutgoingLetter.objects.all().delete()
    run = services.start_run(campaign.pk, by=bob, now=MONDAY)
    file_all(run)
    first = MONDAY + timedelta(minutes=settings.SEND_UNDO_MINUTES)
    leaves = sorted(OutgoingLetter.objects.values_list("send_after", flat=True))
    assert leaves == [first] * 4 + [first + timedelta(hours=1)] * 4 + [first + timedelta(hours=2)] * 2


def test_the_outbox_holds_letters_back_whose_moments_passed_at_once(
    campaign: Campaign, bob: Person, settings: Any
) -> None:
    settings.LETTERS_PER_HOUR = 4
    file_all(services.start_run(campaign.pk, by=bob, now=MONDAY))
    later = MONDAY + timedelta(hours=9)  # the server was down all day
    assert OutgoingLetter.send_due(later) == 4
    assert OutgoingLetter.send_due(later + timedelta(minutes=59)) == 0
    assert OutgoingLetter.send_due(later + timedelta(minutes=61)) == 4
    assert OutgoingLetter.send_due(later + timedelta(minutes=122)) == 2


def test_a_letter_that_is_no_campaigns_is_never_held_back(settings: Any, alice: Person) -> None:
    from requests_app.correspondence import services as correspondence
    from requests_app.kits.letters import dump
    from tests.factories import ContactPointFactory
    from tests.filing.letters import a_letter

    settings.LETTERS_PER_HOUR = settings.LETTERS_PER_RECEIVER_PER_HOUR = 1
    for _number in range(3):
        one = RecordsRequestFactory(
            filer=alice, contact_point=ContactPointFactory(agency__jurisdiction="MD"), letter=dump(a_letter())
        )
        correspondence.queue_letter(one, by=alice, now=MONDAY)
    assert OutgoingLetter.send_due(MONDAY + timedelta(hours=1)) == 3


def test_what_cannot_be_filed_says_why_and_the_others_are_filed(campaign: Campaign, bob: Person, alice: Person) -> None:
    run = services.start_run(campaign.pk, by=bob, now=MONDAY)
    target = {one.jurisdiction: one for one in CampaignTarget.objects.select_related("draft")}
    services.save_draft(target["MD"].draft.pk, choices={"extra_paragraph": "More."}, now=MONDAY + timedelta(minutes=1))
    services.discard_draft(target["NY"].draft.pk, now=MONDAY)
    target["WA"].group.first().agency.contact_points.update(health="bounced")
    asked = target["IL"].group.first().agency
    known = RecordsRequestFactory(agency=asked, jurisdiction="IL", kit_id="K1", events=[("sent", "2026-11-20")])
    file_all(run)
    assert states_of(run) == {"IL": "failed", "MD": "failed", "NY": "failed", "TN": "filed", "WA": "failed"}
    why = dict(FilingRunPart.objects.filter(run=run).values_list("target__jurisdiction", "why"))
    assert known.reference in why["IL"]
    assert "changed after it was signed" in why["MD"]
    assert "must sign it again" in why["NY"]
    assert "can no longer be used" in why["WA"]
    assert RecordsRequest.objects.exclude(pk=known.pk).count() == 2
    target["MD"].refresh_from_db()
    assert (target["MD"].state, target["MD"].failure) == ("planned", why["MD"])
    assert Draft.objects.get(pk=target["MD"].draft_id).is_open, "the draft is kept"
    # Its signer looks at it once more, and the next run files it.
    sign(target["MD"], alice, MONDAY + timedelta(minutes=2))
    again = services.start_run(campaign.pk, by=bob, now=MONDAY)
    file_all(again)
    assert states_of(again) == {"MD": "filed"}


def test_a_mistake_of_the_program_fails_one_part_and_not_the_run(
    campaign: Campaign, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = services.start_run(campaign.pk, by=bob, now=MONDAY)
    spread = filing_runs._spread

    def breaks_in_maryland(requests: Any, now: datetime) -> None:
        if requests[0].jurisdiction == "MD":
            raise ZeroDivisionError
        spread(requests, now)

    monkeypatch.setattr(filing_runs, "_spread", breaks_in_maryland)
    file_all(run)
    assert {code for code, state in states_of(run).items() if state == "failed"} == {"MD"}
    assert not RecordsRequest.objects.filter(jurisdiction="MD").exists(), "its transaction was undone as a whole"


def test_stop_and_go_on(campaign: Campaign, bob: Person) -> None:
    run = services.start_run(campaign.pk, by=bob, now=MONDAY)
    filing_runs.file_next(run.pk, now=MONDAY)
    assert services.stop_run(run.pk, now=MONDAY)
    assert not filing_runs.file_next(run.pk, now=MONDAY)
    assert RecordsRequest.objects.count() == 2
    assert services.continue_run(run.pk, now=MONDAY)
    assert not services.continue_run(run.pk, now=MONDAY), "a second click changes nothing"
    file_all(run)
    assert RecordsRequest.objects.count() == 2 * len(FIVE)


def test_a_second_click_finds_the_run_that_is_under_way(campaign: Campaign, bob: Person) -> None:
    run = services.start_run(campaign.pk, by=bob, now=MONDAY)
    assert services.start_run(campaign.pk, by=bob, now=MONDAY) == run


def test_an_ended_campaign_files_nothing(campaign: Campaign, bob: Person) -> None:
    run = services.start_run(campaign.pk, by=bob, now=MONDAY)
    services.end_campaign(campaign.pk, "stopped", now=MONDAY)
    assert file_all(run) == 0
    with pytest.raises(services.CampaignRefused, match="has ended"):
        services.continue_run(run.pk, now=MONDAY)
    assert not RecordsRequest.objects.exists()


def test_everything_that_waits_is_taken_back_at_once(campaign: Campaign, bob: Person) -> None:
    run = services.start_run(campaign.pk, by=bob, now=MONDAY)
    file_all(run)
    left = OutgoingLetter.objects.first()
    assert left is not None
    OutgoingLetter.send(left.pk, MONDAY + timedelta(hours=3))
    assert filing_runs.take_back_all(run.pk, by=bob, now=MONDAY + timedelta(minutes=1)) == 2 * len(FIVE) - 1
    assert set(RecordsRequest.objects.exclude(pk=left.request_id).values_list("status", flat=True)) == {"ready"}


def test_a_portal_is_a_task_and_not_a_letter_in_the_outbox(bob: Person, alice: Person) -> None:
    two_agencies("MD", channel="portal")
    made = services.make_campaign(
        services.Outline("One state", "", ("K1",), ("MD",), ("nlets_control_point", "dmv"), {}), by=bob, now=MONDAY
    )
    sign_all(made, [alice], MONDAY)
    file_all(services.start_run(made.pk, by=bob, now=MONDAY))
    assert set(RecordsRequest.objects.values_list("delivery", "status")) == {("portal", "ready")}
    assert not OutgoingLetter.objects.exists()


def test_the_task_is_only_a_trigger(campaign: Campaign, bob: Person) -> None:
    services.start_run(campaign.pk, by=bob, now=MONDAY)
    with time_machine.travel(MONDAY, tick=True):
        tasks.go_on_filing()
        tasks.go_on_filing()
    assert RecordsRequest.objects.count() == OutgoingLetter.objects.count() == 2 * len(FIVE)


def test_what_a_signer_files_alone_is_not_filed_again(campaign: Campaign, bob: Person, alice: Person) -> None:
    from requests_app.correspondence import services as correspondence

    target = CampaignTarget.objects.get(jurisdiction="MD")
    correspondence.file_draft(target.draft_id, by=alice, now=MONDAY)
    row = next(
        row for row in campaign_queries.plan(campaign_queries.targets_of(campaign), MONDAY) if row.target == target
    )
    assert row.standing is Standing.FILED
    assert [asked.filed for asked in row.asks] == list(row.filed)
    run = services.start_run(campaign.pk, by=bob, now=MONDAY)
    assert "MD" not in states_of(run)


WORKER = """
import sys, time
import django
django.setup()
from django.utils import timezone
from requests_app.correspondence import filing_runs
run_id, marker = int(sys.argv[1]), sys.argv[2]
spread = filing_runs._spread
filed = []
def slow(requests, now):
    spread(requests, now)
    filed.append(requests)
    if len(filed) == 3:
        open(marker, "w").close()
        time.sleep(60)
filing_runs._spread = slow
while filing_runs.file_next(run_id, now=timezone.now()):
    pass
"""


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_middle_of_a_letter_loses_and_doubles_nothing(bob: Person, tmp_path: Path) -> None:
    alice = PersonFactory(handle="alice2", home_state="MD")
    vic = PersonFactory(handle="vic2", home_state="TN")
    made = five_states(bob, MONDAY)
    sign_all(made, [alice, vic], MONDAY)
    run = services.start_run(made.pk, by=bob, now=MONDAY)
    marker = tmp_path / "third"
    facts = {
        "DJANGO_SETTINGS_MODULE": "foia.settings",
        "DATABASE_URL": database_address(),
        "DATA_DIR": str(tmp_path),
        "READ_DOT_ENV": "False",
    }
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(run.pk), str(marker)], cwd=ROOT, env={**os.environ, **facts}
    )
    try:
        assert wait_until(marker.exists), "the worker never came to the third part"
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    if connection.vendor == "postgresql":
        time.sleep(1)  # until the server has noticed
    assert list(states_of(run).values()).count("filed") == 2
    assert RecordsRequest.objects.count() == OutgoingLetter.objects.count() == 4, "of the third nothing is stored"
    assert filing_runs.running_runs() == [run.pk]
    file_all(run, datetime.now(UTC))
    assert set(states_of(run).values()) == {"filed"}
    requests = RecordsRequest.objects.values_list("jurisdiction", "agency_id")
    assert len(requests) == len(set(requests)) == OutgoingLetter.objects.count() == 2 * len(FIVE)
    references = sorted(RecordsRequest.objects.values_list("reference", flat=True))
    year = references[0].split("-")[1]
    assert references == sorted(f"{code}-{year}-{number:04}" for code in FIVE for number in (1, 2)), "no gap, no double"
