"""How far the reading is: of single documents, and of everything."""

from __future__ import annotations

from collections.abc import Iterator

from requests_app.documents.ingest import kinds
from requests_app.documents.models import Blob, Step

State = Step.State
CHUNK = 500


def to_read_again(which: str) -> Iterator[tuple[Blob, set[str] | None]]:
    """Walk the files to be read again, each with the names of the steps. An empty set: only what it lacks; None: all.

    `which`: "all"; "new", those that lack a step; "older", those and what an older version of a step read; "failed",
    those of which a step did not work. Walks every file: for commands, not for pages.
    """
    for blob in Blob.objects.order_by("stored_at", "pk").prefetch_related("steps").iterator(chunk_size=CHUNK):
        if which == "all":
            yield blob, None
            continue
        steps = {step.name: step for step in blob.steps.all()}
        wanted = kinds.steps_for(blob.kind)
        lacks = any(kind.name not in steps for kind in wanted)
        names = set()
        if which == "older":
            names = {kind.name for kind in wanted if kind.name in steps and steps[kind.name].version < kind.version}
        elif which == "failed":
            names = {name for name, step in steps.items() if step.state == State.FAILED}
        if names or (lacks and which != "failed"):
            yield blob, names
