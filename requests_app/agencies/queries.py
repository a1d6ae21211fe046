"""Reads agencies for screens, with everything that their templates touch."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Case, Exists, IntegerField, OuterRef, Prefetch, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from requests_app.agencies.importing import AGENCY_COLUMNS, CONTACT_COLUMNS, AgencyState, ContactState
from requests_app.agencies.models import (
    Agency,
    AgencyChange,
    AgencyRole,
    BodyContact,
    Confidence,
    ContactPoint,
    StateNote,
)

PAGE: Final = 50
CUSTODIAN_ROLES: Final = (AgencyRole.Kind.NLETS_CONTROL_POINT.value, AgencyRole.Kind.DMV.value)

REACH: Final = (
    ("ready", _("an address that may be used")),
    ("unconfirmed", _("addresses, none confirmed")),
    ("bounced", _("an address whose mail came back")),
    ("none", _("no address at all")),
)
"""How the list can be narrowed by what is known of an agency's addresses."""


def current_contacts() -> QuerySet[ContactPoint]:
    """Contact points in use, the best first: confirmed before unconfirmed, then by confidence, then by way."""
    health, confidence, channel = ContactPoint.Health, Confidence, ContactPoint.Channel
    return (
        ContactPoint.objects.exclude(health=health.RETIRED)
        .annotate(
            health_rank=_rank("health", [health.CONFIRMED, health.UNCONFIRMED, health.BOUNCED]),
            confidence_rank=_rank("confidence", [confidence.HIGH, confidence.MEDIUM, confidence.LOW]),
            channel_rank=_rank("channel", [channel.EMAIL, channel.PORTAL, channel.POST, channel.FAX, channel.PHONE]),
        )
        .select_related("confirmed_by")
        .order_by("health_rank", "confidence_rank", "channel_rank", "pk")
    )


def custodians(jurisdiction: str, roles: Sequence[str] = CUSTODIAN_ROLES) -> list[Agency]:
    """Return the agencies in use of one state that hold any of `roles`, in the order of `roles`, then by name.

    Each has its roles prefetched and, as `current_contacts`, its contact points in use, the best first. Three queries.
    """
    agencies = _with_contacts(
        Agency.objects.filter(jurisdiction=jurisdiction, is_active=True, roles__kind__in=roles).distinct()
    ).order_by("name")
    order = {role: place for place, role in enumerate(roles)}
    return sorted(
        agencies, key=lambda agency: min(order[role.kind] for role in agency.roles.all() if role.kind in order)
    )


def agency_with_contacts(code: str) -> Agency | None:
    """Return one agency by its code, with its roles and `current_contacts`; None when there is none."""
    return _with_contacts(Agency.objects.filter(code=code)).first()


def retired_contacts(agency: Agency) -> QuerySet[ContactPoint]:
    """Contact points that are no longer used, the newest first."""
    return agency.contact_points.filter(health=ContactPoint.Health.RETIRED).order_by("-pk")


def history(agency: Agency) -> QuerySet[AgencyChange]:
    """Every change of an agency and its contact points, the newest first."""
    return agency.changes.select_related("by")


def state_note(jurisdiction: str) -> StateNote | None:
    """Return what is reported of a state's Nlets door; None where nothing is stored."""
    return StateNote.objects.filter(jurisdiction=jurisdiction).first()


def known_statuses(jurisdictions: Collection[str]) -> dict[str, dict[str, Any]]:
    """Return the known status of these states as it is stored, by state. One query."""
    notes = StateNote.objects.filter(jurisdiction__in=jurisdictions)
    return dict(notes.values_list("jurisdiction", "known_status"))


@dataclass(frozen=True)
class AgencyPage:
    """One page of the list, and the codes that lead to its neighbours (empty: there is none).

    The agencies hold what a line shows and no more: evidence, notes and sources are fetched when asked for, one by one.
    """

    agencies: list[Agency]
    before: str
    after: str


def agency_page(
    *,
    jurisdiction: str = "",
    role: str = "",
    reach: str = "",
    words: str = "",
    before: str = "",
    after: str = "",
) -> AgencyPage:
    """Return one page of the agencies that fit, by state and name.

    Paged by key: `after` and `before` are the code of the last agency of the page before and of the first of the
    page after. An unknown code starts at the beginning.
    """
    rows = _narrowed(jurisdiction, role, reach, words)
    edge = (
        Agency.objects.filter(code=after or before).values("jurisdiction", "name").first() if after or before else None
    )
    backwards = bool(before) and edge is not None
    if edge is not None:
        sign = "lt" if backwards else "gt"
        rows = rows.filter(
            Q(**{f"jurisdiction__{sign}": edge["jurisdiction"]})
            | Q(jurisdiction=edge["jurisdiction"], **{f"name__{sign}": edge["name"]})
        )
    keys = ("-jurisdiction", "-name") if backwards else ("jurisdiction", "name")
    page = list(_for_list(rows).order_by(*keys)[: PAGE + 1])
    more = len(page) > PAGE
    page = page[:PAGE]
    if backwards:
        page.reverse()
    has_before = more if backwards else edge is not None
    has_after = True if backwards else more
    return AgencyPage(
        agencies=page,
        before=page[0].code if page and has_before else "",
        after=page[-1].code if page and has_after else "",
    )


