"""A private calendar feed: whose, of what, and the hash of the secret that opens it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from requests_app.filing.models import Campaign
from requests_app.people.states import name_of


class CalendarFeed(models.Model):
    """One secret address under which a calendar program reads dates. What it holds is decided at each reading.

    The secret is shown once, when the feed is made. Only its hash is kept: a stolen database opens no feed.
    """

    class Scope(models.TextChoices):
        PERSON = "person", _("one person's requests")
        CAMPAIGN = "campaign", _("one campaign")
        STATE = "state", _("one state")

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_feeds")
    scope = models.CharField(max_length=10, choices=Scope)
    about = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )  # the person whose requests they are
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    jurisdiction = models.CharField(max_length=2, blank=True, default="")
    secret_sha256 = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    fetched_on = models.DateField(null=True, blank=True, help_text="The day of the last reading; never from where.")
    # What was given out last and since when, so that a client that asks "newer than?" gets a true answer even when
    # dates only left the feed.
    content_sha256 = models.CharField(max_length=64, blank=True, default="")
    content_since = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(scope="person", about__isnull=False, campaign__isnull=True, jurisdiction="")
                | Q(scope="campaign", about__isnull=True, campaign__isnull=False, jurisdiction="")
                | (Q(scope="state", about__isnull=True, campaign__isnull=True) & ~Q(jurisdiction="")),
                name="feed_is_of_one_thing",
            )
        ]

    def __str__(self) -> str:
        return f"feed {self.pk} of {self.owner_id}"

    @property
    def title(self) -> str:
        """What the feed holds, in words. Needs owner, about and campaign."""
        if self.scope == self.Scope.STATE:
            return name_of(self.jurisdiction) or self.jurisdiction
        if self.campaign is not None:
            return _now("Campaign “%(name)s”") % {"name": self.campaign.name}
        if self.about_id == self.owner_id:
            return _now("My own requests")
        return _now("Requests of %(handle)s") % {"handle": self.about.handle if self.about else ""}
