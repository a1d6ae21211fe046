"""`manage.py campaign NAME`: look at a campaign, file what is ready, print its letters."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from requests_app.correspondence import filing_runs
from requests_app.correspondence.campaign_letters import letters_of
from requests_app.filing import campaign_queries, services
from requests_app.filing.models import Campaign, FilingRun, FilingRunPart
from requests_app.kits.parallel import to_pdfs
from requests_app.kits.rendering import to_html
from requests_app.people.models import Person, Role


class Command(BaseCommand):
    help = "Shows a campaign (--plan, the default), files what is ready (--file), or prints its letters (--pdfs DIR)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="the campaign's name, or its number")
        act = parser.add_mutually_exclusive_group()
        act.add_argument("--plan", action="store_true", help="list every target and what it needs")
        act.add_argument("--file", action="store_true", help="file what is ready; a run that was left is taken up")
        act.add_argument("--pdfs", metavar="DIR", help="write every letter there is as a PDF into this folder")
        parser.add_argument("--by", metavar="HANDLE", help="the coordinator who files; needed with --file")
        parser.add_argument("--workers", type=int, help="processes that make PDFs; the default is one for each core")

    def handle(self, *args: Any, **options: Any) -> None:
        campaign = self._campaign(options["name"])
        if options["file"]:
            self._file(campaign, options["by"])
        elif options["pdfs"]:
            self._print(campaign, Path(options["pdfs"]), options["workers"])
        else:
            self._plan(campaign)

    def _campaign(self, name: str) -> Campaign:
        found = Campaign.objects.filter(name__iexact=name).first()
        if found is None and name.isascii() and name.isdigit() and len(name) < 19:
            found = Campaign.objects.filter(pk=int(name)).first()
        if found is None:
            names = ", ".join(f"“{one}”" for one in Campaign.objects.values_list("name", flat=True)) or "none yet"
            raise CommandError(f"There is no campaign “{name}”. The campaigns are: {names}.")
        return found

    def _plan(self, campaign: Campaign) -> None:
        rows = campaign_queries.plan(campaign_queries.targets_of(campaign), timezone.now())
        for row in rows:
            whom = ", ".join(f"{asked.agency.code} ({asked.delivery})" for asked in row.asks) or "-"
            signer = row.target.assignee.handle if row.target.assignee else "-"
            needs = "; ".join(str(one.label) for one in row.missing) or str(row.standing.label)
            self.stdout.write(f"{row.target.jurisdiction} {row.target.kit_id}  {whom:<50} {signer:<15} {needs}")
        counts = Counter(str(row.standing.label) for row in rows)
        self.stdout.write(", ".join(f"{count} {label}" for label, count in counts.most_common()))

    def _file(self, campaign: Campaign, handle: str | None) -> None:
        """File what is ready, part by part. Ctrl-C leaves the rest to the worker, or to the next call."""
        run = FilingRun.objects.filter(campaign=campaign, state=FilingRun.State.RUNNING).first()
        if run is None:
            by = self._coordinator(handle)
            try:
                run = services.start_run(campaign.pk, by=by, now=timezone.now())
            except services.CampaignRefused as refusal:
                raise CommandError(str(refusal)) from refusal
        parts = FilingRunPart.objects.filter(run=run)
        total = parts.count()
        while filing_runs.file_next(run.pk, now=timezone.now()):
            left = parts.filter(state=FilingRunPart.State.WAITING).count()
            self._progress(f"{total - left} of {total} filed", last=left == 0)
        for part in parts.filter(state=FilingRunPart.State.FAILED).select_related("target"):
            self.stdout.write(f"not filed: {part.target}: {part.why}")
        filed = parts.filter(state=FilingRunPart.State.FILED).count()
        self.stdout.write(
            f"{filed} of {total} filed. Letters by e-mail wait for their time; Outgoing letters shows them."
        )

    def _coordinator(self, handle: str | None) -> Person:
        person = Person.objects.filter(handle__iexact=handle or "", is_active=True).first()
        if person is None or not person.has_role(Role.COORDINATOR):
            raise CommandError("Say who files: --by and the handle of a coordinator. Nothing was filed.")
        return person

    def _print(self, campaign: Campaign, folder: Path, workers: int | None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        now, missing = timezone.now(), []

        def pages() -> Iterator[tuple[str, str]]:
            for name, letter in letters_of(campaign, now):
                if letter is None:
                    missing.append(name)
                else:
                    yield name, to_html(letter)

        written = 0
        for name, pdf in to_pdfs(pages(), workers):
            (folder / f"{name}.pdf").write_bytes(pdf)
            written += 1
            self._progress(f"{written} letters written")
        self._progress(f"{written} letters written to {folder}", last=True)
        if missing:
            self.stdout.write(f"No letter yet: {', '.join(missing)}. Their signers have not filled them in.")

    def _progress(self, said: str, *, last: bool = False) -> None:
        """Say how far it is: over the same line at a terminal, else only the last word."""
        if self.stdout.isatty():
            self.stdout.write(f"\r{said}", ending="\n" if last else "")
            self.stdout.flush()
        elif last:
            self.stdout.write(said)
