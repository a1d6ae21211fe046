"""What can go wrong while bytes are kept or read, each with a sentence for a person."""

from __future__ import annotations

import errno

from django.utils.translation import gettext as _

# EFBIG: the file system, or a limit set for the server, takes no larger file. For the reader that is the same trouble.
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class StoreTrouble(Exception):
    """The file could not be kept. The text says what happened, what is safe and what to do."""


class EmptyFile(StoreTrouble):
    """The file has no content."""

    def __init__(self) -> None:
        super().__init__(
            _("The file is empty, so there is nothing to keep. Check it on your device and choose it again.")
        )


class TooLarge(StoreTrouble):
    """The file is larger than the limit (bytes)."""

    def __init__(self, limit: int) -> None:
        text = _(
            "The file is larger than %(limit)d MB and was not kept. "
            "Split it, or ask an administrator to raise the limit (UPLOAD_LIMIT_MB)."
        )
        super().__init__(text % {"limit": limit // (1024 * 1024)})


class DiskFull(StoreTrouble):
    """The store's disk has no room."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "The disk that keeps documents has no room for the file, so it was not kept. Everything stored before "
                "is safe. Tell an administrator, keep your copy and try again later."
            )
        )


class Interrupted(StoreTrouble):
    """The sender stopped before the end."""

    def __init__(self) -> None:
        super().__init__(_("The upload stopped before the end. Nothing was half-stored: choose the file again."))


class StorageUnreachable(StoreTrouble):
    """The storage of documents is another machine, and it does not answer, or not as it should."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "The storage of documents cannot be reached. Nothing was half-kept, and everything kept before is "
                "safe. Keep your copy and try again in some minutes; tell an administrator when it lasts."
            )
        )


class DamagedInStorage(StoreTrouble):
    """What the storage sends is not what was kept under that name, however often it is asked."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "The storage of documents returned other bytes than were kept, so the file is not shown. Tell an "
                "administrator: the file must be restored from a backup, or added to the request again."
            )
        )


def as_trouble(trouble: OSError) -> Exception:
    """Return what a person can act on, or the error itself when it is nothing we expect."""
    if trouble.errno in NO_ROOM:
        return DiskFull()
    if isinstance(trouble, ConnectionError):
        return Interrupted()
    return trouble
