"""What a query finds: one table of queries and answers for both databases. `bin/test` runs it on each."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from requests_app.documents.models import Document, DocumentTag, Passage
from requests_app.documents.search import services
from requests_app.documents.search.finding import find
from requests_app.people.models import Person
from tests.documents.search.kept import a_document
from tests.factories import AgencyFactory, PersonFactory, RecordsRequestFactory

pytestmark = pytest.mark.django_db

TEXTS = {
    "counts": [
        "Monthly totals of Nlets queries. The message key QV was used 1,234 times; RQ 20450 times.",
        "Codes K1-02 and K1-03. Ask records@agency.example or call 410-555-0188.",
    ],
    "letter": ["Dear Ms. Peña, the fee is forty-five dollars. The queried files are ready for the café."],
    "scan": [
        "STATE POLICE \u2014 don\u2019t query the Nlets switch twice. Straße. Totals monthly are not kept. km\u00b2"
    ],
    "sheet": ["month\tcount\n2025-01\t1234\n2025-02\t$2,500.75\n\ttotals\t3734"],
    "mail": ["Subject: your request\n\nWe sent the ledger_2025.csv on CD. NOT AND OR NEAR text"],
}


@pytest.fixture
def everything(alice: Person) -> dict[str, Document]:
    maryland = AgencyFactory(code="md-mdsp", jurisdiction="MD", name="Maryland State Police", short_name="MSP")
    virginia = AgencyFactory(code="va-dmv", jurisdiction="VA", name="Virginia Motor Vehicles", short_name="DMV")
    first = RecordsRequestFactory(filer=alice, agency=maryland, kit_id="K1", reference="MD-2026-0007")
    second = RecordsRequestFactory(filer=alice, agency=virginia, kit_id="K2", reference="VA-2026-0001")
    for one in (first, second):
        type(one).objects.filter(pk=one.pk).update(jurisdiction=one.agency.jurisdiction)
    made = {
        "counts": a_document(first, "Nlets_counts-2025.pdf", *TEXTS["counts"], received_on=date(2025, 12, 31)),
        "letter": a_document(first, "cover letter.docx", *TEXTS["letter"], kind="text document", minutes=1),
        "scan": a_document(second, "scan.tiff", *TEXTS["scan"], kind="image", received_on=date(2026, 2, 1), minutes=2),
        "sheet": a_document(second, "table.xlsx", *TEXTS["sheet"], kind="spreadsheet", place="sheet", minutes=3),
        "mail": a_document(second, "answer.eml", *TEXTS["mail"], kind="e-mail", place="mail", minutes=4),
    }
    services.keep_note(made["scan"], 1, 1, "The signature is a zebra's.")
    return made


@pytest.fixture
def reviewer() -> Person:
    return PersonFactory(roles=["reviewer"])


TABLE = [
    # words
    ("nlets", {"counts", "scan"}, "a-word-in-any-case"),
    ("NLETS Totals", {"counts", "scan"}, "every-word-on-the-page"),
    ("nlets dollars", set(), "not-on-the-same-page"),
    ("quer", set(), "not-the-beginning-of-a-word"),
    ("queries", {"counts"}, "no-stemming"),
    ("pena", {"letter"}, "without-the-accent"),
    ("Cafe\u0301", {"letter"}, "with-the-accent-as-a-sign-of-its-own"),
    ("don't", {"scan"}, "either-apostrophe"),
    ("straße", {"scan"}, "a-foreign-letter"),
    ("km", {"scan"}, "a-raised-number-is-a-sign"),
    # phrases
    ('"monthly totals"', {"counts"}, "side-by-side"),
    ('"totals monthly"', {"scan"}, "the-other-way-round"),
    ("\u201cmonthly totals\u201d", {"counts"}, "curly-quotes"),
    ('"forty five dollars"', {"letter"}, "over-a-hyphen"),
    ('"monthly totals', {"counts"}, "an-open-quote"),
    # beginnings
    ("quer*", {"counts", "letter", "scan"}, "a-beginning"),
    ("forty-fiv*", {"letter"}, "a-beginning-after-a-hyphen"),
    ("zzz*", set(), "a-beginning-of-nothing"),
    ("qu*", set(), "too-short-a-beginning-is-a-word"),
    # leaving out, and either
    ("nlets -switch", {"counts"}, "without"),
    ('totals -"monthly totals"', {"scan", "sheet"}, "without-a-phrase"),
    ("dollars OR switch", {"letter", "scan"}, "either"),
    ("nlets QV OR switch", {"counts", "scan"}, "either-of-two-and-another"),
    ("dollars or switch", set(), "a-small-or-is-a-word"),
    ("-nlets", set(), "leaving-out-alone"),
    # numbers, codes, addresses
    ("1,234", {"counts", "sheet"}, "a-number-with-its-comma"),
    ("1234", {"counts", "sheet"}, "a-number-without-its-comma"),
    ("20,450", {"counts"}, "a-comma-that-the-page-lacks"),
    ("$2500.75", {"sheet"}, "dollars-and-cents"),
    ("QV", {"counts"}, "a-message-key"),
    ("K1-02", {"counts"}, "a-code"),
    ("k1-03 K1-02", {"counts"}, "two-codes"),
    ("K1-04", set(), "another-code"),
    ("records@agency.example", {"counts"}, "an-address"),
    ("agency.example", {"counts"}, "a-part-of-an-address"),
    ("410-555-0188", {"counts"}, "a-telephone-number"),
    ("ledger_2025.csv", {"mail"}, "the-name-of-a-file"),
    ("2025-01", {"sheet"}, "a-month-in-a-cell"),
    # what is said about documents
    ("Nlets_counts-2025.pdf", {"counts"}, "its-own-name"),
    ("MD-2026-0007", {"counts", "letter"}, "the-request-it-answers"),
    ('"motor vehicles"', {"scan", "sheet", "mail"}, "its-agency"),
    ("zebra", {"scan"}, "a-note"),
    # fields
    ("nlets state:MD", {"counts"}, "a-state"),
    ("nlets state:virginia", {"scan"}, "a-state-by-its-name"),
    ("nlets state:MD state:VA", {"counts", "scan"}, "either-state"),
    ("nlets -state:MD", {"scan"}, "not-that-state"),
    ("nlets agency:md-mdsp", {"counts"}, "an-agency-by-its-code"),
    ('nlets agency:"state police"', {"counts"}, "an-agency-by-its-name"),
    ("nlets agency:dmv", {"scan"}, "an-agency-by-its-short-name"),
    ("totals kit:k2", {"scan", "sheet"}, "a-kit"),
    ("totals type:sheet", {"sheet"}, "a-kind-of-file"),
    ("totals -type:spreadsheet", {"counts", "scan"}, "not-a-kind-of-file"),
    ("totals before:2026", {"counts"}, "before-a-year"),
    ("totals after:2026-02-01", {"scan", "sheet"}, "since-a-day"),
    ("totals after:2026-02 before:2026-02-02", {"scan"}, "in-a-month"),
    ("totals request:va-2026-0001", {"scan", "sheet"}, "a-request"),
    ("totals in:sheet", {"sheet"}, "in-cells"),
    ("nlets in:about", {"counts"}, "in-names"),
    ("nlets -in:about", {"counts", "scan"}, "not-in-names"),
    ("zebra in:notes", {"scan"}, "in-notes"),
    ("zebra in:page", set(), "not-in-pages"),
    ("state:VA type:image", {"scan"}, "fields-alone"),
    ("state:VA in:notes", {"scan"}, "fields-and-places-alone"),
    ("state:WY", set(), "a-state-without-any"),
    ("nlets state:atlantis", {"counts", "scan"}, "no-such-state-is-left-out"),
    ("subject:your", {"mail"}, "an-unknown-field-is-words"),
    ("tag:fees", {"letter"}, "a-tag"),
    ("tag:Fees -tag:nothing", {"letter"}, "a-tag-in-any-case"),
    # hostile
    ('" OR 1=1 --', set(), "quotes-and-sql"),
    ("NEAR(text, 5)", set(), "near"),
    ("NOT AND OR NEAR", {"mail"}, "words-of-the-query-language"),
    ("'; DROP TABLE x; :* & | ! <->", set(), "signs-of-the-query-language"),
    ("{kind} : ^nlets + totals", set(), "columns-of-fts5"),
    ("\x00nlets\x00", {"counts", "scan"}, "zero-bytes"),
    ("*", set(), "a-star"),
    ("((((((", set(), "brackets"),
    ("a" * 10_000, set(), "ten-thousand-letters"),
    ('nlets "' * 1400, {"counts", "scan"}, "ten-thousand-signs"),
    ("%s %(x)s {passage} \\", set(), "placeholders"),
    ("", set(), "nothing"),
]  # fmt: skip


def names(found: dict[str, Document], person: Person, query: str) -> set[str]:
    answer = {each.document.pk for each in find(person, query).found}
    return {name for name, document in found.items() if document.pk in answer}


@pytest.fixture
def tagged(everything: dict[str, Document]) -> dict[str, Document]:
    DocumentTag.objects.create(document=everything["letter"], key="fees")
    return everything


def test_what_each_query_finds(tagged: dict[str, Document], reviewer: Person) -> None:
    wrong = {
        f"{why}: {query[:60]}": answer
        for query, expected, why in TABLE
        if (answer := names(tagged, reviewer, query)) != expected
    }
    assert not wrong
    assert len({why for _query, _expected, why in TABLE}) == len(TABLE) > 70


def test_with_many_documents_the_answers_are_the_same(
    tagged: dict[str, Document], reviewer: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Few documents are named to the index, many are joined to it: both ways must answer alike."""
    monkeypatch.setattr("requests_app.documents.search.finding.FEW", 0)
    test_what_each_query_finds(tagged, reviewer)


