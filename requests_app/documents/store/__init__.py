"""The content-addressed store of originals: a folder (`Store`), or S3-compatible storage behind the same interface.

`store_of` chooses by the settings.
"""

from requests_app.documents.store.choosing import store_of
from requests_app.documents.store.local import Store, Stored, is_blob_name
from requests_app.documents.store.troubles import (
    NO_ROOM,
    DamagedInStorage,
    DiskFull,
    EmptyFile,
    Interrupted,
    StorageUnreachable,
    StoreTrouble,
    TooLarge,
    as_trouble,
)

__all__ = [
    "NO_ROOM",
    "DamagedInStorage",
    "DiskFull",
    "EmptyFile",
    "Interrupted",
    "StorageUnreachable",
    "Store",
    "StoreTrouble",
    "Stored",
    "TooLarge",
    "as_trouble",
    "is_blob_name",
    "store_of",
]
