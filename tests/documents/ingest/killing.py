"""Readers that die, again and again, at any moment: what is there in the end is what an undisturbed reading gives."""

from __future__ import annotations

import hashlib
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.db import connection

from requests_app.documents import derived, models
from requests_app.documents import services as documents
from requests_app.documents.ingest import running
from requests_app.documents.models import Blob, Document, Page, Passage, Step
from requests_app.documents.search import services as search
from requests_app.filing.models import RecordsRequest
from tests import servers
from tests.documents.corpus import Sample
from tests.documents.ingest.made_up import run_all
from tests.factories import NOON
from tests.servers import wait_until
from tests.tracking.stage import Stage, opened

OPEN = [Step.State.LATER, Step.State.WAITING, Step.State.RUNNING]
TWO_READERS = 2


def receive(letter: RecordsRequest, samples: Sequence[Sample]) -> None:
    """Bring the files, as a mail does."""
    for sample in samples:
        documents.receive_file(
            letter, [sample.content], name=sample.name, received_on=date(2026, 3, 20), via="reply", by=None, now=NOON
        )


def forget_everything() -> None:
    """Delete documents, what was read of them, and their derivatives; the store keeps its bytes."""
    members = Document.objects.exclude(parent=None)
    for depth in sorted(set(members.values_list("depth", flat=True)), reverse=True):
        members.filter(depth=depth).delete()
    Document.objects.all().delete()
    for blob in Blob.objects.all():
        derived.Derived(blob.pk).remove()
    Blob.objects.all().delete()


def end_state() -> dict[str, Any]:
    """Return all that reading made, without the numbers of rows and the moments at which it was made.

    A member that was copied to a second document with the same bytes is known by its name once the task of the search
    comes round, or the last step of its bytes, whichever is first; so that task is done here.
    """
    while search.keep_all_about(1000):
        pass
    steps = Step.objects.order_by("blob", "name")
    sheets = models.SheetBlock.objects.order_by("sheet__blob", "sheet__number", "pk")
    return {
        "blobs": list(Blob.objects.order_by("pk").values_list("pk", "size", "kind", "media_type", "locked_why")),
        "documents": sorted(
            Document.objects.values_list("parent__blob", "inner_path", "blob", "depth", "kind"), key=str
        ),
        "steps": list(steps.values_list("blob", "name", "state", "trouble", "version", "units_done", "units_all")),
        "results": {f"{step.blob_id} {step.name}": step.result for step in steps},
        "pages": [
            (*facts, hashlib.sha256(words).hexdigest())
            for *facts, words in Page.objects.order_by("blob", "number").values_list(
                "blob", "number", "width", "height", "text_from", "turned", "confidence", "words"
            )
        ],
        # Sorted here: those about documents have no blob, and a database gives them in any order.
        "passages": sorted(Passage.objects.values_list("blob", "kind", "place", "part", "text"), key=str),
        "sheets": [(one.sheet.blob_id, one.sheet.number, one.sheet.rows) for one in sheets.select_related("sheet")],
        "derivatives": sorted(_derivatives()),
    }


def _derivatives() -> Iterator[tuple[str, str]]:
    for blob in Blob.objects.order_by("pk"):
        folder = derived.Derived(blob.pk).folder
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                # A PDF names the moment of its making.
                same = path.suffix in (".webp", ".json", ".txt")
                digest = hashlib.sha256(path.read_bytes()).hexdigest() if same else ""
                yield blob.pk, f"{path.relative_to(folder)} {digest}"


def undisturbed(letter: RecordsRequest, samples: Sequence[Sample]) -> tuple[dict[str, Any], float]:
    """Read the files in this process. Returns what there is then, and how many seconds it took."""
    receive(letter, samples)
    began = time.monotonic()
    run_all(most=5000)
    seconds = time.monotonic() - began
    found = end_state()
    forget_everything()
    return found, seconds


