"""Passwords of locked files, sealed: an agency sends a file one day and its password another."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from requests_app.documents.models.originals import Blob
from requests_app.filing.models import RecordsRequest
from requests_app.people.sealed import SealedTextField


class FilePassword(models.Model):
    """A password that opened one file of a request. Agencies use one for many, so it is tried on the others too."""

    request = models.ForeignKey(RecordsRequest, on_delete=models.PROTECT, related_name="+")
    blob = models.ForeignKey(Blob, on_delete=models.CASCADE, related_name="passwords")
    password = SealedTextField()
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    given_at = models.DateTimeField()

    class Meta:
        ordering = ["-given_at", "-pk"]

    def __str__(self) -> str:
        return f"password of {self.blob_id[:12]}"
