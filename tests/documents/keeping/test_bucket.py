"""S3-compatible storage keeps whole files or nothing, and never hands out a byte that was not kept."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from requests_app.correspondence.incoming import services as mails
from requests_app.documents import services
from requests_app.documents.models import Blob, Document
from requests_app.documents.store import (
    DamagedInStorage,
    EmptyFile,
    StorageUnreachable,
    Store,
    StoreTrouble,
    TooLarge,
    bucket,
)
from requests_app.documents.store.bucket import BucketStore
from requests_app.documents.store.choosing import Bucket, NotAnAddress, read_address, store_of
from requests_app.filing.models import RecordsRequest
from tests.documents.bodies import CSV, files_under
from tests.documents.keeping import storage
from tests.factories import NOON

pytestmark = [pytest.mark.processes]
MB = 1024 * 1024
BIG = os.urandom(300_000)


@pytest.fixture(scope="module")
def server() -> Iterator[int]:
    with storage.s3_server() as port:
        yield port


@pytest.fixture
def way(server: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[storage.Way]:
    monkeypatch.setattr(bucket, "PAUSE", 0.01)
    way = storage.Way(server)
    yield way
    way.close()


@pytest.fixture
def kept(way: storage.Way, tmp_path: Path) -> BucketStore:
    return another_machine(way, tmp_path, tmp_path.name)


def another_machine(way: storage.Way, folder: Path, prefix: str) -> BucketStore:
    """A store on the same bucket, with an empty folder of its own."""
    where = read_address(storage.address(way.port, prefix))
    return BucketStore(where, folder / f"machine-{time.monotonic_ns()}", cache_bytes=MB, timeout=0.7)


def put(store: Store, content: bytes = BIG) -> str:
    return store.put([content], limit=MB, inspect=lambda path: path.stat().st_size)[0].sha256


def test_bytes_are_named_by_their_hash_and_read_back_on_another_machine(
    kept: BucketStore, way: storage.Way, tmp_path: Path
) -> None:
    sha256 = put(kept)
    assert sha256 == hashlib.sha256(BIG).hexdigest()
    other = another_machine(way, tmp_path, tmp_path.name)
    assert other.path(sha256).read_bytes() == BIG
    with other.open(sha256) as file:
        assert file.read() == BIG
    assert (other.size(sha256), other.exists(sha256), other.digest(sha256)) == (len(BIG), True, sha256)
    assert list(other.blobs()) == [other.place(sha256)]
    assert files_under(other.incoming) == files_under(kept.incoming) == []


def test_the_same_bytes_are_kept_once(kept: BucketStore) -> None:
    first, _ = kept.put([b"same"], limit=MB, inspect=lambda path: None)
    second, _ = kept.put([b"sa", b"me"], limit=MB, inspect=lambda path: None)
    assert (first.is_new, second.is_new) == (True, False)
    assert len(list(kept.blobs())) == 1


@pytest.mark.parametrize(("content", "trouble"), [(b"", EmptyFile), (b"x" * (MB + 1), TooLarge)], ids=["empty", "big"])
def test_what_is_refused_never_travels(kept: BucketStore, content: bytes, trouble: type[StoreTrouble]) -> None:
    with pytest.raises(trouble):
        put(kept, content)
    assert list(kept.blobs()) == [] == files_under(kept.incoming)


def test_bytes_that_the_bucket_has_not_are_not_there(kept: BucketStore) -> None:
    missing = "0" * 64
    assert not kept.path(missing).exists() and not kept.exists(missing)
    for ask in (kept.open, kept.size, kept.digest):
        with pytest.raises(FileNotFoundError):
            ask(missing)


@pytest.mark.parametrize("state", ["shut", "silent", "half"])
def test_storage_that_cannot_be_reached_keeps_nothing_half(
    kept: BucketStore, way: storage.Way, tmp_path: Path, state: str
) -> None:
    sha256 = put(kept, b"before")
    other = another_machine(way, tmp_path, tmp_path.name)
    way.state, way.half_after = state, 20
    asked = [lambda: put(other), lambda: other.path(sha256), lambda: other.exists(sha256), lambda: list(other.blobs())]
    for ask in asked:
        with pytest.raises(StorageUnreachable, match="cannot be reached"):
            ask()
    assert files_under(other.incoming) == files_under(other.cache) == []
    way.state = "open"
    assert other.path(sha256).read_bytes() == b"before"
    # What travelled while no answer came back is whole, or not there; put again, it is there.
    assert put(other) == hashlib.sha256(BIG).hexdigest() == other.digest(hashlib.sha256(BIG).hexdigest())


@pytest.mark.parametrize("state", ["shut", "silent", "half"])
def test_a_short_trouble_is_overcome(kept: BucketStore, way: storage.Way, tmp_path: Path, state: str) -> None:
    sha256 = put(kept)
    other = another_machine(way, tmp_path, tmp_path.name)
    way.state, way.half_after, way.times = state, 100_000, 2  # the answer breaks off in the middle of the file
    assert other.path(sha256).read_bytes() == BIG
    assert files_under(other.incoming) == []
    assert way.times < 0, "the way was never in trouble"


def overwrite(store: BucketStore, sha256: str, content: bytes) -> None:
    store._client.put_object(Bucket=storage.NAME, Key=str(store.place(sha256)), Body=content)


@pytest.mark.parametrize("content", [b"rotten", BIG[:-1] + b"!"], ids=["shorter", "same-length"])
def test_damaged_bytes_are_never_handed_out_and_the_same_bytes_heal_them(
    kept: BucketStore, way: storage.Way, tmp_path: Path, content: bytes
) -> None:
    sha256 = put(kept)
    overwrite(kept, sha256, content)
    other = another_machine(way, tmp_path, tmp_path.name)
    with pytest.raises(DamagedInStorage):
        other.path(sha256)
    assert other.digest(sha256) != sha256
    assert files_under(other.cache) == files_under(other.incoming) == []
    put(other)
    assert other.digest(sha256) == sha256


def test_a_storage_that_takes_other_bytes_than_were_sent_is_found_out(
    kept: BucketStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = kept._client.put_object

    def lies(**given: Any) -> Any:
        given.pop("ChecksumSHA256")
        given.pop("ContentLength")
        return real(**{**given, "Body": b"other bytes"})

    monkeypatch.setattr(kept._client, "put_object", lies)
    with pytest.raises(DamagedInStorage):
        put(kept)


def test_a_storage_without_conditions_is_asked_first(kept: BucketStore, monkeypatch: pytest.MonkeyPatch) -> None:
    from botocore.exceptions import ClientError

    real, sent = kept._client.put_object, []

    def put_object(**given: Any) -> Any:
        if "IfNoneMatch" in given:
            answer = {"Error": {"Code": "NotImplemented"}, "ResponseMetadata": {"HTTPStatusCode": 501}}
            raise ClientError(answer, "PutObject")
        sent.append(given["Key"])
        return real(**given)

    monkeypatch.setattr(kept._client, "put_object", put_object)
    assert put(kept) == put(kept)
    assert len(sent) == 1


def test_the_cache_stays_within_its_bound_but_keeps_what_was_just_used(kept: BucketStore) -> None:
    names = [put(kept, bytes([number]) * 400_000) for number in range(4)]
    copies = [kept._copy_of(name) for name in names]
    assert all(copy.exists() for copy in copies), "1.6 MB of 1 MB, all used within the hour"
    for age, copy in enumerate(reversed(copies)):
        os.utime(copy, (time.time() - 7200 - age,) * 2)
    kept._looked_at = 0.0
    kept._keep_within_bounds()
    assert [copy.exists() for copy in copies] == [False, False, True, True]
    assert kept.path(names[0]).read_bytes() == b"\0" * 400_000, "fetched again"


def test_a_file_put_again_is_not_removed_as_an_old_orphan(kept: BucketStore, monkeypatch: pytest.MonkeyPatch) -> None:
    place = kept.place(put(kept))
    later = time.time() + 60
    assert not kept.remove_unless(place, younger_than=0, is_needed=lambda: False), "it is young"
    assert not kept.remove_unless(place, younger_than=later, is_needed=lambda: True), "it is needed"
    before = kept._ask_for(place)["LastModified"]  # type: ignore[index]
    monkeypatch.setattr(bucket, "FRESH", -1.0)
    time.sleep(1.1)
    put(kept)
    assert kept._ask_for(place)["LastModified"] > before  # type: ignore[index]
    assert kept.remove_unless(place, younger_than=later, is_needed=lambda: False)
    assert list(kept.blobs()) == [] and not kept.path(place.name).exists()
    assert not kept.remove_unless(place, younger_than=later, is_needed=lambda: False)


# --- The whole program on such storage --------------------------------------------------------------------------------


@pytest.fixture
def served(way: storage.Way, settings: Any, tmp_path: Path) -> storage.Way:
    settings.STORE_URL = storage.address(way.port, tmp_path.name)
    settings.STORE_DIR, settings.STORE_TIMEOUT = tmp_path / "here", 0.7
    return way


def receive(letter: RecordsRequest, content: bytes = CSV) -> Document:
    given: dict[str, Any] = {"name": "a.csv", "received_on": NOON.date(), "via": "upload", "by": None, "now": NOON}
    return services.receive_file(letter, [content], **given).document


@pytest.mark.django_db
def test_a_file_comes_in_is_read_checked_and_found_missing(
    served: storage.Way, letter: RecordsRequest, volunteer_client: Client
) -> None:
    document = receive(letter)
    answer = volunteer_client.get(f"/documents/{document.pk}/copy/")
    assert b"".join(answer.streaming_content) == CSV  # type: ignore[attr-defined]
    out = StringIO()
    call_command("check_store", stdout=out)
    assert "Nothing is wrong" in out.getvalue()
    services.the_store().remove(document.blob_id, unless=lambda: False)
    with pytest.raises(SystemExit):
        call_command("check_store", stdout=out)
    assert f"MISSING {document.blob_id}" in out.getvalue()


@pytest.mark.django_db
def test_mails_have_a_store_of_their_own_in_the_bucket(served: storage.Way) -> None:
    raw = mails.take_in([b"From: a@example.org\r\n\r\nHello\r\n"], way="lmtp", now=NOON)
    assert [place.parts[1] for place in mails.the_mail_store().blobs()] == ["mail"]
    assert list(services.the_store().blobs()) == []
    assert mails.the_mail_store().path(raw.pk).read_bytes().startswith(b"From:")


@pytest.mark.django_db
def test_while_the_storage_is_away_nothing_is_noted_and_pages_say_so(
    served: storage.Way, letter: RecordsRequest, volunteer_client: Client, tmp_path: Path
) -> None:
    document = receive(letter)
    for copy in files_under(tmp_path / "here" / "cache"):
        copy.unlink()
    served.state = "shut"
    with pytest.raises(StorageUnreachable):
        receive(letter, CSV + b"more\n")
    assert Blob.objects.count() == 1
    answer = volunteer_client.get(f"/documents/{document.pk}/copy/")
    assert answer.status_code == 503
    assert "The storage of documents cannot be reached" in answer.content.decode()
    assert volunteer_client.get("/readyz").json()["parts"]["storage"] == "failed: StorageUnreachable"


# --- The address ------------------------------------------------------------------------------------------------------


def test_an_address_is_read_to_its_parts() -> None:
    read = read_address("s3://key:a%2Fb%3D@bucket.name/some/folder/?endpoint=https://s3.example.org&region=eu-1")
    assert read == Bucket("bucket.name", "some/folder", "https://s3.example.org", "eu-1", "key", "a/b=")
    assert "a/b=" not in repr(read)
    assert read_address("s3://bucket") == Bucket("bucket")


@pytest.mark.parametrize(
    "wrong",
    [
        "https://bucket",
        "s3://?region=x",
        "s3://bucket?endpoint=localhost:9000",
        "s3://key@bucket",
        "s3://bucket?color=red",
        "s3://bucket?x",
    ],
)
def test_an_address_that_means_nothing_is_said_without_repeating_it(wrong: str) -> None:
    with pytest.raises(NotAnAddress) as said:
        read_address(wrong)
    assert wrong not in str(said.value)


def test_without_an_address_files_are_in_the_folder(tmp_path: Path) -> None:
    store = store_of("", tmp_path, part="mail")
    assert type(store) is Store and store.folder == tmp_path / "mail"
