"""Which request a mail belongs to. Pure: first what the mail says of it (`clues_in`), then what that means (`match`).

Between the two, the caller looks up what is known of the few things that the clues name (`Known`).

1. A mail server's report goes with the letter that it reports on.
2. The address it was sent to, on the envelope or in the headers, with the right token: every request that is named.
3. An address typed with a slip: what a person once corrected, else the one request that it can mean.
4. What it answers: the letter or filed mail that In-Reply-To names, else the one request that References lead to.
5. The numbers in its subject: ours, or the agency's own where the sender is that agency's.

The first of these that names a request decides. Where a step leaves a choice, a person chooses.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Final, Literal

How = Literal["token", "retyped", "thread", "number", "reference"]
Result = Literal["placed", "ambiguous", "none"]

MOST_ADDRESSES: Final = 200  # of one mail; a mailing to more people is not a letter to us
MOST_THREAD: Final = 200
_SHORTEST_NUMBER: Final = 4  # "12" in a subject is a day or a page, not an agency's number
_REFERENCE: Final = re.compile(r"(?<![A-Za-z0-9])([A-Za-z]{2}-\d{4}-\d{4,6})(?![A-Za-z0-9])")
_ADDRESSED: Final = re.compile(r"([a-z]{2}-\d{4}-\d{4,6})-(\S{4,60})")
_BETWEEN: Final = re.compile(r"[\s+\-_.=~/#*]+")
# What a person types for a sign that they misread on paper: each set of look-alikes is one.
_FOLDED: Final = str.maketrans(
    {"i": "1", "l": "1", "|": "1", "!": "1", "o": "0", "s": "5", "z": "2", "b": "8", "u": "v"}
)
_LETTERS_FOR: Final = {"0": "o", "1": "il", "|": "il", "!": "il", "5": "s", "8": "b", "2": "z"}


@dataclass(frozen=True, slots=True)
class Form:
    """How our reply addresses look: mailbox+md-2026-0007-token@domain, or without the mailbox on a catch-all."""

    mailbox: str
    domain: str


@dataclass(frozen=True, slots=True)
class Clues:
    """What a mail says about the request it is for; nothing of it is checked yet.

    `addressed` and `retyped` are (reference, token as typed). `local_parts` are those at our domain, for corrections.
    `answers` is In-Reply-To, `thread` the References, newest last; `reports_on` the letter that a bounce names.
    """

    addressed: tuple[tuple[str, str], ...] = ()
    retyped: tuple[tuple[str, str], ...] = ()
    local_parts: tuple[str, ...] = ()
    reports_on: str = ""
    answers: str = ""
    thread: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    subject: str = ""

    @property
    def asked_references(self) -> frozenset[str]:
        """Every reference of ours that must be looked up."""
        named = (reference for reference, _token in (*self.addressed, *self.retyped))
        return frozenset((*named, *self.references))

    @property
    def asked_ids(self) -> frozenset[str]:
        """Every Message-ID that must be looked up."""
        return frozenset(found for found in (self.reports_on, self.answers, *self.thread) if found)


@dataclass(frozen=True, slots=True)
class Known:
    """What the house knows of the things that the clues name. Requests are numbers.

    `tokens`: reference -> (request, token). `thread`: Message-ID -> request, of our letters and of filed mail.
    `numbers`: the numbers that the sender's agency gave to requests. `corrections`: local part -> request.
    """

    tokens: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    thread: Mapping[str, Collection[int]] = field(default_factory=dict)
    numbers: Sequence[tuple[str, int]] = ()
    corrections: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Match:
    """Where the mail belongs (`requests`, all by the same `how`), or between which requests a person must choose."""

    result: Result
    requests: tuple[int, ...] = ()
    how: How | None = None


def clues_in(
    *,
    envelope_to: Iterable[str],
    recipients: Iterable[str],
    in_reply_to: str,
    references: Iterable[str],
    subject: str,
    form: Form,
    reports_on: str = "",
) -> Clues:
    """Gather what a mail says about its request: addresses on the envelope and in its headers, threading, subject."""
    ours = list(dict.fromkeys(_local_parts([*envelope_to, *recipients])))[:MOST_ADDRESSES]
    addressed, retyped, local_parts = [], [], []
    for local, domain in ours:
        exact = _as_written(local, form)
        if exact is not None:
            addressed.append(exact)
        if domain == form.domain.lower():
            local_parts.append(local)
            retyped += list(_as_retyped(local, form))
    return Clues(
        addressed=tuple(dict.fromkeys(addressed)),
        retyped=tuple(dict.fromkeys(retyped)),
        local_parts=tuple(local_parts),
        reports_on=reports_on,
        answers=in_reply_to,
        thread=tuple(references)[-MOST_THREAD:],
        references=tuple(dict.fromkeys(found.upper() for found in _REFERENCE.findall(subject[:2000])))[:20],
        subject=subject[:2000],
    )


def match(clues: Clues, known: Known) -> Match:
    """Return where the mail belongs. The order of the steps is at the head of this file."""
    reported = _one_of(known.thread.get(clues.reports_on, ()), "thread")
    if reported is not None:
        return reported
    by_token = [request for request in (_owner(pair, known) for pair in clues.addressed) if request is not None]
    if by_token:
        return _placed(by_token, "token")
    return (
        _by_correction(clues, known)
        or _one_of(_owners_of_slips(clues, known), "retyped")
        or _by_thread(clues, known)
        or _by_subject(clues, known)
        or Match("none")
    )


def _by_correction(clues: Clues, known: Known) -> Match | None:
    found = [known.corrections[local] for local in clues.local_parts if local in known.corrections]
    return _placed(found, "retyped") if found else None


def _by_thread(clues: Clues, known: Known) -> Match | None:
    """In-Reply-To names one letter; References may wander through several conversations."""
    if clues.answers in known.thread:
        return _one_of(known.thread[clues.answers], "thread")
    return _one_of({request for name in clues.thread for request in known.thread.get(name, ())}, "thread")


def _by_subject(clues: Clues, known: Known) -> Match | None:
    # A reference in an address whose token is wrong counts no more than one in the subject: anybody can guess it.
    named = dict.fromkeys((*clues.references, *(reference for reference, _token in clues.addressed)))
    ours = [known.tokens[reference][0] for reference in named if reference in known.tokens]
    if ours:
        return _placed(ours, "reference")
    requests_of: dict[str, set[int]] = {}
    for number, request in known.numbers:
        if _stands_in(number, clues.subject):
            requests_of.setdefault(_plain(number), set()).add(request)
    if not requests_of:
        return None
    if all(len(requests) == 1 for requests in requests_of.values()):
        return _placed(sorted({request for requests in requests_of.values() for request in requests}), "number")
    return Match("ambiguous", tuple(sorted({request for requests in requests_of.values() for request in requests})))


def _placed(requests: Iterable[int], how: How) -> Match:
    return Match("placed", tuple(dict.fromkeys(requests)), how)


def _one_of(requests: Collection[int], how: How) -> Match | None:
    if len(requests) == 1:
        return _placed(requests, how)
    return Match("ambiguous", tuple(sorted(requests))) if requests else None


def _owner(pair: tuple[str, str], known: Known) -> int | None:
    """Return the request whose reference and token these are."""
    reference, typed = pair
    request, token = known.tokens.get(reference, (0, ""))
    return request if token and _same(typed.lower(), token.lower()) else None


def _owners_of_slips(clues: Clues, known: Known) -> set[int]:
    found = set()
    for reference, typed in clues.retyped:
        request, token = known.tokens.get(reference, (0, ""))
        if token and _same(_folded(typed), _folded(token)):
            found.add(request)
    return found


def _same(one: str, other: str) -> bool:
    """Compare in a time that does not tell how much of a token was right."""
    return hmac.compare_digest(one.encode(), other.encode())


def _local_parts(addresses: Iterable[str]) -> Iterator[tuple[str, str]]:
    for address in addresses:
        local, at, domain = address.strip().strip("<>").lower().rpartition("@")
        if at and local:
            yield local.strip('"')[:200], domain.rstrip(".")


def _as_written(local: str, form: Form) -> tuple[str, str] | None:
    """Return reference and token of a local part that is as we write it, at whatever domain: we may have moved."""
    rest = local.removeprefix(f"{form.mailbox.lower()}+")
    found = _ADDRESSED.fullmatch(rest)
    return (found[1].upper(), found[2]) if found else None


def _as_retyped(local: str, form: Form) -> Iterator[tuple[str, str]]:
    """Yield every reference and rest that a retyped local part can mean: look-alikes, separators lost or added."""
    signs = _BETWEEN.sub("", local)
    mailbox = _BETWEEN.sub("", form.mailbox.lower())
    if mailbox and _folded(signs).startswith(_folded(mailbox)):
        signs = signs[len(mailbox) :]
    states = ["".join(pair) for pair in product(*(_LETTERS_FOR.get(sign, sign) for sign in signs[:2]))]
    digits = signs[2:12].translate(_FOLDED)
    for length in (4, 5, 6):  # of the number of a request in its year
        end = 4 + length
        if len(signs) > 2 + end and digits[:end].isdecimal():
            for state in states:
                yield f"{state}-{digits[:4]}-{digits[4:end]}".upper(), signs[2 + end :]


def _folded(text: str) -> str:
    return _BETWEEN.sub("", text.lower()).translate(_FOLDED)


def _plain(number: str) -> str:
    return " ".join(number.upper().split())


def _stands_in(number: str, subject: str) -> bool:
    """Return whether a number stands in a subject by itself, not as a part of a longer one."""
    wanted = _plain(number)
    if len(wanted) < _SHORTEST_NUMBER or not any(sign.isdecimal() for sign in wanted):
        return False
    return re.search(rf"(?<![A-Z0-9]){re.escape(wanted)}(?![A-Z0-9])", _plain(subject)) is not None
