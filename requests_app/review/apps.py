"""The review room as a Django app."""

from django.apps import AppConfig


class ReviewConfig(AppConfig):
    """Notes on returned pages, on the way to verified findings."""

    name = "requests_app.review"
    label = "review"

    def ready(self) -> None:
        """Let notes and annotations stand beside what is read, and go with the documents that are erased."""
        from requests_app.documents.keeping import erasing
        from requests_app.documents.viewer import margin
        from requests_app.review import services as notes
        from requests_app.review.annotations import services, views

        notes.register()
        margin.register("annotations", views.margin)
        erasing.also("annotations", erasing.Other(forget=services.forget))
