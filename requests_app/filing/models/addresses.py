"""Addresses for answers that a request no longer gives out."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Substr
from django.utils.translation import gettext_lazy as _

from requests_app.filing.models.requests import RecordsRequest
from requests_app.filing.reply_addresses import START


class RetiredReplyToken(models.Model):
    """A token that a request had before it was given another. Mail to it still finds the request, but waits there."""

    request = models.ForeignKey(RecordsRequest, on_delete=models.PROTECT, related_name="retired_tokens")
    token = models.CharField(max_length=40, unique=True)
    token_start = models.GeneratedField(
        expression=Substr("token", 1, START), output_field=models.CharField(max_length=START), db_persist=True
    )
    retired_at = models.DateTimeField()
    retired_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    why = models.CharField(max_length=500)

    class Meta:
        verbose_name = _("retired reply address")
        verbose_name_plural = _("retired reply addresses")
        ordering = ["-retired_at", "-pk"]
        indexes = [models.Index(fields=["token_start"], name="retired_by_token_start")]  # mail to an old address
        constraints = [models.CheckConstraint(condition=~Q(why=""), name="retired_token_says_why")]

    def __str__(self) -> str:
        return f"an old address of request {self.request_id}"
