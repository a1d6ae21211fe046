"""The one door for writing agencies and their contact points. Every change by a person leaves an AgencyChange."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from requests_app.agencies.contact_values import parse_contact_value
from requests_app.agencies.importing import BYTES_MAX, Change, Plan, decode, free_code, parse_csv, plan_import
from requests_app.agencies.models import (
    Agency,
    AgencyChange,
    AgencyImport,
    AgencyRole,
    BodyContact,
    Confidence,
    ContactPoint,
    StateNote,
)
from requests_app.agencies.queries import agency_states
from requests_app.agencies.seed_files import DATA, AgencyFact, ContactFact, SeedFile, StateFact, read_seed_files
from requests_app.agencies.status.services import seed_lines
from requests_app.people.models import Person

EDITABLE_FIELDS = ("name", "short_name", "parent", "website", "records_office", "submission_notes", "is_active")


class ChangedMeanwhile(Exception):
    """Somebody else changed the agency after this person opened the form."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Somebody else changed this agency while you were writing. Nothing of yours was saved yet. "
                "Read the page again, then save your change on top of theirs."
            )
        )


class ImportChanged(Exception):
    """The list of agencies moved on between the preview of an import and its confirmation."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Somebody changed the list of agencies after you looked, so nothing was written. "
                "Look at the new preview, then confirm again."
            )
        )


class ContactRetired(Exception):
    """A contact point that is no longer used cannot be confirmed."""

    def __init__(self) -> None:
        super().__init__(_("This address is no longer used. Add the new one, then confirm that."))


# --- the project's own list -------------------------------------------------------------------------------------------


@dataclass
class SeedResult:
    """What `seed` did, in counts."""

    agencies_added: int = 0
    agencies_updated: int = 0
    agencies_left: int = 0  # edited by people, so not touched
    contacts_added: int = 0
    contacts_updated: int = 0
    contacts_retired: int = 0
    states: int = 0
    status_lines_added: int = 0

    def __str__(self) -> str:
        return (
            f"Agencies: {self.agencies_added} added, {self.agencies_updated} updated, "
            f"{self.agencies_left} left as people edited them. "
            f"Contact points: {self.contacts_added} added, {self.contacts_updated} updated, "
            f"{self.contacts_retired} retired. Notes on {self.states} jurisdictions, "
            f"{self.status_lines_added} status lines added."
        )


@transaction.atomic
def seed(now: datetime, folder: Path = DATA) -> SeedResult:
    """Bring the project's own list of agencies into the tables. May run any number of times.

    1. Read and check every file; a bad file stops everything before anything is written.
    2. Add agencies and contact points that are missing; bring those that nobody edited up to the files.
    3. Retire contact points that left the files and that nobody touched. Rows that people edited stay theirs.
    4. Add the status lines that are new. None is ever changed.
    """
    files = read_seed_files(folder)
    result = SeedResult()
    known = {agency.code: agency for agency in Agency.objects.prefetch_related("roles", "contact_points")}
    for file in files:
        _seed_state(file.jurisdiction, file.state_note)
        result.states += 1
        for fact in file.agencies:
            _seed_agency(file, fact, known.get(fact.code), result, now)
    result.status_lines_added = seed_lines(files, now)
    return result


def _seed_state(jurisdiction: str, fact: StateFact) -> None:
    StateNote.objects.update_or_create(
        jurisdiction=jurisdiction,
        defaults={
            "ice_dmv_access": fact.ice_dmv_access or "",
            "summary": fact.summary or "",
            "dmv_restrictions": fact.dmv_restrictions or "",
            "sources": [{"url": source.url, "as_of": source.as_of} for source in fact.sources],
            "doubts": list(fact.doubts),
            "known_status": {}
            if fact.known_status is None
            else {name: getattr(fact.known_status, name) for name in fact.known_status.__struct_fields__},
        },
    )


def _seed_agency(file: SeedFile, fact: AgencyFact, agency: Agency | None, result: SeedResult, now: datetime) -> None:
    if agency is None:
        # A person may have added the same agency under another code; it is theirs then.
        if Agency.objects.filter(jurisdiction=file.jurisdiction, name=fact.name).exists():
            result.agencies_left += 1
            return
        agency = Agency(code=fact.code, jurisdiction=file.jurisdiction, from_seed=True, updated_at=now)
        result.agencies_added += 1
    elif not agency.from_seed:
        result.agencies_left += 1
        _seed_contacts(fact.contact_points, agency, result)
        return
    facts: dict[str, Any] = {
        "name": fact.name,
        "short_name": fact.short_name,
        "parent": fact.parent or "",
        "website": fact.website or "",
        "records_office": fact.records_office or "",
        "submission_notes": fact.submission_notes or "",
        "sources": [{"url": s.url, "supports": s.supports, "as_of": s.as_of} for s in fact.sources],
    }
    roles = {role.kind: (role.evidence, role.confidence) for role in fact.roles}
    stored_roles = {} if agency.pk is None else {r.kind: (r.evidence, r.confidence) for r in agency.roles.all()}
    if agency.pk is None or roles != stored_roles or any(getattr(agency, name) != facts[name] for name in facts):
        if agency.pk is not None:
            result.agencies_updated += 1
        for name, value in facts.items():
            setattr(agency, name, value)
        agency.updated_at = now
        agency.save()
        agency.roles.exclude(kind__in=roles).delete()
        for kind, (evidence, confidence) in roles.items():
            AgencyRole.objects.update_or_create(
                agency=agency, kind=kind, defaults={"evidence": evidence, "confidence": confidence}
            )
    _seed_contacts(fact.contact_points, agency, result)


def _seed_contacts(facts: Iterable[ContactFact], agency: Agency, result: SeedResult) -> None:
    stored = {(contact.channel, contact.value): contact for contact in agency.contact_points.all()}
    in_file: set[tuple[str, str]] = set()
    for fact in facts:
        in_file.add((fact.channel, fact.value))
        values = {
            "office_or_title": fact.office_or_title or "",
            "confidence": fact.confidence,
            "source": fact.source or "",
            "as_of": fact.as_of or "",
            "doubt": fact.doubt or "",
        }
        contact = stored.get((fact.channel, fact.value))
        if contact is None:
            agency.contact_points.create(channel=fact.channel, value=fact.value, from_seed=True, **values)
            result.contacts_added += 1
        elif contact.from_seed and any(getattr(contact, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(contact, name, value)
            contact.save(update_fields=list(values))
            result.contacts_updated += 1
    for key, contact in stored.items():
        if key not in in_file and contact.from_seed and contact.health == ContactPoint.Health.UNCONFIRMED:
            contact.health = ContactPoint.Health.RETIRED
            contact.save(update_fields=["health"])
            result.contacts_retired += 1


# --- agencies ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RoleChoice:
    """The roles an agency shall have; the last two say why, for roles that are new."""

    kinds: frozenset[str]
    evidence: str = ""
    confidence: str = Confidence.LOW


@transaction.atomic
def add_agency(
    *, jurisdiction: str, fields: Mapping[str, Any], roles: RoleChoice, why: str, by: Person, now: datetime
) -> Agency:
    """Add an agency and return it. `fields`: any of EDITABLE_FIELDS. Raises ValidationError for a field or a double."""
    agency = Agency(
        code=_free_code(jurisdiction, str(fields.get("short_name") or fields["name"])),
        jurisdiction=jurisdiction,
        updated_at=now,
        **{name: fields[name] for name in EDITABLE_FIELDS if name in fields},
    )
    agency.full_clean()
    agency.save()
    _add_roles(agency, roles.kinds, roles)
    after = {"name": agency.name, "jurisdiction": jurisdiction, "roles": sorted(roles.kinds)}
    _record(agency, AgencyChange.What.ADDED, before={}, after=after, why=why, by=by, now=now)
    return agency


@transaction.atomic
def edit_agency(
    agency_id: int,
    *,
    fields: Mapping[str, Any],
    roles: RoleChoice | None = None,
    why: str,
    by: Person,
    now: datetime,
    seen_at: datetime | None = None,
) -> Agency:
    """Change an agency's own fields and, if given, its roles; leave the history entry.

    `seen_at`: the `updated_at` that the form was filled from. Raises ChangedMeanwhile when the row moved on since,
    and ValidationError when a field cannot be stored. Changing nothing records nothing.
    """
    agency = Agency.objects.select_for_update().get(pk=agency_id)
    if seen_at is not None and agency.updated_at != seen_at:
        raise ChangedMeanwhile
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for name in EDITABLE_FIELDS:
        if name in fields and getattr(agency, name) != fields[name]:
            before[name], after[name] = getattr(agency, name), fields[name]
            setattr(agency, name, fields[name])
    held = frozenset(agency.roles.values_list("kind", flat=True))
    if roles is not None and roles.kinds != held:
        before["roles"], after["roles"] = sorted(held), sorted(roles.kinds)
        agency.roles.exclude(kind__in=roles.kinds).delete()
        _add_roles(agency, roles.kinds - held, roles)
    if not after:
        return agency
    agency.from_seed = False
    agency.updated_at = now
    agency.full_clean()
    agency.save()
    _record(agency, AgencyChange.What.EDITED, before=before, after=after, why=why, by=by, now=now)
    return agency


def _free_code(jurisdiction: str, short_name: str) -> str:
    taken = set(Agency.objects.filter(jurisdiction=jurisdiction).values_list("code", flat=True))
    return free_code(jurisdiction, short_name, taken.__contains__)


def _add_roles(agency: Agency, kinds: Iterable[str], roles: RoleChoice) -> None:
    AgencyRole.objects.bulk_create(
        AgencyRole(agency=agency, kind=kind, evidence=roles.evidence, confidence=roles.confidence)
        for kind in sorted(kinds)
    )


# --- contact points ---------------------------------------------------------------------------------------------------


@transaction.atomic
def add_contact(
    agency_id: int, *, channel: str, value: str, office_or_title: str = "", where_seen: str, by: Person, now: datetime
) -> ContactPoint:
    """Propose one more way to reach an agency and return it: not confirmed, of low confidence.

    An address that the agency has already is returned as it is; one that was retired comes back, unconfirmed.
    Raises ContactValueError when the address is not one of its kind.
    """
    agency = Agency.objects.select_for_update().get(pk=agency_id)
    written = parse_contact_value(channel, value)
    contact = agency.contact_points.filter(channel=channel, value=written).first()
    if contact is not None and contact.health != ContactPoint.Health.RETIRED:
        return contact
    if contact is None:
        contact = ContactPoint(agency=agency, channel=channel, value=written)
    contact.office_or_title = office_or_title
    contact.health = ContactPoint.Health.UNCONFIRMED
    contact.confidence = Confidence.LOW
    contact.source = where_seen
    contact.as_of = f"{now:%Y-%m-%d}"
    contact.doubt = ""
    contact.confirmed_by = contact.confirmed_at = None
    contact.confirmed_where = ""
    contact.from_seed = False
    contact.full_clean()
    contact.save()
    after = _contact_facts(contact)
    _record(agency, AgencyChange.What.CONTACT_ADDED, before={}, after=after, why=where_seen, by=by, now=now)
    return contact


@transaction.atomic
def edit_contact(
    contact_id: int,
    *,
    value: str,
    office_or_title: str,
    salutation_language: str = "",
    where_seen: str,
    by: Person,
    now: datetime,
) -> ContactPoint:
    """Correct a contact point and return the one that holds now.

    Letters name the contact point they went to. So a changed address is a new row and the old one is retired; only
    the office or title and the language of the salutation (empty: as it is) are changed in place.
    """
    contact = _locked(contact_id)
    language = salutation_language or contact.salutation_language
    written = parse_contact_value(contact.channel, value)
    if written != contact.value:
        successor = add_contact(
            contact.agency_id,
            channel=contact.channel,
            value=written,
            office_or_title=office_or_title,
            where_seen=where_seen,
            by=by,
            now=now,
        )
        ContactPoint.objects.filter(pk=successor.pk).update(salutation_language=language)
        successor.salutation_language = language
        retire_contact(contact_id, why=_("Replaced by another address."), by=by, now=now)
        return successor
    if (office_or_title, language) == (contact.office_or_title, contact.salutation_language):
        return contact
    before = {**_contact_facts(contact), "salutation_language": contact.salutation_language}
    contact.office_or_title = office_or_title
    contact.salutation_language = language
    contact.from_seed = False
    contact.full_clean()
    contact.save(update_fields=["office_or_title", "salutation_language", "from_seed"])
    after = {**_contact_facts(contact), "salutation_language": language}
    what = AgencyChange.What.CONTACT_EDITED
    _record(contact.agency, what, before=before, after=after, why=where_seen, by=by, now=now)
    return contact


@transaction.atomic
def confirm_contact(contact_id: int, *, by: Person, where_seen: str, now: datetime) -> ContactPoint:
    """Record that a person saw this address in use: who, when and where. Raises ContactRetired."""
    contact = _locked(contact_id)
    if contact.health == ContactPoint.Health.RETIRED:
        raise ContactRetired
    before = _contact_facts(contact)
    contact.health = ContactPoint.Health.CONFIRMED
    contact.confirmed_by = by
    contact.confirmed_at = now
    contact.confirmed_where = where_seen
    contact.from_seed = False
    contact.full_clean()
    contact.save()
    what = AgencyChange.What.CONTACT_CONFIRMED
    _record(contact.agency, what, before=before, after=_contact_facts(contact), why=where_seen, by=by, now=now)
    return contact


@transaction.atomic
def retire_contact(contact_id: int, *, why: str, by: Person, now: datetime) -> ContactPoint:
    """Take an address out of use. Letters that went there keep it. A second click changes nothing."""
    contact = _locked(contact_id)
    if contact.health == ContactPoint.Health.RETIRED:
        return contact
    return _set_health(contact, ContactPoint.Health.RETIRED, AgencyChange.What.CONTACT_RETIRED, why, by, now)


@transaction.atomic
def record_bounce(contact_id: int, *, why: str, now: datetime) -> ContactPoint:
    """Mark an address whose mail came back; the next filer is stopped there. `why`: what the mail server said."""
    contact = _locked(contact_id)
    if contact.health in {ContactPoint.Health.RETIRED, ContactPoint.Health.BOUNCED}:
        return contact
    return _set_health(contact, ContactPoint.Health.BOUNCED, AgencyChange.What.CONTACT_BOUNCED, why, None, now)


def _locked(contact_id: int) -> ContactPoint:
    return ContactPoint.objects.select_for_update().get(pk=contact_id)


def _set_health(
    contact: ContactPoint,
    health: ContactPoint.Health,
    what: AgencyChange.What,
    why: str,
    by: Person | None,
    now: datetime,
) -> ContactPoint:
    before = _contact_facts(contact)
    contact.health = health
    contact.from_seed = False
    contact.save(update_fields=["health", "from_seed"])
    _record(contact.agency, what, before=before, after=_contact_facts(contact), why=why, by=by, now=now)
    return contact


def _contact_facts(contact: ContactPoint) -> dict[str, str]:
    """What the history keeps of a contact point. Public facts only: agencies' offices, no private person."""
    return {
        "way": contact.channel,
        "address": contact.value,
        "office": contact.office_or_title,
        "health": contact.health,
    }


