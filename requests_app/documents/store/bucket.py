"""The content-addressed store in S3-compatible storage.

The bytes are in the bucket and nowhere else; the folder on this machine holds what is being received and a cache of
whole files, which may be deleted at any time. What the store promises, and by what:

- **Written once.** A file is put under its hash only where nothing is (`If-None-Match: *`), and travels with its
  SHA-256, which the storage compares before it keeps it. Afterwards we ask what stands there; where the storage names
  no checksum, we read it back.
- **Whole or not at all.** S3 keeps an object when its last byte has come, never a half of it.
- **Read whole.** What is read is hashed on the way into the cache; a half answer or a wrong byte is asked for again,
  and never reaches a reader.
- **Not for ever.** Each try ends after a timeout, there are a few, with pauses between them; then StorageUnreachable.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import logging
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.handlers import add_expect_header

from requests_app.documents.store.choosing import Bucket
from requests_app.documents.store.local import CHUNK, Store, Stored, is_blob_name
from requests_app.documents.store.troubles import DamagedInStorage, StorageUnreachable

log = logging.getLogger(__name__)

TRIES = 4
PAUSE = 0.3  # seconds before the second try; doubled for each that follows
CONNECTING = 5.0  # seconds
IN_USE = 3600.0  # seconds in which a copy in the cache is not removed: a reader may have been given its path
LOOK_AGAIN = 60.0  # seconds between two looks at how large the cache is
# A file that has stood without a row for this long may be removed as an orphan at any moment; it is put anew.
FRESH = 12 * 3600.0
GONE = frozenset({"404", "NoSuchKey", "NotFound"})
THERE_ALREADY = frozenset({"412", "PreconditionFailed"})
CONDITION_UNKNOWN = frozenset({"501", "NotImplemented"})
ANSWERS = GONE | THERE_ALREADY | CONDITION_UNKNOWN  # refusals that say something, rather than that something is wrong


class BucketStore(Store):
    """Blobs under `prefix/blobs/ab/cd/abcd…` of a bucket; `folder` has what is being received, and the cache."""

    def __init__(self, bucket: Bucket, folder: Path, *, part: str = "", cache_bytes: int, timeout: float = 30) -> None:
        super().__init__(folder)
        self.bucket = bucket
        self.prefix = PurePosixPath(bucket.prefix, part)
        self.cache_bytes = cache_bytes
        self._looked_at = 0.0
        self._client = boto3.client(
            "s3",
            endpoint_url=bucket.endpoint or None,
            region_name=bucket.region or "us-east-1",
            aws_access_key_id=bucket.key or None,
            aws_secret_access_key=bucket.secret or None,
            config=Config(
                connect_timeout=min(CONNECTING, timeout),
                read_timeout=timeout,
                retries={"total_max_attempts": 1},  # we try again ourselves, the reading of the body included
                # Storage on a machine of one's own seldom has a name for each bucket.
                s3={"addressing_style": "path" if bucket.endpoint else "auto"},
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )
        # Asking first whether a body may come (100-continue) makes botocore wait for ever, at full speed, when the
        # connection breaks within that answer.
        self._client.meta.events.unregister("before-call.s3", add_expect_header)

    @property
    def described(self) -> str:
        return f"s3://{self.bucket.name}/{self.prefix}" + (
            f" at {self.bucket.endpoint}" if self.bucket.endpoint else ""
        )

    @property
    def cache(self) -> Path:
        """Where whole copies are. Deleting it loses nothing."""
        return self.folder / "cache"

    def place(self, sha256: str) -> Path:
        if not is_blob_name(sha256):
            raise ValueError("A blob is named by 64 lower-case hexadecimal digits.")
        return Path(self.prefix / "blobs" / sha256[:2] / sha256[2:4] / sha256)

    def path(self, sha256: str) -> Path:
        """Return a copy in the cache, fetched when it is not there; it does not exist when the bucket has no such file.

        It stays for an hour at least. Raises StorageUnreachable or DamagedInStorage.
        """
        copy = self._copy_of(sha256)
        try:
            os.utime(copy)  # used now
        except FileNotFoundError:
            with suppress(FileNotFoundError):
                self._fetch(sha256, copy)
        return copy

    def open(self, sha256: str) -> BinaryIO:
        return self.path(sha256).open("rb")

    def exists(self, sha256: str) -> bool:
        return self._head(sha256) is not None

    def size(self, sha256: str) -> int:
        head = self._head(sha256)
        if head is None:
            raise FileNotFoundError(sha256)
        return int(head["ContentLength"])

    def digest(self, sha256: str) -> str:
        """Return the hash of what stands in the bucket now; the cache is not asked."""
        return self._read(sha256, lambda chunk: None)

    def blobs(self) -> Iterator[Path]:
        among = {"Bucket": self.bucket.name, "Prefix": f"{self.prefix / 'blobs'}/"}
        start: dict[str, str] = {}
        while True:
            said = self._ask(partial(self._list, {**among, **start}))
            yield from (Path(each["Key"]) for each in said.get("Contents", ()))
            if not said.get("IsTruncated"):
                return
            start = {"ContinuationToken": said["NextContinuationToken"]}

    def _list(self, among: dict[str, str]) -> dict[str, Any]:
        said: dict[str, Any] = self._client.list_objects_v2(**among)
        if "IsTruncated" not in said:
            raise _HalfAnswer
        return said

    def remove_unless(self, place: Path, *, younger_than: float, is_needed: Callable[[], bool]) -> bool:
        """Delete from the bucket, or a file left over on this machine.

        The lock holds on this machine. For the others stands that nothing young is removed, and that a file put again
        is young again.
        """
        if place.is_relative_to(self.folder):
            return super().remove_unless(place, younger_than=younger_than, is_needed=is_needed)
        with self._lock(fcntl.LOCK_EX):
            head = self._ask_for(place)
            if head is None or head["LastModified"].timestamp() >= younger_than or is_needed():
                return False
            self._ask(lambda: self._client.delete_object(Bucket=self.bucket.name, Key=str(place)))
            if self._ask_for(place) is not None:
                raise StorageUnreachable  # it took the order and did not do it
            if is_blob_name(place.name):
                self._copy_of(place.name).unlink(missing_ok=True)
        return True

    def is_there(self) -> bool:
        self._ask(lambda: self._client.head_bucket(Bucket=self.bucket.name))
        return True

    def probe(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        super().probe()
        self._ask(lambda: self._client.head_bucket(Bucket=self.bucket.name), tries=1)

    # --- Writing ------------------------------------------------------------------------------------------------------

    def _settle(self, temporary: Path, sha256: str, size: int) -> Stored:
        with self._lock(fcntl.LOCK_SH):
            is_new = self._put(temporary, sha256, size)
        copy = self._copy_of(sha256)
        copy.parent.mkdir(parents=True, exist_ok=True)
        temporary.chmod(0o440)
        temporary.rename(copy)  # whoever reads it first, which is at once, need not fetch it
        self._keep_within_bounds()
        return Stored(sha256, size, is_new)

    def _put(self, file: Path, sha256: str, size: int) -> bool:
        """Put the file where nothing is. What stands there already stays if it is whole, and is healed if it is not."""
        checksum = base64.b64encode(bytes.fromhex(sha256)).decode()
        if self._send(file, sha256, size, checksum, IfNoneMatch="*"):
            is_new = True
        elif self._is_whole(sha256, size, checksum, fresh=True):
            return False
        else:
            is_new = False
            self._send(file, sha256, size, checksum)
        if not self._is_whole(sha256, size, checksum, fresh=False):
            log.error("the storage holds other bytes than it was given as %s", sha256[:12])
            raise DamagedInStorage
        return is_new

    def _send(self, file: Path, sha256: str, size: int, checksum: str, **condition: str) -> bool:
        """Return whether the storage took it; False when something stands there already."""

        def send() -> bool:
            with file.open("rb") as body:
                self._client.put_object(
                    Bucket=self.bucket.name,
                    Key=str(self.place(sha256)),
                    Body=body,
                    ContentLength=size,
                    ContentType="application/octet-stream",
                    ChecksumSHA256=checksum,
                    **condition,
                )
            return True

        try:
            return bool(self._ask(send))
        except ClientError as refusal:
            if _code(refusal) in THERE_ALREADY:
                return False
            if not (condition and _code(refusal) in CONDITION_UNKNOWN):
                raise StorageUnreachable from refusal
        # A storage that knows no conditions. Two at once write the same bytes, so the answer is as good.
        return self._head(sha256) is None and self._send(file, sha256, size, checksum)

    def _is_whole(self, sha256: str, size: int, checksum: str, *, fresh: bool) -> bool:
        head = self._head(sha256)
        if head is None or head["ContentLength"] != size:
            return False
        if fresh and time.time() - head["LastModified"].timestamp() > FRESH:
            return False
        if said := head.get("ChecksumSHA256"):
            return bool(said == checksum)
        return self.digest(sha256) == sha256

    # --- Reading ------------------------------------------------------------------------------------------------------

    def _copy_of(self, sha256: str) -> Path:
        if not is_blob_name(sha256):
            raise ValueError("A blob is named by 64 lower-case hexadecimal digits.")
        return self.cache / sha256[:2] / sha256

    def _fetch(self, sha256: str, copy: Path) -> None:
        """Put a whole copy into the cache. Raises FileNotFoundError, StorageUnreachable or DamagedInStorage."""
        for attempt in range(TRIES):
            with self._making(copy) as out:
                if self._read(sha256, out.write, before=out.begin_again) == sha256:
                    out.flush()
                    Path(out.name).chmod(0o440)
                    Path(out.name).rename(copy)
                    self._keep_within_bounds()
                    return
            log.warning("blob %s came with other bytes, try %d", sha256[:12], attempt + 1)
            time.sleep(PAUSE * 2**attempt)
        raise DamagedInStorage

    def _read(self, sha256: str, take: Callable[[bytes], Any], before: Callable[[], Any] = lambda: None) -> str:
        """Read a blob to its end, from its beginning at each try (`before`); return its hash."""

        def read() -> str:
            before()
            digest = hashlib.sha256()
            said = self._client.get_object(Bucket=self.bucket.name, Key=str(self.place(sha256)))
            body, expected, came = said["Body"], said.get("ContentLength"), 0
            with body:
                while chunk := body.read(CHUNK):
                    came += len(chunk)
                    digest.update(chunk)
                    take(chunk)
            if came != expected:
                raise _HalfAnswer
            return digest.hexdigest()

        try:
            return str(self._ask(read))
        except ClientError as refusal:
            if _code(refusal) in GONE:
                raise FileNotFoundError(sha256) from refusal
            raise StorageUnreachable from refusal

    @contextmanager
    def _making(self, copy: Path) -> Iterator[Any]:
        copy.parent.mkdir(parents=True, exist_ok=True)
        self.incoming.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self.incoming, prefix="fetching-")
        try:
            with os.fdopen(handle, "wb", closefd=True) as out:
                fcntl.flock(out, fcntl.LOCK_EX)
                yield _Named(out, name)
        finally:
            Path(name).unlink(missing_ok=True)

    def _head(self, sha256: str) -> dict[str, Any] | None:
        return self._ask_for(self.place(sha256))

    def _ask_for(self, place: Path) -> dict[str, Any] | None:
        def ask() -> dict[str, Any]:
            said: dict[str, Any] = self._client.head_object(
                Bucket=self.bucket.name, Key=str(place), ChecksumMode="ENABLED"
            )
            if "ContentLength" not in said or "LastModified" not in said:
                raise _HalfAnswer  # broken off within its headers, which the library takes for an answer
            return said

        try:
            said: dict[str, Any] = self._ask(ask)
        except ClientError as refusal:
            if _code(refusal) in GONE:
                return None
            raise StorageUnreachable from refusal
        return said

    def _ask(self, question: Callable[[], Any], *, tries: int = TRIES) -> Any:
        """Ask the storage, again after a pause when it does not answer or is busy.

        Raises StorageUnreachable, or ClientError with a refusal that another try would not change.
        """
        for attempt in range(tries):
            if attempt:
                time.sleep(PAUSE * 2 ** (attempt - 1))
            try:
                return question()
            except ClientError as refusal:
                if _code(refusal) in ANSWERS:
                    raise
                if not _may_change(refusal):
                    # Not the place for its words: they name keys, and may be long.
                    log.error("the storage refuses: %s", _code(refusal))
                    raise StorageUnreachable from refusal
                trouble: Exception = refusal
            except (BotoCoreError, HTTPClientError, _HalfAnswer) as failed:
                trouble = failed
            log.warning("the storage did not answer as it should (%s), try %d", type(trouble).__name__, attempt + 1)
        raise StorageUnreachable from trouble

    # --- The cache ----------------------------------------------------------------------------------------------------

    def _keep_within_bounds(self) -> None:
        """Remove the copies that were not used for longest, until the cache is within its bound.

        What was used within the hour stays, even above the bound: somebody may have been given its path.
        """
        if time.monotonic() - self._looked_at < LOOK_AGAIN and self._looked_at:
            return
        self._looked_at = time.monotonic()
        found = []
        for folder, _folders, names in os.walk(self.cache):
            for name in names:
                with suppress(FileNotFoundError):
                    stat = (Path(folder) / name).stat()
                    found.append((stat.st_mtime, stat.st_size, Path(folder) / name))
        total = sum(size for _used, size, _path in found)
        for used, size, path in sorted(found):
            if total <= self.cache_bytes or used > time.time() - IN_USE:
                return
            path.unlink(missing_ok=True)
            total -= size


class _HalfAnswer(Exception):
    """The storage ended its answer before its own length."""


class _Named:
    """An open file, and the path it stands at."""

    def __init__(self, file: Any, name: str) -> None:
        self.name = name
        self.file = file
        self.write, self.flush = file.write, file.flush

    def begin_again(self) -> None:
        self.file.seek(0)
        self.file.truncate()


def _may_change(refusal: ClientError) -> bool:
    status = refusal.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return status >= 500 or status in (408, 409, 429)


def _code(refusal: ClientError) -> str:
    return str(refusal.response.get("Error", {}).get("Code", ""))
