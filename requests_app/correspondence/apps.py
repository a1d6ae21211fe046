"""The correspondence room as a Django app."""

from django.apps import AppConfig


class CorrespondenceConfig(AppConfig):
    """Letters out, replies in."""

    name = "requests_app.correspondence"
    label = "correspondence"
