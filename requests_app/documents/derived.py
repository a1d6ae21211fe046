"""What is made from the originals: files that can be deleted and made again. One folder for each blob."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from requests_app.documents.store import is_blob_name


class Derived:
    """The derivatives of one blob, by plain names such as `pages/7-1600.webp`."""

    def __init__(self, sha256: str, root: Path | None = None) -> None:
        if not is_blob_name(sha256):
            raise ValueError("A blob is named by 64 lower-case hexadecimal digits.")
        self.folder = (root or Path(settings.DERIVED_DIR)) / sha256[:2] / sha256[2:4] / sha256

    def path(self, name: str) -> Path:
        """Return where the derivative of that name is, or would be."""
        return self.folder / name

    @contextmanager
    def making(self, name: str) -> Iterator[Path]:
        """Give a temporary path to write to; at the end of the block it takes its name, whole or not at all."""
        final = self.path(name)
        final.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=final.parent, prefix=".making-", suffix=final.suffix)
        os.close(handle)
        try:
            yield Path(temporary)
            Path(temporary).replace(final)
        finally:
            Path(temporary).unlink(missing_ok=True)

    def remove(self, name: str = "") -> None:
        """Delete one derivative, or all of them: they can be made again."""
        target = self.path(name) if name else self.folder
        if target.is_dir():
            shutil.rmtree(target, ignore_errors=True)
        else:
            target.unlink(missing_ok=True)
