"""A newcomer's first letters: asked, read, approved or sent back; and nothing leaves before."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from requests_app.agencies.models import Agency
from requests_app.filing import papers, services
from requests_app.filing.models import Approval, Draft, RecordsRequest
from requests_app.people.models import AuditEntry, Notice, Person
from tests.factories import NOON, AgencyFactory, PersonFactory, RecordsRequestFactory
from tests.filing.test_signing import SENDER, client_of, file, told, words, written

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def three_letters_are_read(settings: Any) -> object:
    settings.APPROVE_FIRST_LETTERS = 3
    settings.ORGANISATION_NAME = SENDER.organisation
    with time_machine.travel(NOON, tick=False) as moved:
        yield moved


@pytest.fixture
def police() -> Agency:
    return AgencyFactory(name="Department of State Police")


@pytest.fixture
def draft(alice: Person, police: Agency) -> Draft:
    return written(alice, police, standing="", requester_name="Alice Liddell")


def ask(draft: Draft) -> Approval:
    return services.ask_for_approval(draft.pk, sender=SENDER, by=draft.filer, now=NOON)


def digest_of(draft: Draft) -> str:
    from requests_app.filing.signing import content_digest

    plan = services.plan_for(Draft.objects.get(pk=draft.pk))
    assert plan is not None
    return content_digest(plan.letters(SENDER, NOON))


def approve(approval: Approval, by: Person) -> Approval:
    return services.approve(approval.pk, seen=digest_of(approval.draft), sender=SENDER, by=by, now=NOON)


@pytest.mark.parametrize(
    ("limit", "filed", "roles", "needed"),
    [
        pytest.param(0, 0, ["volunteer"], 0, id="off"),
        pytest.param(-1, 0, ["volunteer"], 0, id="below-zero-is-off"),
        pytest.param(3, 0, ["volunteer"], 3, id="first"),
        pytest.param(3, 2, ["volunteer"], 3, id="third"),
        pytest.param(3, 3, ["volunteer"], 0, id="fourth"),
        pytest.param(3, 0, ["volunteer", "coordinator"], 0, id="coordinators-read-themselves"),
    ],
)
def test_whose_letters_are_read(settings: Any, limit: int, filed: int, roles: list[str], needed: int) -> None:
    settings.APPROVE_FIRST_LETTERS = limit
    person = PersonFactory(roles=roles)
    RecordsRequestFactory.create_batch(filed, filer=person)
    assert papers.first_letters_for(person) == needed


def test_nothing_is_filed_before_a_coordinator_approves(draft: Draft, alice: Person, bob: Person) -> None:
    with pytest.raises(services.NotReady, match="reads a new member’s first letters"):
        file(draft)
    approval = ask(draft)
    assert ask(draft).pk == approval.pk, "asked twice, the first asking stands"
    assert told(bob) == ["A letter by alice waits for you to read it"]
    with pytest.raises(services.NotReady, match="reads this letter before it goes"):
        file(draft)
    assert not RecordsRequest.objects.exists()
    approve(approval, bob)
    assert told(alice) == ["Your letter to Maryland is approved"]
    assert len(file(draft)) == 1
    assert [entry.action for entry in AuditEntry.objects.order_by("pk")] == ["approval_asked", "letter_approved"]


def test_a_change_after_the_approval_asks_for_a_new_look(draft: Draft, bob: Person) -> None:
    approve(ask(draft), bob)
    services.save_draft(draft.pk, choices={"extra_paragraph": "And your telephone bills."}, now=NOON)
    with pytest.raises(services.NotReady, match="after a coordinator approved it"):
        file(draft)
    approve(ask(draft), bob)
    assert len(file(draft)) == 1


def test_sent_back_with_a_note(draft: Draft, alice: Person, bob: Person) -> None:
    services.send_back(ask(draft).pk, note="Ask for one year only.", by=bob, now=NOON)
    with pytest.raises(services.NotReady, match="sent this letter back"):
        file(draft)
    page = words(client_of(alice).get(reverse("filing:draft-approval", args=[draft.pk])))
    assert "Ask for one year only." in page
    assert "Ask for another look" in page
    assert told(alice) == ["Your letter to Maryland came back with a note"]
    assert ask(draft).state == Approval.State.ASKED


def test_two_coordinators_at_once_decide_once(draft: Draft, bob: Person) -> None:
    beth = PersonFactory(handle="beth", roles=["coordinator"])
    approval = ask(draft)
    approve(approval, bob)
    with pytest.raises(services.AlreadyDecided, match="was not recorded"):
        services.send_back(approval.pk, note="No.", by=beth, now=NOON)
    with pytest.raises(services.AlreadyDecided):
        approve(approval, beth)
    approval.refresh_from_db()
    assert (approval.state, approval.decided_by, approval.note) == (Approval.State.APPROVED, bob, "")
    assert Notice.objects.filter(key=f"approval:{approval.pk}:decided").count() == 1


def test_only_the_letter_that_was_read_is_approved(draft: Draft, bob: Person) -> None:
    approval, seen = ask(draft), digest_of(draft)
    services.save_draft(draft.pk, choices={"extra_paragraph": "And your telephone bills."}, now=NOON)
    with pytest.raises(services.NotTheLetterRead):
        services.approve(approval.pk, seen=seen, sender=SENDER, by=bob, now=NOON)


def test_what_else_is_missing_comes_first(alice: Person) -> None:
    unsettled = written(alice, AgencyFactory(jurisdiction="DE"), standing="")
    services.save_draft(unsettled.pk, choices={"requester_name": "Alice Liddell"}, now=NOON)
    with pytest.raises(services.NotReady, match="Say whether that is you"):
        ask(unsettled)


def test_nobody_approves_their_own_and_no_letter_that_is_gone(draft: Draft, alice: Person, bob: Person) -> None:
    approval = ask(draft)
    with pytest.raises(services.AlreadyDecided):
        approve(approval, alice)
    services.discard_draft(draft.pk, now=NOON)
    with pytest.raises(services.AlreadyDecided):
        services.send_back(approval.pk, note="No.", by=bob, now=NOON)


def test_an_old_hand_files_at_once(draft: Draft, alice: Person) -> None:
    for number in range(3):
        RecordsRequestFactory(filer=alice, reference=f"MD-2025-{number:04}")
    assert len(file(draft)) == 1


def test_from_the_preview_to_the_coordinator_and_back(draft: Draft, alice: Person, bob: Person) -> None:
    hers, coordinators = client_of(alice), client_of(bob)
    preview = hers.get(reverse("filing:draft-preview", args=[draft.pk]))
    where = reverse("filing:draft-approval", args=[draft.pk])
    assert where in preview.content.decode()
    assert "File it" not in words(preview)
    assert "Ask for a look" in words(hers.get(where))
    hers.post(where)
    assert "you are told as soon as a coordinator has read it" in words(hers.get(where))

    assert "alice" in words(coordinators.get(reverse("filing:before-filing")))
    read = reverse("filing:approve", args=[draft.approvals.get().pk])
    page = coordinators.get(read)
    assert "Department of State Police" in words(page)
    assert "Alice Liddell" in words(page)
    assert "in 2,000 signs" in words(coordinators.post(reverse("filing:send-back", args=page_args(draft)), follow=True))
    coordinators.post(read, {"seen": "of another letter"})
    assert draft.approvals.get().state == Approval.State.ASKED
    coordinators.post(read, {"seen": page.context["form"].initial["seen"]})
    assert "bob approved it as it stands" in words(hers.get(where))
    assert "File it" in words(hers.get(reverse("filing:draft-preview", args=[draft.pk])))
    assert "no longer waits for you" in words(coordinators.get(read))


def page_args(draft: Draft) -> list[int]:
    return [draft.approvals.get().pk]


def test_the_approval_holds_on_another_day(draft: Draft, bob: Person) -> None:
    approve(ask(draft), bob)
    with time_machine.travel(NOON + timedelta(days=2), tick=False):
        assert len(file(draft)) == 1
