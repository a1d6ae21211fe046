"""A finding's life: kept with evidence, read again without sight of the first value, decided, changed, replaced."""

from __future__ import annotations

import threading
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from requests_app.documents.models import Document
from requests_app.filing.models import RecordsRequest
from requests_app.people.models import Person
from requests_app.review.annotations import services as annotations
from requests_app.review.findings import permissions, queries, services
from requests_app.review.findings.services import NotKept, NotPossible, Told
from requests_app.review.findings.states import State
from requests_app.review.models import Contradiction, Finding, Reading
from tests.factories import NOON, PersonFactory, RecordsRequestFactory
from tests.review.findings.cast import (
    HSI,
    MD,
    QUERY_COUNT,
    SECRET,
    a_finding,
    a_mark,
    a_table,
    otherwise,
    settled,
)

pytestmark = pytest.mark.django_db


def test_a_value_is_kept_with_its_evidence_and_waits_for_a_second_reader(table: Document, rita: Person) -> None:
    kept = a_finding(table, rita)
    assert (kept.state, kept.number, kept.claim.component, kept.read_by) == ("waiting", SECRET, "ice_hsi", rita)
    assert [each.quote for each in kept.evidence.all()] == [f"HSI March 2025 {SECRET:,}"]
    assert (kept.kit_id, kept.field, kept.kit_version) == ("K1", "query_count", "2026-11-21")
    assert [each.kind for each in kept.changes.all()] == ["kept"]
    assert Finding.objects.get(pk=kept.pk).claim == HSI


def test_no_number_is_kept_without_evidence(table: Document, rita: Person) -> None:
    with pytest.raises(NotKept, match="Without evidence it is not a finding"):
        services.keep(table, [], QUERY_COUNT, HSI, MD, by=rita, now=NOON)
    assert not Finding.objects.exists()


def test_evidence_is_here_and_stands_and_everybody_may_see_it(table: Document, rita: Person, alice: Person) -> None:
    private = a_mark(table, rita, visibility="me")
    with pytest.raises(NotKept, match="for you alone"):
        a_finding(table, rita, evidence=[private])
    gone = a_mark(table, rita)
    annotations.withdraw(gone, by=rita, now=NOON)
    gone.refresh_from_db()
    with pytest.raises(NotKept, match="was withdrawn"):
        a_finding(table, rita, evidence=[gone])
    elsewhere = a_mark(a_table(RecordsRequestFactory(filer=alice)), rita)
    with pytest.raises(NotKept, match="another request"):
        a_finding(table, rita, evidence=[a_mark(table, rita), elsewhere])
    assert not Finding.objects.exists()


def test_a_doubt_is_told_before_and_kept_with_the_finding(table: Document, rita: Person) -> None:
    ice = otherwise(component="ice_unspecified")
    with pytest.raises(NotKept) as trouble:
        a_finding(table, rita, ice)
    assert [problem.code for problem in trouble.value.problems] == ["hsi_named"]
    kept = a_finding(table, rita, ice, confirmed=["hsi_named"])
    assert kept.doubts == ["hsi_named"]


def test_nothing_is_confirmed_that_is_wrong(table: Document, rita: Person) -> None:
    with pytest.raises(NotKept, match="Choose what is counted"):
        a_finding(table, rita, otherwise(unit=""), confirmed=["needs_unit"])


def test_what_is_about_nothing_and_of_no_state_is_not_kept(table: Document, rita: Person) -> None:
    with pytest.raises(NotKept, match="Choose the state"):
        a_finding(table, rita, told=Told(jurisdiction="XX"))


def test_a_second_reader_who_sees_the_same_verifies_it(table: Document, rita: Person, sam: Person) -> None:
    kept = settled(table, rita, sam)
    assert (kept.state, kept.settled_at, kept.number) == ("verified", NOON, SECRET)
    reading = kept.readings.get()
    assert (reading.kind, reading.by, reading.number, reading.knew_earlier) == ("second", sam, SECRET, False)
    assert [each.kind for each in kept.changes.all()] == ["kept", "agreed"]


