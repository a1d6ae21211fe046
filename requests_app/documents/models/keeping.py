"""Legal holds: what must not be erased, for as long as nobody lifts it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from requests_app.agencies.models import Agency
from requests_app.documents.models.originals import Document
from requests_app.filing.models import RecordsRequest


class Hold(models.Model):
    """One order to keep: everything of a request, everything of an agency, or one document and what is inside it.

    A hold is never deleted. Lifted, it stays with who lifted it, when and why.
    """

    request = models.ForeignKey(RecordsRequest, on_delete=models.PROTECT, null=True, related_name="holds")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, null=True, related_name="holds")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, related_name="holds")
    why = models.CharField(_("why"), max_length=500)
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    placed_at = models.DateTimeField()
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    lifted_why = models.CharField(_("why it is lifted"), max_length=500, blank=True, default="")

    class Meta:
        ordering = ["-placed_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(request__isnull=False, agency=None, document=None)
                | Q(request=None, agency__isnull=False, document=None)
                | Q(request=None, agency=None, document__isnull=False),
                name="hold_on_one_thing",
            ),
            models.CheckConstraint(condition=~Q(why=""), name="hold_says_why"),
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_by=None, lifted_why="")
                | Q(lifted_at__isnull=False, lifted_by__isnull=False) & ~Q(lifted_why=""),
                name="lifted_hold_says_who_and_why",
            ),
        ]
        indexes = [
            models.Index(fields=["request", "agency", "document"], name="hold_open", condition=Q(lifted_at=None))
        ]

    def __str__(self) -> str:
        return f"hold {self.pk}"

    @property
    def scope(self) -> str:
        """What it keeps, in words. Needs the row it is on."""
        if self.request is not None:
            return str(_("every file of request %(reference)s") % {"reference": self.request.reference})
        if self.agency is not None:
            return str(_("every file of %(agency)s") % {"agency": self.agency.name})
        return str(_("this file and what is inside it"))
