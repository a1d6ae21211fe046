"""What the program makes of a mail: where it belongs and how far it is trusted. Reads rows, writes none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings

from requests_app.correspondence.incoming import blocking, guessing, matching, queries, signatures, trust
from requests_app.correspondence.incoming.models import IncomingMessage, RawMail
from requests_app.correspondence.incoming.reading import Reading
from requests_app.correspondence.incoming.services.taking_in import the_mail_store
from requests_app.correspondence.parsing import Authentication, ParsedMessage, fold_text, read_authentication
from requests_app.filing.our_addresses import address_form

DNS_SECONDS = 60.0  # for the mails of one group: their claim must outlast that

State, Reason = IncomingMessage.State, IncomingMessage.TriageReason


@dataclass(frozen=True)
class Verdict:
    """What the program makes of a mail: where it belongs, how far it is trusted, and so where it goes.

    `wrong_addresses`: how many of its addresses may be tokens and were never given out; `server`: who sent it.
    """

    match: matching.Match
    judgement: trust.Judgement
    state: IncomingMessage.State
    reason: str
    letter_id: int | None = None
    rule_id: int | None = None
    wrong_addresses: int = 0
    server: str = ""

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


@dataclass(frozen=True, slots=True)
class Opened:
    """One mail that was read, with all that is judged of it but what the house knows.

    `proof` is what is proven of its sender: found out once for each mail, outside any transaction. `by_server`: a mail
    server brought it, not only a person who had it as a file.
    """

    raw: RawMail
    reading: Reading
    proof: Authentication
    clues: matching.Clues
    by_server: bool

    @property
    def message(self) -> ParsedMessage:
        return self.reading.message


def open_mails(read: Sequence[tuple[RawMail, Reading]]) -> list[Opened]:
    """Return these mails ready to be judged. One query, however many they are.

    Asks DNS for the keys of signatures, for DNS_SECONDS at most, so call it outside any transaction.
    """
    deliveries = queries.deliveries_of([raw.pk for raw, _reading in read])
    ask_dns = signatures.within(DNS_SECONDS, signatures.dns_through(tuple(settings.MAIL_DNS_SERVERS)))
    opened = []
    for raw, reading in read:
        came = deliveries[raw.pk]
        proof = proof_of(raw, reading, by_server=came.by_server, ask_dns=ask_dns)
        opened.append(Opened(raw, reading, proof, _clues(reading.message, came.recipients), came.by_server))
    return opened


def proof_of(raw: RawMail, reading: Reading, *, by_server: bool, ask_dns: signatures.AskDns) -> Authentication:
    """Return what is known of who sent a mail: our mail server's word and, where that proves nothing, our own check.

    Who hands in a file hands in its headers, too: nobody took forged verdicts out of them, so they are nobody's word.
    A signature holds or does not, however the mail came.
    """
    message = reading.message
    said = read_authentication(message.headers, settings.MAIL_AUTHSERV_ID if by_server else "")
    domain = message.from_address.lower().rpartition("@")[2]
    if not settings.MAIL_VERIFY_DKIM or trust.proof_by_server(said, domain) == "proven":
        return said
    checked = signatures.Checked("none")
    if any(name.lower() == "dkim-signature" for name, _value in message.headers):
        checked = signatures.check_file(the_mail_store().path(raw.pk), message.from_address, ask_dns=ask_dns)
    return replace(said, own_dkim=checked.verdict, own_dkim_domains=checked.domains)


def verdicts_on(mails: Sequence[Opened]) -> list[Verdict]:
    """Match and judge mails, in the same few queries however many they are. Writes nothing.

    What one of these mails says is not known of the others yet: they must not answer one another.
    """
    known = queries.known_for([one.clues for one in mails])
    matches = _by_numbers(mails, known, [matching.match(one.clues, known) for one in mails])
    tries = _tries_of(mails, known, matches)
    matches = [tried.match_allowed(match) for tried, match in zip(tries, matches, strict=True)]
    placed = {request for match in matches if match.result == "placed" for request in match.requests}
    senders = queries.senders_of(placed) if placed else {}
    verdicts = [_verdict(one, match, senders, tried) for one, match, tried in zip(mails, matches, tries, strict=True)]
    rules = queries.rules_about(
        {
            one.message.from_address
            for one, verdict in zip(mails, verdicts, strict=True)
            if _may_be_set_aside(one, verdict)
        }
    )
    return [_ruled(one, verdict, rules) for one, verdict in zip(mails, verdicts, strict=True)] if rules else verdicts


def _by_numbers(
    mails: Sequence[Opened], known: matching.Known, matches: Sequence[matching.Match]
) -> list[matching.Match]:
    """Look for the agencies' own numbers in the subjects of mails that nothing else has placed."""
    asked = {
        one.message.from_address
        for one, match in zip(mails, matches, strict=True)
        if match.result == "none" and any(sign.isdecimal() for sign in one.clues.subject)
    }
    numbers = queries.numbers_of(asked) if asked else {}
    return [
        matching.match(one.clues, replace(known, numbers=numbers[one.message.from_address]))
        if match.result == "none" and one.message.from_address in numbers
        else match
        for one, match in zip(mails, matches, strict=True)
    ]