def test_a_second_reader_who_sees_something_else_leaves_it_to_a_third(
    table: Document, rita: Person, sam: Person, tess: Person
) -> None:
    kept = a_finding(table, rita)
    differs = services.read_again(
        kept, otherwise(number=Decimal(73_914)), confirmed=["not_in_the_words"], by=sam, now=NOON
    )
    assert (differs.state, differs.number, differs.settled_at) == ("differs", SECRET, None)
    for reader in (rita, sam):
        with pytest.raises(NotPossible, match="A third person decides"):
            services.decide(differs, HSI, why="x", seen_revision=differs.revision, by=reader, now=NOON)
    with pytest.raises(NotPossible, match="Say why"):
        services.decide(differs, HSI, why=" ", seen_revision=differs.revision, by=tess, now=NOON)
    decided = services.decide(differs, HSI, why="Digits turned.", seen_revision=differs.revision, by=tess, now=NOON)
    assert (decided.state, decided.number, decided.read_by) == ("adjudicated", SECRET, rita)
    assert [(each.kind, each.number) for each in decided.readings.all()] == [
        ("second", Decimal(73_914)),
        ("decision", SECRET),
    ]


def test_a_coordinator_decides_too(table: Document, rita: Person, sam: Person, bob: Person) -> None:
    kept = a_finding(table, rita)
    differs = services.read_again(kept, otherwise(unit="message_originated"), by=sam, now=NOON)
    now = services.decide(
        differs, otherwise(unit="message_originated"), why="The header says so.", seen_revision=1, by=bob, now=NOON
    )
    assert (now.state, now.unit) == ("adjudicated", "message_originated")
    assert now.changes.last().before["claim"]["unit"] == "message_delivered"


def test_nobody_reads_their_own_value_again(table: Document, rita: Person) -> None:
    kept = a_finding(table, rita)
    with pytest.raises(NotPossible, match="you wrote its value yourself"):
        services.read_again(kept, HSI, by=rita, now=NOON)
    kept.refresh_from_db()
    assert kept.state == "waiting"


def test_a_change_asks_for_a_second_reader_again(table: Document, rita: Person, sam: Person) -> None:
    kept = settled(table, rita, sam)
    evidence = list(kept.evidence.all())
    given: dict[str, Any] = {"seen_revision": kept.revision, "by": sam, "now": NOON}
    with pytest.raises(NotPossible, match="Say why it changes"):
        services.change(kept, evidence, otherwise(fan_out="no"), MD, **given)
    changed = services.change(kept, evidence, otherwise(fan_out="no"), MD, why="The legend says so.", **given)
    assert (changed.state, changed.round, changed.settled_at, changed.read_by) == ("waiting", 2, None, sam)
    assert changed.changes.last().before["read_by"] == "rita"
    again = services.read_again(changed, otherwise(fan_out="no"), by=rita, now=NOON)
    assert again.state == "verified"
    assert again.readings.last().knew_earlier  # rita knew the value of the first round


def test_nothing_changes_when_nothing_differs(table: Document, rita: Person, sam: Person) -> None:
    kept = settled(table, rita, sam)
    same = services.change(kept, list(kept.evidence.all()), HSI, MD, seen_revision=kept.revision, by=rita, now=NOON)
    assert (same.state, same.revision, same.changes.count()) == ("verified", kept.revision, 2)


def test_two_windows_never_overwrite_each_other(table: Document, rita: Person) -> None:
    kept = a_finding(table, rita)
    evidence = list(kept.evidence.all())
    given: dict[str, Any] = {"seen_revision": kept.revision, "by": rita, "now": NOON}
    services.change(kept, evidence, otherwise(fan_out="no"), MD, **given)
    with pytest.raises(services.ChangedMeanwhile, match="yours was not kept"):
        services.change(kept, evidence, otherwise(fan_out="yes"), MD, confirmed=["fan_out_yes"], **given)
    kept.refresh_from_db()
    assert (kept.fan_out, kept.round) == ("no", 1)


def test_a_draft_is_given_on_by_its_writer(table: Document, rita: Person, sam: Person) -> None:
    draft = a_finding(table, rita, is_draft=True)
    assert draft.state == "draft"
    assert not permissions.can_read_again(sam, draft)
    assert draft not in queries.visible_to(sam) and draft in queries.visible_to(rita)
    with pytest.raises(NotPossible):
        services.offer(draft, seen_revision=0, by=sam, now=NOON)
    assert services.offer(draft, seen_revision=0, by=rita, now=NOON).state == "waiting"


