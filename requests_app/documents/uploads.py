"""Takes uploaded files in bounded memory, on the store's own disk, and says which ones could not be taken.

Django's parser believes a body that stops early: the last file would look whole. Here it must end as it promised.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParser, MultiPartParserError

from requests_app.documents.names import clean_name
from requests_app.documents.store import Interrupted, Store, StoreTrouble, TooLarge, as_trouble

if TYPE_CHECKING:
    Upload = UploadedFile[Any]
else:
    Upload = UploadedFile

EPILOGUE = 256  # bytes that may follow the closing boundary; browsers send two (RFC 2046, section 5.1.1)


class BrokenOff(MultiPartParserError):
    """The body ended before its closing boundary: the sender stopped, or named a wrong length. Nothing is kept."""

    def __init__(self) -> None:
        super().__init__(str(Interrupted()))


class SpooledUpload(Upload):
    """One whole file of an upload. `name` is fit to show; `given_name` is what the sender wrote."""

    def __init__(self, file: BinaryIO, given_name: str, content_type: str, size: int) -> None:
        super().__init__(file, clean_name(given_name), content_type, size)
        self.given_name = given_name


def given_name(file: Upload) -> str:
    """Return the name a file came with, as the sender wrote it."""
    return str(getattr(file, "given_name", "") or file.name or "")


class BoundedUploads(FileUploadHandler):
    """Spools each file to disk and gives up a file as soon as it passes the limit (bytes) or the disk is full.

    The other files go on. `refused` holds the names given up, fit to show, and why. Install it, as the only handler,
    before the request's body is read.
    """

    def __init__(self, request: HttpRequest, store: Store, limit: int) -> None:
        super().__init__(request)
        self.store = store
        self.limit = limit
        self.refused: list[tuple[str, StoreTrouble]] = []
        # Not called `file`: Django's parser closes whatever a handler keeps under that name.
        self._spool: BinaryIO | None = None
        self._body: _WatchedBody | None = None

    def handle_raw_input(
        self,
        input_data: Any,
        META: Mapping[str, Any],  # noqa: N803  Django's name
        content_length: int,
        boundary: Any,  # bytes; the type stubs say str
        encoding: str | None = None,
    ) -> Any:
        """Parse the body as Django does, but watch how it ends and leave the names as the sender wrote them."""
        if self._body is not None:
            return None  # the parser made below asks us, too
        self._body = _WatchedBody(input_data, boundary)
        try:
            body: Any = self._body  # the parser wants no more of it than `read`
            return _Parser(META, body, [self], encoding).parse()
        finally:
            self._forget()

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        try:
            self._spool = self.store.spool()
        except StoreTrouble as trouble:
            self._give_up(trouble)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self._spool is None:
            return
        if start + len(raw_data) > self.limit:
            self._give_up(TooLarge(self.limit))
        try:
            self._spool.write(raw_data)
        except OSError as trouble:
            self._give_up(as_trouble(trouble))

    def file_complete(self, file_size: int) -> SpooledUpload | None:
        done, self._spool = self._spool, None
        if done is None:
            return None
        try:
            done.seek(0)  # flushes
        except OSError as trouble:
            self._spool = done
            with suppress(SkipFile):
                self._give_up(as_trouble(trouble))
            return None
        return SpooledUpload(done, self.file_name or "", self.content_type or "", file_size)

    def upload_interrupted(self) -> None:
        self._forget()

    def upload_complete(self) -> None:
        """Refuse a body that did not end as it promised; the parser then closes every file of it."""
        if self._body is not None and not self._body.has_ended():
            raise BrokenOff

    def _give_up(self, trouble: Exception) -> NoReturn:
        self._forget()
        if not isinstance(trouble, StoreTrouble):
            raise trouble
        self.refused.append((clean_name(self.file_name or ""), trouble))
        raise SkipFile

    def _forget(self) -> None:
        if self._spool is not None:
            with suppress(OSError):  # what a full disk did not take cannot be flushed; it is closed all the same
                self._spool.close()
            self._spool = None


class _WatchedBody:
    """A request's body that remembers its last bytes."""

    def __init__(self, source: Any, boundary: bytes) -> None:
        self._source = source
        self._closing = b"--" + boundary + b"--"
        self._tail = b""

    def read(self, size: int) -> bytes:
        data: bytes = self._source.read(size)
        self._tail = (self._tail + data)[-(len(self._closing) + EPILOGUE) :]
        return data

    def has_ended(self) -> bool:
        """Return whether the closing boundary has come by."""
        return self._closing in self._tail


class _Parser(MultiPartParser):
    """Django's parser, which would silently drop a file named `..` and cut names before we can remark on it."""

    def sanitize_file_name(self, file_name: str) -> str:
        return file_name
