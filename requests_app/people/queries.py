"""Reads people, invitations and notices for screens."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, QuerySet

from requests_app.people.models import AuditEntry, Person, Role, SignerOffer, SignInLink
from requests_app.people.permissions import can_manage_people

PAGE: Final = 50


def people_for_list() -> QuerySet[Person]:
    """Everybody, those who may sign in first, by handle, with their roles and whether they have a second factor."""
    return (
        Person.objects.annotate(has_second_factor=Exists(Authenticator.objects.filter(user_id=OuterRef("pk"))))
        .prefetch_related("role_grants")
        .order_by("-is_active", "handle")
    )


def open_invitations(person: Person, now: datetime) -> QuerySet[SignInLink]:
    """Invitations nobody used yet that this person may withdraw: an administrator all, a coordinator volunteers'."""
    links = (
        SignInLink.objects.filter(
            purpose=SignInLink.Purpose.INVITATION,
            used_at__isnull=True,
            withdrawn_at__isnull=True,
            expires_at__gt=now,
            mail__isnull=False,  # the first administrator's link is printed, not mailed
        )
        .select_related("made_by", "mail")
        .order_by("-made_at")
    )
    return links if can_manage_people(person) else links.filter(roles=[Role.VOLUNTEER])


def new_address_of(person: Person, now: datetime) -> str:
    """The e-mail address that a person wants to have and has not confirmed yet; empty when there is none."""
    links = SignInLink.objects.filter(
        purpose=SignInLink.Purpose.NEW_ADDRESS,
        person=person,
        used_at__isnull=True,
        withdrawn_at__isnull=True,
        expires_at__gt=now,
    )
    return links.values_list("email", flat=True).first() or ""


def active_people(*roles: str) -> QuerySet[Person]:
    """People who may sign in and hold any of `roles` (any role at all, if none is named), by handle."""
    people = Person.objects.filter(is_active=True)
    if roles:
        people = people.filter(role_grants__role__in=roles).distinct()
    return people.order_by("handle")


def offers_of(person: Person) -> QuerySet[SignerOffer]:
    """Return a person's own open offers to sign, by state."""
    return SignerOffer.objects.filter(person=person, withdrawn_at__isnull=True).order_by("jurisdiction")


def offers_for(jurisdiction: str, *, besides: Person) -> QuerySet[SignerOffer]:
    """Return the open offers to sign for a state by members who are still here, the longest standing first.

    For coordinators only, save for the number. `besides`: who files the letter needs nobody to sign for them.
    """
    return (
        SignerOffer.objects.filter(jurisdiction=jurisdiction, withdrawn_at__isnull=True, person__is_active=True)
        .exclude(person=besides)
        .select_related("person")
        .order_by("made_at", "pk")
    )


def audit_of(person: Person) -> QuerySet[AuditEntry]:
    """What happened to one person's account, the newest first."""
    return AuditEntry.objects.filter(subject=f"person:{person.pk}").select_related("actor").order_by("-at", "-pk")


def second_factors(person: Person) -> Mapping[str, int]:
    """How many of each kind of second factor a person has: totp, webauthn, recovery_codes."""
    counts: dict[str, int] = {}
    for kind in Authenticator.objects.filter(user_id=person.pk).values_list("type", flat=True):
        counts[kind] = counts.get(kind, 0) + 1
    return counts
