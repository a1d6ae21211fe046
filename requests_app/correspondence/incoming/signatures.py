"""Whether a mail bears a signature of its sender's own domain that holds (DKIM, RFC 6376): the check of our own.

A signature proves that a domain sent these words, whoever carried them. One that does not hold proves nothing: mail
that was forwarded mostly bears such. Only signatures of the domain in From are looked at, for others decide nothing
here.

A mail is anybody's to write, and the library was not made for that: some of its patterns take a time that grows with
the square of a line. So it is given a mail cut down to what is signed, with the spaces taken out beforehand, and
nothing is checked that is longer than any real signature. This module opens no network itself: who calls it says how
DNS is asked (`ask_dns`).
"""

from __future__ import annotations

import base64
import logging
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from time import monotonic
from typing import Any, Final

import dkim
import dns.exception
import dns.nameserver
import dns.resolver
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from dkim.util import InvalidTagValueList, parse_tag_value

from requests_app.correspondence.incoming.trust import aligned
from requests_app.correspondence.parsing import Verdict

MOST_BYTES: Final = 30 * 1024 * 1024  # of one mail; a larger one is not checked
MOST_HEAD: Final = 256 * 1024
MOST_LINES: Final = 1000  # of the header
MOST_LINES_OF_TEXT: Final = 600_000  # more than a mail of that size has, at 76 signs a line
LONGEST_SIGNATURE: Final = 4000  # a key of 4096 bits and eighty names of headers stay far below
MOST_NAMES: Final = 200
MOST_SIGNATURES: Final = 3  # of the sender's own domain
SECONDS: Final = 4.0  # for one answer of DNS
LEAST_KEY_BITS: Final = 1024  # RFC 8301, 3.2

_END_OF_HEAD: Final = re.compile(rb"\r?\n\r?\n")
_LINE: Final = re.compile(rb"([\x21-\x39\x3b-\x7e]+):")
_SPACES: Final = re.compile(rb"[\t ]+")
# Headers of which a mail has one: where a second stands, who reads it may see the one that nobody signed.
_ONLY_ONCE: Final = (b"from", b"subject", b"date", b"reply-to", b"to", b"cc", b"message-id", b"content-type")

# The library would write a stranger's words into our log.
_SILENT: Final = logging.Logger("dkim")
_SILENT.addHandler(logging.NullHandler())

AskDns = Callable[[str], Sequence[bytes]]


class DnsSilent(Exception):
    """DNS gave no answer: nothing is known of the key. Later may be otherwise."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of the check. `domains`: those whose signature holds.

    pass: a signature of the sender's domain holds. fail: it does not. none: there is none. neutral: it holds, but its
    domain says that it only tries signing, or we cannot check its kind. policy: it holds for too little of the mail.
    temperror: DNS is silent. permerror: the signature or its key is no such thing.
    """

    verdict: Verdict = "not checked"
    domains: tuple[str, ...] = ()


class _Ed25519Key:
    """A key of RFC 8463 in the place where the library has one of PyNaCl's, which is not installed here."""

    def __init__(self, raw: bytes) -> None:
        self._key = Ed25519PublicKey.from_public_bytes(raw)
        self.holds = False

    def verify(self, digest: bytes, signature: bytes) -> None:
        """Note whether the signature holds. Raises nothing: the library asks for an exception that only PyNaCl has."""
        try:
            self._key.verify(signature, digest)
        except InvalidSignature:
            return
        self.holds = True


class _Mail(dkim.DKIM):  # type: ignore[misc]  # the library has no types
    """A mail whose signature may also be of Ed25519 (RFC 8463)."""

    def verify_sig(
        self, sig: dict[bytes, bytes], include_headers: list[bytes], sig_header: Any, dnsfunc: Callable[..., bytes]
    ) -> bool:
        """Check one signature, by the key that DNS has for it."""
        text = dnsfunc(sig[b"s"] + b"._domainkey." + sig[b"d"] + b".")
        record = _tags(text)
        if record.get(b"k") != b"ed25519":
            return bool(super().verify_sig(sig, include_headers, sig_header, lambda name, timeout=SECONDS: text))
        if sig[b"a"] != b"ed25519-sha256" or record.get(b"v", b"DKIM1") != b"DKIM1" or not record.get(b"p"):
            return False
        key = _Ed25519Key(base64.b64decode(record[b"p"], validate=True))
        self.pk, self.keysize, self.ktag, self.seqtlsrpt = key, 256, b"ed25519", False
        return bool(self.verify_sig_process(sig, include_headers, sig_header, dnsfunc)) and key.holds


