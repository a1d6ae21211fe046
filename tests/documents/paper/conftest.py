"""Folders of their own for each test, and Alice's letter to Maryland."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from requests_app.documents.store import Store
from tests.documents.conftest import letter

__all__ = ["letter"]


@pytest.fixture(autouse=True)
def store(settings: Any, tmp_path: Path) -> Store:
    settings.STORE_DIR = str(tmp_path / "store")
    settings.DERIVED_DIR = tmp_path / "derived"
    settings.UPLOAD_LIMIT_MB = 5
    return Store(tmp_path / "store")
