"""A law file or a calendar changes: what moves, who is told, what is kept, and what a crash in between costs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from requests_app.agencies.models import Agency
from requests_app.filing.models import Deadline, RecordsRequest
from requests_app.filing.services import projecting
from requests_app.law.book import DATA
from requests_app.people.models import Notice, Person
from requests_app.tracking import services as tracking
from requests_app.tracking import tasks
from requests_app.tracking.models import LawSeen, MovedDate, Recalculation
from requests_app.tracking.recalculation import services
from tests.factories import PersonFactory, RecordsRequestFactory
from tests.law.test_snapshots import SNOW, determination

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 2, 17, 17, 0, tzinfo=UTC)
Change = Callable[[dict[str, Any]], object]


@pytest.fixture(autouse=True)
def two_states(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fifty more calendars, built anew for each test, show nothing that two do not."""
    monkeypatch.setattr(services, "CODES", ("MD", "VA"))


@pytest.fixture
def law_says(settings: Any, tmp_path: Path) -> Callable[..., None]:
    """Let Daylight start again with a law book in which Maryland's files say something else."""
    starts = iter(range(100))

    def say(**changes: Change) -> None:
        folder = tmp_path / str(next(starts))
        for kind, change in changes.items():
            said = json.loads((DATA / kind / "MD.json").read_text())
            change(said)
            (folder / kind).mkdir(parents=True)
            (folder / kind / "MD.json").write_text(json.dumps(said))
        settings.LAW_OVERLAY_DIR = str(folder)

    return say


def with_snow(said: dict[str, Any]) -> None:
    said["corrections"].append(SNOW)


def twenty_days(said: dict[str, Any]) -> None:
    determination(said)["period"]["amount"] = 20


def asked(person: Person, **facts: Any) -> RecordsRequest:
    """A request received on Friday, February 6: notice of delay by the 23rd, a decision by March 9."""
    return RecordsRequestFactory(
        jurisdiction=facts.pop("jurisdiction", "MD"),
        filer=person,
        assignee=person,
        opened_at=datetime(2026, 2, 6, 17, tzinfo=UTC),
        events=[("sent", "2026-02-06"), ("received", "2026-02-06")],
        **facts,
    )


def recalculate(now: datetime = NOW) -> None:
    services.notice_changes(now)
    while services.go_on(now):
        pass


def test_a_snow_day_moves_the_date_keeps_the_old_one_and_tells_once(alice: Person, law_says: Any) -> None:
    request = asked(alice)
    asked(alice, jurisdiction="VA")
    recalculate()
    assert not Recalculation.objects.exists()  # the first book is the one that they were counted by

    law_says(calendars=with_snow)
    recalculate()
    one = Recalculation.objects.get()
    assert (one.jurisdiction, one.cause, one.looked_at, one.troubled) == ("MD", "calendar", 1, [])
    assert one.changes["days"] == [{"day": "2026-02-18", "was": "", "now": "closed: Snow emergency"}]
    moved = MovedDate.objects.get()
    # Ten business days from February 6, of which the 16th is Presidents' Day and the 18th now is closed.
    assert (moved.kind, moved.what, moved.was_latest, moved.is_latest) == (
        "acknowledgment", "moved", date(2026, 2, 23), date(2026, 2, 24),
    )  # fmt: skip
    assert moved.before.state == Deadline.State.SUPERSEDED
    assert moved.before.latest == date(2026, 2, 23)
    assert moved.after in Deadline.objects.filter(request=request, superseded_at=None)
    notice = Notice.objects.get(recipient=alice)
    assert notice.subject == "Maryland: one date is another now"
    assert (
        f"{request.reference}: acknowledgment of {request.agency.name} due Tuesday, February 24, 2026." in notice.text
    )
    assert notice.path == one.get_absolute_url()

    recalculate()
    assert Recalculation.objects.count() == Notice.objects.count() == 1


def test_words_that_move_no_date_tell_nobody(alice: Person, law_says: Any) -> None:
    asked(alice)
    recalculate()
    law_says(statutes=lambda said: said["doubts"].append("A doubt."))
    recalculate()
    assert Recalculation.objects.get().ended_at == NOW
    assert not MovedDate.objects.exists()
    assert not Notice.objects.exists()


def test_a_shorter_period_and_a_closed_day_together(alice: Person, law_says: Any) -> None:
    asked(alice)
    recalculate()
    law_says(statutes=twenty_days, calendars=with_snow)
    recalculate()
    one = Recalculation.objects.get()
    assert one.cause == "both"
    assert {(row.kind, row.is_latest) for row in one.moved.all()} == {
        ("acknowledgment", date(2026, 2, 24)),
        ("determination", date(2026, 2, 26)),
    }
    assert "The law book and the calendar of Maryland changed" in Notice.objects.get().text


