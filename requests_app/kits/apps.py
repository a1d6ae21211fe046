"""The kits room as a Django app. It has no tables: kits are reviewed files."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class KitsConfig(AppConfig):
    name = "requests_app.kits"
    verbose_name = _("Request kits")
