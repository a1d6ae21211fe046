"""The publishing room as a Django app."""

from django.apps import AppConfig


class PublishingConfig(AppConfig):
    """What everybody may read: the law pages, the deadline calculator, the state pages."""

    name = "requests_app.publishing"
    label = "publishing"
