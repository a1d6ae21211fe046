"""The correspondence room as a Django app."""

from django.apps import AppConfig


class CorrespondenceConfig(AppConfig):
    """Letters out, mail in."""

    name = "requests_app.correspondence"
    label = "correspondence"

    def ready(self) -> None:
        """Let `check_store` read the mails again, too."""
        from requests_app.correspondence.incoming import shelf

        shelf.register()
