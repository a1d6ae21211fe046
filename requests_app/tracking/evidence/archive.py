"""The archive: the binder, every original byte for byte, and a manifest by which anybody can check them.

The manifest has the format of `sha256sum`, so that it can be checked without Daylight: `sha256sum -c MANIFEST.sha256`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.template.loader import render_to_string
from zipstream import ZIP_STORED, ZipStream

from requests_app.documents import services as documents
from requests_app.tracking.evidence.exhibits import Exhibit
from requests_app.tracking.evidence.gathering import Gathered

MANIFEST: Final = "MANIFEST.sha256"


@dataclass(frozen=True)
class Archive:
    """A ZIP about to be sent: its name, its exact length in bytes, and its bytes in chunks."""

    name: str
    length: int
    chunks: Iterator[bytes]


def archive_of(gathered: Gathered, binder: bytes) -> Archive:
    """Return the archive of an evidence file, streamed: a returned file is never held in memory.

    What the store no longer holds as it came in is left out and named in the record and the binder.
    """
    made = {
        "binder.pdf": binder,
        "README.txt": _readme(gathered).encode("utf-8"),
        "record.json": _record(gathered).encode("utf-8"),
    }
    packed = [each for each in gathered.exhibits if each.original is not None and each.original.condition == "kept"]
    lines = [f"{hashlib.sha256(data).hexdigest()}  {name}" for name, data in made.items()]
    lines += [f"{each.original.sha256}  {each.archive_name}" for each in packed if each.original is not None]
    made[MANIFEST] = ("\n".join(lines) + "\n").encode("utf-8")

    # Most returned files are compressed already; storing them keeps the length known before the first byte leaves.
    stream = ZipStream(compress_type=ZIP_STORED, sized=True)
    for name, data in made.items():
        stream.add(data, f"{_folder(gathered)}/{name}")
    store = documents.the_store()
    for each in packed:
        if each.original is None:
            continue
        arcname = f"{_folder(gathered)}/{each.archive_name}"
        if each.original.sha256 in gathered.raw:
            stream.add(gathered.raw[each.original.sha256], arcname)
        else:
            stream.add_path(str(store.path(each.original.sha256)), arcname)
    return Archive(f"{_folder(gathered)}.zip", len(stream), iter(stream))


def _folder(gathered: Gathered) -> str:
    return f"evidence-{gathered.request.reference}"


def _readme(gathered: Gathered) -> str:
    return render_to_string("tracking/evidence/readme.txt", {"gathered": gathered, "manifest": MANIFEST})


def _record(gathered: Gathered) -> str:
    """Return the exhibits for a program to read: what the binder shows to a person."""
    record = {
        "request": gathered.request.reference,
        "jurisdiction": gathered.request.jurisdiction,
        "agency": gathered.request.agency.name,
        "law": f"{gathered.statute_name}, {gathered.statute_citation}",
        "made_at": gathered.made_at.isoformat(),
        "exhibits": [_plain(each) for each in gathered.exhibits],
    }
    return json.dumps(record, indent=2, ensure_ascii=False) + "\n"


def _plain(exhibit: Exhibit) -> dict[str, Any]:
    return {
        "number": exhibit.number,
        "kind": exhibit.kind,
        "title": exhibit.title,
        "day": exhibit.day.isoformat() if exhibit.day else None,
        "facts": {fact.label: fact.value for fact in exhibit.facts},
        "file": exhibit.archive_name or None,
        "sha256": exhibit.original.sha256 if exhibit.original else None,
        "condition": exhibit.original.condition if exhibit.original else None,
        "deadlines": [
            {
                "title": row.title,
                "whose": row.whose,
                "citation": row.citation,
                "counted_from": row.trigger,
                "dates": row.dates,
                "state": row.state,
                "steps": list(row.steps),
            }
            for row in exhibit.deadlines
        ],
        "entries": [
            {
                "number": entry.number,
                "day": entry.day.isoformat(),
                "what": entry.what,
                "words": entry.words,
                "noted_by": entry.noted_by,
                "noted_at": entry.noted_at.isoformat(),
                "corrected_later": entry.struck,
            }
            for entry in exhibit.entries
        ],
    }
