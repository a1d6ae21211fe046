"""What becomes of findings when their document is erased, and of a mark that a finding rests on."""

from __future__ import annotations

import pytest

from requests_app.documents.keeping import erasing
from requests_app.documents.models import Document
from requests_app.kits import catalog
from requests_app.people.models import Person
from requests_app.review.annotations import guards
from requests_app.review.findings import services
from requests_app.review.findings.checking import Claim
from requests_app.review.findings.definitions import definition_of
from requests_app.review.models import Finding
from tests.factories import NOON, PersonFactory
from tests.review.findings.cast import MD, SECRET, a_finding, a_mark, settled

pytestmark = pytest.mark.django_db


def test_words_of_an_erased_document_go_and_numbers_stay(table: Document, rita: Person, sam: Person) -> None:
    number = settled(table, rita, sam)
    clause = definition_of(catalog.get_kit("K3"), "legal_basis")
    words = services.keep(
        table, [a_mark(table, rita)], clause, Claim(words=("A person's name.",)), MD, by=rita, now=NOON
    )
    services.read_again(words, Claim(words=("Another name.",)), by=sam, now=NOON)
    other = settled(table, rita, sam)
    planned = erasing.plan(table)
    assert {"3 findings", "3 annotations"} <= set(planned.written)
    ada = PersonFactory(handle="ada", roles=["administrator"])
    erasing.erase(table, confirmed=planned.fingerprint, why="A court said so.", by=ada, now=NOON)
    assert list(Finding.objects.order_by("pk").values_list("words", "number")) == [
        ("", SECRET),
        (services.ERASED, None),
        ("", SECRET),
    ]
    assert [each.words for each in words.readings.all()] == [services.ERASED]
    assert {number.pk, other.pk} <= set(Finding.objects.filter(state="verified").values_list("pk", flat=True))


def test_a_mark_stays_while_a_finding_rests_on_it(table: Document, rita: Person) -> None:
    mark = a_mark(table, rita)
    assert guards.reason_to_keep(mark) == ""
    kept = a_finding(table, rita, evidence=[mark])
    assert f"rests on this: {kept.pk}" in guards.reason_to_keep(mark)
    services.withdraw(kept, why="Wrong.", seen_revision=0, by=rita, now=NOON)
    assert guards.reason_to_keep(mark) == ""