def test_each_person_hears_of_their_own_requests_in_one_message(alice: Person, bob: Person, law_says: Any) -> None:
    hers, his = [asked(alice), asked(alice)], asked(bob)
    recalculate()
    law_says(calendars=with_snow)
    recalculate()
    to_alice, to_bob = (Notice.objects.get(recipient=person) for person in (alice, bob))
    assert all(request.reference in to_alice.text for request in hers)
    assert his.reference not in to_alice.text
    assert his.reference in to_bob.text


def test_a_done_request_is_left_alone(alice: Person, law_says: Any) -> None:
    request = asked(alice)
    RecordsRequest.objects.filter(pk=request.pk).update(phase="done", resolution="withdrawn")
    recalculate()
    law_says(calendars=with_snow)
    recalculate()
    assert not MovedDate.objects.exists()


def test_a_second_change_before_the_first_was_done_begins_again(alice: Person, law_says: Any) -> None:
    asked(alice)
    recalculate()
    law_says(calendars=with_snow)
    services.notice_changes(NOW)
    services.go_on(NOW)
    law_says(calendars=with_snow, statutes=twenty_days)
    recalculate()
    one = Recalculation.objects.get()
    assert one.cause == "both"
    assert {row.kind for row in one.moved.all()} == {"acknowledgment", "determination"}


def test_what_moves_twice_before_the_first_was_told_is_told_once(alice: Person, law_says: Any) -> None:
    asked(alice)
    recalculate()
    law_says(calendars=with_snow)
    services.notice_changes(NOW)
    services.go_on(NOW)
    law_says(
        calendars=lambda said: (with_snow(said), said["corrections"].append({**SNOW, "when": {"date": "2026-02-19"}}))
    )
    recalculate()
    one = Recalculation.objects.get()
    assert one.looked_at == 1
    moved = one.moved.get()
    assert (moved.was_latest, moved.is_latest, moved.after.latest) == (
        date(2026, 2, 23), date(2026, 2, 25), date(2026, 2, 25),
    )  # fmt: skip
    assert Notice.objects.get().subject == "Maryland: one date is another now"


def test_what_moved_there_and_back_is_told_to_nobody(alice: Person, law_says: Any) -> None:
    asked(alice)
    recalculate()
    law_says(calendars=with_snow)
    services.notice_changes(NOW)
    services.go_on(NOW)
    law_says(calendars=lambda said: None)
    recalculate()
    assert Recalculation.objects.get().ended_at == NOW
    assert not MovedDate.objects.exists()
    assert not Notice.objects.exists()


