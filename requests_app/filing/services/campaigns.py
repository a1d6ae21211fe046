"""Campaigns: planned, shared out, signed, and the runs that file them. What files a letter is in correspondence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from requests_app.agencies.models import Agency
from requests_app.filing import campaign_queries, campaigning, lawbook, readiness
from requests_app.filing import choices as draft_choices
from requests_app.filing.campaign_queries import UNFILED
from requests_app.filing.campaigning import Standing
from requests_app.filing.composing import Sender
from requests_app.filing.models import (
    Campaign,
    CampaignAgency,
    CampaignTarget,
    Draft,
    DraftTarget,
    FilingRun,
    FilingRunPart,
)
from requests_app.filing.services.drafting import discard_draft
from requests_app.filing.services.opening import NotReady, plan_for
from requests_app.kits.catalog import get_kit, own_kits_at_hand
from requests_app.kits.letters import ChoiceError
from requests_app.people.models import Person


class CampaignRefused(Exception):
    """What was wanted cannot be done with this campaign now. The text says why, and what is safe."""


@dataclass(frozen=True, slots=True)
class Outline:
    """What a coordinator settles about a campaign. `choices` as `filing.choices.DraftChoices`, JSON-ready."""

    name: str
    purpose: str
    kits: tuple[str, ...]
    jurisdictions: tuple[str, ...]
    roles: tuple[str, ...]
    choices: Mapping[str, Any]
    budget_cents: int | None = None


@transaction.atomic
def make_campaign(outline: Outline, *, by: Person, now: datetime) -> Campaign:
    """Begin a campaign and list its targets, each with the agencies that it asks together."""
    campaign = Campaign.objects.create(made_by=by, made_at=now, changed_at=now, **_columns(outline))
    _list_targets(campaign, outline.jurisdictions)
    return campaign


@transaction.atomic
def change_campaign(campaign_id: int, outline: Outline, *, now: datetime) -> Campaign:
    """Change the outline: new targets are listed, and those that nobody began get the agencies that now fit.

    No target is taken away by this: one that is not wanted is skipped, with a reason. Raises CampaignRefused.
    """
    campaign = _open_campaign(campaign_id)
    Campaign.objects.filter(pk=campaign_id).update(changed_at=now, **_columns(outline))
    campaign.refresh_from_db()
    _list_targets(campaign, outline.jurisdictions)
    return campaign


def _columns(outline: Outline) -> dict[str, Any]:
    shared = {name: value for name, value in outline.choices.items() if name in campaigning.SHARED}
    return {
        "name": outline.name,
        "purpose": outline.purpose,
        "kits": list(outline.kits),
        "roles": list(outline.roles),
        "choices": shared,
        "budget_cents": outline.budget_cents,
    }


@own_kits_at_hand()
def _list_targets(campaign: Campaign, jurisdictions: Sequence[str]) -> None:
    listed = CampaignTarget.objects.filter(campaign=campaign)
    codes = {*jurisdictions, *listed.order_by().values_list("jurisdiction", flat=True)}
    by_state: dict[str, list[Agency]] = {code: [] for code in codes}
    found = Agency.objects.filter(jurisdiction__in=codes, is_active=True).prefetch_related("roles").order_by("name")
    for agency in found:
        by_state[agency.jurisdiction].append(agency)
    have: set[tuple[str, str, int | None]] = {
        (one.jurisdiction, one.kit_id, one.sole_agency_id) for one in listed.defer("choices")
    }
    CampaignTarget.objects.bulk_create(
        CampaignTarget(campaign=campaign, jurisdiction=code, kit_id=kit_id, sole_agency_id=sole)
        for code in jurisdictions
        for kit_id in campaign.kits
        for sole in _soles(campaign, code, kit_id, by_state[code], have)
    )
    unbegun = list(listed.filter(draft__isnull=True))
    CampaignAgency.objects.filter(target__in=unbegun).delete()
    CampaignAgency.objects.bulk_create(
        CampaignAgency(target=target, agency=agency, place=place)
        for target in unbegun
        for place, agency in enumerate(
            campaigning.group_of(
                get_kit(target.kit_id), target.jurisdiction, campaign.roles, by_state[target.jurisdiction]
            )
        )
        if target.sole_agency_id in (None, agency.pk)
    )


def _soles(
    campaign: Campaign, code: str, kit_id: str, agencies: Sequence[Agency], have: set[tuple[str, str, int | None]]
) -> list[int | None]:
    """Return the targets that are still to be listed for one kit: the agency of each; None asks a group together."""
    known = {sole for state, kit, sole in have if (state, kit) == (code, kit_id)}
    if not campaigning.is_asked_one_by_one(code):
        return [] if known else [None]
    soles = [one.pk for one in campaigning.group_of(get_kit(kit_id), code, campaign.roles, agencies)]
    missing: list[int | None] = [pk for pk in soles if pk not in known]
    if None in known and missing:  # listed when no agency was known yet: it becomes the first one's
        waiting = CampaignTarget.objects.filter(
            campaign=campaign, jurisdiction=code, kit_id=kit_id, sole_agency__isnull=True, draft__isnull=True
        )
        if waiting.update(sole_agency=missing[0]):
            missing = missing[1:]
    return missing if soles or known else [None]


def end_campaign(campaign_id: int, state: str, *, now: datetime) -> None:
    """Stop or finish a campaign, or take it up again. A run that is under way is stopped; nothing filed is undone."""
    with transaction.atomic():
        ended = state in (Campaign.State.STOPPED, Campaign.State.FINISHED)
        Campaign.objects.filter(pk=campaign_id).update(
            state=Campaign.State(state), changed_at=now, ended_at=now if ended else None
        )
        if ended:
            runs = FilingRun.objects.filter(campaign_id=campaign_id, state=FilingRun.State.RUNNING)
            runs.update(state=FilingRun.State.STOPPED, ended_at=now)


# --- targets ----------------------------------------------------------------------------------------------------------


@own_kits_at_hand()
@transaction.atomic
def assign_targets(campaign_id: int, people: Mapping[int, Person | None], *, now: datetime) -> int:
    """Say who signs which target (None: nobody yet) and return how many changed. All or nothing.

    A letter that somebody else had begun for the campaign is thrown away with the name in it: it is signed by another
    now. Somebody to whom a law is not open may write the letter where a member offered to sign it. Raises
    CampaignRefused when the law does not admit somebody and nobody offered.
    """
    campaign = _open_campaign(campaign_id)
    wanted = _unfiled(campaign, people)
    willing = campaign_queries.willing_signers({target.jurisdiction for target in wanted})
    for target in wanted:
        person = people[target.pk]
        who = campaigning.who_may_sign(lawbook.statute_of(target.jurisdiction), get_kit(target.kit_id), target.choices)
        if person is not None and not campaigning.may_be_given(
            who, target.jurisdiction, person, willing[target.jurisdiction]
        ):
            raise CampaignRefused(
                _(
                    "Nobody was assigned: %(state)s’s law is open to residents or citizens only, %(handle)s does not "
                    "live there, and no member has offered to sign there. Choose somebody who lives there, ask members "
                    "to offer, or write the exception that applies under “Answers for these states”."
                )
                % {"state": target.state_name, "handle": person.handle}
            )
    changed = [target for target in wanted if target.assignee_id != (one.pk if (one := people[target.pk]) else None)]
    for target in changed:
        _set_back(target, now)
        target.assignee = people[target.pk]
        target.save(update_fields=["assignee", "draft", "state", "ready_at", "ready_draft_of", "failure"])
    return len(changed)


@transaction.atomic
def skip_targets(campaign_id: int, target_ids: Iterable[int], *, why: str, now: datetime) -> int:
    """Leave targets out, with the reason; letters begun for them are thrown away. Returns how many were left out."""
    campaign = _open_campaign(campaign_id)
    wanted = _unfiled(campaign, target_ids)
    for target in wanted:
        _set_back(target, now)
        target.state, target.why_skipped = CampaignTarget.State.SKIPPED, why
        target.save(update_fields=["state", "why_skipped", "draft", "ready_at", "ready_draft_of", "failure"])
    return len(wanted)


@transaction.atomic
def take_up_targets(campaign_id: int, target_ids: Iterable[int], *, now: datetime) -> int:
    """Plan skipped targets again. Returns how many."""
    campaign = _open_campaign(campaign_id)
    skipped = CampaignTarget.objects.filter(
        campaign=campaign, pk__in=list(target_ids), state=CampaignTarget.State.SKIPPED
    )
    return skipped.update(state=CampaignTarget.State.PLANNED, why_skipped="")


@transaction.atomic
def except_targets(
    campaign_id: int, target_ids: Iterable[int], *, choices: Mapping[str, Any], ask_again: bool, now: datetime
) -> int:
    """Give targets their own answers in place of the shared ones. Returns how many.

    A letter that is being made gets the new answers, too, and its signer looks at it once more.
    """
    campaign = _open_campaign(campaign_id)
    own = {name: value for name, value in choices.items() if name in campaigning.OWN_TO_A_STATE}
    wanted = _unfiled(campaign, target_ids)
    for target in wanted:
        before = campaigning.choices_for(campaign.choices, target.choices)
        target.choices, target.ask_again = own, ask_again
        target.save(update_fields=["choices", "ask_again"])
        draft = campaigning.open_draft(target)
        if draft is not None:
            after = draft_choices.dump(campaigning.choices_for(campaign.choices, own))
            changed = {name: value for name, value in after.items() if value != draft_choices.dump(before)[name]}
            draft.choices = {**draft.choices, **changed}
            draft.changed_at = now
            draft.save(update_fields=["choices", "changed_at"])
    return len(wanted)


def _set_back(target: CampaignTarget, now: datetime) -> None:
    """Return a target to before anybody began its letter. The caller saves it."""
    draft = campaigning.open_draft(target)
    if draft is not None:
        discard_draft(draft.pk, now=now)
    target.draft, target.state, target.failure = None, CampaignTarget.State.PLANNED, ""
    target.ready_at = target.ready_draft_of = None


def _open_campaign(campaign_id: int) -> Campaign:
    campaign = Campaign.objects.get(pk=campaign_id)
    if not campaign.is_open:
        raise CampaignRefused(
            _("“%(name)s” has ended, so nothing was changed. Take it up again on its page first.")
            % {"name": campaign.name}
        )
    return campaign


def _unfiled(campaign: Campaign, target_ids: Iterable[int]) -> list[CampaignTarget]:
    found = CampaignTarget.objects.filter(UNFILED, campaign=campaign, pk__in=list(target_ids))
    return list(found.select_related("draft", "sole_agency"))


# --- signing ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def open_target(target_id: int, *, by: Person, now: datetime) -> Draft:
    """Return the draft in which `by` makes the letters of their target; begun at the first call, everything filled in.

    Agencies that the group already asks are left out. Raises CampaignRefused.
    """
    target = _own_target(target_id, by)
    if target.draft is not None and campaigning.is_filed(target):
        raise CampaignRefused(_("These letters are filed already. Nothing was changed."))
    draft = campaigning.open_draft(target)
    if draft is not None:
        return draft
    row = campaign_queries.plan([target], now)[0]
    if row.standing is Standing.NEEDS_AGENCY:
        raise CampaignRefused(
            _("No agency of %(state)s is on our list for this kit. A coordinator must add it first.")
            % {"state": target.state_name}
        )
    if row.standing is Standing.ASKED_ALREADY:
        raise CampaignRefused(
            _("The group already asks %(state)s for these records, so there is nothing to sign.")
            % {"state": target.state_name}
        )
    chosen: Any = draft_choices.dump(campaigning.choices_for(target.campaign.choices, target.choices))
    if Standing.NEEDS_MEMBER in row.missing:
        chosen |= {"standing": "not_resident"}  # the wizard then asks for a member's signature in place of theirs
    draft = Draft.objects.create(
        filer=by,
        jurisdiction=target.jurisdiction,
        kit_id=target.kit_id,
        choices=chosen,
        made_at=now,
        changed_at=now,
    )
    DraftTarget.objects.bulk_create(
        DraftTarget(draft=draft, agency=asked.agency, delivery=asked.delivery, contact_point=asked.contact)
        for asked in row.asks
    )
    # Two clicks at once: only one update finds the target as it was read.
    as_read = Q(draft__isnull=True) if target.draft_id is None else Q(draft_id=target.draft_id)
    taken = CampaignTarget.objects.filter(as_read, pk=target_id).update(
        draft=draft, state=CampaignTarget.State.PLANNED, failure="", ready_at=None, ready_draft_of=None
    )
    if not taken:
        draft.delete()
        return open_target(target_id, by=by, now=now)
    return draft


@transaction.atomic
def confirm_ready(draft_id: Any, *, by: Person, sender: Sender, now: datetime) -> CampaignTarget:
    """Record that the signer read the letters and wants them filed as they are. Raises NotReady, CampaignRefused."""
    target_id = CampaignTarget.objects.filter(draft_id=draft_id).values_list("pk", flat=True).first()
    if target_id is None:
        raise CampaignRefused(_("This letter is not part of a campaign. File it from its preview."))
    target = _own_target(target_id, by)
    draft = Draft.objects.get(pk=draft_id)
    plan = plan_for(draft) if draft.is_open else None
    if plan is None:
        raise NotReady([readiness.unfinished(draft)])
    try:
        letters = plan.letters(sender, now)
    except ChoiceError as trouble:
        raise NotReady([readiness.choice_remark(draft, trouble)]) from trouble
    stops = [remark for remark in plan.remarks(letters) if remark.level == "stop"]
    if stops:
        raise NotReady(stops)
    CampaignTarget.objects.filter(pk=target.pk).update(
        state=CampaignTarget.State.READY, ready_at=now, ready_draft_of=draft.changed_at, failure=""
    )
    target.refresh_from_db()
    return target


def _own_target(target_id: int, by: Person) -> CampaignTarget:
    """Return a target that is this person's to sign. Raises CampaignRefused, or DoesNotExist for somebody else's."""
    wanted = CampaignTarget.objects.filter(pk=target_id, assignee=by)
    target = campaign_queries.with_everything(wanted).get()
    if not target.campaign.is_open:
        raise CampaignRefused(
            _("“%(name)s” has ended, so nothing of it is signed any more.") % {"name": target.campaign.name}
        )
    if target.state == CampaignTarget.State.SKIPPED:
        raise CampaignRefused(_("A coordinator has left this state out. Nothing was changed."))
    return target


# --- runs -------------------------------------------------------------------------------------------------------------


@transaction.atomic
def start_run(campaign_id: int, *, by: Person, now: datetime) -> FilingRun:
    """Begin to file everything that is ready now. A second click finds the run that is under way.

    Raises CampaignRefused when nothing is ready.
    """
    campaign = _open_campaign(campaign_id)
    underway = FilingRun.objects.filter(campaign=campaign, state=FilingRun.State.RUNNING).first()
    if underway is not None:
        return underway
    ready = campaign_queries.ready_rows(campaign, now)
    if not ready:
        raise CampaignRefused(
            _("Nothing is ready, so nothing is filed. The planning table says what each state needs.")
        )
    run = FilingRun.objects.create(campaign=campaign, started_by=by, started_at=now, worked_at=now)
    FilingRunPart.objects.bulk_create(FilingRunPart(run=run, target=row.target) for row in ready)
    Campaign.objects.filter(pk=campaign_id).update(
        state=Campaign.State.RUNNING, first_filed_at=campaign.first_filed_at or now, changed_at=now
    )
    return run


def stop_run(run_id: int, *, now: datetime) -> bool:
    """Stop a run before its next part. What it filed stays filed. Returns whether it was running."""
    running = FilingRun.objects.filter(pk=run_id, state=FilingRun.State.RUNNING)
    return bool(running.update(state=FilingRun.State.STOPPED, ended_at=now))


@transaction.atomic
def continue_run(run_id: int, *, now: datetime) -> bool:
    """Go on with a stopped run. Returns whether it was stopped. Raises CampaignRefused."""
    run = FilingRun.objects.get(pk=run_id)
    _open_campaign(run.campaign_id)
    if FilingRun.objects.filter(campaign_id=run.campaign_id, state=FilingRun.State.RUNNING).exclude(pk=run_id).exists():
        raise CampaignRefused(_("Another run of this campaign is under way. Nothing was changed; look at that one."))
    stopped = FilingRun.objects.filter(pk=run_id, state=FilingRun.State.STOPPED)
    return bool(stopped.update(state=FilingRun.State.RUNNING, ended_at=None))


def next_part(run_id: int) -> FilingRunPart | None:
    """Return the part of a running run that is filed next; None when it is stopped or through."""
    return (
        FilingRunPart.objects.filter(
            run_id=run_id, run__state=FilingRun.State.RUNNING, state=FilingRunPart.State.WAITING
        )
        .order_by("pk")
        .first()
    )


def claim_part(part_id: int, *, now: datetime) -> CampaignTarget | None:
    """Mark a part as filed and return its target; None when it is no longer to be filed.

    Call it inside the transaction that files the letters: it and they happen together or not at all. Two workers take
    turns, because each writes the rows of the running runs first.
    """
    FilingRun.objects.filter(state=FilingRun.State.RUNNING).update(worked_at=now)
    waiting = FilingRunPart.objects.filter(
        pk=part_id, state=FilingRunPart.State.WAITING, run__state=FilingRun.State.RUNNING
    )
    if not waiting.update(state=FilingRunPart.State.FILED, done_at=now):
        return None
    wanted = CampaignTarget.objects.filter(run_parts__pk=part_id)
    return campaign_queries.with_everything(wanted).get()


def stop_to_file(target: CampaignTarget, now: datetime) -> str:
    """Return why a target that was ready cannot be filed any more, in a sentence with what to do; empty when it can."""
    row = campaign_queries.plan([target], now)[0]
    if row.standing is Standing.READY:
        return ""
    words: dict[Standing, str] = {
        Standing.CHANGED: _(
            "The letter was changed after it was signed. Its signer must look at it and confirm again."
        ),
        Standing.SKIPPED: _("It was skipped meanwhile."),
        Standing.NEEDS_SIGNATURE: _("Its signer has not confirmed it, or threw it away. They must sign it again."),
        Standing.NEEDS_SIGNER: _("Its signer has left. Assign somebody else."),
        Standing.NEEDS_RESIDENT: _("Its signer may not ask there any more. Assign somebody who lives there."),
        Standing.NEEDS_MEMBER: _(
            "The member’s signature is missing or no longer holds. Its writer must ask for it again."
        ),
        Standing.NEEDS_ADDRESS: _("The address can no longer be used. Choose another one in the draft."),
        Standing.NEEDS_CONFIRMATION: _("The address is no longer confirmed. Look it up and confirm it."),
    }
    if row.left_out:
        known = row.left_out[0]
        return _(
            "%(agency)s is asked for these records already: %(reference)s. Skip this state, or say under “Answers for "
            "these states” that it is to be asked again."
        ) % {"agency": known.agency.short_name, "reference": known.running.reference if known.running else ""}
    return words.get(row.standing, str(row.standing.label))


def record_filed(target: CampaignTarget) -> None:
    """Record that a target's letters are filed."""
    CampaignTarget.objects.filter(pk=target.pk).update(state=CampaignTarget.State.FILED, failure="", why_skipped="")


@transaction.atomic
def record_failure(part_id: int, why: str, *, now: datetime) -> None:
    """Record why a part was not filed; its target is planned again and says so to its signer."""
    waiting = FilingRunPart.objects.filter(pk=part_id, state=FilingRunPart.State.WAITING)
    if waiting.update(state=FilingRunPart.State.FAILED, why=why, done_at=now):
        ready = CampaignTarget.objects.filter(run_parts__pk=part_id, state=CampaignTarget.State.READY)
        ready.update(state=CampaignTarget.State.PLANNED, failure=why, ready_at=None, ready_draft_of=None)


def finish_run(run_id: int, *, now: datetime) -> bool:
    """End a run of which nothing is left. Returns whether it ended now."""
    through = FilingRun.objects.filter(pk=run_id, state=FilingRun.State.RUNNING).exclude(
        parts__state=FilingRunPart.State.WAITING
    )
    return bool(through.update(state=FilingRun.State.FINISHED, ended_at=now))
