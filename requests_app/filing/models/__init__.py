"""The tables of the filing room, one file for each topic."""

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
)

__all__ = [
    "Deadline",
    "Delivery",
    "Draft",
    "DraftTarget",
    "Event",
    "EventWords",
    "NextLetter",
    "NextLetterVersion",
    "Note",
    "RecordsRequest",
    "ReferenceCounter",
    "SentCopy",
]
