"""The example organisation's campaign: planned and shared out, nothing of it filed yet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from requests_app.filing import services as filing
from requests_app.filing.models import Campaign
from requests_app.people.models import Person

NAME: Final = "Query counts, next six states"
SHARES: Final = {"IN": "vera", "MN": "vera", "OH": "cora", "TN": "vic", "PA": None, "WI": None}
"""The states and who signs there; nobody yet: None. Tennessee's law is open to its citizens, of whom vic is one."""
ALREADY_ASKED: Final = "WI"


def plan(cast: Mapping[str, Person], now: datetime) -> Campaign:
    """Plan the campaign as the coordinator would: list the states, share them out, leave one out with the reason."""
    outline = filing.Outline(
        name=NAME,
        purpose="Example data. We ask six more states how often federal agencies look up their drivers.",
        kits=("K1",),
        jurisdictions=tuple(SHARES),
        roles=("nlets_control_point", "dmv"),
        choices={"fee_limit_cents": 5000, "ask_fee_waiver": True},
        budget_cents=60000,
    )
    campaign = filing.make_campaign(outline, by=cast["cora"], now=now)
    targets = {target.jurisdiction: target.pk for target in campaign.targets.all()}
    people = {targets[code]: cast[handle] for code, handle in SHARES.items() if handle}
    filing.assign_targets(campaign.pk, people, now=now)
    filing.skip_targets(campaign.pk, [targets[ALREADY_ASKED]], why="Asked by itself in spring.", now=now)
    return campaign
