"""Convert: office files and web pages become a PDF to look at; plain text and the words of others become passages.

Where there is a PDF, its pages hold the words and are read like those of any PDF. Where there is none, because the
program that makes it is missing or gave up, the words are taken out without it as far as that is easy.
"""

from __future__ import annotations

import shutil
from typing import Any, Final

import msgspec
from django.conf import settings

from requests_app.documents import passages, passwords, sandbox
from requests_app.documents.ingest.work import Outcome, Work
from requests_app.documents.models import Passage
from requests_app.documents.readers.office import Converted, OfficeOrder
from requests_app.documents.readers.recordings import Recording, RecordingOrder
from requests_app.documents.readers.refusals import Refused
from requests_app.documents.readers.text import TextFound, TextOrder
from requests_app.documents.readers.web import Printed, WebOrder
from requests_app.documents.sandbox import Limits, NotRead

READERS: Final = "requests_app.documents.readers."
PDF: Final = "converted.pdf"
# LibreOffice made 60 pages in 1 GB of address space and 5 seconds; the rest is for pictures and slow machines.
OFFICE: Final = Limits(seconds=240, cpu_seconds=240, memory=2560 * 1024 * 1024, open_files=512)
WEB: Final = Limits(seconds=120, cpu_seconds=120)
# What no other try would change: the file itself is the matter.
FINAL: Final = frozenset({"password", "hostile"})


def step(work: Work) -> Outcome:
    """Result: `converted`; `why` not, a code; `blocks` of text taken out; `charset` and how it is known."""
    if work.blob.kind == "recording":
        return _recording(work)
    if work.blob.kind == "text":
        return Outcome.done(converted=False, **_words(work, "text:text", TextOrder()))
    if work.blob.kind == "web page":
        return _web_page(work)
    return _office(work)


def _web_page(work: Work) -> Outcome:
    try:
        printed = list(_run(work, "web:printed", WebOrder(), Printed, WEB))
    except (Refused, NotRead) as trouble:
        work.derived.remove(PDF)
        return Outcome.done(converted=False, why=trouble.code, **_words(work, "web:text", TextOrder()))
    _keep_pdf(work, printed[0].file)
    return Outcome.done(converted=True, not_loaded=printed[0].not_loaded)


def _office(work: Work) -> Outcome:
    order = OfficeOrder(work.blob.media_type, settings.OFFICE_CONVERTER, passwords.known_for(work.blob))
    why = "missing_program"
    if settings.OFFICE_CONVERTER and shutil.which(settings.OFFICE_CONVERTER):
        try:
            made = list(_run(work, "office:pdf", order, Converted, OFFICE))
        except (Refused, NotRead) as trouble:
            if trouble.code in FINAL:
                raise
            why = trouble.code
        else:
            _keep_pdf(work, made[0].file)
            return Outcome.done(converted=True)
    work.derived.remove(PDF)
    try:
        return Outcome.done(converted=False, why=why, **_words(work, "office:text", order))
    except (Refused, NotRead) as trouble:
        if trouble.code in FINAL:
            raise
        return Outcome.failed(why)


def _recording(work: Work) -> Outcome:
    found = list(_run(work, "recordings:recording", RecordingOrder(), Recording, Limits(seconds=60, cpu_seconds=60)))
    return Outcome.done(converted=False, recording=msgspec.to_builtins(found[0]))


def _words(work: Work, reader: str, order: msgspec.Struct) -> dict[str, Any]:
    """Write the words of the file as passages. Raises Refused, NotRead."""
    blocks: list[TextFound] = []
    for found in _run(work, reader, order, TextFound, Limits()):
        blocks.append(found)
        if found.number % 50 == 0:
            work.progress(found.number, 0)
    with work.writing():
        passages.put(work.blob, Passage.Kind.TEXT, (block.text for block in blocks))
    first = blocks[0] if blocks else TextFound(0, "")
    charset = {"charset": first.charset, "charset_by": first.known_by} if first.charset else {}
    return {"blocks": len(blocks), **charset}


def _keep_pdf(work: Work, name: str) -> None:
    with work.derived.making(PDF) as path:
        (work.folder / "made" / name).replace(path)
    with work.writing():
        passages.put(work.blob, Passage.Kind.TEXT, ())


def _run(work: Work, reader: str, order: msgspec.Struct, kind: Any, limits: Limits) -> Any:
    folder = work.folder / "made"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return sandbox.run(READERS + reader, work.original(), order=order, kind=kind, limits=limits, output=folder)
