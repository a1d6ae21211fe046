"""Derivatives of a test's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from requests_app.documents.ingest.work import STOPPING


@pytest.fixture(autouse=True)
def _derived(settings: Any, tmp_path: Path) -> None:
    settings.DERIVED_DIR = str(tmp_path / "derived")
    STOPPING.clear()
