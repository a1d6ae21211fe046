"""The filing room as a Django app."""

from django.apps import AppConfig


class FilingConfig(AppConfig):
    """A request and its life: drafts, events, status, deadlines."""

    name = "requests_app.filing"
    label = "filing"
