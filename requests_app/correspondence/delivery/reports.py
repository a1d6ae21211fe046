"""What a mail server's words about a letter mean. Pure.

The codes are those of RFC 3463 (enhanced status) with RFC 7505 (5.1.10); where a server gives no code, or one that says
nothing (5.0.0), its words are read, and a doubt is left a doubt.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal, Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise
Blame = Literal["address", "mailbox", "size", "policy", "way", "unknown"]

# The fault lies in the address itself: no such mailbox or host, moved, takes no mail at all (RFC 3463, section 3).
_ADDRESS: Final = frozenset(
    {"1.0", "1.1", "1.2", "1.3", "1.4", "1.6", "1.10", "2.1", "4.4"}
)  # not 1.5 (valid), 1.7 and 1.8 (our own address)
_SIZE: Final = frozenset({"2.3", "3.4"})
_NO_SUCH: Final = re.compile(
    r"user unknown|unknown (?:user|recipient|address|mailbox)|no such (?:user|recipient|address|mailbox|person)"
    r"|(?:user|recipient|address|mailbox|account)(?: <?[^\s<>]{1,254}>?)? (?:does not|doesn't|doesnt) exist"
    r"|(?:user|recipient|mailbox|account)(?: <?[^\s<>]{1,254}>?)? (?:was |is |could )?not (?:be )?found"
    r"|address not found|recipient address rejected|no mailbox (?:here )?by that name|invalid (?:recipient|mailbox)"
    r"|not a (?:known|valid) (?:user|mailbox|recipient)|host (?:or domain name )?(?:was )?not found"
    r"|domain (?:name )?(?:does not exist|not found)",
    re.IGNORECASE,
)
_POLICY: Final = re.compile(
    r"\bspam\b|blocked|blacklist|blocklist|\bpolicy\b|reputation|advertis|\bdmarc\b|\bspf\b|\bdkim\b|\bvirus",
    re.IGNORECASE,
)
_FULL: Final = re.compile(r"(?:mailbox|quota|storage)[^.]{0,40}(?:full|exceeded)|over quota", re.IGNORECASE)
_LARGE: Final = re.compile(
    r"too (?:large|big|long)|size (?:limit|exceed)|exceeds? (?:the )?(?:maximum )?size", re.IGNORECASE
)
_STATUS: Final = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")

BLAME_WORDS: Final[Mapping[str, Words]] = {
    "address": _("The address does not exist any more, or takes no mail."),
    "mailbox": _("The mailbox is full, or takes no mail at the moment. The address itself may be right."),
    "size": _("The letter was too large for that mailbox. The address itself may be right."),
    "policy": _("A rule or a filter of theirs refused the letter. The address itself may be right."),
    "way": _("Their mail server could not be reached, or gave up. The address itself may be right."),
    "unknown": _("Their mail server gave no reason that we understand."),
}


def status_in(text: str) -> str:
    """Return the first enhanced status code in a server's words, such as "5.1.1"; "" where there is none."""
    found = _STATUS.search(text)
    return found[0] if found else ""


def server_words(diagnostic: str) -> str:
    """Return what a server said, without the kind that a report puts before it (RFC 3464, section 2.1.2)."""
    kind, found, words = diagnostic.partition(";")
    return words.strip() if found and re.fullmatch(r"\s*[a-zA-Z][a-zA-Z0-9-]{0,30}\s*", kind) else diagnostic


def blame_of(status: str, words: str) -> Blame:
    """Return where the fault lies, by the code and, where that says nothing, by the words."""
    found = _STATUS.fullmatch(status.strip()) or _STATUS.search(words)
    subject, detail = (found[2], found[3]) if found else ("0", "0")
    code = f"{int(subject)}.{int(detail)}"
    # Some servers answer 5.4.1 and 5.7.1 for a mailbox that is not there; their words say so.
    if code in _ADDRESS or (code != "2.2" and _NO_SUCH.search(words)):
        return "address"
    if code in _SIZE:
        return "size"
    match code.partition(".")[0]:
        case "2":
            return "mailbox"
        case "3" | "4":
            return "way"
        case "6" | "7":
            return "policy"
    for pattern, blame in ((_FULL, "mailbox"), (_LARGE, "size"), (_POLICY, "policy")):
        if pattern.search(words):
            return blame  # type: ignore[return-value]
    return "unknown"


def refuses_address(action: str, status: str, words: str) -> bool:
    """Return whether a report speaks against the address itself, for good: it failed, and by fault of the address.

    A code must begin with 5; without any, the words must say so. A mailbox that is full, a filter, a server that was
    down: all that passes.
    """
    found = _STATUS.fullmatch(status.strip()) or _STATUS.search(words)
    is_final = found is None or found[1] == "5"
    return action == "failed" and is_final and blame_of(status, words) == "address"


class Sent(Protocol):
    """What is read of a letter in the outbox."""

    @property
    def state(self) -> str: ...
    @property
    def bounced_at(self) -> datetime | None: ...
    @property
    def delivered_at(self) -> datetime | None: ...
    @property
    def delayed_at(self) -> datetime | None: ...


Standing = Literal[
    "waiting", "leaving", "taken_back", "not_sent", "sent", "delayed", "delivered", "not_delivered", "disputed"
]
STANDING_WORDS: Final[Mapping[str, Words]] = {
    "waiting": _("waits in the outbox"),
    "leaving": _("is leaving"),
    "taken_back": _("taken back"),
    "not_sent": _("not sent"),
    "sent": _("sent"),
    "delayed": _("delayed"),
    "delivered": _("delivered"),
    "not_delivered": _("not delivered"),
    "disputed": _("reports disagree"),
}
TONES: Final[Mapping[str, str]] = {
    "waiting": "soon", "leaving": "soon", "taken_back": "neutral", "not_sent": "late", "sent": "neutral",
    "delayed": "soon", "delivered": "good", "not_delivered": "late", "disputed": "late",
}  # fmt: skip
_OTHERWISE: Final[Mapping[str, Standing]] = {
    "queued": "waiting", "sending": "leaving", "cancelled": "taken_back", "failed": "not_sent",
}  # fmt: skip


def standing_of(letter: Sent) -> Standing:
    """Return what is known of a letter. Two reports that contradict one another are said to do so.

    A letter that is "leaving" while a report on it is here has left: its worker has not said so yet.
    """
    if letter.bounced_at is not None:
        return "disputed" if letter.delivered_at is not None else "not_delivered"
    if letter.delivered_at is not None:
        return "delivered"
    if letter.state in _OTHERWISE:
        return _OTHERWISE[letter.state]
    return "delayed" if letter.delayed_at is not None else "sent"