def agency_states() -> list[AgencyState]:
    """Return every agency with all its contact points in the form that an import plans with. Three queries."""
    return [
        AgencyState(
            code=agency.code,
            jurisdiction=agency.jurisdiction,
            facts={name: getattr(agency, name) for name in AGENCY_COLUMNS},
            roles={role.kind for role in agency.roles.all()},
            contacts={
                (contact.channel, contact.value): ContactState(
                    {name: getattr(contact, name) for name in CONTACT_COLUMNS},
                    retired=contact.health == ContactPoint.Health.RETIRED,
                )
                for contact in agency.contact_points.all()
            },
        )
        for agency in Agency.objects.prefetch_related("roles", "contact_points")
    ]


def export_rows(jurisdiction: str = "") -> Iterator[dict[str, str]]:
    """Walk the rows of the CSV form: one for each contact point in use, or one for an agency that has none."""
    agencies = Agency.objects.filter(jurisdiction=jurisdiction) if jurisdiction else Agency.objects.all()
    for agency in _with_contacts(agencies).order_by("jurisdiction", "name"):
        row = {
            "code": agency.code,
            "state": agency.jurisdiction,
            "roles": "; ".join(role.kind for role in agency.roles.all()),
            "in_use": "yes" if agency.is_active else "no",
            **{name: getattr(agency, name) for name in AGENCY_COLUMNS},
        }
        contacts: list[ContactPoint] = agency.current_contacts  # type: ignore[attr-defined]  # by the prefetch
        for contact in contacts:
            yield row | {
                "channel": contact.channel,
                "address": contact.value,
                "health": contact.health,
                "confirmed_on": f"{contact.confirmed_at:%Y-%m-%d}" if contact.confirmed_at else "",
                **{name: getattr(contact, name) for name in CONTACT_COLUMNS},
            }
        if not contacts:
            yield row


def _narrowed(jurisdiction: str, role: str, reach: str, words: str) -> QuerySet[Agency]:
    rows = Agency.objects.all()
    if jurisdiction:
        rows = rows.filter(jurisdiction=jurisdiction)
    if role:
        rows = rows.filter(Exists(AgencyRole.objects.filter(agency=OuterRef("pk"), kind=role)))
    for word in words.split()[:6]:
        rows = rows.filter(
            Q(name__icontains=word)
            | Q(short_name__icontains=word)
            | Q(parent__icontains=word)
            | Q(code__icontains=word)
            | Exists(ContactPoint.objects.filter(agency=OuterRef("pk"), value__icontains=word))
        )
    in_use = ContactPoint.objects.filter(agency=OuterRef("pk")).exclude(health=ContactPoint.Health.RETIRED)
    sure = Q(health=ContactPoint.Health.CONFIRMED) | Q(
        health=ContactPoint.Health.UNCONFIRMED, confidence=Confidence.HIGH, doubt=""
    )
    if reach == "ready":
        rows = rows.filter(Exists(in_use.filter(sure)))
    elif reach == "unconfirmed":
        rows = rows.filter(Exists(in_use), ~Exists(in_use.filter(health=ContactPoint.Health.CONFIRMED)))
    elif reach == "bounced":
        rows = rows.filter(Exists(in_use.filter(health=ContactPoint.Health.BOUNCED)))
    elif reach == "none":
        rows = rows.filter(~Exists(in_use))
    return rows


def _for_list(agencies: QuerySet[Agency]) -> QuerySet[Agency]:
    roles = AgencyRole.objects.only("agency_id", "kind")
    contacts = current_contacts().select_related(None).only("agency_id", "channel", "health", "confidence", "doubt")
    return agencies.only("code", "jurisdiction", "name", "is_active").prefetch_related(
        Prefetch("roles", queryset=roles), Prefetch("contact_points", queryset=contacts, to_attr="current_contacts")
    )


def _with_contacts(agencies: QuerySet[Agency]) -> QuerySet[Agency]:
    return agencies.prefetch_related(
        "roles", Prefetch("contact_points", queryset=current_contacts(), to_attr="current_contacts")
    )


def _rank(field: str, order: Sequence[str]) -> Case:
    return Case(
        *(When(**{field: value}, then=Value(place)) for place, value in enumerate(order)),
        default=Value(len(order)),
        output_field=IntegerField(),
    )


def body_contacts(jurisdiction: str) -> QuerySet[BodyContact]:
    """Return the addresses in use of a state's bodies, the last confirmed first. Index: `body_contacts`."""
    return (
        BodyContact.objects.filter(jurisdiction=jurisdiction, retired_at__isnull=True)
        .select_related("confirmed_by")
        .order_by("-confirmed_at", "-pk")
    )


def past_body_contacts(jurisdiction: str, body: str) -> QuerySet[BodyContact]:
    """Return the addresses of a body that are no longer used, the newest first."""
    past = BodyContact.objects.filter(jurisdiction=jurisdiction, body=body, retired_at__isnull=False)
    return past.select_related("confirmed_by", "retired_by").order_by("-retired_at", "-pk")
