"""Who has how much, and what goes into other hands when somebody leaves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Count, F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from requests_app.filing import services as filing
from requests_app.filing.lifecycle import Phase
from requests_app.filing.models import CampaignTarget, Deadline, Draft, RecordsRequest
from requests_app.people.absences.models import Absence
from requests_app.people.absences.queries import away_on
from requests_app.people.models import Person, audit
from requests_app.people.states import name_of
from requests_app.tracking.desk.filters import followed_by
from requests_app.tracking.queries import OUR_SOON

WEEK: Final = timedelta(days=7)
BUSY: Final = _lazy("Others were writing on it at the same moment, so it stayed as it was. Do it once more.")
AT_ONCE: Final = 300  # requests that change hands in one act: some seconds of work; the rest is offered again


@dataclass(frozen=True)
class Load:
    """How much one person has: open requests, agencies late, due within a week, dates of ours at risk."""

    handle: str
    person_id: int
    is_active: bool
    open: int
    late: int
    this_week: int
    ours: int
    absence: Absence | None


def workload(today: date) -> list[Load]:
    """Return how much everybody has who follows an open request, most urgent first. Four queries.

    A request that nobody follows counts for whoever filed it: that person is told. Read from the index
    `request_desk_person` alone: a hundred thousand requests are counted without opening one.
    """
    open_now = RecordsRequest.objects.exclude(phase=Phase.DONE).order_by()
    followed = open_now.filter(assignee__isnull=False).annotate(who=F("assignee_id"))
    # "+ 0": else SQLite takes the index of filers, which is in the right order, and opens every request for the rest.
    unfollowed = open_now.filter(assignee__isnull=True).annotate(who=F("filer_id") + 0)
    counts = {
        "open": Count("pk"),
        "late": Count("pk", filter=Q(overdue_since__isnull=False)),
        "this_week": Count("pk", filter=Q(next_due_on__lte=today + WEEK)),
        "ours": Count("pk", filter=Q(next_due_duty_of=Deadline.Duty.REQUESTER, next_due_on__lte=today + OUR_SOON)),
    }
    sums: dict[int, Counter[str]] = {}
    for part in (followed, unfollowed):
        for who, *row in part.values("who").annotate(**counts).values_list("who", *counts):
            sums.setdefault(who, Counter()).update(dict(zip(counts, row, strict=True)))
    away = away_on(today)
    people = Person.objects.only("handle", "is_active").in_bulk(list(sums))
    loads = [
        Load(
            handle=people[who].handle,
            person_id=who,
            is_active=people[who].is_active,
            open=sums[who]["open"],
            late=sums[who]["late"],
            this_week=sums[who]["this_week"],
            ours=sums[who]["ours"],
            absence=away.get(who),
        )
        for who in sums
    ]
    return sorted(loads, key=lambda load: (-load.ours, -load.late, -load.this_week, -load.open, load.handle.casefold()))


# --- handing over -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Holdings:
    """What somebody has that others can take over."""

    requests: Sequence[RecordsRequest]
    more: bool
    drafts: Sequence[Draft]
    targets: Sequence[CampaignTarget]

    @property
    def is_empty(self) -> bool:
        """Return whether there is nothing to hand over."""
        return not (self.requests or self.drafts or self.targets)


def holdings_of(person: Person) -> Holdings:
    """Return what a person has: open requests they follow, letters they began, parts of campaigns. Three queries."""
    rows = RecordsRequest.objects.exclude(phase=Phase.DONE).filter(followed_by([person.pk]))
    rows = rows.select_related("agency").only("reference", "jurisdiction", "status", "subject", "agency__name")
    requests = list(rows.order_by(F("next_due_on").asc(nulls_last=True), "pk")[: AT_ONCE + 1])
    drafts = Draft.objects.filter(filer=person, filed_at__isnull=True, discarded_at__isnull=True)
    unfiled = CampaignTarget.objects.filter(
        assignee=person, state__in=[CampaignTarget.State.PLANNED, CampaignTarget.State.READY]
    )
    return Holdings(
        requests[:AT_ONCE],
        len(requests) > AT_ONCE,
        # The letters of a campaign go with their part of it.
        list(drafts.filter(campaign_target__isnull=True).only("jurisdiction", "kit_id", "changed_at")),
        list(unfiled.filter(campaign__state__in=["planning", "running"]).select_related("campaign")),
    )


@dataclass(frozen=True)
class HandedOver:
    """What became of one thing that was to change hands."""

    what: str
    sentence: str
    failed: bool = False


def hand_over(person: Person, *, to: Person, by: Person, now: datetime) -> list[HandedOver]:
    """Give everything a person has to another. Returns what became of each thing.

    1. Each open request is assigned; whoever filed it stays its filer, since the letter is in their name.
    2. Each letter that was begun becomes the other's, without the name and address of the first.
    3. Each part of a campaign is assigned anew, where the state's law lets the other sign.

    Each in a transaction of its own: what cannot change hands holds back nothing else, and is named.
    """
    found = holdings_of(person)
    results = [_hand_over_request(row, to, by, now) for row in found.requests]
    results += [_hand_over_draft(draft, to, now) for draft in found.drafts]
    results += [_hand_over_target(target, to, now) for target in found.targets]
    done = sum(not result.failed for result in results)
    audit("handed_over", person, by=by, now=now, to=to.pk, done=done, left=len(results) - done)
    return results


def _hand_over_request(row: RecordsRequest, to: Person, by: Person, now: datetime) -> HandedOver:
    try:
        filing.assign(row.pk, to=to, by=by, now=now)
    except filing.EventRefused as refused:
        return HandedOver(row.reference, str(refused), failed=True)
    except filing.Busy:
        return HandedOver(row.reference, str(BUSY), failed=True)
    return HandedOver(row.reference, _("%(who)s follows it now.") % {"who": to.handle})


def _hand_over_draft(draft: Draft, to: Person, now: datetime) -> HandedOver:
    what = _("Letter begun to %(state)s") % {"state": name_of(draft.jurisdiction) or _("no state yet")}
    try:
        handed = filing.hand_over_draft(draft.pk, to=to, now=now)
    except filing.DraftIsClosed as closed:
        return HandedOver(what, str(closed), failed=True)
    if handed.words_kept:
        return HandedOver(what, _("It is under “Your letters” of %(who)s now, without a name.") % {"who": to.handle})
    return HandedOver(
        what,
        _("%(who)s has it now. Words that named its first writer were taken out; write them anew.")
        % {"who": to.handle},
    )


def _hand_over_target(target: CampaignTarget, to: Person, now: datetime) -> HandedOver:
    what = _("%(campaign)s: %(state)s, %(kit)s") % {
        "campaign": target.campaign.name,
        "state": name_of(target.jurisdiction),
        "kit": target.kit_id,
    }
    try:
        filing.assign_targets(target.campaign_id, {target.pk: to}, now=now)
    except filing.CampaignRefused as refused:
        return HandedOver(what, str(refused), failed=True)
    return HandedOver(what, _("%(who)s signs these letters now.") % {"who": to.handle})
