"""Which request a mail belongs to. Pure: first what the mail says of it (`clues_in`), then what that means (`match`).

Between the two, the caller looks up what is known of the few things that the clues name (`Known`).

1. A mail server's report goes with the letter that it reports on.
2. The address it was sent to, on the envelope or in the headers, with the right token: every request that is named.
   A token that the request gave up names it, too, but a person looks at the mail first (`Match.retired`).
3. An address typed with a slip: what a person once corrected, else the one request that it can mean.
4. What it answers: the letter or filed mail that In-Reply-To names, else the one request that References lead to.
5. The numbers in its subject: ours, or the agency's own where the sender is that agency's.

The first of these that names a request decides. Where a step leaves a choice, a person chooses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from requests_app.filing.reply_addresses import (
    AddressForm,
    WrittenToken,
    as_retyped,
    as_written,
    is_same,
    is_same_retyped,
    local_part,
    looks_like_token,
)

How = Literal["token", "retyped", "thread", "number", "reference"]
Result = Literal["placed", "ambiguous", "none"]

MOST_ADDRESSES: Final = 200  # of one mail; a mailing to more people is not a letter to us
MOST_THREAD: Final = 200
_SHORTEST_NUMBER: Final = 4  # "12" in a subject is a day or a page, not an agency's number
_REFERENCE: Final = re.compile(r"(?<![A-Za-z0-9])([A-Za-z]{2}-\d{4}-\d{4,6})(?![A-Za-z0-9])")


@dataclass(frozen=True, slots=True)
class Addressed:
    """One address that a mail was sent to, read: `written` as it stands, `retyped` as a person may have meant it.

    `local` is what stands before the @ where the address is at our domain, else empty. `is_tokenlike`: it is there, and
    may be a token of ours, however badly typed.
    """

    local: str = ""
    written: WrittenToken | None = None
    retyped: tuple[WrittenToken, ...] = ()
    is_tokenlike: bool = False

    def is_in(self, tokens: Mapping[str, Sequence[Issued]]) -> bool:
        """Return whether it was given out, as it stands."""
        return self.written is not None and bool(_issued([self.written], tokens, is_same))


@dataclass(frozen=True, slots=True)
class Clues:
    """What a mail says about the request it is for; nothing of it is checked yet.

    `answers` is In-Reply-To, `thread` the References, newest last; `reports_on` the letter that a bounce names.
    """

    addressed: tuple[Addressed, ...] = ()
    reports_on: str = ""
    answers: str = ""
    thread: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    subject: str = ""

    @property
    def asked_references(self) -> frozenset[str]:
        """Every reference of ours that must be looked up."""
        named = (token.reference for token in self.tokens if token.reference)
        return frozenset((*named, *self.references))

    @property
    def asked_starts(self) -> frozenset[str]:
        """Every beginning of a token that must be looked up."""
        return frozenset(token.key for token in self.tokens if not token.reference)

    @property
    def tokens(self) -> list[WrittenToken]:
        """Every token that stands in an address, as written or as it may have been meant."""
        return [token for one in self.addressed for token in (*([one.written] if one.written else []), *one.retyped)]

    @property
    def local_parts(self) -> list[str]:
        """What stands before the @ at our domain, for corrections."""
        return [one.local for one in self.addressed if one.local]

    @property
    def asked_ids(self) -> frozenset[str]:
        """Every Message-ID that must be looked up."""
        return frozenset(found for found in (self.reports_on, self.answers, *self.thread) if found)


@dataclass(frozen=True, slots=True)
class Issued:
    """A token that a request has, or had before it was given another."""

    request: int
    token: str
    retired: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What the house knows of the things that the clues name. Requests are numbers.

    `tokens`: what was given out, by `WrittenToken.key`. `references`: reference -> request. `thread`: Message-ID ->
    request, of our letters and of filed mail. `numbers`: the numbers that the sender's agency gave to requests.
    `corrections`: local part -> request.
    """

    tokens: Mapping[str, Sequence[Issued]] = field(default_factory=dict)
    references: Mapping[str, int] = field(default_factory=dict)
    thread: Mapping[str, Collection[int]] = field(default_factory=dict)
    numbers: Sequence[tuple[str, int]] = ()
    corrections: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Match:
    """Where the mail belongs (`requests`, all by the same `how`), or between which requests a person must choose.

    `retired`: a request of these is named only by an address that it gave up.
    """

    result: Result
    requests: tuple[int, ...] = ()
    how: How | None = None
    retired: bool = False