# --- import -----------------------------------------------------------------------------------------------------------

PREVIEW_LASTS = timedelta(days=1)
IMPORT_BYTES_READ = BYTES_MAX + 1


def preview_import(*, raw: bytes, file_name: str, by: Person, now: datetime) -> AgencyImport:
    """Read a CSV file, keep its text for the confirmation, and return the kept import. No agency changes.

    `plan_of(import)` says what it would do. Raises ImportFileError when the file cannot be read.
    """
    text, remarks = decode(raw)
    plan = plan_import(parse_csv(text), agency_states())
    AgencyImport.objects.filter(applied_at__isnull=True, made_at__lt=now - PREVIEW_LASTS).delete()
    return AgencyImport.objects.create(
        file_name=file_name[:200], text=text, remarks=list(remarks), plan_sha256=plan.sha256, made_by=by, made_at=now
    )


def plan_of(kept: AgencyImport) -> Plan:
    """Return what a kept import would do now. Reads only."""
    return plan_import(parse_csv(kept.text), agency_states(), remarks=tuple(kept.remarks))


def apply_import(import_id: int, *, plan_sha256: str, by: Person, now: datetime) -> Plan:
    """Write exactly what the preview with this fingerprint showed, and return it. Lines with errors stay out.

    1. Take the import by a conditional update: a second click finds it applied and writes nothing.
    2. Plan again over the list as it is now, inside the transaction; if it differs from the preview, write nothing.
    3. Write the changes in order, each with its history entry.

    Raises ImportChanged, after which the new preview can be confirmed.
    """
    with transaction.atomic():
        kept = AgencyImport.objects.get(pk=import_id)
        if not AgencyImport.objects.filter(pk=import_id, applied_at__isnull=True).update(applied_at=now):
            return Plan((), ())
        # On PostgreSQL another writer could slip in while we plan; this makes editors of these agencies wait.
        list(Agency.objects.select_for_update().values_list("pk"))
        plan = plan_of(kept)
        if plan.sha256 != plan_sha256:
            raise ImportChanged
        why = _("Imported from the file %(name)s.") % {"name": kept.file_name}
        for change in plan.changes:
            _apply(change, why, by, now)
    return plan


