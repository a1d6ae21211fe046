"""The correspondence room as a Django app."""

from django.apps import AppConfig


class CorrespondenceConfig(AppConfig):
    """Letters out, mail in."""

    name = "requests_app.correspondence"
    label = "correspondence"

    def ready(self) -> None:
        """Let `check_store` read the mails again, too, and let returned mails be read as mails."""
        from requests_app.correspondence.incoming import returned_mail, shelf
        from requests_app.documents.readers.registry import register_mail_reader

        shelf.register()
        register_mail_reader(returned_mail.NAME)
