"""The telephone, guided and recorded; and later letters through a portal, field by field."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from requests_app.correspondence.paper import calling
from requests_app.documents.models import Document
from requests_app.filing.lifecycle import Status
from requests_app.filing.models import Deadline, Delivery, Note, RecordsRequest
from requests_app.people.models import Person
from tests.correspondence.paper.conftest import PICTURE
from tests.factories import ContactPointFactory, record
from tests.test_permissions import _begun

pytestmark = pytest.mark.django_db
Ask = Callable[..., RecordsRequest]


def go(name: str, *about: Any) -> str:
    return reverse(f"correspondence:{name}", args=about)


def said(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode()).replace("&#x27;", "'")


def told(**typed: Any) -> dict[str, Any]:
    return {"called_on": "2026-03-02", "outcome": "told", "said": "They look into it until Friday."} | typed


@pytest.mark.parametrize("status", list(Status), ids=lambda status: status.value)
def test_there_is_something_to_ask_wherever_a_request_stands(status: Status) -> None:
    asked = calling.questions_for(status)
    assert len(asked) >= 2
    assert "in writing" in asked[-1]


def test_a_call_has_its_facts_and_stands_on_the_timeline_without_moving_a_clock(
    by_post: Ask, volunteer_client: Client
) -> None:
    made = by_post()
    record(
        made, ("sent", "2026-03-02", {"confirmation": "7112"}), ("acknowledged", "2026-03-02", {"agency_number": "R-9"})
    )
    ContactPointFactory(agency=made.agency, channel="phone", value="(410) 555-0199")
    dates = list(Deadline.objects.filter(request=made, superseded_at=None).values_list("rule_id", "latest", "state"))
    page = said(volunteer_client.get(go("call", made.reference)))
    for fact in ("(410) 555-0199", made.reference, "R-9", "7112", "When will there be a decision?"):
        assert fact in page
    proof = SimpleUploadedFile("notes.png", PICTURE)
    answer = volunteer_client.post(go("call", made.reference), told(office="Records unit", proof=proof), follow=True)
    assert "Recorded. If they said that they decided" in said(answer)
    assert "By telephone" in said(answer)
    event = made.events.get(kind="reply")
    assert (event.details, event.note) == ({"method": "phone"}, "Records unit: They look into it until Friday.")
    assert Document.objects.get(request=made).original_name == "notes.png"
    after = list(Deadline.objects.filter(request=made, superseded_at=None).values_list("rule_id", "latest", "state"))
    assert after == dates


def test_a_call_that_nobody_answered_is_a_note_and_nothing_more(by_post: Ask, volunteer_client: Client) -> None:
    made = record(by_post(), ("sent", "2026-03-02"))
    before = made.events.count()
    volunteer_client.post(go("call", made.reference), told(outcome="nobody", said="Left a message."))
    assert "nobody answered, or a message was left. Left a message." in Note.objects.get(request=made).text
    assert made.events.count() == before


@pytest.mark.parametrize(
    "typed",
    [{"called_on": "2026-03-03"}, {"said": ""}, {"said": "a\x00b"}, {"outcome": "shouted"}, {"said": "x" * 5001}],
    ids=["tomorrow", "nothing", "nul", "no-outcome", "a-novel"],
)
def test_what_cannot_be_is_said(by_post: Ask, volunteer_client: Client, typed: dict[str, str]) -> None:
    made = record(by_post(), ("sent", "2026-03-02"))
    assert volunteer_client.post(go("call", made.reference), told(**typed)).status_code == 422
    assert not made.events.filter(kind="reply").exists()


def test_before_the_letter_left_there_is_nothing_to_call_about(by_post: Ask, volunteer_client: Client) -> None:
    answer = volunteer_client.get(go("call", by_post().reference), follow=True)
    assert "there is nothing to call about" in said(answer)


def test_a_later_letter_goes_through_a_portal_field_by_field(
    by_post: Ask, alice: Person, volunteer_client: Client
) -> None:
    made = record(by_post(), ("sent", "2026-03-02"))
    contact = ContactPointFactory(agency=made.agency, channel="portal", value="https://portal.example/ask")
    letter = _begun(made, alice)
    letter.delivery, letter.contact_point = Delivery.PORTAL, contact
    letter.save(update_fields=["delivery", "contact_point"])
    page = said(volunteer_client.get(go("next-portal-task", made.reference, letter.pk)))
    assert "https://portal.example/ask" in page
    assert go("next-letter-sent", made.reference, letter.pk) in page
    assert go("next-letter-pdf", made.reference, letter.pk) in page
    assert "Alice Liddell" in page
    cut = said(volunteer_client.get(go("next-portal-task", made.reference, letter.pk), {"limit": "200"}))
    assert "Piece 2 of" in cut
    assert go("next-portal-task", made.reference, letter.pk) in said(
        volunteer_client.get(go("next-letter", made.reference, letter.pk))
    )
