"""Who may do what with drafts and requests. One truth table in the tests."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from requests_app.filing.models import CampaignTarget, Draft, RecordsRequest, Signing
from requests_app.people.absences.queries import stands_in_for
from requests_app.people.models import Person, Role

SEES_EVERY_REQUEST = (Role.COORDINATOR, Role.REVIEWER, Role.ADMINISTRATOR)
Visitor = Person | AnonymousUser


def _is(visitor: Visitor, *roles: str) -> bool:
    return isinstance(visitor, Person) and visitor.has_role(*roles)


def _works_on(visitor: Visitor, records_request: RecordsRequest) -> bool:
    """Return whether this volunteer files the request or has it assigned, or stands in for somebody who does."""
    if not isinstance(visitor, Person) or not visitor.has_role(Role.VOLUNTEER):
        return False
    theirs = {records_request.filer_id, records_request.assignee_id}
    return visitor.pk in theirs or not theirs.isdisjoint(stands_in_for(visitor))


def can_start_draft(visitor: Visitor) -> bool:
    """Those who file may begin a letter."""
    return _is(visitor, Role.VOLUNTEER, Role.COORDINATOR)


def can_edit_draft(visitor: Visitor, draft: Draft) -> bool:
    """A draft holds a legal name and an address: it is its filer's alone, until it is filed or thrown away."""
    return can_start_draft(visitor) and draft.filer_id == visitor.pk and draft.is_open


def can_see(visitor: Visitor, records_request: RecordsRequest) -> bool:
    """A volunteer sees the requests of their own and of those they stand in for; everyone else with a role sees all."""
    return _is(visitor, *SEES_EVERY_REQUEST) or _works_on(visitor, records_request)


def can_read_letter(visitor: Visitor, records_request: RecordsRequest) -> bool:
    """The letter carries the filer's legal name and address: only those who work on the request open it."""
    return _is(visitor, Role.COORDINATOR) or _works_on(visitor, records_request)


def can_choose_signer(visitor: Visitor) -> bool:
    """Coordinators alone see who offered to sign, with name and address, and ask one of them."""
    return _is(visitor, Role.COORDINATOR)


def can_approve(visitor: Visitor, draft: Draft) -> bool:
    """Coordinators read the first letters of others."""
    return _is(visitor, Role.COORDINATOR) and draft.filer_id != visitor.pk


def can_read_as_signer(visitor: Visitor, signing: Signing) -> bool:
    """The member who is asked to sign reads the letter that is to go in their name, and what they signed."""
    return isinstance(visitor, Person) and visitor.is_active and signing.signer_id == visitor.pk


def can_record_event(visitor: Visitor, records_request: RecordsRequest) -> bool:
    """Coordinators, and the volunteers who work on the request."""
    return _is(visitor, Role.COORDINATOR) or _works_on(visitor, records_request)


def can_correct(visitor: Visitor, records_request: RecordsRequest) -> bool:
    """Whoever may record may correct: the timeline keeps both, with names."""
    return can_record_event(visitor, records_request)


def can_assign(visitor: Visitor, records_request: RecordsRequest) -> bool:
    """Coordinators share out the work."""
    return _is(visitor, Role.COORDINATOR)


def can_change_address(visitor: Visitor, records_request: RecordsRequest) -> bool:
    """Coordinators give a request a new address for answers: mail to the old one then waits for them."""
    return _is(visitor, Role.COORDINATOR)


def can_add_note(visitor: Visitor, records_request: RecordsRequest) -> bool:
    """Whoever sees a request may leave a note on it."""
    return can_see(visitor, records_request)


def can_be_assigned(person: Person) -> bool:
    """Only somebody who may then record events."""
    return _is(person, Role.VOLUNTEER, Role.COORDINATOR)


def can_plan_campaigns(visitor: Visitor) -> bool:
    """Coordinators plan campaigns, share them out, and file what is ready."""
    return _is(visitor, Role.COORDINATOR)


def can_see_campaigns(visitor: Visitor) -> bool:
    """Coordinators; administrators may look."""
    return _is(visitor, Role.COORDINATOR, Role.ADMINISTRATOR)


def can_sign_target(visitor: Visitor, target: CampaignTarget) -> bool:
    """Only the one to whom it was given makes and confirms the letters of a target."""
    return can_start_draft(visitor) and target.assignee_id == visitor.pk
