"""The documents room as a Django app."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """Returned files: store, ingest, list, safe download."""

    name = "requests_app.documents"
    label = "documents"
