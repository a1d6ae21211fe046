"""Tables of the documents room."""

from requests_app.documents.models.originals import Blob, Document
from requests_app.documents.models.pages import Page
from requests_app.documents.models.passwords import FilePassword
from requests_app.documents.models.searching import (
    DocumentTag,
    Findable,
    Fingerprint,
    FingerprintBand,
    KnownWord,
    SavedSearch,
    Told,
    WordsLearned,
)
from requests_app.documents.models.steps import Step
from requests_app.documents.models.words import Passage

__all__ = [
    "Blob",
    "Document",
    "DocumentTag",
    "FilePassword",
    "Findable",
    "Fingerprint",
    "FingerprintBand",
    "KnownWord",
    "Page",
    "Passage",
    "SavedSearch",
    "Step",
    "Told",
    "WordsLearned",
]
