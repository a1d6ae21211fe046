"""`python manage.py seed`: bring the project's own list of agencies into the tables."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from requests_app.agencies import services
from requests_app.agencies.seed_files import SeedFileError


class Command(BaseCommand):
    """Adds and refreshes agencies, contact points and state notes. May run any number of times."""

    help = (
        "Bring the project's own list of agencies into the tables. Adds what is missing, refreshes what nobody "
        "edited, and leaves alone what people edited. May run any number of times."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            result = services.seed(timezone.now())
        except SeedFileError as error:
            raise CommandError(f"Nothing was written: the list of agencies has mistakes.\n{error}") from error
        self.stdout.write(str(result))
