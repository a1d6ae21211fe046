"""`python manage.py restore FOLDER --into-empty`: a backup back into an empty database and empty stores."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from requests_app.documents.backups import services
from requests_app.documents.backups.archive import NotGood
from requests_app.documents.store import StoreTrouble


class Command(BaseCommand):
    """Refuses a target that is in use."""

    help = "Bring a backup back into the database and the stores that the settings name. They must be empty."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="where the backups are")
        parser.add_argument("--name", default="", help="which backup; the newest without it")
        parser.add_argument(
            "--into-empty", action="store_true", help="needed: says that the target is meant to be empty"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Restore, or say why not."""
        if not options["into_empty"]:
            raise CommandError(
                "A restore goes into an empty database and empty stores only. If DATABASE_URL, STORE_DIR and STORE_URL "
                "name such, say so with --into-empty. Nothing was changed."
            )
        try:
            done = services.restore(options["folder"].resolve(), options["name"], say=self.stdout.write)
        except (NotGood, StoreTrouble) as trouble:
            raise CommandError(str(trouble)) from trouble
        self.stdout.write(f"Backup {done.name} is restored: {done.rows} rows and {done.files} files.")
        if done.lost:
            self.stdout.write(f"{len(done.lost)} files were lost before the backup was made; check_store names them.")
        self.stdout.write("Pictures and words of pages are made again: python manage.py read_again --all")
        if done.key_differs:
            self.stdout.write(
                "SALT_KEY is not the one with which this backup was made: names, addresses and letters cannot be read "
                "until it is set to that one."
            )
