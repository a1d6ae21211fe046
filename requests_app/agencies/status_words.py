"""What is reported about a state's Nlets door, in words that never claim more than the report. Pure.

The door is one of several: a direct account on the state's own switch is a separate fact. "No block reported" rests
on a congressional letter of November 12, 2025 and is shown with its date, never as a certainty.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from requests_app.agencies.models import StateNote

DOOR_WORDS: Final[dict[str, Promise]] = {
    "blocked": _("A block of ICE is reported."),
    "partially_restricted": _("A partial block is reported."),
    "in_progress": _("A block is reported to be on its way."),
    "no_block_reported": _(
        "No block is reported: by a congressional letter of November 12, 2025, the door was open then."
    ),
}
KNOWN_WORDS: Final[dict[str, Promise]] = {
    "ice_block_reported": _("A block of ICE is reported"),
    "partial_block_reported": _("A partial block is reported"),
    "block_in_progress_reported": _("A block is reported to be on its way"),
    "letter_recipient_no_action_found": _("Its governor got the letter of November 2025; we found no action"),
    "supports_dhs_access_reported": _("Support for federal access is reported"),
    "no_public_information": _("We found no public report"),
}


@dataclass(frozen=True)
class StateStatus:
    """One state's reported status, ready to be shown with its date and source."""

    door: str | Promise
    known: str | Promise
    as_of: str
    confidence: str
    remark: str
    source: str
    source_remark: str

    @classmethod
    def of(cls, note: StateNote) -> StateStatus:
        """Return the status of a note; every field that is not known is empty."""
        known: dict[str, Any] = note.known_status
        return cls(
            door=DOOR_WORDS.get(note.ice_dmv_access, ""),
            known=KNOWN_WORDS.get(known.get("code") or "", ""),
            as_of=known.get("as_of") or "",
            confidence=known.get("confidence") or "",
            remark=known.get("note") or "",
            source=known.get("source") or "",
            source_remark=known.get("source_note") or "",
        )
