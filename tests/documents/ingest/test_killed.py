"""Readers that die anywhere while they make a mixed batch readable: nothing is lost, doubled or half done.

`tests/endurance` kills a hundred; here it is five. READING_KILLS and READING_KILLS_SEED choose otherwise.
"""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Any

import pytest

from requests_app.documents.store import Store
from requests_app.filing.models import RecordsRequest
from tests.documents.corpus import named
from tests.documents.ingest.killing import kill_and_compare

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]
KILLS = int(os.environ.get("READING_KILLS", "5"))
SEED = int(os.environ.get("READING_KILLS_SEED", "0")) or random.SystemRandom().randrange(1, 1_000_000)


def test_what_readers_that_died_left_is_read_as_if_nothing_had_happened(
    store: Store, settings: Any, letter: RecordsRequest, tmp_path: Path
):
    settings.UPLOAD_LIMIT_MB = 50
    batches = [named("letter.pdf", "counts.csv"), named("all.zip")]
    kill_and_compare(KILLS, SEED, letter, batches, tmp_path / "stage", settings)
