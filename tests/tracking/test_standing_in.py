"""A volunteer who stands in for another finds their letters at home and opens them; afterwards they are gone again."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from requests_app.people.absences import services as absences
from requests_app.people.models import Person
from tests.factories import NOON, RecordsRequestFactory

pytestmark = pytest.mark.django_db


def test_who_stands_in_finds_the_letters_at_home_and_opens_them(client: Client, alice: Person, charlie: Person) -> None:
    asked = RecordsRequestFactory(filer=alice, opened_at=NOON - timedelta(days=3), events=[("sent", "2026-02-27")])
    other = RecordsRequestFactory(opened_at=NOON - timedelta(days=3), events=[("sent", "2026-02-27")])
    today = NOON.date()
    absences.go_away(alice.pk, starts_on=today, ends_on=today, delegate_id=charlie.pk, by=alice, now=NOON)
    client.force_login(charlie)
    for days, there in ((0, True), (1, False)):
        with time_machine.travel(NOON + timedelta(days=days), tick=False):
            home = client.get(reverse("tracking:letters")).content.decode()
            assert (asked.reference in home) is there
            assert other.reference not in home
            assert client.get(asked.get_absolute_url()).status_code == (200 if there else 404)
            recording = client.get(reverse("filing:record-what", args=[asked.reference]))
            assert recording.status_code == (200 if there else 404)