def _apply(change: Change, why: str, by: Person, now: datetime) -> None:
    facts = dict(change.facts)
    if change.kind == "agency":
        agency = Agency.objects.create(code=change.code, updated_at=now, **facts)
        _record(agency, AgencyChange.What.ADDED, before={}, after=facts, why=why, by=by, now=now)
        return
    agency = Agency.objects.get(code=change.code)
    if change.kind == "agency_facts":
        before = {name: getattr(agency, name) for name in facts}
        Agency.objects.filter(pk=agency.pk).update(**facts, from_seed=False, updated_at=now)
        _record(agency, AgencyChange.What.EDITED, before=before, after=facts, why=why, by=by, now=now)
    elif change.kind == "role":
        AgencyRole.objects.create(agency=agency, kind=facts["kind"], evidence=why, confidence=Confidence.LOW)
        Agency.objects.filter(pk=agency.pk).update(from_seed=False, updated_at=now)
        role = {"role": facts["kind"]}
        _record(agency, AgencyChange.What.EDITED, before={}, after=role, why=why, by=by, now=now)
    elif change.kind == "contact":
        contact = ContactPoint.objects.create(agency=agency, **facts)
        made = _contact_facts(contact)
        _record(agency, AgencyChange.What.CONTACT_ADDED, before={}, after=made, why=why, by=by, now=now)
    else:
        contact = agency.contact_points.get(channel=facts.pop("channel"), value=facts.pop("value"))
        before = {"address": contact.value, **{name: getattr(contact, name) for name in facts}}
        ContactPoint.objects.filter(pk=contact.pk).update(**facts, from_seed=False)
        after = {"address": contact.value, **facts}
        _record(agency, AgencyChange.What.CONTACT_EDITED, before=before, after=after, why=why, by=by, now=now)


