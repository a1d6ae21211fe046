"""`python manage.py backup FOLDER`: the database, the documents and the mails into one verified archive."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from requests_app.documents.backups import services
from requests_app.documents.backups.archive import NotGood
from requests_app.documents.store import StoreTrouble

SECRETS = (
    "Not in the backup: SALT_KEY and the other settings (.env). Without SALT_KEY, names, addresses and letters cannot "
    "be read again: keep it somewhere else."
)


class Command(BaseCommand):
    """Exit status 1 when the backup was not made, is not whole, or the store itself has lost files."""

    help = "Copy the database, the documents and the mails into a folder; only what is new there is copied."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="where the backups are; made when it is not there")
        parser.add_argument("--keep", type=int, default=0, metavar="N", help="remove all but the newest N backups")
        parser.add_argument("--verify", action="store_true", help="make none: read the newest again, every byte")
        parser.add_argument("--name", default="", help="with --verify: which backup")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make a backup, or read one again."""
        folder: Path = options["folder"].resolve()
        if options["keep"] < 0:
            raise CommandError("--keep takes how many backups stay: 1 or more.")
        try:
            if options["verify"]:
                self._verify(folder, options["name"])
            else:
                self._backup(folder, options["keep"])
        except (NotGood, StoreTrouble) as trouble:
            raise CommandError(str(trouble)) from trouble
        except OSError as trouble:
            raise CommandError(
                f"The folder of backups cannot be written or read ({trouble.strerror}). The backups that were finished "
                "before are as they were."
            ) from trouble

    def _backup(self, folder: Path, keep: int) -> None:
        made = services.backup(folder, now=timezone.now(), keep=keep)
        megabytes = made.copied_bytes / 1_000_000
        self.stdout.write(
            f"Backup {made.name} is whole: the database and {made.files} files, of which {made.copied} were new "
            f"({megabytes:.1f} MB)."
        )
        if made.removed:
            self.stdout.write(f"{made.removed} files that no backup needs any more were removed.")
        self.stdout.write(SECRETS)
        if made.lost:
            names = ", ".join(made.lost[:5])
            raise CommandError(
                f"The store does not have {len(made.lost)} files as they were: {names}. Everything else is in the "
                "backup. Run check_store."
            )

    def _verify(self, folder: Path, name: str) -> None:
        wrong = services.verify(folder, name)
        if wrong:
            raise CommandError("\n".join(wrong))
        self.stdout.write("Every byte of the backup is as it was written.")
