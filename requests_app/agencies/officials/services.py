"""The one door for writing officials and the log of exchanges. Every change by a person leaves an OfficialChange."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from requests_app.agencies.importing import decode
from requests_app.agencies.officials.importing import OfficialPlan, parse_officials, plan_officials
from requests_app.agencies.officials.models import Exchange, Official, OfficialChange, OfficialImport
from requests_app.agencies.officials.queries import facts_of, known_officials
from requests_app.agencies.services import ImportChanged
from requests_app.people.models import Person

PREVIEW_LASTS = timedelta(days=1)


class OfficialChangedMeanwhile(Exception):
    """Somebody else changed the official after this person opened the form."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Somebody else changed this official while you were writing. Nothing of yours was saved yet. "
                "Read the page again, then save your change on top of theirs."
            )
        )


class OfficialListed(Exception):
    """The same name stands in the same office already."""

    def __init__(self, official: Official) -> None:
        self.official = official
        super().__init__(_("This official is on the list already. Open that page and correct it there."))


# --- officials --------------------------------------------------------------------------------------------------------


@transaction.atomic
def add_official(facts: Mapping[str, str], *, why: str = "", by: Person | None, now: datetime) -> Official:
    """Add an official and return them. `facts`: as `values.clean_facts` gives them. Raises OfficialListed."""
    _refuse_double(facts, None)
    official = Official(updated_at=now)
    _write(official, facts)
    official.full_clean()
    official.save()
    _record(official, OfficialChange.What.ADDED, before={}, after=facts_of(official), why=why, by=by, now=now)
    return official


@transaction.atomic
def edit_official(
    official_id: int,
    facts: Mapping[str, str],
    *,
    why: str,
    by: Person | None,
    now: datetime,
    seen_at: datetime | None = None,
) -> Official:
    """Change facts of an official and leave the history entry; changing nothing records nothing.

    `seen_at`: the `updated_at` that the form was filled from. Raises OfficialChangedMeanwhile and OfficialListed.
    """
    official = Official.objects.select_for_update().get(pk=official_id)
    if seen_at is not None and official.updated_at != seen_at:
        raise OfficialChangedMeanwhile
    stored = facts_of(official)
    changed = {name: value for name, value in facts.items() if stored[name] != value}
    if not changed:
        return official
    _refuse_double({**stored, **changed}, official.pk)
    _write(official, changed)
    official.updated_at = now
    official.full_clean()
    official.save()
    before = {name: stored[name] for name in changed}
    _record(official, OfficialChange.What.EDITED, before=before, after=changed, why=why, by=by, now=now)
    return official


@transaction.atomic
def retire_official(official_id: int, *, why: str, by: Person, now: datetime) -> bool:
    """Say that an official is no longer in office; letters and log stay. A second click does nothing: False."""
    if not Official.objects.filter(pk=official_id, retired_at__isnull=True).update(retired_at=now, updated_at=now):
        return False
    _turn(official_id, OfficialChange.What.RETIRED, ("", _("yes")), why, by, now)
    return True


@transaction.atomic
def bring_back(official_id: int, *, why: str, by: Person, now: datetime) -> bool:
    """Say that an official is in office again. A second click does nothing: False."""
    if not Official.objects.filter(pk=official_id, retired_at__isnull=False).update(retired_at=None, updated_at=now):
        return False
    _turn(official_id, OfficialChange.What.BACK, (_("yes"), ""), why, by, now)
    return True


def _turn(
    official_id: int, what: OfficialChange.What, turn: tuple[str, str], why: str, by: Person, now: datetime
) -> None:
    official = Official.objects.get(pk=official_id)
    before, after = turn
    _record(official, what, before={"retired": before}, after={"retired": after}, why=why, by=by, now=now)


def _refuse_double(facts: Mapping[str, str], own_id: int | None) -> None:
    same = Official.objects.filter(
        jurisdiction=facts["jurisdiction"],
        office=facts["office"],
        district__iexact=facts["district"],
        name__iexact=facts["name"],
    ).exclude(pk=own_id or 0)
    listed = same.first()
    if listed is not None:
        raise OfficialListed(listed)


