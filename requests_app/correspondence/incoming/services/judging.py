"""What the program makes of a mail: where it belongs and how far it is trusted. Reads rows, writes none."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from requests_app.correspondence.incoming import guessing, matching, queries, trust
from requests_app.correspondence.incoming.models import Arrival, IncomingMessage, RawMail
from requests_app.correspondence.parsing import ParsedMessage, fold_text, read_authentication
from requests_app.filing.our_addresses import address_form

State, Reason = IncomingMessage.State, IncomingMessage.TriageReason


@dataclass(frozen=True)
class Verdict:
    """What the program makes of a mail: where it belongs, how far it is trusted, and so where it goes.

    `wrong_addresses`: how many of its addresses may be tokens and were never given out; `server`: who sent it.
    `authserv_id`: the server whose word counts about its sender.
    """

    match: matching.Match
    judgement: trust.Judgement
    state: IncomingMessage.State
    reason: str
    letter_id: int | None = None
    wrong_addresses: int = 0
    server: str = ""
    authserv_id: str = ""

    def columns(self) -> dict[str, Any]:
        return {
            "trust": self.judgement.level,
            "reasons": list(self.judgement.reasons),
            "state": self.state,
            "triage_reason": self.reason,
            "suggestions": list(self.match.requests) if self.match.result == "ambiguous" else [],
            "bounced_letter_id": self.letter_id,
        }


def verdict_on(raw: RawMail, message: ParsedMessage) -> Verdict:
    """Match and judge one mail. Reads a few rows; writes nothing."""
    recipients, came_by_server = _arrival_of(raw)
    # Who hands in a file hands in its headers, too: nobody took forged verdicts out of them.
    authserv_id = settings.MAIL_AUTHSERV_ID if came_by_server else ""
    trust_unchecked = settings.MAIL_TRUST_UNCHECKED and came_by_server
    clues = _clues(recipients, message)
    known = queries.known_for(clues, sender=message.from_address)
    match = matching.match(clues, known)
    wrong, server = len(matching.guesses_in(clues, known)), guessing.sending_server(message.headers)
    is_guessing = (wrong or guessing.rests_on_a_guess(match, clues)) and _tries_too_much(raw, server, wrong)
    if is_guessing and guessing.rests_on_a_guess(match, clues):
        match = matching.Match("ambiguous", match.requests)
    requests = match.requests if match.result == "placed" else ()
    judgement = _judge(message, requests, authserv_id, trust_unchecked=trust_unchecked)
    letter_id = None
    if message.bounce is not None:
        letter_id = queries.letter_reported_on(message.bounce.original_message_id, message.bounce.recipient, requests)
    state, reason = State.TRIAGE, ""
    if raw.headers_only:
        reason = Reason.TOO_LARGE
    elif is_guessing and match.result != "placed":
        reason = Reason.GUESSED
    elif match.result == "ambiguous":
        reason = Reason.AMBIGUOUS
    elif match.result == "none":
        reason = Reason.UNMATCHED
    elif match.retired:
        reason = Reason.RETIRED
    elif judgement.level == "trusted" or (letter_id is not None and match.how == "thread"):
        # A mail server's report comes from no contact of ours, but names a letter that only we and its receiver know.
        state = State.FILED
    else:
        reason = Reason.QUARANTINED
    return Verdict(match, judgement, state, reason, letter_id, wrong, server, authserv_id)


def _tries_too_much(raw: RawMail, server: str, wrong: int) -> bool:
    """Return whether this server has, with this mail, tried more wrong addresses in its hour than is allowed."""
    before = queries.wrong_addresses(server, guessing.hour_of(raw.stored_at))
    limit: int = settings.MAIL_WRONG_ADDRESSES_PER_HOUR
    return before + wrong > limit


def _clues(envelope_to: list[str], message: ParsedMessage) -> matching.Clues:
    recipients = [*message.envelope_to, *(one.address for one in (*message.to, *message.cc))]
    return matching.clues_in(
        envelope_to=envelope_to,
        recipients=recipients,
        in_reply_to=message.in_reply_to,
        references=message.references,
        subject=message.subject,
        form=address_form(),
        reports_on=message.bounce.original_message_id if message.bounce else "",
    )


def envelope_recipients(raw: RawMail) -> list[str]:
    return _arrival_of(raw)[0]


def _arrival_of(raw: RawMail) -> tuple[list[str], bool]:
    """Return to whom a mail was delivered, and whether a mail server brought it, not only a person. One query."""
    arrivals = list(Arrival.objects.filter(raw=raw).values_list("way", "envelope_to"))
    recipients = dict.fromkeys(address for _way, envelope in arrivals for address in envelope)
    return list(recipients), any(way != Arrival.Way.UPLOAD for way, _envelope in arrivals)


def _judge(
    message: ParsedMessage, requests: Collection[int], authserv_id: str, *, trust_unchecked: bool
) -> trust.Judgement:
    claim = trust.Claim(
        address=message.from_address,
        name=message.from_name,
        reply_to=tuple(one.address for one in message.reply_to),
        new_text="".join(message.text[span.start : span.end] for span in fold_text(message.text) if span.kind == "new"),
        authentication=read_authentication(message.headers, authserv_id),
    )
    ours = frozenset({settings.REPLY_DOMAIN.lower()})
    senders = queries.senders_of(requests).values() if requests else [trust.KnownSender()]
    return trust.worst(trust.judge(claim, sender, ours=ours, trust_unchecked=trust_unchecked) for sender in senders)
