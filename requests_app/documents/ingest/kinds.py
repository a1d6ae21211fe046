"""The steps by which a returned file becomes readable, in order. A new step is a new line."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from django.conf import settings

from requests_app.documents.ingest.work import Run

PAGED: Final = frozenset({"pdf", "image", "text document", "slides", "web page"})
ALL: Final = frozenset(
    {"pdf", "image", "text document", "slides", "web page", "text", "spreadsheet", "e-mail", "archive", "recording",
     "other"}
)  # fmt: skip
EVERY: Final = ALL | {"program"}  # a program is kept and locked, never read


@dataclass(frozen=True)
class StepKind:
    """One step: what it is called, which files need it, after which other steps, and how long it may take.

    `version` is raised when its code gives another result; `read_again --older` then finds what older code read.
    `after`: it waits for these to end, well or not. `needs`: it waits for these, too, and is left out unless each
    went well or was not needed: what a scanner found infected is not opened.
    `seconds_a_megabyte` only ranks the waiting ones: what takes less comes first.
    """

    name: str
    version: int
    kinds: frozenset[str]
    after: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    seconds_a_megabyte: float = 0.1

    @property
    def waits_for(self) -> tuple[str, ...]:
        """All steps that end before this one begins."""
        return (*self.needs, *self.after)

    @property
    def run(self) -> Run:
        """The function `step` of its own file in `ingest.steps`."""
        found: Run = importlib.import_module(f"requests_app.documents.ingest.steps.{self.name}").step
        return found


STEPS: Final = (
    StepKind("identify", 1, EVERY, seconds_a_megabyte=0.01),
    StepKind("scan", 1, EVERY, after=("identify",), seconds_a_megabyte=0.05),
    StepKind("unpack", 1, frozenset({"archive", "e-mail", "pdf"}), needs=("scan",), seconds_a_megabyte=0.3),
    StepKind(
        "convert", 1, frozenset({"text document", "slides", "web page", "text", "recording"}), needs=("scan",),
        seconds_a_megabyte=5,
    ),
    StepKind("pages", 1, PAGED, needs=("scan", "convert"), seconds_a_megabyte=0.3),
    StepKind("text", 1, PAGED, needs=("pages",), seconds_a_megabyte=1),
    StepKind("ocr", 1, PAGED, needs=("pages",), after=("text",), seconds_a_megabyte=60),
    StepKind("sheets", 1, frozenset({"spreadsheet"}), needs=("scan",), seconds_a_megabyte=3),
    StepKind(
        "index", 1, ALL, needs=("scan",), after=("unpack", "convert", "text", "ocr", "sheets"), seconds_a_megabyte=0.5
    ),
    StepKind("thumbnails", 1, PAGED, needs=("pages",), seconds_a_megabyte=0.5),
    StepKind(
        "hidden", 1, frozenset({"pdf", "text document", "slides", "spreadsheet"}), needs=("scan",),
        after=("pages",), seconds_a_megabyte=0.5,
    ),
)  # fmt: skip

BY_NAME: Final = {kind.name: kind for kind in STEPS}


def steps_for(kind: str, steps: Iterable[StepKind] | None = None) -> list[StepKind]:
    """Return the steps that a file of this kind needs, in order."""
    found = [step for step in (STEPS if steps is None else steps) if kind in step.kinds]
    if settings.READ_UNSCANNED:
        instead = {"scan": "identify"}
        return [replace(step, needs=tuple(instead.get(name, name) for name in step.needs)) for step in found]
    return found