# From good to bad news for the sender. What may be otherwise tomorrow outweighs what fails today.
_OUTWEIGHS: Final[tuple[Verdict, ...]] = ("pass", "temperror", "neutral", "policy", "fail", "permerror", "none")


def check(raw: bytes, sender: str, *, ask_dns: AskDns) -> Checked:
    """Return whether a signature of the sender's own domain holds. Never raises; asks DNS for three keys at most."""
    domain = sender.rpartition("@")[2].lower().rstrip(".")
    if not domain or len(raw) > MOST_BYTES:
        return Checked()
    head, body = _split(raw)
    lines = _lines(head)
    if lines is None or body.count(b"\n") > MOST_LINES_OF_TEXT:
        return Checked()
    signatures = [whole.partition(b":")[2] for name, whole in lines if name == b"dkim-signature"]
    found: dict[str, Verdict] = {}
    seen = 0
    for place, value in enumerate(signatures):
        tags = _tags(value)
        signer = tags.get(b"d", b"").decode("ascii", "replace").strip().lower()
        if not aligned(signer, domain):
            continue
        seen += 1
        if seen > MOST_SIGNATURES:
            break
        verdict = _verdict(place, tags, lines, body, ask_dns)
        found[signer] = min(found.get(signer, "none"), verdict, key=_OUTWEIGHS.index)
    return Checked(
        min(found.values(), key=_OUTWEIGHS.index, default="none"),
        tuple(signer for signer, verdict in found.items() if verdict == "pass"),
    )


def _verdict(
    place: int, tags: dict[bytes, bytes], lines: Sequence[tuple[bytes, bytes]], body: bytes, ask_dns: AskDns
) -> Verdict:
    """Return what one signature is worth, the one at this place among the mail's signatures."""
    signed = [name.strip().lower() for name in tags.get(b"h", b"").split(b":")]
    if len(signed) > MOST_NAMES:
        return "permerror"
    if not _covers_enough(tags, signed, lines):
        return "policy"
    records: list[dict[bytes, bytes]] = []

    def key_of(name: bytes, timeout: float = SECONDS) -> bytes:
        record = _key_among(ask_dns(name.decode("ascii").rstrip(".")))
        records.append(_tags(record))
        return record

    try:
        mail = _Mail(_cut_down(tags, signed, lines, body), logger=_SILENT, minkey=LEAST_KEY_BITS)
        holds = mail.verify(place, dnsfunc=key_of)
    except DnsSilent:
        return "temperror"
    except dkim.ValidationError:
        return "fail"
    except Exception:  # noqa: BLE001  a stranger wrote the signature, and perhaps the key
        holds = None
    record = records[0] if records else {}
    if record.get(b"k", b"rsa") not in (b"rsa", b"ed25519"):
        return "neutral"
    if holds is None:
        return "permerror"
    if not holds:
        return "fail" if record.get(b"p") else "permerror"
    flags = {flag.strip() for flag in record.get(b"t", b"").split(b":")}
    services = {service.strip() for service in record.get(b"s", b"*").split(b":")}
    if b"y" in flags:
        return "neutral"
    is_exact = tags.get(b"i", b"@" + tags[b"d"]).rpartition(b"@")[2].lower() == tags[b"d"].lower()
    return "pass" if services & {b"*", b"email"} and (is_exact or b"s" not in flags) else "fail"


def _covers_enough(tags: dict[bytes, bytes], signed: Sequence[bytes], lines: Sequence[tuple[bytes, bytes]]) -> bool:
    """Return whether a signature speaks for what a reader sees: all of the text, the sender and the subject."""
    names = [name for name, _value in lines]
    doubled = any(names.count(name) > 1 for name in _ONLY_ONCE)
    unsigned = b"from" not in signed or (b"subject" in names and b"subject" not in signed)
    # With `l`, anybody may write more below what is signed. SHA-1 is no proof any more (RFC 8301, 3.1).
    return not doubled and not unsigned and b"l" not in tags and tags.get(b"a", b"").lower().endswith(b"-sha256")


