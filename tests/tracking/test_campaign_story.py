"""A coordinator and two volunteers run a campaign in five states, page by page; who may, and what a page costs."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from requests_app.agencies.models import Agency
from requests_app.correspondence import tasks
from requests_app.correspondence.models import OutgoingLetter
from requests_app.filing import services
from requests_app.filing.models import Campaign, CampaignTarget, FilingRun, RecordsRequest
from requests_app.people.models import Person
from requests_app.people.states import JURISDICTIONS
from tests.factories import PersonFactory, record
from tests.filing.campaign_cast import FIVE, five_states, sign, sign_all, two_agencies

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
OUTLINE = {
    "name": "Winter",
    "purpose": "Who looks us up.",
    "kits": ["K1"],
    "roles": ["nlets_control_point", "dmv"],
    "jurisdictions": list(FIVE),
    "budget": "300",
    "fee_limit": "25",
    "ask_fee_waiver": "on",
    "fmt": "native",
    "include_definitions": "on",
    "include_preservation": "on",
}


@pytest.fixture(autouse=True)
def on_a_monday() -> object:
    with time_machine.travel(MONDAY, tick=False) as moved:
        yield moved


@pytest.fixture(autouse=True)
def no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listens to the nudge; the tests run the task themselves."""
    monkeypatch.setattr(tasks.go_on_filing, "apply_async", lambda **options: None)


@pytest.fixture
def vic(db: None) -> Person:
    return PersonFactory(handle="vic", home_state="TN")


