"""The searchable copy of a scan: its pages as they are, with the words that were read, unseen, over them."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

import msgspec

from requests_app.documents import sandbox
from requests_app.documents.derived import Derived
from requests_app.documents.models import Blob, Page
from requests_app.documents.pagewords import unpack
from requests_app.documents.readers.searchable import Copied, CopyOrder, Layer
from requests_app.documents.rendering.paged import PagedFile
from requests_app.documents.sandbox import Limits
from requests_app.documents.sandbox.limits import MEGABYTE

READER: Final = "requests_app.documents.readers.searchable:searchable"
NAME: Final = "searchable.pdf"
LIMITS: Final = Limits(seconds=900, cpu_seconds=900, memory=2048 * MEGABYTE, file_size=4096 * MEGABYTE, open_files=256)


def searchable_copy(blob: Blob) -> Path | None:
    """Return the searchable copy, where one was made."""
    path = Derived(blob.pk).path(NAME)
    return path if path.exists() else None


def make_searchable(blob: Blob, paged: PagedFile, folder: Path) -> None:
    """Write the searchable copy among the derivatives. `folder`: on their disk. Raises Refused, NotRead."""
    with tempfile.TemporaryDirectory(dir=folder) as name:
        layers = Path(name)
        read = Page.objects.filter(blob=blob, text_from=Page.TextFrom.OCR).order_by("number")
        for page in read.iterator(chunk_size=100):
            layer = Layer(page.width, page.height, page.turned, unpack(page.words))
            (layers / f"{page.number}.json").write_bytes(msgspec.json.encode(layer))
        order = CopyOrder(paged.source, str(layers))
        for copied in sandbox.run(READER, paged.path, order=order, kind=Copied, limits=LIMITS, output=layers):
            with Derived(blob.pk).making(NAME) as making:
                (layers / copied.name).replace(making)
