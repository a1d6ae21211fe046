"""Who may do what: one truth table of predicates over roles. The addresses are in the project's own table."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import reverse

from requests_app.filing import permissions, queries
from requests_app.filing.models import CampaignTarget, Draft, RecordsRequest, Signing
from requests_app.kits import letters
from requests_app.people.absences import services as absences
from requests_app.people.models import Person
from tests.factories import NOON, ContactPointFactory, DraftFactory, PersonFactory, RecordsRequestFactory
from tests.filing.letters import a_letter

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.filing.urls")]

WHO = ["filer", "assignee", "stranger", "coordinator", "reviewer", "administrator", "roleless", "inactive", "anonymous"]
#                 filer    assignee stranger coord    reviewer admin    roleless inactive anonymous
TABLE = {
    "can_start_draft": "yes      yes      yes      yes      no       no       no       no       no",
    "can_edit_draft": " yes      no       no       no       no       no       no       no       no",
    "can_see": "        yes      yes      no       yes      yes      yes      no       no       no",
    "can_read_letter": "yes      yes      no       yes      no       no       no       no       no",
    "can_record_event": "yes     yes      no       yes      no       no       no       no       no",
    "can_correct": "    yes      yes      no       yes      no       no       no       no       no",
    "can_assign": "     no       no       no       yes      no       no       no       no       no",
    "can_change_address": "no   no       no       yes      no       no       no       no       no",
    "can_plan_campaigns": "no   no       no       yes      no       no       no       no       no",
    "can_see_campaigns": " no   no       no       yes      no       yes      no       no       no",
    "can_sign_target": "no      yes      no       no       no       no       no       no       no",
    "can_add_note": "   yes      yes      no       yes      yes      yes      no       no       no",
    "can_choose_signer": "no     no       no       yes      no       no       no       no       no",
    "can_approve": "    no       no       no       yes      no       no       no       no       no",
    # The stranger is the member who was asked to sign.
    "can_read_as_signer": "no    no       yes      no       no       no       no       no       no",
}


@pytest.fixture
def cast() -> dict[str, Person | AnonymousUser]:
    return {
        "filer": PersonFactory(handle="alice"),
        "assignee": PersonFactory(handle="amir"),
        "stranger": PersonFactory(handle="charlie"),
        "coordinator": PersonFactory(handle="bob", roles=["coordinator"]),
        "reviewer": PersonFactory(handle="rita", roles=["reviewer"]),
        "administrator": PersonFactory(handle="ada", roles=["administrator"]),
        "roleless": PersonFactory(handle="nemo", roles=[]),
        "inactive": PersonFactory(handle="gone", roles=["volunteer", "coordinator"], is_active=False),
        "anonymous": AnonymousUser(),
    }


@pytest.fixture
def records_request(cast: dict[str, Person]) -> RecordsRequest:
    made = RecordsRequestFactory(
        filer=cast["filer"], assignee=cast["assignee"], with_deadline=True, letter=letters.dump(a_letter())
    )
    RecordsRequest.objects.filter(pk=made.pk).update(contact_point=ContactPointFactory(agency=made.agency))
    return made


@pytest.fixture
def draft(cast: dict[str, Person]) -> Draft:
    return DraftFactory(filer=cast["filer"], kit_id="K1")


@pytest.mark.parametrize("name", TABLE)
def test_the_truth_table(name: str, cast: dict[str, Person], records_request: RecordsRequest, draft: Draft) -> None:
    predicate = getattr(permissions, name)
    subjects: dict[str, list[object]] = {
        "can_start_draft": [],
        "can_edit_draft": [draft],
        "can_plan_campaigns": [],
        "can_see_campaigns": [],
        "can_choose_signer": [],
        "can_approve": [draft],
        "can_read_as_signer": [Signing(draft=draft, signer=cast["stranger"])],
        "can_sign_target": [CampaignTarget(assignee=cast["assignee"])],
    }
    subject = subjects.get(name, [records_request])
    found = {who: predicate(cast[who], *subject) for who in WHO}
    assert found == dict(zip(WHO, (word == "yes" for word in TABLE[name].split()), strict=True))


def test_the_table_names_every_predicate() -> None:
    named = {name for name in vars(permissions) if name.startswith("can_")}
    assert named - {"can_be_assigned"} == set(TABLE)


def test_seeing_one_and_seeing_the_list_agree(cast: dict[str, Person], records_request: RecordsRequest) -> None:
    RecordsRequestFactory()  # somebody else's
    for who in WHO:
        listed = queries.visible_to(cast[who]).filter(pk=records_request.pk).exists()
        assert listed == permissions.can_see(cast[who], records_request), who
    assert queries.visible_to(cast["filer"]).count() == 1
    assert queries.visible_to(cast["coordinator"]).count() == 2


@pytest.mark.parametrize("whose", ["filer", "assignee"])
def test_who_stands_in_works_on_the_requests_of_the_absent_and_on_no_others_and_only_meanwhile(
    whose: str, cast: dict[str, Person], records_request: RecordsRequest, draft: Draft
) -> None:
    other = RecordsRequestFactory()  # somebody else's
    with time_machine.travel(NOON, tick=False):
        today = NOON.date()
        absences.go_away(
            cast[whose].pk, starts_on=today, ends_on=today, delegate_id=cast["stranger"].pk, by=cast[whose], now=NOON
        )
        stands_in = Person.objects.get(pk=cast["stranger"].pk)
        assert set(queries.visible_to(stands_in)) == {records_request}
        for predicate in (permissions.can_see, permissions.can_record_event, permissions.can_read_letter):
            assert predicate(stands_in, records_request)
            assert not predicate(stands_in, other)
        assert not permissions.can_assign(stands_in, records_request)
        assert not permissions.can_edit_draft(stands_in, draft), "a draft stays its filer's alone"
    with time_machine.travel(NOON + timedelta(days=1), tick=False):
        back = Person.objects.get(pk=cast["stranger"].pk)
        assert not queries.visible_to(back).exists()
        assert not permissions.can_see(back, records_request)


def test_a_reviewer_who_stands_in_gets_no_right_to_file(
    cast: dict[str, Person], records_request: RecordsRequest
) -> None:
    with time_machine.travel(NOON, tick=False):
        day = NOON.date()
        reviewer = cast["reviewer"]
        absences.go_away(
            cast["filer"].pk, starts_on=day, ends_on=day, delegate_id=reviewer.pk, by=cast["filer"], now=NOON
        )
        assert not permissions.can_record_event(Person.objects.get(pk=reviewer.pk), records_request)


def test_a_draft_that_is_filed_or_thrown_away_is_nobodys_to_edit(cast: dict[str, Person], draft: Draft) -> None:
    for ended in ("filed_at", "discarded_at"):
        other = DraftFactory(filer=cast["filer"], **{ended: draft.made_at})
        assert not permissions.can_edit_draft(cast["filer"], other)


def test_who_can_be_assigned(cast: dict[str, Person]) -> None:
    assert {person.handle for person in queries.people_to_assign()} == {"alice", "amir", "charlie", "bob"}
    assert [who for who in WHO[:-1] if permissions.can_be_assigned(cast[who])] == [
        "filer",
        "assignee",
        "stranger",
        "coordinator",
    ]


def address(name: str, records_request: RecordsRequest, draft: Draft) -> str:
    more = {"record": ["acknowledged"], "correct": [2]}.get(name, [])
    subject = draft.pk if name.startswith("draft") or name == "discard" else records_request.reference
    return reverse(f"filing:{name}", args=[subject, *more])


@pytest.mark.parametrize("name", ["record", "correct", "note", "assign", "discard", "draft-keep", "draft-state"])
def test_a_stranger_changes_nothing(
    name: str, cast: dict[str, Person], records_request: RecordsRequest, draft: Draft
) -> None:
    client = Client()
    client.force_login(cast["stranger"])
    where = address(name, records_request, draft)
    answers = {"happened_on": "2026-03-02", "text": "x", "jurisdiction": "DE", "why": "x", "what": "all"}
    assert client.post(where, answers).status_code == 404
    records_request.refresh_from_db()
    draft.refresh_from_db()
    assert (records_request.last_sequence, records_request.notes.count()) == (3, 0)
    assert (draft.jurisdiction, draft.discarded_at) == ("MD", None)
