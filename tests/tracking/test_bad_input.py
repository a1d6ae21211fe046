"""Whatever stands in an address or a field: the calendar, statistics and moved dates answer, and never break."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from requests_app.filing.models import Deadline
from requests_app.people.models import Person
from requests_app.tracking.models import Recalculation
from requests_app.tracking.statistics import services as statistics
from tests.factories import RecordsRequestFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 20, 17, 0, tzinfo=UTC)

HOSTILE: Final = {
    "nothing": "",
    "a-zero-byte": "a\x00b",
    "very-long": "x" * 100_000,
    "a-number-no-database-takes": "1" + "0" * 30,
    "a-number-one-too-large": str(2**63),
    "less-than-none": "-1",
    "digits-of-another-script": "\u0662\u0660\u0662\u0666",
    "a-superscript": "\u00b2",
    "half-a-letter": "\ud83d",
    "the-first-day": "0001-01-01",
    "the-last-day": "9999-12-31",
    "month-13": "2026-13-01",
    "february-30": "2026-02-30",
    "a-state-that-is-none": "XX",
    "markup": "<script>alert(1)</script>",
    "a-formula": "=1+1",
    "a-quote": "'; DROP TABLE filing_deadline; --",
    "a-list": "['a']",
    "a-place": "9999-12-31~1~999999999999999999~both",
}
"""Values for every field, by what is wrong with them."""

PAGES: Final = {
    "calendar": ["person", "campaign", "state", "duty", "form", "day", "after"],
    "feeds": ["about"],
    "statistics": ["by", "show", "state", "kit", "campaign", "agency", "period"],
    "statistics-csv": ["by", "show", "state", "kit", "campaign", "agency", "period"],
    "statistics-xlsx": ["by", "show", "state", "kit", "campaign", "agency", "period"],
    "statistics-requests": ["by", "show", "state", "kit", "campaign", "agency", "period"],
    "reports": ["before"],
    "recalculations": ["before"],
    "date": ["received", "extension", "closed", "fee_paid"],
}
"""The pages that read something from their address, and what."""


@pytest.fixture(autouse=True)
def a_life(alice: Person, bob: Person) -> Any:
    with time_machine.travel(NOW, tick=False):
        asked = RecordsRequestFactory(
            filer=alice,
            seen_at=NOW,
            events=[
                ("sent", "2026-03-02"),
                ("received", "2026-03-04"),
                ("fee_estimated", "2026-03-09", {"amount_cents": 5}),
            ],
        )
        statistics.keep_up(NOW)
        yield asked


def _address(name: str, asked: Any) -> str:
    if name == "date":
        return reverse("tracking:date", args=[asked.reference, Deadline.objects.filter(request=asked).first().pk])
    return reverse(f"tracking:{name}")


def _answer(response: Any) -> int:
    """Read the answer to its end: a stream may break after its first byte."""
    if response.streaming:
        b"".join(response.streaming_content)
    return int(response.status_code)


@pytest.mark.parametrize("name", PAGES)
def test_no_value_in_an_address_breaks_a_page(name: str, a_life: Any, coordinator_client: Client) -> None:
    address = _address(name, a_life)
    for wrong, value in HOSTILE.items():
        said = quote(value.encode("utf-8", "surrogatepass"))
        forms = ("form=month", "form=week", "form=agenda") if name == "calendar" else ("",)
        for fields in [*([field] for field in PAGES[name] if wrong == "a-zero-byte"), PAGES[name]]:
            for form in forms:
                query = "&".join([*(f"{field}={said}" for field in fields), form])
                assert _answer(coordinator_client.get(f"{address}?{query}")) < 500, (fields, wrong)


ADDRESSES: Final = (
    "/requests/{}/dates/", "/requests/{}/dates/1/", "/requests/MD-2026-0001/dates/{}/", "/calendar/feeds/{}/close/",
    "/feeds/{}.ics", "/moved-dates/{}/", "/moved-dates/{}/moved.csv", "/agencies/{}/record/", "/reports/{}/report.pdf",
)  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_address_breaks_a_page(address: str, coordinator_client: Client) -> None:
    for wrong, value in HOSTILE.items():
        path = address.format(quote(value.encode("utf-8", "surrogatepass"), safe=""))
        assert 400 <= _answer(coordinator_client.get(path)) < 500 or wrong == "nothing", wrong


@pytest.mark.parametrize(
    ("name", "field"), [("feeds", "about"), ("recalculation-ask", "state")], ids=["a-feed", "counting-anew"]
)
def test_no_value_of_a_form_breaks_it(name: str, field: str, coordinator_client: Client) -> None:
    for wrong, value in HOSTILE.items():
        response = coordinator_client.post(reverse(f"tracking:{name}"), {field: value.encode("utf-8", "replace")})
        assert _answer(response) < 500, wrong
    assert not Recalculation.objects.exists()
