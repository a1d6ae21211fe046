"""A letter as a list of blocks that a person can change, and the changes as data over the generated letter. Pure.

The letter that the composer made stays what it is; what a person wrote is kept beside it as `Edits`: the blocks as they
were generated (`base`) and the blocks as they are now. So the letter can be composed again at any time, with other
choices, another law or its reference numbers, and `merge` carries the person's words over:

- A block that nobody touched follows the generated text.
- A block that a person changed keeps their words. Where the generated text moved on underneath, that is a `Drift`.
- A block that is taken out stays out, as a block without text, so that it can be put back.

A paragraph that says what the law is (`legal`) changes only with a reason; `check` refuses it otherwise. Subject,
salutation and closing are no blocks: they stay as composed. Nothing here expands a placeholder: braces that a person
types are printed as typed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from typing import Any, Final, Literal

import msgspec
from django.utils.translation import gettext as _

from requests_app.kits.letters import Letter, Part, Section

Kind = Literal["heading", "paragraph", "item"]
Op = Literal["same", "removed", "added"]
Fate = Literal["followed", "kept", "gone", "new"]

# A paste of 40,000 characters is a long letter; beyond these numbers it is a mistake, and PDF and page would crawl.
BLOCK_LIMIT: Final = 60_000
LETTER_LIMIT: Final = 120_000
BLOCKS_LIMIT: Final = 150

_NEW: Final = "new"
_ID: Final = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+){1,2}")
_BLANK_LINE: Final = re.compile(r"\n[^\S\n]*\n")
_WORD: Final = re.compile(r"\S+\s*|\s+")
_SENTENCE: Final = re.compile(r".+?(?:[.!?:;]\s+|\n+|$)", re.DOTALL)
# Control signs that no printer knows, halves of surrogate pairs, and marks that turn the reading order around unseen.
_UNPRINTABLE: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_ALIKE: Final = 0.5  # share of words in common from which two items are the same item, reworded
_DIFF_WORK: Final = 400_000  # pairs of equal words that one comparison may look at: well under half a second


@dataclass(frozen=True, kw_only=True)
class Block:
    """One heading, paragraph or numbered item.

    `id`: where it stands in the generated letter ("fees.0", "records.h", "records.0.3"), or "new.1" for one that a
    person added. `text` empty: taken out. `unlocked_because`: why a legal paragraph may differ from the generated one.
    """

    id: str
    kind: Kind
    text: str
    legal: bool = False
    unlocked_because: str = ""

    @property
    def is_new(self) -> bool:
        """True when a person added the block."""
        return _section_of(self.id) == _NEW


@dataclass(frozen=True, kw_only=True)
class Edits:
    """What a person made of a letter: the blocks it was generated with, and the blocks as they are now."""

    base: tuple[Block, ...]
    blocks: tuple[Block, ...]

    @property
    def changed(self) -> bool:
        """True when the letter differs from the generated one."""
        return [(block.id, block.text) for block in self.base] != [(block.id, block.text) for block in self.blocks]


@dataclass(frozen=True, kw_only=True)
class Drift:
    """A block whose generated text moved on after a person had begun to edit.

    followed: nobody had touched it, so the letter has the new text. kept: the person's words stand, over a newer
    generated text. gone: the generated letter has it no longer; `mine` is what the person had written, if anything.
    new: the generated letter says something more.
    """

    fate: Fate
    block: Block
    before: str
    now: str
    mine: str = ""

    @property
    def needs_a_look(self) -> bool:
        """True when a person's words stand where the generated letter now says something else."""
        return self.fate == "kept" or (self.fate == "gone" and bool(self.mine))


