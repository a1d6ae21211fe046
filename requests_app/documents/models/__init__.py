"""Tables of the documents room."""

from requests_app.documents.models.collections import Collection, CollectionEntry
from requests_app.documents.models.handed_in import AgencyLink, HandedFile, HandIn, HandInReceipt
from requests_app.documents.models.keeping import Hold
from requests_app.documents.models.marks import AnsweredItem, Description, NextPageNumber, PageNumbers
from requests_app.documents.models.originals import Blob, Document
from requests_app.documents.models.pages import Page
from requests_app.documents.models.paper import PaperFile, Photograph, PhotographedLetter, Scan
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
from requests_app.documents.models.sheets import Sheet, SheetBlock, SheetComment
from requests_app.documents.models.steps import Step
from requests_app.documents.models.words import Passage

__all__ = [
    "AgencyLink",
    "AnsweredItem",
    "Blob",
    "Collection",
    "CollectionEntry",
    "Description",
    "Document",
    "DocumentTag",
    "FilePassword",
    "Findable",
    "Fingerprint",
    "FingerprintBand",
    "HandIn",
    "HandInReceipt",
    "HandedFile",
    "Hold",
    "KnownWord",
    "NextPageNumber",
    "Page",
    "PageNumbers",
    "PaperFile",
    "Passage",
    "Photograph",
    "PhotographedLetter",
    "SavedSearch",
    "Scan",
    "Sheet",
    "SheetBlock",
    "SheetComment",
    "Step",
    "Told",
    "WordsLearned",
]