def test_a_worker_that_dies_between_batches_loses_and_doubles_nothing(
    alice: Person, law_says: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "BATCH", 2)
    for _n in range(5):
        asked(alice)
    recalculate()
    law_says(calendars=with_snow)
    services.notice_changes(NOW)
    services.go_on(NOW)
    # The next batch dies at its last step: nothing of it may stay.
    monkeypatch.setattr(services, "_keep", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        services.go_on(NOW)
    monkeypatch.undo()
    assert MovedDate.objects.count() == 2
    recalculate()
    assert MovedDate.objects.count() == 5
    assert Recalculation.objects.get().looked_at == 5
    assert Notice.objects.count() == 1


def test_a_request_that_cannot_be_counted_is_named_and_holds_back_no_other(
    alice: Person, law_says: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, sound = asked(alice), asked(alice)
    recalculate()
    law_says(calendars=with_snow)
    work_out = projecting.work_out

    def refuse(records_request: RecordsRequest, *args: Any, **facts: Any) -> Any:
        if records_request.pk == broken.pk:
            raise ValueError("cannot")
        return work_out(records_request, *args, **facts)

    monkeypatch.setattr(projecting, "work_out", refuse)
    recalculate()
    assert Recalculation.objects.get().troubled == [broken.reference]
    assert MovedDate.objects.get().request == sound


def test_nothing_is_counted_by_files_that_nobody_has_read_yet(alice: Person, law_says: Any, settings: Any) -> None:
    asked(alice)
    law_says(calendars=lambda said: None)
    recalculate()
    path = Path(settings.LAW_OVERLAY_DIR) / "calendars" / "MD.json"
    said = json.loads(path.read_text())
    with_snow(said)
    path.write_text(json.dumps(said))
    recalculate()
    assert not Recalculation.objects.exists()


def test_the_sweep_counts_anew_before_it_looks_at_anything(alice: Person, law_says: Any) -> None:
    asked(alice)
    tasks.sweep()
    assert set(LawSeen.objects.values_list("jurisdiction", flat=True)) == {"MD", "VA"}
    law_says(calendars=with_snow)
    tasks.sweep()
    assert MovedDate.objects.get().was_latest == date(2026, 2, 23)


def test_reminders_go_on_when_counting_anew_fails(
    alice: Person, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(services, "notice_changes", lambda now: 1 / 0)
    swept: list[datetime] = []
    monkeypatch.setattr(tracking, "sweep", lambda now: bool(swept.append(now)))
    tasks.sweep()
    assert len(swept) == 1
    assert "ZeroDivisionError" in caplog.text


def _queries_of_a_batch(number: int, alice: Person, law_says: Any) -> int:
    for _n in range(number):
        asked(alice)
    recalculate()
    law_says(calendars=with_snow)
    services.notice_changes(NOW)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        services.go_on(NOW)
        services.go_on(NOW)
    assert MovedDate.objects.count() == number
    return len(captured)


@pytest.mark.parametrize("number", [1, 6])
def test_the_queries_do_not_grow_with_the_requests(alice: Person, law_says: Any, number: int) -> None:
    assert _queries_of_a_batch(number, alice, law_says) == 28


# --- screens and shell ------------------------------------------------------------------------------------------------


@pytest.fixture
def cora() -> Person:
    return PersonFactory(handle="cora", roles=["coordinator"])


@pytest.fixture
def report(alice: Person, law_says: Any) -> Recalculation:
    asked(alice)
    recalculate()
    law_says(calendars=with_snow, statutes=twenty_days)
    recalculate()
    return Recalculation.objects.get()


def test_the_report_says_what_changed_and_what_moved(client: Client, cora: Person, report: Recalculation) -> None:
    client.force_login(cora)
    assert "Maryland" in client.get(reverse("tracking:recalculations")).content.decode()
    page = client.get(report.get_absolute_url()).content.decode()
    assert "closed: Snow emergency" in page
    assert "twenty calendar days, it was thirty calendar days" in page
    assert "Tuesday, February 24, 2026" in page
    table = b"".join(client.get(reverse("tracking:recalculation-csv", args=[report.pk])).streaming_content).decode()
    assert len(table.splitlines()) == 3
    assert "2026-02-23,2026-02-23,2026-02-24,2026-02-24" in table


def test_a_volunteer_reads_the_report_that_names_their_request_and_no_other(
    client: Client, alice: Person, report: Recalculation
) -> None:
    client.force_login(alice)
    assert client.get(report.get_absolute_url()).status_code == 200
    assert client.get(reverse("tracking:recalculations")).status_code == 403
    MovedDate.objects.all().delete()
    assert client.get(report.get_absolute_url()).status_code == 403


def test_a_table_to_take_away_holds_no_formula(client: Client, cora: Person, report: Recalculation) -> None:
    Agency.objects.update(name='=HYPERLINK("https://example.org")')
    client.force_login(cora)
    table = b"".join(client.get(reverse("tracking:recalculation-csv", args=[report.pk])).streaming_content).decode()
    cells = [cell for row in csv.reader(io.StringIO(table.removeprefix("\ufeff"))) for cell in row]
    assert '\'=HYPERLINK("https://example.org")' in cells
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)


def test_a_volunteer_is_shown_no_reference_that_is_not_theirs_and_no_closed_door(
    client: Client, alice: Person, cora: Person, bob: Person, report: Recalculation
) -> None:
    others = asked(bob)
    Recalculation.objects.update(troubled=[others.reference])
    for person, sees in ((alice, False), (cora, True)):
        client.force_login(person)
        page = client.get(report.get_absolute_url()).content.decode()
        assert (others.reference in page) is sees
        assert (reverse("tracking:recalculation-csv", args=[report.pk]) in page) is sees


def test_asking_for_one_state(client: Client, cora: Person) -> None:
    client.force_login(cora)
    url = reverse("tracking:recalculation-ask")
    assert client.get(url).status_code == 405
    client.post(url, {"state": "MD"})
    client.post(url, {"state": "MD"})
    one = Recalculation.objects.get()
    assert (one.cause, one.asked_by) == ("asked", cora)
    answer = client.post(url, {"state": "XX"}, follow=True)
    assert "Choose one of the states. Nothing was begun." in answer.content.decode()


def test_trying_it_from_the_shell_stores_nothing(
    alice: Person, law_says: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    request = asked(alice)
    law_says(calendars=with_snow)
    call_command("recalculate", "--state", "md", "--dry-run")
    said = capsys.readouterr().out
    assert f"{request.reference} acknowledgment (agency): 2026-02-23 -> 2026-02-24" in said
    assert "Nothing was stored." in said
    assert not Deadline.objects.filter(request=request, latest=date(2026, 2, 24), superseded_at=None).exists()
    call_command("recalculate", "--state", "MD")
    assert "MD: 1 open requests counted anew, 1 dates moved." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["--state", "XX"], "There is no state with the code XX.", id="unknown-state"),
        pytest.param(["--dry-run"], "Say which state to try", id="nothing-to-try"),
    ],
)
def test_the_command_says_what_is_wrong(arguments: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        call_command("recalculate", *arguments)