def kill_and_compare(
    kills: int, seed: int, letter: RecordsRequest, batches: Sequence[Sequence[Sample]], folder: Path, settings: Any
) -> None:
    """Kill readers, real Celery workers of the reading queue, and compare what there is in the end.

    Between two deaths a reader lives for a random part of the time that an undisturbed reading takes, so that each
    death meets another place. Each new reader believes that it is some minutes later: the claims of the dead have
    ended. Files come in while it goes on.
    """
    chance = random.Random(seed)
    expected, seconds = undisturbed(letter, [sample for batch in batches for sample in batch])
    met: list[str] = []
    with _stage(folder, settings) as stage:
        nursery, now = stage.nursery, NOON
        pace = min(2.0 * seconds / kills, 8.0)
        for number in range(kills):
            if number % max(1, kills // len(batches)) == 0 and number // max(1, kills // len(batches)) < len(batches):
                receive(letter, batches[number // max(1, kills // len(batches))])
            nursery.set_clock(now)
            reader = nursery.reader().wait()
            _call(stage)
            mine = Step.objects.filter(state=Step.State.RUNNING, claimed_until__gt=now + running.CLAIM)
            wait_until(mine.exists, seconds=20, every=0.02)
            time.sleep(chance.uniform(0, pace))
            at_work = list(mine.values_list("name", flat=True))
            assert reader.alive, f"it ended by itself:\n{reader.log[-3000:]}"
            reader.end()
            nursery.raised.remove(reader)
            met.extend(at_work or ["nothing"])
            now += running.CLAIM + timedelta(minutes=1)
        for batch in batches:
            receive(letter, batch)  # what is there already is left as it is
        nursery.set_clock(now)
        last = nursery.reader().wait()
        assert wait_until(lambda: _is_through(stage), seconds=300, every=0.5), last.log[-3000:]
    sys.stdout.write(f"seed {seed}: {kills} readers were killed, at work on {sorted(set(met))}\n")
    found = end_state()
    for what, rows in expected.items():
        assert found[what] == rows, f"seed {seed}: {what} differ: {_differences(rows, found[what])}"
    assert len([one for one in met if one != "nothing"]) >= kills // 3, met
    derived.sweep()
    left = [path.name for path in (Path(settings.DERIVED_DIR) / "work").iterdir()]
    assert left == ["lock"], left


def _differences(expected: Any, found: Any) -> str:
    """Name what is missing and what is too much, for whoever has to find out why."""
    before, after = (Counter(map(str, rows.items() if isinstance(rows, dict) else rows)) for rows in (expected, found))
    missing, too_much = list((before - after).elements()), list((after - before).elements())
    return f"{len(missing)} missing, such as {missing[:5]}; {len(too_much)} too much, such as {too_much[:5]}"


@contextmanager
def _stage(folder: Path, settings: Any) -> Iterator[Stage]:
    environment = {
        "STORE_DIR": settings.STORE_DIR,
        "DERIVED_DIR": settings.DERIVED_DIR,
        "UPLOAD_LIMIT_MB": str(settings.UPLOAD_LIMIT_MB),
        "NURSERY_TRIES": "10000",
        "CLOCK_TOLERANCE_SECONDS": "100000000",
    }
    with opened(folder, servers.Mailbox, environment) as stage:
        yield stage


def _call(stage: Stage) -> None:
    """Wake the readers, as a file that comes in does."""
    from celery import Celery

    from foia import broker
    from requests_app.documents.ingest.waking import READ

    broker.register()
    messages = str(stage.data / "broker" / "messages")
    app = Celery("caller", broker=stage.redis or "embedded://localhost", set_as_current=False)
    if not stage.redis:
        control = str(stage.data / "broker" / "control")
        app.conf.broker_transport_options = {
            "data_folder_in": messages, "data_folder_out": messages, "control_folder": control,
        }  # fmt: skip
    app.conf.task_routes = {READ: {"queue": "reading"}}
    for _reader in range(TWO_READERS):
        app.send_task(READ, ignore_result=True)
    app.close()


def _is_through(stage: Stage) -> bool:
    connection.close_if_unusable_or_obsolete()
    if not Step.objects.filter(state__in=OPEN).exists():
        return True
    _call(stage)
    return False
