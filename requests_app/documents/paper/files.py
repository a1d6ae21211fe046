"""The store of what waits to become a document, with a row for each file: checked and backed up like the documents."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from requests_app.documents import checking
from requests_app.documents import services as documents
from requests_app.documents.derived import Derived
from requests_app.documents.models import Blob, PaperFile
from requests_app.documents.store import Interrupted, Store

CHUNK = 1024 * 1024


def the_paper_store() -> Store:
    """Return the store of photographs and scans that are no documents yet."""
    return documents.open_store("paper")


def register() -> None:
    """Put these files among what `check_store` reads again and `backup` copies."""
    checking.register(
        checking.Shelf(name="paper", store=the_paper_store, rows=PaperFile.objects.all, known_as=_known_as)
    )


def keep(chunks: Iterable[bytes], *, limit: int, now: datetime) -> PaperFile:
    """Keep bytes until they become a document. Raises StoreTrouble."""
    stored, _nothing = the_paper_store().put(chunks, limit=limit, inspect=lambda path: None)
    with transaction.atomic():
        file, _is_new = PaperFile.objects.get_or_create(
            sha256=stored.sha256, defaults={"size": stored.size, "kept_at": now}
        )
        if not the_paper_store().exists(file.pk):  # let go between the bytes and their row
            raise Interrupted
    return file


def let_go(sha256: str) -> bool:
    """Delete bytes that nothing names any more, with what was drawn of them. Returns whether they are gone."""
    try:
        with transaction.atomic():
            PaperFile.objects.filter(pk=sha256).delete()
    except ProtectedError:
        return False
    the_paper_store().remove(sha256, unless=PaperFile.objects.filter(pk=sha256).exists)
    if not Blob.objects.filter(pk=sha256).exists():
        Derived(sha256).remove()
    return True


def let_go_forgotten(before: datetime) -> int:
    """Delete what was kept before that and is named by nothing: a crash came between. Returns how many files."""
    forgotten = PaperFile.objects.filter(kept_at__lt=before, photographs=None, scans=None)
    return sum(let_go(sha256) for sha256 in list(forgotten.values_list("pk", flat=True)[:100]))


def chunks_of(file: BinaryIO) -> Iterator[bytes]:
    """Give a file piece by piece."""
    while chunk := file.read(CHUNK):
        yield chunk


def copy_to(path: Path, chunks: Iterable[bytes]) -> None:
    """Write pieces to a file."""
    with path.open("wb") as out:
        for chunk in chunks:
            out.write(chunk)


def open_copy(sha256: str, path: Path) -> Path:
    """Return a copy of a kept file that the store's cache cannot take away."""
    with the_paper_store().open(sha256) as source, path.open("wb") as out:
        shutil.copyfileobj(source, out, CHUNK)
    return path


def _known_as(sha256: str) -> str:
    return _("It is a photograph or a scan that waits to be filed.")
