"""The letter editor: from what was posted to blocks, and from blocks to what the page shows. Reads no table.

One form holds every block of the letter in order (`block`, repeated), the text of each that is open (`text.<id>`), the
reason of each that was unlocked (`because.<id>`), the revision that was opened (`revision`) and the button that was
pressed (`do`, such as "up:fees.0"). So it works without a script, and an autosave is the same form sent by itself.
`templates/filing/letter_editor.html` draws it; any page with a `Writable` letter may include it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.http import QueryDict
from django.utils.translation import gettext as _

from requests_app.kits import editing
from requests_app.kits.editing import Block, BlockChange, Change, Drift, Edits, Kind, Problem

_ADDS: Final[dict[str, Kind]] = {"paragraph": "paragraph", "item": "item", "heading": "heading"}
_SIGNS_A_LINE: Final = 62  # of the serif at the width of the editor's column; only a first guess at the height


@dataclass(frozen=True, slots=True)
class Posted:
    """What came with the form: the wording after the button's act, and where the reader goes on.

    `act`: "keep" for the main button, else what was done to one block. `problems`: why the act could not be done.
    """

    edits: Edits
    revision: int
    act: str
    at: str = ""
    problems: tuple[Problem, ...] = ()


def read(post: QueryDict, edits: Edits) -> Posted:
    """Return what was posted, over the wording as it stands (`edits`, merged with the letter generated now).

    Ids that the letter does not know are left aside; blocks that the form did not know of are kept.
    """
    revision = post.get("revision", "")
    act, _colon, at = post.get("do", "keep").partition(":")
    blocks = _posted_blocks(post, edits)
    problems: tuple[Problem, ...] = ()
    known = {block.id: block for block in blocks}
    if at in known:
        blocks, at, problems = _done(act, known[at], blocks, edits.base, post.get(f"because.{at}", ""))
    else:
        act = "keep"
    return Posted(
        edits=Edits(base=edits.base, blocks=blocks),
        revision=int(revision) if revision.isdecimal() and len(revision) < 10 else 0,
        act=act,
        at=at,
        problems=problems,
    )


def _posted_blocks(post: QueryDict, edits: Edits) -> tuple[Block, ...]:
    known = {block.id: block for block in (*edits.base, *edits.blocks)}
    order: list[Block] = []
    for block_id in dict.fromkeys(post.getlist("block")):
        block = known.get(block_id)
        if block is None and block_id.startswith("new.") and editing.is_block_id(block_id):
            kind = post.get(f"kind.{block_id}", "")
            block = Block(id=block_id, kind=_ADDS.get(kind, "paragraph"), text="")
        if block is None:
            continue
        because = post.get(f"because.{block_id}")
        if block.legal and block.unlocked_because and because is not None:
            # A reason that is wiped out stays: without it the words over the law could not be kept.
            block = replace(block, unlocked_because=editing.clean_text(because) or block.unlocked_because)
        order.append(block)
    posted = {block.id for block in order}
    for place, block in enumerate(edits.blocks):
        if block.id not in posted and not block.is_new:
            neighbours = [each.id for each in edits.blocks[:place]]
            at = max((n + 1 for n, each in enumerate(order) if each.id in neighbours), default=0)
            order.insert(at, block)
    typed = {
        block.id: post.get(f"text.{block.id}", "")
        for block in order
        if f"text.{block.id}" in post and not _locked(block, edits.base)
    }
    return editing.retype(order, typed)


def _locked(block: Block, base: Iterable[Block]) -> bool:
    """A sentence about the law that nobody unlocked: whatever a form says of it is not taken."""
    return block.legal and not block.unlocked_because and any(each.id == block.id for each in base)


def _done(
    act: str, block: Block, blocks: tuple[Block, ...], base: Sequence[Block], because: str
) -> tuple[tuple[Block, ...], str, tuple[Problem, ...]]:
    """Return the blocks after one button, the block to go on at, and why it could not be done."""
    if act in ("unlock", "take-out") and block.legal and not block.unlocked_because:
        if not editing.clean_text(because):
            text = _("This says what the law is. Write down why before you change it; coordinators see the reason.")
            return blocks, block.id, (Problem(block_id=block.id, message=text),)
        blocks = editing.unlock(blocks, block.id, because)
    if act in ("up", "down"):
        return editing.move(blocks, block.id, -1 if act == "up" else 1), block.id, ()
    if act in _ADDS:
        return *editing.add_after(blocks, block.id, _ADDS[act]), ()
    if act == "take-out":
        after = editing.take_out(blocks, block.id)
        at = block.id if any(each.id == block.id for each in after) else _before(blocks, block.id)
        return after, at, ()
    if act == "put-back":
        return editing.put_back(blocks, base, block.id), block.id, ()
    return blocks, block.id, ()


def _before(blocks: Sequence[Block], block_id: str) -> str:
    place = next(place for place, block in enumerate(blocks) if block.id == block_id)
    return blocks[max(place - 1, 0)].id


@dataclass(frozen=True, slots=True)
class Row:
    """One block as the page shows it, beside the generated text. `under`: the heading that it stands under."""

    block: Block
    label: str
    under: str
    generated: str
    changes: tuple[Change, ...]
    problem: str
    focus: bool

    @property
    def locked(self) -> bool:
        """Return whether it is read only: law that nobody unlocked."""
        return self.block.legal and not self.block.unlocked_because

    @property
    def taken_out(self) -> bool:
        """Return whether it stands in the generated letter only."""
        return not self.block.text and not self.block.is_new

    @property
    def changed(self) -> bool:
        """Return whether it differs from the generated text."""
        return self.block.text != self.generated

    @property
    def lines(self) -> int:
        """Return how many lines the text takes, for the height of its field."""
        return min(24, max(2, -(-len(self.block.text) // _SIGNS_A_LINE) + 1))


@dataclass(frozen=True, slots=True)
class Editor:
    """Everything that `filing/letter_editor.html` needs."""

    rows: list[Row]
    revision: int
    saved_at: datetime | None
    drift: tuple[Drift, ...]
    problems: tuple[Problem, ...]
    keep_url: str
    elsewhere: list[BlockChange]

    @property
    def to_compare(self) -> list[Drift]:
        """Return what moved underneath words that the person wrote."""
        return [drift for drift in self.drift if drift.needs_a_look]

    @property
    def followed(self) -> list[Drift]:
        """Return what moved where nobody had written anything: the letter says it already."""
        return [drift for drift in self.drift if not drift.needs_a_look]

    @property
    def changed_rows(self) -> int:
        """Return how many blocks differ from the generated letter."""
        return sum(row.changed for row in self.rows)


def show(
    edits: Edits,
    *,
    revision: int,
    keep_url: str,
    drift: Sequence[Drift] = (),
    problems: Sequence[Problem] = (),
    at: str = "",
    saved_at: datetime | None = None,
    elsewhere: Sequence[Block] | None = None,
) -> Editor:
    """Return what the editor's template needs.

    `keep_url`: where the form saves itself while somebody writes. `at`: the block that gets the focus. `elsewhere`: the
    blocks as another window left them, to be compared with these.
    """
    base = {block.id: block.text for block in edits.base}
    wrong = {problem.block_id: problem.message for problem in problems}
    rows, number, heading = [], 0, ""
    for block in edits.blocks:
        shown = bool(block.text) or block.is_new
        number = number + 1 if block.kind == "item" and shown else number if not shown else 0
        heading = block.text if block.kind == "heading" else heading
        generated = base.get(block.id, "")
        rows.append(
            Row(
                block=block,
                label=_label(block, number),
                under="" if block.kind == "heading" else heading,
                generated=generated,
                changes=editing.diff(generated, block.text) if generated and block.text != generated else (),
                problem=wrong.get(block.id, ""),
                focus=block.id == at,
            )
        )
    different = editing.compare(elsewhere, edits.blocks) if elsewhere is not None else ()
    return Editor(
        rows=rows,
        revision=revision,
        saved_at=saved_at,
        drift=tuple(drift),
        problems=tuple(problems),
        keep_url=keep_url,
        elsewhere=[change for change in different if change.op != "same" or change.moved],
    )


def _label(block: Block, number: int) -> str:
    """Return what a block is called: "Heading", "Item 2", "Paragraph"."""
    if block.kind == "heading":
        return _("Heading")
    if block.kind == "paragraph":
        return _("Paragraph")
    return _("Item %(number)s") % {"number": number} if number else _("Item")
