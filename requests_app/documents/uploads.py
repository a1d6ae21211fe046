"""Takes uploaded files in bounded memory and bounded disk, and says which ones were too large."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest


class BoundedUploads(FileUploadHandler):
    """Spools each file to disk and gives up a file as soon as it passes the limit; the others go on.

    `too_large` holds the names given up. Install it before the request's body is read.
    """

    def __init__(self, request: HttpRequest, limit: int) -> None:
        super().__init__(request)
        self.limit = limit
        self.too_large: list[str] = []
        self.file: TemporaryUploadedFile | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.file = TemporaryUploadedFile(
            self.file_name or "unnamed file", self.content_type or "", 0, self.charset, self.content_type_extra
        )

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self.file is None:
            return
        if start + len(raw_data) > self.limit:
            self.too_large.append(self.file_name or "")
            self._forget()
            raise SkipFile
        self.file.write(raw_data)

    def file_complete(self, file_size: int) -> TemporaryUploadedFile | None:
        if self.file is None:
            return None
        done, self.file = self.file, None
        done.seek(0)
        done.size = file_size
        return done

    def upload_interrupted(self) -> None:
        self._forget()

    def _forget(self) -> None:
        if self.file is not None:
            self.file.close()  # also deletes the spooled file
            self.file = None
