"""A store, a letter, and only the steps of this part: identify, scan, unpack and convert."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import TestCase

from requests_app.documents import services
from requests_app.documents.ingest import kinds, running
from requests_app.documents.ingest.work import STOPPING
from requests_app.documents.models import Document, Step
from requests_app.documents.store import Store
from requests_app.filing.models import RecordsRequest
from tests.documents.ingest.made_up import use
from tests.factories import NOON

OURS = ("identify", "scan", "unpack", "convert")
Keep = Callable[..., Document]


@pytest.fixture(autouse=True)
def _folders(settings: Any, tmp_path: Path) -> None:
    settings.DERIVED_DIR = str(tmp_path / "derived")
    settings.CLAMD_ADDRESS = ""
    STOPPING.clear()


@pytest.fixture(autouse=True)
def _our_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, *(kind for kind in kinds.STEPS if kind.name in OURS))


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("services", "passwords", "locks", "ingest.steps.unpack"):
        monkeypatch.setattr(f"requests_app.documents.{module}.nudge", lambda: None)


@pytest.fixture
def keep(store: Store, letter: RecordsRequest, settings: Any) -> Keep:
    """Return the door by which a file comes in."""
    settings.UPLOAD_LIMIT_MB = 50

    def kept(content: bytes, name: str, into: RecordsRequest | None = None) -> Document:
        given: dict[str, Any] = {"received_on": NOON.date(), "via": "upload", "by": None, "now": NOON}
        with TestCase.captureOnCommitCallbacks(execute=True):
            return services.receive_file(into or letter, [content], name=name, **given).document

    return kept


def read_everything() -> None:
    """Run steps until nothing waits."""
    with TestCase.captureOnCommitCallbacks(execute=True):
        while running.run_next(lambda: NOON):
            pass


def step_of(document: Document, name: str) -> Step:
    """Return one step of a document, as it stands."""
    return Step.objects.get(blob=document.blob_id, name=name)


def inside(document: Document) -> dict[str, Document]:
    """Return what came inside a document, by path."""
    return {member.inner_path: member for member in Document.objects.filter(parent=document)}
