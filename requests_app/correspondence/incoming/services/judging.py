"""What the program makes of a mail: where it belongs and how far it is trusted. Reads rows, writes none."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.conf import settings

from requests_app.correspondence.incoming import blocking, matching, queries, signatures, trust
from requests_app.correspondence.incoming.models import Arrival, IncomingMessage, RawMail
from requests_app.correspondence.parsing import Authentication, ParsedMessage, fold_text, read_authentication

State, Reason = IncomingMessage.State, IncomingMessage.TriageReason


@dataclass(frozen=True)
class Verdict:
    """What the program makes of a mail: where it belongs, how far it is trusted, and so where it goes."""

    match: matching.Match
    judgement: trust.Judgement
    state: IncomingMessage.State
    reason: str
    letter_id: int | None = None
    rule_id: int | None = None

    def columns(self) -> dict[str, Any]:
        return {
            "trust": self.judgement.level,
            "reasons": list(self.judgement.reasons),
            "state": self.state,
            "triage_reason": self.reason,
            "suggestions": list(self.match.requests) if self.match.result == "ambiguous" else [],
            "bounced_letter_id": self.letter_id,
            "rule_id": self.rule_id,
        }


def authentication_of(message: ParsedMessage, mail: Path) -> Authentication:
    """Return what is known of who sent a mail: our mail server's word and, where that proves nothing, our own check.

    May ask DNS, so call it outside any transaction.
    """
    said = read_authentication(message.headers, settings.MAIL_AUTHSERV_ID)
    domain = message.from_address.lower().rpartition("@")[2]
    if not settings.MAIL_VERIFY_DKIM or trust.proof_by_server(said, domain) == "proven":
        return said
    checked = signatures.check_file(mail, message.from_address, servers=settings.MAIL_DNS_SERVERS)
    return replace(said, own_dkim=checked.verdict, own_dkim_domains=checked.domains)


def verdict_on(raw: RawMail, message: ParsedMessage, authentication: Authentication) -> Verdict:
    """Match and judge one mail. Reads a few rows; writes nothing."""
    clues = _clues(raw, message)
    match = matching.match(clues, queries.known_for(clues, sender=message.from_address))
    requests = match.requests if match.result == "placed" else ()
    judgement = _judge(message, requests, authentication)
    letter_id = None
    if message.bounce is not None:
        letter_id = queries.letter_reported_on(message.bounce.original_message_id, message.bounce.recipient, requests)
    state, reason, rule_id = State.TRIAGE, "", None
    if raw.headers_only:
        reason = Reason.TOO_LARGE
    elif match.result == "ambiguous":
        reason = Reason.AMBIGUOUS
    elif match.result == "none":
        reason = Reason.UNMATCHED
    elif judgement.level == "trusted" or (letter_id is not None and match.how == "thread"):
        # A mail server's report comes from no contact of ours, but names a letter that only we and its receiver know.
        state = State.FILED
    else:
        reason = Reason.QUARANTINED
    if state == State.TRIAGE and not raw.headers_only and letter_id is None:
        rule_id = blocking.rule_for(message.from_address, match)
        state = State.TRIAGE if rule_id is None else State.SET_ASIDE
    return Verdict(match, judgement, state, reason, letter_id, rule_id)


def _clues(raw: RawMail, message: ParsedMessage) -> matching.Clues:
    recipients = [*message.envelope_to, *(one.address for one in (*message.to, *message.cc))]
    return matching.clues_in(
        envelope_to=envelope_recipients(raw),
        recipients=recipients,
        in_reply_to=message.in_reply_to,
        references=message.references,
        subject=message.subject,
        form=matching.Form(settings.REPLY_MAILBOX, settings.REPLY_DOMAIN),
        reports_on=message.bounce.original_message_id if message.bounce else "",
    )


def envelope_recipients(raw: RawMail) -> list[str]:
    envelopes = Arrival.objects.filter(raw=raw).values_list("envelope_to", flat=True)
    return list(dict.fromkeys(address for envelope in envelopes for address in envelope))


def _judge(message: ParsedMessage, requests: Collection[int], authentication: Authentication) -> trust.Judgement:
    claim = trust.Claim(
        address=message.from_address,
        name=message.from_name,
        reply_to=tuple(one.address for one in message.reply_to),
        new_text="".join(message.text[span.start : span.end] for span in fold_text(message.text) if span.kind == "new"),
        authentication=authentication,
    )
    ours = frozenset({settings.REPLY_DOMAIN.lower()})
    senders = queries.senders_of(requests).values() if requests else [trust.KnownSender()]
    return trust.worst(
        trust.judge(claim, sender, ours=ours, trust_unchecked=settings.MAIL_TRUST_UNCHECKED) for sender in senders
    )
