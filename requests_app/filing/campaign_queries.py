"""Campaigns for screens: the planning table, a volunteer's part, who can sign. A table of any size costs the same."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Prefetch, Q, QuerySet

from requests_app.agencies import queries as agencies
from requests_app.agencies.models import Agency
from requests_app.filing import campaigning, lawbook
from requests_app.filing.campaigning import Asked, Planned, Standing, Willing
from requests_app.filing.expecting import dates_if_sent
from requests_app.filing.lifecycle import Phase
from requests_app.filing.models import (
    Campaign,
    CampaignAgency,
    CampaignTarget,
    Draft,
    DraftTarget,
    FilingRun,
    FilingRunPart,
    RecordsRequest,
    Signing,
)
from requests_app.filing.sharing_out import Need, Signer, share_out
from requests_app.kits.catalog import get_kit, own_kits_at_hand
from requests_app.law.rows import Deadline
from requests_app.people.models import Person, Role, SignerOffer

UNFILED = Q(state__in=[CampaignTarget.State.PLANNED, CampaignTarget.State.READY]) & (
    Q(draft__isnull=True) | Q(draft__filed_at__isnull=True)
)
_SEALED = ("legal_name", "postal_address", "phone")
OPEN = (Campaign.State.PLANNING, Campaign.State.RUNNING)


@dataclass(frozen=True)
class TableFilter:
    """What the planning table shows; empty fields do not filter. `person`: a handle, or "nobody"."""

    standing: str = ""
    state: str = ""
    kit: str = ""
    way: str = ""
    person: str = ""

    def fits(self, row: Planned) -> bool:
        """Return whether a row is shown."""
        target = row.target
        handle = target.assignee.handle if target.assignee else "nobody"
        return (
            (not self.standing or self.standing in (row.standing, *row.missing))
            and (not self.state or self.state == target.jurisdiction)
            and (not self.kit or self.kit == target.kit_id)
            and (not self.way or any(asked.delivery == self.way for asked in row.asks))
            and (not self.person or self.person == handle)
        )


def campaigns() -> QuerySet[Campaign]:
    """Return every campaign, the newest first, with how many targets it has, filed and skipped ones counted."""
    filed = Q(targets__state=CampaignTarget.State.FILED) | Q(targets__draft__filed_at__isnull=False)
    return Campaign.objects.annotate(
        target_count=Count("targets", distinct=True),
        filed_count=Count("targets", filter=filed, distinct=True),
        skipped_count=Count("targets", filter=Q(targets__state=CampaignTarget.State.SKIPPED), distinct=True),
    ).select_related("made_by")


def targets_of(campaign: Campaign) -> QuerySet[CampaignTarget]:
    """Return the targets of a campaign with everything that the planning table shows. Seven queries for any number."""
    return with_everything(CampaignTarget.objects.filter(campaign=campaign))


def part_of(person: Person) -> QuerySet[CampaignTarget]:
    """Return what one person has to sign in open campaigns, with everything that their queue shows."""
    mine = CampaignTarget.objects.filter(UNFILED, assignee=person, campaign__state__in=OPEN)
    return with_everything(mine).order_by("campaign", "jurisdiction", "kit_id", "pk")


def target_of(draft: Draft) -> CampaignTarget | None:
    """Return the target of an open campaign for which a draft is made, if it is."""
    return CampaignTarget.objects.filter(draft=draft, campaign__state__in=OPEN).select_related("campaign").first()


def part_size(person: Person) -> int:
    """Return how many targets wait for one person's signature."""
    waiting = CampaignTarget.objects.filter(UNFILED, assignee=person, campaign__state__in=OPEN)
    return waiting.exclude(state=CampaignTarget.State.READY).count()


def with_everything(targets: QuerySet[CampaignTarget]) -> QuerySet[CampaignTarget]:
    """Add everything that the planning table shows of a target."""
    contacts = Prefetch("contact_points", queryset=agencies.current_contacts(), to_attr="current_contacts")
    group = CampaignAgency.objects.order_by("place").prefetch_related(
        Prefetch("agency", queryset=Agency.objects.prefetch_related(contacts))
    )
    ways = DraftTarget.objects.select_related("agency", "contact_point__confirmed_by").order_by("pk")
    filed = (
        RecordsRequest.objects.select_related("agency", "contact_point", "assignee")
        .defer("letter", *(f"assignee__{name}" for name in _SEALED))
        .order_by("reference")
    )
    return (
        targets.select_related("campaign", "assignee", "draft", "sole_agency")
        # Sealed: opening a hundred of them to show a table would be slow, and they are nobody else's business.
        .defer("draft__choices", *(f"assignee__{name}" for name in _SEALED))
        .prefetch_related(
            Prefetch("group", queryset=group),
            Prefetch("draft__targets", queryset=ways),
            Prefetch("draft__requests", queryset=filed),
        )
    )


