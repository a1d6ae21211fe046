"""Make the index for the search over mail anew: `python manage.py index_mail`."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from requests_app.correspondence.incoming import searching


class Command(BaseCommand):
    help = "Make the index for the search over mail anew. Nothing else is changed; run it at any time."

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            count = searching.rebuild()
        self.stdout.write(f"{count} messages can be found.")
