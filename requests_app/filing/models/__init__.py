"""The tables of the filing room, one file for each topic."""

from requests_app.filing.models.campaigns import (
    Campaign,
    CampaignAgency,
    CampaignTarget,
    FilingRun,
    FilingRunPart,
)
from requests_app.filing.models.requests import (
    Deadline,
    Delivery,
    Draft,
    DraftTarget,
    Event,
    Note,
    RecordsRequest,
    ReferenceCounter,
)

__all__ = [
    "Campaign",
    "CampaignAgency",
    "CampaignTarget",
    "Deadline",
    "Delivery",
    "Draft",
    "DraftTarget",
    "Event",
    "FilingRun",
    "FilingRunPart",
    "Note",
    "RecordsRequest",
    "ReferenceCounter",
]
