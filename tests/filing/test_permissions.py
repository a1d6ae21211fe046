"""Who may do what: one truth table over roles, then every address of the room for every role, anonymous included."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import reverse

from requests_app.filing import permissions, queries
from requests_app.filing.models import CampaignTarget, Draft, RecordsRequest, Signing
from requests_app.kits import letters
from requests_app.people.models import Person
from tests.factories import ContactPointFactory, DraftFactory, PersonFactory, RecordsRequestFactory
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


# 200: the page; 302: sent on, or to sign in; 403: seen but not theirs to do; 404: as if it did not exist.
#                   filer assignee stranger coord reviewer admin roleless anonymous
PAGES = {
    "start": "       200   200      200      200   403      403   403      302",
    "drafts": "      200   200      200      200   403      403   403      302",
    "draft-state": " 200   404      404      404   404      404   404      302",
    "draft-what": "  200   404      404      404   404      404   404      302",
    "draft-whom": "  200   404      404      404   404      404   404      302",
    "draft-add-address": "200 404   404      404   404      404   404      302",
    "draft-confirm": "200  404      404      404   404      404   404      302",
    "draft-details": "302  404      404      404   404      404   404      302",
    "draft-preview": "302  404      404      404   404      404   404      302",
    "draft-pdf": "   404   404      404      404   404      404   404      302",
    "draft-text": "  404   404      404      404   404      404   404      302",
    "draft-word": "  404   404      404      404   404      404   404      302",
    "draft-write": " 404   404      404      404   404      404   404      302",
    "draft-versions": "404 404      404      404   404      404   404      302",
    "draft-signer": "200   404      404      404   404      404   404      302",
    "draft-approval": "200 404      404      404   404      404   404      302",
    "discard": "     200   404      404      404   404      404   404      302",
    "record-what": " 200   200      404      200   403      403   404      302",
    "record": "      200   200      404      200   403      403   404      302",
    "correct": "     200   200      404      200   403      403   404      302",
    "note": "        200   200      404      200   200      200   404      302",
    "assign": "      403   403      404      200   403      403   404      302",
    "letter": "      200   200      404      200   403      403   404      302",
    "letter-pdf": "  200   200      404      200   403      403   404      302",
    "letter-text": " 200   200      404      200   403      403   404      302",
    "letter-word": " 200   200      404      200   403      403   404      302",
    "letter-eml": "  200   200      404      200   403      403   404      302",
}
VISITORS = [who for who in WHO if who != "inactive"]


def address(name: str, records_request: RecordsRequest, draft: Draft) -> str:
    more = {
        "draft-add-address": [records_request.agency_id],
        "draft-confirm": [records_request.contact_point_id],
        "draft-pdf": [1],
        "draft-text": [1],
        "draft-word": [1],
        "draft-write": [records_request.agency_id],
        "draft-versions": [records_request.agency_id],
        "record": ["acknowledged"],
        "correct": [2],
    }.get(name, [])
    if name in ("start", "drafts"):
        return reverse(f"filing:{name}")
    subject = draft.pk if name.startswith("draft") or name == "discard" else records_request.reference
    return reverse(f"filing:{name}", args=[subject, *more])


@pytest.mark.parametrize("name", PAGES)
def test_every_page_for_everybody(
    name: str, cast: dict[str, Person], records_request: RecordsRequest, draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    from requests_app.kits import rendering

    monkeypatch.setattr(rendering, "to_pdf", lambda html, **_more: b"%PDF of " + html[:20].encode())
    records_request.refresh_from_db()
    found = {}
    for who in VISITORS:
        client = Client()
        if who != "anonymous":
            client.force_login(cast[who])
        found[who] = client.get(address(name, records_request, draft)).status_code
    assert found == dict(zip(VISITORS, map(int, PAGES[name].split()), strict=True))


def test_the_pages_are_all_in_the_table() -> None:
    from requests_app.filing.urls import urlpatterns

    only_post = {"draft-keep", "draft-write-keep", "draft-restore", "draft-signer-withdraw"}
    # Campaigns reach into the upper rooms: the project's own table holds them (tests/test_permissions.py).
    only_post |= {pattern.name for pattern in urlpatterns if str(pattern.pattern).startswith("campaigns/")}
    only_post |= {"draft-ready"}
    # About a signature or an approval: the same table asks these of everybody, with one to look at.
    of_papers = {"offers", "withdraw-offer", "sign", "decline", "take-signature-back"}
    of_papers |= {"before-filing", "choose-signer", "approve", "send-back"}
    assert {pattern.name for pattern in urlpatterns} - only_post - of_papers == set(PAGES)


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
