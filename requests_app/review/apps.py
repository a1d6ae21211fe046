"""The review room as a Django app."""

from django.apps import AppConfig


class ReviewConfig(AppConfig):
    """Notes on returned pages, on the way to verified findings."""

    name = "requests_app.review"
    label = "review"

    def ready(self) -> None:
        """Let notes go with the documents they are about."""
        from requests_app.review import services

        services.register()
