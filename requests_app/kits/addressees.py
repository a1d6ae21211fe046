"""From rows of the agencies room to the addressee of a letter, and to the custodians that a kit is meant for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from requests_app.agencies import queries
from requests_app.agencies.models import Agency, AgencyRole, ContactPoint
from requests_app.kits.letters import Addressee
from requests_app.kits.schema import Kit
from requests_app.law.schema import Statute

FEDERAL_ROLES = (AgencyRole.Kind.FEDERAL_REQUESTER_AGENCY.value,)


def custodians_for(kit: Kit, jurisdiction: str) -> list[Agency]:
    """Return the agencies that a kit is meant for, the first custodian first. Three queries.

    In a state the kit says which role comes first; among federal agencies the one that queries most stands first in the
    project's own list.
    """
    if jurisdiction == "US":
        return sorted(queries.custodians(jurisdiction, FEDERAL_ROLES), key=lambda agency: agency.pk)
    return queries.custodians(jurisdiction, kit.holder_roles)


def addressee_of(agency: Agency, custodians: Iterable[Agency]) -> Addressee:
    """Return an agency as the composer addresses it; `custodians` are the agencies that share custody in its state.

    The agency comes from `agencies.queries` (roles and `current_contacts` fetched). An address stands in the letter
    only when it may be used unasked: a person confirmed it, or it is well established.
    """
    return _addressee(agency, custodians, _sure(agency), agency.records_office)


def addressee_at(agency: Agency, contact: ContactPoint | None, custodians: Iterable[Agency]) -> Addressee:
    """Return an agency as `addressee_of` does, with the very address that the filer chose.

    Of the others only the postal address stays: it heads the letter, however that travels. `contact` is None for a
    letter handed over in person.
    """
    addresses = {channel: value for channel, value in _sure(agency).items() if channel == ContactPoint.Channel.POST}
    if contact is None:
        return _addressee(agency, custodians, addresses, agency.records_office)
    addresses[contact.channel] = contact.value
    known = _addressee(agency, custodians, addresses, contact.office_or_title or agency.records_office)
    return replace(known, salutation_language=contact.salutation_language)


def official_of(statute: Statute) -> Addressee:
    """Return the office that a letter to officials goes to where no agency row stands for it."""
    if statute.code == "US":
        name, title = "United States House of Representatives", "Representative"
    elif statute.code == "DC":
        name, title = "Executive Office of the Mayor, District of Columbia", "Mayor"
    else:
        name, title = f"Office of the Governor of {statute.name}", "Governor"
    return Addressee(agency_code=f"{statute.code.lower()}-official", name=name, office_or_title=title)


def holder_of(role: str, addressee: Agency, custodians: Iterable[Agency]) -> str | None:
    """Return who plays a role in this state, seen from the addressee: itself when it does, another when just one does.

    None when no agency or more than one other plays it: a letter names no agency by guess.
    """
    holders = [agency for agency in custodians if any(held.kind == role for held in agency.roles.all())]
    if any(agency.pk == addressee.pk for agency in holders):
        return addressee.name
    return holders[0].name if len(holders) == 1 else None


def _addressee(agency: Agency, custodians: Iterable[Agency], addresses: Mapping[str, str], office: str) -> Addressee:
    others = list(custodians)
    return Addressee(
        agency_code=agency.code,
        name=agency.name,
        short_name=agency.short_name or None,
        office_or_title=office or None,
        postal_address=tuple(addresses.get(ContactPoint.Channel.POST, "").splitlines()),
        email=addresses.get(ContactPoint.Channel.EMAIL),
        portal_url=addresses.get(ContactPoint.Channel.PORTAL),
        roles=tuple(role.kind for role in agency.roles.all()),
        dmv_name=holder_of(AgencyRole.Kind.DMV, agency, others),
        control_point_name=holder_of(AgencyRole.Kind.NLETS_CONTROL_POINT, agency, others),
        submission_notes=agency.submission_notes or None,
    )


def _sure(agency: Agency) -> dict[str, str]:
    """Return the first address of each channel that may be used unasked."""
    contacts: Sequence[ContactPoint] = agency.current_contacts  # type: ignore[attr-defined]
    return {contact.channel: contact.value for contact in reversed(contacts) if contact.may_be_used_unasked}
