"""The embedded broker: each message arrives whole, once, at one of the processes that wait for it."""

from __future__ import annotations

import multiprocessing
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu import Connection

from foia import broker

WAIT = 30.0  # seconds


def connect(folder: Path) -> Connection:
    broker.register()
    messages = str(folder / "messages")
    return Connection(
        f"{broker.SCHEME}://localhost",
        transport_options={
            "data_folder_in": messages,
            "data_folder_out": messages,
            "control_folder": str(folder / "control"),
        },
    )


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    with connect(tmp_path) as connection:
        yield connection


def take_all(connection: Connection, name: str = "celery") -> list[Any]:
    queue, taken = connection.SimpleQueue(name), []
    while True:
        try:
            message = queue.get(block=False)
        except queue.Empty:
            return taken
        message.ack()
        taken.append(message.payload)


def test_messages_come_in_the_order_they_were_sent(connection):
    queue = connection.SimpleQueue("celery")
    for number in range(20):
        queue.put({"number": number})
    assert [message["number"] for message in take_all(connection)] == list(range(20))
    assert take_all(connection) == []


def test_what_was_sent_before_a_restart_is_still_there(tmp_path):
    with connect(tmp_path) as before:
        before.SimpleQueue("celery").put({"sent": "before"})
    with connect(tmp_path) as after:
        assert take_all(after) == [{"sent": "before"}]


def test_a_queue_whose_name_ends_like_another_keeps_its_own_messages(connection):
    connection.SimpleQueue("slow.celery").put("slow")
    connection.SimpleQueue("celery").put("plain")
    assert take_all(connection, "celery") == ["plain"]
    assert take_all(connection, "slow.celery") == ["slow"]


def test_a_message_is_nowhere_to_be_seen_until_it_is_whole(connection, monkeypatch):
    """Look at the worst moment: all is written, but not under its name yet."""
    seen_too_early: list[Any] = []
    rename = Path.replace

    def look_then_rename(unfinished: Path, target: Path) -> Path:
        if target.suffix == ".msg":
            assert unfinished.exists()
            seen_too_early.extend(take_all(connection))
        return rename(unfinished, target)

    monkeypatch.setattr(Path, "replace", look_then_rename)
    connection.SimpleQueue("celery").put("whole")
    assert seen_too_early == []
    assert take_all(connection) == ["whole"]


def test_a_full_disk_leaves_nothing_half_written(connection, tmp_path, monkeypatch):
    queue = connection.SimpleQueue("celery")

    def full(*args: Any, **kwargs: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", full)
        with pytest.raises(OSError, match="No space left"):
            queue.put("lost, and the sender knows it")
    assert list((tmp_path / "messages").iterdir()) == []
    queue.put("later")
    assert take_all(connection) == ["later"]


@pytest.mark.parametrize("content", [b"", b'{"cut off', b"\xff\xfe"], ids=["empty", "cut-off", "not-text"])
def test_half_a_file_left_by_a_power_cut_is_dropped_and_the_rest_still_arrives(connection, tmp_path, caplog, content):
    queue = connection.SimpleQueue("celery")
    (tmp_path / "messages" / "00000000000000000001_broken.celery.msg").write_bytes(content)
    queue.put("fine")
    assert take_all(connection) == ["fine"]
    assert "00000000000000000001_broken.celery.msg" in caplog.text
    assert list((tmp_path / "messages").iterdir()) == []


def test_a_message_that_another_process_has_just_taken_is_not_taken_again(connection, tmp_path, monkeypatch):
    connection.SimpleQueue("celery").put("one")
    read = Path.read_bytes

    def read_then_lose(file: Path) -> bytes:
        content = read(file)
        file.unlink()  # the other process was quicker
        return content

    monkeypatch.setattr(Path, "read_bytes", read_then_lose)
    with pytest.raises(Empty):
        connection.default_channel._get("celery")


def send(folder: Path, sender: int, count: int) -> None:
    with connect(folder) as connection:
        queue = connection.SimpleQueue("celery")
        for number in range(count):
            queue.put(f"{sender}-{number}")


def receive(folder: Path, arrived: Any, all_sent: Any) -> None:
    with connect(folder) as connection:
        while True:
            finished = all_sent.is_set()
            if taken := take_all(connection):
                arrived.put(taken)
            elif finished:
                return
            time.sleep(0.001)


@pytest.mark.processes
def test_many_senders_and_takers_at_once_lose_and_double_nothing(tmp_path):
    """Three processes send while two take. They also bind the queue at the same moment, the first of all starts."""
    fresh = multiprocessing.get_context("forkserver")  # processes that share nothing with the tests but the folder
    fresh.set_forkserver_preload(["tests.toolchain.test_broker"])
    arrived, all_sent = fresh.Queue(), fresh.Event()
    count = 200
    senders = [fresh.Process(target=send, args=(tmp_path, sender, count)) for sender in range(3)]
    takers = [fresh.Process(target=receive, args=(tmp_path, arrived, all_sent)) for _ in range(2)]
    for process in [*takers, *senders]:
        process.start()
    taken: Counter[str] = Counter()
    end = time.monotonic() + WAIT
    for process in senders:
        process.join(WAIT)
    while taken.total() < 3 * count and time.monotonic() < end:
        taken.update(arrived.get(timeout=WAIT))
    all_sent.set()
    for process in takers:
        process.join(WAIT)
    while not arrived.empty():
        taken.update(arrived.get())
    assert [process.exitcode for process in [*senders, *takers]] == [0] * 5
    assert taken == Counter(f"{sender}-{number}" for sender in range(3) for number in range(count))
