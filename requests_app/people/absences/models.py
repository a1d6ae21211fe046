"""Days on which a person is away."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Absence(models.Model):
    """One person is away from `starts_on` to `ends_on`, both days included, and `delegate` stands in.

    The days are those of the organisation's own time zone. Without a delegate, the coordinators see to it.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="absences")
    starts_on = models.DateField()
    ends_on = models.DateField()
    delegate = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="stands_in_for"
    )
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["starts_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="absence_ends_after_it_starts",
                violation_error_message=_("The last day comes before the first."),
            ),
            models.CheckConstraint(
                condition=Q(delegate__isnull=True) | ~Q(delegate=F("person")),
                name="nobody_stands_in_for_themselves",
                violation_error_message=_("Nobody can stand in for themselves."),
            ),
        ]
        indexes = [models.Index(fields=["ends_on", "starts_on"], name="absence_of_a_day")]  # who is away today

    def __str__(self) -> str:
        return f"{self.person_id} away {self.starts_on} to {self.ends_on}"
