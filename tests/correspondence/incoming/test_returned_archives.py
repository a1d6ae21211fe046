"""A mail brings a ZIP: its files become documents, and what stands in them becomes documents under them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from requests_app.correspondence.incoming import services
from requests_app.correspondence.incoming.reader import Reader
from requests_app.documents.models import Document, Passage, Step
from requests_app.filing.models import RecordsRequest
from tests.correspondence.incoming.mails import mail
from tests.documents.corpus import archive
from tests.documents.ingest.made_up import run_all
from tests.factories import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.processes, pytest.mark.usefixtures("store")]


def test_what_stands_in_an_archive_that_came_by_mail_can_be_found(
    letter: RecordsRequest, reader: Reader, settings: Any, tmp_path: Path
):
    settings.DERIVED_DIR = str(tmp_path / "derived")
    kept = services.take_in([mail(files=(("all.zip", archive()),))], way="lmtp", now=NOON)
    services.process(kept.pk, now=NOON, reader=reader)
    came = Document.objects.get()
    assert (came.original_name, came.via, came.parent) == ("all.zip", "reply", None)
    run_all(most=500)
    paths = {(one.depth, one.inner_path) for one in Document.objects.exclude(parent=None)}
    assert paths == {(1, "letter.pdf"), (1, "2025/counts.csv"), (1, "more.zip"), (2, "inside.txt")}
    inside = Document.objects.get(inner_path="inside.txt")
    assert (inside.request, inside.outermost, inside.via) == (letter, came, "part")
    found = Passage.objects.filter(text__contains="137 pages").values_list("blob", flat=True)
    assert {inside.blob_id, Document.objects.get(inner_path="letter.pdf").blob_id} <= set(found)
    assert not Step.objects.filter(state=Step.State.FAILED).exists()
