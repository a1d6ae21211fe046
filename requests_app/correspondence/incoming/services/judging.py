"""What the program makes of a mail: where it belongs and how far it is trusted. Reads rows, writes none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from requests_app.correspondence.incoming import matching, queries, trust
from requests_app.correspondence.incoming.models import IncomingMessage, RawMail
from requests_app.correspondence.incoming.reading import Reading
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

    def columns(self) -> dict[str, Any]:
        return {
            "trust": self.judgement.level,
            "reasons": list(self.judgement.reasons),
            "state": self.state,
            "triage_reason": self.reason,
            "suggestions": list(self.match.requests) if self.match.result == "ambiguous" else [],
            "bounced_letter_id": self.letter_id,
        }


@dataclass(frozen=True, slots=True)
class Opened:
    """One mail that was read, with all that is judged of it but what the house knows.

    `proof` is what is proven of its sender: found out once for each mail, outside any transaction.
    """

    raw: RawMail
    reading: Reading
    proof: Authentication
    clues: matching.Clues

    @property
    def message(self) -> ParsedMessage:
        return self.reading.message


def open_mails(read: Sequence[tuple[RawMail, Reading]]) -> list[Opened]:
    """Return these mails ready to be judged. One query, however many they are; outside any transaction."""
    envelopes = queries.envelopes_of([raw.pk for raw, _reading in read])
    return [
        Opened(raw, reading, proof_of(raw, reading), _clues(reading.message, envelopes.get(raw.pk, ())))
        for raw, reading in read
    ]


def proof_of(raw: RawMail, reading: Reading) -> Authentication:
    """Return what is proven of the sender of a mail."""
    return read_authentication(reading.message.headers, settings.MAIL_AUTHSERV_ID)


def verdicts_on(mails: Sequence[Opened]) -> list[Verdict]:
    """Match and judge mails, in the same few queries however many they are. Writes nothing.

    What one of these mails says is not known of the others yet: they must not answer one another.
    """
    known = queries.known_for([(one.clues, one.message.from_address) for one in mails])
    matches = [matching.match(one.clues, its_known) for one, its_known in zip(mails, known, strict=True)]
    placed = {request for match in matches if match.result == "placed" for request in match.requests}
    senders = queries.senders_of(placed) if placed else {}
    return [_verdict(one, match, senders) for one, match in zip(mails, matches, strict=True)]


def _verdict(mail: Opened, match: matching.Match, senders: Mapping[int, trust.KnownSender]) -> Verdict:
    bounce = mail.message.bounce
    requests = match.requests if match.result == "placed" else ()
    judgement = _judge(mail, [senders[request] for request in requests if request in senders])
    letter_id = None
    if bounce is not None:
        letter_id = queries.letter_reported_on(bounce.original_message_id, bounce.recipient, requests)
    state, reason = State.TRIAGE, ""
    if mail.raw.headers_only:
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
    return Verdict(match, judgement, state, reason, letter_id)


def _clues(message: ParsedMessage, envelope_to: Iterable[str]) -> matching.Clues:
    recipients = [*message.envelope_to, *(one.address for one in (*message.to, *message.cc))]
    return matching.clues_in(
        envelope_to=envelope_to,
        recipients=recipients,
        in_reply_to=message.in_reply_to,
        references=message.references,
        subject=message.subject,
        form=matching.Form(settings.REPLY_MAILBOX, settings.REPLY_DOMAIN),
        reports_on=message.bounce.original_message_id if message.bounce else "",
    )


def _judge(mail: Opened, senders: Sequence[trust.KnownSender]) -> trust.Judgement:
    message = mail.message
    claim = trust.Claim(
        address=message.from_address,
        name=message.from_name,
        reply_to=tuple(one.address for one in message.reply_to),
        new_text="".join(message.text[span.start : span.end] for span in fold_text(message.text) if span.kind == "new"),
        authentication=mail.proof,
    )
    ours = frozenset({settings.REPLY_DOMAIN.lower()})
    return trust.worst(
        trust.judge(claim, sender, ours=ours, trust_unchecked=settings.MAIL_TRUST_UNCHECKED)
        for sender in senders or [trust.KnownSender()]
    )
