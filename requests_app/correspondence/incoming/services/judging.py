"""What the program makes of a mail: where it belongs and how far it is trusted. Reads rows, writes none."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from requests_app.correspondence.incoming import matching, queries, trust
from requests_app.correspondence.incoming.models import Arrival, IncomingMessage, RawMail
from requests_app.correspondence.parsing import ParsedMessage, fold_text, read_authentication
from requests_app.filing.our_addresses import address_form

State, Reason = IncomingMessage.State, IncomingMessage.TriageReason


@dataclass(frozen=True)
class Verdict:
    """What the program makes of a mail: where it belongs, how far it is trusted, and so where it goes."""

    match: matching.Match
    judgement: trust.Judgement
    state: IncomingMessage.State
    reason: str
    letter_id: int | None = None

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
    clues = _clues(raw, message)
    match = matching.match(clues, queries.known_for(clues, sender=message.from_address))
    requests = match.requests if match.result == "placed" else ()
    judgement = _judge(message, requests)
    letter_id = None
    if message.bounce is not None:
        letter_id = queries.letter_reported_on(message.bounce.original_message_id, message.bounce.recipient, requests)
    state, reason = State.TRIAGE, ""
    if raw.headers_only:
        reason = Reason.TOO_LARGE
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
    return Verdict(match, judgement, state, reason, letter_id)


def _clues(raw: RawMail, message: ParsedMessage) -> matching.Clues:
    recipients = [*message.envelope_to, *(one.address for one in (*message.to, *message.cc))]
    return matching.clues_in(
        envelope_to=envelope_recipients(raw),
        recipients=recipients,
        in_reply_to=message.in_reply_to,
        references=message.references,
        subject=message.subject,
        form=address_form(),
        reports_on=message.bounce.original_message_id if message.bounce else "",
    )


def envelope_recipients(raw: RawMail) -> list[str]:
    envelopes = Arrival.objects.filter(raw=raw).values_list("envelope_to", flat=True)
    return list(dict.fromkeys(address for envelope in envelopes for address in envelope))


def _judge(message: ParsedMessage, requests: Collection[int]) -> trust.Judgement:
    claim = trust.Claim(
        address=message.from_address,
        name=message.from_name,
        reply_to=tuple(one.address for one in message.reply_to),
        new_text="".join(message.text[span.start : span.end] for span in fold_text(message.text) if span.kind == "new"),
        authentication=read_authentication(message.headers, settings.MAIL_AUTHSERV_ID),
    )
    ours = frozenset({settings.REPLY_DOMAIN.lower()})
    senders = queries.senders_of(requests).values() if requests else [trust.KnownSender()]
    return trust.worst(
        trust.judge(claim, sender, ours=ours, trust_unchecked=settings.MAIL_TRUST_UNCHECKED) for sender in senders
    )
