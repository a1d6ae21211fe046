"""The dead-man's switch: exit codes, the mail by its own way, once a day; and mail that did not arrive, on the desk."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from requests_app.people import services as people
from requests_app.people.models import InvitationMail, Notice, Person
from requests_app.people.notices import queries as telling
from requests_app.people.outbox import TRIES
from requests_app.tracking import queries, services
from requests_app.tracking.reminders import undelivered
from tests.factories import PersonFactory
from tests.people.conftest import Postman, dead_mail_server, postman, silent_mail_server

__all__ = ["dead_mail_server", "postman", "silent_mail_server"]  # fixtures, used by name
pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    settings.WATCH_MAIL_TO = []


def check(*options: str, now: datetime = NOW) -> int:
    with time_machine.travel(now, tick=False):
        try:
            call_command("check_sweeps", *options)
        except SystemExit as end:
            return int(end.code or 0)
    return 0


def beats(*, sweep: timedelta | None, outboxes: timedelta | None) -> None:
    for name, age in (("sweep", sweep), ("outboxes", outboxes)):
        if age is not None:
            services.beat(name, NOW - age)


MINUTE, HOURS = timedelta(minutes=1), timedelta(hours=5)


@pytest.mark.parametrize(
    ("sweep", "outboxes", "code", "said"),
    [
        pytest.param(MINUTE, MINUTE, 0, "run.", id="all-runs"),
        pytest.param(HOURS, MINUTE, 1, "The last look for what has come due ended 5 hours ago.", id="sweeps-stopped"),
        pytest.param(MINUTE, HOURS, 1, "The last round of sending ended 5 hours ago.", id="sending-stopped"),
        pytest.param(None, None, 1, "No look for what has come due has ever run.", id="never-ran"),
    ],
)
def test_the_exit_code_says_whether_it_runs(
    sweep: timedelta | None, outboxes: timedelta | None, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    beats(sweep=sweep, outboxes=outboxes)
    assert check() == code
    output = capsys.readouterr()
    assert said in output.out + output.err


def test_the_administrators_are_mailed_once_a_day_without_any_notice(postman: Postman) -> None:
    PersonFactory(handle="ada", roles=["administrator"])
    PersonFactory(handle="gone", roles=["administrator"], is_active=False)
    beats(sweep=HOURS, outboxes=MINUTE)
    assert [check("--mail", now=NOW + timedelta(hours=hour)) for hour in (0, 1, 22, 24)] == [1, 1, 1, 1]
    assert postman.recipients == ["ada@people.example"] * 2
    body = postman.received[0].get_content()
    assert "ended 5 hours ago" in body
    assert "/readyz" in body
    assert "check_sweeps" in body
    assert not Notice.objects.exists()


def test_when_it_runs_again_the_next_trouble_is_news(postman: Postman) -> None:
    PersonFactory(roles=["administrator"])
    beats(sweep=HOURS, outboxes=MINUTE)
    assert check("--mail") == 1
    beats(sweep=MINUTE, outboxes=MINUTE)
    assert check("--mail") == 0
    beats(sweep=HOURS, outboxes=MINUTE)
    assert check("--mail") == 1
    assert len(postman.received) == 2


def test_a_database_that_is_away_is_mailed_about_where_addresses_are_set(
    postman: Postman, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_facts: Any) -> None:
        raise OperationalError("no connection")

    monkeypatch.setattr(queries, "seconds_since_last", away)
    settings.WATCH_MAIL_TO = ["operator@people.example"]
    assert check("--mail") == 2
    assert postman.recipients == ["operator@people.example"]
    assert "The database did not answer" in postman.received[0].get_content()


@pytest.mark.parametrize("server", ["dead_mail_server", "silent_mail_server"])
def test_a_mail_that_cannot_leave_has_its_own_exit_code_and_is_tried_again(
    server: str, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue(server)
    PersonFactory(roles=["administrator"])
    beats(sweep=HOURS, outboxes=MINUTE)
    assert [check("--mail"), check("--mail")] == [3, 3]


def test_nobody_to_mail_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert check("--mail") == 3
    assert "nobody to mail" in capsys.readouterr().err


# --- mail that did not arrive -----------------------------------------------------------------------------------------


def given_up(person: Person, postman: Postman, answer: str, key: str = "k") -> Notice:
    made = people.queue_notice(person, key, "Decision due Monday", "Text.", "Why.", "/people/me/", now=NOW)
    postman.answers_to_recipient = [answer]
    assert not Notice.send(made.pk, NOW)
    made.refresh_from_db()
    assert made.state == "failed"
    return made


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        ("550 5.1.1 No such user", "does not take mail"),
        ("552 5.2.2 Mailbox full", "full or closed"),
        ("554 5.7.1 Blocked", "refuses our mails"),
        ("541 Odd", "looks at its answer"),
    ],
)
def test_a_mail_refused_for_good_is_on_the_desk_with_what_to_do(
    alice: Person, bob: Person, coordinator_client: Client, postman: Postman, answer: str, advice: str
) -> None:
    given_up(alice, postman, answer)
    beats(sweep=MINUTE, outboxes=MINUTE)
    assert undelivered.count() == 1
    assert (
        "1 mail to a member could not be delivered" in coordinator_client.get(reverse("tracking:desk")).content.decode()
    )
    page = coordinator_client.get(reverse("tracking:undelivered")).content.decode()
    assert advice in page
    assert answer in page
    assert "alice" in page
    assert "alice@people.example" not in page


def test_it_can_be_sent_again(alice: Person, coordinator_client: Client, postman: Postman) -> None:
    made = given_up(alice, postman, "550 5.1.1 No such user")
    coordinator_client.post(reverse("tracking:undelivered-again", args=["notice", made.pk]))
    assert undelivered.count() == 0
    assert Notice.send_due(NOW + timedelta(days=9999)) == 1
    assert len(postman.received) == 1


def test_it_can_be_taken_off_the_list_and_the_reader_still_has_it(
    alice: Person, coordinator_client: Client, postman: Postman
) -> None:
    made = given_up(alice, postman, "550 5.1.1 No such user")
    coordinator_client.post(reverse("tracking:undelivered-leave", args=["notice", made.pk]))
    assert undelivered.count() == 0
    assert undelivered.newest() == []
    assert [one.pk for one in telling.notice_page(alice)[0]] == [made.pk]


def test_a_server_that_hangs_for_days_ends_on_the_desk_too(alice: Person, silent_mail_server: None) -> None:
    made = people.queue_notice(alice, "k", "S", "T", "W.", now=NOW)
    moment = NOW
    for _ in range(TRIES):
        assert not Notice.send(made.pk, moment)
        moment += timedelta(days=1)
    (row,) = undelivered.newest()
    assert (row.attempts, row.to) == (TRIES, "alice")
    assert "could not be reached for days" in row.advice


def test_an_invitation_that_did_not_arrive_names_its_address(bob: Person, postman: Postman) -> None:
    people.invite(email="new@people.example", roles=["volunteer"], by=bob, now=NOW)
    postman.answers_to_recipient = ["550 5.1.1 No such user"]
    with time_machine.travel(NOW, tick=False):
        assert InvitationMail.send_due(NOW) == 0
    (row,) = undelivered.newest()
    assert (row.box, row.to) == ("invitation", "new@people.example")


def test_someone_elses_closed_account_is_no_trouble(alice: Person, postman: Postman) -> None:
    given_up(alice, postman, "550 5.1.1 No such user")
    Person.objects.filter(pk=alice.pk).update(is_active=False)
    assert undelivered.count() == 0


@pytest.mark.parametrize(("box", "pk"), [("pigeon", 1), ("notice", 999999)])
def test_a_mail_that_is_not_there_changes_nothing(coordinator_client: Client, box: str, pk: int) -> None:
    for act in ("again", "leave"):
        assert coordinator_client.post(reverse(f"tracking:undelivered-{act}", args=[box, pk])).status_code == 302
