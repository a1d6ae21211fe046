"""Steps of the tests' own, which do what a test wants, and files to run them on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from requests_app.documents.identify import identify  # noqa: F401  the kinds below are its
from requests_app.documents.ingest import kinds, running, services
from requests_app.documents.ingest.work import Outcome, Work
from requests_app.documents.models import Blob, Step
from tests.factories import NOON


@dataclass(frozen=True)
class MadeUp(kinds.StepKind):
    """A step whose function is given."""

    does: Callable[[Work], Outcome] = field(default=lambda work: Outcome.done())

    @property
    def run(self) -> Callable[[Work], Outcome]:
        return self.does


def step(name: str, does: Callable[[Work], Outcome] | None = None, **facts: Any) -> MadeUp:
    """Return a step that every file needs, and that is done at once unless `does` says otherwise."""
    more = {} if does is None else {"does": does}
    return MadeUp(name=name, version=facts.pop("version", 1), kinds=facts.pop("kinds", kinds.ALL), **facts, **more)


def use(monkeypatch: pytest.MonkeyPatch, *steps: kinds.StepKind) -> None:
    """Let these be the steps of reading."""
    monkeypatch.setattr(kinds, "STEPS", steps)
    monkeypatch.setattr(kinds, "BY_NAME", {one.name: one for one in steps})


def make_blob(content: bytes = b"records", *, kind: str = "pdf", size: int | None = None) -> Blob:
    """Return the row of a file. Its bytes are in no store."""
    return Blob.objects.create(
        sha256=hashlib.sha256(content).hexdigest(),
        size=size or len(content),
        media_type="application/pdf",
        kind=kind,
        stored_at=NOON,
    )


class Clock:
    """A clock that stands still until it is told otherwise."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **much: float) -> None:
        self.now += timedelta(**much)


def run_all(clock: Callable[[], datetime] = lambda: NOON, most: int = 200) -> int:
    """Run what waits. Returns how many parts that were."""
    for count in range(most):
        if not running.run_next(clock):
            return count
    raise AssertionError(f"After {most} parts there is still something to do.")


def states(blob: Blob) -> dict[str, str]:
    """Return the state of each step of a file."""
    return dict(blob.steps.values_list("name", "state"))


def begin(blobs: Iterable[Blob], now: datetime = NOON, **how: Any) -> None:
    for blob in blobs:
        services.begin(blob, now=now, **how)


def only(blob: Blob) -> Step:
    """Return the one step of a file."""
    return blob.steps.get()