def _cut_down(
    tags: dict[bytes, bytes], signed: Sequence[bytes], lines: Sequence[tuple[bytes, bytes]], body: bytes
) -> bytes:
    """Return the mail with the headers that are signed alone, and its text as the signature counts it."""
    wanted = {*signed, b"dkim-signature"}
    kept = b"".join(value for name, value in lines if name in wanted)
    text = body.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    if tags.get(b"c", b"").lower().rpartition(b"/")[2] == b"relaxed" and b"/" in tags.get(b"c", b""):
        text = _SPACES.sub(b" ", text).replace(b" \r\n", b"\r\n")
    return kept + b"\r\n" + text


def _split(raw: bytes) -> tuple[bytes, bytes]:
    end = _END_OF_HEAD.search(raw, 0, MOST_HEAD + 4)
    return (raw[: end.start()], raw[end.end() :]) if end else (raw, b"")


def _lines(head: bytes) -> list[tuple[bytes, bytes]] | None:
    """Return the headers as (name in lower case, the whole with its name as it stands); None for too many."""
    if len(head) > MOST_HEAD or head.count(b"\n") > 4 * MOST_LINES:
        return None
    found: list[tuple[bytes, list[bytes]]] = []
    for line in re.split(rb"\r?\n", head):
        if line[:1] in (b" ", b"\t"):
            if found:
                found[-1][1].append(line)
        elif named := _LINE.match(line):
            found.append((named[1].lower(), [line]))
    if len(found) > MOST_LINES:
        return None
    return [(name, b"\r\n".join(parts) + b"\r\n") for name, parts in found]


def _tags(text: bytes) -> dict[bytes, bytes]:
    """Return the tags of a signature or a key; none where it is too long or no list of tags."""
    if len(text) > LONGEST_SIGNATURE:
        return {}
    try:
        return dict(_unfolded(parse_tag_value(text)))
    except (InvalidTagValueList, IndexError):
        return {}


def _unfolded(tags: dict[bytes, bytes]) -> Iterator[tuple[bytes, bytes]]:
    for name, value in tags.items():
        yield name, re.sub(rb"\r?\n", b"", value).strip()


def _key_among(records: Sequence[bytes]) -> bytes:
    """Return the key among the TXT records of a name; b"" for none."""
    return next((record for record in records if b"p=" in record), b"")


# --- DNS --------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=4)
def dns_through(servers: tuple[str, ...]) -> AskDns:
    """Return how DNS is asked: through these servers ("address" or "address:port"), or the machine's own for none.

    Answers are kept as long as they hold, so that a hundred mails of one agency ask once.
    """
    cache = dns.resolver.LRUCache(500)

    def ask(name: str) -> list[bytes]:
        try:
            resolver = dns.resolver.Resolver(configure=not servers)
            if servers:
                resolver.nameservers = [server_of(one) for one in servers]
            resolver.cache = cache
            answer = resolver.resolve(name, "TXT", lifetime=SECONDS, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer, dns.resolver.YXDOMAIN):
            return []
        except (dns.exception.Timeout, dns.resolver.NoNameservers, dns.resolver.NoResolverConfiguration, OSError):
            raise DnsSilent from None
        except (dns.exception.DNSException, UnicodeError):
            return []  # no name that can be asked for
        return [b"".join(record.strings) for record in answer]

    return ask


def server_of(written: str) -> dns.nameserver.Nameserver:
    """Return the DNS server that is written as "address" or "address:port". Raises ValueError for anything else."""
    address, colon, port = written.rpartition(":")
    if not colon or (":" in address and not address.startswith("[")):
        address, port = written, "53"
    return dns.nameserver.Do53Nameserver(str(ip_address(address.strip("[]"))), int(port))


def within(seconds: float, ask_dns: AskDns) -> AskDns:
    """Return how DNS is asked as long as all answers together take no longer; afterwards it counts as silent."""
    spent = 0.0

    def ask(name: str) -> Sequence[bytes]:
        nonlocal spent
        if spent >= seconds:
            raise DnsSilent
        began = monotonic()
        try:
            return ask_dns(name)
        finally:
            spent += monotonic() - began

    return ask


def check_file(mail: Path, sender: str, *, ask_dns: AskDns) -> Checked:
    """Check the mail in this file. One that is not there is not checked."""
    try:
        if mail.stat().st_size > MOST_BYTES:
            return Checked()
        return check(mail.read_bytes(), sender, ask_dns=ask_dns)
    except OSError:
        return Checked()