@given(
    st.text(max_size=60)
    | st.lists(st.sampled_from(['"*-:()', "OR", "agency:", "in:", "state:", "nlets", "1,2", "\x00é"])).map("".join)
)
@hypothesis_settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_query_is_an_error(tagged: dict[str, Document], reviewer: Person, query: str) -> None:
    assert find(reviewer, query).document_count <= len(tagged)  # reading changes nothing, so all may share the rows


def test_the_page_that_says_it_most_comes_first(reviewer: Person, alice: Person) -> None:
    one = RecordsRequestFactory(filer=alice)
    often = a_document(one, "a.pdf", "nlets nlets nlets nlets counts", minutes=1)
    a_document(one, "b.pdf", "nlets once in a page of other words about other things, and more", minutes=2)
    named = a_document(one, "nlets.pdf", "Nothing of the kind.", minutes=0)
    order = [found.document.pk for found in find(reviewer, "nlets").found]
    assert len(order) == 3 and order.index(often.pk) < 2 and order.index(named.pk) < 2


def test_a_document_shows_its_best_pages(reviewer: Person, alice: Person) -> None:
    texts = ["nlets once among many other words that say nothing of it at all", "none", *["nlets nlets nlets"] * 3]
    a_document(RecordsRequestFactory(filer=alice), "a.pdf", *texts)
    (found,) = find(reviewer, "nlets").found
    assert [place.place for place in found.places] == [3, 4, 5] and found.place_count == 4
    assert ("nlets", True) in found.places[0].pieces


def test_the_same_bytes_in_two_requests_show_both(reviewer: Person, alice: Person) -> None:
    first = a_document(RecordsRequestFactory(filer=alice), "a.pdf", "zebra")
    second = a_document(RecordsRequestFactory(filer=alice), "b.pdf", blob=first.blob)
    answer = find(reviewer, "zebra")
    assert {found.document.pk for found in answer.found} == {first.pk, second.pk}
    assert answer.place_count == 2


def test_the_index_follows_every_change_of_a_passage(reviewer: Person, alice: Person) -> None:
    document = a_document(RecordsRequestFactory(filer=alice), "a.pdf", "zebra")
    passage = Passage.objects.get(blob=document.blob)
    Passage.objects.filter(pk=passage.pk).update(text="giraffe")
    assert not find(reviewer, "zebra").found and find(reviewer, "giraffe").found
    passage.text = "lion"
    passage.save(update_fields=["text"])
    assert not find(reviewer, "giraffe").found and find(reviewer, "lion").found
    passage.delete()
    assert not find(reviewer, "lion").found
