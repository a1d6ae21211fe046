"""Who may open the calendar, and of what one may have a feed."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from requests_app.filing import permissions as filing
from requests_app.people.models import Person, Role
from requests_app.tracking.calendar.models import CalendarFeed

Visitor = Person | AnonymousUser


def can_open_calendar(visitor: Visitor) -> bool:
    """Whoever may see requests; which ones, `filing.queries.visible_to` decides."""
    return isinstance(visitor, Person) and visitor.has_role(Role.VOLUNTEER, *filing.SEES_EVERY_REQUEST)


def can_choose_people(visitor: Visitor) -> bool:
    """Those who see every request may look at the dates of one person; others see their own only."""
    return isinstance(visitor, Person) and visitor.has_role(*filing.SEES_EVERY_REQUEST)


def can_choose_campaigns(visitor: Visitor) -> bool:
    """Those who may see campaigns at all."""
    return filing.can_see_campaigns(visitor)


def can_read_feed(feed: CalendarFeed) -> bool:
    """Whether its owner may still have what the feed is of. Needs owner with roles, asked at every reading."""
    if not can_open_calendar(feed.owner):
        return False
    if feed.scope == CalendarFeed.Scope.CAMPAIGN:
        return can_choose_campaigns(feed.owner)
    if feed.scope == CalendarFeed.Scope.PERSON and feed.about_id != feed.owner_id:
        return can_choose_people(feed.owner)
    return True
