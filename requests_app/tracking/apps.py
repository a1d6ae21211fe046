"""The tracking room as a Django app."""

from django.apps import AppConfig


class TrackingConfig(AppConfig):
    """The coordinator's desk: home, request page, reminders, sweeps."""

    name = "requests_app.tracking"
    label = "tracking"