@dataclass(frozen=True, kw_only=True)
class Merged:
    """The person's letter over a newly generated one, and what moved underneath."""

    edits: Edits
    drift: tuple[Drift, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Why the blocks make no letter. `block_id` is empty when it is about the letter as a whole."""

    block_id: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Change:
    """A stretch of text that both sides share, or that only one of them has."""

    op: Op
    text: str


@dataclass(frozen=True, kw_only=True)
class BlockChange:
    """One block of two versions compared. `moved`: it stands elsewhere among the others."""

    block: Block
    op: Literal["same", "changed", "added", "removed"]
    changes: tuple[Change, ...]
    moved: bool = False


@dataclass(frozen=True, kw_only=True)
class Unlocked:
    """A paragraph about the law that a person changed or took out (`after` empty), and why."""

    before: str
    after: str
    because: str


# --- letter and blocks ------------------------------------------------------------------------------------------------


def blocks_of(letter: Letter) -> tuple[Block, ...]:
    """Return the letter's body as blocks, in order."""
    return tuple(_blocks(letter))


def _blocks(letter: Letter) -> Iterator[Block]:
    for key, section in _homes(letter).items():
        if section.heading:
            yield Block(id=f"{key}.h", kind="heading", text=section.heading)
        for place, part in enumerate(section.parts):
            if part.text:
                yield Block(id=f"{key}.{place}", kind="paragraph", text=part.text, legal=part.legal)
            for number, item in enumerate(part.items):
                yield Block(id=f"{key}.{place}.{number}", kind="item", text=item, legal=part.legal)


def apply_blocks(letter: Letter, blocks: Sequence[Block]) -> Letter:
    """Return the letter with these blocks as its body. `apply_blocks(letter, blocks_of(letter)) == letter`.

    A heading opens a section. Items that stand together are one list, numbered from 1; two lists with nothing between
    them are one. Blocks without text are left out.
    """
    homes = _homes(letter)
    standing = [block for block in blocks if block.text.strip()]
    headed = {_section_of(block.id) for block in standing if block.kind == "heading"}
    grown: list[_Growing] = []
    for block in standing:
        name = _section_of(block.id)
        home = homes.get(name)
        if block.kind == "heading":
            grown.append(_Growing(name, home.key if home else "added", block.text, home.run_in if home else True))
            continue
        # A paragraph whose section has no heading (or lost it) opens its own; any other joins what it was moved to.
        opens = home is not None and name not in headed and (not grown or grown[-1].name != name)
        if opens or not grown:
            grown.append(_Growing(name, home.key if home else "added", "", home.run_in if home else True))
        grown[-1].take(block)
    return replace(letter, sections=tuple(section.finished() for section in grown))


@dataclass
class _Growing:
    """A section while its blocks are gathered. `name`: its unique name in the generated letter."""

    name: str
    key: str
    heading: str
    run_in: bool
    parts: list[Part] = field(default_factory=list)
    last: Block | None = None

    def take(self, block: Block) -> None:
        if block.kind != "item" or not self.parts or not self._continues(block):
            text, items = ("", (block.text,)) if block.kind == "item" else (block.text, ())
            self.parts.append(Part(text=text, items=items, legal=block.legal))
        else:
            part = self.parts[-1]
            self.parts[-1] = replace(part, items=(*part.items, block.text), legal=part.legal or block.legal)
        self.last = block

    def _continues(self, item: Block) -> bool:
        """Return whether an item belongs to the last part: to its list, or to the paragraph that introduces it."""
        assert self.last is not None  # noqa: S101  there is a part, so there was a block
        if self.last.kind == "item":
            return True
        return item.is_new or _part_of(item.id) == _part_of(self.last.id)

    def finished(self) -> Section:
        """Return the section. A heading runs in only where a paragraph follows that it can open."""
        # A section without a heading keeps what it was generated with: it says nothing there.
        run_in = self.run_in if not self.heading else self.run_in and bool(self.parts and self.parts[0].text)
        return Section(key=self.key, parts=tuple(self.parts), heading=self.heading, run_in=run_in)


def _homes(letter: Letter) -> dict[str, Section]:
    """Return the sections under names of their own: a key that stands there twice is numbered."""
    found: dict[str, Section] = {}
    for section in letter.sections:
        name, number = section.key, 1
        while name in found or name == _NEW:
            number += 1
            name = f"{section.key}-{number}"
        found[name] = section
    return found


def _section_of(block_id: str) -> str:
    return block_id.partition(".")[0]


def _part_of(block_id: str) -> str:
    return ".".join(block_id.split(".")[:2])


# --- what a person may do ---------------------------------------------------------------------------------------------


def printable(text: str) -> str:
    """Return a text without the signs that no printer knows and no document can hold."""
    return _UNPRINTABLE.sub("", text)


def clean_text(raw: str) -> str:
    """Return what was typed as one run of text: line breaks become spaces, signs that cannot be printed go."""
    return " ".join(printable(raw.replace("\r\n", "\n").replace("\r", "\n")).split())


def split_paragraphs(raw: str) -> list[str]:
    """Return what was typed as paragraphs: a blank line parts them. Empty when nothing readable was typed."""
    pieces = _BLANK_LINE.split(raw.replace("\r\n", "\n").replace("\r", "\n"))
    return [text for text in map(clean_text, pieces) if text]


def retype(blocks: Sequence[Block], typed: Mapping[str, str]) -> tuple[Block, ...]:
    """Return the blocks with the texts that a person typed, by id. A blank line in a text makes further blocks of it.

    A heading stays one line. Blocks that were not typed in stay as they are.
    """
    made: list[Block] = []
    for block in blocks:
        if block.id not in typed:
            made.append(block)
            continue
        raw = typed[block.id]
        # What was not touched is not tidied either: its spaces are the composer's.
        same = raw.replace("\r\n", "\n") == block.text
        texts = [block.text] if same else [clean_text(raw)] if block.kind == "heading" else split_paragraphs(raw)
        made.append(replace(block, text=texts[0] if texts else ""))
        for text in texts[1:]:
            made.append(Block(id=_fresh_id((*blocks, *made)), kind=block.kind, text=text))
    return tuple(made)


def move(blocks: Sequence[Block], block_id: str, steps: int) -> tuple[Block, ...]:
    """Return the blocks with one moved up (`steps` < 0) or down past others that stand in the letter."""
    order = list(blocks)
    at = next((place for place, block in enumerate(order) if block.id == block_id), None)
    if at is None:
        return tuple(order)
    step = 1 if steps > 0 else -1
    for _each in range(abs(steps)):
        to = at + step
        while 0 <= to < len(order) and not order[to].text and not order[to].is_new:  # past what is taken out
            to += step
        if not 0 <= to < len(order):
            break
        order.insert(to, order.pop(at))
        at = to
    return tuple(order)


def add_after(blocks: Sequence[Block], block_id: str, kind: Kind, text: str = "") -> tuple[tuple[Block, ...], str]:
    """Return the blocks with a new one after another (at the end when there is no such), and the new one's id."""
    order = list(blocks)
    at = next((place for place, block in enumerate(order) if block.id == block_id), len(order) - 1)
    made = Block(id=_fresh_id(order), kind=kind, text=text)
    order.insert(at + 1, made)
    return tuple(order), made.id


def take_out(blocks: Sequence[Block], block_id: str, because: str = "") -> tuple[Block, ...]:
    """Return the blocks without one. A generated one stays in the list without text, so that it can be put back."""
    return tuple(
        replace(block, text="", unlocked_because=because.strip() or block.unlocked_because)
        if block.id == block_id
        else block
        for block in blocks
        if block.id != block_id or not block.is_new
    )


def put_back(blocks: Sequence[Block], generated: Sequence[Block], block_id: str) -> tuple[Block, ...]:
    """Return the blocks with one as it was generated; a legal one is locked again."""
    origin = {block.id: block for block in generated}
    return tuple(origin.get(block.id, block) if block.id == block_id else block for block in blocks)


def unlock(blocks: Sequence[Block], block_id: str, because: str) -> tuple[Block, ...]:
    """Return the blocks with a legal one open for change, for a reason."""
    return tuple(
        replace(block, unlocked_because=clean_text(because)) if block.id == block_id and block.legal else block
        for block in blocks
    )


def _fresh_id(blocks: Sequence[Block]) -> str:
    taken = {block.id for block in blocks}
    number = 1
    while f"{_NEW}.{number}" in taken:
        number += 1
    return f"{_NEW}.{number}"


def check(generated: Sequence[Block], blocks: Sequence[Block]) -> tuple[Problem, ...]:
    """Return why these blocks make no letter: a legal paragraph changed without a reason, nothing left, too long."""
    return tuple(_problems(generated, blocks))


def _problems(generated: Sequence[Block], blocks: Sequence[Block]) -> Iterator[Problem]:
    mine = {block.id: block for block in blocks}
    for origin in generated:
        if not origin.legal:
            continue
        now = mine.get(origin.id)
        if now is not None and (now.text == origin.text or now.unlocked_because.strip()):
            continue
        if now is None or not now.text:
            message = _("This paragraph says what the law is. Give a reason before you take it out.")
        else:
            message = _("This paragraph says what the law is. Give a reason for changing it, or put it back.")
        yield Problem(block_id=origin.id, message=message)
    if not any(block.text.strip() for block in blocks if block.kind != "heading"):
        yield Problem(block_id="", message=_("The letter has no text left. Put a paragraph back, or write one."))
    for block in blocks:
        if len(block.text) > BLOCK_LIMIT:
            text = _(
                "This text has %(length)s characters; a paragraph can have %(limit)s. Your text is still here. Part it "
                "with blank lines, or shorten it."
            )
            facts = {"length": f"{len(block.text):,}", "limit": f"{BLOCK_LIMIT:,}"}
            yield Problem(block_id=block.id, message=text % facts)
    length = sum(len(block.text) for block in blocks)
    if length > LETTER_LIMIT:
        text = _("The letter has %(length)s characters; %(limit)s is the most. Your text is still here. Shorten it.")
        yield Problem(block_id="", message=text % {"length": f"{length:,}", "limit": f"{LETTER_LIMIT:,}"})
    if len(blocks) > BLOCKS_LIMIT:
        text = _("The letter has %(number)s pieces; %(limit)s is the most. Your text is still here. Join some of them.")
        yield Problem(block_id="", message=text % {"number": len(blocks), "limit": BLOCKS_LIMIT})


def unlocked(generated: Sequence[Block], blocks: Sequence[Block]) -> tuple[Unlocked, ...]:
    """Return the paragraphs about the law that differ from the generated ones, with the reasons given."""
    mine = {block.id: block for block in blocks}
    found = []
    for origin in generated:
        now = mine.get(origin.id)
        after = now.text if now is not None else ""
        if origin.legal and after != origin.text:
            found.append(
                Unlocked(before=origin.text, after=after, because=now.unlocked_because if now is not None else "")
            )
    return tuple(found)


# --- edits over a letter that is composed again -----------------------------------------------------------------------


def begin(letter: Letter) -> Edits:
    """Return the edits of a letter that nobody has changed."""
    blocks = blocks_of(letter)
    return Edits(base=blocks, blocks=blocks)


def merge(edits: Edits, letter: Letter) -> Merged:
    """Carry a person's words over to the letter as it is generated now.

    1. Find for each block of the earlier generated letter its counterpart in the new one.
    2. Walk the person's blocks: untouched ones follow the new text, changed ones keep the person's words.
    3. Put in what the new letter says more, after its neighbour there.
    """
    generated = blocks_of(letter)
    if generated == edits.base:
        return Merged(edits=edits)
    if not edits.changed:
        return Merged(edits=Edits(base=generated, blocks=generated))
    base = {block.id: block for block in edits.base}
    counterparts = _counterparts(edits.base, generated)
    drift: list[Drift] = []
    order: list[Block] = []
    for block in edits.blocks:
        origin = base.get(block.id)
        if origin is None:
            order.append(block)
            continue
        now = counterparts.get(block.id)
        touched = block.text != origin.text
        if now is None:
            mine = block.text if touched else ""
            if mine:
                order.append(Block(id=_fresh_id((*edits.blocks, *order)), kind=block.kind, text=mine))
            drift.append(Drift(fate="gone", block=block, before=origin.text, now="", mine=mine))
            continue
        text = block.text if touched else now.text
        order.append(replace(now, text=text, unlocked_because=block.unlocked_because))
        if now.text != origin.text:
            fate: Fate = "kept" if touched else "followed"
            drift.append(Drift(fate=fate, block=now, before=origin.text, now=now.text, mine=text if touched else ""))
    found = {block.id for block in counterparts.values()}
    for place, block in enumerate(generated):
        if block.id in found:
            continue
        order.insert(_place_after(order, generated[:place]), block)
        drift.append(Drift(fate="new", block=block, before="", now=block.text))
    return Merged(edits=Edits(base=generated, blocks=tuple(order)), drift=tuple(drift))


def edited(letter: Letter, edits: Edits) -> Letter:
    """Return the letter as the person wrote it, over the letter as it is generated now."""
    return apply_blocks(letter, merge(edits, letter).edits.blocks)


def dump(edits: Edits) -> dict[str, Any]:
    """Return edits as JSON-ready data."""
    built: dict[str, Any] = msgspec.to_builtins(edits)
    return built


def load(stored: Mapping[str, Any]) -> Edits | None:
    """Return the edits that `dump` made; None when nothing is stored. Raises msgspec.ValidationError for other data."""
    return msgspec.convert(dict(stored), Edits) if stored else None


def is_block_id(text: str) -> bool:
    """Return whether a text has the form of a block's id."""
    return bool(_ID.fullmatch(text))


def _place_after(order: Sequence[Block], before: Sequence[Block]) -> int:
    """Return where a new block goes: behind the nearest of its earlier neighbours that is there; else in front."""
    places = {block.id: place for place, block in enumerate(order)}
    return next((places[block.id] + 1 for block in reversed(before) if block.id in places), 0)


def _counterparts(base: Sequence[Block], generated: Sequence[Block]) -> dict[str, Block]:
    """Return for each block of the earlier letter the one that took its place, section by section."""
    found: dict[str, Block] = {}
    for name in dict.fromkeys(_section_of(block.id) for block in base):
        old = [block for block in base if _section_of(block.id) == name]
        new = [block for block in generated if _section_of(block.id) == name]
        matcher = SequenceMatcher(
            None, [(b.kind, b.text) for b in old], [(b.kind, b.text) for b in new], autojunk=False
        )
        for op, old_from, old_to, new_from, new_to in matcher.get_opcodes():
            if op == "equal":
                found |= {b.id: n for b, n in zip(old[old_from:old_to], new[new_from:new_to], strict=True)}
            elif op == "replace":
                found |= _reworded(old[old_from:old_to], new[new_from:new_to])
    return found


def _reworded(old: Sequence[Block], new: Sequence[Block]) -> dict[str, Block]:
    """Pair blocks whose text differs: items by the words they share, headings and paragraphs in their order."""
    found: dict[str, Block] = {}
    left = list(new)
    for block in old:
        same_kind = [other for other in left if other.kind == block.kind]
        if block.kind == "item":
            same_kind = [other for other in same_kind if _likeness(block.text, other.text) >= _ALIKE]
        if same_kind:
            found[block.id] = same_kind[0]
            left = left[left.index(same_kind[0]) + 1 :]
    return found


def _likeness(one: str, other: str) -> float:
    """Return the share of words that two texts have in common, from 0 to 1."""
    words, others = Counter(one.split()), Counter(other.split())
    total = words.total() + others.total()
    return 2 * (words & others).total() / total if total else 1.0


# --- comparing --------------------------------------------------------------------------------------------------------


def diff(old: str, new: str) -> tuple[Change, ...]:
    """Return how one text became another, word by word, in reading order.

    What is not "added" gives back `old`, what is not "removed" gives back `new`. Cost: linear in practice. First
    sentences are compared, then the words of those that differ; a stretch whose words repeat so often that comparing
    would take long is shown as replaced as a whole.
    """
    return _joined(_compared(_SENTENCE.findall(old), _SENTENCE.findall(new), by_words=True))


def compare(old: Sequence[Block], new: Sequence[Block]) -> tuple[BlockChange, ...]:
    """Return two versions of a letter block by block, in the order of the new one; what is gone stands in its place."""
    old = [block for block in old if block.text]
    new = [block for block in new if block.text]
    before = {block.id: block for block in old}
    after = {block.id: block for block in new}
    shared_old = [block.id for block in old if block.id in after]
    shared_new = [block.id for block in new if block.id in before]
    matcher = SequenceMatcher(None, shared_old, shared_new, autojunk=False)
    in_order = {
        block_id for start, _b, size in matcher.get_matching_blocks() for block_id in shared_old[start : start + size]
    }
    made: list[BlockChange] = []
    for block in new:
        earlier = before.get(block.id)
        if earlier is None:
            made.append(BlockChange(block=block, op="added", changes=(Change(op="added", text=block.text),)))
            continue
        op: Literal["same", "changed"] = "same" if earlier.text == block.text else "changed"
        made.append(
            BlockChange(block=block, op=op, changes=diff(earlier.text, block.text), moved=block.id not in in_order)
        )
    for place, block in enumerate(old):
        if block.id in after:
            continue
        gone = BlockChange(block=block, op="removed", changes=(Change(op="removed", text=block.text),))
        made.insert(_place_after([change.block for change in made], old[:place]), gone)
    return tuple(made)


def _compared(old: Sequence[str], new: Sequence[str], *, by_words: bool) -> Iterator[Change]:
    """Compare two lists of tokens; sentences that differ are compared again by their words."""
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    yield Change(op="same", text="".join(old[:start]))
    yield from _middle(old[start : len(old) - end], new[start : len(new) - end], by_words=by_words)
    yield Change(op="same", text="".join(old[len(old) - end :]))


def _middle(old: Sequence[str], new: Sequence[str], *, by_words: bool) -> Iterator[Change]:
    counts, others = Counter(old), Counter(new)
    if sum(count * others[token] for token, count in counts.items()) > _DIFF_WORK:
        yield Change(op="removed", text="".join(old))
        yield Change(op="added", text="".join(new))
        return
    for op, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        was, is_now = "".join(old[old_from:old_to]), "".join(new[new_from:new_to])
        if op == "equal":
            yield Change(op="same", text=was)
        elif by_words and was and is_now:
            yield from _compared(_WORD.findall(was), _WORD.findall(is_now), by_words=False)
        else:
            yield Change(op="removed", text=was)
            yield Change(op="added", text=is_now)


def _joined(changes: Iterator[Change]) -> tuple[Change, ...]:
    made: list[Change] = []
    for change in changes:
        if not change.text:
            continue
        if made and made[-1].op == change.op:
            made[-1] = Change(op=change.op, text=made[-1].text + change.text)
        else:
            made.append(change)
    return tuple(made)
