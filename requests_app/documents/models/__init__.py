"""Tables of the documents room."""

from requests_app.documents.models.collections import Collection, CollectionEntry
from requests_app.documents.models.keeping import Hold
from requests_app.documents.models.originals import Blob, Document
from requests_app.documents.models.pages import Page
from requests_app.documents.models.passwords import FilePassword
from requests_app.documents.models.steps import Step
from requests_app.documents.models.words import Passage

__all__ = ["Blob", "Collection", "CollectionEntry", "Document", "FilePassword", "Hold", "Page", "Passage", "Step"]
