"""A coordinator and two volunteers run a campaign in five states, page by page; who may, and what a page costs."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime
from html import unescape
from typing import Any

import msgspec
import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from requests_app.agencies.models import Agency
from requests_app.correspondence import tasks
from requests_app.correspondence.models import OutgoingLetter
from requests_app.filing import campaign_queries, services
from requests_app.filing.campaigning import Standing
from requests_app.filing.models import Campaign, CampaignTarget, FilingRun, RecordsRequest, Signing
from requests_app.filing.services import campaigns
from requests_app.kits import own_kits
from requests_app.kits.catalog import get_kit
from requests_app.people import services as people
from requests_app.people.models import Person, SignerOffer
from requests_app.people.states import JURISDICTIONS
from tests.factories import AgencyFactory, ContactPointFactory, PersonFactory, record
from tests.filing.campaign_cast import FIVE, SENDER, five_states, outline, sign, sign_all, two_agencies

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


def own_kit(by: Person, number: int) -> str:
    """Write a kit of the group and return its code."""
    fields = msgspec.to_builtins(get_kit("K2")) | {"title": f"Our kit {number}"}
    return own_kits.write_kit(fields, by=by, now=MONDAY).kit.code


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
    assert [row["row"] for row in rows].count("campaign total") == 1
    assert len(rows) == 9 + 2, "letters and targets, then the sums of Illinois and of the campaign"
    sums = {row["row"]: row for row in rows[-2:]}
    assert sums["state total"]["state"] == "IL"
    for row in sums.values():
        assert (row["fee_asked_dollars"], row["fee_open_dollars"], row["fee_paid_dollars"]) == (
            "400.00",
            "400.00",
            "0.00",
        )
    assert (rows[-1]["budget_dollars"], rows[-1]["over_budget_dollars"]) == ("300.00", "100.00")
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


def offer(person: Person, code: str) -> None:
    people.offer_to_sign(
        person.pk,
        jurisdiction=code,
        ground="resident",
        legal_name="Harriet Harker",
        postal_address="12 Clay Street\nNashville, TN 37201",
        phone="",
        now=MONDAY,
    )


def test_a_member_who_offered_signs_what_somebody_else_writes_and_volunteers_see_only_numbers(
    coordinator_client: Client, bob: Person, alice: Person, settings: Any
) -> None:
    settings.ORGANISATION_NAME = SENDER.organisation
    campaign = five_states(bob, MONDAY, jurisdictions=("TN",))
    target = CampaignTarget.objects.get()
    plan = reverse("filing:campaign-plan", args=[campaign.pk])
    assert "Nobody has offered to sign in Tennessee yet, and no member lives there" in words(
        coordinator_client.get(plan)
    )
    with pytest.raises(services.CampaignRefused, match="no member has offered"):
        services.assign_targets(campaign.pk, {target.pk: alice}, now=MONDAY)

    # Two members offer. They take no part in the campaign otherwise: reviewers are given no letters.
    harriet = PersonFactory(handle="harriet", roles=["reviewer"], home_state="TN")
    for person in (harriet, PersonFactory(handle="wanda", roles=["reviewer"], home_state="TN")):
        offer(person, "TN")
    page = words(coordinator_client.get(plan))
    assert "2 members offered to sign in Tennessee." in page
    assert "harriet" not in page

    # Alice is proposed to write it, and the form says who signs.
    assign = reverse("filing:campaign-assign", args=[campaign.pk])
    proposal = coordinator_client.get(assign, {"t": target.pk, "who": alice.pk})
    assert "alice writes it, a member signs" in words(proposal)
    answer = coordinator_client.post(assign, {"t": target.pk, f"person_{target.pk}": alice.pk})
    assert answer.url == plan
    alices = browser(alice)
    part = words(alices.get(reverse("filing:my-part")))
    assert "2 members offered to sign in Tennessee." in part
    for name in ("harriet", "wanda", "Harker"):
        assert name not in part

    # Her letter goes straight to asking for a signature, and cannot be confirmed without one.
    opened = alices.post(reverse("filing:campaign-sign", args=[target.pk]))
    target.refresh_from_db()
    assert opened.url == reverse("filing:draft-signer", args=[target.draft_id])
    assert alices.get(opened.url).status_code == 200
    ready = reverse("filing:draft-ready", args=[target.draft_id])
    assert alices.post(ready).url == reverse("filing:draft-preview", args=[target.draft_id])
    asked = services.ask_for_signer(target.draft_id, sender=SENDER, by=alice, now=MONDAY)
    services.invite_signer(asked.pk, SignerOffer.objects.get(person=harriet).pk, by=bob, now=MONDAY)
    seen = services.as_it_would_be_sent(Signing.objects.get(pk=asked.pk), sender=SENDER, now=MONDAY)
    services.sign(asked.pk, seen=seen.digest, sender=SENDER, by=harriet, now=MONDAY)
    assert alices.post(ready).url == reverse("filing:my-part")
    row = campaign_queries.plan(campaign_queries.targets_of(campaign), MONDAY)[0]
    assert (row.standing, row.member_signs) == (Standing.READY, True)
    look = words(coordinator_client.get(reverse("correspondence:campaign-file", args=[campaign.pk])))
    assert "a member, for alice" in look

    # Taken back, it is not filed.
    services.take_signature_back(asked.pk, by=harriet, now=MONDAY)
    row = campaign_queries.plan(campaign_queries.targets_of(campaign), MONDAY)[0]
    assert row.standing is Standing.NEEDS_MEMBER
    target.refresh_from_db()
    target = campaign_queries.targets_of(campaign).get()
    assert "Its writer must ask for it again" in campaigns.stop_to_file(target, MONDAY)


def test_who_offered_is_given_the_letter_and_signs_it_alone(bob: Person, alice: Person) -> None:
    campaign = five_states(bob, MONDAY, jurisdictions=("TN",))
    offer(alice, "TN")  # she has moved, her settings have not
    target = CampaignTarget.objects.get()
    services.assign_targets(campaign.pk, {target.pk: alice}, now=MONDAY)
    row = campaign_queries.plan(campaign_queries.targets_of(campaign), MONDAY)[0]
    assert row.standing is Standing.NEEDS_SIGNATURE
    people.withdraw_offer(SignerOffer.objects.get().pk, by=alice, now=MONDAY)
    row = campaign_queries.plan(campaign_queries.targets_of(campaign), MONDAY)[0]
    assert row.standing is Standing.NEEDS_RESIDENT


def federal(name: str) -> Agency:
    agency = AgencyFactory(
        code=f"us-{name.lower()}", jurisdiction="US", name=name, short_name=name, roles=["federal_requester_agency"]
    )
    ContactPointFactory(agency=agency, value=f"foia@{name.lower()}.example")
    return agency


def test_every_federal_agency_has_a_row_of_its_own(coordinator_client: Client, bob: Person) -> None:
    outline_of = outline(jurisdictions=("US", "MD"), kits=("K1",))
    campaign = services.make_campaign(outline_of, by=bob, now=MONDAY)
    assert [one.sole_agency for one in campaign.targets.filter(jurisdiction="US")] == [None], "no agency is listed yet"
    agencies = [federal(name) for name in ("ICE", "CBP", "DHS")]
    AgencyFactory(jurisdiction="MD", roles=["nlets_control_point"])
    AgencyFactory(jurisdiction="MD", roles=["nlets_control_point"])
    for _twice in range(2):
        services.change_campaign(campaign.pk, outline_of, now=MONDAY)
        rows = campaign_queries.plan(campaign_queries.targets_of(campaign), MONDAY)
        assert [[asked.agency for asked in row.asks] for row in rows if row.target.jurisdiction == "US"] == [
            [agency] for agency in agencies
        ]
        maryland = [row for row in rows if row.target.jurisdiction == "MD"]
        assert [len(row.asks) for row in maryland] == [2], "both control points, together"

    # The coordinator leaves one out; each row has its own name.
    cbp = campaign.targets.get(sole_agency=agencies[1])
    services.skip_targets(campaign.pk, [cbp.pk], why="It has said no twice.", now=MONDAY)
    page = words(coordinator_client.get(reverse("filing:campaign-plan", args=[campaign.pk])))
    assert ": ICE " in page
    assert ": DHS " in page
    services.change_campaign(campaign.pk, outline_of, now=MONDAY)
    assert campaign.targets.filter(jurisdiction="US").count() == 3
    Agency.objects.filter(jurisdiction="US").update(is_active=False)
    services.change_campaign(campaign.pk, outline_of, now=MONDAY)
    assert campaign.targets.filter(jurisdiction="US").count() == 3, "rows of agencies that are gone need an agency"


COSTS = {
    "filing:campaign-plan": 16,
    "filing:campaign-assign": 18,
    "correspondence:campaign-file": 17,
    "tracking:campaign": 17,
    "tracking:campaign-csv": 15,
    "correspondence:run": 11,
}


@pytest.mark.parametrize("own", [pytest.param(False, id="bundled-kits"), pytest.param(True, id="own-kits")])
@pytest.mark.parametrize("size", [1, 104])
def test_a_page_costs_the_same_for_one_target_and_for_all(
    coordinator_client: Client, bob: Person, size: int, own: bool, django_assert_max_num_queries: Any
) -> None:
    codes = tuple(JURISDICTIONS)[: max(1, size // 2)]
    kits = ["K1"] if size == 1 else ["K1", "K2"]
    if own:
        kits = [own_kit(bob, number) for number, _kit in enumerate(kits)]
    made = five_states(bob, MONDAY, jurisdictions=codes, kits=tuple(kits))
    assert made.targets.count() == size
    target = made.targets.get(jurisdiction="AL", kit_id=kits[0])
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
