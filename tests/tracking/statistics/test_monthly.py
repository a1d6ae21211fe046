"""The monthly report: one page, once for each campaign and month, and told to every coordinator."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from requests_app.agencies.models import Agency
from requests_app.filing.models import Campaign, CampaignAgency, CampaignTarget, Draft
from requests_app.people import services as people
from requests_app.people.models import Notice, Person
from requests_app.people.states import JURISDICTIONS
from requests_app.tracking import tasks
from requests_app.tracking.statistics import monthly
from requests_app.tracking.statistics.models import MonthlyReport
from requests_app.tracking.statistics.monthly import Month
from tests.factories import AgencyFactory, PersonFactory, RecordsRequestFactory, record

pytestmark = pytest.mark.django_db
MARCH = Month(date(2026, 3, 1))
NOW = datetime(2026, 4, 1, 5, 30, tzinfo=UTC)  # half past one in the night to April 1, in the organisation's zone
SEEN = datetime(2026, 4, 1, 5, 0, tzinfo=UTC)
LIFE = [("sent", "2026-03-02"), ("received", "2026-03-04")]


def campaign_of(bob: Person, *states: str, name: str = "Plates and names", events: Any = LIFE) -> Campaign:
    """A campaign that asked one agency in each of these states."""
    campaign = Campaign.objects.create(
        name=name, purpose="An example.", kits=["K1"], roles=["nlets_control_point"], state="running", made_by=bob,
        made_at=SEEN, changed_at=SEEN, first_filed_at=datetime(2026, 3, 2, 17, 0, tzinfo=UTC),
    )  # fmt: skip
    for state in states:
        draft = Draft.objects.create(
            filer=bob, jurisdiction=state, kit_id="K1", made_at=SEEN, changed_at=SEEN, filed_at=SEEN
        )
        target = CampaignTarget.objects.create(
            campaign=campaign, jurisdiction=state, kit_id="K1", draft=draft, state="filed"
        )
        agency = AgencyFactory(jurisdiction=state, name=f"{JURISDICTIONS[state]} Department of Very Long Names Indeed")
        CampaignAgency.objects.create(target=target, agency=agency, place=1)
        RecordsRequestFactory(
            jurisdiction=state, agency=agency, filer=bob, draft=draft, events=events, seen_at=SEEN
        )  # fmt: skip
    return campaign


def words_of(pdf: bytes) -> tuple[int, str]:
    document = pypdfium2.PdfDocument(pdf)
    pages = [page.get_textpage().get_text_range() for page in document]
    document.close()
    return len(pages), " ".join(" ".join(pages).split())


def test_the_page_says_how_the_month_went(bob: Person) -> None:
    campaign = campaign_of(
        bob, "MD", "NY",
        events=[*LIFE, ("acknowledged", "2026-03-10"), ("fee_estimated", "2026-03-12", {"amount_cents": 4_000})],
    )  # fmt: skip
    pages, said = words_of(monthly.report_pdf(campaign, MARCH, NOW))
    assert pages == 1
    assert "Plates and names: March 2026" in said
    assert "2 in March 2026, 2 in all" in said
    assert "$80.00" in said
    assert "Due in April 2026" in said
    assert "Kaplan" in said


def test_in_the_month_counts_by_the_legal_day(bob: Person) -> None:
    campaign = campaign_of(bob, "MD", events=[*LIFE, ("acknowledged", "2026-03-31")])
    assert [(one.in_month, one.in_all) for one in monthly.report_context(campaign, MARCH, NOW)["figures"]] == [
        (1, 1), (1, 1), (0, 0), (0, 0), (0, 0),
    ]  # fmt: skip
    april = monthly.report_context(campaign, MARCH.after, NOW)["figures"]
    assert [(one.in_month, one.in_all) for one in april][:2] == [(0, 1), (0, 1)]


def test_due_are_ours_by_the_earliest_and_theirs_by_the_latest_day(bob: Person) -> None:
    campaign = campaign_of(bob, "MD")
    monthly.report_context(campaign, MARCH, NOW)  # folds the facts by which a campaign's dates are found
    due = monthly.due_in(campaign, MARCH.after)
    assert [(one.on, one.ours, one.state) for one in due] == [
        (date(2026, 4, 6), False, "Maryland"),  # the decision
        (
            date(2026, 4, 6),
            False,
            "Maryland",
        ),  # the records, if it grants the request: the law's thirty days hold for both
    ]


def test_fifty_states_and_a_full_desk_stay_on_one_page(bob: Person) -> None:
    codes = sorted(code for code in JURISDICTIONS)
    objections = ["O1", "O3", "O5", "O7", "O9", "O2"]
    campaign = campaign_of(bob, *codes, name="N" * 80, events=[("sent", "2026-03-23"), ("received", "2026-03-24")])
    Agency.objects.update(short_name="Department of Long Short Names")
    for number, one in enumerate(campaign.targets.order_by("pk")):
        request = one.draft.requests.get()
        if number % 2:
            record(request, ("denied", "2026-03-30", {"objections": objections}), seen_at=SEEN)
    pages, said = words_of(monthly.report_pdf(campaign, MARCH, NOW))
    assert pages == 1
    assert "and 1 objection more" in said
    assert "dates more" in said


# --- made once --------------------------------------------------------------------------------------------------------


def test_the_task_makes_each_report_once(bob: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    campaign_of(bob, "MD")
    second = PersonFactory(roles=["coordinator"])
    monkeypatch.setattr(monthly.timezone, "now", lambda: NOW)
    for _time in range(3):
        tasks.make_monthly_reports()
    report = MonthlyReport.objects.get()
    assert (report.month, report.campaign.name) == (MARCH.first, "Plates and names")
    notices = Notice.objects.filter(key__startswith="monthly-report:")
    assert {notice.recipient_id for notice in notices} == {bob.pk, second.pk}
    assert {notice.path for notice in notices} == {reverse("tracking:report-pdf", args=[report.pk])}


def test_one_report_that_cannot_be_made_holds_back_no_other(
    bob: Person, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broken, sound = campaign_of(bob, "MD"), campaign_of(bob, "NY", name="Another")
    report_pdf = monthly.report_pdf
    monkeypatch.setattr(
        monthly,
        "report_pdf",
        lambda campaign, *args: 1 / 0 if campaign.pk == broken.pk else report_pdf(campaign, *args),
    )
    assert monthly.make_due_reports(NOW) == 1
    assert MonthlyReport.objects.get().campaign == sound
    assert f"campaign {broken.pk} could not be made: ZeroDivisionError" in caplog.text


@pytest.mark.parametrize(
    ("columns", "made"),
    [
        pytest.param({}, 1, id="it runs"),
        pytest.param({"first_filed_at": None}, 0, id="it has filed nothing"),
        pytest.param({"first_filed_at": datetime(2026, 4, 1, 4, 30, tzinfo=UTC)}, 0, id="it began in April"),
        pytest.param({"ended_at": datetime(2026, 2, 20, tzinfo=UTC)}, 0, id="it ended before March"),
        pytest.param(
            {"first_filed_at": datetime(2026, 4, 1, 3, 30, tzinfo=UTC)}, 1, id="late on March 31, in its zone"
        ),
        pytest.param({"ended_at": datetime(2026, 3, 1, 4, 30, tzinfo=UTC)}, 0, id="late on February 28, in its zone"),
        pytest.param({"ended_at": datetime(2026, 3, 20, tzinfo=UTC), "state": "finished"}, 1, id="it ended in March"),
    ],
)
def test_which_campaigns_have_a_report(bob: Person, columns: dict[str, Any], made: int) -> None:
    campaign = campaign_of(bob, "MD")
    Campaign.objects.filter(pk=campaign.pk).update(**columns)
    assert monthly.make_due_reports(NOW) == made


def test_before_the_first_of_the_month_there_is_nothing_to_do(bob: Person) -> None:
    campaign_of(bob, "MD")
    assert monthly.make_due_reports(datetime(2026, 3, 31, 23, 0, tzinfo=UTC)) == 0
    assert monthly.make_due_reports(datetime(2026, 4, 1, 3, 59, tzinfo=UTC)) == 0  # still March in New York


def test_a_machine_that_was_off_makes_it_later_the_same(bob: Person) -> None:
    campaign_of(bob, "MD")
    assert monthly.make_due_reports(datetime(2026, 4, 17, 12, 0, tzinfo=UTC)) == 1
    assert MonthlyReport.objects.get().month == MARCH.first


def test_a_crash_in_between_leaves_nothing_and_the_next_run_makes_it(
    bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign_of(bob, "MD")
    real = people.queue_notices

    def crash(*args: Any, **kwargs: Any) -> None:
        real(*args, **kwargs)
        raise RuntimeError("power cut")

    monkeypatch.setattr(people, "queue_notices", crash)
    assert monthly.make_due_reports(NOW) == 0
    assert (MonthlyReport.objects.count(), Notice.objects.count()) == (0, 0)
    monkeypatch.setattr(people, "queue_notices", real)
    assert monthly.make_due_reports(NOW) == 1
    assert Notice.objects.count() == 1


def test_a_rival_who_was_quicker_is_no_trouble(bob: Person) -> None:
    campaign = campaign_of(bob, "MD")
    assert monthly.make_report(campaign, MARCH, NOW) is True
    assert monthly.make_report(campaign, MARCH, NOW) is False
    with pytest.raises(IntegrityError):
        MonthlyReport.objects.create(campaign=campaign, month=MARCH.first, made_at=NOW, pdf=b"x")


# --- reading it -------------------------------------------------------------------------------------------------------


def test_the_report_is_read_as_it_was_made_by_coordinators_alone(bob: Person, alice: Person, client: Client) -> None:
    report = MonthlyReport.objects.create(
        campaign=campaign_of(bob, "MD"), month=MARCH.first, made_at=NOW, pdf=b"%PDF-as-it-was"
    )
    where = reverse("tracking:report-pdf", args=[report.pk])
    client.force_login(alice)
    assert (client.get(where).status_code, client.get(reverse("tracking:reports")).status_code) == (403, 403)
    client.force_login(bob)
    response = client.get(where)
    assert (response.content, response["Content-Type"]) == (b"%PDF-as-it-was", "application/pdf")
    assert "Plates and names, March 2026" in client.get(reverse("tracking:reports")).content.decode()


def test_the_command_writes_a_file_and_tells_nobody(bob: Person, tmp_path: Path) -> None:
    campaign_of(bob, "MD")
    out = tmp_path / "x.pdf"
    call_command("monthly_report", "plates and names", month="2026-03", out=out)
    assert out.read_bytes().startswith(b"%PDF")
    assert (MonthlyReport.objects.count(), Notice.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("campaign", "month", "sentence"),
    [("Nothing", "2026-03", "No campaign is called “Nothing”"), ("Plates and names", "March", "“March” is no month")],
)
def test_the_command_refuses_nonsense(bob: Person, tmp_path: Path, campaign: str, month: str, sentence: str) -> None:
    campaign_of(bob)
    with pytest.raises(CommandError, match=sentence):
        call_command("monthly_report", campaign, month=month, out=tmp_path / "x.pdf")
