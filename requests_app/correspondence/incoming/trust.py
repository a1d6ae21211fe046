"""Whether a mail comes from whom it says, and from somebody we know. Pure: what it claims and what is known go in.

The From header is anybody's to write. A mail is trusted only when its address is a known contact of the agency and the
domain is proven: by our own mail server (DMARC, or DKIM or SPF for the same domain), or by a signature of the domain
that we checked ourselves (`signatures`). Everything else waits for a person, with the reasons as codes, in the order in
which a person should read them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from requests_app.correspondence.parsing import Authentication

Level = Literal["trusted", "unknown", "suspicious"]

# Mail providers and request portals, where anybody has an address: only the whole of it tells whose it is.
SHARED_DOMAINS: Final = frozenset(
    {
        "aim.com", "aol.com", "att.net", "bellsouth.net", "comcast.net", "cox.net", "fastmail.com", "freshdesk.com",
        "gmail.com", "gmx.com", "googlemail.com", "govqa.us", "hotmail.com", "icloud.com", "justfoia.com", "live.com",
        "mac.com", "mail.com", "me.com", "msn.com", "muckrock.com", "mycusthelp.com", "mycusthelp.net",
        "nextrequest.com", "outlook.com", "pm.me", "proton.me", "protonmail.com", "sbcglobal.net", "verizon.net",
        "yahoo.com", "ymail.com", "zendesk.com", "zoho.com",
    }
)  # fmt: skip
_LOOKED_AT: Final = 20_000  # characters of the text: a request to write elsewhere stands near the top
_ADDRESS: Final = re.compile(r"[a-z0-9._%+'-]{1,64}@[a-z0-9.-]{1,190}\.[a-z]{2,24}", re.IGNORECASE)
# Words that ask for post to go elsewhere, at most a sentence away from the address.
_ASKS: Final = re.compile(
    r"\b(?:re-?send|send|direct|forward|submit|reply|respond|write|e-?mail|use|update)\b[^.!?\n]{0,160}$"
    r"|\bnew\s+(?:e-?mail\s+)?address\b[^.!?\n]{0,160}$",
    re.IGNORECASE,
)


_NOTHING_SAID: Final = Authentication()


@dataclass(frozen=True, slots=True)
class Claim:
    """What a mail says of its sender. `new_text` is what the sender wrote, without what is quoted."""

    address: str
    name: str = ""
    reply_to: tuple[str, ...] = ()
    new_text: str = ""
    authentication: Authentication = _NOTHING_SAID


@dataclass(frozen=True, slots=True)
class KnownSender:
    """What is known of one agency: its addresses in lower case, and the names it goes by."""

    addresses: frozenset[str] = frozenset()
    names: tuple[str, ...] = ()

    @property
    def domains(self) -> frozenset[str]:
        """The domains that are the agency's own."""
        found = {address.rpartition("@")[2] for address in self.addresses}
        return frozenset(domain for domain in found if domain and not is_within(domain, SHARED_DOMAINS))

    def knows(self, address: str) -> bool:
        """Return whether this is one of its addresses, or an address at a domain of its own."""
        lower = address.lower()
        return lower in self.addresses or is_within(lower.rpartition("@")[2], self.domains)


@dataclass(frozen=True, slots=True)
class Judgement:
    """How far a mail can be trusted, and why: codes of `REASONS`."""

    level: Level
    reasons: tuple[str, ...]


REASONS: Final = (
    "authentication_failed",  # the domain says that this mail is not its own
    "name_of_agency_foreign_address",  # calls itself the agency and writes from elsewhere
    "reply_to_elsewhere",  # answers would go to an address that is not known
    "asks_for_new_address",  # asks us to write to an address that is not known
    "no_sender",
    "unknown_sender",
    "not_checked",  # our mail server says nothing about the sender
    "not_proven",  # it says something, but no proof for the domain of the sender
    "signature_broken",  # nor does a signature of the domain hold that the mail bears
    "unchecked_allowed",  # a setting says that unproven mail of known addresses is trusted
    "known_sender",
    "proven",
    "proven_by_signature",  # not by our mail server, but by a signature of the domain
)
PROOFS: Final = frozenset({"proven", "proven_by_signature"})


