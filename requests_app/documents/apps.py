"""The documents room as a Django app."""

from typing import Any

from django.apps import AppConfig
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.db.models.signals import post_migrate


class DocumentsConfig(AppConfig):
    """Returned files: store, ingest, list, safe download."""

    name = "requests_app.documents"
    label = "documents"

    def ready(self) -> None:
        """Keep the index of the search in place: SQLite drops it where a migration makes the table anew.

        Let the whole way of a document say over which link, or from which paper, it came; and name the store of
        photographs and scans to those who check and back up.
        """
        from requests_app.documents.handed_in import origins as handed_in
        from requests_app.documents.paper import files, origins

        files.register()
        handed_in.register()
        origins.register()
        post_migrate.connect(_index_in_place, sender=self, dispatch_uid="documents.search")


def _index_in_place(*, plan: list[Any] | None = None, **_kwargs: Any) -> None:
    from requests_app.documents.search.engines import the_engine

    # `flush` in the tests sends this signal too, without a plan; and on the way back there may be no table.
    if plan is None or any(is_backwards for _migration, is_backwards in plan):
        return
    applied = {name for app, name in MigrationRecorder(connection).applied_migrations() if app == "documents"}
    if any(name.endswith("_index_of_passages") for name in applied):  # not before its own migration has made it
        the_engine().ready()
