"""Mail and text as they are laid out to be read. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

MOST_LINES: Final = 500_000
LONGEST_LINE: Final = 5_000  # letters shown; a line of a log that goes on for megabytes is cut
HEADER: Final = re.compile(r"([A-Z][A-Za-z-]{1,30}): (.*)")
QUOTED: Final = re.compile(r"\s*>")


@dataclass(frozen=True)
class Stretch:
    """Some lines of a mail that belong together. `quoted`: of an earlier mail, folded away."""

    text: str
    quoted: bool


@dataclass(frozen=True)
class Mail:
    """One mail: its headers and its text in stretches."""

    headers: tuple[tuple[str, str], ...]
    stretches: tuple[Stretch, ...]


def mail_in(text: str) -> Mail:
    """Return a mail whose headers are the first lines, down to an empty one, "Name: words" each."""
    head, _gap, body = text.partition("\n\n")
    headers: list[tuple[str, str]] = []
    for line in head.splitlines():
        found = HEADER.fullmatch(line)
        if found:
            headers.append((found[1], found[2]))
        elif headers and line[:1] in " \t":
            headers[-1] = (headers[-1][0], f"{headers[-1][1]} {line.strip()}")
        else:
            return Mail((), tuple(_stretches(text)))
    return Mail(tuple(headers), tuple(_stretches(body)))


def _stretches(body: str) -> list[Stretch]:
    found: list[Stretch] = []
    lines: list[str] = []
    quoted = False
    for line in body.strip("\n").splitlines():
        is_quoted = bool(QUOTED.match(line)) or (quoted and not line.strip())
        if lines and is_quoted != quoted:
            found.append(Stretch("\n".join(lines), quoted))
            lines = []
        quoted = is_quoted
        lines.append(line)
    return [*found, Stretch("\n".join(lines), quoted)] if lines else found


def lines_of(parts: Iterable[str]) -> list[str]:
    """Return the lines of a text that was kept in parts, each part whole lines. Bounded in number and length."""
    found: list[str] = []
    for part in parts:
        found += [line[:LONGEST_LINE] for line in part.splitlines()]
        if len(found) >= MOST_LINES:
            break
    return found[:MOST_LINES]


def lines_with(lines: Sequence[str], query: str) -> set[int]:
    """Return the numbers, from 1, of the lines that have these words in this order; capitals count as small letters."""
    wanted = " ".join(query.casefold().split())
    if not wanted:
        return set()
    return {number for number, line in enumerate(lines, start=1) if wanted in " ".join(line.casefold().split())}


def start_of(given: str, count: int, size: int) -> int:
    """Return the number of the line with which the part begins that has line `given`; 1 when it means nothing."""
    line = int(given) if given.isdecimal() and 0 < len(given) < 9 else 1
    line = max(1, min(line, count))
    return (line - 1) // size * size + 1
