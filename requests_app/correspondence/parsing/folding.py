"""What is new in a mail, what is quoted and what is signature: for the view, which folds away what is not new.

Nothing is cut: the spans cover the whole text, and a doubt counts as new. A mail in which nothing would be left, a bare
forward, is new from beginning to end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["new", "quoted", "signature"]

# A forward's own text is what the sender wants to be read; a line that opens the mail answered is not.
_ORIGINAL: Final = re.compile(
    r"\s{0,10}(?:-{3,}\s{0,3}(?:original|reply|ursprüngliche) ?(?:message|nachricht|appointment)\s{0,3}-{3,}"
    r"|_{20,})\s*$",
    re.IGNORECASE,
)
_WROTE_START: Final = re.compile(r"\s{0,4}(?:on|am|le|el|il) .{4,400}", re.IGNORECASE)
_WROTE_END: Final = re.compile(r"(?:wrote|writes|said|schrieb|a écrit|escribió|ha scritto)\s?:\s*$", re.IGNORECASE)
_FIELD: Final = re.compile(
    r"[\s*]{0,6}(from|sent|date|to|cc|subject|von|gesendet|an|betreff|de|envoyé|para|asunto)\s?:\*{0,2}(?:\s|$)",
    re.IGNORECASE,
)
_FROM: Final = re.compile(r"[\s*]{0,6}(?:from|von|de)\s?:", re.IGNORECASE)
_DEVICE: Final = re.compile(
    r"\s{0,4}(?:sent from (?:my |mail for |outlook|yahoo)|get outlook for |sent via "
    r"|von meinem .{2,30} gesendet).{0,80}$",
    re.IGNORECASE,
)
_QUOTE: Final = re.compile(r"\s{0,3}(?:>|\|\s)")
_LINES_OF_A_HEADER: Final = 8


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the text, in characters from its beginning; `end` is not in it."""

    start: int
    end: int
    kind: Kind


def fold_text(text: str) -> tuple[Span, ...]:
    """Return the stretches of a text in order. They cover it without gap or overlap; neighbours differ in kind.

    1. From the header of an answered mail ("-----Original Message-----", "From: ... Sent: ...") to the end: quoted.
    2. Lines marked with ">", and the "On ... wrote:" above them: quoted. What stands between quotes is an answer: new.
    3. From "-- " to the next quote: signature; likewise a last line such as "Sent from my phone".
    """
    lines = text.split("\n")
    kinds = _kinds(lines)
    if not any(kind == "new" and line.strip() for kind, line in zip(kinds, lines, strict=True)):
        return (Span(0, len(text), "new"),) if text else ()
    spans: list[Span] = []
    position = 0
    for number, (line, kind) in enumerate(zip(lines, kinds, strict=True)):
        end = min(len(text), position + len(line) + 1) if number < len(lines) - 1 else len(text)
        if spans and spans[-1].kind == kind:
            spans[-1] = Span(spans[-1].start, end, kind)
        elif end > position:
            spans.append(Span(position, end, kind))
        position = end
    return tuple(spans)


def new_text(text: str) -> str:
    """Return only what is new in a text: what reading help reads."""
    return "".join(text[span.start : span.end] for span in fold_text(text) if span.kind == "new").strip()


def _kinds(lines: list[str]) -> list[Kind]:
    kinds: list[Kind] = ["new"] * len(lines)
    signature = False
    for number, line in enumerate(lines):
        if kinds[number] == "quoted":  # an attribution found before
            continue
        if _opens_the_answered_mail(lines, number):
            kinds[number:] = ["quoted"] * (len(lines) - number)
            break
        if _QUOTE.match(line):
            kinds[number] = "quoted"
            signature = False
            continue
        attribution = _attribution(lines, number)
        if attribution:
            kinds[number : number + attribution] = ["quoted"] * attribution
            signature = False
        elif line.rstrip("\r") in ("-- ", "--") or (_DEVICE.match(line) and _ends_here(lines, number + 1)):
            signature = True
        if signature and kinds[number] == "new":
            kinds[number] = "signature"
    return _with_blank_lines(lines, kinds)


def _attribution(lines: list[str], number: int) -> int:
    """Return how many lines from this one say "On ... wrote:", 0 when they do not; a quote must follow."""
    if not _WROTE_START.match(lines[number][:500]):
        return 0
    for size in (1, 2, 3):
        last = number + size - 1
        if last >= len(lines) or (size > 1 and not lines[last].strip()):
            return 0
        if _WROTE_END.search(lines[last][-60:]):
            following = next((line for line in lines[last + 1 : last + 4] if line.strip()), "")
            return size if _QUOTE.match(following) or not following else 0
    return 0


def _opens_the_answered_mail(lines: list[str], number: int) -> bool:
    """True at a line after which all belongs to the mail that was answered."""
    line = lines[number][:200]
    if _ORIGINAL.match(line):
        return _is_header_block(lines, number + 1)
    return bool(_FROM.match(line)) and _is_header_block(lines, number)


def _is_header_block(lines: list[str], number: int) -> bool:
    """True where three different fields of a mail's header stand close together, the sender first."""
    block = [line for line in lines[number : number + _LINES_OF_A_HEADER + 2] if line.strip()][:_LINES_OF_A_HEADER]
    if not block or not _FROM.match(block[0]):
        return False
    return len({found[1].lower() for line in block if (found := _FIELD.match(line[:200]))}) >= 3


def _ends_here(lines: list[str], number: int) -> bool:
    """True when nothing but blank lines, quotes or an answered mail follow."""
    for following in range(number, min(len(lines), number + 6)):
        line = lines[following]
        if line.strip():
            return (
                bool(_QUOTE.match(line))
                or bool(_attribution(lines, following))
                or _opens_the_answered_mail(lines, following)
            )
    return number + 6 > len(lines)


def _with_blank_lines(lines: list[str], kinds: list[Kind]) -> list[Kind]:
    """Give blank lines between two stretches of one kind to that kind, so that no sliver stands alone."""
    number = 0
    while number < len(lines):
        if lines[number].strip() or kinds[number] != "new":
            number += 1
            continue
        end = number
        while end < len(lines) and not lines[end].strip() and kinds[end] == "new":
            end += 1
        before = kinds[number - 1] if number else "new"
        after = kinds[end] if end < len(lines) else before
        if before == after:
            kinds[number:end] = [before] * (end - number)
        number = end
    return kinds
