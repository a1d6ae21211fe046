"""The process that reads foreign bytes: what it does with its one order. `sandbox.ready` splits it off.

It takes one `Order` from its input and answers with frames: a letter, a length in eight bytes, then so many bytes.
I is one item that the reader found, R its refusal, N that the disk has no room, E the end. Memory, time, files and
network are bounded before the first foreign byte is read.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import importlib
import os
import resource
import signal
import typing
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final

import msgspec

from requests_app.documents.readers.refusals import Refused
from requests_app.documents.sandbox.limits import Limits

READERS: Final[tuple[str, ...]] = ("requests_app.",)  # nothing else may be named as a reader
_NEW_NETWORK: Final = 0x40000000  # CLONE_NEWNET and CLONE_NEWUSER of <linux/sched.h>
_NEW_USERS: Final = 0x10000000
_DIE_WITH_PARENT: Final = 1  # PR_SET_PDEATHSIG of <sys/prctl.h>
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


class Order(msgspec.Struct, frozen=True):
    """Which reader, on which file, with what in mind, and where it may write."""

    reader: str
    path: str
    output: str
    limits: Limits
    order: msgspec.Raw


class Refusal(msgspec.Struct, frozen=True):
    """What a reader said when it could not read the file."""

    code: str
    detail: str


def bound_this_process(limits: Limits) -> None:
    """Set the bounds on memory, processor time, new files and open files, and leave no dump of a file on the disk."""
    for limit, most in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_FSIZE, limits.file_size),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_CORE, 0),
    ):
        _soft, hard = resource.getrlimit(limit)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(limit, (most, most))


def end_with(parent: int) -> None:
    """Let the kernel end this process when the one that it was split off from, of that number, is killed."""
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != parent:  # it was killed before the kernel knew
        raise SystemExit


def leave_the_network() -> bool:
    """Move this process and all it starts into a network of their own, which has no way out. Returns whether it could.

    A document can name pictures and templates at an address; a program that opens it would fetch them and tell the
    sender. As root the kernel gives a network by itself, to others with a user table of their own, and on some
    machines not at all.
    """
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        user, group = os.getuid(), os.getgid()
        if libc.unshare(_NEW_NETWORK) == 0:
            return True
        if libc.unshare(_NEW_USERS | _NEW_NETWORK) != 0:
            return False
    except (AttributeError, OSError):
        return False
    with contextlib.suppress(OSError):  # without a table the process is nobody, and keeps its rights on files
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    return True


def load(name: str) -> Callable[[Path, Any, Path], Iterator[Any]]:
    """Return the reader of that name, "module:function", with what its module names in `WITH_IT`. Reads no file."""
    module_name, _colon, function = name.partition(":")
    if not module_name.startswith(READERS):
        raise ValueError(f"{name} is no reader of this house.")
    module = importlib.import_module(module_name)
    for needed in getattr(module, "WITH_IT", ()):
        importlib.import_module(needed)
    found: Callable[[Path, Any, Path], Iterator[Any]] = getattr(module, function)
    return found


def serve(orders: BinaryIO, answers: BinaryIO) -> None:
    """Read one order and answer it."""
    parent = os.getppid()
    order = msgspec.msgpack.decode(orders.read(), type=Order)
    reader = load(order.reader)
    wanted = typing.get_type_hints(reader)["order"]
    leave_the_network()
    end_with(parent)  # after it: a table of users of its own makes the kernel forget this
    bound_this_process(order.limits)
    try:
        for item in reader(Path(order.path), msgspec.msgpack.decode(order.order, type=wanted), Path(order.output)):
            _answer(answers, b"I", msgspec.msgpack.encode(item))
    except Refused as refused:
        _answer(answers, b"R", msgspec.msgpack.encode(Refusal(refused.code, refused.detail)))
        return
    except MemoryError:
        _answer(answers, b"R", msgspec.msgpack.encode(Refusal("too_large", "memory")))
        return
    except OSError as trouble:
        if trouble.errno in _NO_ROOM:
            _answer(answers, b"N", b"")
        elif trouble.errno == errno.EFBIG:
            _answer(answers, b"R", msgspec.msgpack.encode(Refusal("too_large", "a file that it writes")))
        else:
            raise
        return
    _answer(answers, b"E", b"")


def _answer(answers: BinaryIO, kind: bytes, said: bytes) -> None:
    answers.write(kind + len(said).to_bytes(8, "big") + said)
    answers.flush()