def browser(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def words(response: HttpResponse) -> str:
    body = re.sub(r"<(script|style|head).*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


def sign_in_the_wizard(client: Client, target: CampaignTarget) -> None:
    opened = client.post(reverse("filing:campaign-sign", args=[target.pk]))
    assert opened.url.endswith("/details/"), opened.url
    page = client.get(opened.url)
    said = {name: field.value() for name in page.context["form"].fields if (field := page.context["form"][name])}
    answer = client.post(opened.url, {name: value for name, value in said.items() if value not in (None, False)})
    assert answer.status_code == 302, answer.context["form"].errors
    preview = client.get(answer.url)
    assert "This letter is part of “Winter”" in words(preview)
    assert "File it" not in words(preview), "the letters of a campaign are filed together"
    target.refresh_from_db()
    done = client.post(reverse("filing:draft-ready", args=[target.draft_id]))
    assert done.url == reverse("filing:my-part")


def test_a_campaign_from_the_outline_to_what_is_left(
    coordinator_client: Client, alice: Person, vic: Person, charlie: Person
) -> None:
    for code in FIVE:
        two_agencies(code, channel="portal" if code == "WA" else "email")

    # Outline and plan.
    answer = coordinator_client.post(reverse("filing:campaign-new"), OUTLINE)
    campaign = Campaign.objects.get()
    plan = reverse("filing:campaign-plan", args=[campaign.pk])
    assert answer.url == plan
    page = words(coordinator_client.get(plan))
    assert "needs a signer 5" in page
    assert "residents or citizens only" in page
    assert "TN Police, e-mail" in page
    only = coordinator_client.get(plan, {"state": "TN"})
    assert [row.target.jurisdiction for row in only.context["rows"]] == ["TN"]
    assert coordinator_client.get(plan, {"choose": "all"}).content.decode().count(" checked") == 5

    # A proposal, looked at before it is applied.
    targets = {one.jurisdiction: one for one in CampaignTarget.objects.all()}
    chosen = {"t": [one.pk for one in targets.values()], "who": [alice.pk, vic.pk]}
    assign = reverse("filing:campaign-assign", args=[campaign.pk])
    proposed = coordinator_client.get(assign, chosen)
    initial = {name: field.initial for name, field in proposed.context["form"].fields.items()}
    assert initial[f"person_{targets['TN'].pk}"] == str(vic.pk)
    assert initial[f"person_{targets['MD'].pk}"] == str(alice.pk)
    assert not CampaignTarget.objects.exclude(assignee=None).exists(), "a look changes nothing"
    wrong = initial | {f"person_{targets['TN'].pk}": str(alice.pk), "t": chosen["t"]}
    assert coordinator_client.post(assign, wrong).status_code == 422, "Alice does not live in Tennessee"
    initial |= {f"person_{targets[code].pk}": str(alice.pk) for code in ("IL", "NY", "WA")}
    assert coordinator_client.post(assign, initial | {"t": chosen["t"]}).url == plan

    # New York is left out, with a reason; Illinois has its own limit.
    skip = reverse("filing:campaign-skip", args=[campaign.pk])
    assert coordinator_client.post(skip, {"t": targets["NY"].pk, "why": ""}).status_code == 422
    coordinator_client.post(skip, {"t": targets["NY"].pk, "why": "The state publishes the numbers."})
    own = {name: OUTLINE[name] for name in ("ask_fee_waiver", "fmt", "include_definitions", "include_preservation")}
    answers = reverse("filing:campaign-answers", args=[campaign.pk])
    coordinator_client.post(answers, own | {"t": targets["IL"].pk, "fee_limit": "5"})
    assert CampaignTarget.objects.get(jurisdiction="IL").choices["fee_limit_cents"] == 500

    # Each volunteer has a short queue of their own, and a door to it at home.
    alices, vics = browser(alice), browser(vic)
    assert "3 letters are prepared for you to sign" in words(alices.get(reverse("tracking:letters")))
    mine = words(alices.get(reverse("filing:my-part")))
    assert "Illinois" in mine
    assert "Tennessee" not in mine
    assert "New York" not in mine
    for code in ("IL", "MD", "WA"):
        sign_in_the_wizard(alices, targets[code])
    sign_in_the_wizard(vics, targets["TN"])
    assert "Nothing waits for your signature" in words(vics.get(reverse("filing:my-part")))
    assert CampaignTarget.objects.get(jurisdiction="IL").draft.choices["fee_limit_cents"] == 500

    # A look, then one button.
    file_it = reverse("correspondence:campaign-file", args=[campaign.pk])
    look = coordinator_client.get(file_it)
    assert "File 8 letters?" in words(look)
    assert "6 e-mail" in words(look)
    assert "2 the agency's web portal or form" in words(look)
    assert not RecordsRequest.objects.exists()
    run_page = coordinator_client.post(file_it).url
    assert coordinator_client.post(file_it).url == run_page, "a second click finds the same run"
    assert "0 of 4 done" in words(coordinator_client.get(run_page))
    tasks.go_on_filing()
    run = FilingRun.objects.get()
    page = coordinator_client.get(run_page)
    assert "4 of 4 done" in words(page)
    assert "hx-get" not in page.content.decode().split('id="run"')[1][:200], "a run that is through is not asked again"
    assert (
        "hx-trigger"
        not in coordinator_client.get(reverse("correspondence:run-progress", args=[run.pk])).content.decode()
    )
    assert RecordsRequest.objects.count() == 8
    assert OutgoingLetter.objects.count() == 6

    # The portal is a task, field by field.
    home = words(alices.get(reverse("tracking:letters")))
    assert "Portal tasks" in home
    portal = RecordsRequest.objects.filter(jurisdiction="WA").first()
    task = alices.get(reverse("correspondence:portal-task", args=[portal.reference]))
    assert 'data-dl-key="1"' in task.content.decode()
    assert "Legal" not in str(task.context["records_request"])
    assert alice.legal_name in words(task)
    cut = alices.get(reverse("correspondence:portal-task", args=[portal.reference]), {"limit": "1000"})
    assert len(cut.context["pieces"]) > 3
    assert all(len(piece) <= 1000 for _number, piece in cut.context["pieces"])
    proof = {"method": "portal", "sent_on": "2026-11-23", "confirmation": "WA-778"}
    alices.post(reverse("correspondence:mark-sent", args=[portal.reference]), proof)
    again = alices.get(reverse("correspondence:portal-task", args=[portal.reference]))
    assert again.url == portal.get_absolute_url(), "what has left is no task any more"

    # Answers come: one acknowledges and asks money, one refuses with an objection, one is late.
    police, dmv = RecordsRequest.objects.filter(jurisdiction="IL").order_by("reference")
    for one in (police, dmv):
        services.record_event(one.pk, "sent", happened_at=MONDAY, details={"method": "email"}, by=alice, now=MONDAY)
    record(police, ("acknowledged", "2026-11-25"), ("fee_estimated", "2026-11-27", {"fee_cents": 40000}))
    record(dmv, ("denied", "2026-12-01", {"objections": ["O1", "O3"]}))
    with time_machine.travel(datetime(2026, 12, 3, 17, 0, tzinfo=UTC), tick=False):
        page = coordinator_client.get(campaign.get_absolute_url())
    summary = page.context["summary"]
    assert (summary.sent, summary.acknowledged, summary.decided, summary.refused) == (3, 1, 1, 1)
    assert (summary.days_to_acknowledgment, summary.days_to_decision) == (2, 8)
    assert (summary.money.asked_cents, summary.over_cents, summary.left_cents) == (40000, 10000, 0)
    assert dict(summary.refusals) == {"O1": 1, "O3": 1}
    text = words(page)
    assert "$100 over the budget of $300" in text
    assert "Over budget: the agencies ask for $400 in all, $100 more than the budget of $300." in text
    assert "1: O1: " in text
    tiles = {tile["code"]: tile["tone"] for tile in page.context["tiles"]}
    assert (tiles["NY"], tiles["CA"], tiles["IL"]) == ("outside", "outside", "soon")
    todo = {one.handle: one.counts for one in summary.to_do}
    assert todo["alice"] == {"portal": 1, "answer": 2}

    # To take away.
    file = coordinator_client.get(reverse("tracking:campaign-csv", args=[campaign.pk]))
    rows = list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert len(rows) == 9
    asked = next(row for row in rows if row["reference"] == police.reference)
    assert (asked["fee_asked_dollars"], asked["days_to_acknowledgment"], asked["signer"]) == ("400.00", "2", "alice")
    left_out = next(row for row in rows if row["state"] == "NY")
    assert left_out["why_left_out"] == "The state publishes the numbers."
    pdf = coordinator_client.get(reverse("tracking:campaign-pdf", args=[campaign.pk]))
    assert pdf.content.startswith(b"%PDF")
    assert 'filename="winter.pdf"' in pdf.headers["Content-Disposition"]

    # The end, and that it can be taken up again.
    end = reverse("filing:campaign-end", args=[campaign.pk])
    coordinator_client.post(end, {"state": "finished"})
    assert coordinator_client.post(file_it).url == plan
    coordinator_client.post(end, {"state": "running"})
    campaign.refresh_from_db()
    assert campaign.is_open


def test_another_signer_starts_anew_and_the_first_ones_name_is_gone(
    coordinator_client: Client, bob: Person, alice: Person, charlie: Person
) -> None:
    campaign = five_states(bob, MONDAY, jurisdictions=("MD",))
    sign_all(campaign, [alice], MONDAY)
    target = CampaignTarget.objects.get()
    draft = target.draft
    where = reverse("filing:campaign-assign", args=[campaign.pk])
    assert "another signer starts anew" in words(coordinator_client.get(where, {"t": target.pk}))
    coordinator_client.post(where, {"t": target.pk, f"person_{target.pk}": charlie.pk})
    target.refresh_from_db()
    draft.refresh_from_db()
    assert (target.assignee, target.draft, target.state) == (charlie, None, "planned")
    assert draft.choices == {}


def test_an_agency_that_is_asked_already_is_left_out_until_a_coordinator_says_so(
    coordinator_client: Client, bob: Person, alice: Person
) -> None:
    from tests.factories import RecordsRequestFactory

    campaign = five_states(bob, MONDAY, jurisdictions=("MD",))
    target = CampaignTarget.objects.get()
    police = Agency.objects.get(code="md-nlets-control-point")
    known = RecordsRequestFactory(agency=police, events=[("sent", "2026-11-20")], opened_at=MONDAY)
    services.assign_targets(campaign.pk, {target.pk: alice}, now=MONDAY)
    plan = words(coordinator_client.get(reverse("filing:campaign-plan", args=[campaign.pk])))
    assert f"asked already, {known.reference}" in plan
    draft = services.open_target(target.pk, by=alice, now=MONDAY)
    assert [one.agency.code for one in draft.targets.all()] == ["md-dmv"]
    services.assign_targets(campaign.pk, {target.pk: None}, now=MONDAY)
    services.except_targets(campaign.pk, [target.pk], choices={}, ask_again=True, now=MONDAY)
    services.assign_targets(campaign.pk, {target.pk: alice}, now=MONDAY)
    draft = services.open_target(target.pk, by=alice, now=MONDAY)
    assert draft.targets.count() == 2


def test_an_unconfirmed_address_is_where_the_signer_begins(bob: Person, alice: Person) -> None:
    campaign = five_states(bob, MONDAY, jurisdictions=("MD",))
    target = CampaignTarget.objects.get()
    contact = Agency.objects.get(code="md-dmv").contact_points.get()
    contact.health, contact.confidence = "unconfirmed", "low"
    contact.save()
    services.assign_targets(campaign.pk, {target.pk: alice}, now=MONDAY)
    answer = browser(alice).post(reverse("filing:campaign-sign", args=[target.pk]))
    draft = CampaignTarget.objects.get().draft
    assert answer.url == reverse("filing:draft-confirm", args=[draft.pk, contact.pk])


def test_nobody_signs_what_was_not_given_to_them(bob: Person, alice: Person, stranger_client: Client) -> None:
    campaign = five_states(bob, MONDAY, jurisdictions=("MD",))
    sign_all(campaign, [alice], MONDAY)
    target = CampaignTarget.objects.get()
    assert stranger_client.post(reverse("filing:campaign-sign", args=[target.pk])).status_code == 404
    assert stranger_client.post(reverse("filing:draft-ready", args=[target.draft_id])).status_code == 404


def test_nothing_chosen_is_said(coordinator_client: Client, bob: Person) -> None:
    campaign = five_states(bob, MONDAY, jurisdictions=("MD",))
    for name in ("campaign-assign", "campaign-skip", "campaign-answers", "campaign-take-up"):
        where = reverse(f"filing:{name}", args=[campaign.pk])
        for numbers in ([], ["x"], ["²"], ["99999999999999999999"]):
            assert coordinator_client.get(where, {"t": numbers}).url == reverse(
                "filing:campaign-plan", args=[campaign.pk]
            )


COSTS = {
    "filing:campaign-plan": 13,
    "filing:campaign-assign": 13,
    "correspondence:campaign-file": 14,
    "tracking:campaign": 14,
    "tracking:campaign-csv": 12,
    "correspondence:run": 11,
}


@pytest.mark.parametrize("size", [1, 104])
def test_a_page_costs_the_same_for_one_target_and_for_all(
    coordinator_client: Client, bob: Person, size: int, django_assert_max_num_queries: Any
) -> None:
    codes = tuple(JURISDICTIONS)[: max(1, size // 2)]
    made = five_states(bob, MONDAY, jurisdictions=codes, kits=("K1",) if size == 1 else ("K1", "K2"))
    assert made.targets.count() == size
    target = made.targets.get(jurisdiction="AL", kit_id="K1")
    resident = PersonFactory(handle="al", home_state="AL")
    services.assign_targets(made.pk, dict.fromkeys(made.targets.values_list("pk", flat=True)), now=MONDAY)
    services.assign_targets(made.pk, {target.pk: resident}, now=MONDAY)
    sign(target, resident, MONDAY)
    for name, most in COSTS.items():
        asked = {"t": [one.pk for one in made.targets.all()]} if name.endswith("assign") else {}
        pk = made.pk
        if name.endswith(":run"):
            pk = services.start_run(made.pk, by=bob, now=MONDAY).pk
            tasks.go_on_filing()
        with django_assert_max_num_queries(most, info=name) as found:
            assert coordinator_client.get(reverse(name, args=[pk]), asked).status_code == 200
        assert len(found) > 5, f"{name}: the guard looks at something"


def test_the_summary_on_paper_is_readable(bob: Person, alice: Person, coordinator_client: Client) -> None:
    campaign = five_states(bob, MONDAY, jurisdictions=("MD", "WA"))
    sign_all(campaign, [alice], MONDAY)
    pdf = coordinator_client.get(reverse("tracking:campaign-pdf", args=[campaign.pk])).content
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    text = " ".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    assert "Five states" in text
    assert "Monday, November 23, 2026" in text
    assert "signed, to file" in text