def test_a_later_finding_takes_the_place_of_an_earlier_one(table: Document, rita: Person, sam: Person) -> None:
    old = settled(table, rita, sam)
    new = settled(table, rita, sam)
    other = settled(table, rita, sam, told=Told(jurisdiction="VA"))
    with pytest.raises(NotPossible, match="the same state"):
        services.replace(old, other, why="x", seen_revision=old.revision, by=sam, now=NOON)
    with pytest.raises(NotPossible, match="another finding"):
        services.replace(old, old, why="x", seen_revision=old.revision, by=sam, now=NOON)
    gone = services.replace(old, new, why="A corrected table came.", seen_revision=old.revision, by=sam, now=NOON)
    assert (gone.state, gone.replaced_by) == ("superseded", new)
    with pytest.raises(NotPossible):
        services.withdraw(gone, why="x", seen_revision=gone.revision, by=rita, now=NOON)


def test_a_finding_that_should_not_be_is_taken_back_with_a_reason(table: Document, rita: Person, sam: Person) -> None:
    kept = a_finding(table, rita)
    with pytest.raises(NotPossible, match="Its reader or a coordinator"):
        services.withdraw(kept, why="x", seen_revision=0, by=sam, now=NOON)
    with pytest.raises(NotPossible, match="Say why"):
        services.withdraw(kept, why=" ", seen_revision=0, by=rita, now=NOON)
    assert services.withdraw(kept, why="Wrong page.", seen_revision=0, by=rita, now=NOON).state == "withdrawn"
    assert not queries.waiting_for(sam).exists()


def test_two_findings_are_set_against_each_other_once(table: Document, rita: Person, sam: Person) -> None:
    one, other = settled(table, rita, sam), a_finding(table, rita, otherwise(producer="dmv"))
    first = services.contradict(other, one, note="The DMV counts more.", by=sam, now=NOON)
    assert services.contradict(one, other, note="Again.", by=sam, now=NOON) == first
    assert queries.contradictions_of(one, sam) == [(first, other)]
    assert queries.contradictions_of(other, sam) == [(first, one)]
    with pytest.raises(NotPossible):
        services.contradict(one, one, note="x", by=sam, now=NOON)
    assert services.reconcile(first, by=rita, now=NOON) and not services.reconcile(first, by=rita, now=NOON)
    assert queries.contradictions_of(one, sam) == []
    services.contradict(one, other, note="After all.", by=sam, now=NOON)
    assert Contradiction.objects.count() == 2


# --- Who sees what ------------------------------------------------------------------------------------------------


def test_the_truth_table_of_who_may(table: Document, rita: Person, sam: Person, tess: Person, bob: Person) -> None:
    ada, vera = PersonFactory(handle="ada", roles=["administrator"]), PersonFactory(handle="vera")
    waiting = a_finding(table, rita)
    differs = services.read_again(a_finding(table, rita), otherwise(fan_out="no"), by=sam, now=NOON)
    agreed = settled(table, rita, sam)
    everybody = {"rita": rita, "sam": sam, "tess": tess, "bob": bob, "ada": ada, "vera": vera}

    def who(may: Any) -> set[str]:
        return {name for name, person in everybody.items() if may(person)}

    assert who(permissions.can_look) == {"rita", "sam", "tess", "bob", "ada"}
    assert who(permissions.can_find) == {"rita", "sam", "tess", "bob"}
    assert who(lambda one: permissions.can_see_value(one, waiting)) == {"rita"}
    assert who(lambda one: permissions.can_see_value(one, differs)) == {"rita", "sam", "tess", "bob", "ada"}
    assert who(lambda one: permissions.can_read_again(one, waiting)) == {"sam", "tess", "bob"}
    assert who(lambda one: permissions.can_read_again(one, agreed)) == set()
    readers = services.readers_of(differs)
    assert who(lambda one: permissions.can_decide(one, differs, readers)) == {"tess", "bob"}
    assert who(lambda one: permissions.can_change(one, waiting)) == {"rita"}
    assert who(lambda one: permissions.can_change(one, agreed)) == {"rita", "sam", "tess", "bob"}
    assert who(lambda one: permissions.can_withdraw(one, waiting)) == {"rita", "bob"}


def test_what_stands_in_documents_one_may_not_see_is_not_there(table: Document, rita: Person, charlie: Person) -> None:
    kept = a_finding(table, rita)
    assert kept in queries.visible_to(rita)
    assert not queries.visible_to(charlie).exists()
    Document.objects.filter(pk=table.pk).update(erased_at=NOON)
    assert not queries.visible_to(rita).exists()


