"""What a mail server that we trust says about who sent a mail (RFC 8601).

Anybody can write an Authentication-Results header. Only those of one server, named in the settings, count, and of them
only those at the top of the mail, where that server put them: what stands below the next `Received` line came with the
mail. The server must take away headers that bear its own name when a mail comes in (RFC 8601, section 5), as all
common ones do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

Verdict = Literal["pass", "fail", "softfail", "neutral", "none", "policy", "temperror", "permerror", "not checked"]

# From good to bad: where a server says two things of one method, the worse holds.
_FROM_GOOD_TO_BAD: Final[tuple[Verdict, ...]] = (
    "pass", "none", "neutral", "policy", "temperror", "permerror", "softfail", "fail"
)  # fmt: skip
_RESULT: Final = re.compile(r"\s*([a-z][a-z0-9-]{1,30})(?:\s*/\s*\d+)?\s*=\s*([a-z]{2,12})", re.IGNORECASE)
_PROPERTY: Final = re.compile(
    r"(smtp|header|body|policy)\s*\.\s*([a-z0-9_-]{1,40})\s*=\s*(\"[^\"]{0,300}\"|[^\s;]{1,300})", re.IGNORECASE
)
_MOST_HEADERS: Final = 20
_LONGEST: Final = 20_000


@dataclass(frozen=True, slots=True)
class Authentication:
    """The verdicts of the trusted server; "not checked" where it gave none. Domains are in lower case, "" when unsaid.

    `dkim_domains` lists only domains whose signature passed. `own_dkim` is what the house found itself, of signatures
    of the sender's domain alone; the server's word is never changed by it.
    """

    spf: Verdict = "not checked"
    dkim: Verdict = "not checked"
    dmarc: Verdict = "not checked"
    spf_domain: str = ""
    dkim_domains: tuple[str, ...] = ()
    dmarc_domain: str = ""
    own_dkim: Verdict = "not checked"
    own_dkim_domains: tuple[str, ...] = ()

    @property
    def checked(self) -> bool:
        """True when the trusted server said anything at all."""
        return (self.spf, self.dkim, self.dmarc) != ("not checked",) * 3


def read_authentication(headers: Iterable[tuple[str, str]], trusted: str) -> Authentication:
    """Return the verdicts of the server named `trusted`, "not checked" for all when it says nothing or has no name.

    `headers` are names and values in order, topmost first, as in `ParsedMessage.headers`.

    Of several results for SPF or DMARC the worst holds. For DKIM one signature that passes is enough, for a mailing
    list or a forwarder may break another; but a domain counts as signing only by its own pass.
    """
    spf: list[tuple[Verdict, str]] = []
    dkim: list[tuple[Verdict, str]] = []
    dmarc: list[tuple[Verdict, str]] = []
    for value in _trusted_values(headers, trusted):
        for method, verdict, properties in _results(value):
            if method == "spf":
                spf.append((verdict, _domain(properties.get("smtp.mailfrom") or properties.get("smtp.helo", ""))))
            elif method == "dkim":
                dkim.append((verdict, _domain(properties.get("header.d") or properties.get("header.i", ""))))
            elif method == "dmarc":
                dmarc.append((verdict, _domain(properties.get("header.from", ""))))
    passed = tuple(dict.fromkeys(domain for verdict, domain in dkim if verdict == "pass" and domain))
    worst_spf, worst_dmarc = _worst(spf), _worst(dmarc)
    return Authentication(
        worst_spf[0],
        "pass" if passed else _worst(dkim, but="pass")[0],
        worst_dmarc[0],
        worst_spf[1],
        passed,
        worst_dmarc[1],
    )


def _trusted_values(headers: Iterable[tuple[str, str]], trusted: str) -> Iterator[str]:
    """Yield the results of the trusted server: from its first header to the next line of a server."""
    wanted, begun, count = trusted.strip().lower(), False, 0
    if not wanted:
        return
    for name, value in headers:
        key = name.lower()
        if key == "received" and begun:
            return
        if key != "authentication-results":
            continue
        server, _, rest = _without_comments(value[:_LONGEST]).partition(";")
        # After the name may stand the version of the format.
        if re.fullmatch(rf"{re.escape(wanted)}(?:\s+\d+)?", server.strip().strip('"').lower()):
            begun = True
            count += 1
            yield rest
        if count >= _MOST_HEADERS:
            return


def _results(value: str) -> Iterator[tuple[str, Verdict, dict[str, str]]]:
    """Yield each method, verdict and properties. A verdict that the standard does not know is no verdict."""
    for piece in _pieces(value):
        found = _RESULT.match(piece)
        if not found:
            continue
        verdict = next((known for known in _FROM_GOOD_TO_BAD if known == found[2].lower()), None)
        if found[2].lower() == "hardfail":  # what some servers call a fail
            verdict = "fail"
        if verdict is not None:
            properties = {
                f"{one[1]}.{one[2]}".lower(): one[3].strip('"') for one in _PROPERTY.finditer(piece, found.end())
            }
            yield found[1].lower(), verdict, properties


def _pieces(value: str) -> Iterator[str]:
    """Yield what stands between semicolons outside quotes."""
    quoted, start = False, 0
    for place, character in enumerate(value):
        if character == '"':
            quoted = not quoted
        elif character == ";" and not quoted:
            yield value[start:place]
            start = place + 1
    yield value[start:]


def _without_comments(value: str) -> str:
    """Return a value without what stands in parentheses, where a sender's own words may be repeated."""
    kept: list[str] = []
    depth, quoted, skip = 0, False, False
    for character in value:
        if skip:
            skip = False
            continue
        if character == "\\" and (depth or quoted):
            skip = True
        elif character == '"' and not depth:
            quoted = not quoted
            kept.append(character)
        elif character == "(" and not quoted:
            depth += 1
        elif character == ")" and depth and not quoted:
            depth -= 1
            kept.append(" ")
        elif not depth:
            kept.append(character)
    return "".join(kept)


def _worst(found: list[tuple[Verdict, str]], but: str = "") -> tuple[Verdict, str]:
    said = [one for one in found if one[0] != but]
    return max(said, key=lambda one: _FROM_GOOD_TO_BAD.index(one[0])) if said else ("not checked", "")


def _domain(address: str) -> str:
    return address.rpartition("@")[2].strip("<>. ").lower()[:255]