def running_requests(targets: Iterable[CampaignTarget]) -> dict[tuple[int, str], RecordsRequest]:
    """Return the group's running request by agency and kit, those of the targets' own drafts left out. One query."""
    rows = list(targets)
    agency_ids = {one.agency_id for target in rows for one in target.group.all()}
    agency_ids |= {one.agency_id for target in rows if target.draft for one in target.draft.targets.all()}
    own = {target.draft_id for target in rows if target.draft_id}
    found = (
        RecordsRequest.objects.filter(agency__in=agency_ids, kit_id__in={target.kit_id for target in rows})
        .exclude(phase=Phase.DONE)
        .defer("letter")
        .order_by("-pk")
    )
    return {(one.agency_id, one.kit_id): one for one in found if one.draft_id not in own}


def plan(targets: Iterable[CampaignTarget], now: datetime) -> list[Planned]:
    """Return the rows of the planning table for targets of `targets_of` or `part_of`. Five queries at most."""
    rows = list(targets)
    known = _Known(
        running=running_requests(rows),
        willing=willing_signers({target.jurisdiction for target in rows}),
        signed=_signed_by_members(rows),
    )
    with own_kits_at_hand():
        return [_planned(target, known, now) for target in rows]


@dataclass(slots=True)
class _Known:
    """What the rows of a table share."""

    running: Mapping[tuple[int, str], RecordsRequest]
    willing: Mapping[str, Willing]
    signed: frozenset[UUID]
    dates: dict[tuple[str, str], Deadline | None] = field(default_factory=dict)


def willing_signers(codes: Collection[str]) -> dict[str, Willing]:
    """Return who could sign in each of these states: members who offered and are still here. Two queries."""
    offered: dict[str, set[int]] = {code: set() for code in codes}
    offers = SignerOffer.objects.filter(jurisdiction__in=codes, withdrawn_at__isnull=True, person__is_active=True)
    for code, person_id in offers.values_list("jurisdiction", "person_id"):
        offered[code].add(person_id)
    at_home = Person.objects.filter(is_active=True, home_state__in=codes).values("home_state").annotate(n=Count("pk"))
    homes = {row["home_state"]: row["n"] for row in at_home.order_by()}
    return {code: Willing(frozenset(found), homes.get(code, 0)) for code, found in offered.items()}


def _signed_by_members(targets: Iterable[CampaignTarget]) -> frozenset[UUID]:
    """Return the drafts that a member signed for their writer. One query."""
    drafts = [draft.pk for target in targets if (draft := campaigning.open_draft(target)) is not None]
    signed = Signing.objects.filter(draft__in=drafts, state=Signing.State.SIGNED, signer__is_active=True)
    return frozenset(signed.values_list("draft_id", flat=True))


def _planned(target: CampaignTarget, known: _Known, now: datetime) -> Planned:
    statute, kit = lawbook.statute_of(target.jurisdiction), get_kit(target.kit_id)
    filed = tuple(target.draft.requests.all()) if target.draft is not None and campaigning.is_filed(target) else ()
    asks, left_out = _asks(target, known.running)
    if filed:
        asks = [Asked(one.agency, one.delivery, one.contact_point, filed=one) for one in filed]
    who = campaigning.who_may_sign(statute, kit, target.choices)
    willing, member_signs = known.willing[target.jurisdiction], target.draft_id in known.signed
    standing, missing = campaigning.standing_of(target, asks, left_out, who, willing, member_signed=member_signs)
    expected, dates = None, known.dates
    if asks and standing not in (Standing.FILED, Standing.SKIPPED):
        key = (target.jurisdiction, asks[0].delivery)  # the kits of a campaign all ask under the same law
        if key not in dates:
            chosen = campaigning.choices_for(target.campaign.choices, target.choices)
            dates[key] = campaigning.first_decision(dates_if_sent(kit, statute, asks[0].delivery, chosen, now).sure)
        expected = dates[key]
    return Planned(
        target=target,
        asks=tuple(asks),
        left_out=tuple(left_out),
        who_may_sign=who,
        standing=standing,
        missing=missing,
        route_note=campaigning.route_note(statute),
        expected=expected,
        filed=filed,
        offers=len(willing.offered),
        live_there=willing.live_there,
        exceptions=statute.requester.exceptions if who is campaigning.WhoMaySign.RESIDENTS else (),
        member_signs=member_signs,
    )


