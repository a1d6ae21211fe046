"""A received file, ready for its steps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from requests_app.documents import services
from requests_app.documents.models import Document
from requests_app.documents.store import Store
from requests_app.filing.models import RecordsRequest

Receive = Callable[[bytes, str], Document]


@pytest.fixture
def receive(store: Store, letter: RecordsRequest, settings: Any, tmp_path: Path) -> Receive:
    """Bring a file in for Alice's letter."""
    settings.DERIVED_DIR = str(tmp_path / "derived")
    settings.UPLOAD_LIMIT_MB = 50

    def bring(content: bytes, name: str) -> Document:
        received = services.receive_file(
            letter, [content], name=name, received_on=date(2026, 3, 20), via=Document.Via.UPLOAD, by=letter.filer,
            now=timezone.now(),
        )  # fmt: skip
        return received.document

    return bring
