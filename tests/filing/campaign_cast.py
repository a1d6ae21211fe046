"""A campaign in five states with an agency or two in each, for the tests of every room that works on it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from requests_app.agencies.models import Agency
from requests_app.filing import services
from requests_app.filing.composing import Sender
from requests_app.filing.models import Campaign, CampaignTarget, Draft
from requests_app.people.models import Person
from tests.factories import AgencyFactory, ContactPointFactory

FIVE = ("IL", "MD", "NY", "TN", "WA")
SENDER = Sender("Harbor Records Group", "records@harbor.example")


def two_agencies(code: str, *, channel: str = "email") -> list[Agency]:
    """A control point and a motor-vehicle agency of one state, each with a confirmed address."""
    made = []
    for role in ("nlets_control_point", "dmv"):
        agency = AgencyFactory(
            code=f"{code.lower()}-{role.replace('_', '-')}",
            jurisdiction=code,
            name=f"{code} {role}",
            short_name=f"{code} {'Police' if role != 'dmv' else 'DMV'}",
            roles=[role],
        )
        value = f"records@{agency.code}.example" if channel == "email" else f"https://{agency.code}.example/ask"
        ContactPointFactory(agency=agency, channel=channel, value=value)
        made.append(agency)
    return made


def outline(**more: object) -> services.Outline:
    """Five states, one kit, both custodians."""
    facts: dict[str, object] = {
        "name": "Five states",
        "purpose": "",
        "kits": ("K1",),
        "jurisdictions": FIVE,
        "roles": ("nlets_control_point", "dmv"),
        "choices": {},
        "budget_cents": 50_000,
    }
    return services.Outline(**(facts | more))  # type: ignore[arg-type]


def five_states(by: Person, now: datetime, **more: object) -> Campaign:
    """A campaign whose ten agencies all have a confirmed e-mail address."""
    for code in more.get("jurisdictions", FIVE):  # type: ignore[attr-defined]
        two_agencies(str(code))
    return services.make_campaign(outline(**more), by=by, now=now)


def sign(target: CampaignTarget, by: Person, now: datetime) -> Draft:
    """Have `by` make and sign the letters of a target."""
    draft = services.open_target(target.pk, by=by, now=now)
    standing = "resident" if by.home_state == target.jurisdiction else ""
    said = {
        "requester_name": by.legal_name,
        "postal_address": by.postal_address,
        "phone": by.phone,
        "standing": draft.choices.get("standing") or standing,
    }
    services.save_draft(draft.pk, choices=said, now=now)
    services.confirm_ready(draft.pk, by=by, sender=SENDER, now=now)
    draft.refresh_from_db()
    return draft


def sign_all(campaign: Campaign, people: Sequence[Person], now: datetime | None = None) -> None:
    """Share the targets out among `people`, residents first, and have everybody sign."""
    now = now or timezone.now()
    at_home = {one.home_state: one for one in people}
    targets = list(CampaignTarget.objects.filter(campaign=campaign))
    chosen = {one.pk: at_home.get(one.jurisdiction, people[0]) for one in targets}
    services.assign_targets(campaign.pk, chosen, now=now)
    for target in targets:
        sign(target, chosen[target.pk], now)
