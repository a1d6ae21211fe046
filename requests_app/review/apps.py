"""The review room as a Django app."""

from django.apps import AppConfig


class ReviewConfig(AppConfig):
    """Notes on returned pages, on the way to verified findings."""

    name = "requests_app.review"
    label = "review"

    def ready(self) -> None:
        """Let what people wrote stand beside what is read and go with what is erased; findings keep their evidence."""
        from requests_app.documents.keeping import erasing
        from requests_app.documents.viewer import margin
        from requests_app.review import services as notes
        from requests_app.review.annotations import guards, services, views
        from requests_app.review.findings import services as findings

        notes.register()
        margin.register("annotations", views.margin)
        erasing.also("annotations", erasing.Other(written=services.written_about))
        erasing.also("findings", erasing.Other(written=findings.written_about))
        guards.register("findings", findings.why_kept)
