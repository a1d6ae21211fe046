"""`python manage.py officials import FILE [--dry-run]` and `officials export [STATE]`: the list of officials."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from requests_app.agencies.importing import ImportFileError, decode
from requests_app.agencies.officials import queries, services
from requests_app.agencies.officials.importing import compose_officials_csv, parse_officials, plan_officials
from requests_app.agencies.officials.models import Official
from requests_app.people.states import JURISDICTIONS

MISUSE = 2
"""Exit status when the command was not told something usable; nothing is written then."""


class Command(BaseCommand):
    """Imports and exports the list of officials. Nothing is looked up on the network."""

    help = "Import officials from a CSV file, with one result for each line, or export the list. Looks nothing up."

    def add_arguments(self, parser: CommandParser) -> None:
        # What each does is chosen before Django's own options are read, so the sub-commands are plain parsers.
        does = parser.add_subparsers(dest="does", required=True, parser_class=argparse.ArgumentParser)
        reading = does.add_parser("import", help="Read a CSV file. Lines with mistakes are named and left out.")
        reading.add_argument("file", type=Path)
        reading.add_argument("--dry-run", action="store_true", help="Only say what each line would do.")
        writing = does.add_parser("export", help="Print the list as CSV.")
        writing.add_argument("state", nargs="?", default="", help="Two-letter code; every state if left out.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["does"] == "export":
            self._export(options["state"].upper())
        else:
            self._import(options["file"], dry_run=options["dry_run"])

    def _import(self, path: Path, *, dry_run: bool) -> None:
        now = timezone.now()
        try:
            text, remarks = decode(path.read_bytes())
            file = parse_officials(text)
        except OSError as error:
            raise CommandError(f"{path} cannot be read ({error.strerror}).", returncode=MISUSE) from error
        except ImportFileError as error:
            raise CommandError(f"{path}: {error} Nothing was written.", returncode=MISUSE) from error
        plan = plan_officials(file, queries.known_officials(), today=timezone.localdate(now), remarks=remarks)
        for remark in plan.remarks:
            self.stderr.write(remark)
        for one in plan.outcomes:
            said = " ".join([*one.says, *map(str, one.problems)])
            self.stdout.write(f"line {one.number}: {one.outcome}: {one.name}{': ' if said else ''}{said}")
        counts = ", ".join(f"{plan.count(name)} {name}" for name in ("create", "update", "unchanged", "error"))
        if dry_run:
            self.stdout.write(f"Nothing was written. It would be: {counts}.")
            return
        services.write_plan(plan, file_name=path.name, by=None, now=now)
        self.stdout.write(f"Done: {counts}.")

    def _export(self, state: str) -> None:
        if state and state not in JURISDICTIONS:
            raise CommandError(f"{state!r} is no two-letter code of a state, DC or US.", returncode=MISUSE)
        rows = Official.objects.filter(jurisdiction=state) if state else Official.objects.all()
        self.stdout.write(compose_officials_csv(queries.export_rows(rows)), ending="")
