"""What a step of the reading gets, and what it gives back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import transaction

from requests_app.documents.derived import Derived
from requests_app.documents.models import Blob


class Cancelled(Exception):
    """A person stopped the reading, or another worker took the step over. What is done so far stays."""


@dataclass(frozen=True)
class Outcome:
    """How a part of a step ended. `state`: done, more (run me again), not_needed or failed."""

    state: str
    result: dict[str, Any] = field(default_factory=dict)
    trouble: str = ""

    @classmethod
    def done(cls, **result: Any) -> Outcome:
        """The step is whole."""
        return cls("done", result)

    @classmethod
    def more(cls, **result: Any) -> Outcome:
        """Its time was up; what it did is recorded, and the rest is done when its turn comes again."""
        return cls("more", result)

    @classmethod
    def not_needed(cls, why: str) -> Outcome:
        """This file needs no such step."""
        return cls("not_needed", {"why": why})

    @classmethod
    def failed(cls, trouble: str, **result: Any) -> Outcome:
        """It cannot be done, and will not be tried again by itself. `trouble`: a code that `ingest.wording` says."""
        return cls("failed", result, trouble)


@dataclass
class Work:
    """One part of one step on one blob.

    A step must be idempotent: it can be killed at any instruction and is then run again from its beginning, beside
    whatever it had written. It commits what it has in small transactions and reports `progress` after each.
    """

    blob: Blob
    folder: Path  # temporary, on the store's disk; gone afterwards
    original: Callable[[], Path]  # a local file with the bytes; never write to it
    renew: Callable[[int, int], None]
    slice_ends: float  # by time.monotonic
    results: dict[str, dict[str, Any]]  # of the steps before, by their names
    earlier: dict[str, Any]  # what this step said when it asked for more

    @property
    def derived(self) -> Derived:
        """This blob's derivatives."""
        return Derived(self.blob.pk)

    @property
    def time_is_up(self) -> bool:
        """Whether the step should end with `Outcome.more`, so that others get their turn."""
        return time.monotonic() >= self.slice_ends

    def progress(self, done: int, of: int) -> None:
        """Say how far it has come, and hold the claim for longer. Raises Cancelled."""
        self.renew(done, of)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Give a transaction in which what was found is written."""
        with transaction.atomic():
            yield


Run = Callable[[Work], Outcome]
