"""What a reader says when it cannot read a file."""

from __future__ import annotations

import errno
from typing import Final

CODES: Final = frozenset({
    "password",  # it is locked, and none of the passwords given opens it
    "damaged",  # it is cut off, or not what it says
    "too_many",  # more pages, files, sheets or layers than the limits allow
    "too_large",  # it unpacks to more than the limits allow
    "unsupported",  # a form of this kind that no reader here knows
    "hostile",  # it is built to break whoever opens it
    "missing_program",  # the program that reads it is not installed
})  # fmt: skip

_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


def pass_on_a_full_disk(trouble: BaseException) -> None:
    """Raise it again where it says that the disk is full: that is no fault of the file, and may pass.

    For readers that write, and take any other OSError for a sign that the file is broken.
    """
    if isinstance(trouble, OSError) and trouble.errno in _NO_ROOM:
        raise trouble


class Refused(Exception):
    """A file that this reader cannot read, and why: one of `CODES`, with a detail for the log."""

    def __init__(self, code: str, detail: str = "") -> None:
        if code not in CODES:
            raise ValueError(f"{code} is no reason to refuse a file.")
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail[:500]