def _record(
    agency: Agency,
    what: AgencyChange.What,
    *,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    why: str,
    by: Person | None,
    now: datetime,
) -> None:
    AgencyChange.objects.create(
        agency=agency, what=what, before=dict(before), after=dict(after), why=why[:500], by=by, at=now
    )


# --- bodies that hear appeals -----------------------------------------------------------------------------------------


@transaction.atomic
def add_body_contact(
    *,
    jurisdiction: str,
    body: str,
    level: str,
    name: str,
    channel: str,
    value: str,
    where_seen: str,
    by: Person,
    now: datetime,
) -> BodyContact:
    """Keep the address of a body that hears appeals, as a person found it on the body's own page, and return it.

    One that is known already is confirmed anew: the earlier row is retired and stays as history. Raises
    ContactValueError when the address is not one of its kind.
    """
    written = parse_contact_value(channel, value)
    known = BodyContact.objects.filter(
        jurisdiction=jurisdiction, body=body, channel=channel, value=written, retired_at__isnull=True
    ).first()
    if known is not None:
        retire_body_contact(known.pk, why=_("Looked up anew."), by=by, now=now)
    return BodyContact.objects.create(
        jurisdiction=jurisdiction,
        body=body,
        level=level,
        name=name,
        channel=channel,
        value=written,
        source=where_seen,
        confirmed_by=by,
        confirmed_at=now,
    )


def retire_body_contact(contact_id: int, *, why: str, by: Person | None, now: datetime) -> bool:
    """Take a body's address out of use; letters that went there keep it. Returns whether it was in use."""
    in_use = BodyContact.objects.filter(pk=contact_id, retired_at__isnull=True)
    return bool(in_use.update(retired_at=now, retired_by=by, why_retired=why[:500]))
