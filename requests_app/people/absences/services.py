"""The one door for writing absences."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from requests_app.people.absences.models import Absence
from requests_app.people.models import Person, audit


class AwayAlready(Exception):
    """The person is away on some of these days already."""

    def __init__(self, other: Absence) -> None:
        self.other = other
        super().__init__(
            _(
                "These days overlap with others that are kept already, %(start)s to %(end)s. Nothing was changed. "
                "Take those back first, or choose other days."
            )
            % {"start": f"{other.starts_on:%B %-d, %Y}", "end": f"{other.ends_on:%B %-d, %Y}"}
        )


@transaction.atomic
def go_away(
    person_id: int, *, starts_on: date, ends_on: date, delegate_id: int | None, by: Person, now: datetime
) -> Absence:
    """Note that a person is away on these days, and who stands in. Raises AwayAlready."""
    # Two windows at once take turns here.
    person = Person.objects.select_for_update().get(pk=person_id)
    overlapping = Absence.objects.filter(person=person, starts_on__lte=ends_on, ends_on__gte=starts_on).first()
    if overlapping is not None:
        raise AwayAlready(overlapping)
    made = Absence.objects.create(
        person=person, starts_on=starts_on, ends_on=ends_on, delegate_id=delegate_id, made_by=by, made_at=now
    )
    audit("absence_noted", person, by=by, now=now, absence=made.pk)
    return made


@transaction.atomic
def come_back(absence_id: int, *, by: Person, now: datetime) -> bool:
    """Take an absence back: the person is here. Returns whether there was one."""
    absence = Absence.objects.select_related("person").filter(pk=absence_id).first()
    if absence is None:
        return False
    audit("absence_taken_back", absence.person, by=by, now=now, absence=absence.pk)
    absence.delete()
    return True
