"""What a step of the reading gets, and what it gives back."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from django.db import transaction

from requests_app.documents.derived import Derived
from requests_app.documents.models import Blob

STOPPING: Final = threading.Event()  # set when this worker is asked to end: what it works on ends as if time were up


class Cancelled(Exception):
    """A person stopped the reading, or another worker took the step over. What is done so far stays."""


class TryLater(Exception):
    """Something that the step needs is not there at the moment, such as the scanner for viruses.

    The step waits, longer each time, and is never given up for that. `code`: what `ingest.wording` says meanwhile.
    """

    def __init__(self, code: str) -> None:
        super().__init__(f"This step waits: {code}.")
        self.code = code


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


def _hold_nothing() -> None:
    """Hold no claim: for a step that is run by itself."""


@dataclass
class Work:
    """One part of one step on one blob.

    A step must be idempotent: it can be killed at any instruction and is then run again from its beginning, beside
    whatever it had written. It commits what it has in small transactions (`writing`) and reports `progress` after
    each. While it waits for a reader in the sandbox, its claim is held for it.
    """

    blob: Blob
    folder: Path  # temporary, on the disk of the derivatives; gone afterwards
    original: Callable[[], Path]  # a local file with the bytes; never write to it
    renew: Callable[[int, int], None]
    slice_ends: float  # by time.monotonic
    results: dict[str, dict[str, Any]]  # of the steps before, by their names
    earlier: dict[str, Any]  # what this step said when it asked for more
    hold: Callable[[], None] = _hold_nothing

    @property
    def derived(self) -> Derived:
        """This blob's derivatives."""
        return Derived(self.blob.pk)

    @property
    def time_is_up(self) -> bool:
        """Whether the step should end with `Outcome.more`, so that others get their turn."""
        return STOPPING.is_set() or time.monotonic() >= self.slice_ends

    def progress(self, done: int, of: int) -> None:
        """Say how far it has come, and hold the claim for longer. May be called for each page. Raises Cancelled."""
        self.renew(done, of)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Give a transaction in which what was found is written, by nobody but the holder of the claim.

        A worker that was thought dead, or whose step was begun anew, writes nothing more. Raises Cancelled.
        """
        with transaction.atomic():
            # The blob first, as everywhere: two who lock both can never wait for each other.
            Blob.objects.select_for_update(no_key=True).filter(pk=self.blob.pk).values_list("pk").first()
            self.hold()
            yield


Run = Callable[[Work], Outcome]