def judge(claim: Claim, sender: KnownSender, *, ours: frozenset[str], trust_unchecked: bool) -> Judgement:
    """Judge one mail for the request of one agency.

    `ours`: our own mail domains, which a mail may well ask to write to. `trust_unchecked`: the setting that lets known
    addresses pass where no mail server proves senders.
    """
    known = sender.knows(claim.address)
    proof = _proof(claim)
    warnings = []
    if known and proof == "authentication_failed":
        warnings.append("authentication_failed")
    if not known and _poses_as(claim, sender):
        warnings.append("name_of_agency_foreign_address")
    if any(not _is_expected(address, claim, sender, ours) for address in claim.reply_to):
        warnings.append("reply_to_elsewhere")
    if _asks_for_new_address(claim, sender, ours):
        warnings.append("asks_for_new_address")
    who = "known_sender" if known else ("unknown_sender" if claim.address else "no_sender")
    reasons = [*warnings, who, *([proof] if proof not in warnings else [])]
    if warnings:
        return Judgement("suspicious", tuple(reasons))
    if known and proof in PROOFS:
        return Judgement("trusted", tuple(reasons))
    if known and proof == "not_checked" and trust_unchecked:
        return Judgement("trusted", (*reasons, "unchecked_allowed"))
    return Judgement("unknown", tuple(reasons))


def worst(judgements: Iterable[Judgement]) -> Judgement:
    """Return the judgement for a mail to several agencies' requests: as bad as the worst, for all the reasons."""
    order: tuple[Level, ...] = ("trusted", "unknown", "suspicious")
    found = list(judgements) or [Judgement("unknown", ("unknown_sender",))]
    level = max((one.level for one in found), key=order.index)
    return Judgement(level, tuple(dict.fromkeys(reason for one in found for reason in one.reasons)))


def _proof(claim: Claim) -> str:
    """Return what is proven of the domain in From: a code.

    Our own check of a signature can add a proof where the server has none. It never takes one away, and does not
    outvote the domain's own word that a mail is not its own (DMARC).
    """
    said, domain = claim.authentication, claim.address.lower().rpartition("@")[2]
    by_server = proof_by_server(said, domain)
    if by_server == "proven" or said.dmarc == "fail":
        return by_server
    if said.own_dkim == "pass" and any(aligned(signer, domain) for signer in said.own_dkim_domains):
        return "proven_by_signature"
    is_broken = said.own_dkim in {"fail", "permerror", "policy"}
    return "signature_broken" if is_broken and by_server in {"not_checked", "not_proven"} else by_server


def proof_by_server(said: Authentication, domain: str) -> str:
    """Return what our mail server proved of a domain: a code.

    DMARC decides where it was checked, for it is the domain's own word. Else one signature or envelope sender of the
    same domain proves it, and a plain "fail" of SPF without such a signature disproves it.
    """
    if not said.checked:
        return "not_checked"
    if said.dmarc == "pass" and said.dmarc_domain in {"", domain}:
        return "proven"
    if said.dmarc == "fail":
        return "authentication_failed"
    signed = said.dkim == "pass" and any(aligned(signer, domain) for signer in said.dkim_domains)
    sent = said.spf == "pass" and aligned(said.spf_domain, domain)
    if signed or sent:
        return "proven"
    return "authentication_failed" if "fail" in {said.spf, said.dkim} else "not_proven"


def aligned(one: str, other: str) -> bool:
    """Return whether two domains are one's and its own subdomain's (RFC 7489, 3.1, without the public suffix list)."""
    shorter, longer = sorted((one, other), key=len)
    return "." in shorter and (shorter == longer or longer.endswith(f".{shorter}"))


def is_within(domain: str, domains: Iterable[str]) -> bool:
    """Return whether a domain is one of these or below one."""
    return any(domain == known or domain.endswith(f".{known}") for known in domains)


def domain_of(address: str) -> str:
    """Return the domain of an address in lower case; "" for none."""
    return address.strip().lower().rpartition("@")[2].rstrip(".") if "@" in address else ""


def domains_above(domain: str, most: int = 6) -> list[str]:
    """Return a domain and those above it, without the last label alone: "a.b.example" and "b.example"."""
    labels = domain.split(".")
    return [".".join(labels[place:]) for place in range(max(1, len(labels) - 1))][:most] if domain else []


def _poses_as(claim: Claim, sender: KnownSender) -> bool:
    name = _words(claim.name)
    if any(sender.knows(address) for address in _ADDRESS.findall(claim.name[:400])):
        return True
    return any(len(known) > 2 and f" {known} " in f" {name} " for known in map(_words, sender.names))


def _words(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", text[:400].casefold()))


def _is_expected(address: str, claim: Claim, sender: KnownSender, ours: frozenset[str]) -> bool:
    """Return whether mail to this address stays between the sender and us."""
    lower = address.lower()
    domain = lower.rpartition("@")[2]
    own = claim.address.lower()
    same = lower == own or (aligned(domain, own.rpartition("@")[2]) and not is_within(domain, SHARED_DOMAINS))
    return not lower or same or sender.knows(lower) or is_within(domain, ours)


def _asks_for_new_address(claim: Claim, sender: KnownSender, ours: frozenset[str]) -> bool:
    text = claim.new_text[:_LOOKED_AT]
    for found in _ADDRESS.finditer(text):
        if not _is_expected(found[0], claim, sender, ours) and _ASKS.search(
            text[max(0, found.start() - 200) : found.start()]
        ):
            return True
    return False
