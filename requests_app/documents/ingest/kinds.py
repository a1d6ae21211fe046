"""The steps by which a returned file becomes readable, in order. A new step is a new line."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from requests_app.documents.ingest.work import Run

PAGED: Final = frozenset({"pdf", "image", "text document", "slides", "web page"})
ALL: Final = frozenset(
    {"pdf", "image", "text document", "slides", "web page", "text", "spreadsheet", "e-mail", "archive", "recording",
     "other"}
)  # fmt: skip


@dataclass(frozen=True)
class StepKind:
    """One step: what it is called, which files need it, after which other steps, and how long it may take.

    `version` is raised when its code gives another result; `again` then finds the older ones.
    `seconds_a_megabyte` only ranks the waiting ones: what takes less comes first.
    """

    name: str
    version: int
    kinds: frozenset[str]
    after: tuple[str, ...] = ()
    seconds_a_megabyte: float = 0.1

    @property
    def run(self) -> Run:
        """The function `step` of its own file in `ingest.steps`."""
        found: Run = importlib.import_module(f"requests_app.documents.ingest.steps.{self.name}").step
        return found


STEPS: Final[tuple[StepKind, ...]] = ()

BY_NAME: Final = {kind.name: kind for kind in STEPS}


def steps_for(kind: str, steps: Iterable[StepKind] = STEPS) -> list[StepKind]:
    """Return the steps that a file of this kind needs, in order."""
    return [step for step in steps if kind in step.kinds]