# --- What the database guards -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param({"ends_on": HSI.starts_on - timedelta(days=1)}, id="ends-before-it-starts"),  # type: ignore[operator]
        pytest.param({"number": None}, id="no-value-and-no-reason"),
        pytest.param({"words": "twelve"}, id="a-number-and-words"),
        pytest.param({"answer": "refused"}, id="a-value-and-a-reason"),
        pytest.param({"state": "verified"}, id="settled-by-nobody"),
        pytest.param({"state": "superseded"}, id="replaced-by-nothing"),
    ],
)
def test_what_can_never_be_stored(table: Document, rita: Person, broken: dict[str, Any]) -> None:
    kept = a_finding(table, rita)
    with pytest.raises(IntegrityError), transaction.atomic():
        Finding.objects.filter(pk=kept.pk).update(**broken)


@pytest.mark.django_db(transaction=True)
def test_of_two_second_readers_at_once_one_is_kept(table: Document, rita: Person, sam: Person, tess: Person) -> None:
    kept = a_finding(table, rita)
    start = threading.Barrier(2)
    outcomes: list[str] = []

    def read(person: Person) -> None:
        try:
            mine = Finding.objects.get(pk=kept.pk)
            start.wait(timeout=10)
            services.read_again(mine, HSI, by=person, now=NOON)
            outcomes.append("kept")
        except NotPossible:
            outcomes.append("late")
        finally:
            connection.close()

    threads = [threading.Thread(target=read, args=(person,)) for person in (sam, tess)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["kept", "late"]
    assert Reading.objects.count() == 1
    kept.refresh_from_db()
    assert kept.state == State.VERIFIED


# --- Lists --------------------------------------------------------------------------------------------------------


def test_what_waits_for_whom(table: Document, rita: Person, sam: Person) -> None:
    first, second = a_finding(table, rita), a_finding(table, rita)
    mine = a_finding(table, sam)
    assert list(queries.waiting_for(sam)) == [first, second]
    assert list(queries.waiting_for(rita)) == [mine]
    assert queries.next_to_read(sam, first.pk) == second
    assert queries.counts(sam) == {"for_me": 2, "mine_waiting": 1, "differ": 0, "settled": 0}


def test_only_settled_numbers_are_held_against_each_other(table: Document, rita: Person, sam: Person) -> None:
    agreed, open_one = settled(table, rita, sam), a_finding(table, rita)
    found = queries.comparable([agreed, open_one], rita)
    assert [(finding, value) for finding, _number, value in found] == [(agreed, SECRET)]


def test_coverage_says_how_far_each_item_is(table: Document, letter: RecordsRequest, rita: Person, sam: Person) -> None:
    settled(table, rita, sam, told=Told(jurisdiction="MD", item=1))
    a_finding(table, rita, otherwise(answer="refused", number=None, unit=""), told=Told(jurisdiction="MD", item=2))
    a_finding(table, rita)
    (row,) = queries.coverage_of_state(rita, "MD")
    assert [(each.item.number, each.stands, each.found, each.verified, each.waiting) for each in row.items] == [
        (1, "verified", 1, 1, 0),
        (2, "missing", 0, 0, 1),  # that it is withheld, one reader says
    ]
    assert (row.unplaced, row.missing) == (1, 1)
    (kit,) = queries.coverage_by_state(rita)
    assert (kit.jurisdiction, kit.kit_id, kit.requests, kit.documents) == ("MD", "K1", 1, 1)
    assert (kit.found, kit.verified, kit.refused, kit.waiting) == (2, 1, 0, 2)


@pytest.mark.parametrize("many", [1, 6])
def test_coverage_asks_the_same_few_questions_however_much_there_is(
    table: Document, rita: Person, sam: Person, alice: Person, django_assert_num_queries: Any, many: int
) -> None:
    for _each in range(many):
        settled(table, rita, sam)
        RecordsRequestFactory(filer=alice)
    rita = Person.objects.get(pk=rita.pk)
    assert permissions.can_look(rita)  # reads the roles
    with django_assert_num_queries(6):
        queries.coverage_of_state(rita, "MD")
        queries.coverage_by_state(rita)
