"""Why a message waits, what is known of its sender and what was done with it, in words for a coordinator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from requests_app.correspondence.incoming.models import IncomingFile, IncomingMessage
from requests_app.correspondence.incoming.trust import PROOFS

Words = str | Promise
Reason = IncomingMessage.TriageReason

WHY_HERE: Final[Mapping[str, Words]] = {
    Reason.UNMATCHED: _("We found no request that it belongs to."),
    Reason.AMBIGUOUS: _("It may belong to several requests."),
    Reason.RETIRED: _("It was sent to an address that its request gave up."),
    Reason.GUESSED: _("Its server tried many addresses that we never gave out. Look whether it is from the agency."),
    Reason.QUARANTINED: _("We found its request, but cannot be sure who wrote it."),
    Reason.FAILED: _("It could not be read. It is kept as it came."),
    Reason.TOO_LARGE: _("It is larger than we take in. Only its beginning is here; all of it is still in the mailbox."),
    Reason.DUPLICATE: _("The same message is here already."),
    Reason.BROUGHT_BACK: _("Somebody brought it back to be decided again."),
}

# `trust.REASONS`, each as a sentence; a test holds the two together.
ABOUT_SENDER: Final[Mapping[str, Words]] = {
    "authentication_failed": _("The sender’s own domain says that this mail is not from there: it may be forged."),
    "name_of_agency_foreign_address": _("It calls itself the agency, but was sent from an address that is not theirs."),
    "reply_to_elsewhere": _("An answer to it would go to another address, one that we do not know."),
    "asks_for_new_address": _("It asks us to write to an address that we do not know."),
    "no_sender": _("It names no sender."),
    "unknown_sender": _("Its sender is no known contact of the agency."),
    "not_checked": _("Our mail server said nothing about the sender: anybody can have written it."),
    "not_proven": _("Our mail server found no proof of who sent it."),
    "signature_broken": _(
        "It bears a signature of the sender’s domain that does not hold: it was changed on the way, or is forged."
    ),
    "unchecked_allowed": _("Here, mail of known addresses is trusted without proof: a setting says so."),
    "known_sender": _("Its sender is a known contact of the agency."),
    "proven": _("Our mail server proved the domain of its sender."),
    "proven_by_signature": _("The domain of its sender signed it, and we checked that the signature holds."),
}
_GOOD: Final = frozenset({"known_sender", "unchecked_allowed", *PROOFS})

KIND_WORDS: Final[Mapping[str, Words]] = {
    IncomingMessage.Kind.AUTO_REPLY: _("An automatic reply. It changes no status by itself."),
    IncomingMessage.Kind.BOUNCE: _("A mail server says that a letter of ours did not arrive."),
    IncomingMessage.Kind.REPORT: _("A mail server reports on a letter of ours."),
    IncomingMessage.Kind.RECEIPT: _("Somebody’s mail program says that a letter of ours was opened."),
    IncomingMessage.Kind.CHALLENGE: _("A mail server asks whether a person wrote our letter. It wants an answer."),
}

ACTS: Final[Mapping[str, Words]] = {
    "mail accepted": _("filed it where we had guessed"),
    "mail placed": _("put it with a request"),
    "mail moved": _("moved it to another request"),
    "mail set aside": _("set it aside"),
    "sender blocked": _("set it aside, and what else comes from its sender"),
    "mail address proposed": _("proposed an address of its sender as a contact"),
    "mail brought back": _("brought it back"),
    "mail deferred": _("left it for later"),
    "mail assigned": _("gave it to somebody"),
    "mail act undone": _("undid what was done last"),
    "mail downloaded": _("downloaded the mail as it came"),
}

_NOT_KEPT: Final[Mapping[str, Words]] = {
    "inline": _("A picture in the text. It is in the mail and becomes no document."),
    "calendar": _("A calendar entry. It is in the mail and becomes no document."),
    "signature": _("A signature. It is in the mail and becomes no document."),
    "container": _("A wrapper; what was in it is listed by itself."),
    "report": _("A mail server’s report. It is in the mail and becomes no document."),
    "body": _("The text in another form. It is in the mail and becomes no document."),
}


def why_here(message: IncomingMessage) -> Words:
    """Return in one sentence why a message waits: for a doubtful sender, the first thing that speaks against it."""
    if message.state == IncomingMessage.State.SET_ASIDE and message.rule_id is not None:
        return _("A rule about its sender set it aside.")
    if message.triage_reason == Reason.QUARANTINED:
        against = next((reason for reason in message.reasons if reason in ABOUT_SENDER and reason not in _GOOD), None)
        if against is not None:
            return ABOUT_SENDER[against]
    return WHY_HERE.get(message.triage_reason, "")


def about_sender(message: IncomingMessage) -> list[Words]:
    """Return what is known of the sender, in the order in which a person should read it."""
    if message.triage_reason == Reason.FAILED and not message.reasons:
        return []
    return [ABOUT_SENDER[reason] for reason in message.reasons if reason in ABOUT_SENDER]


def why_no_document(file: IncomingFile, message: IncomingMessage) -> Words:
    """Return why a file of a message is no document, for one that is none."""
    if file.trouble:
        return file.trouble
    if not file.is_record:
        return _NOT_KEPT.get(file.role, _("It is in the mail and becomes no document by itself."))
    if message.state == IncomingMessage.State.FILED:
        return _("It becomes a document within some minutes.")
    return _("It becomes a document when the message is filed with a request.")
