"""The dullest valid rows, for every room's tests. A test states only what it is about.

Requests are made through the real door: `RecordsRequestFactory(events=[("sent", "2026-03-02")])` records that event as
the service would, so status and deadlines are what they would be.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

import factory
from django.contrib.auth.hashers import make_password
from factory.django import DjangoModelFactory

from requests_app.agencies.models import Agency, AgencyRole, ContactPoint
from requests_app.filing.models import Draft, RecordsRequest
from requests_app.filing.services import recording
from requests_app.people.models import Person, RoleGrant

NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)  # a Monday, noon in Maryland


class PersonFactory(DjangoModelFactory):
    """A volunteer, unless `roles` says otherwise."""

    class Meta:
        model = Person
        skip_postgeneration_save = True

    handle = factory.Sequence(lambda n: f"person{n}")
    email = factory.LazyAttribute(lambda person: f"{person.handle}@people.example")
    legal_name = factory.LazyAttribute(lambda person: f"Legal {person.handle.capitalize()}")
    postal_address = "1 Example Street\nAnnapolis, MD 21401"
    phone = "410-555-0100"
    password = factory.LazyFunction(lambda: make_password(None))

    @factory.post_generation
    def roles(self, create: bool, extracted: Iterable[str] | None, **_: Any) -> None:
        for role in ("volunteer",) if extracted is None else extracted:
            RoleGrant.objects.create(person=self, role=role, granted_at=NOON)


class AgencyFactory(DjangoModelFactory):
    """A Maryland control point without a contact."""

    class Meta:
        model = Agency
        skip_postgeneration_save = True

    code = factory.Sequence(lambda n: f"md-agency-{n}")
    jurisdiction = "MD"
    name = factory.Sequence(lambda n: f"Department of Examples {n}")
    short_name = factory.Sequence(lambda n: f"DOE {n}")
    updated_at = NOON

    @factory.post_generation
    def roles(self, create: bool, extracted: Iterable[str] | None, **_: Any) -> None:
        for kind in ("nlets_control_point",) if extracted is None else extracted:
            AgencyRole.objects.create(agency=self, kind=kind, evidence="An example.", confidence="high")


class ContactPointFactory(DjangoModelFactory):
    """A confirmed e-mail address of a records office."""

    class Meta:
        model = ContactPoint

    agency = factory.SubFactory(AgencyFactory)
    channel = "email"
    value = factory.Sequence(lambda n: f"records{n}@agency.example")
    office_or_title = "Records Custodian"
    health = "confirmed"
    confidence = "high"
    source = "https://agency.example/records"
    as_of = "2026-02"
    confirmed_at = NOON
    confirmed_where = "https://agency.example/records"


class DraftFactory(DjangoModelFactory):
    """A draft that has just been begun."""

    class Meta:
        model = Draft

    filer = factory.SubFactory(PersonFactory)
    jurisdiction = "MD"
    made_at = NOON
    changed_at = NOON


class RecordsRequestFactory(DjangoModelFactory):
    """A request just opened, ready to send by e-mail.

    `events`: (kind, "YYYY-MM-DD") or (kind, "YYYY-MM-DD", details), recorded one after another through the real
    service, each at noon of its day or all at the moment `seen_at`. `with_deadline=True`: sent and received on Monday,
    March 2, 2026, so that the law's dates are projected.
    """

    class Meta:
        model = RecordsRequest
        exclude = ("number",)

    number = factory.Sequence(lambda n: n + 1)
    events: Iterable[tuple[Any, ...]] = ()
    with_deadline = False
    seen_at: datetime | None = None
    jurisdiction = "MD"
    reference = factory.LazyAttribute(lambda made: f"{made.jurisdiction}-2026-{made.number:04}")
    agency = factory.SubFactory(AgencyFactory, jurisdiction=factory.SelfAttribute("..jurisdiction"))
    delivery = "email"
    kit_id = "K1"
    kit_version = "1"
    subject = "Nlets query statistics"
    period_start = date(2024, 1, 1)
    letter = factory.LazyFunction(dict)
    law_edition = "2026-11-21"
    filer = factory.SubFactory(PersonFactory)
    reply_token = factory.Sequence(lambda n: f"token{n}")
    opened_at = NOON

    @classmethod
    def _create(cls, model_class: type[RecordsRequest], *args: Any, **kwargs: Any) -> RecordsRequest:
        events = list(kwargs.pop("events"))
        if kwargs.pop("with_deadline"):
            events = [("sent", "2026-03-02"), ("received", "2026-03-02"), *events]
        seen_at = kwargs.pop("seen_at")
        made = model_class.objects.create(*args, **kwargs)
        recording.begin(made, by=made.filer, now=made.opened_at)
        return record(made, *events, seen_at=seen_at)


def record(
    records_request: RecordsRequest, *events: tuple[Any, ...], seen_at: datetime | None = None
) -> RecordsRequest:
    """Record events through the real service, each at noon (UTC-5) of its day unless `seen_at` says when."""
    for kind, day, *details in events:
        on = date.fromisoformat(day)
        recording.record_event(
            records_request.pk,
            kind,
            happened_on=on,
            details=details[0] if details else None,
            by=records_request.filer,
            now=seen_at or datetime(on.year, on.month, on.day, 17, 0, tzinfo=UTC),
        )
    records_request.refresh_from_db()
    return records_request
