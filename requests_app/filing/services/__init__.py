"""The only code that writes drafts, requests, events and deadlines. Import from here, not from the inner files."""

from requests_app.filing.services.drafting import (
    DraftIsClosed,
    Target,
    choose_targets,
    discard_draft,
    save_draft,
    start_draft,
)
from requests_app.filing.services.opening import (
    NotReady,
    Plan,
    file_draft,
    open_request,
    plan_for,
    reply_address,
)
from requests_app.filing.services.recording import add_note, assign, correct_event, record_event
from requests_app.filing.services.refusals import (
    AgainstTheTimeline,
    AlreadyCorrected,
    Busy,
    EventRefused,
    NotCorrectable,
    NotPossibleNow,
    NotYetHappened,
)
from requests_app.filing.services.reprojecting import Reprojected, reproject, reproject_many, watch_again
from requests_app.filing.services.writing import (
    ChangedElsewhere,
    NotALetter,
    keep_draft_text,
    keep_text,
    keep_unlocked,
    restore_draft_text,
)

__all__ = [
    "AgainstTheTimeline",
    "AlreadyCorrected",
    "Busy",
    "ChangedElsewhere",
    "DraftIsClosed",
    "EventRefused",
    "NotALetter",
    "NotCorrectable",
    "NotPossibleNow",
    "NotReady",
    "NotYetHappened",
    "Plan",
    "Reprojected",
    "Target",
    "add_note",
    "assign",
    "choose_targets",
    "correct_event",
    "discard_draft",
    "file_draft",
    "keep_draft_text",
    "keep_text",
    "keep_unlocked",
    "open_request",
    "plan_for",
    "record_event",
    "reply_address",
    "reproject",
    "reproject_many",
    "restore_draft_text",
    "save_draft",
    "start_draft",
    "watch_again",
]