def _write(official: Official, facts: Mapping[str, str]) -> None:
    for name, value in facts.items():
        setattr(official, name, date.fromisoformat(value) if name == "checked_on" else value)


def _record(
    official: Official,
    what: OfficialChange.What,
    *,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    why: str,
    by: Person | None,
    now: datetime,
) -> None:
    OfficialChange.objects.create(
        official=official, what=what, before=dict(before), after=dict(after), why=why[:500], by=by, at=now
    )


# --- import -----------------------------------------------------------------------------------------------------------


def preview_officials(*, raw: bytes, file_name: str, by: Person, now: datetime) -> OfficialImport:
    """Read a CSV file and keep its text for the confirmation. No official changes. Raises ImportFileError."""
    text, remarks = decode(raw)
    plan = plan_officials(parse_officials(text), known_officials(), today=timezone.localdate(now))
    OfficialImport.objects.filter(applied_at__isnull=True, made_at__lt=now - PREVIEW_LASTS).delete()
    return OfficialImport.objects.create(
        file_name=file_name[:200], text=text, remarks=list(remarks), plan_sha256=plan.sha256, made_by=by, made_at=now
    )


def plan_of(kept: OfficialImport, *, now: datetime) -> OfficialPlan:
    """Return what a kept import would do now. Reads only."""
    file = parse_officials(kept.text)
    return plan_officials(file, known_officials(), today=timezone.localdate(now), remarks=tuple(kept.remarks))


def apply_officials(import_id: int, *, plan_sha256: str, by: Person, now: datetime) -> OfficialPlan:
    """Write exactly what the preview with this fingerprint showed, and return it. Lines with errors stay out.

    The import is taken by a conditional update, so that a second click writes nothing. Raises ImportChanged when the
    list of officials moved on since the preview.
    """
    with transaction.atomic():
        kept = OfficialImport.objects.get(pk=import_id)
        if not OfficialImport.objects.filter(pk=import_id, applied_at__isnull=True).update(applied_at=now):
            return OfficialPlan((), ())
        plan = plan_of(kept, now=now)
        if plan.sha256 != plan_sha256:
            raise ImportChanged
        write_plan(plan, file_name=kept.file_name, by=by, now=now)
    return plan


@transaction.atomic
def write_plan(plan: OfficialPlan, *, file_name: str, by: Person | None, now: datetime) -> None:
    """Write the changes of a plan in the order of the file, each with its history entry."""
    why = _("Imported from the file %(name)s.") % {"name": file_name}
    for change in plan.changes:
        if change.outcome == "create":
            add_official(change.facts, why=why, by=by, now=now)
        elif change.pk is not None:
            edit_official(change.pk, change.facts, why=why, by=by, now=now)


# --- the log ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def log_exchange(official_id: int, *, entry: Mapping[str, Any], by: Person, now: datetime) -> Exchange:
    """Write one entry of the log and return it. `entry`: fields of Exchange that the form gives.

    Whoever it was that meant to ask this official again: they have been asked, so earlier follow-ups are settled.
    """
    exchange = Exchange(official_id=official_id, by=by, recorded_at=now, **entry)
    exchange.full_clean()
    earlier = Exchange.objects.filter(
        official_id=official_id, followed_up_at__isnull=True, happened_on__lte=exchange.happened_on
    )
    earlier.update(followed_up_at=now)
    exchange.save()
    return exchange


def settle_follow_up(exchange_id: int, *, now: datetime) -> bool:
    """Say that nobody needs to ask again for this entry. A second click does nothing: False."""
    open_one = Exchange.objects.filter(pk=exchange_id, follow_up_on__isnull=False, followed_up_at__isnull=True)
    return bool(open_one.update(followed_up_at=now))


def strike_exchange(exchange_id: int, *, by: Person, now: datetime) -> bool:
    """Strike an entry that was a mistake; it stays readable. A second click does nothing: False."""
    return bool(Exchange.objects.filter(pk=exchange_id, struck_at__isnull=True).update(struck_at=now, struck_by=by))
