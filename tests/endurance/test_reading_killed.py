"""A hundred readers killed while they make the whole corpus readable. `make endurance` runs it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from requests_app.documents.store import Store
from requests_app.filing.models import RecordsRequest
from tests.documents.conftest import letter, store  # noqa: F401  fixtures
from tests.documents.corpus import SAMPLES
from tests.documents.ingest.killing import kill_and_compare
from tests.documents.ingest.test_killed import SEED

pytestmark = [pytest.mark.endurance, pytest.mark.django_db(transaction=True)]


def test_a_hundred_deaths_change_nothing(
    store: Store,  # noqa: F811
    settings: Any,
    letter: RecordsRequest,  # noqa: F811
    tmp_path: Path,
):
    settings.UPLOAD_LIMIT_MB, settings.DERIVED_DIR = 50, str(tmp_path / "derived")
    batches = [SAMPLES[number::10] for number in range(10)]
    kill_and_compare(100, SEED, letter, batches, tmp_path / "stage", settings)
