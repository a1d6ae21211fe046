"""The people room as a Django app."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Who we are: accounts, roles, invitations, notices and how to reach people."""

    name = "requests_app.people"
    label = "people"
