"""Reads officials for screens, with everything that their templates touch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.db.models import Count, Max, Q, QuerySet

from requests_app.agencies.officials.importing import Known
from requests_app.agencies.officials.models import Exchange, Official, OfficialChange
from requests_app.agencies.officials.values import FACTS
from requests_app.people.models import Person

PAGE: Final = 50
SHOWN_AHEAD: Final = timedelta(days=7)
FOLLOW_UPS_SHOWN: Final = 20


@dataclass(frozen=True)
class OfficialPage:
    """One page of the list, and the numbers that lead to its neighbours (None: there is none)."""

    officials: Sequence[Official]
    before: int | None
    after: int | None


def narrowed(*, jurisdiction: str = "", office: str = "", words: str = "", retired: bool = False) -> QuerySet[Official]:
    """Return the officials who fit, by state, office, district and name."""
    rows = Official.objects.filter(retired_at__isnull=not retired)
    if jurisdiction:
        rows = rows.filter(jurisdiction=jurisdiction)
    if office:
        rows = rows.filter(office=office)
    for word in words.split()[:6]:
        rows = rows.filter(
            Q(name__icontains=word) | Q(title__icontains=word) | Q(district__icontains=word) | Q(email__icontains=word)
        )
    return rows


def official_page(rows: QuerySet[Official], *, before: int | None = None, after: int | None = None) -> OfficialPage:
    """Return one page of the list in its order, with what was last said. Two queries; paged by key."""
    key = after or before
    edge = Official.objects.filter(pk=key).first() if key else None
    backwards = bool(before) and edge is not None
    if edge is not None:
        rows = rows.filter(_beyond(edge, "lt" if backwards else "gt"))
    keys = ["jurisdiction", "office", "district", "name"]
    rows = rows.order_by(*[f"-{key}" for key in keys] if backwards else keys)
    said = Q(exchanges__struck_at__isnull=True)
    rows = rows.annotate(
        exchanges_said=Count("exchanges", filter=said), last_said_on=Max("exchanges__happened_on", filter=said)
    )
    page = list(rows[: PAGE + 1])
    more = len(page) > PAGE
    page = page[:PAGE]
    if backwards:
        page.reverse()
    has_before, has_after = (more, True) if backwards else (edge is not None, more)
    return OfficialPage(page, page[0].pk if page and has_before else None, page[-1].pk if page and has_after else None)


def _beyond(edge: Official, sign: str) -> Q:
    """Return what stands after (gt) or before (lt) an official in the list's order."""
    condition = Q()
    same: dict[str, str] = {}
    for name in ("jurisdiction", "office", "district", "name"):
        condition |= Q(**same, **{f"{name}__{sign}": getattr(edge, name)})
        same[name] = getattr(edge, name)
    return condition


def history(official: Official) -> QuerySet[OfficialChange]:
    """Every change of an official, the newest first."""
    return official.changes.select_related("by")


def exchanges(official: Official) -> QuerySet[Exchange]:
    """The log of an official, the newest first, struck entries too."""
    return official.exchanges.select_related("by", "struck_by")


def in_office(ids: Sequence[int]) -> list[Official]:
    """Return the officials with these numbers who are in office, in the order of the list. One query."""
    return list(Official.objects.filter(pk__in=ids, retired_at__isnull=True))


def count_in_office(jurisdiction: str) -> int:
    """Return how many officials of a state are on the list."""
    return Official.objects.filter(jurisdiction=jurisdiction, retired_at__isnull=True).count()


def known_officials() -> list[Known]:
    """Return every official in the form that an import plans with. One query."""
    return [Known(one.pk, facts_of(one), retired=one.retired_at is not None) for one in Official.objects.all()]


def facts_of(official: Official) -> dict[str, str]:
    """Return an official's facts as text, by FACTS."""
    return {name: str(getattr(official, name)) for name in FACTS}


def export_rows(rows: QuerySet[Official]) -> Iterator[dict[str, str]]:
    """Walk officials as lines of a CSV file."""
    for official in rows.order_by("jurisdiction", "office", "district", "name").iterator():
        yield {
            **facts_of(official),
            "state": official.jurisdiction,
            "in_office": "no" if official.retired_at else "yes",
        }


@dataclass(frozen=True)
class FollowUp:
    """One official to ask again, and how that day stands to today."""

    exchange: Exchange
    when: str  # past | today | soon

    @property
    def official(self) -> Official:
        """Whom to ask again."""
        return self.exchange.official


def follow_ups_of(person: Person, today: date) -> list[FollowUp]:
    """Return whom this person meant to ask again by now or within a week, the oldest day first. One query."""
    rows = (
        Exchange.objects.filter(
            by=person,
            follow_up_on__isnull=False,
            follow_up_on__lte=today + SHOWN_AHEAD,
            followed_up_at__isnull=True,
            struck_at__isnull=True,
            official__retired_at__isnull=True,
        )
        .select_related("official")
        .order_by("follow_up_on", "pk")[:FOLLOW_UPS_SHOWN]
    )
    return [FollowUp(row, _when(row.follow_up_on, today)) for row in rows]


def _when(day: date | None, today: date) -> str:
    if day is None or day > today:
        return "soon"
    return "today" if day == today else "past"