def clues_in(
    *,
    envelope_to: Iterable[str],
    recipients: Iterable[str],
    in_reply_to: str,
    references: Iterable[str],
    subject: str,
    form: AddressForm,
    reports_on: str = "",
) -> Clues:
    """Gather what a mail says about its request: addresses on the envelope and in its headers, threading, subject."""
    parts = dict.fromkeys(local_part(address) for address in (*envelope_to, *recipients))
    addressed = [_addressed(local, domain, form) for local, domain in list(parts)[:MOST_ADDRESSES] if local]
    return Clues(
        addressed=tuple(one for one in addressed if one.local or one.written),
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
    return (
        _by_token(clues, known)
        or _by_correction(clues, known)
        or _by_slip(clues, known)
        or _by_thread(clues, known)
        or _by_subject(clues, known)
        or Match("none")
    )


def guesses_in(clues: Clues, known: Known) -> tuple[str, ...]:
    """Return the local parts at our domain that may be tokens, and are none that was given out, typed well or badly."""
    return tuple(
        one.local
        for one in clues.addressed
        if one.is_tokenlike and one.local not in known.corrections and not _issued_to(one, known)
    )


def _addressed(local: str, domain: str, form: AddressForm) -> Addressed:
    if domain != form.domain.lower():
        return Addressed(written=as_written(local))  # we may have moved from there
    written = as_written(local)
    is_tokenlike = written is not None or looks_like_token(local, form)
    return Addressed(local, written, tuple(as_retyped(local, form)), is_tokenlike)


def _issued_to(one: Addressed, known: Known) -> list[Issued]:
    written = [one.written] if one.written else []
    return _issued(written, known.tokens, is_same) or _issued(one.retyped, known.tokens, is_same_retyped)


def _by_token(clues: Clues, known: Known) -> Match | None:
    found = _issued([one.written for one in clues.addressed if one.written], known.tokens, is_same)
    return _placed_by(found, "token") if found else None


def _by_correction(clues: Clues, known: Known) -> Match | None:
    found = [known.corrections[local] for local in clues.local_parts if local in known.corrections]
    return _placed(found, "retyped") if found else None


def _by_slip(clues: Clues, known: Known) -> Match | None:
    """An address typed with a slip, where all of them together can mean one request only: a guess must be no choice."""
    found = _issued([token for one in clues.addressed for token in one.retyped], known.tokens, is_same_retyped)
    requests = {issued.request for issued in found}
    return _placed_by(found, "retyped") if len(requests) == 1 else _one_of(requests, "retyped")


def _by_thread(clues: Clues, known: Known) -> Match | None:
    """In-Reply-To names one letter; References may wander through several conversations."""
    if clues.answers in known.thread:
        return _one_of(known.thread[clues.answers], "thread")
    return _one_of({request for name in clues.thread for request in known.thread.get(name, ())}, "thread")


def _by_subject(clues: Clues, known: Known) -> Match | None:
    # A reference in an address whose token is wrong counts no more than one in the subject: anybody can guess it.
    written = (one.written.reference for one in clues.addressed if one.written)
    ours = [known.references[name] for name in dict.fromkeys((*clues.references, *written)) if name in known.references]
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


def _issued(
    written: Iterable[WrittenToken], tokens: Mapping[str, Sequence[Issued]], is_the_same: Callable[[str, str], bool]
) -> list[Issued]:
    """Return what was given out of these. Each is compared with every token that has its key, in constant time."""
    return [issued for one in written for issued in tokens.get(one.key, ()) if is_the_same(one.token, issued.token)]


def _placed_by(found: Sequence[Issued], how: How) -> Match:
    current = {issued.request for issued in found if not issued.retired}
    requests = tuple(dict.fromkeys(issued.request for issued in found))
    return Match("placed", requests, how, retired=any(request not in current for request in requests))


def _plain(number: str) -> str:
    return " ".join(number.upper().split())


def _stands_in(number: str, subject: str) -> bool:
    """Return whether a number stands in a subject by itself, not as a part of a longer one."""
    wanted = _plain(number)
    if len(wanted) < _SHORTEST_NUMBER or not any(sign.isdecimal() for sign in wanted):
        return False
    return re.search(rf"(?<![A-Z0-9]){re.escape(wanted)}(?![A-Z0-9])", _plain(subject)) is not None
