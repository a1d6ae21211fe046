"""The tables of the filing room, one file for each topic."""

from requests_app.filing.models.addresses import RetiredReplyToken
from requests_app.filing.models.campaigns import (
    Campaign,
    CampaignAgency,
    CampaignTarget,
    FilingRun,
    FilingRunPart,
)
from requests_app.filing.models.next_letters import EventWords, NextLetter, NextLetterVersion, SentCopy
from requests_app.filing.models.requests import (
    Deadline,
    Delivery,
    Draft,
    DraftTarget,
    Event,
    Note,
    RecordsRequest,
    ReferenceCounter,
    Writable,
)
from requests_app.filing.models.signing import Approval, AuthorityPaper, Signing
from requests_app.filing.models.writing import DraftVersion, TextVersion, UnlockedText

__all__ = [
    "Approval",
    "AuthorityPaper",
    "Campaign",
    "CampaignAgency",
    "CampaignTarget",
    "Deadline",
    "Delivery",
    "Draft",
    "DraftTarget",
    "DraftVersion",
    "Event",
    "EventWords",
    "FilingRun",
    "FilingRunPart",
    "NextLetter",
    "NextLetterVersion",
    "Note",
    "RecordsRequest",
    "ReferenceCounter",
    "RetiredReplyToken",
    "SentCopy",
    "Signing",
    "TextVersion",
    "UnlockedText",
    "Writable",
]