def _asks(target: CampaignTarget, running: Mapping[tuple[int, str], RecordsRequest]) -> tuple[list[Asked], list[Asked]]:
    """Return whom the target asks, and whom it leaves out because the group asks them already.

    Once the letter is being made, the draft says whom and how; before that, the group and each agency's best way.
    """
    draft = campaigning.open_draft(target)
    statute = lawbook.statute_of(target.jurisdiction)
    if draft is not None and draft.targets.all():
        ways = [(one.agency, one.delivery, one.contact_point) for one in draft.targets.all()]
    else:
        ways = [(one.agency, *campaigning.best_way(one.agency, statute)) for one in target.group.all()]
    found = [
        Asked(agency, delivery, contact, running.get((agency.pk, target.kit_id))) for agency, delivery, contact in ways
    ]
    if target.ask_again:
        return found, []
    return [one for one in found if one.running is None], [one for one in found if one.running is not None]


# --- signers ----------------------------------------------------------------------------------------------------------


def possible_signers() -> list[Person]:
    """Return everyone who may be asked to sign, by handle, with `load`: the letters of campaigns that wait for them."""
    waiting = Q(campaign_targets__state__in=[CampaignTarget.State.PLANNED, CampaignTarget.State.READY])
    waiting &= Q(campaign_targets__campaign__state__in=OPEN)
    waiting &= Q(campaign_targets__draft__isnull=True) | Q(campaign_targets__draft__filed_at__isnull=True)
    return list(
        Person.objects.filter(is_active=True, role_grants__role__in=[Role.VOLUNTEER, Role.COORDINATOR])
        .annotate(load=Count("campaign_targets", filter=waiting, distinct=True))
        .defer(*_SEALED)
        .order_by("handle")
    )


def proposal_for(
    rows: Sequence[Planned], people: Sequence[Person], willing: Mapping[str, Willing]
) -> dict[int, int | None]:
    """Return who should sign each row that is neither filed nor skipped: target id -> person id, None for nobody.

    Who has begun a letter keeps it, as long as the law lets them sign; the others are shared out among `people`, who
    carry their `load`.
    """
    wanted = [row for row in rows if row.standing not in (Standing.FILED, Standing.SKIPPED)]
    kept: dict[int, int | None] = {
        row.target.pk: row.target.assignee_id
        for row in wanted
        if campaigning.open_draft(row.target) is not None
        and not {Standing.NEEDS_SIGNER, Standing.NEEDS_RESIDENT} & set(row.missing)
    }
    free = [row for row in wanted if row.target.pk not in kept]
    needs = [
        Need(
            row.target.pk,
            row.target.jurisdiction,
            row.who_may_sign is campaigning.WhoMaySign.RESIDENTS,
            willing[row.target.jurisdiction].offered,
        )
        for row in free
    ]
    return kept | share_out(needs, _signers(people, leaving=[row.target for row in free]))


def _signers(people: Sequence[Person], leaving: Iterable[CampaignTarget]) -> list[Signer]:
    """Return people as signers. `leaving`: targets that are being given out anew do not count as their load."""
    spared: dict[int, int] = {}
    for target in leaving:
        if target.assignee_id is not None:
            spared[target.assignee_id] = spared.get(target.assignee_id, 0) + 1
    return [
        Signer(one.pk, one.home_state, one.load - spared.get(one.pk, 0))  # type: ignore[attr-defined]
        for one in people
    ]


# --- filing runs ------------------------------------------------------------------------------------------------------


def ready_rows(campaign: Campaign, now: datetime) -> list[Planned]:
    """Return what can be filed now."""
    return [row for row in plan(targets_of(campaign), now) if row.standing is Standing.READY]


def latest_run(campaign: Campaign) -> FilingRun | None:
    """Return the newest filing run of a campaign."""
    return FilingRun.objects.filter(campaign=campaign).select_related("started_by").order_by("-pk").first()


def parts_of(run: FilingRun) -> QuerySet[FilingRunPart]:
    """Return the parts of a run with what its page shows, in the order in which they are filed."""
    filed = RecordsRequest.objects.select_related("agency").defer("letter").order_by("reference")
    return (
        FilingRunPart.objects.filter(run=run)
        .select_related("target", "target__assignee", "target__draft", "target__sole_agency")
        .defer("target__draft__choices")
        .prefetch_related(Prefetch("target__draft__requests", queryset=filed))
        .order_by("pk")
    )
