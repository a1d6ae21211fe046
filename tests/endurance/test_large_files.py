"""Files of which there is much: ten thousand members, five thousand pages. `make endurance` runs it: it takes minutes.

LARGE_MEMBERS and LARGE_PAGES choose otherwise.
"""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from requests_app.documents import services as documents
from requests_app.documents.models import Document, Page, Passage, Step
from requests_app.documents.store import Store
from requests_app.filing.models import RecordsRequest
from tests.documents.conftest import letter, store  # noqa: F401  fixtures
from tests.documents.ingest.made_up import run_all
from tests.documents.kinds.making import zipped
from tests.documents.viewer.paper import a_pdf
from tests.factories import NOON

pytestmark = [pytest.mark.endurance, pytest.mark.django_db]
MEMBERS = int(os.environ.get("LARGE_MEMBERS", "10000"))
PAGES = int(os.environ.get("LARGE_PAGES", "5000"))
DIFFERENT = 10


@pytest.fixture(autouse=True)
def _large(settings: Any, tmp_path: Path) -> None:
    settings.UPLOAD_LIMIT_MB, settings.DERIVED_DIR = 50, str(tmp_path / "derived")


def receive(request: RecordsRequest, content: bytes, name: str) -> Document:
    return documents.receive_file(
        request, [content], name=name, received_on=date(2026, 3, 20), via="reply", by=None, now=NOON
    ).document


def test_ten_thousand_members_each_become_a_document_and_the_same_bytes_are_read_once(
    store: Store,  # noqa: F811
    letter: RecordsRequest,  # noqa: F811
) -> None:
    """The members have few contents, as forms that were filled in alike: what is tested is their number."""
    members = {f"2025/{number:05d}.txt": f"Record of kind {number % DIFFERENT}".encode() for number in range(MEMBERS)}
    archive = receive(letter, zipped(members, packed=False), "everything.zip")
    run_all()
    assert not Step.objects.exclude(state__in=[Step.State.DONE, Step.State.NOT_NEEDED]).exists()
    assert archive.members.count() == MEMBERS
    last, alike = (archive.members.get(inner_path=f"2025/{MEMBERS - 1 - at:05d}.txt") for at in (0, DIFFERENT))
    assert last.blob_id == alike.blob_id
    assert Passage.objects.filter(kind="text").count() == DIFFERENT
    assert Passage.objects.filter(kind="about", document__parent=archive).count() == MEMBERS


def test_five_thousand_pages_are_read(
    store: Store,  # noqa: F811
    letter: RecordsRequest,  # noqa: F811
) -> None:
    lines = ([f"Page {number} of the log"] for number in range(1, PAGES + 1))
    document = receive(letter, a_pdf(list(lines)), "log.pdf")
    run_all()
    assert not Step.objects.exclude(state__in=[Step.State.DONE, Step.State.NOT_NEEDED]).exists()
    assert Page.objects.filter(blob=document.blob_id, text_from="file").count() == PAGES
    assert Passage.objects.get(blob=document.blob_id, place=PAGES).text.strip() == f"Page {PAGES} of the log"
