"""Every file of the corpus through every step, and what comes out of it."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from requests_app.documents import derived
from requests_app.documents import services as documents
from requests_app.documents.models import Blob, Document, Page, Passage, Sheet, Step
from requests_app.documents.store import Store
from requests_app.filing.models import RecordsRequest
from tests.documents.corpus import SAMPLES, Sample
from tests.documents.ingest.made_up import run_all
from tests.factories import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.processes]
State = Step.State


def receive(letter: RecordsRequest, sample: Sample) -> Document:
    return documents.receive_file(
        letter, [sample.content], name=sample.name, received_on=date(2026, 3, 20), via="reply", by=None, now=NOON
    ).document


def test_a_sample_is_the_same_bytes_each_time():
    assert len({sample.name for sample in SAMPLES}) == len(SAMPLES)
    assert all(sample.make() == sample.make() for sample in SAMPLES if not sample.name.startswith("locked"))


def test_every_file_is_read_as_far_as_it_can_be(
    store: Store, settings: Any, letter: RecordsRequest, subtests_in_words: Any
):
    settings.UPLOAD_LIMIT_MB = 50
    received = [(sample, receive(letter, sample)) for sample in SAMPLES]
    run_all(most=2000)
    assert not Step.objects.filter(state__in=[State.LATER, State.WAITING, State.RUNNING]).exists()
    for sample, document in received:
        subtests_in_words(sample.name, _differs(sample, document))
    # The ZIP in the ZIP was opened, and what stands in it can be found.
    inside = Document.objects.get(inner_path="inside.txt")
    assert inside.depth == 2 and "137 pages" in _text(inside.blob)
    # Of a mailbox the words are found, and what is attached is a document.
    clerk = Document.objects.get(inner_path="Inbox/00001 Counts for May.eml")
    assert "137 pages" in _text(clerk.blob) and "Kim Smith" in _text(clerk.blob)
    assert [member.inner_path for member in clerk.members.all()] == ["counts.csv"]
    # Whatever came inside something was read as if it had come by itself.
    assert not Blob.objects.filter(steps=None).exclude(kind="program").exists()
    assert list((Path(settings.DERIVED_DIR) / "work").iterdir()) == [Path(settings.DERIVED_DIR) / "work" / "lock"]
    assert derived.sweep() == 0 and not list(store.incoming.iterdir())


@pytest.fixture
def subtests_in_words() -> Any:
    """Collect what differs for each file, so that one run tells of all."""
    wrong: list[str] = []
    yield lambda name, differs: wrong.extend(f"{name}: {one}" for one in differs)
    assert not wrong, "\n".join(wrong)


def _differs(sample: Sample, document: Document) -> list[str]:
    blob = Blob.objects.get(pk=document.blob_id)
    wanted, said = sample.expected, []
    steps = {step.name: step for step in Step.objects.filter(blob=blob)}
    troubles = {name: step.trouble for name, step in steps.items() if step.state == State.FAILED}
    pages, text = Page.objects.filter(blob=blob).count(), _text(blob)
    members = set(document.members.values_list("inner_path", flat=True))
    for what, found, expected in (
        ("kind", blob.kind, wanted.kind),
        ("troubles", troubles, wanted.troubles),
        ("pages", pages, wanted.pages or pages),
        ("members", members, set(wanted.members) or members),
        ("sheets", Sheet.objects.filter(blob=blob).count(), wanted.sheets),
        ("words", [words for words in wanted.words if words not in text], []),
    ):
        if found != expected:
            said.append(f"{what} {found!r}, not {expected!r}")
    kinds = set(Passage.objects.filter(blob=blob).values_list("kind", flat=True))
    if wanted.passages and kinds != {wanted.passages}:
        said.append(f"passages {kinds!r}")
    return said


def _text(blob: Blob) -> str:
    passages = Passage.objects.filter(blob=blob).order_by("kind", "place", "part").values_list("text", flat=True)
    return re.sub(r"\s+", " ", " ".join(passages))
