"""What a file holds beside what it shows: one shape for the findings of every reader.

Reviewers see them, nobody else. A finding says that something is there; what is lawful and fair to do with it is a
person's to decide.
"""

from __future__ import annotations

from typing import Final

import msgspec

MOST: Final = 500  # findings kept of one file; the rest is only counted
SAMPLE: Final = 200  # characters

KINDS: Final = frozenset({
    "text_under_box",  # text that a drawn box covers
    "invisible_text",  # text drawn in no colour, off the page or behind a picture
    "hidden_text",  # text that the writer marked as hidden
    "tracked_change",  # inserted, deleted or moved with tracking on
    "comment",
    "note",  # a speaker's notes
    "hidden_slide",
    "hidden_sheet",
    "hidden_rows",
    "hidden_columns",
    "layer",  # one that is switched off
    "revision",  # an earlier version still in the file
    "metadata",  # names of people and firms
    "embedded_file",
    "external_link",  # an address that the file would fetch from
    "macro",
    "active_content",  # scripts, controls, actions that run on opening
})  # fmt: skip


class Hidden(msgspec.Struct, frozen=True):
    """One thing that a reader of the page would not see.

    `where`: its place in the file's own terms, such as "slide 3" or "word/footnotes.xml". `page`: from 1; 0 where it
    belongs to no page, or nobody can tell to which.
    """

    kind: str
    where: str
    sample: str = ""
    page: int = 0


def found(kind: str, where: str, sample: str = "", page: int = 0) -> Hidden:
    """Return a finding with its texts cut to what a list shows. Raises ValueError for a kind that nobody words."""
    if kind not in KINDS:
        raise ValueError(f"{kind} is no kind of hidden content.")
    return Hidden(kind, where[:SAMPLE], " ".join(sample.split())[:SAMPLE], page)
