"""A spreadsheet that came back for Alice's letter, read without a process apart: the tests of that are elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from requests_app.documents import services
from requests_app.documents.ingest.steps.sheets import step
from requests_app.documents.ingest.work import Outcome, Work
from requests_app.documents.models import Document
from requests_app.documents.readers.sheets import read
from requests_app.documents.store import Store
from requests_app.filing.models import RecordsRequest

Bring = Callable[[bytes, str], Document]


@pytest.fixture
def derived(settings: Any, tmp_path: Path) -> Path:
    settings.DERIVED_DIR = str(tmp_path / "derived")
    return tmp_path / "derived"


def work_on(document: Document, *, earlier: dict[str, Any] | None = None, seconds: float = 60) -> Work:
    """Return what the step gets."""
    folder = Path(services.the_store().path(document.blob_id)).parent
    return Work(
        blob=document.blob,
        folder=folder,
        original=lambda: services.the_store().path(document.blob_id),
        renew=lambda _done, _of: None,
        slice_ends=time.monotonic() + seconds,
        results={},
        earlier=earlier or {},
    )


def read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the step read in this process."""

    def run(_reader: str, path: Path, *, order: Any, **_more: Any) -> Iterator[Any]:
        return read(path, order, path.parent)

    monkeypatch.setattr("requests_app.documents.ingest.steps.sheets.sandbox.run", run)


def brought(letter: RecordsRequest, content: bytes, name: str) -> Document:
    """Return a document with these bytes, not read yet."""
    received = services.receive_file(
        letter, [content], name=name, received_on=date(2026, 3, 20), via=Document.Via.UPLOAD, by=letter.filer,
        now=timezone.now(),
    )  # fmt: skip
    assert isinstance(received, services.Received)
    return received.document


@pytest.fixture
def bring(store: Store, derived: Path, letter: RecordsRequest, monkeypatch: pytest.MonkeyPatch) -> Bring:
    """Bring a spreadsheet in and read it; the step's result is recorded."""
    read_here(monkeypatch)

    def one(content: bytes, name: str) -> Document:
        document = brought(letter, content, name)
        record(document, step(work_on(document)))
        return document

    return one


def record(document: Document, outcome: Outcome) -> None:
    """Record the outcome as the worker does."""
    document.blob.steps.filter(name="sheets").update(
        state=outcome.state, result=outcome.result, trouble=outcome.trouble
    )
