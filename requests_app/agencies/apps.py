"""The agencies room as a Django app."""

from django.apps import AppConfig


class AgenciesConfig(AppConfig):
    """Whom to ask: agencies, roles, contact points, import and export."""

    name = "requests_app.agencies"
    label = "agencies"
