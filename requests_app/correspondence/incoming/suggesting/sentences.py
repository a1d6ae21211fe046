"""The sentences of a mail, as its writer meant them: lines that a program broke at 72 signs are joined again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

LONGEST_SENTENCE: Final = 1200  # characters; what has no end is cut, so that no step reads it whole again and again
MOST_SENTENCES: Final = 600

_UNSEEN: Final = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"), None)
_BLANKS: Final = {ord(sign): " " for sign in "\u00a0\u2007\u202f\t\f\v\x00"}
# One sign for one sign: places in the bare form are places in the text.
_BARE: Final = str.maketrans(
    {
        **{chr(code): chr(code + 32) for code in range(ord("A"), ord("Z") + 1)},
        **dict.fromkeys("‘’‚‛`´", "'"),
        **dict.fromkeys("“”„‟«»", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
    }
)
_SPACES: Final = re.compile(r" {2,}")
_BULLET: Final = re.compile(r"(?:[-*•·o▪◦–]|\(?[0-9]{1,2}[.)]|\(?[a-z][.)]) ")
_LABEL: Final = re.compile(r"[A-Za-z#$][^.:!?]{1,45}:(?: |$)")
_SHORT_LINE: Final = 60
# A sign that ends a sentence, where a new one begins after it. Which dots only shorten a word, `_shortens` says.
_END: Final = re.compile(r"(?<=[.!?])[\"')\]”’]{0,2} (?=[\"'(\[“‘]{0,2}[A-Z0-9$])|(?<=;) ")
_SHORT_WORDS: Final = frozenset(
    re.findall(
        r"\S+",
        "mr mrs ms dr prof hon sgt lt capt cpt cmdr col maj det ofc st ave blvd rd no nos sec secs art ch par para "
        "subd subsec cl tit pt ex exh stat ann gen gov gov't govt pub off pub. rev code civ crim proc admin adm "
        "cal md va pa wash mass mich minn ill ind okla tex fla ariz ark colo conn del ga kan ky la me miss mo mont "
        "neb nev n.h n.j n.m n.y n.c n.d ore or r.i s.c s.d tenn vt wis wyo w.va u.s u.s.c c.f.r jan feb mar apr "
        "jun jul aug sept sep oct nov dec mon tue tues wed thu thur thurs fri sat sun inc corp co ltd dept div e.g "
        "i.e cf al etc vs v p pp a.m p.m approx est attn re ext tel fed reg lab ins educ veh transp trans ",
    )
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence in one line. `bare`: the same places in small letters with plain quotes and dashes."""

    text: str
    bare: str
    paragraph: int


def sentences_of(text: str) -> list[Sentence]:
    """Return the sentences of a text in order, MOST_SENTENCES at most."""
    found: list[Sentence] = []
    clean = text.translate(_UNSEEN).translate(_BLANKS).replace("\r\n", "\n").replace("\r", "\n")
    for paragraph, stretch in enumerate(_stretches(clean)):
        for sentence in _cut(stretch):
            found.append(Sentence(sentence, bare_form(sentence), paragraph))
            if len(found) == MOST_SENTENCES:
                return found
    return found


def bare_form(text: str) -> str:
    """Return the text as rules compare it. Each sign keeps its place."""
    return text.translate(_BARE)


def _stretches(text: str) -> Iterator[str]:
    """Yield the stretches of text that no sentence crosses: paragraphs, items of lists, lines such as "Fee: $45.00"."""
    gathered: list[str] = []
    for raw in text.split("\n"):
        line = raw.strip()
        if not line:
            yield from _joined(gathered)
            gathered = []
            continue
        if gathered and (_BULLET.match(line) or _LABEL.match(line) or _stands_alone(gathered[-1])):
            yield from _joined(gathered)
            gathered = []
        gathered.append(line)
    yield from _joined(gathered)


def _stands_alone(line: str) -> bool:
    return len(line) < _SHORT_LINE and (bool(_LABEL.match(line)) or line.endswith(","))


def _joined(lines: list[str]) -> Iterator[str]:
    if lines:
        yield _SPACES.sub(" ", " ".join(lines))


def _cut(stretch: str) -> Iterator[str]:
    begin = 0
    for end in _END.finditer(stretch):
        if stretch[end.start() - 1] == "." and _shortens(stretch, end.start()):
            continue
        yield from _bounded(stretch[begin : end.start()] + end[0].rstrip())
        begin = end.end()
    yield from _bounded(stretch[begin:])


def _shortens(stretch: str, dot: int) -> bool:
    """True where the dot before this place ends a shortened word ("Sec. 4"), an initial or the number of an item."""
    word = stretch[max(0, dot - 15) : dot - 1].rpartition(" ")[2].lstrip("(\"'“‘").lower()
    return word in _SHORT_WORDS or len(word) == 1 or (word.isdigit() and len(word) <= 2 and dot <= 4)


def _bounded(sentence: str) -> Iterator[str]:
    for begin in range(0, len(sentence), LONGEST_SENTENCE):
        part = sentence[begin : begin + LONGEST_SENTENCE].strip()
        if part:
            yield part
