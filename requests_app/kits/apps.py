"""The kits room as a Django app: reviewed files, and the group's own kits beside them."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class KitsConfig(AppConfig):
    name = "requests_app.kits"
    verbose_name = _("Request kits")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from requests_app.kits import own_kits
        from requests_app.kits.catalog import connect_own_kits

        connect_own_kits(own_kits.Shelf())
