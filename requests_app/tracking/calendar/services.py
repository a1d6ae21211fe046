"""Making, reading and revoking private calendar feeds."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from requests_app.filing.models import Campaign
from requests_app.kits.catalog import UnknownKit, get_kit
from requests_app.people.models import Person, audit
from requests_app.people.tokens import hash_of
from requests_app.tracking.calendar import ical, permissions, queries
from requests_app.tracking.calendar.models import CalendarFeed
from requests_app.tracking.calendar.queries import FeedContent

MOST_FEEDS: Final = 20  # of one person: more than one keeps track of
_SECRET_BYTES: Final = 32  # 256 random bits, 43 signs in the address


class TooManyFeeds(ValueError):
    """A person has as many feeds as anybody may have."""


@dataclass(frozen=True, slots=True)
class About:
    """What a feed is to be of: exactly one of these."""

    person: Person | None = None
    campaign: Campaign | None = None
    state: str = ""


@transaction.atomic
def make_feed(about: About, *, by: Person, now: datetime) -> tuple[CalendarFeed, str]:
    """Make a feed and return it with its secret, which is kept nowhere and cannot be shown again.

    Raises PermissionDenied where the person may not have it, and TooManyFeeds.
    """
    if queries.feeds_of(by).count() >= MOST_FEEDS:
        raise TooManyFeeds
    scope = (
        CalendarFeed.Scope.PERSON
        if about.person is not None
        else CalendarFeed.Scope.CAMPAIGN
        if about.campaign is not None
        else CalendarFeed.Scope.STATE
    )
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    feed = CalendarFeed(
        owner=by,
        scope=scope,
        about=about.person,
        campaign=about.campaign,
        jurisdiction=about.state,
        secret_sha256=hash_of(secret),
        made_at=now,
    )
    if not permissions.can_read_feed(feed):
        raise PermissionDenied
    feed.save()
    audit("calendar_feed_made", feed, by=by, now=now, scope=scope)
    return feed, secret


@transaction.atomic
def revoke_feed(feed: CalendarFeed, *, by: Person, now: datetime) -> None:
    """Close a feed for good. Its address answers nothing more; revoking twice changes nothing."""
    if CalendarFeed.objects.filter(pk=feed.pk, revoked_at__isnull=True).update(revoked_at=now):
        audit("calendar_feed_revoked", feed, by=by, now=now)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a feed gives out now: its fingerprint, since when it is so, and the content that makes the text."""

    feed: CalendarFeed
    content: FeedContent
    fingerprint: str
    since: datetime

    def text(self) -> bytes:
        """Write the feed. The costly part: only for a client that has not seen it."""
        return ical.compose_feed(
            self.content,
            title=self.feed.title,
            uid=f"feed-{self.feed.pk}",
            domain=settings.REPLY_DOMAIN,
            since=self.since,
            link_of=_links(),
            kit_title=_kit_title,
        )


def read_feed(feed: CalendarFeed, *, now: datetime) -> Reading:
    """Read a feed and note the day, and the moment from which its content is what it is.

    That moment never goes back and rises with every change by a second at least, whatever the clock does: clients
    compare it to the second.
    """
    content = queries.read_feed(feed, now)
    found = ical.fingerprint(content, feed.title)
    since = feed.content_since
    if since is None or found != feed.content_sha256:
        second = now.replace(microsecond=0)
        since = second if since is None else max(second, since + timedelta(seconds=1))
    today = now.date()
    same = Q(fetched_on=today, content_sha256=found)
    CalendarFeed.objects.filter(pk=feed.pk).exclude(same).update(
        fetched_on=today, content_sha256=found, content_since=since
    )
    return Reading(feed, content, found, since)


def address_of(secret: str) -> str:
    """Return the address under which calendar programs read a feed."""
    return f"{settings.SITE_URL}{reverse('tracking:feed', args=[secret])}"


def _links() -> Callable[[str], str]:
    """Return what gives the address of a request. Looking one up costs more than all else of an entry."""
    page = f"{settings.SITE_URL}{reverse('tracking:request', args=[_REFERENCE])}"
    return lambda reference: page.replace(_REFERENCE, quote(reference))


_REFERENCE: Final = "REFERENCE"


def _kit_title(kit_id: str) -> str:
    try:
        return get_kit(kit_id).title
    except UnknownKit:
        return kit_id
