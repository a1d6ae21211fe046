"""Who has how much, who stands in for whom, and handing everything over in one act."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from requests_app.filing import services as filing
from requests_app.filing.models import Draft, RecordsRequest
from requests_app.kits import editing
from requests_app.people.absences import services as absences
from requests_app.people.models import Person
from requests_app.tracking.desk import workload
from tests.factories import NOON, AgencyFactory, DraftFactory, PersonFactory, RecordsRequestFactory
from tests.filing.letters import a_letter
from tests.tracking.desk.test_desk import many

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 2)
PEOPLE = reverse("tracking:desk-people")


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def vera() -> Person:
    return PersonFactory(handle="vera", legal_name="Vera Vance", postal_address="1 Elm Street")


@pytest.fixture
def vic() -> Person:
    return PersonFactory(handle="vic")


def away(person: Person, delegate: Person | None, by: Person, days: int = 5) -> None:
    ends_on = TODAY + timedelta(days=days)
    delegate_id = None if delegate is None else delegate.pk
    absences.go_away(person.pk, starts_on=TODAY, ends_on=ends_on, delegate_id=delegate_id, by=by, now=NOON)


def test_the_load_of_each(vera: Person, vic: Person, bob: Person) -> None:
    soon = TODAY + timedelta(days=7)
    many(1, filer=vic, assignee=vera, overdue_since=TODAY - timedelta(days=1))
    many(1, filer=vic, assignee=vera, next_due_on=soon, next_due_duty_of="requester")
    many(2, filer=vic, next_due_on=soon + timedelta(days=1), next_due_duty_of="agency")
    many(1, filer=vic, status="done", phase="done", resolution="records")
    loads = {load.handle: (load.open, load.late, load.this_week, load.ours) for load in workload.workload(TODAY)}
    assert loads == {"vera": (2, 1, 1, 1), "vic": (2, 0, 0, 0)}


@pytest.mark.parametrize("rows", [1, 20])
def test_the_page_asks_the_same_for_few_and_many(
    rows: int, vera: Person, coordinator_client: Client, django_assert_num_queries: Any
) -> None:
    agency = AgencyFactory()
    for _ in range(rows):
        many(1, agency=agency, filer=PersonFactory())
    with django_assert_num_queries(7):
        coordinator_client.get(PEOPLE)


def test_rows_of_the_absent_are_marked_and_mine_for_whoever_stands_in(
    vera: Person, bob: Person, coordinator_client: Client
) -> None:
    hers, others = many(1, filer=vera)[0], many(1, filer=PersonFactory())[0]
    mine = reverse("tracking:desk") + "?person=me"
    assert hers.reference not in coordinator_client.get(mine).content.decode()
    away(vera, bob, vera)
    html = coordinator_client.get(mine).content.decode()
    assert "for vera, away until Saturday, March 7, 2026; bob stands in" in html
    assert others.reference not in html
    assert "away until Saturday, March 7" in coordinator_client.get(PEOPLE).content.decode()


# --- handing over -----------------------------------------------------------------------------------------------------


def test_everything_changes_hands_in_one_act(
    vera: Person, vic: Person, bob: Person, coordinator_client: Client
) -> None:
    followed = RecordsRequestFactory(with_deadline=True)
    filing.assign(followed.pk, to=vera, by=bob, now=NOON)
    filed, done = RecordsRequestFactory(filer=vera), many(1, filer=vera, status="done", phase="done", resolution="part")
    not_hers = RecordsRequestFactory(filer=vera)
    filing.assign(not_hers.pk, to=bob, by=bob, now=NOON)
    draft = DraftFactory(filer=vera)
    page = coordinator_client.get(reverse("tracking:hand-over", args=["vera"]))
    assert {row.pk for row in page.context["holdings"].requests} == {followed.pk, filed.pk}
    answer = coordinator_client.post(reverse("tracking:hand-over", args=["vera"]), {"to": vic.pk})
    assert "vic has taken over 3 things" in answer.content.decode()
    assert set(RecordsRequest.objects.filter(assignee=vic)) == {followed, filed}
    assert RecordsRequest.objects.filter(filer=vera).count() == 3, "who signed a letter has signed it"
    draft.refresh_from_db()
    assert draft.filer == vic
    assert workload.holdings_of(vera).is_empty
    assert done[0].assignee is None


def a_draft(filer: Person, **choices: Any) -> Draft:
    draft = filing.start_draft(by=filer, jurisdiction="MD", now=NOON)
    own = {"requester_name": filer.legal_name, "postal_address": filer.postal_address, "standing": "resident"}
    filing.save_draft(draft.pk, kit_id="K1", choices={**own, "fee_limit_cents": 2500, **choices}, now=NOON)
    agency = AgencyFactory()
    filing.choose_targets(draft.pk, [filing.Target(agency.pk, "post", None)], now=NOON)
    return draft


def test_a_draft_changes_hands_without_the_name_in_it(vera: Person, vic: Person) -> None:
    draft = a_draft(vera)
    handed = filing.hand_over_draft(draft.pk, to=vic, now=NOON)
    draft.refresh_from_db()
    assert handed.words_kept
    assert draft.choices == {"fee_limit_cents": 2500}
    assert "Vance" not in str(draft.choices)


@pytest.mark.parametrize("name", ["Alice Liddell", "Somebody Else"])
def test_words_stay_unless_they_name_their_writer(name: str, vic: Person) -> None:
    writer = PersonFactory(legal_name=name)
    draft = a_draft(writer)
    edits = editing.dump(editing.begin(a_letter()))
    target = draft.targets.get()
    names_alice = "Alice Liddell" in str(edits)
    target.edits = {**edits, "aside": "I am Alice Liddell."} if not names_alice else edits
    target.save()
    handed = filing.hand_over_draft(draft.pk, to=vic, now=NOON)
    target.refresh_from_db()
    assert handed.words_kept == bool(target.edits) == (name != "Alice Liddell")


def test_a_closed_draft_stays(vera: Person, vic: Person) -> None:
    draft = a_draft(vera)
    filing.discard_draft(draft.pk, now=NOON)
    with pytest.raises(filing.DraftIsClosed):
        filing.hand_over_draft(draft.pk, to=vic, now=NOON)


def test_what_cannot_change_hands_is_named_and_holds_back_nothing(
    vera: Person, vic: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = RecordsRequestFactory(filer=vera), RecordsRequestFactory(filer=vera)
    real = filing.assign

    def busy(request_id: int, **more: Any) -> Any:
        if request_id == first.pk:
            raise filing.Busy(request_id)
        return real(request_id, **more)

    monkeypatch.setattr(workload.filing, "assign", busy)
    results = workload.hand_over(vera, to=vic, by=bob, now=NOON)
    assert {result.what: result.failed for result in results} == {first.reference: True, second.reference: False}


def test_nobody_hands_over_to_the_one_who_leaves(vera: Person, coordinator_client: Client) -> None:
    RecordsRequestFactory(filer=vera)
    answer = coordinator_client.post(reverse("tracking:hand-over", args=["vera"]), {"to": vera.pk})
    assert answer.status_code == 422


# --- from the shell ---------------------------------------------------------------------------------------------------


def said(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_the_desk_in_a_terminal(bob: Person, vera: Person) -> None:
    late = many(1, filer=vera, overdue_since=TODAY - timedelta(days=2))[0]
    many(1, filer=vera, jurisdiction="DE")
    line = said("desk", "--group", "late").strip().split("\t")
    assert line[:3] == ["late", late.reference, "Maryland"]
    assert line[5] == "Late for 2 days"
    assert said("desk", "--state", "de").count("\n") == 1
    assert said("desk", "--words", "zebra") == "Nothing.\n"
    with pytest.raises(CommandError, match="no state ZZ"):
        said("desk", "--state", "ZZ")
    with pytest.raises(CommandError, match="--limit"):
        said("desk", "--limit", "0")


def test_handing_over_in_a_terminal(vera: Person, vic: Person, bob: Person) -> None:
    made = RecordsRequestFactory(filer=vera)
    look = said("hand_over", "vera", "--to", "vic", "--dry-run")
    assert made.reference in look
    assert "Nothing was changed" in look
    made.refresh_from_db()
    assert made.assignee is None
    assert "1 handed over to vic, 0 left." in said("hand_over", "vera", "--to", "vic", "--by", "bob")
    made.refresh_from_db()
    assert made.assignee == vic


WRONG = {
    "nobody decided": (["vera", "--to", "vic"], "--by"),
    "nobody of this name": (["nobody", "--to", "vic"], "nobody with the handle"),
    "the same person": (["vera", "--to", "VERA"], "same person"),
    "a volunteer decided": (["vera", "--to", "vic", "--by", "vic"], "neither coordinator"),
    "to a reviewer": (["vera", "--to", "rita", "--by", "bob"], "can follow no requests"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_order_changes_nothing(case: str, vera: Person, vic: Person, bob: Person) -> None:
    PersonFactory(handle="rita", roles=["reviewer"])
    made = RecordsRequestFactory(filer=vera)
    arguments, words = WRONG[case]
    with pytest.raises(CommandError, match=words):
        said("hand_over", *arguments)
    made.refresh_from_db()
    assert made.assignee is None
