"""The letters of a campaign as pages to print: those filed as they were filed, the others as their drafts stand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings

from requests_app.filing import services as filing
from requests_app.filing.composing import Sender
from requests_app.filing.models import Campaign, CampaignTarget
from requests_app.filing.our_addresses import general_address
from requests_app.kits.letters import ChoiceError, Letter, load
from requests_app.kits.text import file_stem


def letters_of(campaign: Campaign, now: datetime) -> Iterator[tuple[str, Letter | None]]:
    """Walk (file name without ending, letter) of every letter there is; the letter is None where none can be made yet.

    A draft's letter has no reference: its name is the state, the kit and the agency.
    """
    targets = CampaignTarget.objects.filter(campaign=campaign).exclude(state=CampaignTarget.State.SKIPPED)
    for target in targets.select_related("draft").order_by("jurisdiction", "kit_id").iterator():
        name = f"{target.jurisdiction}-{target.kit_id}"
        draft = target.draft
        if draft is None or draft.discarded_at is not None:
            yield name, None
        elif draft.filed_at is not None:
            for records_request in draft.requests.order_by("reference"):
                letter = load(records_request.letter)
                yield file_stem(letter), letter
        else:
            plan = filing.plan_for(draft)
            try:
                letters = plan.letters(_sender(), now) if plan is not None and plan.chosen.requester_name else []
            except ChoiceError:
                letters = []
            if plan is None or not letters:
                yield name, None
                continue
            for to, letter in zip(plan.destinations, letters, strict=True):
                yield f"{name}-{to.agency.code}-draft", letter


def _sender() -> Sender:
    """Return the sender of a draft: the letter's own reply address comes with its reference, when it is filed."""
    return Sender(settings.ORGANISATION_NAME, general_address())