def _may_be_set_aside(mail: Opened, verdict: Verdict) -> bool:
    return verdict.state == State.TRIAGE and not mail.raw.headers_only and verdict.letter_id is None


def _ruled(mail: Opened, verdict: Verdict, rules: Mapping[str, int]) -> Verdict:
    """Return a verdict as it is where a rule runs about the sender."""
    sender = mail.message.from_address
    rule = rules.get(sender)
    if rule is None or not _may_be_set_aside(mail, verdict) or not blocking.may_hold(sender, verdict.match):
        return verdict
    return replace(verdict, state=State.SET_ASIDE, rule_id=rule)


@dataclass(frozen=True, slots=True)
class _Tried:
    """How many wrong addresses one mail tried, from which server, and whether that server has tried too many."""

    wrong: int
    server: str
    is_guess: bool
    is_too_much: bool

    def match_allowed(self, match: matching.Match) -> matching.Match:
        """Return the match, or only its suggestion, where a guess may have found it."""
        return matching.Match("ambiguous", match.requests) if self.is_guess and self.is_too_much else match


def _tries_of(mails: Sequence[Opened], known: matching.Known, matches: Sequence[matching.Match]) -> list[_Tried]:
    """Count what mails tried, each with those before it. One query, and none where nothing was or may be guessed."""
    facts = []
    for mail, match in zip(mails, matches, strict=True):
        wrong = len(matching.guesses_in(mail.clues, known)) if mail.by_server else 0
        server = guessing.sending_server(mail.message.headers)
        is_guess = mail.by_server and guessing.rests_on_a_guess(match, mail.clues)
        facts.append((wrong, (server, guessing.hour_of(mail.raw.stored_at)), is_guess))
    tried = queries.wrong_addresses({key for wrong, key, is_guess in facts if wrong or is_guess})
    found = []
    for mail, (wrong, key, is_guess) in zip(mails, facts, strict=True):
        if mail.raw.message_id is None:  # else it was counted when it was first read
            tried[key] = tried.get(key, 0) + wrong
        is_too_much = (wrong > 0 or is_guess) and tried.get(key, 0) > settings.MAIL_WRONG_ADDRESSES_PER_HOUR
        found.append(_Tried(wrong, key[0], is_guess, is_too_much))
    return found


def _verdict(mail: Opened, match: matching.Match, senders: Mapping[int, trust.KnownSender], tried: _Tried) -> Verdict:
    bounce = mail.message.bounce
    requests = match.requests if match.result == "placed" else ()
    judgement = _judge(mail, [senders[request] for request in requests if request in senders])
    letter_id = None
    if bounce is not None:
        letter_id = queries.letter_reported_on(bounce.original_message_id, bounce.recipient, requests)
    state, reason = State.TRIAGE, ""
    if mail.raw.headers_only:
        reason = Reason.TOO_LARGE
    elif tried.is_too_much and match.result != "placed":
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
    return Verdict(match, judgement, state, reason, letter_id, wrong_addresses=tried.wrong, server=tried.server)


def _clues(message: ParsedMessage, envelope_to: Iterable[str]) -> matching.Clues:
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
    trust_unchecked = settings.MAIL_TRUST_UNCHECKED and mail.by_server
    return trust.worst(
        trust.judge(claim, sender, ours=ours, trust_unchecked=trust_unchecked)
        for sender in senders or [trust.KnownSender()]
    )
