"""The dullest finding, and who reads it: one reviewer keeps it, another reads it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from requests_app.documents.models import Document
from requests_app.filing.models import RecordsRequest
from requests_app.kits import catalog
from requests_app.people.models import Person
from requests_app.review.anchoring import TextQuote
from requests_app.review.annotations import services as annotations
from requests_app.review.findings import services
from requests_app.review.findings.checking import Claim
from requests_app.review.findings.definitions import definition_of
from requests_app.review.models import Annotation, Finding
from requests_app.review.targets import PageText
from tests.documents.viewer.paper import a_document
from tests.factories import NOON

SECRET = 73_194  # a number that stands nowhere else on any page
QUERY_COUNT = definition_of(catalog.get_kit("K1"), "query_count")
HSI = Claim(
    number=Decimal(SECRET),
    unit="message_delivered",
    component="ice_hsi",
    message_key="DQ",
    door="nlets",
    producer="control_point",
    starts_on=date(2025, 3, 1),
    ends_on=date(2025, 3, 31),
    grain="month",
)
MD = services.Told(jurisdiction="MD")


def a_table(letter: RecordsRequest, name: str = "totals.pdf") -> Document:
    """Keep a page on which the number stands."""
    document = a_document(
        letter, [["Queries by month", f"HSI March 2025 {SECRET:,}", "ICE March 2025 1,204"]], name=name
    )
    Document.objects.filter(pk=document.pk).update(received_on=date(2026, 3, 2))
    document.refresh_from_db()
    return document


def a_mark(document: Document, by: Person, words: str = f"HSI March 2025 {SECRET:,}", **said: Any) -> Annotation:
    """Mark words on its first page."""
    target = PageText(1, TextQuote(exact=words))
    return annotations.annotate(document, target, annotations.Said(**said), by=by, now=NOON)


def a_finding(document: Document, by: Person, claim: Claim = HSI, **given: Any) -> Finding:
    """Keep the number of queries by HSI in March 2025, as the page says it."""
    evidence: Sequence[Annotation] = given.pop("evidence", None) or [a_mark(document, by)]
    told = given.pop("told", MD)
    return services.keep(document, evidence, QUERY_COUNT, claim, told, by=by, now=NOON, **given)


def settled(document: Document, by: Person, second: Person, claim: Claim = HSI, **given: Any) -> Finding:
    """Keep a finding on which two readers agree."""
    kept = a_finding(document, by, claim, **given)
    return services.read_again(kept, claim, confirmed=kept.doubts, by=second, now=NOON)


def otherwise(**changes: Any) -> Claim:
    """Return the claim with changes."""
    return replace(HSI, **changes)
