"""The review room as a Django app."""

from django.apps import AppConfig


class ReviewConfig(AppConfig):
    """Notes on returned pages, on the way to verified findings."""

    name = "requests_app.review"
    label = "review"

    def ready(self) -> None:
        """Let annotations stand beside what is read, and go with what is erased."""
        from requests_app.documents.keeping import erasing
        from requests_app.documents.viewer import margin
        from requests_app.review.annotations import services, views

        margin.register("annotations", views.margin)
        erasing.also("annotations", erasing.Other(forget=services.forget))
