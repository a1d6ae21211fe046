"""Which store the settings name: a folder, or S3-compatible storage by its address."""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from requests_app.documents.store.local import Store

ADDRESS = "s3://NAME-OF-THE-BUCKET/FOLDER?endpoint=https://HOST&region=REGION"


class NotAnAddress(ValueError):
    """STORE_URL cannot be understood. The text never repeats it: it may hold a password."""


@dataclass(frozen=True)
class Bucket:
    """Where S3-compatible storage is. Without a key, the storage is asked with what the machine itself has."""

    name: str
    prefix: str = ""
    endpoint: str = ""  # empty: Amazon's own
    region: str = ""
    key: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)


def read_address(url: str) -> Bucket:
    """Read `s3://KEY:SECRET@bucket/folder?endpoint=https://host&region=here`; key and secret percent-encoded.

    Raises NotAnAddress.
    """
    try:
        parts = urlsplit(url)
        said = parse_qs(parts.query, strict_parsing=bool(parts.query))
    except ValueError:
        raise NotAnAddress(f"STORE_URL cannot be understood. Write it as {ADDRESS}.") from None
    # Not `hostname`: that is in lower case, and says nothing of what was left over.
    bucket = parts.netloc.rpartition("@")[2]
    if parts.scheme != "s3" or not bucket or ":" in bucket:
        raise NotAnAddress(f"STORE_URL names no bucket. Write it as {ADDRESS}.")
    if unknown := set(said) - {"endpoint", "region"}:
        raise NotAnAddress(f"STORE_URL says {', '.join(sorted(unknown))}, which means nothing. Write it as {ADDRESS}.")
    endpoint = said.get("endpoint", [""])[0]
    if endpoint and urlsplit(endpoint).scheme not in ("http", "https"):
        raise NotAnAddress("The endpoint in STORE_URL must begin with https:// (or http:// in a closed network).")
    if bool(parts.username) != bool(parts.password):
        raise NotAnAddress("STORE_URL has a key without a secret, or a secret without a key. Percent-encode both.")
    return Bucket(
        name=bucket,
        prefix=parts.path.strip("/"),
        endpoint=endpoint,
        region=said.get("region", [""])[0],
        key=unquote(parts.username or ""),
        secret=unquote(parts.password or ""),
    )


def store_of(url: str, folder: Path, *, part: str = "", cache_bytes: int = 0, timeout: float = 30) -> Store:
    """Return the store that the settings name. `part`: a store of its own beside the documents, such as "mail".

    With other storage, `folder` holds what is being received and a cache of `cache_bytes`; nothing else is in it.
    """
    if not url:
        return Store(folder / part)
    return _bucket_store(url, folder, part, cache_bytes, timeout, os.getpid())


@functools.lru_cache(maxsize=8)
def _bucket_store(url: str, folder: Path, part: str, cache_bytes: int, timeout: float, _process: int) -> Store:
    # Kept, because a client costs a good part of a second to make; one for each process, because a connection is not
    # to be shared with a child. Loaded here, so that nobody needs the library who keeps files in a folder.
    from requests_app.documents.store.bucket import BucketStore

    return BucketStore(read_address(url), folder / part, part=part, cache_bytes=cache_bytes, timeout=timeout)
